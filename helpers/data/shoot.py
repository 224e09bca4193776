"""Takes a picture of a scene: the camera has moved a little, sees it brighter or redder, and adds noise."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, cos, floor, sin

import numpy as np
from PIL import Image, ImageFilter

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


def chosen(difficulty: str | dict | Difficulty, draws: np.ndarray) -> list[Difficulty]:
    """The difficulty of each row, from a name, "mixed", names with weights, or a Difficulty; draws 0..1, one per row."""
    if isinstance(difficulty, Difficulty):
        return [difficulty] * len(draws)
    weights = difficulty if isinstance(difficulty, dict) else MIXED if difficulty == "mixed" else {difficulty: 1}
    unknown = [str(name) for name in weights if name not in DIFFICULTIES]
    if unknown:
        raise ValueError(f"There is no difficulty {unknown[0]!r}: known are {', '.join(DIFFICULTIES)} and mixed.")
    edges = np.cumsum(list(weights.values())) / sum(weights.values())
    names = list(weights)
    return [DIFFICULTIES[names[min(int(i), len(names) - 1)]] for i in np.searchsorted(edges, draws, side="right")]


@dataclass
class Shot:
    """What came out of the camera."""

    image: np.ndarray  # 3 S S uint8
    cover: np.ndarray  # S S uint8: how much of the pixel is covered by things
    owner: np.ndarray | None  # S S uint8, as in Scene
    depth: np.ndarray  # S S float32: the room's depth in the picture's frame


def shoot(scene, depth: np.ndarray, row: np.void, difficulty: Difficulty) -> Shot:
    """The picture of the scene, and its cover, owner and room depth in the same frame."""
    size = depth.shape[-1]
    exposure = 1 + difficulty.exposure * float(row["exposure"])
    gains = np.append(exposure * (1 + difficulty.drift * row["drift"].astype(np.float64)), 1)
    weights = np.clip(np.rint(ONE * gains), 1, 2 * ONE - 1).astype(int)  # R G B and the cover, which has no gain
    dx, dy = difficulty.shake * size * row["shake"].astype(np.float64)
    if difficulty.angle or difficulty.zoom or difficulty.blur:
        planes, owner, depth = turned(scene, depth, row, difficulty, dx, dy)
        dx = dy = 0.0
    else:
        planes, owner = scene.planes, scene.owner
        depth = moved(depth, dx, dy)
        owner = owner if owner is None else moved(owner, dx, dy)
    taken = shifted(planes, dx, dy, weights)
    if difficulty.noise:
        add_noise(taken[:3], int(row["seed"]), difficulty.noise)
    np.clip(taken, 0, 255, out=taken)
    taken = taken.astype(np.uint8)
    return Shot(taken[:3], taken[3], owner, depth)


def shifted(planes: np.ndarray, dx: float, dy: float, weights: np.ndarray) -> np.ndarray:
    """The planes (C S S uint8) moved right and down by sub-pixel amounts and weighted: int16, edges repeated.

    Each pixel mixes four neighbours. The picture is walked as one long row, which is fast; what wraps
    around at the sides is then overwritten by the repeated edge.
    """
    count, size = planes.shape[:2]
    ix, iy = floor(-dx), floor(-dy)
    fx, fy = -dx - ix, -dy - iy
    far = (1 if fx else 0, 1 if fy else 0)  # a whole-pixel move needs no second neighbour
    start, steps = iy * size + ix, [(0, 0), (0, 1), (1, 0), (1, 1)]
    low, high = max(0, -start), min(size * size, size * size - start - size * far[1] - far[0])
    out = np.zeros((count, size * size), np.uint16)
    buffer = np.empty(high - low, np.uint16)
    for plane, total, target in zip(planes.reshape(count, -1), weights, out, strict=True):
        wide = plane.astype(np.uint16)
        for (down, right), weight in zip(steps, tap_weights(fx, fy, int(total)), strict=True):
            if weight:
                at = low + start + down * size + right
                np.multiply(wide[at : at + high - low], np.uint16(weight), out=buffer)
                target[low:high] += buffer
        target += np.uint16(ONE // 2)
        target >>= np.uint16(7)
    taken = out.view(np.int16).reshape(count, size, size)
    return repeat_edges(taken, ix, iy, far)


def tap_weights(fx: float, fy: float, total: int) -> tuple[int, int, int, int]:
    """Whole-number weights of the four neighbours; their sum is exactly `total`."""
    right, down = round(total * fx), round(total * fy)
    both = min(max(round(total * fx * fy), right + down - total), right, down)
    return total - right - down + both, right - both, down - both, both


def repeat_edges(taken: np.ndarray, ix: int, iy: int, far: tuple[int, int] = (0, 0)) -> np.ndarray:
    """Overwrites the rows and columns that came from outside the picture by the last ones from inside."""
    size = taken.shape[-1]
    x0, x1 = max(0, -ix), min(size, size - ix - far[0])
    y0, y1 = max(0, -iy), min(size, size - iy - far[1])
    taken[..., :x0], taken[..., x1:] = taken[..., x0 : x0 + 1], taken[..., x1 - 1 : x1]
    taken[..., :y0, :], taken[..., y1:, :] = taken[..., y0 : y0 + 1, :], taken[..., y1 - 1 : y1, :]
    return taken


def moved(values: np.ndarray, dx: float, dy: float) -> np.ndarray:
    """The map (S S) moved right and down by the nearest whole pixel, edges repeated."""
    size = len(values)
    ix, iy = -floor(dx + 0.5), -floor(dy + 0.5)
    if not ix and not iy:
        return values
    out = np.empty_like(values)
    out[max(0, -iy) : size - max(0, iy), max(0, -ix) : size - max(0, ix)] = values[
        max(0, iy) : size - max(0, -iy), max(0, ix) : size - max(0, -ix)
    ]
    return repeat_edges(out, ix, iy)


def turned(scene, depth: np.ndarray, row: np.void, difficulty: Difficulty, dx: float, dy: float) -> tuple:
    """Planes, owner and depth turned, enlarged and moved as one; only the colours are blurred."""
    size = len(depth)
    turn, scale = difficulty.angle * float(row["angle"]), 1 + difficulty.zoom * float(row["zoom"])
    a, b = cos(turn) / scale, sin(turn) / scale
    pad, half = ceil(size * (difficulty.shake + abs(difficulty.angle) + abs(difficulty.zoom))) + 2, size / 2
    u, v = half + dx, half + dy  # where the middle of the scene is seen
    matrix = (a, b, half + pad - a * u - b * v, -b, a, half + pad + b * u - a * v)

    def warp(picture: Image.Image, how: Image.Resampling) -> Image.Image:
        return picture.transform((size, size), Image.Transform.AFFINE, matrix, how)

    padded = np.pad(np.moveaxis(scene.planes, 0, -1), [(pad, pad), (pad, pad), (0, 0)], mode="edge")
    wide = Image.frombytes("RGBX", padded.shape[1::-1], padded.tobytes())
    planes = warp(wide, Image.Resampling.BILINEAR)
    colours = planes.filter(ImageFilter.GaussianBlur(difficulty.blur * size * float(row["blur"])))
    planes = np.concatenate([np.asarray(colours)[..., :3], np.asarray(planes)[..., 3:]], 2)
    near = [scene.owner, depth]
    near = [x if x is None else np.asarray(warp(Image.fromarray(np.pad(x, pad, mode="edge")), 0)) for x in near]
    return np.ascontiguousarray(np.moveaxis(planes, -1, 0)), *near


@lru_cache(maxsize=8)
def noise_tile(size: int, sigma: float) -> np.ndarray:
    """Gaussian noise of deviation `sigma` (of full scale), larger than a picture: int16, drawn once per process."""
    side = size + 64
    return np.rint(np.random.default_rng(7).normal(0, 255 * sigma, (3, side, side))).astype(np.int16)


def add_noise(taken: np.ndarray, seed: int, sigma: float) -> None:
    """Adds to each channel a window of the noise tile, whose place and sign the seed decides; in place."""
    size = taken.shape[-1]
    tile = noise_tile(size, sigma)
    for channel, plane in enumerate(taken):
        y, x = (seed >> (10 * channel)) % 64, (seed >> (10 * channel + 4)) % 64
        part = tile[(seed + channel) % 3, y : y + size, x : x + size]
        (np.subtract if seed >> (29 + channel) & 1 else np.add)(plane, part, out=plane)
