"""Rooms in which people live and work, much of it near: kitchens, studies, meeting rooms, heaps of things."""

from dataclasses import replace
from math import pi

import numpy as np

from ..camera import Camera
from ..raycast.materials import pictured, plain_material, textured
from ..raycast.scene import EAST, NORTH, SOUTH, WEST, Lamp, Panel, Scene, Shell, Solid
from ..textures import NAMES
from ..textures.paintings import painting
from . import furniture, landscape, walls
from .fittings import RoomKit, ball, box, pole

LIVED = ("kitchen", "study", "bedroom", "meeting", "jumble")
CLEAR = 0.3  # metres around the camera in which nothing stands


def lived_in(rng: np.random.Generator, kind: str) -> Scene:
    """A furnished room 2.4 to 8 m wide, seen by any camera from anywhere in it, with something close before it."""
    width, length, height = rng.uniform(2.4, 8), rng.uniform(2.6, 10), rng.uniform(2.3, 3.5)
    kit = NearKit(rng)
    x, z = width * rng.uniform(0.12, 0.88), length * rng.uniform(0.03, 0.4)
    camera = any_camera(rng, min(height - 0.2, 2.7))
    scene = Scene(kind, camera, float(x), float(z), float(rng.normal(0, 0.5) + (0.5 - x / width) * 0.6))
    for _ in range(int(rng.integers(4, 11))):
        scene.solids += _against_wall(rng, kit, kind, width, length, height)
    for number in range(int(rng.integers(1, 5))):
        group = _group(rng, kit, kind)
        at = rng.uniform(-0.1, 1.1) * width, rng.uniform(0, 1) * length
        if number == 0:
            ahead = rng.uniform(0.6, 2.8)
            at = scene.to_scene(rng.uniform(-0.45, 0.45) * ahead, ahead)
        scene.solids += [one.moved(*at, rng.uniform(0, 2 * pi)) for one in group]
    scene.solids = [one for one in scene.solids if _clear(one, x, camera.height, z)]
    panels, lights = walls.ceiling_lamps(rng, width, length, height)
    scene.shells = [_shell(rng, kit, width, length, height, [*_hung(rng, kit, width, length, height), *panels])]
    scene.lamps = [Lamp(*at, power=rng.uniform(0.3, 2.2), reach=rng.uniform(2, 5)) for at in lights]
    ambient = rng.uniform(0.12, 0.6)
    scene.ambient = tuple(ambient * np.array((1, 0.98, 0.95)))
    if any(panel.kind == "window" for panel in scene.shells[0].panels):
        scene.sky = landscape.sky(rng) * np.float32(rng.uniform(0.5, 1.3))
    scene.exposure, scene.grain = rng.uniform(0.12, 0.5), rng.uniform(0.003, 0.02)
    warm = rng.normal(0, 0.1)
    scene.warmth, scene.contrast = (1 + warm, 1.0, 1 - warm), rng.uniform(0, 0.7)
    scene.spots = free_places(rng, scene, (0.2, width - 0.2), (0.2, length - 0.2), (0.7, 10))
    return scene


def any_camera(rng: np.random.Generator, highest: float) -> Camera:
    """A camera between half a metre and `highest`, mostly looking down, with a lens of 35 to 100 degrees."""
    fov = rng.uniform(42, 82) if rng.random() < 0.8 else rng.uniform(35, 100)
    pitch = rng.uniform(-6, 45) * rng.random() ** 0.5 if rng.random() < 0.9 else rng.uniform(30, 60)
    return Camera(float(rng.uniform(0.5, highest)), float(np.deg2rad(pitch)), float(np.deg2rad(fov)))


def seen_anew(rng: np.random.Generator, scene: Scene) -> Scene:
    """A room or an open place seen by any camera where the course's camera stood, and other places to stand."""
    if scene.shells:
        (low, _, front), (high, top, back) = scene.shells[0].low, scene.shells[0].high
        camera, around, reach = (
            any_camera(rng, min(top - 0.2, 3.8)),
            ((low + 0.3, high - 0.3), (front + 0.3, back - 0.3)),
            (0.8, 12),
        )
    else:
        high = rng.uniform(1.0, 4.0)
        pitch = np.arctan2(high - 0.5, rng.uniform(4, 30)) + rng.normal(0, 0.06)
        camera = Camera(float(high), float(pitch), float(np.deg2rad(rng.uniform(35, 85))))
        around, reach = ((scene.x - 25, scene.x + 25), (scene.z, scene.z + 40)), (2, 38)
    solids = [one for one in scene.solids if _clear(one, scene.x, camera.height, scene.z)]
    scene = replace(scene, camera=camera, solids=solids, glass=[])
    scene.spots = free_places(rng, scene, *around, reach)
    return scene


