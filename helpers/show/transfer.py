"""Figures of the study `transfer`: plans beside each other, accuracy over time, targets beyond what can be said."""

from collections.abc import Mapping, Sequence
from statistics import mean, median

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .look import COLOURS, INK, canvas
from .studies import BASELINES, SCORES, values

UNITS = {"mask_iou": "{:.2f}", "depth_rmse_m": "{:.2f} m"}


def plans(rows: list[dict], names: Sequence[str]) -> Figure:
    """A line per plan in each panel, mask and depth: a faint dot per seed, the median and its number, the baseline."""
    figure, axes = canvas(1, len(SCORES), 0.75 + 0.25 * len(names))
    for axis, (column, title) in zip(axes[0], SCORES.items()):
        for place, name in enumerate(names):
            _plan(axis, place, values(rows, column, plan=name), UNITS[column])
        level = median(values(rows, f"baseline_{column}"))
        axis.axvline(level, ls="--", lw=1.2, color=INK)
        axis.annotate(BASELINES[column], (level, 1), (3, 2), xycoords=("data", "axes fraction"), fontsize=8,
                      textcoords="offset points", ha="left" if column == "mask_iou" else "center")  # fmt: skip
        better = "right" if column == "mask_iou" else "left"
        axis.set_title(f"{title}: {better} is better", pad=16)
        axis.set(ylim=(len(names) - 0.4, -0.6))
        axis.set_yticks(range(len(names)), names if axis is axes[0, 0] else [""] * len(names))
        axis.tick_params(axis="y", length=0)
        axis.margins(x=0.18)
        axis.grid(True, axis="x")
    return figure


def _plan(axis: Axes, place: int, seeds: list[float], unit: str) -> None:
    """One line of a panel; nothing where the plan has no such head."""
    if not seeds:
        return
    axis.plot([min(seeds), max(seeds)], [place] * 2, color=COLOURS[1], lw=4, alpha=0.25, solid_capstyle="round")
    axis.plot(seeds, [place] * len(seeds), "o", ms=3.5, mew=0, color=COLOURS[1], alpha=0.5)
    axis.plot(median(seeds), place, "o", ms=7, color=COLOURS[1])
    look = {"textcoords": "offset points", "va": "center", "fontsize": 8}
    axis.annotate(unit.format(median(seeds)), (max(seeds), place), (8, 0), **look)


def over_time(rows: list[dict], names: Mapping[str, str]) -> Figure:
    """Mask IoU and depth RMSE over the seconds of the budget: a thin line per seed, a thick one for their mean.

    `names` maps plans to the words of the legend.
    """
    figure, axes = canvas(1, len(SCORES), 2.7)
    for axis, (column, curve) in zip(axes[0], {"mask_iou": "curve_iou", "depth_rmse_m": "curve_rmse_m"}.items()):
        for (name, words), colour in zip(names.items(), COLOURS):
            mine = [row for row in rows if row["plan"] == name]
            for row in mine:
                axis.plot(row["curve_seconds"], row[curve], color=colour, lw=0.8, alpha=0.35)
            middle = [mean(points) for points in zip(*(row[curve] for row in mine))]
            axis.plot(mine[0]["curve_seconds"], middle, "o-", ms=3.5, color=colour, label=words)
        level = median(values(rows, f"baseline_{column}"))
        axis.axhline(level, ls="--", lw=1.2, color=INK, label=BASELINES[column])
        if column == "depth_rmse_m":
            axis.set_ylim(0.5 * level, 2.5 * level)  # the first steps may be far beyond
        axis.set(xlabel="seconds of one core", title=SCORES[column])
        axis.grid(True)
        axis.legend(fontsize=7)
    return figure


def targets(kinds: Mapping[str, tuple], bins: int = 60) -> Figure:
    """How often each value occurs among targets, a panel per kind: name → (targets as they are, as the loss got them).

    The band from 0 to 1 is all that a sigmoid can answer.
    """
    figure, axes = canvas(1, len(kinds), 2.3)
    for axis, (name, pair) in zip(axes[0], kinds.items()):
        both = [np.asarray(each, np.float64).ravel() for each in pair]
        edges = np.linspace(min(map(np.min, both)) - 0.1, max(map(np.max, both)) + 0.1, bins + 1)
        axis.axvspan(0, 1, color=COLOURS[2], alpha=0.15, lw=0, label="what a sigmoid can say")
        for each, colour, words in zip(both, (COLOURS[1], COLOURS[0]), ("as they are", "normalised")):
            axis.hist(each, edges, weights=np.full(len(each), 1 / len(each)), color=colour, alpha=0.75, label=words)
        axis.set(title=name, xlabel="target", yscale="log", ylabel="share of the pixels")
    axes[0, 0].legend(fontsize=7, loc="upper center")
    return figure
