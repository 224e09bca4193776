"""Everything that changes while a network is trained, in one place, so that all of it can be saved and restored."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import torch
from accelerate import Accelerator
from torch import nn
from torch.optim import Optimizer

from . import schedules
from .average import Average
from .device import Batch
from .packing import fits
from .progress import Progress
from .schedules import Schedule
from .stream import Stream

LOGGED = ("lr", "seconds")  # what a line of the log has beyond a row of the history
Row = dict[str, float]


@dataclass
class Run:
    """A training: the network with its fellow copies in other processes, and all that steps along with it."""

    model: nn.Module
    network: nn.Module  # the model, or the model wrapped so that several processes share their gradients
    optimizer: Optimizer
    schedule: Schedule
    progress: Progress
    stream: Stream
    average: Average | None
    here: Accelerator
    log: list[Row] = field(default_factory=list)

    @property
    def judged(self) -> nn.Module:
        """The network that is scored and kept: the averaged one, if there is one."""
        return self.average.model if self.average else self.model

    def rate(self) -> float:
        """The learning rate of this moment."""
        return float(self.optimizer.param_groups[0]["lr"])

    def history(self) -> list[Row]:
        """One row per report: step, epoch, loss and scores."""
        return [{name: value for name, value in row.items() if name not in LOGGED} for row in self.log]

    def over(self) -> bool:
        """Whether all is trained and reported."""
        return self.progress.share() >= 1 and bool(self.log) and self.log[-1]["step"] == self.progress.step

    def ends(self, parts: int) -> list[int]:
        """The steps after which reports are due, so many in all, without those that are written already."""
        steps, reported = self.progress.steps, self.log[-1]["step"] if self.log else 0
        parts = min(parts, steps)
        return [end for part in range(1, parts + 1) if (end := steps * part // parts) > reported]

    def stepped(self) -> None:
        """One step is done: what goes along with the steps takes its own."""
        self.schedule.after()
        if self.average:
            self.average.update(self.model)
        self.progress.step += 1

    def finish(self) -> None:
        """Leaves the averaged weights in the model, the same in every process."""
        if self.average:
            self.model.load_state_dict(self.average.model.state_dict())
        if self.here.num_processes > 1:
            for value in self.model.state_dict().values():
                torch.distributed.broadcast(value, 0)
        self.schedule.finish()

    def state(self, places: list[dict]) -> dict:
        """What a resumed run needs beyond the judged weights; `places` are the states of all processes' streams."""
        return {
            "live": self.model.state_dict() if self.average else None,
            "updates": self.average.updates if self.average else 0,
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state(),
            "progress": self.progress.state(),
            "streams": places,
            "log": self.log,
        }

    def load(self, state: dict) -> None:
        """Goes on from `state`; the judged weights are in place already."""
        if self.average:
            self.model.load_state_dict(state["live"])
            self.average.updates = state["updates"]
        self.optimizer.load_state_dict(state["optimizer"])
        for weight, values in self.optimizer.state.items():
            for name, value in values.items():
                values[name] = fits(value, weight) if isinstance(value, torch.Tensor) else value
        self.schedule.load(state["schedule"])
        self.progress.load(state["progress"])
        self.stream.load(state["streams"][self.here.process_index])
        self.log = state["log"]


def begin(
    model: nn.Module,
    loader: Iterable[Batch],
    epochs: int,
    lr: float,
    seconds: float | None,
    optimizer: Optimizer | str | None,
    schedule: str | Callable,
    average: float | None,
    here: Accelerator,
) -> Run:
    """A run that has not taken a step yet; raises where there is nothing to train on."""
    if not isinstance(epochs, int) or epochs * len(loader) < 1:
        raise ValueError(f"Nothing to train on: {epochs} epochs of {len(loader)} batches.")
    if seconds is not None and not seconds > 0:
        raise ValueError(f"A time budget of {seconds} seconds is no time: give a number above 0, or None.")
    if not any(weight.requires_grad for weight in model.parameters()):
        raise ValueError("Nothing to train: every weight is frozen, or there is none. learn.unfreeze(model) frees all.")
    if optimizer is None or isinstance(optimizer, str):
        optimizer = schedules.optimizer(optimizer or "adamw", model, lr)
    stream = Stream(loader, epochs, here)
    progress = Progress(epochs * stream.length, seconds, here)
    planned = Schedule(schedule, optimizer, progress.steps)
    averaged = None if average is None else Average(model, average)
    network = here.prepare_model(model) if here.num_processes > 1 else model
    return Run(model, network, optimizer, planned, progress, stream, averaged, here)
