"""Out of doors: streets, squares, parks, forest trails, yards and open land, under a sky, in the sun."""

import numpy as np

from ..camera import Camera
from ..raycast.materials import textured
from ..raycast.scene import Scene, Solid
from . import openair
from .fittings import box
from .landscape import facade_material, foliage_material, ground_material, sky

# What a kind of place is made of: the ground, what stands about (and how much of it), what closes the view.
KINDS = {
    "street": dict(
        ground="concrete slabs gravel", style="stone", things="car car post tree bin", count=(2, 8), rows="buildings"
    ),
    "square": dict(
        ground="slabs tiles pebbles checks",
        style="stone",
        things="post planter tree statue bench",
        count=(3, 9),
        rows="buildings",
    ),
    "park": dict(
        ground="grass grass gravel", style="nature", things="tree tree bush bench post", count=(4, 12), rows="hedge"
    ),
    "trail": dict(
        ground="leaves grass gravel noise",
        style="nature",
        things="trunk trunk tree fir bush rock log",
        count=(10, 22),
        rows="",
    ),
    "yard": dict(
        ground="concrete gravel brick planks",
        style="stone",
        things="car bin crate bush planter post",
        count=(2, 9),
        rows="fence",
    ),
    "land": dict(
        ground="noise grass ripples gravel cracked", style="nature", things="rock bush fir tree", count=(0, 8), rows=""
    ),
}
THINGS = {"tree": openair.outdoor_tree, "bench": openair.outdoor_bench, "statue": openair.outdoor_statue}
THINGS |= {"crate": openair.outdoor_crate, "trunk": openair.trunk, "fir": openair.fir, "bush": openair.bush}
THINGS |= {"rock": openair.rock, "log": openair.log, "car": openair.car, "post": openair.post, "bin": openair.bin}
THINGS["planter"] = openair.planter


def place(rng: np.random.Generator, kind: str) -> Scene:
    """An open-air scene of one kind; the camera stands 1.6 m above the ground."""
    plan = KINDS[kind]
    scene = Scene(kind, Camera(pitch=float(rng.uniform(-0.05, 0.15))), 0.0, 0.0, float(rng.normal(0, 0.2)))
    wet = float(rng.random() < 0.1) * 0.4
    scene.ground = ground_material(rng, str(rng.choice(plan["ground"].split())), plan["style"], wet)
    scene.sky = sky(rng)
    _light_up(rng, scene)
    close_view(rng, scene, plan["rows"])
    taken = [(0.0, 0.0, 1.8)]
    for _ in range(int(rng.integers(*plan["count"], endpoint=True))):
        thing = THINGS[str(rng.choice(plan["things"].split()))](rng)
        z = rng.uniform(2.2, 24)
        x, z = rng.uniform(-0.75, 0.75) * (z + 2), z
        radius = max(np.hypot(abs(s.x) + s.w / 2, abs(s.z) + s.d / 2) for s in thing if s.y0 < 1.5) * 0.9
        if all(np.hypot(x - a, z - b) > radius + r for a, b, r in taken):
            taken.append((x, z, radius))
            yaw = rng.normal(0, 0.15) + rng.choice([0, np.pi / 2])
            scene.solids += [solid.moved(*scene.to_scene(x, z), yaw) for solid in thing]
    scene.spots = open_ground(rng, scene)
    return scene


def _light_up(rng: np.random.Generator, scene: Scene) -> None:
    """A sunny, hazy, cloudy or late day."""
    overcast = rng.random() < 0.35
    around, up = rng.uniform(0, 2 * np.pi), rng.uniform(0.25, 0.9)
    flat = np.sqrt(1 - up * up)
    scene.sun = (
        float(flat * np.sin(around)),
        float(up),
        float(flat * np.cos(around)),
        0.15 if overcast else rng.uniform(0.8, 1.8),
    )
    shade = rng.uniform(0.5, 0.8) if overcast else rng.uniform(0.25, 0.5)
    scene.ambient = (shade * 0.95, shade, shade * 1.08)
    warm = rng.normal(0.03, 0.07)
    scene.tint = scene.warmth = (1 + warm, 1.0, 1 - warm)
    scene.exposure, scene.contrast = rng.uniform(0.16, 0.42), rng.uniform(0, 0.7)
    scene.haze, scene.grain = float(rng.choice([0.02, 0.1, 0.5], p=[0.5, 0.35, 0.15])), rng.uniform(0.003, 0.015)


def close_view(rng: np.random.Generator, scene: Scene, rows: str) -> None:
    """Put buildings, a fence or a hedge along the sides and the end of the view."""
    if not rows:
        return
    far, side = rng.uniform(9, 26), rng.uniform(3.5, 9)
    for x, z, yaw, long in (
        (-side, far / 2, np.pi / 2, far + 8),
        (side, far / 2, -np.pi / 2, far + 8),
        (0.0, far, 0.0, 2 * side + 12),
    ):
        if rng.random() < 0.75:
            if rows == "buildings":
                scene.solids += terrace(rng, x, z, yaw, long)
            elif rows == "hedge":
                leaf = foliage_material(rng)
                scene.solids.append(Solid("box", x, z, 0, rng.uniform(0.8, 2.2), long, 0.8, leaf, yaw))
            else:
                wall = textured(
                    rng,
                    str(rng.choice(["planks", "brick", "concrete", "ashlar"])),
                    "stone" if rng.random() < 0.5 else "wood",
                )
                scene.solids.append(Solid("box", x, z, 0, rng.uniform(1.2, 2.6), long, 0.15, wall, yaw))


def terrace(rng: np.random.Generator, x: float, z: float, yaw: float, long: float) -> list[Solid]:
    """A row of house fronts of different heights and colours: along a side of the view, or (`yaw` 0) across its end."""
    houses, at = [], -long / 2
    while at < long / 2:
        w, h = rng.uniform(3, 9), rng.uniform(4, 14)
        house = box(facade_material(rng), w, h, 4.0, x=at + w / 2, z=-2.0 if yaw else 2.0, grounded=False)
        houses.append(house.moved(x, z, yaw))
        at += w
    return houses


def open_ground(rng: np.random.Generator, scene: Scene, count: int = 64) -> np.ndarray:
    """Up to `count` places (x, z) in scene coordinates, in view and 2–10 m away, where nothing stands (n, 2)."""
    ahead = rng.uniform(2, 10, 1000)
    x, z = scene.to_scene(rng.uniform(-0.5, 0.5, 1000) * ahead, ahead)
    fine = np.ones(len(x), bool)
    for solid in scene.solids:
        if solid.y0 < 1.8:
            c, s = np.cos(solid.yaw), np.sin(solid.yaw)
            across, deep = c * (x - solid.x) - s * (z - solid.z), s * (x - solid.x) + c * (z - solid.z)
            fine &= (np.abs(across) > solid.w / 2 + 0.25) | (np.abs(deep) > solid.d / 2 + 0.25)
    return np.stack([x, z], 1)[fine][:count]
