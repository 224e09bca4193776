"""Things that stand in rooms and gardens, each a short list of solids about the origin; its front looks to low z."""

from math import pi

import numpy as np

from ..raycast.materials import plain_material
from ..raycast.scene import Solid
from . import exhibits
from .fittings import RoomKit, ball, box, corners_of, legs, lifted, pole
from .tabletop import ANYTHING, KITCHEN, OFFICE, TOOLS, block, monitor, scatter


def bench(rng, k: RoomKit, style: str = "museum") -> list[Solid]:
    """A padded or wooden slab on two feet, or a "park" bench with a back."""
    park = style == "park"
    long, h, d = rng.uniform(1.2, 2.2), rng.uniform(0.4, 0.48), 0.45 if park else 0.5
    stuff = k["fabric"] if not park and rng.random() < 0.5 else k["wood"]
    back = [box(k["wood"], long, 0.4, 0.05, y=h + 0.04, z=0.22)] if park else []
    seat = box(stuff, long, 0.06 if park else 0.12, d, y=h - 0.1)
    return [seat, *back, *(box(k["dark"], 0.08, h - 0.1, 0.42, x=side * long * 0.38) for side in (-1, 1))]


def table(rng, k: RoomKit, w=None, d=None, stuff=None) -> list[Solid]:
    """A table: a top on four legs, on two sides or on one foot."""
    w, d, h = w or rng.uniform(0.9, 1.8), d or rng.uniform(0.6, 0.9), rng.uniform(0.7, 0.78)
    thick, leg, kind = rng.uniform(0.025, 0.06), rng.uniform(0.04, 0.09), rng.random()
    stuff, under = stuff or k["wood"], k.one("dark wood metal")
    if kind < 0.7:
        feet = legs(under, leg, h - thick, w, d, 0.02 + leg / 2)
    elif kind < 0.85:
        feet = [box(under, 0.04, h - thick, d * 0.9, x=a * (w / 2 - 0.06)) for a in (-1, 1)]
    else:
        feet = [pole(under, 0.09, h - thick), pole(under, min(w, d) * 0.6, 0.03)]
    return [box(stuff, w, thick, d, y=h - thick), *feet]


def laid_table(rng, k: RoomKit) -> list[Solid]:
    """A table, now and then with a work of art on it."""
    made = table(rng, k)
    return [*made, *(exhibits.artwork(rng, k, made[0].y1, 0.25) if rng.random() < 0.5 else [])]


def dining(rng, k: RoomKit, w=None, names: str = ANYTHING, most: int = 9) -> list[Solid]:
    """A table with things on it and chairs about it."""
    w, d = w or rng.uniform(0.8, 2.0), rng.uniform(0.7, 1.1)
    made = table(rng, k, w, d, k.one("wood wood light accent any"))
    made += scatter(rng, k, names, w, d, made[0].y1, int(rng.integers(1, most)), 1.5)
    style, seats = str(rng.choice(["plain", "slats", "slats", "office"])), max(1, int(w / 0.65))
    for side in (0, pi):
        for x in (np.arange(seats) + 0.5) * w / seats - w / 2:
            if rng.random() < 0.75:
                out = d / 2 + rng.uniform(-0.05, 0.35)
                turn = side + rng.normal(0, 0.25)
                made += [s.moved(x, out * np.cos(side), turn) for s in chair(rng, k, style)]
    return made


def conference(rng, k: RoomKit) -> list[Solid]:
    """A long table for meetings with its chairs."""
    return dining(rng, k, rng.uniform(1.8, 3.4), "laptop papers papers mug bottle books telephone", 8)


