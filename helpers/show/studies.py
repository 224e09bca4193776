"""Tables of the long studies as figures: rows in, medians over the seeds that are there, each seed a faint dot."""

from collections.abc import Mapping, Sequence
from statistics import mean, median

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import COLOURS, INK, canvas

WORSE, BETTER = COLOURS[0], COLOURS[2]
WHOLE = "all of it"  # the variant that all others are compared with
STORY = {  # column: (title, is more better?)
    "museum_iou": ("museum mask IoU", True),
    "rooms_abs_rel": ("depth in any room, AbsRel", False),
    "photos_shaken_iou": ("shaken photographs, IoU", True),
}
SCORES = {"mask_iou": "mask IoU", "depth_rmse_m": "depth RMSE, metres"}
BASELINES = {"mask_iou": "subtraction", "depth_rmse_m": "mean depth map"}  # best threshold, and the mean of all maps
UNITS = {"mask_iou": "{:.2f}", "depth_rmse_m": "{:.2f} m"}
COLUMNS = {  # of the leaderboard's table
    "parameters": ("parameters", "{:,.0f}"),
    "peak_memory_mb": ("MB to train", "{:,.0f}"),
    "pictures_per_second": ("pictures/s", "{:.0f}"),
    "mask_iou": ("mask IoU", "{:.3f}"),
    "depth_rmse_m": ("RMSE, m", "{:.2f}"),
    "abs_rel": ("AbsRel", "{:.3f}"),
}
TITLES = {
    "roomnet": "RoomNet", "percamera": "PerCameraNet", "tiny_percamera": "TinyPerCameraNet", "dsresnet": "DSResNet",
    "shared_unet": "shared U-Net", "masknet": "MaskNet", "depthnet": "DepthNet", "two_encoders": "TwoEncoders",
    "smp_unet": "U-Net, ResNet-18",
}  # fmt: skip


def values(rows: list[dict], column: str, **keys) -> list[float]:
    """The numbers in a column of the rows with these keys; empty cells are left out."""
    mine = [row for row in rows if all(row[name] == value for name, value in keys.items())]
    return [row[column] for row in mine if isinstance(row.get(column), float)]


def plot_design(rows: list[dict]) -> Figure:
    """A line per variant, the costliest first: how far it is from the whole network, a vertical line, in each panel."""
    names = [WHOLE, *costliest_first(rows)]
    figure, axes = canvas(1, len(STORY), 0.8 + 0.24 * len(names))
    for axis, (column, (title, more)) in zip(axes[0], STORY.items()):
        seeds = {name: values(rows, column, variant=name) for name in names}
        start = median(seeds[WHOLE])
        axis.axvspan(min(seeds[WHOLE]), max(seeds[WHOLE]), color=INK, alpha=0.1, lw=0)
        axis.axvline(start, color=INK, lw=1, zorder=1)
        sight = [start + end for end in ends([median(seeds[name]) - start for name in names])]
        for place, name in enumerate(names):
            gain = (median(seeds[name]) - start) * (1 if more else -1)
            colour = INK if name == WHOLE else BETTER if gain > 0 else WORSE
            axis.plot(seeds[name], [place] * len(seeds[name]), "o", ms=3.5, mew=0, color=colour, alpha=0.35)
            _distance(axis, place, start, seeds[name], sight, colour)
        axis.set(title=f"{title}\n{'right' if more else 'left'} is better", xlim=sight)
        _name_lines(axis, names, axis is axes[0, 0])
        axis.spines["left"].set_visible(False)
        axis.locator_params(axis="x", nbins=4)
    return figure


def plot_stages(rows: list[dict], names: Sequence[str]) -> Figure:
    """A line per variant, in this order: a faint dot per seed, the median and its number, and a line through these."""
    figure, axes = canvas(1, len(STORY), 0.9 + 0.3 * len(names))
    for axis, (column, (title, more)) in zip(axes[0], STORY.items()):
        found = [values(rows, column, variant=name) for name in names]
        axis.plot([median(seeds) for seeds in found], range(len(names)), "o-", ms=6, lw=1, color=COLOURS[1])
        for place, seeds in enumerate(found):
            axis.plot(seeds, [place] * len(seeds), "o", ms=3.5, mew=0, color=COLOURS[0], alpha=0.6, zorder=3)
            where = {"xy": (max(seeds), place), "xytext": (8, 0), "textcoords": "offset points", "va": "center"}
            axis.annotate(f"{median(seeds):.2f}", fontsize=8, **where)
        axis.set_title(f"{title}\n{'right' if more else 'left'} is better")
        _name_lines(axis, names, axis is axes[0, 0])
        axis.margins(x=0.2)
        axis.grid(True, axis="x")
    return figure


