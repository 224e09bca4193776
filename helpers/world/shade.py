"""How much light comes back from each hit, and of which colour."""

import numpy as np

from .camera import FAR
from .scene import CEILING, FLOOR, Scene, Shell, Solid
from .trace import GROUND, SKY, SOLIDS, Rays, hit_solid, local_rays, wall_coordinates

NORMALS = np.array([(1, 0, 0), (-1, 0, 0), (0, 0, 1), (0, 0, -1), (0, 1, 0), (0, -1, 0)], np.float32)


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


def ground_light(scene: Scene, point, direction, width) -> np.ndarray:
    """Light from the ground out of doors, with the sun's shadows of the solids."""
    x, y, z = point
    wide = footprint(direction, (0, 1, 0), width)
    light = lamplight(scene, point, (0.0, 1.0, 0.0))
    if scene.sun is not None:
        towards = Rays((0, 0, 0), *(np.full(x.shape, value, np.float32) for value in scene.sun[:3]))
        lit = np.ones(x.shape, np.float32)
        for solid in scene.solids:
            lit *= _clear(solid, point, towards)
        light -= (1 - lit)[:, None] * np.float32(scene.sun[3] * scene.sun[1]) * np.asarray(scene.tint, np.float32)
        light = np.maximum(light, 0)
    return colours(scene.ground, x, z, wide) * light * contact(scene, x, z)[:, None]


def _clear(solid: Solid, point, towards: Rays) -> np.ndarray:
    """1 where the way from a point to the sun is clear of a solid, else 0."""
    origin = (point[0] - solid.x, point[1] - solid.y0, point[2] - solid.z)
    moved = Solid(solid.kind, 0, 0, 0, solid.y1 - solid.y0, solid.w, solid.d, solid.material, solid.yaw)
    return np.isinf(hit_solid(moved, Rays(origin, towards.dx, towards.dy, towards.dz), 0.0)).astype(np.float32)


def shell_light(scene: Scene, shell: Shell, face: int, point, direction, width, home: bool) -> np.ndarray:
    """Light from a wall, floor or ceiling: material, trim, panels, corner darkening, lamps."""
    x, y, z = point
    u, v = wall_coordinates(shell, face, x, y, z)
    material, normal = shell.materials[face], NORMALS[face]
    wide = footprint(direction, normal, width)
    base = colours(material, u, v, wide)
    across = (shell.high[2] - shell.low[2]) if face < 2 else (shell.high[0] - shell.low[0])
    up = (shell.high[2] - shell.low[2]) if face in (FLOOR, CEILING) else shell.high[1] - shell.low[1]
    dark = corners(np.minimum(u, across - u)) * corners(np.minimum(v, up - v))
    if face == FLOOR:
        _lay_rug(shell, base, u, v, wide)
        dark = dark * contact(scene, x, z)
    elif face == CEILING and shell.beams:
        base[np.mod(v, shell.beams) < 0.18] *= np.float32(0.6)
    elif face < FLOOR:
        _trim(shell, base, v, up)
    glow = np.full(u.shape, material.glow, np.float32)
    for panel in shell.panels:
        if home and panel.face == face and panel.kind not in ("opening", "mirror"):
            _hang(panel, u, v, wide, base, glow, dark)
    if face == FLOOR:
        _sunlight(shell, u, v, glow)
    light = lamplight(scene, point, normal) * dark[:, None] + glow[:, None]
    return base * light


def _lay_rug(shell: Shell, base, u, v, wide) -> None:
    """Paint a rug onto the colours of a floor."""
    if shell.rug is None:
        return
    x0, x1, z0, z1, material = shell.rug
    on = (u > x0) & (u < x1) & (v > z0) & (v < z1)
    edge = on & ((u < x0 + 0.12) | (u > x1 - 0.12) | (v < z0 + 0.12) | (v > z1 - 0.12))
    base[on] = colours(material, u[on], v[on], wide[on])
    base[edge] *= np.float32(0.45)


def _sunlight(shell: Shell, u, v, glow) -> None:
    """Add the slanted bright patches that windows throw on a floor."""
    for x, z, half_width, half_length, slant, strength in shell.patches:
        across, along = (u - x - slant * (v - z)) / half_width, (v - z) / half_length
        pane = (np.abs(across) < 1) & (np.abs(along) < 1) & (np.abs(across) > 0.06) & (np.abs(along) > 0.05)
        glow += np.float32(strength) * pane


def _trim(shell: Shell, base, v, up: float) -> None:
    """Paint skirting, panelled lower wall and cornice onto the colours of a wall."""
    trim = np.asarray(shell.trim, np.float32)
    if shell.dado:
        lower = v < shell.dado
        base[lower] = base[lower] * np.float32(0.35) + trim * np.float32(0.45)
        base[np.abs(v - shell.dado) < 0.035] = trim
    base[v < shell.skirting] = trim * np.float32(0.8)
    base[(v > shell.skirting - 0.02) & (v < shell.skirting)] = trim * np.float32(0.4)
    base[v > up - 0.1] = trim


