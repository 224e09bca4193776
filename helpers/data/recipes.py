"""The table: one row is everything that makes one picture, 49 bytes with one object in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .draws import bell, choice, uniform
from .geometry import frames

NEAR, AWAY = 2.0, 10.0  # metres: how far from the camera somebody stands
LOWEST = 12 / 96  # of the picture: who stands is at least this high
FLOATING = (0.05, 0.9)  # of the picture: how high what floats may be
JITTER = 0.12  # metres: somebody stands this close to a spot, so that a room has more places than spots
TRIES = 12  # places looked at before the best one seen is taken


def row_type(objects: int = 1) -> np.dtype:
    """The columns of a table whose pictures hold up to `objects` things.

    Draws are standardised (normal: deviation 1; uniform: -1..1 or 0..1): a difficulty says how much they count.
    """
    k = (objects,)
    return np.dtype(
        [
            ("room", "u2"),
            ("thing", "i2", k),  # index of a cut-out, -1: nobody
            ("flip", "?", k),
            ("x", "f4", k),  # stands: metres to the right; floats: centre, 0..1 of the picture
            ("y", "f4", k),  # stands: metres above the floor; floats: centre, 0..1 of the picture
            ("z", "f4", k),  # stands: metres along the floor; floats: 0
            ("h", "f4", k),  # floats: height, 0..1 of the picture
            ("light", "f2", k),  # normal
            ("tint", "f2", k),  # 0..1
            ("shadow", "f2", k),  # 0..1
            ("shake", "f2", 2),  # -1..1, right and down
            ("angle", "f2"),  # -1..1
            ("zoom", "f2"),  # -1..1
            ("exposure", "f2"),  # normal
            ("drift", "f2", 3),  # normal, per channel R G B
            ("blur", "f2"),  # 0..1
            ("seed", "u4"),  # of the noise, and of everything too small for a column
        ]
    )


# One number per column of draws, so that adding a column later leaves the others as they are.
FIELDS = {"light": 1, "tint": 2, "shadow": 3, "shake": 4, "angle": 5, "zoom": 6, "exposure": 7, "drift": 8, "blur": 9}
ROOM, THING, FLIP, SEED, X, Y, H, COUNT, SPOT = range(20, 29)
NORMAL = {"light", "exposure", "drift"}
BOTH_WAYS = {"shake", "angle", "zoom"}


def free(
    bank,
    length: int,
    seed: int = 0,
    objects: int | tuple[int, int] = 1,
    rooms: Sequence[int] | None = None,
    things: Sequence[int] | None = None,
) -> np.ndarray:
    """A table of `length` independent rows over these rooms and things (all where none are named).

    `objects` is how many things stand in each picture, or the smallest and largest number of them.
    """
    rooms, things = _chosen(rooms, len(bank.pictures), "room"), _chosen(things, len(bank.cutouts), "cut-out")
    low, high = objects if isinstance(objects, Sequence) else (objects, objects)
    _at_least_one(length, "length")
    if not 0 <= low <= high or high < 1:
        raise ValueError(f"objects must be a number from 1, or a pair (smallest, largest), got {objects}.")
    index = np.arange(length)
    rows = _drawn(index, seed, high)
    rows["room"] = rooms[choice(seed, index, ROOM, len(rooms))]
    count = low + choice(seed, index, COUNT, high - low + 1)
    for k in range(high):
        rows["thing"][:, k] = np.where(k < count, things[choice(seed, index, THING + 64 * k, len(things))], -1)
        rows["flip"][:, k] = choice(seed, index, FLIP + 64 * k, 2)
    return _placed(bank, rows, seed)


def grid(
    bank,
    places: int = 20,
    seed: int = 0,
    rooms: Sequence[int] | None = None,
    things: Sequence[int] | None = None,
) -> np.ndarray:
    """Every room with every thing, as it is and flipped, at so many places: rooms x things x 2 x places rows.

    Things change fastest and places slowest, so a table with fewer places is the start of one with more.
    """
    rooms, things = _chosen(rooms, len(bank.pictures), "room"), _chosen(things, len(bank.cutouts), "cut-out")
    _at_least_one(places, "places")
    index = np.arange(len(rooms) * len(things) * 2 * places)
    _, flip, room, thing = np.unravel_index(index, (places, 2, len(rooms), len(things)))
    rows = _drawn(index, seed, 1)
    rows["room"], rows["thing"][:, 0], rows["flip"][:, 0] = rooms[room], things[thing], flip
    return _placed(bank, rows, seed)


def _chosen(names: Sequence[int] | None, count: int, what: str) -> np.ndarray:
    """The indices asked for, or all; raises where there are none or the bank has no such index."""
    chosen = np.arange(count) if names is None else np.atleast_1d(names)
    if chosen.dtype == bool and len(chosen) == count:
        chosen = np.flatnonzero(chosen)
    if len(chosen) and chosen.dtype.kind not in "iu":
        raise ValueError(f"Name each {what} by its number, or give True or False for each of the {count}.")
    if not len(chosen):
        raise ValueError(f"A table needs at least one {what}, got none.")
    if chosen.min() < 0 or chosen.max() >= count:
        raise ValueError(f"There is no {what} {chosen[(chosen < 0) | (chosen >= count)][0]}: the bank has {count}.")
    return chosen


def _at_least_one(number: int, name: str) -> None:
    """Raises where a table would have no rows."""
    if number < 1:
        raise ValueError(f"{name} must be at least 1, got {number}: a table without rows has nothing to compose.")


def _drawn(index: np.ndarray, seed: int, objects: int) -> np.ndarray:
    """Rows with every standardised draw filled in, and no room, thing or place yet."""
    rows = np.zeros(len(index), row_type(objects))
    for name, field in FIELDS.items():
        column = rows[name].reshape(len(index), -1)
        for k in range(column.shape[1]):
            draw = (bell if name in NORMAL else uniform)(seed, index, field + 64 * k)
            column[:, k] = draw * 2 - 1 if name in BOTH_WAYS else draw
        rows[name] = column.reshape(rows[name].shape)
    rows["seed"] = choice(seed, index, SEED, 2**32)
    return rows


def _placed(bank, rows: np.ndarray, seed: int) -> np.ndarray:
    """The rows with a place for each thing: on the floor where there is one, else anywhere."""
    index = np.arange(len(rows))
    spots, counts = usable_spots(bank)
    low, high = FLOATING
    for k in range(rows["thing"].shape[1]):
        thing = rows["thing"][:, k]
        here = thing >= 0
        standing = here & bank.stands[thing] & (counts[rows["room"]] > 0)
        floating = here & ~standing
        rows["x"][:, k] = np.where(floating, uniform(seed, index, X + 64 * k), 0)
        rows["y"][:, k] = np.where(floating, uniform(seed, index, Y + 64 * k), 0)
        height = low * (high / low) ** uniform(seed, index, H + 64 * k) ** 0.8  # nearly as many small as large ones
        rows["h"][:, k] = np.where(floating, np.minimum(height, high / bank.aspect[thing]), 0)
        _stand(bank, rows, k, np.flatnonzero(standing), spots, counts, seed)
    return rows


def usable_spots(bank) -> tuple[np.ndarray, np.ndarray]:
    """Each room's spots, those 2-10 m away and in view first, and how many those are (all, where there are none)."""
    x, z = np.moveaxis(bank.spots.astype(np.float64), -1, 0)  # N P; NaN after the last
    height, pitch, focal = (bank.lens[:, i, None] for i in range(3))
    depth = z * np.cos(pitch) + height * np.sin(pitch)
    good = (depth >= NEAR) & (depth <= AWAY) & (np.abs(x) * focal < depth * bank.size / 2)
    order = np.argsort(~good, axis=1, kind="stable")
    counts = np.where(good.any(1), good.sum(1), np.isfinite(z).sum(1))
    return np.take_along_axis(bank.spots, order[..., None], 1), counts


