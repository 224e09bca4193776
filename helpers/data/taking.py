"""Taking the picture: the camera has moved a little, the light has changed, it rains, and the picture is compressed."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from math import ceil, cos, sin

import numpy as np
from PIL import Image, ImageFilter

from .paste import Pasted


def take_picture(scene: Pasted, empty: np.ndarray, row: np.void, level) -> tuple[np.ndarray, Pasted]:
    """The image 3 S S uint8, and the scene as the moved camera sees it, its depth that of what is in front.

    `empty` is the room's picture, 3 S S, by which the exposure is set.
    """
    rng = np.random.default_rng([int(row["seed"]), 9])
    gains = 1 + level.drift * row["drift"].astype(np.float64)
    gains *= 1 + level.exposure * float(row["exposure"])
    if level.auto:
        brighter = (empty.mean() + 4) / (scene.planes[:3].mean() + 4)
        gains *= np.clip(brighter ** (level.auto * float(row["auto"])), 0.4, 2.5)
    if row["sway"] < level.sway:
        sway_part(scene.planes, scene.owner, rng)
    if row["patch"] < level.patch:
        light_patch(scene.planes, rng)
    if level.shake or level.angle or level.zoom or level.blur:
        scene = moved(scene, row, level)
    owner = scene.owner * (scene.planes[3] >= 128)  # where things cover at least half of the pixel
    covered = owner > 0
    image = scene.planes[:3] * gains.astype(np.float32)[:, None, None]
    if level.tone:  # another curve from light to grey, which bends what is dark and what is bright
        curve = np.linspace(0, 1, 256, dtype=np.float32) ** np.float32(np.exp(level.tone * float(row["tone"])))
        image = (255 * curve)[np.clip(image + np.float32(0.5), 0, 255).astype(np.uint8)]
    if row["weather"] < level.weather:
        fall(image, rng)
    if level.noise:
        add_noise(image, int(row["seed"]), level.noise)
    image = np.clip(image + np.float32(0.5), 0, 255, out=image).astype(np.uint8)
    if row["packed"] < level.packed:
        image = packed(image, rng)
    # what is seen of a thing has its distance; what floats has none
    valid = np.where(covered, scene.near > 0, scene.valid)
    depth = np.where(covered & (scene.near > 0), scene.near, scene.depth)
    return image, replace(scene, owner=owner, depth=depth, valid=valid)


def motion_matrix(row: np.void, level, size: int) -> tuple[float, ...]:
    """Where the moved camera looks: pixel (u, v) shows what was at (a u + b v + c, d u + e v + f)."""
    turn, scale = level.angle * float(row["angle"]), 1 + level.zoom * float(row["zoom"])
    dx, dy = (level.shake * size * row["shake"].astype(np.float64)).tolist()
    a, b = cos(turn) / scale, sin(turn) / scale
    half, u, v = size / 2, size / 2 + dx, size / 2 + dy  # the scene's middle, and where it is seen
    return a, b, half - a * u - b * v, -b, a, half + b * u - a * v


def moved(scene: Pasted, row: np.void, level) -> Pasted:
    """The scene turned, enlarged and moved as one; only the colours are blurred."""
    size = len(scene.owner)
    pad = ceil(size * (level.shake + abs(level.angle) + abs(level.zoom))) + 2
    a, b, c, d, e, f = motion_matrix(row, level, size)
    matrix = (a, b, c + pad, d, e, f + pad)
    repeated = np.arange(-pad, size + pad).clip(0, size - 1)

    def warp(array: np.ndarray, how: Image.Resampling = Image.Resampling.NEAREST) -> Image.Image:
        wide = array.take(repeated, -2).take(repeated, -1)
        picture = Image.fromarray(wide) if array.ndim == 2 else Image.merge("CMYK", [*map(Image.fromarray, wide)])
        return picture.transform((size, size), Image.Transform.AFFINE, matrix, how)

    sharp = warp(scene.planes, Image.Resampling.BILINEAR)
    soft = sharp.filter(ImageFilter.BoxBlur(level.blur * size * float(row["blur"]))) if level.blur else sharp
    planes = np.stack([*map(np.asarray, (*soft.split()[:3], sharp.getchannel(3)))])
    if b == 0 and a == 1:  # it moves by whole pixels, and the nearest are simply these
        rows, columns = ((np.arange(size) + round(by)).clip(0, size - 1) for by in (f, c))
        near = lambda array: array.take(rows, 0).take(columns, 1)  # noqa: E731
    else:
        near = lambda array: np.asarray(warp(array))  # noqa: E731
    maps = {name: near(getattr(scene, name)) for name in ("owner", "depth", "near")}
    valid = scene.valid if scene.valid.all() else near(scene.valid.astype(np.uint8)) > 0
    return Pasted(planes, valid=valid, **maps)


def camera_maps(camera, row: np.void, level, size: int) -> np.ndarray:
    """The two maps of the camera, 2 S S float32, as they are after it has moved."""
    a, b, c, d, e, f = motion_matrix(row, level, size)
    at = np.arange(size, dtype=np.float32) + np.float32(0.5)
    u, v = a * at + b * at[:, None] + c, d * at + e * at[:, None] + f
    right, rise, _ = camera.rays(u, v, size)
    return np.stack([-rise / camera.height, right]).astype(np.float32)


def smooth_field(rng: np.random.Generator, size: int, cells: int) -> np.ndarray:
    """A smooth random field S S of mean 0 and deviation about 1, with so many hills across."""
    small = Image.fromarray(rng.standard_normal((cells, cells)).astype(np.float32))
    return np.asarray(small.resize((size, size), Image.Resampling.BICUBIC))


def region(rng: np.random.Generator, size: int, low: float, high: float) -> np.ndarray:
    """A soft-edged random part of the picture, S S 0..1, that covers between these shares of it."""
    field = smooth_field(rng, size, int(rng.integers(3, 7)))
    edge = np.quantile(field, 1 - rng.uniform(low, high))
    return 1 / (1 + np.exp(np.clip((edge - field) * rng.uniform(2, 14), -30, 30)))


def light_patch(planes: np.ndarray, rng: np.random.Generator) -> None:
    """Makes a soft-edged part of the picture brighter or darker, as when the sun comes out; in place."""
    tint = rng.uniform(-0.5, 0.6) * (1 + rng.uniform(-0.12, 0.12, 3))
    gain = 1 + region(rng, planes.shape[-1], 0.05, 0.8) * tint[:, None, None]
    planes[:3] = np.clip(planes[:3] * gain.astype(np.float32), 0, 255)


def sway_part(planes: np.ndarray, owner: np.ndarray, rng: np.random.Generator) -> None:
    """Moves a part of the room by itself, each leaf's width its own way, and not what things cover; in place."""
    size = planes.shape[-1]
    where = region(rng, size, 0.1, 0.6) * (planes[3] == 0)
    cells = max(4, int(size / rng.uniform(3, 14)))
    strength = size / 96 * rng.uniform(0.5, 3.5)
    down, right = (smooth_field(rng, size, cells) * strength * where for _ in range(2))
    at = np.arange(size)
    rows, columns = np.rint(at[:, None] + down).astype(int), np.rint(at + right).astype(int)
    shown = planes[:3, rows.clip(0, size - 1), columns.clip(0, size - 1)]
    shown = shown * (1 + 0.12 * smooth_field(rng, size, cells) * where)
    still = planes[3, rows.clip(0, size - 1), columns.clip(0, size - 1)] > 0
    planes[:3] = np.where(still | (where == 0), planes[:3], np.clip(shown, 0, 255))


