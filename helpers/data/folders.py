"""Data sets of files in MODEST's six-part layout: their names, and reading them, from a folder or from zip files."""

import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, inf, lcm
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset

from ..base import FAR
from .read import check_same_size, read_depth, read_mask, read_picture
from .table import counter_choice

PARTS = ("bg", "fg", "fg_mask", "bg_fg", "bg_fg_mask", "bg_fg_depth_map")
NEEDED = ("bg", "bg_fg", "bg_fg_mask", "bg_fg_depth_map")  # the parts that are read, as file_map.txt names them
MAP, BOXES, CARD = "file_map.txt", "bbox.txt", "export.json"
ENDINGS = (".png", ".jpeg", ".jpg", ".npy")
SAMPLE = re.compile(r"bg(\d+)_fg(\d+)_(\d+)")
PLAIN = re.compile(r"(?!.*\.\.)[\w .\-]+")  # no slash, no colon, no dots that climb


@dataclass(frozen=True)
class GridNames:
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
        """Where these samples stand in the table that `grid` makes, in which places change slowest."""
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


def sample_key(stem: str) -> tuple[int, ...] | None:
    """Room, thing and number of a sample, from the name of one of its files; None where it is named otherwise."""
    found = SAMPLE.search(stem)
    return tuple(map(int, found.groups())) if found else None


def _stem(name: str) -> str:
    """The name without a picture's ending."""
    head, dot, tail = name.rpartition(".")
    return head if dot and f".{tail.lower()}" in ENDINGS else name


def _lines(text: str, where: str, key: int, columns: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    """(which line, its columns) of a list in which column `key` must not come twice."""
    seen = set()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        found = [column.strip() for column in (line.split("\t") if "\t" in line else line.split())]
        if len(found) != len(columns):
            raise ValueError(f"{where} line {number} has {len(found)} columns, not {', '.join(columns)}. Correct it.")
        if found[key] in seen:
            raise ValueError(f"{where} line {number} names {found[key]} a second time. Take one of the two away.")
        seen.add(found[key])
        yield f"{where} line {number}", found


def _parse_map(text: str, where: str) -> list[list[str]]:
    """The four stems of each line of a file_map.txt."""
    lines = []
    for line, names in _lines(text, where, 1, ("background", "image", "mask", "depth")):
        room, image, *others = stems = [_stem(name) for name in names]
        if not all(map(PLAIN.fullmatch, stems)):
            raise ValueError(f"{line} holds no plain file names: {', '.join(names)}. Correct it; nothing was read.")
        key = sample_key(image)
        if key and not (image.startswith(room) and {key, None}.issuperset(map(sample_key, others))):
            raise ValueError(f"{line} mixes files of different samples: {', '.join(names)}. Correct it.")
        lines.append(stems)
    return lines


def read_card(text: str, where: str) -> dict:
    """From the card of one of our own exports: the cut-outs' `labels`, and how many `zips` it makes (0: folders)."""
    try:
        card = dict(json.loads(text))
        zips = ceil(int(card["count"]) / int(card["zips"])) if card.get("zips") else 0
        return {"labels": [int(label) for label in card.get("labels", [])], "zips": zips}
    except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"{where} is damaged. Copy it again, or delete it.") from error


def _inner_folder(root: Path | zipfile.Path) -> str:
    """Where in this folder a set is: "" where it is the folder itself, or the name of the one folder that holds it."""
    inside = sorted(f"{each.name}/" for each in root.iterdir() if (each / "bg_fg").is_dir())
    if (root / "bg_fg").is_dir() or not inside:
        return ""
    if len(inside) > 1:
        raise ValueError(f"{root} holds {len(inside)} sets: {' and '.join(n[:-1] for n in inside[:3])}. Name one.")
    return inside[0]


class SixParts:
    """One six-part set, in a folder or, read without unpacking it, in a zip file: which files belong together."""

    def __init__(self, path: Path) -> None:
        self.path, self.opened, self.process = Path(path), None, None
        self.inside = _inner_folder(self._root())
        missing = [part for part in NEEDED if not (self._root() / (self.inside + part)).is_dir()]
        if missing:
            there = ", ".join(sorted(each.name for each in self._root().iterdir())[:9]) or "nothing"
            raise ValueError(f"{path} has no folder {missing[0]}. A set has {', '.join(NEEDED)}; here is {there}.")
        card, listed = self._text(CARD), self._text(MAP)
        if card and self._text(BOXES) is None:  # bbox.txt is written last
            raise ValueError(f"The export in {path} was interrupted. Run the same export again: it goes on.")
        stems = _parse_map(listed or "", f"{MAP} of {path}")
        if not stems:
            raise ValueError(
                f"{path} names no samples: its {MAP}, which says what belongs together, is missing or empty."
            )
        self.lines = np.array(["\t".join(line).encode() for line in stems])  # a tenth of the memory of 400,000 tuples
        self.numbers = np.array([(sample_key(line[1]) or (-1, -1))[:2] for line in stems], np.int32)  # room, thing
        self.labels = read_card(card or "{}", f"{CARD} of {path}")["labels"]

    def __getstate__(self) -> dict:
        return {**self.__dict__, "opened": None}

    def _root(self) -> Path | zipfile.Path:
        """Where the files are. A zip file is opened once in every process: two must not share one position in it."""
        if self.path.is_dir():
            return self.path
        if self.opened is None or self.process != os.getpid():
            try:
                self.opened, self.process = zipfile.Path(self.path), os.getpid()
            except (zipfile.BadZipFile, RuntimeError, ValueError) as error:
                raise ValueError(f"{self.path} is not a whole zip file. Copy or download it again.") from error
        return self.opened

    def _read(self, name: str) -> bytes | None:
        """The bytes of a file; None where there is none."""
        file = self._root() / (self.inside + name)
        try:
            return file.read_bytes() if file.is_file() else None
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError) as error:
            raise ValueError(f"{name} in {self.path} is damaged or locked. Copy or download it again.") from error

    def _text(self, name: str) -> str | None:
        """The text of a list beside the six parts; None where there is none."""
        data = self._read(name)
        try:
            return None if data is None else data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError(f"{name} of {self.path} is not a text file. Copy or download it again.") from error

    def file(self, part: str, stem: str) -> tuple[bytes, str]:
        """The bytes of a picture, whatever its ending, and its full name for messages."""
        start = f"{self.path}/{self.inside}{part}/{stem}"
        for ending in ENDINGS:
            data = self._read(f"{part}/{stem}{ending}")
            if data is not None:
                return data, start + ending
        raise FileNotFoundError(f"{start} ({', '.join(ENDINGS)}) is missing. Copy or unpack the data set again.")

    def boxes(self) -> dict[str, tuple[float, ...]]:
        """x0, y0, x1, y1 in pixels of each image named in bbox.txt."""
        text, boxes = self._text(BOXES), {}
        if text is None:
            raise FileNotFoundError(f"{self.path} has no {BOXES}, so its samples have no boxes. Read it without them.")
        columns = ("name", "x", "y", "width", "height")
        for line, (name, *numbers) in _lines(text, f"{BOXES} of {self.path}", 0, columns):
            try:
                x, y, w, h = box = [float(number) for number in numbers]
            except ValueError as error:
                raise ValueError(f"{line} should be a name and x, y, width, height.") from error
            if not all(0 <= number < inf for number in box):
                raise ValueError(f"{line} has a box that is negative or not a number. Correct it, or read without.")
            boxes[_stem(name)] = (x, y, x + w, y + h)
        return boxes


