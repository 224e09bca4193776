"""Pictures for the museum's walls: landscapes, portraits, still lifes, abstracts, prints, maps."""

import numpy as np

from ..drawn import pick
from . import GROUPS, field
from .brush import Canvas, blob_form, lettering, ridge
from .noise import cells, relief, wave
from .palettes import colour, paint, palette

INK = np.array([0.1, 0.09, 0.1], np.float32)
CREAM = np.array([0.93, 0.89, 0.8], np.float32)
PRIMARIES = np.array([[0.78, 0.12, 0.1], [0.95, 0.78, 0.15], [0.12, 0.25, 0.6]], np.float32)


def _sky(rng, canvas: Canvas) -> None:
    above, below = paint(rng, "sky"), paint(rng, "sky") * 0.3 + 0.65 * np.array([1, 0.93, 0.82])
    canvas.gradient(above, below, rng.uniform(0.6, 1.5))
    cloud = np.clip((canvas.noise(rng, 1.6, across=2.5) - rng.uniform(0.4, 0.7)) * 3, 0, 1)[..., None]
    canvas.pixels += cloud * (rng.uniform(0.6, 1.0) * np.array([1, 0.97, 0.93]) - canvas.pixels)
    if rng.random() < 0.4:
        canvas.put("ellipse", rng.uniform(0.1, 0.9) * canvas.right, rng.uniform(0.1, 0.4), 0.04, fill=(1, 0.93, 0.7))


def landscape(rng, canvas: Canvas) -> None:
    """Hills behind hills, perhaps a lake, trees in front."""
    _sky(rng, canvas)
    low, count = rng.uniform(0.35, 0.55) * canvas.bottom, int(rng.integers(3, 6))
    far, near = paint(rng, "sky") * 0.8, paint(rng, "nature") * 0.7
    for k in range(count):
        mix = k / (count - 1)
        edge = low + (canvas.bottom - low) * 0.8 * mix + (0.09 - 0.04 * mix) * ridge(rng, canvas.x, 0.6 * rng.random())
        tone = (far * (1 - mix) + near * mix) * (1 + 0.8 * (canvas.noise(rng, 0.8, across=3)[..., None] - 0.5))
        canvas.below(edge, tone, soft=1.5)
        if k == count - 3 and rng.random() < 0.4:
            canvas.below(edge + 0.05, canvas.pixels[:1] * 0.9)  # a lake, the colour of the sky
    for x in rng.random(int(rng.integers(0, 9))) * canvas.right:
        tall, foot = rng.uniform(0.08, 0.3), canvas.bottom * rng.uniform(0.75, 1)
        canvas.line(x, foot, x, foot - tall, 0.015, near * 0.4)
        for _ in range(5):
            at = x + rng.normal(0, 0.25) * tall, foot - tall * rng.uniform(0.6, 1.2)
            canvas.put(blob_form(rng), *at, tall * 0.3, fill=near * rng.uniform(0.5, 1.2), soft=2, light=(-0.2, -0.3))


def seascape(rng, canvas: Canvas) -> None:
    """Sky, sea and sails."""
    _sky(rng, canvas)
    level, sea = rng.uniform(0.4, 0.65) * canvas.bottom, paint(rng, "sky") * rng.uniform(0.4, 0.9)
    tone = sea * (0.7 + 0.9 * canvas.noise(rng, 1.0, across=5)[..., None] ** 2)
    canvas.below(level, tone)
    if rng.random() < 0.4:
        canvas.below(level + 0.12 + 0.1 * ridge(rng, canvas.x) - (canvas.x[0] - 0.3) * rng.uniform(-0.6, 0.6), INK * 3)
    for x in rng.random(int(rng.integers(0, 4))) * canvas.right:
        size, foot = rng.uniform(0.04, 0.15), level + rng.uniform(0.01, 0.2)
        canvas.put("triangle", x, foot - size * 0.9, size * 0.5, size, fill=CREAM * rng.uniform(0.7, 1.05))
        canvas.put("half", x, foot, size * 0.7, size * 0.3, fill=INK * 2)


