"""Connected parts of a mask, counted by runs: a row's foreground pixels from left to right without a gap."""

import numpy as np


def connected(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Boxes k 4 (x0 y0 x1 y1, the end outside) and pixel counts k of parts that touch, corners too; largest first."""
    if mask.ndim != 2:
        raise ValueError(f"A mask has height and width, but this one has the shape {mask.shape}.")
    stride = mask.shape[1] + 2
    edges = np.flatnonzero(np.diff(np.pad(mask > 0.5, ((0, 0), (1, 1))).ravel().astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]  # places in the padded mask read as one line: a run is start..end
    parts = _parts(starts, ends, stride)
    _, parts = np.unique(parts, return_inverse=True)
    count = parts.max(initial=-1) + 1
    boxes = np.full((count, 4), [mask.shape[1], mask.shape[0], 0, 0])
    rows = starts // stride
    for corner, values in ((0, starts % stride), (1, rows)):
        np.minimum.at(boxes[:, corner], parts, values)
    for corner, values in ((2, ends - rows * stride), (3, rows + 1)):
        np.maximum.at(boxes[:, corner], parts, values)
    pixels = np.bincount(parts, ends - starts, count).astype(int)
    order = np.argsort(-pixels, kind="stable")
    return boxes[order], pixels[order]


def _parts(starts: np.ndarray, ends: np.ndarray, stride: int) -> np.ndarray:
    """A number per run, the same for all runs of a part: the lowest of them wins until nothing changes."""
    first = np.searchsorted(ends, starts + stride)  # the runs of the next row that touch this one: first..last
    last = np.searchsorted(starts, ends + stride, "right")
    touching = np.maximum(last - first, 0)
    above = np.repeat(np.arange(len(starts)), touching)
    below = np.arange(len(above)) - np.repeat(np.cumsum(touching) - touching, touching) + first[above]
    parts = np.arange(len(starts))
    while len(above):
        low, before = np.minimum(parts[above], parts[below]), parts.copy()
        for side in (before[above], before[below]):  # the part's own first run learns of it, so that all others do
            np.minimum.at(parts, side, low)
        parts = parts[parts]
        if np.array_equal(parts, before):
            break
    return parts
