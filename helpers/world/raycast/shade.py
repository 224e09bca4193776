"""How much light comes back from each hit, and of which colour."""

import numpy as np

from ..camera import FAR
from .hits import Rays
from .interior import shell_light
from .light import colours, contact, footprint, lamplight, sunlit
from .scene import Scene
from .solidlight import solid_light
from .trace import GROUND, SKY, SOLIDS


def shade(scene: Scene, rays: Rays, t: np.ndarray, surface: np.ndarray) -> np.ndarray:
    """Linear light (rows, columns, 3) that each ray brings; surfaces below SKY stay black."""
    picture = np.zeros((t.size, 3), np.float32)
    flat = [array.ravel() for array in (rays.dx, rays.dy, rays.dz, t)]
    order = surface.ravel().argsort(kind="stable")  # all rays of a surface together
    numbers, starts = np.unique(surface.ravel()[order], return_index=True)
    for number, here in zip(numbers, np.split(order, starts[1:]), strict=True):
        if number >= SKY:
            *direction, depth = (array[here] for array in flat)
            picture[here] = surface_light(scene, int(number), rays, direction, depth)
    return picture.reshape(*t.shape, 3)


def surface_light(scene: Scene, number: int, rays: Rays, direction, depth) -> np.ndarray:
    """Light (n, 3) from one surface, or the sky, along the rays that meet it at `depth`."""
    if number == SKY:
        return sky_light(scene, direction)
    point = [np.float32(o) + depth * d for o, d in zip(rays.origin, direction, strict=True)]
    width = depth * np.float32(rays.step)
    if number >= SOLIDS:
        light = solid_light(scene, scene.solids[number - SOLIDS], point, direction, width)
    elif number == GROUND:
        light = ground_light(scene, point, direction, width)
    else:
        light = shell_light(scene, scene.shells[number // 6], number % 6, point, direction, width, number < 6)
    if scene.haze:
        share = (np.minimum(depth / FAR, 4) * np.float32(scene.haze))[:, None]
        light = (light + share * scene.sky[len(scene.sky) // 2 - 1].mean(0)) / (1 + share)
    return light


def sky_light(scene: Scene, direction) -> np.ndarray:
    """Colour of the sky panorama in each direction: its middle row is the horizon."""
    x, y, z = direction
    rows, columns = scene.sky.shape[:2]
    level = y / np.sqrt(x * x + y * y + z * z)  # -1 below, 0 at the horizon, 1 overhead
    around = np.arctan2(x, z) * np.float32(2 / np.pi)  # the panorama repeats every quarter turn
    row = np.clip((1 - level) * np.float32(0.5 * rows) - np.float32(0.5), 0, rows - 1.001)
    column = (around - np.floor(around)) * np.float32(columns)
    r, c = row.astype(np.int32), column.astype(np.int32)
    down, right = (row - r)[:, None], (column - c)[:, None]
    c, beside = c % columns, (c + 1) % columns
    above = scene.sky[r, c] * (1 - right) + scene.sky[r, beside] * right
    below = scene.sky[r + 1, c] * (1 - right) + scene.sky[r + 1, beside] * right
    return above * (1 - down) + below * down


def ground_light(scene: Scene, point, direction, width) -> np.ndarray:
    """Light from the ground out of doors, with the sun's shadows of the solids."""
    x, y, z = point
    wide = footprint(direction, (0, 1, 0), width)
    lit = 1.0 if scene.sun is None else sunlit(scene, point, scene.sun[:3])
    light = lamplight(scene, point, (0.0, 1.0, 0.0), lit)
    return colours(scene.ground, x, z, wide) * light * contact(scene, x, z)[:, None]
