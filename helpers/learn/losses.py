"""Losses: terms that say how wrong a map N 1 H W is, as one number with a gradient, and weighted sums of them as data.

`bce` and `dice` read a mask's logits. The others compare maps in 0..1, probability or depth / FAR, over `where`.
A `Criterion` is written like {"mask": {"bce": 1, "dice": 2}, "depth": {"rmse": 2}}.
"""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy, binary_cross_entropy_with_logits

from ..base import FAR

WINDOW, SIGMA = 11, 1.5  # pixels: the window of the original paper, and how its weights fall off
SMALLEST = WINDOW // 2 + 1  # pixels a side: a picture is mirrored at its borders by half a window


def bce(logits: Tensor, mask: Tensor) -> Tensor:
    """Mean binary cross-entropy per pixel, 0 and up: every pixel counts the same, so background rules."""
    return binary_cross_entropy_with_logits(logits, mask)


def dice(logits: Tensor, mask: Tensor) -> Tensor:
    """One minus the soft Dice overlap of the whole batch, 0..1: only foreground and false foreground count."""
    guess = logits.sigmoid()
    return 1 - (2 * (guess * mask).sum() + 1) / (guess.sum() + mask.sum() + 1)


def mask_loss(outputs: dict[str, Tensor], batch: dict[str, Tensor]) -> Tensor:
    """Cross-entropy plus Dice of the mask head: the first gets pixels right, the second keeps the few in view."""
    logits = outputs["mask"].float()
    return bce(logits, batch["mask"]) + dice(logits, batch["mask"])


def l1(guess: Tensor, truth: Tensor, where: Tensor) -> Tensor:
    """Mean absolute error: an outlier pulls no harder than any other error."""
    return _mean((guess - truth).abs(), where)


def mse(guess: Tensor, truth: Tensor, where: Tensor) -> Tensor:
    """Mean squared error: large errors rule, small ones hardly pull."""
    return _mean((guess - truth) ** 2, where)


def rmse(guess: Tensor, truth: Tensor, where: Tensor) -> Tensor:
    """Root of the mean squared error over the whole batch: it pulls as hard near the goal as far from it."""
    return (mse(guess, truth, where) + 1e-12).sqrt()  # the root alone has no slope at 0


def ssim(guess: Tensor, truth: Tensor, where: Tensor) -> Tensor:
    """One minus the mean structural similarity, 0..2: patterns count, a small error everywhere hardly does."""
    return 1 - _mean(ssim_map(guess * where, truth * where), where, empty=1)


def ssim_map(guess: Tensor, truth: Tensor) -> Tensor:
    """Structural similarity, -1..1 for each pixel, N 1 H W, of two maps N 1 H W in 0..1.

    The numbers are those of torchmetrics, in a quarter of its time, and without the seconds that its import takes.
    """
    if min(guess.shape[-2:]) < SMALLEST:
        raise ValueError(f"SSIM needs pictures of {SMALLEST} pixels a side, but these are {tuple(guess.shape[-2:])}.")
    maps = torch.cat([guess, truth, guess * guess, truth * truth, guess * truth])  # 5N 1 H W
    means = _blur(guess.shape[-2], guess) @ maps @ _blur(guess.shape[-1], guess).T
    mean_g, mean_t, square_g, square_t, product = means.chunk(5)
    var_g, var_t = (square_g - mean_g**2).clamp(min=0), (square_t - mean_t**2).clamp(min=0)
    c1, c2 = 0.01**2, 0.03**2  # keep the quotients finite where a window is black or flat
    light = (2 * mean_g * mean_t + c1) / (mean_g**2 + mean_t**2 + c1)
    pattern = (2 * (product - mean_g * mean_t) + c2) / (var_g + var_t + c2)
    return light * pattern


def _blur(length: int, like: Tensor) -> Tensor:
    """A matrix whose rows are the weights of one window each: for small pictures quicker than a convolution."""
    offsets = torch.arange(WINDOW, device=like.device) - WINDOW // 2
    weights = torch.exp(-0.5 * (offsets.to(like.dtype) / SIGMA) ** 2)
    places = torch.arange(length, device=like.device)[:, None] + offsets  # length 11
    places = length - 1 - (length - 1 - places.abs()).abs()  # mirrored at both borders
    matrix = torch.zeros(length, length, device=like.device, dtype=like.dtype)
    return matrix.scatter_add(1, places, (weights / weights.sum()).expand(length, -1))


def gradient(guess: Tensor, truth: Tensor, where: Tensor) -> Tensor:
    """Mean absolute error of the steps between neighbours, down and right: edges in the right place and as steep."""
    error = guess - truth
    down = _mean((error[..., 1:, :] - error[..., :-1, :]).abs(), where[..., 1:, :] * where[..., :-1, :])
    right = _mean((error[..., 1:] - error[..., :-1]).abs(), where[..., 1:] * where[..., :-1])
    return down + right


def log_depth(guess: Tensor, batch: dict[str, Tensor]) -> Tensor:
    """Mean absolute error of the logarithm of depth, plus that of its steps between neighbours 1, 2 and 4 pixels apart.

    Where a picture's camera is not known the error is taken up to one factor for the picture, but for a small rest
    that keeps metres near what they usually are.
    """
    where, truth = batch["depth_valid"], batch["depth"]
    error = (guess.clamp(min=0.05).log() - truth.clamp(min=0.05).log()) * where
    mean = error.sum((1, 2, 3), keepdim=True) / where.sum((1, 2, 3), keepdim=True).clamp(min=1)
    error = error - 0.9 * mean * (1 - known_camera(batch)) * where
    total = _mean(error.abs(), where)
    for step in (1, 2, 4):
        for side in (2, 3):
            a, b = (values.narrow(side, step, values.shape[side] - step) for values in (error, where))
            c, d = (values.narrow(side, 0, values.shape[side] - step) for values in (error, where))
            total = total + 0.25 * _mean((a - c).abs(), b * d)
    return total


