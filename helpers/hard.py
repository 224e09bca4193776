"""Scenes that ought to be hard: a pattern that repeats, a pane of glass, a mirror; as batches with their truth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from . import data
from .base import FAR
from .world.camera import Camera
from .world.drawn import Backdrop
from .world.places import rooms
from .world.raycast.render import render
from .world.raycast.scene import NORTH, Panel, Scene

SEED, WIDE = 990_009, 1.8  # of the rooms with mirrors, nobody else's; how many metres wide a mirror is
Batch = dict[str, Tensor]


def stripes(cutouts, periods, size: int = 96, seed: int = 0) -> dict[int, data.Bank]:
    """period in pixels → a bank whose one backdrop is an upright pattern that repeats so often."""
    if not len(periods):
        raise ValueError("Name the periods of the patterns, in pixels: the list is empty.")
    rng = np.random.default_rng([seed, 5])
    colours = rng.uniform(40, 215, (max(periods), 3))  # one row of pixels, of which a pattern takes the first
    banks = {}
    for period in periods:
        line = np.resize(colours[:period], (size, 3))
        picture = np.broadcast_to(line, (size, size, 3)).round().astype(np.uint8)
        far = np.full((size, size), FAR, np.float32)
        backdrop = Backdrop(
            np.ascontiguousarray(picture), far, Camera(), np.zeros((0, 2)), "stripes", depth_known=False
        )
        banks[period] = data.Bank.of([backdrop], [replace(each, stands=False) for each in cutouts])
    return banks


def glazed(batch: Batch, veil: float, noise: float = 0.0) -> Batch:
    """The batch with a pane between camera and scene: its own grey shine covers `veil`, 0..1, of all that is behind.

    The pane stands in both pictures: it hides, but it does not move. The noise of the camera (deviation, of full
    scale) comes after it, so compose the batch without noise.
    """
    shine = torch.linspace(150, 210, batch["image"].shape[-1])[None, None, None]  # brighter to the right

    def through(picture: Tensor) -> Tensor:
        return (1 - veil) * picture.float() + veil * shine

    grain = torch.randn(batch["image"].shape, generator=torch.Generator().manual_seed(0)) * 255 * noise
    pair = {"background": through(batch["background"]), "image": through(batch["image"]) + grain}
    return batch | {name: picture.round().clamp(0, 255).to(torch.uint8) for name, picture in pair.items()}


@dataclass
class Mirrored:
    """A room with a mirror, somebody in front of it, and the mirror image that a real mirror would show."""

    batch: Batch  # the picture with the mirror image; its truth is the person alone
    reflection: Tensor  # 1 1 S S: where only the mirror image is seen


def mirrored(cutouts, count: int = 3, size: int = 96, seed: int = SEED) -> list[Mirrored]:
    """So many museum rooms with a mirror on the far wall, and somebody where most of the mirror image can be seen."""
    if not len(cutouts):
        raise ValueError("A mirror image needs somebody: the list of cut-outs is empty.")
    found: list[Mirrored] = []
    for index in range(100 * count):
        rng = np.random.default_rng([seed, index, 1])
        scene = rooms.room(rng, "gallery")
        if any(panel.face == NORTH and panel.kind == "opening" for panel in scene.shells[0].panels):
            continue  # another room lies behind that wall
        scene = hung(scene)
        bank = _window(render(scene, size, rng), scene, cutouts[len(found) % len(cutouts)])
        best = max(_places(bank, scene), key=lambda each: float(each.reflection.sum()), default=None)
        if best and best.reflection.sum() > 0.01 * size**2:  # else something stands before the mirror
            found.append(best)
        if len(found) == count:
            return found
    raise ValueError(f"Only {len(found)} of {count} rooms were found in which a mirror image can be seen.")


def hung(scene: Scene) -> Scene:
    """The scene with nothing on its far wall but a mirror, straight ahead of the camera."""
    room = scene.shells[0]
    middle = np.clip(scene.to_scene(0, room.high[2])[0], WIDE / 2 + 0.2, room.high[0] - WIDE / 2 - 0.2)
    others = (panel for panel in room.panels if panel.face != NORTH)
    mirror = Panel(NORTH, middle - WIDE / 2, middle + WIDE / 2, 0.3, 2.1, kind="mirror")
    return replace(scene, shells=[replace(room, panels=(mirror, *others)), *scene.shells[1:]])


def _corners(scene: Scene, size: int) -> list[tuple[float, float]]:
    """The mirror's four corners in pixels."""
    room, mirror = scene.shells[0], scene.shells[0].panels[0]
    corners = []
    for across, up in ((mirror.u0, mirror.v0), (mirror.u1, mirror.v0), (mirror.u1, mirror.v1), (mirror.u0, mirror.v1)):
        x, z = scene.to_camera(across, room.high[2])
        corners.append(tuple(float(each) for each in scene.camera.project(x, up, z, size)[:2]))
    return corners


def _window(backdrop: Backdrop, scene: Scene, cutout) -> data.Bank:
    """A bank in which the mirror is a window: what stands behind its wall can be seen through it."""
    size = len(backdrop.depth)
    mask = Image.new("1", (size, size))
    ImageDraw.Draw(mask).polygon(_corners(scene, size), fill=1)
    # a window, but only where the mirror itself is what the camera sees
    x, z = scene.to_camera(scene.shells[0].panels[0].u0, scene.shells[0].high[2])
    seen = np.asarray(mask) & (backdrop.depth > 0.8 * scene.camera.project(x, 1.0, z, size)[2])
    return data.Bank.of([replace(backdrop, depth=np.where(seen, np.float32(FAR), backdrop.depth))], [cutout])


def _places(bank: data.Bank, scene: Scene) -> Iterator[Mirrored]:
    """The scene with somebody at every third place where one may stand, twice: in the room and behind its wall."""
    for x, z in bank.spots[0][np.isfinite(bank.spots[0]).all(1)][::3]:
        across, along = scene.to_scene(x, z)
        behind = scene.to_camera(across, 2 * scene.shells[0].high[2] - along)
        row = data.random_rows(bank, 1, objects=2, things=[0])
        row["x"], row["z"] = np.array([[x, z], behind], np.float32).T
        row["flip"] = [False, True]
        alone = row.copy()
        alone["thing"][:, 1] = -1
        both, one = data.compose(bank, row), data.compose(bank, alone)
        seen = (both["mask"] > 0.5) & ~(one["mask"] > 0.5)
        if one["mask"].sum() > seen.sum():  # the person is in the picture, too
            yield Mirrored(both | {"mask": one["mask"]}, seen.float())
