"""Nobody is on both sides: train, validation and test share no room and no cut-out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SIDES = ("train", "val", "test")


def split(bank, fractions: tuple[float, float, float] = (0.8, 0.1, 0.1), seed: int = 0) -> dict:
    """{"train": (rooms, things), "val": ..., "test": ...}: sorted indices for `free` and `grid`.

    People and props are divided each on their own, so that every side has its share of both.
    """
    groups = [np.flatnonzero(bank.labels == label) for label in np.unique(bank.labels)]
    return divide(np.arange(len(bank.pictures)), groups, fractions, seed, str(bank))


def divide(rooms: np.ndarray, groups: list[np.ndarray], fractions: Sequence[float], seed: int, what: str) -> dict:
    """The rooms, and the cut-outs of each group, dealt out to the three sides; `what` is divided, for messages."""
    if len(fractions) != 3 or min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError(f"fractions must be three numbers from 0 that add up to 1, got {fractions}.")
    rng = np.random.default_rng([seed, 17])
    rooms, *groups = (_cut(rng.permutation(each), fractions) for each in (rooms, *groups))
    things = [np.sort(np.concatenate(parts)) for parts in zip(*groups, strict=True)]
    sides = dict(zip(SIDES, zip(rooms, things, strict=True), strict=True))
    for share, (side, (some_rooms, some_things)) in zip(fractions, sides.items(), strict=True):
        if share and not (len(some_rooms) and len(some_things)):
            raise ValueError(f"{what} is too small to give {side} a room and a cut-out: it needs more of both.")
    assert_disjoint(sides)
    return sides


def _cut(order: np.ndarray, fractions: Sequence[float]) -> list[np.ndarray]:
    """The shuffled indices cut into parts of these sizes, each sorted."""
    ends = np.rint(np.cumsum(fractions) * len(order)).astype(int)
    return [np.sort(part) for part in np.split(order, ends[:-1])]


def assert_disjoint(sides: dict) -> None:
    """Raises where a room or a cut-out is on two sides."""
    for what, name in ((0, "room"), (1, "cut-out")):
        everything = np.concatenate([side[what] for side in sides.values()])
        twice = np.flatnonzero(np.bincount(everything.astype(int), minlength=1) > 1)
        if len(twice):
            raise ValueError(f"The split leaks: {name} {twice[0]} is on two sides.")
