"""Shapes: anything that may be cut out and pasted into a scene, of every outline, surface and light (label 0)."""

from functools import partial

import numpy as np

from ..clutter import texture_patch
from ..drawn import Cutout, pick
from ..people.creatures import creature
from ..textures import GROUPS, NAMES, STYLES, colour, field, palette
from ..textures.noise import box_mean, fractal
from . import outlines, prop, vehicle
from .outlines import CUT, Layer
from .pen import cover, rect

# share of all shapes: 40 blobs and photo-filled outlines, 40 things, 20 thin or odd ones
BLOBS = {"blob": 12, "noise": 8, "photo": 20}
THINGS = {"solid": 10.0, "car": 4.0, "cycle": 2.0, "tool": 2.0, "umbrella": 2.0, "placard": 2.0, "bag": 2.0}
THINGS |= {"house": 2.0, "animal": 6.5, "fish": 0.5, "leaf": 2.0, "plant": 3.0, "figure": 2.0}
ODD = {"stick": 2.5, "wire": 2.0, "branching": 2.0, "crumbs": 2.0, "plain": 2.0, "polygon": 1.7, "cloud": 1.5}
ODD |= {"torn": 1.5, "letter": 1.3, "hoop": 0.9, "crescent": 0.7, "star": 0.7, "ladder": 0.6, "arrow": 0.6}
KINDS = {**BLOBS, **THINGS, **ODD}
MESHES = {"animal": partial(creature, longer=True), "car": vehicle, "solid": prop}  # their outline is a solid's
FREE = ("blob", "blob", "noise", "noise", "polygon", "plain", "torn", "cloud", "crescent")  # outlines for photographs


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
        layers = (outlines.blob, outlines.polygon, outlines.plain, outlines.cloud)[rng.integers(4)](rng)
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


def _placed(rng: np.random.Generator, layers: list[Layer], long: float, loose: bool) -> tuple[list[Layer], int, int]:
    """The layers turned, mirrored, stretched, and scaled to `long` pixels; and the canvas' height and width."""
    upright = not loose and rng.uniform() < 0.8
    angle = rng.normal(0, 0.06) if upright else rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    stretch = np.exp(rng.normal(0, 0.55 if loose else 0.12, 2)) * [rng.choice([-1, 1]), 1]
    layers = [(tone, [p @ turn * stretch for p in polygons]) for tone, polygons in layers if polygons]
    points = np.concatenate([p for tone, polygons in layers if tone != CUT for p in polygons])
    low, extent = points.min(0), np.ptp(points, 0)
    sides = np.maximum(long * extent / extent.max(), [long / 12, long / 6])  # no taller than 12:1, no wider than 6:1
    scale = sides / np.maximum(extent, 1e-9)
    w, h = (np.ceil(sides).astype(int) + 6).tolist()
    return [(tone, [(p - low) * scale + 3 for p in polygons]) for tone, polygons in layers], h, w


def noise_cover(rng: np.random.Generator, h: int, w: int) -> np.ndarray:
    """The cover h w in 0..1 where smooth noise is high: islands with bays and holes."""
    noise = fractal(rng, tile_size(h, w), rng.uniform(1.6, 3.0))[:h, :w]
    noise = (noise - noise.mean()) / noise.std()
    y, x = np.linspace(-1, 1, h)[:, None], np.linspace(-1, 1, w)
    hill = noise + rng.uniform(0.8, 2.5) * (0.7 - 1.7 * np.maximum(x**2 + y**2, np.maximum(x**4, y**4)))
    slope = np.hypot(*np.gradient(hill)) + 0.02
    inside = np.clip((hill - rng.uniform(-0.3, 0.6)) / slope + 0.5, 0, 1)
    return inside.astype(np.float32) if inside.max() == 1 else np.ones((h, w), np.float32)


def painted(rng: np.random.Generator, layers: list[Layer], colours: np.ndarray, plain: bool):
    """Layer over layer: colours h w 3 and cover h w; a `plain` one has the main surface all over."""
    h, w = colours.shape[:2]
    main, total = colours, np.zeros((h, w), np.float32)
    others = [flat(rng, h, w)]
    others.append((flat if rng.uniform() < 0.7 else textured_surface)(rng, h, w))
    for tone, polygons in layers:
        part = cover(polygons, h, w)
        if tone == CUT:
            total = total * (1 - part)
            continue
        under = total * (1 - part)
        total = under + part
        if not plain:
            share = (part / np.maximum(total, 1e-6))[..., None]
            colours = colours + share * ((main, *others)[tone] - colours)
    return colours, total


def rimmed(rng: np.random.Generator, inside: np.ndarray) -> np.ndarray:
    """The cover with a hard edge, a soft one of one to three pixels, or seldom a half transparent rim."""
    kind = rng.uniform()
    if kind < 0.55:
        return inside
    wide = box_mean(inside, int(rng.choice([1, 1, 2])))
    if not (wide > 0.999).any() or np.median(wide[inside > 0.9]) < 0.9:  # too thin to lose its edge
        return inside
    if kind < 0.92:
        return np.where(wide > 0.999, 1, wide)
    return np.where(wide > 0.95, 1, 0.6 * inside)


def _meshed(rng: np.random.Generator, kind: str, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Colours h w 3 and cover h w of a solid in its own light and in any surface, upright or fallen over."""
    picture = MESHES[kind](rng, size, float(rng.choice([0, rng.uniform(0.1, 1.2)]))).picture / np.float32(255)
    picture = np.rot90(picture, rng.choice(4, p=[0.8, 0.08, 0.04, 0.08]))
    light, inside = picture[..., :3].mean(-1), picture[..., 3]
    return surface(rng, *inside.shape) * (light / np.average(light, weights=inside))[..., None] ** 0.7, inside


def _laid(rng: np.random.Generator, kind: str, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Colours h w 3 and cover h w of a shape made of layers, before light falls on it."""
    name = str(rng.choice(FREE)) if kind == "photo" else kind
    frame = [(0, [rect(-1, -1, 1, 1)])] if name == "noise" else getattr(outlines, name)(rng)
    layers, h, w = _placed(rng, frame, (0.9 if name == "noise" else 0.8) * size, kind in BLOBS or kind in ODD)
    colours = (photo if kind == "photo" else surface)(rng, h, w)
    colours, inside = painted(rng, layers, colours, plain=kind == "photo" or rng.uniform() < 0.25)
    return colours, noise_cover(rng, h, w) if name == "noise" else inside


def shape(rng: np.random.Generator, size: int) -> Cutout:
    """Something to paste anywhere, about 0.8 `size` pixels on its longer side."""
    kind = pick(rng, KINDS)
    colours, inside = (_meshed if kind in MESHES else _laid)(rng, kind, size)
    if kind not in MESHES and (kind != "photo" or rng.uniform() < 0.3):
        colours = lit_surface(rng, colours, inside)
    picture = np.dstack([colours, rimmed(rng, inside)[..., None]])
    picture = (np.clip(picture, 0, 1) * 255).round().astype(np.uint8)
    rows, columns = np.flatnonzero(picture[..., 3].any(1)), np.flatnonzero(picture[..., 3].any(0))
    picture = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Cutout(np.ascontiguousarray(picture), 1.0, 0, kind, stands=False)
