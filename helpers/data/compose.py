"""Rows of the table become a batch, in one direction: row, where, paste, picture with depth and owner, batch.

`owner` says for each pixel which thing is seen there: k + 1 for thing k of the row, 0 for the room.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, cos, floor, frexp, sin
from weakref import WeakKeyDictionary

import numpy as np
import torch
from PIL import Image, ImageFilter

from .table import counter_uniform, projected_frames

DIFFICULTY, EDGE = 1, 2  # fields of what is drawn from the row's seed alone
RIM = 4  # transparent pixels around a cut-out, so that a resize may read a little beyond it
PREPARED = WeakKeyDictionary()  # of each bank: its cut-outs, made ready for pasting as they are needed
ONE = 128  # weights are whole numbers, this is 1: 255 * 2 * 128 still fits 16 bits


@dataclass(frozen=True)
class Difficulty:
    """How much the second picture differs from the first, for draws of 1."""

    shake: float = 0.0  # of the picture's size, right and down
    angle: float = 0.0  # radians
    zoom: float = 0.0  # of the picture's size
    exposure: float = 0.0  # deviation of the gain
    drift: float = 0.0  # deviation of the gain, per channel
    noise: float = 0.0  # deviation, of full scale
    blur: float = 0.0  # of the picture's size, radius


DIFFICULTIES = {
    "aligned": Difficulty(),
    "camera": Difficulty(shake=2 / 96, exposure=0.12, drift=0.06, noise=0.02),
    "handheld": Difficulty(shake=5 / 96, angle=0.04, zoom=0.04, exposure=0.20, drift=0.06, noise=0.04, blur=0.6 / 96),
}
MIXED = {"aligned": 1, "camera": 2, "handheld": 1}  # three quarters shaken


def compose(bank, rows: np.ndarray, difficulty: str | dict | Difficulty = "camera", boxes: bool = False) -> dict:
    """The batch of these rows: `background`, `image` N 3 S S uint8; `mask`, `depth`, `depth_valid` N 1 S S float32.

    With `boxes`, also lists of `boxes` (k 4: x0 y0 x1 y1 in pixels of what is visible) and `labels` (k) per picture.
    """
    rows = _checked(bank, rows)
    seeds, things, size = rows["seed"], rows["thing"].shape[1], bank.size
    levels = chosen(difficulty, counter_uniform(0, seeds, DIFFICULTY))
    draws = np.stack([counter_uniform(0, seeds, EDGE + k) for k in range(4 * things)], 1).reshape(-1, things, 4)
    where = projected_frames(bank, rows["room"][:, None], rows)  # N K 5: left, top, width, height, distance
    gains = light_gains(bank, rows, where[..., 4] > 0, draws[..., 1:])  # N K 4
    background, image = (np.empty((len(rows), 3, size, size), np.uint8) for _ in range(2))
    mask, depth, valid = (np.empty((len(rows), 1, size, size), np.float32) for _ in range(3))
    found = []
    for i, (row, room) in enumerate(zip(rows, rows["room"])):
        planes, owner = paste(bank, row, where[i], gains[i], draws[i, :, 0])
        image[i], depth[i], owner = take_picture(planes, owner, bank.depths[room], row, levels[i])
        background[i], mask[i], valid[i] = bank.planes[room], owner > 0, bank.depth_valid[room]
        for k in np.flatnonzero(row["thing"] >= 0):  # what is seen of a thing has its distance; what floats has none
            distance, seen = where[i, k, 4], owner == k + 1
            np.copyto((depth if distance > 0 else valid)[i, 0], distance, where=seen, casting="same_kind")
        if boxes:
            found.append(tight_boxes(owner, bank.labels[row["thing"]]))
    batch = {"background": background, "image": image, "mask": mask, "depth": depth, "depth_valid": valid}
    batch = {name: torch.from_numpy(array) for name, array in batch.items()}
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
    """Each row's difficulty, from a name, "mixed", names with weights, or a Difficulty; draws 0..1, one per row."""
    if isinstance(difficulty, Difficulty):
        return [difficulty] * len(draws)
    weights = difficulty if isinstance(difficulty, dict) else MIXED if difficulty == "mixed" else {difficulty: 1}
    unknown = [str(name) for name in weights if name not in DIFFICULTIES]
    if unknown:
        raise ValueError(f"There is no difficulty {unknown[0]!r}: known are {', '.join(DIFFICULTIES)} and mixed.")
    names, shares = list(weights), list(weights.values())
    if not sum(shares) > 0 or min(shares) < 0:
        raise ValueError(f"The weights of a mixture of difficulties must be 0 or more, not all 0; got {difficulty}.")
    edges = np.cumsum(shares) / sum(shares)
    return [DIFFICULTIES[names[min(int(i), len(names) - 1)]] for i in np.searchsorted(edges, draws, side="right")]


