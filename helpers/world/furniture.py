"""Things that stand in rooms, each a short list of solids about the origin; its front looks towards low z."""

import numpy as np

from .materials import Material, linear, pictured, plain, textured, tile
from .paintings import painting
from .scene import Solid


class Kit(dict):
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
    "dark": lambda rng, tone, grey: plain(tone * 0.45),
    "light": lambda rng, tone, grey: plain(np.full(3, rng.uniform(0.8, 0.95)) * (1, 0.99, 0.96)),
    "metal": lambda rng, tone, grey: plain((grey, grey, grey * 1.05)),
    "fabric": lambda rng, tone, grey: textured(rng, str(rng.choice(FABRICS)), "fabric", contrast=rng.uniform(0.2, 1)),
    "stone": lambda rng, tone, grey: textured(rng, str(rng.choice(STONES)), "floor", contrast=0.6),
    "leaf": lambda rng, tone, grey: textured(rng, "leaves", colours=LEAF, rough=0.8),
    "books": lambda rng, tone, grey: _spines(rng),
    "accent": lambda rng, tone, grey: plain(rng.uniform(0.15, 0.9, 3)),
    "screen": lambda rng, tone, grey: plain(
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


def bench(rng, k: Kit) -> list[Solid]:
    """A museum bench: a padded or wooden slab on two feet."""
    long, h = rng.uniform(1.2, 2.2), rng.uniform(0.4, 0.48)
    seat = box(k["fabric"] if rng.random() < 0.5 else k["wood"], long, 0.12, 0.5, y=h - 0.12)
    return [seat, *(box(k["dark"], 0.08, h - 0.12, 0.42, x=side * long * 0.36) for side in (-1, 1))]


def plinth(rng, k: Kit) -> list[Solid]:
    """A pedestal with a vase, a bust, a globe or an abstract sculpture on it."""
    h, w = rng.uniform(0.7, 1.2), rng.uniform(0.35, 0.6)
    foot = box(k["light"] if rng.random() < 0.7 else k["stone"], w, h, w)
    return [foot, *artwork(rng, k, h, w * 0.8)]


def artwork(rng, k: Kit, y: float, w: float) -> list[Solid]:
    """A small work of art that stands at height `y`."""
    stuff = [k["stone"], k["accent"], k["metal"], k["dark"]][rng.integers(4)]
    kind = rng.integers(5)
    if kind == 0:  # vase
        return [
            ball(stuff, w * 0.8, w * 0.9, y=y),
            pole(stuff, w * 0.28, w * 0.45, y=y + w * 0.75),
            pole(stuff, w * 0.42, 0.03, y=y + w * 1.2),
        ]
    if kind == 1:  # bust
        return [
            ball(stuff, w, w * 0.7, y=y - w * 0.15, d=w * 0.6),
            pole(stuff, w * 0.24, w * 0.3, y=y + w * 0.4),
            ball(stuff, w * 0.42, w * 0.56, y=y + w * 0.6, d=w * 0.5),
        ]
    if kind == 2:  # stacked stones
        return [ball(stuff, w * s, w * 0.42, y=y + w * 0.38 * i) for i, s in enumerate((0.9, 0.7, 0.55, 0.35))]
    if kind == 3:  # globe on a stand
        return [pole(k["metal"], 0.04, w * 0.4, y=y), ball(stuff, w * 0.8, w * 0.8, y=y + w * 0.35)]
    return [
        box(stuff, w * 0.5, w * 1.4, w * 0.2, y=y, yaw=rng.uniform(0, 3)),
        box(stuff, w * 0.9, w * 0.2, w * 0.2, y=y + w, yaw=rng.uniform(0, 3)),
    ]


def statue(rng, k: Kit) -> list[Solid]:
    """A standing figure of stone on a low base."""
    s = rng.uniform(0.9, 1.3)
    m = k["stone"] if rng.random() < 0.7 else k["metal"]
    return [
        box(k["stone"], 0.7, 0.35, 0.7),
        pole(m, 0.38 * s, 0.85 * s, y=0.35, d=0.3 * s),
        ball(m, 0.5 * s, 0.7 * s, y=0.35 + 0.7 * s, d=0.34 * s),
        pole(m, 0.13 * s, 0.15 * s, y=0.35 + 1.33 * s),
        ball(m, 0.22 * s, 0.28 * s, y=0.35 + 1.43 * s),
    ]


def table(rng, k: Kit) -> list[Solid]:
    """A table with four legs, now and then with things on it."""
    w, d, h = rng.uniform(0.9, 1.8), rng.uniform(0.6, 0.9), rng.uniform(0.7, 0.78)
    legs = [
        box(k["dark"], 0.06, h - 0.05, 0.06, x=a * (w / 2 - 0.08), z=b * (d / 2 - 0.08))
        for a in (-1, 1)
        for b in (-1, 1)
    ]
    return [box(k["wood"], w, 0.05, d, y=h - 0.05), *legs, *(artwork(rng, k, h, 0.25) if rng.random() < 0.5 else [])]


def desk(rng, k: Kit) -> list[Solid]:
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


def chair(rng, k: Kit) -> list[Solid]:
    """A chair: seat, back and legs."""
    stuff = k["fabric"] if rng.random() < 0.6 else k["wood"]
    legs = [box(k["metal"], 0.035, 0.44, 0.035, x=a * 0.18, z=b * 0.18) for a in (-1, 1) for b in (-1, 1)]
    return [box(stuff, 0.44, 0.06, 0.44, y=0.42), box(stuff, 0.44, 0.42, 0.05, y=0.5, z=0.2), *legs]


def shelf(rng, k: Kit) -> list[Solid]:
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


def cabinet(rng, k: Kit) -> list[Solid]:
    """A closed cupboard or a chest of drawers."""
    w, h, d = rng.uniform(0.6, 1.6), rng.uniform(0.5, 1.9), rng.uniform(0.4, 0.6)
    stuff = [k["wood"], k["light"], k["accent"], k["metal"]][rng.integers(4)]
    seams = [
        box(k["dark"], 0.015, h - 0.1, d + 0.01, x=x, y=0.06)
        for x in np.linspace(-w / 2, w / 2, rng.integers(2, 5))[1:-1]
    ]
    return [box(stuff, w, h - 0.06, d, y=0.06, top=k["wood"]), box(k["dark"], w - 0.06, 0.06, d - 0.05), *seams]


def sofa(rng, k: Kit) -> list[Solid]:
    """A sofa with back, arms and cushions."""
    w = rng.uniform(1.4, 2.2)
    arms = [box(k["fabric"], 0.18, 0.6, 0.85, x=a * (w / 2 - 0.09)) for a in (-1, 1)]
    cushions = [
        box(k["accent"], 0.4, 0.35, 0.14, x=a * w * 0.25, y=0.45, z=0.15, yaw=0.1 * a)
        for a in (-1, 1)
        if rng.random() < 0.6
    ]
    return [box(k["fabric"], w, 0.42, 0.85), box(k["fabric"], w, 0.82, 0.22, z=0.32), *arms, *cushions]


def plant(rng, k: Kit) -> list[Solid]:
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


def lamp(rng, k: Kit) -> list[Solid]:
    """A standing lamp with a glowing shade."""
    shade = plain((0.95, 0.88, 0.7), glow=0.8)
    return [pole(k["metal"], 0.3, 0.03), pole(k["metal"], 0.03, 1.4), pole(shade, 0.36, 0.3, y=1.35)]


def column(rng, k: Kit, height: float = 3.5) -> list[Solid]:
    """A round or square column with base and capital."""
    w = rng.uniform(0.35, 0.6)
    shaft = pole(k["stone"], w, height) if rng.random() < 0.6 else box(k["stone"], w, height, w)
    return [shaft, box(k["stone"], w * 1.4, 0.2, w * 1.4), box(k["stone"], w * 1.4, 0.18, w * 1.4, y=height - 0.18)]


def ropes(rng, k: Kit) -> list[Solid]:
    """Brass posts with a rope between them, as before a painting."""
    brass, rope = plain((0.75, 0.58, 0.25)), plain(rng.choice([(0.5, 0.05, 0.08), (0.1, 0.1, 0.3), (0.05, 0.05, 0.05)]))
    posts = [pole(brass, 0.05, 0.95, x=x) for x in (-1.0, 0.0, 1.0)]
    feet = [pole(brass, 0.28, 0.03, x=x) for x in (-1.0, 0.0, 1.0)]
    sag = [
        box(rope, 0.26, 0.04, 0.04, x=x + dx, y=0.86 - drop, grounded=False)
        for x in (-0.5, 0.5)
        for dx, drop in ((-0.36, 0.05), (-0.12, 0.12), (0.12, 0.12), (0.36, 0.05))
    ]
    return [*posts, *feet, *sag]


def glass_case(rng, k: Kit) -> tuple[list[Solid], Solid]:
    """A show case: a base, an exhibit, a metal frame; and the glass over it."""
    w, d, base, h = rng.uniform(0.7, 1.4), rng.uniform(0.5, 0.8), rng.uniform(0.6, 0.95), rng.uniform(0.5, 0.9)
    bars = [
        box(k["metal"], 0.03, h, 0.03, x=a * (w / 2 - 0.015), z=b * (d / 2 - 0.015), y=base)
        for a in (-1, 1)
        for b in (-1, 1)
    ]
    lid = [box(k["metal"], w, 0.03, 0.03, z=b * (d / 2 - 0.015), y=base + h) for b in (-1, 1)]
    exhibit = artwork(rng, k, base, min(w, d) * 0.55)
    return [box(k["dark"] if rng.random() < 0.5 else k["light"], w, base, d), *exhibit, *bars, *lid], box(
        k["light"], w, h, d, y=base
    )


def whiteboard(rng, k: Kit) -> list[Solid]:
    """A whiteboard on wheels."""
    feet = [box(k["metal"], 0.04, 0.8, 0.04, x=a * 0.7) for a in (-1, 1)] + [
        box(k["metal"], 0.06, 0.05, 0.5, x=a * 0.7) for a in (-1, 1)
    ]
    return [box(k["light"], 1.5, 1.0, 0.04, y=0.8), *feet]


def partition(rng, k: Kit) -> list[Solid]:
    """A free-standing wall with a picture on each side."""
    w, canvas = rng.uniform(1.4, 2.6), pictured(painting(rng, 64))
    wall = box(k["light"] if rng.random() < 0.6 else k["accent"], w, rng.uniform(2.0, 2.6), 0.16)
    return [
        wall,
        *(
            box(k["dark"], w * 0.6, 0.8, 0.03, z=side * 0.09, y=1.05, yaw=yaw, front=canvas)
            for side, yaw in ((-1, 0.0), (1, np.pi))
        ),
    ]
