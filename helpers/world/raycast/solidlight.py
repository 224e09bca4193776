"""What boxes, cylinders and balls look like."""

import numpy as np

from .light import Look, colours, corners, footprint
from .scene import Solid


def solid_look(solid: Solid, point, direction, width) -> Look:
    """The look of a box, cylinder or ball."""
    c, s = np.float32(np.cos(solid.yaw)), np.float32(np.sin(solid.yaw))
    dx, dz = point[0] - np.float32(solid.x), point[2] - np.float32(solid.z)
    x, y, z = c * dx - s * dz, point[1] - np.float32(solid.y0), s * dx + c * dz
    nx, ny, nz, u, v = {"box": _box_face, "cylinder": _cylinder_face, "ball": _ball_face}[solid.kind](solid, x, y, z)
    normal = (c * nx + s * nz, ny, -s * nx + c * nz)
    wide = footprint(direction, normal, width)
    base = _surface(solid, solid.material, u, v, wide)
    for material, faces in ((solid.top, ny > 0.7), (solid.front, nz < -0.7)):
        if material is not None and faces.any():
            base[faces] = _surface(solid, material, u[faces], v[faces], wide[faces])
    dark = corners(y + np.float32(solid.y0), 0.3, 0.25) if solid.y0 < 0.5 else np.ones(y.shape, np.float32)
    return Look(base, normal, dark, np.full(y.shape, solid.material.glow, np.float32))


def _surface(solid: Solid, material, u, v, wide):
    """Colours of a material at u, v in metres; a stretched picture fills the face."""
    if material.metres:
        return colours(material, u, v, wide)
    size = max(solid.w, solid.d, solid.y1 - solid.y0)
    return colours(
        material,
        u / np.float32(solid.w) + np.float32(0.5),
        1 - v / np.float32(solid.y1 - solid.y0),
        wide / np.float32(size),
    )


def _box_face(solid: Solid, x, y, z):
    """Normal and (u, v) in metres on the face of a box that was hit."""
    gap = np.stack(
        [np.abs(np.abs(x) - solid.w / 2), np.minimum(y, solid.y1 - solid.y0 - y), np.abs(np.abs(z) - solid.d / 2)]
    )
    gap[1] = np.abs(gap[1])
    axis = gap.argmin(0)
    zero = np.float32(0)
    nx, nz = np.where(axis == 0, np.sign(x), zero), np.where(axis == 2, np.sign(z), zero)
    ny = np.where(axis == 1, np.sign(y - (solid.y1 - solid.y0) / 2), zero)
    return nx, ny, nz, np.where(axis == 0, z, x), np.where(axis == 1, z, y)


def _cylinder_face(solid: Solid, x, y, z):
    """Normal and (u, v) in metres on a cylinder: around it and up it."""
    lid = np.minimum(np.abs(y), np.abs(solid.y1 - solid.y0 - y)) < 1e-3
    nx, nz = x * np.float32(2 / solid.w), z * np.float32(2 / solid.d)
    length = np.sqrt(nx * nx + nz * nz) + np.float32(1e-6)
    round_, zero = ~lid, np.float32(0)
    nx, nz = np.where(round_, nx / length, zero), np.where(round_, nz / length, zero)
    ny = np.where(lid, np.sign(y - (solid.y1 - solid.y0) / 2), zero)
    around = np.arctan2(x, z) * np.float32(solid.w / 2)
    return nx, ny, nz, np.where(lid, x, around), np.where(lid, z, y)


def _ball_face(solid: Solid, x, y, z):
    """Normal and (u, v) in metres on a ball."""
    half = (solid.y1 - solid.y0) / 2
    nx, ny, nz = x * np.float32(2 / solid.w), (y - half) * np.float32(1 / half), z * np.float32(2 / solid.d)
    around = np.arctan2(nx, nz) * np.float32(solid.w / 2)
    nx, ny, nz = nx * np.float32(2 / solid.w), ny * np.float32(1 / half), nz * np.float32(2 / solid.d)
    length = np.sqrt(nx * nx + ny * ny + nz * nz) + np.float32(1e-6)
    return nx / length, ny / length, nz / length, around, y
