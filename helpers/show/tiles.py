"""Pictures side by side with a title over each, quick enough to follow a moving slider: no layout is searched for."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from textwrap import wrap

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .look import FAR, INK, NEAR, PAPER, WIDTH, array, depth_colours, is_depth, rgb

GAP, HEAD, LINE, BAR = 6, 18, 16, 60  # pixels: between tiles, for a title, for a line below, for the bar of colours
MOST = 10  # tiles beside each other, where nobody says how many
TICKS = {NEAR: "≤1 m", 2.0: "2 m", 5.0: "5 m", 10.0: "10 m", FAR: "far"}


def tiles(pictures: Sequence, titles: Sequence[str] = (), columns: int | None = None, foot: str = "") -> Image.Image:
    """Pictures of one shape in rows, as wide as every figure of the course, with lines of text below.

    Tensors, arrays, masks 0..1, and depth maps in metres, for which a bar of colours stands at the right. A string
    is a tile too: its lines stand where a picture would be.
    """
    arrays = [each if isinstance(each, str) else array(each) for each in pictures]
    shapes = {each.shape[:2] for each in arrays if not isinstance(each, str)}
    if len(shapes) != 1:
        found = f"these have {len(shapes)} different ones" if shapes else "there is none among these"
        raise ValueError(f"Tiles are pictures of one height and width; {found}.")
    ((tall, wide),) = shapes
    columns = columns or min(len(arrays), MOST)
    bar = any(not isinstance(each, str) and is_depth(each) for each in arrays)
    side = (int(100 * WIDTH) - BAR * bar + GAP) // columns - GAP  # pixels that a tile is wide
    size, head = (side, round(side * tall / wide)), HEAD if titles else 0
    rows, lines = -(-len(arrays) // columns), foot.splitlines()
    high = rows * (size[1] + head + GAP) - GAP  # of all tiles
    sheet = Image.new("RGB", (int(100 * WIDTH), high + GAP * bool(lines) + LINE * len(lines)), PAPER)
    for k, each in enumerate(arrays):
        corner = k % columns * (side + GAP), k // columns * (size[1] + head + GAP)
        _put(sheet, each, titles[k] if k < len(titles) else "", corner, size, head)
    if bar:
        sheet.paste(metres(high - head), (sheet.width - BAR + GAP, head))
    for k, line in enumerate(lines):
        write(sheet, (0, high + GAP + k * LINE), line)
    return sheet


def _put(sheet: Image.Image, picture, title: str, corner: tuple[int, int], size: tuple[int, int], head: int) -> None:
    """One tile, enlarged or shrunk to its size, under its title."""
    left, top = corner
    write(sheet, (left + size[0] // 2, top + 2), title, "ma")
    if isinstance(picture, str):
        ImageDraw.Draw(sheet).multiline_text((left + 4, top + head + 4), picture, INK, font(), spacing=5)
        return
    tile = Image.fromarray(np.ascontiguousarray(rgb(picture)))
    sheet.paste(tile if tile.size == size else tile.resize(size, Image.Resampling.BILINEAR), (left, top + head))


def said(words: str) -> Image.Image:
    """Words alone, as wide as every figure."""
    lines = wrap(words, 100)
    sheet = Image.new("RGB", (int(100 * WIDTH), LINE * (len(lines) + 1)), PAPER)
    for k, line in enumerate(lines):
        write(sheet, (GAP, LINE // 2 + k * LINE), line)
    return sheet


def write(sheet: Image.Image, place: tuple[int, int], words: str, anchor: str = "la") -> None:
    """Writes a line of text on a picture, its left top ("la") or the middle of its top ("ma") at `place`."""
    ImageDraw.Draw(sheet).text(place, words, INK, font(), anchor)


@lru_cache
def font(size: int = 12) -> ImageFont.FreeTypeFont:
    """The course's font, which matplotlib carries along."""
    return ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")), size)


@lru_cache
def metres(high: int) -> Image.Image:
    """The bar of depth's colours with its metres, near at the top: the same for every picture of the course."""
    sheet, share = Image.new("RGB", (BAR - GAP, high), PAPER), np.linspace(0, 1, high)
    colours = depth_colours((NEAR * (FAR / NEAR) ** share)[:, None].repeat(10, 1))
    sheet.paste(Image.fromarray(colours), (0, 0))
    for value, words in TICKS.items():
        place = np.log(value / NEAR) / np.log(FAR / NEAR)
        write(sheet, (14, round(place * (high - 13)) - 1), words)
    return sheet
