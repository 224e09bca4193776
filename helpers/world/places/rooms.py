"""Rooms: museum halls, galleries, offices, shops, corridors, and those in which people live, laid out at random."""

from math import pi

import numpy as np

from ..raycast.materials import textured
from ..raycast.scene import NORTH, SOUTH, WEST, Lamp, Panel, Scene, Shell
from . import exhibits, furniture, landscape, near, viewpoints, walls
from .fittings import RoomKit, radius_of, take

# What a kind of room is made of: materials for floor and walls, what stands in it, what hangs, how high and wide it is.
# fmt: off
KINDS = {
    "hall": dict(
        floor="herringbone planks marble checks terrazzo", wall="plaster damask noise", paint="wall", rug=0.25,
        free="bench plinth statue ropes glass_case plinth", along="cabinet plinth tree:pot statue",
        height=(3.2, 5.0), pictures=(9, 20), things=(4, 9),
    ),
    "gallery": dict(
        floor="planks concrete terrazzo", wall="plaster", paint="white", rug=0.1,
        free="bench plinth partition plinth glass_case", along="plinth cabinet",
        height=(3.0, 4.5), pictures=(6, 14), things=(2, 7),
    ),
    "office": dict(
        floor="carpet planks concrete tiles", wall="plaster concrete brick", paint="white", rug=0.15,
        free="desk desk chair laid_table whiteboard", along="shelf cabinet tree:pot desk shelf",
        height=(2.5, 3.2), pictures=(1, 6), things=(6, 12),
    ),
    "living": dict(
        floor="planks carpet herringbone wood", wall="plaster damask stripes plaster", paint="wall", rug=0.7,
        free="laid_table chair sofa lamp", along="shelf sofa cabinet tree:pot lamp shelf",
        height=(2.4, 3.2), pictures=(4, 9), things=(6, 11),
    ),
    "shop": dict(
        floor="tiles concrete checks terrazzo", wall="plaster brick tiles planks", paint="any", rug=0.1,
        free="shelf laid_table cabinet plinth", along="shelf shelf shelf cabinet tree:pot",
        height=(2.8, 4.0), pictures=(1, 6), things=(7, 14),
    ),
    "corridor": dict(
        floor="tiles concrete carpet marble checks", wall="plaster tiles brick", paint="wall", rug=0.3,
        free="bench", along="bench tree:pot cabinet chair",
        height=(2.5, 3.4), pictures=(4, 12), things=(1, 6),
    ),
}
# fmt: on
LIVED = near.LIVED  # rooms in which people live: much of them is near, and any camera looks at them


def room(rng: np.random.Generator, kind: str, camera: str = "museum") -> Scene:
    """A room of one kind with the camera inside it: the "museum" course's, or "any" other (always, where people live).

    Rooms in which people live are 2.2–8 m wide and 2.5–10 m long, the others 4–10 m wide and 5–14 m long.
    """
    if kind in LIVED:
        return lived_in(rng, kind)
    plan = KINDS[kind]
    width, length = rng.uniform(4, 10), rng.uniform(5, 14)
    if kind == "corridor":
        width, length = rng.uniform(4, 4.8), rng.uniform(9, 14)
    height = rng.uniform(*plan["height"])
    stuff = RoomKit(rng)
    scene = stand(rng, kind, width, length)
    lamp_panels, lights = walls.ceiling_lamps(rng, width, length, height)
    hung = hang(rng, plan, stuff, width, length, height, 3 if camera == "museum" else 4)
    _build(rng, plan, scene, [*hung, *lamp_panels], width, length, height)
    furnish(rng, plan, stuff, scene, width, length, height)
    _light_up(rng, scene, lights)
    reach = (2, 10)
    if camera != "museum":
        viewpoints.look_about(rng, scene, viewpoints.FIXED, 1.0)
        reach = (0.6, 12)
    scene.spots = viewpoints.free_places(rng, scene, (0.35, 0.35), (width - 0.35, length - 0.35), reach)
    return scene


