"""Shadows that things cast: on floor, walls and furniture as the room's depth says, and the soft dark at the feet."""

from __future__ import annotations

from math import ceil, floor
from weakref import WeakKeyDictionary

import numpy as np
from PIL import Image, ImageFilter

SHAPES = WeakKeyDictionary()  # of each bank: silhouettes of its cut-outs, sharp and soft, made as they are needed
TALL, MARGIN = 64, 12  # pixels: height of a silhouette, and how far it goes on around it
SOFTEST = 5  # pixels of a silhouette: the blur of a shadow far from what casts it
FINE = 112  # points a side, about, at which a shadow is found
OWN = 0.4  # share of rows with a lamp of their own: a desk lamp, a lamp outside of the picture


def cast_shadows(planes: np.ndarray, bank, row: np.void, k: int) -> None:
    """Darkens what lies in thing k's shadow from the room's lamps or sun, and now and then from one more lamp."""
    rng = np.random.default_rng([int(row["seed"]), k, 5])
    room, thing = int(row["room"]), int(row["thing"][k])
    lights = bank.lights[room][bank.lights[room][:, 3] > 0]
    if not len(lights) or rng.random() < OWN:
        lights = own_lamp(rng, bank.cameras[room].height)
    step = max(1, round(bank.size / FINE))
    points = world_points(bank, room, step)
    foot = np.array([row["x"][k], row["y"][k], row["z"][k]], np.float32)
    shade, strength, soft = np.ones(points.shape[1:], np.float32), rng.uniform(0.5, 1.5), rng.uniform(0.02, 0.5) ** 2
    for light in lights[:3]:
        share = min(0.85, float(light[3]) * strength)
        blocked = shadow_of(bank, thing, bool(row["flip"][k]) ^ (light[0] > foot[0]), points, foot, light[:3], soft)
        shade *= 1 - share * blocked
    if step > 1:
        shade = np.asarray(Image.fromarray(shade).resize((bank.size, bank.size), Image.Resampling.BILINEAR))
    tint = 1 + rng.uniform(-0.02, 0.08) * np.array([1, 0, -1], np.float32)[:, None, None]  # less of the light's colour
    here = tuple(slice(each.min(), each.max() + 1) for each in np.nonzero(shade < 1)) if (shade < 1).any() else ()
    if here:
        area = planes[(slice(3), *here)]
        area[...] = area * shade[here] ** tint


def own_lamp(rng: np.random.Generator, eye: float) -> np.ndarray:
    """One lamp somewhere about the camera, 1 4: x, y, z in metres and its share of the light."""
    around, away = rng.uniform(0, 2 * np.pi), rng.uniform(1.5, 9)
    high = eye + rng.uniform(-0.3, 3.5)
    return np.array([[away * np.sin(around), max(high, 0.6), 3 + away * np.cos(around), rng.uniform(0.25, 0.75)]])