def tight_boxes(owner: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Boxes k 4 float32 and labels k int64 of the things of which at least one pixel is visible."""
    boxes, kept = [], []
    for k, label in enumerate(labels):
        rows, columns = (np.flatnonzero((owner == k + 1).any(axis)) for axis in (1, 0))
        if len(rows):
            boxes.append((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
            kept.append(label)
    return np.array(boxes, np.float32).reshape(-1, 4), np.array(kept, np.int64)


# Where and paste: each thing at its size and place, in the room's light, with a shadow, behind what is nearer.


def paste(bank, row: np.void, frames: np.ndarray, gains: np.ndarray, edges: np.ndarray):
    """The row's room with its things in it, far ones first; K frames, gains and draws of the edge, one per thing.

    Gives planes 4 S S uint8 (R G B, and how much of a pixel things cover) and the owner S S uint8.
    """
    room, size = int(row["room"]), bank.size
    planes, owner = np.zeros((4, size, size), np.uint8), np.zeros((size, size), np.uint8)
    planes[:3] = bank.planes[room]
    for k in np.argsort(-frames[:, 4], kind="stable"):
        if row["thing"][k] < 0:
            continue
        distance = frames[k, 4]
        if distance > 0:
            darken_floor(planes, bank.floor[room], bank.lens[room], frames[k], 0.1 + 0.6 * float(row["shadow"][k]))
        cut = resized_cutout(bank, int(row["thing"][k]), bool(row["flip"][k]), frames[k])
        if cut is None:
            continue
        pixels, area = cut
        if distance > 0:  # something of the room in front hides; the floor itself hides nobody's feet
            front = (bank.depths[room][area] < distance - 0.05) & ~bank.floor[room][area]
            pixels = np.where(front, np.uint8(0), pixels) if front.any() else pixels
        else:
            pixels = rough_edge(pixels, float(edges[k]))
        lay_over(planes[(slice(None), *area)], owner[area], pixels, gains[k], k + 1)
    return planes, owner


def light_gains(bank, rows: np.ndarray, stands: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Gain of each thing in R G B and alpha: N K 4 uint16, 128 is 1; rows N, `stands` N K, draws N K 3 in 0..1.

    Who stands in a room is as bright and partly as tinted as the room. What has no place in space may have
    any brightness, and half of it another colour.
    """
    room = bank.light[rows["room"]][:, None]  # N 1 3
    mean = np.maximum(room.mean(-1, keepdims=True), 0.02)
    light, tint = rows["light"].astype(np.float64)[..., None], rows["tint"].astype(np.float64)[..., None]
    like_room = np.clip((mean / 0.42) ** 0.5, 0.6, 1.35) * (1 + 0.12 * light) * (1 + 0.5 * tint * (room / mean - 1))
    any_light = np.clip(1 + 0.3 * light, 0.25, 1.9) * (1 + np.maximum(tint - 0.5, 0) * (2 * draws - 1))
    gains = np.minimum(np.where(stands[..., None], like_room, any_light) * 128, 255).astype(np.uint16)
    return np.concatenate([gains, np.full_like(gains[..., :1], 128)], -1)  # alpha has no gain


def prepared_cutout(bank, thing: int, level: int) -> Image.Image:
    """The cut-out at 1/2**level of its size, colours multiplied by alpha, with a transparent rim of RIM pixels.

    Smaller copies make the resize of a distant person cheap and free of jagged edges.
    """
    prepared, key = PREPARED.setdefault(bank, {}), (thing, level)
    if key not in prepared:
        picture = bank.cutouts[thing].picture.astype(np.uint16)
        picture[..., :3] = (picture[..., :3] * picture[..., 3:] + 127) // 255
        step = 2**level
        picture = np.pad(picture.astype(np.uint8), [(0, -n % step) for n in picture.shape[:2]] + [(0, 0)])
        small = np.asarray(four_bands(picture).reduce(step))
        prepared[key] = four_bands(np.pad(small, [(RIM, RIM), (RIM, RIM), (0, 0)]))
    return prepared[key]


def four_bands(array: np.ndarray) -> Image.Image:
    """A picture of four equal bands: as "RGBA" every resize would multiply by alpha once more."""
    height, width = array.shape[:2]
    return Image.frombytes("RGBX", (width, height), np.ascontiguousarray(array).tobytes())


def resized_cutout(bank, thing: int, flip: bool, frame: np.ndarray) -> tuple[np.ndarray, tuple[slice, slice]] | None:
    """The thing at its sub-pixel place: 4 h w uint8 (colour times alpha, alpha), and its rows and columns."""
    left, top, width, height = frame[:4].tolist()
    x0, y0 = max(floor(left), 0), max(floor(top), 0)
    x1, y1 = min(ceil(left + width), bank.size), min(ceil(top + height), bank.size)
    if x1 <= x0 or y1 <= y0:
        return None
    tall, wide = bank.cutouts[thing].picture.shape[:2]
    level = max(0, frexp(tall / height)[1] - 1)
    scale = tall / height / 2**level  # pixels of the smaller copy per pixel of the picture, below 2
    start, end = (x0 - left) * scale, (x1 - left) * scale
    if flip:
        start, end = wide / 2**level - end, wide / 2**level - start
    box = (RIM + start, RIM + (y0 - top) * scale, RIM + end, RIM + (y1 - top) * scale)
    size = (x1 - x0, y1 - y0)
    pixels = np.asarray(prepared_cutout(bank, thing, level).resize(size, Image.Resampling.BILINEAR, box))
    pixels = np.ascontiguousarray((pixels[:, ::-1] if flip else pixels).transpose(2, 0, 1))
    return pixels, (slice(y0, y1), slice(x0, x1))


def darken_floor(planes: np.ndarray, seen: np.ndarray, lens: np.ndarray, frame: np.ndarray, strength: float) -> None:
    """Darkens the floor (where `seen`, S S) around the feet by a soft ellipse, 0..strength; in place."""
    size = planes.shape[-1]
    left, top, width, height, distance = frame.tolist()
    across, foot = left + width / 2, top + height
    radius = 0.55 * width + 0.02 * height
    flat = radius * min(max(float(lens[0]) / distance, 0.12), 0.6)  # a circle on the floor, seen from the eye's height
    x0, x1 = max(floor(across - radius), 0), min(ceil(across + radius), size)
    y0, y1 = max(floor(foot - flat), 0), min(ceil(foot + flat), size)
    if x1 <= x0 or y1 <= y0:
        return
    u, v = (np.arange(x0, x1) + 0.5 - across) / radius, (np.arange(y0, y1) + 0.5 - foot) / flat
    soft = np.maximum(1 - u * u - (v * v)[:, None], 0) * seen[y0:y1, x0:x1]
    kept = 256 - (256 * strength * soft).astype(np.uint16)  # y x
    area = planes[:3, y0:y1, x0:x1]
    area[...] = area * kept >> 8


def rough_edge(pixels: np.ndarray, draw: float) -> np.ndarray:
    """The pixels (4 h w) with a hard edge (a quarter of the draws 0..1), a soft one (a quarter) or as they are."""
    alpha = pixels[3]
    if draw < 0.25:
        solid = np.minimum(pixels * (255 / np.maximum(alpha, 1)), 255).astype(np.uint8)
        return np.where(alpha >= 128, solid, np.uint8(0))
    if draw < 0.75:
        return pixels
    reach = 0.08 * (draw - 0.75) * max(pixels.shape)
    soft = four_bands(pixels.transpose(1, 2, 0)).filter(ImageFilter.BoxBlur(reach))
    return np.asarray(soft).transpose(2, 0, 1)


def lay_over(planes: np.ndarray, owner: np.ndarray, pixels: np.ndarray, gains: np.ndarray, number: int) -> None:
    """Lays pixels (4 h w: colour times alpha, alpha) with these gains over an area, and marks their owner; in place."""
    alpha = pixels[3]
    # where nothing covers yet it is the owner too: a camera that moves by half a pixel looks just beyond its edge
    owner[(alpha >= 128) | (planes[3] == 0) | ((alpha > 0) & (planes[3] < 128))] = number
    lit = np.minimum(pixels * gains[:, None, None] >> 7, alpha)  # 4 h w uint16
    kept = 256 - (alpha + (alpha >> 7).astype(np.uint16))  # 0..256
    planes[...] = (planes * kept + (lit << 8)) >> 8


# Picture: the camera has moved a little, sees it all brighter or redder, and adds noise.


def take_picture(planes: np.ndarray, owner: np.ndarray, depth: np.ndarray, row: np.void, difficulty: Difficulty):
    """The image 3 S S int16 in 0..255, the room's depth S S and the owner S S, all in the moved camera's frame."""
    size = depth.shape[-1]
    gains = 1 + difficulty.drift * row["drift"].astype(np.float64)
    gains *= 1 + difficulty.exposure * float(row["exposure"])
    weights = np.clip(np.rint(ONE * gains), 1, 2 * ONE - 1).astype(int).tolist()
    dx, dy = (difficulty.shake * size * row["shake"].astype(np.float64)).tolist()
    if difficulty.angle or difficulty.zoom or difficulty.blur:
        planes, owner, depth = warped(planes, owner, depth, row, difficulty, dx, dy)
        dx = dy = 0.0
    taken = shift_weighted(planes, dx, dy, [*weights, ONE])
    owner = shift_whole(owner, dx, dy) * (taken[3] >= 128)  # where things cover at least half of the pixel
    image = taken[:3]
    if difficulty.noise:
        add_noise(image, int(row["seed"]), difficulty.noise)
    return np.clip(image, 0, 255, out=image), shift_whole(depth, dx, dy), owner


def shift_weighted(planes: np.ndarray, dx: float, dy: float, weights: list[int]) -> np.ndarray:
    """The planes (C H W uint8) moved right and down by sub-pixel amounts and weighted: int16, edges repeated.

    First each pixel is mixed of itself and its neighbours to the right and below, then all move by whole pixels.
    """
    ix, iy = floor(-dx), floor(-dy)
    fx, fy = -dx - ix, -dy - iy
    count, height, width = planes.shape
    h, w = height - (1 if fy else 0), width - (1 if fx else 0)  # a whole-pixel move needs no neighbour
    mixed = np.full((count, h, w), ONE // 2, np.uint16)  # half, so that the shift below rounds
    for plane, total, target in zip(planes.astype(np.uint16), weights, mixed):
        for (down, right), weight in zip(((0, 0), (0, 1), (1, 0), (1, 1)), tap_weights(fx, fy, total)):
            if weight:
                target += plane[down : down + h, right : right + w] * np.uint16(weight)
    return move_whole((mixed >> np.uint16(7)).view(np.int16), ix, iy, height, width)


def tap_weights(fx: float, fy: float, total: int) -> tuple[int, int, int, int]:
    """Whole-number weights of the four neighbours; their sum is exactly `total`."""
    right, down = round(total * fx), round(total * fy)
    both = min(max(round(total * fx * fy), right + down - total), right, down)
    return total - right - down + both, right - both, down - both, both


def shift_whole(values: np.ndarray, dx: float, dy: float) -> np.ndarray:
    """The map (H W) moved right and down by the nearest whole pixel, edges repeated."""
    return move_whole(values, -floor(dx + 0.5), -floor(dy + 0.5), *values.shape)


def move_whole(values: np.ndarray, ix: int, iy: int, height: int, width: int) -> np.ndarray:
    """... height width: what is ix columns to the right of each pixel and iy rows below; outside, the edge."""
    rows = (np.arange(height) + iy).clip(0, values.shape[-2] - 1)
    columns = (np.arange(width) + ix).clip(0, values.shape[-1] - 1)
    return values.take(rows, -2).take(columns, -1)


def warped(planes: np.ndarray, owner: np.ndarray, depth: np.ndarray, row: np.void, level: Difficulty, dx, dy) -> tuple:
    """Planes, owner and depth turned, enlarged and moved as one; only the colours are blurred."""
    size = len(depth)
    turn, scale = level.angle * float(row["angle"]), 1 + level.zoom * float(row["zoom"])
    a, b = cos(turn) / scale, sin(turn) / scale
    pad = ceil(size * (level.shake + abs(level.angle) + abs(level.zoom))) + 2
    half, u, v = size / 2 + pad, size / 2 + dx, size / 2 + dy  # the scene's middle, and where it is seen
    matrix = (a, b, half - a * u - b * v, -b, a, half + b * u - a * v)
    repeated = np.arange(-pad, size + pad).clip(0, size - 1)

    def warp(array: np.ndarray, how: Image.Resampling = Image.Resampling.NEAREST) -> Image.Image:
        wide = array.take(repeated, 0).take(repeated, 1)
        picture = four_bands(wide) if array.ndim == 3 else Image.fromarray(wide)
        return picture.transform((size, size), Image.Transform.AFFINE, matrix, how)

    sharp = warp(np.ascontiguousarray(np.moveaxis(planes, 0, -1)), Image.Resampling.BILINEAR)
    soft = sharp.filter(ImageFilter.BoxBlur(level.blur * size * float(row["blur"])))
    planes = np.ascontiguousarray(np.moveaxis(np.asarray(soft), -1, 0))
    planes[3] = np.asarray(sharp)[..., 3]
    return planes, np.asarray(warp(owner)), np.asarray(warp(depth))


@lru_cache(maxsize=8)
def noise_tape(size: int, sigma: float) -> np.ndarray:
    """Gaussian noise of deviation `sigma` (of full scale), longer than a picture: int16, drawn once per process."""
    return np.rint(np.random.default_rng(7).normal(0, 255 * sigma, 2 * 3 * size * size)).astype(np.int16)


def add_noise(image: np.ndarray, seed: int, sigma: float) -> None:
    """Adds to the image (int16) a stretch of the noise tape, or takes it away, as the seed decides; in place."""
    flat = image.reshape(-1)
    start = (seed >> 1) % len(flat)
    part = noise_tape(image.shape[-1], sigma)[start : start + len(flat)]
    (np.subtract if seed & 1 else np.add)(flat, part, out=flat)