class NearKit(RoomKit):
    """The materials of one room, and any other surface when one is asked for."""

    def any(self) -> object:
        """One of the room's surfaces, or a new one of any texture and colour."""
        if self.rng.random() < 0.35:
            return self[str(self.rng.choice(["wood", "light", "dark", "metal", "fabric", "accent", "stone", "books"]))]
        names = [name for name in self if name.startswith("any")]
        if len(names) > 7:
            return self[str(self.rng.choice(names))]
        if self.rng.random() < 0.4:
            made = plain_material(self.rng.uniform(0.03, 0.95, 3) ** self.rng.uniform(0.6, 1.6))
        else:
            made = textured(
                self.rng,
                str(self.rng.choice(NAMES)),
                contrast=self.rng.uniform(0.2, 1),
                scale=self.rng.uniform(0.1, 0.7),
            )
        self[f"any {len(names)}"] = made
        return made


def _clear(solid: Solid, x: float, y: float, z: float) -> bool:
    """Whether the solid leaves CLEAR metres around a point."""
    c, s = np.cos(solid.yaw), np.sin(solid.yaw)
    across, deep = c * (x - solid.x) - s * (z - solid.z), s * (x - solid.x) + c * (z - solid.z)
    gap = np.maximum(np.abs((across, deep)) - (solid.w / 2, solid.d / 2), 0)
    return bool(np.hypot(*gap) > CLEAR or not solid.y0 - CLEAR < y < solid.y1 + CLEAR)


def _against_wall(rng, kit: NearKit, kind: str, width: float, length: float, height: float) -> list[Solid]:
    """A worktop with cupboards, a shelf, a bed or a wardrobe along one of four walls, with things on it."""
    side = int(rng.integers(4))
    wide, deep = rng.uniform(0.4, 2.6), rng.uniform(0.3, 0.7)
    pick = rng.random()
    if pick < 0.3:
        made = furniture.shelf(rng, kit)
        deep = 0.35
    elif pick < 0.75:
        tall = rng.uniform(0.4, 0.95) if rng.random() < 0.65 else rng.uniform(1.0, 2.2)
        front = kit.any()
        made = [box(front, wide, tall - 0.04, deep), box(kit.any(), wide + 0.02, 0.04, deep + 0.02, y=tall - 0.04)]
        seams = np.linspace(-wide / 2, wide / 2, max(2, int(wide / 0.5) + 1))[1:-1]
        made += [box(kit["dark"], 0.012, tall - 0.1, deep + 0.008, x=x, y=0.03) for x in seams]
        made += things_on(rng, kit, wide, deep, tall, int(rng.integers(0, 6)))
        if rng.random() < 0.4 and tall < 1:
            made.append(box(front, wide, rng.uniform(0.4, 0.8), 0.35, y=1.4, z=(deep - 0.35) / 2, grounded=False))
    else:
        wide, deep = rng.uniform(1.2, 2), rng.uniform(0.8, 1.6)
        made = [box(kit["fabric"], wide, rng.uniform(0.35, 0.55), deep), box(kit.any(), wide, 0.8, 0.12, z=deep / 2)]
        made += [
            box(kit.any(), 0.5, 0.14, 0.35, x=a * wide / 4, z=deep / 3, y=0.5, yaw=rng.normal(0, 0.1)) for a in (-1, 1)
        ]
    x, z, yaw = [
        (deep / 2, rng.uniform(0, length), -pi / 2), (width - deep / 2, rng.uniform(0, length), pi / 2),
        (rng.uniform(0, width), length - deep / 2, 0.0), (rng.uniform(0, width), deep / 2, pi),
    ][side]  # fmt: skip
    return [one.moved(x, z, yaw) for one in made]


def _group(rng, kit: NearKit, kind: str) -> list[Solid]:
    """A table with chairs about it, a sofa, or things lying and stacked on the floor."""
    pick = rng.random() if kind != "jumble" else 1.0
    if pick < 0.7:
        wide, deep, tall = rng.uniform(0.5, 2.2), rng.uniform(0.4, 1.1), rng.uniform(0.4, 0.78)
        top, leg = kit.any(), kit.any()
        spread = [(a * (wide / 2 - 0.05), b * (deep / 2 - 0.05)) for a in (-1, 1) for b in (-1, 1)]
        made = [
            box(top, wide, 0.04, deep, y=tall - 0.04),
            *(box(leg, 0.05, tall - 0.04, 0.05, x=x, z=z) for x, z in spread),
        ]
        made += things_on(rng, kit, wide, deep, tall, int(rng.integers(0, 9)))
        for _ in range(int(rng.integers(0, 5))):
            a, out = rng.uniform(0, 2 * pi), rng.uniform(0.45, 0.75)
            seat = furniture.chair(rng, kit)
            made += [
                one.moved(out * wide * np.sin(a), (out + 0.2) * deep * np.cos(a), a + rng.normal(0, 0.4))
                for one in seat
            ]
        return made
    if pick < 0.85:
        return furniture.sofa(rng, kit)
    return things_on(rng, kit, 1.8, 1.8, 0.0, int(rng.integers(5, 22)), rng.uniform(1, 4))


