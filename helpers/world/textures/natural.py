"""Textures that grow: noise, clouds, stone, wood, fur, leaves, water. Each returns one tile in about 0..1."""

import numpy as np

from .noise import TEXTURES, cells, fractal, relief, soft_edge, soften, stamps, strokes, texture, texture_grid, wave

TEXTURES |= {  # nothing but noise: from grain to mist, billows with clear gaps, a trowelled wall, hair lines, blotches
    "noise": (1.0, ("nature", "noise"), lambda rng, n: fractal(rng, n, rng.uniform(0, 2))),
    "clouds": (
        4.0,
        ("nature", "noise", "sky"),
        lambda rng, n: 1.6 * fractal(rng, n, rng.uniform(1.3, 1.8), along=rng.uniform(0.5, 1)) - 0.3,
    ),
    "plaster": (
        1.5,
        ("wall",),
        lambda rng, n: 0.7 * relief(fractal(rng, n, rng.uniform(1.0, 1.6)), 3) + 0.3 * fractal(rng, n, 1.4),
    ),
    "brushed": (1.0, ("metal",), lambda rng, n: 0.6 * fractal(rng, n, 0.5, across=30) + 0.4 * fractal(rng, n, 2)),
    "rust": (
        0.6,
        ("metal", "nature"),
        lambda rng, n: 0.5 * soft_edge((fractal(rng, n, 1.3) - 0.5) / 20, n, 2) + 0.5 * fractal(rng, n, 0.6),
    ),
    "carpet": (0.5, ("fabric", "floor"), lambda rng, n: 0.7 * fractal(rng, n, 0.3) + 0.3 * fractal(rng, n, 1.6)),
}


@texture(1.5, "stone")
def marble(rng, size):
    """Veins: the zero lines of a warped wave."""
    u, v = texture_grid(size)
    a, b = rng.integers(-2, 3), rng.integers(1, 4)
    vein = np.abs(np.sin(np.pi * (a * 2 * u + b * 2 * v + rng.uniform(1, 3) * fractal(rng, size, 1.5))))
    return vein ** rng.uniform(0.2, 0.8) * 0.85 + 0.2 * fractal(rng, size, 1.2)


@texture(2.0, "stone", "wall")
def concrete(rng, size):
    """Stains, fine grain and a few pores."""
    field = 0.75 * fractal(rng, size, 1.5) + 0.25 * fractal(rng, size, 0.1)
    return np.where(fractal(rng, size, 0.7) > 0.93, 0.1, field)


@texture(1.0, "stone", "floor")
def terrazzo(rng, size):
    """Chips of stone in cement, 14 across."""
    edge, own = cells(rng, size, 14, 14)
    return 0.35 + soft_edge((edge - 0.18) / 28, size) * (own > 0.25) * (own - 0.35)


@texture(0.5, "stone", "noise")
def speckle(rng, size):
    """Flecks on a plain ground."""
    fleck = fractal(rng, size, rng.uniform(0.3, 0.8))
    return 0.5 + 3 * (np.maximum(fleck - 0.65, 0) - np.maximum(0.35 - fleck, 0))


@texture(1.0, "pattern", "stone")
def voronoi(rng, size):
    """Flat cells, 3 to 12 across."""
    n = rng.integers(3, 13)
    edge, own = cells(rng, size, n, n)
    return own * soft_edge((edge - rng.uniform(-0.1, 0.1)) / n, size)


@texture(1.0, "nature", "stone")
def cracked(rng, size):
    """Dry mud: plates with dark cracks, 4 to 9 across."""
    n = rng.integers(4, 10)
    edge, own = cells(rng, size, n, n)
    plate = 0.6 + 0.2 * own + 0.3 * (fractal(rng, size, 1.0) - 0.5)
    return plate * soft_edge((edge - 0.08 - 0.1 * fractal(rng, size, 1)) / n, size, 2)


@texture(1.0, "nature", "stone")
def pebbles(rng, size):
    """Rounded stones, 6 to 10 across, lit from the top left."""
    n = rng.integers(6, 11)
    edge, own = cells(rng, size, n, n, 0.8)
    dome = np.sqrt(np.clip(edge * 1.4, 0, 1))
    return dome * (0.25 + 0.6 * own) + 0.5 * (relief(dome, 1) - 0.5)


@texture(1.5, "nature", "stone")
def gravel(rng, size):
    """Small stones of every shade, 20 across."""
    edge, own = cells(rng, size, 20, 20)
    return np.clip(edge * 2, 0, 1) * (0.3 + 0.7 * own)


@texture(0.8, "wood")
def wood(rng, size):
    """A board cut along its rings; the grain runs down."""
    warp = fractal(rng, size, 1.8, along=rng.uniform(3, 8))
    ring = wave(rng.integers(2, 6) * texture_grid(size)[0] + rng.uniform(2, 6) * warp)
    return 0.25 + 0.5 * ring**2 + 0.5 * (fractal(rng, size, 0.7, along=20) - 0.5)


