"""Creatures: dogs, cats, deer, bears, horses and more on four legs, from one table of proportions, and birds."""

from typing import NamedTuple

import numpy as np

from ..drawn import Cutout
from .cloth import from_hex, over, plain_cloth
from .easel import draw
from .figures import Paint, Part, ball_part, moved_parts, tube

ACROSS, UP, AHEAD = np.eye(3)


class Kind(NamedTuple):
    """Proportions of an animal on four legs; lengths in heights of its back unless said."""

    tall: tuple[float, float]  # metres, least and most
    long: float  # trunk
    deep: float  # half the depth of the trunk
    leg: float  # thickness of the legs
    neck: tuple[float, float]  # length, rise in radians
    head: tuple[float, float, float, float]  # length, half width, share of the snout, its thickness
    ear: tuple[float, float, float]  # length, half width, spread (0 upright ... 2 hanging)
    tail: tuple[float, float, float]  # length, half width, rise in radians
    horns: float  # length; below 0: antlers
    marks: str  # "belly", "patches", "stripes", "spots", "wool"
    coats: np.ndarray  # linear colours


# name | metres | trunk: long deep | leg | neck | head | ear | tail | horns | marks | coats
_TABLE = """
hound|.5 .68|1.05|.19|.045|.42 .9|.42 .11 .5 .6|.2 .07 1.9|.5 .025 .4|0|belly|b07a45 2a211d d9c7a5 6b4a33 8c8780
terrier|.28 .42|1.15|.22|.06|.32 1|.5 .15 .45 .65|.2 .07 .3|.32 .04 1.2|0|patches|f0ebe2 b98a5a 3a322e c9a877
shepherd|.55 .7|1.12|.21|.055|.42 .85|.46 .13 .5 .55|.2 .07 .15|.6 .06 -.6|0|belly|8a6238 5b4a3c 2b2522 d8d2c8
cat|.24 .3|1.35|.21|.05|.26 .8|.42 .17 .22 .6|.17 .08 .25|.95 .045 .9|0|stripes|8f8a86 c98545 2a2828 e9e2d6 5b4a3c
fox|.36 .42|1.35|.19|.045|.3 .75|.5 .15 .5 .45|.22 .08 .2|.95 .1 -.25|0|belly|c2622b b5552a a89a8c
deer|.85 1.15|1|.19|.034|.6 1.05|.36 .085 .6 .6|.18 .05 1|.12 .035 -.6|-.45|spots|9a6a42 7d5836 b58a5c
horse|1.4 1.65|1.05|.2|.042|.58 .85|.42 .08 .6 .75|.09 .03 .1|.6 .05 -1.3|0|belly|5f3a22 2b211c a9794d d8d0c4 7d4a28
zebra|1.2 1.4|1.05|.21|.042|.5 .85|.42 .08 .6 .75|.12 .04 .2|.45 .03 -1.3|0|stripes|e9e5dc
cow|1.3 1.5|1.3|.27|.05|.35 .35|.4 .11 .55 .8|.14 .05 1.6|.6 .025 -1.4|.15|patches|efe9df 6b4028 2a2422 a8663a
sheep|.65 .8|1.2|.32|.045|.3 .7|.36 .1 .55 .7|.13 .04 1.6|.2 .06 -1.2|0|wool|e6dfd0 d2c7b2 4a423c
goat|.65 .8|1.15|.24|.045|.42 .9|.36 .095 .55 .7|.17 .04 1.6|.15 .04 .8|.28|patches|e9e2d4 7a5a40 3a302a
pig|.6 .85|1.55|.36|.075|.22 .1|.5 .19 .5 .7|.18 .09 1.2|.2 .015 .6|0|patches|dba79a c98f80 5a4a48
bear|.85 1.15|1.4|.34|.12|.3 .3|.46 .17 .42 .55|.1 .07 .8|.1 .05 -1|0|belly|4a3222 2a211c 6b4a30 e6e0d2
tiger|.9 1.05|1.45|.23|.075|.32 .45|.4 .15 .35 .75|.09 .06 .8|.9 .04 -.7|0|stripes|c9752f d8923f
elephant|1.6 2.6|1.15|.3|.11|.2 .4|.42 .16 .3 .8|.36 .26 1.3|.4 .02 -1.4|0|belly|7d7874 8f8780
"""


