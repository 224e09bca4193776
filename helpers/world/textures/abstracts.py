"""Pictures that show nothing, or say it with signs: grids, colour fields, gestures, posters, maps, cloth."""

import numpy as np

from . import GROUPS, field
from .brush import Canvas, blob_form, lettering
from .noise import cells, fractal
from .palettes import colour, paint, palette

INK = np.array([0.1, 0.09, 0.1], np.float32)
CREAM = np.array([0.93, 0.89, 0.8], np.float32)
PRIMARIES = np.array([[0.78, 0.12, 0.1], [0.95, 0.78, 0.15], [0.12, 0.25, 0.6]], np.float32)


def mottled(rng, canvas: Canvas, slope: float = 1.2, **stretch) -> np.ndarray:
    """Fractal noise over the canvas, in 0..1."""
    return fractal(rng, canvas.unit, slope, **stretch)[: canvas.h, : canvas.w]


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
        tone = paint(rng, "any") * (0.85 + 0.3 * mottled(rng, canvas, 1.3)[..., None])
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
    height = mottled(rng, canvas, 1.7)
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
