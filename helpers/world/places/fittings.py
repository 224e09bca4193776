"""What furniture is made of: the materials of one room, and the three shapes everything is put together from."""

import numpy as np

from ..raycast.materials import Material, linear, plain_material, textured, tile
from ..raycast.scene import Solid


class RoomKit(dict):
    """The matching materials of one room by name, each made when it is first asked for."""

    def __init__(self, rng: np.random.Generator):
        super().__init__()
        self.rng = rng
        tones = ((0.62, 0.45, 0.28), (0.45, 0.29, 0.17), (0.78, 0.64, 0.45), (0.28, 0.19, 0.14), (0.85, 0.82, 0.78))
        self.tone, self.grey = np.array(tones[rng.integers(len(tones))]), rng.uniform(0.1, 0.6)

    def __missing__(self, name: str) -> Material:
        self[name] = made = MAKE[name](self.rng, self.tone, self.grey)
        return made


FABRICS, STONES = ("weave", "plaid", "stripes", "noise"), ("marble", "concrete", "speckle")
LEAF = ((0.08, 0.2, 0.07), (0.2, 0.42, 0.15), (0.42, 0.6, 0.25))
MAKE = {  # name: (rng, tone of the wood, grey of the metal) -> Material
    "wood": lambda rng, tone, grey: textured(rng, "wood", colours=[tone * 0.8, tone, np.minimum(tone * 1.15, 1)]),
    "dark": lambda rng, tone, grey: plain_material(tone * 0.45),
    "light": lambda rng, tone, grey: plain_material(np.full(3, rng.uniform(0.8, 0.95)) * (1, 0.99, 0.96)),
    "metal": lambda rng, tone, grey: plain_material((grey, grey, grey * 1.05)),
    "fabric": lambda rng, tone, grey: textured(rng, str(rng.choice(FABRICS)), "fabric", contrast=rng.uniform(0.2, 1)),
    "stone": lambda rng, tone, grey: textured(rng, str(rng.choice(STONES)), "floor", contrast=0.6),
    "leaf": lambda rng, tone, grey: textured(rng, "leaves", colours=LEAF, rough=0.8),
    "books": lambda rng, tone, grey: _spines(rng),
    "accent": lambda rng, tone, grey: plain_material(rng.uniform(0.15, 0.9, 3)),
    "screen": lambda rng, tone, grey: plain_material(
        rng.choice([(0.05, 0.06, 0.08), (0.35, 0.5, 0.65), (0.85, 0.88, 0.9)]), glow=0.15
    ),
}


def _spines(rng: np.random.Generator) -> Material:
    """Book spines (or goods in a shop): upright stripes of many colours, one shelf high."""
    tints = rng.uniform(0.1, 0.85, (32, 3)) * rng.uniform(0.6, 1, (32, 1))
    picture = np.repeat(tints[rng.integers(32, size=32)][None], 32, 0)
    tall = rng.uniform(0, 0.35, 32)
    picture[(np.arange(32)[:, None] / 32) < tall[None]] = 0.08
    picture[12:15] *= 1.3
    return Material(tile(linear(np.clip(picture, 0, 1).astype(np.float32).repeat(2, 0).repeat(2, 1))), metres=0.4)


def box(material, w, h, d, x=0.0, z=0.0, y=0.0, yaw=0.0, **more) -> Solid:
    """A box by its width, height and depth in metres, its foot's centre at (x, y, z)."""
    return Solid("box", x, z, y, y + h, w, d, material, yaw, **more)


def pole(material, w, h, x=0.0, z=0.0, y=0.0, d=None, **more) -> Solid:
    """An upright cylinder `w` metres across and `h` high."""
    return Solid("cylinder", x, z, y, y + h, w, d or w, material, **more)


def ball(material, w, h, x=0.0, z=0.0, y=0.0, d=None, **more) -> Solid:
    """An ellipsoid `w` metres across and `h` high."""
    return Solid("ball", x, z, y, y + h, w, d or w, material, **more)
