"""Curves of a training, finished or running, and of a sweep over learning rates: plain data in, a figure out."""

from collections.abc import Mapping

import ipywidgets as widgets
from IPython import get_ipython
from IPython.display import display
from matplotlib.figure import Figure

from .look import COLOURS, INK, WIDTH, canvas, png

TRAINING = {
    "loss": "training loss",
    "mask_iou": "mask IoU",
    "depth_rmse_m": "depth RMSE, metres",
}


def training_curves(history: list[dict], height: float = 2.3) -> Figure:
    """Loss and scores over the steps, side by side: the history of `learn.fit`, whole or as far as it is."""
    if not history:
        raise ValueError("The history has no rows yet: `learn.fit` adds one at each report.")
    names = [name for name in TRAINING if name in history[-1]]
    figure, axes = canvas(1, len(names), height, WIDTH if len(names) > 1 else WIDTH * 0.75)
    for axis, name, colour in zip(axes[0], names, COLOURS):
        axis.plot([row["step"] for row in history], [row[name] for row in history], "o-", ms=3, color=colour)
        axis.set(xlabel="step", title=f"{TRAINING[name]}: {history[-1][name]:.3g}")
        axis.set_ylim(bottom=0, top=1 if name == "mask_iou" else None)
        axis.grid(True)
    return figure


class LiveCurves:
    """Called with the history so far, it redraws one picture in place; `picture` holds the PNG."""

    def __init__(self) -> None:
        self.picture = widgets.Image(format="png", layout={"max_width": "100%", "align_self": "flex-start"})
        self.shown = False

    def __call__(self, history: list[dict]) -> None:
        self.picture.value = png(training_curves(history))
        if not self.shown and get_ipython() is not None:  # outside a notebook there is nowhere to show it
            view = {"version_major": 2, "version_minor": 0, "model_id": self.picture.model_id}
            display({"text/plain": repr(self), "application/vnd.jupyter.widget-view+json": view}, raw=True)
            self.shown = True

    def __repr__(self) -> str:
        return "Curves that follow the training"


def live_curves() -> LiveCurves:
    """For `learn.Settings(live=show.live_curves())`: curves that grow with every report."""
    return LiveCurves()


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
