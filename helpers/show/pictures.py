"""Grids of pictures: arrays, tensors, masks and depth maps in, one painted sheet out, quick enough for a slider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from ..base import FAR
from .style import (
    COLOURS,
    INK,
    NEAR,
    PAPER,
    WIDTH,
    Sheet,
    array,
    depth_colours,
    font,
    is_depth,
    rgb,
    tint,
)

GAP, LINE, BAR = 6, 16, 60  # pixels: between tiles, for a line of text, for the bar of depth's colours
TICKS = {NEAR: "≤1 m", 2.0: "2 m", 5.0: "5 m", 10.0: "10 m", FAR: "far"}
SAYS = ("orange: the mask", "blue box: a person, label 1", "green box: a thing, label 0", "number: how certain")
LABELS = ("thing", "person")  # what label 0 and label 1 are called in pictures
KINDS = {  # of boxes: the colour, and how many pixels its line is wide; "truth" is dashed
    "thing": (COLOURS[2], 2), "person": (COLOURS[1], 2), "truth": ("#ffffff", 1), "part": (COLOURS[0], 2),
    "right": ("#c8c8c8", 2), "missed": ("#d55e00", 3), "invented": ("#0072b2", 3),
    "now": (COLOURS[0], 3), "kept": (COLOURS[1], 3), "waits": (COLOURS[4], 1), "gone": ("#e8ecef", 1),
}  # fmt: skip


@dataclass
class Boxed:
    """A picture with boxes k 4 (x0 y0 x1 y1, pixels); `kinds` are k keys of KINDS, `words` stand above the boxes."""

    picture: object
    boxes: Sequence
    kinds: Sequence[str]
    words: Sequence[str] = ()


def named(found: Mapping, words: bool = True) -> tuple[list, list[str], list[str]]:
    """Boxes, kinds and words for `Boxed`, of a dict with boxes k 4, labels k and perhaps scores k."""
    kinds = [LABELS[int(label)] for label in found["labels"]]
    scores = found.get("scores")
    says = kinds if scores is None else [f"{kind} {float(score):.2f}" for kind, score in zip(kinds, scores)]
    return list(found["boxes"]), kinds, says if words else []


def pictures(images, titles=(), columns: int | None = None, scale=1.0, foot="", bar=None, gap=GAP) -> Sheet:
    """Pictures in rows, as wide as every figure of the course (times `scale`), with lines of text below.

    N 3 H W tensors, H W 3 arrays, masks 0..1, `Boxed`, and depth maps in metres, for which a bar of colours stands at
    the right. A string is a tile too: its lines stand where a picture would be.
    """
    images, titles = list(images), list(titles or ())
    plain = [each.picture if isinstance(each, Boxed) else each for each in images]
    tiles = [each if isinstance(each, str) else array(each) for each in plain]
    shapes = [tile.shape for tile in tiles if not isinstance(tile, str)]
    if not shapes:
        raise ValueError("There is no picture to show: the list is empty, or holds words alone.")
    if bar is None:
        bar = any(not isinstance(tile, str) and is_depth(tile) for tile in tiles)
    columns = columns or min(len(tiles), 5)
    width = int(100 * WIDTH * scale)
    side = (width - BAR * bar + gap) // columns - gap  # pixels that a tile is wide
    tall = round(side * max(shape[0] / shape[1] for shape in shapes))
    head = LINE * max(title.count("\n") + 1 for title in titles) + 2 if titles else 0
    rows, lines = -(-len(tiles) // columns), foot.splitlines()
    high = rows * (head + tall + gap) - gap  # of all tiles
    sheet = Image.new("RGB", (width, high + GAP * bool(lines) + LINE * len(lines)), PAPER)
    ink = ImageDraw.Draw(sheet)
    for k, tile in enumerate(tiles):
        left, top = k % columns * (side + gap), k // columns * (head + tall + gap) + head
        if k < len(titles):
            ink.text((left + side / 2, top - 4), titles[k], INK, _fitting(titles[k], side), "md", align="center")
        if isinstance(tile, str):
            ink.multiline_text((left + 4, top + 4), tile, INK, font(), spacing=5)
            continue
        sheet.paste(_sized(rgb(tile), side), (left, top))
        if isinstance(images[k], Boxed):
            _draw_boxes(sheet, images[k], (left, top), side / tile.shape[1])
    if bar:
        sheet.paste(_depth_bar(high - head), (width - BAR + GAP, head))
    for k, line in enumerate(lines):
        ink.text((0, high + GAP + k * LINE), line, INK, font())
    return Sheet(sheet)


def _sized(picture: np.ndarray, side: int) -> Image.Image:
    """The picture this wide; a small one that grows clearly keeps its pixels as squares."""
    image = Image.fromarray(np.ascontiguousarray(picture))
    size = side, round(side * image.height / image.width)
    way = Image.Resampling.NEAREST if image.width <= min(128, side / 1.5) else Image.Resampling.LANCZOS
    return image if image.size == size else image.resize(size, way)


def _fitting(words: str, side: int):
    """The course's font at the largest size at which these words are not wider than a tile."""
    wide = max(font().getlength(line) for line in words.split("\n"))
    return font(max(8, min(12, int(12 * side / max(wide, 1)))))