def _open_sets(path: Path) -> list[SixParts]:
    """The set in a folder or a zip file, or the sets in the zip files of a folder."""
    if not os.path.exists(path):
        raise FileNotFoundError(f"There is no folder or zip file {path}. Check its name.")
    card, zips = path / CARD, sorted(path.glob("*.zip"))
    wanted = read_card(card.read_text(errors="replace"), str(card))["zips"] if card.is_file() else 0
    if wanted and len(zips) != wanted:
        advice = f"Run the same export again: it goes on. Or delete {CARD} to read what is there."
        raise ValueError(f"{path} holds {len(zips)} of {wanted} zip files. {advice}")
    return [SixParts(each) for each in (zips if zips and not (path / "bg_fg").is_dir() else [path])]


class Folder(Dataset):
    """A data set on disk as a torch Dataset: samples like those of `Scenes`, read from a folder or from zip files.

    Masks kept as JPEG are cut at the middle. A 16-bit depth map holds millimetres. An 8-bit one, as in MODEST, holds a
    network's guess without a unit: 255 stands for `depth_scale` metres (10, the range of the network that made
    MODEST's, is only a default), or 0 does where the set is `depth_inverted` (near is bright). `depth_valid` is 0
    where a map says 0, which means unknown; it cannot know how good a guess is, so report scale-aligned errors there.
    """

    def __init__(
        self,
        path: str | Path,
        boxes: bool = False,
        transform=None,
        depth_scale: float = 10.0,
        depth_inverted: bool = False,
    ) -> None:
        self.path, self.transform = Path(path), transform
        self.depth_scale, self.depth_inverted = depth_scale, depth_inverted
        self.sets = _open_sets(self.path)
        self.which = np.repeat(np.arange(len(self.sets)), [len(each.lines) for each in self.sets])  # each sample's set
        self.lines = np.concatenate([each.lines for each in self.sets])  # its four stems
        # The numbers of its background and of its cut-out, from its name; -1 where the name says none.
        self.rooms, self.things = np.concatenate([each.numbers for each in self.sets]).T
        self.boxes = [each.boxes() for each in self.sets] if boxes else None

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, index: int) -> dict:
        """One sample: background, image 3 h w uint8; mask, depth, depth_valid 1 h w float32; perhaps boxes, labels."""
        k = self.which[index]
        one = self.sets[k]
        room, image, mask, depth = self.lines[index].decode().split("\t")
        background, picture = read_picture(*one.file("bg", room)), read_picture(*one.file("bg_fg", image))  # h w 3
        check_same_size(f"background {room}", background.shape, picture.shape)
        pair = {"background": background, "image": picture}
        sample = {name: torch.from_numpy(each.transpose(2, 0, 1).copy()) for name, each in pair.items()}
        data, name = one.file("bg_fg_mask", mask)
        sample["mask"] = torch.from_numpy(read_mask(data, picture.shape, name))[None]
        data, name = one.file("bg_fg_depth_map", depth)
        metres = torch.from_numpy(read_depth(data, self.depth_scale, self.depth_inverted, picture.shape, name))[None]
        sample["depth"] = torch.where(metres > 0, metres, FAR).clamp_(max=FAR)
        sample["depth_valid"] = (metres > 0).float()
        if self.boxes is not None:
            if image not in self.boxes[k]:
                raise ValueError(f"{BOXES} of {one.path} does not name {image}. Read the set without boxes.")
            box, thing = self.boxes[k][image], self.things[index]
            label = one.labels[thing - 1] if 0 < thing <= len(one.labels) else 1
            visible = [box] if box[2] > box[0] and box[3] > box[1] else []  # none where the person is hidden
            sample["boxes"] = torch.tensor(visible).reshape(-1, 4)
            sample["labels"] = torch.tensor([label] * len(visible))
        return self.transform(sample) if self.transform else sample
