"""Out of doors: streets, car parks, squares, parks, forest trails, yards and open land, under a sky, in the sun."""

import numpy as np

from ..camera import Camera
from ..raycast.materials import textured
from ..raycast.scene import Scene, Solid
from . import furniture, viewpoints
from .fittings import RoomKit, box, radius_of, take
from .landscape import facade_material, foliage_material, ground_material, sky

# What a kind of place is made of: the style of its ground and the kinds, what stands about (and how much of it), what
# closes the view and how far away; from how high a camera on a post sees it, and how far. Metres.
# fmt: off
KINDS = {
    "street": dict(ground="stone concrete slabs gravel", things="car car car lamp:street tree bin", count=(3, 11),
                   rows="buildings"),
    "square": dict(ground="stone slabs tiles pebbles checks", count=(3, 9), rows="buildings",
                   things="lamp:street tree:tub tree statue:monument bench:park"),
    "park": dict(ground="nature grass grass gravel", things="tree tree tree:bush bench:park lamp:street", count=(4, 12),
                 rows="hedge"),
    "trail": dict(ground="nature leaves grass gravel noise", count=(10, 22),
                  things="tree:trunk tree:trunk tree tree:fir tree:bush rock log"),
    "yard": dict(ground="stone concrete gravel brick planks", count=(2, 9), rows="fence",
                 things="car bin crates:wood tree:bush tree:tub lamp:street"),
    "car_park": dict(ground="stone concrete noise slabs", things="lamp:street tree tree:bush", count=(2, 8),
                     rows="buildings", far=(28, 60), height=(3.5, 9.0), reach=(8.0, 40.0)),
    "land": dict(ground="nature noise grass ripples gravel cracked", count=(0, 8),
                 things="rock tree:bush tree:fir tree"),
}
# fmt: on


def place(rng: np.random.Generator, kind: str, camera: str = "museum") -> Scene:
    """An open-air scene of one kind, seen by the "museum" course's camera 1.6 m above the ground, or by "any" other."""
    plan, kit = KINDS[kind], RoomKit(rng)
    scene = Scene(kind, viewpoints.course_camera(rng), 0.0, 0.0, float(rng.normal(0, 0.2)))
    wet = float(rng.random() < 0.1) * 0.4
    style, *kinds = plan["ground"].split()
    scene.ground = ground_material(rng, str(rng.choice(kinds)), style, wet)
    scene.sky = sky(rng)
    _light_up(rng, scene)
    posted = camera != "museum" or kind == "car_park"
    if posted:
        scene.camera = lookout(rng, plan.get("height", (1.2, 4.0)), plan.get("reach", (3.0, 20.0)))
    if "rows" in plan:
        close_view(rng, scene, plan["rows"], plan.get("far", (9, 26)))
    if kind == "car_park":
        park_cars(rng, kit, scene)
    taken = [(0.0, 0.0, 1.8), *((solid.x, solid.z, solid.w / 2) for solid in scene.solids if kind == "car_park")]
    for _ in range(int(rng.integers(*plan["count"], endpoint=True))):
        made = furniture.thing(rng, kit, rng.choice(plan["things"].split()))
        z = rng.uniform(2.2, 24)
        x, z = rng.uniform(-0.75, 0.75) * (z + 2), z
        if take(taken, x, z, 0.9 * radius_of([solid for solid in made if solid.y0 < 1.5])):
            yaw = rng.normal(0, 0.15) + rng.choice([0, np.pi / 2])
            scene.solids += [solid.moved(*scene.to_scene(x, z), yaw) for solid in made]
    viewpoints.clear_away(scene)
    reach = plan.get("reach", (2.0, 20.0)) if posted else (2.0, 10.0)
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
                made = furniture.car(rng, kit, far=True)
                at = (*scene.to_scene(a, b), scene.yaw + turn + side)
                scene.solids += [solid.moved(*at) for solid in made]
        z += float(rng.choice([5.2, 11.0]))


def _light_up(rng: np.random.Generator, scene: Scene) -> None:
    """A sunny, hazy, cloudy or late day."""
    overcast = rng.random() < 0.35
    around, up = rng.uniform(0, 2 * np.pi), rng.uniform(0.25, 0.9)
    flat = np.sqrt(1 - up * up)
    strength = 0.15 if overcast else rng.uniform(0.8, 1.8)
    scene.sun = (float(flat * np.sin(around)), float(up), float(flat * np.cos(around)), strength)
    shade = rng.uniform(0.5, 0.8) if overcast else rng.uniform(0.25, 0.5)
    scene.ambient = (shade * 0.95, shade, shade * 1.08)
    warm = rng.normal(0.03, 0.07)
    scene.tint = scene.warmth = (1 + warm, 1.0, 1 - warm)
    scene.exposure, scene.contrast = rng.uniform(0.16, 0.42), rng.uniform(0, 0.7)
    scene.haze, scene.grain = float(rng.choice([0.02, 0.1, 0.5], p=[0.5, 0.35, 0.15])), rng.uniform(0.003, 0.015)


def close_view(rng: np.random.Generator, scene: Scene, rows: str, away: tuple) -> None:
    """Put buildings, a fence or a hedge along the sides and the end of the view."""
    far = rng.uniform(*away)
    side = rng.uniform(3.5, 9) * (1 if away[0] < 20 else 4)
    sides = ((-side, far / 2, np.pi / 2, far + 8), (side, far / 2, -np.pi / 2, far + 8), (0.0, far, 0.0, 2 * side + 12))
    for x, z, yaw, long in sides:
        if rng.random() < 0.75:
            if rows == "buildings":
                scene.solids += terrace(rng, x, z, yaw, long)
            elif rows == "hedge":
                leaf = foliage_material(rng)
                scene.solids.append(box(leaf, long, rng.uniform(0.8, 2.2), 0.8, x, z, yaw=yaw))
            else:
                kind = str(rng.choice(["planks", "brick", "concrete", "ashlar"]))
                wall = textured(rng, kind, "stone" if rng.random() < 0.5 else "wood")
                scene.solids.append(box(wall, long, rng.uniform(1.2, 2.6), 0.15, x, z, yaw=yaw))


def terrace(rng: np.random.Generator, x: float, z: float, yaw: float, long: float) -> list[Solid]:
    """A row of house fronts of different heights and colours: along a side of the view, or (`yaw` 0) across its end."""
    houses, at = [], -long / 2
    while at < long / 2:
        w, h = rng.uniform(3, 9), rng.uniform(4, 14)
        house = box(facade_material(rng), w, h, 4.0, x=at + w / 2, z=-2.0 if yaw else 2.0, grounded=False)
        houses.append(house.moved(x, z, yaw))
        at += w
    return houses