def costliest_first(rows: list[dict]) -> list[str]:
    """The variants without the whole one, by how many times as large their errors are, on average over the panels."""
    names = list(dict.fromkeys(row["variant"] for row in rows))
    if WHOLE not in names:
        raise ValueError(f"The table has no run of {WHOLE!r} yet, and everything is compared with it.")

    def error(name: str, column: str) -> float:  # of a mask: what its IoU lacks
        score = median(values(rows, column, variant=name))
        return 1 - score if STORY[column][1] else score

    names.remove(WHOLE)
    return sorted(names, key=lambda name: -mean(error(name, column) / error(WHOLE, column) for column in STORY))


def ends(distances: Sequence[float]) -> tuple[float, float]:
    """How far an axis reaches to the left and to the right of the whole; what is far from all others runs out of it."""
    sizes = sorted(map(abs, distances))
    most = 3 * sizes[-3] if len(sizes) > 3 else sizes[-1] if sizes else 0
    inside = [distance for distance in distances if abs(distance) <= most]
    low, high = min([0, *inside]), max([0, *inside])
    words = 0.5 * (high - low) or 0.01  # room for the numbers beside the dots
    return low - words, high + words


def _distance(axis: Axes, place: int, start: float, seeds: list[float], sight: Sequence[float], colour: str) -> None:
    """A line from the whole to a variant's median, its dot (an arrow where it lies outside), and the difference."""
    end, edge = median(seeds), 0.02 * (sight[1] - sight[0])
    seen = min(max(end, sight[0] + edge), sight[1] - edge)
    right, out = end >= start, seen != end
    axis.plot([start, seen], [place] * 2, color=colour, lw=1.6, zorder=2)
    axis.plot(seen, place, "o" if not out else ">" if right else "<", ms=6, color=colour, zorder=3)
    words = f"{start:.3f}" if colour == INK else f"{end - start:+.3f}".replace("-", "−")
    words = words if float(words.replace("−", "-")) else "±0"
    beside = (max(seeds) if right else min(seeds), place)  # no dot of a seed is written over
    where = {"xy": (seen, place), "xytext": (0, 7)} if out else {"xy": beside, "xytext": (6 if right else -6, 0)}
    look = {"textcoords": "offset points", "fontsize": 7, "color": colour, "va": "center"}
    axis.annotate(words, ha="left" if right != out else "right", **where, **look)


def _panel(axis: Axes, rows: list[dict], column: str, upright: bool = False, ha: str = "left") -> None:
    """The title and grid of one score, and what a network has to beat: a dashed line, upright where x is the score.

    `ha`: where its name stands on a line that is not upright, "left" or "right".
    """
    level, more = median(values(rows, f"baseline_{column}")), column == "mask_iou"
    look = {"textcoords": "offset points", "fontsize": 8}
    if upright:
        axis.axvline(level, ls="--", lw=1.2, color=INK)
        where = {"xycoords": ("data", "axes fraction"), "ha": "left" if more else "center"}
        axis.annotate(BASELINES[column], (level, 1), (3, 2), **where, **look)
    else:  # the name stands on the side on which a network should be
        axis.axhline(level, ls="--", lw=1.2, color=INK)
        where = {"xycoords": axis.get_yaxis_transform(), "ha": ha, "va": "bottom" if more else "top"}
        side = 0.02 if ha == "left" else 0.98
        axis.annotate(BASELINES[column], (side, level), (0, 2 if more else -3), **where, **look)
    better = ("right" if more else "left") if upright else "up" if more else "down"
    axis.set_title(f"{SCORES[column]}: {better} is better", pad=16 if upright else None)
    axis.grid(True, axis="x" if upright else "both")


def plot_identities(rows: list[dict], marked: int = 100) -> Figure:
    """Mask IoU and depth RMSE over the number of rooms, of people, and of both; the others are as many as there are."""
    counts = sorted({row["rooms"] for row in rows} | {row["people"] for row in rows})
    most = counts[-1]
    kinds = {"rooms": lambda n: (n, most), "people": lambda n: (most, n), "both": lambda n: (n, n)}
    figure, axes = canvas(1, 2, 3.0)
    for axis, column in zip(axes[0], SCORES):
        for (name, pair), colour in zip(kinds.items(), COLOURS):
            found = {n: values(rows, column, **dict(zip(("rooms", "people"), pair(n)))) for n in counts}
            found = {n: seeds for n, seeds in found.items() if seeds}  # the table may still be filling
            for n, seeds in found.items():
                axis.plot([n] * len(seeds), seeds, "o", ms=3.5, mew=0, color=colour, alpha=0.35)
            if len(found) > 1:  # one point is no line
                middle = [median(seeds) for seeds in found.values()]
                axis.plot([*found], middle, "o-", ms=4.5, color=colour, label=f"ever more {name}")
        _panel(axis, rows, column, ha="left" if column == "mask_iou" else "right")
        axis.set(xscale="log", xlabel="how many rooms, or people, are trained on")
        axis.set_xticks(counts)
        axis.xaxis.set_major_formatter("{x:,.0f}")
        axis.minorticks_off()
        earlier = values(rows, column, rooms=marked, people=marked) or values(rows, column, rooms=marked, people=most)
        if earlier:  # a ring around the point that earlier work stands on
            axis.plot(marked, median(earlier), "o", ms=12, mfc="none", mec=INK, mew=1.2)
        if earlier and axis is axes[0, 0]:
            text = f"{marked} rooms, as behind the\n400,000 composites of earlier work"
            arrow = {"arrowstyle": "-", "color": INK, "lw": 0.8, "shrinkB": 6}
            look = {"textcoords": "offset points", "fontsize": 8, "arrowprops": arrow, "ha": "left", "va": "top"}
            axis.annotate(text, (marked, median(earlier)), (8, -38), **look)
    if axes[0, 0].get_legend_handles_labels()[1]:
        axes[0, 0].legend(loc=(0.6, 0.14))
    return figure


