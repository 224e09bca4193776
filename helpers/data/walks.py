"""Walks: clips of people who walk on the floor of one drawn room under one fixed camera, with the exact truth.

A clip is a table too: row i is everything that makes frame i, together with what the clip's room has to sway.
From top to bottom: the sets, a clip and its frames, what moves in a room by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import torch
from scipy.ndimage import binary_opening, gaussian_filter, uniform_filter
from torch.utils.data import ConcatDataset, Dataset

from ..world.camera import Camera
from .bank import Bank
from .compose import DIFFICULTIES, EDGE, tight_boxes
from .paste import light_gains, paste
from .paths import MOST, RATE, walk_rows, walkable_rooms
from .table import counter_bits, counter_uniform, projected_frames
from .taking import add_noise, camera_maps, packed, region, smooth_field, take_picture

CAMERA = DIFFICULTIES["camera"]
TAKEN = replace(CAMERA, noise=0.0, sway=0.0, patch=0.0, packed=0.0, weather=0.0)  # the rest changes from frame to frame
SHARES = {"sway": 0.5, "patch": 0.4, "packed": CAMERA.packed}  # of clips: leaves and curtains move, clouds pass, JPEG
SWAYING = (("right0", 6, 1.0), ("down0", 6, 0.3), ("right1", 24, 0.4), ("down1", 24, 0.4), ("shine", 24, 0.1))
GREENEST, VIEWS = 8, 24  # parks of a bank that are seen through windows; of so many views of one the greenest
WINDOW = (0.02, 0.5)  # of the picture: how much of it a window shows, for trees outside of it


@dataclass(frozen=True)
class WalkSet:
    """What a set of clips is made of; its seed is used nowhere else, so its identities are nobody's else."""

    seed: int
    people: tuple[int, ...]  # of each clip
    length: int = 100  # frames of a clip
    rooms: int = 110  # drawn, of which the first that suit are used
    cutouts: int = 200
    size: int = 192


WALK_SETS = {
    "walks-test-v1": WalkSet(990_016, (1,) * 20 + (2,) * 20 + (3,) * 10 + (4,) * 10),
    "trees-test-v1": WalkSet(990_017, (0,) * 20, 1000, rooms=330, cutouts=4),
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


def plant_trees(bank: Bank, seed: int) -> tuple[Bank, np.ndarray]:
    """The bank with a park or trail of its own outside of the windows, and the rooms that have a window to show it."""
    glass = (~bank.depth_valid).mean((1, 2))
    rooms = np.flatnonzero((glass > WINDOW[0]) & (glass < WINDOW[1]) & bank.indoors)
    parks = np.flatnonzero(np.isin(bank.kinds, ("park", "trail")))
    parks = parks[np.argsort([-tree_texture(bank.pictures[park]).mean() for park in parks], kind="stable")][:GREENEST]
    planes = bank.planes.copy()
    for room in rooms:
        rng, window = np.random.default_rng([seed, int(room), 65]), ~bank.depth_valid[room]
        park, shifts = bank.planes[rng.choice(parks)], rng.integers(0, bank.size, (VIEWS, 2))
        full = tree_texture(park.transpose(1, 2, 0))
        best = max(shifts.tolist(), key=lambda shift: (np.roll(full, shift, (0, 1)) * window).sum())
        planes[room] = np.where(window, np.roll(park, best, (1, 2)), planes[room])
    return replace(bank, planes=planes, later=planes), rooms


def leaf_green(picture: np.ndarray) -> np.ndarray:
    """Where a picture S S 3 is as green as leaves: S S bool."""
    red, green, blue = np.moveaxis(picture.astype(np.int16), -1, 0)
    return binary_opening((green > 1.12 * red + 4) & (green > 1.12 * blue + 4))


def tree_texture(picture: np.ndarray) -> np.ndarray:
    """How much of trees a picture S S 3 shows at each pixel, S S: where it is green, and not as smooth as a lawn."""
    grey = picture.mean(-1)
    return leaf_green(picture) * np.abs(grey - uniform_filter(grey, 5))


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
        window = ~self.bank.depth_valid[self.room]
        return moving_parts(self.rows[0], self.background, window, bool((self.rows["thing"] < 0).all()))

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
        whole = [
            (self.bank.cutouts[row["thing"][k]].picture[..., 3] >= 128).mean() * width[k] * height[k] for k in people
        ]
        boxes = [tight_boxes(np.where(scene.owner == k + 1, 1, 0), [1])[0] for k in people]
        nothing = np.full((1, 4), np.nan, np.float32)
        boxes = np.concatenate([np.zeros((0, 4), np.float32), *(box if len(box) else nothing for box in boxes)])
        places = np.stack([row["x"][people], row["z"][people]], 1)
        shares = np.minimum(pixels / np.maximum(whole, 1), 1).astype(np.float32)
        shown = np.array(image.transpose(1, 2, 0), order="C")
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


def moving_parts(row: np.void, picture: np.ndarray, window: np.ndarray, empty: bool) -> dict[str, np.ndarray]:
    """Smooth maps S S of what sways and of a cloud's shadow in a room (picture S S 3), as the row's seed decides.

    Leaves sway, and what a window shows: always where nobody walks, else in some clips.
    """
    rng, size, parts = np.random.default_rng([int(row["seed"]), 63]), len(window), {}
    where = window if empty else leaf_green(picture) | window
    if empty or row["sway"] < SHARES["sway"]:
        parts["where"] = gaussian_filter(where.astype(np.float32), size / 192)
        strength = size / 192 * rng.uniform(0.7, 3 if empty else 1.5)  # pixels
        for name, cells, share in SWAYING:  # boughs to and fro, leaves in all directions, and what light they catch
            parts[name] = smooth_field(rng, size, cells) * (share if name == "shine" else share * strength)
        parts["periods"] = rng.uniform(0.7, 4, 3)  # seconds
    if row["patch"] < SHARES["patch"]:
        parts["light"] = region(rng, size, 0.05, 0.8) * rng.uniform(-0.4, 0.4)
        parts["cloud"] = np.array([rng.uniform(4, 20), rng.random()])  # seconds of its coming and going; its start
    return parts


def move_parts(planes: np.ndarray, parts: dict[str, np.ndarray], seconds: float) -> None:
    """Sways the room (planes 4 S S) and lights all of it as it is at this moment; people do not sway; in place."""
    if "where" in parts:
        a, b, c = np.sin(2 * np.pi * seconds / parts["periods"])
        at, where = np.arange(planes.shape[-1]), parts["where"] * (planes[3] == 0)
        down, right = ((parts[f"{way}0"] * a + parts[f"{way}1"] * b) * where for way in ("down", "right"))
        rows, columns = np.rint(at[:, None] + down).astype(int), np.rint(at + right).astype(int)
        rows, columns = rows.clip(0, at[-1]), columns.clip(0, at[-1])
        shown = planes[:3, rows, columns] * (1 + parts["shine"] * c * where)
        still = (planes[3, rows, columns] > 0) | (parts["where"][rows, columns] < 0.5) | (where < 0.2)
        planes[:3] = np.where(still, planes[:3], np.clip(shown, 0, 255))
    if "light" in parts:
        period, start = parts["cloud"]
        gain = 1 + parts["light"] * np.sin(2 * np.pi * (seconds / period + start))
        planes[:3] = np.clip(planes[:3] * gain.astype(np.float32), 0, 255)
