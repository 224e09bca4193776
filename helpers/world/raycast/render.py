"""From a scene to a backdrop: colour by four rays a pixel, depth by one through the pixel's centre."""

from dataclasses import dataclass, field, replace

import numpy as np

from ..camera import FAR
from ..drawn import LATER, Backdrop
from .hits import Rays, hit_solid
from .light import lamplight
from .materials import half_size
from .moments import another_moment, middle, same_places
from .scene import FLOOR, Material, Panel, Scene
from .shade import shade
from .trace import GROUND, SKY, camera_rays, on_panel, trace, windows

NOTHING = SKY - 1


@dataclass
class Sight:
    """What the rays of a scene's camera meet: through each pixel's centre, and twice as fine."""

    rays: Rays
    depth: np.ndarray
    surface: np.ndarray
    fine: Rays
    fine_depth: np.ndarray
    fine_surface: np.ndarray
    known: dict = field(default_factory=dict)  # what the surfaces look like, once they have been shaded
    mirrored: tuple = ()  # depth, surface and looks of what a polished floor mirrors, once that was traced


def look(scene: Scene, size: int) -> Sight:
    """Where all rays of the scene's camera end."""
    centre, fine = camera_rays(scene, size, 1), camera_rays(scene, size, 2)
    return Sight(centre, *trace(scene, centre), fine, *trace(scene, fine))


def look_again(scene: Scene, then: Scene, seen: Sight) -> Sight:
    """Where the rays end at another moment: only what has moved by centimetres is traced anew."""
    if same_places(scene, then):
        return seen
    t, surface = trace(then, seen.fine)
    return replace(seen, fine_depth=t, fine_surface=surface, mirrored=())


def render(scene: Scene, size: int, rng: np.random.Generator, later: float = LATER) -> Backdrop:
    """The scene as its camera takes it: `size` × `size` pixels, exact depth, lights, places to stand.

    With the chance `later` it is also taken at another moment, with the same exposure or, now and then, half its own.
    """
    seen = look(scene, size)
    light = light_seen(scene, seen)
    gain = exposure(scene, light)
    picture, moment = develop(light, gain, scene, rng), None
    chance = np.random.default_rng(rng.integers(2**63))  # its own numbers: the picture is the same with and without
    if chance.random() < later:
        then = another_moment(chance, scene)
        light = light_seen(then, look_again(scene, then, seen))
        own = np.sqrt(exposure(then, light) / gain) if chance.random() < 1 / 3 else 1
        moment = develop(light, gain * own, then, chance)
    valid, lights, floor = honest(scene, seen), lights_of(scene, seen), _floor(scene)
    depth, places = np.minimum(seen.depth, np.float32(FAR)), standing_places(scene)
    return Backdrop(picture, depth, scene.camera, places, scene.kind, valid, moment, lights, floor.gloss)


def light_seen(scene: Scene, seen: Sight) -> np.ndarray:
    """Linear light S S 3 of what is seen, with mirrors, polished floor and glass."""
    light = fine_light(scene, seen)
    add_floor_mirror(scene, seen, light)
    light = half_size(light)
    for glass in scene.glass:
        add_glass(scene, glass, seen.rays, seen.depth, light)
    return light


def _floor(scene: Scene) -> Material:
    """What the floor, or the ground, is made of."""
    return scene.shells[0].materials[FLOOR] if scene.shells else scene.ground


def _panels(scene: Scene, kind: str) -> list[Panel]:
    """The mirrors, or windows, of the room in which the camera stands."""
    return [panel for shell in scene.shells[:1] for panel in shell.panels if panel.kind == kind]


def honest(scene: Scene, seen: Sight) -> np.ndarray:
    """S S bool: False behind a window pane and where a wall mirror is met; out of doors the sky is valid."""
    valid = (seen.surface != SKY) | (not scene.shells)
    for panel in _panels(scene, "mirror"):
        valid &= ~on_panel(scene.shells[0], panel, seen.rays, seen.depth, seen.surface, glass=True)
    return valid


