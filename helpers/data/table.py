"""The table: one row is everything that makes one picture, 69 bytes with one object in it.

From top to bottom: random numbers for row i, the columns, drawing rows, where a thing falls in the picture, the split.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

NEAR, AWAY = 0.5, 45.0  # metres: how far from the camera somebody may stand; the rooms' spots say where
LOWEST = 5 / 96  # of the picture: who stands is at least this high
FLOATING = (0.05, 0.9)  # of the picture: how high what floats may be
JITTER = 0.12  # metres: somebody stands this close to a spot, so that a room has more places than spots
SUITED, ALIKE = 6, 0.2  # things drawn for a room until one suits; radians: looked down upon as steeply as it was drawn
TRIES = 12  # places looked at before the best one seen is taken
SIDES = ("train", "val", "test")

# Counter-based random numbers: row i is the same whatever the length of the table, and on every machine.
GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _mix(state: np.ndarray) -> np.ndarray:
    """Well-stirred 64 bits of each state (the finaliser of splitmix64); wraps around on purpose."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def counter_bits(seed: int, index: np.ndarray, field: int) -> np.ndarray:
    """64 random bits per index, as uint64; each (seed, index, field) has its own."""
    key = _mix(np.array([seed % 2**64], np.uint64) + GOLDEN) + np.array([field], np.uint64) * GOLDEN
    return _mix(_mix(key) + np.asarray(index, np.uint64) * GOLDEN)


def counter_uniform(seed: int, index: np.ndarray, field: int) -> np.ndarray:
    """float64 in 0..1 per index."""
    return (counter_bits(seed, index, field) >> np.uint64(11)) * 2.0**-53


def counter_signed(seed: int, index: np.ndarray, field: int) -> np.ndarray:
    """float64 in -1..1 per index."""
    return counter_uniform(seed, index, field) * 2 - 1


def counter_normal(seed: int, index: np.ndarray, field: int) -> np.ndarray:
    """float64 per index with mean 0 and deviation 1, never beyond 3.47: the sum of four 16-bit numbers.

    A uniform number in 0..1 has the variance 1/12, four of them 1/3: so their sum less 2 is multiplied by √3.
    """
    word = counter_bits(seed, index, field)
    total = sum((word >> np.uint64(shift)) & np.uint64(0xFFFF) for shift in (0, 16, 32, 48))
    return (total.astype(np.float64) / 65535 - 2) * np.sqrt(3)


def counter_choice(seed: int, index: np.ndarray, field: int, count: np.ndarray | int) -> np.ndarray:
    """A whole number in 0..count-1 per index."""
    high = counter_bits(seed, index, field) >> np.uint64(32)
    return ((high * np.asarray(count, np.uint64)) >> np.uint64(32)).astype(np.int64)


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
            (
                "cast",
                "f2",
            ),  # 0..1, as all that follow up to `weather`: a change is made where a difficulty's share is more
            ("mirror", "f2"),
            ("moment", "f2"),
            ("patch", "f2"),
            ("sway", "f2"),
            ("packed", "f2"),
            ("weather", "f2"),
            ("tone", "f2"),  # normal
            ("auto", "f2"),  # 0..1: how much of the brightness that a thing brings the exposure takes away
            ("lens", "f2"),  # 0..1: the camera is known where this is less than the share of known ones
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
DRAWS = {
    counter_normal: {"light": 1, "exposure": 7, "drift": 8, "tone": 19},
    counter_uniform: {
        "tint": 2,
        "shadow": 3,
        "blur": 9,
        "cast": 10,
        "mirror": 11,
        "moment": 12,
        "patch": 13,
        "sway": 14,
    }
    | {"packed": 15, "weather": 16, "auto": 17, "lens": 18},
    counter_signed: {"shake": 4, "angle": 5, "zoom": 6},
}
ROOM, THING, FLIP, SEED, X, Y, H, COUNT, SPOT, NOBODY = range(20, 30)


def random_rows(
    bank,
    length: int,
    seed: int = 0,
    objects: int | tuple[int, int] = 1,
    rooms: Sequence[int] | None = None,
    things: Sequence[int] | None = None,
    nobody: float = 0.0,
) -> np.ndarray:
    """A table of `length` independent rows over these rooms and things (all where none are named).

    `objects` is how many things stand in each picture, or the smallest and largest number of them. In a share
    `nobody` of the rows nobody is in the picture; in half of these somebody stands beside it, whose shadow may be.
    """
    rooms, things = _chosen(rooms, len(bank.pictures), "room"), _chosen(things, len(bank.cutouts), "cut-out")
    low, high = objects if isinstance(objects, Sequence) else (objects, objects)
    if not 0 <= low <= high or high < 1:
        raise ValueError(f"objects must be a number from 1, or a pair (smallest, largest), got {objects}.")
    rows = _drawn(length, seed, high, "length")
    index = np.arange(length)
    rows["room"] = rooms[counter_choice(seed, index, ROOM, len(rooms))]
    count = low + counter_choice(seed, index, COUNT, high - low + 1)
    empty = counter_uniform(seed, index, NOBODY)
    count[empty < nobody / 2] = 0
    for k in range(high):
        thing = _suited(bank, rows["room"], things, [THING + 64 * k + 1000 * n for n in range(SUITED)], seed)
        rows["thing"][:, k] = np.where(k < count, thing, -1)
        rows["flip"][:, k] = counter_choice(seed, index, FLIP + 64 * k, 2)
    return _beside(bank, _placed(bank, rows, seed), (empty >= nobody / 2) & (empty < nobody))


