"""Puts cut-outs into a room: size and place from the row, the room's light, a shadow, furniture in front."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from PIL import Image, ImageFilter

EDGE = 4  # transparent pixels around a piece, so that a resize may read a little beyond it


@dataclass
class Scene:
    """A room with things in it, seen by a camera that has not moved: what `shoot` takes a picture of."""

    planes: np.ndarray  # 4 S S uint8: R G B and how much of the pixel is covered by things
    owner: np.ndarray | None  # S S uint8: k + 1 where thing k is in front; None where there is one thing only
    depths: list[float]  # metres of each thing, by k; 0 for what floats


def piece(bank, thing: int, level: int) -> Image.Image:
    """The cut-out at 1/2**level of its size, colours multiplied by alpha, with a transparent border of EDGE pixels.

    Smaller copies make the resize of a distant person cheap and free of jagged edges.
    """
    key = (thing, level)
    if key not in bank.pieces:
        picture = bank.cutouts[thing].picture.astype(np.uint16)
        alpha = picture[..., 3:]
        picture[..., :3] = (picture[..., :3] * alpha + 127) // 255
        step = 2**level
        picture = np.pad(picture.astype(np.uint8), [(0, -n % step) for n in picture.shape[:2]] + [(0, 0)])
        small = np.asarray(_four_bands(picture).reduce(step))
        bank.pieces[key] = _four_bands(np.pad(small, [(EDGE, EDGE), (EDGE, EDGE), (0, 0)]))
    return bank.pieces[key]


def _four_bands(array: np.ndarray) -> Image.Image:
    """A picture of four equal bands: as "RGBA" every resize would multiply by alpha once more."""
    height, width = array.shape[:2]
    return Image.frombytes("RGBX", (width, height), np.ascontiguousarray(array).tobytes())


def crop(bank, thing: int, flip: bool, frame: np.ndarray) -> tuple[np.ndarray, int, int] | None:
    """The thing at its sub-pixel place: crop h w 4 uint8 (colour times alpha, alpha) and its left and top pixel."""
    left, top, width, height = frame[:4]
    x0, y0 = max(floor(left), 0), max(floor(top), 0)
    x1, y1 = min(ceil(left + width), bank.size), min(ceil(top + height), bank.size)
    if x1 <= x0 or y1 <= y0:
        return None
    tall, wide = bank.cutouts[thing].picture.shape[:2]
    level = max(0, floor(np.log2(max(tall / height, 1))))
    scale = tall / height / 2**level  # pixels of the piece per pixel of the picture, below 2
    start, end = (x0 - left) * scale, (x1 - left) * scale
    if flip:
        start, end = wide / 2**level - end, wide / 2**level - start
    box = (EDGE + start, EDGE + (y0 - top) * scale, EDGE + end, EDGE + (y1 - top) * scale)
    pixels = np.asarray(piece(bank, thing, level).resize((x1 - x0, y1 - y0), Image.Resampling.BILINEAR, box))
    return (pixels[:, ::-1] if flip else pixels), x0, y0


def shadow(planes: np.ndarray, depth: np.ndarray, lens: np.ndarray, frame: np.ndarray, strength: float) -> None:
    """Darkens the floor around the feet by a soft ellipse, 0..strength; writes into `planes`."""
    size = planes.shape[-1]
    left, top, width, height, distance = frame
    eye, pitch, focal = lens
    across, foot = left + width / 2, top + height
    radius = 0.55 * width + 0.02 * height
    flat = radius * min(max(eye / distance, 0.12), 0.6)  # a circle on the floor, seen from the eye's height
    x0, x1 = max(floor(across - radius), 0), min(ceil(across + radius), size)
    y0, y1 = max(floor(foot - flat), 0), min(ceil(foot + flat), size)
    if x1 <= x0 or y1 <= y0:
        return
    u, v = (np.arange(x0, x1) + 0.5 - across) / radius, (np.arange(y0, y1) + 0.5 - foot) / flat
    soft = np.maximum(1 - u * u - (v * v)[:, None], 0)
    soft *= above_floor(depth[y0:y1, x0:x1], lens, y0, size) < 0.06
    kept = 256 - (256 * strength * soft).astype(np.uint16)  # y x
    area = planes[:3, y0:y1, x0:x1]
    area[...] = area * kept >> 8


def above_floor(depth: np.ndarray, lens: np.ndarray, y0: int, size: int) -> np.ndarray:
    """Height in metres above the floor of what each pixel of a crop sees; its first row is row y0 of the picture."""
    eye, pitch, focal = lens
    up = (size / 2 - 0.5 - y0 - np.arange(len(depth))) / focal
    return eye + depth * (up * np.cos(pitch) - np.sin(pitch))[:, None].astype(np.float32)


def blend(scene: np.ndarray, pixels: np.ndarray, light: np.ndarray) -> None:
    """Lays pixels (h w 4) in the light (3 numbers, 1 = as it is) over a crop (4 h w uint8) of the scene, in place."""
    alpha = pixels[..., 3].astype(np.uint16)
    cover = alpha + (alpha >> 7)  # 0..256
    gain = np.minimum(light * 128, 255).astype(np.uint16)
    colour = np.minimum(pixels[..., :3].transpose(2, 0, 1) * gain[:, None, None] >> 7, alpha)
    scene[:3] = (scene[:3] * (256 - cover) + colour * 256) >> 8
    scene[3] = (scene[3] * (256 - cover) + alpha * 256) >> 8


def paste(bank, row: np.void, frames: np.ndarray, draws: np.ndarray) -> Scene:
    """The row's room with its things in it, far ones first; frames K 5 as `geometry.frames` gives them."""
    room, size = int(row["room"]), bank.size
    planes = np.zeros((4, size, size), np.uint8)
    planes[:3] = bank.planes[room]
    order = [int(k) for k in np.argsort(-frames[:, 4], kind="stable") if row["thing"][k] >= 0]
    owner = np.zeros((size, size), np.uint8) if len(order) > 1 else None
    for k in order:
        stands = frames[k, 4] > 0
        if stands:
            shadow(planes, bank.depths[room], bank.lens[room], frames[k], 0.1 + 0.6 * float(row["shadow"][k]))
        cut = crop(bank, int(row["thing"][k]), bool(row["flip"][k]), frames[k])
        if cut is None:
            continue
        pixels, x0, y0 = cut
        area = np.s_[y0 : y0 + pixels.shape[0], x0 : x0 + pixels.shape[1]]
        if stands:
            pixels = hide(pixels, bank.depths[room][area], bank.lens[room], float(frames[k, 4]), y0, size)
            light = standing_light(bank.light[room], row, k)
        else:
            pixels, light = rough_edge(pixels, draws[k]), floating_light(row, k, draws[k])
        blend(planes[(slice(None), *area)], pixels, light)
        if owner is not None:
            alpha = pixels[..., 3]
            owner[area][(alpha >= 128) | ((alpha > 0) & (owner[area] == 0))] = k + 1
    return Scene(planes, owner, frames[:, 4].tolist())


