"""Depth maps beside their truth: errors in metres as colours, and guessed against true distances as points."""

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from .look import COLOURS, DEPTH_MAP, FAR, INK, NEAR, WIDTH, array, canvas, depth_colours, rgb

REACH = 2.0  # metres: the ends of the error colours, the same in every picture
ERROR_MAP = colormaps["RdBu"]  # red is too near, blue too far, white is right
NEUTRAL = 150  # grey of a pixel that has no honest depth


def error_colours(guess, truth, valid=None, reach: float = REACH) -> np.ndarray:
    """H W 3 uint8: red where `guess` is nearer than `truth`, blue where it is farther, white where both agree."""
    guess, truth = array(guess).astype(np.float32), array(truth).astype(np.float32)
    if guess.shape != truth.shape:
        raise ValueError(f"The guess is {guess.shape} pixels, but the truth is {truth.shape}: they cannot be compared.")
    colours = ERROR_MAP(((guess - truth) / reach).clip(-1, 1) / 2 + 0.5, bytes=True)[..., :3]
    known = np.isfinite(guess - truth) & (True if valid is None else array(valid) > 0.5)
    return np.where(known[..., None], colours, np.uint8(NEUTRAL))


def compare(images, truths, guesses: dict, valid=None, notes=None) -> Figure:
    """A row per picture: image, true depth, then each guess with its errors in metres; `guesses` is name → maps.

    `notes` are titles for the error maps, a list per picture in the order of `guesses`.
    """
    columns = 2 + 2 * len(guesses)
    figure, axes = canvas(len(images), columns, len(images) * (WIDTH / columns + 0.2) + 0.4)
    for i, row in enumerate(axes):
        there = None if valid is None else valid[i]
        tiles = [("image", rgb(array(images[i]))), ("true depth", depth_colours(truths[i], there))]
        for k, (name, maps) in enumerate(guesses.items()):
            tiles.append((name, depth_colours(maps[i])))
            tiles.append((notes[i][k] if notes else "error", error_colours(maps[i], truths[i], there)))
        for column, (axis, (title, tile)) in enumerate(zip(row, tiles)):
            axis.imshow(tile, interpolation="nearest" if tile.shape[1] <= 128 else "auto")
            axis.set_axis_off()
            if i == 0 or (notes and column > 2 and column % 2):
                axis.set_title(title, pad=3)
    _bars(figure, axes)
    return figure


def agreement(truth, guesses: dict, reach: float = 10.0, ylabel: str = "guessed, metres") -> Figure:
    """Points of guessed over true metres, a panel per name, with the diagonal on which every point should lie."""
    figure, axes = canvas(1, len(guesses), min(3.6, WIDTH / len(guesses) + 0.3), min(WIDTH, 3.4 * len(guesses)))
    for axis, (name, guess), colour in zip(axes[0], guesses.items(), COLOURS):
        axis.plot([0, reach], [0, reach], color=INK, lw=1, ls="--", zorder=1)
        axis.scatter(array_1d(truth), array_1d(guess), s=9, color=colour, alpha=0.55, lw=0, zorder=2)
        axis.set(title=name, xlabel="true, metres", xlim=(0, reach), ylim=(0, reach), aspect="equal")
        axis.grid(True)
    axes[0, 0].set_ylabel(ylabel)
    return figure


def array_1d(values) -> np.ndarray:
    """Numbers of any kind of sequence as a flat float array."""
    return np.asarray(values.detach().cpu() if hasattr(values, "detach") else values, float).ravel()


def _bars(figure: Figure, axes: np.ndarray) -> None:
    """A colour bar for metres under image and truth, and one for errors under the guesses."""
    look = {"location": "bottom", "shrink": 0.85, "pad": 0.01}
    left = figure.colorbar(ScalarMappable(LogNorm(NEAR, FAR), DEPTH_MAP), ax=axes[:, :2], aspect=30, **look)
    left.minorticks_off()
    left.set_ticks([1, 2, 5, 10, 20], labels=["≤1 m", "2 m", "5 m", "10 m", "far"])
    wide = 15 * (axes.shape[1] - 2)
    right = figure.colorbar(ScalarMappable(Normalize(-REACH, REACH), ERROR_MAP), ax=axes[:, 2:], aspect=wide, **look)
    right.set_ticks([-REACH, 0, REACH], labels=[f"{REACH:.0f} m too near", "right", f"{REACH:.0f} m too far"])
    for bar in (left, right):
        bar.outline.set_visible(False)
