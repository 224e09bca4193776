"""From a bank of rooms and people to batches: the table, the composing, the loader."""

from .bank import Bank
from .compose import DIFFICULTIES, MIXED, Difficulty, compose
from .exporting import export, export_command
from .folders import Folder
from .frozen import freeze, frozen, verify
from .read import read_cutout, read_depth, read_mask, read_picture
from .scenes import Scenes, collate, loader
from .statistics import statistics
from .table import assert_disjoint, grid, projected_frames, random_rows, row_type, split
from .toy import Rectangles

__all__ = ["DIFFICULTIES", "MIXED", "Bank", "Difficulty", "Scenes", "assert_disjoint", "collate", "compose"]
__all__ += ["random_rows"]
__all__ += ["freeze", "frozen", "grid", "loader", "projected_frames", "row_type", "split", "statistics", "verify"]
__all__ += ["Augment", "Rectangles", "normalise"]
__all__ += ["Folder", "export", "export_command", "read_cutout", "read_depth", "read_mask", "read_picture"]


def __getattr__(name: str):
    """`Augment` and `normalise`, fetched when first asked for: they need torchvision, which takes seconds to import."""
    if name in ("Augment", "normalise"):
        from . import augment

        return getattr(augment, name)
    raise AttributeError(f"helpers.data has nothing called {name!r}")
