"""The data set as torch sees it: a bank and a table, composed a batch at a time; several data sets in one loader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import itemgetter

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, default_collate

from ..world.drawn import Cutout
from .augment import make_photographic
from .bank import Bank
from .compose import Difficulty, compose

LISTS = ("boxes", "labels")  # of another length in every picture, so they stay lists in a batch


class Samples(list):
    """One dict per sample, all of them views of one composed `batch`, which is None where they were transformed."""

    batch: dict | None = None


class Scenes(Dataset):
    """Item i is row i composed: a dict of `background`, `image` 3 S S uint8, `mask`, `depth`, `depth_valid` 1 S S."""

    def __init__(
        self,
        bank,
        rows: np.ndarray,
        difficulty: str | dict | Difficulty = "camera",
        boxes: bool = False,
        transform: Callable[[dict], dict] | None = None,
        known: float = 1.0,
    ) -> None:
        """`known`: the share of rows whose camera is given."""
        self.bank, self.rows, self.difficulty, self.boxes = bank, rows, difficulty, boxes
        self.transform, self.known = transform, known

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict:
        """One sample."""
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: list[int]) -> Samples:
        """These samples, composed in one go: what an ordinary DataLoader asks for."""
        batch = compose(self.bank, self.rows[np.asarray(indices)], self.difficulty, self.boxes, self.known)
        samples = Samples({name: values[i] for name, values in batch.items()} for i in range(len(indices)))
        if self.transform is not None:
            return Samples(map(self.transform, samples))
        samples.batch = batch
        return samples


class Developed(Scenes):
    """Scenes made more like photographs: see `make_photographic`. Row i decides its changes, and nothing else."""

    def __init__(self, bank, rows: np.ndarray, difficulty="mixed", window=None, known=1.0, turned=0.5) -> None:
        """`window`: its height and width, or one side of a square; `turned`: the share turned by quarters."""
        super().__init__(bank, rows, difficulty, known=known)
        window = bank.size if window is None else window
        self.window = (window, window) if isinstance(window, int) else tuple(window)
        self.turned = turned
        if not 1 <= min(self.window) <= max(self.window) <= bank.size:
            raise ValueError(f"A window of {window} pixels does not fit pictures of {bank.size}.")
        if turned and self.window[0] != self.window[1]:
            raise ValueError(f"Only square windows can be turned, but this one is {self.window}.")

    def __getitems__(self, indices: list[int]) -> Samples:
        """These samples, each developed by draws of its own."""
        seeds = self.rows["seed"][np.asarray(indices)].tolist()
        samples = zip(super().__getitems__(indices), seeds)
        return Samples(
            make_photographic(sample, np.random.default_rng([seed, 43]), self.window, self.turned)
            for sample, seed in samples
        )


def collate(samples: list[dict]) -> dict:
    """The batch of these samples; no copy where they are already one. Boxes and labels stay lists."""
    batch = getattr(samples, "batch", None)
    if batch is not None:
        return batch
    lists = {name: [sample[name] for sample in samples] for name in LISTS if name in samples[0]}
    rest = [{name: value for name, value in sample.items() if name not in LISTS} for sample in samples]
    return {**default_collate(rest), **lists}


def loader(scenes: Dataset, batch_size: int, shuffle: bool = False, workers: int = 0, seed: int = 0) -> DataLoader:
    """Batches of the scenes; the same seed shuffles them the same way."""
    generator = torch.Generator().manual_seed(seed)
    how = {"num_workers": workers, "persistent_workers": workers > 0, "collate_fn": collate}
    return DataLoader(scenes, batch_size, shuffle=shuffle, generator=generator, **how)


def mixed_loader(parts: Sequence[Dataset], sizes: Sequence, batches: int, workers: int = 0) -> DataLoader:
    """A loader of so many batches, each with `sizes[k]` samples of part k: batch norm sees all kinds at once.

    Where `sizes` holds several such lists, the batches take turns: parts may differ in the size of their pictures.
    """
    how = {"num_workers": workers, "persistent_workers": workers > 0, "collate_fn": itemgetter(0)}
    return DataLoader(MixedBatches(parts, sizes, batches), batch_size=1, **how)


class MixedBatches(Dataset):
    """Item k is a whole batch: so many samples of each part, the first part first, each part going on where it was."""

    def __init__(self, parts: Sequence[Dataset], sizes: Sequence, batches: int) -> None:
        self.parts, self.batches = parts, batches
        self.turns = np.atleast_2d(np.asarray(sizes, int))  # turns parts
        if not (self.turns.sum(1) > 0).all():
            raise ValueError(f"A batch of {tuple(sizes)} samples of each part is empty.")

    def __len__(self) -> int:
        return self.batches

    def __getitem__(self, k: int) -> dict:
        """The batch, composed by its parts."""
        rounds, turn = divmod(k, len(self.turns))
        starts = rounds * self.turns.sum(0) + self.turns[:turn].sum(0)
        samples = []
        for part, start, size in zip(self.parts, starts.tolist(), self.turns[turn].tolist()):
            samples += part.__getitems__([i % len(part) for i in range(start, start + size)]) if size else []
        return collate(samples)


# Pieces of pictures as cut-outs: a smooth random shape of one scene, to be pasted on another.
SMALLEST_PIECE = 0.3  # of the scene's side: the smaller side of the window that a piece is cut from


def with_pieces(bank: Bank, count: int, seed: int = 0) -> Bank:
    """The bank with so many more cut-outs, piece i from a picture and of a shape that seed and i decide."""
    if count < 0:
        raise ValueError(f"A bank can be given more pieces, not {count}.")
    return replace(bank, cutouts=(*bank.cutouts, *(cut_piece(bank, i, seed) for i in range(count))))


def cut_piece(bank: Bank, index: int, seed: int = 0) -> Cutout:
    """A part of one of the bank's pictures, cut out along a smooth random line."""
    rng = np.random.default_rng([seed, index, 41])
    picture = bank.pictures[rng.integers(len(bank.pictures))]
    size = len(picture)
    height, width = (int(size * rng.uniform(SMALLEST_PIECE, 0.9)) for _ in range(2))
    top, left = rng.integers(size - height + 1), rng.integers(size - width + 1)
    window = picture[top : top + height, left : left + width]
    shape = smooth_shape(height, width, rng)
    rgba = np.dstack([window, np.rint(255 * shape).astype(np.uint8)])
    rows, columns = (np.flatnonzero((shape > 0.5).any(axis)) for axis in (1, 0))
    rgba = rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Cutout(np.ascontiguousarray(rgba), 1.0, 0, "piece", stands=False)


def smooth_shape(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """height × width of 0..1, an outline r(angle) of a few waves around the middle, its rim one pixel soft."""
    v, u = np.mgrid[:height, :width] + 0.5
    y, x = 2 * v / height - 1, 2 * u / width - 1
    angle, radius = np.arctan2(y, x), np.hypot(x, y)
    outline = np.full_like(angle, rng.uniform(0.55, 0.75))
    for wave in range(1, rng.integers(3, 8)):
        outline += rng.normal(0, 0.16 / wave) * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    soft = rng.choice([0.5, 1.0, 2.0])  # pixels
    return np.clip(0.5 + (outline.clip(0.15, 1) - radius) * min(height, width) / 2 / soft, 0, 1)
