"""The six-part layout of the MODEST data set: its folders, the names in them, its two lists."""

import re
from dataclasses import dataclass
from math import lcm

import numpy as np

from .table import counter_choice

PARTS = ("bg", "fg", "fg_mask", "bg_fg", "bg_fg_mask", "bg_fg_depth_map")
MAP, BOXES, CARD = "file_map.txt", "bbox.txt", "export.json"
ENDINGS = (".png", ".jpeg", ".jpg", ".npy")
STEM = re.compile(r"bg_?(\d+)_fg_?(\d+)((?:_\d+)+)", re.IGNORECASE)
PLAIN = re.compile(r"(?!.*\.\.)[\w .\-]+")  # no slash, no colon, no dots that climb


@dataclass(frozen=True)
class Names:
    """The names of a grid, in their order: every room, with every thing, as is and flipped, at so many places."""

    rooms: int
    things: int
    places: int = 20

    @property
    def total(self) -> int:
        """How many samples the whole grid has."""
        return self.rooms * self.things * 2 * self.places

    def split(self, index):
        """Room, thing, flip and place of sample `index`, a number or an array of them."""
        index, place = divmod(index, self.places)
        index, flip = divmod(index, 2)
        return *divmod(index, self.things), flip, place

    def rows(self, index: np.ndarray) -> np.ndarray:
        """Where these samples stand in the table of `data.grid`, in which places change slowest."""
        room, thing, flip, place = self.split(index)
        return ((place * 2 + flip) * self.rooms + room) * self.things + thing

    def bg(self, room: int) -> str:
        """The stem of a background; three digits, or more where there are more than 999."""
        return f"bg{room + 1:0{max(3, len(str(self.rooms)))}d}"

    def fg(self, thing: int, flip: bool = False) -> str:
        """The stem of a cut-out; its mirror image ends in `_01`."""
        return f"fg{thing + 1:0{max(3, len(str(self.things)))}d}" + ("_01" if flip else "")

    def sample(self, index: int) -> str:
        """The stem of sample `index`: with 20 places, 01 to 20 are as is and 21 to 40 flipped."""
        room, thing, flip, place = self.split(index)
        digits = max(2, len(str(2 * self.places)))
        return f"{self.bg(room)}_{self.fg(thing)}_{flip * self.places + place + 1:0{digits}d}"

    def chosen(self, count: int | None) -> np.ndarray:
        """Sorted indices of `count` samples in which every room and every thing comes equally often (give or take one).

        A walk along the diagonals of the table rooms x things: each lap gives each pair its next flip and place.
        """
        count = self.total if count is None else count
        if not 0 < count <= self.total:
            raise ValueError(
                f"count must be from 1 to {self.total:,}, got {count:,}: {self.rooms} rooms x {self.things} things x 2"
                f" x {self.places} places have no more samples. Draw a larger bank, or ask for more places."
            )
        lap, pair = np.divmod(np.arange(count), self.rooms * self.things)
        room, thing = pair % self.rooms, (pair + pair // lcm(self.rooms, self.things)) % self.things
        flip = (lap + counter_choice(0, pair, 0, 2)) % 2
        return np.sort(((room * self.things + thing) * 2 + flip) * self.places + lap // 2)

    def map_line(self, index: int) -> str:
        """One line of file_map.txt: the stems of background, image, mask and depth."""
        stem = self.sample(index)
        return "\t".join((self.bg(self.split(index)[0]), stem, f"{stem}_mask", f"{stem}_depth_map")) + "\n"


def box_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    """x, y, width, height in pixels of what is above 0 in a mask h w; all 0 where nothing is."""
    xs, ys = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
    if len(xs) == 0:
        return 0, 0, 0, 0
    return int(xs[0]), int(ys[0]), int(xs[-1] - xs[0]) + 1, int(ys[-1] - ys[0]) + 1


def part_of(name: str) -> str | None:
    """Which of the six parts a folder of that name holds; spellings of other sets of this family are known too."""
    name = re.sub(r"[ \-]+", "_", name.lower()).replace("fg_bg", "bg_fg").replace("bgfg", "bg_fg")
    name = re.sub(r"masks$", "mask", re.sub(r"depth(_?maps?)?$", "depth_map", name))
    return name if name in PARTS else None


def key_of(stem: str) -> tuple[int, int, tuple[int, ...]] | None:
    """Room, thing and the numbers after them, from any spelling of a sample's name; None where it is no such name."""
    found = STEM.search(stem)
    return (int(found[1]), int(found[2]), tuple(int(n) for n in found[3].split("_")[1:])) if found else None


def stem_of(name: str) -> str:
    """The name without a picture's ending."""
    head, dot, tail = name.rpartition(".")
    return head if dot and f".{tail.lower()}" in ENDINGS else name


def plain(name: str, where: str) -> str:
    """The same name, or a sentence where it would lead out of its folder."""
    if not PLAIN.fullmatch(name):
        raise ValueError(f"{where} names {name!r}, which is no plain file name. Correct it; nothing was read.")
    return name


def map_stems(text: str, where: str) -> list[tuple[str, ...]]:
    """The four stems of each line of a file_map.txt."""
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        stems = line.split("\t") if "\t" in line else line.split()
        if len(stems) != 4:
            raise ValueError(f"{where} line {number} has {len(stems)} names, not 4: background, image, mask, depth.")
        lines.append(tuple(stem_of(plain(stem.strip(), f"{where} line {number}")) for stem in stems))
    return lines


def boxes_by_stem(text: str, where: str) -> dict[str, tuple[float, ...]]:
    """x0, y0, x1, y1 in pixels of each image of a bbox.txt."""
    boxes = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, *numbers = line.split("\t") if "\t" in line else line.split()
        try:
            x, y, w, h = (float(value) for value in numbers)
        except ValueError as error:
            raise ValueError(f"{where} line {number} should be a name and x, y, width, height.") from error
        boxes[stem_of(name.strip())] = (x, y, x + w, y + h)
    return boxes