def desk(rng, k: RoomKit, names: str = "papers", most: int = 2) -> list[Solid]:
    """An office desk with a screen, a drawer block and a few things."""
    w, d, h = rng.uniform(1.2, 1.7), rng.uniform(0.65, 0.8), 0.74
    top = box(k["wood"] if rng.random() < 0.6 else k["light"], w, 0.04, d, y=h - 0.04)
    sides = [box(k["metal"], 0.05, h - 0.04, d - 0.1, x=a * (w / 2 - 0.05)) for a in (-1, 1)]
    drawers = box(k["light"] if most < 3 else k.one("light front"), 0.42, 0.6, d - 0.12, x=w / 2 - 0.3)
    seen = [s.moved(rng.uniform(-0.2, 0.2), 0.12, rng.normal(0, 0.15)) for s in monitor(rng, k)]
    things = scatter(rng, k, names, w * 0.95, d * 0.6, h, int(rng.integers(1, most, endpoint=True)))
    things = [s.moved(0.0, -d * 0.15, 0.0) for s in things]
    return [top, *sides, drawers, *lifted(seen, h), *things]


def workplace(rng, k: RoomKit) -> list[Solid]:
    """A desk at which somebody works: keyboard, papers, mugs, and a chair drawn up."""
    made = desk(rng, k, "keyboard " + OFFICE, 8)
    seat = chair(rng, k, "office" if rng.random() < 0.6 else None)
    return made + [s.moved(rng.uniform(-0.3, 0.3), rng.uniform(-0.9, -0.55), pi + rng.normal(0, 0.5)) for s in seat]


def chair(rng, k: RoomKit, style: str | None = None) -> list[Solid]:
    """A chair with its back at high z: "plain", "slats" of wood, "office" on a foot with wheels, or a "stool"."""
    style = style or str(rng.choice(["plain", "plain", "slats", "office", "stool"]))
    stuff, h = k["fabric"] if style == "office" or (style == "plain" and rng.random() < 0.6) else k["wood"], 0.42
    if style == "office":
        star = [box(k["black"], 0.6, 0.05, 0.06, y=0.03, yaw=turn) for turn in (0.2, 0.83, 1.46, 2.1, 2.7)]
        arms = [box(k["black"], 0.05, 0.03, 0.28, x=a * 0.27, y=0.64) for a in (-1, 1)] if rng.random() < 0.5 else []
        back = box(stuff, 0.44, rng.uniform(0.4, 0.6), 0.06, y=0.56, z=0.22)
        return [box(stuff, 0.48, 0.08, 0.46, y=0.42), back, pole(k["metal"], 0.06, 0.36, y=0.06), *star, *arms]
    if style == "stool":
        return [pole(stuff, 0.34, 0.04, y=0.46), *legs(k["metal"], 0.03, 0.46, 0.3, 0.3, 0.04)]
    under = k["wood"] if style == "slats" else k["metal"]
    feet = legs(under, 0.035, h, 0.44, 0.44, 0.03)
    if style == "plain":
        return [box(stuff, 0.44, 0.06, 0.44, y=h), box(stuff, 0.44, 0.42, 0.05, y=0.5, z=0.2), *feet]
    posts = [box(stuff, 0.04, 0.5, 0.04, x=a * 0.2, y=h, z=0.2) for a in (-1, 1)]
    slats = [box(stuff, 0.38, 0.06, 0.025, y=y, z=0.2) for y in (0.6, 0.72, 0.84)]
    return [box(stuff, 0.44, 0.05, 0.44, y=h), *feet, *posts, *slats]


def shelf(rng, k: RoomKit, style: str = "rows") -> list[Solid]:
    """A bookcase or a shop shelf: boards with a row of spines on each, or with single "things"."""
    w, h, d = rng.uniform(0.8, 1.8), rng.uniform(1.2, 2.3), rng.uniform(0.28, 0.4)
    rows, stuff = int(h / 0.42), k["wood"] if rng.random() < 0.6 else k["light"]
    boards = [box(stuff, w, 0.03, d, y=0.05 + i * 0.4) for i in range(rows + 1)]
    goods = []
    for y in 0.08 + 0.4 * np.arange(rows):
        if style == "things":
            names = "parcel leaflet bottle pot books block"
            goods += scatter(rng, k, names, w - 0.1, d, y, int(rng.integers(1, 4)), 0.2)
        elif rng.random() < 0.85:
            goods.append(box(k["books"], (w - 0.06) * rng.uniform(0.6, 1), 0.28 + 0.06 * rng.random(), d * 0.8, y=y))
    ends = [box(stuff, 0.04, 0.08 + rows * 0.4, d, x=a * w / 2) for a in (-1, 1)]
    return [box(k["dark"], w, rows * 0.4 + 0.05, 0.03, z=d / 2), *boards, *goods, *ends]