def _kind(row: str) -> tuple[str, Kind]:
    """Name and proportions that a row of the table gives."""
    name, *cells, marks, coats = row.split("|")
    numbers = [tuple(float(x) for x in cell.split()) for cell in cells]
    return name, Kind(*(n if len(n) > 1 else n[0] for n in numbers), marks, from_hex(coats))


KINDS = dict(_kind(row) for row in _TABLE.strip().splitlines())


def _coat(rng: np.random.Generator, marks: str, colour: np.ndarray, light: np.ndarray) -> Paint:
    """Fur with its marks; on a trunk local z points to the back, y runs along it, one unit = height of the back."""
    (a, b, c, d), pitch = rng.uniform(0, 6.3, 4), rng.uniform(9, 15)

    def blotch(x, y, z):
        wave = np.sin(y + 1.5 * np.sin(0.7 * z + a) + b)
        return wave + np.sin(0.8 * z + 1.2 * x + 1.4 * np.sin(0.6 * y + c) + d)

    shares = {
        "belly": lambda x, y, z: -6 * z / pitch - 0.4,
        "patches": lambda x, y, z: 5 * blotch(x, y, z) - 1.5,
        "stripes": lambda x, y, z: 4 * np.sin(1.9 * y + 1.5 * np.sin(0.6 * z + a)) - 1.8,
        "spots": lambda x, y, z: 4 * np.sin(6 * y) * np.sin(6 * z + np.sin(y)) - 2.4,
        "wool": lambda x, y, z: 0.25 * np.sin(9 * y + blotch(x, y, z)) * np.sin(8 * z) + 0.2,
    }
    dark = np.array([0.012, 0.009, 0.008]) if colour.mean() > 0.06 else colour * 2.2
    other = {"belly": light, "spots": light, "wool": colour * 0.6}.get(marks, dark)
    return over(plain_cloth(colour), lambda p: shares[marks](*(p.T * pitch)), plain_cloth(other))


# Height, place ahead of the limb's root, thickness; swing and lift grow towards the paw.
_FORE = np.array([[0.8, 0.66, 0.45, 0.24, 0.09, 0.03], [-0.02, 0, -0.03, 0, 0, 0.03], [1.3, 2, 1.25, 0.95, 0.8, 0.95]])
_HIND = np.array([[0.82, 0.64, 0.47, 0.27, 0.09, 0.03], [0, 0.05, 0.07, -0.07, -0.03, 0], [1.6, 2.7, 1.7, 1, 0.8, 1]])
_FOLDED = np.array([[0.36, 0.3, 0.2, 0.08, 0.05, 0.04], [0.18, 0.3, 0.4, 0.3, 0.4, 0.5], [2.6, 3, 2.2, 1, 0.9, 0.9]])
_SWING, _LIFT = np.array([0, 0, 0.4, 0.8, 1, 1]), np.array([0, 0, 0, 0, 1, 1])


def _legs(kind: Kind, paint: Paint, paw: Paint, rng: np.random.Generator, sits: bool) -> list[Part]:
    """Four legs in some moment of a walk; hind legs are folded where it sits."""
    parts, phase, step = [], rng.uniform(0, 1), 0.0 if sits else rng.uniform(0.03, 0.2)
    for k, (s, fore) in enumerate(((1, 1), (-1, 1), (1, 0), (-1, 0))):
        angle = 2 * np.pi * (phase + (0.5, 0, 0.25, 0.75)[k])
        y, z, size = _FORE if fore else _FOLDED if sits else _HIND
        x = s * kind.deep * 0.55 * np.where(np.arange(6) == 0, 0.8, 1.4 if sits and not fore else 1)
        y = y + _LIFT * max(0, np.cos(angle)) * step * 0.5
        path = np.stack([x, y, z + (fore - 0.5) * 0.78 * kind.long + _SWING * step * np.sin(angle)], -1)
        parts.append(tube(path, size * kind.leg, ACROSS, paint, around=10, fold=0.04))
        foot = path[-1] + [0, kind.leg * 0.55 - 0.03, 0.3 * kind.leg]
        parts.append(ball_part(foot, np.array([1.0, 0.6, 1.35]) * kind.leg, paw, rings=7, around=10))
    return parts