def things_on(rng, kit: NearKit, wide: float, deep: float, y: float, count: int, size: float = 1.0) -> list[Solid]:
    """So many small things on a surface at height `y`: mugs, bottles, books lying, paper, boxes, screens, fruit."""
    made = []
    for _ in range(count):
        x, z, yaw = rng.uniform(-0.45, 0.45) * wide, rng.uniform(-0.45, 0.45) * deep, rng.uniform(0, 2 * pi)
        pick, stuff = rng.integers(8), kit.any()
        w, h, d = rng.uniform(0.05, 0.32, 3) * size
        if pick == 0:
            some = [pole(stuff, 0.08 * size, 0.1 * size, y=y)]
        elif pick == 1:
            some = [pole(stuff, 0.07 * size, 0.18 * size, y=y), pole(stuff, 0.03 * size, 0.1 * size, y=y + 0.18 * size)]
        elif pick == 2:
            thick = rng.uniform(0.015, 0.05) * size
            some = [
                box(kit.any(), w + 0.1, thick, d + 0.1, y=y + k * thick, yaw=rng.normal(0, 0.3))
                for k in range(int(rng.integers(1, 5)))
            ]
        elif pick == 3:
            some = [box(kit["light"], 0.21 * size, 0.003, 0.3 * size, y=y)]
        elif pick == 4:
            shown = kit["screen"] if rng.random() < 0.6 else stuff
            some = [pole(kit["dark"], 0.2, 0.02, y=y), box(kit["dark"], 0.05, 0.2, 0.03, y=y, z=0.02)]
            some += [box(kit["dark"], 0.5, 0.31, 0.03, y=y + 0.12, front=shown)]
        elif pick == 5:
            some = [ball(stuff, w, w, y=y)]
        else:
            some = [box(stuff, w, h, d, y=y)]
            if rng.random() < 0.3:
                some.append(box(kit.any(), w * 0.8, h * 0.6, d * 0.8, y=y + h, yaw=rng.normal(0, 0.3)))
        made += [one.moved(x, z, yaw) for one in some]
    return made


def _hung(rng, kit: NearKit, width: float, length: float, height: float) -> list[Panel]:
    """Posters, papers, doors and windows on all four walls."""
    sides = [walls.Wall(f, n, height) for f, n in ((WEST, length), (EAST, length), (NORTH, width), (SOUTH, width))]
    for name, chance in (("door", 0.6), ("window", 0.35), ("board", 0.3), ("opening", 0.1)):
        if rng.random() < chance:
            part = {
                "door": walls.door,
                "window": walls.wall_window,
                "board": walls.wall_board,
                "opening": walls.opening,
            }
            part[name](rng, sides[rng.integers(3)], kit)
    canvases = [pictured(painting(rng, 32)) for _ in range(2)]
    for _ in range(int(rng.integers(0, 9))):
        wall, w, h, low = sides[rng.integers(4)], rng.uniform(0.15, 1.1), rng.uniform(0.2, 0.9), rng.uniform(0.7, 1.6)
        canvas = canvases[rng.integers(2)] if rng.random() < 0.5 else kit.any()
        wall.add(rng, w, low, low + h, material=canvas, kind="door", frame=float(rng.choice([0.0, 0.02])))
    return [panel for wall in sides for panel in wall.panels]


def _shell(rng, kit: NearKit, width: float, length: float, height: float, panels: list[Panel]) -> Shell:
    """Floor, walls and ceiling."""
    floor = textured(
        rng,
        str(rng.choice(["planks", "carpet", "tiles", "concrete", "checks", "terrazzo", "stripes"])),
        "floor",
        64,
        rng.uniform(0.3, 1),
        gloss=float(rng.choice([0, 0, 0.15, 0.3])),
    )
    paint = str(rng.choice(["wall", "white", "any"], p=[0.5, 0.35, 0.15]))
    around = textured(
        rng, str(rng.choice(["plaster", "plaster", "tiles", "brick", "planks"])), paint, 64, rng.uniform(0.1, 0.6)
    )
    accent = kit.any() if rng.random() < 0.3 else around
    above = textured(rng, "plaster", "white", 64, 0.2)
    faces = [around, around, around, around, floor, above]
    faces[int(rng.integers(4))] = accent
    return Shell((0.0, 0.0, 0.0), (width, height, length), tuple(faces), tuple(panels), skirting=rng.uniform(0, 0.15))


def free_places(rng, scene: Scene, across: tuple, along: tuple, reach: tuple, count: int = 48) -> np.ndarray:
    """Up to `count` places (x, z) in the camera's view, some metres away, where no solid stands (n, 2)."""
    x, z = rng.uniform(*across, 1500), rng.uniform(*along, 1500)
    right, ahead = scene.to_camera(x, z)
    fine = (ahead > reach[0]) & (ahead < reach[1]) & (np.abs(right) < np.tan(scene.camera.fov / 2) * ahead)
    for solid in scene.solids:
        if solid.y0 < 1.0:
            c, s = np.cos(solid.yaw), np.sin(solid.yaw)
            side, deep = c * (x - solid.x) - s * (z - solid.z), s * (x - solid.x) + c * (z - solid.z)
            fine &= (np.abs(side) > solid.w / 2 + 0.15) | (np.abs(deep) > solid.d / 2 + 0.15)
    return np.stack([x, z], 1)[fine][:count]
