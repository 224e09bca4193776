"""The raster: which face of a mesh is nearest to the eye at every pixel, and values in between its corners."""

import numpy as np

from .figures import Part, cross, unit_vector


def join(parts: list[Part]):
    """All points, local places and faces of the parts as one mesh, with the owner of every face."""
    first = np.cumsum([0] + [len(part.points) for part in parts[:-1]])
    faces = np.concatenate([part.faces + start for part, start in zip(parts, first)])
    owner = np.repeat(np.arange(len(parts)), [len(part.faces) for part in parts])
    return np.concatenate([p.points for p in parts]), np.concatenate([p.local for p in parts]), faces, owner


def point_normals(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Normal of every point: the sum of its faces' normals, larger faces counting more."""
    a, b, c = points[faces[:, 0]], points[faces[:, 1]], points[faces[:, 2]]
    face = cross(b - a, c - a)
    index, count = faces.T.ravel(), len(points)
    total = [np.bincount(index, np.tile(face[:, k], 3), count) for k in range(3)]
    return unit_vector(np.stack(total, -1))


def _spread(count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For counts c: item index repeated c times, and the running number inside each item."""
    item = np.repeat(np.arange(len(count), dtype=np.int32), count)
    first = (np.cumsum(count) - count).astype(np.int32)
    return item, np.arange(len(item), dtype=np.int32) - first.take(item)


def _lines(x: np.ndarray, y: np.ndarray):
    """Face, row, first and last column of every row of pixels that faces with corners x, y (3 n) cover."""
    top, bottom = np.ceil(y.min(0) - 0.5).astype(np.int32), np.floor(y.max(0) - 0.5).astype(np.int32)
    face, row = _spread((bottom - top + 1).clip(0))
    row += top.take(face)
    level, left, right = row + 0.5, np.full(len(row), 1e6), np.full(len(row), -9.0)
    for a, b in ((0, 1), (1, 2), (2, 0)):  # where each edge crosses the middle of the row
        rise = y[b] - y[a]
        slope = (x[b] - x[a]) / np.where(np.abs(rise) < 1e-9, 1e-9, rise)
        at = level * slope.take(face)
        at += (x[a] - y[a] * slope).take(face)
        crossed = level >= np.minimum(y[a], y[b]).take(face)
        crossed &= level <= np.maximum(y[a], y[b]).take(face)
        np.minimum(left, at, out=left, where=crossed)
        np.maximum(right, at, out=right, where=crossed)
    return face, row, np.ceil(left - 0.5).astype(np.int32), np.floor(right - 0.5).astype(np.int32)


def _scan(seen: np.ndarray, faces: np.ndarray, rows: int, cols: int) -> np.ndarray:
    """The face nearest to the eye at every pixel (rows * cols; -1 where there is none)."""
    x, y, z = (np.ascontiguousarray(seen[:, k])[faces.T] for k in range(3))  # 3 n each
    face, row, left, right = _lines(x, y)
    across, rise, gain = x[1:] - x[0], y[1:] - y[0], z[1:] - z[0]
    area = across[0] * rise[1] - across[1] * rise[0]
    area = np.where(np.abs(area) < 1e-6, 1e9, area)  # a face seen edge-on is level
    to_right = (gain[0] * rise[1] - gain[1] * rise[0]) / area
    down = (across[0] * gain[1] - across[1] * gain[0]) / area
    start = z[0] - (x[0] - 0.5) * to_right - (y[0] - 0.5) * down
    line, column = _spread((right - left + 1).clip(0))  # from here on one item per pixel and face
    column += left.take(line)
    near = column * to_right.take(face).astype(np.float32).take(line)
    near += (start.take(face) + down.take(face) * row).astype(np.float32).take(line)
    near += 64
    near *= 2**20
    key = near.astype(np.int64)  # depth first, then the face
    key <<= 20
    key |= face.take(line)
    best = np.full(rows * cols, -1, np.int64)
    np.maximum.at(best, column + (row * cols).take(line), key)
    return np.where(best < 0, -1, best & (2**20 - 1))


def between(seen: np.ndarray, corners: np.ndarray, row: np.ndarray, column: np.ndarray, what: np.ndarray) -> np.ndarray:
    """Values `what` of the points (p k), at pixel centres inside the faces with these corners (n 3)."""
    (ax, ay), (bx, by), (cx, cy) = (seen.take(corners[:, k], 0)[:, :2].T for k in range(3))
    dx, dy, bx, by, cx, cy = column + 0.5 - ax, row + 0.5 - ay, bx - ax, by - ay, cx - ax, cy - ay
    area = bx * cy - cx * by
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)
    b = ((dx * cy - cx * dy) / area).clip(0, 1).astype(np.float32)[:, None]
    c = ((bx * dy - dx * by) / area).clip(0, 1).astype(np.float32)[:, None]
    a, total = 1 - b - c, what.take(corners[:, 0], 0)
    total *= a
    total += what.take(corners[:, 1], 0) * b
    total += what.take(corners[:, 2], 0) * c
    return total


def seen_faces(parts: list[Part], seen: np.ndarray, faces: np.ndarray, owner: np.ndarray, rows: int, cols: int):
    """Face, row, column of every pixel that is covered, ordered by part, and whether each face shows its outside."""
    (ax, ay), (bx, by), (cx, cy) = (seen.take(faces[:, k], 0)[:, :2].T for k in range(3))
    outside = (bx - ax) * (cy - ay) < (cx - ax) * (by - ay)
    kept = np.flatnonzero(outside | np.array([part.open for part in parts])[owner])
    face = _scan(seen, faces[kept], rows, cols)
    pixel = np.flatnonzero(face >= 0)
    face = kept[face[pixel]]
    order = np.argsort(owner[face].astype(np.uint16), kind="stable")
    return face[order], *np.divmod(pixel[order], cols), outside
