"""Lamps, sun, corners and contact shadows: how much light falls on a point."""

import numpy as np

from .scene import Scene


def lamplight(scene: Scene, point, normal) -> np.ndarray:
    """Light (n, 3) that falls on points with these normals (a triple of numbers or arrays)."""
    x, y, z = point
    up = np.float32(1) - np.float32(0.12) * np.asarray(normal[1], np.float32)  # floors throw light up to ceilings
    direct = np.zeros(x.shape, np.float32)
    for lamp in scene.lamps:
        dx, dy, dz = np.float32(lamp.x) - x, np.float32(lamp.y) - y, np.float32(lamp.z) - z
        square = dx * dx + dy * dy + dz * dz + np.float32(0.01)
        facing = (dx * normal[0] + dy * normal[1] + dz * normal[2]) / np.sqrt(square)
        reach = np.float32(1 / lamp.reach**2)
        direct += (
            np.float32(lamp.power) * np.maximum(facing * np.float32(0.75) + np.float32(0.25), 0) / (1 + square * reach)
        )
    if scene.sun is not None:
        facing = scene.sun[0] * normal[0] + scene.sun[1] * normal[1] + scene.sun[2] * normal[2]
        direct += np.float32(scene.sun[3]) * np.maximum(facing, 0)
    ambient = np.broadcast_to(up, x.shape)[:, None] * np.asarray(scene.ambient, np.float32)
    return (ambient + direct[:, None] * np.asarray(scene.tint, np.float32)).astype(np.float32, copy=False)


def corners(distance, depth: float = 0.35, reach: float = 0.35):
    """Darkening 0..1 at some metres from a corner."""
    return 1 - np.float32(depth) / (1 + (distance * np.float32(1 / reach)) ** 2)


def footprint(direction, normal, width):
    """Width in metres of a sample on a slanted surface."""
    x, y, z = direction
    slant = np.abs(x * normal[0] + y * normal[1] + z * normal[2]) + np.float32(0.02)
    return width / np.sqrt(np.minimum(slant, 1))


def colours(material, u, v, width) -> np.ndarray:
    """Material colours (n, 3) at u, v: metres for a tile, 0..1 for a picture."""
    scale = np.float32(1 / material.metres) if material.metres else np.float32(1)
    return material.tile.sample(u * scale, v * scale, width * scale)


def contact(scene: Scene, x, z) -> np.ndarray:
    """Darkening of the floor around the feet of the solids."""
    shadow = np.ones(x.shape, np.float32)
    for solid in scene.solids:
        if not solid.grounded or solid.y0 > 0.8:
            continue
        reach = np.float32(0.12 + 0.1 * min(solid.y1, 1.5) + 0.5 * max(solid.y0, 0))
        near = np.flatnonzero((np.abs(x - solid.x) + np.abs(z - solid.z)) < (solid.w + solid.d) / 2 + 4 * reach)
        c, s = np.cos(solid.yaw), np.sin(solid.yaw)
        dx, dz = x[near] - solid.x, z[near] - solid.z
        across = np.maximum(np.abs(np.float32(c) * dx - np.float32(s) * dz) - solid.w / 2, 0)
        deep = np.maximum(np.abs(np.float32(s) * dx + np.float32(c) * dz) - solid.d / 2, 0)
        gap = (across * across + deep * deep) / (reach * reach)
        shadow[near] *= 1 - np.float32(0.5 / (1 + 3 * max(solid.y0, 0))) / (1 + gap * gap)
    return shadow
