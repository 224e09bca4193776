"""What a museum adds to furniture: plinths, statues, show cases, columns, ropes and free-standing walls."""

import numpy as np

from ..raycast.materials import pictured, plain_material
from ..raycast.scene import Solid
from ..textures.paintings import painting
from .fittings import RoomKit, ball, box, corners_of, pole

ROPES, SAG = ((0.5, 0.05, 0.08), (0.1, 0.1, 0.3), (0.05, 0.05, 0.05)), (0.05, 0.12, 0.12, 0.05)


def plinth(rng, k: RoomKit) -> list[Solid]:
    """A pedestal with a vase, a bust, a globe or an abstract sculpture on it."""
    h, w = rng.uniform(0.7, 1.2), rng.uniform(0.35, 0.6)
    foot = box(k["light"] if rng.random() < 0.7 else k["stone"], w, h, w)
    return [foot, *artwork(rng, k, h, w * 0.8)]


def artwork(rng, k: RoomKit, y: float, w: float) -> list[Solid]:
    """A small work of art that stands at height `y`."""
    stuff = [k["stone"], k["accent"], k["metal"], k["dark"]][rng.integers(4)]
    kind = rng.integers(5)
    if kind == 0:  # vase
        rim = pole(stuff, w * 0.42, 0.03, y=y + w * 1.2)
        return [ball(stuff, w * 0.8, w * 0.9, y=y), pole(stuff, w * 0.28, w * 0.45, y=y + w * 0.75), rim]
    if kind == 1:  # bust
        chest, neck = ball(stuff, w, w * 0.7, y=y - w * 0.15, d=w * 0.6), pole(stuff, w * 0.24, w * 0.3, y=y + w * 0.4)
        return [chest, neck, ball(stuff, w * 0.42, w * 0.56, y=y + w * 0.6, d=w * 0.5)]
    if kind == 2:  # stacked stones
        return [ball(stuff, w * s, w * 0.42, y=y + w * 0.38 * i) for i, s in enumerate((0.9, 0.7, 0.55, 0.35))]
    if kind == 3:  # globe on a stand
        return [pole(k["metal"], 0.04, w * 0.4, y=y), ball(stuff, w * 0.8, w * 0.8, y=y + w * 0.35)]
    upright = box(stuff, w * 0.5, w * 1.4, w * 0.2, y=y, yaw=rng.uniform(0, 3))
    return [upright, box(stuff, w * 0.9, w * 0.2, w * 0.2, y=y + w, yaw=rng.uniform(0, 3))]


def statue(rng, k: RoomKit, style: str = "museum") -> list[Solid]:
    """A standing figure of stone or metal on a low base, or a large one on a "monument"."""
    s, base = (rng.uniform(1.2, 1.6), 1.0) if style == "monument" else (rng.uniform(0.9, 1.3), 0.35)
    m = k["stone"] if rng.random() < 0.7 else k["metal"]
    return [
        box(k["stone"], base / 2 + 0.5, base, base / 2 + 0.5),
        pole(m, 0.38 * s, 0.85 * s, y=base, d=0.3 * s),
        ball(m, 0.5 * s, 0.7 * s, y=base + 0.7 * s, d=0.34 * s),
        pole(m, 0.13 * s, 0.15 * s, y=base + 1.33 * s),
        ball(m, 0.22 * s, 0.28 * s, y=base + 1.43 * s),
    ]


def column(rng, k: RoomKit, height: float = 3.5) -> list[Solid]:
    """A round or square column with base and capital."""
    w = rng.uniform(0.35, 0.6)
    shaft = pole(k["stone"], w, height) if rng.random() < 0.6 else box(k["stone"], w, height, w)
    return [shaft, box(k["stone"], w * 1.4, 0.2, w * 1.4), box(k["stone"], w * 1.4, 0.18, w * 1.4, y=height - 0.18)]


def ropes(rng, k: RoomKit) -> list[Solid]:
    """Brass posts with a rope between them, as before a painting."""
    brass, rope = plain_material((0.75, 0.58, 0.25)), plain_material(ROPES[rng.integers(3)])
    posts = [pole(brass, w, h, x=x) for w, h in ((0.05, 0.95), (0.28, 0.03)) for x in (-1.0, 0.0, 1.0)]
    pieces = [(x + dx, 0.86 - drop) for x in (-0.5, 0.5) for dx, drop in zip((-0.36, -0.12, 0.12, 0.36), SAG)]
    return posts + [box(rope, 0.26, 0.04, 0.04, x=x, y=y, grounded=False) for x, y in pieces]


def glass_case(rng, k: RoomKit) -> tuple[list[Solid], list[Solid]]:
    """A show case: a base, an exhibit, a metal frame; and the glass over it."""
    w, d, base, h = rng.uniform(0.7, 1.4), rng.uniform(0.5, 0.8), rng.uniform(0.6, 0.95), rng.uniform(0.5, 0.9)
    bars = [box(k["metal"], 0.03, h, 0.03, x=x, z=z, y=base) for x, z in corners_of(w, d, 0.015)]
    lid = [box(k["metal"], w, 0.03, 0.03, z=b * (d / 2 - 0.015), y=base + h) for b in (-1, 1)]
    exhibit = artwork(rng, k, base, min(w, d) * 0.55)
    foot = box(k.one("dark light"), w, base, d)
    return [foot, *exhibit, *bars, *lid], [box(k["light"], w, h, d, y=base)]


def partition(rng, k: RoomKit) -> list[Solid]:
    """A free-standing wall with a picture on each side."""
    w, canvas = rng.uniform(1.4, 2.6), pictured(painting(rng, 64))
    wall = box(k["light"] if rng.random() < 0.6 else k["accent"], w, rng.uniform(2.0, 2.6), 0.16)
    sides = ((-0.09, 0.0), (0.09, np.pi))
    return [wall, *(box(k["dark"], w * 0.6, 0.8, 0.03, z=z, y=1.05, yaw=yaw, front=canvas) for z, yaw in sides)]
