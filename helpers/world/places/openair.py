"""Things that stand out of doors, each a short list of solids about the origin."""

import numpy as np

from .. import textures
from ..raycast.materials import plain_material, textured
from ..raycast.scene import Solid
from .fittings import ball, box, pole
from .landscape import bark_material, foliage_material


def outdoor_tree(rng: np.random.Generator) -> list[Solid]:
    """A broad-leaved tree."""
    h, leaf = rng.uniform(3, 8), foliage_material(rng)
    crown = [
        ball(
            leaf,
            *rng.uniform(0.3, 0.55, 2) * h,
            x=rng.normal(0, 0.13) * h,
            z=rng.normal(0, 0.13) * h,
            y=rng.uniform(0.35, 0.75) * h,
            grounded=False,
        )
        for _ in range(7)
    ]
    return [pole(bark_material(rng), rng.uniform(0.15, 0.45), 0.7 * h), *crown]


def trunk(rng: np.random.Generator) -> list[Solid]:
    """A tall trunk whose crown is out of sight."""
    return [pole(bark_material(rng), rng.uniform(0.15, 0.6), rng.uniform(7, 12))]


def fir(rng: np.random.Generator) -> list[Solid]:
    """A fir tree of stacked tiers."""
    h, leaf = rng.uniform(2.5, 8), foliage_material(rng)
    tiers = [ball(leaf, (1 - i / 6) * 0.5 * h, 0.3 * h, y=(0.1 + 0.13 * i) * h, grounded=False) for i in range(6)]
    return [pole(bark_material(rng), 0.2, 0.4 * h), *tiers]


def bush(rng: np.random.Generator) -> list[Solid]:
    """A bush."""
    leaf = foliage_material(rng)
    return [
        ball(leaf, *rng.uniform(0.5, 1.3, 2), x=rng.normal(0, 0.3), z=rng.normal(0, 0.3), y=-0.15) for _ in range(4)
    ]


def rock(rng: np.random.Generator) -> list[Solid]:
    """A few rocks."""
    stone = textured(rng, str(rng.choice(["concrete", "noise", "cracked"])), "stone")
    return [
        ball(stone, *rng.uniform(0.3, 1.4, 2), x=rng.normal(0, 0.3), z=rng.normal(0, 0.3), y=-0.25) for _ in range(3)
    ]


def log(rng: np.random.Generator) -> list[Solid]:
    """A fallen trunk."""
    return [ball(bark_material(rng), rng.uniform(1.5, 3.5), 0.4, y=-0.05, d=0.4)]


def car(rng: np.random.Generator) -> list[Solid]:
    """A parked car."""
    paint, glass, black = (
        plain_material(textures.palette(rng, 1, "any")[0]),
        plain_material((0.12, 0.15, 0.18)),
        plain_material((0.05, 0.05, 0.05)),
    )
    wheels = [ball(black, 0.62, 0.62, x=a * 1.3, z=b * 0.8, d=0.25) for a in (-1, 1) for b in (-1, 1)]
    body = [
        box(paint, 4.2, 0.55, 1.75, y=0.28),
        ball(paint, 4.4, 0.75, y=0.3, d=1.8),
        box(paint, 1.9, 0.06, 1.5, y=1.36, x=-0.1),
    ]
    return [*body, box(glass, 2.1, 0.55, 1.55, y=0.82, x=-0.1), *wheels]


def post(rng: np.random.Generator) -> list[Solid]:
    """A lamp post, a bollard or a sign."""
    metal = plain_material(rng.uniform(0.08, 0.5, 3) * 0.5 + rng.uniform(0.05, 0.4))
    h = float(rng.choice([0.9, 2.4, 4.5]))
    head = (
        [box(plain_material(textures.palette(rng, 1, "any")[0]), 0.6, 0.6, 0.04, y=h - 0.6)]
        if h == 2.4
        else [ball(plain_material((0.9, 0.88, 0.8)), 0.35, 0.4, y=h)]
        if h > 3
        else []
    )
    return [pole(metal, 0.12 if h > 1 else 0.2, h), *head]


def bin(rng: np.random.Generator) -> list[Solid]:
    """A litter bin or a barrel."""
    return [
        pole(plain_material(textures.palette(rng, 1, "any")[0]), 0.5, 0.9),
        pole(plain_material((0.1, 0.1, 0.1)), 0.54, 0.08, y=0.86),
    ]


def outdoor_crate(rng: np.random.Generator) -> list[Solid]:
    """Two crates."""
    wood = textured(rng, "planks", "wood", scale=0.6)
    return [box(wood, 0.8, 0.7, 0.7), box(wood, 0.6, 0.5, 0.5, y=0.7, x=0.05, yaw=0.3)]


def planter(rng: np.random.Generator) -> list[Solid]:
    """A stone tub with a shrub."""
    leaf = foliage_material(rng)
    return [
        box(textured(rng, "concrete", "stone"), 0.9, 0.55, 0.9),
        *(ball(leaf, 0.8, 0.7, x=rng.normal(0, 0.1), z=rng.normal(0, 0.1), y=0.4) for _ in range(3)),
    ]


def outdoor_bench(rng: np.random.Generator) -> list[Solid]:
    """A park bench."""
    wood, iron = textured(rng, "wood", "wood"), plain_material((0.1, 0.1, 0.1))
    return [
        box(wood, 1.6, 0.06, 0.45, y=0.42),
        box(wood, 1.6, 0.4, 0.05, y=0.5, z=0.22),
        *(box(iron, 0.06, 0.42, 0.42, x=a * 0.65) for a in (-1, 1)),
    ]


def outdoor_statue(rng: np.random.Generator) -> list[Solid]:
    """A monument on a base."""
    stone = textured(rng, "concrete", "stone")
    return [
        box(stone, 1.2, 1.0, 1.2),
        pole(stone, 0.5, 1.3, y=1.0, d=0.4),
        ball(stone, 0.65, 0.9, y=2.0, d=0.45),
        ball(stone, 0.3, 0.38, y=2.95),
    ]
