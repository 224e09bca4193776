"""Cluttered scenes, second half: what people make. Pages, facades, shelves, lamps, crowds, cloth, albums."""

import numpy as np

from ..textures.brush import Canvas, lettering
from ..textures.noise import cells, fractal, wave
from ..textures.paintings import landscape, painting, portrait, seascape, still_life
from ..textures.palettes import paint
from .kit import ClutterKit, blur_canvas
from .scenery import backdrop, heap, power_law


def page(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Paper or a screen with columns of text, headings and pictures."""
    paper, ink = rng.uniform(0.75, 1) * np.array([1, rng.uniform(0.93, 1), rng.uniform(0.8, 1)]), kit.ink() * 0.3
    if rng.random() < 0.25:
        paper, ink = ink, paper
    canvas.pixels[:] = paper
    columns, tall = int(rng.integers(1, 4)), rng.uniform(0.012, 0.05)
    wide = canvas.right / columns
    for c in range(columns):
        y = rng.uniform(-0.1, 0.1)
        while y < canvas.bottom:
            left, pick = (c + 0.08) * wide, rng.random()
            if pick < 0.2:
                high = rng.uniform(0.1, 0.35)
                canvas.put("box", left + 0.42 * wide, y + high / 2, 0.42 * wide, high / 2, fill=kit.cloth())
                y += high + tall
                continue
            lines = 1 if pick < 0.35 else int(rng.integers(2, 8))
            size = tall * (rng.uniform(1.5, 3) if lines == 1 else 1)
            lettering(rng, canvas, left, y, 0.84 * wide, size, lines, ink)
            y += 1.7 * size * lines + tall * rng.uniform(0.5, 2)


def facade(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Windows in rows, each with a frame, a reflection and perhaps a curtain."""
    fill = kit.cloth()
    canvas.put("box", 0.5, 0.5, 1, fill=fill)
    across, down = rng.integers(2, 12, 2)
    w, h = rng.uniform(0.25, 0.46, 2) / (across, down)
    frame, glass, lean = kit.ink(), kit.ink() * 0.4, rng.uniform(-0.25, 0.25) * (rng.random() < 0.6)
    shift = rng.random(2) / (across, down)
    for j in range(-1, down + 1):
        for i in range(-1, across + 1):
            x, y = (i + 0.5) / across + shift[0], (j + 0.5) / down + shift[1]
            y += lean * (x - 0.5) * (y - 0.5)
            grow = 1 + lean * (x - 0.5)
            canvas.put("box", x, y, w * 1.15 * grow, h * 1.1 * grow, fill=frame)
            tone = glass * rng.uniform(0.5, 1.8) if rng.random() < 0.85 else np.array([1, 0.85, 0.5])
            canvas.put("box", x, y, w * grow, h * grow, fill=tone, light=(0.2, -0.3))
            if rng.random() < 0.5:
                canvas.line(x, y - h * grow, x, y + h * grow, 0.2 * w, frame)
            canvas.dim("box", x, y - h * grow * 0.9, w * grow, h * 0.15, factor=0.5)


def skyline(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Houses behind houses, windows lit or dark."""
    haze = paint(rng, "sky") * rng.choice([0.15, 1.0])
    canvas.gradient(haze * 0.8, haze)
    dark = haze.mean() < 0.3
    for near in np.linspace(0.2, 1, int(rng.integers(2, 5))):
        for x in rng.uniform(0, canvas.right, int(rng.integers(4, 9))):
            w, top = rng.uniform(0.04, 0.14), canvas.bottom * (rng.uniform(0.15, 0.7) * 0.6 + 0.4 * near)
            tone = kit.ink() * near * (0.25 if dark else 0.9) + haze * (1 - near) * 0.8
            canvas.put("box", x, top + 0.5, w, 0.5, fill=tone, light=(kit.light[0] * 0.6, 0))
            pane = np.array([1, 0.85, 0.5]) if dark else tone * rng.choice([0.5, 1.5])
            step = rng.uniform(0.02, 0.05)
            for v in np.arange(top + step, min(canvas.bottom, top + 12 * step), step):
                for u in np.arange(x - w + step, x + w - step / 2, step):
                    if rng.random() < 0.6:
                        canvas.put("box", u, v, step * 0.25, step * 0.3, fill=pane, opacity=0.4 + 0.6 * near)


def shelf_scene(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Boards with books, bottles or boxes side by side."""
    canvas.pixels[:] = kit.ink() * 0.25
    count = int(rng.integers(1, 6))
    step, wood = canvas.bottom / count, kit.cloth()
    form = str(rng.choice(["box", "box", "bottle", "pillow", "vase"]))
    for level in range(count + 1):
        foot, x = (level + rng.uniform(0.85, 0.9)) * step, -0.02
        while x < canvas.right:
            w, h = step * rng.uniform(0.03, 0.14), step * rng.uniform(0.25, 0.42)
            if form != "box":
                w *= 2
            if rng.random() < 0.92:
                lean, fill = rng.normal(0, 0.15) * (rng.random() < 0.15), kit.cloth()
                canvas.put(form, x + w, foot - h, w, h, lean, fill, light=(kit.light[0], 0), dome=kit.round * 0.6)
                for y in (foot - 1.5 * h, foot - 0.5 * h):
                    canvas.line(x + 0.6 * w, y, x + 1.4 * w, y, 0.06 * h, kit.ink(), opacity=0.8)
            x += 2 * w
        canvas.dim("box", 0.5, foot - step * 0.85, 1, step * 0.12, soft=step * canvas.unit * 0.1, factor=0.5)
        canvas.put("box", 0.5, foot + 0.05 * step, 1, 0.05 * step, fill=wood)


def lamps(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Night: lamps with halos, streaks on something dark."""
    canvas.gradient(kit.ink() * 0.1, kit.ink() * 0.2)
    canvas.pixels *= 0.5 + 1.2 * fractal(rng, canvas.unit, 1.3)[: canvas.h, : canvas.w, None]
    streak = rng.random() < 0.4
    for r in power_law(rng, 0.004, 0.04, int(rng.integers(8, 45)), 1.8):
        x, y = rng.uniform(0, 1, 2) * (canvas.right, canvas.bottom * (0.7 if streak else 1))
        glow, on = (0.6 + 0.4 * kit.ink()) * rng.uniform(0.5, 1.2), canvas.shining(x, y)
        canvas.put("ellipse", x, y, 4 * r, fill=glow, soft=6 * r * canvas.unit, opacity=0.35 * on)
        canvas.put("ellipse", x, y, r, fill=glow * 1.2, soft=1.5, opacity=on)
        if streak:
            canvas.put("pillow", x, y + 0.3, 0.7 * r, 0.25, fill=glow, soft=2 + r * canvas.unit, opacity=0.35 * on)


def bokeh(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Lights far out of focus: pale discs with a bright rim."""
    heap(rng, canvas, ClutterKit(rng, canvas.unit, 2))
    canvas.pixels = blur_canvas(canvas.pixels, 0.06 * canvas.unit) * rng.uniform(0.2, 0.9)
    form, r = str(rng.choice(["ellipse", "ellipse", "star"])), rng.uniform(0.02, 0.1)
    for _ in range(int(rng.integers(12, 60))):
        x, y = rng.uniform(0, 1, 2) * (canvas.right, canvas.bottom)
        fill, size, on = kit.ink() * 0.6 + 0.4, r * np.exp(rng.normal(0, 0.3)), canvas.shining(x, y)
        canvas.put(form, x, y, size, fill=fill, soft=2, opacity=rng.uniform(0.1, 0.6) * on)
        canvas.put("ring", x, y, size, fill=fill, opacity=0.15 * on)


def crowd(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Heads and shoulders, rows of them, so that not everybody is a foreground."""
    backdrop(rng, canvas, kit)
    small = rng.uniform(0.02, 0.06)
    for near in np.sort(rng.random(int(rng.integers(5, 45)))):
        r, x, y = small * (0.5 + 1.5 * near), rng.uniform(0, canvas.right), canvas.bottom * (0.3 + 0.75 * near)
        skin, light = np.array([0.93, 0.73, 0.6]) * rng.uniform(0.3, 1), (kit.light[0], -0.2)
        canvas.put("pillow", x, y + 4.2 * r, 1.9 * r, 3 * r, fill=kit.cloth(), dome=0.3, light=light)
        canvas.put("ellipse", x, y - 0.1 * r, r, 1.25 * r, fill=paint(rng, "wood") * rng.uniform(0.1, 1))
        if rng.random() < 0.75:
            canvas.put("ellipse", x, y + 0.15 * r, 0.8 * r, 1.05 * r, fill=skin, dome=0.3, light=light)


def drapes(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Cloth that hangs or lies in folds."""
    canvas.put("box", 0.5, 0.5, 1, fill=kit.cloth(group="fabric", side=canvas.unit))
    angle, slow = rng.normal(0, 0.5), fractal(rng, canvas.unit, 2)[: canvas.h, : canvas.w]
    phase = (canvas.x * np.cos(angle) + canvas.y * np.sin(angle)) * rng.uniform(2, 9) + slow * rng.uniform(0.3, 3)
    fold = canvas.warped(wave(phase) ** rng.uniform(0.5, 2), slide=0.2)
    canvas.pixels *= (rng.uniform(0.2, 0.6) + 0.9 * fold)[..., None]


def fence(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Wires, rails, branches or a net in front of something blurred."""
    heap(rng, canvas, kit)
    canvas.pixels = blur_canvas(canvas.pixels, rng.uniform(0.01, 0.05) * canvas.unit)
    n, width, ink, free = int(rng.integers(3, 16)), rng.uniform(0.004, 0.03), kit.ink() * 0.7, rng.random() < 0.4
    turns = rng.uniform(0, np.pi) + np.array([0, np.pi / 2])[: rng.integers(1, 3)]
    for turn in turns:
        for k in np.linspace(-0.7, 0.7, n):
            angle, k = (turn + rng.normal(0, 0.4), rng.uniform(-0.5, 0.5)) if free else (turn, k)
            x, y = 0.5 - k * np.sin(angle), 0.5 + k * np.cos(angle)
            canvas.put("box", x, y, 1, width * rng.uniform(0.7, 1.2), angle, ink, light=(0, -0.4))


def culture(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Round bodies with rims and cores, as under a microscope, or bubbles, or rain on glass."""
    backdrop(rng, canvas, kit)
    clear, fill, core = rng.uniform(0.1, 0.8), kit.ink(), kit.ink() * 0.6
    for r in power_law(rng, 0.01, rng.uniform(0.05, 0.25), int(rng.integers(20, 120)), 2):
        x, y = rng.uniform(0, 1, 2) * (canvas.right, canvas.bottom)
        slim = np.exp(rng.normal(0, 0.15))
        canvas.put("ellipse", x, y, r * slim, r / slim, fill=fill, opacity=clear, light=kit.light, soft=1.5)
        canvas.put("ring", x, y, r * slim, r / slim, fill=core, opacity=0.7, light=kit.light)
        canvas.put("ellipse", x + 0.2 * r, y - 0.2 * r, 0.25 * r, fill=core if clear > 0.4 else (1, 1, 1), soft=2)


def melted(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Something seen in bent metal, rippled water or thick glass."""
    heap(rng, canvas, kit)
    strong, slope = rng.uniform(0.05, 0.35) * canvas.unit, rng.uniform(1.6, 2.4)
    dx, dy = (((fractal(rng, canvas.unit, slope)[: canvas.h, : canvas.w] - 0.5) * strong).astype(int) for _ in range(2))
    rows, columns = np.arange(canvas.h)[:, None] + dy, np.arange(canvas.w) + dx
    canvas.pixels = blur_canvas(canvas.warped(canvas.pixels[rows % canvas.h, columns % canvas.w]), 1)


def album(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Pictures pinned over one another: a wall of cards, covers, stickers."""
    canvas.put("box", 0.5, 0.5, 1, fill=kit.cloth())
    kit.shadow = True
    for r in power_law(rng, 0.08, 0.35, int(rng.integers(6, 16)), 2):
        x, y = rng.uniform(0, 1, 2) * (canvas.right, canvas.bottom)
        card = painting(rng, max(8, int(2 * r * canvas.unit) + 1)) / np.float32(255)

        def fill(rows, columns, card=card, x=x, y=y, r=r):
            i = np.arange(rows.start, rows.stop) - int((y - r) * canvas.unit)
            j = np.arange(columns.start, columns.stop) - int((x - r) * canvas.unit)
            return card[np.clip(i, 0, len(card) - 1)[:, None], np.clip(j, 0, len(card) - 1)]

        kit.drop(canvas, "box", x, y, r, r * rng.uniform(0.6, 1), rng.normal(0, 0.2), fill)


def country(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Fields and roads from the air."""
    n = int(rng.integers(3, 9))
    edge, own = (a[: canvas.h, : canvas.w] for a in cells(rng, canvas.unit, n, int(rng.integers(3, 9))))
    ramp = np.stack([kit.ink() for _ in range(12)])
    canvas.pixels[:] = ramp[(own * 12).astype(int)]
    canvas.pixels *= 0.7 + 0.6 * fractal(rng, canvas.unit, 0.7, across=rng.choice([1, 6]))[: canvas.h, : canvas.w, None]
    road = np.clip((rng.uniform(0.04, 0.12) - edge) * canvas.unit / n, 0, 1)[..., None]
    canvas.pixels += road * (kit.ink() - canvas.pixels)


def view(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """A whole landscape, sea, portrait or still life, as on the museum's walls."""
    (landscape, seascape, portrait, still_life)[rng.choice(4, p=(0.4, 0.2, 0.15, 0.25))](rng, canvas)
