"""Things that stand in rooms, each a short list of solids about the origin; its front looks towards low z."""

import numpy as np

from ..raycast.materials import plain_material
from ..raycast.scene import Solid
from .exhibits import artwork
from .fittings import RoomKit, ball, box, pole


def bench(rng, k: RoomKit) -> list[Solid]:
    """A museum bench: a padded or wooden slab on two feet."""
    long, h = rng.uniform(1.2, 2.2), rng.uniform(0.4, 0.48)
    seat = box(k["fabric"] if rng.random() < 0.5 else k["wood"], long, 0.12, 0.5, y=h - 0.12)
    return [seat, *(box(k["dark"], 0.08, h - 0.12, 0.42, x=side * long * 0.36) for side in (-1, 1))]


def table(rng, k: RoomKit) -> list[Solid]:
    """A table with four legs, now and then with things on it."""
    w, d, h = rng.uniform(0.9, 1.8), rng.uniform(0.6, 0.9), rng.uniform(0.7, 0.78)
    legs = [
        box(k["dark"], 0.06, h - 0.05, 0.06, x=a * (w / 2 - 0.08), z=b * (d / 2 - 0.08))
        for a in (-1, 1)
        for b in (-1, 1)
    ]
    return [box(k["wood"], w, 0.05, d, y=h - 0.05), *legs, *(artwork(rng, k, h, 0.25) if rng.random() < 0.5 else [])]


def desk(rng, k: RoomKit) -> list[Solid]:
    """An office desk with a screen and a drawer block."""
    w, h = rng.uniform(1.2, 1.7), 0.74
    top = box(k["wood"] if rng.random() < 0.6 else k["light"], w, 0.04, 0.75, y=h - 0.04)
    sides = [box(k["metal"], 0.05, h - 0.04, 0.65, x=a * (w / 2 - 0.05)) for a in (-1, 1)]
    drawers = box(k["light"], 0.42, 0.6, 0.6, x=w / 2 - 0.3)
    screen = [
        pole(k["metal"], 0.05, 0.2, y=h, z=0.1),
        box(k["metal"], 0.56, 0.34, 0.03, y=h + 0.12, z=0.1, front=k["screen"]),
    ]
    paper = box(k["light"], 0.3, 0.02, 0.21, x=-0.4, z=-0.2, y=h, yaw=0.3)
    return [top, *sides, drawers, *screen, paper]


def chair(rng, k: RoomKit) -> list[Solid]:
    """A chair: seat, back and legs."""
    stuff = k["fabric"] if rng.random() < 0.6 else k["wood"]
    legs = [box(k["metal"], 0.035, 0.44, 0.035, x=a * 0.18, z=b * 0.18) for a in (-1, 1) for b in (-1, 1)]
    return [box(stuff, 0.44, 0.06, 0.44, y=0.42), box(stuff, 0.44, 0.42, 0.05, y=0.5, z=0.2), *legs]


def shelf(rng, k: RoomKit) -> list[Solid]:
    """A bookcase or a shop shelf: boards with a row of spines on each."""
    w, h, d = rng.uniform(0.8, 1.8), rng.uniform(1.2, 2.3), 0.35
    rows = int(h / 0.42)
    stuff = k["wood"] if rng.random() < 0.6 else k["light"]
    boards = [box(stuff, w, 0.03, d, y=0.05 + i * 0.4) for i in range(rows + 1)]
    goods = [
        box(k["books"], w - 0.06, 0.28 + 0.06 * rng.random(), d * 0.8, y=0.08 + i * 0.4)
        for i in range(rows)
        if rng.random() < 0.85
    ]
    ends = [box(stuff, 0.04, 0.08 + rows * 0.4, d, x=a * w / 2) for a in (-1, 1)]
    return [box(k["dark"], w, rows * 0.4 + 0.05, 0.03, z=d / 2), *boards, *goods, *ends]


def cabinet(rng, k: RoomKit) -> list[Solid]:
    """A closed cupboard or a chest of drawers."""
    w, h, d = rng.uniform(0.6, 1.6), rng.uniform(0.5, 1.9), rng.uniform(0.4, 0.6)
    stuff = [k["wood"], k["light"], k["accent"], k["metal"]][rng.integers(4)]
    seams = [
        box(k["dark"], 0.015, h - 0.1, d + 0.01, x=x, y=0.06)
        for x in np.linspace(-w / 2, w / 2, rng.integers(2, 5))[1:-1]
    ]
    return [box(stuff, w, h - 0.06, d, y=0.06, top=k["wood"]), box(k["dark"], w - 0.06, 0.06, d - 0.05), *seams]


def sofa(rng, k: RoomKit) -> list[Solid]:
    """A sofa with back, arms and cushions."""
    w = rng.uniform(1.4, 2.2)
    arms = [box(k["fabric"], 0.18, 0.6, 0.85, x=a * (w / 2 - 0.09)) for a in (-1, 1)]
    cushions = [
        box(k["accent"], 0.4, 0.35, 0.14, x=a * w * 0.25, y=0.45, z=0.15, yaw=0.1 * a)
        for a in (-1, 1)
        if rng.random() < 0.6
    ]
    return [box(k["fabric"], w, 0.42, 0.85), box(k["fabric"], w, 0.82, 0.22, z=0.32), *arms, *cushions]


def plant(rng, k: RoomKit) -> list[Solid]:
    """A plant in a pot: a cloud of leafy balls."""
    h = rng.uniform(0.7, 1.7)
    crown = [
        ball(
            k["leaf"],
            *rng.uniform(0.3, 0.6, 2),
            x=rng.normal(0, 0.16),
            z=rng.normal(0, 0.16),
            y=rng.uniform(0.3, 0.75) * h,
            grounded=False,
        )
        for _ in range(6)
    ]
    return [
        pole(k["accent"] if rng.random() < 0.5 else k["stone"], 0.36, 0.34),
        pole(k["dark"], 0.05, h * 0.6, y=0.3),
        *crown,
    ]


def lamp(rng, k: RoomKit) -> list[Solid]:
    """A standing lamp with a glowing shade."""
    shade = plain_material((0.95, 0.88, 0.7), glow=0.8)
    return [pole(k["metal"], 0.3, 0.03), pole(k["metal"], 0.03, 1.4), pole(shade, 0.36, 0.3, y=1.35)]


def whiteboard(rng, k: RoomKit) -> list[Solid]:
    """A whiteboard on wheels."""
    feet = [box(k["metal"], 0.04, 0.8, 0.04, x=a * 0.7) for a in (-1, 1)] + [
        box(k["metal"], 0.06, 0.05, 0.5, x=a * 0.7) for a in (-1, 1)
    ]
    return [box(k["light"], 1.5, 1.0, 0.04, y=0.8), *feet]
