"""Out of doors: streets, car parks, squares, parks, forest trails, yards and open land, under a sky, in the sun."""

from functools import partial

import numpy as np

from ..camera import Camera
from ..raycast.materials import textured
from ..raycast.scene import Scene, Solid
from . import exhibits, furniture, openair, viewpoints
from .fittings import RoomKit, box
from .landscape import facade_material, foliage_material, ground_material, sky

# What a kind of place is made of: the ground, what stands about (and how much of it), what closes the view.
KINDS = {
    "street": dict(
        ground="concrete slabs gravel",
        style="stone",
        things="car car car post tree bin",
        count=(3, 11),
        rows="buildings",
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
    "car_park": dict(
        ground="concrete noise slabs",
        style="stone",
        things="post tree bush",
        count=(2, 8),
        rows="buildings",
        height=(3.5, 9.0),
        reach=(8.0, 40.0),
        far=(28, 60),
    ),
    "land": dict(
        ground="noise grass ripples gravel cracked", style="nature", things="rock bush fir tree", count=(0, 8), rows=""
    ),
}
NAMES = ("rock", "log", "car", "bin")
THINGS = {name: getattr(openair, name) for name in NAMES} | {"statue": partial(exhibits.statue, style="monument")}
THINGS |= {name: partial(furniture.tree, style=name) for name in ("trunk", "fir", "bush")}
THINGS |= {"tree": furniture.tree, "planter": partial(furniture.tree, style="tub")}
THINGS |= {"bench": partial(furniture.bench, style="park"), "crate": partial(furniture.crates, style="wood")}
THINGS["post"] = partial(furniture.lamp, style="street")


def place(rng: np.random.Generator, kind: str, camera: str = "museum") -> Scene:
    """An open-air scene of one kind, seen by the "museum" course's camera 1.6 m above the ground, or by "any" other."""
    plan, kit = KINDS[kind], RoomKit(rng)
    scene = Scene(kind, viewpoints.course_camera(rng), 0.0, 0.0, float(rng.normal(0, 0.2)))
    wet = float(rng.random() < 0.1) * 0.4
    scene.ground = ground_material(rng, str(rng.choice(plan["ground"].split())), plan["style"], wet)
    scene.sky = sky(rng)
    _light_up(rng, scene)
    if camera != "museum" or kind == "car_park":
        scene.camera = lookout(rng, plan.get("height", (1.2, 4.0)), plan.get("reach", (3.0, 20.0)))
    close_view(rng, scene, plan["rows"], plan.get("far", (9, 26)))
    if kind == "car_park":
        park_cars(rng, kit, scene)
    taken = [(0.0, 0.0, 1.8), *((solid.x, solid.z, solid.w / 2) for solid in scene.solids if kind == "car_park")]
    for _ in range(int(rng.integers(*plan["count"], endpoint=True))):
        thing = THINGS[str(rng.choice(plan["things"].split()))](rng, kit)
        z = rng.uniform(2.2, 24)
        x, z = rng.uniform(-0.75, 0.75) * (z + 2), z
        radius = max(np.hypot(abs(s.x) + s.w / 2, abs(s.z) + s.d / 2) for s in thing if s.y0 < 1.5) * 0.9
        if all(np.hypot(x - a, z - b) > radius + r for a, b, r in taken):
            taken.append((x, z, radius))
            yaw = rng.normal(0, 0.15) + rng.choice([0, np.pi / 2])
            scene.solids += [solid.moved(*scene.to_scene(x, z), yaw) for solid in thing]
    viewpoints.clear_away(scene)
    reach = plan.get("reach", (2.0, 20.0)) if camera != "museum" or kind == "car_park" else (2.0, 10.0)
    across = reach[1] * np.tan(scene.camera.fov / 2) + reach[1]
    scene.spots = viewpoints.free_places(rng, scene, (-across, -across), (across, across), reach)
    return scene


def lookout(rng: np.random.Generator, heights: tuple, reach: tuple) -> Camera:
    """A camera between these heights above a street or a yard, that looks at somebody within `reach` metres."""
    height, fov = rng.uniform(*heights), rng.uniform(38, 85)
    pitch = np.arctan2(height - 0.8, np.exp(rng.uniform(*np.log(reach)))) + rng.normal(0, 0.04)
    return Camera(float(height), float(np.clip(pitch, -0.1, 1.0)), float(np.deg2rad(fov)))


def park_cars(rng: np.random.Generator, kit: RoomKit, scene: Scene) -> None:
    """Two to four rows of parked cars, side by side, with gaps, before the camera."""
    z, turn = rng.uniform(8, 14), rng.normal(0, 0.3)
    for _ in range(int(rng.integers(2, 5))):
        for x in np.arange(-4, 5) * rng.uniform(2.5, 2.9) + rng.uniform(-2, 2):
            if rng.random() < 0.45:
                a, b = x * np.cos(turn) + z * np.sin(turn), z * np.cos(turn) - x * np.sin(turn)
                side = np.pi / 2 * rng.choice([-1, 1])
                made = openair.car(rng, kit, far=True)
                at = (*scene.to_scene(a, b), scene.yaw + turn + side)
                scene.solids += [solid.moved(*at) for solid in made]
        z += float(rng.choice([5.2, 11.0]))


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


def close_view(rng: np.random.Generator, scene: Scene, rows: str, away: tuple) -> None:
    """Put buildings, a fence or a hedge along the sides and the end of the view."""
    if not rows:
        return
    far = rng.uniform(*away)
    side = rng.uniform(3.5, 9) * (1 if away[0] < 20 else 4)
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
