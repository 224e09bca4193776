"""The pen: polygons for round, straight, smooth and drawn lines, and the exact share of each pixel they cover."""

import numpy as np

Polygon = np.ndarray  # n 2: x right, y down, in any unit; the last point joins the first


def disc(x: float, y: float, rx: float, ry: float | None = None, points: int = 28) -> Polygon:
    """An ellipse round (x, y)."""
    turn = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return np.stack([x + rx * np.cos(turn), y + (rx if ry is None else ry) * np.sin(turn)], 1)


def rect(x0: float, y0: float, x1: float, y1: float, corner: float = 0.0) -> Polygon:
    """A rectangle with corners rounded by a radius."""
    corner = min(corner, (x1 - x0) / 2, (y1 - y0) / 2)
    left, right, top, bottom = x0 + corner, x1 - corner, y0 + corner, y1 - corner
    turn, sides = np.linspace(0, np.pi / 2, 6 if corner else 1), []
    for quarter, centre in enumerate([(right, bottom), (left, bottom), (left, top), (right, top)]):
        angle = turn + quarter * np.pi / 2
        sides.append(np.add(centre, corner * np.stack([np.cos(angle), np.sin(angle)], 1)))
    return np.concatenate(sides)


def curved(points, closed: bool = True, steps: int = 6) -> Polygon:
    """A smooth curve through the points (Catmull-Rom)."""
    p = np.asarray(points, float)
    p = np.concatenate([p[-1:], p, p[:2]]) if closed else np.concatenate([p[:1], p, p[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    a, b, c, d = p[:-3, None], p[1:-2, None], p[2:-1, None], p[3:, None]
    curve = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.concatenate([curve.reshape(-1, 2), p[-2:-1]]) if not closed else curve.reshape(-1, 2)


def stroke(points, width, caps: bool = True) -> list[Polygon]:
    """A line through the points as polygons; `width` is one number or one per point."""
    p = np.asarray(points, float)
    radius = np.broadcast_to(np.asarray(width, float), len(p))[:, None] / 2
    along = np.diff(p, axis=0)
    side = np.stack([-along[:, 1], along[:, 0]], 1) / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    a, b, ra, rb = p[:-1], p[1:], radius[:-1], radius[1:]
    parts = list(np.stack([a + side * ra, b + side * rb, b - side * rb, a - side * ra], 1))
    joints = range(len(p)) if caps else range(1, len(p) - 1)
    return parts + [disc(*p[i], float(radius[i, 0]), points=10) for i in joints]


def cover(polygons: list[Polygon], h: int, w: int) -> np.ndarray:
    """The share 0..1 of each pixel, h w float32, that the union of the polygons (points in pixels) covers."""
    sub, a, b = 4, np.concatenate(polygons), np.concatenate([np.roll(p, -1, 0) for p in polygons])
    areas = [(x * np.roll(y, -1) - np.roll(x, -1) * y).sum() for x, y in (p.T for p in polygons)]
    way_round = np.where(np.array(areas) >= 0, 1.0, -1.0)
    turn = np.repeat(way_round, [len(p) for p in polygons])
    first, last = (np.ceil(np.clip(part[:, 1], 0, h) * sub - 0.5).astype(int) for part in (a, b))
    count = np.abs(last - first)  # rows of samples (`sub` to a pixel) that each edge crosses
    edge = np.repeat(np.arange(len(a)), count)
    row = np.minimum(first, last)[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    slope = (b - a)[:, 0] / np.where(a[:, 1] == b[:, 1], 1, (b - a)[:, 1])
    x = np.clip(a[edge, 0] + ((row + 0.5) / sub - a[edge, 1]) * slope[edge], 0, w)
    # an edge turns everything on its right on or off: note the change, then add up along the row
    sign = np.where(last > first, -1, 1)[edge] * turn[edge]
    column = x.astype(int)
    part, cell, cells = x - column, row * (w + 2) + column, h * sub * (w + 2)
    change = np.bincount(cell, sign * (1 - part), cells) + np.bincount(cell + 1, sign * part, cells)
    inside = np.clip(np.cumsum(change.reshape(h * sub, w + 2)[:, :w], 1), 0, 1)
    return inside.reshape(h, sub, w).mean(1).astype(np.float32)
