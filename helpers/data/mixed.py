"""Several data sets in one loader, in fixed proportions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from .scenes import LISTS, Samples, collate


class Joined(Dataset):
    """Data sets one after the other, of pictures of one size."""

    def __init__(self, parts: Sequence[Dataset]) -> None:
        self.parts, self.starts = list(parts), [0]
        for part in parts:
            self.starts.append(self.starts[-1] + len(part))

    def __len__(self) -> int:
        return self.starts[-1]

    def __getitem__(self, index: int) -> dict:
        """One sample."""
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: list[int]) -> Samples:
        """These samples as one batch already, those of the first part first."""
        batches = []
        for part, start, end in zip(self.parts, self.starts, self.starts[1:]):
            own = [index - start for index in indices if start <= index < end]
            if own:
                batches.append(collate(part.__getitems__(own)))
        whole = {}
        for name in batches[0]:
            values = [batch[name] for batch in batches]
            whole[name] = list(chain(*values)) if name in LISTS else torch.cat(values)
        samples = Samples({name: values[i] for name, values in whole.items()} for i in range(len(indices)))
        samples.batch = whole
        return samples


class Shares(Sampler[list[int]]):
    """Lists of indices into `Joined`: so many of each part in every batch, each part going on where it was.

    With `apart` a batch is of one part alone, as large as the others, and the parts take turns in the same proportion.
    """

    def __init__(self, lengths: Sequence[int], sizes: Sequence[int], batches: int, apart: bool = False) -> None:
        if not sum(sizes) > 0:
            raise ValueError(f"A batch of {tuple(sizes)} samples of each part is empty.")
        self.lengths, self.sizes, self.batches, self.apart = lengths, sizes, batches, apart
        # Spread evenly: two of A and one of B are A B A, not A A B.
        places = [((j + 0.5) / count, part) for part, count in enumerate(sizes) for j in range(count)]
        self.round = [part for _, part in sorted(places)]

    def __len__(self) -> int:
        return self.batches

    def __iter__(self) -> Iterator[list[int]]:
        starts = [sum(self.lengths[:k]) for k in range(len(self.lengths))]
        taken = [0] * len(self.lengths)
        for batch in range(self.batches):
            parts = [self.round[batch % len(self.round)]] * len(self.round) if self.apart else self.round
            indices = []
            for part in parts:
                indices.append(starts[part] + taken[part] % self.lengths[part])
                taken[part] += 1
            yield indices


def mixed(
    parts: Sequence[Dataset], sizes: Sequence[int], batches: int, workers: int = 0, apart: bool = False
) -> DataLoader:
    """A loader of so many batches, each with `sizes[k]` samples of part k: batch norm sees all kinds at once."""
    return DataLoader(
        Joined(parts),
        batch_sampler=Shares([len(part) for part in parts], sizes, batches, apart),
        num_workers=workers,
        collate_fn=collate,
        persistent_workers=workers > 0,
    )
