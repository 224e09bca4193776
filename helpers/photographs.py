"""Pairs made of photographs pasted on one another, and masks scored on them: for testing only, nothing trains on them.

The photographs lie in artifacts/photographs. What is pasted was cut out by hand, or is a smooth random shape.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor, nn

from . import learn
from .base import ROOT
from .data import Bank, compose, random_rows, read_picture
from .data.compose import EDGE
from .data.table import counter_uniform
from .inference import TRAINED, predict_heads
from .models.align import align

FOLDER = ROOT / "artifacts" / "photographs"
FINE = 8  # a mask is drawn this many times as large, so that its edge is smooth
SIZES = (224, 256)
SEED = 20_261
EACH = 4  # pairs with each thing that was cut out by hand
HEIGHTS = (0.3, 0.5, 0.7, 0.92)  # of the picture: how high those are
SHAKEN = ("camera", "handheld")  # half of the pairs each
Batch = dict[str, Tensor]


@dataclass(frozen=True)
class Pair:
    """What a pair is made of; `behind` and `front` are never one photograph."""

    title: str
    size: int  # pixels of a side
    behind: str  # the photograph of the background
    front: str  # the photograph of what is in front
    thing: str | None  # what was cut out by hand, None: a smooth random shape
    height: float  # of the picture
    x: float  # its middle, 0..1 of the picture
    y: float
    flip: bool


@cache
def photo_names() -> tuple[str, ...]:
    """The photographs' names, in order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.jpg")))


@cache
def read_photo(name: str) -> np.ndarray:
    """h w 3 uint8."""
    return read_picture(FOLDER / f"{name}.jpg")


@cache
def hand_outlines() -> dict[str, dict]:
    """What was cut out by hand: name → the photograph it is from, polygons, and holes in them."""
    return json.loads((FOLDER / "cutouts.json").read_text())


@cache
def hand_cutout(name: str) -> np.ndarray:
    """h w 4 uint8: the thing of this name, cropped to what is not transparent."""
    outline = hand_outlines()[name]
    picture = read_photo(outline["photograph"])
    mask = Image.new("L", (picture.shape[1] * FINE, picture.shape[0] * FINE))
    draw = ImageDraw.Draw(mask)
    for kind, value in (("polygons", 255), ("holes", 0)):
        for polygon in outline[kind]:
            draw.polygon([(x * FINE, y * FINE) for x, y in polygon], fill=value)
    return _cropped(picture, np.asarray(mask.reduce(FINE)))


@cache
def planned_pairs(seed: int = SEED) -> tuple[Pair, ...]:
    """All pairs: half with things cut out by hand, half with smooth random shapes; of each size as many."""
    rng = np.random.default_rng(seed)
    things = [thing for thing in hand_outlines() for _ in range(EACH)]
    fronts = [hand_outlines()[thing]["photograph"] for thing in things]
    shapes = [name for name in photo_names() for _ in SIZES]
    cut = [_plan_thing(k, *names, rng) for k, names in enumerate(zip(things, _behind(fronts, rng)))]
    return (*cut, *(_plan_shape(k, *names, rng) for k, names in enumerate(zip(shapes, _behind(shapes, rng)))))


def _behind(fronts: list[str], rng: np.random.Generator) -> list[str]:
    """A background for each photograph in front: another one, and all of them about equally often."""
    behind = [photo_names()[k % len(photo_names())] for k in range(len(fronts))]
    while any(a == b for a, b in zip(behind, fronts)):
        behind = list(rng.permutation(behind))
    return [str(name) for name in behind]


def _plan_thing(k: int, thing: str, behind: str, rng: np.random.Generator) -> Pair:
    """A pair with a thing cut out by hand; half of them rise from the picture's lower edge."""
    size, high, wide = SIZES[k % 2], *hand_cutout(thing).shape[:2]
    height = min(HEIGHTS[k % EACH] * rng.uniform(0.85, 1.05), 0.95, 0.95 * high / wide)
    side = max(0.35 * height * wide / high, 0.1)  # at most a little of it is outside
    x, y = rng.uniform(side, 1 - side), rng.uniform(height * 0.4, 1 - height * 0.4)
    if k // 2 % 2:
        y = 1 - height / 2
    front, flip = hand_outlines()[thing]["photograph"], bool(rng.random() < 0.5)
    return Pair(f"{thing} on {behind}", size, behind, front, thing, float(height), float(x), float(y), flip)


def _plan_shape(k: int, front: str, behind: str, rng: np.random.Generator) -> Pair:
    """A pair with a smooth random shape of a photograph."""
    height = float(rng.uniform(0.25, 0.8))
    x, y = rng.uniform(0.3, 0.7, 2)
    return Pair(f"shape of {front} on {behind}", SIZES[k % 2], behind, front, None, height, float(x), float(y), False)


