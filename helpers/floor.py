"""Where boxes stand on the floor: by their feet and the camera, which is geometry, and by the network's depth."""

from __future__ import annotations

import math

import numpy as np

from .world.camera import FAR, Camera

APART, LITTLE = 1 / 3, 0.5  # feet and network disagree by more than this share, and by more than these metres
SPELLED = "height=1.6,pitch=5,fov=60"


def floor_places(found: dict, camera: Camera, depth: np.ndarray | None) -> dict[str, np.ndarray]:
    """{"floor_feet", "floor_network", "floor"}: k 2 float32, metres right and ahead of the camera's foot, of each box.

    By the feet: where the ray of the middle of the box's lower edge meets the floor, NaN at the picture's lower rim or
    above the horizon. By the network: the median place of the box's pixels at their `depth` h w in metres, NaN without.
    `floor` is by the feet where they are seen, else by the network.
    """
    height, width = found["mask"].shape
    shift = (width - height) / 2  # rays speak of a square picture
    feet, network = np.full((2, len(found["boxes"]), 2), np.nan, np.float32)
    for place, box in enumerate(found["boxes"]):
        right, fall, ahead = camera.rays((box[0] + box[2]) / 2, box[3] + shift, width)
        if box[3] < height - 0.5 and fall < 0:
            feet[place] = camera.height / -fall * np.array([right, ahead])
        v, u = pixels_in(found["mask"], box)
        if depth is not None and len(v):
            x, _, z = camera.unproject(u + 0.5, v + 0.5 + shift, depth[v, u], width)
            network[place] = np.median(x), np.median(z)
    return {"floor_feet": feet, "floor_network": network, "floor": np.where(np.isnan(feet), network, feet)}


def pixels_in(mask: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the mask's pixels in a box."""
    x0, y0, x1, y1 = (max(0, round(float(value))) for value in box)
    v, u = np.nonzero(mask[y0:y1, x0:x1])
    return v + y0, u + x0


def doubted_places(feet: np.ndarray, network: np.ndarray) -> str | None:
    """A sentence where a box is a third farther by one than by the other, k 2 metres each; FAR is as far as can be."""
    far = np.minimum(np.hypot(*np.moveaxis(np.stack([feet, network]), -1, 0)), FAR)  # 2 k
    apart = abs(far[0] - far[1])
    wrong = np.flatnonzero(apart > np.maximum(APART * far.max(0), LITTLE))
    if not len(wrong):
        return None
    one, two = far[:, wrong[0]]
    says = f"Box {wrong[0] + 1} stands {one:.1f} m away by its feet, but {two:.1f} m by the network's depth"
    return (
        f"{says} ({len(wrong)} of {len(feet)} boxes disagree by a third): check the camera, and whether feet are seen."
    )


def read_camera(text: str) -> Camera:
    """The camera that a shell's height=1.6,pitch=5,fov=60 means, in metres and degrees."""
    try:
        given = {name.strip(): float(value) for name, value in (part.split("=") for part in text.split(","))}
        return Camera(given.pop("height"), *(math.radians(given.pop(name)) for name in ("pitch", "fov")), **given)
    except (ValueError, KeyError, TypeError) as error:
        reach = "a height above 0, a pitch of -90 to 90 (down is positive), a fov between 0 and 180"
        raise ValueError(f"--camera is {SPELLED}, in metres and degrees: {reach}; not {text!r}.") from error
