"""Solids in metres that figures are made of: lofts of rings, tubes, balls, boxes; and the turns that pose them."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

Paint = Callable[[np.ndarray], np.ndarray]  # place on the part (n 3, metres) -> linear colour (n 3, 0..1)


class Part(NamedTuple):
    """One surface: where its points are, where they were before the body was posed, and how it looks."""

    points: np.ndarray  # n 3 metres: x right, y up, z towards the viewer
    local: np.ndarray  # n 3 metres on the part itself, what paint and folds depend on
    faces: np.ndarray  # m 3 indices, counter-clockwise seen from outside
    paint: Paint
    fold: float = 0.0  # depth of the folds of cloth, 0 = smooth
    gloss: float = 0.0  # strength of the highlight
    open: bool = False  # True: the inside may be seen (skirts, brims)


def unit_vector(vectors: np.ndarray) -> np.ndarray:
    """The vectors, each scaled to length one."""
    return vectors / np.sqrt(np.einsum("...i,...i->...", vectors, vectors) + 1e-12)[..., None]


def cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cross product along the last axis; several times faster than numpy's on small arrays."""
    a0, a1, a2, b0, b1, b2 = a[..., 0], a[..., 1], a[..., 2], b[..., 0], b[..., 1], b[..., 2]
    first = a1 * b2 - a2 * b1
    product = np.empty(first.shape + (3,))
    product[..., 0], product[..., 1], product[..., 2] = first, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0
    return product


def turn(roll: float = 0.0, yaw: float = 0.0, pitch: float = 0.0) -> np.ndarray:
    """Rotation 3 3: pitch forward, then yaw to +x, then roll to -x, all in radians."""
    (cr, cy, cp), (sr, sy, sp) = np.cos([roll, yaw, pitch]), np.sin([roll, yaw, pitch])
    nod = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    shake = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    return np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]]) @ shake @ nod


def reach(root: np.ndarray, goal: np.ndarray, upper: float, lower: float, pole: np.ndarray):
    """Middle joint and end of a two-bone limb from `root` towards `goal`, bent towards `pole`."""
    span = goal - root
    far = np.sqrt(span @ span)
    length = np.clip(far, abs(upper - lower) * 1.02 + 1e-6, (upper + lower) * 0.998)
    along = span / (far + 1e-9)
    share = (upper**2 - lower**2 + length**2) / (2 * length)
    out = unit_vector(pole - (pole @ along) * along)
    return root + along * share + out * np.sqrt(max(upper**2 - share**2, 0.0)), root + along * length


@lru_cache(maxsize=256)
def _grid(rings: int, around: int) -> np.ndarray:
    """Faces of `rings` closed rings of `around` points each."""
    here = np.arange(rings - 1)[:, None] * around + np.arange(around)
    beside = np.arange(rings - 1)[:, None] * around + (np.arange(around) + 1) % around
    quads = np.stack([here, beside, here + around, beside, beside + around, here + around], -1)
    return quads.reshape(-1, 3)


