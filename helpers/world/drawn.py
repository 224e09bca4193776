"""What the world hands over: a backdrop (the empty scene) and a cutout (what may stand in it); and how it picks."""

from dataclasses import dataclass

import numpy as np

from .camera import Camera

LATER, LATER_OUTSIDE = 0.4, 0.8  # shares of scenes that are taken at another moment too: indoors, and under the sky


def pick(rng: np.random.Generator, shares: dict):
    """One of the keys, each as often as its share of the sum says."""
    weights = np.array(list(shares.values()), float)
    return list(shares)[rng.choice(len(weights), p=weights / weights.sum())]


@dataclass(frozen=True)
class Backdrop:
    """An empty scene as the fixed camera took it once."""

    picture: np.ndarray  # S S 3 uint8
    depth: np.ndarray  # S S float32 metres along the optical axis; FAR where it is not valid
    camera: Camera
    spots: np.ndarray  # n 2 float32: places (x, z) in metres where somebody may stand; n = 0 where nobody can
    kind: str  # "hall", "gallery", "office", "street", "clutter heap" ...
    depth_valid: np.ndarray | bool = True  # S S bool, or one for all: False where no honest depth exists
    later: np.ndarray | None = None  # S S 3 uint8: the same empty scene at another moment, where it was drawn too
    lights: np.ndarray | None = None  # n 4 float32: x, y, z in metres as the camera's `spots`, share of the light 0..1
    gloss: float = 0.0  # share of light that the floor mirrors


@dataclass(frozen=True)
class Cutout:
    """Somebody or something that may stand in a scene; its lowest row touches the floor."""

    picture: np.ndarray  # h w 4 uint8, straight alpha, cropped tightly to what is not transparent
    metres: float  # what the full height h of the picture measures in metres
    label: int  # 1 a person ("real"), 0 anything else ("synthetic")
    kind: str  # "person", "group", "prop", "creature", "shape" ...
    stands: bool = True  # False: has no natural size, may be pasted anywhere at any size
    pitch: float = 0.0  # radians by which the camera looked down on it
    foot: float = 0.0  # share of the picture's height that lies below the point of the floor it stands on
    relief: np.ndarray | None = None  # h w float16 metres by which each pixel lies nearer than the foot; None: flat
