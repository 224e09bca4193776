"""Several data sets take turns: each batch comes from one of them, so their pictures may differ in size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch.utils.data import DataLoader, Dataset, Sampler

from .scenes import Samples, collate


class Joined(Dataset):
    """Data sets one after the other; the samples of one batch must all come from one of them."""

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
        """These samples, from the part that the first one is in."""
        place = next(k for k in range(len(self.parts)) if indices[0] < self.starts[k + 1])
        return self.parts[place].__getitems__([index - self.starts[place] for index in indices])


class Turns(Sampler[list[int]]):
    """Lists of indices into `Joined`: in each round, part k has `turns[k]` batches of `sizes[k]` of its rows."""

    def __init__(self, lengths: Sequence[int], turns: Sequence[int], sizes: Sequence[int], batches: int) -> None:
        self.lengths, self.sizes, self.batches = lengths, sizes, batches
        # Spread evenly over the round: two turns of A and one of B are A B A, not A A B.
        places = [((j + 0.5) / count, part) for part, count in enumerate(turns) for j in range(count)]
        self.round = [part for _, part in sorted(places)]

    def __len__(self) -> int:
        return self.batches

    def __iter__(self) -> Iterator[list[int]]:
        starts = [sum(self.lengths[:k]) for k in range(len(self.lengths))]
        taken = [0] * len(self.lengths)
        for batch in range(self.batches):
            part = self.round[batch % len(self.round)]
            rows = range(taken[part], taken[part] + self.sizes[part])
            taken[part] += self.sizes[part]
            yield [starts[part] + row % self.lengths[part] for row in rows]


def in_turns(parts: Sequence[Dataset], turns: Sequence[int], sizes: Sequence[int], batches: int, workers: int = 0):
    """A loader of so many batches, in which the parts take turns."""
    sampler = Turns([len(part) for part in parts], turns, sizes, batches)
    return DataLoader(
        Joined(parts),
        batch_sampler=sampler,
        num_workers=workers,
        collate_fn=collate,
        persistent_workers=workers > 0,
    )