def lived_in(rng: np.random.Generator, kind: str) -> Scene:
    """A furnished room seen by any camera, with much that is near."""
    plan = LIVED[kind]
    width, length, height = rng.uniform(2.2, 8), rng.uniform(2.5, 10), rng.uniform(2.2, 3.6)
    stuff, scene = RoomKit(rng), Scene(kind, viewpoints.course_camera(rng), width / 2, length / 2, 0.0)
    sides, hung = walls.sides_of(width, length, height), plan["hung"].split()
    for _ in range(int(rng.integers(2, 8))):
        getattr(walls, str(rng.choice(hung)))(rng, sides[rng.integers(4)], stuff)
    lamp_panels, lights = walls.ceiling_lamps(rng, width, length, height)
    _build(rng, plan, scene, [*(panel for wall in sides for panel in wall.panels), *lamp_panels], width, length, height)
    near.furnish_near(rng, plan, stuff, scene, width, length)
    _light_up(rng, scene, lights)
    viewpoints.look_about(rng, scene, viewpoints.HELD, 0.45)
    for room in (0.2, 0.05):  # somebody squeezes in where there is little room
        low, high = (0.2, 0.2), (width - 0.2, length - 0.2)
        scene.spots = viewpoints.free_places(rng, scene, low, high, (0.6, 10), room)
        if len(scene.spots) > 8:
            break
    viewpoints.leave_out_unseen(scene)
    return scene


def _build(rng, plan: dict, scene: Scene, panels: list[Panel], width: float, length: float, height: float) -> None:
    """Build the room and those behind its openings."""
    scene.shells = [_room_shell(rng, plan, width, length, height, panels)]
    scene.shells += [side_room(rng, plan, panel, width, length, height) for panel in panels if panel.kind == "opening"]


def stand(rng, kind: str, width: float, length: float) -> Scene:
    """An empty scene whose camera stands near one end and looks along the room."""
    x, z = width * rng.uniform(0.25, 0.75), rng.uniform(0.25, min(0.22 * length, 2.2))
    yaw = float(np.clip(rng.normal(0, 0.25), -0.6, 0.6)) + (0.5 - x / width) * 0.4
    return Scene(kind, viewpoints.course_camera(rng), x, z, yaw)


def hang(rng, plan: dict, stuff: RoomKit, width: float, length: float, height: float, count: int) -> list[Panel]:
    """Doors, windows, openings, mirrors and pictures on the first three walls, or on all four."""
    sides = walls.sides_of(width, length, height)[:count]
    for _ in range(int(rng.integers(1, 4))):
        chances = {"door": 0.45, "opening": 0.35, "wall_window": 0.3, "mirror": 0.05}
        chances["wall_board"] = 0.1 if plan["paint"] != "white" else 0.25
        for name, chance in chances.items():
            if rng.random() < chance * 0.6:
                getattr(walls, name)(rng, sides[rng.integers(count)], stuff)
    if rng.random() < 0.05:
        walls.hang_pattern(rng, sides[rng.integers(count)], stuff)
    walls.hang_pictures(rng, sides, int(rng.integers(*plan["pictures"], endpoint=True)), tall=min(1.5, height - 1.6))
    return [panel for wall in sides for panel in wall.panels]


def _room_shell(rng, plan: dict, width: float, length: float, height: float, panels: list[Panel]) -> Shell:
    """The room's own surfaces; the far wall now and then in another colour."""
    bright = "hung" in plan and rng.random() < 0.3  # where people live, floors may be as bright as cloth
    kind, style = str(rng.choice(plan["floor"].split())), "fabric" if bright else "floor"
    ground = textured(rng, kind, style, 128, rng.uniform(0.5, 1), gloss=float(rng.choice([0, 0.15, 0.35])))
    around = textured(rng, str(rng.choice(plan["wall"].split())), plan["paint"], 64, rng.uniform(0.15, 0.6))
    accent = around
    if rng.random() < 0.3:
        accent = textured(rng, str(rng.choice(plan["wall"].split())), "wall", 64, rng.uniform(0.15, 0.6))
    above = textured(rng, "plaster", "white", 64, 0.2)
    trim = np.full(3, rng.choice([0.75, 0.6, 0.12])) * (1, 0.98, 0.94)
    rug = lay_rug(rng, width, length) if plan["rug"] > rng.random() else None
    windows = [p for p in panels if p.kind == "window" and p.face not in (NORTH, SOUTH)]
    patches = [
        (1.4 if p.face == WEST else width - 1.4, (p.u0 + p.u1) / 2, (p.u1 - p.u0) * 0.6, 0.7, slant, strength)
        for p, slant, strength in zip(windows, rng.uniform(-0.6, 0.6, 9), rng.uniform(-0.7, 1.6, 9), strict=False)
        if strength > 0.3
    ]
    return Shell(
        (0.0, 0.0, 0.0), (width, height, length), (around, around, around, accent, ground, above), tuple(panels),
        skirting=rng.uniform(0.06, 0.2), dado=float(rng.random() < 0.2) * rng.uniform(0.8, 1.1), trim=tuple(trim),
        beams=float(rng.random() < 0.15) * rng.uniform(0.9, 1.6), rug=rug, patches=tuple(patches),
    )  # fmt: skip


