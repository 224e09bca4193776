"""Data sets of files in MODEST's six-part layout: their names, and reading them, from a folder or from zip files."""

import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, inf, lcm
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset

from ..base import FAR
from .read import check_same_size, read_depth, read_mask, read_picture
from .table import SIDES, counter_choice, split_indices

PARTS = ("bg", "fg", "fg_mask", "bg_fg", "bg_fg_mask", "bg_fg_depth_map")
NEEDED = ("bg", "bg_fg", "bg_fg_mask", "bg_fg_depth_map")  # the parts that are read, as file_map.txt names them
MAP, BOXES, CARD = "file_map.txt", "bbox.txt", "export.json"
ENDINGS = (".png", ".jpeg", ".jpg", ".npy")
STEM = re.compile(r"bg_?(\d+)_fg_?(\d+)((?:_\d+)+)", re.IGNORECASE)
PLAIN = re.compile(r"(?!.*\.\.)[\w .\-]+")  # no slash, no colon, no dots that climb
MOST = 512 * 2**20  # bytes of one file, unpacked: the lists of 400,000 samples have 40 MB


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


def standard_part(name: str) -> str | None:
    """Which of the six parts a folder of that name holds; spellings of other sets of this family are known too."""
    name = re.sub(r"[ \-]+", "_", name.lower()).replace("fg_bg", "bg_fg").replace("bgfg", "bg_fg")
    name = re.sub(r"masks$", "mask", re.sub(r"depth(_?maps?)?$", "depth_map", name))
    return name if name in PARTS else None


def sample_key(stem: str) -> tuple[int, ...] | None:
    """Room, thing and the numbers after them, from any spelling of a sample's name; None where it is no such name."""
    found = STEM.search(stem)
    return tuple(int(n) for n in re.findall("[0-9]+", found[0])) if found else None


def _room_number(stem: str) -> int:
    """The number in a background's name; -1 where there is none."""
    return int("".join(re.findall("[0-9]", stem)) or -1)


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
        if key and (_room_number(room) not in (-1, key[0]) or any(sample_key(o) not in (None, key) for o in others)):
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


def _names(root: Path | zipfile.Path, folder: str) -> list[str]:
    """Sorted names of what is directly in a folder of a set."""
    place = root / folder if folder else root
    return sorted(each.name for each in place.iterdir()) if place.is_dir() else []


def _find_parts(root: Path | zipfile.Path) -> dict[str, str]:
    """Which folder holds each of the parts, here or in the one folder here: {"bg": "data/bg", ..., "": "data/"}."""
    inner = (f"{name}/" for name in _names(root, "") if not name.startswith((".", "__MACOSX")))
    for level in ([""], inner):
        sets = [{"": inside} | {standard_part(n): inside + n for n in _names(root, inside)} for inside in level]
        sets = [each for each in sets if "bg_fg" in each]
        if len(sets) > 1:
            names = " and ".join(each[""][:-1] for each in sets[:3])
            raise ValueError(f"{root} holds {len(sets)} sets: {names}. Name one of them.")
        if sets:
            return sets[0]
    return {"": ""}


