"""The course's cover: empty rooms, the same rooms with somebody in them, and what a network is to find."""

from pathlib import Path

import numpy as np
from PIL import Image

from .. import data
from .look import depth_colours

GAP = 6  # pixels between pictures


def cover(columns: int = 6, size: int = 224, seed: int = 2026) -> np.ndarray:
    """A picture (height width 3, uint8): background, image, mask and depth under each other, one room a column."""
    bank = data.Bank.draw(rooms=80, people=80, size=size, seed=seed)
    rows = data.free(bank, 200, seed=seed)
    batch = data.compose(bank, rows, "aligned")
    chosen = _choice(bank, rows, batch)[:columns]
    lines = [batch["background"], batch["image"], 255 * batch["mask"].repeat(1, 3, 1, 1)]
    tiles = [[np.asarray(line[i].permute(1, 2, 0), np.uint8) for i in chosen] for line in lines]
    tiles.append([depth_colours(batch["depth"][i, 0]) for i in chosen])
    return np.concatenate([_beside(line) for line in tiles])


def write(path: Path) -> Path:
    """The cover as a PNG file, in 64 levels per colour so that it stays small; gives back its path."""
    Image.fromarray(cover() // 4 * 4 + 3).save(path, optimize=True)
    return path


def _choice(bank, rows: np.ndarray, batch: dict) -> list[int]:
    """The most colourful rows with somebody large and whole in a museum room; no room and no person twice."""
    mask, picture = batch["mask"][:, 0].numpy() > 0, batch["background"].float()
    share = mask.mean((1, 2))
    whole = ~(mask[:, :, [0, -1]].any((1, 2)) | mask[:, -1].any(1)) & (share > 0.02) & (share < 0.12)
    museum = np.array([bank.kinds[room] in ("hall", "gallery") for room in rows["room"]])
    colourful = (picture.amax(1) - picture.amin(1)).mean((1, 2)).numpy()
    chosen, used = [], set()
    for i in np.argsort(-colourful):
        names = {("room", rows["room"][i]), ("thing", rows["thing"][i, 0])}
        if whole[i] and museum[i] and not names & used:
            chosen.append(int(i))
            used |= names
    return chosen


def _beside(pictures: list[np.ndarray]) -> np.ndarray:
    """Pictures side by side on white, a gap around each."""
    half = GAP // 2
    framed = [np.pad(p, ((half, half), (half, half), (0, 0)), constant_values=255) for p in pictures]
    return np.concatenate(framed, axis=1)
