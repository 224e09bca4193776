"""The bank: every room and every cut-out, drawn or photographed once; all pictures are composed from it.

On disk a bank is one npz file; the drawn ones are kept in a cache that processes share.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ..base import FAR, ROOT, alone, folder, whole
from ..world.camera import Camera
from ..world.drawn import Backdrop, Cutout
from .photographed import own_cutouts, own_rooms, photographed_person, photographed_room
from .read import LARGEST, SMALLEST

CACHE = ROOT / "data" / "cache"
EYE = 1.6  # metres: from up to this height a standing person is seen as if from straight ahead
OUTDOORS = ("street", "square", "park", "trail", "yard", "land", "car_park")  # kinds of rooms in which a car may stand
KEPT, DAY = 24, 24 * 3600  # banks in the cache; more than that go once nobody has used them for a day, in seconds


@dataclass(frozen=True, eq=False)
class Bank:
    """N rooms of S pixels with their depth and camera, and the cut-outs that may be put in them."""

    planes: np.ndarray  # N 3 S S uint8: the pictures, R G B
    depths: np.ndarray  # N S S float32 metres
    cameras: tuple[Camera, ...]
    spots: np.ndarray  # N P 2 float32: places (x, z) in metres; NaN after a room's last one
    kinds: tuple[str, ...]
    depth_valid: np.ndarray  # N S S bool: False where the depth means nothing
    cutouts: tuple[Cutout, ...]
    later: np.ndarray  # N 3 S S uint8: the same rooms at another moment; the same pictures where none was drawn
    lights: np.ndarray  # N L 4 float32: x, y, z in metres, share of the light 0..1; share 0 after a room's last one
    gloss: np.ndarray  # N float32: share of light that each floor mirrors

    def __post_init__(self) -> None:
        """Raises with a sentence where the bank holds something that cannot be composed."""
        count, size = len(self.planes), self.planes.shape[-1]
        wanted = {"planes": (count, 3, size, size), "depths": (count, size, size)}
        wanted |= {"depth_valid": (count, size, size), "later": (count, 3, size, size), "gloss": (count,)}
        wanted |= {"lens": (count, 3), "spots": (count, self.spots.shape[1], 2)}
        wanted["lights"] = (count, self.lights.shape[1], 4)
        for name, shape in wanted.items():
            found = getattr(self, name).shape
            if found != shape:
                raise ValueError(f"The {name} of {count} rooms of {size} pixels must be {shape}, not {found}.")
        if self.planes.dtype != np.uint8 or not np.isfinite(self.lens).all():
            raise ValueError("Pictures must be uint8, and cameras finite numbers.")
        bad = ~(np.isfinite(self.depths) & (self.depths > 0) & (self.depths <= FAR)).all((1, 2))
        if bad.any():
            raise ValueError(
                f"Depth of room {np.flatnonzero(bad)[0]} is not a number, not above 0, or beyond {FAR:.0f} metres."
            )
        for i, cutout in enumerate(self.cutouts):
            shape, kind = cutout.picture.shape, cutout.picture.dtype
            if len(shape) != 3 or shape[2] != 4 or kind != np.uint8:
                raise ValueError(f"Cut-out {i} must be a uint8 RGBA picture, got {shape} {kind}.")
            if cutout.picture[..., 3].max(initial=0) < 128:
                raise ValueError(f"Cut-out {i} is fully transparent: there is nothing to paste.")
            if not 0 < cutout.metres < np.inf:
                raise ValueError(f"Cut-out {i} must have a height above 0 metres, got {cutout.metres}.")

    @classmethod
    def of(cls, backdrops: Sequence[Backdrop], cutouts: Sequence[Cutout]) -> Bank:
        """The bank of these rooms and cut-outs."""
        if not backdrops or not cutouts:
            raise ValueError(
                f"A bank needs at least one room and one cut-out, got {len(backdrops)} and {len(cutouts)}."
            )
        if len({room.picture.shape for room in backdrops}) > 1:
            raise ValueError("The rooms of a bank must all have the same size in pixels.")
        count, none = len(backdrops), np.zeros((0, 4), np.float32)
        spots = np.full((count, max(len(room.spots) for room in backdrops), 2), np.nan, np.float32)
        shining = [none if room.lights is None else room.lights for room in backdrops]
        lights = np.zeros((count, max(1, *map(len, shining)), 4), np.float32)
        for room, places, shine, lamps in zip(backdrops, spots, shining, lights, strict=True):
            places[: len(room.spots)], lamps[: len(shine)] = room.spots, shine
        pictures = [(room.picture, room.picture if room.later is None else room.later) for room in backdrops]
        planes, later = np.ascontiguousarray(np.moveaxis(pictures, (1, -1), (0, 2)))
        return cls(
            planes=planes,
            depths=np.stack([room.depth for room in backdrops]).astype(np.float32),
            cameras=tuple(room.camera for room in backdrops),
            spots=spots,
            kinds=tuple(room.kind for room in backdrops),
            depth_valid=np.stack([np.broadcast_to(room.depth_valid, room.depth.shape) for room in backdrops]),
            cutouts=tuple(cutouts),
            later=later,
            lights=lights,
            gloss=np.array([room.gloss for room in backdrops], np.float32),
        )

    @classmethod
    def draw(
        cls,
        rooms: int = 100,
        people: int = 100,
        size: int = 96,
        seed: int = 0,
        mixture: str = "museum",
        props: int = 0,
        cache: bool = True,
        workers: int | None = None,
    ) -> Bank:
        """A drawn bank; the second time it is read from `data/cache`."""
        rooms, people, size, seed, props = (int(number) for number in (rooms, people, size, seed, props))
        if rooms < 1 or min(people, props) < 0 or people + props < 1:
            raise ValueError(
                f"A bank needs at least one room and one cut-out, got {rooms} rooms, {people} people, {props} props."
            )
        if not SMALLEST <= size <= LARGEST:
            raise ValueError(f"Rooms of {size} pixels cannot be drawn: size must be {SMALLEST} to {LARGEST}.")
        arguments = {"rooms": rooms, "people": people, "size": size, "seed": seed, "mixture": mixture, "props": props}

        def make() -> Bank:
            from ..world import mixtures  # only a bank that must be drawn needs the drawing

            cutouts = mixtures.draw_cutouts(people, size, seed, mixture, workers=workers) if people else []
            cutouts += mixtures.draw_cutouts(props, size, seed, "props", workers=workers) if props else []
            return cls.of(mixtures.draw_backdrops(rooms, size, seed, mixture, workers=workers), cutouts)

        return cached_bank(arguments, make) if cache else make()

    @classmethod
    def from_pictures(cls, rooms, people, metres: float = 1.7, camera: Camera | None = None, size: int = 224) -> Bank:
        """The bank of photographs: rooms (picture, depth or None) and RGBA people, as arrays or as paths."""
        return cls.of(
            [photographed_room(room, camera or Camera(), size) for room in rooms],
            [photographed_person(person, metres, size) for person in people],
        )

    @classmethod
    def from_photographs(
        cls, rooms, cutouts, depth="roomnet", camera=None, metres=1.7, size: int = 224, depth_scale=None, predict=None
    ) -> Bank:
        """The bank of your own: a folder of rooms, and one of RGBA cut-outs or of pairs NAME_bg.*, NAME_image.*.

        `depth`: "roomnet"; a folder of maps named as the rooms, 16-bit PNG in millimetres or .npy in metres, or 8-bit
        with `depth_scale`, the metres that 255 means; "hf:NAME", a network that transformers fetches; or None: things
        are pasted anywhere. All but None need the `camera`, one for all or {NAME: Camera}; `metres` is how tall the
        cut-outs are, likewise. Of each room the middle square is taken. "roomnet" and pairs ask `predict`,
        which is `helpers.predict` unless another function is given.
        """
        if not SMALLEST <= size <= LARGEST:
            raise ValueError(f"Rooms of {size} pixels cannot be used: size must be {SMALLEST} to {LARGEST}.")
        own = own_rooms(rooms, depth, camera, size, depth_scale, predict)
        return cls.of(own, own_cutouts(cutouts, metres, size, predict))

    def save(self, path: str | Path) -> Path:
        """Writes the bank to one npz file, whole or not at all; gives back its path."""
        path = Path(path)
        folder(path.parent)
        arrays = {
            "planes": self.planes,
            "depths": self.depths,
            "cameras": np.array([(camera.height, camera.pitch, camera.fov) for camera in self.cameras]),
            "spots": self.spots,
            "kinds": np.array(self.kinds),
            "depth_valid": self.depth_valid,
            "later": self.later,
            "lights": self.lights,
            "gloss": self.gloss,
            "shapes": np.array([cutout.picture.shape[:2] for cutout in self.cutouts]),
            "pixels": np.concatenate([cutout.picture.ravel() for cutout in self.cutouts]),
            "metres": self.metres,
            "labels": self.labels,
            "names": np.array([cutout.kind for cutout in self.cutouts]),
            "stands": self.stands,
            "pitches": self.pitches,
            "feet": self.feet,
            "shaped": np.array([cutout.relief is not None for cutout in self.cutouts]),
            "reliefs": np.concatenate(
                [np.zeros(0, np.float16), *(c.relief.ravel() for c in self.cutouts if c.relief is not None)]
            ),
        }
        with whole(path) as file:
            np.savez(file, **arrays)
        return path

    @classmethod
    def load(cls, path: str | Path) -> Bank:
        """The bank that `save` wrote."""
        if not Path(path).is_file():
            raise FileNotFoundError(f"There is no bank at {path}: draw one with Bank.draw(...) and save it there.")
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            ends = np.cumsum(arrays["shapes"].prod(1) * 4)
            pixels = np.split(arrays["pixels"], ends[:-1])
            pictures = [part.reshape(*shape, 4) for part, shape in zip(pixels, arrays["shapes"], strict=True)]
            columns = (arrays[name].tolist() for name in ("metres", "labels", "names", "stands", "pitches", "feet"))
            sizes = np.where(arrays["shaped"], arrays["shapes"].prod(1), 0)
            parts = np.split(arrays["reliefs"], np.cumsum(sizes)[:-1])
            reliefs = [part.reshape(shape) if len(part) else None for part, shape in zip(parts, arrays["shapes"])]
            return cls(
                planes=arrays["planes"],
                depths=arrays["depths"],
                cameras=tuple(Camera(*values) for values in arrays["cameras"].tolist()),
                spots=arrays["spots"],
                kinds=tuple(arrays["kinds"].tolist()),
                cutouts=tuple(Cutout(*values) for values in zip(pictures, *columns, reliefs, strict=True)),
                **{name: arrays[name] for name in ("depth_valid", "later", "lights", "gloss")},
            )
        except Exception as error:  # whatever may be wrong with a zip file, an array, or the things that arrays mean
            reason = str(error).rstrip(".") or type(error).__name__
            raise ValueError(f"{path} is no whole bank file ({reason}): delete it, and draw the bank again.") from error

    @property
    def size(self) -> int:
        """Width and height of the rooms in pixels."""
        return self.planes.shape[-1]

    @property
    def pictures(self) -> np.ndarray:
        """The pictures as N S S 3 uint8, without a copy."""
        return np.moveaxis(self.planes, 1, -1)

    @cached_property
    def lens(self) -> np.ndarray:
        """Height in metres, pitch in radians and focal length in pixels of each room's camera: N 3 float64."""
        return np.array([(camera.height, camera.pitch, camera.focal(self.size)) for camera in self.cameras])

    @cached_property
    def light(self) -> np.ndarray:
        """Mean colour of each room, 0..1: N 3 float64."""
        return self.planes.mean((2, 3)) / 255

    @cached_property
    def floor(self) -> np.ndarray:
        """True where a pixel sees what is less than 6 cm above the floor: N S S bool."""
        up = (self.size / 2 - 0.5 - np.arange(self.size)) / self.lens[:, 2:]  # N S
        rise = up * np.cos(self.lens[:, 1:2]) - np.sin(self.lens[:, 1:2])  # metres per metre of depth, by row
        limit = np.float32(0.06) - self.lens[:, 0].astype(np.float32)
        rooms = zip(self.depths, rise.astype(np.float32), limit)
        return np.stack([depth * slope[:, None] < low for depth, slope, low in rooms])

    @cached_property
    def metres(self) -> np.ndarray:
        """Height of each cut-out in metres."""
        return np.array([cutout.metres for cutout in self.cutouts])

    @cached_property
    def aspect(self) -> np.ndarray:
        """Width over height of each cut-out."""
        return np.array([cutout.picture.shape[1] / cutout.picture.shape[0] for cutout in self.cutouts])

    @cached_property
    def labels(self) -> np.ndarray:
        """Label of each cut-out: 1 a person, 0 anything else."""
        return np.array([cutout.label for cutout in self.cutouts])

    @cached_property
    def stands(self) -> np.ndarray:
        """True for each cut-out that stands on a floor."""
        return np.array([cutout.stands for cutout in self.cutouts])

    @cached_property
    def pitches(self) -> np.ndarray:
        """Radians by which each cut-out is looked down upon."""
        return np.array([cutout.pitch for cutout in self.cutouts])

    @cached_property
    def feet(self) -> np.ndarray:
        """Share of each cut-out's height that lies below the point it stands on."""
        return np.array([cutout.foot for cutout in self.cutouts])

    @cached_property
    def looks(self) -> np.ndarray:
        """Radians by which each room's camera looks down on somebody at a usual place; NaN where nobody can stand."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a room without any place to stand
            away = np.nanmedian(self.spots[..., 1], axis=1) if self.spots.shape[1] else np.full(len(self.spots), np.nan)
        return np.arctan2(np.maximum(self.lens[:, 0] - EYE, 0), away)

    @cached_property
    def indoors(self) -> np.ndarray:
        """True for each room where no car drives."""
        return np.array([kind not in OUTDOORS for kind in self.kinds])

    @cached_property
    def vehicle(self) -> np.ndarray:
        """True for each cut-out that is a car."""
        return np.array([cutout.kind == "car" for cutout in self.cutouts])

    def __repr__(self) -> str:
        return f"Bank({len(self.pictures)} rooms, {len(self.cutouts)} cut-outs, {self.size} px)"


def world_version() -> str:
    """A short hash of everything that draws: another world never reads this one's cache."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "helpers" / "world").rglob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def cached_bank(arguments: dict, make: Callable[[], Bank]) -> Bank:
    """The bank that `make` draws, read from the cache where it has been drawn before.

    Of two processes that want the same bank at the same time one draws it, and the other waits and reads it.
    """
    key = json.dumps({**arguments, "world": world_version(), "format": 3}, sort_keys=True)
    path = CACHE / f"bank-{hashlib.sha256(key.encode()).hexdigest()[:24]}.npz"
    with ExitStack() as turn:
        trouble = None
        try:
            turn.enter_context(alone(folder(CACHE) / f"{path.stem}.lock", wait=True))
        except OSError as error:  # a cache that can only be read, or none at all
            trouble = error
        if path.is_file():
            try:
                bank = Bank.load(path)
                if trouble is None:
                    os.utime(path)  # it is in use, so it is not the one to go
                return bank
            except ValueError as error:
                warnings.warn(f"The bank is drawn again: {error}", stacklevel=3)
        bank = make()
        try:
            if trouble is not None:
                raise trouble
            bank.save(path)
            for old in sorted(CACHE.glob("bank-*.npz"), key=lambda kept: kept.stat().st_mtime)[:-KEPT]:
                if time.time() - old.stat().st_mtime > DAY:
                    old.unlink(missing_ok=True)
                    old.with_suffix(".lock").unlink(missing_ok=True)
        except OSError as error:
            message = f"The bank could not be kept in {CACHE} ({error}): it will be drawn again next time."
            warnings.warn(message, stacklevel=3)
    return bank
