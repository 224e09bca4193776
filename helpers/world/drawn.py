"""What the world hands over: a backdrop (the empty scene) and a cutout (what may stand in it)."""

from dataclasses import dataclass

import numpy as np

from .camera import Camera


@dataclass(frozen=True)
class Backdrop:
    """An empty scene as the fixed camera took it once."""

    picture: np.ndarray  # S S 3 uint8
    depth: np.ndarray  # S S float32 metres along the optical axis; all FAR where `depth_known` is False
    camera: Camera
    spots: np.ndarray  # n 2 float32: places (x, z) in metres where somebody may stand; n = 0 where nobody can
    kind: str  # "hall", "gallery", "office", "street", "clutter" ...
    depth_known: bool = True  # False: the scene has no place in space, so its depth means nothing


@dataclass(frozen=True)
class Cutout:
    """Somebody or something that may stand in a scene; its lowest row touches the floor."""

    picture: np.ndarray  # h w 4 uint8, straight alpha, cropped tightly to what is not transparent
    metres: float  # what the full height h of the picture measures in metres
    label: int  # 1 a person ("real"), 0 anything else ("synthetic")
    kind: str  # "person", "group", "prop", "creature", "shape" ...
    stands: bool = True  # False: has no natural size, may be pasted anywhere at any size
