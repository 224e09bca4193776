"""Rooms in which people live and work, much of it near: what furnishes a kitchen, a study, a store, a heap."""

from dataclasses import replace
from math import pi

import numpy as np

from ..raycast.scene import Scene, Solid
from . import furniture
from .fittings import RoomKit, box

# fmt: off
LIVED = {  # as in `rooms.KINDS`; `along`: what stands against walls, the first for certain; `free`: what stands about
    "kitchen": dict(
        floor="tiles planks checks carpet stripes terrazzo", wall="plaster plaster tiles", paint="wall",
        along="worktop worktop fridge cabinet:laid board",
        free="dining dining dining chair", hung="sheets sheets covering wall_window door radiator", rug=0.1,
    ),
    "study": dict(
        floor="carpet planks concrete stripes wood", wall="plaster plaster concrete brick", paint="any",
        along="workplace workplace shelf board shelf:things cabinet:laid tree:pot television",
        free="workplace chair lamp dining", hung="sheets sheets wall_board wall_window door radiator curtain", rug=0.3,
    ),
    "bedroom": dict(
        floor="planks carpet wood herringbone", wall="plaster damask stripes plaster", paint="wall",
        along="bed wardrobe cabinet:laid shelf:things desk sofa tree:pot lamp",
        free="chair lamp crates lounge", hung="sheets wall_window curtain door radiator mirror covering", rug=0.6,
    ),
    "lounge": dict(
        floor="planks carpet herringbone wood tiles", wall="plaster damask stripes plaster brick", paint="wall",
        along="sofa television shelf shelf:things cabinet:laid tree:pot lamp", rug=0.7,
        free="lounge lounge dining sofa:armchair", hung="sheets wall_window curtain curtain door radiator mirror",
    ),
    "workshop": dict(
        floor="concrete planks slabs noise", wall="plaster concrete brick planks", paint="any",
        along="workbench rack rack rack crates crates:wood fridge board", rug=0.0,
        free="crates crates workbench crates:wood chair", hung="covering covering sheets door wall_window wall_board",
    ),
    "meeting": dict(
        floor="carpet carpet planks concrete",
        wall="plaster plaster concrete", paint="white", rug=0.1, free="conference conference workplace chair",
        along="cabinet:laid television tree:pot shelf whiteboard",
        hung="wall_board wall_board sheets wall_window curtain door radiator",
    ),
    "jumble": dict(
        floor="planks carpet tiles concrete checks terrazzo stripes herringbone noise",
        wall="plaster tiles brick planks noise checks", paint="any", rug=0.3,
        along="junk junk junk crates rack cabinet:laid",
        free="junk junk junk junk chair crates dining", hung="covering sheets sheets door wall_window",
    ),
}
# fmt: on


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
        made = furniture.thing(rng, k, name)
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
        made = furniture.thing(rng, k, rng.choice(plan["free"].split()))
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
