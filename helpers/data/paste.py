"""Puts cut-outs into a room: size and place from the row, the room's light, a shadow, furniture in front."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, frexp

import numpy as np
from PIL import Image, ImageFilter

EDGE = 4  # transparent pixels around a piece, so that a resize may read a little beyond it


@dataclass
class Scene:
    """A room with things in it, seen by a camera that has not moved: what `shoot` takes a picture of."""

    planes: np.ndarray  # 4 S S uint8: R G B and how much of the pixel is covered by things
    owner: np.ndarray  # S S uint8: k + 1 where thing k is in front, 0 where there is none
    area: tuple[slice, slice]  # rows and columns outside which there are no things


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
        small = np.asarray(four_bands(picture).reduce(step))
        bank.pieces[key] = four_bands(np.pad(small, [(EDGE, EDGE), (EDGE, EDGE), (0, 0)]))
    return bank.pieces[key]


def four_bands(array: np.ndarray) -> Image.Image:
    """A picture of four equal bands: as "RGBA" every resize would multiply by alpha once more."""
    height, width = array.shape[:2]
    return Image.frombytes("RGBX", (width, height), np.ascontiguousarray(array).tobytes())


def crop(bank, thing: int, flip: bool, frame: np.ndarray) -> tuple[np.ndarray, int, int] | None:
    """The thing at its sub-pixel place: crop 4 h w uint8 (colour times alpha, alpha) and its left and top pixel."""
    left, top, width, height = frame[:4].tolist()
    x0, y0 = max(floor(left), 0), max(floor(top), 0)
    x1, y1 = min(ceil(left + width), bank.size), min(ceil(top + height), bank.size)
    if x1 <= x0 or y1 <= y0:
        return None
    tall, wide = bank.cutouts[thing].picture.shape[:2]
    level = max(0, frexp(tall / height)[1] - 1)
    scale = tall / height / 2**level  # pixels of the piece per pixel of the picture, below 2
    start, end = (x0 - left) * scale, (x1 - left) * scale
    if flip:
        start, end = wide / 2**level - end, wide / 2**level - start
    box = (EDGE + start, EDGE + (y0 - top) * scale, EDGE + end, EDGE + (y1 - top) * scale)
    pixels = np.asarray(piece(bank, thing, level).resize((x1 - x0, y1 - y0), Image.Resampling.BILINEAR, box))
    return np.ascontiguousarray((pixels[:, ::-1] if flip else pixels).transpose(2, 0, 1)), x0, y0


def shadow(planes: np.ndarray, floor_seen: np.ndarray, lens: np.ndarray, frame: np.ndarray, strength: float) -> None:
    """Darkens the floor (where `floor_seen`, S S) around the feet by a soft ellipse, 0..strength; in place."""
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
    soft = np.maximum(1 - u * u - (v * v)[:, None], 0) * floor_seen[y0:y1, x0:x1]
    kept = 256 - (256 * strength * soft).astype(np.uint16)  # y x
    area = planes[:3, y0:y1, x0:x1]
    area[...] = area * kept >> 8


def paste(bank, row: np.void, frames: np.ndarray, lights: np.ndarray, edges: np.ndarray) -> Scene:
    """The row's room with its things in it, far ones first; K frames, lights (R G B gains) and edges, one per thing."""
    room, size = int(row["room"]), bank.size
    planes = np.zeros((4, size, size), np.uint8)
    planes[:3] = bank.planes[room]
    scene = Scene(planes, np.zeros((size, size), np.uint8), (slice(0, 0), slice(0, 0)))
    for k in np.argsort(-frames[:, 4], kind="stable"):
        if row["thing"][k] < 0:
            continue
        stands = frames[k, 4] > 0
        if stands:
            shadow(planes, bank.floor[room], bank.lens[room], frames[k], 0.1 + 0.6 * float(row["shadow"][k]))
        cut = crop(bank, int(row["thing"][k]), bool(row["flip"][k]), frames[k])
        if cut is None:
            continue
        pixels, x0, y0 = cut
        area = (slice(y0, y0 + pixels.shape[1]), slice(x0, x0 + pixels.shape[2]))
        if stands:  # something of the room in front hides; the floor itself hides nobody's feet
            front = (bank.depths[room][area] < frames[k, 4] - 0.05) & ~bank.floor[room][area]
            pixels = np.where(front, np.uint8(0), pixels) if front.any() else pixels
        else:
            pixels = rough_edge(pixels, float(edges[k]))
        lay(scene, area, pixels, lights[k], k + 1)
    return scene


def lay(scene: Scene, area: tuple[slice, slice], pixels: np.ndarray, light: np.ndarray, owner: int) -> None:
    """Lays pixels (4 h w: colour times alpha, alpha) in this light over an area of the scene, and marks the owner."""
    planes, owners, alpha = scene.planes[(slice(None), *area)], scene.owner[area], pixels[3]
    # where nothing covers yet it is the owner too: a camera that moves by half a pixel looks just beyond its edge
    owners[(alpha >= 128) | (planes[3] == 0) | ((alpha > 0) & (planes[3] < 128))] = owner
    gains = np.minimum([*light * 128, 128], 255).astype(np.uint16)  # alpha has no gain
    lit = np.minimum(pixels * gains[:, None, None] >> 7, alpha)  # 4 h w uint16
    kept = 256 - (alpha + (alpha >> 7).astype(np.uint16))  # 0..256
    planes[...] = (planes * kept + (lit << 8)) >> 8
    before = scene.area if scene.area[0].stop else area
    scene.area = tuple(slice(min(a.start, b.start), max(a.stop, b.stop)) for a, b in zip(before, area))


def lights(bank, rows: np.ndarray, stands: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Gain per channel of each thing: N K 3, from rows N, `stands` N K and draws N K 3 in 0..1.

    Who stands in a room is as bright and partly as tinted as the room. What has no place in space may have
    any brightness, and half of it another colour.
    """
    room = bank.light[rows["room"]][:, None]  # N 1 3
    mean = np.maximum(room.mean(-1, keepdims=True), 0.02)
    light, tint = rows["light"].astype(np.float64)[..., None], rows["tint"].astype(np.float64)[..., None]
    like_room = np.clip((mean / 0.42) ** 0.5, 0.6, 1.35) * (1 + 0.12 * light) * (1 + 0.5 * tint * (room / mean - 1))
    any_light = np.clip(1 + 0.3 * light, 0.25, 1.9) * (1 + np.maximum(tint - 0.5, 0) * (2 * draws - 1))
    return np.where(stands[..., None], like_room, any_light)


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