def lights_of(scene: Scene, seen: Sight, most: int = 3) -> np.ndarray:
    """n 4: up to `most` lights (x, y, z in the camera's metres, share of the light amid the visible floor)."""
    floor = (seen.surface == (FLOOR if scene.shells else GROUND)) & (seen.depth < 12)
    ahead = [np.median(seen.depth[floor] * axis[floor]) if floor.any() else 0 for axis in (seen.rays.dx, seen.rays.dz)]
    x, z = (scene.x + ahead[0], scene.z + ahead[1]) if floor.any() else scene.to_scene(0.0, 4.0)
    point, up = [np.array([value], np.float32) for value in (x, 0, z)], (0.0, 1.0, 0.0)
    dark = replace(scene, lamps=[], sun=None, beams=())
    alone = [((lamp.x, lamp.y, lamp.z), replace(dark, lamps=[lamp])) for lamp in scene.lamps]
    if scene.sun is not None:
        away = 1000 * np.array(scene.sun[:3])
        alone.append(((scene.x + away[0], away[1], scene.z + away[2]), replace(dark, sun=scene.sun)))
    ambient = lamplight(dark, point, up).mean()
    lights = [(*at, lamplight(one, point, up).mean() - ambient) for at, one in alone]
    windows = [middle(scene.shells[0], panel) for panel in _panels(scene, "window")][:most]
    lights += [(*at, 0.15 * ambient) for at in windows]  # windows give a part of the light from everywhere
    if not lights:
        return np.zeros((0, 4), np.float32)
    found = np.array(sorted(lights, key=lambda light: -light[3]), np.float32)
    found[:, 3] /= found[:, 3].sum() + ambient * (1 - 0.15 * len(windows))
    found[:, 0], found[:, 2] = scene.to_camera(found[:, 0], found[:, 2])
    return found[:most]


def fine_light(scene: Scene, seen: Sight) -> np.ndarray:
    """Linear light of a picture twice as fine, with what its wall mirrors show."""
    rays, t, surface = seen.fine, seen.fine_depth, seen.fine_surface
    light = shade(scene, rays, t, surface, seen.known)
    for panel in _panels(scene, "mirror"):
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


def add_floor_mirror(scene: Scene, seen: Sight, light: np.ndarray) -> None:
    """Add to the light what a polished floor mirrors, more at a flat angle."""
    rays, depth, surface = seen.rays, seen.depth, seen.surface
    gloss = _floor(scene).gloss
    floor = surface == (FLOOR if scene.shells else GROUND)
    if not gloss or not floor.any():
        return
    below = Rays((rays.origin[0], -rays.origin[1], rays.origin[2]), rays.dx, -rays.dy, rays.dz, rays.step, "floor")
    if not seen.mirrored:
        t, hit = trace(scene, below, np.where(floor, depth, np.float32(np.inf)))
        seen.mirrored = t, np.where(floor, hit, np.int16(NOTHING)), {}
    mirrored = shade(scene, below, *seen.mirrored)
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


def exposure(scene: Scene, light: np.ndarray) -> np.float32:
    """What a camera with auto exposure multiplies the linear light with."""
    grey = ((light[..., 0] + light[..., 1] + light[..., 2]) / np.float32(3)).ravel()
    half = len(grey) // 2
    median = np.partition(grey, (half - 1, half))[half - 1 : half + 1].mean()  # np.median takes ten times as long
    return np.float32(scene.exposure) / (np.float32(1e-3) + median)


def develop(light: np.ndarray, gain: float, scene: Scene, rng: np.random.Generator) -> np.ndarray:
    """A uint8 picture of linear light: exposure, white balance, vignette, a soft shoulder, grain."""
    size = len(light)
    light = light * np.float32(gain) * np.asarray(scene.warmth, np.float32)
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
