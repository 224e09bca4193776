"""Where each ray ends: the nearest surface of a scene, exact to rounding, for a whole grid of rays at once."""

from math import cos, sin

import numpy as np

from ..camera import FAR
from .hits import Rays, fray, hit_solid
from .scene import CEILING, FLOOR, Panel, Scene, Shell, Solid

SKY = -1  # surface number of the sky; shells count 6 each from 0, solids from SOLIDS
SOLIDS = 1000
GROUND = 999


def camera_rays(scene: Scene, size: int, samples: int) -> Rays:
    """Rays through `samples` × `samples` points of each pixel (one sample: the pixel's centre)."""
    at = ((np.arange(size * samples) + 0.5) / samples).astype(np.float32)
    x, y, z = scene.camera.rays(at[None, :], at[:, None], size)
    shape = (size * samples, size * samples)
    x, z = np.broadcast_to(x, shape), np.broadcast_to(z, shape)
    c, s = np.float32(cos(scene.yaw)), np.float32(sin(scene.yaw))
    dy = np.ascontiguousarray(np.broadcast_to(y, shape), dtype=np.float32)
    step = 1 / scene.camera.focal(size * samples)
    return Rays((scene.x, scene.camera.height, scene.z), c * x + s * z, dy, c * z - s * x, step)


