"""Props: simple solids, the "synthetic" objects (label 0) beside the real people (label 1), and cars."""

import numpy as np

from ..drawn import Cutout, pick
from ..people.belongings import slab_on_legs
from ..people.cloth import plain_cloth
from ..people.easel import draw
from ..people.figures import Paint, Part, ball_part, box_part, lathe, moved_parts, tube
from .pen import curved
from .vehicles import car_parts

ACROSS, UP, AHEAD = np.eye(3)


def hsv(hue, saturation, value) -> np.ndarray:
    """Linear colours n 3 in 0..1 of n hues, saturations and values, each in 0..1."""
    hue, saturation, value = (np.atleast_1d(np.asarray(part, float)) for part in (hue, saturation, value))
    k = (np.array([5.0, 3.0, 1.0]) + 6 * hue[:, None]) % 6
    return (value[:, None] * (1 - saturation[:, None] * np.clip(np.minimum(k, 4 - k), 0, 1))) ** 2.2


def paints(rng: np.random.Generator, count: int = 4) -> np.ndarray:
    """A handful of linear colours count 3 in 0..1 that go together: saturated, muted, or nearly grey."""
    strong = rng.choice([0.85, 0.45, 0.08], p=[0.45, 0.4, 0.15])
    hues = rng.uniform() + rng.choice([0, 0.08, 0.5, 0.33], count) + rng.normal(0, 0.02, count)
    values = rng.permutation(np.linspace(rng.uniform(0.2, 0.6), rng.uniform(0.75, 1), count))
    return hsv(hues % 1, np.clip(rng.normal(strong, 0.1, count), 0, 1), values)


def banded(colours: np.ndarray) -> Paint:
    """Paint for what a lathe made: one colour for each line of its profile, over and over."""
    return lambda p: colours[np.floor(p[:, 1] + 1e-5).astype(int) % len(colours)]


def sectored(colours: np.ndarray) -> Paint:
    """Paint in sectors round the upright axis, twelve in all."""
    return lambda p: colours[np.floor(np.arctan2(p[:, 2], p[:, 0]) * 6 / np.pi).astype(int) % len(colours)]


def solid_box(width: float, height: float, long: float, colour, at=(0, 0, 0)) -> Part:
    """A box in metres whose bottom face is centred at `at`."""
    half = np.array([width, height, long]) / 2
    return box_part(np.asarray(at) + half * UP, half, plain_cloth(colour))


def cylinder(radius: float, height: float, colour, y: float = 0.0, top: float = 1.0, sides: int = 20) -> Part:
    """An upright cylinder or prism in metres; `top` scales its upper radius (0 gives a cone)."""
    profile = [(0, y), (radius, y), (radius * top, y + height), (0, y + height)]
    return lathe(profile, plain_cloth(colour), sides)


def sphere(radius: float, paint: Paint, y: float = 0.0) -> Part:
    """A ball whose lowest point is at height `y` metres."""
    turn = np.linspace(-np.pi / 2, np.pi / 2, 15)
    return lathe(np.stack([np.cos(turn), np.sin(turn) + 1], 1) * radius + [0, y], paint, 24)


def plain_prop(rng: np.random.Generator, c: np.ndarray) -> list[Part]:
    """One solid of the textbook: box, prism, pyramid, cylinder, cone, sphere."""
    w, d = rng.uniform(0.3, 1.1, 2)
    sides = int(rng.integers(3, 9))
    solids = [
        lambda: solid_box(w, 1, d, c[0]),
        lambda: cylinder(w / 2, 1, c[0], sides=sides),
        lambda: cylinder(0.6 * w, 1, c[0], top=0, sides=max(sides - 1, 3)),
        lambda: cylinder(w / 2, 1, c[0]),
        lambda: cylinder(0.6 * w, 1, c[0], top=rng.choice([0, 0, 0.4]), sides=24),
        lambda: sphere(0.5, plain_cloth(c[0])),
    ]
    return [solids[rng.integers(6)]()]