def _suited(bank, room: np.ndarray, things: np.ndarray, fields: list[int], seed: int) -> np.ndarray:
    """A thing for each row's room: of some drawn at random, the first that its camera looks down upon as it was drawn.

    Cars stay out of doors.
    """
    index = np.arange(len(room))
    drawn = np.stack([things[counter_choice(seed, index, field, len(things))] for field in fields])  # tries N
    wrong = np.maximum(np.abs(bank.pitches[drawn] - np.nan_to_num(bank.looks[room])) - ALIKE, 0) * bank.stands[drawn]
    wrong = wrong + 2 * (bank.vehicle[drawn] & bank.indoors[room])
    return drawn[wrong.argmin(0), index]


def _beside(bank, rows: np.ndarray, which: np.ndarray) -> np.ndarray:
    """The rows, and in some of them whoever stands is moved just outside of the picture, to the left or the right."""
    for k in range(rows["thing"].shape[1]):
        here = np.flatnonzero(which & (rows["thing"][:, k] >= 0))
        thing, stands = rows["thing"][here, k], rows["z"][here, k] != 0
        lens = bank.lens[rows["room"][here]]
        depth = rows["z"][here, k] * np.cos(lens[:, 1]) + lens[:, 0] * np.sin(lens[:, 1])
        edge = depth * bank.size / 2 / lens[:, 2] + bank.metres[thing] * np.maximum(bank.aspect[thing], 0.5)
        rows["x"][here, k] = np.where(stands, np.where(rows["flip"][here, k], -edge, edge), rows["x"][here, k])
        rows["thing"][here, k] = np.where(stands, thing, -1)
    return rows


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
    shape = (places, 2, len(rooms), len(things))
    rows = _drawn(len(rooms) * len(things) * 2 * places, seed, 1, "places")
    _, flip, room, thing = np.unravel_index(np.arange(len(rows)), shape)
    rows["room"], rows["thing"][:, 0], rows["flip"][:, 0] = rooms[room], things[thing], flip
    return _placed(bank, rows, seed)


def _chosen(names: Sequence[int] | None, count: int, what: str) -> np.ndarray:
    """The indices asked for, or all; raises where there are none or the bank has no such index."""
    chosen = np.arange(count) if names is None else np.atleast_1d(names)
    if not len(chosen):
        raise ValueError(f"A table needs at least one {what}, got none.")
    if chosen.dtype.kind not in "iu":
        raise ValueError(f"Name each {what} by its number: there are {count}.")
    if chosen.min() < 0 or chosen.max() >= count:
        raise ValueError(f"There is no {what} {chosen[(chosen < 0) | (chosen >= count)][0]}: the bank has {count}.")
    return chosen


def _drawn(length: int, seed: int, objects: int, name: str) -> np.ndarray:
    """Rows with every standardised draw filled in, and no room, thing or place yet."""
    if length < 1:
        raise ValueError(f"{name} must be at least 1: a table without rows has nothing to compose.")
    index, rows = np.arange(length), np.zeros(length, row_type(objects))
    for draw, fields in DRAWS.items():
        for column, field in fields.items():
            numbers = rows[column].reshape(length, -1)  # a view
            for k in range(numbers.shape[1]):
                numbers[:, k] = draw(seed, index, field + 64 * k)
    rows["seed"] = counter_choice(seed, index, SEED, 2**32)
    return rows


