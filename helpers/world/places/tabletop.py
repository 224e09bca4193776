"""Small things that lie and stand on tables, desks, worktops and shelves, each about the origin of what carries it."""

import numpy as np

from ..raycast.materials import plain_material
from ..raycast.scene import Solid
from .fittings import RoomKit, ball, box, lifted, pole, take

FRUIT = ((0.85, 0.45, 0.08), (0.75, 0.1, 0.08), (0.45, 0.6, 0.12), (0.9, 0.75, 0.15), (0.4, 0.15, 0.3))


def mug(rng, k: RoomKit) -> list[Solid]:
    """A mug or a glass with a handle."""
    w, h, stuff = rng.uniform(0.07, 0.1), rng.uniform(0.08, 0.12), k.tint() if rng.random() < 0.6 else k["light"]
    return [pole(stuff, w, h, top=k["black"]), box(stuff, 0.035, h * 0.6, 0.012, x=w / 2 + 0.012, y=h * 0.2)]


def bottle(rng, k: RoomKit) -> list[Solid]:
    """A bottle, a tin or a spray can."""
    w, h, stuff = rng.uniform(0.055, 0.1), rng.uniform(0.1, 0.24), k.tint() if rng.random() < 0.6 else k.some("any", 5)
    return [pole(stuff, w, h), pole(k.tint(), w * rng.uniform(0.35, 0.8), h * rng.uniform(0.1, 0.5), y=h)]


def bowl(rng, k: RoomKit) -> list[Solid]:
    """A bowl of fruit, a plate or a pan."""
    w, h = rng.uniform(0.16, 0.3), float(rng.choice([0.015, 0.07, 0.1]))
    peel = plain_material(FRUIT[rng.integers(5)])
    turns = np.linspace(0, 5, int(rng.integers(0, 5)))
    fruit = [ball(peel, 0.08, 0.08, w * 0.25 * np.sin(turn), w * 0.25 * np.cos(turn), h * 0.6) for turn in turns]
    return [pole(k.one("light steel black accent"), w, h, top=k["black" if h > 0.05 else "light"]), *fruit]


def books(rng, k: RoomKit) -> list[Solid]:
    """One book or a pile of them, lying."""
    made, y = [], 0.0
    for _ in range(int(rng.integers(1, 5))):
        thick = rng.uniform(0.008, 0.045)
        cover = k.some("print", 3) if rng.random() < 0.6 else None
        stuff, w, d = k.tint(), rng.uniform(0.14, 0.24), rng.uniform(0.2, 0.31)
        made.append(box(stuff, w, thick, d, y=y, yaw=rng.normal(0, 0.2), top=cover))
        y += thick
    return made


def papers(rng, k: RoomKit) -> list[Solid]:
    """Sheets of paper and magazines, one over another."""
    made = []
    for n in range(int(rng.integers(1, 5))):
        x, z = rng.normal(0, 0.06, 2)
        shown, white = k.some("page" if rng.random() < 0.7 else "print", 3), k["light"]
        made.append(box(white, 0.21, 0.003, 0.297, x=x, z=z, y=0.003 * n, yaw=rng.normal(0, 0.5), top=shown))
    return made


def leaflet(rng, k: RoomKit) -> list[Solid]:
    """A leaflet, a picture or a book that stands upright."""
    w = rng.uniform(0.14, 0.32)
    return [box(k["light"], w, w * rng.uniform(0.8, 1.5), rng.uniform(0.01, 0.04), front=k.some("print", 3))]


def parcel(rng, k: RoomKit) -> list[Solid]:
    """A box of cardboard, wood or any colour, now and then another on top of it."""
    stuff = k.some("card", 3) if rng.random() < 0.4 else k.tint() if rng.random() < 0.5 else k.some("any", 5)
    w, h, d = rng.uniform(0.06, 0.34, 3)
    more = [box(k.tint(), w * 0.8, h * 0.6, d * 0.8, y=h, yaw=rng.normal(0, 0.3))] if rng.random() < 0.25 else []
    tape = [box(k["light"], w * 0.2, 0.002, d, y=h)] if rng.random() < 0.2 and not more else []
    return [box(stuff, w, h, d, front=k.some("print", 3) if rng.random() < 0.3 else None), *more, *tape]


def monitor(rng, k: RoomKit) -> list[Solid]:
    """A screen on its foot."""
    w, low = rng.uniform(0.38, 0.66), rng.uniform(0.06, 0.16)
    edge, shown = k.one("black metal light"), k.one("screen print black")
    back = box(edge, w, w * rng.uniform(0.56, 0.8), 0.035, y=low, z=-0.01, front=shown)
    return [pole(edge, 0.22, 0.015, d=0.17), box(edge, 0.06, low + 0.1, 0.03, z=0.03), back]


