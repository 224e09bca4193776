"""Pairs made of photographs pasted on one another, and masks scored on them: for testing only, nothing trains on them.

The photographs lie in artifacts/photographs, with the plan of the pairs, and masks of what is pasted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from . import learn
from .base import ROOT
from .data import Bank, compose, random_rows, read_picture
from .data.compose import EDGE, Difficulty
from .data.table import counter_uniform
from .inference import TRAINED, predict_heads
from .models.align import align

FOLDER = ROOT / "artifacts" / "photographs"
SIZES = (224, 256)
SEED = 20_261  # of shake, exposure and noise
SHAKEN = (  # half of the pairs each: as "camera" and "handheld", but for what moves or is lit by itself
    Difficulty(shake=2 / 96, exposure=0.12, drift=0.06, noise=0.02),
    Difficulty(shake=5 / 96, angle=0.04, zoom=0.04, exposure=0.20, drift=0.06, noise=0.04, blur=0.6 / 96),
)
Batch = dict[str, Tensor]


@dataclass(frozen=True)
class Pair:
    """What a pair is made of; `behind` and `front` are never one photograph."""

    title: str
    size: int  # pixels of a side
    behind: str  # the photograph of the background
    behind_at: list[int] | None  # row and column where a window of `size` begins in it; None: all of it, resized
    front: str  # the photograph of what is in front
    front_at: list[int]  # row and column where the mask's upper left corner is laid on it
    mask: str  # the name of the mask: a thing that was cut out by hand, or a smooth random shape
    height: float  # of what is pasted, as a share of the picture's
    x: float  # its middle, 0..1 of the picture
    y: float
    flip: bool


@cache
def planned_pairs() -> tuple[Pair, ...]:
    """All pairs: half with things cut out by hand, half with smooth random shapes; of each size as many."""
    return tuple(Pair(**row) for row in json.loads((FOLDER / "pairs.json").read_text()))


def photo_pairs(shaken: bool = False) -> list[Batch]:
    """Batches of one, in the order of `planned_pairs`: `background`, `image` 1 3 S S uint8, `mask` 1 1 S S and so on.

    Aligned, or `shaken`: the image moved and in other light, as the difficulties camera and handheld have it in turns.
    """
    plan, batches = planned_pairs(), {}
    for parity, size in enumerate(SIZES):
        bank, rows = _scenes(size)
        for turn, k in enumerate(k for k, pair in enumerate(plan) if pair.size == size):
            level = SHAKEN[(turn + parity) % 2] if shaken else "aligned"
            batches[k] = compose(bank, rows[turn : turn + 1], level)
    return [batches[k] for k in range(len(plan))]


@cache
def _scenes(size: int) -> tuple[Bank, np.ndarray]:
    """The bank of this size, a background and a thing for each pair, and the table's rows that join them."""
    plan = [pair for pair in planned_pairs() if pair.size == size]
    masks = [np.asarray(Image.open(FOLDER / "masks" / f"{pair.mask}.png")) for pair in plan]
    behind = [_window(pair.behind, pair.behind_at, (size, size)) for pair in plan]
    front = [np.dstack([_window(pair.front, pair.front_at, m.shape), m]) for pair, m in zip(plan, masks)]  # h w 4
    bank = Bank.from_pictures(behind, front, size=size)
    rows = random_rows(bank, 4 * len(plan), SEED + size)  # draws of shake and noise; what is where comes from the plan
    rows = rows[counter_uniform(0, rows["seed"], EDGE) < 0.75][: len(plan)]  # no edge so soft that all of it is blurred
    rows["light"], rows["tint"] = 0, 0  # a photograph stays as bright as it is
    for k, (row, pair) in enumerate(zip(rows, plan)):
        row["room"], row["thing"][0], row["flip"][0] = k, k, pair.flip
        row["x"][0], row["y"][0], row["z"][0], row["h"][0] = pair.x, pair.y, 0, pair.height
    return bank, rows


def _window(name: str, at: list[int] | None, size: tuple[int, int]) -> np.ndarray:
    """h w 3 uint8: the part of a photograph that begins in this row and column; all of it where there is none."""
    picture = read_picture(FOLDER / f"{name}.jpg")
    return picture if at is None else picture[at[0] : at[0] + size[0], at[1] : at[1] + size[1]]


def pixel_counts(network: nn.Module, batches: Iterable[Batch], size: int = TRAINED) -> np.ndarray | None:
    """n 3 counts of pixels (found and there, found only, there only) of each pair; None without a mask head."""
    counts = []
    for batch in batches:
        found = predicted_mask(network, batch, size)
        if found is None:
            return None
        truth = batch["mask"][0, 0].numpy() > 0.5
        counts.append([(found & truth).sum(), (found & ~truth).sum(), (~found & truth).sum()])
    return np.array(counts)


def predicted_mask(network: nn.Module, batch: Batch, size: int = TRAINED) -> np.ndarray | None:
    """h w bool, as `helpers.predict` finds it in one pair; differencing answers too. None without a mask head."""
    background, image = batch["background"], batch["image"]
    if isinstance(network, learn.Differencing):
        return (network(background, image)["mask"][0, 0] > 0).numpy()
    return predict_heads(network, background.float() / 255, image.float() / 255, size).get("mask")


def ious_by_pair(counts: np.ndarray) -> np.ndarray:
    """n IoUs, one of each pair."""
    return counts[:, 0] / np.maximum(counts.sum(1), 1)


def total_iou(counts: np.ndarray | None) -> float | None:
    """IoU of all pairs' pixels together; None where there are no counts."""
    return None if counts is None else float(ious_by_pair(counts.sum(0, keepdims=True))[0])


def differencing_iou(batches: Iterable[Batch]) -> float:
    """IoU of differencing at the threshold that is best for all these pictures together."""
    return learn.iou_by_threshold(*learn.difference_counts(batches)).max().item()


@torch.no_grad()
def aligned_batches(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The same batches with each background laid over its image first, as RoomNet does it; pictures and mask only."""
    for batch in batches:
        moved = align(batch["background"].float() / 255, batch["image"].float() / 255)
        yield {name: batch[name] for name in ("image", "mask")} | {"background": (moved * 255).round().to(torch.uint8)}