def torus(rng: np.random.Generator, c: np.ndarray) -> list[Part]:
    """A ring lying on the floor, or a stack of rings."""
    thick, turn = rng.uniform(0.12, 0.22), np.linspace(0, 2 * np.pi, 13)
    profile = np.stack([0.5 - thick * np.cos(turn), thick * (1 - np.sin(turn))], 1)
    rings = range(rng.choice([1, 2, 3]))
    return [lathe(profile, plain_cloth(c[i % 2]), 24, 1.8 * thick * i * UP, open=True) for i in rings]


def stack(rng: np.random.Generator, c: np.ndarray) -> list[Part]:
    """Two to four solids on top of each other, each a little smaller, turned by chance."""
    solids, y, w = [], 0.0, 0.8
    for i in range(rng.integers(2, 5)):
        tall = rng.uniform(0.3, 0.9) * w
        sides, top = int(rng.choice([3, 4, 4, 6, 20])), rng.choice([1, 0.8, 0.6])
        profile = [(0, y), (w / 2, y), (top * w / 2, y + tall), (0, y + tall)]
        solids.append(lathe(profile, plain_cloth(c[i]), sides, twist=rng.uniform(0, 3)))
        y, w = y + tall, w * top * rng.uniform(0.7, 1)
    last = [sphere(w / 2, plain_cloth(c[0]), y), cylinder(w / 2, w, c[0], y, 0), None][rng.integers(3)]
    return solids + [last] * (last is not None)


def traffic_cone(rng: np.random.Generator, c: np.ndarray) -> list[Part]:
    """A cone with pale bands on a square foot."""
    warm = hsv(rng.uniform(0.01, 0.09), 0.9, 0.95)[0] if rng.uniform() < 0.7 else c[0]
    cuts = np.linspace(0, 1, 6)
    profile = [(0, 0.06), *np.stack([0.3 - 0.25 * cuts, 0.06 + 0.94 * cuts], 1), (0, 1)]
    bands = np.array([warm, warm, [0.85] * 3, warm, [0.85] * 3, warm, warm])
    return [solid_box(0.8, 0.06, 0.8, warm * 0.7), lathe(profile, banded(bands), 20)]


def barrel(rng: np.random.Generator, c: np.ndarray) -> list[Part]:
    """A barrel, drum or bin with hoops of another colour."""
    belly = rng.choice([0.0, 0.12])
    y = np.array([0, 0.05, 0.25, 0.31, 0.5, 0.69, 0.75, 0.95, 1])
    radius = 0.32 + belly * np.sin(np.pi * y) + np.isin(y, [0.25, 0.31, 0.69, 0.75]) * 0.01
    return [lathe([(0, 0), *np.stack([radius, y], 1), (0, 0.99)], banded(c[[0, 1, 0, 1, 0, 0, 1, 0, 1, 2]]), 24)]


def crate_prop(rng: np.random.Generator, c: np.ndarray) -> list[Part]:
    """A crate: a box inside a frame of bars, sometimes with slats."""
    w, h, d = rng.uniform(0.6, 1.2, 3)
    timber = hsv(rng.uniform(0.06, 0.12), rng.uniform(0.3, 0.7), rng.uniform(0.4, 0.85))[0]
    wood, t = timber if rng.uniform() < 0.6 else c[0], 0.09
    solids = [solid_box(w, h - 0.02, d, wood * 0.6, (0, 0.01, 0))]
    for s in (-w / 2, w / 2):
        solids += [solid_box(t, h, t, wood, (s, 0, r)) for r in (-d / 2, d / 2)]
        solids += [solid_box(t, t, d, wood * 1.05, (s, y, 0)) for y in (0, h - t)]
    for r in (-d / 2, d / 2):
        solids += [solid_box(w, t, t, wood * 1.05, (0, y, r)) for y in (0, h / 2, h - t)]
    return solids


def ball_prop(rng: np.random.Generator, c: np.ndarray) -> list[Part]:
    """A ball with sectors or rings of several colours."""
    return [sphere(0.5, (banded, sectored)[rng.integers(2)](c[: rng.integers(2, 5)]))]


