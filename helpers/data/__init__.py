"""From a bank of rooms and people to batches: the table, the composing, the loader."""

from .augment import Augment, standardise
from .bank import Bank
from .compose import DIFFICULTIES, STILL, Difficulty, compose
from .exporting import export, export_command
from .folders import Folder
from .frozen import freeze_set, frozen_set, verify_set
from .read import read_cutout, read_depth, read_mask, read_picture
from .scenes import Developed, Scenes, collate, loader, mixed_loader, with_pieces
from .statistics import statistics
from .table import assert_disjoint, grid, projected_frames, random_rows, row_type, split
from .toy import Rectangles

__all__ = ["Augment", "Bank", "DIFFICULTIES", "STILL", "Developed", "Difficulty", "Folder", "Rectangles", "Scenes"]
__all__ += ["assert_disjoint", "collate", "compose", "export", "export_command", "freeze_set", "frozen_set"]
__all__ += ["grid", "loader", "mixed_loader", "projected_frames", "random_rows", "read_cutout", "read_depth"]
__all__ += ["read_mask", "read_picture", "row_type", "split", "standardise", "statistics", "verify_set"]
__all__ += ["with_pieces"]
