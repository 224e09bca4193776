"""Surfaces: a tile of colours with its own smaller copies, so that far floors do not flicker."""

from dataclasses import dataclass

import numpy as np

from .. import textures
from .scene import Material


@dataclass(frozen=True)
class Tile:
    """A square picture in linear light and its halvings, laid one after the other in one array."""

    texels: np.ndarray  # n 3 float32
    size: int  # a power of two

    def sample(self, u, v, footprint) -> np.ndarray:
        """Colours (n, 3) at u, v, counted in tiles; `footprint` is the width of a sample in tiles."""
        levels = self.size.bit_length()
        level = np.frexp(footprint * np.float32(self.size))[1]
        np.minimum(np.maximum(level, 0, out=level), levels - 1, out=level)
        sides = self.size >> np.arange(levels, dtype=np.int32)
        starts = (4 * self.size * self.size - 4 * sides * sides) // 3  # texels of all larger copies
        side, scale = sides[level], sides.astype(np.float32)[level]
        column, row = np.floor(u * scale).astype(np.int32), np.floor(v * scale).astype(np.int32)
        side -= 1
        row &= side
        column &= side
        side += 1
        row *= side
        row += column
        row += starts[level]
        return self.texels.take(row, 0)


def half_size(picture: np.ndarray) -> np.ndarray:
    """A picture (2h, 2w, 3) at half its size: the mean of each four pixels."""
    return (picture[::2, ::2] + picture[1::2, ::2] + picture[::2, 1::2] + picture[1::2, 1::2]) * np.float32(0.25)


def tile(colours: np.ndarray) -> Tile:
    """A tile from a square float picture (size size 3), size a power of two."""
    copies, size = [], len(colours)
    while True:
        copies.append(colours.reshape(-1, 3))
        if len(colours) == 1:
            return Tile(np.concatenate(copies).astype(np.float32), size)
        colours = half_size(colours)


def linear(picture: np.ndarray) -> np.ndarray:
    """Linear light of a picture given as shown (uint8, or float 0..1): the course's screen squares."""
    shown = picture.astype(np.float32) / 255 if picture.dtype == np.uint8 else picture.astype(np.float32)
    return shown * shown


def plain_material(colour, **more) -> Material:
    """A surface of one colour (as shown, 0..1)."""
    return Material(tile(linear(np.asarray(colour, np.float32).reshape(1, 1, 3))), metres=1.0, **more)


def textured(
    rng, kind: str, style: str = "any", size: int = 64, contrast: float = 1.0, colours=None, scale: float = 1.0, **more
) -> Material:
    """A surface of one of the texture kinds, in a palette of a style; contrast 0 leaves only its mean colour."""
    if style == "white":
        colours = np.clip(rng.uniform(0.75, 0.95) * (1 + rng.normal(0, 0.02, 3)) * [[0.93], [1.0], [1.05]], 0, 1)
    shades = textures.palette(rng, 3, style) if colours is None else np.asarray(colours, np.float32)
    picture = textures.colour(textures.field(kind, rng, size), shades)
    picture = picture.mean((0, 1)) * (1 - contrast) + picture * contrast
    return Material(tile(linear(np.clip(picture, 0, 1))), metres=textures.TEXTURES[kind][0] * scale, **more)


def pictured(picture: np.ndarray, **more) -> Material:
    """A surface that shows one square uint8 picture stretched over its face."""
    return Material(tile(linear(picture)), metres=0.0, **more)
