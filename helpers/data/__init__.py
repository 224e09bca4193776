"""From a bank of rooms and people to batches: the table, the composing, the loader."""

from .bank import Bank
from .compose import DIFFICULTIES, MIXED, Difficulty, compose
from .recipes import free, grid, row_type
from .scenes import Scenes, collate, loader
from .split import assert_disjoint, split

__all__ = ["DIFFICULTIES", "MIXED", "Bank", "Difficulty", "Scenes", "assert_disjoint", "collate", "compose", "free"]
__all__ += ["grid", "loader", "row_type", "split"]
