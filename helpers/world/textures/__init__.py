"""Textures by name: `field(kind, rng)` is one tile of a material, which repeats without a seam.

A field holds no colour: `colour(field, palette(rng, 3, "wood"))` gives it one. `TEXTURES[kind][0]` is the natural
length in metres of a tile's edge, so `field` at (x / metres, z / metres) covers a floor with boards of the right width.
"""

import numpy as np

from . import natural, patterns  # noqa: F401  (they enter their kinds into the table)
from .noise import TEXTURES
from .palettes import STYLES, colour, paint, palette

NAMES = tuple(sorted(TEXTURES))
GROUPS = {
    group: tuple(name for name in NAMES if group in TEXTURES[name][1])
    for group in sorted({group for _, groups, _ in TEXTURES.values() for group in groups})
}


def field(kind: str, rng: np.random.Generator, size: int = 128) -> np.ndarray:
    """One tile of the texture `kind`: (size, size) float32 in 0..1 that repeats without a seam."""
    if kind not in TEXTURES:
        raise ValueError(f"No texture called {kind!r}; choose one of {', '.join(NAMES)}.")
    return np.clip(TEXTURES[kind][2](rng, size), 0, 1).astype(np.float32, copy=False)
