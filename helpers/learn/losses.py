"""Losses on logits: how wrong a mask is, as one number with a gradient."""

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


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
