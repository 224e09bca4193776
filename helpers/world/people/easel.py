"""The easel: draws solids seen by one eye, with a depth buffer, soft light and soft edges, as a cutout."""

import numpy as np

from ..drawn import Cutout
from .figures import Part, unit_vector
from .raster import between, join, point_normals, seen_faces

FINE = 2  # the picture is drawn this many times finer, then softened


class _Surface:
    """What is seen, pixel by pixel: `at` are flat places in a canvas with a margin, so that neighbours need no care."""

    def __init__(self, row, column, near, rows: int, cols: int, scale: float):
        self.margin, self.scale, self.near = int(0.25 * scale) + 2, scale, near
        self.width = cols + 2 * self.margin
        self.cells = (rows + 2 * self.margin) * self.width
        self.at = (row + self.margin) * self.width + column + self.margin

    def canvas(self, values: np.ndarray, empty: float) -> np.ndarray:
        """The values (n ...) put on the flat canvas, `empty` where nothing is seen."""
        canvas = np.full((self.cells, *values.shape[1:]), empty, np.float32)
        canvas[self.at] = values
        return canvas

    def beside(self, right: float, up: float) -> np.ndarray:
        """Flat places of the pixels `right` and `up` metres from every pixel."""
        return self.at + (round(right * self.scale) - round(up * self.scale) * self.width)


def _knit(normal: np.ndarray, group: np.ndarray, surface: _Surface) -> np.ndarray:
    """Normals averaged with near-by ones of the same group, so that a sleeve grows out of a shirt without a crease."""
    key = surface.near + 50 * group.astype(np.float32)  # near-by keys are alike only in the same group and depth
    keys, normals, total = surface.canvas(key, -99), surface.canvas(normal, 0), normal.copy()
    far = max(0.013, 1 / surface.scale)
    for right, up in ((1.6, 0.4), (-1.6, -0.4), (-0.4, 1.6), (0.4, -1.6), (0.7, 0.7), (-0.7, -0.7)):
        at = surface.beside(right * far, up * far)
        same = np.abs(keys.take(at) - key) < 0.035
        total += normals.take(at, 0) * same[:, None]
    return unit_vector(total)