def lay_rug(rng, width: float, length: float) -> tuple:
    """A rug somewhere on the floor."""
    w, d = rng.uniform(1.2, np.clip(width - 1.5, 1.3, 3.2)), rng.uniform(1.5, 4.0)
    x, z = rng.uniform(0.2, max(width - 0.2 - w, 0.3)), rng.uniform(0.5, max(length - 0.5 - d, 0.6))
    return x, x + w, z, z + d, textured(rng, str(rng.choice(["rug", "rug", "plaid", "carpet", "damask"])), "fabric")


def side_room(rng, plan: dict, panel: Panel, width: float, length: float, height: float) -> Shell:
    """The room behind an opening, in its own colours."""
    low, high = walls.behind(panel, width, length, height, rng)
    ground = textured(rng, str(rng.choice(plan["floor"].split())), "floor", 64)
    around = textured(rng, str(rng.choice(plan["wall"].split())), "wall", 64, 0.4)
    return Shell(low, high, (around,) * 4 + (ground, around))


def furnish(rng, plan: dict, stuff: RoomKit, scene: Scene, width: float, length: float, height: float) -> None:
    """Put furniture along the walls and on the floor, apart from each other and from the camera."""
    taken = [(scene.x, scene.z, 1.3)]
    if plan["height"][1] > 4 and rng.random() < 0.3:
        for x in (width * 0.22, width * 0.78):
            for z in np.arange(scene.z + 3.0, length - 1, 3.2):
                column = exhibits.column(rng, stuff, height)
                if take(taken, x, z, 0.8 * radius_of(column)):
                    scene.solids += [solid.moved(x, z, 0.0) for solid in column]
    for _ in range(int(rng.integers(*plan["things"], endpoint=True))):
        against = rng.random() < 0.6
        made = furniture.thing(rng, stuff, rng.choice(plan["along" if against else "free"].split()))
        solids, glass = made if isinstance(made, tuple) else (made, [])
        deep = max(s.d + 2 * abs(s.z) for s in solids) / 2 + 0.03
        for _ in range(6):
            side = rng.integers(3) if against else 3
            x, z, yaw = [
                (deep, rng.uniform(1, length - 0.8), -pi / 2),
                (width - deep, rng.uniform(1, length - 0.8), pi / 2),
                (rng.uniform(0.8, width - 0.8), length - deep, 0.0),
                (
                    rng.uniform(1, width - 1),
                    rng.uniform(1.5, length - 1),
                    rng.choice([0, pi / 2, pi, -pi / 2]) + rng.normal(0, 0.15),
                ),
            ][side]
            if take(taken, x, z, 0.8 * radius_of(solids)):
                scene.solids += [solid.moved(x, z, yaw) for solid in solids]
                scene.glass += [solid.moved(x, z, yaw) for solid in glass]
                break


def _light_up(rng, scene: Scene, lights: list[tuple]) -> None:
    """Choose how bright the room is, from where, and the colour of its light."""
    warm = rng.normal(0, 0.08)
    ambient = rng.uniform(0.12, 0.45)
    scene.ambient = (ambient, ambient * 0.98, ambient * 0.95)
    power = rng.uniform(0.6, 1.8)
    scene.lamps = [Lamp(*at, power=power * rng.uniform(0.4, 1.4), reach=rng.uniform(2.5, 5)) for at in lights]
    if any(panel.kind == "window" for panel in scene.shells[0].panels):
        scene.sky = landscape.sky(rng, 96, 128) * np.float32(rng.uniform(0.5, 1.3))
    scene.exposure, scene.grain = rng.uniform(0.14, 0.5), rng.uniform(0.004, 0.016)
    scene.warmth, scene.contrast = (1 + warm, 1.0, 1 - warm), rng.uniform(0, 0.7)