def _hang(panel, u, v, wide, base, glow, dark) -> None:
    """Paint one panel, its frame, its shadow and the pool of its spotlight onto a wall."""
    near = np.flatnonzero((u > panel.u0 - 0.6) & (u < panel.u1 + 0.6) & (v > panel.v0 - 0.8) & (v < panel.v1 + 0.6))
    if not len(near):
        return
    a, b = u[near], v[near]
    across, up = panel.u1 - panel.u0, panel.v1 - panel.v0
    middle = (panel.u0 + panel.u1) / 2, (panel.v0 + panel.v1) / 2
    if panel.kind == "picture":
        below = (a > panel.u0 - 0.02) & (a < panel.u1 + 0.04) & (b > panel.v0 - 0.07) & (b < panel.v1)
        dark[near[below]] *= np.float32(0.6)
        pool = ((a - middle[0]) / (across / 2 + 0.5)) ** 2 + ((b - middle[1]) / (up / 2 + 0.5)) ** 2
        glow[near] += np.float32(0.6) / (1 + pool * pool * 4)
    inside = (a > panel.u0) & (a < panel.u1) & (b > panel.v0) & (b < panel.v1)
    at = near[inside]
    a, b = a[inside], b[inside]
    base[at] = np.asarray(panel.colour, np.float32)
    dark[at] = np.maximum(dark[at], np.float32(0.8))
    if panel.material is None:
        return
    f = panel.frame
    canvas = (a > panel.u0 + f) & (a < panel.u1 - f) & (b > panel.v0 + f) & (b < panel.v1 - f)
    at, a, b = at[canvas], a[canvas], b[canvas]
    left, right = (panel.u0 + f, across - 2 * f), (panel.v1 - f, up - 2 * f)
    shown = panel.material
    base[at] = colours(
        shown, (a - left[0]) / left[1], (right[0] - b) / right[1], wide[at] / np.float32(max(across, up))
    )
    glow[at] += np.float32(shown.glow)


def solid_light(scene: Scene, solid: Solid, point, direction, width) -> np.ndarray:
    """Light from a box, cylinder or ball."""
    origin, d = local_rays(solid, Rays((0, 0, 0), *direction))
    c, s = np.float32(np.cos(solid.yaw)), np.float32(np.sin(solid.yaw))
    dx, dz = point[0] - np.float32(solid.x), point[2] - np.float32(solid.z)
    x, y, z = c * dx - s * dz, point[1] - np.float32(solid.y0), s * dx + c * dz
    nx, ny, nz, u, v = {"box": _box_face, "cylinder": _cylinder_face, "ball": _ball_face}[solid.kind](solid, x, y, z, d)
    normal = (c * nx + s * nz, ny, -s * nx + c * nz)
    wide = footprint(direction, normal, width)
    base = _surface(solid, solid.material, u, v, wide)
    for material, faces in ((solid.top, ny > 0.7), (solid.front, nz < -0.7)):
        if material is not None and faces.any():
            base[faces] = _surface(solid, material, u[faces], v[faces], wide[faces])
    dark = corners(y + np.float32(solid.y0), 0.3, 0.25) if solid.y0 < 0.5 else np.ones(y.shape, np.float32)
    return base * (lamplight(scene, point, normal) * dark[:, None] + np.float32(solid.material.glow))


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


def _box_face(solid: Solid, x, y, z, direction):
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


def _cylinder_face(solid: Solid, x, y, z, direction):
    """Normal and (u, v) in metres on a cylinder: around it and up it."""
    lid = np.minimum(np.abs(y), np.abs(solid.y1 - solid.y0 - y)) < 1e-3
    nx, nz = x * np.float32(2 / solid.w), z * np.float32(2 / solid.d)
    length = np.sqrt(nx * nx + nz * nz) + np.float32(1e-6)
    round_, zero = ~lid, np.float32(0)
    nx, nz = np.where(round_, nx / length, zero), np.where(round_, nz / length, zero)
    ny = np.where(lid, np.sign(y - (solid.y1 - solid.y0) / 2), zero)
    around = np.arctan2(x, z) * np.float32(solid.w / 2)
    return nx, ny, nz, np.where(lid, x, around), np.where(lid, z, y)


def _ball_face(solid: Solid, x, y, z, direction):
    """Normal and (u, v) in metres on a ball."""
    half = (solid.y1 - solid.y0) / 2
    nx, ny, nz = x * np.float32(2 / solid.w), (y - half) * np.float32(1 / half), z * np.float32(2 / solid.d)
    around = np.arctan2(nx, nz) * np.float32(solid.w / 2)
    nx, ny, nz = nx * np.float32(2 / solid.w), ny * np.float32(1 / half), nz * np.float32(2 / solid.d)
    length = np.sqrt(nx * nx + ny * ny + nz * nz) + np.float32(1e-6)
    return nx / length, ny / length, nz / length, around, y
