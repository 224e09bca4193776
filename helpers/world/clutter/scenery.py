"""Cluttered scenes, first half: heaps, materials, planes, sky, plants. Each paints a canvas with a kit."""

import numpy as np

from ..textures import GROUPS, NAMES, field
from ..textures.brush import Canvas, ridge
from ..textures.noise import fractal, relief
from ..textures.palettes import colour, paint, shades
from .kit import ClutterKit, blur_canvas, perspective


def power_law(rng, low: float, high: float, count: int, power: float = 2.5) -> np.ndarray:
    """`count` sizes between low and high whose density falls as size ** -power, as of things in photographs."""
    a, b = low ** (1 - power), high ** (1 - power)
    return (a + (b - a) * rng.random(count)) ** (1 / (1 - power))


def heap(rng, canvas: Canvas, kit: ClutterKit) -> None:
    """Dead leaves: forms of every size, one over the other; the lower ones may be out of focus."""
    canvas.pixels[:] = kit.ink()
    aligned, deep = rng.choice([0.0, 0.15, 7.0]), rng.random() < 0.3
    forms = [kit.form() for _ in range(int(rng.integers(1, 9)))]
    radii = power_law(
        rng, rng.uniform(0.015, 0.06), rng.uniform(0.25, 0.7), int(rng.integers(60, 170)), rng.uniform(2, 3)
    )
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
    fill = kit.cloth(group=str(rng.choice(["wood", "fabric", "stone"])), side=canvas.unit)
    canvas.put("box", 0.5, 0.5, 1, fill=fill)
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
        height = fractal(rng, canvas.unit, rng.uniform(1.2, 2.0))[: canvas.h, : canvas.w] - rng.uniform(0.35, 0.65)
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
    floor = perspective(canvas, kit.sheet(group=group), horizon, rng.uniform(0.3, 1.5), rng.uniform(0, 7))
    canvas.below(np.full(canvas.w, horizon, np.float32), floor, soft=1.5)
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
        sheet, scale = kit.sheet(group=str(rng.choice(list(GROUPS)))), rng.uniform(0.3, 1)
        n = len(sheet)
        seen = sheet[np.floor(along / near * scale * n / 2).astype(int) % n, np.floor(z * scale * n).astype(int) % n]
        faces.append((seen * clear + sheet.mean((0, 1)) * (1 - clear)) * rng.uniform(0.5, 1.1))
    aside = np.clip((np.abs(dx) - np.abs(dy)) * canvas.unit + 0.5, 0, 1)[..., None]
    canvas.pixels = np.where((dx > 0)[..., None], *faces[:2]) * aside + np.where((dy > 0)[..., None], *faces[2:]) * (
        1 - aside
    )
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
        canvas.pixels *= 1 + rng.uniform(0, 0.25) * (
            fractal(rng, canvas.unit, rng.uniform(0, 1.5))[: canvas.h, : canvas.w, None] - 0.5
        )


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
    canvas.pixels *= 0.6 + 0.8 * fractal(rng, canvas.unit, 1.0)[: canvas.h, : canvas.w, None]
    for near in np.sort(rng.random(int(rng.integers(8, 40)))):
        base = kit.ink() * near + haze * (1 - near) * 0.8
        x, foot = rng.uniform(-0.05, 1.05) * canvas.right, canvas.bottom * (0.55 + 0.6 * near)
        fill = kit.cloth(base)
        canvas.put(
            "box",
            x,
            foot / 2 - 0.1,
            0.008 + 0.05 * near**2,
            foot / 2 + 0.1,
            rng.normal(0, 0.03),
            fill,
            light=(kit.light[0], 0),
        )
        for _ in range(int(rng.integers(0, 4))):
            y, reach = rng.uniform(0, 0.6) * foot, rng.normal(0, 0.2)
            canvas.line(x, y, x + reach, y - abs(reach) * rng.uniform(0, 1), 0.006 + 0.015 * near, base * 0.8)
