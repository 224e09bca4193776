"""Pasting: each thing of a row at its size and place, in the room's light, behind what is nearer, pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, frexp
from weakref import WeakKeyDictionary

import numpy as np
from PIL import Image, ImageFilter

from .shadows import cast_shadows, darken_floor, drop_shadow

RIM = 4  # transparent pixels around a cut-out, so that a resize may read a little beyond it
PREPARED = WeakKeyDictionary()  # of each bank: its cut-outs, made ready for pasting as they are needed
NORMALS = WeakKeyDictionary()  # of each bank: where the surfaces of its cut-outs face
LIT = 0.7  # how much of a thing's light comes from the lamps, for one that gives all light of a room
SLACK = 0.05  # metres: something of the room must be so much nearer to hide a thing


@dataclass
class Pasted:
    """A room with its things in it, before its picture is taken, and after."""

    planes: np.ndarray  # 4 S S uint8: R G B, and how much of a pixel things cover
    owner: np.ndarray  # S S uint8: k + 1 for thing k, 0 for the room
    depth: np.ndarray  # S S float32 metres of the room
    near: np.ndarray  # S S float32 metres of the thing that owns a pixel; 0 where it has no place in space
    valid: np.ndarray  # S S bool: where the room's depth means something


def paste(bank, row: np.void, frames: np.ndarray, gains: np.ndarray, edges: np.ndarray, level) -> Pasted:
    """The row's room with its things in it, far ones first; K frames, gains and draws of the edge, one per thing."""
    room, size = int(row["room"]), bank.size
    seen = bank.later if row["moment"] < level.moment else bank.planes
    scene = Pasted(
        np.concatenate([seen[room], np.zeros((1, size, size), np.uint8)]),
        np.zeros((size, size), np.uint8),
        bank.depths[room],
        np.zeros((size, size), np.float32),
        bank.depth_valid[room],
    )
    order = [k for k in np.argsort(-frames[:, 4], kind="stable") if row["thing"][k] >= 0]
    for k in order:
        if frames[k, 4] > 0:
            darken_floor(
                scene.planes, bank.floor[room], bank.lens[room], frames[k], 0.1 + 0.6 * float(row["shadow"][k])
            )
            if row["cast"] < level.shadow:
                cast_shadows(scene.planes, bank, row, k)
        elif row["cast"] < level.shadow / 2:
            drop_shadow(scene.planes, bank, row, k, frames[k])
    for k in order:
        if frames[k, 4] > 0 and row["mirror"] < level.mirror:
            lay_reflection(scene, bank, row, k, frames[k], gains[k])
        lay_thing(scene, bank, row, k, frames[k], gains[k], float(edges[k]))
    return scene


def lay_thing(scene: Pasted, bank, row: np.void, k: int, frame: np.ndarray, gain: np.ndarray, edge: float) -> None:
    """Lays thing k over the scene where nothing nearer hides it."""
    thing, room, distance = int(row["thing"][k]), int(row["room"]), frame[4]
    cut = resized_cutout(bank, thing, bool(row["flip"][k]), frame)
    if cut is None:
        return
    pixels, area = cut
    if distance > 0:  # something in front hides; the floor itself hides nobody's feet
        near = np.float32(distance) - resized_relief(bank, thing, bool(row["flip"][k]), frame, area)
        before = np.where(scene.owner[area] > 0, scene.near[area], scene.depth[area])
        front = (before < near - SLACK) & ~(bank.floor[room][area] & (scene.owner[area] == 0)) & (before > 0)
        pixels = np.where(front, np.uint8(0), pixels) if front.any() else pixels
        pixels = lit_by_lamps(pixels, bank, row, k, frame, area)
    else:
        near = np.zeros((1, 1), np.float32)
        pixels = rough_edge(pixels, edge)
    lay_over(scene, area, pixels, gain, k + 1, near)


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


def resized_cutout(
    bank, thing: int, flip: bool, frame: np.ndarray, mirrored: bool = False
) -> tuple[np.ndarray, tuple[slice, slice]] | None:
    """The thing at its sub-pixel place: 4 h w uint8 (colour times alpha, alpha), and its rows and columns.

    `mirrored`: upside down below its frame, as a polished floor shows it.
    """
    left, top, width, height = frame[:4].tolist()
    top = top + height if mirrored else top
    x0, y0 = max(floor(left), 0), max(floor(top), 0)
    x1, y1 = min(ceil(left + width), bank.size), min(ceil(top + height), bank.size)
    if x1 <= x0 or y1 <= y0:
        return None
    tall, wide = bank.cutouts[thing].picture.shape[:2]
    level = max(0, frexp(tall / height)[1] - 1)
    scale = tall / height / 2**level  # pixels of the smaller copy per pixel of the picture, below 2
    across, down = [(x0 - left) * scale, (x1 - left) * scale], [(y0 - top) * scale, (y1 - top) * scale]
    if flip:
        across = [wide / 2**level - across[1], wide / 2**level - across[0]]
    if mirrored:
        down = [tall / 2**level - down[1], tall / 2**level - down[0]]
    box = (RIM + across[0], RIM + down[0], RIM + across[1], RIM + down[1])
    size = (x1 - x0, y1 - y0)
    pixels = np.asarray(prepared_cutout(bank, thing, level).resize(size, Image.Resampling.BILINEAR, box))
    pixels = pixels[:: -1 if mirrored else 1, :: -1 if flip else 1]
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)), (slice(y0, y1), slice(x0, x1))


