"""Surfaces: what a cut-out shape is filled with, and how light makes it round, glossy, dark or pale."""

from functools import partial

import numpy as np

from ..clutter import texture_patch
from ..textures import GROUPS, NAMES, STYLES, colour, field, palette
from ..textures.noise import box_mean, fractal
from .outlines import blob, cloud, plain, polygon
from .pen import cover


def tile_size(h: int, w: int) -> int:
    """The size in pixels of a texture tile large enough for h by w pixels (few sizes, so that caches work)."""
    return 128 if max(h, w) <= 128 else 256 if max(h, w) <= 256 else max(h, w)


def ramp(rng: np.random.Generator, h: int, w: int) -> np.ndarray:
    """A field h w in 0..1 that rises evenly in a random direction, or from a centre."""
    y, x = np.linspace(-1, 1, h, dtype=np.float32)[:, None], np.linspace(-1, 1, w, dtype=np.float32)
    if rng.uniform() < 0.3:
        return np.clip(np.hypot(x - rng.uniform(-1, 1), y - rng.uniform(-1, 1)) / 2, 0, 1)
    angle = rng.uniform(0, 2 * np.pi)
    return 0.5 + (x * np.cos(angle) + y * np.sin(angle)) / (2 * (abs(np.cos(angle)) + abs(np.sin(angle))))


def tones(rng: np.random.Generator, count: int) -> np.ndarray:
    """Colours count 3 in 0..1 that go together, of any hue or of a material."""
    return palette(rng, count, str(rng.choice(["any"] * 7 + list(STYLES))))


def flat(rng: np.random.Generator, h: int, w: int) -> np.ndarray:
    """One colour h w 3, or a gradient between two or three."""
    return colour(ramp(rng, h, w), tones(rng, int(rng.integers(1, 4))))


def textured_surface(rng: np.random.Generator, h: int, w: int, kinds: tuple[str, ...] = NAMES) -> np.ndarray:
    """A texture h w 3 in colours of its own, anywhere between coarse and fine."""
    size = tile_size(h, w)
    tile = field(kinds[rng.integers(len(kinds))], rng, size)
    step, start = rng.choice([0.5, 1, 1, 2]), rng.integers(0, size, 2)
    for axis, n in enumerate((h, w)):  # read the endless tile every `step` pixels, between two of them if need be
        at = start[axis] + step * np.arange(n)
        near, part = at.astype(int), (at % 1).astype(np.float32)
        a, b = (np.take(tile, (near + k) % size, axis) for k in (0, 1))
        tile = a + (b - a) * (part[:, None] if axis == 0 else part)
    return colour(tile, tones(rng, int(rng.integers(2, 6))))


def camouflage(rng: np.random.Generator, h: int, w: int) -> np.ndarray:
    """Smooth patches of a few colours of nature h w 3."""
    noise = fractal(rng, tile_size(h, w), rng.uniform(1.2, 2.2))[:h, :w]
    colours = palette(rng, int(rng.integers(3, 6)), str(rng.choice(["nature", "stone", "any"])))
    levels = np.quantile(noise[::3, ::3], np.linspace(0, 1, len(colours) + 1)[1:-1])
    return colours[np.digitize(noise, levels)]


def photo(rng: np.random.Generator, h: int, w: int) -> np.ndarray:
    """A piece of a picture h w 3: half of them of a whole scene, else a few textured things under one light."""
    if rng.random() < 0.5:
        return texture_patch(rng, h, w).astype(np.float32) / 255
    picture = textured_surface(rng, h, w)
    for _ in range(rng.integers(1, 4)):
        layers = (blob, polygon, plain, cloud)[rng.integers(4)](rng)
        scale, place = np.sqrt(h * w) * rng.uniform(0.2, 0.6), rng.uniform(0, [w, h])
        inside = cover([np.clip(p * scale + place, -w, 2 * w) for p in layers[0][1]], h, w)[..., None]
        thing = (flat, textured_surface)[rng.integers(2)](rng, h, w)
        picture = picture + inside * (thing - picture)
    return picture * (1 + rng.uniform(0, 0.6) * (ramp(rng, h, w) - 0.5))[..., None]


def surface(rng: np.random.Generator, h: int, w: int) -> np.ndarray:
    """Colours h w 3 in 0..1 for the main surface of a shape."""
    patterned = partial(textured_surface, kinds=GROUPS["pattern"])
    fills = (flat, textured_surface, patterned, camouflage, photo)
    return fills[rng.choice(5, p=[0.3, 0.28, 0.14, 0.08, 0.2])](rng, h, w)


def rounded(rng: np.random.Generator, inside: np.ndarray) -> np.ndarray:
    """The light h w on a body that bulges between its edges, lit from a random side; 1 is neither lit nor dark."""
    widest = max(2, int(np.sqrt(inside.sum()) / 3))
    height = sum(box_mean(inside, r) for r in (1, max(1, widest // 4), max(1, widest // 2), widest)) / 4
    down, right = np.gradient(box_mean(height, 1) * rng.uniform(0.4, 1.2) * widest)
    light = rng.normal(0, 1, 2)
    light /= np.linalg.norm(light)
    return 1 + rng.uniform(0.3, 0.7) * -(right * light[0] + down * light[1]) / np.sqrt(1 + right**2 + down**2)


def glossy(rng: np.random.Generator, inside: np.ndarray) -> np.ndarray:
    """A highlight h w in 0..1 somewhere inside a shape."""
    rows, columns = np.nonzero(inside >= 0.5 * inside.max())
    at = rng.integers(len(rows))
    y, x = np.arange(inside.shape[0])[:, None] - rows[at], np.arange(inside.shape[1]) - columns[at]
    spread = np.sqrt(inside.sum()) * rng.uniform(0.05, 0.25, 2)
    return np.exp(-((x / spread[0]) ** 2) - (y / spread[1]) ** 2) * rng.uniform(0.3, 0.9)


def lit_surface(rng: np.random.Generator, colours: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """The colours h w 3 under a light of chance: round or flat, bright, dark or dull, glossy now and then."""
    kind = rng.uniform()
    if kind < 0.5:
        colours = colours * rounded(rng, inside)[..., None]
    elif kind < 0.7:
        colours = colours * (1 + rng.uniform(0.2, 0.7) * (ramp(rng, *inside.shape) - 0.5))[..., None]
    if rng.uniform() < 0.15:
        colours = colours + (1 - colours) * glossy(rng, inside)[..., None]
    mood = rng.uniform()
    if mood < 0.15:  # low contrast: towards the mean colour
        colours = colours.mean((0, 1)) + (colours - colours.mean((0, 1))) * rng.uniform(0.15, 0.5)
    elif mood < 0.3:
        colours = np.clip(colours, 0, 1) ** rng.choice([0.6, 1.7, 2.5])
    return np.clip(colours, 0, 1)