def known_camera(batch: dict[str, Tensor]) -> Tensor:
    """N 1 1 1: 1 where a picture's camera is known, 0 where its maps are zero; without any it is the course's."""
    if "camera" not in batch:
        return torch.ones_like(batch["depth"][:, :, :1, :1])
    return (batch["camera"] != 0).flatten(1).any(1).to(batch["depth"].dtype)[:, None, None, None]


def depth_bce(guess: Tensor, truth: Tensor, where: Tensor) -> Tensor:
    """Cross-entropy of depth / FAR taken as a probability: lowest at the truth, but not 0 there."""
    return _mean(binary_cross_entropy(guess.clamp(1e-6, 1 - 1e-6), truth.clamp(0, 1), reduction="none"), where)


def _mean(values: Tensor, where: Tensor, empty: float = 0.0) -> Tensor:
    """The mean over the pixels of `where`, `empty` where there is none; always with a gradient."""
    count = where.sum()
    return (values * where).sum() / count.clamp(min=1) + empty * (count == 0)


COMMON = {"l1": l1, "mse": mse, "rmse": rmse, "ssim": ssim, "gradient": gradient}  # of either head
TERMS = ("bce", "dice", *COMMON)  # everything that a criterion may name


class Criterion:
    """A weighted sum of named terms per head; called with outputs and batch, it gives one number to minimise."""

    def __init__(self, weights: dict[str, dict[str, float]] | str) -> None:
        if isinstance(weights, str) and weights not in COMBINATIONS:
            raise ValueError(f"There is no combination {weights!r}. Known: {'; '.join(COMBINATIONS)}.")
        self.weights = COMBINATIONS[weights] if isinstance(weights, str) else weights
        if not self.weights or not all(isinstance(terms, dict) and terms for terms in self.weights.values()):
            raise ValueError(f'A criterion is written like {{"mask": {{"bce": 1}}}}, not {weights!r}.')
        for head, terms in self.weights.items():
            known = {
                "mask": TERMS,
                "depth": ("bce", "log", *COMMON),
            }  # Dice compares sets of pixels, and depth is no set
            if head not in known:
                raise ValueError(f"There is no head {head!r} to weigh. Known heads: mask, depth.")
            for term, weight in terms.items():
                if term not in known[head]:
                    raise ValueError(f"There is no loss term {term!r} of {head}. Known: {', '.join(known[head])}.")
                if not (isinstance(weight, int | float) and 0 < weight < float("inf")):
                    raise ValueError(f"The weight of {term!r} must be a number above 0, but it is {weight!r}.")

    def __call__(self, outputs: dict[str, Tensor], batch: dict[str, Tensor]) -> Tensor:
        """The weighted sum, with a gradient."""
        values = self.terms(outputs, batch)
        return sum(self.weights[head][term] * value for (head, term), value in values.items())

    def terms(self, outputs: dict[str, Tensor], batch: dict[str, Tensor]) -> dict[tuple[str, str], Tensor]:
        """(head, term) → its value before weighing, for a log or a plot."""
        for head in self.weights:
            if head not in outputs:
                has = ", ".join(outputs)
                raise ValueError(f"The criterion weighs the head {head!r}, but this network only has: {has}.")
        named = [(head, term) for head, terms in self.weights.items() for term in terms]
        return {(head, term): _term(head, term, outputs[head].float(), batch) for head, term in named}

    def __repr__(self) -> str:
        return f"Criterion({self.weights})"


def _term(head: str, term: str, guess: Tensor, batch: dict[str, Tensor]) -> Tensor:
    """One term of one head."""
    if head == "depth":
        if term == "log":
            return log_depth(guess, batch)
        function = depth_bce if term == "bce" else COMMON[term]
        metric = batch["depth_valid"] * known_camera(batch)  # metres that no camera tells are not asked for
        return function(guess / FAR, batch["depth"] / FAR, metric)
    if term in ("bce", "dice"):  # on logits, which keep their precision near 0 and 1
        return (bce if term == "bce" else dice)(guess, batch["mask"])
    return COMMON[term](guess.sigmoid(), batch["mask"], torch.ones_like(batch["mask"]))


def _named(name: str) -> dict[str, dict[str, float]]:
    """The terms of each head that a name lists, mask before depth; depth weighs twice, as in the course's sources."""
    mask, depth = (terms.split(" + ") for terms in name.lower().split(", "))
    return {"mask": dict.fromkeys(mask, 1.0), "depth": dict.fromkeys(depth, 2.0)}


# What earlier projects tried, under the names of their tables; the last one is this course's.
TRIED = ["BCE, RMSE", "SSIM, RMSE", "BCE, SSIM", "RMSE, SSIM", "Dice, SSIM", "Dice, RMSE", "BCE + Dice, RMSE"]
TRIED += ["BCE, L1", "MSE, MSE", "BCE, BCE", "BCE + Dice, L1 + gradient"]
COMBINATIONS = {name: _named(name) for name in TRIED}
