"""Animals on legs: dogs, cats, deer, bears, horses, birds and more, from one table of proportions."""

from typing import NamedTuple

import numpy as np

from .drawn import Cutout
from .easel import draw
from .figures import Paint, Part, ball, moved, tube
from .wardrobe import linear, over, plain

UP, AHEAD = np.array([0, 1.0, 0]), np.array([0, 0, 1.0])


class Kind(NamedTuple):
    """Proportions of an animal on four legs; lengths in heights of its back unless said."""

    tall: tuple  # metres, least and most
    long: float  # trunk
    deep: float  # half the depth of the trunk
    leg: float  # thickness of the legs
    neck: tuple  # length, rise in radians
    head: tuple  # length, half width, share of the snout, its thickness
    ear: tuple  # length, half width, spread (0 upright ... 2 hanging)
    tail: tuple  # length, half width, rise in radians
    coats: str  # hexadecimal colours
    marks: str = "belly"  # "belly", "patches", "stripes", "spots", "wool"
    horns: float = 0.0  # length of horns; below 0: antlers


KINDS = {
    "hound": Kind((0.5, 0.68), 1.05, 0.19, 0.045, (0.42, 0.9), (0.42, 0.11, 0.5, 0.6), (0.2, 0.07, 1.9), (0.5, 0.025, 0.4), "b07a45 2a211d d9c7a5 6b4a33 8c8780"),
    "terrier": Kind((0.28, 0.42), 1.15, 0.22, 0.06, (0.32, 1.0), (0.5, 0.15, 0.45, 0.65), (0.2, 0.07, 0.3), (0.32, 0.04, 1.2), "f0ebe2 b98a5a 3a322e c9a877", "patches"),
    "shepherd": Kind((0.55, 0.7), 1.12, 0.21, 0.055, (0.42, 0.85), (0.46, 0.13, 0.5, 0.55), (0.2, 0.07, 0.15), (0.6, 0.06, -0.6), "8a6238 5b4a3c 2b2522 d8d2c8"),
    "cat": Kind((0.24, 0.3), 1.35, 0.21, 0.05, (0.26, 0.8), (0.42, 0.17, 0.22, 0.6), (0.17, 0.08, 0.25), (0.95, 0.045, 0.9), "8f8a86 c98545 2a2828 e9e2d6 5b4a3c", "stripes"),
    "fox": Kind((0.36, 0.42), 1.35, 0.19, 0.045, (0.3, 0.75), (0.5, 0.15, 0.5, 0.45), (0.22, 0.08, 0.2), (0.95, 0.1, -0.25), "c2622b b5552a a89a8c"),
    "deer": Kind((0.85, 1.15), 1.0, 0.19, 0.034, (0.6, 1.05), (0.36, 0.085, 0.6, 0.6), (0.18, 0.05, 1.0), (0.12, 0.035, -0.6), "9a6a42 7d5836 b58a5c", "spots", -0.45),
    "horse": Kind((1.4, 1.65), 1.05, 0.20, 0.042, (0.58, 0.85), (0.42, 0.08, 0.6, 0.75), (0.09, 0.03, 0.1), (0.6, 0.05, -1.3), "5f3a22 2b211c a9794d d8d0c4 7d4a28"),
    "zebra": Kind((1.2, 1.4), 1.05, 0.21, 0.042, (0.5, 0.85), (0.42, 0.08, 0.6, 0.75), (0.12, 0.04, 0.2), (0.45, 0.03, -1.3), "e9e5dc", "stripes"),
    "cow": Kind((1.3, 1.5), 1.3, 0.27, 0.05, (0.35, 0.35), (0.4, 0.11, 0.55, 0.8), (0.14, 0.05, 1.6), (0.6, 0.025, -1.4), "efe9df 6b4028 2a2422 a8663a", "patches", 0.15),
    "sheep": Kind((0.65, 0.8), 1.2, 0.32, 0.045, (0.3, 0.7), (0.36, 0.1, 0.55, 0.7), (0.13, 0.04, 1.6), (0.2, 0.06, -1.2), "e6dfd0 d2c7b2 4a423c", "wool"),
    "goat": Kind((0.65, 0.8), 1.15, 0.24, 0.045, (0.42, 0.9), (0.36, 0.095, 0.55, 0.7), (0.17, 0.04, 1.6), (0.15, 0.04, 0.8), "e9e2d4 7a5a40 3a302a", "patches", 0.28),
    "pig": Kind((0.6, 0.85), 1.55, 0.36, 0.075, (0.22, 0.1), (0.5, 0.19, 0.5, 0.7), (0.18, 0.09, 1.2), (0.2, 0.015, 0.6), "dba79a c98f80 5a4a48", "patches"),
    "bear": Kind((0.85, 1.15), 1.4, 0.34, 0.12, (0.3, 0.3), (0.46, 0.17, 0.42, 0.55), (0.1, 0.07, 0.8), (0.1, 0.05, -1.0), "4a3222 2a211c 6b4a30 e6e0d2"),
    "tiger": Kind((0.9, 1.05), 1.45, 0.23, 0.075, (0.32, 0.45), (0.4, 0.15, 0.35, 0.75), (0.09, 0.06, 0.8), (0.9, 0.04, -0.7), "c9752f d8923f", "stripes"),
    "elephant": Kind((1.6, 2.6), 1.15, 0.30, 0.11, (0.2, 0.4), (0.42, 0.16, 0.3, 0.8), (0.36, 0.26, 1.3), (0.4, 0.02, -1.4), "7d7874 8f8780"),
}  # fmt: skip


