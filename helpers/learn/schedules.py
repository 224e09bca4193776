"""Optimisers and learning rates by name: what a training is called with, as data."""

from collections.abc import Callable
from math import cos, pi

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import OneCycleLR, ReduceLROnPlateau

from .muon import Muon

# Name: (class, its learning rate where none is given, its other settings).
# The seeds trained with "sgd", the notebooks do with "adamw", and the weights that ship were trained with "muon".
OPTIMIZERS = {
    "adamw": (torch.optim.AdamW, 3e-3, {"weight_decay": 0.01}),
    "sgd": (torch.optim.SGD, 0.1, {"momentum": 0.9, "weight_decay": 1e-8}),
    "muon": (Muon, 0.02, {}),
}


def optimizer(name: str, model: nn.Module, lr: float | None = None) -> Optimizer:
    """The optimiser of this name for all weights of the model, at `lr` or at its usual rate."""
    if name not in OPTIMIZERS:
        raise ValueError(f"There is no optimiser {name!r}. Known: {', '.join(OPTIMIZERS)}.")
    build, usual, settings = OPTIMIZERS[name]
    lr = usual if lr is None else lr
    if not 0 < lr < float("inf"):
        raise ValueError(f"The learning rate must be a number above 0, but it is {lr}.")
    return build(model.parameters(), lr=lr, **settings)


def one_cycle(progress: float) -> float:
    """Share of the peak learning rate: up in the first fifth, then down along a cosine."""
    if progress < 0.2:
        return 0.1 + 0.9 * progress / 0.2
    return max(0.001, 0.5 + 0.5 * cos(pi * (progress - 0.2) / 0.8))


def constant(progress: float) -> float:
    """The whole rate, all the time."""
    return 1.0


def plateau(optimizer: Optimizer, steps: int) -> ReduceLROnPlateau:
    """A fifth of the rate whenever two reports in a row brought nothing new."""
    return ReduceLROnPlateau(optimizer, factor=0.2, patience=1)


SHAPES = {"one cycle": one_cycle, "constant": constant}  # progress 0..1 → share of the peak rate
SCHEDULES = (*SHAPES, "plateau")


class Schedule:
    """Sets the learning rate: by a shape over the training, or through a torch scheduler of `steps` steps.

    `how` is a name of SCHEDULES, torch's OneCycleLR or ReduceLROnPlateau, or any function (optimizer, steps) that
    gives a torch scheduler. A scheduler steps after every batch, ReduceLROnPlateau after every report.
    """

    def __init__(self, how: str | Callable, optimizer: Optimizer, steps: int) -> None:
        if isinstance(how, str) and how not in SCHEDULES:
            raise ValueError(f"There is no schedule {how!r}. Known: {', '.join(SCHEDULES)}, or a torch scheduler.")
        self.optimizer, self.shape, self.scheduler = optimizer, SHAPES.get(how), None
        self.name = how if isinstance(how, str) else getattr(how, "__qualname__", type(how).__name__)
        self.groups = [dict(group) for group in optimizer.param_groups]  # as they were before any schedule
        self.peaks = [group["lr"] for group in self.groups]
        if how is OneCycleLR:
            self.scheduler = OneCycleLR(optimizer, max_lr=self.peaks, total_steps=steps)
        elif self.shape is None:
            build = plateau if how in ("plateau", ReduceLROnPlateau) else how
            self.scheduler = build(optimizer, steps)

    def before(self, progress: float) -> None:
        """Gives each group of weights the rate of this moment."""
        if self.shape:
            for group, peak in zip(self.optimizer.param_groups, self.peaks):
                group["lr"] = peak * self.shape(progress)

    def after(self) -> None:
        """One batch is done."""
        if self.scheduler and not isinstance(self.scheduler, ReduceLROnPlateau):
            self.scheduler.step()

    def reported(self, badness: float) -> None:
        """A report is done; a smaller badness is a better one."""
        if isinstance(self.scheduler, ReduceLROnPlateau):
            self.scheduler.step(badness)

    def finish(self) -> None:
        """Puts the rates back that the optimiser came with, for whatever it is used for next."""
        for group, peak in zip(self.optimizer.param_groups, self.peaks):
            group["lr"] = peak

    def state(self) -> dict:
        """What a resumed run needs."""
        return self.scheduler.state_dict() if self.scheduler else {}

    def load(self, state: dict) -> None:
        """Goes on from `state`; the rates themselves are the optimiser's."""
        if self.scheduler:
            self.scheduler.load_state_dict(state)
