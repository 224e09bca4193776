"""Clutter: backgrounds of every kind and texture, whose statistics are those of photographs of any subject."""

from copy import deepcopy

import numpy as np

from ..camera import FAR, Camera
from ..drawn import LATER, Backdrop, pick
from ..textures import NAMES, colour, field, palette
from ..textures.brush import Canvas
from . import scenes
from .kit import ClutterKit, Drift, developed, focus, light_canvas, tilted

SCENES = {  # scene -> how often, in parts
    scenes.heap: 16, scenes.ground: 10, scenes.close_up: 7, scenes.table_top: 6, scenes.view: 6,
    scenes.foliage: 5, scenes.backdrop: 5, scenes.patches: 5, scenes.rows_of_things: 4, scenes.rods: 3,
    scenes.mist: 3, scenes.tunnel: 5, scenes.heaven: 3, scenes.forest: 4, scenes.page: 3, scenes.facade: 4,
    scenes.skyline: 3, scenes.shelf_scene: 4, scenes.lamps: 3, scenes.bokeh: 2, scenes.crowd: 4, scenes.drapes: 3,
    scenes.fence: 3, scenes.culture: 2, scenes.melted: 3, scenes.album: 3, scenes.country: 2,
}  # fmt: skip
MOVING = (scenes.foliage, scenes.forest, scenes.heap, scenes.rods, scenes.heaven, scenes.mist)
MOVING += (scenes.drapes, scenes.melted, scenes.lamps, scenes.bokeh, scenes.fence, scenes.culture)


def moments(rng: np.random.Generator, h: int, w: int, draw=None, later: float = 1.0) -> np.ndarray:
    """Pictures (n, h, w, 3) uint8 of one scene: one, and with the chance `later` a second at another moment.

    `draw` is one of SCENES, or any of them.
    """
    again = deepcopy(rng)
    shots = [paint_scene(rng, h, w, draw)]
    chance = np.random.default_rng(deepcopy(rng).integers(2**63))  # its own numbers: the first picture stays
    if chance.random() < later:
        shots.append(paint_scene(again, h, w, draw, chance))
    return developed(rng, np.stack(shots))


def two_scenes(rng: np.random.Generator) -> list:
    """Two of SCENES: what a picture shows, and what may be seen through an opening in it."""
    return [pick(rng, SCENES) for _ in range(2)]


def paint_scene(rng: np.random.Generator, h: int, w: int, draw=None, chance=None) -> np.ndarray:
    """A scene (h, w, 3) before it is developed; with `chance`, a generator, as it is at another moment."""
    first, second = two_scenes(rng)
    draw, alone = draw or first, draw is not None
    canvas, aslant = Canvas(h, w), rng.random() < 0.35
    larger = Canvas(h * 5 // 4, w * 5 // 4) if aslant else canvas
    drift = chance and Drift(chance)
    larger.drift = drift if draw in MOVING else None
    draw(rng, larger, ClutterKit(rng, larger.unit))
    if drift and draw is scenes.page:
        larger.pixels = np.roll(larger.pixels, int(drift.slid[0] * larger.h), 0)  # somebody has turned the page
    canvas.pixels, canvas.drift = tilted(rng, larger.pixels, h, w) if aslant else larger.pixels, None
    if not alone and rng.random() < 0.2:
        through(rng, canvas, second, drift if second in MOVING else None)
    canvas.drift = drift
    light_canvas(rng, canvas)
    if drift and (drift.lit or draw not in MOVING):
        drift.relight(chance, canvas)
    if rng.random() < 0.22:
        focus(rng, canvas)
    return canvas.pixels


def through(rng: np.random.Generator, canvas: Canvas, draw, drift: Drift | None) -> None:
    """Show a second scene through an opening: a window, a screen, a gap between things."""
    other, kit = Canvas(canvas.h, canvas.w), ClutterKit(rng, canvas.unit)
    other.drift = drift
    draw(rng, other, kit)
    form = kit.form() if rng.random() < 0.5 else "box"
    place = rng.uniform(0, canvas.right), rng.uniform(0, canvas.bottom), *rng.uniform(0.15, 0.7, 2)
    angle = rng.choice([0, rng.uniform(0, 7)])
    if rng.random() < 0.5:
        canvas.put(form, *place[:2], place[2] + 0.02, place[3] + 0.02, angle, kit.ink())  # its frame
    canvas.put(form, *place, angle, lambda rows, columns: other.pixels[rows, columns], soft=rng.choice([1, 1, 4]))


def clutter(rng: np.random.Generator, size: int) -> Backdrop:
    """A backdrop of size x size pixels that has no place in space: its depth is all FAR and not known."""
    depth, nowhere = np.full((size, size), FAR, np.float32), np.zeros((0, 2), np.float32)
    kind = f"clutter {two_scenes(deepcopy(rng))[0].__name__}"
    picture, *later = moments(rng, size, size, later=LATER)
    return Backdrop(picture, depth, Camera(), nowhere, kind, depth_valid=False, later=later[0] if later else None)


def texture_patch(rng: np.random.Generator, h: int, w: int) -> np.ndarray:
    """A patch (h, w, 3) uint8 of any material, gradient or small heap, to fill a shape with."""
    kind, canvas = rng.random(), Canvas(h, w)
    if kind < 0.15:
        scenes.backdrop(rng, canvas, ClutterKit(rng, canvas.unit, 1))
    elif kind < 0.3:
        kit = ClutterKit(rng, canvas.unit, 2)
        canvas.pixels[:] = kit.ink()
        for r in rng.uniform(0.05, 0.4, 14):
            kit.drop(canvas, kit.form(), rng.uniform(0, canvas.right), rng.uniform(0, canvas.bottom), r)
    else:
        tile = field(NAMES[rng.integers(len(NAMES))], rng, int(canvas.unit * rng.choice([1, 1, 0.5])) + 1)
        count, style = int(rng.integers(2, 5)), str(rng.choice(["any", "fabric", "nature", "stone"]))
        picture = colour(tile, palette(rng, count, style))
        canvas.pixels = picture[np.arange(h)[:, None] % len(tile), np.arange(w) % len(tile)]
    light_canvas(rng, canvas)
    return (np.clip(canvas.pixels, 0, 1) * 255).astype(np.uint8)
