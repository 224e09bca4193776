"""Tables of the long studies as figures: rows in, medians over the seeds that are there, each seed a faint dot."""

from collections.abc import Callable, Sequence
from statistics import mean, median

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .look import COLOURS, INK, canvas

WORSE, BETTER = COLOURS[0], COLOURS[2]
STORY = {  # column: (title, is more better?)
    "museum_iou": ("museum mask IoU", True),
    "depth_rmse_m": ("museum depth RMSE, m", False),
    "photos_shaken_iou": ("shaken photographs, IoU", True),
}
SCORES = {"mask_iou": "mask IoU", "depth_rmse_m": "depth RMSE, metres"}
BASELINES = {"mask_iou": "subtraction", "depth_rmse_m": "mean depth map"}  # best threshold, and the mean of all maps
TITLES = {
    "roomnet": "RoomNet", "percamera": "PerCameraNet", "tiny_percamera": "TinyPerCameraNet", "dsresnet": "DSResNet",
    "shared_unet": "shared U-Net", "masknet": "MaskNet", "depthnet": "DepthNet", "two_encoders": "TwoEncoders",
    "smp_unet": "U-Net, ResNet-18",
}  # fmt: skip


def values(rows: list[dict], column: str, **keys) -> list[float]:
    """The numbers in a column of the rows with these keys; empty cells are left out."""
    mine = [row for row in rows if all(row[name] == value for name, value in keys.items())]
    return [row[column] for row in mine if isinstance(row.get(column), float)]


def design_story(rows: list[dict], whole: str = "all of it") -> Figure:
    """A line per variant, the costliest first: how far it is from the whole network, a vertical line, in each panel."""
    names = [whole, *costliest_first(rows, whole)]
    figure, axes = canvas(1, len(STORY), 0.8 + 0.24 * len(names))
    for axis, (column, (title, more)) in zip(axes[0], STORY.items()):
        seeds = {name: values(rows, column, variant=name) for name in names}
        start = median(seeds[whole])
        axis.axvspan(min(seeds[whole]), max(seeds[whole]), color=INK, alpha=0.1, lw=0)
        axis.axvline(start, color=INK, lw=1, zorder=1)
        sight = [start + end for end in ends([median(seeds[name]) - start for name in names])]
        for place, name in enumerate(names):
            gain = (median(seeds[name]) - start) * (1 if more else -1)
            colour = INK if name == whole else BETTER if gain > 0 else WORSE
            axis.plot(seeds[name], [place] * len(seeds[name]), "o", ms=3.5, mew=0, color=colour, alpha=0.35)
            _distance(axis, place, start, seeds[name], sight, colour)
        axis.set(title=f"{title}\n{'right' if more else 'left'} is better", xlim=sight, ylim=(len(names) - 0.4, -0.6))
        axis.set_yticks(range(len(names)), names if axis is axes[0, 0] else [""] * len(names))
        axis.tick_params(axis="y", length=0)
        axis.spines["left"].set_visible(False)
        axis.locator_params(axis="x", nbins=4)
    return figure


def costliest_first(rows: list[dict], whole: str = "all of it") -> list[str]:
    """The variants without the whole one, by how many times as large their errors are, on average over the panels."""
    names = list(dict.fromkeys(row["variant"] for row in rows))
    if whole not in names:
        raise ValueError(f"The table has no run of {whole!r} yet, and everything is compared with it.")

    def error(name: str, column: str) -> float:  # of a mask: what its IoU lacks
        score = median(values(rows, column, variant=name))
        return 1 - score if STORY[column][1] else score

    names.remove(whole)
    return sorted(names, key=lambda name: -mean(error(name, column) / error(whole, column) for column in STORY))


def ends(distances: Sequence[float]) -> tuple[float, float]:
    """How far an axis reaches to the left and to the right of the whole; what is far from all others runs out of it."""
    sizes = sorted(map(abs, distances))
    most = 3 * sizes[-3] if len(sizes) > 3 else sizes[-1] if sizes else 0
    inside = [distance for distance in distances if abs(distance) <= most]
    low, high = min([0, *inside]), max([0, *inside])
    words = 0.32 * (high - low) or 0.01  # room for the numbers beside the dots
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


def _baseline(axis: Axes, rows: list[dict], column: str) -> None:
    """What a network has to beat, as a dashed line with its name on the side on which the network should be."""
    level, down = median(values(rows, f"baseline_{column}")), column == "depth_rmse_m"
    axis.axhline(level, ls="--", lw=1.2, color=INK)
    look = {"textcoords": "offset points", "fontsize": 8, "va": "top" if down else "bottom"}
    where = axis.get_yaxis_transform()
    side, ha = (0.98, "right") if down else (0.02, "left")  # where the curves are not
    axis.annotate(BASELINES[column], (side, level), (0, -3 if down else 2), xycoords=where, ha=ha, **look)


