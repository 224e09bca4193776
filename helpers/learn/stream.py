"""All epochs as one stream of batches, which can be left at any batch and taken up again with the same draws."""

import random
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list
from torch.utils.data import DataLoader, IterableDataset

from .device import Batch


class Stream:
    """Batches of `epochs` passes over the loader; where several processes train, each gets every so-manyth batch.

    A batch is skipped before it is composed, wherever the loader is a DataLoader with a batch sampler.
    """

    def __init__(self, loader: Iterable[Batch], epochs: int, here: Accelerator) -> None:
        self.here, self.epochs, self.length = here, epochs, -(-len(loader) // here.num_processes)
        self.generators = _generators(loader, here)
        self.loader = Pass(self, loader)
        if _sampled(loader):
            self.loader = _with_sampler(loader, Pass(self, loader.batch_sampler))
        self.ahead = getattr(loader, "num_workers", 0) > 0  # workers: batches are shuffled before they are wanted
        self.epoch, self.seen, self.begun, self.left = 0, 0, None, None

    def __iter__(self) -> Iterator[Batch]:
        while self.epoch < self.epochs:
            for batch in self.loader:
                self.seen += 1
                yield batch
            self.epoch, self.seen = self.epoch + 1, 0

    def state(self) -> dict:
        """What a resumed run needs: the place, and the random numbers of the epoch's beginning and of now."""
        return {"epoch": self.epoch, "seen": self.seen, "begun": self.begun, "now": self.random()}

    def load(self, state: dict) -> None:
        """The next batch will be the one after the place in `state`."""
        self.epoch, self.seen = state["epoch"], state["seen"]
        self.begun, self.left = state["begun"], state["now"]

    def random(self) -> dict:
        """The state of every source of random numbers in this process."""
        return {
            "torch": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
            "numpy": np.random.get_state(),
            "python": random.getstate(),
            "loader": [generator.get_state() for generator in self.generators],
        }

    def set_random(self, states: dict) -> None:
        """Puts every source of random numbers back into such a state."""
        torch.set_rng_state(states["torch"])
        if torch.cuda.is_available() and states["cuda"]:
            torch.cuda.set_rng_state_all(states["cuda"])
        np.random.set_state(states["numpy"])
        random.setstate(states["python"])
        for generator, state in zip(self.generators, states.get("loader", [])):
            generator.set_state(state)


class Pass:
    """One pass over a batch sampler (or over a loader that has none), from the place where the stream stands."""

    def __init__(self, stream: Stream, items: Iterable) -> None:
        self.stream, self.items = stream, items

    def __len__(self) -> int:
        return self.stream.length

    def __iter__(self) -> Iterator:
        stream, left = self.stream, self.stream.left
        # 1. A pass that was left is begun again with the random numbers that it was begun with, so in the same order.
        if left:
            stream.set_random(stream.begun)
        else:
            stream.begun = stream.random()
        mine = _dealt(self.items, stream.here.process_index, stream.here.num_processes)
        # 2. What was seen is skipped; then the random numbers of the moment of leaving.
        for _ in range(stream.seen):
            next(mine)
        if left:  # with workers, the loader's own generator has already run ahead to where it should be
            stream.set_random({name: left[name] for name in left if not (stream.ahead and name == "loader")})
            stream.left = None
        yield from mine


def _dealt(items: Iterable, index: int, processes: int) -> Iterator:
    """Every so-manyth item; the last round is filled up with the first items, so that all get the same number."""
    stream, first = iter(items), []
    while dealt := list(islice(stream, processes)):
        first = first or dealt
        yield (dealt + first * processes)[index]


def _sampled(loader: Iterable[Batch]) -> bool:
    """Whether the loader is told by a batch sampler which samples to compose."""
    return type(loader) is DataLoader and bool(loader.batch_sampler) and not isinstance(loader.dataset, IterableDataset)


def _with_sampler(loader: DataLoader, sampler: Pass) -> DataLoader:
    """The same loader, asking this sampler which samples make up the next batch."""
    names = ("num_workers", "collate_fn", "pin_memory", "timeout", "worker_init_fn", "multiprocessing_context")
    kept = {name: getattr(loader, name) for name in (*names, "generator", "prefetch_factor", "persistent_workers")}
    return DataLoader(loader.dataset, batch_sampler=sampler, **kept)


def _generators(loader: Iterable[Batch], here: Accelerator) -> list[torch.Generator]:
    """The loader's own sources of random numbers; several processes get the same ones, so that all shuffle alike."""
    sampler = getattr(getattr(loader, "batch_sampler", None), "sampler", None) or getattr(loader, "sampler", None)
    if here.num_processes > 1 and getattr(sampler, "generator", 0) is None:
        sampler.generator = torch.Generator().manual_seed(torch.initial_seed())
    found = [getattr(owner, "generator", None) for owner in (loader, sampler)]
    found = list({id(each): each for each in found if isinstance(each, torch.Generator)}.values())
    if here.num_processes > 1:
        states = broadcast_object_list([each.get_state() for each in found])
        for each, state in zip(found, states):
            each.set_state(state)
    return found