def photo_pairs(shaken: bool = False, seed: int = SEED) -> list[Batch]:
    """Batches of one, in the order of `planned_pairs`: `background`, `image` 1 3 S S uint8, `mask` 1 1 S S and so on.

    Aligned, or `shaken`: the image moved and in other light, as the difficulties camera and handheld have it in turns.
    """
    plan, batches = planned_pairs(seed), {}
    for parity, size in enumerate(SIZES):
        bank, rows = _scenes(size, seed)
        for turn, k in enumerate(k for k, pair in enumerate(plan) if pair.size == size):
            level = SHAKEN[(turn + parity) % 2] if shaken else "aligned"
            batches[k] = compose(bank, rows[turn : turn + 1], level)
    return [batches[k] for k in range(len(plan))]


@cache
def _scenes(size: int, seed: int) -> tuple[Bank, np.ndarray]:
    """The bank of this size, a background and a thing for each pair, and the table's rows that join them."""
    plan = [(k, pair) for k, pair in enumerate(planned_pairs(seed)) if pair.size == size]
    behind = [_background(pair, np.random.default_rng([seed, k, 1])) for k, pair in plan]
    front = [_front(pair, np.random.default_rng([seed, k, 2])) for k, pair in plan]
    bank = Bank.from_pictures(behind, front, size=size)
    rows = random_rows(bank, 4 * len(plan), seed + size)  # draws of shake and noise; what is where comes from the plan
    rows = rows[counter_uniform(0, rows["seed"], EDGE) < 0.75][: len(plan)]  # no edge so soft that all of it is blurred
    rows["light"], rows["tint"] = 0, 0  # a photograph stays as bright as it is
    for k, (row, (_, pair)) in enumerate(zip(rows, plan)):
        row["room"], row["thing"][0], row["flip"][0] = k, k, pair.flip
        row["x"][0], row["y"][0], row["z"][0], row["h"][0] = pair.x, pair.y, 0, pair.height
    return bank, rows


def _background(pair: Pair, rng: np.random.Generator) -> np.ndarray:
    """The photograph as a whole, or at the smaller size a window in which every pixel is as it was."""
    return read_photo(pair.behind) if pair.size == SIZES[1] else _window(pair.behind, pair.size, rng)


def _front(pair: Pair, rng: np.random.Generator) -> np.ndarray:
    """h w 4 uint8: what is pasted; a random shape is up to `size` pixels across."""
    if pair.thing:
        return hand_cutout(pair.thing)
    mask = (_blob if rng.random() < 0.6 else _islands)(pair.size, rng)
    return _cropped(_window(pair.front, pair.size, rng), mask)


def _window(name: str, size: int, rng: np.random.Generator) -> np.ndarray:
    """size size 3 uint8: somewhere in the photograph, every pixel as it is there."""
    picture = read_photo(name)
    y, x = (int(rng.integers(0, side - size + 1)) for side in picture.shape[:2])
    return picture[y : y + size, x : x + size]


def _blob(size: int, rng: np.random.Generator) -> np.ndarray:
    """size size uint8 mask of one component: its radius swings as the angle goes round."""
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    radius = np.ones_like(angle)
    for times in range(2, 7):
        radius += rng.normal(0, 0.5 / times) * np.cos(times * angle + rng.uniform(0, 2 * np.pi))
    radius = np.clip(radius, 0.3, None)
    across, down = radius * np.cos(angle) * rng.uniform(0.5, 1), radius * np.sin(angle) * rng.uniform(0.5, 1)
    reach = 2.05 * max(abs(across).max(), abs(down).max()) / (size * FINE)
    mask, middle = Image.new("L", (size * FINE, size * FINE)), size * FINE / 2
    ImageDraw.Draw(mask).polygon(list(zip(middle + across / reach, middle + down / reach)), fill=255)
    return np.asarray(mask.reduce(FINE))


def _islands(size: int, rng: np.random.Generator) -> np.ndarray:
    """size size uint8 mask of several components, with holes: where smooth noise is highest."""
    few = int(rng.integers(5, 9))
    noise = Image.fromarray(rng.normal(size=(few, few)).astype(np.float32))
    values = np.asarray(noise.resize((size * 4, size * 4), Image.Resampling.BICUBIC))
    y, x = np.mgrid[-1 : 1 : size * 4j, -1 : 1 : size * 4j]
    values = values - 12 * np.maximum(np.hypot(x, y) - 0.75, 0)  # nothing touches the window's border
    mask = (values > np.quantile(values, rng.uniform(0.6, 0.75))).astype(np.uint8) * 255
    return np.asarray(Image.fromarray(mask).reduce(4))


def _cropped(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """h w 4 uint8: the picture with this mask, without its transparent rim."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    area = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return np.dstack([picture[area], mask[area]])


def photo_scores(network: nn.Module, size: int = TRAINED) -> dict[str, float | None]:
    """Mask IoU on all pairs of the network, and of differencing, before and after the background was aligned.

    None where the network has no mask. Differencing has the threshold that is best for these very pairs; it is another
    one when they are shaken.
    """
    found = {}
    for name, batches in (("aligned", photo_pairs()), ("shaken", photo_pairs(shaken=True))):
        found[f"photos_{name}_iou"] = total_iou(pixel_counts(network, batches, size))
        found[f"baseline_photos_{name}_iou"] = differencing_iou(batches)
        found[f"baseline_aligned_photos_{name}_iou"] = differencing_iou(aligned_batches(batches))
    return found | {"photo_pairs": len(batches)}


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