def _coat(rng: np.random.Generator, marks: str, colour: np.ndarray, light: np.ndarray, size: float) -> Paint:
    """Fur with its marks; on a trunk local z points to the back, y runs along it."""
    phase, pitch = rng.uniform(0, 6.3, 4), rng.uniform(9, 15) / size

    def noise(p):
        x, y, z = p.T * pitch
        return np.sin(y + 1.5 * np.sin(0.7 * z + phase[0]) + phase[1]) + np.sin(
            0.8 * z + 1.2 * x + 1.4 * np.sin(0.6 * y + phase[2]) + phase[3]
        )

    dark = linear("1d1715")[0] if colour.mean() > 0.06 else colour * 2.2
    mark = {
        "belly": lambda p: (-p[:, 2] / size - 0.07) * 6,
        "patches": lambda p: (noise(p) - 0.3) * 5,
        "stripes": lambda p: (
            (np.sin(1.9 * p[:, 1] * pitch + 1.5 * np.sin(p[:, 2] * pitch * 0.6 + phase[0])) - 0.45) * 4
        ),
        "spots": lambda p: (
            (np.sin(p[:, 1] * 6 * pitch) * np.sin(p[:, 2] * 6 * pitch + np.sin(p[:, 1] * pitch)) - 0.6) * 4
        ),
        "wool": lambda p: 0.25 * np.sin(p[:, 1] * 9 * pitch + noise(p)) * np.sin(p[:, 2] * 8 * pitch) + 0.2,
    }[marks]
    other = {"belly": light, "spots": light, "wool": colour * 0.6}.get(marks, dark)
    return over(plain(colour), mark, plain(other))


def _legs(kind: Kind, paint: Paint, paw: Paint, rng: np.random.Generator, sits: bool) -> list[Part]:
    """Four legs in some moment of a walk; hind legs are folded where it sits."""
    parts, phase, step = [], rng.uniform(0, 1), rng.uniform(0.03, 0.2)
    wide, thick = kind.deep * 0.55, kind.leg
    for k, (s, fore) in enumerate(((1, 1), (-1, 1), (1, 0), (-1, 0))):
        angle = 2 * np.pi * (phase + (0.5, 0, 0.25, 0.75)[k])
        z, swing, lift = (
            (fore - 0.5) * 0.78 * kind.long,
            step * np.sin(angle) * (not sits),
            max(0, np.cos(angle)) * step * 0.5 * (not sits),
        )
        x = s * wide
        if fore:
            path = [
                [x * 0.8, 0.80, z - 0.02],
                [x, 0.66, z],
                [x, 0.45, z - 0.03 + 0.4 * swing],
                [x, 0.24, z + 0.8 * swing],
                [x, 0.09 + lift, z + swing],
                [x, 0.03 + lift, z + swing + 0.03],
            ]
            size = np.array([1.3, 2.0, 1.25, 0.95, 0.8, 0.95]) * thick
        elif sits:
            z += 0.18
            path = [
                [x, 0.36, z],
                [1.3 * x, 0.30, z + 0.14],
                [1.4 * x, 0.2, z + 0.22],
                [1.4 * x, 0.08, z + 0.1],
                [1.4 * x, 0.05, z + 0.2],
                [1.4 * x, 0.04, z + 0.3],
            ]
            size = np.array([2.6, 3.0, 2.2, 1.1, 0.9, 0.9]) * thick
        else:
            path = [
                [x * 0.8, 0.82, z],
                [x, 0.64, z + 0.05],
                [x, 0.47, z + 0.07 + 0.4 * swing],
                [x, 0.27, z - 0.07 + 0.8 * swing],
                [x, 0.09 + lift, z - 0.03 + swing],
                [x, 0.03 + lift, z + swing],
            ]
            size = np.array([1.6, 2.7, 1.7, 0.95, 0.8, 0.95]) * thick
        parts.append(tube(path, size, np.array([1.0, 0, 0]), paint, around=10, fold=0.04))
        foot = np.array(path[-1]) + [0, thick * 0.55 - 0.03 - min(path[-1][1] - 0.03, 0), 0.3 * thick]
        parts.append(ball(foot, np.array([1.0, 0.6, 1.35]) * thick, paw, rings=7, around=10))
    return parts


