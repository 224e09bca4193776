"""Textures that are made: planks, bricks, tiles, cloth, ornament. Each returns one tile in about 0..1."""

import numpy as np

from .noise import TEXTURES, blocks, fractal, soft_edge, soften, stamps, texture, texture_grid, wave


def _grained(rng, size: int, shade: np.ndarray, inside: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Boards that run across: one shade each, grain of their own, dark joints."""
    grain = fractal(rng, size, 0.9, across=12)
    slide = rng.integers(0, size, int(row.max()) + 1)[row]  # S 1
    grain = np.take_along_axis(grain, (np.arange(size) + slide) % size, 1)
    return np.clip((0.25 + 0.45 * shade + 0.7 * (grain - 0.35)), 0, 1) * (0.25 + 0.75 * inside)


TEXTURES |= {  # 8 floorboards of 15 cm, each with one joint per tile; strips of 10 cm by 40 cm, 12 rows of 3
    "planks": (1.2, ("wood", "floor"), lambda rng, n: _grained(rng, n, *blocks(rng, n, 8, 1, None, 0.005))),
    "parquet": (1.2, ("wood", "floor"), lambda rng, n: _grained(rng, n, *blocks(rng, n, 12, 3, None, 0.003))),
}


@texture(1.2, "wood", "floor")
def herringbone(rng, size):
    """Blocks of 7.5 cm by 30 cm at right angles, 16 widths across; turn it by 45 degrees to lay a floor."""
    n, count = 4, 16
    u, v = texture_grid(size)
    x, y = u * count, v * count
    i, j = x.astype(np.int32), y.astype(np.int32)
    k = (i - j) % (2 * n)
    flat = k < n
    along = np.where(flat, k + x - i, 2 * n - 1 - k + y - j)
    inset = np.minimum(0.5 - np.abs(np.where(flat, y - j, x - i) - 0.5), np.minimum(along, n - along))
    at = np.where(flat, j, j - (2 * n - 1 - k)) % count, np.where(flat, i - k, i) % count
    shade = rng.random((count, count), dtype=np.float32)[at]
    grain = np.where(flat, fractal(rng, size, 0.8, across=8), fractal(rng, size, 0.8, along=8))
    board = np.clip(0.2 + 0.55 * shade + 0.5 * (grain - 0.4), 0, 1)
    return board * (0.3 + 0.7 * soft_edge(inset / count - 0.002, size))


@texture(1.0, "stone", "wall")
def brick(rng, size):
    """Brickwork: 12 courses of 4 bricks, each 25 cm by 8.3 cm, pale joints."""
    shade, inside, _ = blocks(rng, size, 12, 4, 0.5, 0.014)
    face = np.clip(0.15 + 0.4 * shade + 0.3 * (fractal(rng, size, 0.6) - 0.5), 0, 1)
    return 0.85 + inside * (face - 0.85)


@texture(2.0, "stone", "wall")
def ashlar(rng, size):
    """Blocks of dressed stone: 5 courses of 2, fine dark joints."""
    shade, inside, _ = blocks(rng, size, 5, 2, None, 0.008)
    return (0.4 + 0.3 * shade + 0.5 * (fractal(rng, size, 0.9) - 0.5)) * (0.4 + 0.6 * inside)


@texture(1.2, "stone", "floor", "wall")
def tiles(rng, size):
    """Square tiles of 30 cm, 4 across, with grout."""
    shade, inside, _ = blocks(rng, size, 4, 4, 0, 0.012)
    return np.clip(0.45 + 0.3 * shade + 0.4 * (fractal(rng, size, 1.4) - 0.5), 0, 1) * inside + 0.1 * (1 - inside)


@texture(2.4, "stone", "floor")
def slabs(rng, size):
    """Large slabs with clouded faces, 2 across, in rows that are shifted by a half."""
    shade, inside, _ = blocks(rng, size, 4, 2, 0.5, 0.005)
    return np.clip(0.3 + 0.3 * shade + 0.7 * (fractal(rng, size, 1.3) - 0.4), 0, 1) * (0.3 + 0.7 * inside)


@texture(0.3, "stone", "pattern")
def mosaic(rng, size):
    """Small stones in many shades, 16 across."""
    shade, inside, _ = blocks(rng, size, 16, 16, 0, 0.012)
    return shade * inside + 0.5 * (1 - inside)


@texture(1.2, "stone", "floor", "pattern")
def hexagons(rng, size):
    """Six-cornered tiles: 7 across in each of 8 rows."""
    u, v = texture_grid(size)
    x, y, best, own = u * 7, v * 8, np.float32(9), np.float32(0)
    tint = rng.random((2, 4, 7), dtype=np.float32)
    for odd in (0, 1):
        column, row = np.floor(x + 0.5 * (1 - odd)), np.floor((y - odd) / 2 + 0.5)
        dx, dy = np.abs(x - column - 0.5 * odd), np.abs(y - 2 * row - odd)
        distance = np.maximum(dx, 0.5 * dx + 0.75 * dy)
        shade = tint[odd][row.astype(int) % 4, column.astype(int) % 7]
        best, own = np.minimum(best, distance), np.where(distance < best, shade, own)
    return (0.3 + 0.7 * own) * soft_edge((0.475 - best) / 7, size)


@texture(1.0, "pattern", "floor")
def checks(rng, size):
    """A chequerboard, 2 to 10 across, a little worn."""
    n = 2 * rng.integers(1, 6)
    u, v = texture_grid(size)
    board = ((u * n).astype(int) + (v * n).astype(int)) % 2
    return 0.1 + 0.8 * board + 0.2 * (fractal(rng, size, 1.2) - 0.5)


@texture(1.0, "pattern", "fabric", "wall")
def stripes(rng, size):
    """Upright stripes of a few widths, 1 to 6 repeats across."""
    u, v = texture_grid(size)
    shades = np.repeat(rng.permutation(np.linspace(0, 1, rng.integers(2, 6), dtype=np.float32)), 8)
    shades = shades[np.sort(rng.integers(0, len(shades), 24))]  # stripes of uneven width
    shades[-1] = shades[0]  # the first stripe begins on the tile before
    place = (u * rng.integers(1, 7) % 1 * 24).astype(int)
    return shades[place] + 0 * v


@texture(0.5, "pattern", "fabric")
def dots(rng, size):
    """Dots of one size in half-drop rows, 4 to 10 across."""
    n, radius = 2 * rng.integers(2, 6), rng.uniform(0.15, 0.42)
    u, v = texture_grid(size)
    y = v * n
    x = u * n + 0.5 * (y.astype(int) % 2)
    return soft_edge((radius - np.hypot(x % 1 - 0.5, y % 1 - 0.5)) / n, size)


@texture(0.4, "fabric", "pattern")
def plaid(rng, size):
    """Tartan: the same bands across and down, with a twill."""
    bands = np.repeat(rng.random(8, dtype=np.float32), rng.integers(1, 9, 8))
    bands = np.concatenate([bands, bands[::-1]])
    line = bands[np.arange(size) * len(bands) // size]
    twill = (np.arange(size)[:, None] + np.arange(size)[None, :]) % 4 < 2
    return np.where(twill, line[:, None], line[None, :]) * 0.5 + 0.25 * (line[:, None] + line[None, :])


@texture(0.1, "fabric")
def weave(rng, size):
    """Threads over and under, 8 to 16 across."""
    n = 2 * rng.integers(4, 9)
    u, v = texture_grid(size)
    x, y = u * n, v * n
    over = (x.astype(int) + y.astype(int)) % 2 == 0
    shade = np.where(over, wave(y) * (0.6 + 0.4 * wave(x)), wave(x) * (0.6 + 0.4 * wave(y)) * 0.8)
    return shade + 0.3 * (fractal(rng, size, 1) - 0.5)


@texture(0.15, "fabric")
def knit(rng, size):
    """Rows of stitches like small V, 8 across and 10 down."""
    u, v = texture_grid(size)
    lean = np.abs((u * 8) % 1 - 0.5)
    stitch = wave(v * 10 + lean) * wave(u * 16)
    return 0.15 + 0.8 * np.sqrt(stitch) + 0.3 * (fractal(rng, size, 0.5) - 0.5)


@texture(0.6, "pattern", "fabric", "wall")
def damask(rng, size):
    """A mirrored ornament in half-drop repeat, two tones."""
    field = fractal(rng, size, rng.uniform(1.8, 2.3))
    field = field + field[:, ::-1]
    field = field + np.roll(field, (size // 2, size // 2), (0, 1))
    index = np.arange(size) * 2 % size  # two repeats across
    field = 0.5 + (field[index[:, None], index[None, :]] - field.mean()) / (5 * field.std())
    return soften(0.15 + 0.7 * soft_edge((wave(3 * field) - 0.5) / 8, size))


@texture(1.6, "fabric", "floor", "pattern")
def rug(rng, size):
    """An oriental rug: borders, a middle with ornament, mirrored both ways."""
    u, v = texture_grid(size)
    x, y = np.abs(2 * u - 1), np.abs(2 * v - 1)
    edge = np.maximum(x, y)
    a, b, c = rng.integers(2, 8, 3)
    middle = wave(a * x * y + b * (x - y) ** 2) * wave(c * (x + y)) > 0.4
    border = wave(9 * (np.minimum(x, y) + (x > y) * 0.5)) > 0.5
    bands = (edge * 24).astype(int) % 3 * 0.3
    return np.where(edge > 0.92, bands + 0.2, np.where(edge > 0.72, 0.25 + 0.5 * border, 0.1 + 0.8 * middle))


@texture(0.8, "pattern", "fabric")
def zigzag(rng, size):
    """Chevrons: 2 to 6 points across, 3 to 10 bands down."""
    u, v = texture_grid(size)
    tooth = np.abs((u * rng.integers(2, 7)) % 1 - 0.5)
    return soft_edge((wave(v * rng.integers(3, 11) + tooth * rng.uniform(0.6, 2)) - 0.5) / 12, size)


@texture(1.0, "pattern")
def circles(rng, size):
    """Rings round the middle of each of 2 to 5 cells across."""
    n = rng.integers(2, 6)
    x, y, own = stamps(rng, size, n)
    return wave(np.hypot(x, y) * rng.uniform(1, 4) + own) * soft_edge((1 - np.hypot(x, y)) / (2 * n), size)


@texture(0.8, "pattern")
def maze(rng, size):
    """Quarter rings turned at random (Truchet tiles), 8 across."""
    u, v = texture_grid(size)
    x, y = u * 8, v * 8
    flip = (rng.random((8, 8)) < 0.5)[y.astype(int), x.astype(int)]
    x, y = np.where(flip, 1 - x % 1, x % 1), y % 1
    ring = np.minimum(np.abs(np.hypot(x, y) - 0.5), np.abs(np.hypot(1 - x, 1 - y) - 0.5))
    return soft_edge((rng.uniform(0.1, 0.25) - ring) / 8, size) * 0.9 + 0.05
