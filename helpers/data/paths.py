"""Where people walk: rows of a table whose people go from place to place on the floor of one room, frame by frame.

From top to bottom: rooms to walk in, the table of a clip, a path for each person, ways that are free.
"""

from __future__ import annotations

import numpy as np

from .bank import Bank
from .table import _drawn, project_points, row_type, visible_share

RATE, MOST = 10, 4  # frames a second; people in a clip
SLOW, FAST = 0.5, 1.6  # metres a second
NEAREST, FARTHEST, FEWEST, TALLEST = 1.2, 11.0, 16, 0.9  # metres ahead; usable spots of a room; of the picture
APART, ROUND = 0.45, 0.25  # metres: between two people, and from anything that stands
OPEN = 0.3  # of the ways between spots of a room: how many must be free
HIDDEN = 0.7  # metres: who walks so far behind something does not walk through it
TRIES = 30  # paths of a person, of which the one that passes behind something, or else the first fitting one, is taken
WALK = np.dtype([*row_type(MOST).descr, ("frame", "u2")])


def walkable_rooms(bank: Bank) -> np.ndarray:
    """The rooms in which people can walk in view: there are spots, and free ways of a metre or more between them."""
    rooms = []
    for room in range(len(bank.pictures)):
        spots = walkable_spots(bank, room)
        pairs = zip(spots, np.roll(spots, 1, 0)) if len(spots) >= FEWEST else ()
        free = [np.hypot(*(one - other)) >= 1 and free_way(bank, room, one, other) for one, other in pairs]
        rooms += [room] if free and np.mean(free) >= OPEN else []
    return np.array(rooms)


def walkable_spots(bank: Bank, room: int) -> np.ndarray:
    """n 2: the room's spots whose floor lies in the picture, hidden or not, and where a person is not too tall."""
    x, z = bank.spots[room][np.isfinite(bank.spots[room, :, 0])].astype(np.float64).T
    u, v, depth = project_points(bank.lens[room], x, 0.0, z, bank.size)
    inside = (u > 0) & (u < bank.size) & (v > 0) & (v < bank.size - 2)
    tall = 1.8 * bank.lens[room, 2] / np.maximum(depth, 0.1)
    good = inside & (z > 0.5) & (depth > NEAREST) & (depth < FARTHEST) & (tall < TALLEST * bank.size)
    return np.stack([x, z], 1)[good]


def walk_rows(bank: Bank, room: int, people: int, length: int, seed: int) -> np.ndarray:
    """The table of a clip: `length` frames of so many people in this room."""
    rng = np.random.default_rng([seed, 61])
    one, rows = _drawn(1, seed, MOST, "length"), np.zeros(length, WALK)
    for name in one.dtype.names:
        rows[name] = one[name]
    time = np.arange(length) / RATE
    rows["room"], rows["frame"], rows["thing"], rows["lens"] = room, np.arange(length), -1, 0
    rows["exposure"] += 0.4 * np.sin(2 * np.pi * (time / rng.uniform(8, 30) + rng.random()))
    wobble = np.stack([np.sin(2 * np.pi * (time / rng.uniform(1, 6) + rng.random())) for _ in range(2)], 1)
    shake = 0.6 * one["shake"] + 0.2 * wobble + 0.05 * rng.standard_normal((length, 2))
    rows["shake"] = np.clip(shake, -1, 1)
    things = walkers(bank, room, people, rng)
    for k, thing in enumerate(things):
        rows["flip"][:, k] = rng.random() < 0.5
        walk_in(bank, rows, k, thing, rng)
    return rows


def walkers(bank: Bank, room: int, people: int, rng: np.random.Generator) -> np.ndarray:
    """So many different people of the bank who were drawn from about as high as the room is seen."""
    kinds = np.array([cutout.kind for cutout in bank.cutouts])
    who = np.flatnonzero((kinds == "person") & bank.stands)
    if len(who) < people:
        raise ValueError(f"{bank} has {len(who)} people who stand: too few for a clip of {people}.")
    off = np.abs(bank.pitches[who] - bank.looks[room])
    suited = who[np.argsort(off, kind="stable")[: max(4 * people, 12, int((off < 0.2).sum()))]]
    return rng.permutation(suited)[:people]


