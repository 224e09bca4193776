"""The course's covers: drawn rooms and what is to be found in them, photographs with what was found, and boxes."""

from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from .. import data, learn, photographs
from ..weights import trained
from .look import depth_colours, png
from .objects import objects

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


def found(columns: int = 7, size: int = 224) -> np.ndarray:
    """Shaken photographs from RoomNet's worst pair to its best: both pictures, subtraction's mask, RoomNet's mask.

    A picture (height width 3, uint8), one pair a column. Subtraction has the threshold that is best for all pairs.
    """
    network, pairs = trained("roomnet")[0], photographs.pairs(shaken=True)
    order = [k for k, _ in photographs.worst_first(network, pairs)]
    chosen = [pairs[order[k]] for k in np.linspace(0, len(order) - 1, columns).round().astype(int)]
    subtraction = learn.fit_differencing(pairs)
    lines = [[pair[name][0].permute(1, 2, 0).numpy() for pair in chosen] for name in ("background", "image")]
    for who in (subtraction, network):
        lines.append([_white(photographs.mask_of(who, pair)) for pair in chosen])
    return np.concatenate([_beside([_sized(tile, size) for tile in line]) for line in lines])


def boxed(count: int = 4, things: int = 3) -> np.ndarray:
    """The first pictures of objects-test-v1 with so many things or more: the truth, and what PerCameraNet finds.

    A picture (height width 3, uint8), one of them a line.
    """
    network, scenes = trained("percamera")[0], data.frozen("objects-test-v1")
    chosen = np.flatnonzero((scenes.rows["thing"] >= 0).sum(1) >= things)[:count]
    batch = data.collate([scenes[place] for place in chosen])
    with torch.no_grad():
        heads = network(batch["background"], batch["image"])
    lines = []
    for place, each in enumerate(learn.decode(heads)):
        truth = {name: batch[name][place] for name in ("mask", "depth", "boxes", "labels")}
        guess = {"mask": (heads["mask"][place] > 0).float(), "depth": heads["depth"][place]} | each
        lines.append(np.asarray(Image.open(BytesIO(png(objects(batch["image"][place], truth, guess)))).convert("RGB")))
    return np.concatenate(lines)


def write(folder: Path) -> list[Path]:
    """The covers as PNG files, in 64 levels per colour so that they stay small; gives back their paths."""
    paths = [Path(folder) / name for name in ("cover.png", "photographs.png", "detection.png")]
    for path, picture in zip(paths, (cover(), found(), boxed())):
        Image.fromarray(picture // 4 * 4 + 3).save(path, optimize=True)
    return paths


def _white(mask: np.ndarray) -> np.ndarray:
    """A mask as a picture, white on black."""
    return np.repeat(255 * mask[..., None].astype(np.uint8), 3, 2)


def _sized(picture: np.ndarray, size: int) -> np.ndarray:
    """The picture at this size."""
    return np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.LANCZOS))


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