def _draw_boxes(sheet: Image.Image, boxed: Boxed, corner: tuple[int, int], scale: float) -> None:
    """Draws the boxes on a tile that shows each pixel `scale` pixels large; a box covers its pixels and no more."""
    ink = ImageDraw.Draw(sheet)
    for k, (box, kind) in enumerate(zip(np.asarray(boxed.boxes, float).reshape(-1, 4), boxed.kinds, strict=True)):
        (colour, line), places = KINDS[kind], (box * scale + np.tile(corner, 2)).round().astype(int)
        x0, y0, x1, y1 = places.tolist()
        x1, y1 = max(x0, x1 - 1), max(y0, y1 - 1)
        if kind in ("truth", "gone"):  # dashed
            for at in range(0, x1 - x0, 6):
                ink.line([(x0 + at, y0), (min(x0 + at + 3, x1), y0)], colour)
                ink.line([(x0 + at, y1), (min(x0 + at + 3, x1), y1)], colour)
            for at in range(0, y1 - y0, 6):
                ink.line([(x0, y0 + at), (x0, min(y0 + at + 3, y1))], colour)
                ink.line([(x1, y0 + at), (x1, min(y0 + at + 3, y1))], colour)
        else:
            ink.rectangle((x0, y0, x1, y1), outline=colour, width=line)
        if k < len(boxed.words) and boxed.words[k]:
            end = corner[0] + scale * rgb(boxed.picture).shape[1] - font(9).getlength(boxed.words[k])
            at = (min(x0 + 2, int(end) - 1), max(y0, corner[1] + 11))  # inside the tile
            ink.rectangle(ink.textbbox(at, boxed.words[k], font(9), "lb"), fill=colour)
            ink.text(at, boxed.words[k], PAPER, font(9), "lb")


@lru_cache
def _depth_bar(high: int) -> Image.Image:
    """The bar of depth's colours with its metres, near at the top: the same for every picture of the course."""
    sheet = Image.new("RGB", (BAR - GAP, high), PAPER)
    depths = NEAR * (FAR / NEAR) ** np.linspace(0, 1, high)
    sheet.paste(Image.fromarray(depth_colours(depths[:, None].repeat(10, 1))), (0, 0))
    for metres, words in TICKS.items():
        place = np.log(metres / NEAR) / np.log(FAR / NEAR)
        ImageDraw.Draw(sheet).text((14, round(place * (high - 13)) - 1), words, INK, font())
    return sheet


def contact_sheet(images, columns: int = 10) -> Sheet:
    """Many pictures as one sheet, close together and without titles."""
    return pictures([rgb(image) for image in images], columns=columns, gap=2)


def sample(batch: Mapping, i: int | Sequence[int] = 0, titles=("background", "image", "mask", "depth")) -> Sheet:
    """Background, image, mask and depth (metres) of sample `i` of a batch, of several, or of a single sample."""
    if batch["image"].ndim == 3:  # one sample: make it a batch of one
        batch, i = {name: values[None] for name, values in batch.items() if hasattr(values, "ndim")}, 0
    tiles = []
    for k in np.atleast_1d(i).tolist():
        valid = batch["depth_valid"][k] if "depth_valid" in batch else None
        tiles += [batch[name][k] for name in ("background", "image", "mask")] + [
            depth_colours(batch["depth"][k], valid)
        ]
    return pictures(tiles, [*titles, *[""] * (len(tiles) - 4)], 4, bar=True)


def overlay(image, mask, boxes=(), labels=None, title: str = "", width: float = 3.0) -> Sheet:
    """The picture with its mask in orange and, where given, its boxes (x0 y0 x1 y1, pixels) with their labels."""
    names = ["person"] * len(boxes) if labels is None else [LABELS[int(label)] for label in labels]
    tile = Boxed(tint(image, mask), boxes, names, [] if labels is None else names)
    return pictures([tile], [title] if title else (), scale=width / WIDTH)


def objects(image, truth: Mapping, guess: Mapping) -> Sheet:
    """The input; mask with boxes as they are, and as a network found them; below these the two depths.

    Both hold mask and depth 1 H W, boxes k 4 and labels k; the guess has scores k too.
    """
    found = [Boxed(tint(image, each["mask"]), *named(each)) for each in (truth, guess)]
    tiles = [image, *found, "\n".join(SAYS), truth["depth"], guess["depth"]]
    titles = ["input", "truth: mask and boxes", "found: mask and boxes", "", "truth: depth", "found: depth"]
    return pictures(tiles, titles, 3)


def photos(backgrounds: Sequence, images: Sequence, truths: Sequence, guesses: Mapping[str, Sequence]) -> Sheet:
    """A row per pair: background, image, the masks of each of the `guesses` with their IoU, and the true mask.

    The rows stay in the order in which they come: give the worst first.
    """
    tiles, titles = [], []
    for i, (background, image, truth) in enumerate(zip(backgrounds, images, truths)):
        truth = array(truth) > 0.5
        tiles += [background, image]
        titles += ["background", "image"] if i == 0 else ["", ""]
        for name, masks in guesses.items():
            found = array(masks[i]) > 0.5
            either = (found | truth).sum()
            tiles.append(found)
            titles.append(f"{name} {(found & truth).sum() / either if either else 1:.2f}")
        tiles.append(truth)
        titles.append("" if i else "truth")
    return pictures(tiles, titles, 3 + len(guesses))
