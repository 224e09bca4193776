"""The drawn world: rooms and places with exact depth, people and things to put in them. Numpy and pillow only."""

from .camera import FAR, Camera
from .drawn import Backdrop, Cutout

__all__ = ["FAR", "Backdrop", "Camera", "Cutout"]