def seat_prop(rng: np.random.Generator, c: np.ndarray) -> list[Part]:
    """A chair, stool, table or bench: a slab on legs, with or without a back."""
    half = np.array([rng.choice([0.5, 0.55, 1.0, 1.4]), rng.uniform(0.04, 0.12), rng.uniform(0.4, 0.7)]) / 2
    leg, lean = rng.uniform(0.015, 0.04), rng.uniform(0, 0.06)
    back = rng.choice([0, rng.uniform(0.4, 0.7)], p=[0.4, 0.6])
    return slab_on_legs(half, rng.uniform(0.45, 0.85), leg, lean, back, plain_cloth(c[0]), plain_cloth(c[1]))


def sofa_prop(rng: np.random.Generator, c: np.ndarray) -> list[Part]:
    """An armchair or a sofa: cushions before a back, between two arms."""
    places, wide, high = int(rng.integers(1, 4)), rng.uniform(0.5, 0.7), rng.uniform(0.25, 0.4)
    half, cover, seat = places * wide / 2, plain_cloth(c[0]), plain_cloth(c[rng.integers(2)])
    parts = [solid_box(2 * half + 0.2, 0.24, 0.75, c[0], (0, 0.06, 0))]
    parts += [solid_box(0.06, 0.06, 0.06, c[2], (s * half, 0, r * 0.3)) for s in (-1, 1) for r in (-1, 1)]
    parts.append(ball_part((0, 0.4, -0.34), (half + 0.1, 0.1 + high, 0.13), cover, square=0.35, around=24))
    parts += [ball_part((s * (half + 0.1), 0.36, 0), (0.1, 0.24, 0.38), cover, square=0.4, around=24) for s in (-1, 1)]
    spots = (np.arange(places) - (places - 1) / 2) * wide
    return parts + [ball_part((x, 0.36, 0.04), (wide / 2, 0.1, 0.35), seat, square=0.4, around=24) for x in spots]


def shelf_prop(rng: np.random.Generator, c: np.ndarray) -> list[Part]:
    """Shelves with books and boxes on them, with or without a back."""
    wide, tall, deep, boards = rng.uniform(0.6, 1.2), rng.uniform(0.8, 1.9), rng.uniform(0.22, 0.4), rng.integers(2, 6)
    parts = [solid_box(0.03, tall, deep, c[0], (s * wide / 2, 0, 0)) for s in (-1, 1)]
    parts += [solid_box(wide, tall, 0.02, c[0] * 0.7, (0, 0, -deep / 2))] * int(rng.integers(2))
    for y in np.linspace(0.05, tall - 0.03, boards + 1):
        parts.append(solid_box(wide, 0.03, deep, c[0], (0, y, 0)))
        room, x = (tall - 0.08) / boards - 0.03, 0.04 - wide / 2
        while y < tall - 0.1 and x < wide * rng.uniform(0.1, 0.4):
            thick = rng.uniform(0.03, 0.2)
            size = thick, room * rng.uniform(0.4, 0.9), deep * rng.uniform(0.5, 0.8)
            parts.append(solid_box(*size, c[rng.integers(1, 4)], (x + thick / 2, y + 0.03, 0.05 * deep)))
            x += thick + 0.004
    return parts


def vessel(rng: np.random.Generator, c: np.ndarray) -> list[Part]:
    """A bottle, a vase, a bucket, a jug with its handle, or a goblet."""
    foot, belly, neck = rng.uniform(0.12, 0.25), rng.uniform(0.2, 0.38), rng.uniform(0.06, 0.25)
    profiles = [
        [(foot, 0), (belly, 0.35), (belly, 0.55), (neck, 0.75), (neck, 1)],
        [(foot, 0), (1.2 * foot, 0.5), (belly, 1)],
        [(foot, 0), (0.03, 0.06), (0.03, 0.5), (belly, 0.65), (0.9 * belly, 1)],
    ]
    kind = rng.choice(3, p=[0.5, 0.3, 0.2])
    profile = [(0, 0), *curved(profiles[kind], False, 5), (profiles[kind][-1][0] - 0.02, 0.99), (0, 0.8)]
    parts = [lathe(profile, banded(c[[0] * 8 + [1] * int(rng.integers(1, 6))]), 28)]
    if kind < 2 and rng.random() < 0.4:
        bow, side = np.linspace(1.2, -1.2, 9), 0.9 * max(foot, neck)
        path = np.stack([side + 0.25 * np.cos(bow), 0.55 + 0.28 * np.sin(bow), 0 * bow], -1)
        parts.append(tube(path, np.full(9, 0.03), AHEAD, plain_cloth(c[0]), around=8))
    return parts


