"""The photographs in artifacts/photographs, and what is cut out of them: by hand, or in smooth random shapes."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
from PIL import Image, ImageDraw

from ..base import ROOT
from ..data import read_picture

FOLDER = ROOT / "artifacts" / "photographs"
FINE = 8  # a mask is drawn this many times as large, so that its edge is smooth


@cache
def names() -> tuple[str, ...]:
    """The photographs' names, in order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.jpg")))


@cache
def photograph(name: str) -> np.ndarray:
    """h w 3 uint8."""
    return read_picture(FOLDER / f"{name}.jpg")


@cache
def outlines() -> dict[str, dict]:
    """What was cut out by hand: name → the photograph it is from, polygons, and holes in them."""
    return json.loads((FOLDER / "cutouts.json").read_text())


@cache
def cutout(name: str) -> np.ndarray:
    """h w 4 uint8: the thing of this name, cropped to what is not transparent."""
    outline = outlines()[name]
    picture = photograph(outline["photograph"])
    mask = Image.new("L", (picture.shape[1] * FINE, picture.shape[0] * FINE))
    draw = ImageDraw.Draw(mask)
    for kind, value in (("polygons", 255), ("holes", 0)):
        for polygon in outline[kind]:
            draw.polygon([(x * FINE, y * FINE) for x, y in polygon], fill=value)
    return cropped(picture, np.asarray(mask.reduce(FINE)))


def window(name: str, size: int, rng: np.random.Generator) -> np.ndarray:
    """size size 3 uint8: somewhere in the photograph, every pixel as it is there."""
    picture = photograph(name)
    y, x = (int(rng.integers(0, side - size + 1)) for side in picture.shape[:2])
    return picture[y : y + size, x : x + size]


def shape(name: str, size: int, rng: np.random.Generator) -> np.ndarray:
    """h w 4 uint8: a smooth random shape, up to `size` pixels across, of the photograph."""
    drawn = (blob if rng.random() < 0.6 else islands)(size, rng)
    return cropped(window(name, size, rng), drawn)


def blob(size: int, rng: np.random.Generator) -> np.ndarray:
    """size size uint8 mask of one part: its radius swings as the angle goes round."""
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    radius = np.ones_like(angle)
    for times in range(2, 7):
        radius += rng.normal(0, 0.5 / times) * np.cos(times * angle + rng.uniform(0, 2 * np.pi))
    radius = np.clip(radius, 0.3, None)
    across, down = radius * np.cos(angle) * rng.uniform(0.5, 1), radius * np.sin(angle) * rng.uniform(0.5, 1)
    reach = 2.05 * max(abs(across).max(), abs(down).max()) / (size * FINE)
    mask = Image.new("L", (size * FINE, size * FINE))
    middle = size * FINE / 2
    ImageDraw.Draw(mask).polygon(list(zip(middle + across / reach, middle + down / reach)), fill=255)
    return np.asarray(mask.reduce(FINE))


def islands(size: int, rng: np.random.Generator) -> np.ndarray:
    """size size uint8 mask of several parts, with holes: where smooth noise is highest."""
    few = int(rng.integers(5, 9))
    noise = Image.fromarray(rng.normal(size=(few, few)).astype(np.float32))
    values = np.asarray(noise.resize((size * 4, size * 4), Image.Resampling.BICUBIC))
    y, x = np.mgrid[-1 : 1 : size * 4j, -1 : 1 : size * 4j]
    values = values - 12 * np.maximum(np.hypot(x, y) - 0.75, 0)  # nothing touches the window's border
    mask = (values > np.quantile(values, rng.uniform(0.6, 0.75))).astype(np.uint8) * 255
    return np.asarray(Image.fromarray(mask).reduce(4))


def cropped(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """h w 4 uint8: the picture with this mask, without its transparent rim."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    area = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return np.dstack([picture[area], mask[area]])