def _folds(normal: np.ndarray, local: np.ndarray, depth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Normals tilted as in hanging cloth: long soft folds, bent by a slower wave, and slanting creases in patches."""
    soft = np.flatnonzero(depth > 0)
    x, y, z = local[soft].T
    a, b, c, d, e, f = rng.uniform(0, 2 * np.pi, 6).astype(np.float32)
    wave = np.sin(rng.uniform(9, 17) * y + 9 * x + a) + 0.7 * np.sin(rng.uniform(20, 30) * y - 14 * z + b)
    long = np.sin(rng.uniform(38, 60) * x + 44 * z + 2.2 * wave + c) + 0.6 * np.sin(75 * x - 58 * z + 1.6 * wave + d)
    patch = np.maximum(np.sin(7 * y - 12 * z + 9 * x + wave + f), 0) ** 2
    slant = np.sin(rng.uniform(32, 50) * y + rng.uniform(-60, 60) * x + 50 * z + 2.4 * wave + e) * patch
    tilt = np.stack([long + 0.4 * slant, 0.15 * wave + slant, 0 * x], -1)
    folded = normal.copy()
    folded[soft] = unit_vector(normal[soft] + depth[soft, None] * tilt)
    return folded


def _hidden(surface: _Surface, ray: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per pixel: how much the light along `ray` is blocked, and how closed in it is (both 0..1)."""
    depth = surface.canvas(surface.near, -9)
    blocked, closed = np.zeros_like(surface.near), np.zeros_like(surface.near)
    for far in 0.022 * 1.3 ** np.arange(10):
        over = depth.take(surface.beside(ray[0] * far, ray[1] * far)) - (surface.near + ray[2] * far + 0.012)
        blocked = np.maximum(blocked, np.clip(over * 33, 0, 1) * (over < 0.5))
    for right, up in ((1, 0), (0.5, 0.9), (-0.5, 0.9), (-1, 0), (-0.5, -0.9), (0.5, -0.9)):
        for far, least in ((0.05, 0.015), (0.11, 0.04)):
            over = depth.take(surface.beside(right * far, up * far)) - (surface.near + least)
            closed += np.clip(over, 0, 0.08)
    return blocked, closed / (12 * 0.08)


def _light(normal, blocked, closed, gloss, colour, ray, rng) -> np.ndarray:
    """Linear colours under a soft key light, light from sky and floor, a faint rim and highlights."""
    warm = 1 + rng.uniform(-0.06, 0.06) * np.array([1, 0, -1])
    key, fill = rng.uniform(0.85, 1.35), rng.uniform(0.4, 0.65)
    soft = ((normal @ ray + 0.25) / 1.25).clip(0)
    up = normal[:, 1] * 0.5 + 0.5
    ambient = fill * (0.45 + 0.55 * up) * (1 - 0.85 * closed)
    rim = 0.10 * (1 - normal[:, 2].clip(0, 1)) ** 3 * up
    light = (key * soft * (1 - 0.75 * blocked))[:, None] * warm + (ambient + rim)[:, None]
    half = unit_vector(ray + np.array([0, 0, 1.0]))
    shine = gloss * (normal @ half).clip(0) ** 24 * (1 - blocked)
    return 1 - np.exp(-1.1 * (colour * light + (shine * 0.5)[:, None]))  # bright cloth keeps its folds, as on film


def _soften(picture: np.ndarray) -> np.ndarray:
    """The picture (h w k) at half its height and width, every pixel a soft sum of 4 x 4 fine ones."""
    for _ in range(2):
        n = len(picture) // 2
        padded = np.concatenate([picture[:1] * 0, picture[: 2 * n], picture[:1] * 0])
        even, odd = padded[0::2], padded[1::2]
        picture = ((even[:-1] + odd[1:]) + 3 * (odd[:-1] + even[1:])) / 8
        picture = picture.swapaxes(0, 1)
    return picture


def _spread(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The values (h w), where they are not known that of the nearest known one of their row; 0 in an empty row."""
    column = np.arange(values.shape[1])
    left = np.maximum.accumulate(np.where(known, column, -9999), 1)
    right = np.minimum.accumulate(np.where(known, column, 9999)[:, ::-1], 1)[:, ::-1]
    nearest = np.where(column - left <= right - column, left, right)
    return np.where(known.any(1, keepdims=True), np.take_along_axis(values, nearest % len(column), 1), 0)


def _cut(colour: np.ndarray, alpha: np.ndarray, near: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """RGBA bytes, relief (both cropped) and the row below, of linear colours times alpha, alpha, depths times alpha."""
    alpha = np.where(alpha < 0.05, 0, alpha)
    rows, cols = np.flatnonzero(alpha.any(1)), np.flatnonzero(alpha.any(0))
    window = slice(rows[0], rows[-1] + 1), slice(cols[0], cols[-1] + 1)
    relief = _spread(near[window] / np.maximum(alpha[window], 0.05), alpha[window] > 0).astype(np.float16)
    colour, alpha = colour[window], alpha[window][..., None]
    mean = colour.sum((0, 1)) / alpha.sum()  # see-through pixels carry the mean colour, so that resizing leaves no rim
    linear = np.where(alpha > 0, colour / np.maximum(alpha, 1e-6), mean).clip(0, 1)
    picture = np.concatenate([linear ** (1 / 2.2), alpha.clip(0, 1)], -1)
    return np.rint(picture * 255).astype(np.uint8), relief, rows[-1] + 1


def _tilted(points: np.ndarray, pitch: float) -> np.ndarray:
    """The points turned about the foot as somebody sees them who looks down by `pitch` radians."""
    c, s = np.cos(pitch), np.sin(pitch)
    x, y, z = points.T
    return np.stack([x, c * y - s * z, s * y + c * z], -1)


def _height(points: np.ndarray, eye: tuple[float, float]) -> np.ndarray:
    """Metres above the foot at which a nearby eye sees the points."""
    return eye[0] + (points[:, 1] - eye[0]) * eye[1] / (eye[1] - points[:, 2])


def _look(points: np.ndarray, size: int, eye: tuple[float, float], longer: bool):
    """The points as a nearby eye (height, distance in metres) sees them: fine pixels, depth; rows, columns, scale."""
    near = eye[1] / (eye[1] - points[:, 2])
    x, y = points[:, 0] * near, _height(points, eye)
    side = max(np.ptp(x), np.ptp(y)) if longer else y.max() - y.min()
    scale = FINE * max(0.8 * size, 4) / side  # fine pixels in a metre
    seen = np.stack([(x - x.min()) * scale + 2 * FINE, (y.max() - y) * scale + 2 * FINE, points[:, 2]], -1)
    cols, rows = (np.ceil(seen[:, :2].max(0) / FINE).astype(int) + 2) * FINE
    return seen, rows, cols, scale


def draw(parts: list[Part], size: int, rng, kind: str, label: int, eye: tuple, pitch=0.0, longer=False) -> Cutout:
    """The parts as a cutout about 0.8 * size pixels high (or on its longer side), looked down upon by `pitch` radians.

    The eye is `eye[0]` metres above the floor, `eye[1]` away.
    """
    points, local, faces, owner = join(parts)
    points, eye = (_tilted(points, pitch), (0.8 * np.cos(pitch), eye[1])) if pitch else (points, eye)
    seen, rows, cols, scale = _look(points, size, eye, longer)
    face, row, column, outside = seen_faces(parts, seen, faces, owner, rows, cols)
    values = np.concatenate([local, point_normals(points, faces), seen[:, 2:]], 1).astype(np.float32)
    values = between(seen, faces[face], row, column, values)
    place, normal = values[:, :3], unit_vector(values[:, 3:6]) * np.where(outside[face], 1, -1)[:, None]
    surface = _Surface(row, column, values[:, 6].copy(), rows, cols, scale)
    part_of = owner[face]
    colour, ends = np.empty((len(face), 3), np.float32), np.searchsorted(part_of, np.arange(len(parts) + 1))
    for part, first, last in zip(parts, ends[:-1], ends[1:]):
        if last > first:
            colour[first:last] = part.paint(place[first:last])
    names = [getattr(part.paint, "base", part.paint) for part in parts]
    normal = _knit(normal, np.array([names.index(name) for name in names])[part_of], surface)
    fold, gloss = np.array([[part.fold, part.gloss] for part in parts], np.float32).T[:, part_of]
    normal = _folds(normal, place, fold, rng)
    ray = unit_vector(np.array([rng.uniform(-1.0, 1.0), rng.uniform(0.5, 1.2), rng.uniform(0.6, 1.2)], np.float32))
    canvas = np.zeros((rows, cols, 5), np.float32)
    canvas[row, column, :3] = _light(normal, *_hidden(surface, ray), gloss, colour, ray, rng)
    canvas[row, column, 3], canvas[row, column, 4] = 1, surface.near
    canvas = _soften(canvas)
    picture, relief, end = _cut(canvas[..., :3], canvas[..., 3], canvas[..., 4])
    metres, foot = len(picture) * FINE / scale, 0.0
    if pitch:  # the toes are seen below the foot, which stands at the height 0
        foot = max(0.0, end - (seen[0, 1] + _height(points[:1], eye)[0] * scale) / FINE) / len(picture)
    return Cutout(picture, metres, label, kind, pitch=pitch, foot=foot, relief=relief)
