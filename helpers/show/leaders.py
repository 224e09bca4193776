"""The leaderboard as a picture and as a table of text."""

from collections.abc import Sequence
from statistics import median

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .look import INK, canvas
from .studies import BASELINES, SCORES, TITLES, values

SEEDS = {"ours": "#d9622b", "A": "#8a5aa8", "B": "#2b6f9e", "C": "#3f9b6c", "D": "#c9a227", "E": "#b0527a"}
LIBRARY = "#6b7580"
SIDES = {
    "depthnet": -1,
    "percamera": -1,
    "dsresnet": 1,
    "tiny_percamera": 1,
    "shared_unet": -1,
}  # names to the left, or right
COLUMNS = {
    "parameters": ("parameters", "{:,.0f}"),
    "peak_memory_mb": ("MB to train", "{:,.0f}"),
    "pictures_per_second": ("pictures/s", "{:.0f}"),
    "mask_iou": ("mask IoU", "{:.3f}"),
    "depth_rmse_m": ("RMSE, m", "{:.2f}"),
    "abs_rel": ("AbsRel", "{:.3f}"),
    "latency_ms": ("ms", "{:.1f}"),
}


def colour(row: str) -> str:
    """The colour of a seed; what we made of seed A has its colour too."""
    return SEEDS.get(row.split(",")[0], LIBRARY)


def first_budget(rows: list[dict]) -> list[dict]:
    """The runs of the budget that everybody had, without the longer ones."""
    return [row for row in rows if row["budget_s"] == min(row["budget_s"] for row in rows)]


def leaderboard(rows: list[dict]) -> Figure:
    """Mask IoU and depth RMSE over the time for one pair; a dot per network, as large as the network is."""
    rows = first_budget(rows)
    figure, axes = canvas(1, 2, 4.2)
    for axis, column in zip(axes[0], SCORES):
        racers = [row for row in rows if isinstance(row[column], float)]
        names = sorted({row["network"] for row in racers}, key=lambda name: -size(racers, name))
        for name in names:  # the largest first, so that no dot hides another
            _dot(axis, [row for row in racers if row["network"] == name], column)
        _baseline(axis, rows, column)
        better = "up" if column == "mask_iou" else "down"
        axis.set(xscale="log", xlabel="milliseconds for one pair", title=f"{SCORES[column]}: {better} is better")
        axis.margins(0.16, 0.12)
        axis.grid(True)
        ticks = [tick for tick in (3, 5, 10, 20, 50, 100, 200) if axis.get_xlim()[0] < tick < axis.get_xlim()[1]]
        axis.set_xticks(ticks, [str(tick) for tick in ticks])
        axis.minorticks_off()
    return figure


def size(rows: list[dict], name: str) -> float:
    """How many numbers a network has."""
    return values(rows, "parameters", network=name)[0]


def _dot(axis: Axes, rows: list[dict], column: str) -> None:
    """The medians of a network as a dot whose area goes with its parameters, each seed a faint dot, and its name."""
    place, score = (median(values(rows, name)) for name in ("latency_ms", column))
    paint, points = colour(rows[0]["row"]), 4 + (rows[0]["parameters"] / 1e5) ** 0.5  # of the dot's width
    axis.plot([place] * len(rows), values(rows, column), "o", ms=3, mew=0, color=paint, alpha=0.45)
    axis.plot(place, score, "o", ms=points, color=paint, alpha=0.85, mec="white", mew=0.8)
    name, gap = rows[0]["network"], points / 2 + 2
    up = 1 if column == "mask_iou" else -1  # names stand on the better side of their dots, but for neighbours
    across = SIDES.get(name, 0)
    look = {
        "ha": {0: "center", 1: "left", -1: "right"}[across],
        "va": "center" if across else "bottom" if up > 0 else "top",
    }
    shift = (across * gap, 0) if across else (0, up * gap)
    axis.annotate(
        TITLES.get(name, name), (place, score), shift, textcoords="offset points", fontsize=8, color=paint, **look
    )


def _baseline(axis: Axes, rows: list[dict], column: str) -> None:
    """What needs no training, as a dashed line."""
    level = median(values(rows, f"baseline_{column}"))
    axis.axhline(level, color=INK, lw=1, ls="--")
    look = {"transform": axis.get_yaxis_transform(), "fontsize": 8, "ha": "right", "va": "bottom"}
    axis.text(0.99, level, BASELINES[column], color=INK, **look)


def markdown(rows: list[dict], needs: dict[str, str]) -> str:
    """The table of medians, the best mask first; `needs` says of some networks what budget they would need."""
    rows = first_budget(rows)
    names = sorted({row["network"] for row in rows}, key=lambda name: -median(values(rows, "mask_iou", network=name)))
    head = ["network", "seed document", *(title for title, _ in COLUMNS.values())]
    lines = [_line(head), _line(["---"] * len(head))]
    for name in names:
        own = [row for row in rows if row["network"] == name]
        cells = [_cell(values(own, column), form) for column, (_, form) in COLUMNS.items()]
        word = f" ({needs[name]})" if name in needs else ""
        lines.append(_line([TITLES.get(name, name) + word, own[0]["row"], *cells]))
    levels = {column: [_level(rows, column)] for column in BASELINES}
    cells = [_cell(levels.get(column, []), form) for column, (_, form) in COLUMNS.items()]
    return "\n".join([*lines, _line(["subtraction; mean depth map", "", *cells])]) + "\n"


def _level(rows: list[dict], column: str) -> float:
    return median(values(rows, f"baseline_{column}"))


def _cell(found: Sequence[float], form: str) -> str:
    """The median as text, nothing where there is none."""
    return form.format(median(found)) if found else ""


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