def board(rng, k: RoomKit) -> list[Solid]:
    """A board on a wall with things on it, now and then two."""
    w, d, made = rng.uniform(0.6, 1.8), rng.uniform(0.18, 0.32), []
    for y in rng.uniform(0.9, 1.5) + 0.38 * np.arange(int(rng.integers(1, 3))):
        made.append(box(k.one("wood light accent"), w, 0.025, d, y=y, grounded=False))
        made += scatter(rng, k, ANYTHING + " books leaflet", w, d, y + 0.025, int(rng.integers(2, 6)), 0.3)
    return made


def rack(rng, k: RoomKit) -> list[Solid]:
    """A metal shelf of a store or a workshop, full of boxes."""
    w, d, rows, step = rng.uniform(0.9, 2.2), rng.uniform(0.4, 0.7), int(rng.integers(3, 6)), rng.uniform(0.38, 0.55)
    stuff = k.one("metal steel accent")
    made = legs(stuff, 0.04, rows * step + 0.1, w, d, 0.02)
    made += [box(stuff, w, 0.03, d, y=0.1 + i * step) for i in range(rows)]
    for y in 0.13 + step * np.arange(rows):
        left = -w / 2 + 0.03
        while left < w / 2 - 0.2:
            wide = rng.uniform(0.15, 0.5)
            if left + wide < w / 2 and rng.random() < 0.8:
                goods = k.some("card", 3) if rng.random() < 0.5 else k.tint()
                h, deep = rng.uniform(0.12, step - 0.06), d * rng.uniform(0.6, 0.95)
                made.append(box(goods, wide - 0.02, h, deep, y=y, x=left + wide / 2))
            left += wide
    return made


def cabinet(rng, k: RoomKit, style: str = "bare") -> list[Solid]:
    """A cupboard or a chest of drawers; not "bare": with things on it, if it is low."""
    w, h, d = rng.uniform(0.6, 1.6), rng.uniform(0.5, 1.9), rng.uniform(0.4, 0.6)
    stuff = k.one("wood light accent metal" if style == "bare" else "wood light metal front front")
    edges = np.linspace(-w / 2, w / 2, rng.integers(2, 5))
    seams = [box(k["dark"], 0.015, h - 0.1, d + 0.01, x=x, y=0.06) for x in edges[1:-1]]
    things = [] if style == "bare" or h > 1.4 else scatter(rng, k, ANYTHING + " lamp", w, d, h, int(rng.integers(1, 6)))
    body = box(stuff, w, h - 0.06, d, y=0.06, top=k["wood"])
    return [body, box(k["dark"], w - 0.06, 0.06, d - 0.05), *seams, *things]