def _head(kind: Kind, spot: np.ndarray, fur: Paint, light: Paint, nod: float) -> list[Part]:
    """Head at `spot`, turned up by `nod`: skull and snout, nose, eyes, ears, horns, an elephant's trunk."""
    long, wide, snout, slim = kind.head
    way, top = np.array([0, np.sin(nod), np.cos(nod)]), np.array([0, np.cos(nod), -np.sin(nod)])
    at = np.array([-0.25, -0.1, 0.1, 0.75 * (1 - snout), 1.1 - snout, 0.85, 0.97, 1.0]) * long
    size = np.array([0.1, 0.75, 1.0, 0.95, slim * 1.05, slim * 0.85, slim * 0.7, 0.1]) * wide
    drop = np.array([0, 0, 0, -0.05, -0.2, -0.25, -0.25, -0.25])[:, None] * wide
    path, black = spot + at[:, None] * way + drop * top, plain_cloth(np.array([0.012, 0.01, 0.01]))
    parts = [tube(path, size, top, fur, flat=1.05, fold=0.03)]
    nose = np.full(3, (0.28 * slim + 0.1) * wide)
    parts.append(ball_part(path[-1] + 0.25 * slim * wide * top, nose, black, rings=5, around=8, gloss=0.3))
    length, flat, spread = kind.ear
    for s in (1, -1):
        side = s * ACROSS
        eye = spot + way * (1 - snout) * 0.62 * long + top * 0.42 * wide + side * 0.74 * wide
        parts.append(ball_part(eye, np.full(3, 0.15 * wide), black, rings=5, around=8, gloss=0.5))
        root, out = spot + (0.75 * top + 0.6 * side) * wide, side * np.sin(spread) + top * np.cos(spread) - 0.15 * way
        ear = root + np.array([-0.1, 0.35, 0.75, 1.0])[:, None] * length * out
        parts.append(tube(ear, np.array([0.7, 1.0, 0.7, 0.08]) * flat, AHEAD, fur, flat=0.3, around=8))
        if kind.horns:
            parts += _horn(spot + (0.9 * top + 0.35 * side) * wide, side, top, way, kind.horns, light)
    if kind.ear[1] > 0.2:
        trunk = path[-3] + np.array([[0, 0, 0], [0, -0.15, 0.06], [0, -0.32, 0.07], [0, -0.46, 0.1], [0, -0.52, 0.16]])
        parts.append(tube(trunk, np.array([0.1, 0.075, 0.06, 0.045, 0.03]), AHEAD, fur))
    return parts


def _horn(root, side, top, way, length: float, paint: Paint) -> list[Part]:
    """A bent horn, or an antler with its tines where the length is negative."""
    bend = np.linspace(0, 1, 6)[:, None]
    horn = root + abs(length) * ((top * 0.9 + side * 0.5 - way * 0.3) * bend + (side * 0.4 - way * 0.25) * bend**2)
    parts = [tube(horn, np.linspace(0.022, 0.006, 6), AHEAD, paint, around=6)]
    for k in (2, 3, 4) if length < 0 else ():
        tine = horn[k] + np.array([[0], [0.5], [1]]) * (top + 0.8 * way) * 0.13
        parts.append(tube(tine, np.array([0.014, 0.012, 0.005]), side, paint, around=6))
    return parts


def _tail(kind: Kind, root: np.ndarray, fur: Paint, sits: bool) -> Part:
    """A tail from `root`, never below the floor."""
    length, flat, rise = kind.tail
    bend = np.linspace(0, 1, 7)
    up = length * (bend * np.sin(rise) + 0.2 * bend**2 * (not sits))
    tail = root + np.stack([0 * bend, up, -length * bend * np.cos(rise)], -1)
    tail[:, 1] = np.maximum(tail[:, 1], flat + 0.01)
    return tube(tail, np.array([0.7, 0.8, 1, 1.1, 1.1, 0.9, 0.2]) * flat, ACROSS, fur, around=8, fold=0.05)


