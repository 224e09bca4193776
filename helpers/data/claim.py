"""Whose folder it is: an export goes on with its own, and touches nobody else's."""

import re
from pathlib import Path

from ..base import write_whole
from .layout import CARD


def begun(out: Path, card: bytes) -> bool:
    """Whether `out` holds the beginning of this export; raises where it holds anything else."""
    for entry in out.iterdir():
        if entry.is_symlink():
            raise ValueError(f"{entry} is a link and may lead out of the folder. Choose another folder.")
    if (out / CARD).exists():
        if (out / CARD).read_bytes() != card:
            raise ValueError(f"{out} holds an export with other settings or of another bank. Choose another folder.")
        return True
    if any(not entry.name.startswith(".") for entry in out.iterdir()):
        raise ValueError(f"{out} is not empty and holds no export. Choose an empty folder.")
    return False


def claim(out: Path, card: bytes) -> None:
    """Makes `out` the folder of this export, without what a killed run left half-written."""
    if not begun(out, card):
        write_whole(out / CARD, card)
        return
    for half in out.glob(".*.tmp"):
        if re.fullmatch(r"\.export\.tmp|\..+\.\d+\.tmp", half.name):  # our own names, nobody else's
            half.unlink()