class SixParts:
    """One six-part set, in a folder or, read without unpacking it, in a zip file: which files belong together."""

    def __init__(self, path: Path) -> None:
        self.path, self.opened, self.process = Path(os.path.realpath(path)), None, None
        self.parts, self.endings, self.inside = _find_parts(self._root()), {}, set()
        missing = [part for part in NEEDED if part not in self.parts]
        if missing:
            there = ", ".join(_names(self._root(), "")[:9]) or "nothing"
            raise ValueError(f"{path} has no folder {missing[0]}. A set has {', '.join(NEEDED)}; here is {there}.")
        card, listed = self._text(CARD), self._text(MAP)
        if card and self._text(BOXES) is None:  # bbox.txt is written last
            raise ValueError(f"The export in {path} was interrupted. Run the same export again: it goes on.")
        stems = self._match() if listed is None else _parse_map(listed, f"{MAP} of {path}")
        if not stems:
            raise ValueError(f"{path} names no samples: its {MAP} or its folders are empty.")
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
        """The bytes of a file; None where there is none. What lies outside is refused, or in a zip never found."""
        file = self._root() / name
        if not file.is_file():
            return None
        if isinstance(file, Path) and (file.parent not in self.inside or file.is_symlink()):
            if not file.resolve().is_relative_to(self.path):
                raise ValueError(f"{file} is a link that leaves the folder. Put the file itself there.")
            self.inside.add(file.parent)  # for all other files in it
        try:
            with file.open("rb") as opened:
                data = opened.read(MOST + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError) as error:
            raise ValueError(f"{name} in {self.path} is damaged or locked. Copy or download it again.") from error
        if len(data) > MOST:
            raise ValueError(f"{name} in {self.path} has more than {MOST >> 20} MB. Do not use this file.")
        return data

    def _text(self, name: str) -> str | None:
        """The text of a list beside the six parts; None where there is none."""
        data = self._read(self.parts[""] + name)
        try:
            return None if data is None else data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError(f"{name} of {self.path} is not a text file. Copy or download it again.") from error

    def _match(self) -> list[tuple[str, ...]]:
        """The four stems of each sample of a set without file_map.txt, matched by the numbers in their names."""
        names = (_names(self._root(), self.parts[part]) for part in NEEDED)
        rooms, images, *others = ([_stem(name) for name in some if _stem(name) != name] for some in names)
        rooms = {_room_number(stem): stem for stem in rooms}
        masks, depths = ({sample_key(stem): stem for stem in stems} for stems in others)
        lines = []
        for stem in images:
            key = sample_key(stem)
            if key is None or key[0] not in rooms or key not in masks or key not in depths:
                raise ValueError(f"{stem} in {self.path} lacks its background, mask or depth map, or is misnamed.")
            lines.append((rooms[key[0]], stem, masks[key], depths[key]))
        return lines

    def file(self, part: str, stem: str) -> tuple[bytes, str]:
        """The bytes of a picture, whatever its ending, and its full name for messages."""
        start = f"{self.parts[part]}/{stem}"
        for ending in (self.endings.get(part, ENDINGS[0]), *ENDINGS):
            data = self._read(start + ending)
            if data is not None:
                self.endings[part] = ending
                return data, f"{self.path}/{start}{ending}"
        wanted = f"{self.path}/{start} ({', '.join(ENDINGS)})"
        raise FileNotFoundError(f"{wanted} is missing. Copy or unpack the data set again.")

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
    return [SixParts(each) for each in (zips if zips and len(_find_parts(path)) == 1 else [path])]


@lru_cache(128)
def _read_background(one: SixParts, stem: str) -> torch.Tensor:
    """A background as 3 h w uint8; the last ones stay decoded in memory."""
    return torch.from_numpy(read_picture(*one.file("bg", stem)).transpose(2, 0, 1).copy())


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
        background = _read_background(one, room).clone()  # whoever changes a sample leaves the kept one as it is
        picture = read_picture(*one.file("bg_fg", image))  # h w 3
        check_same_size(f"background {room}", background.shape[1:], picture.shape)
        sample = {"background": background, "image": torch.from_numpy(picture.transpose(2, 0, 1).copy())}
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

    def split(self, fractions: Sequence[float] = (0.8, 0.1, 0.1), seed: int = 0) -> "dict[str, Folder]":
        """train, val and test, which share no background and no person; pairs across the border are left out."""
        rooms, things = np.unique(self.rooms), np.unique(self.things)
        if rooms[0] < 0 or things[0] < 0:
            raise ValueError(f"{self.path} cannot be split: its names do not tell backgrounds and people apart.")
        what = f"{self.path} ({len(rooms)} backgrounds, {len(things)} people)"
        sides = {side: copy(self) for side in SIDES}
        for side, some in split_indices(rooms, [things], fractions, seed, what).items():
            keep = np.isin(self.rooms, some[0]) & np.isin(self.things, some[1])
            vars(sides[side]).update({name: vars(self)[name][keep] for name in ("which", "lines", "rooms", "things")})
        return sides
