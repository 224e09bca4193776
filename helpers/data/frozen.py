"""Test sets that never change: a version in the name, hashes in the repository.

`freeze_set(NAME)` writes the hashes of a new one, and refuses to write those of an old one again.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ..base import ROOT, folder, write_whole
from .bank import Bank
from .compose import STILL, Difficulty
from .scenes import Scenes, loader
from .table import random_rows, visible_share

FOLDER = ROOT / "artifacts" / "frozen"
BATCH = 100
FEWEST = 8  # pixels of the thing that can be seen


@dataclass(frozen=True)
class FrozenSet:
    """What a frozen set is made of; its seed is used nowhere else, so its identities are nobody's else."""

    rooms: int
    things: int
    mixture: str
    seed: int
    difficulty: str | Difficulty = "camera"
    length: int = 1000
    size: int = 192
    props: int = 0
    objects: int | tuple[int, int] = 1  # in a picture; where there may be several, boxes and labels belong to the set
    lowest: int = 0  # pixels: the box of each thing is at least this high
    seen: float = 0.7  # share of each thing that must be in view
    nobody: float = 0.0  # share of pictures in which nobody entered
    known: float = 1.0  # share of pictures whose camera is given


FROZEN_SETS = {
    "museum-test-v2": FrozenSet(200, 200, "museum", 990_011),  # the course's camera
    "rooms-test-v2": FrozenSet(300, 300, "rooms", 990_012, seen=0.2, known=0.5),  # any camera, all kinds of rooms
    "broad-test-v2": FrozenSet(300, 400, "broad", 990_013, "mixed", known=0.0),
    "objects-test-v2": FrozenSet(200, 200, "museum", 990_014, props=200, objects=(1, 4), lowest=24),
    "empty-test-v2": FrozenSet(300, 100, "rooms", 990_015, STILL, nobody=1.0),  # what moves is nobody
}


def frozen_set(name: str, size: int | None = None, first: int | None = None) -> Scenes:
    """The frozen test set of this name; at another size than its own, its rooms and people in other pictures.

    With `first` only so many of its pictures, the first ones, because to choose them all takes a while.
    """
    if name not in FROZEN_SETS:
        raise ValueError(f"There is no frozen set {name!r}: known are {', '.join(FROZEN_SETS)}.")
    made = replace(FROZEN_SETS[name], size=size or FROZEN_SETS[name].size)
    bank = Bank.draw(made.rooms, made.things, made.size, made.seed, made.mixture, made.props)
    return Scenes(bank, frozen_rows(bank, made, first), made.difficulty, made.objects != 1, known=made.known)


def frozen_rows(bank: Bank, made: FrozenSet, first: int | None = None) -> np.ndarray:
    """The first rows whose things can be seen: each floats, or stands high enough and as much in view as it must."""
    length = min(first or made.length, made.length)
    drawn = made.length * 5 // 4 if made.objects == 1 else made.length * 2
    if made.nobody == 1:
        return random_rows(bank, length, made.seed, made.objects, nobody=1.0)
    rows = random_rows(bank, drawn, made.seed, made.objects, nobody=made.nobody)
    for k in range(rows["thing"].shape[1]):
        nobody, floats = rows["thing"][:, k] < 0, rows["z"][:, k] == 0
        rows = rows[nobody | floats | (visible_share(bank, rows, k) >= made.seen)]
    kept = np.zeros(0, bool)  # of each row: whether each of its things is high enough, and FEWEST pixels show them
    for batch in loader(Scenes(bank, rows, made.difficulty, boxes=True), min(BATCH, length)):
        enough = batch["mask"].sum((1, 2, 3)).numpy() >= FEWEST
        high = np.array([int((box[:, 3] - box[:, 1] >= made.lowest).sum()) for box in batch["boxes"]])
        things = (rows["thing"][len(kept) : len(kept) + len(high)] >= 0).sum(1)
        kept = np.append(kept, enough & (high == things))
        if kept.sum() >= length:
            break
    rows = rows[: len(kept)][kept][:length]
    if len(rows) < length:
        raise ValueError(f"Only {len(rows)} of {length} rows show their things: the world has changed.")
    return rows


def fingerprint(scenes: Scenes) -> dict[str, np.ndarray]:
    """Exact hashes of the table and of the pictures, and 4 x 4 thumbnails of every tenth picture."""
    pictures, thumbs = hashlib.sha256(), {"image": [], "mask": [], "depth": []}
    for batch in loader(scenes, BATCH):
        for name in ("background", "image", "mask", "depth", "depth_valid", "camera"):
            pictures.update(batch[name].numpy().tobytes())
        for box, label in zip(batch.get("boxes", ()), batch.get("labels", ())):
            pictures.update(box.numpy().tobytes() + label.numpy().tobytes())
        for name, small in thumbs.items():
            values = batch[name][::10].numpy().astype(np.float32).mean(1)  # n S S
            cell = values.shape[-1] // 4
            small.append(values.reshape(-1, 4, cell, 4, cell).mean((2, 4)))
    hashes = {"table": hashlib.sha256(scenes.rows.tobytes()).hexdigest(), "pictures": pictures.hexdigest()}
    scales = {"image": (16, np.uint16), "mask": (255, np.uint8), "depth": (1000, np.uint16)}
    prints = {n: np.rint(np.concatenate(thumbs[n]) * scale).astype(kind) for n, (scale, kind) in scales.items()}
    return {name: np.array(text) for name, text in hashes.items()} | prints


def freeze_set(name: str, where: Path = FOLDER, scenes: Scenes | None = None) -> Path:
    """Writes the fingerprint of a set that has none yet; gives back its path."""
    path = folder(where) / f"{name}.npz"
    if path.exists():
        raise ValueError(f"{path} exists: a frozen set never changes. Give the changed one a new version.")
    prints = io.BytesIO()
    np.savez_compressed(prints, **fingerprint(scenes or frozen_set(name)))
    write_whole(path, prints.getvalue())
    return path


def verify_set(name: str, where: Path = FOLDER, scenes: Scenes | None = None) -> str:
    """ "exact", or "equal within rounding" on a machine that rounds otherwise; raises where the set has changed."""
    path = where / f"{name}.npz"
    with np.load(path, allow_pickle=False) as file:
        stored = {key: file[key] for key in file.files}
    found = fingerprint(scenes or frozen_set(name))
    if all(str(found[key]) == str(stored[key]) for key in ("table", "pictures")):
        return "exact"
    off = np.zeros(len(stored["image"]), bool)
    for key, slack in (("image", 16), ("mask", 4), ("depth", 50)):  # 1 grey level, 1.5 % of a cell, 5 cm
        off |= (np.abs(found[key].astype(int) - stored[key].astype(int)) > slack).any((1, 2))
    if off.mean() > 0.02:  # rounding may send a person to another place now and then
        raise ValueError(
            f"{name} is not what it was: {off.mean():.0%} of its pictures differ. A changed world needs a new version."
        )
    return "equal within rounding"