def walk_in(bank: Bank, rows: np.ndarray, k: int, thing: int, rng: np.random.Generator) -> None:
    """Fills slot k of the rows by a path that keeps apart from the others; of some, one that is hidden for a while."""
    spots, best, hides = walkable_spots(bank, int(rows["room"][0])), -1.0, rng.random() < 0.6
    chosen = rows.copy()
    for _ in range(TRIES):
        here = rows.copy()
        path, there = random_path(bank, rows, spots, thing, rng)  # frames 2, frames
        here["x"][:, k], here["z"][:, k] = path.T
        here["thing"][:, k] = np.where(there, thing, -1)
        others = here["thing"][:, :k] >= 0
        away = np.hypot(here["x"][:, :k] - path[:, :1], here["z"][:, :k] - path[:, 1:])
        near = (others & there[:, None] & (away < APART)).any(1)
        unseen = there & (visible_share(bank, here, k) < 0.3) & (np.abs(path[:, 0]) < _edge(bank, rows, path, thing))
        score = float(1 - near.mean()) + 0.01 * (not near.any() and 3 <= unseen.sum() <= 25) * hides
        if score > best:
            best, chosen = score, here
        if best > 1 or (best == 1 and not hides):
            break
    rows[:] = chosen


def _edge(bank: Bank, rows: np.ndarray, path: np.ndarray, thing: int) -> np.ndarray:
    """Metres to the side at which somebody at each place of the path is just outside of the picture."""
    lens = bank.lens[rows["room"][0]]
    depth = path[:, 1] * np.cos(lens[1]) + lens[0] * np.sin(lens[1])
    return depth * bank.size / 2 / lens[2] + bank.metres[thing] * bank.aspect[thing] / 2 + 0.1


def random_path(bank: Bank, rows: np.ndarray, spots: np.ndarray, thing: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """Places frames 2 in metres, and whether somebody is there: from spot to spot, with turns and stops.

    Half come in at the picture's rim, and who is done early leaves there or stays; who comes late is not there before.
    """
    room, length, speed = int(rows["room"][0]), len(rows), rng.uniform(SLOW, FAST)
    points = [spots[rng.integers(len(spots))]]
    enters = rng.random() < 0.5 and (start := _rim(bank, rows, points[0], thing, rng)) is not None
    legs = [_leg(start, points[0], speed)] if enters else []
    frames = sum(map(len, legs))
    while frames < length + RATE:
        ways = [spot for spot in rng.permutation(spots)[:12] if free_way(bank, room, points[-1], spot)]
        leaves = frames > 0.4 * length and rng.random() < 0.4
        end = _rim(bank, rows, points[-1], thing, rng) if leaves else None
        if end is not None:
            legs.append(_leg(points[-1], end, speed))
            break
        if ways and rng.random() < 0.85:
            legs.append(_leg(points[-1], ways[0], speed))
            points.append(ways[0])
        else:
            legs.append(np.repeat(points[-1][None], rng.integers(5, 20), 0))  # stands for a while
        frames = sum(map(len, legs))
    walked = np.concatenate(legs)
    smooth = np.pad(walked, ((4, 4), (0, 0)), "edge")  # turns are rounded, and starts and stops take a while
    walked = np.stack([np.convolve(each, np.full(9, 1 / 9), "valid") for each in smooth.T], 1)[:length]
    late = int(rng.integers(0, max(1, length // 3))) if enters else 0
    path = np.concatenate([np.repeat(walked[:1], late, 0), walked])[:length]
    there = np.arange(length) >= late
    there[len(path) :] = False  # has left
    return np.concatenate([path, np.repeat(path[-1:], length - len(path), 0)]), there


def _leg(start: np.ndarray, end: np.ndarray, speed: float) -> np.ndarray:
    """Places n 2 from start to end, one for each frame."""
    count = max(2, int(np.hypot(*(end - start)) / speed * RATE))
    return start + (end - start) * (np.arange(1, count + 1) / count)[:, None]


def _rim(bank: Bank, rows: np.ndarray, spot: np.ndarray, thing: int, rng) -> np.ndarray | None:
    """A place just outside of the picture to which the way from the spot is free, or None."""
    for side in rng.permutation([-1, 1]):
        end = np.array([0, max(0.6, spot[1] + rng.uniform(-0.6, 0.6))])
        end[0] = side * (_edge(bank, rows, end[None], thing)[0] + 0.3)
        if free_way(bank, int(rows["room"][0]), spot, end, behind=False):
            return end
    return None


def free_way(bank: Bank, room: int, start: np.ndarray, end: np.ndarray, behind: bool = True) -> bool:
    """Whether somebody can walk straight there: the floor is seen all the way, or hidden by what is well before it."""
    share = np.arange(0, 1.001, 0.1 / max(0.1, np.hypot(*(end - start))))[:, None]
    x, z = (start + (end - start) * share).T
    x = np.stack([x - ROUND, x, x + ROUND])
    u, v, depth = project_points(bank.lens[room], x, 0.0, np.maximum(z, 0.3), bank.size)
    inside = (u >= 0) & (v >= 0) & (u < bank.size) & (v < bank.size)
    u, v = (np.where(inside, each, 0).astype(np.intp) for each in (u, v))
    seen = bank.depths[room][v, u]
    floor = bank.floor[room][v, u] & (seen > depth - 0.3)
    return bool((~inside | floor | (behind & (seen < depth - HIDDEN))).all()) and bool((z > 0.5).all())