def hide(pixels: np.ndarray, depth: np.ndarray, lens: np.ndarray, distance: float, y0: int, size: int) -> np.ndarray:
    """The pixels without those behind something of the room; the floor itself hides nobody's feet."""
    nearer = depth < distance - 0.05
    if not nearer.any():
        return pixels
    front = nearer & (above_floor(depth, lens, y0, size) > 0.06)
    return np.where(front[..., None], np.uint8(0), pixels) if front.any() else pixels


def standing_light(room: np.ndarray, row: np.void, k: int) -> np.ndarray:
    """Gain per channel of who stands in a room of this mean colour: as bright and partly as tinted as the room."""
    level = min(max((room.mean() / 0.42) ** 0.5, 0.6), 1.35) * (1 + 0.12 * float(row["light"][k]))
    tint = 0.5 * float(row["tint"][k])
    return level * (1 - tint + tint * room / max(room.mean(), 0.02))


def floating_light(row: np.void, k: int, draws: np.ndarray) -> np.ndarray:
    """Gain per channel of what has no place in space: any brightness, and for half of them another colour."""
    level = min(max(1 + 0.3 * float(row["light"][k]), 0.25), 1.9)
    tint = float(row["tint"][k])
    return level * (1 + max(tint - 0.5, 0) * (2 * draws[1:4] - 1))


def rough_edge(pixels: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """The pixels with a hard edge (a quarter of the draws), a soft one (a quarter) or as they are."""
    alpha = pixels[..., 3:]
    if draws[0] < 0.25:
        solid = np.minimum(pixels * (255 / np.maximum(alpha, 1)), 255).astype(np.uint8)
        return np.where(alpha >= 128, solid, np.uint8(0))
    if draws[0] < 0.75:
        return pixels
    reach = 0.08 * (float(draws[0]) - 0.75) * max(pixels.shape)
    return np.asarray(_four_bands(pixels).filter(ImageFilter.BoxBlur(reach)))
