"""Outlines without a name: blobs, polygons, sticks, branches, rings, clouds, torn paper, letters, many pieces."""

import numpy as np

from .pen import Polygon, curved, disc, rect, stroke

CUT = -1  # tone of a layer that is taken away; 0 is the main surface, 1 and 2 are other colours on it
Layer = tuple[int, list[Polygon]]


def blob(rng: np.random.Generator) -> list[Layer]:
    """A closed curve whose radius is a random sum of waves, from potato to splash."""
    wave = np.arange(1, rng.integers(3, 16))
    strength = rng.normal(0, 1, (2, len(wave))) * wave ** -rng.uniform(0.7, 2.0)
    angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    swing = strength[0] @ np.cos(np.outer(wave, angle)) + strength[1] @ np.sin(np.outer(wave, angle))
    radius = np.exp(rng.uniform(0.15, 0.8) * swing / max(swing.std() * 1.5, 1e-9))
    return [(0, [np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)])]


def polygon(rng: np.random.Generator) -> list[Layer]:
    """A polygon of three to nine corners, straight or rounded, convex or dented."""
    n = rng.integers(3, 10)
    angle = (np.arange(n) + rng.uniform(-0.35, 0.35, n)) * 2 * np.pi / n
    radius = rng.uniform(rng.choice([0.3, 0.9]), 1, n)
    corners = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    return [(0, [curved(corners) if rng.uniform() < 0.3 else corners])]


def star(rng: np.random.Generator) -> list[Layer]:
    """A star or a gear of four to twelve rays."""
    n = int(rng.integers(4, 13))
    pattern = [(1, rng.uniform(0.25, 0.75)), (1, 1, 0.75, 0.75)][rng.integers(2)]
    radius = np.tile(pattern, n)
    angle = np.arange(len(radius)) * 2 * np.pi / len(radius)
    layers = [(0, [np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)])]
    return layers + ([(CUT, [disc(0, 0, 0.2)])] if rng.uniform() < 0.2 else [])


def plain(rng: np.random.Generator) -> list[Layer]:
    """An ellipse or a rectangle with sharp or round corners, now and then with a frame or a hole."""
    w = np.exp(rng.uniform(-0.9, 0.9))
    if rng.uniform() < 0.45:
        outer, inner = disc(0, 0, w, 1, 48), disc(0, 0, 0.6 * w, 0.6, 48)
    else:
        corner = rng.choice([0, 0, rng.uniform(0, 1)])
        outer, inner = rect(-w, -1, w, 1, corner), rect(-0.7 * w, -0.7, 0.7 * w, 0.7, corner * 0.7)
    return [(0, [outer])] + ([(int(rng.choice([CUT, 1, 2])), [inner])] if rng.uniform() < 0.25 else [])


def stick(rng: np.random.Generator) -> list[Layer]:
    """One to three straight poles, tapered or even, side by side or crossing."""
    thick, layers = rng.uniform(0.07, 0.25), []
    for i in range(rng.choice([1, 1, 2, 3])):
        start, end = rng.normal(0, [0.12, 0.05], (2, 2)) * (i > 0) + [[0, 0], [0, 2]]
        layers.append((i, stroke([start, end], [thick, thick * rng.uniform(0.4, 1)], bool(rng.integers(2)))))
    if rng.uniform() < 0.3:
        layers.append((1, [disc(0, 0, thick * rng.uniform(1, 2.5))]))
    return layers


def wire(rng: np.random.Generator) -> list[Layer]:
    """A thin line that wanders: rope, hose, ribbon, cable."""
    steps = rng.normal(0, 0.6, (rng.integers(4, 9), 2)) + [rng.uniform(0, 0.8), 0]
    path = curved(np.cumsum(steps, 0), closed=False, steps=8)
    return [(0, stroke(path, rng.uniform(0.06, 0.35) * np.ptp(path, 0).max() / 3))]


def branching(rng: np.random.Generator) -> list[Layer]:
    """A trunk that forks again and again, bare or with leaves."""
    tips, polygons, leaves = [(0.0, 0.0, -np.pi / 2, 1.0)], [], []
    spread, shrink, thick = rng.uniform(0.25, 0.7), rng.uniform(0.62, 0.82), rng.uniform(0.08, 0.22)
    for _ in range(rng.integers(3, 6)):
        grown = []
        for x, y, angle, long in tips:
            ends = x + long * np.cos(angle), y + long * np.sin(angle)
            polygons += stroke([(x, y), ends], [thick * long, thick * long * shrink])
            grown += [(*ends, angle + side * spread + rng.normal(0, 0.2), long * shrink) for side in (-1, 1)]
        tips = grown
    if rng.uniform() < 0.4:
        leaves = [disc(x, y, *rng.uniform(0.1, 0.3, 2), 8) for x, y, *_ in tips]
    return [(0, polygons)] + ([(1, leaves)] if leaves else [])


