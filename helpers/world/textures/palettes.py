"""Colours that go together: paints, woods, stones, cloths, and ramps through them."""

from colorsys import hsv_to_rgb
from functools import lru_cache

import numpy as np

_CODES = {
    "wall": "f3efe6 ece4d4 e9e6df dcd8cf cfc8bb b8b2a7 9c9a94 6f6d6a e6dfd3 d9cbb4 c9b79a 7a2e2b 8c3b33 5e2028 "
    "a3b18a 8a9a7b 6b7f68 4f6b5c 2f4a40 1f3352 2c4668 51708c 8fa9b8 b9cad1 d8b45a c98e3d b8683f d9a48f c7a0a0 6d5070 "
    "3b3a3c f7f5f1 fbfaf7 e3d9ea",
    "floor": "5a3b22 7a5230 96683f b58352 c99e6b d9b88a 3c2a1d 8a4f2d a5673f 6e6459 8f877b aaa397 c7c1b5 e0dbd0 4c4a48 "
    "2f2f31 7d8385 b09a84 9a5b42 d6cbb8",
    "wood": "3c2416 55351f 6f4526 8a5a33 a5713f bd8b54 d0a671 dfc193 7b3f22 94502d 2c1e17 b9966b e6d2ac 8d7458",
    "stone": "e8e4dc d2ccc1 b7b1a6 99958d 7b7974 5d5c5a 3f3f41 c9bba5 a8957c 8c7862 6f8088 93a3a6 b3877a 7a5a54 dfe3e2 "
    "4d5b52 f1ece2",
    "fabric": "8b1e2d b5473c d98b5f e8c07d f2e3c6 34506b 1f2a44 4f7f8c 7fb0a8 4a5d3a 8a9a5b 6b3f63 a86f92 e3b7c0 "
    "2b2b2e 5b5550 a39b90 dcd5ca f5f2ec c2a14d 24614f 0f4c81",
    "nature": "2e4a1f 44652b 5f8437 86a24a b3c46a d8cf8a 6b4a2a 8f6a40 b58f5e dcc197 3a2c1e 4f6f7f 7fa3b5 b7d0da "
    "87726a c25a3a e0a43a d8d2c4 566047 20331c e6e9e4",
    "metal": "d9dcde b4b9bd 8d9296 63676b 3d4043 c8a45a 9a7a3c b5744c 7d4a2e 8fa0a3 a8a29a",
    "sky": "bcd6ea 8fbbe0 5f94cc 3f72b0 dfe9f0 f4e3cf f2c9a0 e89a72 b9a7c0 7486a6 c9ced2 a4abb2 f7f4ee",
}
STYLES = {
    style: (np.array([list(bytes.fromhex(code)) for code in codes.split()]) / 255).astype(np.float32)
    for style, codes in _CODES.items()
}


def paint(rng, style: str = "any") -> np.ndarray:
    """One colour (3,) in 0..1: a named paint a little varied, or any hue at all."""
    if style == "any":
        hue, saturation = rng.random(), rng.beta(1.2, 1.6)
        return np.array(hsv_to_rgb(hue, saturation, rng.beta(1.6, 1.3)), np.float32)
    if style == "grey":
        return np.full(3, rng.random(), np.float32)
    if style not in STYLES:
        raise ValueError(f"No palette style {style!r}; choose one of {', '.join([*STYLES, 'any', 'grey'])}.")
    base = STYLES[style][rng.integers(len(STYLES[style]))]
    return np.clip(base * rng.normal(1, 0.06) + rng.normal(0, 0.015, 3), 0, 1).astype(np.float32)


def shades(rng, base: np.ndarray, n: int, spread: float) -> np.ndarray:
    """n colours from dark to light round `base`, `spread` apart in 0..1, the dark ones warmer or cooler."""
    steps = np.linspace(-1, 1, n, dtype=np.float32)[:, None] if n > 1 else np.zeros((1, 1), np.float32)
    lean = rng.normal(0, 0.12, 3).astype(np.float32) * spread
    return np.clip(base * (1 + spread * steps) + 0.25 * spread * steps + lean * steps, 0, 1).astype(np.float32)


def palette(rng, n: int, style: str = "any") -> np.ndarray:
    """n colours (n, 3) in 0..1 that go together: shades of one paint for surfaces, often several hues for the rest."""
    spread = {"wall": 0.05, "floor": 0.22, "wood": 0.25, "stone": 0.18, "metal": 0.3, "sky": 0.12}.get(style)
    if spread is not None:
        return shades(rng, paint(rng, style), n, spread * rng.uniform(0.6, 1.4))
    if rng.random() < 0.35:
        return shades(rng, paint(rng, style), n, rng.uniform(0.15, 0.6))
    chosen = np.stack([paint(rng, style) for _ in range(n)])
    if rng.random() < 0.6:  # in order of lightness, so that a ramp through them shades like a material
        chosen = chosen[np.argsort(chosen @ np.array([0.3, 0.6, 0.1], np.float32))]
    return chosen


@lru_cache(maxsize=16)
def _ramps(n: int) -> np.ndarray:
    """How much of each of n colours there is at each of 256 steps of their ramp (256 n)."""
    place = np.linspace(0, n - 1, 256)[:, None]
    return np.maximum(0, 1 - np.abs(place - np.arange(n))).astype(np.float32)


def colour(field: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """The picture (h, w, 3) float32 in 0..1 of a field in 0..1 seen through a ramp of n colours."""
    ramp = _ramps(len(colours)) @ np.asarray(colours, np.float32)
    return ramp[(np.clip(field, 0, 1) * 255).astype(np.uint8)]
