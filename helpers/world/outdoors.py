"""Out of doors: streets, squares, parks, forest trails, yards and open land, under a sky, in the sun."""

import numpy as np

from . import textures
from .camera import Camera
from .furniture import ball, box, pole
from .materials import Material, linear, plain, textured, tile
from .scene import Scene, Solid

# What a kind of place is made of: the ground, what stands about (and how much of it), what closes the view.
KINDS = {
    "street": dict(ground=("concrete", "slabs", "gravel"), style="stone", things=("car", "car", "post", "tree", "bin"), count=(2, 8), rows="buildings"),
    "square": dict(ground=("slabs", "tiles", "pebbles", "checks"), style="stone", things=("post", "planter", "tree", "statue", "bench"), count=(3, 9), rows="buildings"),
    "park": dict(ground=("grass", "grass", "gravel"), style="nature", things=("tree", "tree", "bush", "bench", "post"), count=(4, 12), rows="hedge"),
    "trail": dict(ground=("leaves", "grass", "gravel", "noise"), style="nature", things=("trunk", "trunk", "tree", "fir", "bush", "rock", "log"), count=(10, 22), rows=""),
    "yard": dict(ground=("concrete", "gravel", "brick", "planks"), style="stone", things=("car", "bin", "crate", "bush", "planter", "post"), count=(2, 9), rows="fence"),
    "land": dict(ground=("noise", "grass", "ripples", "gravel", "cracked"), style="nature", things=("rock", "bush", "fir", "tree"), count=(0, 8), rows=""),
}  # fmt: skip


def place(rng: np.random.Generator, kind: str) -> Scene:
    """An open-air scene of one kind; the camera stands 1.6 m above the ground."""
    plan = KINDS[kind]
    scene = Scene(kind, Camera(pitch=float(rng.uniform(-0.05, 0.15))), 0.0, 0.0, float(rng.normal(0, 0.2)))
    wet = float(rng.random() < 0.1) * 0.4
    scene.ground = ground(rng, str(rng.choice(plan["ground"])), plan["style"], wet)
    scene.sky = sky(rng)
    light_up(rng, scene)
    close_view(rng, scene, plan["rows"])
    taken = [(0.0, 0.0, 1.8)]
    for _ in range(int(rng.integers(*plan["count"], endpoint=True))):
        thing = globals()[str(rng.choice(plan["things"]))](rng)
        z = rng.uniform(2.2, 24)
        x, z = rng.uniform(-0.75, 0.75) * (z + 2), z
        radius = max(np.hypot(abs(s.x) + s.w / 2, abs(s.z) + s.d / 2) for s in thing if s.y0 < 1.5) * 0.9
        if all(np.hypot(x - a, z - b) > radius + r for a, b, r in taken):
            taken.append((x, z, radius))
            yaw = rng.normal(0, 0.15) + rng.choice([0, np.pi / 2])
            scene.solids += [solid.moved(*scene.to_scene(x, z), yaw) for solid in thing]
    scene.spots = open_ground(rng, scene)
    return scene


def ground(rng: np.random.Generator, kind: str, style: str, gloss: float) -> Material:
    """The ground: paving, or earth and grass in their own greens and browns."""
    colours = None
    if style == "nature":
        tone = textures.palette(rng, 1, "nature" if rng.random() < 0.3 else "wood")[0]
        if kind in ("grass", "leaves", "noise") and rng.random() < 0.7:
            tone = np.array((0.32, 0.42, 0.17)) * rng.uniform(0.6, 1.3) * (1 + rng.normal(0, 0.12, 3))
        colours = np.clip(tone * np.array([[0.65], [1.0], [1.3]]) * (1 + rng.normal(0, 0.05, (3, 3))), 0, 1)
    return textured(rng, kind, style, 128, rng.uniform(0.3, 1), colours, rng.uniform(1, 2.5), gloss=gloss)


def sky(rng: np.random.Generator, rows: int = 192, columns: int = 256) -> np.ndarray:
    """A panorama (rows, columns, 3) of linear light: sky, clouds, and ridges or roofs along the horizon."""
    low, high = textures.palette(rng, 1, "sky")[0], textures.palette(rng, 1, "sky")[0]
    if rng.random() < 0.5:
        low, high = np.array((0.85, 0.9, 0.95)), np.array((0.35, 0.55, 0.85)) * rng.uniform(0.8, 1.1)
    level = np.clip(1 - 2 * (np.arange(rows) + 0.5) / rows, 0, 1)[:, None, None] ** 0.6
    shown = (low * (1 - level) + high * level) * np.ones((1, columns, 1))
    cloud = np.clip(textures.field("clouds", rng, columns) * 2 - rng.uniform(0.6, 1.6), 0, 1)[:rows, :, None]
    cloud = cloud * np.minimum(1, level * 2 + 0.25)
    shown = shown * (1 - cloud) + np.array((0.97, 0.96, 0.95)) * cloud
    ridge(rng, shown, low)
    return linear(np.clip(shown, 0, 1).astype(np.float32)) * np.float32(1.6)