def ladder(rng: np.random.Generator) -> list[Layer]:
    """A ladder, fence, grid or rake: two families of bars."""
    thick, across, along = rng.uniform(0.04, 0.12), int(rng.integers(2, 6)), int(rng.integers(2, 7))
    out = rng.choice([0, 0.15])
    bars = [stroke([(x, -out), (x, 2 + out)], thick, False) for x in np.linspace(0, rng.uniform(0.6, 2.5), across)]
    right = bars[-1][0][:, 0].mean()
    rungs = [stroke([(-out, y), (right + out, y)], thick, False) for y in np.linspace(0.1, 1.9, along)]
    return [(0, sum(bars + rungs, []))]


def crumbs(rng: np.random.Generator) -> list[Layer]:
    """Several small pieces at once: discs, blobs, polygons, stars, bars."""
    makers = [blob, polygon, star, stick, lambda _: [(0, [disc(0, 0, 1)])]]
    makers = [makers[i] for i in rng.integers(0, len(makers), rng.choice([1, 3]))]
    tones = [[], [], []]
    for i in range(rng.integers(3, 12)):
        piece = makers[i % len(makers)](rng)[0][1]
        place, scale = rng.normal(0, 0.8, 2), rng.uniform(0.12, 0.45)
        tones[i % 3 * rng.integers(2)] += [p * scale + place for p in piece]
    return list(enumerate(tones))


def crescent(rng: np.random.Generator) -> list[Layer]:
    """A moon, a bite, a C, or a ring."""
    inner = rng.uniform(0.45, 0.9)
    return [
        (0, [disc(0, 0, 1, points=48)]),
        (CUT, [disc(rng.uniform(0.25, 0.8), rng.uniform(-0.2, 0.2), inner, points=48)]),
    ]


def hoop(rng: np.random.Generator) -> list[Layer]:
    """A closed band, round or square, or a few of them linked."""
    thick, links = rng.uniform(0.08, 0.4), int(rng.choice([1, 1, 1, 2, 3]))
    square = rng.uniform() < 0.3
    path = rect(-1, -1, 1, 1, 0.3) if square else disc(0, 0, 1, rng.uniform(0.5, 1), 32)
    closed = np.concatenate([path, path[:1]])
    return [(i % 3, stroke(closed + [i * 1.5, 0], thick)) for i in range(links)]


def cloud(rng: np.random.Generator) -> list[Layer]:
    """A heap of discs: cloud, bush, foam, bunch of grapes."""
    n = rng.integers(5, 14)
    x = np.linspace(-1, 1, n) * rng.uniform(0.5, 1.6) + rng.normal(0, 0.1, n)
    y = rng.normal(0, rng.uniform(0.1, 0.5), n)
    return [(0, [disc(a, b, r) for a, b, r in zip(x, y, rng.uniform(0.25, 0.6, n), strict=True)])]


def torn(rng: np.random.Generator) -> list[Layer]:
    """A piece of paper or cloth with a rough edge."""
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    box = 1 / np.maximum(np.abs(np.cos(angle)), np.abs(np.sin(angle)))
    rough = np.fft.irfft(
        np.fft.rfft(rng.normal(0, 1, 200)) * np.maximum(np.arange(101), 3) ** -rng.uniform(0.7, 1.4), 200
    )
    radius = box * (1 + rng.uniform(0.02, 0.12) * rough / rough.std())
    return [(0, [np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)])]


def letter(rng: np.random.Generator) -> list[Layer]:
    """One to three signs like letters: strokes and bows between the points of a small grid."""
    layers, thick = [], rng.uniform(0.12, 0.4)
    for i in range(rng.choice([1, 1, 2, 3])):
        grid = np.stack([rng.integers(0, 3, 4) * 0.6, rng.integers(0, 3, 4) * 0.9], 1) + [i * 1.9, 0]
        path = curved(grid, False) if rng.uniform() < 0.4 else grid
        stem = [(i * 1.9 + rng.choice([0, 0.6, 1.2]), y) for y in (0, 1.8)]
        layers.append((0, stroke(path, thick) + stroke(stem, thick)))
    return layers


def arrow(rng: np.random.Generator) -> list[Layer]:
    """An arrow, a cross, a lightning, a heart or a drop."""
    t = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    w = rng.uniform(0.15, 0.4)
    shapes = [
        [(-1, -w), (0.2, -w), (0.2, -0.7), (1, 0), (0.2, 0.7), (0.2, w), (-1, w)],
        [(-w, -1), (w, -1), (w, -w), (1, -w), (1, w), (w, w), (w, 1), (-w, 1), (-w, w), (-1, w), (-1, -w), (-w, -w)],
        [(0.1, -1), (-0.5, 0.1), (-0.05, 0.1), (-0.2, 1), (0.5, -0.25), (0.05, -0.25), (0.4, -1)],
        np.stack([16 * np.sin(t) ** 3, -13 * np.cos(t) + 5 * np.cos(2 * t) + 2 * np.cos(3 * t) + np.cos(4 * t)], 1),
        np.stack([np.sin(t) * np.sin(t / 2) ** rng.uniform(1, 3), -np.cos(t)], 1),
    ]
    return [(0, [np.asarray(shapes[rng.integers(5)], float)])]
