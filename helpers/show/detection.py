"""Boxes and what is said of them: heat maps over pictures, overlaps, truth beside guess, precision against recall."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from .pictures import Boxed, named, pictures
from .style import COLOURS, WIDTH, Sheet, array, canvas, rgb

HEAT_MAP = colormaps["inferno"]


def heats(images, maps, boxes=None, titles: Sequence[str] = (), columns: int = 4) -> Sheet:
    """Heat maps 1 h w (0..1) glowing over their darkened pictures, with boxes k 4 where given."""
    tiles = []
    for k, (image, heat) in enumerate(zip(images, maps)):
        picture = rgb(image).astype(float)
        heat = Image.fromarray(array(heat).astype(np.float32).clip(0, 1))
        heat = np.asarray(heat.resize(picture.shape[1::-1], Image.Resampling.BILINEAR))
        dark, glow = 0.35 * picture.mean(-1, keepdims=True) + 0.3 * picture, 255 * HEAT_MAP(0.3 + 0.68 * heat)[..., :3]
        cover = heat[..., None] ** 0.6
        picture = (dark * (1 - cover) + glow * cover).astype(np.uint8)
        true = [] if boxes is None else list(boxes[k])
        tiles.append(Boxed(picture, true, ["truth"] * len(true)))
    return pictures(tiles, titles, columns)


def found(images, truths, guesses, titles: Sequence[str] = (), columns=4, words=True) -> Sheet:
    """Pictures with true boxes k 4, white and dashed, and guesses in colour: boxes, or dicts with labels and scores.

    With `words` the names and scores of the guesses stand at their boxes.
    """
    tiles = []
    for image, truth, guess in zip(images, truths, guesses):
        boxes, kinds, says = named(guess, words) if isinstance(guess, Mapping) else (guess, ["part"] * len(guess), [])
        kinds, says = ["truth"] * len(truth) + list(kinds), [""] * len(truth) + list(says)
        tiles.append(Boxed(image, [*truth, *boxes], kinds, says))
    return pictures(tiles, titles, columns)


def errors(images, truths, answers, titles: Sequence[str] = (), columns: int = 3) -> Sheet:
    """Pictures with what is right in grey, missed in vermilion, invented in blue.

    Truths are boxes k 4; an answer is its boxes m 4, and for each the number of its true box, or -1.
    """
    tiles = []
    for image, truth, (boxes, owners) in zip(images, truths, answers):
        missed = [box for k, box in enumerate(truth) if k not in owners]
        kinds = ["right" if owner >= 0 else "invented" for owner in owners]
        tiles.append(Boxed(image, [*boxes, *missed], kinds + ["missed"] * len(missed)))
    return pictures(tiles, titles, columns)


def overlaps(pairs: Sequence[tuple], titles: Sequence[str]) -> Figure:
    """Pairs of boxes, 4 and 4: what both cover is filled, what only one covers is pale."""
    figure, axes = canvas(1, len(pairs), WIDTH / len(pairs) * 0.72 + 0.2)
    for axis, pair, title in zip(axes.flat, pairs, titles):
        pair = np.asarray(pair, float)
        for (x0, y0, x1, y1), colour in zip(pair, COLOURS[1::-1]):
            axis.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, fc=colour + "30", ec=colour, lw=1.8))
        low, high = pair[:, :2].max(0), pair[:, 2:].min(0)
        if (high > low).all():
            axis.add_patch(Rectangle(low, *(high - low), fc=COLOURS[3] + "90", lw=0))
        axis.set(xlim=(pair[:, 0].min() - 2, pair[:, 2].max() + 2), ylim=(pair[:, 3].max() + 2, pair[:, 1].min() - 2))
        axis.set_aspect("equal")
        axis.set_title(title, pad=3)
        axis.set_axis_off()
    return figure


def stages(image, boxes, states: Mapping[str, Sequence[str]]) -> Sheet:
    """One picture over and over; under each title every box k 4 is in a state: now, kept, waits or gone."""
    ranks, tiles = ("gone", "waits", "kept", "now"), []  # "now" is drawn last, on top
    for state in states.values():
        pairs = sorted(
            zip(np.asarray(boxes, float).tolist(), state, strict=True), key=lambda pair: ranks.index(pair[1])
        )
        tiles.append(Boxed(image, [box for box, _ in pairs], [kind for _, kind in pairs]))
    return pictures(tiles, list(states), len(states))


def precision_recall(curves: Mapping[str, tuple], ends: Sequence = ()) -> Figure:
    """Precision against recall: name → (precision, recall) as boxes are let in; `ends` are dots (recall, precision)."""
    figure, axes = canvas(1, 1, 2.7, WIDTH * 0.6)
    _draw_curves(axes[0, 0], curves, ends)
    return figure


def _draw_curves(axis, curves: Mapping[str, tuple], ends: Sequence = ()) -> None:
    """Draws these curves on an axis, each with the stairs that average precision reads."""
    for k, (name, (precision, recall)) in enumerate(curves.items()):
        precision, recall = (np.asarray(each, float).ravel() for each in (precision, recall))
        best = np.maximum.accumulate(precision[::-1])[::-1]
        axis.fill_between(np.r_[0, recall], np.r_[best[:1], best], step="pre", color=COLOURS[k + 1], alpha=0.12, lw=0)
        axis.step(np.r_[0, recall], np.r_[best[:1], best], where="pre", color=COLOURS[k + 1], lw=1, ls=":")
        axis.plot(recall, precision, "o-" if len(recall) < 20 else "-", ms=4, color=COLOURS[k + 1], label=name)
    for recall, precision in ends:
        axis.plot([recall], [precision], "o", ms=8, color=COLOURS[0])
    axis.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.05))
    axis.grid(True)
    if any(curves):
        axis.legend(loc="lower left")


def threshold(images, truths, answers, curves: Mapping[str, tuple], at: tuple[float, float], title: str) -> Figure:
    """A row of pictures as `errors` shows them, and below it the curve with a dot at `at` (recall, precision)."""
    figure, axes = canvas(2, 1, 5.2)
    axes[0, 0].get_gridspec().set_height_ratios([1.35, 1])
    row = errors(images, truths, answers, columns=len(images))
    axes[0, 0].imshow(np.asarray(row), interpolation="antialiased")
    axes[0, 0].set_axis_off()
    _draw_curves(axes[1, 0], curves, [at])
    axes[1, 0].set_title(title, pad=3)
    return figure
