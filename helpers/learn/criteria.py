"""Criteria as data: terms and weights per head, such as {"mask": {"bce": 1, "dice": 2}, "depth": {"rmse": 2}}."""

import torch
from torch import Tensor

from ..base import FAR
from .losses import bce, depth_bce, dice, gradient, l1, mse, rmse, ssim

Heads = dict[str, Tensor]
COMMON = {"l1": l1, "mse": mse, "rmse": rmse, "ssim": ssim, "gradient": gradient}
TERMS = ("bce", "dice", *COMMON)  # everything that a criterion may name


class Criterion:
    """A weighted sum of named terms per head; called with outputs and batch, it gives one number to minimise."""

    def __init__(self, weights: dict[str, dict[str, float]]) -> None:
        _check(weights)
        self.weights = weights

    def __call__(self, outputs: Heads, batch: Heads) -> Tensor:
        """The weighted sum, with a gradient."""
        values = self.terms(outputs, batch)
        return sum(self.weights[head][term] * value for (head, term), value in values.items())

    def terms(self, outputs: Heads, batch: Heads) -> dict[tuple[str, str], Tensor]:
        """(head, term) → its value before weighing, for a log or a plot."""
        for head in self.weights:
            if head not in outputs:
                has = ", ".join(outputs)
                raise ValueError(f"The criterion weighs the head {head!r}, but this network only has: {has}.")
        named = [(head, term) for head, terms in self.weights.items() for term in terms]
        return {(head, term): _value(head, term, outputs, batch) for head, term in named}

    def __repr__(self) -> str:
        return f"Criterion({self.weights})"


def _value(head: str, term: str, outputs: Heads, batch: Heads) -> Tensor:
    """One term of one head."""
    guess, truth = outputs[head].float(), batch[head]
    if head == "mask":
        if term in ("bce", "dice"):  # on logits, which keep their precision near 0 and 1
            return (bce if term == "bce" else dice)(guess, truth)
        return COMMON[term](guess.sigmoid(), truth, torch.ones_like(truth))
    function = depth_bce if term == "bce" else COMMON[term]
    return function(guess / FAR, truth / FAR, batch["depth_valid"])


def _check(weights: dict[str, dict[str, float]]) -> None:
    """Raises where a criterion names what there is not, or weighs it by what is no weight."""
    if not isinstance(weights, dict) or not weights or not all(isinstance(t, dict) and t for t in weights.values()):
        raise ValueError(f'A criterion is written like {{"mask": {{"bce": 1}}}}, not {weights!r}.')
    for head, terms in weights.items():
        if head not in ("mask", "depth"):
            raise ValueError(f"There is no head {head!r} to weigh. Known heads: mask, depth.")
        for term, weight in terms.items():
            if term not in TERMS:
                raise ValueError(f"There is no loss term {term!r}. Known terms: {', '.join(TERMS)}.")
            if (head, term) == ("depth", "dice"):
                raise ValueError("Dice compares sets of pixels, and depth is no set: it is a term for the mask only.")
            if not (isinstance(weight, int | float) and 0 < weight < float("inf")):
                raise ValueError(f"The weight of {term!r} must be a number above 0, but it is {weight!r}.")


def _both(mask: str, depth: str) -> dict[str, dict[str, float]]:
    """A criterion of the terms named with a plus between them; depth weighs twice, as in the seeds."""
    return {"mask": dict.fromkeys(mask.split("+"), 1.0), "depth": dict.fromkeys(depth.split("+"), 2.0)}


# What the seeds tried (mask, then depth), under the names of their tables; the last one is this course's.
COMBINATIONS = {
    "BCE, RMSE": _both("bce", "rmse"),
    "SSIM, RMSE": _both("ssim", "rmse"),
    "BCE, SSIM": _both("bce", "ssim"),
    "RMSE, SSIM": _both("rmse", "ssim"),
    "Dice, SSIM": _both("dice", "ssim"),
    "Dice, RMSE": _both("dice", "rmse"),
    "BCE + Dice, RMSE": _both("bce+dice", "rmse"),
    "BCE, L1": _both("bce", "l1"),
    "MSE, MSE": _both("mse", "mse"),
    "BCE, BCE": _both("bce", "bce"),
    "BCE + Dice, L1 + gradient": _both("bce+dice", "l1+gradient"),
}


def criterion(name: str) -> Criterion:
    """The criterion of a combination in the table."""
    if name not in COMBINATIONS:
        raise ValueError(f"There is no combination {name!r}. Known: {'; '.join(COMBINATIONS)}.")
    return Criterion(COMBINATIONS[name])
