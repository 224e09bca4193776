"""Reading data sets of files in the six-part layout: our own exports, MODEST, and others of this family."""

from collections.abc import Sequence
from copy import copy
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset

from ..base import FAR
from .archive import stores
from .export import export, export_command
from .layout import BOXES
from .opening import same_size
from .pictures import read_depth, read_mask, read_picture
from .sixparts import SixParts, all_zips
from .table import split_indices

__all__ = ["Folder", "export", "export_command"]


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
        keep: int = 128,
    ) -> None:
        """Opens `path`; up to `keep` backgrounds stay decoded in memory."""
        self.sets = [SixParts(store) for store in stores(path)]
        self.path, self.transform, self.keep = Path(path), transform, keep
        self.depth_scale, self.depth_inverted = depth_scale, depth_inverted
        all_zips(Path(path), len(self.sets))
        self.ends = np.cumsum([len(each.lines) for each in self.sets])
        self.chosen = np.arange(self.ends[-1])  # which samples, counted through all sets
        self.boxes = [each.boxes() for each in self.sets] if boxes else None
        self._background = lru_cache(keep)(self._read_background)

    def __getstate__(self) -> dict:
        return {name: value for name, value in self.__dict__.items() if name != "_background"}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._background = lru_cache(self.keep)(self._read_background)

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, index: int) -> dict:
        """One sample: background, image 3 h w uint8; mask, depth, depth_valid 1 h w float32; perhaps boxes, labels."""
        k, i = self._where(index)
        room, image, mask, depth = self.sets[k].lines[i].decode().split("\t")
        background = self._background(k, room).clone()  # whoever changes a sample leaves the kept one as it is
        data, name = self.sets[k].file("bg_fg", image)
        picture = read_picture(data, name)  # h w 3
        same_size(f"background {room}", background.shape[1:], picture.shape)
        data, name = self.sets[k].file("bg_fg_mask", mask)
        sample = {"background": background, "image": torch.from_numpy(picture.transpose(2, 0, 1).copy())}
        sample["mask"] = torch.from_numpy(read_mask(data, picture.shape, name))[None]
        data, name = self.sets[k].file("bg_fg_depth_map", depth)
        metres = torch.from_numpy(read_depth(data, self.depth_scale, self.depth_inverted, picture.shape, name))[None]
        sample["depth"] = torch.where(metres > 0, metres, FAR).clamp_(max=FAR)
        sample["depth_valid"] = (metres > 0).float()
        if self.boxes is not None:
            sample.update(self._boxes(k, i, image))
        return self.transform(sample) if self.transform else sample

    def __getitems__(self, indices: list[int]) -> list[dict]:
        """The samples of one batch, for a DataLoader; background by background, so that each is decoded once."""
        order = sorted(indices, key=lambda index: self.chosen[index])
        samples = {index: self[index] for index in order}
        return [samples[index] for index in indices]

    def _read_background(self, k: int, stem: str) -> torch.Tensor:
        """A background as 3 h w uint8."""
        return torch.from_numpy(read_picture(*self.sets[k].file("bg", stem)).transpose(2, 0, 1).copy())

    def _boxes(self, k: int, i: int, image: str) -> dict:
        """The boxes (k, 4) and labels (k) of one sample; none where its person is hidden."""
        if image not in self.boxes[k]:
            raise ValueError(f"{BOXES} of {self.sets[k].store} does not name {image}. Read the set without boxes.")
        box, labels, thing = self.boxes[k][image], self.sets[k].labels, self.sets[k].things[i]
        label = labels[thing - 1] if 0 < thing <= len(labels) else 1
        visible = [box] if box[2] > box[0] and box[3] > box[1] else []
        return {"boxes": torch.tensor(visible).reshape(-1, 4), "labels": torch.tensor([label] * len(visible))}

    def _where(self, index: int) -> tuple[int, int]:
        """Which set sample `index` is in, and at which line."""
        n = self.chosen[index]
        k = int(np.searchsorted(self.ends, n, side="right"))
        return k, int(n - self.ends[k])  # counted from the end of its set

    @property
    def rooms(self) -> np.ndarray:
        """The number of each sample's background, from its name; -1 where the name says none."""
        return np.concatenate([each.rooms for each in self.sets])[self.chosen]

    @property
    def things(self) -> np.ndarray:
        """The number of each sample's cut-out, from its name; -1 where the name says none."""
        return np.concatenate([each.things for each in self.sets])[self.chosen]

    def only(self, rooms, things) -> "Folder":
        """The samples that show one of these backgrounds with one of these cut-outs."""
        chosen = copy(self)
        chosen.chosen = self.chosen[np.isin(self.rooms, rooms) & np.isin(self.things, things)]
        return chosen

    def split(self, fractions: Sequence[float] = (0.8, 0.1, 0.1), seed: int = 0) -> "dict[str, Folder]":
        """train, val and test, which share no background and no person; pairs across the border are left out."""
        rooms, things = np.unique(self.rooms), np.unique(self.things)
        if rooms[0] < 0 or things[0] < 0:
            raise ValueError(f"{self.path} cannot be split: its names do not tell backgrounds and people apart.")
        sides = split_indices(
            rooms, [things], fractions, seed, f"{self.path} ({len(rooms)} backgrounds, {len(things)} people)"
        )
        return {side: self.only(*chosen) for side, chosen in sides.items()}
