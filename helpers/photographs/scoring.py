"""Masks on the pairs of photographs at their own size, scored by summed pixels, beside those of subtraction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from .. import learn
from ..inference import TRAINED, predict_heads
from ..models.align import align
from .pasting import pairs

Batch = dict[str, Tensor]
MAPS = ("background", "image", "mask")


def scores(network: nn.Module | None = None, size: int = TRAINED) -> dict[str, float]:
    """Mask IoU of the network (None where it has no mask) and of subtraction, before and after aligning, on all pairs.

    Subtraction has the threshold that is best for these very pairs; it is another one when they are shaken.
    """
    found = {}
    for name, batches in (("aligned", pairs()), ("shaken", pairs(shaken=True))):
        found[f"photos_{name}_iou"] = None if network is None else total(by_pair(network, batches, size))
        found[f"baseline_photos_{name}_iou"] = best_differencing(batches)
        found[f"baseline_aligned_photos_{name}_iou"] = best_differencing(after_align(batches))
    return found | {"photo_pairs": len(batches)}


def by_pair(network: nn.Module, batches: Iterable[Batch], size: int = TRAINED) -> np.ndarray | None:
    """n 3 counts of pixels (found and there, found only, there only) of each pair; None without a mask head."""
    counts = []
    for batch in batches:
        found = mask_of(network, batch, size)
        if found is None:
            return None
        truth = batch["mask"][0, 0].numpy() > 0.5
        counts.append([(found & truth).sum(), (found & ~truth).sum(), (~found & truth).sum()])
    return np.array(counts)


def mask_of(network: nn.Module, batch: Batch, size: int = TRAINED) -> np.ndarray | None:
    """h w bool, as `helpers.predict` finds it in one pair; subtraction answers too. None without a mask head."""
    background, image = batch["background"], batch["image"]
    if isinstance(network, learn.Differencing):
        return (network(background, image)["mask"][0, 0] > 0).numpy()
    network.eval()
    return predict_heads(network, background.float() / 255, image.float() / 255, size).get("mask")


def ious(counts: np.ndarray) -> np.ndarray:
    """n IoUs, one of each pair."""
    return counts[:, 0] / np.maximum(counts.sum(1), 1)


def total(counts: np.ndarray | None) -> float | None:
    """IoU of all pairs' pixels together; None where there are no counts."""
    return None if counts is None else float(ious(counts.sum(0, keepdims=True))[0])


def worst_first(network: nn.Module, batches: list[Batch], size: int = TRAINED) -> list[tuple[int, float]]:
    """(number of the pair, its IoU), failures first."""
    each = ious(by_pair(network, batches, size))
    return [(int(k), float(each[k])) for k in np.argsort(each, kind="stable")]


def best_differencing(batches: Iterable[Batch]) -> float:
    """IoU of subtraction at the threshold that is best for all these pairs together."""
    return learn.iou_by_threshold(*learn.difference_counts(batches)).max().item()


def after_align(batches: Iterable[Batch]) -> list[Batch]:
    """The same batches with each background laid over its image first, as RoomNet does it; pictures and mask only."""
    return list(_after_align(batches))


@torch.no_grad()
def _after_align(batches: Iterable[Batch]) -> Iterator[Batch]:
    for batch in batches:
        moved = align(batch["background"].float() / 255, batch["image"].float() / 255)
        yield {name: batch[name] for name in MAPS} | {"background": (moved * 255).round().to(torch.uint8)}
