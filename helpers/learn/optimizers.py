"""Optimizers and schedules by name, and Muon: each matrix of weights moves by a step that is as long in all directions.

Gradients of a convolution have a few strong directions, and plain descent spends itself on those. Muon keeps the
gradient's directions and makes them equally strong. That is for matrices; biases and batch norm get Adam's steps.
"""

from collections.abc import Callable
from math import cos, pi

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, ReduceLROnPlateau

from .device import bf16_pays

SMALLEST = 12  # rows and columns of a matrix that is worth it
ADAM = 0.15  # Adam's rate for the rest, as a share of Muon's
TURNS, CUBIC = 5, (3.4445, -4.7750, 2.0315)  # the odd polynomial that pulls all singular values towards 1


def one_cycle(progress: float) -> float:
    """Share of the peak learning rate at 0..1 of a training: up in the first fifth, then down along a cosine."""
    if progress < 0.2:
        return 0.1 + 0.9 * progress / 0.2
    return max(0.001, 0.5 + 0.5 * cos(pi * (progress - 0.2) / 0.8))


SHAPES = {"one cycle": one_cycle, "constant": lambda progress: 1.0}  # progress 0..1 → share of the peak rate
SCHEDULES = (*SHAPES, "plateau")


def build_schedule(how: str | Callable, optimizer: Optimizer, steps: int, progress: Callable) -> LRScheduler:
    """The scheduler of this name, or what `how(optimizer, steps)` gives; `progress(step)` is 0..1.

    It steps after every batch; "plateau" after every report: a fifth of the rate where two brought nothing new.
    """
    if how == "plateau":
        return ReduceLROnPlateau(optimizer, factor=0.2, patience=1)
    if not isinstance(how, str):
        return how(optimizer, steps)
    if how not in SCHEDULES:
        raise ValueError(f"There is no schedule {how!r}. Known: {', '.join(SCHEDULES)}, or a function.")
    return LambdaLR(optimizer, lambda step: SHAPES[how](progress(step)))


def build_optimizer(name: str, model: nn.Module, lr: float | None = None) -> Optimizer:
    """The optimizer of this name for all weights of the model, at `lr` or at its usual rate."""
    if name not in OPTIMIZERS:
        raise ValueError(f"There is no optimizer {name!r}. Known: {', '.join(OPTIMIZERS)}.")
    build, usual, others = OPTIMIZERS[name]
    return build(model.parameters(), lr=usual if lr is None else lr, **others)


class Muon(Optimizer):
    """Muon with momentum and decoupled weight decay for kernels, Adam for everything else."""

    def __init__(self, parameters, lr: float = 0.02, momentum: float = 0.95, weight_decay: float = 0.01) -> None:
        parameters = list(parameters)
        kernels = [weight for weight in parameters if is_kernel(weight)]
        rest = [weight for weight in parameters if not is_kernel(weight)]
        groups = [{"params": kernels, "lr": lr, "muon": True}, {"params": rest, "lr": ADAM * lr, "muon": False}]
        super().__init__([g for g in groups if g["params"]], {"momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        """One step downhill for every weight that has a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    (self.turned if group["muon"] else self.adam)(weight, self.state[weight], group)

    def turned(self, weight: Tensor, state: dict, group: dict) -> None:
        """Moves one kernel by its momentum, made equally strong in every direction."""
        mean = state.setdefault("mean", torch.zeros_like(weight))
        mean.lerp_(weight.grad, 1 - group["momentum"])
        step = orthogonal(weight.grad.lerp(mean, group["momentum"]).flatten(1))  # a look ahead, as Nesterov's
        longer = max(1.0, step.shape[0] / step.shape[1]) ** 0.5
        weight.mul_(1 - group["lr"] * group["weight_decay"])
        weight.sub_(step.view_as(weight), alpha=group["lr"] * longer)

    def adam(self, weight: Tensor, state: dict, group: dict) -> None:
        """Moves one vector by Adam's rule."""
        mean, square = (state.setdefault(name, torch.zeros_like(weight)) for name in ("mean", "square"))
        state["steps"] = steps = state.get("steps", 0) + 1
        mean.lerp_(weight.grad, 0.1)
        square.lerp_(weight.grad**2, 0.01)
        size = (square / (1 - 0.99**steps)).sqrt() + 1e-8
        weight.addcdiv_(mean, size, value=-group["lr"] / (1 - 0.9**steps))


def is_kernel(weight: Tensor) -> bool:
    """Whether the weight is a matrix, or the kernels of a convolution, of some size."""
    return weight.ndim >= 2 and min(weight.shape[0], weight[0].numel()) >= SMALLEST


def orthogonal(matrix: Tensor) -> Tensor:
    """The matrix with all its singular values near 1 (.7 to 1.2), by a few products instead of a decomposition."""
    first, third, fifth = CUBIC
    work = matrix.bfloat16() if bf16_pays(matrix.device) else matrix
    tall = work.shape[0] > work.shape[1]
    work = work.mT if tall else work
    work = work / (work.norm() + 1e-7)
    for _ in range(TURNS):
        square = work @ work.mT
        work = first * work + (third * square + fifth * square @ square) @ work
    return (work.mT if tall else work).to(matrix.dtype)


# Name: (class, its learning rate where none is given, its other settings).
OPTIMIZERS = {
    "adamw": (torch.optim.AdamW, 3e-3, {"weight_decay": 0.01}),
    "sgd": (torch.optim.SGD, 0.1, {"momentum": 0.9, "weight_decay": 1e-8}),
    "muon": (Muon, 0.02, {}),
}
