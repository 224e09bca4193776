"""Photographs as a bank: a room's depth tells where its floor is, and so where somebody may stand."""

from __future__ import annotations

from dataclasses import replace
from math import atan, tan
from pathlib import Path

import numpy as np
from PIL import Image

from ..base import FAR
from ..world.camera import Camera
from ..world.drawn import Backdrop, Cutout
from .pictures import read_cutout, read_depth, read_picture

FLOOR = 0.05  # metres: what is this close to height 0 is floor
SPOTS = 400  # places kept of a room


def backdrop(room, camera: Camera, size: int) -> Backdrop:
    """The room (a picture, or a pair of picture and depth in metres or None) cut to a square of `size` pixels.

    Without depth it has no place in space: things are pasted anywhere, and its depth is marked as not valid.
    """
    source, depth = room if isinstance(room, tuple) else (room, None)
    picture = read_picture(source)
    camera = replace(camera, fov=2 * atan(tan(camera.fov / 2) * min(picture.shape[:2]) / picture.shape[1]))
    if depth is None:
        nowhere, nobody = np.full((size, size), FAR, np.float32), np.zeros((0, 2), np.float32)
        return Backdrop(_square(picture, size), nowhere, camera, nobody, "photograph", depth_known=False)
    name = str(depth) if isinstance(depth, str | Path) else "the depth of a room"
    depth = read_depth(depth, size=picture.shape[:2], name=name)
    if (depth == 0).any():
        raise ValueError(f"{name} must be above 0 metres everywhere: fill in what is not known.")
    if depth.min() > FAR:
        raise ValueError(f"{name} is nowhere under {depth.min():g}: give metres, not millimetres.")
    depth = _square(np.minimum(depth, FAR), size)
    return Backdrop(_square(picture, size), depth, camera, floor_spots(depth, camera), "photograph")


def cutout(person, metres: float, size: int) -> Cutout:
    """The person without its transparent rim, at most `size` pixels high; its whole height measures `metres`."""
    picture = read_cutout(person)
    tall, wide = picture.shape[:2]
    if tall > size:
        small = (max(1, round(wide * size / tall)), size)
        picture = np.asarray(Image.fromarray(picture).resize(small, Image.Resampling.BOX))
    return Cutout(picture, metres, 1, "photograph")


def floor_spots(depth: np.ndarray, camera: Camera) -> np.ndarray:
    """Up to SPOTS places (x, z) in metres, evenly picked from the pixels that see the floor."""
    size = len(depth)
    v, u = np.mgrid[:size, :size] + 0.5
    x, y, z = camera.unproject(u, v, depth, size)
    floor = np.stack([x, z], -1)[(np.abs(y) < FLOOR) & (depth < FAR)]
    return floor[np.linspace(0, len(floor) - 1, min(SPOTS, len(floor))).astype(int)].astype(np.float32)


def _square(array: np.ndarray, size: int) -> np.ndarray:
    """The middle square of a picture or map at `size` pixels; a map is never mixed between near and far."""
    side = min(array.shape[:2])
    y, x = (array.shape[0] - side) // 2, (array.shape[1] - side) // 2
    how = Image.Resampling.NEAREST if array.ndim == 2 else Image.Resampling.BOX
    square = Image.fromarray(np.ascontiguousarray(array[y : y + side, x : x + side]))
    return np.asarray(square if side == size else square.resize((size, size), how))
