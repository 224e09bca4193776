"""Takes a picture of a scene: the camera has moved a little, sees it brighter or redder, and adds noise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil, cos, floor, sin

import numpy as np
from PIL import Image, ImageFilter

from .paste import Scene, four_bands

NEIGHBOURS = ((0, 0), (0, 1), (1, 0), (1, 1))  # down, right
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


@dataclass
class Shot:
    """What came out of the camera."""

    image: np.ndarray  # 3 S S int16, 0..255
    depth: np.ndarray  # S S float32: the room's depth in the picture's frame
    area: tuple[slice, slice]  # rows and columns outside which there are no things
    owner: np.ndarray  # h w uint8 of that area: k + 1 where thing k is seen, 0 the room


def shoot(scene: Scene, depth: np.ndarray, row: np.void, difficulty: Difficulty) -> Shot:
    """The picture of the scene, and who is seen where and the room's depth in the same frame."""
    size = depth.shape[-1]
    gains = 1 + difficulty.drift * row["drift"].astype(np.float64)
    gains *= 1 + difficulty.exposure * float(row["exposure"])
    weights = np.clip(np.rint(ONE * gains), 1, 2 * ONE - 1).astype(int).tolist()
    dx, dy = (difficulty.shake * size * row["shake"].astype(np.float64)).tolist()
    if difficulty.angle or difficulty.zoom or difficulty.blur:
        scene, depth = turned(scene, depth, row, difficulty, dx, dy)
        dx = dy = 0.0
    image = shifted(scene.planes[:3], dx, dy, weights)
    if difficulty.noise:
        add_noise(image, int(row["seed"]), difficulty.noise)
    area, owner = seen(scene, dx, dy)
    return Shot(np.clip(image, 0, 255, out=image), moved(depth, dx, dy), area, owner)


def seen(scene: Scene, dx: float, dy: float) -> tuple[tuple[slice, slice], np.ndarray]:
    """The area where things may be after the move, and who covers at least half of each of its pixels."""
    size = scene.planes.shape[-1]
    across, down = ceil(abs(dx)) + 1, ceil(abs(dy)) + 1
    rows, columns = scene.area
    area = (
        slice(max(rows.start - down, 0), min(rows.stop + down, size)),
        slice(max(columns.start - across, 0), min(columns.stop + across, size)),
    )
    cover = shifted(scene.planes[(slice(3, 4), *area)], dx, dy, [ONE])[0]
    return area, np.where(cover >= 128, moved(scene.owner[area], dx, dy), np.uint8(0))


def shifted(planes: np.ndarray, dx: float, dy: float, weights: list[int]) -> np.ndarray:
    """The planes (C H W uint8) moved right and down by sub-pixel amounts and weighted: int16, edges repeated.

    Each pixel mixes four neighbours. The picture is walked as one long row, which is fast; what wraps
    around at the sides is then overwritten by the repeated edge.
    """
    count, height, width = planes.shape
    ix, iy = floor(-dx), floor(-dy)
    fx, fy = -dx - ix, -dy - iy
    far = (1 if fx else 0, 1 if fy else 0)  # a whole-pixel move needs no second neighbour
    start, length = iy * width + ix, height * width
    low, high = max(0, -start), min(length, length - start - width * far[1] - far[0])
    out, buffer = np.empty((count, length), np.uint16), np.empty(high - low, np.uint16)
    taps = [low + start + down * width + right for down, right in NEIGHBOURS]
    for plane, total, target in zip(planes.reshape(count, -1), weights, out, strict=True):
        wide, inner = plane.astype(np.uint16), target[low:high]
        inner[...] = ONE // 2  # half, so that the shift below rounds
        for at, weight in zip(taps, tap_weights(fx, fy, total), strict=True):
            if weight:
                inner += np.multiply(wide[at : at + len(inner)], np.uint16(weight), out=buffer)
        inner >>= np.uint16(7)
    return repeat_edges(out.view(np.int16).reshape(count, height, width), ix, iy, far)


def tap_weights(fx: float, fy: float, total: int) -> tuple[int, int, int, int]:
    """Whole-number weights of the four neighbours; their sum is exactly `total`."""
    right, down = round(total * fx), round(total * fy)
    both = min(max(round(total * fx * fy), right + down - total), right, down)
    return total - right - down + both, right - both, down - both, both


def repeat_edges(taken: np.ndarray, ix: int, iy: int, far: tuple[int, int] = (0, 0)) -> np.ndarray:
    """Overwrites the rows and columns that came from outside the picture by the last ones from inside."""
    height, width = taken.shape[-2:]
    x0, x1 = max(0, -ix), min(width, width - ix - far[0])
    y0, y1 = max(0, -iy), min(height, height - iy - far[1])
    taken[..., :x0], taken[..., x1:] = taken[..., x0 : x0 + 1], taken[..., x1 - 1 : x1]
    taken[..., :y0, :], taken[..., y1:, :] = taken[..., y0 : y0 + 1, :], taken[..., y1 - 1 : y1, :]
    return taken


def moved(values: np.ndarray, dx: float, dy: float) -> np.ndarray:
    """The map (H W) moved right and down by the nearest whole pixel, edges repeated."""
    ix, iy = -floor(dx + 0.5), -floor(dy + 0.5)
    if not ix and not iy:
        return values
    height, width = values.shape
    out = np.empty_like(values)
    out[max(0, -iy) : height - max(0, iy), max(0, -ix) : width - max(0, ix)] = values[
        max(0, iy) : height - max(0, -iy), max(0, ix) : width - max(0, -ix)
    ]
    return repeat_edges(out, ix, iy)


def turned(scene: Scene, depth: np.ndarray, row: np.void, difficulty: Difficulty, dx: float, dy: float) -> tuple:
    """Scene and depth turned, enlarged and moved as one; only the colours are blurred."""
    size = len(depth)
    turn, scale = difficulty.angle * float(row["angle"]), 1 + difficulty.zoom * float(row["zoom"])
    a, b = cos(turn) / scale, sin(turn) / scale
    pad = ceil(size * (difficulty.shake + abs(difficulty.angle) + abs(difficulty.zoom))) + 2
    half, u, v = size / 2 + pad, size / 2 + dx, size / 2 + dy  # the scene's middle, and where it is seen
    matrix = (a, b, half - a * u - b * v, -b, a, half + b * u - a * v)

    def warp(array: np.ndarray, how: Image.Resampling = Image.Resampling.NEAREST) -> Image.Image:
        wide = np.pad(array, [(pad, pad), (pad, pad), (0, 0)][: array.ndim], mode="edge")
        picture = four_bands(wide) if array.ndim == 3 else Image.fromarray(wide)
        return picture.transform((size, size), Image.Transform.AFFINE, matrix, how)

    planes = warp(np.moveaxis(scene.planes, 0, -1), Image.Resampling.BILINEAR)
    sharp = np.moveaxis(np.asarray(planes), -1, 0)
    soft = planes.filter(ImageFilter.BoxBlur(difficulty.blur * size * float(row["blur"])))
    planes = np.concatenate([np.moveaxis(np.asarray(soft), -1, 0)[:3], sharp[3:]])
    whole = (slice(0, size), slice(0, size))
    return replace(scene, planes=planes, owner=np.asarray(warp(scene.owner)), area=whole), np.asarray(warp(depth))


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
