"""A folder that keeps a training: its log, its best and its last network, and all that is needed to go on exactly."""

import json
from math import inf, isnan
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import gather_object
from torch import nn

from .. import models
from ..base import write_whole
from .checkpoints import load_weights, read_checkpoint, save_checkpoint
from .run import Row, Run

SAVE_SECONDS = 60.0  # the most that a killed training loses
SCORES = {"mask_iou": lambda iou: 1 - iou, "depth_rmse_m": abs, "loss": float}  # the first one there decides


def badness(row: Row) -> float:
    """How far a report is from perfect: by the mask's IoU, else by depth's error, else by the loss."""
    value = next(measure(row[name]) for name, measure in SCORES.items() if name in row)
    return inf if isnan(value) else value


class Keeper:
    """Writes a run into a folder and goes on from it: `log.jsonl`, `best.safetensors`, `last.safetensors`, cards.

    Each file is whole at any moment. Without a folder it does nothing.
    """

    def __init__(self, folder: str | Path | None, run: Run, card: dict | None, loss: Any, epochs: int) -> None:
        self.folder, self.run, self.saved = None if folder is None else Path(folder), run, 0.0
        if self.folder is None:
            return
        if self.folder.is_file():
            raise ValueError(f"{folder} is a file, and a folder is wanted for the training. Choose another name.")
        self.card = {"network": _name(run.model)} | (card or {})
        if self.card["network"] not in models.NETWORKS:
            known = ", ".join(sorted(models.NETWORKS))
            raise ValueError(f"A folder keeps checkpoints of known networks ({known}), not {self.card['network']!r}.")
        self.settings = settings(run, loss, epochs)
        self.last = self.folder / "last.safetensors"

    def resume(self) -> None:
        """Goes on from the last save, if there is one and it is of this very training; begins the log anew if not."""
        if self.folder is None:
            return
        if self.last.is_file():
            card, weights, state = read_checkpoint(self.last)
            self._check(card, state)
            load_weights(self.run.judged, weights, self.card["network"], self.last)
            try:
                self.run.load(state)
            except (KeyError, IndexError, TypeError, AttributeError, RuntimeError) as error:
                raise ValueError(f"{self.last} is damaged ({error!r}). Delete its folder to begin anew.") from error
            self.saved = self.run.progress.elapsed
        self.run.here.wait_for_everyone()
        if self.run.here.is_main_process:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self.folder / "log.jsonl", "".join(map(_line, self.run.log)).encode())

    def step(self) -> None:
        """Saves the run now and then."""
        if self.folder is not None and self.run.progress.elapsed - self.saved >= SAVE_SECONDS:
            self._save()

    def report(self) -> None:
        """Writes the log's newest row, the network if it is the best so far, and the last state."""
        if self.folder is None:
            return
        row, earlier = self.run.log[-1], [badness(row) for row in self.run.log[:-1]]
        if self.run.here.is_main_process:
            if all(badness(row) < other for other in earlier):
                save_checkpoint(self.folder / "best.safetensors", self.run.judged, self._now())
            with open(self.folder / "log.jsonl", "a", encoding="utf-8") as file:
                file.write(_line(row))
        self._save()

    def _save(self) -> None:
        places = gather_object([self.run.stream.state()])
        self.saved = self.run.progress.elapsed
        if self.run.here.is_main_process:
            save_checkpoint(self.last, self.run.judged, self._now(), state=self.run.state(places))

    def _now(self) -> dict:
        """The card of this moment."""
        progress, history = self.run.progress, self.run.history()
        place = {"step": progress.step, "steps": progress.steps, "seconds": round(progress.elapsed, 1)}
        return self.card | {"training": self.settings} | place | {"scores": history[-1] if history else {}}

    def _check(self, card: dict, state: Any) -> None:
        """Raises where the folder holds another training."""
        if state is None or "training" not in card:
            raise ValueError(f"{self.last} holds a network, but no training to go on with. Choose another folder.")
        there, here = {"network": card["network"]} | card["training"], {"network": self.card["network"]} | self.settings
        other = [f"{name} {there.get(name)!r}, not {here[name]!r}" for name in here if there.get(name) != here[name]]
        if other:
            raise ValueError(
                f"{self.folder} holds another training: {'; '.join(other)}. "
                "Choose another folder, or delete this one to begin anew."
            )


def settings(run: Run, loss: Any, epochs: int) -> dict:
    """What must be the same for a run to be the same: all that decides its steps, but for seeds and data."""
    groups = run.schedule.groups
    options = {name: [group[name] for group in groups] for name in groups[0] if name != "params"}
    options = {name: each[0] if len(each) == 1 else each for name, each in options.items()}
    options = {name: each for name, each in options.items() if each is not None and each is not False}  # switched off
    told = repr(loss) if type(loss).__repr__ is not object.__repr__ else ""
    told = getattr(loss, "__qualname__", told)
    return {
        "parameters": models.count_parameters(run.model),
        "epochs": epochs,
        "batches": run.stream.length,
        "processes": run.here.num_processes,
        "loss": told if " at 0x" not in told else "",
        "optimizer": type(run.optimizer).__name__,
        **json.loads(json.dumps(options)),  # a file turns tuples into lists
        "schedule": run.schedule.name,
        "ema": run.average.decay if run.average else None,
    }


def _name(model: nn.Module) -> str:
    """The name in helpers.models under which just such a network is built, or its class."""
    shapes = {name: value.shape for name, value in model.state_dict().items()}
    for name, kind in models.NETWORKS.items():
        if type(model) is getattr(kind, "func", kind):
            with torch.random.fork_rng(devices=[]):  # building draws weights
                built = models.build(name).state_dict()
            if shapes == {name: value.shape for name, value in built.items()}:
                return name
    return type(model).__name__


def _line(row: Row) -> str:
    return json.dumps(row) + "\n"
