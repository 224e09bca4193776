"""The same empty scene at another moment: lamps, sunlight, clouds, leaves and screens change, everything else stays."""

from dataclasses import replace

import numpy as np

from ..textures.noise import fractal
from ..textures.paintings import painting
from .materials import Tile, pictured, plain_material, tile
from .scene import CEILING, EAST, SOUTH, WEST, Beam, Lamp, Material, Panel, Scene, Shell, Solid


def another_moment(rng: np.random.Generator, scene: Scene) -> Scene:
    """The scene at another moment: each family of changes that it has room for happens by its own chance."""
    families = INDOORS if scene.shells else OUTDOORS
    happens = [change for change, chance in families.items() if rng.random() < chance]
    for change in happens or [let_sun_in if scene.shells else cast_clouds]:
        scene = change(rng, scene)
    return scene


def same_places(scene: Scene, then: Scene) -> bool:
    """Whether all solids of two moments stand where they stood, so that rays end where they ended."""
    return scene.solids is then.solids or not any(
        a.x != b.x or (a.material.rough and a.material is not b.material)
        for a, b in zip(scene.solids, then.solids, strict=True)
    )


def switch_lamps(rng: np.random.Generator, scene: Scene) -> Scene:
    """One lamp of the ceiling, or all of them, off, dimmed or brighter; what they throw about follows."""
    if not scene.lamps:
        return scene
    every = rng.random() < 0.3
    factor = float(rng.choice([0.4 * every, rng.uniform(0.4, 0.8), rng.uniform(1.3, 2.2 if every else 3.0)]))
    chosen = range(len(scene.lamps)) if every else [int(rng.integers(len(scene.lamps)))]
    lamps = [replace(lamp, power=lamp.power * (factor if k in chosen else 1)) for k, lamp in enumerate(scene.lamps)]
    share = 1 - 0.4 * (1 - factor) * len(chosen) / len(lamps)
    return replace(scene, lamps=lamps, ambient=tuple(np.multiply(scene.ambient, share)), shells=[
        _dim_panels(scene, scene.shells[0], chosen, factor), *scene.shells[1:]
    ])  # fmt: skip


def _dim_panels(scene: Scene, shell: Shell, chosen, factor: float) -> Shell:
    """The room whose glowing ceiling panels nearest to the chosen lamps have changed as these have."""

    def dimmed(panel):
        across, along = (panel.u0 + panel.u1) / 2, (panel.v0 + panel.v1) / 2
        nearest = np.argmin([(lamp.x - across) ** 2 + 4 * (lamp.z - along) ** 2 for lamp in scene.lamps])
        if panel.kind != "lamp" or panel.face != CEILING or nearest not in chosen:
            return panel
        return replace(panel, material=replace(panel.material, glow=panel.material.glow * factor))

    return replace(shell, panels=tuple(dimmed(panel) for panel in shell.panels))


def bring_lamp(rng: np.random.Generator, scene: Scene) -> Scene:
    """A small light that was not there: a standing lamp, a door that opened, a screen out of sight."""
    glowing = [k for k, solid in enumerate(scene.solids) if solid.material.glow > 0.5]
    low, high = np.array(scene.shells[0].low) + 0.3, np.array(scene.shells[0].high) - 0.3
    x, y, z = rng.uniform(low, high)
    solids = list(scene.solids)
    if glowing:
        solid = solids[k := int(rng.choice(glowing))]
        x, y, z = solid.x, (solid.y0 + solid.y1) / 2, solid.z
        solids[k] = replace(solid, material=replace(solid.material, glow=solid.material.glow * rng.uniform(1.2, 2.5)))
    lamp = Lamp(x, y, z, float(rng.lognormal(0, 0.7)), rng.uniform(0.8, 3))
    return replace(scene, lamps=[*scene.lamps, lamp], solids=solids)


def change_daylight(rng: np.random.Generator, scene: Scene) -> Scene:
    """The light that comes from everywhere is a little brighter or darker, warmer or cooler."""
    colour = np.exp(rng.normal(0, 0.25) + rng.normal(0, 0.03, 3))
    return replace(scene, ambient=tuple(np.multiply(scene.ambient, colour)))


