"""Rows of the table become a batch: background, image, mask and depth, and boxes where asked for."""

from __future__ import annotations

import numpy as np
import torch

from .draws import uniform
from .geometry import frames
from .paste import paste
from .shoot import DIFFICULTIES, MIXED, Difficulty, chosen, shoot

__all__ = ["DIFFICULTIES", "MIXED", "Difficulty", "compose"]
DIFFICULTY, EDGE = 1, 2  # what is drawn from the row's seed alone


def compose(bank, rows: np.ndarray, difficulty: str | dict | Difficulty = "camera", boxes: bool = False) -> dict:
    """The batch of these rows: tensors `background`, `image` N 3 S S uint8; `mask`, `depth`, `depth_valid` N 1 S S float32.

    With `boxes`, also lists of `boxes` (k 4: x0 y0 x1 y1 in pixels of what is visible) and `labels` (k) per picture.
    """
    rows = _checked(bank, rows)
    seeds, count = rows["seed"], rows["thing"].shape[1]
    levels = chosen(difficulty, uniform(0, seeds, DIFFICULTY))
    rough = np.stack([uniform(0, seeds, EDGE + k) for k in range(4 * count)], 1).reshape(len(rows), count, 4)
    where = frames(bank, rows["room"][:, None], rows)  # N K 5
    arrays = _blank(len(rows), bank.size)
    found = []
    for i, row in enumerate(rows):
        scene = paste(bank, row, where[i], rough[i])
        shot = shoot(scene, bank.depths[row["room"]], row, levels[i])
        owner = _fill(arrays, i, bank, row, scene, shot)
        if boxes:
            found.append(_boxes(owner, bank.labels[row["thing"]]))
    batch = {name: torch.from_numpy(array) for name, array in arrays.items()}
    if boxes:
        batch["boxes"] = [torch.from_numpy(box) for box, _ in found]
        batch["labels"] = [torch.from_numpy(label) for _, label in found]
    return batch


def _checked(bank, rows: np.ndarray) -> np.ndarray:
    """The rows as a table; raises where there are none or they were drawn for another bank."""
    rows = np.atleast_1d(rows)
    if rows.dtype.names is None or "room" not in rows.dtype.names:
        raise ValueError("compose wants rows of a table: data.grid(bank) or data.free(bank, length) draws one.")
    if not len(rows):
        raise ValueError("There are no rows to compose.")
    for name, count in (("room", len(bank.pictures)), ("thing", len(bank.cutouts))):
        if rows[name].max() >= count:
            raise ValueError(
                f"These rows belong to another bank: they name {name} {rows[name].max()}, this one has {count}."
            )
    return rows


def _blank(count: int, size: int) -> dict[str, np.ndarray]:
    """The arrays of a batch, not filled in yet."""
    shapes = {"background": 3, "image": 3, "mask": 1, "depth": 1, "depth_valid": 1}
    return {
        name: np.empty((count, bands, size, size), np.uint8 if bands == 3 else np.float32)
        for name, bands in shapes.items()
    }


def _fill(arrays: dict[str, np.ndarray], i: int, bank, row: np.void, scene, shot) -> np.ndarray:
    """Writes picture i into the batch; gives back which thing each pixel shows (k + 1, 0 the room)."""
    things = np.flatnonzero(row["thing"] >= 0)
    owner = shot.owner if shot.owner is not None else np.uint8(things[0] + 1 if len(things) else 0)
    owner = np.where(shot.cover >= 128, owner, np.uint8(0))
    arrays["background"][i], arrays["image"][i] = bank.planes[row["room"]], shot.image
    arrays["mask"][i, 0] = owner > 0
    arrays["depth"][i, 0] = shot.depth
    arrays["depth_valid"][i] = bank.honest[row["room"]]
    for k in things:
        if scene.depths[k] > 0:
            arrays["depth"][i, 0][owner == k + 1] = scene.depths[k]
        else:
            arrays["depth_valid"][i, 0][owner == k + 1] = 0
    return owner


def _boxes(owner: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Boxes k 4 float32 and labels k int64 of the things of which at least one pixel is visible."""
    boxes, kept = [], []
    for k, label in enumerate(labels):
        rows, columns = (np.flatnonzero((owner == k + 1).any(axis)) for axis in (1, 0))
        if len(rows):
            boxes.append((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
            kept.append(label)
    return np.array(boxes, np.float32).reshape(-1, 4), np.array(kept, np.int64)
