"""Walks: clips of people who walk on the floor of one drawn room under one fixed camera, with the exact truth.

A clip is a table too: row i is everything that makes frame i. From top to bottom: the sets, choosing rooms, paths, rows,
frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import torch
from torch.utils.data import ConcatDataset, Dataset

from ..world.camera import Camera
from .bank import Bank
from .compose import DIFFICULTIES, EDGE, tight_boxes
from .paste import light_gains, paste
from .table import _drawn, counter_bits, counter_uniform, project_points, projected_frames, row_type, visible_share
from .taking import add_noise, camera_maps, packed, region, smooth_field, take_picture

RATE, MOST = 10, 4  # frames a second; people in a clip
SLOW, FAST = 0.5, 1.6  # metres a second
CAMERA = DIFFICULTIES["camera"]
TAKEN = replace(CAMERA, noise=0.0, sway=0.0, patch=0.0, packed=0.0, weather=0.0)  # the rest changes from frame to frame
SHARES = {"sway": 0.3, "patch": 0.4, "packed": CAMERA.packed}  # of clips: leaves and curtains move, clouds pass, JPEG
NEAREST, FARTHEST, FEWEST, TALLEST = 1.2, 11.0, 16, 0.9  # metres ahead; usable spots of a room; of the picture
APART, ROUND = 0.45, 0.25  # metres: between two people, and from anything that stands
HIDDEN = 0.7  # metres: who walks so far behind something does not walk through it
TRIES = 12  # paths of a person, of which the one that passes behind something, or else the first fitting one, is taken
WINDOW = (0.03, 0.5)  # of the picture: how much of it a window shows, for trees outside of it
WALK = np.dtype([*row_type(MOST).descr, ("frame", "u2")])


@dataclass(frozen=True)
class WalkSet:
    """What a set of clips is made of; its seed is used nowhere else, so its identities are nobody's else."""

    seed: int
    people: tuple[int, ...]  # of each clip
    length: int = 100  # frames of a clip
    rooms: int = 200  # drawn, of which the first that suit are used
    cutouts: int = 200
    size: int = 192


WALK_SETS = {
    "walks-test-v1": WalkSet(990_016, (1,) * 20 + (2,) * 20 + (3,) * 10 + (4,) * 10),
    "trees-test-v1": WalkSet(990_017, (0,) * 20, 1000, rooms=400, cutouts=4),
    "walks-valid": WalkSet(990_018, (1, 2, 3, 4) * 6, rooms=80),  # for choosing; not frozen
    "trees-valid": WalkSet(990_019, (0,) * 8, 250, rooms=200, cutouts=4),
}


@dataclass(frozen=True, eq=False)
class Walked:
    """One frame and its truth; k people are in the picture, hidden ones too."""

    number: int
    seconds: float
    image: np.ndarray  # S S 3 uint8
    mask: np.ndarray  # S S bool
    depth: np.ndarray  # S S float32 metres
    valid: np.ndarray  # S S bool: where the depth means something
    people: np.ndarray  # k int: who it is, 0 to 3
    boxes: np.ndarray  # k 4 float32 pixels of what is visible; NaN where nothing is
    places: np.ndarray  # k 2 float32: metres right and ahead of the camera's foot, on the floor
    visible: np.ndarray  # k float32: the share of the whole person that can be seen


