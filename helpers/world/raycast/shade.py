"""How much light comes back from each hit, and of which colour."""

import numpy as np

from ..camera import FAR
from .hits import Rays
from .interior import shell_look
from .light import Look, colours, contact, footprint, lit_up, sunlit
from .scene import Scene
from .solidlight import solid_look
from .trace import GROUND, SKY, SOLIDS


def shade(scene: Scene, rays: Rays, t: np.ndarray, surface: np.ndarray, known: dict | None = None) -> np.ndarray:
    """Linear light (rows, columns, 3) that each ray brings; surfaces below SKY stay black.

    `known` keeps what the surfaces look like: whoever shades the same rays again, in another light, hands it over.
    """
    picture, known, solids = np.zeros((t.size, 3), np.float32), {} if known is None else known, []
    flat = [array.ravel() for array in (rays.dx, rays.dy, rays.dz, t)]
    order = surface.ravel().argsort(kind="stable")  # all rays of a surface together
    numbers, starts = np.unique(surface.ravel()[order], return_index=True)
    for number, here in zip(numbers.tolist(), np.split(order, starts[1:]), strict=True):
        if number == SKY:
            picture[here] = sky_light(scene, [array[here] for array in flat[:3]])
        elif number > SKY:
            looks = known.get(number)
            if looks is None or looks[0] != source(scene, number) or not np.array_equal(looks[1], here):
                *direction, depth = (array[here] for array in flat)
                looks = known[number] = source(scene, number), here, *look_of(scene, number, rays, direction, depth)
            if number >= SOLIDS:
                solids.append(looks[1:])
            else:
                picture[here] = lit_up(scene, *looks[2:])
    if solids:  # all in one: a room has many small ones
        here, points, looks = zip(*solids)
        whole = [[np.concatenate(axis) for axis in zip(*group)] for group in (points, [look.normal for look in looks])]
        base, dark, glow = (np.concatenate([getattr(look, k) for look in looks]) for k in ("base", "dark", "glow"))
        picture[np.concatenate(here)] = lit_up(scene, whole[0], Look(base, whole[1], dark, glow))
    if scene.haze:
        share = np.where(surface.ravel() > SKY, np.minimum(flat[3] / FAR, 4) * np.float32(scene.haze), 0)[:, None]
        picture = (picture + share * scene.sky[len(scene.sky) // 2 - 1].mean(0)) / (1 + share)
    return picture.reshape(*t.shape, 3)


def source(scene: Scene, number: int) -> tuple:
    """What the look of a surface comes from: the same objects, the same look."""
    if number >= SOLIDS:
        return (id(scene.solids[number - SOLIDS]),)
    if number == GROUND:
        return id(scene.ground), id(scene.solids), scene.sun and scene.sun[:3]
    shell, face = scene.shells[number // 6], number % 6
    return id(shell.materials), id(shell.patches), *(id(panel) for panel in shell.panels if panel.face == face)


def look_of(scene: Scene, number: int, rays: Rays, direction, depth) -> tuple:
    """Points and look of one surface where rays meet it at `depth`."""
    point = [np.float32(o) + depth * d for o, d in zip(rays.origin, direction, strict=True)]
    width = depth * np.float32(rays.step)
    if number >= SOLIDS:
        return point, solid_look(scene.solids[number - SOLIDS], point, direction, width)
    if number == GROUND:
        return point, ground_look(scene, point, direction, width)
    return point, shell_look(scene, scene.shells[number // 6], number % 6, point, direction, width, number < 6)


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


def ground_look(scene: Scene, point, direction, width) -> Look:
    """The ground out of doors, with the sun's shadows of the solids."""
    x, _, z = point
    base = colours(scene.ground, x, z, footprint(direction, (0, 1, 0), width))
    lit = 1.0 if scene.sun is None else sunlit(scene, point, scene.sun[:3])
    return Look(base, (0.0, 1.0, 0.0), contact(scene, x, z), np.zeros(1, np.float32), lit)
