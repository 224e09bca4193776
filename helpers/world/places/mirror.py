"""A room with a mirror on its far wall, ready for a mirror image: a mirror is a window into a room turned around."""

from dataclasses import replace

import numpy as np

from ...base import FAR
from ..drawn import Backdrop
from ..raycast.render import render
from ..raycast.scene import NORTH, Panel, Scene
from . import rooms

WIDE, LOW, HIGH = 1.8, 0.3, 2.1  # metres: how wide the mirror is, and where it begins and ends above the floor


def mirror_room(index: int, size: int, seed: int = 990_009) -> tuple[Backdrop, np.ndarray]:
    """A gallery with a mirror straight ahead, and n 2 2 places (x, z in metres) of somebody and of their mirror image.

    The drawn mirror shows the empty room. Where it is seen the depth is FAR, so that what is composed at the second
    place, behind the wall, shows in the mirror and nowhere else. Index and seed choose the room.
    """
    rng = np.random.default_rng([seed, index, 1])
    scene = _with_mirror(rooms.room(rng, "gallery"))
    drawn = render(scene, size, rng)
    spots = drawn.spots[np.isfinite(drawn.spots).all(1)].astype(np.float32)[::3]
    across, along = scene.to_scene(*spots.T)
    behind = scene.to_camera(across, 2 * scene.shells[0].high[2] - along)
    depth = np.where(drawn.depth_valid, drawn.depth, np.float32(FAR))  # nothing else in the room is not valid and near
    return replace(drawn, depth=depth), np.stack([spots, np.stack(behind, 1).astype(np.float32)], 1)


def _with_mirror(scene: Scene) -> Scene:
    """The scene with nothing on its far wall but a mirror, straight ahead of the camera."""
    room = scene.shells[0]
    middle = np.clip(scene.to_scene(0, room.high[2])[0], WIDE / 2 + 0.2, room.high[0] - WIDE / 2 - 0.2)
    others = (panel for panel in room.panels if panel.face != NORTH)
    mirror = Panel(NORTH, middle - WIDE / 2, middle + WIDE / 2, LOW, HIGH, kind="mirror")
    openings = [panel for panel in room.panels if panel.kind == "opening"]  # opening k leads to shell k + 1
    beyond = [shell for panel, shell in zip(openings, scene.shells[1:]) if panel.face != NORTH]
    return replace(scene, shells=[replace(room, panels=(mirror, *others)), *beyond])
