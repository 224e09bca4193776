"""Solids: faces in space, what of them is seen, and how flat shading colours them (a small z-buffer)."""

import numpy as np

Faces = tuple[np.ndarray, np.ndarray]  # faces F 4 3 in metres (a triangle repeats a corner), colours F 3 in 0..1


def turned_profile(profile, sides: int, colours, twist: float = 0.0, by_sector: bool = False) -> Faces:
    """The solid that a profile of (radius, height) points, bottom to top, sweeps round the upright axis."""
    angle = twist + np.arange(sides + 1) * (2 * np.pi / sides)
    radius, height = np.asarray(profile, float).T[:, :, None]
    ring = np.stack([radius * np.cos(angle), height + 0 * angle, radius * np.sin(angle)], -1)  # P sides+1 3
    faces = np.stack([ring[:-1, :-1], ring[1:, :-1], ring[1:, 1:], ring[:-1, 1:]], 2)  # P-1 sides 4 3
    colours = np.atleast_2d(colours)
    which = np.indices(faces.shape[:2])[1 if by_sector else 0].ravel() % len(colours)
    return faces.reshape(-1, 4, 3), colours[which]


def moved_faces(solid: Faces, size=(1, 1, 1), to=(0, 0, 0)) -> Faces:
    """The solid scaled along x, y, z and put at a place, both in metres."""
    return solid[0] * np.asarray(size, float) + np.asarray(to, float), solid[1]


def box_faces(width: float, height: float, length: float, colours, at=(0, 0, 0)) -> Faces:
    """A box in metres whose bottom face is centred at `at`."""
    side = 0.5**0.5
    unit = turned_profile([(0, 0), (side, 0), (side, 1), (0, 1)], 4, colours, np.pi / 4)
    return moved_faces(unit, (width, height, length), at)


def bar(start, end, thick: float, colour, sides: int = 4) -> Faces:
    """A straight bar from one point to another, `thick` metres wide."""
    start, axis = np.asarray(start, float), np.subtract(end, start)
    across = np.cross(axis, [0.31, 0.17, 0.93])
    across *= thick / 2 / np.linalg.norm(across)
    other = np.cross(across, axis)
    other *= thick / 2 / np.linalg.norm(other)
    faces, colours = turned_profile([(0, 0), (1, 0), (1, 1), (0, 1)], sides, colour, np.pi / 4)
    return start + faces[..., :1] * across + faces[..., 1:2] * axis + faces[..., 2:] * other, colours


def cylinder(radius: float, height: float, colours, y: float = 0.0, top: float = 1.0, sides: int = 20) -> Faces:
    """An upright cylinder in metres; `top` scales its upper radius (0 gives a cone)."""
    profile = [(0, y), (radius, y), (radius * top, y + height), (0, y + height)]
    return turned_profile(profile, sides, colours)


def sphere(radius: float, colours, y: float = 0.0, by_sector: bool = False, sides: int = 18) -> Faces:
    """A faceted ball whose lowest point is at height `y` metres."""
    turn = np.linspace(-np.pi / 2, np.pi / 2, sides // 2 + 1)
    return turned_profile(np.stack([np.cos(turn), np.sin(turn) + 1], 1) * radius + [0, y], sides, colours, 0, by_sector)


def project(faces: np.ndarray, yaw: float, pitch: float) -> np.ndarray:
    """Corners F 4 3 as (right, down, depth) in metres, seen from far away and a little above."""
    x, y, z = np.moveaxis(faces[:, ::-1], -1, 0)  # down instead of up mirrors a face, so go round it the other way
    x, z = x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw)
    return np.stack([x, -y * np.cos(pitch) - z * np.sin(pitch), z * np.cos(pitch) - y * np.sin(pitch)], -1)


def raster(points: np.ndarray, h: int, w: int) -> tuple[np.ndarray, np.ndarray]:
    """The number of the nearest face at each sample, h w int, -1 where there is none; and its depth (a z-buffer)."""
    nearest, face = np.full((h, w), np.inf, np.float32), np.full((h, w), -1)
    ahead = np.roll(points, -1, 1)
    a, b = points[..., 1] - ahead[..., 1], ahead[..., 0] - points[..., 0]  # inside every edge: a x + b y + c <= 0
    c = -a * points[..., 0] - b * points[..., 1]
    a, b, c = (part.astype(np.float32)[..., None, None] for part in (a, b, c))
    normal = face_normals(points)
    low, high = np.floor(points[..., :2].min(1)).astype(int), np.ceil(points[..., :2].max(1)).astype(int)
    high = np.minimum(high, (w, h))
    for i in np.flatnonzero(normal[:, 2] < -1e-6):
        (x0, y0), (x1, y1) = low[i], high[i]
        x, y = np.arange(x0, x1, dtype=np.float32) + 0.5, np.arange(y0, y1, dtype=np.float32)[:, None] + 0.5
        inside = (a[i] * x + (b[i] * y + c[i])).max(0) <= 1e-3
        slope = (-normal[i, :2] / normal[i, 2]).tolist()  # how depth changes along x and y
        px, py, pz = points[i, 0].tolist()
        depth = (pz + slope[0] * (x - px)) + slope[1] * (y - py)
        here = slice(y0, y1), slice(x0, x1)
        seen = inside & (depth < nearest[here])
        np.copyto(nearest[here], depth, where=seen)
        np.copyto(face[here], i, where=seen)
    return face, nearest


def face_normals(points: np.ndarray) -> np.ndarray:
    """The unit normal F 3 of each projected face (right, down, depth), pointing out of the solid."""
    normal = np.cross(points[:, 2] - points[:, 0], points[:, 3] - points[:, 1])
    return normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)


def shade_faces(points: np.ndarray, colours: np.ndarray, light) -> np.ndarray:
    """One flat colour per face, F 3 in 0..1; `light` comes from (right, up, towards the camera)."""
    light = np.asarray(light, float) * [1, -1, -1]
    lit = np.clip(face_normals(points) @ (light / np.linalg.norm(light)), 0, 1)[:, None]
    return np.clip(colours * (0.45 + 0.65 * lit), 0, 1).astype(np.float32)


def edges(face: np.ndarray, normal: np.ndarray, solid: np.ndarray) -> np.ndarray:
    """True at samples where two sides of a solid, or two solids, meet."""
    line = np.zeros(face.shape, bool)
    for here, there in ((np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:])):
        where = np.nonzero((face[here] != face[there]) & (face[here] >= 0) & (face[there] >= 0))
        a, b = face[here][where], face[there][where]
        meet = ((normal[a] * normal[b]).sum(-1) < 0.8) | (solid[a] != solid[b])
        line[here][where] |= meet
        line[there][where] |= meet
    return line
