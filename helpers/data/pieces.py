"""Pieces of pictures as cut-outs: a smooth random shape of one scene, to be pasted on another."""

from dataclasses import replace

import numpy as np

from ..world.drawn import Cutout
from .bank import Bank

SMALLEST = 0.3  # of the scene's side: the smaller side of the window that a piece is cut from


def with_pieces(bank: Bank, count: int, seed: int = 0) -> Bank:
    """The bank with so many more cut-outs, piece i from a picture and of a shape that seed and i decide."""
    if count < 1:
        raise ValueError(f"A bank can be given one piece or more, not {count}.")
    return replace(bank, cutouts=(*bank.cutouts, *(piece(bank, i, seed) for i in range(count))))


def piece(bank: Bank, index: int, seed: int = 0) -> Cutout:
    """A part of one of the bank's pictures, cut out along a smooth random line."""
    rng = np.random.default_rng([seed, index, 41])
    picture = bank.pictures[rng.integers(len(bank.pictures))]
    size = len(picture)
    height, width = (int(size * rng.uniform(SMALLEST, 0.9)) for _ in range(2))
    top, left = rng.integers(size - height + 1), rng.integers(size - width + 1)
    window = picture[top : top + height, left : left + width]
    shape = smooth_shape(height, width, rng)
    rgba = np.dstack([window, np.rint(255 * shape).astype(np.uint8)])
    rows, columns = (np.flatnonzero((shape > 0.5).any(axis)) for axis in (1, 0))
    rgba = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Cutout(np.ascontiguousarray(rgba), 1.0, 0, "piece", stands=False)


def smooth_shape(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """height × width of 0..1, an outline r(angle) of a few waves around the middle, its rim one pixel soft."""
    v, u = np.mgrid[:height, :width] + 0.5
    y, x = 2 * v / height - 1, 2 * u / width - 1
    angle, radius = np.arctan2(y, x), np.hypot(x, y)
    outline = np.full_like(angle, rng.uniform(0.55, 0.75))
    for wave in range(1, rng.integers(3, 8)):
        outline += rng.normal(0, 0.16 / wave) * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    soft = rng.choice([0.5, 1.0, 2.0])  # pixels
    return np.clip(0.5 + (outline.clip(0.15, 1) - radius) * min(height, width) / 2 / soft, 0, 1)