def trace(scene: Scene, rays: Rays, start: np.ndarray | float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Depth in metres and surface number of the nearest hit beyond `start` for every ray."""
    t, surface = _outside(scene, rays) if not scene.shells else _inside(scene.shells[0], rays, 0)
    for number in range(1, len(scene.shells)):
        _pierce(scene, number, rays, t, surface)
    for panel in (p for shell in scene.shells[:1] for p in shell.panels if p.kind == "window"):
        _look_out(scene.shells[0], panel, rays, t, surface)
    for number, (solid, (rows, columns)) in enumerate(zip(scene.solids, windows(scene, scene.solids, rays))):
        if rows.stop > rows.start and columns.stop > columns.start:
            near = start if np.isscalar(start) else start[rows, columns]
            part = rays.part(rows, columns)
            hit = hit_solid(solid, part, near)
            if solid.material.rough and solid.kind == "ball":
                fray(solid, part, hit)
            closer = hit < t[rows, columns]
            np.copyto(t[rows, columns], hit, where=closer)
            np.copyto(surface[rows, columns], np.int16(SOLIDS + number), where=closer)
    return t, surface


def _outside(scene: Scene, rays: Rays) -> tuple[np.ndarray, np.ndarray]:
    """Depth and surface of the ground and the sky."""
    with np.errstate(divide="ignore"):
        t = np.where(rays.dy < -1e-6, -rays.origin[1] / rays.dy, np.inf).astype(np.float32)
    surface = np.where(t < 4 * FAR, GROUND, SKY).astype(np.int16)
    return t, surface


def _inside(shell: Shell, rays: Rays, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Depth and surface where rays leave a shell through its far side."""
    t = np.full(rays.dx.shape, np.inf, np.float32)
    surface = np.zeros(rays.dx.shape, np.int16)
    faces = ((0, 1), (4, 5), (2, 3))
    with np.errstate(divide="ignore", invalid="ignore"):
        for axis, direction in enumerate((rays.dx, rays.dy, rays.dz)):
            up = direction > 0
            hit = (
                np.where(up, np.float32(shell.high[axis]), np.float32(shell.low[axis])) - np.float32(rays.origin[axis])
            ) / direction
            closer = np.abs(hit, out=hit) < t  # a ray along the wall divides by 0 to minus infinity: it never meets it
            np.copyto(t, hit, where=closer)
            np.copyto(surface, np.where(up, faces[axis][1], faces[axis][0]).astype(np.int16), where=closer)
    return t, surface + np.int16(6 * number)


def wall_coordinates(shell: Shell, face: int, x, y, z):
    """(u, v) in metres on a face: along the wall and up it; on floor and ceiling, across and along the room."""
    if face in (FLOOR, CEILING):
        return x - shell.low[0], z - shell.low[2]
    return (z - shell.low[2] if face < 2 else x - shell.low[0]), y - shell.low[1]


def on_panel(shell: Shell, panel: Panel, rays: Rays, t: np.ndarray, surface: np.ndarray, glass: bool):
    """Where rays meet a panel of shell 0 (its panes only if `glass`)."""
    here = surface == panel.face
    at = np.nonzero(here)
    x, y, z = (o + t[at] * d[at] for o, d in zip(rays.origin, (rays.dx, rays.dy, rays.dz), strict=True))
    u, v = wall_coordinates(shell, panel.face, x, y, z)
    inside = (u > panel.u0) & (u < panel.u1) & (v > panel.v0) & (v < panel.v1)
    if glass:
        for place, low, high, count in ((u, panel.u0, panel.u1, panel.bars[0]), (v, panel.v0, panel.v1, panel.bars[1])):
            pane = (high - low) / count
            across = np.mod(place - low, pane)
            inside &= (across > panel.frame) & (across < pane - panel.frame)
    here[at] = inside
    return here


def _pierce(scene: Scene, number: int, rays: Rays, t: np.ndarray, surface: np.ndarray) -> None:
    """Let rays that meet an opening go on to the shell behind it (opening k leads to shell k + 1)."""
    openings = [panel for panel in scene.shells[0].panels if panel.kind == "opening"]
    here = on_panel(scene.shells[0], openings[number - 1], rays, t, surface, glass=False)
    if here.any():
        beyond = Rays(rays.origin, rays.dx[here], rays.dy[here], rays.dz[here])
        t[here], surface[here] = _inside(scene.shells[number], beyond, number)


def _look_out(shell: Shell, panel: Panel, rays: Rays, t: np.ndarray, surface: np.ndarray) -> None:
    """Let rays that meet a window pane go on to the sky."""
    here = on_panel(shell, panel, rays, t, surface, glass=True)
    t[here], surface[here] = np.inf, SKY


def windows(scene: Scene, solids: list[Solid], rays: Rays) -> list[tuple[slice, slice]]:
    """The rows and columns of the grid that each solid can touch."""
    height, width = rays.dx.shape
    if rays.mirror == "wall" or not solids:
        return [(slice(0, height), slice(0, width))] * len(solids)
    u, v, depth = solid_corners(scene, solids, -1 if rays.mirror == "floor" else 1, width)  # n 8 each
    around, behind = depth.min(1) <= 0.05, depth.max(1) <= 0.05
    bounds = []
    for at, most in ((v, height), (u, width)):
        low = np.where(around, 0, np.clip(at.min(1), 1, most + 1).astype(int) - 1)
        high = np.where(around, most, np.clip(at.max(1), -2, most).astype(int) + 2)
        bounds += [low, np.where(behind, 0, np.clip(high, 0, most))]
    return [(slice(top, bottom), slice(left, right)) for top, bottom, left, right in zip(*(b.tolist() for b in bounds))]


def solid_corners(scene: Scene, solids: list[Solid], flip: int, size: int):
    """Pixels (u, v) and depth, n 8 each, of the corners of the solids' boxes; `flip` -1: as the floor mirrors them."""
    boxes = np.array([(s.x, s.z, s.w, s.d, s.yaw, s.y0, s.y1) for s in solids]).T[..., None]
    x, z, w, d, yaw, low, high = boxes  # n 1 each
    across, deep = w / 2 * np.repeat([-1, -1, 1, 1], 2), d / 2 * np.repeat([-1, 1, -1, 1], 2)  # n 8
    c, s = np.cos(yaw), np.sin(yaw)
    x, z = scene.to_camera(x + c * across + s * deep, z - s * across + c * deep)
    with np.errstate(divide="ignore", invalid="ignore"):
        return scene.camera.project(x, np.where(np.arange(8) % 2, high, low) * flip, z, size)
