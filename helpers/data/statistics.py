"""What the pictures are like: mean, deviation, foreground share and depths, in one pass over the batches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from ..base import FAR

NAMES = {"background": "bg", "image": "bg_fg", "mask": "mask", "depth": "depth"}
BINS = 40  # of the depth histogram, from 0 to FAR metres


@dataclass
class Total:
    """Count, sum and sum of squares of one kind of picture, per channel."""

    count: float = 0.0
    sums: np.ndarray = field(default_factory=lambda: np.zeros(1))
    squares: np.ndarray = field(default_factory=lambda: np.zeros(1))

    def add(self, values: np.ndarray, valid: np.ndarray | None = None) -> None:
        """Adds values N C S S (those where `valid` is not 0)."""
        if values.dtype == np.uint8:  # whole numbers: nothing is lost, however many pictures there are
            sums = values.sum((0, 2, 3), dtype=np.int64)
            squares = np.square(values, dtype=np.uint16).sum((0, 2, 3), dtype=np.int64)
            self.count += values.size / values.shape[1]
        else:
            chosen = values[valid != 0] if valid is not None else values.ravel()
            sums, squares = (
                np.array([part.sum(dtype=np.float64)]) for part in (chosen, np.square(chosen, dtype=float))
            )
            self.count += chosen.size
        self.sums, self.squares = self.sums + sums, self.squares + squares

    def result(self, scale: float = 1.0) -> dict[str, list[float]]:
        """Mean and deviation over every pixel of every picture, per channel, divided by `scale`."""
        count = max(self.count, 1)
        mean = self.sums / count
        deviation = np.sqrt(np.maximum(self.squares / count - mean**2, 0))
        return {"mean": (mean / scale).tolist(), "std": (deviation / scale).tolist()}


def statistics(batches: Iterable[dict]) -> dict:
    """Figures of all the batches together.

    `bg`, `bg_fg`: mean and std per channel R G B, 0..1. `mask`: mean and std; `foreground_share` is that mean.
    `depth`: mean and std in metres where depth is valid, `depth_histogram` the share of pixels per bin
    between the `depth_edges` in metres. `pictures`: how many there were.
    """
    totals = {name: Total() for name in NAMES.values()}
    edges = np.linspace(0, FAR, BINS + 1)
    histogram, pictures = np.zeros(BINS, np.int64), 0
    for batch in batches:
        valid = np.asarray(batch["depth_valid"]) if "depth_valid" in batch else None
        for key, name in NAMES.items():
            totals[name].add(np.asarray(batch[key]), valid if name == "depth" else None)
        depth = np.asarray(batch["depth"])
        known = depth if valid is None else depth[valid != 0]
        histogram += np.histogram(np.clip(known, 0, FAR), edges)[0]
        pictures += len(depth)
    if not pictures:
        raise ValueError("There are no pictures to take the statistics of.")
    figures = {name: total.result(255.0 if name.startswith("bg") else 1.0) for name, total in totals.items()}
    return {
        **figures,
        "foreground_share": figures["mask"]["mean"][0],
        "depth_histogram": (histogram / max(histogram.sum(), 1)).tolist(),
        "depth_edges": edges.tolist(),
        "pictures": pictures,
    }
