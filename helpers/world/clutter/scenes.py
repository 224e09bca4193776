"""Cluttered scenes: heaps, materials, planes, sky, plants, and what people make. Each paints a canvas with a kit."""

import numpy as np

from ..textures import GROUPS, NAMES, colour, field, paint
from ..textures.brush import Canvas, lettering, ridge
from ..textures.noise import cells, fractal, relief, wave
from ..textures.paintings import landscape, painting, portrait, seascape, still_life
from ..textures.palettes import shades
from .kit import ClutterKit, blur_canvas, perspective


def power_law(rng, low: float, high: float, count: int, power: float) -> np.ndarray:
    """`count` sizes between low and high whose density falls as size ** -power, as of things in photographs."""
    a, b = low ** (1 - power), high ** (1 - power)
    return (a + (b - a) * rng.random(count)) ** (1 / (1 - power))


def heap(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Dead leaves: forms of every size, one over the other; the lower ones may be out of focus."""
    canvas.pixels[:] = kit.ink()
    aligned, deep = rng.choice([0.0, 0.15, 7.0]), rng.random() < 0.3
    forms = [kit.form() for _ in range(int(rng.integers(1, 9)))]
    smallest, largest = rng.uniform(0.015, 0.06), rng.uniform(0.25, 0.7)
    radii = power_law(rng, smallest, largest, int(rng.integers(60, 170)), rng.uniform(2, 3))
    if rng.random() < 0.5:
        radii = np.sort(radii)[::-1]  # small things lie on large ones
    for k, r in enumerate(radii):
        x, y = rng.uniform(-0.1, 1.1, 2) * (canvas.right, canvas.bottom)
        slim = np.exp(rng.normal(0, 0.4))
        kit.drop(canvas, forms[rng.integers(len(forms))], x, y, r * slim, r / slim, rng.uniform(-0.5, 0.5) * aligned)
        if deep and k in (len(radii) // 3, len(radii) * 2 // 3):
            canvas.pixels = blur_canvas(canvas.pixels, 0.012 * canvas.unit)


def rods(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Pencils, logs, pipes, reeds: long things, much in one direction."""
    canvas.pixels[:] = kit.ink() * 0.4
    angle, loose = rng.uniform(0, np.pi), rng.choice([0.02, 0.2, 2.0])
    for width in rng.uniform(0.005, 0.04) * np.exp(rng.normal(0, 0.4, int(rng.integers(25, 70)))):
        x, y = rng.uniform(0, 1, 2) * (canvas.right, canvas.bottom)
        kit.drop(canvas, "pillow", x, y, rng.uniform(0.15, 0.6), max(width, 0.004), angle + loose * rng.normal(0, 0.5))


def rows_of_things(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """A market stall, a wall of masks, a tray of cakes: the same thing again and again."""
    canvas.pixels[:] = kit.ink() * 0.5
    n, form, base = int(rng.integers(3, 13)), kit.form(), kit.ink()
    wobble, fill, half = rng.uniform(0, 0.3), rng.random() < 0.5, 0.5 * (rng.random() < 0.5)
    for j in range(-1, n + 1):
        for i in range(-1, n + 1):
            at = np.array([i + 0.5 + half * (j % 2), j + 0.5]) + rng.normal(0, 0.5, 2) * wobble
            tone = base * np.exp(rng.normal(0, 0.12, 3)) if fill else kit.ink()
            kit.drop(canvas, form, *(at / n), 0.5 / n, 0.5 / n, rng.normal(0, 1) * wobble, tone)


def table_top(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Coins, plates, tools on a table seen from above, each alone."""
    canvas.put("box", 0.5, 0.5, 1, fill=kit.cloth(group=str(rng.choice(["wood", "fabric", "stone"])), side=canvas.unit))
    kit.shadow, forms = True, [kit.form() for _ in range(int(rng.integers(1, 5)))]
    taken = []
    for r in np.sort(power_law(rng, 0.02, 0.25, int(rng.integers(8, 50)), 2))[::-1]:
        x, y = rng.uniform(0, 1, 2) * (canvas.right, canvas.bottom)
        if all(np.hypot(x - a, y - b) > r + c for a, b, c in taken):
            taken.append((x, y, r))
            kit.drop(canvas, forms[rng.integers(len(forms))], x, y, r, r * rng.choice([1, 1, 0.3]), rng.uniform(0, 7))


def mist(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Coloured noise, each channel partly its own."""
    slope, shared = rng.uniform(0.6, 2), rng.uniform(0.5, 1)
    common, stretch = fractal(rng, canvas.unit, slope), np.exp(rng.normal(0, 0.5))
    for k in range(3):
        own = fractal(rng, canvas.unit, slope * rng.uniform(0.8, 1.2), across=stretch)
        canvas.pixels[:, :, k] = (shared * common + (1 - shared) * own)[: canvas.h, : canvas.w]
    canvas.pixels = 0.5 * kit.ink() + canvas.warped(canvas.pixels, slide=0.5) * rng.uniform(0.3, 1)


def close_up(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """One material that fills the picture, flat, turned or bent."""
    side = canvas.unit if rng.random() < 0.6 else canvas.unit // 2
    sheet = colour(field(NAMES[rng.integers(len(NAMES))], rng, side), shades(rng, kit.ink(), 4, rng.uniform(0.1, 0.7)))
    turn, bend, zoom = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.1), rng.uniform(0.7, 1.1)
    x = canvas.x + bend * np.sin(rng.uniform(2, 9) * canvas.y + rng.uniform(0, 7))
    y = canvas.y + bend * np.sin(rng.uniform(2, 9) * canvas.x + rng.uniform(0, 7))
    u, v = (x * np.cos(turn) - y * np.sin(turn)) * zoom, (x * np.sin(turn) + y * np.cos(turn)) * zoom
    canvas.pixels[:] = sheet[(v * canvas.unit).astype(int) % side, (u * canvas.unit).astype(int) % side]


def patches(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Two materials that meet along a ragged line: moss on stone, snow on earth, peeling paint."""
    canvas.put("box", 0.5, 0.5, 1, fill=kit.cloth())
    for _ in range(int(rng.integers(1, 4))):
        height = canvas.noise(rng, rng.uniform(1.2, 2.0)) - rng.uniform(0.35, 0.65)
        cover = np.clip(height * canvas.unit * rng.uniform(0.1, 0.5), 0, 1)[..., None]
        fill = kit.cloth()
        over = fill(slice(0, canvas.h), slice(0, canvas.w)) if callable(fill) else fill
        edge = 1 + 0.7 * (relief(cover[..., 0], 0.7) - 0.5)[..., None]
        canvas.pixels = (canvas.pixels + cover * (over - canvas.pixels)) * edge


def ground(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """A floor, field or road that runs to the horizon, something behind it, things standing on it."""
    horizon = rng.uniform(0.15, 0.6) * canvas.bottom
    backdrop(rng, canvas, kit)
    if rng.random() < 0.6:
        for _ in range(int(rng.integers(3, 25))):
            r = rng.uniform(0.02, 0.25)
            kit.drop(canvas, kit.form(), rng.uniform(0, canvas.right), horizon - rng.uniform(-0.5, 1) * r, r)
        canvas.pixels = blur_canvas(canvas.pixels, rng.uniform(0, 0.03) * canvas.unit)
    group = str(rng.choice(["floor", "nature", "stone", "pattern"]))
    floor = perspective(canvas, kit.sheet(group), horizon, rng.uniform(0.3, 1.5), rng.uniform(0, 7))
    canvas.below(horizon, floor, soft=1.5)
    for far in np.sort(rng.random(int(rng.integers(0, 12)))):
        foot = horizon + (canvas.bottom - horizon) * far**1.5
        r = (foot - horizon) * rng.uniform(0.1, 0.5) + 0.008
        x = rng.uniform(0, canvas.right)
        canvas.dim("ellipse", x, foot, 1.3 * r, 0.3 * r, soft=0.3 * r * canvas.unit + 1)
        canvas.put(kit.form(), x, foot - 0.9 * r, r * rng.uniform(0.4, 1.2), r, 0, kit.cloth(), dome=kit.round)


def tunnel(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """A corridor, street or canyon: four surfaces running to one point."""
    x0, y0 = rng.uniform(0.25, 0.75) * canvas.right, rng.uniform(0.25, 0.75) * canvas.bottom
    dx, dy = (canvas.x - x0) / rng.uniform(0.5, 2), canvas.y - y0
    near = np.maximum(np.abs(dx), np.abs(dy)) + 0.004
    z, clear = 0.3 / near, np.clip(near * 12, 0, 1)[..., None]
    faces = []
    for along in (dy, dy, dx, dx):  # right, left, below, above
        sheet, scale = kit.sheet(str(rng.choice(list(GROUPS)))), rng.uniform(0.3, 1)
        n = len(sheet)
        seen = sheet[np.floor(along / near * scale * n / 2).astype(int) % n, np.floor(z * scale * n).astype(int) % n]
        faces.append((seen * clear + sheet.mean((0, 1)) * (1 - clear)) * rng.uniform(0.5, 1.1))
    aside = np.clip((np.abs(dx) - np.abs(dy)) * canvas.unit + 0.5, 0, 1)[..., None]
    walls, levels = np.where((dx > 0)[..., None], *faces[:2]), np.where((dy > 0)[..., None], *faces[2:])
    canvas.pixels = walls * aside + levels * (1 - aside)
    glow = np.exp(-near * rng.uniform(2, 12))[..., None] * rng.uniform(0, 0.9)
    canvas.pixels += glow * (rng.choice([0.02, 0.95]) - canvas.pixels)


def backdrop(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """A plain wall, a studio paper or a sky: hardly anything but a gradient."""
    canvas.gradient(kit.ink(), kit.ink() if rng.random() < 0.5 else kit.ink() * 0.3 + 0.6, rng.uniform(0.4, 2.5))
    if rng.random() < 0.6:
        x, y, r = rng.random() * canvas.right, rng.random() * canvas.bottom, rng.uniform(0.2, 0.8)
        glow = np.exp(-((canvas.x - x) ** 2 + (canvas.y - y) ** 2) / r**2)[..., None]
        canvas.pixels *= 1 + rng.uniform(-0.5, 0.6) * glow
    if rng.random() < 0.5:
        canvas.pixels *= 1 + rng.uniform(0, 0.25) * (canvas.noise(rng, rng.uniform(0, 1.5))[..., None] - 0.5)


def heaven(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Clouds, perhaps a sun, perhaps roofs or hills at the bottom."""
    canvas.gradient(paint(rng, "sky"), paint(rng, "sky") * 0.5 + 0.45, rng.uniform(0.5, 1.5))
    cloud = canvas.warped(field("clouds", rng, canvas.unit)[: canvas.h, : canvas.w], slide=1)
    lit_side = (1.05 - 0.35 * cloud * rng.random())[..., None]  # thick clouds are darker below
    canvas.pixels += cloud[..., None] * rng.uniform(0.3, 1) * (lit_side * paint(rng, "sky") * 1.15 - canvas.pixels)
    if rng.random() < 0.6:
        for low in np.sort(rng.uniform(0.5, 1, int(rng.integers(1, 4)))) * canvas.bottom:
            canvas.below(low + 0.1 * ridge(rng, canvas.x, rng.random()), kit.ink() * rng.uniform(0.1, 0.8))


def foliage(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Leaves in front of leaves, the far ones blurred, the near ones lit."""
    kit.paints = [paint(rng, "nature") for _ in range(4)]
    canvas.pixels[:] = kit.ink() * rng.choice([0.3, 1.3])
    form, size, lean = str(rng.choice(["leaf", "leaf", "ellipse", "star"])), rng.uniform(0.025, 0.12), rng.uniform(0, 7)
    spread, layers = rng.choice([0.4, 3.0]), 4
    for layer in range(layers):
        tone = kit.ink() * (0.35 + 0.3 * layer)
        for _ in range(int(min(140, 0.8 / size**1.5))):
            x, y = rng.uniform(-0.05, 1.05, 2) * (canvas.right, canvas.bottom)
            r = size * np.exp(rng.normal(0, 0.3)) * (0.6 + 0.25 * layer)
            fill = tone * np.exp(rng.normal(0, 0.2)) * np.exp(rng.normal(0, 0.06, 3))
            canvas.put(form, x, y, r, r * 0.4, lean + rng.normal(0, spread), fill, light=(0, 0.3), opacity=0.95)
        if layer < layers - 1:
            canvas.pixels = blur_canvas(canvas.pixels, rng.uniform(0, 0.02) * canvas.unit)


def forest(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Trunks, columns or posts, paler the farther they stand."""
    kit.paints = [paint(rng, str(rng.choice(["nature", "wood", "stone"]))) for _ in range(4)]
    haze = paint(rng, "sky") * rng.choice([0.3, 0.9])
    canvas.gradient(haze, haze * rng.uniform(0.4, 1.2))
    canvas.pixels *= 0.6 + 0.8 * canvas.noise(rng, 1.0)[..., None]
    for near in np.sort(rng.random(int(rng.integers(8, 40)))):
        base = kit.ink() * near + haze * (1 - near) * 0.8
        x, foot = rng.uniform(-0.05, 1.05) * canvas.right, canvas.bottom * (0.55 + 0.6 * near)
        fill, half = kit.cloth(base), (0.008 + 0.05 * near**2, foot / 2 + 0.1)
        canvas.put("box", x, foot / 2 - 0.1, *half, rng.normal(0, 0.03), fill, light=(kit.light[0], 0))
        for _ in range(int(rng.integers(0, 4))):
            y, reach = rng.uniform(0, 0.6) * foot, rng.normal(0, 0.2)
            canvas.line(x, y, x + reach, y - abs(reach) * rng.uniform(0, 1), 0.006 + 0.015 * near, base * 0.8)


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
    canvas.put("box", 0.5, 0.5, 1, fill=kit.cloth())
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
    canvas.pixels *= 0.5 + 1.2 * canvas.noise(rng, 1.3)[..., None]
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
    angle, slow = rng.normal(0, 0.5), canvas.noise(rng, 2)
    phase = (canvas.x * np.cos(angle) + canvas.y * np.sin(angle)) * rng.uniform(2, 9) + slow * rng.uniform(0.3, 3)
    fold = canvas.warped(wave(phase) ** rng.uniform(0.5, 2), slide=0.2)
    canvas.pixels *= (rng.uniform(0.2, 0.6) + 0.9 * fold)[..., None]


def fence(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Wires, rails, branches or a net in front of something blurred."""
    heap(rng, canvas, kit)
    canvas.pixels = blur_canvas(canvas.pixels, rng.uniform(0.01, 0.05) * canvas.unit)
    n, width, ink, free = int(rng.integers(3, 16)), rng.uniform(0.004, 0.03), kit.ink() * 0.7, rng.random() < 0.4
    for turn in rng.uniform(0, np.pi) + np.array([0, np.pi / 2])[: rng.integers(1, 3)]:
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
    dx, dy = (((canvas.noise(rng, slope) - 0.5) * strong).astype(int) for _ in range(2))
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
    canvas.pixels *= 0.7 + 0.6 * canvas.noise(rng, 0.7, across=rng.choice([1, 6]))[..., None]
    road = np.clip((rng.uniform(0.04, 0.12) - edge) * canvas.unit / n, 0, 1)[..., None]
    canvas.pixels += road * (kit.ink() - canvas.pixels)


def view(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """A whole landscape, sea, portrait or still life, as on the museum's walls."""
    (landscape, seascape, portrait, still_life)[rng.choice(4, p=(0.4, 0.2, 0.15, 0.25))](rng, canvas)