def resized_relief(bank, thing: int, flip: bool, frame: np.ndarray, area: tuple[slice, slice]) -> np.ndarray:
    """Metres by which each pixel of the area lies nearer than the thing's foot; zeros for what is flat."""
    relief = bank.cutouts[thing].relief
    if relief is None:
        return np.zeros((1, 1), np.float32)
    return relief[nearest(relief.shape, flip, frame, area)].astype(np.float32)


def nearest(shape: tuple[int, int], flip: bool, frame: np.ndarray, area: tuple[slice, slice]) -> tuple:
    """Which row and column of a thing's map of this shape each pixel of the area shows."""
    rows, columns = (np.arange(part.start, part.stop) + 0.5 for part in area)
    (tall, wide), (left, top, width, height) = shape, frame[:4].tolist()
    down = ((rows - top) * (tall / height)).astype(np.intp).clip(0, tall - 1)
    right = ((columns - left) * (wide / width)).astype(np.intp).clip(0, wide - 1)
    return down[:, None], wide - 1 - right if flip else right


def lit_by_lamps(pixels: np.ndarray, bank, row: np.void, k: int, frame: np.ndarray, area: tuple) -> np.ndarray:
    """The pixels (4 h w) of thing k, brighter on the side of the room's lamps or sun and darker on the other."""
    thing, room, flip = int(row["thing"][k]), int(row["room"]), bool(row["flip"][k])
    lamps = bank.lights[room][bank.lights[room][:, 3] > 0]
    if bank.cutouts[thing].relief is None or not len(lamps):
        return pixels
    middle = np.array([row["x"][k], row["y"][k] + 0.6 * bank.metres[thing], row["z"][k]])
    right, up, ahead = (lamps[:, :3] - middle).T / np.linalg.norm(lamps[:, :3] - middle, axis=1).clip(min=0.1)
    tilt = bank.cameras[room].pitch
    seen = [
        -right if flip else right,
        up * np.cos(tilt) + ahead * np.sin(tilt),
        up * np.sin(tilt) - ahead * np.cos(tilt),
    ]
    light = (np.stack(seen) @ lamps[:, 3]).astype(np.float32)  # in the camera's axes, x to the thing's own right
    normals = surface_normals(bank, thing)
    lit = np.tensordot(light, normals, 1)
    gain = np.clip(1 + LIT * (lit - lit.mean()), 0.4, 1.6)[nearest(lit.shape, flip, frame, area)]
    colours = np.minimum(pixels[:3] * gain, pixels[3]).astype(np.uint8)
    return np.concatenate([colours, pixels[3:]])


def surface_normals(bank, thing: int) -> np.ndarray:
    """Where the thing's surface faces, 3 h w float32: to the right, up, and towards the camera; length 1."""
    kept = NORMALS.setdefault(bank, {})
    if thing not in kept:
        relief = bank.cutouts[thing].relief.astype(np.float32)
        down, right = np.gradient(relief * np.float32(len(relief) / bank.metres[thing]))  # pixels by pixel
        normals = np.stack([-right, down, np.ones_like(relief)])
        kept[thing] = normals / np.linalg.norm(normals, axis=0)
    return kept[thing]


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


def lay_over(scene: Pasted, area: tuple, pixels: np.ndarray, gain: np.ndarray, number: int, near: np.ndarray) -> None:
    """Lays pixels (4 h w: colour times alpha, alpha) with a gain over an area, and marks their owner and distance."""
    planes, alpha = scene.planes[(slice(None), *area)], pixels[3]
    # where nothing covers yet it is the owner too: a camera that moves by half a pixel looks just beyond its edge
    owns = (alpha >= 128) | (planes[3] == 0) | ((alpha > 0) & (planes[3] < 128))
    np.copyto(scene.owner[area], np.uint8(number), where=owns)
    np.copyto(scene.near[area], near, where=owns)
    lit = np.minimum(pixels * gain[:, None, None] >> 7, alpha)  # 4 h w uint16
    kept = 256 - (alpha + (alpha >> 7).astype(np.uint16))  # 0..256
    planes[...] = (planes * kept + (lit << 8)) >> 8


def lay_reflection(scene: Pasted, bank, row: np.void, k: int, frame: np.ndarray, gain: np.ndarray) -> None:
    """Mixes thing k, upside down below its feet, into the floor: more of it where the floor is more polished."""
    cut = resized_cutout(bank, int(row["thing"][k]), bool(row["flip"][k]), frame, mirrored=True)
    if cut is None:
        return
    pixels, area = cut
    room = int(row["room"])
    soft = ImageFilter.BoxBlur(0.1 * float(row["tint"][k] * frame[2]))
    blurred = four_bands(pixels.transpose(1, 2, 0)).filter(soft)
    pixels = np.asarray(blurred).transpose(2, 0, 1).astype(np.float32)
    share = max(float(bank.gloss[room]), 0.15) * (0.6 + 2.4 * float(row["shadow"][k]) ** 2)
    fade = 1 - 0.7 * (np.arange(area[0].start, area[0].stop) - frame[1] - frame[3]) / frame[3]
    weight = min(share, 0.75) * fade.clip(0, 1).astype(np.float32)[:, None] * bank.floor[room][area]
    floor = scene.planes[(slice(3), *area)]
    lit = pixels[:3] * (gain[:3, None, None] / np.float32(128))
    mixed = floor * (1 - weight * pixels[3] / 255) + lit * weight
    floor[...] = np.clip(mixed, 0, 255).astype(np.uint8)