def move_patches(rng: np.random.Generator, scene: Scene) -> Scene:
    """The patches of sunlight on the floor wander, fade or go."""
    aside, along, turn = rng.normal(0, (0.25, 0.25, 0.1))
    strong = 0.0 if rng.random() < 0.4 else rng.uniform(0.3, 1.3)
    patches = tuple(
        (x + aside, z + along, wide, long, slant + turn, strength * strong)
        for x, z, wide, long, slant, strength in scene.shells[0].patches
    )
    return replace(scene, shells=[replace(scene.shells[0], patches=patches), *scene.shells[1:]])


def let_sun_in(rng: np.random.Generator, scene: Scene) -> Scene:
    """Sunlight through panes in a wall, seen or not, falls on floor, walls and furniture where the camera looks."""
    shell = scene.shells[0]
    windows = [middle(shell, panel) for panel in shell.panels if panel.kind == "window"]
    if scene.spots is not None and len(scene.spots):
        x, z = scene.spots[rng.integers(len(scene.spots))]
    else:
        x, z = scene.to_scene(0.0, rng.uniform(1, 4))
    aim = np.clip((x, rng.uniform(0, 1), z), np.array(shell.low) + 0.1, np.array(shell.high) - 0.1)
    if windows and rng.random() < 0.5:
        sun = windows[rng.integers(len(windows))] - aim
    else:
        sun = rng.normal(0, (1, 0.6, 1))
    sun[1] = max(abs(sun[1]), 0.25 * np.hypot(sun[0], sun[2]))
    sun /= np.linalg.norm(sun)
    planes = [(shell.high if sun[axis] > 0 else shell.low)[axis] for axis in (0, 2)]
    axis = 2 * int(np.argmin([(plane - aim[k]) / sun[k] for k, plane in zip((0, 2), planes, strict=True)]))
    plane, side = planes[axis // 2], 2 - axis
    through = aim + sun * (plane - aim[axis]) / sun[axis]
    wide, tall, slats = *rng.uniform(0.4, 1.8, 2), rng.choice([0, 0, 0, rng.uniform(5, 20)])
    low, high = (through[side] - wide, through[1] - tall), (through[side] + wide, through[1] + tall)
    panes = int(rng.integers(1, 5)), float(2 * wide + rng.uniform(0.1, 1.5))
    beam = Beam(axis, plane, low, high, (*sun, float(rng.lognormal(0.9, 0.7))), float(slats), *panes)
    return replace(scene, beams=(*scene.beams, beam))


def middle(shell: Shell, panel: Panel) -> np.ndarray:
    """The middle (x, y, z) of a panel on a wall."""
    along, up = (panel.u0 + panel.u1) / 2, (panel.v0 + panel.v1) / 2
    low, high = shell.low, shell.high
    if panel.face in (WEST, EAST):
        return np.array(((low if panel.face == WEST else high)[0], low[1] + up, low[2] + along))
    return np.array((low[0] + along, low[1] + up, (low if panel.face == SOUTH else high)[2]))


def move_sun(rng: np.random.Generator, scene: Scene) -> Scene:
    """The sun has gone on a little, and the shadows with it."""
    x, up, z, strength = scene.sun
    around, up = np.arctan2(x, z) + rng.normal(0, 0.25), float(np.clip(up + rng.normal(0, 0.07), 0.2, 0.95))
    flat = np.sqrt(1 - up * up)
    return replace(scene, sun=(float(flat * np.sin(around)), up, float(flat * np.cos(around)), strength))


def veil_sun(rng: np.random.Generator, scene: Scene) -> Scene:
    """The sun comes out, or goes, wholly or in part."""
    dull = scene.sun[3] < 0.5
    strength = _sun_within(scene, rng.uniform(0.5, 1.5) if dull else rng.uniform(0.1, 0.7) * scene.sun[3])
    ambient = np.multiply(scene.ambient, rng.uniform(0.75, 1) if dull else rng.uniform(1, 1.25))
    return replace(scene, sun=(*scene.sun[:3], strength), ambient=tuple(ambient))


def _sun_within(scene: Scene, strength: float) -> float:
    """The wanted strength of the sun, kept to where the ground is at most about twice as bright, or half."""
    around, up = np.mean(scene.ambient), scene.sun[1]
    now = around + scene.sun[3] * up
    return float(np.clip(strength, max(0.45 * now - around, 0) / up, (2.2 * now - around) / up))


def cast_clouds(rng: np.random.Generator, scene: Scene) -> Scene:
    """Clouds stand before the sun here and there: their soft shadows lie on the ground and on fronts."""
    length, turn = np.exp(rng.uniform(np.log(4), np.log(40), 6)), rng.uniform(0, 2 * np.pi, 6)
    wave = 2 * np.pi / length
    taken = np.full(6, rng.uniform(0.25, 1))
    waves = np.stack([wave * np.cos(turn), wave * np.sin(turn), rng.uniform(0, 2 * np.pi, 6), taken], 1)
    strength = _sun_within(scene, max(scene.sun[3], rng.uniform(0.4, 1.2)))  # on a dull day the sun comes out
    return replace(scene, clouds=waves, sun=(*scene.sun[:3], strength))


def drive_clouds(rng: np.random.Generator, scene: Scene) -> Scene:
    """The sky's clouds have moved on; what stands along the horizon has not."""
    if scene.sky is None:
        return scene
    rows, columns = scene.sky.shape[:2]
    moved = np.roll(scene.sky, int(rng.integers(1, columns // 4) * rng.choice([-1, 1])), 1)
    high = np.clip((0.42 * rows - np.arange(rows)) / (0.08 * rows), 0, 1)[:, None, None].astype(np.float32)
    return replace(scene, sky=scene.sky + high * (moved * np.float32(rng.lognormal(0, 0.08)) - scene.sky))


def sway(rng: np.random.Generator, scene: Scene) -> Scene:
    """Wind: leafy balls move by centimetres, more the higher they are, and each leaf and blade by its own way."""
    wind, turn, made = rng.uniform(0.01, 0.08), rng.uniform(0, 2 * np.pi), {}

    def blown(material: Material) -> Material:
        if id(material) not in made:
            made[id(material)] = replace(material, tile=_ruffled(rng, material, wind))
        return made[id(material)]

    def moved(solid: Solid) -> Solid:
        if not solid.material.rough:
            return solid
        reach = wind * min((solid.y0 + solid.y1) / 4, 1.5) * (solid.kind == "ball")
        aside = reach * (np.array((np.cos(turn), np.sin(turn))) * rng.uniform(0, 1) + rng.normal(0, 0.6, 2))
        return replace(solid, x=solid.x + float(aside[0]), z=solid.z + float(aside[1]), material=blown(solid.material))

    ground = scene.ground
    if ground and ground.rough:
        ground = replace(ground, tile=_ruffled(rng, ground, wind / 5))
    return replace(scene, solids=[moved(solid) for solid in scene.solids], ground=ground)


def _ruffled(rng: np.random.Generator, material: Material, wind: float) -> Tile:
    """The tile of leaves with each leaf displaced by its share of `wind` metres, turned to the light or away."""
    size = material.tile.size
    picture = material.tile.texels[: size * size].reshape(size, size, 3)
    down, right, turned = (fractal(rng, size, slope) - 0.5 for slope in (1.2, 1.2, 0.9))
    reach = 5 * wind * size / material.metres
    rows = np.arange(size)[:, None] + np.rint(down * reach).astype(int)
    columns = np.arange(size) + np.rint(right * reach).astype(int)
    lit = np.exp(np.float32(min(50 * wind, 2.5)) * turned)[..., None]
    return tile(picture[rows % size, columns % size] * lit)


def change_screens(rng: np.random.Generator, scene: Scene) -> Scene:
    """Monitors and boards that glow show another picture or another colour."""

    def shown(material: Material | None) -> Material | None:
        if material is None or not 0 < material.glow < 0.5 or rng.random() < 0.3:
            return material
        glow = rng.uniform(0.05, 0.6)
        if rng.random() < 0.6:
            return pictured(painting(rng, 32), glow=glow)
        return plain_material(rng.uniform(0.02, 0.9, 3), glow=glow)

    solids = [
        replace(solid, material=shown(solid.material), front=shown(solid.front))
        if max(solid.material.glow, solid.front.glow if solid.front else 0)
        else solid
        for solid in scene.solids
    ]
    panels = tuple(replace(panel, material=shown(panel.material)) for panel in scene.shells[0].panels)
    return replace(scene, solids=solids, shells=[replace(scene.shells[0], panels=panels), *scene.shells[1:]])


INDOORS = {switch_lamps: 0.4, bring_lamp: 0.25, change_daylight: 0.3, move_patches: 0.6, let_sun_in: 0.55}
INDOORS |= {drive_clouds: 0.7, sway: 0.4, change_screens: 0.7}
OUTDOORS = {move_sun: 0.35, veil_sun: 0.25, cast_clouds: 0.5, change_daylight: 0.25, drive_clouds: 0.8, sway: 0.8}
