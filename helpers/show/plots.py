"""Plot functions: arrays or tensors in, a matplotlib figure out; nothing is shown by itself."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .look import COLOURS, DEPTH_MAP, FAR, INK, NEAR, WIDTH, array, canvas, depth_colours, is_depth, rgb, tint

MAPS = ("background", "image", "mask", "depth", "depth_valid")
LABELS = ("thing", "person")  # what label 0 and label 1 are called in pictures


def _put(axis, picture: np.ndarray, title: str = "") -> None:
    axis.imshow(rgb(picture), interpolation="nearest" if picture.shape[1] <= 128 else "auto")  # pixels stay pixels
    axis.set_title(title, pad=3)
    axis.set_axis_off()


def _metres_bar(figure: Figure, axes) -> None:
    """A colour bar in metres beside the axes, the same for every picture of the course."""
    mappable = ScalarMappable(LogNorm(NEAR, FAR), DEPTH_MAP)
    bar = figure.colorbar(mappable, ax=axes, fraction=0.025, pad=0.01, ticks=[1, 2, 5, 10, 20])
    bar.ax.set_yticklabels(["≤1 m", "2 m", "5 m", "10 m", "far"])
    bar.ax.minorticks_off()
    bar.ax.invert_yaxis()  # near at the top
    bar.outline.set_visible(False)


def pictures(images, titles: Sequence[str] | None = None, columns: int | None = None, scale: float = 1.0) -> Figure:
    """A grid of pictures: N 3 H W tensors, H W 3 arrays, masks (0..1), and depth maps in metres with a colour bar."""
    images = [array(image) for image in images]
    if not images:
        raise ValueError("there is no picture to show: the list is empty")
    columns = columns or min(len(images), 5)
    rows = -(-len(images) // columns)
    tall = max(image.shape[0] / image.shape[1] for image in images)
    width, bar = WIDTH * scale, any(map(is_depth, images))
    height = rows * ((width - 0.55 * bar) / columns * tall + (0.22 if titles else 0.02))
    figure, axes = canvas(rows, columns, height, width)
    for axis in axes.flat[len(images) :]:
        axis.set_axis_off()
    for k, (axis, image) in enumerate(zip(axes.flat, images)):
        _put(axis, image, titles[k] if titles and k < len(titles) else "")
    if bar:
        _metres_bar(figure, axes)
    return figure


def sample(batch: Mapping, i: int | Sequence[int] = 0) -> Figure:
    """Background, image, mask and depth (metres) of sample `i` of a batch, of several, or of a single sample."""
    if batch["image"].ndim == 3:  # one sample: make it a batch of one
        batch, i = {name: batch[name][None] for name in MAPS if name in batch}, 0
    rows = np.atleast_1d(i).tolist()
    grid = []
    for k in rows:
        valid = batch["depth_valid"][k] if "depth_valid" in batch else None
        grid += [batch["background"][k], batch["image"][k], batch["mask"][k], depth_colours(batch["depth"][k], valid)]
    figure, axes = canvas(len(rows), 4, len(rows) * (WIDTH - 0.55) / 4 + 0.22)
    for k, (axis, picture) in enumerate(zip(axes.flat, grid)):
        _put(axis, array(picture), MAPS[k] if k < 4 else "")
    _metres_bar(figure, axes)
    return figure


def overlay(image, mask, boxes=None, labels=None, title: str = "", width: float = 3.0) -> Figure:
    """The picture with its mask in orange and, where given, its boxes (x0 y0 x1 y1, pixels) with their labels."""
    picture = tint(image, mask)
    figure, axes = canvas(1, 1, width * picture.shape[0] / picture.shape[1] + 0.22 * bool(title), width)
    _put(axes[0, 0], picture, title)
    for k, (x0, y0, x1, y1) in enumerate([] if boxes is None else np.asarray(boxes, float).reshape(-1, 4)):
        label = None if labels is None else int(labels[k])
        colour = COLOURS[1 if label in (None, 1) else 2]
        axes[0, 0].add_patch(Rectangle((x0 - 0.5, y0 - 0.5), x1 - x0, y1 - y0, fill=False, edgecolor=colour, lw=1.8))
        if label is not None:
            style_ = {"color": "white", "fontsize": 7, "va": "bottom", "bbox": {"fc": colour, "ec": colour, "pad": 1}}
            axes[0, 0].text(x0, y0 - 1, LABELS[label] if label < len(LABELS) else str(label), **style_)
    return figure


def contact_sheet(images, columns: int = 10, gap: int = 2) -> Figure:
    """Many pictures of one size as one sheet, without titles: quick even for a hundred."""
    tiles = [rgb(array(image)) for image in images]
    if not tiles or len({tile.shape for tile in tiles}) > 1:
        raise ValueError("a contact sheet needs at least one picture, all of one size; use pictures() for mixed sizes")
    high, wide = tiles[0].shape[:2]
    rows = -(-len(tiles) // columns)
    sheet = np.full((rows * (high + gap) - gap, columns * (wide + gap) - gap, 3), 255, np.uint8)
    for k, tile in enumerate(tiles):
        top, left = k // columns * (high + gap), k % columns * (wide + gap)
        sheet[top : top + high, left : left + wide] = tile
    enlarge = int(100 * WIDTH) // sheet.shape[1]  # whole pixels: sharp, and a small file
    sheet = np.kron(sheet, np.ones((max(enlarge, 1),) * 2 + (1,), np.uint8))
    width = min(WIDTH, sheet.shape[1] / 100)
    figure, axes = canvas(1, 1, width * sheet.shape[0] / sheet.shape[1], width)
    figure.set_layout_engine("none")
    axes[0, 0].set_position([0, 0, 1, 1])
    _put(axes[0, 0], sheet)
    return figure


def _columns(table) -> dict[str, list]:
    """A table as name -> list of values, from a dict of lists or a list of dicts."""
    if isinstance(table, Mapping):
        return {name: list(values) for name, values in table.items()}
    return {name: [row.get(name, np.nan) for row in table] for name in dict.fromkeys(k for row in table for k in row)}


def curve(
    history, names=None, x: str | None = None, ylabel: str = "", title: str = "", baseline=None, log=False
) -> Figure:
    """Lines over training: `history` is a dict of lists or a list of dicts; `baseline` maps a name to a level."""
    table = _columns(history)
    names = [names] if isinstance(names, str) else names or [name for name in table if name != x]
    figure, axes = canvas(1, 1, 2.6, WIDTH * 0.75)
    axis = axes[0, 0]
    for name in names:
        axis.plot(table[x] if x else np.arange(len(table[name])), table[name], label=name)
    for k, (name, level) in enumerate((baseline or {}).items()):
        axis.axhline(level, ls="--", lw=1.2, color=INK, alpha=0.5 + 0.5 * (k == 0), label=name)
    axis.set(xlabel=x or "", ylabel=ylabel, title=title, yscale="log" if log else "linear")
    axis.grid(True)
    axis.legend()
    return figure


def bars(
    table, value: str = "value", label: str = "name", spread: str | None = None, title="", baseline=None
) -> Figure:
    """One bar per row with its number beside it: `table` is a dict name -> number, or rows with `label` and `value`."""
    if isinstance(table, Mapping):
        table = [{label: name, value: number} for name, number in table.items()]
    columns = _columns(table)
    figure, axes = canvas(1, 1, 0.5 + 0.28 * len(table), WIDTH * 0.75)
    axis, place = axes[0, 0], np.arange(len(table))
    axis.barh(place, columns[value], height=0.65, color=COLOURS[1], xerr=columns[spread] if spread else None)
    for y, number in zip(place, columns[value]):
        end = number + (columns[spread][y] if spread else 0)
        axis.annotate(f"{number:.3g}", (end, y), (4, 0), textcoords="offset points", va="center", fontsize=8)
    if baseline is not None:
        axis.axvline(baseline, ls="--", lw=1.2, color=INK)
    axis.set_yticks(place, columns[label])
    axis.set(title=title, xlabel=value if value != "value" else "")
    axis.invert_yaxis()
    axis.margins(x=0.12)
    return figure