def worktop(rng, k: RoomKit) -> list[Solid]:
    """A kitchen's worktop: cupboards below and above, sink or stove, tiles, and a good many things on it."""
    long, d, h = rng.uniform(1.2, 3.6), 0.62, rng.uniform(0.86, 0.94)
    doors = max(2, int(long / rng.uniform(0.4, 0.6)))
    edges = np.linspace(-long / 2, long / 2, doors + 1)
    made = [box(k["front"], long, h - 0.14, 0.58, y=0.1), box(k["dark"], long, 0.1, 0.5)]
    made.append(box(k["worktop"], long, 0.04, d, y=h - 0.04))
    made += [box(k["dark"], 0.01, h - 0.16, 0.585, x=x, y=0.11) for x in edges[1:-1]]
    if rng.random() < 0.8:
        made += [box(k["metal"], 0.16, 0.015, 0.03, x=x, y=h - 0.2, z=-0.3) for x in (edges[:-1] + edges[1:]) / 2]
    made.append(box(k["tiles"], long, 0.55, 0.012, y=h, z=d / 2 - 0.01, grounded=False))
    x = rng.uniform(-0.3, 0.3) * long
    if rng.random() < 0.6:
        made += [box(k["steel"], 0.56, 0.006, 0.44, x=x, y=h), pole(k["steel"], 0.03, 0.26, x=x, z=0.2, y=h)]
        made.append(box(k["steel"], 0.02, 0.02, 0.2, x=x, z=0.1, y=h + 0.25))
    else:
        made.append(box(k["black"], 0.58, 0.008, 0.5, x=x, y=h))
        made += [pole(k["metal"], 0.16, 0.004, x=x + a, z=b, y=h + 0.008) for a, b in corners_of(0.5, 0.42, 0.12)]
    if rng.random() < 0.6:
        top = rng.uniform(0.5, 0.8)
        made.append(box(k["front"], long * rng.uniform(0.5, 1), top, 0.34, y=h + 0.52, z=d / 2 - 0.17, grounded=False))
    elif rng.random() < 0.7:
        made.append(box(k["wood"], long * 0.9, 0.03, 0.24, y=h + 0.55, z=d / 2 - 0.12, grounded=False))
        things = scatter(rng, k, ANYTHING, long * 0.85, 0.2, h + 0.58, int(rng.integers(2, 7)))
        made += [s.moved(0, d / 2 - 0.12, 0) for s in things]
    return made + scatter(rng, k, KITCHEN, long * 0.95, d * 0.85, h, int(rng.integers(3, 10)))


def fridge(rng, k: RoomKit) -> list[Solid]:
    """A refrigerator, an oven block or a locker: a tall box with a handle and a seam."""
    w, h, stuff = rng.uniform(0.55, 0.75), rng.uniform(1.4, 2.1), k.one("light steel front")
    handle = box(k["metal"], 0.03, 0.4, 0.04, x=w * 0.38, y=h * 0.68, z=-0.32)
    return [box(stuff, w, h, 0.62), box(k["dark"], w, 0.01, 0.625, y=h * 0.65), handle]


def bed(rng, k: RoomKit) -> list[Solid]:
    """A bed, its head at high z: frame, mattress, blanket, pillows."""
    w, long, h = float(rng.choice([0.95, 1.4, 1.7])), rng.uniform(1.95, 2.15), rng.uniform(0.28, 0.4)
    frame = [box(k["wood"], w, h, long), box(k["wood"], w, rng.uniform(0.7, 1.2), 0.06, z=long / 2)]
    mattress, cloth = box(k["light"], w - 0.04, 0.16, long - 0.08, y=h), k["fabric 1"]
    blanket = box(cloth, w + 0.04, 0.1, long * rng.uniform(0.5, 0.75), y=h + 0.1, z=-long * 0.16)
    pillows = [
        box(k.one("light fabric"), 0.6, 0.13, 0.4, x=x, z=long / 2 - 0.3, y=h + 0.15, yaw=rng.normal(0, 0.1))
        for x in ((0.0,) if w < 1.2 else (-w / 4, w / 4))
    ]
    return [*frame, mattress, blanket, *pillows]


def sofa(rng, k: RoomKit, style: str = "any") -> list[Solid]:
    """A sofa of "any" width, or an "armchair", with back, arms and cushions."""
    w = rng.uniform(0.75, 0.95) if style == "armchair" else rng.uniform(0.8, 2.2)
    arms = [box(k["fabric"], 0.18, 0.6, 0.85, x=a * (w / 2 - 0.09)) for a in (-1, 1)]
    cushions = [
        box(k["accent"], 0.4, 0.35, 0.14, x=a * w * 0.25, y=0.45, z=0.15, yaw=0.1 * a)
        for a in (-1, 1)
        if rng.random() < 0.6 and w > 1.2
    ]
    return [box(k["fabric"], w, 0.42, 0.85), box(k["fabric"], w, 0.82, 0.22, z=0.32), *arms, *cushions]