def world_points(bank, room: int, step: int = 1) -> np.ndarray:
    """What every `step`-th pixel of the room sees, 3 h w float32: x, y, z in metres about the camera's foot."""
    at = (np.arange(0, bank.size, step, dtype=np.float32) + np.float32(step / 2)).astype(np.float32)
    right, up, ahead = bank.cameras[room].rays(at, at[:, None], bank.size)
    depth = bank.depths[room][step // 2 :: step, step // 2 :: step]
    points = np.empty((3, *depth.shape), np.float32)
    for axis, ray in enumerate((right, up, ahead)):
        np.multiply(depth, ray.astype(np.float32), out=points[axis])
    points[1] += np.float32(bank.cameras[room].height)
    return points


def shadow_of(bank, thing: int, flip: bool, points: np.ndarray, foot: np.ndarray, light: np.ndarray, soft: float):
    """How much of the light to each point 3 S S is blocked, 0..1, by the thing that stands upright at its foot.

    The thing is taken as an upright card that faces the light: where the way from the point to the light meets it,
    its silhouette tells. The farther a point lies behind it, the softer: `soft` is the light's radius over distance.
    """
    across = np.float32([light[0] - foot[0], light[2] - foot[2]])
    away = float(np.hypot(*across))
    if away < 0.3:
        return np.zeros(points.shape[1:], np.float32)
    nx, nz = across / np.float32(away)
    px, py, pz = points[0] - foot[0], points[1] - foot[1], points[2] - foot[2]
    behind = -(px * nx + pz * nz)  # metres behind the card
    with np.errstate(divide="ignore", invalid="ignore"):
        share = behind / (behind + np.float32(away))  # of the way to the light at which the card is met
        up = py + share * (np.float32(light[1] - foot[1]) - py)
    metres = float(bank.metres[thing])
    high, wide = up / np.float32(metres), (pz * nx - px * nz) * (1 - share) / np.float32(metres * bank.aspect[thing])
    here = (share > 0.002) & (share < 1) & (high > -0.2) & (high < 1.2) & (np.abs(wide) < 0.75)
    shade = np.zeros(points.shape[1:], np.float32)
    if not here.any():
        return shade
    sharp, blurred = silhouette(bank, thing)
    rows = ((1 - high[here]) * TALL + MARGIN).astype(np.intp).clip(0, len(sharp) - 1)
    columns = (wide[here] * (-1 if flip else 1) + np.float32(0.5)) * (sharp.shape[1] - 2 * MARGIN) + MARGIN
    columns = columns.astype(np.intp).clip(0, sharp.shape[1] - 1)
    mix = np.minimum(behind[here] * np.float32(4 * soft), 1)
    shade[here] = sharp[rows, columns] * (1 - mix) + blurred[rows, columns] * mix
    return shade


def silhouette(bank, thing: int) -> tuple[np.ndarray, np.ndarray]:
    """The thing's alpha 0..1 as float32, TALL pixels high with a margin around it: nearly sharp, and soft."""
    kept = SHAPES.setdefault(bank, {})
    if thing not in kept:
        alpha = Image.fromarray(np.ascontiguousarray(bank.cutouts[thing].picture[..., 3]))
        small = alpha.resize((max(4, round(TALL * bank.aspect[thing])), TALL), Image.Resampling.BOX)
        wide = Image.fromarray(np.pad(np.asarray(small), MARGIN))
        blurs = (wide.filter(ImageFilter.GaussianBlur(radius)) for radius in (0.7, SOFTEST))
        kept[thing] = tuple(np.asarray(one, np.float32) / 255 for one in blurs)
    return kept[thing]


def drop_shadow(planes: np.ndarray, bank, row: np.void, k: int, frame: np.ndarray) -> None:
    """Darkens the picture beside a floating thing, as its shadow on a wall behind it; the thing comes over it."""
    rng = np.random.default_rng([int(row["seed"]), k, 6])
    size, (left, top, width, height) = planes.shape[-1], frame[:4]
    if not (height > 0 and width > 0):
        return
    shape = silhouette(bank, int(row["thing"][k]))[int(rng.random() < 0.5)]
    grow, (right, down) = rng.uniform(1, 1.25), rng.uniform(-0.5, 0.5, 2)
    lean = rng.uniform(-0.6, 0.6)  # how far the shadow's head goes aside, of its height
    v, u = (np.arange(size)[:, None] + 0.5 - top) / height, (np.arange(size) + 0.5 - left) / width
    v = (v - 0.5 - 0.4 * down) / grow + 0.5
    u = (u - 0.5 - right) / grow + 0.5 + lean * (v - 1) * height / width
    rows, columns = v * TALL + MARGIN, u * (shape.shape[1] - 2 * MARGIN) + MARGIN
    inside = (rows >= 0) & (rows < len(shape)) & (columns >= 0) & (columns < shape.shape[1])
    rows, columns = np.broadcast_to(rows, inside.shape)[inside].astype(np.intp), columns[inside].astype(np.intp)
    if bool(row["flip"][k]):
        columns = shape.shape[1] - 1 - columns
    shade = np.ones((size, size), np.float32)
    shade[inside] -= np.float32(rng.uniform(0.15, 0.7)) * shape[rows, columns]
    planes[:3] = planes[:3] * shade


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
