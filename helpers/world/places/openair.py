"""What stands out of doors only: cars, rocks, fallen trunks, bins."""

import numpy as np

from ..raycast.materials import plain_material
from ..raycast.scene import Solid
from .fittings import RoomKit, ball, box, pole


def rock(rng: np.random.Generator, k: RoomKit) -> list[Solid]:
    """A few rocks."""
    stone = k.some("rock", 3)
    return [ball(stone, *rng.uniform(0.3, 1.4, 2), x=x, z=z, y=-0.25) for x, z in rng.normal(0, 0.3, (3, 2))]


def log(rng: np.random.Generator, k: RoomKit) -> list[Solid]:
    """A fallen trunk."""
    return [ball(k.some("bark", 3), rng.uniform(1.5, 3.5), 0.4, y=-0.05, d=0.4)]


def car(rng: np.random.Generator, k: RoomKit, far: bool = False) -> list[Solid]:
    """A parked car or van, its length along x; a `far` one is simpler."""
    paint, glass = k.tint(), plain_material((0.12, 0.15, 0.18))
    high, at = (0.95, 0.0) if rng.random() < 0.2 else (0.55, rng.uniform(-0.3, 0.1))
    body = [box(paint, 4.2, 0.55, 1.75, y=0.28), box(glass, 2.1, high, 1.55, y=0.82, x=at)]
    body.append(box(paint, 1.9, 0.06, 1.5, y=0.81 + high, x=at))
    if far:
        return [box(k["black"], 3.4, 0.3, 1.6), *body]
    wheels = [ball(k["black"], 0.62, 0.62, x=a * 1.3, z=b * 0.8, d=0.25) for a in (-1, 1) for b in (-1, 1)]
    lights = [box(k["light"], 0.04, 0.12, 0.3, x=-2.1, z=z, y=0.55) for z in (-0.6, 0.6)]
    return [*body, ball(paint, 4.4, 0.75, y=0.3, d=1.8), *wheels, *lights]


def bin(rng: np.random.Generator, k: RoomKit) -> list[Solid]:
    """A litter bin or a barrel."""
    return [pole(k.tint(), 0.5, 0.9), pole(k["black"], 0.54, 0.08, y=0.86)]
