"""Sky, ground and the surfaces of out of doors: leaves, bark, house fronts."""

import numpy as np

from .. import textures
from ..raycast.materials import Material, linear, textured, tile


def ground_material(rng: np.random.Generator, kind: str, style: str, gloss: float) -> Material:
    """The ground: paving, or earth and grass in their own greens and browns."""
    colours = None
    if style == "nature":
        tone = textures.palette(rng, 1, "nature" if rng.random() < 0.3 else "wood")[0]
        if kind in ("grass", "leaves", "noise") and rng.random() < 0.7:
            tone = np.array((0.32, 0.42, 0.17)) * rng.uniform(0.6, 1.3) * (1 + rng.normal(0, 0.12, 3))
        colours = np.clip(tone * np.array([[0.65], [1.0], [1.3]]) * (1 + rng.normal(0, 0.05, (3, 3))), 0, 1)
    waves = 0.8 * (kind in ("grass", "leaves", "ripples"))  # the wind moves it
    return textured(rng, kind, style, 128, rng.uniform(0.3, 1), colours, rng.uniform(1, 2.5), gloss=gloss, rough=waves)


def sky(rng: np.random.Generator, rows: int = 192, columns: int = 256) -> np.ndarray:
    """A panorama (rows, columns, 3) of linear light: sky, clouds, and ridges or roofs along the horizon."""
    low, high = textures.palette(rng, 1, "sky")[0], textures.palette(rng, 1, "sky")[0]
    if rng.random() < 0.5:
        low, high = np.array((0.85, 0.9, 0.95)), np.array((0.35, 0.55, 0.85)) * rng.uniform(0.8, 1.1)
    level = np.clip(1 - 2 * (np.arange(rows) + 0.5) / rows, 0, 1)[:, None, None] ** 0.6
    shown = (low * (1 - level) + high * level) * np.ones((1, columns, 1))
    cloud = np.clip(textures.field("clouds", rng, columns) * 2 - rng.uniform(0.6, 1.6), 0, 1)[:rows, :, None]
    cloud = cloud * np.minimum(1, level * 2 + 0.25)
    shown = shown * (1 - cloud) + np.array((0.97, 0.96, 0.95)) * cloud
    _ridge(rng, shown, low)
    return linear(np.clip(shown, 0, 1).astype(np.float32)) * np.float32(1.6)


def _ridge(rng: np.random.Generator, shown: np.ndarray, air: np.ndarray) -> None:
    """Paint up to three ridges of hills, woods or roofs along the horizon, the farthest palest."""
    rows, columns = shown.shape[:2]
    for far in np.linspace(0.7, 0.15, int(rng.integers(1, 4))):
        wave = rng.normal(size=columns // 2 + 1) + 1j * rng.normal(size=columns // 2 + 1)
        wave /= (1 + np.arange(len(wave))) ** rng.uniform(0.9, 1.8)
        line = np.fft.irfft(wave, columns)
        if rng.random() < 0.25:
            line = np.repeat(line[::8], 8)[:columns]  # roofs
        tall = rng.uniform(2, 12) * (0.4 + (line - line.min()) / np.ptp(line)) * (1.3 - far)
        tint = textures.palette(rng, 1, "nature")[0] * 0.8 * (1 - far) + air * far
        top = rows / 2 - tall
        cover = np.clip(np.arange(rows)[:, None] + 0.5 - top[None], 0, 1)[..., None]
        shown[:] = shown * (1 - cover) + tint * cover


def facade_material(rng: np.random.Generator) -> Material:
    """A house front, one window to a tile."""
    field = textures.field(str(rng.choice(["plaster", "brick", "ashlar", "concrete"])), rng, 64)
    picture = textures.colour(field, textures.palette(rng, 3, "wall")) * 0.9
    left, right = int(rng.integers(8, 22)), int(rng.integers(40, 58))
    top, bottom = int(rng.integers(8, 16)), int(rng.integers(38, 54))
    picture[top - 3 : bottom + 3, left - 3 : right + 3] = textures.palette(rng, 1, "wall")[0]
    glass = np.linspace(rng.uniform(0.1, 0.6), rng.uniform(0.05, 0.3), bottom - top)[:, None, None]
    picture[top:bottom, left:right] = glass * (0.85, 0.95, 1.1)
    picture[top:bottom, (left + right) // 2 - 1 : (left + right) // 2 + 1] = 0.7
    return Material(tile(linear(np.clip(picture, 0, 1).astype(np.float32))), metres=rng.uniform(2.0, 3.4))


def foliage_material(rng: np.random.Generator) -> Material:
    """Leaves, from spring green to autumn red."""
    green = np.array([(0.1, 0.2, 0.06), (0.25, 0.42, 0.14), (0.5, 0.62, 0.26)]) * rng.uniform(0.7, 1.15)
    autumn = np.array([(0.3, 0.12, 0.04), (0.65, 0.35, 0.1), (0.85, 0.65, 0.25)])
    mix = rng.uniform(0.4, 1) if rng.random() < 0.2 else rng.uniform(0, 0.2)
    colours = np.clip(green * (1 - mix) + autumn * mix, 0, 1)
    return textured(rng, "leaves", colours=colours, rough=0.8, scale=rng.uniform(0.7, 1.6))


def bark_material(rng: np.random.Generator) -> Material:
    """Bark, from birch to oak."""
    tone = np.array(rng.choice([(0.35, 0.27, 0.2), (0.5, 0.46, 0.42), (0.22, 0.17, 0.13), (0.8, 0.78, 0.74)]))
    return textured(rng, "bark", colours=[tone * 0.5, tone, np.minimum(tone * 1.2, 1)])
