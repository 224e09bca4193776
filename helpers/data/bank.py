"""The bank: every room and every cut-out, drawn or photographed once; all pictures are composed from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from ..base import FAR
from ..world.camera import Camera
from ..world.drawn import Backdrop, Cutout
from . import store
from .read import LARGEST, SMALLEST


@dataclass(frozen=True, eq=False)
class Bank:
    """N rooms of S pixels with their depth and camera, and the cut-outs that may be put in them."""

    pictures: np.ndarray  # N S S 3 uint8 (kept in memory as N 3 S S: see `planes`)
    depths: np.ndarray  # N S S float32 metres
    cameras: tuple[Camera, ...]
    spots: np.ndarray  # N P 2 float32: places (x, z) in metres; NaN after a room's last one
    kinds: tuple[str, ...]
    depth_known: np.ndarray  # N bool: False where the depth means nothing
    cutouts: tuple[Cutout, ...]

    def __post_init__(self) -> None:
        planes = np.ascontiguousarray(np.moveaxis(self.pictures, -1, 1))
        object.__setattr__(self, "pictures", np.moveaxis(planes, 1, -1))
        _check(self)

    @classmethod
    def of(cls, backdrops: Sequence[Backdrop], cutouts: Sequence[Cutout]) -> Bank:
        """The bank of these rooms and cut-outs."""
        if not backdrops or not cutouts:
            raise ValueError(
                f"A bank needs at least one room and one cut-out, got {len(backdrops)} and {len(cutouts)}."
            )
        if len({room.picture.shape for room in backdrops}) > 1:
            raise ValueError("The rooms of a bank must all have the same size in pixels.")
        spots = np.full((len(backdrops), max(len(room.spots) for room in backdrops), 2), np.nan, np.float32)
        for room, places in zip(backdrops, spots, strict=True):
            places[: len(room.spots)] = room.spots
        return cls(
            pictures=np.stack([room.picture for room in backdrops]),
            depths=np.stack([room.depth for room in backdrops]).astype(np.float32),
            cameras=tuple(room.camera for room in backdrops),
            spots=spots,
            kinds=tuple(room.kind for room in backdrops),
            depth_known=np.array([room.depth_known for room in backdrops]),
            cutouts=tuple(cutouts),
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

        return store.cached(arguments, make, cls.load) if cache else make()

    @classmethod
    def from_pictures(cls, rooms, people, metres: float = 1.7, camera: Camera | None = None, size: int = 224) -> Bank:
        """The bank of photographs: rooms (picture, depth or None) and RGBA people, as arrays or as paths."""
        from . import read

        return cls.of(
            [read.photographed_room(room, camera or Camera(), size) for room in rooms],
            [read.photographed_person(person, metres, size) for person in people],
        )

    def save(self, path: str | Path) -> Path:
        """Writes the bank to one npz file, whole or not at all; gives back its path."""
        return store.save(self, Path(path))

    @classmethod
    def load(cls, path: str | Path) -> Bank:
        """The bank that `save` wrote."""
        fields = store.load(Path(path))
        try:
            return cls(**fields)
        except ValueError as error:
            raise ValueError(f"{path} holds no usable bank. {error}") from error

    @property
    def size(self) -> int:
        """Width and height of the rooms in pixels."""
        return self.pictures.shape[1]

    @property
    def planes(self) -> np.ndarray:
        """The pictures as N 3 S S uint8, without a copy."""
        return np.moveaxis(self.pictures, -1, 1)

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
    def prepared(self) -> dict:
        """Cut-outs made ready for pasting, filled by `compose` as they are needed."""
        return {}

    def __getstate__(self) -> dict:
        """What a worker process is sent: everything but what is prepared, which it makes again."""
        return {name: value for name, value in self.__dict__.items() if name != "prepared"}

    def __repr__(self) -> str:
        return f"Bank({len(self.pictures)} rooms, {len(self.cutouts)} cut-outs, {self.size} px)"


def _check(bank: Bank) -> None:
    """Raises with a sentence where the bank holds something that cannot be composed."""
    count, size = bank.pictures.shape[:2]
    if bank.pictures.dtype != np.uint8 or bank.pictures.shape != (count, size, size, 3):
        raise ValueError(f"Rooms must be square uint8 RGB pictures, got {bank.pictures.shape} {bank.pictures.dtype}.")
    if bank.depths.shape != (count, size, size):
        raise ValueError(f"Each room needs a depth map of its own size {size}x{size}, got {bank.depths.shape[1:]}.")
    if {len(each) for each in (bank.cameras, bank.spots, bank.kinds, bank.depth_known)} != {count}:
        raise ValueError(
            f"Each of the {count} rooms needs a camera, its spots, a kind and a word whether its depth is known."
        )
    bad = ~(np.isfinite(bank.depths) & (bank.depths > 0) & (bank.depths <= FAR)).all((1, 2))
    if bad.any():
        raise ValueError(
            f"Depth of room {np.flatnonzero(bad)[0]} is not a number, not above 0, or beyond {FAR:.0f} metres."
        )
    for i, cutout in enumerate(bank.cutouts):
        if cutout.picture.ndim != 3 or cutout.picture.shape[2] != 4 or cutout.picture.dtype != np.uint8:
            raise ValueError(
                f"Cut-out {i} must be a uint8 RGBA picture, got {cutout.picture.shape} {cutout.picture.dtype}."
            )
        if cutout.picture[..., 3].max(initial=0) < 128:
            raise ValueError(f"Cut-out {i} is fully transparent: there is nothing to paste.")
        if not 0 < cutout.metres < np.inf:
            raise ValueError(f"Cut-out {i} must have a height above 0 metres, got {cutout.metres}.")
