"""A training that goes on after a stop: what each report keeps in its folder, and how the same call takes it up.

`last.safetensors` is enough: weights, what the optimiser holds, the log, and the random numbers of the moment and of
the epoch's beginning. The epoch is shuffled as it was then, what was seen is skipped, and the moment's numbers go on.
"""

import json
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import islice
from math import inf, isnan
from pathlib import Path
from warnings import catch_warnings, simplefilter

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import gather_object
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.utils.data import DataLoader, IterableDataset

from .. import models
from ..base import claim_folder, write_whole
from .checkpoints import load_weights, read_checkpoint, save_checkpoint
from .device import Batch

DAMAGE = (LookupError, TypeError, ValueError, AttributeError, RuntimeError, OverflowError)


@contextmanager
def claimed(trainer) -> Iterator[None]:
    """Holds the trainer's folder while it writes there, and goes on from what the folder holds."""
    folder = Path(trainer.settings.folder)
    mark = (json.dumps(described(trainer), indent=2) + "\n").encode()
    with claim_folder(folder, "training.json", mark) if trainer.main else nullcontext():
        last = folder / "last.safetensors"
        if last.is_file():
            take_up(trainer, last)
        elif (folder / "best.safetensors").exists():
            raise ValueError(f"{folder} holds the best network of a training, but no last one. Choose another folder.")
        yield


def described(trainer) -> dict:
    """What must be the same for a training to be the same, but for seeds and data."""
    settings, told = trainer.settings, {}
    for name, thing in (("loss", trainer.loss), ("schedule", settings.schedule)):
        told[name] = getattr(thing, "__qualname__", str(thing).split(" at 0x")[0])
    told |= {"network": type(trainer.model).__name__, "parameters": models.count_parameters(trainer.model)}
    told |= {"optimizer": type(trainer.optimizer).__name__, "lr": trainer.rates, "ema": settings.ema}
    return told | {"epochs": settings.epochs, "batches": trainer.per_epoch, "processes": trainer.here.num_processes}


def keep(trainer) -> None:
    """Writes `last`, the network if it is the best so far, and the log: each of them whole."""
    randoms, plain, tensors = gather_object([trainer.random]), {}, {}
    if not trainer.main:
        return
    for index, weight in enumerate(optimizer_weights(trainer.optimizer)):
        for name, value in trainer.optimizer.state.get(weight, {}).items():
            (tensors if isinstance(value, Tensor) else plain)[f"optimizer/{index}/{name}"] = value
    if trainer.ema:
        tensors |= {f"live/{name}": value for name, value in trainer.model.state_dict().items()}
    plain |= {"log": trainer.log, "random": randoms, "elapsed": trainer.elapsed}
    folder, newest = Path(trainer.settings.folder), trainer.log[-1]
    card = {"network": type(trainer.model).__name__} | (trainer.settings.card or {}) | {"training": described(trainer)}
    card |= {"steps": trainer.steps, "seconds": newest["seconds"], "scores": trainer.history()[-1]}
    card |= {"step": trainer.step}
    save_checkpoint(folder / "last.safetensors", trainer.judged, card, state=(plain, tensors))
    if all(badness(newest) < badness(row) for row in trainer.log[:-1]):
        save_checkpoint(folder / "best.safetensors", trainer.judged, card)
    write_whole(folder / "log.jsonl", "".join(json.dumps(row) + "\n" for row in trainer.log).encode())


def take_up(trainer, last: Path) -> None:
    """Puts the trainer where it was when `last` was written."""
    _, weights, (plain, tensors) = read_checkpoint(last)
    load_weights(trainer.judged, weights, last)
    try:
        trainer.log, trainer.random = plain["log"], plain["random"][trainer.here.process_index]
        trainer.step, trainer.elapsed = trainer.log[-1]["step"], float(plain["elapsed"])
        if not 0 < trainer.step <= trainer.steps:
            raise IndexError(f"step {trainer.step} of {trainer.steps}")
        trainer.start -= trainer.elapsed
        trainer.seen = (trainer.step - 1) % trainer.per_epoch + 1
        if trainer.ema:
            trainer.model.load_state_dict({name: tensors[f"live/{name}"] for name in trainer.model.state_dict()})
            trainer.ema.n_averaged.fill_(trainer.step)
        restore_optimizer(trainer.optimizer, plain | tensors)
        replay_schedule(trainer.schedule, trainer.log)
        set_random(trainer.random["begun"])
        set_random(trainer.random["now"], trainer.loader)
    except DAMAGE as error:
        raise ValueError(f"{last} is damaged ({error!r}). Delete its folder to begin anew.") from error
    keep(trainer)  # a kill may have come between `last` and the files after it


def optimizer_weights(optimizer: Optimizer) -> list[nn.Parameter]:
    """The weights that it moves, in its order."""
    return [weight for group in optimizer.param_groups for weight in group["params"]]


def restore_optimizer(optimizer: Optimizer, kept: dict) -> None:
    """Momenta and counts, each in the memory order of its weight, so that sums round as they did."""
    weights = optimizer_weights(optimizer)
    for key, value in kept.items():
        if key.startswith("optimizer/"):
            _, index, name = key.split("/")
            weight = weights[int(index)]
            if isinstance(value, Tensor) and value.shape == weight.shape:
                value = torch.empty_like(weight, dtype=value.dtype).copy_(value)
            optimizer.state[weight][name] = value


def replay_schedule(schedule, log: list[dict]) -> None:
    """Steps a new scheduler as often as the one before the stop: its state follows from that alone."""
    with catch_warnings():
        simplefilter("ignore")  # torch misses the optimiser's steps, which are not done again
        if isinstance(schedule, ReduceLROnPlateau):
            for row in log:
                schedule.step(badness(row))
        else:
            for _ in range(log[-1]["step"]):
                schedule.step()


def badness(row: dict[str, float]) -> float:
    """How far a report is from perfect: by the mask's IoU, else by depth's error, else by the loss."""
    value = 1 - row["mask_iou"] if "mask_iou" in row else row.get("depth_rmse_m", row["loss"])
    return inf if isnan(value) else value


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
