"""A training that goes on after a stop: what each report keeps in its folder, and how the same call takes it up.

`resume.pt` is enough: it holds the weights, what the optimizer and the schedule remember, the log, and the random
numbers of the moment and of the epoch's beginning; nothing but tensors and plain data is read from it. The epoch is
shuffled as it was then, what was seen is skipped, and the moment's numbers go on.
"""

import json
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from io import BytesIO
from math import inf, isnan
from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import gather_object
from torch.utils.data import DataLoader, IterableDataset

from .. import models
from ..base import claim_folder, write_whole
from .checkpoints import save_checkpoint
from .device import Batch

STATE = "resume.pt"
DAMAGE = (LookupError, TypeError, ValueError, AttributeError, RuntimeError, EOFError, UnpicklingError)


@contextmanager
def claimed(trainer) -> Iterator[None]:
    """Holds the trainer's folder while it writes there, and goes on from what the folder holds."""
    folder = Path(trainer.settings.folder)
    mark = (json.dumps(described(trainer), indent=2) + "\n").encode()
    with claim_folder(folder, "training.json", mark) if trainer.main else nullcontext():
        if (folder / STATE).is_file():
            take_up(trainer, folder / STATE)
        elif (folder / "best.safetensors").exists():
            raise ValueError(f"{folder} holds the best network of a training, but no {STATE}. Choose another folder.")
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
    """Writes where the training is, `last`, the network if it is the best so far, and the log: each of them whole."""
    randoms = gather_object([trainer.random])
    if not trainer.main:
        return
    folder, newest = Path(trainer.settings.folder), trainer.log[-1]
    state = {name: part.state_dict() for name, part in parts(trainer).items()}
    torch.save(state | {"log": trainer.log, "random": randoms, "elapsed": trainer.elapsed}, file := BytesIO())
    write_whole(folder / STATE, file.getvalue())
    card = {"network": type(trainer.model).__name__} | (trainer.settings.card or {}) | {"training": described(trainer)}
    card |= {"steps": trainer.steps, "seconds": newest["seconds"], "scores": trainer.history()[-1]}
    card |= {"step": trainer.step}
    save_checkpoint(folder / "last.safetensors", trainer.judged, card)
    if all(badness(newest) < badness(row) for row in trainer.log[:-1]):
        save_checkpoint(folder / "best.safetensors", trainer.judged, card)
    write_whole(folder / "log.jsonl", "".join(json.dumps(row) + "\n" for row in trainer.log).encode())


def take_up(trainer, path: Path) -> None:
    """Puts the trainer where it was when `path` was written."""
    try:
        state = torch.load(BytesIO(path.read_bytes()), map_location="cpu", weights_only=True)
        for name, part in parts(trainer).items():
            part.load_state_dict(state[name])
        trainer.log, trainer.random = state["log"], state["random"][trainer.here.process_index]
        trainer.step, trainer.elapsed = trainer.log[-1]["step"], state["elapsed"]
        trainer.start -= trainer.elapsed
        trainer.seen = (trainer.step - 1) % trainer.per_epoch + 1
        set_random(trainer.random["begun"])
        set_random(trainer.random["now"], trainer.loader)
    except DAMAGE as error:
        why = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        raise ValueError(f"{path} is damaged or of another kind ({why}). Delete its folder to begin anew.") from error
    keep(trainer)  # a kill may have come between this file and those after it


def parts(trainer) -> dict:
    """All that remembers something, by name."""
    every = {"model": trainer.model, "optimizer": trainer.optimizer, "schedule": trainer.schedule}
    return every | ({"ema": trainer.ema} if trainer.ema else {})


def badness(row: dict[str, float]) -> float:
    """How far a report is from perfect: by the mask's IoU, else by depth's error, else by the loss."""
    value = 1 - row["mask_iou"] if "mask_iou" in row else row.get("depth_rmse_m", row["loss"])
    return inf if isnan(value) else value


def rest_of_epoch(loader: Iterable[Batch], count: int, seen: int, now: dict | None, here: Accelerator) -> Iterable:
    """Those of this process's `count` batches that come after the first `seen`, which a DataLoader does not compose.

    Before the first of them, `now` is set as random numbers. Several processes take turns.
    """
    if type(loader) is not DataLoader or not loader.batch_sampler or isinstance(loader.dataset, IterableDataset):
        return _after(loader, count, seen, now, here)
    names = ("num_workers", "collate_fn", "pin_memory", "timeout", "worker_init_fn", "multiprocessing_context")
    kept = {name: getattr(loader, name) for name in (*names, "generator", "prefetch_factor")}
    return DataLoader(loader.dataset, batch_sampler=_after(loader.batch_sampler, count, seen, now, here), **kept)


def _after(items: Iterable, count: int, seen: int, now: dict | None, here: Accelerator) -> Iterator:
    """This process's items after the first `seen`; it goes to the end of them, since there samplers draw once more."""
    for place, item in enumerate(items):
        turn, process = divmod(place, here.num_processes)
        mine = process == here.process_index and turn < count  # what does not share out evenly is left
        if mine and turn >= seen:
            yield item
        elif mine and turn == seen - 1:
            set_random(now)


def random_states(loader: Iterable[Batch]) -> dict:
    """Every source of random numbers in this process, as tensors and plain data."""
    kind, keys, *rest = np.random.get_state()
    states = {"torch": torch.get_rng_state(), "cuda": torch.cuda.get_rng_state_all(), "python": random.getstate()}
    states |= {"numpy": (kind, keys.tolist(), *rest)}
    return states | {"loader": [generator.get_state() for generator in _generators(loader)]}


def set_random(states: dict, loader: Iterable[Batch] = ()) -> None:
    """Puts the sources of random numbers back into such a state, and those of the loader, if it is given."""
    torch.set_rng_state(states["torch"])
    torch.cuda.set_rng_state_all(states["cuda"])
    random.setstate(states["python"])
    np.random.set_state(states["numpy"])
    for generator, state in zip(_generators(loader), states["loader"]):
        generator.set_state(state)


def _generators(loader: Iterable[Batch]) -> list[torch.Generator]:
    """The random numbers that the loader and its samplers have of their own."""
    sampler = getattr(loader, "batch_sampler", None)
    owners = (loader, sampler, getattr(sampler, "sampler", None))
    found = [getattr(owner, "generator", None) for owner in owners]
    return list({id(each): each for each in found if isinstance(each, torch.Generator)}.values())