def _head(kind: Kind, spot: np.ndarray, fur: Paint, light: Paint, rng: np.random.Generator) -> list[Part]:
    """Head at `spot`: skull, snout, nose, eyes, ears, horns."""
    long, wide, snout, slim = kind.head
    nod = rng.uniform(-0.75, -0.1)
    way = np.array([0, np.sin(nod), np.cos(nod)])
    over_it = np.array([0, np.cos(nod), -np.sin(nod)])
    black, skull = plain(np.array([0.012, 0.01, 0.01])), 1 - snout
    at = np.array([-0.25, -0.1, 0.1, skull * 0.75, skull + 0.1, 0.85, 0.97, 1.0]) * long
    size = np.array([0.1, 0.75, 1.0, 0.95, slim * 1.05, slim * 0.85, slim * 0.7, 0.1]) * wide
    drop = np.array([0, 0, 0, -0.05, -0.2, -0.25, -0.25, -0.25])[:, None] * wide
    path = spot + at[:, None] * way + drop * over_it
    parts = [tube(path, size, over_it, fur, flat=1.05, fold=0.03)]
    parts.append(
        ball(
            path[-1] + 0.25 * wide * over_it * slim,
            np.full(3, 0.28 * wide * slim + 0.1 * wide),
            black,
            rings=5,
            around=8,
            gloss=0.3,
        )
    )
    length, flat, spread = kind.ear
    for s in (1, -1):
        side = np.array([s, 0, 0])
        parts.append(
            ball(
                spot + way * skull * 0.62 * long + over_it * 0.42 * wide + side * 0.74 * wide,
                np.full(3, 0.15 * wide),
                black,
                rings=5,
                around=8,
                gloss=0.5,
            )
        )
        root = spot + over_it * 0.75 * wide + side * 0.6 * wide - way * 0.05 * long
        out = side * np.sin(spread) + over_it * np.cos(spread) - 0.15 * way
        ear = [root - out * 0.03, root + out * 0.35 * length, root + out * 0.75 * length, root + out * length]
        parts.append(tube(ear, np.array([0.7, 1.0, 0.7, 0.08]) * flat, AHEAD, fur, flat=0.3, around=8))
        if kind.horns:
            rise = over_it * 0.9 + side * 0.5 - way * 0.3
            root = spot + over_it * 0.9 * wide + side * 0.35 * wide
            bend = np.linspace(0, 1, 6)[:, None] * abs(kind.horns)
            horn = root + rise * bend + (side * 0.8 - way * 0.5) * bend**2 / abs(kind.horns) * 0.5
            thick = np.linspace(0.022, 0.006, 6)
            parts.append(tube(horn, thick, AHEAD, light, around=6))
            for k in (2, 3, 4) if kind.horns < 0 else ():
                tip = horn[k] + (over_it + 0.8 * way) * 0.13
                parts.append(
                    tube([horn[k], (horn[k] + tip) / 2, tip], np.array([0.014, 0.012, 0.005]), side, light, around=6)
                )
    if kind is KINDS["elephant"]:
        trunk = path[-3] + np.array([[0, 0, 0], [0, -0.15, 0.06], [0, -0.32, 0.07], [0, -0.46, 0.1], [0, -0.52, 0.16]])
        parts.append(tube(trunk, np.array([0.1, 0.075, 0.06, 0.045, 0.03]), AHEAD, fur))
    return parts


