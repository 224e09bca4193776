"""Rooms in which people live and work, much of it near: what furnishes a kitchen, a study, a store, a heap."""

from dataclasses import replace
from math import pi

import numpy as np

from ..raycast.scene import Scene, Solid
from . import furniture
from .fittings import RoomKit, box, lifted
from .tabletop import block

# fmt: off
FLOORS = "planks carpet tiles concrete checks terrazzo stripes herringbone noise"
LIVED = {  # as in `rooms.KINDS`; `along`: what stands against walls, the first for certain; `free`: what stands about
    "kitchen": dict(
        floor="tiles planks checks carpet stripes terrazzo", wall="plaster plaster tiles", paint="wall",
        along="worktop worktop fridge cabinet board", free="dining dining dining chair", rug=0.1,
        hung="sheets sheets covering wall_window door radiator",
    ),
    "study": dict(
        floor="carpet planks concrete stripes wood", wall="plaster plaster concrete brick", paint="any",
        along="workplace workplace shelf board shelf_things cabinet pot television", free="workplace chair lamp dining",
        rug=0.3, hung="sheets sheets wall_board wall_window door radiator curtain",
    ),
    "bedroom": dict(
        floor="planks carpet wood herringbone", wall="plaster damask stripes plaster", paint="wall",
        along="bed wardrobe cabinet shelf_things desk sofa pot lamp", free="chair lamp crates lounge", rug=0.6,
        hung="sheets wall_window curtain door radiator mirror covering",
    ),
    "lounge": dict(
        floor="planks carpet herringbone wood tiles", wall="plaster damask stripes plaster brick", paint="wall",
        along="sofa television shelf shelf_things cabinet pot lamp", free="lounge lounge dining armchair", rug=0.7,
        hung="sheets wall_window curtain curtain door radiator mirror",
    ),
    "workshop": dict(
        floor="concrete planks slabs noise", wall="plaster concrete brick planks", paint="any",
        along="workbench rack rack rack crates wood fridge board", free="crates crates workbench wood chair", rug=0.0,
        hung="covering covering sheets door wall_window wall_board",
    ),
    "meeting": dict(
        floor="carpet carpet planks concrete", wall="plaster plaster concrete", paint="white",
        along="cabinet television pot shelf whiteboard", free="conference conference workplace chair", rug=0.1,
        hung="wall_board wall_board sheets wall_window curtain door radiator",
    ),
    "jumble": dict(
        floor=FLOORS, wall="plaster tiles brick planks noise checks", paint="any",
        along="heap heap heap crates rack cabinet", free="heap heap heap heap chair crates dining", rug=0.3,
        hung="covering sheets sheets door wall_window",
    ),
}
# fmt: on


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


def extent(solids: list[Solid]) -> tuple[float, float, float, float]:
    """Least and most x, least and most z in metres of solids."""
    x, z, w, d, yaw = np.array([(s.x, s.z, s.w, s.d, s.yaw) for s in solids]).T
    c, n = np.abs((np.cos(yaw), np.sin(yaw)))
    a, b = (c * w + n * d) / 2, (n * w + c * d) / 2
    return (x - a).min(), (x + a).max(), (z - b).min(), (z + b).max()


def furnish_near(rng, plan: dict, k: RoomKit, scene: Scene, width: float, length: float) -> None:
    """Stand furniture against the walls, then groups about the room, so that boxes around them do not overlap."""
    taken: list[tuple] = []
    names, most = plan["along"].split(), int((width + length) * rng.uniform(0.3, 0.9))
    for name in [names[0], *rng.choice(names, most)]:
        made = THINGS[str(name)](rng, k)
        left, right, front, back = extent(made)
        for side in rng.permutation(4):
            span = (width if side % 2 == 0 else length) - (right - left)
            if span > 0.1:
                at = rng.uniform(0, span) if rng.random() < 0.6 else span * rng.integers(2)
                x, z, yaw = [
                    (at - left, length - back, 0.0), (width - back, length - at + left, pi / 2),
                    (width - at + left, back, pi), (back, at - left, -pi / 2),
                ][side]  # fmt: skip
                if _stand(scene, taken, made, x, z, yaw):
                    break
    for _ in range(int(rng.uniform(0.6, 1.6) + width * length / rng.uniform(14, 40))):
        made = THINGS[str(rng.choice(plan["free"].split()))](rng, k)
        for _ in range(6):
            x, z = rng.uniform(0.2, 0.8) * width, rng.uniform(0.2, 0.8) * length
            if _stand(scene, taken, made, x, z, rng.integers(4) * pi / 2 + rng.normal(0, 0.25), (width, length)):
                break
    scene.solids = [s if s.y0 < 0.2 or s.w * s.d > 0.2 else replace(s, grounded=False) for s in scene.solids]


def _stand(scene: Scene, taken: list, solids: list, x: float, z: float, yaw: float, within: tuple = ()) -> bool:
    """Put solids at (x, z) if the rectangle around them is free; say whether they fitted."""
    left, right, front, back = extent(solids)
    around = box(None, right - left, 0, back - front, (left + right) / 2, (front + back) / 2)
    left, right, front, back = extent([around.moved(x, z, yaw)])
    if within and (left < 0.05 or front < 0.05 or right > within[0] - 0.05 or back > within[1] - 0.05):
        return False
    if any(left < b and right > a and front < d and back > c for a, b, c, d in taken):
        return False
    taken.append((left, right, front, back))
    scene.solids += [solid.moved(x, z, yaw) for solid in solids]
    return True


NAMES = (
    "bed board dining conference desk workplace chair rack crates worktop fridge sofa lounge television workbench lamp"
)
THINGS = {name: getattr(furniture, name) for name in [*NAMES.split(), "shelf", "cabinet", "whiteboard"]}
THINGS |= {
    "heap": junk,
    "armchair": lambda rng, k: furniture.sofa(rng, k, rng.uniform(0.75, 0.95)),
    "wardrobe": lambda rng, k: [one.moved(x, 0, 0) for x in (0.0, 0.75) for one in furniture.fridge(rng, k)],
    "shelf_things": lambda rng, k: furniture.shelf(rng, k, "things"),
    "cabinet": lambda rng, k: furniture.cabinet(rng, k, "laid"),
    "wood": lambda rng, k: furniture.crates(rng, k, "wood"),
    "pot": lambda rng, k: furniture.tree(rng, k, "pot"),
}
