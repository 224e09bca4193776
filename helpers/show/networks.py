"""What a network sees, and what it costs: arrays and numbers in, a figure out."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .look import COLOURS, INK, TINT, WIDTH, array, canvas, rgb


def scanlines(lines: Mapping[str, Sequence]) -> Figure:
    """One row of pixels under another: name → (background, image, mask), each as long as the row; 0..255 and 0..1."""
    figure, axes = canvas(len(lines), 1, 0.35 + 1.15 * len(lines))
    for axis, (name, (background, image, mask)) in zip(axes[:, 0], lines.items()):
        background, image, mask = (np.asarray(line, np.float32).ravel() for line in (background, image, mask))
        place = np.arange(len(image))
        axis.fill_between(place, background, image, color=COLOURS[4], alpha=0.45, lw=0, label="difference")
        axis.plot(place, background, color=COLOURS[5], lw=1.2, label="background")
        axis.plot(place, image, color=COLOURS[1], lw=1.2, label="image")
        axis.fill_between(
            place, 0, 255, where=mask > 0.5, step="mid", color=TINT / 255, alpha=0.2, lw=0, label="person"
        )
        axis.set(ylim=(0, 255), xlim=(0, len(image) - 1), yticks=(0, 128, 255), ylabel=name)
    axes[0, 0].legend(ncols=4, loc="lower right", bbox_to_anchor=(1, 0.98), borderpad=0)
    axes[-1, 0].set_xlabel("pixel of the row")
    return figure


def sight(image, at: tuple[int, int], influence: Mapping[str, np.ndarray]) -> Figure:
    """The picture with one pixel (row, column) marked, and beside it how much each pixel moves that one's answer.

    `influence` maps a name to sizes of gradients, H W; colours are shares of the largest, down to a ten-thousandth.
    """
    figure, axes = canvas(1, 1 + len(influence), WIDTH / (1 + len(influence)) + 0.1)
    axes[0, 0].imshow(rgb(array(image)), interpolation="nearest")
    axes[0, 0].set_title("the pixel in question", pad=3)
    for axis, (name, sizes) in zip(axes[0, 1:], influence.items()):
        shares = np.asarray(sizes, np.float32) / max(np.max(sizes), 1e-30)
        seen = np.ma.masked_less(shares, 1e-4)  # what is not seen stays white
        mesh = axis.imshow(seen, norm=LogNorm(1e-4, 1), cmap="viridis_r", interpolation="nearest")
        axis.set_title(name, pad=3)
    for axis in axes[0]:
        axis.add_patch(Rectangle((at[1] - 0.5, at[0] - 0.5), 1, 1, fill=False, ec=COLOURS[0], lw=1.5))
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(True)
    bar = figure.colorbar(mesh, ax=axes[0], fraction=0.02, pad=0.01, ticks=[1, 1e-2, 1e-4])
    bar.outline.set_visible(False)
    return figure


def costs(table: Mapping[str, tuple[float, float]]) -> Figure:
    """Two bars per network: name → (parameters, bytes of activations for one picture), both on logarithmic scales."""
    figure, axes = canvas(1, 2, 0.6 + 0.28 * len(table))
    place, columns = np.arange(len(table)), np.array(list(table.values()), float).T
    titles = ("parameters (millions)", "activations for one picture (megabytes)")
    for axis, numbers, title, colour in zip(axes[0], columns / 1e6, titles, (COLOURS[5], COLOURS[0])):
        axis.barh(place, numbers, height=0.65, color=colour)
        for y, number in zip(place, numbers):
            text = f"{number:,.0f}" if number >= 100 else f"{number:.2g}" if number < 1 else f"{number:.1f}"
            axis.annotate(text, (number, y), (4, 0), textcoords="offset points", va="center", fontsize=8, color=INK)
        axis.set(xscale="log", title=title)
        axis.set_yticks(place, list(table) if axis is axes[0, 0] else [""] * len(table))
        axis.invert_yaxis()
        axis.margins(x=0.2)
    return figure