def lamp_prop(rng: np.random.Generator, c: np.ndarray) -> list[Part]:
    """A lamp, sign, bollard or potted tree: a foot, a pole and something on top."""
    foot, pole, tall = rng.uniform(0.15, 0.3), rng.uniform(0.02, 0.05), rng.uniform(0.6, 1.3)
    w, kind = rng.uniform(0.25, 0.5), rng.integers(5)
    head = [
        lambda: cylinder(w * 0.8, w, c[1], tall, rng.uniform(0.3, 0.9)),
        lambda: sphere(w * 0.7, plain_cloth(c[1]), tall - 0.02),
        lambda: cylinder(w, 3 * w, c[1], tall * 0.5, 0),
        lambda: solid_box(2 * w, 1.4 * w, 0.03, c[1], (0, tall - 0.5 * w, pole)),
        lambda: ball_part((0, tall + w, 0), np.array([0.5, 1, 0.5]) * w, plain_cloth(c[1])),
    ][kind]()
    base = cylinder(foot, rng.uniform(0.04, 0.3), c[2], top=rng.uniform(0.6, 1.2))
    return [base, cylinder(pole, tall, c[0], sides=10), head]


def steps(rng: np.random.Generator, c: np.ndarray) -> list[Part]:
    """Steps, a wall of blocks, or an arch of boxes."""
    n, kind = int(rng.integers(2, 5)), rng.integers(3)
    if kind == 0:
        return [solid_box(1, (i + 1) / n, 0.3, c[i % 2], (0, 0, 0.3 * i)) for i in range(n)]
    if kind == 1:
        return [solid_box(0.25, rng.uniform(0.3, 1), 0.3, c[i % 4], (0.25 * i, 0, 0)) for i in range(n)]
    return [solid_box(0.2, 1, 0.3, c[0], (s, 0, 0)) for s in (-0.4, 0.4)] + [solid_box(1.1, 0.2, 0.35, c[1], (0, 1, 0))]


MAKERS = {  # what, how high in metres (from, to), and how often
    (plain_prop, 0.3, 1.8): 3, (torus, 0.3, 1.0): 1, (stack, 0.5, 1.8): 2, (traffic_cone, 0.45, 1.0): 1,
    (barrel, 0.6, 1.2): 1, (crate_prop, 0.3, 1.2): 1, (ball_prop, 0.3, 1.2): 1, (seat_prop, 0.6, 1.3): 2,
    (sofa_prop, 0.65, 0.95): 1, (shelf_prop, 0.6, 1.9): 1, (vessel, 0.25, 1.0): 1, (lamp_prop, 0.6, 1.8): 2,
    (steps, 0.4, 1.4): 1,
}  # fmt: skip


def prop(rng: np.random.Generator, size: int, pitch: float = 0.0) -> Cutout:
    """A simple solid that stands on the floor, drawn 0.8 `size` pixels on its longer side; seen from above."""
    make, low, high = pick(rng, MAKERS)
    made, gloss = make(rng, paints(rng)), rng.choice([0, 0.15, 0.5])
    parts = moved_parts(made, rng.uniform(0, 2 * np.pi))
    wide, tall, _ = np.ptp(np.concatenate([part.points for part in parts]), 0)
    scale = min(rng.uniform(low, high) / tall, 2 / wide)  # no wider than a door
    parts = [part._replace(points=part.points * scale, gloss=gloss) for part in parts]
    return draw(parts, size, rng, "prop", 0, (1.6, rng.uniform(3.0, 8.0)), pitch, longer=True)


def vehicle(rng: np.random.Generator, size: int, pitch: float = 0.0) -> Cutout:
    """A car, a van or a pick-up from any side, as large as it is."""
    parts = moved_parts(car_parts(rng), rng.uniform(0, 2 * np.pi))
    return draw(parts, size, rng, "car", 0, (1.6, rng.uniform(9.0, 25.0)), pitch, longer=True)