def lounge(rng, k: RoomKit) -> list[Solid]:
    """A sofa with a low table before it, and things on that."""
    w, d, h = rng.uniform(0.7, 1.3), rng.uniform(0.45, 0.75), rng.uniform(0.35, 0.5)
    low = [box(k.one("wood light any"), w, 0.04, d, y=h - 0.04), *legs(k["dark"], 0.05, h - 0.04, w, d, 0.05)]
    low += scatter(rng, k, ANYTHING, w, d, h, int(rng.integers(1, 7)), 1.5)
    return sofa(rng, k) + [s.moved(rng.normal(0, 0.15), -0.95, rng.normal(0, 0.15)) for s in low]


def television(rng, k: RoomKit) -> list[Solid]:
    """A low board with a television on it."""
    w, h, wide = rng.uniform(1.0, 1.8), rng.uniform(0.35, 0.6), rng.uniform(0.7, 1.2)
    low, foot = box(k.one("wood light front"), w, h, 0.4), box(k["black"], 0.4, 0.03, 0.2, y=h)
    shown = box(k["black"], wide, wide * 0.57, 0.05, y=h + 0.06, front=k.one("screen print black"))
    return [low, foot, shown, *scatter(rng, k, ANYTHING, w, 0.3, h, 2)]


def workbench(rng, k: RoomKit) -> list[Solid]:
    """A bench with tools on it, and a board for more behind."""
    w, d = rng.uniform(1.2, 2.4), rng.uniform(0.6, 0.8)
    made = table(rng, k, w, d, k.one("wood planks steel"))
    behind = [box(k.one("wood any steel"), w, 0.9, 0.02, y=1.0, z=d / 2, grounded=False)]
    behind += [
        box(k.tint(), *rng.uniform(0.03, 0.25, 2), 0.04, x=x, y=rng.uniform(1.1, 1.6), z=d / 2 - 0.03, grounded=False)
        for x in rng.uniform(-0.4, 0.4, 5) * w
    ]
    made += behind if rng.random() < 0.6 else []
    return made + scatter(rng, k, TOOLS, w, d, made[0].y1, int(rng.integers(3, 10)))


def crates(rng, k: RoomKit, style: str = "card") -> list[Solid]:
    """Crates of "wood" or boxes of "card", stacked."""
    stuff, made, y = k["planks"] if style == "wood" else k.some("card", 3), [], 0.0
    w, d = rng.uniform(0.35, 0.8), rng.uniform(0.3, 0.7)
    for _ in range(2 if style == "wood" else int(rng.integers(1, 5))):
        h = rng.uniform(0.2, 0.65)
        made.append(box(stuff, w, h, d, y=y, x=rng.normal(0, 0.02), yaw=rng.normal(0, 0.2)))
        w, d, y = w * rng.uniform(0.75, 1), d * rng.uniform(0.75, 1), y + h
    return made


def tree(rng, k: RoomKit, style: str = "broad") -> list[Solid]:
    """A "broad" tree, a "fir", a tall "trunk" without a crown, a "bush", a "tub" or a "pot" with a plant."""
    small = style in ("pot", "tub")
    h = rng.uniform(*{"pot": (0.7, 1.7), "tub": (0.9, 1.4), "bush": (0.6, 1.4), "trunk": (7, 12)}.get(style, (2.5, 8)))
    leaf, stem = k["leaf"] if style == "pot" else k.some("foliage", 4), k["dark"] if small else k.some("bark", 3)
    if style == "trunk":
        return [pole(stem, rng.uniform(0.15, 0.6), h)]
    if style == "fir":
        tiers = [ball(leaf, (1 - i / 6) * 0.5 * h, 0.3 * h, y=(0.1 + 0.13 * i) * h, grounded=False) for i in range(6)]
        return [pole(stem, 0.2, 0.4 * h), *tiers]
    if style == "bush":
        return [ball(leaf, *rng.uniform(0.5, 1.3, 2), x=x, z=z, y=-0.15) for x, z in rng.normal(0, 0.3, (4, 2))]
    size, low = ((0.3, 0.6), 0.3) if style == "pot" else ((0.3, 0.55), 0.35)
    wide = rng.uniform(*size, (6, 2)) * (1 if style == "pot" else h)
    crown = [
        ball(leaf, *extent, x=x, z=z, y=rng.uniform(low, 0.75) * h, grounded=False)
        for extent, (x, z) in zip(wide, rng.normal(0, 0.16 if style == "pot" else 0.13 * h, (6, 2)), strict=True)
    ]
    tub = {"pot": [pole(k.one("accent stone"), 0.36, 0.34)], "tub": [box(k["rock"], 0.9, 0.55, 0.9)]}.get(style, [])
    thick = 0.05 if small else rng.uniform(0.15, 0.45)
    return [*tub, pole(stem, thick, (0.6 if small else 0.7) * h, y=0.3 * small), *crown]


