"""What furniture is made of: the materials of one place, and the three shapes everything is put together from."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from .. import textures
from ..raycast.materials import Material, linear, pictured, plain_material, textured, tile
from ..raycast.scene import Solid
from ..textures.paintings import painting
from .landscape import bark_material, foliage_material


class RoomKit(dict):
    """The matching materials of one place by name, each made when it is first asked for; "wood 2" is another wood."""

    def __init__(self, rng: np.random.Generator):
        super().__init__()
        self.rng = rng
        tones = ((0.62, 0.45, 0.28), (0.45, 0.29, 0.17), (0.78, 0.64, 0.45), (0.28, 0.19, 0.14), (0.85, 0.82, 0.78))
        self.tone, self.grey = np.array(tones[rng.integers(len(tones))]), rng.uniform(0.1, 0.6)

    def __missing__(self, name: str) -> Material:
        self[name] = made = MAKE[name.split()[0]](self.rng, self.tone, self.grey)
        return made

    def one(self, names: str) -> Material:
        """One of several materials, whose names stand with spaces between them."""
        return self[str(self.rng.choice(names.split()))]

    def some(self, name: str, count: int) -> Material:
        """One of `count` materials of a kind."""
        return self[f"{name} {self.rng.integers(count)}"]

    def tint(self) -> Material:
        """A plain surface in a colour of its own."""
        return plain_material(textures.paint(self.rng, "any"))


FABRICS, STONES = ("weave", "plaid", "stripes", "noise"), ("marble", "concrete", "speckle")
WORKTOPS = ("speckle", "marble", "wood", "terrazzo", "noise")
LEAF = ((0.08, 0.2, 0.07), (0.2, 0.42, 0.15), (0.42, 0.6, 0.25))
SCREENS = ((0.05, 0.06, 0.08), (0.35, 0.5, 0.65), (0.85, 0.88, 0.9))
# fmt: off
MAKE = {  # name: (rng, tone of the wood, grey of the metal) -> Material
    "wood": lambda rng, tone, grey: textured(rng, "wood", colours=[tone * 0.8, tone, np.minimum(tone * 1.15, 1)]),
    "dark": lambda rng, tone, grey: plain_material(tone * 0.45),
    "light": lambda rng, tone, grey: plain_material(np.full(3, rng.uniform(0.8, 0.95)) * (1, 0.99, 0.96)),
    "metal": lambda rng, tone, grey: plain_material((grey, grey, grey * 1.05)),
    "steel": lambda rng, tone, grey: textured(rng, "brushed", "grey", 32, 0.4, [[rng.uniform(0.45, 0.8)] * 3] * 2),
    "fabric": lambda rng, tone, grey: textured(rng, str(rng.choice(FABRICS)), "fabric", contrast=rng.uniform(0.2, 1)),
    "stone": lambda rng, tone, grey: textured(rng, str(rng.choice(STONES)), "floor", contrast=0.6),
    "tiles": lambda rng, tone, grey: textured(rng, str(rng.choice(["tiles", "mosaic", "brick"])), "wall", 64, 0.5),
    "worktop": lambda rng, tone, grey: textured(rng, str(rng.choice(WORKTOPS)), "stone", 64, rng.uniform(0.2, 0.8)),
    "leaf": lambda rng, tone, grey: textured(rng, "leaves", colours=LEAF, rough=0.8),
    "foliage": lambda rng, tone, grey: foliage_material(rng),
    "bark": lambda rng, tone, grey: bark_material(rng),
    "planks": lambda rng, tone, grey: textured(rng, "planks", "wood", scale=0.6),
    "rock": lambda rng, tone, grey: textured(rng, str(rng.choice(["concrete", "noise", "cracked"])), "stone"),
    "books": lambda rng, tone, grey: _spines(rng),
    "accent": lambda rng, tone, grey: plain_material(rng.uniform(0.15, 0.9, 3)),
    "black": lambda rng, tone, grey: plain_material(np.full(3, rng.uniform(0.03, 0.15))),
    "card": lambda rng, tone, grey: plain_material(np.array((0.68, 0.5, 0.33)) * rng.uniform(0.8, 1.2)),
    "front": lambda rng, tone, grey: _front(rng, tone),
    "print": lambda rng, tone, grey: _print(int(rng.integers(240))),
    "page": lambda rng, tone, grey: _page(rng),
    "keys": lambda rng, tone, grey: _keys(rng),
    "any": lambda rng, tone, grey: textured(
        rng, str(rng.choice(textures.NAMES)), contrast=rng.uniform(0.2, 1), scale=rng.uniform(0.15, 0.8)
    ),
    "screen": lambda rng, tone, grey: plain_material(rng.choice(SCREENS), glow=0.15),
}
# fmt: on


@lru_cache(maxsize=240)
def _print(number: int) -> Material:
    """A small printed picture by its number: the same ones hang and lie in many rooms."""
    return pictured(painting(np.random.default_rng([240, number]), 32))


def _spines(rng: np.random.Generator) -> Material:
    """Book spines (or goods in a shop): upright stripes of many colours, one shelf high."""
    tints = rng.uniform(0.1, 0.85, (32, 3)) * rng.uniform(0.6, 1, (32, 1))
    picture = np.repeat(tints[rng.integers(32, size=32)][None], 32, 0)
    tall = rng.uniform(0, 0.35, 32)
    picture[(np.arange(32)[:, None] / 32) < tall[None]] = 0.08
    picture[12:15] *= 1.3
    return Material(tile(linear(np.clip(picture, 0, 1).astype(np.float32).repeat(2, 0).repeat(2, 1))), metres=0.4)


def _front(rng: np.random.Generator, tone: np.ndarray) -> Material:
    """The fronts of cupboards: white, a strong colour, or wood."""
    kind = rng.random()
    if kind < 0.35:
        return plain_material(rng.uniform(0.7, 0.95) * np.array((1, 0.99, 0.96)))
    return plain_material(textures.paint(rng, "any")) if kind < 0.65 else textured(rng, "wood", "wood")


def _page(rng: np.random.Generator) -> Material:
    """A printed sheet: lines of text, now and then a coloured block."""
    sheet = np.full((32, 32, 3), rng.uniform(0.8, 0.97), np.float32)
    for row in range(3, 29, 2):
        sheet[row, 3 : int(rng.integers(12, 30))] = 0.45
    if rng.random() < 0.6:
        top, left = rng.integers(2, 16, 2)
        sheet[top : top + 10, left : left + 14] = textures.paint(rng, "any")
    return pictured((sheet * 255).astype(np.uint8))


def _keys(rng: np.random.Generator) -> Material:
    """Keys in rows, 18 mm apart."""
    keys = np.full((8, 8, 3), rng.choice([0.12, 0.75]), np.float32)
    keys[0], keys[:, 0] = 0.04, 0.04
    return Material(tile(linear(keys)), metres=0.018)


def box(material, w, h, d, x=0.0, z=0.0, y=0.0, yaw=0.0, **more) -> Solid:
    """A box by its width, height and depth in metres, its foot's centre at (x, y, z)."""
    return Solid("box", x, z, y, y + h, w, d, material, yaw, **more)


