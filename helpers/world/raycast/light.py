"""Lamps, sun, corners and contact shadows: how much light falls on a point."""

from typing import NamedTuple

import numpy as np

from .hits import Rays, hit_solid
from .scene import Beam, Scene


class Look(NamedTuple):
    """What points of a surface look like in any light."""

    base: np.ndarray  # n 3 linear colours
    normal: tuple  # numbers or n each
    dark: np.ndarray  # n share of the light that corners and contact leave
    glow: np.ndarray  # n or 1: light that is always there
    lit: np.ndarray | float = 1.0  # share of the sun that is not hidden


def lit_up(scene: Scene, point, look: Look) -> np.ndarray:
    """Light (n, 3) that comes back from points of this look."""
    light = lamplight(scene, point, look.normal, look.lit)
    light *= look.dark[:, None]
    light += look.glow[:, None]
    light *= look.base
    return light


def towards(normal, direction):
    """How far a direction goes along a normal: their product, where a wall's normal has only one part."""
    parts = [n * d for n, d in zip(normal, direction) if isinstance(n, np.ndarray) or n]
    return sum(parts[1:], parts[0])


def lamplight(scene: Scene, point, normal, lit: np.ndarray | float = 1.0) -> np.ndarray:
    """Light (n, 3) on points with these normals (a triple of numbers or arrays); `lit`: the share of the sun seen."""
    x, y, z = point
    up = np.float32(1) - np.float32(0.12) * np.asarray(normal[1], np.float32)  # floors throw light up to ceilings
    direct = np.zeros(x.shape, np.float32)
    for lamp in scene.lamps:
        dx, dy, dz = np.float32(lamp.x) - x, np.float32(lamp.y) - y, np.float32(lamp.z) - z
        square = dx * dx + dy * dy + dz * dz + np.float32(0.01)
        facing = towards(normal, (dx, dy, dz)) / np.sqrt(square)
        reach = np.float32(1 / lamp.reach**2)
        direct += (
            np.float32(lamp.power) * np.maximum(facing * np.float32(0.75) + np.float32(0.25), 0) / (1 + square * reach)
        )
    if scene.sun is not None:
        facing = towards(normal, scene.sun)
        seen = lit if scene.clouds is None else lit * between_clouds(scene, point)
        direct += np.float32(scene.sun[3]) * np.maximum(facing, 0) * seen
    for beam in scene.beams:
        _fall_in(scene, beam, point, normal, direct)
    ambient = np.broadcast_to(up, x.shape)[:, None] * np.asarray(scene.ambient, np.float32)
    return (ambient + direct[:, None] * np.asarray(scene.tint, np.float32)).astype(np.float32, copy=False)


def between_clouds(scene: Scene, point) -> np.ndarray:
    """Share of the sun (n,) that the clouds let through: soft shadows that lie on the ground and climb fronts."""
    x, y, z = point
    east, up, north, _ = scene.sun
    x, z = x - y * np.float32(east / up), z - y * np.float32(north / up)
    waves = scene.clouds.astype(np.float32)
    cover = sum(np.cos(x * a + z * b + c) for a, b, c, _ in waves) * np.float32(0.7 / np.sqrt(len(waves))) + 0.5
    cover = np.clip(cover, 0, 1)
    return 1 - waves[0, 3] * cover * cover * (3 - 2 * cover)


def _fall_in(scene: Scene, beam: Beam, point, normal, direct: np.ndarray) -> None:
    """Add the sunlight that a pane lets in, with half-shadows as wide as the sun, to `direct`."""
    sun, side = np.asarray(beam.sun[:3], np.float32), 2 - beam.axis
    facing = towards(normal, sun)
    far = (np.float32(beam.plane) - point[beam.axis]) / sun[beam.axis]
    along, up = point[side] + far * sun[side], point[1] + far * sun[1]
    along = along - beam.low[0]
    if beam.count > 1:
        along -= np.float32(beam.step) * np.clip(np.floor(along / beam.step), 0, beam.count - 1)
    inside = np.minimum(along, beam.high[0] - beam.low[0] - along)
    inside = np.minimum(inside, np.minimum(up - beam.low[1], beam.high[1] - up))
    soft = np.float32(0.01) + np.float32(0.01) * np.abs(far)
    share = np.clip(inside / soft + np.float32(0.5), 0, 1) * (np.maximum(facing, 0) * (far > 0))
    if beam.slats:
        share *= np.clip(np.cos(up * np.float32(2 * np.pi * beam.slats)) / (soft * 6 * beam.slats) + 0.5, 0, 1)
    at = np.flatnonzero(share)
    if len(at):
        share = share[at] * sunlit(scene, [axis[at] for axis in point], sun)
        direct[at] += np.float32(beam.sun[3]) * share


def sunlit(scene: Scene, point, sun) -> np.ndarray:
    """1 where the way from a point (of n) towards the sun is clear of solids, else 0."""
    lit = np.ones(point[0].shape, np.float32)
    sun = np.asarray(sun, np.float32)
    ahead = point[0] * sun[0] + point[1] * sun[1] + point[2] * sun[2]
    across = [axis - ahead * s for axis, s in zip(point, sun, strict=True)]  # the points as seen from the sun
    for solid in scene.solids:
        middle = np.array((solid.x, (solid.y0 + solid.y1) / 2, solid.z), np.float32)
        half = np.sqrt(solid.w**2 + solid.d**2 + (solid.y1 - solid.y0) ** 2) / 2
        depth = middle @ sun
        gap = sum((axis - m + depth * s) ** 2 for axis, m, s in zip(across, middle, sun, strict=True))
        near = np.flatnonzero((gap < np.float32(half * half)) & (ahead < depth + np.float32(half)) & (lit > 0))
        if len(near):
            origin = tuple(axis[near] for axis in point)
            lit[near] = np.isinf(hit_solid(solid, Rays(origin, *(np.full(len(near), s, np.float32) for s in sun))))
    return lit


def corners(distance, depth: float = 0.35, reach: float = 0.35):
    """Darkening 0..1 at some metres from a corner."""
    return 1 - np.float32(depth) / (1 + (distance * np.float32(1 / reach)) ** 2)


def footprint(direction, normal, width):
    """Width in metres of a sample on a slanted surface."""
    slant = np.abs(towards(normal, direction)) + np.float32(0.02)
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