def beast(rng: np.random.Generator, name: str) -> list[Part]:
    """An animal of KINDS on four legs, looking along z, as solids in metres."""
    kind = KINDS[name]
    colour = kind.coats[rng.integers(len(kind.coats))] * rng.uniform(0.85, 1.15)
    pale = np.minimum(0.25 * colour + 0.75 * colour**0.55, 0.85)
    fur = _coat(rng, kind.marks, colour, pale)
    limbs = plain_cloth(colour * 0.9) if kind.marks in ("belly", "spots") else fur
    limbs = plain_cloth(np.array([0.03, 0.025, 0.022])) if kind.marks == "wool" or name == "fox" else limbs
    sits = kind.tall[1] < 0.75 and kind.marks != "wool" and rng.random() < 0.25
    half, deep = kind.long / 2, kind.deep
    z = np.array([-1.03, -1.0, -0.85, -0.5, 0.0, 0.5, 0.85, 1.02, 1.06]) * half
    size = np.array([0.1, 0.55, 0.88, 0.92, 0.9, 1.02, 0.9, 0.55, 0.1]) * deep * 0.82
    y = 1 - deep * np.array([0.95, 0.95, 0.95, 0.95, 1.0, 1.05, 1.0, 0.95, 0.95])
    if sits:
        share = ((z + half) / (2 * half)).clip(0)
        y, z = 0.26 + 0.62 * share**1.1, half * (-0.45 + 1.05 * share)
    path = np.stack([0 * z, y, z], -1)
    parts = [tube(path, size, UP + 0.3 * AHEAD * sits, fur, flat=1.22, around=16, fold=0.05)]
    rise, chest = kind.neck[1] + rng.uniform(-0.35, 0.2), path[6] + [0, 0.3 * deep, 0]
    neck = np.array([0, np.sin(rise), np.cos(rise)]) * kind.neck[0]
    thick = np.array([0.75 * deep, 0.62 * deep, kind.head[1] * 0.95, kind.head[1] * 0.8])
    parts.append(tube(chest + np.array([-0.15, 0.2, 0.6, 1])[:, None] * neck, thick, ACROSS, fur, around=14, fold=0.05))
    skin = fur if kind.marks == "patches" else plain_cloth(colour)
    parts += _head(kind, chest + neck, skin, plain_cloth(pale), rng.uniform(-0.75, -0.1))
    parts += _legs(kind, limbs, plain_cloth(colour * 0.5), rng, sits)
    parts.append(_tail(kind, path[1] + [0, 0 if sits else deep * 0.5, 0], fur, sits))
    scale = rng.uniform(*kind.tall)
    return [part._replace(points=part.points * scale) for part in parts]


# name: height in metres; legs, neck, tilt of the body in radians, thickness, beak in lengths of the body; colours.
BIRDS = {
    "pigeon": (0.3, 0.35, 0.3, 0.45, 0.27, 0.14, "6f7681 8a8f98 b0a79c"),
    "crow": (0.4, 0.4, 0.25, 0.5, 0.25, 0.2, "15151a 22222a"),
    "gull": (0.45, 0.4, 0.28, 0.4, 0.26, 0.2, "e9e9e6 c9cdd2"),
    "duck": (0.4, 0.22, 0.4, 0.2, 0.3, 0.22, "5f4a35 e9e2d2 2f5540"),
    "goose": (0.8, 0.4, 0.85, 0.3, 0.3, 0.2, "efece4 8a8076"),
    "hen": (0.42, 0.45, 0.42, 0.55, 0.36, 0.1, "a8552f e9dfcc 3a2a22"),
    "heron": (0.95, 1.1, 1.1, 0.6, 0.2, 0.4, "8f979f b9b6ae"),
    "flamingo": (1.3, 1.6, 1.5, 0.4, 0.24, 0.22, "e39a90 d97f78"),
    "penguin": (0.75, 0.08, 0.12, 1.45, 0.27, 0.14, "1c2028"),
    "ostrich": (2.1, 1.1, 1.25, 0.25, 0.36, 0.2, "1f1c1a 6b5b4b"),
}
HORN = from_hex("d08a2a 2c2826 c9a24a b5533a")  # beaks and feet


def _side(s: int, name: str, body, way, rise, wing: Paint, horn: Paint, step: float) -> list[Part]:
    """Wing, leg and foot on side s."""
    _, legs, _, tilt, thick, _, _ = BIRDS[name]
    side, axes = s * ACROSS, np.stack([ACROSS, rise, way], -1)
    shoulder = body + side * thick * 0.82 - way * 0.12 + 0.02 * rise
    parts = [ball_part(shoulder, np.array([0.2 * thick, 0.72 * thick, 0.55]), wing, axes, fold=0.08)]
    foot, hip = np.array([s * 0.4 * thick, 0.015, step]), body + side * 0.4 * thick - rise * 0.55 * thick
    hip = np.array([s * 0.4 * thick, legs + 0.08, 0.05]) if tilt > 1.2 else hip
    leg = [hip, (hip + foot) / 2 - 0.04 * legs * AHEAD, foot]
    parts.append(tube(leg, np.array([0.035, 0.02, 0.02]), AHEAD, horn, around=6))
    for angle in (-0.5, 0, 0.5):
        toe = foot + np.array([[0], [0.5], [1]]) * 0.17 * np.array([np.sin(angle), 0, np.cos(angle)])
        parts.append(tube(toe, np.array([0.022, 0.018, 0.008]), UP, horn, around=6))
    return parts


