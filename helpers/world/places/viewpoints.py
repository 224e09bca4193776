"""Where the camera stands and what it looks at, for any camera; and where somebody may stand in its view."""

from dataclasses import replace
from math import pi

import numpy as np

from ..camera import Camera
from ..raycast.scene import Scene
from ..raycast.trace import camera_rays, trace

CLEAR = 0.25  # metres around the camera in which nothing stands
HELD = {"hand": 0.8, "web": 0.1, "high": 0.1}  # how the camera is held in a room in which people live, and how often
FIXED = {"hand": 0.35, "web": 0.1, "high": 0.4, "door": 0.15}  # and in halls, shops, corridors


def course_camera(rng: np.random.Generator) -> Camera:
    """The course's camera: 1.6 m high, nearly level, 60 degrees wide."""
    return Camera(pitch=float(rng.uniform(-0.05, 0.15)))


def look_about(rng: np.random.Generator, scene: Scene, ways: dict[str, float], nearest: float) -> None:
    """Put any camera into a room: `ways` of holding it by their shares, from `nearest` metres of what it looks at.

    What is then within CLEAR metres of it is taken away.
    """
    way = str(rng.choice(list(ways), p=list(ways.values())))
    for attempt in range(12):
        way = way if attempt < 8 else "hand"  # where a webcam finds no view, somebody takes it in hand
        stand = {"hand": _by_hand, "web": _on_desk, "high": _high_up, "door": _at_door}[way]
        scene.x, height, scene.z, scene.yaw, pitch = (float(each) for each in stand(rng, scene, nearest))
        pitch = float(np.clip(pitch, np.deg2rad(-10), np.deg2rad(60)))
        fov = rng.uniform(42, 82) if rng.random() < 0.85 else rng.uniform(35, 100)
        scene.camera = Camera(height, pitch, float(np.deg2rad(fov)))
        clear = (gaps(scene.solids + scene.glass, scene.x, height, scene.z) > CLEAR).all()
        if clear and _sees_enough(scene, way, 7 - attempt // 2):
            return
    clear_away(scene)


def clear_away(scene: Scene) -> None:
    """Take away all solids within CLEAR metres of the camera."""
    for name in ("solids", "glass"):
        solids = getattr(scene, name)
        far = gaps(solids, scene.x, scene.camera.height, scene.z) > CLEAR
        setattr(scene, name, [solid for solid, kept in zip(solids, far, strict=True) if kept])


def _sees_enough(scene: Scene, way: str, least: int) -> bool:
    """Whether at least so many solids are in view, and what is very near hides little of it."""
    solids = scene.solids
    if solids:
        x, z = scene.to_camera(*np.array([(s.x, s.z) for s in solids]).T)
        u, v, depth = scene.camera.project(x, np.array([(s.y0 + s.y1) / 2 for s in solids]), z, 1)
        if ((depth > 0.3) & (np.abs(u - 0.5) < 0.5) & (np.abs(v - 0.5) < 0.5)).sum() < min(least, len(solids)):
            return False
    near = gaps(solids, scene.x, scene.camera.height, scene.z) < 1
    around = replace(scene, solids=[solid for solid, close in zip(solids, near, strict=True) if close])
    depth, _ = trace(around, camera_rays(around, 7, 1))
    ahead = depth[3:, 2:5].min() > 0.7  # somebody has room before a webcam
    return np.median(depth) > 0.7 and (depth < 0.45).mean() < 0.15 and (way != "web" or ahead)


def _by_hand(rng, scene: Scene, nearest: float):
    """x, y, z, yaw and pitch of a camera held at any height, that looks at something in the room."""
    width, top, length = scene.shells[0].high
    if scene.solids and rng.random() < 0.85:
        solid = scene.solids[rng.integers(len(scene.solids))]
        at = np.array((solid.x, min((solid.y0 + solid.y1) / 2, 1.5), solid.z))
    else:
        at = rng.uniform((0.3, 0.2, 0.3), (width - 0.3, 1.5, length - 0.3))
    y = rng.uniform(0.5, min(top - 0.2, 2.8)) if rng.random() < 0.4 else np.clip(rng.normal(1.45, 0.3), 0.6, top - 0.2)
    away = max(np.exp(rng.uniform(np.log(nearest), np.log(4.5))), y - at[1])
    x, z = away * np.array((np.sin(turn := rng.uniform(0, 2 * pi)), np.cos(turn)))
    x, z = np.clip(at[0] - x, 0.3, width - 0.3), np.clip(at[2] - z, 0.3, length - 0.3)
    yaw = np.arctan2(at[0] - x, at[2] - z) + rng.normal(0, 0.25)
    fall = np.arctan2(y - at[1], np.hypot(at[0] - x, at[2] - z)) * rng.uniform(0.5, 1.05)
    return x, y, z, yaw, fall + rng.normal(0, 0.1)


def _on_desk(rng, scene: Scene, nearest: float):
    """x, y, z, yaw and pitch of a webcam on a table or a shelf, nearly level."""
    width, top, length = scene.shells[0].high
    tables = [solid for solid in scene.solids if 0.6 < solid.y1 < 1.1 and solid.w > 0.7]
    if tables:
        table = tables[rng.integers(len(tables))]
        x, z = table.x, table.z
    else:
        x, z = rng.uniform(0.4, width - 0.4), rng.uniform(0.3, 0.7)
    x, z = np.clip(x, 0.3, width - 0.3), np.clip(z, 0.3, length - 0.3)
    yaw = np.arctan2(width / 2 - x, length / 2 - z) + rng.normal(0, 0.5)
    return x, rng.uniform(1.0, 1.3), z, yaw, rng.normal(0, 0.06)


def _high_up(rng, scene: Scene, nearest: float):
    """x, y, z, yaw and pitch of a camera under the ceiling, near a wall or a corner, that looks down."""
    width, top, length = scene.shells[0].high
    x, z = (size * rng.random() if rng.random() < 0.3 else size * rng.integers(2) for size in (width, length))
    x, z = np.clip(x, 0.3, width - 0.3), np.clip(z, 0.3, length - 0.3)
    yaw = np.arctan2(width * rng.uniform(0.3, 0.7) - x, length * rng.uniform(0.3, 0.7) - z)
    return x, min(top - 0.2, 4.0) - 0.2 * rng.random(), z, yaw, np.deg2rad(rng.uniform(18, 50))


def _at_door(rng, scene: Scene, nearest: float):
    """x, y, z, yaw and pitch of a camera in a door, a little higher than a head or a bell."""
    width, top, length = scene.shells[0].high
    x, z = rng.uniform(0.3, 0.7) * width, 0.3 if rng.random() < 0.5 else length - 0.3
    return x, rng.uniform(1.2, min(2.4, top - 0.2)), z, (0 if z < 1 else pi) + rng.normal(0, 0.3), rng.uniform(0, 0.35)


def gaps(solids: list, x, y, z) -> np.ndarray:
    """Metres between a point, or points n 1, and each solid's box; `y` None: on the ground plan."""
    if not solids:
        return np.zeros(np.shape(x)[:1] + (0,))
    x0, z0, w, d, yaw, low, high = np.array([(s.x, s.z, s.w, s.d, s.yaw, s.y0, s.y1) for s in solids]).T
    c, s = np.cos(yaw), np.sin(yaw)
    across, deep = np.abs(c * (x - x0) - s * (z - z0)) - w / 2, np.abs(s * (x - x0) + c * (z - z0)) - d / 2
    above = 0.0 if y is None else np.maximum(low - y, y - high)
    return np.sqrt(sum(np.maximum(each, 0) ** 2 for each in (across, deep, above)))


def leave_out_unseen(scene: Scene) -> None:
    """Forget the solids that lie wholly behind the camera, unless a mirror may show them."""
    if scene.solids and not any(panel.kind == "mirror" for panel in scene.shells[0].panels):
        x, z = scene.to_camera(*np.array([(s.x, s.z) for s in scene.solids]).T)
        reach = np.array([(np.hypot(s.w, s.d) / 2, s.y0, s.y1) for s in scene.solids]).T
        high, pitch = scene.camera.height, scene.camera.pitch
        ahead = (z + reach[0]) * np.cos(pitch) + np.maximum(*((high - y) * np.sin(pitch) for y in reach[1:]))
        beside = np.abs(x) - reach[0] < np.tan(scene.camera.fov / 2) * np.maximum(ahead, 0) + 1.0
        scene.solids = [s for s, seen in zip(scene.solids, (ahead > -0.3) & beside, strict=True) if seen]


def free_places(
    rng: np.random.Generator, scene: Scene, low: tuple, high: tuple, reach: tuple, room: float = 0.25, count: int = 64
) -> np.ndarray:
    """Up to `count` places (x, z) between `low` and `high` where somebody may stand and is seen (n, 2).

    They lie `reach` metres away, `room` metres from anything that is lower than a head, and two fifths of somebody
    who stands there are in the picture.
    """
    x, z = rng.uniform(low[0], high[0], 1500), rng.uniform(low[1], high[1], 1500)
    right, ahead = scene.to_camera(x, z)
    tall = np.array((0.1, 0.5, 0.9, 1.3, 1.6))[:, None]
    u, v, depth = scene.camera.project(right, tall, np.maximum(ahead, 1e-3), 1)
    seen = ((u > 0) & (u < 1) & (v > 0) & (v < 1) & (depth > 0.4)).sum(0) >= 2
    x, z = (each[seen & (ahead > reach[0]) & (ahead < reach[1])][: 6 * count] for each in (x, z))
    lower = [solid for solid in scene.solids if solid.y0 < 1.8 and solid.y1 > 0.03]
    fine = (gaps(lower, x[:, None], None, z[:, None]) > room).all(1)
    return np.stack([x, z], 1)[fine][:count]
