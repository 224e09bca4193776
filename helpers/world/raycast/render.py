"""From a scene to a backdrop: colour by four rays a pixel, depth by one through the pixel's centre."""

import numpy as np

from ..camera import FAR
from ..drawn import Backdrop
from .hits import Rays, hit_solid
from .materials import half_size
from .scene import FLOOR, Scene
from .shade import shade
from .trace import GROUND, SKY, camera_rays, on_panel, trace, windows

NOTHING = SKY - 1


def render(scene: Scene, size: int, rng: np.random.Generator) -> Backdrop:
    """The scene as its camera takes it: `size` × `size` pixels, exact depth, places to stand."""
    centre = camera_rays(scene, size, 1)
    depth, surface = trace(scene, centre)
    light = fine_light(scene, size)
    add_floor_mirror(scene, centre, depth, surface, light)
    light = half_size(light)
    for glass in scene.glass:
        add_glass(scene, glass, centre, depth, light)
    picture = develop(light, scene, rng)
    return Backdrop(picture, np.minimum(depth, np.float32(FAR)), scene.camera, standing_places(scene), scene.kind)


def fine_light(scene: Scene, size: int) -> np.ndarray:
    """Linear light of a picture twice as fine, with what its wall mirrors show."""
    rays = camera_rays(scene, size, 2)
    t, surface = trace(scene, rays)
    light = shade(scene, rays, t, surface)
    for panel in (panel for shell in scene.shells[:1] for panel in shell.panels if panel.kind == "mirror"):
        here = on_panel(scene.shells[0], panel, rays, t, surface, glass=True)
        if here.any():
            light[here] = 0.85 * reflection(scene, panel, rays, t, here)
    return light


def reflection(scene: Scene, panel, rays: Rays, t: np.ndarray, here: np.ndarray) -> np.ndarray:
    """Light (n, 3) that a wall mirror throws back along the rays that meet it."""
    axis = 0 if panel.face < 2 else 2
    plane = (scene.shells[0].low if panel.face % 2 == 0 else scene.shells[0].high)[axis]
    origin = tuple(2 * plane - o if a == axis else o for a, o in enumerate(rays.origin))
    directions = [(-d[here] if a == axis else d[here])[:, None] for a, d in enumerate((rays.dx, rays.dy, rays.dz))]
    back = Rays(origin, *directions, rays.step, "wall")
    return shade(scene, back, *trace(scene, back, t[here][:, None]))[:, 0]


def add_floor_mirror(scene: Scene, rays: Rays, depth: np.ndarray, surface: np.ndarray, light: np.ndarray) -> None:
    """Add to the light what a polished floor mirrors, more at a flat angle."""
    gloss = scene.shells[0].materials[FLOOR].gloss if scene.shells else scene.ground.gloss
    floor = surface == (FLOOR if scene.shells else GROUND)
    if not gloss or not floor.any():
        return
    below = Rays((rays.origin[0], -rays.origin[1], rays.origin[2]), rays.dx, -rays.dy, rays.dz, rays.step, "floor")
    start = np.where(floor, depth, np.float32(np.inf))
    t, hit = trace(scene, below, start)
    mirrored = shade(scene, below, t, np.where(floor, hit, np.int16(NOTHING)))
    slope = -rays.dy / np.sqrt(rays.dx**2 + rays.dy**2 + rays.dz**2)
    share = np.where(floor, gloss * (0.15 + 0.85 * (1 - np.clip(slope, 0, 1)) ** 3), 0).astype(np.float32)[..., None]
    size = len(depth)
    fine = light.reshape(size, 2, size, 2, 3)
    fine *= 1 - 0.5 * share[:, None, :, None]
    fine += (mirrored * share)[:, None, :, None]


def add_glass(scene: Scene, glass, rays: Rays, depth: np.ndarray, light: np.ndarray) -> None:
    """Tint what stands behind a glass case and let its panes shine a little."""
    rows, columns = windows(scene, [glass], rays)[0]
    part = rays.part(rows, columns)
    enter = hit_solid(glass, part)
    here = enter < depth[rows, columns]
    streak = 0.5 + 0.5 * np.sin(6 * (part.dx + 1.5 * part.dy) * glass.w + glass.x)
    shine = np.where(here, 0.03 + 0.07 * streak**4, 0).astype(np.float32)[..., None]
    light[rows, columns] = light[rows, columns] * np.where(here, np.float32(0.88), 1)[..., None] + shine


def develop(light: np.ndarray, scene: Scene, rng: np.random.Generator) -> np.ndarray:
    """A uint8 picture of linear light: exposure, white balance, vignette, a soft shoulder, grain."""
    size = len(light)
    light = (
        light
        * (np.float32(scene.exposure) / (np.float32(1e-3) + np.median(light.mean(2))))
        * np.asarray(scene.warmth, np.float32)
    )
    at = (np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1
    light *= (1 - np.float32(0.1) * (at[:, None] ** 2 + at[None, :] ** 2))[..., None]
    shown = np.sqrt(light * (1 + light * np.float32(0.15)) / (1 + light))
    shown = np.minimum(shown, 1)
    shown += np.float32(scene.contrast) * (shown * shown * (3 - 2 * shown) - shown)
    shown += np.float32(scene.grain) * rng.standard_normal(light.shape, np.float32)
    return (np.clip(shown, 0, 1) * 255 + np.float32(0.5)).astype(np.uint8)


def standing_places(scene: Scene) -> np.ndarray:
    """The scene's free places (x, z) in the camera's own coordinates, float32 metres."""
    if scene.spots is None or not len(scene.spots):
        return np.zeros((0, 2), np.float32)
    x, z = scene.to_camera(scene.spots[:, 0], scene.spots[:, 1])
    return np.stack([x, z], 1).astype(np.float32)