def portrait(rng, canvas: Canvas) -> None:
    """Head and shoulders before a dark ground."""
    ground = paint(rng, "wall") * rng.uniform(0.2, 0.7)
    canvas.pixels[:] = ground * (0.7 + 0.6 * canvas.noise(rng, 1.6)[..., None])
    x, y, r = canvas.right * rng.uniform(0.44, 0.56), canvas.bottom * rng.uniform(0.36, 0.46), rng.uniform(0.11, 0.19)
    side, skin = rng.choice([-1, 1]), np.array([0.93, 0.74, 0.6]) * rng.uniform(0.35, 1.0) * rng.uniform(0.92, 1.05, 3)
    hair, clothes = paint(rng, "wood") * rng.uniform(0.2, 1.2), paint(rng, "fabric") * rng.uniform(0.3, 1)
    if rng.random() < 0.5:  # long hair
        canvas.put("pillow", x, y + 0.3 * r, 1.15 * r, 1.5 * r, fill=hair, dome=0.3)
    canvas.put("ellipse", x, y + 4.3 * r, 2.3 * r, 2.6 * r, fill=clothes, dome=0.5, light=(0.2 * side, -0.1))
    if rng.random() < 0.6:
        canvas.put("triangle", x, y + 2 * r, 0.6 * r, -0.8 * r, fill=CREAM * rng.uniform(0.4, 1))
    canvas.put("box", x, y + 1.2 * r, 0.36 * r, 0.6 * r, fill=skin * 0.75)
    canvas.put("ellipse", x, y - 0.12 * r, 1.02 * r, 1.25 * r, fill=hair)
    canvas.put("ellipse", x, y + 0.12 * r, 0.85 * r, 1.12 * r, fill=skin, dome=0.25, light=(0.3 * side, -0.1))
    for dx in (-0.32, 0.32):
        canvas.put("ellipse", x + dx * r + 0.06 * r * side, y, 0.13 * r, 0.08 * r, fill=INK * 1.5, opacity=0.8)
    canvas.put("ellipse", x + 0.06 * r * side, y + 0.66 * r, 0.22 * r, 0.07 * r, fill=skin * (0.75, 0.45, 0.45))
    canvas.line(x + 0.1 * r * side, y, x + 0.14 * r * side, y + 0.34 * r, 0.08 * r, skin * 0.7, opacity=0.6)
    if rng.random() < 0.3:
        canvas.put("half", x, y - 0.55 * r, 1.3 * r, -0.9 * r, fill=clothes * rng.uniform(0.4, 1.2), dome=0.3)


def still_life(rng, canvas: Canvas) -> None:
    """Vessels, fruit and flowers on a table."""
    canvas.gradient(paint(rng, "wall") * 0.5, paint(rng, "wall") * 0.7)
    level, cloth = rng.uniform(0.6, 0.72) * canvas.bottom, paint(rng, "fabric")
    canvas.below(level, cloth * (0.8 + 0.4 * canvas.noise(rng, 1.2)[..., None]))
    light = (rng.choice([-0.35, 0.35]), -0.1)
    for x in np.sort(rng.uniform(0.15, 0.85, int(rng.integers(1, 4)))) * canvas.right:
        form, tall = str(rng.choice(["bottle", "vase", "bowl"])), rng.uniform(0.12, 0.24) * canvas.bottom
        if form == "vase" and rng.random() < 0.7:
            for _ in range(22):
                at = x + 0.11 * rng.standard_normal(), level - 2 * tall + 0.07 * rng.standard_normal()
                fill = paint(rng, "nature" if rng.random() < 0.5 else "fabric")
                canvas.put("star", *at, rng.uniform(0.02, 0.06), angle=rng.uniform(0, 7), fill=fill, dome=0.4)
        foot = level + rng.uniform(0.02, 0.06)
        wide = tall * (1.1 if form == "bowl" else rng.uniform(0.35, 0.6))
        tall = tall * (0.5 if form == "bowl" else 1)
        canvas.dim("ellipse", x + 0.3 * tall, foot, wide * 1.5, 0.03, soft=4)
        canvas.put(form, x, foot - tall, wide, tall, fill=paint(rng, "fabric") * 0.8, dome=0.5, light=light)
    for x in rng.uniform(0.1, 0.9, int(rng.integers(2, 8))) * canvas.right:
        r, foot = rng.uniform(0.04, 0.08), level + rng.uniform(0.08, 0.25) * canvas.bottom
        fill = PRIMARIES[rng.integers(2)] * (1, rng.uniform(0.8, 2.5), 1) * rng.uniform(0.7, 1)
        canvas.dim("ellipse", x + 0.4 * r, foot + 0.9 * r, 1.2 * r, 0.4 * r, soft=3)
        canvas.put("ellipse", x, foot, r, r * 0.95, fill=fill, dome=0.7, light=light)
        canvas.put("ellipse", x + light[0] * r, foot - 0.4 * r, 0.18 * r, fill=(1, 1, 0.95), soft=2)