def fall(image: np.ndarray, rng: np.random.Generator) -> None:
    """Rain as slanting streaks, or snow as flakes, in front of everything; in place."""
    size, snow = image.shape[-1], rng.random() < 0.5
    count, long = int(rng.uniform(0.005, 0.03) * size * size), 1 if snow else max(2, int(size * rng.uniform(0.03, 0.1)))
    y, x, slant = *rng.integers(0, size, (2, count)), rng.normal(0, 0.3)
    bright = rng.uniform(0.15, 0.6 if snow else 0.35, count)
    for step in range(long):
        rows, columns = (y + step) % size, (x + int(step * slant)) % size
        image[:, rows, columns] += (240 - image[:, rows, columns]) * bright


def packed(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The image (uint8) as a JPEG, or interlaced (odd lines a moment later), or with a rim that shows nothing."""
    kind = rng.random()
    if kind < 0.4:
        image = image.copy()
        if kind < 0.2:
            image[:, 1::2] = np.roll(image[:, 1::2], int(rng.choice([-1, 1])), 2)
        else:
            rim, turned = int(rng.integers(1, 4)), np.rot90(image, int(rng.integers(4)), (1, 2))  # a view
            turned[:, :rim] = rng.choice([0, 0, rng.integers(256)])
        return image
    stream = BytesIO()
    Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0))).save(
        stream, "JPEG", quality=int(rng.integers(35, 95))
    )
    return np.asarray(Image.open(stream)).transpose(2, 0, 1)


@lru_cache(maxsize=8)
def noise_tape(size: int, sigma: float) -> np.ndarray:
    """Gaussian noise of deviation `sigma` (of full scale), longer than a picture: float32, drawn once per process."""
    return np.random.default_rng(7).normal(0, 255 * sigma, 2 * 3 * size * size).astype(np.float32)


def add_noise(image: np.ndarray, seed: int, sigma: float) -> None:
    """Adds to the image (float32) a stretch of the noise tape, or takes it away, as the seed decides; in place."""
    flat = image.reshape(-1)
    start = (seed >> 1) % len(flat)
    part = noise_tape(image.shape[-1], sigma)[start : start + len(flat)]
    (np.subtract if seed & 1 else np.add)(flat, part, out=flat)