def walk_set(name: str, clips: int | None = None) -> Clips:
    """The set of clips of this name; with `clips` so many of them, evenly picked."""
    if name not in WALK_SETS:
        raise ValueError(f"There is no set of walks {name!r}: known are {', '.join(WALK_SETS)}.")
    count = len(WALK_SETS[name].people)
    if clips is not None and not 1 <= clips <= count:
        raise ValueError(f"{name} holds {count} clips: ask for 1 to {count} of them, not {clips}.")
    return Clips([walk_clip(name, i * count // (clips or count)) for i in range(clips or count)])


def walk_clip(name: str, index: int) -> Clip:
    """Clip number `index` of a set: the same whichever others are drawn."""
    made, (bank, rooms) = WALK_SETS[name], _bank(name)
    room, people = int(rooms[index]), made.people[index]
    return Clip(bank, walk_rows(bank, room, people, made.length, made.seed * 1000 + index))


@lru_cache(2)
def _bank(name: str) -> tuple[Bank, np.ndarray]:
    """The bank of a set, and the room of each clip."""
    made = WALK_SETS[name]
    bank = Bank.draw(made.rooms, made.cutouts, made.size, made.seed, "rooms")
    bank, rooms = (bank, walkable_rooms(bank)) if max(made.people) else plant_trees(bank, made.seed)
    if len(rooms) < len(made.people):
        raise ValueError(f"Only {len(rooms)} rooms of {made.rooms} suit {name}: the world has changed.")
    return bank, rooms[: len(made.people)]


def walkable_rooms(bank: Bank) -> np.ndarray:
    """The rooms in which people can walk in view."""
    return np.flatnonzero([len(walkable_spots(bank, room)) >= FEWEST for room in range(len(bank.pictures))])


def walkable_spots(bank: Bank, room: int) -> np.ndarray:
    """n 2: the room's spots whose floor lies in the picture, hidden or not, and where a person is not too tall."""
    x, z = bank.spots[room][np.isfinite(bank.spots[room, :, 0])].astype(np.float64).T
    u, v, depth = project_points(bank.lens[room], x, 0.0, z, bank.size)
    inside = (u > 0) & (u < bank.size) & (v > 0) & (v < bank.size - 2)
    tall = 1.8 * bank.lens[room, 2] / np.maximum(depth, 0.1)
    good = inside & (z > 0.5) & (depth > NEAREST) & (depth < FARTHEST) & (tall < TALLEST * bank.size)
    return np.stack([x, z], 1)[good]


def plant_trees(bank: Bank, seed: int) -> tuple[Bank, np.ndarray]:
    """The bank with a park or trail of its own outside of the windows, and the rooms that have a window to show it."""
    parks = np.flatnonzero(np.isin(bank.kinds, ("park", "trail", "yard")))
    glass = (~bank.depth_valid).mean((1, 2))
    rooms = np.flatnonzero((glass > WINDOW[0]) & (glass < WINDOW[1]) & bank.indoors)
    planes = bank.planes.copy()
    for room in rooms:
        park = parks[int(counter_uniform(seed, np.array([room]), 1)[0] * len(parks))]
        planes[room] = np.where(bank.depth_valid[room], planes[room], np.roll(bank.planes[park], bank.size // 6, 1))
    return replace(bank, planes=planes, later=planes), rooms


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
    """So many different people of the bank whom the room's camera looks down upon about as steeply as they were drawn."""
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


class Clip(Dataset):
    """The frames of a table of walks; item i is frame i as the other data sets have it, with identities as labels."""

    def __init__(self, bank: Bank, rows: np.ndarray) -> None:
        self.bank, self.rows, self.room = bank, rows, int(rows["room"][0])

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def background(self) -> np.ndarray:
        """The empty room, S S 3 uint8."""
        return np.ascontiguousarray(self.bank.pictures[self.room])

    @property
    def camera(self) -> Camera:
        """The camera of the room."""
        return self.bank.cameras[self.room]

    @cached_property
    def moving(self) -> dict[str, np.ndarray]:
        """What moves in the room by itself in this clip, and how, in smooth maps S S."""
        return moving_parts(self.rows[0], ~self.bank.depth_valid[self.room], (self.rows["thing"] < 0).all())

    def frame(self, number: int) -> Walked:
        """Frame number `number`, drawn, with its truth."""
        row, bank = self.rows[number], self.bank
        seed = int(counter_bits(int(row["seed"]), np.array([number]), 0)[0] >> np.uint64(32))
        draws = counter_uniform(0, np.array([row["seed"]]), EDGE)[0]  # of what stands no edge is drawn
        frames = projected_frames(bank, self.rows["room"][number : number + 1, None], self.rows[number : number + 1])
        gains = light_gains(bank, self.rows[number : number + 1], frames[..., 4] > 0, np.zeros((1, MOST, 3)))
        scene = paste(bank, row, frames[0], gains[0], np.full(MOST, draws), TAKEN)
        move_parts(scene.planes, self.moving, number / RATE)
        image, scene = take_picture(scene, bank.planes[self.room], row, TAKEN)
        noisy = image.astype(np.float32) + np.float32(0.5)
        add_noise(noisy, seed, CAMERA.noise)
        image = np.clip(noisy, 0, 255).astype(np.uint8)
        if row["packed"] < SHARES["packed"]:
            image = packed(image, np.random.default_rng([int(row["seed"]), 67]))
        return self._truth(number, image, scene, frames[0])

    def _truth(self, number: int, image: np.ndarray, scene, frames: np.ndarray) -> Walked:
        """The frame with what is known of each person whose figure reaches into the picture."""
        row, size = self.rows[number], self.bank.size
        left, top, width, height, depth = frames.T
        inside = (left < size) & (top < size) & (left + width > 0) & (top + height > 0)
        people = np.flatnonzero((row["thing"] >= 0) & (depth > 0) & inside)
        pixels = np.array([(scene.owner == k + 1).sum() for k in people])
        whole = [(self.bank.cutouts[row["thing"][k]].picture[..., 3] >= 128).mean() * width[k] * height[k] for k in people]
        boxes = [tight_boxes(np.where(scene.owner == k + 1, 1, 0), [1])[0] for k in people]
        nothing = np.full((1, 4), np.nan, np.float32)
        boxes = np.concatenate([np.zeros((0, 4), np.float32), *(box if len(box) else nothing for box in boxes)])
        places = np.stack([row["x"][people], row["z"][people]], 1)
        shares = np.minimum(pixels / np.maximum(whole, 1), 1).astype(np.float32)
        shown = np.ascontiguousarray(image.transpose(1, 2, 0))
        truth = scene.owner > 0, scene.depth.astype(np.float32), scene.valid
        return Walked(number, number / RATE, shown, *truth, people, boxes, places, shares)

    def frames(self) -> Iterator[Walked]:
        """All frames, one after the other."""
        return map(self.frame, range(len(self)))

    def __getitem__(self, number: int) -> dict:
        """The sample; boxes and labels of the people who can be seen."""
        frame, seen = self.frame(number), lambda values: torch.from_numpy(values[~np.isnan(frame.boxes[:, 0])])
        maps = {"mask": frame.mask, "depth": frame.depth, "depth_valid": frame.valid}
        sample = {name: torch.from_numpy(values[None].astype(np.float32)) for name, values in maps.items()}
        sample["image"] = torch.from_numpy(frame.image.transpose(2, 0, 1))
        sample["background"] = torch.from_numpy(self.bank.planes[self.room])
        row = self.rows[number]
        sample["camera"] = torch.from_numpy(camera_maps(self.camera, row, TAKEN, self.bank.size))
        return sample | {"boxes": seen(frame.boxes), "labels": seen(frame.people)}


class Clips(ConcatDataset):
    """Clips one after the other, with the table of all of them."""

    @property
    def rows(self) -> np.ndarray:
        """Every frame's row."""
        return np.concatenate([clip.rows for clip in self.datasets])


def moving_parts(row: np.void, window: np.ndarray, empty: bool) -> dict[str, np.ndarray]:
    """{"where", "down0", …, "light"}: smooth maps S S of what sways and of a cloud's shadow, as the row's seed decides.

    Where nobody walks it is what the window shows that sways, always; else some part of some clips' rooms.
    """
    rng, size = np.random.default_rng([int(row["seed"]), 63]), len(window)
    parts = {}
    if empty or row["sway"] < SHARES["sway"]:
        cells = max(4, int(size / rng.uniform(5, 14)))
        parts["where"] = window * 1.0 if empty else region(rng, size, 0.1, 0.6)
        strength = size / 96 * rng.uniform(0.5, 3.5 if empty else 2)
        for name in ("down0", "down1", "right0", "right1", "shine"):
            parts[name] = smooth_field(rng, size, cells) * (0.1 if name == "shine" else strength)
        parts["period"] = rng.uniform(0.7, 4, 3)
    if row["patch"] < SHARES["patch"]:
        parts["light"] = region(rng, size, 0.05, 0.8) * rng.uniform(-0.4, 0.4)
        parts["cloud"] = np.array([rng.uniform(4, 20), rng.random()])
    return parts


def move_parts(planes: np.ndarray, parts: dict[str, np.ndarray], seconds: float) -> None:
    """Sways and lights the room (planes 4 S S) as it is at this moment; people are lit, and do not sway; in place."""
    if "where" in parts:
        a, b, c = np.sin(2 * np.pi * seconds / parts["period"])
        at, where = np.arange(planes.shape[-1]), parts["where"] * (planes[3] == 0)
        down, right = ((parts[f"{way}0"] * a + parts[f"{way}1"] * b) * where for way in ("down", "right"))
        rows, columns = np.rint(at[:, None] + down).astype(int), np.rint(at + right).astype(int)
        rows, columns = rows.clip(0, at[-1]), columns.clip(0, at[-1])
        from_room = (parts["where"][rows, columns] > 0.01) & (planes[3, rows, columns] == 0) & (where > 0)
        shown = planes[:3, rows, columns] * (1 + parts["shine"] * c * where)
        planes[:3] = np.where(from_room, np.clip(shown, 0, 255), planes[:3])
    if "light" in parts:
        period, start = parts["cloud"]
        gain = 1 + parts["light"] * np.sin(2 * np.pi * (seconds / period + start))
        planes[:3] = np.clip(planes[:3] * gain.astype(np.float32), 0, 255)
