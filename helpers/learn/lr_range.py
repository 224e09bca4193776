"""The learning-rate range test: one short sweep from a tiny rate to a huge one shows where a network learns fastest."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from math import isfinite

import numpy as np
import torch
from accelerate.utils import send_to_device
from torch import nn

from .device import Batch, autocast, default_device
from .trainer import Loss, train_mode

RECENT = 5  # steps: divergence is judged on the mean loss of so many, since one batch may be a hard one
WIDTH = 0.08  # of the sweep: standard deviation of the window that smooths the curve


def lr_range(
    model: nn.Module,
    loader: Iterable[Batch],
    loss: Loss,
    low: float = 1e-6,
    high: float = 1.0,
    steps: int = 100,
    optimizer: torch.optim.Optimizer | None = None,
    diverge: float = 3.0,
) -> dict:
    """{"lr", "loss", "smooth": lists, one number a step; "suggestion", "minimum": rates; "diverged": bool}.

    The rate grows by the same factor at every step. `suggestion`, where the loss falls most steeply, is None where it
    never falls. The sweep works on copies: `model` and `optimizer` (AdamW as in `fit`, if none is given) stay as they
    were. It ends early once the loss is `diverge` times its best.
    """
    if not 0 < low < high or steps < 2 * RECENT:
        raise ValueError(f"A sweep needs 0 < low < high and {2 * RECENT} steps, got {low:g}, {high:g} and {steps}.")
    optimizer = optimizer or torch.optim.AdamW(model.parameters(), weight_decay=0.01)
    # 1. Copies of both in one go, so that the copied optimiser steps the copied weights.
    trial, stepper = deepcopy((model, optimizer))
    train_mode(trial.to(default_device(), memory_format=torch.channels_last))
    stepper.load_state_dict(stepper.state_dict())  # its momenta follow the weights to the device
    # 2. One step at each rate.
    rates, losses = np.geomspace(low, high, steps), []
    with torch.random.fork_rng(devices=[]):  # the caller's random numbers go on as if nothing had happened
        for rate, batch in zip(rates, _endless(loader), strict=False):
            value = _step(trial, stepper, batch, loss, float(rate))
            if not isfinite(value):
                return _reading(rates, losses, diverged=True)
            losses.append(value)
            if _has_diverged(losses, diverge):
                return _reading(rates, losses, diverged=True)
    return _reading(rates, losses, diverged=False)


def _step(model: nn.Module, optimizer: torch.optim.Optimizer, batch: Batch, loss: Loss, rate: float) -> float:
    """The loss on this batch, before one step at this rate."""
    device = default_device()
    batch = send_to_device(batch, device)
    for group in optimizer.param_groups:
        group["lr"] = rate
    with autocast(device):
        outputs = model(batch["background"], batch["image"])
    value = loss({name: head.float() for name, head in outputs.items()}, batch)
    optimizer.zero_grad()
    value.backward()
    optimizer.step()
    return value.item()


def _endless(loader: Iterable[Batch]) -> Iterator[Batch]:
    """Batches, from the start again whenever they run out."""
    while True:
        empty = True
        for batch in loader:
            empty = False
            yield batch
        if empty:
            raise ValueError("The loader gave no batch, so there is nothing to sweep over.")


def _has_diverged(losses: list[float], diverge: float) -> bool:
    """Whether the latest losses are, on average, so many times the best ones before."""
    means = np.convolve(losses, np.ones(RECENT) / RECENT, "valid") if len(losses) >= RECENT else np.zeros(0)
    return len(means) > RECENT and bool(means[-1] > diverge * means.min())


def _reading(rates: np.ndarray, losses: list[float], diverged: bool) -> dict:
    """The curve, smoothed without a lag, with the steepest descent before its minimum."""
    if len(losses) < RECENT:
        raise ValueError(f"The loss broke at a rate of {rates[len(losses)]:.2g}: begin lower, or look for NaN.")
    curve, kept = smoothed(losses, WIDTH * len(rates)), rates[: len(losses)]
    lowest = int(curve.argmin())
    slope = np.gradient(curve, np.log(kept))[: lowest + 1]
    steepest = int(slope.argmin())
    return {
        "lr": kept.tolist(),
        "loss": list(losses),
        "smooth": curve.tolist(),
        "suggestion": float(kept[steepest]) if slope[steepest] < 0 else None,
        "minimum": float(kept[lowest]),
        "diverged": diverged,
    }


def smoothed(values: list[float], width: float) -> np.ndarray:
    """Each value averaged with its neighbours on both sides, by a bell curve of `width` steps."""
    place = np.arange(len(values))
    weights = np.exp(-0.5 * ((place[:, None] - place) / max(width, 1e-6)) ** 2)
    return weights @ np.asarray(values) / weights.sum(1)