def ridge(rng: np.random.Generator, shown: np.ndarray, air: np.ndarray) -> None:
    """Paint up to three ridges of hills, woods or roofs along the horizon, the farthest palest."""
    rows, columns = shown.shape[:2]
    for far in np.linspace(0.7, 0.15, int(rng.integers(1, 4))):
        wave = rng.normal(size=columns // 2 + 1) + 1j * rng.normal(size=columns // 2 + 1)
        wave /= (1 + np.arange(len(wave))) ** rng.uniform(0.9, 1.8)
        line = np.fft.irfft(wave, columns)
        if rng.random() < 0.25:
            line = np.repeat(line[::8], 8)[:columns]  # roofs
        tall = rng.uniform(2, 12) * (0.4 + (line - line.min()) / np.ptp(line)) * (1.3 - far)
        tint = textures.palette(rng, 1, "nature")[0] * 0.8 * (1 - far) + air * far
        top = rows / 2 - tall
        cover = np.clip(np.arange(rows)[:, None] + 0.5 - top[None], 0, 1)[..., None]
        shown[:] = shown * (1 - cover) + tint * cover


def light_up(rng: np.random.Generator, scene: Scene) -> None:
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
                leaf = foliage(rng)
                scene.solids.append(Solid("box", x, z, 0, rng.uniform(0.8, 2.2), long, 0.8, leaf, yaw))
            else:
                wall = textured(
                    rng,
                    str(rng.choice(["planks", "brick", "concrete", "ashlar"])),
                    "stone" if rng.random() < 0.5 else "wood",
                )
                scene.solids.append(Solid("box", x, z, 0, rng.uniform(1.2, 2.6), long, 0.15, wall, yaw))


def terrace(rng: np.random.Generator, x: float, z: float, yaw: float, long: float) -> list[Solid]:
    """A row of house fronts of different heights and colours."""
    houses, at = [], -long / 2
    while at < long / 2:
        w, h = rng.uniform(3, 9), rng.uniform(4, 14)
        front = facade(rng)
        houses.append(box(front, w, h, 4.0, x=at + w / 2, z=2.0, grounded=False).moved(x, z, yaw if yaw <= 0 else yaw))
        at += w
    if yaw:
        houses = [
            Solid(s.kind, x + np.sign(x) * 2.0, s.z, s.y0, s.y1, s.w, s.d, s.material, s.yaw, grounded=False)
            for s in houses
        ]
    return houses


def facade(rng: np.random.Generator) -> Material:
    """A house front, one window to a tile."""
    wall = textures.colour(
        textures.field(str(rng.choice(["plaster", "brick", "ashlar", "concrete"])), rng, 64),
        textures.palette(rng, 3, "wall"),
    )
    picture = wall * 0.9
    left, right = int(rng.integers(8, 22)), int(rng.integers(40, 58))
    top, bottom = int(rng.integers(8, 16)), int(rng.integers(38, 54))
    picture[top - 3 : bottom + 3, left - 3 : right + 3] = textures.palette(rng, 1, "wall")[0]
    glass = np.linspace(rng.uniform(0.1, 0.6), rng.uniform(0.05, 0.3), bottom - top)[:, None, None] * np.array(
        (0.85, 0.95, 1.1)
    )
    picture[top:bottom, left:right] = glass
    picture[top:bottom, (left + right) // 2 - 1 : (left + right) // 2 + 1] = 0.7
    return Material(tile(linear(np.clip(picture, 0, 1).astype(np.float32))), metres=rng.uniform(2.0, 3.4))


def foliage(rng: np.random.Generator) -> Material:
    """Leaves, from spring green to autumn red."""
    green = np.array([(0.1, 0.2, 0.06), (0.25, 0.42, 0.14), (0.5, 0.62, 0.26)]) * rng.uniform(0.7, 1.15)
    autumn = np.array([(0.3, 0.12, 0.04), (0.65, 0.35, 0.1), (0.85, 0.65, 0.25)])
    mix = rng.uniform(0.4, 1) if rng.random() < 0.2 else rng.uniform(0, 0.2)
    return textured(
        rng, "leaves", colours=np.clip(green * (1 - mix) + autumn * mix, 0, 1), rough=0.8, scale=rng.uniform(0.7, 1.6)
    )


def bark(rng: np.random.Generator) -> Material:
    """Bark, from birch to oak."""
    tone = np.array(rng.choice([(0.35, 0.27, 0.2), (0.5, 0.46, 0.42), (0.22, 0.17, 0.13), (0.8, 0.78, 0.74)]))
    return textured(rng, "bark", colours=[tone * 0.5, tone, np.minimum(tone * 1.2, 1)])


def tree(rng: np.random.Generator) -> list[Solid]:
    """A broad-leaved tree."""
    h, leaf = rng.uniform(3, 8), foliage(rng)
    crown = [
        ball(
            leaf,
            *rng.uniform(0.3, 0.55, 2) * h,
            x=rng.normal(0, 0.13) * h,
            z=rng.normal(0, 0.13) * h,
            y=rng.uniform(0.35, 0.75) * h,
            grounded=False,
        )
        for _ in range(7)
    ]
    return [pole(bark(rng), rng.uniform(0.15, 0.45), 0.7 * h), *crown]


def trunk(rng: np.random.Generator) -> list[Solid]:
    """A tall trunk whose crown is out of sight."""
    return [pole(bark(rng), rng.uniform(0.15, 0.6), rng.uniform(7, 12))]


def fir(rng: np.random.Generator) -> list[Solid]:
    """A fir tree of stacked tiers."""
    h, leaf = rng.uniform(2.5, 8), foliage(rng)
    tiers = [ball(leaf, (1 - i / 6) * 0.5 * h, 0.3 * h, y=(0.1 + 0.13 * i) * h, grounded=False) for i in range(6)]
    return [pole(bark(rng), 0.2, 0.4 * h), *tiers]


def bush(rng: np.random.Generator) -> list[Solid]:
    """A bush."""
    leaf = foliage(rng)
    return [
        ball(leaf, *rng.uniform(0.5, 1.3, 2), x=rng.normal(0, 0.3), z=rng.normal(0, 0.3), y=-0.15) for _ in range(4)
    ]


def rock(rng: np.random.Generator) -> list[Solid]:
    """A few rocks."""
    stone = textured(rng, str(rng.choice(["concrete", "noise", "cracked"])), "stone")
    return [
        ball(stone, *rng.uniform(0.3, 1.4, 2), x=rng.normal(0, 0.3), z=rng.normal(0, 0.3), y=-0.25) for _ in range(3)
    ]


def log(rng: np.random.Generator) -> list[Solid]:
    """A fallen trunk."""
    return [ball(bark(rng), rng.uniform(1.5, 3.5), 0.4, y=-0.05, d=0.4)]


def car(rng: np.random.Generator) -> list[Solid]:
    """A parked car."""
    paint, glass, black = (
        plain(textures.palette(rng, 1, "any")[0]),
        plain((0.12, 0.15, 0.18)),
        plain((0.05, 0.05, 0.05)),
    )
    wheels = [ball(black, 0.62, 0.62, x=a * 1.3, z=b * 0.8, d=0.25) for a in (-1, 1) for b in (-1, 1)]
    body = [
        box(paint, 4.2, 0.55, 1.75, y=0.28),
        ball(paint, 4.4, 0.75, y=0.3, d=1.8),
        box(paint, 1.9, 0.06, 1.5, y=1.36, x=-0.1),
    ]
    return [*body, box(glass, 2.1, 0.55, 1.55, y=0.82, x=-0.1), *wheels]


def post(rng: np.random.Generator) -> list[Solid]:
    """A lamp post, a bollard or a sign."""
    metal = plain(rng.uniform(0.08, 0.5, 3) * 0.5 + rng.uniform(0.05, 0.4))
    h = float(rng.choice([0.9, 2.4, 4.5]))
    head = (
        [box(plain(textures.palette(rng, 1, "any")[0]), 0.6, 0.6, 0.04, y=h - 0.6)]
        if h == 2.4
        else [ball(plain((0.9, 0.88, 0.8)), 0.35, 0.4, y=h)]
        if h > 3
        else []
    )
    return [pole(metal, 0.12 if h > 1 else 0.2, h), *head]


def bin(rng: np.random.Generator) -> list[Solid]:
    """A litter bin or a barrel."""
    return [pole(plain(textures.palette(rng, 1, "any")[0]), 0.5, 0.9), pole(plain((0.1, 0.1, 0.1)), 0.54, 0.08, y=0.86)]


def crate(rng: np.random.Generator) -> list[Solid]:
    """Two crates."""
    wood = textured(rng, "planks", "wood", scale=0.6)
    return [box(wood, 0.8, 0.7, 0.7), box(wood, 0.6, 0.5, 0.5, y=0.7, x=0.05, yaw=0.3)]


def planter(rng: np.random.Generator) -> list[Solid]:
    """A stone tub with a shrub."""
    leaf = foliage(rng)
    return [
        box(textured(rng, "concrete", "stone"), 0.9, 0.55, 0.9),
        *(ball(leaf, 0.8, 0.7, x=rng.normal(0, 0.1), z=rng.normal(0, 0.1), y=0.4) for _ in range(3)),
    ]


def bench(rng: np.random.Generator) -> list[Solid]:
    """A park bench."""
    wood, iron = textured(rng, "wood", "wood"), plain((0.1, 0.1, 0.1))
    return [
        box(wood, 1.6, 0.06, 0.45, y=0.42),
        box(wood, 1.6, 0.4, 0.05, y=0.5, z=0.22),
        *(box(iron, 0.06, 0.42, 0.42, x=a * 0.65) for a in (-1, 1)),
    ]


def statue(rng: np.random.Generator) -> list[Solid]:
    """A monument on a base."""
    stone = textured(rng, "concrete", "stone")
    return [
        box(stone, 1.2, 1.0, 1.2),
        pole(stone, 0.5, 1.3, y=1.0, d=0.4),
        ball(stone, 0.65, 0.9, y=2.0, d=0.45),
        ball(stone, 0.3, 0.38, y=2.95),
    ]


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