def lamp(rng, k: RoomKit, style: str = "floor") -> list[Solid]:
    """A standing lamp with a glowing shade; on a "street" a lamp post, a bollard or a sign."""
    if style == "floor":
        shade = plain_material((0.95, 0.88, 0.7), glow=0.8)
        return [pole(k["metal"], 0.3, 0.03), pole(k["metal"], 0.03, 1.4), pole(shade, 0.36, 0.3, y=1.35)]
    h = float(rng.choice([0.9, 2.4, 4.5]))
    head = {2.4: [box(k.tint(), 0.6, 0.6, 0.04, y=1.8)], 4.5: [ball(k["light"], 0.35, 0.4, y=h)]}.get(h, [])
    return [pole(k.one("metal dark accent"), 0.12 if h > 1 else 0.2, h), *head]


def whiteboard(rng, k: RoomKit) -> list[Solid]:
    """A whiteboard on wheels."""
    posts = [box(k["metal"], 0.04, 0.8, 0.04, x=x) for x in (-0.7, 0.7)]
    feet = [box(k["metal"], 0.06, 0.05, 0.5, x=x) for x in (-0.7, 0.7)]
    return [box(k["light"], 1.5, 1.0, 0.04, y=0.8), *posts, *feet]


def rock(rng, k: RoomKit) -> list[Solid]:
    """A few rocks."""
    stone = k.some("rock", 3)
    return [ball(stone, *rng.uniform(0.3, 1.4, 2), x=x, z=z, y=-0.25) for x, z in rng.normal(0, 0.3, (3, 2))]


def log(rng, k: RoomKit) -> list[Solid]:
    """A fallen trunk."""
    return [ball(k.some("bark", 3), rng.uniform(1.5, 3.5), 0.4, y=-0.05, d=0.4)]


def car(rng, k: RoomKit, far: bool = False) -> list[Solid]:
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


def bin(rng, k: RoomKit) -> list[Solid]:
    """A litter bin or a barrel."""
    return [pole(k.tint(), 0.5, 0.9), pole(k["black"], 0.54, 0.08, y=0.86)]


def junk(rng, k: RoomKit) -> list[Solid]:
    """Boxes, balls and cylinders of any texture, lying and stacked."""
    made, size, wide = [], np.exp(rng.uniform(np.log(0.12), np.log(0.5))), rng.uniform(0.6, 2.2)
    for _ in range(int(rng.integers(5, 18))):
        one = block(rng, k, size)[0]
        flat = [s for s in made if s.kind != "ball" and s.y1 < 2 and min(s.w, s.d) > 0.6 * size]
        if flat and rng.random() < 0.45:
            below = flat[rng.integers(len(flat))]
            x, z = (below.x, below.z) + rng.uniform(-0.3, 0.3, 2) * (below.w, below.d)
            made += [s.moved(x, z, rng.uniform(0, pi)) for s in lifted([one], below.y1)]
        else:
            made.append(one.moved(*rng.uniform(-wide, wide, 2) / 2, rng.uniform(0, pi)))
    return made


def wardrobe(rng, k: RoomKit) -> list[Solid]:
    """Two tall doors side by side."""
    return [one.moved(x, 0, 0) for x in (0.0, 0.75) for one in fridge(rng, k)]


def thing(rng, k: RoomKit, name: str):
    """What a plan calls by this name: a function of this file or of `exhibits`, and its style after a colon."""
    make, *style = name.split(":")
    return {**vars(exhibits), **globals()}[make](rng, k, *style)