def _placed(bank, rows: np.ndarray, seed: int) -> np.ndarray:
    """The rows with a place for each thing: on the floor where there is one, else anywhere."""
    index = np.arange(len(rows))
    spots, counts = usable_spots(bank)
    low, high = FLOATING
    for k in range(rows["thing"].shape[1]):
        thing = rows["thing"][:, k]
        standing = (thing >= 0) & bank.stands[thing] & (counts[rows["room"]] > 0)
        floating = (thing >= 0) & ~standing
        rows["x"][:, k] = np.where(floating, counter_uniform(seed, index, X + 64 * k), 0)
        rows["y"][:, k] = np.where(floating, counter_uniform(seed, index, Y + 64 * k), 0)
        draw = counter_uniform(seed, index, H + 64 * k)
        height = low * (high / low) ** draw**0.8  # nearly as many small as large ones
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
        some, field = rows[pending], SPOT + 64 * (k + 16 * attempt)
        x, z = spots[some["room"], counter_choice(seed, pending, field, counts[some["room"]])].T
        some["x"][:, k] = x + JITTER * counter_signed(seed, pending, field + 1)
        some["z"][:, k] = z + JITTER * counter_signed(seed, pending, field + 2)
        score = visible_share(bank, some, k)
        better = score > best[pending]
        chosen = pending[better]
        rows["x"][chosen, k], rows["z"][chosen, k] = some["x"][better, k], some["z"][better, k]
        best[pending] = np.maximum(best[pending], score)
        pending = pending[score < 0.7]


def visible_share(bank, rows: np.ndarray, k: int) -> np.ndarray:
    """The share 0..1 of some points of each row's thing k that are in the picture and not hidden by the room.

    Less where it is too near, too far, too low in the picture, or in the place of an earlier thing.
    """
    slots = {name: rows[name][:, k] for name in ("thing", "x", "y", "z", "h")}
    left, top, width, height, depth = projected_frames(bank, rows["room"], slots).T
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


def project_points(lens: np.ndarray, x, y, z, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pixel (u, v) and depth in metres of points seen by many cameras: `Camera.project` over `bank.lens`."""
    height, pitch, focal = np.moveaxis(lens, -1, 0)
    rise = y - height
    depth = z * np.cos(pitch) - rise * np.sin(pitch)
    up = rise * np.cos(pitch) + z * np.sin(pitch)
    return size / 2 + x * focal / depth, size / 2 - up * focal / depth, depth


def projected_frames(bank, room: np.ndarray, slots: np.ndarray) -> np.ndarray:
    """Left, top, width, height in pixels and depth in metres of each slot's thing: same shape with a last axis of 5.

    What stands is a flat figure facing the camera at the depth of its feet. What floats (z = 0) has depth 0.
    A slot without a thing (-1) is measured as if it held the last one: its caller leaves it out.
    """
    thing, x, y, z, h = (slots[name] for name in ("thing", "x", "y", "z", "h"))
    lens = bank.lens[room]
    u, foot, depth = project_points(lens, x, y, np.where(z > 0, z, 1), bank.size)
    standing = (z > 0) & (depth > 0.05)
    height = np.where(standing, bank.metres[thing] * lens[..., 2] / np.where(standing, depth, 1), h * bank.size)
    width = height * bank.aspect[thing]
    left = np.where(standing, u, x * bank.size) - width / 2
    top = np.where(standing, foot - height * (1 - bank.feet[thing]), y * bank.size - height / 2)
    return np.stack([left, top, width, height, np.where(standing, depth, 0)], -1)


def split(bank, fractions: Sequence[float] = (0.8, 0.1, 0.1), seed: int = 0) -> dict:
    """{"train": (rooms, things), "val": ..., "test": ...}: sorted indices for `random_rows` and `grid`.

    Nobody is on two sides. People and props are divided each on their own, so that every side has its share of both.
    """
    groups = [np.flatnonzero(bank.labels == label) for label in np.unique(bank.labels)]
    return split_indices(np.arange(len(bank.pictures)), groups, fractions, seed, str(bank))


def split_indices(rooms: np.ndarray, groups: list[np.ndarray], fractions: Sequence[float], seed: int, what: str):
    """The rooms, and the cut-outs of each group, dealt out to the three sides; `what` is divided, for messages."""
    if len(fractions) != 3 or min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-6:
        raise ValueError(f"fractions must be three numbers from 0 that add up to 1, got {fractions}.")
    rng = np.random.default_rng([seed, 17])
    cut = np.cumsum(fractions)[:2]
    rooms, *groups = (
        np.split(rng.permutation(each), np.rint(cut * len(each)).astype(int)) for each in (rooms, *groups)
    )
    sides = {
        side: (np.sort(rooms[i]), np.sort(np.concatenate([group[i] for group in groups])))
        for i, side in enumerate(SIDES)
    }
    for share, (side, (some_rooms, some_things)) in zip(fractions, sides.items()):
        if share and not (len(some_rooms) and len(some_things)):
            raise ValueError(f"{what} is too small to give {side} a room and a cut-out: it needs more of both.")
    return sides


def assert_disjoint(sides: dict) -> None:
    """Raises where a room or a cut-out is on two sides."""
    for what, name in ((0, "room"), (1, "cut-out")):
        everything = np.concatenate([side[what] for side in sides.values()])
        twice = np.flatnonzero(np.bincount(everything.astype(int), minlength=1) > 1)
        if len(twice):
            raise ValueError(f"The split leaks: {name} {twice[0]} is on two sides.")
