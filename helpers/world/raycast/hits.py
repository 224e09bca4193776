"""Where rays meet a solid: boxes, cylinders and balls, in plain algebra."""

from dataclasses import dataclass
from math import cos, sin

import numpy as np

from .scene import Solid


@dataclass
class Rays:
    """A grid of rays `origin + t * (dx, dy, dz)` in scene coordinates, t in metres of depth."""

    origin: tuple
    dx: np.ndarray  # rows columns float32, like dy and dz
    dy: np.ndarray
    dz: np.ndarray
    step: float = 0.01  # width in metres of a sample one metre away
    mirror: str = ""  # "floor": the camera's rays go on below the floor; "wall": rays of no regular grid

    def part(self, rows: slice, columns: slice) -> "Rays":
        """The rays of a rectangle of the grid."""
        return Rays(
            self.origin, self.dx[rows, columns], self.dy[rows, columns], self.dz[rows, columns], self.step, self.mirror
        )


def local_rays(solid: Solid, rays: Rays):
    """Origin and direction of rays seen from a solid's own centre line, foot at 0."""
    c, s = np.float32(cos(solid.yaw)), np.float32(sin(solid.yaw))
    x, z = rays.origin[0] - solid.x, rays.origin[2] - solid.z
    origin = (c * x - s * z, rays.origin[1] - solid.y0, s * x + c * z)
    if solid.yaw == 0:
        return origin, (rays.dx, rays.dy, rays.dz)
    return origin, (c * rays.dx - s * rays.dz, rays.dy, s * rays.dx + c * rays.dz)


def hit_solid(solid: Solid, rays: Rays, start=0.0) -> np.ndarray:
    """Depth in metres at which rays enter a solid beyond `start`; inf where they miss it."""
    origin, direction = local_rays(solid, rays)
    with np.errstate(divide="ignore", invalid="ignore"):
        enter, leave = {"box": _box, "cylinder": _cylinder, "ball": _ball}[solid.kind](solid, origin, direction)
        return np.where((enter < leave) & (enter > start), enter, np.float32(np.inf))


def fray(solid: Solid, rays: Rays, hit: np.ndarray) -> None:
    """Let rays pass through the leafy rim of a ball, where its texture is dark."""
    at = np.nonzero(np.isfinite(hit))
    origin, direction = local_rays(solid, rays)
    x, y, z = (o + hit[at] * d[at] for o, d in zip(origin, direction, strict=True))
    facing = np.abs(x * direction[0][at] + z * direction[2][at]) * np.float32(2 / solid.w)
    scale = np.float32(1 / solid.material.metres)
    leaf = solid.material.tile.sample((x + z) * scale, y * scale, hit[at] * np.float32(rays.step) * scale)[:, 1]
    bare = leaf < np.float32(solid.material.rough) * leaf.max(initial=0) * (1 - np.minimum(facing, 1)) ** 2
    hit[tuple(index[bare] for index in at)] = np.inf


def _slab(low: float, high: float, origin: float, direction: np.ndarray):
    """Depths between which rays are inside low..high along one axis."""
    inverse = np.float32(1) / direction
    a, b = np.float32(low - origin) * inverse, np.float32(high - origin) * inverse
    return np.minimum(a, b), np.maximum(a, b)


def _box(solid: Solid, origin, direction):
    """Depths at which rays enter and leave a box."""
    enter, leave = _slab(-solid.w / 2, solid.w / 2, origin[0], direction[0])
    for axis, (low, high) in ((1, (0, solid.y1 - solid.y0)), (2, (-solid.d / 2, solid.d / 2))):
        a, b = _slab(low, high, origin[axis], direction[axis])
        enter, leave = np.maximum(enter, a), np.minimum(leave, b)
    return enter, leave


def _roots(a, b, c):
    """Both solutions of a t² + 2 b t + c = 0; nan where there is none."""
    root = np.sqrt(b * b - a * c)
    return (-b - root) / a, (-b + root) / a


def _cylinder(solid: Solid, origin, direction):
    """Depths at which rays enter and leave an upright cylinder (elliptic if w and d differ)."""
    ox, oz = origin[0] * 2 / solid.w, origin[2] * 2 / solid.d
    dx, dz = direction[0] * np.float32(2 / solid.w), direction[2] * np.float32(2 / solid.d)
    enter, leave = _roots(
        dx * dx + dz * dz, np.float32(ox) * dx + np.float32(oz) * dz, np.float32(ox * ox + oz * oz - 1)
    )
    a, b = _slab(0, solid.y1 - solid.y0, origin[1], direction[1])
    return np.maximum(enter, a), np.minimum(leave, b)


def _ball(solid: Solid, origin, direction):
    """Depths at which rays enter and leave an ellipsoid that fills its box."""
    half = (solid.w / 2, (solid.y1 - solid.y0) / 2, solid.d / 2)
    o = [np.float32(value / h) for value, h in zip((origin[0], origin[1] - half[1], origin[2]), half, strict=True)]
    d = [value * np.float32(1 / h) for value, h in zip(direction, half, strict=True)]
    a = d[0] * d[0] + d[1] * d[1] + d[2] * d[2]
    b = o[0] * d[0] + o[1] * d[1] + o[2] * d[2]
    return _roots(a, b, o[0] * o[0] + o[1] * o[1] + o[2] * o[2] - np.float32(1))
