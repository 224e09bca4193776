"""Curves of a sweep over learning rates: plain data in, a figure out."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from .look import COLOURS, INK, WIDTH, canvas


def lr_curve(sweeps: Mapping, title: str = "", ylabel: str = "loss") -> Figure:
    """Loss over learning rate with the steepest descent and the minimum: one result of `lr_range`, or name → result."""
    sweeps = {"": sweeps} if "lr" in sweeps else sweeps
    figure, axes = canvas(1, 1, 2.8, WIDTH * 0.75)
    axis = axes[0, 0]
    for (name, sweep), colour in zip(sweeps.items(), COLOURS[1:] + COLOURS[:1]):
        axis.plot(sweep["lr"], sweep["loss"], color=colour, lw=0.7, alpha=0.3)
        axis.plot(sweep["lr"], sweep["smooth"], color=colour, label=name or None)
        one = len(sweeps) == 1
        for what, marker, words in (("suggestion", "o", "steepest descent"), ("minimum", "X", "minimum, too high")):
            if sweep[what] is not None:
                height = sweep["smooth"][sweep["lr"].index(sweep[what])]
                label = f"{words}: {sweep[what]:.1e}" if one else None
                ink = colour if not one else INK if what == "minimum" else COLOURS[0]
                look = {"s": 55, "marker": marker, "zorder": 3, "edgecolor": "white", "label": label}
                axis.scatter(sweep[what], height, color=ink, **look)
    low = min(min(sweep["smooth"]) for sweep in sweeps.values())
    start = max(sweep["smooth"][0] for sweep in sweeps.values())
    axis.set(xscale="log", xlabel="learning rate", ylabel=ylabel, title=title)
    fall = max(start - low, 0.2 * abs(low))
    axis.set_ylim(low - 0.1 * fall, start + 0.3 * fall)  # the fall counts, not how high it flies
    axis.grid(True)
    axis.legend()
    return figure