@texture(1.0, "wood", "nature")
def bark(rng, size):
    """Deep cracks running down."""
    edge, own = cells(rng, size, 3, rng.integers(7, 12))
    return np.clip(edge * 2, 0, 1) * (0.6 + 0.4 * own) * 0.7 + 0.6 * (fractal(rng, size, 0.8, along=3) - 0.25)


@texture(0.4, "metal", "noise")
def scratches(rng, size):
    """Thin bright lines on a plain ground."""
    count = int(rng.integers(20, 90))
    angle = rng.uniform(-np.pi, np.pi) + rng.uniform(0.05, 1) * rng.standard_normal(count)
    lines = strokes(rng, size, count, rng.uniform(0.2, 0.7), angle, 0.1)
    return 0.3 * fractal(rng, size, 1.5) + lines


@texture(0.5, "nature")
def grass(rng, size):
    """Blades pointing up."""
    count = int(rng.integers(300, 700))
    angle = -np.pi / 2 + 0.35 * rng.standard_normal(count)
    return strokes(rng, size, count, rng.uniform(0.12, 0.25), angle, 0.5)


@texture(0.3, "nature", "fabric")
def fur(rng, size):
    """Short hairs that all lie much the same way."""
    angle = rng.uniform(-np.pi, np.pi) + rng.uniform(0.1, 0.5) * rng.standard_normal(1500)
    return strokes(rng, size, 1500, rng.uniform(0.04, 0.1), angle, 0.3, 0.2)


@texture(1.0, "nature")
def leaves(rng, size):
    """Overlapping leaves with midribs, four layers of 4 to 8 across."""
    out = 0.15 * fractal(rng, size, 1)
    for layer in range(4):
        n, width = rng.integers(4, 9), rng.uniform(0.3, 0.7)
        x, y, own = stamps(rng, size, n)
        blade = soft_edge((width * (0.85 - x * x) - np.abs(y)) / (2 * n), size)
        shade = (0.15 + 0.15 * layer) * (0.6 + own) + 0.12 * np.sign(y) * np.minimum(np.abs(y) * 8, 1)
        out += blade * (shade - out)
    return out


@texture(3.0, "nature", "water")
def waves(rng, size):
    """Water with crests that run across."""
    crest = 1 - np.abs(2 * fractal(rng, size, rng.uniform(1.2, 1.7), across=rng.uniform(2, 5)) - 1)
    return 0.7 * crest ** rng.uniform(2, 4) + 0.3 * fractal(rng, size, 1.2, across=3)


@texture(1.0, "nature", "stone")
def ripples(rng, size):
    """Sand ripples across."""
    phase = rng.integers(6, 14) * texture_grid(size)[1] + rng.uniform(1, 3) * fractal(rng, size, 1.8)
    return 0.8 * wave(phase) + 0.2 * fractal(rng, size, 0.2)


@texture(1.0, "nature", "water")
def caustics(rng, size):
    """Light on the floor of a pool."""
    n = rng.integers(4, 8)
    return 1 - 1.5 * cells(rng, size, n, n)[0] ** 0.6 + 0.3 * fractal(rng, size, 1.5)


@texture(0.5, "nature", "noise")
def bubbles(rng, size):
    """Round blobs with bright rims, as under a microscope."""
    out = 0.3 * fractal(rng, size, 1.5)
    for n in (5, 8, 12):
        x, y, own = stamps(rng, size, n)
        radius = np.hypot(x, y) / (0.4 + 0.55 * own)
        out = np.where(radius < 1, 0.3 + 0.7 * radius**4 - 0.2 * own, out)
    return soften(out)


@texture(0.6, "fabric", "nature")
def leather(rng, size):
    """Fine creases between small bumps, 24 across."""
    bump = np.minimum(cells(rng, size, 24, 24)[0] * 2.5, 1)
    return 0.25 + 0.5 * bump + 0.5 * (fractal(rng, size, 1.5) - 0.5)


@texture(0.5, "fabric")
def crumpled(rng, size):
    """Folded paper or cloth: facets in raking light."""
    field = np.abs(fractal(rng, size, 2) - 0.5) + np.abs(fractal(rng, size, 1.6) - 0.5)
    return soften(relief(field, rng.uniform(3, 7) * size / 128))


@texture(0.5, "pattern", "nature")
def scales(rng, size):
    """Overlapping round scales, 6 to 12 across."""
    n = 2 * rng.integers(3, 7)
    u, v = texture_grid(size)
    shade = rng.random((n, n), dtype=np.float32)
    out = np.zeros((size, size), np.float32)
    for back in (0, -1):  # the upper row of scales lies on the lower one
        k = np.floor(v * n) + back
        x = u * n + 0.5 * (k % 2)
        radius = np.hypot(x % 1 - 0.5, (v * n - k) * 0.5) * 2
        tone = 0.25 + 0.35 * shade[k.astype(int) % n, x.astype(int) % n] + 0.4 * (1 - radius)
        out = np.where(radius < 1.05, tone * soft_edge((1 - radius) / n + 0.01, size), out)
    return out