def laptop(rng, k: RoomKit) -> list[Solid]:
    """An open laptop."""
    w, edge = rng.uniform(0.29, 0.38), k.one("black metal steel")
    base = box(edge, w, 0.018, 0.24, top=k["keys"])
    return [base, box(edge, w, 0.22, 0.012, y=0.015, z=0.125, front=k.one("screen print black"))]


def keyboard(rng, k: RoomKit) -> list[Solid]:
    """A keyboard and a mouse."""
    stuff = k.one("black light")
    return [box(stuff, 0.44, 0.02, 0.14, top=k["keys"]), ball(stuff, 0.06, 0.035, d=0.1, x=rng.uniform(0.27, 0.34))]


def telephone(rng, k: RoomKit) -> list[Solid]:
    """A telephone."""
    stuff = k.one("black light accent")
    return [box(stuff, 0.17, 0.05, 0.2, top=k["keys"]), box(stuff, 0.05, 0.04, 0.19, x=-0.06, y=0.05)]


def desk_lamp(rng, k: RoomKit) -> list[Solid]:
    """A small lamp with a glowing or a dark shade."""
    h, stuff = rng.uniform(0.25, 0.5), k.one("metal black accent")
    shade = plain_material((0.95, 0.88, 0.7), glow=0.8) if rng.random() < 0.5 else stuff
    return [pole(stuff, 0.15, 0.02), pole(stuff, 0.02, h), pole(shade, rng.uniform(0.13, 0.28), 0.16, y=h)]


def pot(rng, k: RoomKit) -> list[Solid]:
    """A small plant in its pot."""
    w, h = rng.uniform(0.1, 0.18), rng.uniform(0.15, 0.4)
    crown = [
        ball(k["leaf"], *rng.uniform(0.5, 1, 2) * h, x=x, z=z, y=w + rng.uniform(-0.1, 0.3) * h)
        for x, z in rng.normal(0, 0.2 * h, (4, 2))
    ]
    return [pole(k.one("accent stone light"), w, w), *crown]


def kettle(rng, k: RoomKit) -> list[Solid]:
    """A kettle, a coffee machine or a toaster."""
    stuff, w, h = k.one("steel black light accent"), rng.uniform(0.14, 0.24), rng.uniform(0.16, 0.36)
    if rng.random() < 0.5:
        return [pole(stuff, w, h), ball(stuff, w, 0.07, y=h - 0.03), box(k["black"], 0.03, h, 0.03, x=w * 0.65)]
    return [box(stuff, w * 1.3, h, w), box(k["black"], w, h * 0.4, 0.01, y=h * 0.3, z=-w / 2)]


def ring(rng, k: RoomKit) -> list[Solid]:
    """A roll of tape, a jar lid, a stack of coasters."""
    return [pole(k.one("metal accent light"), rng.uniform(0.08, 0.13), rng.uniform(0.02, 0.06), top=k["black"])]


def block(rng, k: RoomKit, size: float = 0.2) -> list[Solid]:
    """A box, a cylinder or a ball of any texture, about `size` metres large."""
    stuff = k.tint() if rng.random() < 0.35 else k.some("any", 6)
    w, h, d = size * np.exp(rng.normal(0, 0.5, 3))
    kind = rng.random()
    if kind < 0.5:
        return [box(stuff, w, h, d, top=k.tint() if rng.random() < 0.2 else None)]
    return [pole(stuff, w, h)] if kind < 0.75 else [ball(stuff, w, w if kind < 0.9 else h, d=w)]


SMALL = {"mug": mug, "bottle": bottle, "bowl": bowl, "books": books, "papers": papers, "leaflet": leaflet, "ring": ring}
SMALL |= {"parcel": parcel, "monitor": monitor, "laptop": laptop, "keyboard": keyboard, "telephone": telephone}
SMALL |= {"lamp": desk_lamp, "pot": pot, "kettle": kettle, "block": block}
ANYTHING = "mug mug bottle bowl books papers leaflet parcel parcel pot ring block"
OFFICE = "mug bottle books papers papers leaflet telephone lamp pot ring parcel"
KITCHEN = "mug mug bottle bottle bowl bowl kettle leaflet parcel papers pot"
TOOLS = "parcel parcel bottle ring block block books lamp"


def scatter(rng, k: RoomKit, names: str, w: float, d: float, y: float, count: int, turn: float = 0.4) -> list[Solid]:
    """Up to `count` small things, apart from each other, on a top of `w` by `d` metres at height `y`."""
    made, taken = [], []
    for _ in range(count):
        solids = SMALL[str(rng.choice(names.split()))](rng, k)
        reach = max(max(s.w, s.d) / 2 + max(abs(s.x), abs(s.z)) for s in solids)
        for _ in range(4):
            x, z = rng.uniform(-0.5, 0.5, 2) * np.maximum((w - 1.4 * reach, d - 1.4 * reach), 0.02)
            if take(taken, x, z, 0.8 * reach):
                made += lifted([solid.moved(x, z, rng.normal(0, turn)) for solid in solids], y)
                break
    return made
