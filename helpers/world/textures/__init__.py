"""Textures by name: `field(kind, rng)` is one tile of a material, which repeats without a seam.

A field holds no colour: `colour(field, palette(rng, 3, "wood"))` gives it one. `METRES[kind]` is the natural length of
a tile's edge, so `field` at (x / METRES, z / METRES) covers a floor with boards of the right width.
"""

import numpy as np

from . import natural, patterns  # noqa: F401  (they enter their kinds into the table)
from .noise import DRAW, FAMILY, METRES
from .palettes import STYLES, colour, paint, palette

__all__ = ["GROUPS", "METRES", "NAMES", "STYLES", "colour", "field", "paint", "palette"]

NAMES: tuple[str, ...] = tuple(sorted(DRAW))
GROUPS: dict[str, tuple[str, ...]] = {
    group: tuple(name for name in NAMES if group in FAMILY[name])
    for group in sorted({group for groups in FAMILY.values() for group in groups})
}


def field(kind: str, rng: np.random.Generator, size: int = 128) -> np.ndarray:
    """One tile of the texture `kind`: (size, size) float32 in 0..1 that repeats without a seam."""
    if kind not in DRAW:
        raise ValueError(f"No texture called {kind!r}; choose one of {', '.join(NAMES)}.")
    return np.clip(DRAW[kind](rng, size), 0, 1).astype(np.float32, copy=False)
