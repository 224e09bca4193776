"""Boxes and what is said of them: heat maps over pictures, overlaps, truth beside guess, precision against recall."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .look import COLOURS, INK, WIDTH, array, canvas, rgb
from .objects import boxes as named_boxes

HEAT_MAP = colormaps["inferno"]
KINDS = {  # of boxes, and how each is drawn
    "truth": {"edgecolor": "white", "lw": 1.1, "ls": (0, (3, 2))},
    "part": {"edgecolor": COLOURS[0], "lw": 1.6},
    "now": {"edgecolor": COLOURS[0], "lw": 2.2},
    "kept": {"edgecolor": COLOURS[1], "lw": 2.0},
    "thing": {"edgecolor": COLOURS[2], "lw": 2.0},
    "waits": {"edgecolor": COLOURS[4], "lw": 1.0},
    "gone": {"edgecolor": "#e8ecef", "lw": 0.8, "ls": ":"},
}


def frames(axis, boxes, kind: str) -> None:
    """Draws boxes k 4 (x0 y0 x1 y1, pixels) on an axis, in the way of their kind."""
    for x0, y0, x1, y1 in np.asarray(boxes, float).reshape(-1, 4):
        axis.add_patch(Rectangle((x0 - 0.5, y0 - 0.5), x1 - x0, y1 - y0, fill=False, **KINDS[kind]))


def heats(images, maps, boxes=None, titles: Sequence[str] = (), columns: int = 4) -> Figure:
    """Heat maps 1 h w (0..1) glowing over their darkened pictures, with boxes k 4 where given."""
    figure, axes = _grid(images, columns, bool(titles))
    for k, (axis, image, heat) in enumerate(zip(axes.flat, images, maps)):
        picture, heat = rgb(array(image)).astype(float), array(heat).astype(float).clip(0, 1)
        high, wide = picture.shape[:2]
        dark = 0.35 * picture.mean(-1, keepdims=True) + 0.3 * picture
        axis.imshow(dark.astype(np.uint8), interpolation="nearest")
        glow = HEAT_MAP(0.3 + 0.68 * heat)  # h w 4
        glow[..., 3] = heat**0.6
        axis.imshow(glow, extent=(-0.5, wide - 0.5, high - 0.5, -0.5), interpolation="bilinear")
        frames(axis, [] if boxes is None else boxes[k], "truth")
        axis.set_title(titles[k] if k < len(titles) else "", pad=3)
    return figure


def found(images, truths, guesses, titles: Sequence[str] = (), columns: int = 4) -> Figure:
    """Pictures with true boxes k 4, white and dashed, and guesses in colour: boxes, or dicts with names and scores."""
    figure, axes = _grid(images, columns, bool(titles))
    for k, (axis, image, truth, guess) in enumerate(zip(axes.flat, images, truths, guesses)):
        _put(axis, image, truth, guess)
        axis.set_title(titles[k] if k < len(titles) else "", pad=3)
    return figure


def _put(axis, image, truth, guess, named: bool = True) -> None:
    """One picture with its true and guessed boxes; what they are called is written only where `named`."""
    axis.imshow(rgb(array(image)), interpolation="nearest")
    frames(axis, truth, "truth")
    if not isinstance(guess, Mapping):
        frames(axis, guess, "part")
    elif named:
        named_boxes(axis, guess["boxes"], guess["labels"], guess.get("scores"))
    else:
        for label, kind in ((1, "kept"), (0, "thing")):
            frames(axis, guess["boxes"][guess["labels"] == label], kind)


def _grid(images, columns: int, titled: bool) -> tuple[Figure, np.ndarray]:
    """Axes for square pictures, as many in a row as asked for."""
    if not len(images):
        raise ValueError("There is no picture to show: the list is empty.")
    rows = -(-len(images) // columns)
    figure, axes = canvas(rows, columns, rows * (WIDTH / columns + 0.2 * titled))
    for axis in axes.flat:
        axis.set_axis_off()
    return figure, axes


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


def stages(image, boxes, states: Mapping[str, Sequence[str]]) -> Figure:
    """One picture over and over; under each title every box k 4 is in a state: now, kept, waits or gone."""
    figure, axes = _grid([image] * len(states), len(states), True)
    for axis, (title, state) in zip(axes.flat, states.items()):
        axis.imshow(rgb(array(image)), interpolation="nearest")
        pairs = zip(np.asarray(boxes, float).tolist(), state, strict=True)
        for box, kind in sorted(pairs, key=lambda pair: list(KINDS).index(pair[1]), reverse=True):  # "now" is on top
            frames(axis, box, kind)
        axis.set_title(title, pad=3)
    return figure


def against(panels: Mapping[str, tuple], level: Mapping[str, float] | None = None, unit: str = "") -> Figure:
    """Truth across, guess up, a point per picture: title → (truths, guesses); on the diagonal a guess is right."""
    figure, axes = canvas(1, len(panels), 2.5, WIDTH * (0.6 if len(panels) == 1 else 1))
    for axis, (title, (truth, guess)) in zip(axes.flat, panels.items()):
        truth, guess = array_of(truth), array_of(guess)
        ends = [min(truth.min(), guess.min()), max(truth.max(), guess.max())]
        axis.plot(ends, ends, color=INK, lw=0.8, ls="--")
        axis.plot(truth, guess, "o", ms=2.6, alpha=0.6, mew=0, color=COLOURS[1])
        if level and title in level:
            axis.axhline(level[title], color=COLOURS[0], lw=1.2)
        axis.set(title=title, xlabel=f"true{unit}", ylabel=f"guessed{unit}")
    return figure


def array_of(values) -> np.ndarray:
    """Numbers as a flat numpy array."""
    return np.asarray(values, float).ravel()


def precision_recall(curves: Mapping[str, tuple], ends: Sequence = ()) -> Figure:
    """Precision against recall: name → (precision, recall) as boxes are let in; `ends` are dots (recall, precision)."""
    figure, axes = canvas(1, 1, 2.7, WIDTH * 0.6)
    curve(axes[0, 0], curves, ends)
    return figure


def curve(axis, curves: Mapping[str, tuple], ends: Sequence = ()) -> None:
    """Draws these curves on an axis, each with the stairs that average precision reads."""
    for k, (name, (precision, recall)) in enumerate(curves.items()):
        precision, recall = array_of(precision), array_of(recall)
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


def threshold(images, truths, guesses, curves: Mapping[str, tuple], at: tuple[float, float], title: str) -> Figure:
    """Eight pictures with true boxes and guesses, and beside them the curve with a dot at `at` (recall, precision)."""
    figure, axes = canvas(1, 1, 2.55)
    axes[0, 0].remove()
    left, right = figure.subfigures(1, 2, width_ratios=[2, 1.15])
    for axis, image, truth, guess in zip(left.subplots(2, 4).flat, images, truths, guesses):
        _put(axis, image, truth, guess, named=False)
        axis.set_axis_off()
    axis = right.subplots()
    curve(axis, curves, [at])
    axis.set_title(title, pad=3)
    return figure
