"""Pairs of background and image made of photographs: the same pairs aligned, and shaken and re-exposed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from torch import Tensor

from ..data import Bank, compose, random_rows
from ..data.compose import EDGE
from ..data.table import counter_uniform
from . import sources

SIZES = (224, 256)
SEED = 20_261
EACH = 4  # pairs with each thing that was cut out by hand
HEIGHTS = (0.3, 0.5, 0.7, 0.92)  # of the picture: how high those are
SHAKEN = ("camera", "handheld")  # half of the pairs each


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
def planned(seed: int = SEED) -> tuple[Pair, ...]:
    """All pairs: half with things cut out by hand, half with smooth random shapes; of each size as many."""
    rng = np.random.default_rng(seed)
    things = [thing for thing in sources.outlines() for _ in range(EACH)]
    fronts = [sources.outlines()[thing]["photograph"] for thing in things]
    shapes = [name for name in sources.names() for _ in SIZES]
    cut = [_cut(k, thing, behind, rng) for k, (thing, behind) in enumerate(zip(things, _behind(fronts, rng)))]
    rest = [_shape(k, name, behind, rng) for k, (name, behind) in enumerate(zip(shapes, _behind(shapes, rng)))]
    return (*cut, *rest)


def _behind(fronts: list[str], rng: np.random.Generator) -> list[str]:
    """A background for each photograph in front: another one, and all of them about equally often."""
    names = sources.names()
    behind = [names[k % len(names)] for k in range(len(fronts))]
    while any(a == b for a, b in zip(behind, fronts)):
        behind = list(rng.permutation(behind))
    return [str(name) for name in behind]


def _cut(k: int, thing: str, behind: str, rng: np.random.Generator) -> Pair:
    """One with a thing cut out by hand; half of them rise from the picture's lower edge."""
    size, high, wide = SIZES[k % 2], *sources.cutout(thing).shape[:2]
    height = min(HEIGHTS[k % EACH] * rng.counter_uniform(0.85, 1.05), 0.95, 0.95 * high / wide)
    side = max(0.35 * height * wide / high, 0.1)  # at most a little of it is outside
    x, y = rng.uniform(side, 1 - side), rng.uniform(height * 0.4, 1 - height * 0.4)
    if k // 2 % 2:
        y = 1 - height / 2
    title = f"{thing} on {behind}"
    front = sources.outlines()[thing]["photograph"]
    return Pair(title, size, behind, front, thing, float(height), float(x), float(y), bool(rng.random() < 0.5))


def _shape(k: int, front: str, behind: str, rng: np.random.Generator) -> Pair:
    """One with a smooth random shape of a photograph."""
    height = float(rng.counter_uniform(0.25, 0.8))
    x, y = rng.counter_uniform(0.3, 0.7, 2)
    return Pair(f"shape of {front} on {behind}", SIZES[k % 2], behind, front, None, height, float(x), float(y), False)


def pairs(shaken: bool = False, seed: int = SEED) -> list[dict[str, Tensor]]:
    """Batches of one, in the order of `planned`: `background`, `image` 1 3 S S uint8, `mask` 1 1 S S and so on."""
    plan = planned(seed)
    batches = {}
    for parity, size in enumerate(SIZES):
        bank, rows = _scenes(size, seed)
        for turn, k in enumerate(k for k, pair in enumerate(plan) if pair.size == size):
            level = SHAKEN[(turn + parity) % 2] if shaken else "aligned"
            batches[k] = compose(bank, rows[turn : turn + 1], level)
    return [batches[k] for k in range(len(plan))]


@cache
def _scenes(size: int, seed: int) -> tuple[Bank, np.ndarray]:
    """The bank of this size, a background and a thing for each pair, and the table's rows that join them."""
    plan = [(k, pair) for k, pair in enumerate(planned(seed)) if pair.size == size]
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
    return sources.photograph(pair.behind) if pair.size == SIZES[1] else sources.window(pair.behind, pair.size, rng)


def _front(pair: Pair, rng: np.random.Generator) -> np.ndarray:
    """What is pasted, RGBA."""
    return sources.cutout(pair.thing) if pair.thing else sources.shape(pair.front, pair.size, rng)
