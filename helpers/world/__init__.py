"""The drawn world: rooms and places with exact depth, people and things to put in them. Numpy only."""

from .camera import FAR, Camera
from .drawn import Backdrop, Cutout

__all__ = ["FAR", "Backdrop", "Camera", "Cutout", "draw_backdrops", "draw_cutouts"]


def __getattr__(name: str):
    """The drawing itself, imported when it is first asked for."""
    if name in ("draw_backdrops", "draw_cutouts"):
        from . import mixtures

        return getattr(mixtures, name)
    raise AttributeError(f"helpers.world has no {name!r}")
