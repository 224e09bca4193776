"""The learning-rate range test: one short sweep from a tiny rate to a huge one shows where a network learns fastest."""

from collections.abc import Iterable, Iterator
from copy import deepcopy

import numpy as np
import torch
from accelerate.utils import send_to_device
from torch import nn
from torch.optim import Optimizer

from .device import Batch, default_device
from .optimizers import build_optimizer
from .trainer import Loss, batch_loss, count_batches, train_mode

RECENT = 5  # steps: divergence is judged on the mean loss of so many, since one batch may be a hard one
WIDTH = 0.08  # of the sweep: standard deviation of the Gaussian that smooths the curve


def lr_range(
    model: nn.Module,
    loader: Iterable[Batch],
    loss: Loss,
    low: float = 1e-6,
    high: float = 1.0,
    steps: int = 100,
    optimizer: Optimizer | None = None,
    diverge: float = 3.0,
) -> dict:
    """{"lr", "loss", "smooth": lists, one number a step; "suggestion", "minimum": rates; "diverged": bool}.

    The rate grows by the same factor at every step; where an optimizer has several, as Muon has, it is the first one's,
    and the others keep their share of it. `suggestion`, where the loss falls most steeply, is None where it
    never falls. The sweep works on copies: `model` and `optimizer` (AdamW as in `fit`, if none is given) stay as they
    were. It ends early once the loss is `diverge` times its best.
    """
    if not 0 < low < high or steps < 2 * RECENT:
        raise ValueError(f"A sweep needs 0 < low < high and {2 * RECENT} steps, got {low:g}, {high:g} and {steps}.")
    count_batches(loader)
    # 1. Copies of both in one go, so that the copied optimizer steps the copied weights.
    trial, stepper = deepcopy((model, optimizer or build_optimizer("adamw", model)))
    device = default_device()
    train_mode(trial.to(device, memory_format=torch.channels_last))
    stepper.load_state_dict(stepper.state_dict())  # its momenta follow the weights to the device
    # 2. One step at each rate, over the loader again and again.
    rates, batches = np.geomspace(low, high, steps), (send_to_device(each, device) for each in again_and_again(loader))
    with torch.random.fork_rng(devices=[]):  # the caller's random numbers go on as if nothing had happened
        losses, diverged = sweep_rates(trial, batches, loss, stepper, rates, diverge)
    if len(losses) < RECENT:
        raise ValueError(f"The loss broke at a rate of {rates[len(losses)]:.2g}: begin lower, or look for NaN.")
    # 3. The curve, smoothed without a lag, and the steepest descent before its minimum.
    curve, kept = smooth_curve(losses, WIDTH * steps), rates[: len(losses)]
    lowest = int(curve.argmin())
    slope = np.gradient(curve, np.log(kept))[: lowest + 1]
    suggestion = float(kept[slope.argmin()]) if slope.min() < 0 else None
    found = {"lr": kept.tolist(), "loss": losses, "smooth": curve.tolist()}
    return found | {"suggestion": suggestion, "minimum": float(kept[lowest]), "diverged": bool(diverged)}


def sweep_rates(
    model: nn.Module, batches: Iterator[Batch], loss: Loss, optimizer: Optimizer, rates: np.ndarray, diverge: float
) -> tuple[list[float], bool]:
    """The loss before a step at each rate, and whether it broke or came to `diverge` times its best, where it ends."""
    shares = [group["lr"] / (optimizer.param_groups[0]["lr"] or 1.0) for group in optimizer.param_groups]
    losses: list[float] = []
    for rate, batch in zip(rates, batches, strict=False):
        for group, share in zip(optimizer.param_groups, shares):
            group["lr"] = float(rate * share)
        value = batch_loss(model, batch, loss)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses += [value.item()] if value.isfinite() else []
        means = np.convolve(losses, np.full(RECENT, 1 / RECENT), "valid") if len(losses) > RECENT else [0.0]
        if not value.isfinite() or len(means) > RECENT and means[-1] > diverge * min(means):
            return losses, True
    return losses, False


def again_and_again(loader: Iterable[Batch]) -> Iterator[Batch]:
    """Its batches, from the start again whenever they run out; raises where a pass gives none."""
    while True:
        empty = True
        for batch in loader:
            empty = False
            yield batch
        if empty:
            raise ValueError("The loader gave no batch. Give one that can be walked again, such as a DataLoader.")


def smooth_curve(values: list[float], width: float) -> np.ndarray:
    """Each value averaged with its neighbours on both sides, by a Gaussian of `width` steps."""
    place = np.arange(len(values))
    weights = np.exp(-0.5 * ((place[:, None] - place) / max(width, 1e-6)) ** 2)
    return weights @ np.asarray(values) / weights.sum(1)