def identities(rows: list[dict], marked: int = 100) -> Figure:
    """Mask IoU and depth RMSE over the number of rooms, of people, and of both; the others are as many as there are."""
    most = max(max(row["rooms"], row["people"]) for row in rows)
    kinds = {
        "rooms": lambda row: row["rooms"] if row["people"] == most else None,
        "people": lambda row: row["people"] if row["rooms"] == most else None,
        "both": lambda row: row["rooms"] if row["rooms"] == row["people"] else None,
    }
    figure, axes = canvas(1, 2, 3.0)
    for axis, column in zip(axes[0], SCORES):
        for (name, count), colour in zip(kinds.items(), COLOURS):
            _line(axis, rows, column, count, colour, f"ever more {name}")
        _baseline(axis, rows, column)
        axis.set(xscale="log", xlabel="how many rooms, or people", title=f"{SCORES[column]}, unseen rooms and people")
        axis.set_xticks(sorted({row["rooms"] for row in rows} | {row["people"] for row in rows}))
        axis.xaxis.set_major_formatter("{x:,.0f}")
        axis.minorticks_off()
        axis.grid(True)
        found = values(rows, column, rooms=marked, people=marked) or values(rows, column, rooms=marked, people=most)
        _mark(axis, found, marked, words=axis is axes[0, 0])
    if axes[0, 0].get_legend_handles_labels()[1]:
        axes[0, 0].legend(loc=(0.6, 0.14))
    return figure


def _line(axis: Axes, rows: list[dict], column: str, count: Callable, colour: str, label: str) -> None:
    """Medians as a line over the counts, seeds as faint dots; nothing where there is no row yet."""
    mine = [(count(row), row[column]) for row in rows if count(row) is not None]
    places = sorted({place for place, _ in mine})
    axis.plot([place for place, _ in mine], [value for _, value in mine], "o", ms=3.5, mew=0, color=colour, alpha=0.35)
    if len(places) > 1:  # one point is no line
        middle = [median(value for place, value in mine if place == each) for each in places]
        axis.plot(places, middle, "o-", ms=4.5, color=colour, label=label)


def _mark(axis: Axes, found: list[float], place: int, words: bool) -> None:
    """A ring around the point that earlier work stands on, once it is there."""
    if found:
        axis.plot(place, median(found), "o", ms=12, mfc="none", mec=INK, mew=1.2)
    if found and words:
        text = f"{place} rooms, as behind the\n400,000 composites of earlier work"
        arrow = {"arrowstyle": "-", "color": INK, "lw": 0.8, "shrinkB": 6}
        look = {"textcoords": "offset points", "fontsize": 8, "arrowprops": arrow, "ha": "left", "va": "top"}
        axis.annotate(text, (place, median(found)), (8, -38), **look)


def race(rows: list[dict]) -> Figure:
    """Accuracy over what an answer costs, a dot per network; beside it, how many pictures a second it learns from."""
    names = sorted({row["network"] for row in rows}, key=lambda name: median(values(rows, "latency_ms", network=name)))
    figure, axes = canvas(1, 3, 3.0)
    figure.get_layout_engine().set(wspace=0.04)
    for axis, column in zip(axes[0], SCORES):
        for name, colour in zip(names, COLOURS):
            _racer(axis, [row for row in rows if row["network"] == name], column, colour)
        _baseline(axis, rows, column)
        better = "up" if column == "mask_iou" else "down"
        axis.set(xlabel="milliseconds for one pair", title=f"{SCORES[column]}: {better} is better")
        axis.set_xlim(0, 1.12 * max(values(rows, "latency_ms")))
        axis.grid(True)
    axes[0, 2].set_axis_off()
    for place, (name, colour) in enumerate(zip(names, COLOURS)):
        speed, wait = (median(values(rows, column, network=name)) for column in ("pictures_per_second", "latency_ms"))
        words, y = f"learns from {speed:.0f} pictures/s\nanswers in {wait:.1f} ms", 0.94 - 0.25 * place
        look = {"transform": axes[0, 2].transAxes, "clip_on": False}
        axes[0, 2].plot(0.02, y, "o", ms=9, color=colour, **look)
        axes[0, 2].text(0.1, y, TITLES.get(name, name), color=colour, weight="bold", va="center", **look)
        axes[0, 2].text(0.1, y - 0.045, words, fontsize=8, va="top", **look)
    axes[0, 2].set(xlim=(0, 1), ylim=(0, 1))
    return figure


def _racer(axis: Axes, rows: list[dict], column: str, colour: str) -> None:
    """The medians of a network as a dot, a line from its worst to its best seed, each seed a faint dot."""
    runs = [(row["latency_ms"], row[column]) for row in rows if isinstance(row[column], float)]
    if not runs:  # it has no such head
        return
    place, scores = median(run[0] for run in runs), [run[1] for run in runs]
    axis.plot([place] * 2, [min(scores), max(scores)], color=colour, lw=4, alpha=0.3, solid_capstyle="round")
    axis.plot(*zip(*runs), "o", ms=3.5, mew=0, color=colour, alpha=0.35)
    axis.plot(place, median(scores), "o", ms=9, color=colour)
