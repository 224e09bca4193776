"""Heads: skull, face, hair and hats.

A place on a head is (x, y, z) in its half width, its height (0 chin, 1 crown) and its half depth.
"""

from dataclasses import dataclass

import numpy as np

from .bodies import Body
from .cloth import LIVELY, QUIET, pick_colour, plain_cloth, printed
from .figures import Part, ball_part, loft, skin, tube

# Height, half width, front, back of the rings from the crown to under the chin.
HEAD = np.array(
    [
        [1.0, 0.985, 0.95, 0.89, 0.81, 0.72, 0.64, 0.56, 0.49, 0.41, 0.32, 0.24, 0.16, 0.09, 0.035, -0.005, -0.015],
        [0.0, 0.33, 0.58, 0.8, 0.93, 0.99, 1.0, 0.97, 0.94, 0.9, 0.84, 0.77, 0.67, 0.55, 0.42, 0.25, 0.0],
        [-0.03, 0.28, 0.52, 0.74, 0.88, 0.93, 0.94, 0.91, 0.89, 0.91, 0.92, 0.92, 0.92, 0.93, 0.88, 0.72, 0.4],
        [
            -0.03,
            -0.42,
            -0.68,
            -0.87,
            -0.97,
            -1.0,
            -0.99,
            -0.95,
            -0.89,
            -0.8,
            -0.68,
            -0.55,
            -0.42,
            -0.3,
            -0.15,
            0.0,
            0.4,
        ],
    ]
)
AROUND = 26
# The hair line: angle from the side (-90 back of the head, 90 face) -> height.
_ANGLE = np.radians([-90, -45, -12, 4, 16, 32, 50, 70, 90])
LINES = {
    "short": [0.24, 0.27, 0.40, 0.46, 0.50, 0.70, 0.79, 0.82, 0.83],
    "long": [0.05, 0.06, 0.10, 0.14, 0.26, 0.60, 0.77, 0.83, 0.86],
    "fringe": [0.05, 0.06, 0.10, 0.14, 0.24, 0.52, 0.66, 0.69, 0.69],
    "receding": [0.24, 0.27, 0.40, 0.46, 0.52, 0.74, 0.90, 0.95, 0.92],
    "cloth": [-0.1, -0.1, -0.1, -0.1, -0.05, 0.10, 0.66, 0.80, 0.82],
}


@dataclass(frozen=True)
class Face:
    """What a head looks like; colours are linear 0..1."""

    skin: np.ndarray
    hair: np.ndarray
    line: str = "short"  # one of LINES, or "none"
    volume: float = 0.10  # how far hair stands off, in half widths of the head
    curl: float = 0.0  # how lumpy it is
    beard: float = 0.0  # 0 none, 0.5 stubble, 1 full
    glasses: int = 0  # 0 none, 1 clear, 2 dark
    lips: float = 0.3  # 0 pale ... 1 painted
    tail: str = ""  # "", "bob", "long", "bun", "pony"
    bald: bool = False  # nothing above the line of the temples


