"""Rows of the table become a batch, in one direction: row, where, paste, picture with depth and owner, batch.

`owner` says for each pixel which thing is seen there: k + 1 for thing k of the row, 0 for the room.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from .paste import light_gains, paste
from .table import counter_uniform, projected_frames
from .taking import camera_maps, take_picture

DIFFICULTY, EDGE = 1, 2  # fields of what is drawn from the row's seed alone


@dataclass(frozen=True)
class Difficulty:
    """How much the second picture differs from the first, for draws of 1; the last ones are shares of pictures."""

    shake: float = 0.0  # of the picture's size, right and down
    angle: float = 0.0  # radians
    zoom: float = 0.0  # of the picture's size
    exposure: float = 0.0  # deviation of the gain
    drift: float = 0.0  # deviation of the gain, per channel
    noise: float = 0.0  # deviation, of full scale
    blur: float = 0.0  # of the picture's size, radius
    shadow: float = 0.0  # share in which things cast shadows; the soft dark at the feet is always there
    mirror: float = 0.0  # share in which a polished floor mirrors things
    moment: float = 0.0  # share taken at the room's other moment, where it has one
    patch: float = 0.0  # share in which light comes or goes on a part of the picture
    sway: float = 0.0  # share in which a part of the picture moves by itself, as leaves and water do
    tone: float = 0.0  # deviation of the logarithm of a gamma
    auto: float = 0.0  # how far the exposure answers the brightness that a thing brings: by all of it at 1, more where
    # the camera looks at the middle most
    packed: float = 0.0  # share that went through JPEG, or was interlaced
    weather: float = 0.0  # share of rain or snow


ALIVE = {"shadow": 0.6, "mirror": 0.2, "moment": 0.5, "patch": 0.1, "sway": 0.1, "packed": 0.15, "weather": 0.03}
DIFFICULTIES = {
    "aligned": Difficulty(),
    "camera": Difficulty(shake=2 / 96, exposure=0.12, drift=0.06, noise=0.02, tone=0.1, auto=1.6, **ALIVE),
    "handheld": Difficulty(
        shake=5 / 96,
        angle=0.04,
        zoom=0.04,
        exposure=0.20,
        drift=0.06,
        noise=0.04,
        blur=0.6 / 96,
        tone=0.15,
        auto=1.6,
        **ALIVE,
    ),
}
STILL = Difficulty(
    exposure=0.05, drift=0.02, noise=0.015, tone=0.1, auto=1.6, **ALIVE
)  # a camera on a wall, and the world moves
MIXED = {"aligned": 1, "camera": 2, "handheld": 1}  # three quarters shaken


def compose(
    bank, rows: np.ndarray, difficulty: str | dict | Difficulty = "camera", boxes: bool = False, known: float = 1.0
) -> dict:
    """The batch of these rows: `background`, `image` N 3 S S uint8; `mask`, `depth`, `depth_valid` N 1 S S float32.

    `camera` N 2 S S float32 are the maps of the camera, zeros but for a share `known` of the rows. With `boxes`, also
    lists of `boxes` (k 4: x0 y0 x1 y1 in pixels of what is visible) and `labels` (k) per picture.
    """
    rows = _checked(bank, rows)
    seeds, things, size = rows["seed"], rows["thing"].shape[1], bank.size
    levels = chosen(difficulty, counter_uniform(0, seeds, DIFFICULTY))
    draws = np.stack([counter_uniform(0, seeds, EDGE + k) for k in range(4 * things)], 1).reshape(-1, things, 4)
    where = projected_frames(bank, rows["room"][:, None], rows)  # N K 5: left, top, width, height, distance
    gains = light_gains(bank, rows, where[..., 4] > 0, draws[..., 1:])  # N K 4
    background, image = (np.empty((len(rows), 3, size, size), np.uint8) for _ in range(2))
    mask, depth, valid = (np.empty((len(rows), 1, size, size), np.float32) for _ in range(3))
    camera = np.zeros((len(rows), 2, size, size), np.float32)
    found = []
    for i, (row, room) in enumerate(zip(rows, rows["room"])):
        scene = paste(bank, row, where[i], gains[i], draws[i, :, 0], levels[i])
        image[i], scene = take_picture(scene, bank.planes[room], row, levels[i])
        background[i], mask[i] = bank.planes[room], scene.owner > 0
        depth[i], valid[i] = scene.depth, scene.valid
        if row["lens"] < known and bank.depth_valid[room].any():  # what has no depth has no camera either
            camera[i] = camera_maps(bank.cameras[room], row, levels[i], size)
        if boxes:
            found.append(tight_boxes(scene.owner, bank.labels[row["thing"]]))
    batch = {"background": background, "image": image, "mask": mask, "depth": depth, "depth_valid": valid}
    batch = {name: torch.from_numpy(array) for name, array in (batch | {"camera": camera}).items()}
    if boxes:
        batch["boxes"], batch["labels"] = ([torch.from_numpy(array) for array in each] for each in zip(*found))
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


def chosen(difficulty: str | dict | Difficulty, draws: np.ndarray) -> list[Difficulty]:
    """Each row's difficulty, from a name, "mixed", weights of names, or a Difficulty; draws 0..1, one per row."""
    if isinstance(difficulty, Difficulty):
        return [difficulty] * len(draws)
    weights = difficulty if isinstance(difficulty, dict) else MIXED if difficulty == "mixed" else {difficulty: 1}
    unknown = [str(name) for name in weights if not isinstance(name, Difficulty) and name not in DIFFICULTIES]
    if unknown:
        raise ValueError(f"There is no difficulty {unknown[0]!r}: known are {', '.join(DIFFICULTIES)} and mixed.")
    levels, shares = [DIFFICULTIES.get(name, name) for name in weights], list(weights.values())
    if not sum(shares) > 0 or min(shares) < 0:
        raise ValueError(f"The weights of a mixture of difficulties must be 0 or more, not all 0; got {difficulty}.")
    edges = np.cumsum(shares) / sum(shares)
    return [levels[min(int(i), len(levels) - 1)] for i in np.searchsorted(edges, draws, side="right")]


def tight_boxes(owner: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Boxes k 4 float32 and labels k int64 of the things of which at least one pixel is visible."""
    boxes, kept = [], []
    for k, label in enumerate(labels):
        rows, columns = (np.flatnonzero((owner == k + 1).any(axis)) for axis in (1, 0))
        if len(rows):
            boxes.append((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
            kept.append(label)
    return np.array(boxes, np.float32).reshape(-1, 4), np.array(kept, np.int64)