def pole(material, w, h, x=0.0, z=0.0, y=0.0, d=None, **more) -> Solid:
    """An upright cylinder `w` metres across and `h` high."""
    return Solid("cylinder", x, z, y, y + h, w, d or w, material, **more)


def ball(material, w, h, x=0.0, z=0.0, y=0.0, d=None, **more) -> Solid:
    """An ellipsoid `w` metres across and `h` high."""
    return Solid("ball", x, z, y, y + h, w, d or w, material, **more)


def lifted(solids: list[Solid], y: float) -> list[Solid]:
    """The solids `y` metres higher."""
    return [replace(solid, y0=solid.y0 + y, y1=solid.y1 + y, grounded=solid.grounded and y < 0.05) for solid in solids]


def corners_of(w: float, d: float, inset: float) -> list[tuple[float, float]]:
    """The four places (x, z) of legs under a top `w` by `d` metres."""
    return [(a * (w / 2 - inset), b * (d / 2 - inset)) for a in (-1, 1) for b in (-1, 1)]


def legs(material, thick: float, h: float, w: float, d: float, inset: float) -> list[Solid]:
    """Four square legs, `h` metres high, under a top `w` by `d` metres."""
    return [box(material, thick, h, thick, x=x, z=z) for x, z in corners_of(w, d, inset)]


def radius_of(solids: list[Solid]) -> float:
    """Metres from the origin to the farthest corner of the solids on the ground plan, before they are turned."""
    return max(np.hypot(abs(s.x) + s.w / 2, abs(s.z) + s.d / 2) for s in solids)


def take(taken: list[tuple], x: float, z: float, radius: float) -> bool:
    """Whether a circle on the ground plan was free of those already taken; it is taken now."""
    free = all(np.hypot(x - a, z - b) > radius + r for a, b, r in taken)
    taken += [(x, z, radius)] * free
    return free
