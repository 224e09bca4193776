"""What the inside of a room looks like: its surfaces, trim, rug, and what hangs on its walls."""

import numpy as np

from .light import Look, colours, contact, corners, footprint
from .scene import CEILING, FLOOR, Scene, Shell
from .trace import wall_coordinates

NORMALS = np.array([(1, 0, 0), (-1, 0, 0), (0, 0, 1), (0, 0, -1), (0, 1, 0), (0, -1, 0)], np.float32)


def shell_look(scene: Scene, shell: Shell, face: int, point, direction, width, home: bool) -> Look:
    """The look of a wall, floor or ceiling: material, trim, panels, corner darkening."""
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
    return Look(base, normal, dark, glow)


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