def _beast(rng: np.random.Generator, name: str) -> list[Part]:
    """An animal on four legs, ahead along z, in metres."""
    kind = KINDS[name]
    coats = linear(*kind.coats.split())
    colour = coats[rng.integers(len(coats))] * rng.uniform(0.85, 1.15)
    pale = np.minimum(0.25 * colour + 0.75 * colour**0.55, 0.85)
    fur = _coat(rng, kind.marks, colour, pale, 1.0)
    limbs = plain(colour * 0.9) if kind.marks in ("belly", "spots", "wool") else fur
    if kind.marks == "wool" or name == "fox":
        limbs = plain(np.array([0.03, 0.025, 0.022]))
    sits = name in ("cat", "hound", "shepherd", "fox", "terrier") and rng.random() < 0.3
    half, deep = kind.long / 2, kind.deep
    z = np.array([-1.03, -1.0, -0.85, -0.5, 0.0, 0.5, 0.85, 1.02, 1.06]) * half
    size = np.array([0.1, 0.55, 0.88, 0.92, 0.9, 1.02, 0.9, 0.55, 0.1]) * deep
    y = 1 - deep * np.array([0.95, 0.95, 0.95, 0.95, 1.0, 1.05, 1.0, 0.95, 0.95])
    path = np.stack([0 * z, y, z], -1)
    if sits:
        share = ((z + half) / (2 * half)).clip(0)
        path[:, 1], path[:, 2] = 0.26 + 0.62 * share**1.1, half * (-0.45 + 1.05 * share)
    parts = [tube(path, size * 0.82, UP + 0.3 * AHEAD * sits, fur, flat=1.22, around=16, fold=0.05)]
    chest = path[6] + [0, 0.3 * deep, 0]
    long, rise = kind.neck[0], kind.neck[1] + rng.uniform(-0.35, 0.2)
    way = np.array([0, np.sin(rise), np.cos(rise)])
    spot = chest + way * long
    neck = chest + np.array([-0.15, 0.2, 0.6, 1.0])[:, None] * long * way
    thick = np.array([0.75 * deep, 0.62 * deep, kind.head[1] * 0.95, kind.head[1] * 0.8])
    parts.append(tube(neck, thick, np.array([1.0, 0, 0]), fur, around=14, fold=0.05))
    parts += _head(kind, spot, fur if kind.marks == "patches" else plain(colour), plain(pale), rng)
    parts += _legs(kind, limbs, plain(colour * 0.5), rng, sits)
    length, flat, rise = kind.tail
    bend = np.linspace(0, 1, 7)
    tail = (
        path[1]
        + [0, deep * 0.5 * (not sits), 0]
        + np.stack(
            [0 * bend, length * (bend * np.sin(rise) + 0.2 * bend**2 * (not sits)), -length * bend * np.cos(rise)], -1
        )
    )
    tail[:, 1] = np.maximum(tail[:, 1], flat + 0.01)
    parts.append(
        tube(tail, np.array([0.7, 0.8, 1, 1.1, 1.1, 0.9, 0.2]) * flat, np.array([1.0, 0, 0]), fur, around=8, fold=0.05)
    )
    scale = rng.uniform(*kind.tall)
    return [part._replace(points=part.points * scale) for part in parts]


# Height in metres, legs, neck, tilt of the body in radians, thickness, beak (all in lengths of the body), colours.
BIRDS = {
    "pigeon": (0.3, 0.35, 0.3, 0.45, 0.27, 0.14, "6f7681 8a8f98 b0a79c"), "crow": (0.4, 0.4, 0.25, 0.5, 0.25, 0.2, "15151a 22222a"),
    "gull": (0.45, 0.4, 0.28, 0.4, 0.26, 0.2, "e9e9e6 c9cdd2"), "duck": (0.4, 0.22, 0.4, 0.2, 0.3, 0.22, "5f4a35 e9e2d2 2f5540"),
    "goose": (0.8, 0.4, 0.85, 0.3, 0.3, 0.2, "efece4 8a8076"), "hen": (0.42, 0.45, 0.42, 0.55, 0.36, 0.1, "a8552f e9dfcc 3a2a22"),
    "heron": (0.95, 1.1, 1.1, 0.6, 0.2, 0.4, "8f979f b9b6ae"), "flamingo": (1.3, 1.6, 1.5, 0.4, 0.24, 0.22, "e39a90 d97f78"),
    "penguin": (0.75, 0.08, 0.12, 1.45, 0.27, 0.14, "1c2028"), "ostrich": (2.1, 1.1, 1.25, 0.25, 0.36, 0.2, "1f1c1a 6b5b4b"),
}  # fmt: skip