@lru_cache(maxsize=32)
def _circle(around: int, square: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    angles = np.arange(around) * (2 * np.pi / around)
    return tuple(np.sign(part) * np.abs(part) ** square for part in (np.cos(angles), np.sin(angles)))


def skin(points: np.ndarray, local: np.ndarray, paint: Paint, **look) -> Part:
    """A surface through closed rings of points (rings, around, 3), listed from top to bottom."""
    return Part(points.reshape(-1, 3), local.reshape(-1, 3), _grid(*points.shape[:2]), paint, **look)


def loft(centres, side, front, width, ahead, behind, along, paint, around=14, square=1.0, **look) -> Part:
    """A skin over oval rings, listed from top to bottom; `side`, `front` are the rings' axes (n 3 or 3).

    `square` below 1 makes the rings rectangles with round corners.
    """
    cos, sin = _circle(around, square)
    across = np.asarray(width)[:, None] * cos  # rings around
    deep = np.where(sin > 0, np.asarray(ahead)[:, None], np.asarray(behind)[:, None]) * sin
    side, front = (axis if axis.ndim == 1 else axis[:, None] for axis in (side, front))
    points = centres[:, None] + across[..., None] * side + deep[..., None] * front
    local = np.empty(across.shape + (3,))
    local[..., 0], local[..., 1], local[..., 2] = across, np.asarray(along)[:, None], deep
    return skin(points, local, paint, **look)


def tube(path, radius, facing, paint, flat=1.0, around=12, **look) -> Part:
    """A skin around a path (n 3); `flat` scales its depth along `facing`; local y falls from 0 along the path."""
    path, radius = np.asarray(path, float), np.asarray(radius, float)
    tangent = np.empty_like(path)
    tangent[1:-1] = path[2:] - path[:-2]
    tangent[0], tangent[-1] = path[1] - path[0], path[-1] - path[-2]
    tangent = unit_vector(tangent)
    side = unit_vector(cross(np.asarray(facing), tangent))
    step = np.sqrt(((path[1:] - path[:-1]) ** 2).sum(1))
    along = -np.concatenate([[0.0], np.cumsum(step)])
    front = cross(tangent, side)
    if not look.get("open"):  # close both ends, so that nobody looks inside
        path, side, front, along = (np.concatenate([x[:1], x, x[-1:]]) for x in (path, side, front, along))
        radius = np.concatenate([[0.0], radius, [0.0]])
    return loft(path, side, front, radius, radius * flat, radius * flat, along, paint, around, **look)


def limb(root: np.ndarray, middle: np.ndarray, end: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Points n 3 at places on two bones (0 root, 1 middle joint, 2 end, and beyond both ends), corners rounded."""
    joints, where = np.array([2 * root - middle, root, middle, end, 2 * end - middle]), where + 1
    bone = np.minimum(where.astype(int), 3)
    line = joints[bone] + (where - bone)[:, None] * (joints[bone + 1] - joints[bone])
    line[1:-1] = (line[:-2] + 2 * line[1:-1] + line[2:]) / 4
    return line


def ball_part(centre, half, paint, axes=None, rings=9, around=14, square=1.0, **look) -> Part:
    """An ellipsoid with half axes `half` (3) along the columns of `axes`; `square` below 1 makes it a cushion."""
    tilt, (cos, sin) = np.linspace(0, np.pi, rings)[:, None], _circle(around)
    place = np.stack([np.sin(tilt) * cos, np.cos(tilt) + 0 * cos, np.sin(tilt) * sin], -1)
    place[..., [0, 2]] = place[..., [2, 0]] * [1, -1]  # so that faces look outwards
    local = np.sign(place) * np.abs(place) ** square * half
    return skin(np.asarray(centre) + local @ (np.eye(3) if axes is None else axes).T, local, paint, **look)


_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
_SIDES = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])
_BOX = (np.arange(6)[:, None, None] * 4 + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)


def box_part(centre, half, paint, axes=None, **look) -> Part:
    """A box with half edges `half` (3) along the columns of `axes`; every side is flat."""
    local = (_CORNERS * half)[_SIDES.ravel()]
    points = np.asarray(centre) + local @ (np.eye(3) if axes is None else axes).T
    return Part(points, local, _BOX, paint, **look)


def lathe(profile, paint: Paint, sides: int = 20, at=(0.0, 0.0, 0.0), twist: float = 0.0, **look) -> Part:
    """What a profile of (radius, height), bottom to top, sweeps round the upright axis; below ten sides it has edges.

    Local y counts the profile's lines from the bottom: 0 to 1 on the first one.
    """
    profile = np.asarray(profile, float)
    way = unit_vector(np.diff(profile, axis=0))
    bent = np.concatenate([[1], np.where((way[1:] * way[:-1]).sum(1) < 0.8, 2, 1), [1]])  # sharp corners count twice
    radius, height = np.repeat(profile, bent, 0)[::-1].T
    line = np.repeat(np.arange(len(profile), dtype=float), bent)[::-1]
    centres = np.asarray(at) + height[:, None] * [0, 1, 0]
    side, front = turn(yaw=twist)[[0, 2]]
    part = loft(centres, side, front, radius, radius, radius, line, paint, sides, **look)
    if sides >= 10:
        return part
    corners, alone = part.faces.ravel(), np.arange(part.faces.size).reshape(-1, 3)  # no corner belongs to two faces
    return part._replace(points=part.points[corners], local=part.local[corners], faces=alone)


def moved_parts(parts: list[Part], yaw: float = 0.0, shift=(0.0, 0.0, 0.0)) -> list[Part]:
    """The parts turned about the vertical by `yaw` radians, then shifted in metres."""
    spin = turn(yaw=yaw).T
    return [part._replace(points=part.points @ spin + np.asarray(shift)) for part in parts]
