"""A network as a picture: a box per stage with its shape, low where it is small, and an arrow per connection."""

from math import log2

import torch
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from .. import models
from .style import COLOURS, INK, WIDTH, canvas

HIGH, WIDE = 0.74, 0.9  # of a cell


def diagram(network: torch.nn.Module, size: int = 96) -> Figure:
    """The network's stages from left to right in the order in which data flows, with channels × height × width."""
    stages = models.network_stages(network, size)
    places = _places(stages)
    columns, rows = max(x for x, _ in places) + 1, max(y for _, y in places) + 1
    width = max(WIDTH * 0.6, min(WIDTH, 0.8 * columns))
    ends = [(places[source], place) for stage, place in zip(stages, places) for source in stage.sources]
    above = 0.4 if any(y0 == y1 == 0 and x1 - x0 > 1 for (x0, y0), (x1, y1) in ends) else 0.0  # room for arrows
    figure, axes = canvas(1, 1, 0.52 * rows + 0.55 + above / 2, width)
    axis, letter = axes[0, 0], min(7.0, 72 * width / columns / 8)  # points, so that a dozen letters fit
    for stage, place in zip(stages, places):
        _box(axis, stage, place, letter)
    for start, end in ends:
        _arrow(axis, start, end)
    axis.set(xlim=(-0.6, columns - 0.4), ylim=(rows - 0.4, -0.6 - above))
    axis.set_axis_off()
    numbers, work, memory = models.cost(network, size).values()
    words = f"{numbers:,} parameters, {work / 1e6:,.0f} M multiply-adds,\n{memory / 1e6:,.1f} MB of activations"
    axis.set_title(f"{type(network).__name__} at {size} px: {words}", fontsize=8, wrap=True)
    return figure


def _places(stages: list) -> list[tuple[int, int]]:
    """Column and row of every stage: one column after the last that feeds it, one row per size, doubled if taken."""
    columns: list[int] = []
    for stage in stages:
        columns.append(1 + max((columns[source] for source in stage.sources), default=-1))
    last = max(columns)
    columns = [last if stage.name in ("mask", "depth") else column for stage, column in zip(stages, columns)]
    sides = [stage.shape[-1] if len(stage.shape) == 3 else 1 for stage in stages]
    levels = [round(log2(sides[0] / side), 1) for side in sides]
    cells = list(zip(columns, levels))
    lanes = [cells[:place].count(cell) for place, cell in enumerate(cells)]
    rows = sorted({(level, lane) for level, lane in zip(levels, lanes)})
    return [(x, rows.index((level, lane))) for x, level, lane in zip(columns, levels, lanes)]


def _box(axis, stage, place: tuple[int, int], letter: float) -> None:
    """A rounded box with the stage's name, shape and how many parameters it has."""
    x, y = place
    ends = {"background": 5, "image": 5, "mask": 0, "depth": 1}
    colour = COLOURS[ends.get(stage.name, 2 if stage.parameters else 4)]
    corner = (x - WIDE / 2, y - HIGH / 2)
    style = "round,pad=0,rounding_size=0.08"
    for fill in ("white", colour + "30"):  # an arrow behind a box does not cross its words
        axis.add_patch(FancyBboxPatch(corner, WIDE, HIGH, style, fc=fill, ec=colour, lw=1, zorder=2))
    short = stage.name.replace("background_", "bg_").replace("image_", "img_").split("coder.")[-1]
    name = stage.name if short.isdigit() else short
    lines = [name if len(name) < 12 else name.replace(".", ".\n", 1)]
    lines.append("×".join(map(str, stage.shape)))
    lines += [_short(stage.parameters)] if stage.parameters else []
    words = "\n".join(lines)
    look = {"fontsize": letter, "color": INK, "linespacing": 1.15 if words.count("\n") < 3 else 1.0}
    axis.text(x, y, words, ha="center", va="center", zorder=3, **look)


def _arrow(axis, start: tuple[int, int], end: tuple[int, int]) -> None:
    """A line from the right of one box to the left of another, bent where it would run through boxes between them."""
    (x0, y0), (x1, y1) = start, end
    far, skip = x1 - x0 > 1, x1 - x0 > 1 and y0 == y1
    begin, stop = (x0 + WIDE / 2, y0), (x1 - WIDE / 2, y1)
    if far and y0 < y1:  # from above, so that it does not seem to end at the box before
        stop = (x1 - WIDE / 4, y1 - HIGH / 2)
    elif skip:
        begin, stop = (x0 + WIDE / 4, y0 - HIGH / 2), (x1 - WIDE / 4, y1 - HIGH / 2)
    bend = f"arc3,rad={-0.18 * min(1, 4 / (x1 - x0))}" if skip else "arc3"
    look = {"arrowstyle": "-|>", "mutation_scale": 6, "lw": 0.7, "color": INK, "alpha": 0.55, "zorder": 1}
    axis.add_patch(FancyArrowPatch(begin, stop, connectionstyle=bend, shrinkA=0, shrinkB=0, **look))


def _short(count: int) -> str:
    """A number of parameters in few letters: 960, 56 k, 3.7 M."""
    return f"{count}" if count < 1000 else f"{count / 1e3:.0f} k" if count < 1e6 else f"{count / 1e6:.1f} M"