def engraving(rng, canvas: Canvas) -> None:
    """A print: the tones of another picture as hatched lines on old paper."""
    (landscape, portrait, still_life, seascape)[rng.integers(4)](rng, canvas)
    tone = canvas.pixels.mean(2)
    tone = np.clip((tone - np.percentile(tone, 3)) / (np.ptp(np.percentile(tone, (3, 97))) + 0.02), 0, 1)
    hatch = wave(20 * (canvas.x * rng.uniform(-0.6, 0.6) + canvas.y))
    line = np.clip((hatch - 1.05 + 1.2 * tone) * 2 + 0.5, 0, 1)
    canvas.pixels[:] = CREAM * (0.35 + 0.65 * (0.4 + 0.6 * line) * (0.4 + 0.6 * tone))[..., None]


def photograph(rng, canvas: Canvas) -> None:
    """A photograph in black and white, or faded."""
    (landscape, portrait, seascape)[rng.integers(3)](rng, canvas)
    grey = canvas.pixels.mean(2, keepdims=True) * rng.uniform(0.9, 1.3)
    canvas.pixels[:] = grey * (np.array([1.05, 1, 0.9]) if rng.random() < 0.4 else 1)


def grid_of_colours(rng, canvas: Canvas) -> None:
    """Black bars on white, a few fields in plain colours."""
    canvas.pixels[:] = CREAM * 1.04
    xs = np.concatenate([[0], np.sort(rng.uniform(0.1, 0.9, rng.integers(2, 5))) * canvas.right, [canvas.right]])
    ys = np.concatenate([[0], np.sort(rng.uniform(0.1, 0.9, rng.integers(2, 5))) * canvas.bottom, [canvas.bottom]])
    for i in range(len(xs) - 1):
        for j in range(len(ys) - 1):
            if rng.random() < 0.35:
                half = (xs[i + 1] - xs[i]) / 2, (ys[j + 1] - ys[j]) / 2
                fill = PRIMARIES[rng.integers(3)] if rng.random() < 0.8 else INK
                canvas.put("box", xs[i] + half[0], ys[j] + half[1], *half, fill=fill)
    for x in xs[1:-1]:
        canvas.line(x, 0, x, canvas.bottom, rng.uniform(0.015, 0.04), INK)
    for y in ys[1:-1]:
        canvas.line(0, y, canvas.right, y, rng.uniform(0.015, 0.04), INK)


def colour_field(rng, canvas: Canvas) -> None:
    """Two or three soft blocks that glow."""
    canvas.pixels[:] = paint(rng, "any") * rng.uniform(0.5, 1)
    count = int(rng.integers(2, 4))
    tall = canvas.bottom * 0.9 / count
    for k in range(count):
        tone = paint(rng, "any") * (0.85 + 0.3 * canvas.noise(rng, 1.3)[..., None])
        middle = canvas.bottom * 0.05 + tall * (k + 0.5)
        canvas.put("pillow", canvas.right / 2, middle, canvas.right * 0.44, tall * 0.46, soft=canvas.unit * 0.06,
                   fill=lambda rows, columns, tone=tone: tone[rows, columns], opacity=0.9)  # fmt: skip


def signs(rng, canvas: Canvas) -> None:
    """Circles, bars, corners and arcs afloat."""
    canvas.pixels[:] = paint(rng, "wall") * 0.4 + 0.55
    inks = palette(rng, 6, "any")
    for _ in range(int(rng.integers(8, 22))):
        at, r = rng.uniform(0, 1, 2) * (canvas.right, canvas.bottom), 0.02 + 0.2 * rng.random() ** 2.5
        form, fill = rng.choice(["ellipse", "ring", "triangle", "box", "half", "cross"]), inks[rng.integers(6)]
        wide = r * rng.choice([1, 1, 0.15])
        canvas.put(str(form), *at, max(wide, 0.01), r, rng.uniform(0, 7), fill, opacity=rng.uniform(0.6, 1))
    for _ in range(int(rng.integers(2, 7))):
        a, b = rng.uniform(0, 1, (2, 2)) * (canvas.right, canvas.bottom)
        canvas.line(*a, *b, rng.uniform(0.006, 0.02), INK)


