"""The terms of losses: each says how wrong a map N 1 H W is, as one number with a gradient.

`bce` and `dice` read a mask's logits. The others compare maps in 0..1, probability or depth / FAR, over `where`.
"""

from torch import Tensor
from torch.nn.functional import binary_cross_entropy, binary_cross_entropy_with_logits

from .ssim import ssim_map


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


def gradient(guess: Tensor, truth: Tensor, where: Tensor) -> Tensor:
    """Mean absolute error of the steps between neighbours, down and right: edges in the right place and as steep."""
    error = guess - truth
    down = _mean((error[..., 1:, :] - error[..., :-1, :]).abs(), where[..., 1:, :] * where[..., :-1, :])
    right = _mean((error[..., 1:] - error[..., :-1]).abs(), where[..., 1:] * where[..., :-1])
    return down + right


def depth_bce(guess: Tensor, truth: Tensor, where: Tensor) -> Tensor:
    """Cross-entropy of depth / FAR taken as a probability: lowest at the truth, but not 0 there."""
    return _mean(binary_cross_entropy(guess.clamp(1e-6, 1 - 1e-6), truth.clamp(0, 1), reduction="none"), where)


def _mean(values: Tensor, where: Tensor, empty: float = 0.0) -> Tensor:
    """The mean over the pixels of `where`, `empty` where there is none; always with a gradient."""
    count = where.sum()
    return (values * where).sum() / count.clamp(min=1) + empty * (count == 0)