def _stand(bank, rows: np.ndarray, k: int, pending: np.ndarray, spots, counts, seed: int) -> None:
    """Fills slot k of the pending rows: the first spot where the thing is mostly visible, else the best one tried."""
    best = np.full(len(rows), -1.0)
    for attempt in range(TRIES):
        if not len(pending):
            return
        some = rows[pending]
        pick = choice(seed, pending, SPOT + 64 * (k + 16 * attempt), counts[some["room"]])
        x, z = spots[some["room"], pick].T
        some["x"][:, k] = x + JITTER * (2 * uniform(seed, pending, SPOT + 1 + 64 * (k + 16 * attempt)) - 1)
        some["z"][:, k] = z + JITTER * (2 * uniform(seed, pending, SPOT + 2 + 64 * (k + 16 * attempt)) - 1)
        score = visible(bank, some, k)
        better = score > best[pending]
        chosen = pending[better]
        rows["x"][chosen, k], rows["z"][chosen, k] = some["x"][better, k], some["z"][better, k]
        best[pending] = np.maximum(best[pending], score)
        pending = pending[score < 0.7]


def visible(bank, rows: np.ndarray, k: int) -> np.ndarray:
    """The share 0..1 of some points of each row's thing k that are in the picture and not hidden by the room.

    Less where it is too near, too far, too low in the picture, or in the place of an earlier thing.
    """
    slots = {name: rows[name][:, k] for name in ("thing", "x", "y", "z", "h")}
    left, top, width, height, depth = frames(bank, rows["room"], slots).T
    seen = np.zeros(len(rows))
    probes = ((0.5, 0.05), (0.5, 0.25), (0.3, 0.45), (0.7, 0.45), (0.5, 0.6), (0.4, 0.9), (0.6, 0.9))
    for across, down in probes:
        u, v = np.floor(left + across * width), np.floor(top + down * height)
        inside = (u >= 0) & (v >= 0) & (u < bank.size) & (v < bank.size)
        u, v = np.where(inside, u, 0).astype(np.intp), np.where(inside, v, 0).astype(np.intp)
        seen += inside & (bank.depths[rows["room"], v, u] >= depth - 0.05)
    apart = np.ones(len(rows), bool)
    for other in range(k):
        away = np.hypot(rows["x"][:, other] - slots["x"], rows["z"][:, other] - slots["z"])
        apart &= (away > 0.7) | (rows["z"][:, other] == 0)
    fits = (depth >= NEAR) & (depth <= AWAY) & (height >= LOWEST * bank.size) & apart
    return seen / len(probes) * np.where(fits, 1, 0.5)