def strokes_painting(rng, canvas: Canvas) -> None:
    """Broad gestures, or drips all over."""
    canvas.pixels[:] = CREAM if rng.random() < 0.6 else paint(rng, "any") * 0.5
    inks, wild = palette(rng, 4, "any"), rng.random() < 0.5
    for _ in range(35 if wild else 14):
        at, angle = rng.uniform(0, 1, 2) * (canvas.right, canvas.bottom), rng.uniform(0, 7)
        rx, ry = (rng.uniform(0.05, 0.3), 0.008) if wild else (rng.uniform(0.1, 0.4), rng.uniform(0.03, 0.12))
        canvas.put(blob_form(rng, 9, 0.5 * wild), *at, rx, ry, angle, inks[rng.integers(4)], soft=2, opacity=0.85)


def poster(rng, canvas: Canvas) -> None:
    """A flat ground, one bold form and lines of lettering."""
    ground, inks = paint(rng, "any"), palette(rng, 3, "any")
    canvas.pixels[:] = ground if rng.random() < 0.6 else CREAM
    form = rng.choice(["ellipse", "star", "triangle", "half", "bottle", "vase", "diamond"])
    middle = canvas.right * rng.uniform(0.4, 0.6), canvas.bottom * rng.uniform(0.35, 0.5)
    canvas.put(str(form), *middle, 0.27 * canvas.right, 0.27 * canvas.bottom, fill=inks[0], light=(0.1, 0))
    lettering(rng, canvas, 0.1 * canvas.right, 0.77 * canvas.bottom, 0.8 * canvas.right, 0.08, 1, inks[1])
    lettering(rng, canvas, 0.1 * canvas.right, 0.9 * canvas.bottom, 0.8 * canvas.right, 0.03, 1, inks[2])


def chart(rng, canvas: Canvas) -> None:
    """An old map: coasts, borders and a grid."""
    height = canvas.noise(rng, 1.7)
    tone = colour(height, np.stack([[0.55, 0.68, 0.7], [0.7, 0.8, 0.78], CREAM, [0.8, 0.74, 0.5], [0.62, 0.52, 0.36]]))
    border = (cells(rng, canvas.unit, 4, 4)[0][: canvas.h, : canvas.w] < 0.05) & (height > 0.5)
    coast = np.abs(height - 0.5) < 0.012
    canvas.pixels[:] = np.where((border | coast)[..., None], INK * 3, tone)
    for t in (0.25, 0.5, 0.75):
        canvas.line(t * canvas.right, 0, t * canvas.right, canvas.bottom, 0.006, INK * 3, opacity=0.5)
        canvas.line(0, t * canvas.bottom, canvas.right, t * canvas.bottom, 0.006, INK * 3, opacity=0.5)


def cloth(rng, canvas: Canvas) -> None:
    """A woven or ornamental hanging."""
    names = GROUPS["pattern"]
    tile = field(names[rng.integers(len(names))], rng, canvas.unit)
    canvas.pixels[:] = colour(tile, palette(rng, 3, "fabric"))[: canvas.h, : canvas.w]


GENRES = {
    landscape: 5, seascape: 3, portrait: 5, still_life: 4, engraving: 1.5, photograph: 1.5,
    grid_of_colours: 1, colour_field: 2, signs: 2, strokes_painting: 2,
    poster: 1, chart: 1, cloth: 1,
}  # fmt: skip


def painting(rng: np.random.Generator, size: int = 64, aspect: float = 1.0) -> np.ndarray:
    """A picture (h, w, 3) uint8, w / h about `aspect`, the longer edge `size` pixels."""
    h, w = (size, max(1, round(size * aspect))) if aspect <= 1 else (max(1, round(size / aspect)), size)
    canvas = Canvas(h, w)
    pick(rng, GENRES)(rng, canvas)
    broad = rng.choice([0, 0, 0.04, 0.07]) * size  # how far, in pixels, the brush drags the paint
    across, down = ((canvas.noise(rng, 1.1) - 0.5) * broad for _ in range(2))
    rows = np.clip(np.arange(h)[:, None] + down.astype(int), 0, h - 1)
    picture = canvas.pixels[rows, np.clip(np.arange(w) + across.astype(int), 0, w - 1)]
    strokes_seen = 1 + rng.uniform(0, 0.12) * (relief(canvas.noise(rng, 1.0, across=2), 1) - 0.5)[..., None]
    varnish = 1 - rng.uniform(0, 0.25) * rng.random() * np.array([0, 0.35, 1.0])
    return (np.clip(picture * strokes_seen * varnish, 0, 1) * 255).astype(np.uint8)
