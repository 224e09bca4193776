"""Rows of the table become a batch: background, image, mask and depth, and boxes where asked for."""

from __future__ import annotations

import numpy as np
import torch

from .table import counter_uniform, projected_frames
from .paste import lights, paste
from .shoot import DIFFICULTIES, MIXED, Difficulty, Shot, chosen, shoot

__all__ = ["DIFFICULTIES", "MIXED", "Difficulty", "compose"]
DIFFICULTY, EDGE = 1, 2  # what is drawn from the row's seed alone


def compose(bank, rows: np.ndarray, difficulty: str | dict | Difficulty = "camera", boxes: bool = False) -> dict:
    """The batch of these rows: `background`, `image` N 3 S S uint8; `mask`, `depth`, `depth_valid` N 1 S S float32.

    With `boxes`, also lists of `boxes` (k 4: x0 y0 x1 y1 in pixels of what is visible) and `labels` (k) per picture.
    """
    rows = _checked(bank, rows)
    seeds, count = rows["seed"], rows["thing"].shape[1]
    levels = chosen(difficulty, counter_uniform(0, seeds, DIFFICULTY))
    rough = np.stack([counter_uniform(0, seeds, EDGE + k) for k in range(4 * count)], 1).reshape(len(rows), count, 4)
    where = projected_frames(bank, rows["room"][:, None], rows)  # N K 5
    light = lights(bank, rows, where[..., 4] > 0, rough[..., 1:])
    arrays = _blank(len(rows), bank.size)
    found = []
    for i, row in enumerate(rows):
        scene = paste(bank, row, where[i], light[i], rough[i, :, 0])
        shot = shoot(scene, bank.depths[row["room"]], row, levels[i])
        _fill({name: array[i] for name, array in arrays.items()}, bank, row, where[i, :, 4], shot)
        if boxes:
            found.append(_boxes(shot, bank.labels[row["thing"]]))
    batch = {name: torch.from_numpy(array) for name, array in arrays.items()}
    if boxes:
        batch["boxes"] = [torch.from_numpy(box) for box, _ in found]
        batch["labels"] = [torch.from_numpy(label) for _, label in found]
    return batch


def _checked(bank, rows: np.ndarray) -> np.ndarray:
    """The rows as a table; raises where there are none or they were drawn for another bank."""
    rows = np.atleast_1d(rows)
    if rows.dtype.names is None or "room" not in rows.dtype.names:
        raise ValueError("compose wants rows of a table: data.grid(bank) or data.random_rows(bank, length) draws one.")
    if not len(rows):
        raise ValueError("There are no rows to compose.")
    for name, count in (("room", len(bank.pictures)), ("thing", len(bank.cutouts))):
        if rows[name].max() >= count:
            raise ValueError(
                f"These rows belong to another bank: they name {name} {rows[name].max()}, this one has {count}."
            )
    return rows


def _blank(count: int, size: int) -> dict[str, np.ndarray]:
    """The arrays of a batch, not filled in yet; the masks are 0."""
    pictures, maps = (count, 3, size, size), (count, 1, size, size)
    arrays = {name: np.empty(pictures, np.uint8) for name in ("background", "image")}
    return arrays | {
        "mask": np.zeros(maps, np.float32),
        "depth": np.empty(maps, np.float32),
        "depth_valid": np.empty(maps, np.float32),
    }


def _fill(sample: dict[str, np.ndarray], bank, row: np.void, distances: np.ndarray, shot: Shot) -> None:
    """Writes one picture into its place in the batch: what is seen of a thing has the thing's distance."""
    sample["background"][...], sample["image"][...] = bank.planes[row["room"]], shot.image
    sample["depth"][0], sample["depth_valid"][0] = shot.depth, bank.depth_known[row["room"]]
    sample["mask"][0][shot.area] = shot.owner > 0
    for k in np.flatnonzero(row["thing"] >= 0):
        stands = distances[k] > 0
        target = sample["depth" if stands else "depth_valid"][0]
        target[shot.area][shot.owner == k + 1] = distances[k]  # 0 for what floats: not valid


def _boxes(shot: Shot, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Boxes k 4 float32 and labels k int64 of the things of which at least one pixel is visible."""
    boxes, kept = [], []
    top, left = shot.area[0].start, shot.area[1].start
    for k, label in enumerate(labels):
        rows, columns = (np.flatnonzero((shot.owner == k + 1).any(axis)) for axis in (1, 0))
        if len(rows):
            boxes.append((left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1))
            kept.append(label)
    return np.array(boxes, np.float32).reshape(-1, 4), np.array(kept, np.int64)
