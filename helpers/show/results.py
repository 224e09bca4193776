"""Results as figures: how far certainty can be trusted, and walks seen from above."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from .look import COLOURS, INK, WIDTH, canvas


def reliability(lines: Mapping[str, Sequence[tuple[float, float, float]]]) -> Figure:
    """Said against true: name → (mean probability, share that is foreground, how many pixels) of each bin.

    On the dashed diagonal a network is as often right as it says; below it is too sure. Dots grow with the pixels.
    """
    figure, axes = canvas(1, 1, 3.6, 4.2)
    axis = axes[0, 0]
    axis.plot([0, 1], [0, 1], ls="--", lw=1, color=INK)
    for (name, bins), colour in zip(lines.items(), COLOURS):
        said, true, count = np.array(bins).T
        axis.plot(said, true, color=colour, label=name)
        axis.scatter(said, true, s=12 + 60 * (count / count.max()) ** 0.5, color=colour, lw=0, zorder=3)
    axis.set(xlabel="probability that the network says", ylabel="share that is in front", xlim=(0, 1), ylim=(0, 1))
    axis.set_aspect("equal")
    axis.grid(True)
    axis.legend(loc="upper left")
    return figure


def plan(walks: Mapping[str, np.ndarray], fov: float = np.pi / 3) -> Figure:
    """A floor seen from above: name → places n 2 (metres to the right, metres ahead); the first as a line, others dots.

    The camera stands at the bottom; what it sees is shaded.
    """
    every = np.concatenate(list(walks.values()))
    far = float(every[:, 1].max()) + 1
    half = far * np.tan(fov / 2)
    figure, axes = canvas(1, 1, 4.4, WIDTH * 0.62)
    axis = axes[0, 0]
    axis.add_patch(Polygon([(0, 0), (-half, far), (half, far)], fc=COLOURS[5], alpha=0.12, lw=0))
    axis.plot(0, 0, marker="^", ms=10, color=INK)
    axis.annotate("camera", (0, 0), (8, -2), textcoords="offset points", fontsize=8)
    for k, ((name, walk), colour) in enumerate(zip(walks.items(), (INK, *COLOURS))):
        axis.plot(*walk.T, color=colour, label=name, **({"lw": 1.4} if k == 0 else {"marker": "o", "ms": 4.5, "lw": 0}))
    axis.set(xlabel="metres to the right", ylabel="metres ahead", ylim=(-0.4, far), aspect="equal")
    axis.grid(True)
    axis.legend(loc="upper left")
    return figure
