"""What a training is fed with: whether it can be, and an epoch that is gone on with in its middle."""

import random
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset

from .device import Batch


def count_batches(loader: Iterable[Batch]) -> int:
    """How many batches a pass over the loader has; raises where there are none, or nobody knows."""
    try:
        count = len(loader)
    except TypeError as error:
        kind = f"a {type(loader).__name__} has no length"
        raise ValueError(f"Training needs batches, as often as asked: a DataLoader or a list, but {kind}.") from error
    if count < 1:
        raise ValueError("Nothing to train on: the loader has no batch.")
    return count


def check_batch(batch: Batch) -> None:
    """Raises where a batch is not what networks and losses read: finite numbers, and a mask in 0..1."""
    for name in ("background", "image"):
        if not isinstance(batch, dict) or not isinstance(batch.get(name), Tensor) or not len(batch[name]):
            raise ValueError(f"A batch is a dict of tensors, one sample or more, but this one has no {name!r}.")
    for name in ("background", "image", "mask", "depth", "depth_valid"):
        value = batch.get(name, torch.zeros(1))
        if name in ("mask", "depth") and not (isinstance(value, Tensor) and value.is_floating_point()):
            kind = getattr(value, "dtype", type(value).__name__)
            raise ValueError(f"Losses read {name!r} as float32, but in this batch it is {kind}: use .float().")
        if not value.isfinite().all():
            raise ValueError(f"{name!r} of this batch holds NaN or infinity. Look for them where it is loaded.")
        if name != "depth" and value.is_floating_point() and not 0 <= value.min() <= value.max() <= 1:
            span = f"{value.min():g} to {value.max():g}"
            raise ValueError(f"{name!r} of this batch must be numbers in 0..1, but they are {span}: divide by 255?")


def rest_of_epoch(loader: Iterable[Batch], seen: int, now: dict, here: Accelerator) -> Iterable[Batch]:
    """The batches after the first `seen`, which a DataLoader does not compose; then `now` is set as random numbers.

    Several processes share the batches out.
    """
    if type(loader) is not DataLoader or not loader.batch_sampler or isinstance(loader.dataset, IterableDataset):
        return _after(loader, seen, now, here)
    names = ("num_workers", "collate_fn", "pin_memory", "timeout", "worker_init_fn", "multiprocessing_context")
    kept = {name: getattr(loader, name) for name in (*names, "generator", "prefetch_factor")}
    return DataLoader(loader.dataset, batch_sampler=_after(loader.batch_sampler, seen, now, here), **kept)


def _after(items: Iterable, seen: int, now: dict, here: Accelerator) -> Iterator:
    """This process's items after the first `seen`; it sets the random numbers once it has gone past those."""
    mine = _dealt(items, here)
    for _ in islice(mine, seen):
        pass
    if now:
        set_random(now)
    yield from mine


def _dealt(items: Iterable, here: Accelerator) -> Iterator:
    """Every so-manyth item; the last round is filled up with the first items, so that all processes get as many."""
    left, first = iter(items), []
    while together := list(islice(left, here.num_processes)):
        first = first or together
        yield (together + first * here.num_processes)[here.process_index]


def random_states(loader: Iterable[Batch]) -> dict:
    """Every source of random numbers in this process, as plain data for JSON."""
    kind, keys, *rest = np.random.get_state()
    cards = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    states = {"torch": torch.get_rng_state().tolist(), "numpy": [kind, keys.tolist(), *rest]}
    states |= {"python": random.getstate(), "cuda": [state.tolist() for state in cards]}
    return states | {"loader": [generator.get_state().tolist() for generator in _generators(loader)]}


def set_random(states: dict, loader: Iterable[Batch] = ()) -> None:
    """Puts the sources of random numbers back into such a state, and those of the loader, if it is given."""
    torch.set_rng_state(torch.tensor(states["torch"], dtype=torch.uint8))
    np.random.set_state(tuple(states["numpy"]))
    version, keys, following = states["python"]
    random.setstate((version, tuple(keys), following))
    if torch.cuda.is_available():
        torch.cuda.set_rng_state_all([torch.tensor(state, dtype=torch.uint8) for state in states["cuda"]])
    for generator, state in zip(_generators(loader), states["loader"]):
        generator.set_state(torch.tensor(state, dtype=torch.uint8))


def _generators(loader: Iterable[Batch]) -> list[torch.Generator]:
    """The random numbers that the loader and its samplers have of their own."""
    sampler = getattr(loader, "batch_sampler", None)
    owners = (loader, sampler, getattr(sampler, "sampler", None))
    found = [getattr(owner, "generator", None) for owner in owners]
    return list({id(each): each for each in found if isinstance(each, torch.Generator)}.values())
