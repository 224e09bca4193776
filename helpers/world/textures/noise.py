"""Building blocks of textures: grids, fractal noise, cells, blocks, stamps and strokes, all tileable."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

# kind -> natural length in metres of one tile's edge, its groups, and a function (rng, size) -> size size, about 0..1
TEXTURES: dict[str, tuple[float, tuple[str, ...], Callable]] = {}


def texture(metres: float, *groups: str) -> Callable:
    """A decorator that enters a drawing function into the table of textures."""

    def enter(draw: Callable) -> Callable:
        TEXTURES[draw.__name__] = metres, groups, draw
        return draw

    return enter


@lru_cache(maxsize=16)
def texture_grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Pixel centres of one tile in 0..1: u is 1 S (right), v is S 1 (down)."""
    line = (np.arange(size, dtype=np.float32) + 0.5) / size
    return line[None, :], line[:, None]


@lru_cache(maxsize=64)
def _log_frequency(size: int, across: float, along: float) -> np.ndarray:
    fv, fu = np.fft.fftfreq(size) * size * along, np.fft.rfftfreq(size) * size * across
    squared = fv[:, None] ** 2 + fu[None, :] ** 2
    return (0.5 * np.log(np.maximum(squared, min(across, along) ** 2))).astype(np.float32)


def fractal(rng, size: int, slope: float = 1.0, across: float = 1.0, along: float = 1.0) -> np.ndarray:
    """Noise whose amplitude falls as frequency ** -slope, in 0..1; `along` above 1 stretches it vertically."""
    log_frequency = _log_frequency(size, across, along)
    spectrum = rng.standard_normal((2, *log_frequency.shape), dtype=np.float32)
    spectrum = (spectrum[0] + 1j * spectrum[1]) * np.exp(-slope * log_frequency)
    spectrum[0, 0] = 0
    wave = np.fft.irfft2(spectrum, s=(size, size)).astype(np.float32)
    return np.clip(0.5 + wave / (5 * wave.std() + 1e-12), 0, 1)


def soft_edge(edge: np.ndarray, size: int, soft: float = 1.0) -> np.ndarray:
    """1 where the signed distance `edge` (in tiles) is positive, 0 where negative, `soft` pixels between."""
    return np.clip(edge * (size / soft) + 0.5, 0, 1)


def wave(phase: np.ndarray) -> np.ndarray:
    """A cosine in 0..1 with period 1."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * phase)


def cells(rng, size: int, rows: int, columns: int, jitter: float = 0.9):
    """How much nearer (in cells) each place is to its own jittered point than to the next, and 0..1 for each cell."""
    u, v = texture_grid(size)
    x, y = u * columns, v * rows
    i, j = x.astype(np.int32), y.astype(np.int32)
    points = (0.5 + jitter * (rng.random((3, rows, columns), dtype=np.float32) - 0.5)).astype(np.float32)
    tint = rng.random((rows, columns), dtype=np.float32)
    first = np.full((size, size), 9, np.float32)
    second, own = first.copy(), np.zeros_like(first)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            at = (j + down) % rows, (i + right) % columns
            dx, dy = points[0][at] - (x - i - right), points[1][at] - (y - j - down)
            distance = dx * dx + dy * dy
            near = distance < first
            second = np.where(near, first, np.minimum(second, distance))
            own = np.where(near, tint[at], own)
            first = np.minimum(first, distance)
    return np.sqrt(second) - np.sqrt(first), own


def blocks(rng, size: int, rows: int, columns: int, shift: float = 0.5, gap: float = 0.006):
    """Bricklike blocks: a random 0..1 per block, 1 inside and 0 in the joints, and each pixel's row number.

    Every other row is shifted by `shift` blocks, or each by a random length where `shift` is None.
    """
    u, v = texture_grid(size)
    row = (v * rows).astype(np.int32)
    offset = rng.random((rows, 1), dtype=np.float32) if shift is None else np.arange(rows)[:, None] % 2 * shift
    x, y = (u * columns + offset[row[:, 0]]) % columns, v * rows
    column = np.minimum(x.astype(np.int32), columns - 1)
    inset_x = (0.5 - np.abs(x - column - 0.5)) / columns
    inset_y = (0.5 - np.abs(y - row - 0.5)) / rows
    inside = soft_edge(np.minimum(inset_x, inset_y) - gap / 2, size).astype(np.float32)
    return rng.random((rows, columns), dtype=np.float32)[row, column], inside, row


def stamps(rng, size: int, n: int):
    """One place in each of n x n cells, turned at random: local x, y in -1..1 across, and a random 0..1 per cell."""
    (u, v), start = texture_grid(size), rng.random(2)
    y = (v + start[1]) % 1 * n
    row = np.minimum(y.astype(np.int32), n - 1)
    x = (u + rng.random((n, 1), dtype=np.float32)[row[:, 0]]) % 1 * n  # each row slides on its own
    at = row, np.minimum(x.astype(np.int32), n - 1)
    angle = rng.uniform(-np.pi, np.pi, (n, n)).astype(np.float32)
    cos, sin = np.cos(angle)[at], np.sin(angle)[at]
    x, y = 2 * (x - at[1]) - 1, 2 * (y - at[0]) - 1
    return x * cos + y * sin, y * cos - x * sin, rng.random((n, n), dtype=np.float32)[at]


def strokes(rng, size: int, count: int, length: float, angle: np.ndarray, bend: float = 0.0, base: float = 0.0):
    """Short lines painted one over the other, each brighter towards its tip; `angle` is one per stroke."""
    steps = np.linspace(0, 1, max(2, int(length * size * 1.4)), dtype=np.float32)
    reach = rng.uniform(0.5, 1, (count, 1)).astype(np.float32) * length * size
    turn = angle.astype(np.float32)[:, None] + bend * rng.standard_normal((count, 1), dtype=np.float32) * steps
    x = rng.random((count, 1), dtype=np.float32) * size + reach * steps * np.cos(turn)
    y = rng.random((count, 1), dtype=np.float32) * size + reach * steps * np.sin(turn)
    shade = rng.random((count, 1), dtype=np.float32) * 0.6 + 0.4 * steps
    out = np.full((size, size), base, np.float32)
    out[y.astype(np.int32) % size, x.astype(np.int32) % size] = shade
    return soften(out)


def soften(field: np.ndarray) -> np.ndarray:
    """The field blurred by about one pixel, wrapping round the edges."""
    for axis in (0, 1):
        field = 0.5 * field + 0.25 * (np.roll(field, 1, axis) + np.roll(field, -1, axis))
    return field


def relief(field: np.ndarray, gain: float = 4.0) -> np.ndarray:
    """The field as a surface lit from the top left, in 0..1."""
    slope = np.roll(field, -1, 0) - np.roll(field, 1, 0) + np.roll(field, -1, 1) - np.roll(field, 1, 1)
    return np.clip(0.5 + gain * slope, 0, 1)


def box_mean(picture: np.ndarray, reach: int, beyond: str = "constant") -> np.ndarray:
    """The mean over squares of 2 reach + 1 pixels; `beyond` the picture are zeros, or with "edge" its edge again."""
    for axis in (0, 1):
        pad = [(0, 0)] * picture.ndim
        pad[axis] = (reach + 1, reach)
        total, n = np.cumsum(np.pad(picture, pad, beyond), axis, dtype=np.float32), picture.shape[axis]
        upto, before = (np.take(total, np.arange(n) + start, axis) for start in (2 * reach + 1, 0))
        picture = (upto - before) / (2 * reach + 1)
    return picture