def _bird(rng: np.random.Generator, name: str) -> list[Part]:
    """A bird standing on two legs, ahead along z, in metres."""
    tall, legs, neck, tilt, thick, beak, codes = BIRDS[name]
    coats = linear(*codes.split())
    colour, second = coats[rng.integers(len(coats))], coats[rng.integers(len(coats))] * rng.uniform(0.5, 1.0)
    horn = plain(linear("d08a2a", "2c2826", "c9a24a", "b5533a")[rng.integers(4)])
    way, rise = np.array([0, np.sin(tilt), np.cos(tilt)]), np.array([0, np.cos(tilt), -np.sin(tilt)])
    body = np.array([0, legs + 0.36 * np.sin(tilt) + thick * 0.7 * np.cos(tilt), 0])
    breast = over(
        plain(colour), lambda p: (-p[:, 2] - 0.2 * thick) * 8, plain(np.minimum(0.2 * colour + 0.8 * colour**0.5, 0.85))
    )
    at = np.array([-0.62, -0.5, -0.3, 0.0, 0.25, 0.42, 0.5])
    size = np.array([0.15, 0.4, 0.75, 1.0, 0.95, 0.6, 0.1]) * thick
    parts = [tube(body + at[:, None] * way, size, rise, breast, flat=1.05, fold=0.04)]
    tail = body + np.array([-0.45, -0.65, -0.95])[:, None] * way
    parts.append(tube(tail, np.array([0.5, 0.55, 0.45]) * thick, rise, plain(second), flat=0.22, around=10))
    up = np.linspace(0, 1, 7)
    curve = body + 0.36 * way + np.stack([0 * up, neck * up, 0.28 * neck * np.sin(3.6 * up) + 0.12 * up], -1)
    slim = 0.09 if neck > 0.8 else 0.13 if neck > 0.35 else 0.17
    parts.append(
        tube(
            curve,
            np.interp(up, [0, 0.4, 1], [min(0.6 * thick, 2 * slim), slim, slim * 0.85]),
            AHEAD,
            plain(colour),
            fold=0.03,
        )
    )
    top = curve[-1] + [0, 0.03, 0.03]
    skull = 0.125 if neck < 0.8 else 0.11
    parts.append(ball(top, np.array([0.9, 0.95, 1.15]) * skull, plain(second if rng.random() < 0.4 else colour)))
    bill = top + np.array([[0, 0, 0.6 * skull], [0, -0.01, skull + 0.4 * beak], [0, -0.03, skull + beak]])
    parts.append(tube(bill, np.array([0.06, 0.04, 0.008]), UP, horn, around=8))
    for s in (1, -1):
        side = np.array([s, 0, 0])
        parts.append(
            ball(
                top + [s * 0.8 * skull, 0.02, 0.45 * skull],
                np.full(3, 0.022),
                plain(np.full(3, 0.01)),
                rings=5,
                around=6,
                gloss=0.5,
            )
        )
        axes = np.stack([side * s, rise, way], -1)
        parts.append(
            ball(
                body + side * thick * 0.82 - way * 0.12 + 0.02 * rise,
                np.array([0.2 * thick, 0.72 * thick, 0.55]),
                plain(second),
                axes,
                fold=0.08,
            )
        )
        step = s * rng.uniform(0, 0.1)
        hip, foot = body + side * 0.4 * thick - rise * 0.55 * thick, np.array([s * 0.4 * thick, 0.015, step])
        if tilt > 1.2:
            hip = np.array([s * 0.4 * thick, legs + 0.08, 0.05])
        parts.append(
            tube(
                [hip, (hip + foot) / 2 - [0, 0, 0.04 * legs], foot],
                np.array([0.035, 0.02, 0.02]),
                AHEAD,
                horn,
                around=6,
            )
        )
        for turn in (-0.5, 0, 0.5):
            tip = foot + 0.17 * np.array([np.sin(turn), 0, np.cos(turn)])
            parts.append(tube([foot, (foot + tip) / 2, tip], np.array([0.022, 0.018, 0.008]), UP, horn, around=6))
    high = max(part.points[:, 1].max() for part in parts)
    return [part._replace(points=part.points * (tall * rng.uniform(0.9, 1.1) / high)) for part in parts]


def creature(rng: np.random.Generator, size: int) -> Cutout:
    """An animal standing on the floor, about 0.8 * size pixels high."""
    if rng.random() < 0.7:
        parts = _beast(rng, str(rng.choice(list(KINDS))))
    else:
        parts = _bird(rng, str(rng.choice(list(BIRDS))))
    yaw = rng.choice([-1, 1]) * rng.normal(1.35, 0.5)
    low = min(part.points[:, 1].min() for part in parts)
    return draw(moved(parts, yaw, (0, -low, 0)), size, rng, "creature", 0, (1.6, rng.uniform(4.5, 9.0)))
