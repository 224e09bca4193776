"""What the pictures are like: mean, deviation, foreground share and depths, in one pass over the batches."""

from collections.abc import Iterable

import numpy as np

from ..base import FAR

NAMES = {"background": "bg", "image": "bg_fg", "mask": "mask", "depth": "depth"}
BINS = 40  # of the depth histogram, from 0 to FAR metres


def statistics(batches: Iterable[dict]) -> dict:
    """Figures of all the batches together.

    `bg`, `bg_fg`: mean and std per channel R G B, 0..1. `mask`: mean and std; `foreground_share` is that mean.
    `depth`: mean and std in metres where depth is valid, `depth_histogram` the share of pixels per bin
    between the `depth_edges` in metres. `pictures`: how many there were.
    """
    totals = {name: [0, 0.0, 0.0] for name in NAMES.values()}  # count, sum, and sum of squares per channel
    edges = np.linspace(0, FAR, BINS + 1)
    histogram, pictures = np.zeros(BINS, np.int64), 0
    for batch in batches:
        depth = np.asarray(batch["depth"])
        known = depth[np.asarray(batch["depth_valid"]) != 0] if "depth_valid" in batch else depth.ravel()
        for key, name in NAMES.items():
            array = np.asarray(batch[key])  # N C S S
            values = known[None] if key == "depth" else np.moveaxis(array, 1, 0).reshape(array.shape[1], -1)
            totals[name][0] += values.shape[1]
            totals[name][1] += values.sum(1, dtype=np.float64)
            totals[name][2] += np.square(values, dtype=np.float64).sum(1)
        histogram += np.histogram(np.clip(known, 0, FAR), edges)[0]
        pictures += len(depth)
    if not pictures:
        raise ValueError("There are no pictures to take the statistics of.")
    figures = {}
    for name, (count, sums, squares) in totals.items():
        scale = 255 if name.startswith("bg") else 1
        mean = sums / max(count, 1)
        std = np.sqrt(np.maximum(squares / max(count, 1) - mean**2, 0))  # the variance is E[x²] - E[x]²
        figures[name] = {"mean": (mean / scale).tolist(), "std": (std / scale).tolist()}
    return {
        **figures,
        "foreground_share": figures["mask"]["mean"][0],
        "depth_histogram": (histogram / max(histogram.sum(), 1)).tolist(),
        "depth_edges": edges.tolist(),
        "pictures": pictures,
    }