def leaderboard_markdown(rows: list[dict]) -> str:
    """The table of medians, the best mask first."""
    groups = {}
    for row in rows:
        groups.setdefault(row["network"], []).append(row)
    head = ["network", "project", *(title for title, _ in COLUMNS.values())]
    lines = [head, ["---"] * len(head)]
    for name, own in sorted(groups.items(), key=lambda group: -median(values(group[1], "mask_iou"))):
        lines.append([TITLES.get(name, name), own[0]["row"], *_medians(own)])
    level = {column: median(values(rows, f"baseline_{column}")) for column in BASELINES}
    lines.append(["subtraction; mean depth map", "", *_medians([level])])
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _medians(rows: list[dict]) -> list[str]:
    """A cell for each of COLUMNS, empty where no row has a number there."""
    found = {column: values(rows, column) for column in COLUMNS}
    return [form.format(median(found[column])) if found[column] else "" for column, (_, form) in COLUMNS.items()]


def plot_plans(rows: list[dict], names: Sequence[str]) -> Figure:
    """A line per plan in each panel, mask and depth: a faint dot per seed, the median and its number, the baseline."""
    figure, axes = canvas(1, len(SCORES), 0.75 + 0.25 * len(names))
    for axis, column in zip(axes[0], SCORES):
        for place, name in enumerate(names):
            seeds, look = values(rows, column, plan=name), {"color": COLOURS[1]}
            if not seeds:  # it has no such head
                continue
            axis.plot([min(seeds), max(seeds)], [place] * 2, lw=4, alpha=0.25, solid_capstyle="round", **look)
            axis.plot(seeds, [place] * len(seeds), "o", ms=3.5, mew=0, alpha=0.5, **look)
            axis.plot(median(seeds), place, "o", ms=7, **look)
            where = {"xy": (max(seeds), place), "xytext": (8, 0), "textcoords": "offset points", "va": "center"}
            where["bbox"] = {"fc": "white", "ec": "none", "pad": 0.5}  # a line behind it does not cross the number
            axis.annotate(UNITS[column].format(median(seeds)), fontsize=8, **where)
        _panel(axis, rows, column, upright=True)
        _name_lines(axis, names, axis is axes[0, 0])
        axis.margins(x=0.18)
    return figure


def plot_networks(rows: list[dict]) -> Figure:
    """The same for networks, the best mask first: after as long a training, a line per network in each panel."""
    named = [row | {"plan": TITLES.get(row["network"], row["network"])} for row in rows]
    names = dict.fromkeys(row["plan"] for row in named)
    return plot_plans(named, sorted(names, key=lambda name: -median(values(named, "mask_iou", plan=name))))


def _name_lines(axis: Axes, names: Sequence[str], written: bool) -> None:
    """Lines 0, 1, … from above, with their names on the left, if they are `written`."""
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.set_yticks(range(len(names)), names if written else [""] * len(names))
    axis.tick_params(axis="y", length=0)


def plot_over_steps(rows: list[dict], names: Mapping[str, str]) -> Figure:
    """Mask IoU and depth RMSE on the way: a thin line per seed, a thick one for their mean.

    `names` maps plans to the words of the legend.
    """
    figure, axes = canvas(1, len(SCORES), 2.7)
    for axis, (column, curve) in zip(axes[0], {"mask_iou": "curve_iou", "depth_rmse_m": "curve_rmse_m"}.items()):
        for (name, words), colour in zip(names.items(), COLOURS):
            mine = [row for row in rows if row["plan"] == name]
            for row in mine:
                axis.plot(row["curve_cost"], row[curve], color=colour, lw=0.8, alpha=0.35)
            middle = np.mean([row[curve] for row in mine], 0)
            axis.plot(mine[0]["curve_cost"], middle, "o-", ms=3.5, color=colour, label=words)
        _panel(axis, rows, column)
        if column == "depth_rmse_m":
            level = median(values(rows, f"baseline_{column}"))
            axis.set_ylim(0.5 * level, 2.5 * level)  # the first steps may be far beyond
        axis.set_xlabel("cost, in steps with small pictures")
        axis.legend(fontsize=7)
    return figure
