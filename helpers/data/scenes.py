"""The data set as torch sees it: a bank and a table, composed a batch at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, default_collate

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
    ) -> None:
        self.bank, self.rows, self.difficulty, self.boxes, self.transform = bank, rows, difficulty, boxes, transform

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict:
        """One sample."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"There is no sample {index}: the table has {len(self)} rows.")
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: list[int]) -> Samples:
        """These samples, composed in one go: what an ordinary DataLoader asks for."""
        batch = compose(self.bank, self.rows[np.asarray(indices)], self.difficulty, self.boxes)
        samples = Samples({name: values[i] for name, values in batch.items()} for i in range(len(indices)))
        if self.transform is None:
            samples.batch = batch
            return samples
        return Samples(map(self.transform, samples))


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
    return DataLoader(
        scenes,
        batch_size,
        shuffle=shuffle,
        num_workers=workers,
        generator=generator,
        collate_fn=collate,
        persistent_workers=workers > 0,
    )