def smooth_mesh(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """A soft step: 0 at `low` and before, 1 at `high` and beyond."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _hairy(face: Face, p: np.ndarray) -> np.ndarray:
    """How far inside the hair (positive) places p (n 3) on the head are, in heights of the head."""
    if face.line == "none":
        return np.full(len(p), -1.0)
    x, y, z = p.T
    ragged = 0.012 * np.sin(23 * x + 5 * z) + 0.008 * np.sin(41 * x - 17 * z)
    over = y - np.interp(np.arctan2(z, np.abs(x)), _ANGLE, LINES[face.line]) + ragged
    return np.minimum(over, 0.74 - y) if face.bald else over


def _bearded(p: np.ndarray) -> np.ndarray:
    """How far inside the beard (positive) places on the head are."""
    x, y, z = p.T
    jaw = np.minimum(0.34 - 0.10 * np.exp(-((x / 0.45) ** 2)) + 0.08 * np.abs(x) - y, z + 0.05 + 0.2 * y)
    mouth = np.sqrt((x / 0.36) ** 2 + ((y - 0.2) / 0.055) ** 2)
    moustache = 0.055 - np.abs(y - 0.275 + 0.06 * np.abs(x)) - 0.5 * np.clip(np.abs(x) - 0.42, 0, None)
    return np.maximum(np.minimum(jaw, (mouth - 1) * 0.1), np.where(z > 0, moustache, -1))


def _features(face: Face, p: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """The bare face painted: cheeks, lips, eyes, brows, glasses."""
    x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
    front = (z > 0.1)[:, None]

    def lay(colour, paint, share):  # paint laid over the face where share > 0
        return colour + (paint - colour) * (np.clip(share, 0, 1)[:, None] * front)

    cheek = np.exp(-(((x - 0.52) / 0.25) ** 2) - ((y - 0.36) / 0.08) ** 2)
    colour = lay(colour, face.skin * [1.08, 0.82, 0.80], 0.5 * cheek)
    socket = np.exp(-(((x - 0.42) / 0.24) ** 2) - ((y - 0.53) / 0.05) ** 2)
    colour = lay(colour, face.skin * [0.62, 0.52, 0.50], 0.55 * socket)
    lip = 1.6 - np.sqrt((x / 0.30) ** 2 + ((y - 0.205) / 0.036) ** 2) * 1.6
    rose = np.array([0.42, 0.09, 0.09]) * face.lips + face.skin * [0.72, 0.45, 0.43] * (1 - face.lips)
    colour = lay(colour, rose, lip)
    colour = lay(colour, face.skin * 0.25, 1.2 - np.abs(y - 0.207) / 0.008 - 3 * np.clip(x - 0.26, 0, None) / 0.1)
    eye = 2.2 - 2.2 * np.sqrt(((x - 0.41) / 0.19) ** 2 + ((y - 0.50) / 0.026) ** 2)
    colour = lay(colour, np.array([0.42, 0.40, 0.38]) * (0.35 + 0.9 * face.skin[0]), 0.9 * eye)
    colour = lay(colour, np.array([0.02, 0.014, 0.01]), np.minimum(eye * 3, 3 - 3 * np.abs(x - 0.41) / 0.085))
    lid = np.minimum(1.3 - np.abs(y - 0.527 + 0.35 * (x - 0.41) ** 2) / 0.011, 2 - 8 * np.abs(x - 0.41))
    colour = lay(colour, face.skin * 0.10, lid)
    brow = np.minimum(1.5 - np.abs(y - 0.612 + 0.25 * (x - 0.38) ** 2) / 0.016, 3 - 10 * np.abs(x - 0.42))
    colour = lay(colour, face.hair * 0.5 + 0.1 * face.skin, 0.85 * brow)
    if face.glasses:
        lens = np.sqrt(((x - 0.42) / 0.34) ** 2 + ((y - 0.49) / 0.085) ** 2)
        rim = 1.4 - np.abs(lens - 1) / 0.11 if face.glasses == 1 else 8 - 8 * lens
        bridge = 1.4 - np.abs(y - 0.525) / 0.013 - 9 * np.clip(x - 0.12, 0, None)
        colour = lay(colour, np.full(3, 0.012), np.maximum(rim, bridge))
    return colour


def _paint_head(face: Face, rng: np.random.Generator):
    """Paint of the head: skin and features, beard, hair with strands."""
    phase = rng.uniform(0, 6.3, 3)

    def paint(p: np.ndarray) -> np.ndarray:
        colour = np.broadcast_to(face.skin, (len(p), 3)).copy()
        colour = _features(face, p, colour)
        x, y, z = p.T
        around = np.arctan2(x, z + 0.15)
        strand = 0.86 + 0.2 * np.sin(21 * around + 5 * y + phase[0]) + 0.12 * np.sin(47 * around - 9 * y + phase[1])
        strand += face.curl * 0.5 * np.sin(30 * x + phase[2]) * np.sin(26 * z) * np.sin(60 * y)
        hair = face.hair * (strand[:, None] if face.line != "cloth" else 1)
        if face.beard:
            share = smooth_mesh(-0.02, 0.03, _bearded(p)) * face.beard
            colour += (hair * 0.8 - colour) * share[:, None]
        share = smooth_mesh(-0.006, 0.012, _hairy(face, p))
        return colour + (hair - colour) * share[:, None]

    return paint


def on_head(body: Body, p: np.ndarray) -> np.ndarray:
    """Points in metres of places p (... 3) on the body's head."""
    high = body.head_high
    return body.chin + (p * [0.335 * high, high, 0.42 * high]) @ body.skull.T


def shell(rows: np.ndarray) -> np.ndarray:
    """Places (rings, around, 3) on the bare head for rows of heights, half widths, fronts and backs."""
    angle = np.arange(AROUND) * (2 * np.pi / AROUND)
    y, wide, front, back = rows[..., None]
    middle, deep = (front + back) / 2, (front - back) / 2
    sin = np.sin(angle)
    x, z = wide * np.cos(angle), middle + deep * np.sign(sin) * np.abs(sin) ** 0.9
    return np.stack([x, np.broadcast_to(y, x.shape), z], -1)


def head(body: Body, face: Face, rng: np.random.Generator) -> list[Part]:
    """Head, nose, ears and the hair on it."""
    bare = shell(HEAD)
    flat = bare.reshape(-1, 3)
    lump = 1 + face.curl * np.sin(flat @ [9, 11, 5] + 1) * np.sin(flat @ [4, -17, 11])
    rise = face.volume * lump * smooth_mesh(-0.02, 0.16, _hairy(face, flat)) * (0.75 + 0.5 * (flat[:, 1] > 0.5))
    if face.beard > 0.8:
        rise = np.maximum(rise, 0.09 * smooth_mesh(-0.02, 0.08, _bearded(flat)))
    centre = np.array([0, 0.55, -0.05])
    outward = (flat - centre) * [1, 2.4, 1.2]
    outward /= np.sqrt((outward**2).sum(1, keepdims=True))
    grown = (flat + outward * [1, 0.36, 0.85] * rise[:, None]).reshape(bare.shape)
    paint = _paint_head(face, rng)
    parts = [skin(on_head(body, grown), bare, paint, gloss=0.06)]

    bare_skin = plain_cloth(face.skin)
    ridge = np.array([[0.56, 0.82], [0.49, 0.90], [0.40, 1.0], [0.345, 1.06], [0.315, 0.98], [0.30, 0.85]])
    nose = on_head(body, np.pad(ridge, ((0, 0), (1, 0))))
    size = np.array([0.02, 0.035, 0.045, 0.062, 0.055, 0.01]) * body.head_high
    parts.append(tube(nose, size, body.skull[:, 0], bare_skin, flat=1.15, around=8))
    if face.line not in ("long", "fringe", "cloth"):
        for s in (1, -1):
            half = np.array([0.022, 0.105, 0.062]) * body.head_high
            parts.append(ball_part(on_head(body, np.array([s * 0.97, 0.44, -0.12])), half, bare_skin, body.skull, 7, 8))
    return parts


def tails(body: Body, face: Face, rng: np.random.Generator) -> list[Part]:
    """Hair that leaves the head: a curtain, a bun, a pony tail."""
    phase, high = rng.uniform(0, 6.3), body.head_high

    def paint(p):
        strand = 0.8 + 0.22 * np.sin(p[:, 0] * 260 + 40 * p[:, 2] + phase) + 0.1 * np.sin(p[:, 0] * 610 + p[:, 1] * 20)
        return face.hair * strand[:, None]

    look = {"gloss": 0.07}
    if face.line == "cloth":  # a headscarf goes on round the neck and shoulders
        ease = np.array([0.012, 0.014, 0.016, 0.014, 0.011, 0.008, 0.004])
        return [body.torso(plain_cloth(face.hair), 0.36, 0.255, ease, 7, fold=0.25, open=True)]
    if face.tail in ("bob", "long"):
        drop = 0.02 if face.tail == "bob" else -rng.uniform(0.35, 1.0)
        y = np.linspace(0.80, drop, 10)
        places = np.stack([0 * y, y, np.full_like(y, -0.25)], -1)
        centres = on_head(body, places)
        fall = np.clip(0.3 - y, 0, None) * high
        centres = centres - body.thorax[:, 2] * (0.25 * fall)[:, None]
        fade = np.clip((y - drop) / 0.25, 0.0, 1) ** 0.5
        wide = (0.98 + 0.22 * smooth_mesh(0.8, 0.4, y) + face.volume * 0.5) * 0.335 * high * (0.55 + 0.45 * fade)
        ahead = np.interp(y, [drop, 0.1, 0.45, 0.8], [0.25, 0.42, 0.35, 0.1]) * 0.42 * high
        behind = np.interp(y, [drop, 0.1, 0.5, 0.8], [0.25, 0.62, 0.88, 0.7]) * 0.42 * high
        axes = body.skull[:, 0], body.skull[:, 2]
        return [loft(centres, *axes, wide, ahead, behind, y * high, paint, 22, open=True, **look)]
    if face.tail == "bun":
        spot = on_head(body, np.array([0, rng.uniform(0.6, 1.05), -1.12 + 0.25 * rng.random()]))
        return [ball_part(spot, np.full(3, rng.uniform(0.16, 0.24) * high), paint, body.skull, **look)]
    if face.tail == "pony":
        y = np.linspace(0.75, -rng.uniform(0.0, 0.5), 9)
        path = on_head(body, np.stack([0 * y, y, -1.0 - 0.35 * np.sin(np.linspace(0.2, 2.6, 9))], -1))
        size = np.interp(np.linspace(0, 1, 9), [0, 0.1, 0.4, 0.8, 1], [0.05, 0.09, 0.13, 0.09, 0.01]) * high
        return [tube(path, size, body.skull[:, 0], paint, **look)]
    return []


def cap(body: Body, paint, low=(0.72, 0.6), thick=0.1, brim=0.0, **look) -> list[Part]:
    """A hat down to heights `low` (front, back), `thick` half widths thick; a `brim` ahead (> 0) or all round (< 0)."""
    places = shell(HEAD[:, HEAD[0] > 0.5])
    flat = places.reshape(-1, 3)
    line = low[1] + (low[0] - low[1]) * (flat[:, 2] + 1) / 2
    inside = flat[:, 1] < line - 0.03
    centre = np.array([0, 0.6, -0.05])
    grown = centre + (flat - centre) * (1 + thick * np.array([1, 1.1, 0.85]))
    grown[inside] = centre + (flat[inside] - centre) * 0.9
    parts = [skin(on_head(body, grown.reshape(places.shape)), places, paint, **look)]
    if brim:
        half, rise, ahead = ([0.31, 0.014, 0.42 * brim], low[0] + 0.01, 0.75)
        if brim < 0:
            half, rise, ahead = ([-0.40 * brim, 0.016, -0.42 * brim], sum(low) / 2, -0.03)
        spot, half = on_head(body, np.array([0, rise, ahead])), np.array(half) * body.head_high
        parts.append(ball_part(spot, half, paint, body.skull, 7, 18 if brim > 0 else 24, **look))
    return parts


def hat(rng: np.random.Generator, body: Body, kind: str) -> list[Part]:
    """A hat of the kind: "cap", "beanie", "sun", or "" for none."""
    paint = printed(rng, pick_colour(rng, LIVELY, QUIET), 0.8)
    if kind == "cap":
        return cap(body, paint, (0.76, 0.56), 0.15, rng.uniform(0.9, 1.2))
    if kind == "beanie":
        return cap(body, paint, (0.74, 0.48), 0.2, fold=0.1)
    if kind == "sun":
        return cap(body, paint, (0.72, 0.62), 0.2, -rng.uniform(1.6, 2.3))
    return []
