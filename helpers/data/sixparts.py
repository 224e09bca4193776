"""One set in the six-part layout: which of its files belong together."""

from json import loads
from math import ceil
from pathlib import Path

import numpy as np

from .archive import MOST_TEXT, Tree, Zip, find_parts
from .layout import BOXES, CARD, ENDINGS, MAP, boxes_by_stem, key_of, map_stems, stem_of

COLUMNS = ("bg", "bg_fg", "bg_fg_mask", "bg_fg_depth_map")


def read_card(text: str, where: str) -> dict:
    """From the card of one of our own exports: the cut-outs' `labels`, and how many `zips` it makes (0: folders)."""
    try:
        card = dict(loads(text))
        zips = ceil(int(card["count"]) / int(card["zips"])) if card.get("zips") else 0
        return {"labels": [int(label) for label in card.get("labels", [])], "zips": zips}
    except (ValueError, TypeError, KeyError, ArithmeticError) as error:
        raise ValueError(f"{where} is damaged. Copy it again, or delete it.") from error


def all_zips(path: Path, found: int) -> None:
    """Refuses an export into zip files of which some are not written yet, or were left behind."""
    if path.is_dir() and (path / CARD).exists():
        wanted = read_card((path / CARD).read_text(errors="replace"), str(path / CARD))["zips"] or 1
        if found != wanted:
            advice = f"Run the same export again: it goes on. Or delete {CARD} to read what is there."
            raise ValueError(f"{path} holds {found} of {wanted} zip files. {advice}")


class SixParts:
    """One six-part set, in a folder or in a zip file: which files belong together."""

    def __init__(self, store: Tree | Zip) -> None:
        self.store, self.parts = store, find_parts(store)
        missing = [part for part in COLUMNS if part not in self.parts]
        if missing:
            there = ", ".join(store.names()[:9]) or "nothing"
            raise ValueError(f"{store} has no folder {missing[0]}. A set has {', '.join(COLUMNS)}; here is {there}.")
        self.endings: dict[str, str] = {}
        text = self.text(MAP)
        stems = self._matched() if text is None else map_stems(text, f"{MAP} of {store}")
        if not stems:
            raise ValueError(f"{store} names no samples: its {MAP} or its folders are empty.")
        self.lines = np.array(["\t".join(line).encode() for line in stems])  # a tenth of the memory of 400,000 tuples
        self.rooms, self.things = np.array([(key_of(line[1]) or (-1, -1))[:2] for line in stems], np.int32).T
        self.labels = read_card(self.text(CARD) or "{}", f"{CARD} of {store}")["labels"]

    def text(self, name: str) -> str | None:
        """The text of a list beside the six parts; None where there is none."""
        name = self.parts[""] + name
        if not self.store.has(name):
            return None
        try:
            return self.store.read(name, MOST_TEXT).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError(f"{name} of {self.store} is not a text file. Copy or download it again.") from error

    def _matched(self) -> list[tuple[str, ...]]:
        """The four stems of each sample of a set without file_map.txt, matched by the numbers in their names."""
        if self.store.has(f"{self.parts['']}{BOXES}.part"):
            raise ValueError(f"The export in {self.store} was interrupted. Run the same export again: it goes on.")
        rooms = {int("".join(filter(str.isdigit, stem)) or -1): stem for stem in self._stems("bg")}
        masks = {key_of(stem): stem for stem in self._stems("bg_fg_mask")}
        depths = {key_of(stem): stem for stem in self._stems("bg_fg_depth_map")}
        lines = []
        for stem in self._stems("bg_fg"):
            key = key_of(stem)
            if key is None or key[0] not in rooms or key not in masks or key not in depths:
                raise ValueError(f"{stem} in {self.store} lacks its background, mask or depth map, or is misnamed.")
            lines.append((rooms[key[0]], stem, masks[key], depths[key]))
        return lines

    def _stems(self, part: str) -> list[str]:
        """Sorted stems of the pictures of a part."""
        return [stem_of(name) for name in self.store.names(self.parts[part]) if stem_of(name) != name]

    def file(self, part: str, stem: str) -> tuple[bytes, str]:
        """The bytes of a picture, whatever its ending, and its full name for messages."""
        start = f"{self.parts[part]}/{stem}"
        for ending in (self.endings.get(part, ENDINGS[0]), *ENDINGS):
            if self.store.has(start + ending):
                self.endings[part] = ending
                return self.store.read(start + ending), f"{self.store}/{start}{ending}"
        raise FileNotFoundError(f"{self.store}/{start} (.png or .jpeg) is missing. Copy or unpack the data set again.")

    def boxes(self) -> dict[str, tuple[float, ...]]:
        """x0, y0, x1, y1 of each image named in bbox.txt."""
        text = self.text(BOXES)
        if text is None:
            raise FileNotFoundError(f"{self.store} has no {BOXES}, so its samples have no boxes. Read it without them.")
        return boxes_by_stem(text, f"{BOXES} of {self.store}")
