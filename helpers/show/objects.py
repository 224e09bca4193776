"""Boxes over pictures: the truth beside what a network found."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .look import COLOURS, WIDTH, array, canvas, depth_colours, tint
from .plots import LABELS, _metres_bar, _put


def boxes(axis, found, labels, scores=None) -> None:
    """Draws boxes k 4 (x0 y0 x1 y1, pixels) with what they are called, and how certain that is."""
    for k, (x0, y0, x1, y1) in enumerate(np.asarray(found, float).reshape(-1, 4)):
        label = int(labels[k])
        colour = COLOURS[1 if label == 1 else 2]
        axis.add_patch(Rectangle((x0 - 0.5, y0 - 0.5), x1 - x0, y1 - y0, fill=False, edgecolor=colour, lw=1.2))
        text = LABELS[label] if scores is None else f"{LABELS[label]} {float(scores[k]):.2f}"
        look = {"color": "white", "fontsize": 5, "va": "bottom", "bbox": {"fc": colour, "ec": colour, "pad": 0.5}}
        axis.text(x0, max(y0 - 1, 4), text, **look).set_in_layout(False)  # it may stand out, and moves nothing


def objects(image, truth: Mapping, guess: Mapping) -> Figure:
    """The input; mask with boxes, and depth, as they are; the same as a network found them.

    Both hold mask and depth 1 H W, boxes k 4 and labels k; the guess has scores k too.
    """
    figure, axes = canvas(1, 5, (WIDTH - 0.55) / 5 + 0.22)
    _put(axes[0, 0], array(image), "input")
    for place, (name, each) in enumerate((("truth", truth), ("found", guess))):
        pair = axes[0, 1 + 2 * place : 3 + 2 * place]
        _put(pair[0], tint(image, each["mask"]), f"{name}: mask and boxes")
        boxes(pair[0], each["boxes"], each["labels"], each.get("scores"))
        _put(pair[1], depth_colours(each["depth"]), f"{name}: depth")
    _metres_bar(figure, axes)
    return figure