def _crown(top: np.ndarray, skull: float, beak: float, paint: Paint, horn: Paint) -> list[Part]:
    """Head at `top` with beak and eyes."""
    parts = [ball_part(top, np.array([0.9, 0.95, 1.15]) * skull, paint)]
    bill = top + np.array([[0, 0, 0.6 * skull], [0, -0.01, skull + 0.4 * beak], [0, -0.03, skull + beak]])
    parts.append(tube(bill, np.array([0.06, 0.04, 0.008]), UP, horn, around=8))
    for s in (1, -1):
        eye = top + [s * 0.8 * skull, 0.02, 0.45 * skull]
        parts.append(ball_part(eye, np.full(3, 0.022), plain_cloth(np.full(3, 0.01)), rings=5, around=6, gloss=0.5))
    return parts


def bird_parts(rng: np.random.Generator, name: str) -> list[Part]:
    """A bird of BIRDS standing, looking along z, as solids in metres."""
    tall, legs, neck, tilt, thick, beak, codes = BIRDS[name]
    coats, horn = from_hex(codes), plain_cloth(HORN[rng.integers(len(HORN))])
    colour, second = coats[rng.integers(len(coats))], coats[rng.integers(len(coats))] * rng.uniform(0.5, 1.0)
    way, rise = np.array([0, np.sin(tilt), np.cos(tilt)]), np.array([0, np.cos(tilt), -np.sin(tilt)])
    body = np.array([0, legs + 0.36 * np.sin(tilt) + thick * 0.7 * np.cos(tilt), 0])
    pale = plain_cloth(np.minimum(0.2 * colour + 0.8 * colour**0.5, 0.85))
    breast = over(plain_cloth(colour), lambda p: (-p[:, 2] - 0.2 * thick) * 8, pale)
    at = np.array([-0.62, -0.5, -0.3, 0.0, 0.25, 0.42, 0.5])[:, None]
    size = np.array([0.15, 0.4, 0.75, 1.0, 0.95, 0.6, 0.1]) * thick
    parts = [tube(body + at * way, size, rise, breast, flat=1.05, fold=0.04)]
    tail = body + np.array([-0.45, -0.65, -0.95])[:, None] * way
    parts.append(tube(tail, np.array([0.5, 0.55, 0.45]) * thick, rise, plain_cloth(second), flat=0.22, around=10))
    up = np.linspace(0, 1, 7)
    curve = body + 0.36 * way + np.stack([0 * up, neck * up, 0.28 * neck * np.sin(3.6 * up) + 0.12 * up], -1)
    slim = 0.09 if neck > 0.8 else 0.13 if neck > 0.35 else 0.17
    width = np.interp(up, [0, 0.4, 1], [min(0.6 * thick, 2 * slim), slim, slim * 0.85])
    parts.append(tube(curve, width, AHEAD, plain_cloth(colour), fold=0.03))
    head = plain_cloth(second if rng.random() < 0.4 else colour)
    parts += _crown(curve[-1] + [0, 0.03, 0.03], 0.125 if neck < 0.8 else 0.11, beak, head, horn)
    for s in (1, -1):
        parts += _side(s, name, body, way, rise, plain_cloth(second), horn, s * rng.uniform(0, 0.1))
    high = max(part.points[:, 1].max() for part in parts)
    return [part._replace(points=part.points * (tall * rng.uniform(0.9, 1.1) / high)) for part in parts]


def creature(rng: np.random.Generator, size: int, pitch: float = 0.0, longer: bool = False) -> Cutout:
    """An animal standing on the floor, about 0.8 * size pixels high (or on its longer side)."""
    make, names = (beast, KINDS) if rng.random() < 0.7 else (bird_parts, BIRDS)
    parts = make(rng, str(rng.choice(list(names))))
    yaw = rng.choice([-1, 1]) * rng.normal(1.35, 0.5)
    low = min(part.points[:, 1].min() for part in parts)
    eye = (1.6, rng.uniform(4.5, 9.0))
    return draw(moved_parts(parts, yaw, (0, -low, 0)), size, rng, "creature", 0, eye, pitch, longer)
