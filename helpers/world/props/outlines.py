"""Outlines: layers of polygons, without a name (blobs, sticks, letters), of things, and of what grows and moves."""

import numpy as np

from .pen import Polygon, curved, disc, rect, stroke

CUT = -1  # tone of a layer that is taken away; 0 is the main surface, 1 and 2 are other colours on it
Layer = tuple[int, list[Polygon]]


def round_about(angle: np.ndarray, radius) -> Polygon:
    """The polygon that lies `radius` from the middle at each angle."""
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)


def blob(rng: np.random.Generator) -> list[Layer]:
    """A closed curve whose radius is a random sum of waves, from potato to splash."""
    wave = np.arange(1, rng.integers(3, 16))
    strength = rng.normal(0, 1, (2, len(wave))) * wave ** -rng.uniform(0.7, 2.0)
    angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    swing = strength[0] @ np.cos(np.outer(wave, angle)) + strength[1] @ np.sin(np.outer(wave, angle))
    return [(0, [round_about(angle, np.exp(rng.uniform(0.15, 0.8) * swing / max(swing.std() * 1.5, 1e-9)))])]


def polygon(rng: np.random.Generator) -> list[Layer]:
    """A polygon of three to nine corners, straight or rounded, convex or dented."""
    n = rng.integers(3, 10)
    angle = (np.arange(n) + rng.uniform(-0.35, 0.35, n)) * 2 * np.pi / n
    corners = round_about(angle, rng.uniform(rng.choice([0.3, 0.9]), 1, n))
    return [(0, [curved(corners) if rng.uniform() < 0.3 else corners])]


def star(rng: np.random.Generator) -> list[Layer]:
    """A star or a gear of four to twelve rays."""
    n = int(rng.integers(4, 13))
    radius = np.tile([(1, rng.uniform(0.25, 0.75)), (1, 1, 0.75, 0.75)][rng.integers(2)], n)
    layers = [(0, [round_about(np.arange(len(radius)) * 2 * np.pi / len(radius), radius)])]
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
    return layers + ([(1, [disc(0, 0, thick * rng.uniform(1, 2.5))])] if rng.uniform() < 0.3 else [])


def wire(rng: np.random.Generator) -> list[Layer]:
    """A thin line that wanders: rope, hose, ribbon, cable."""
    steps = rng.normal(0, 0.6, (rng.integers(4, 9), 2)) + [rng.uniform(0, 0.8), 0]
    path = curved(np.cumsum(steps, 0), closed=False, steps=8)
    return [(0, stroke(path, rng.uniform(0.06, 0.35) * np.ptp(path, 0).max() / 3))]


def branching(rng: np.random.Generator) -> list[Layer]:
    """A trunk that forks again and again, bare or with leaves."""
    tips, polygons = [(0.0, 0.0, -np.pi / 2, 1.0)], []
    spread, shrink, thick = rng.uniform(0.25, 0.7), rng.uniform(0.62, 0.82), rng.uniform(0.08, 0.22)
    for _ in range(rng.integers(3, 6)):
        grown = []
        for x, y, angle, long in tips:
            ends = x + long * np.cos(angle), y + long * np.sin(angle)
            polygons += stroke([(x, y), ends], [thick * long, thick * long * shrink])
            grown += [(*ends, angle + side * spread + rng.normal(0, 0.2), long * shrink) for side in (-1, 1)]
        tips = grown
    leaves = rng.uniform() < 0.4
    return [(0, polygons), (1, [disc(x, y, *rng.uniform(0.1, 0.3, 2), 8) for x, y, *_ in tips if leaves])]


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
    bite = disc(rng.uniform(0.25, 0.8), rng.uniform(-0.2, 0.2), inner, points=48)
    return [(0, [disc(0, 0, 1, points=48)]), (CUT, [bite])]


def hoop(rng: np.random.Generator) -> list[Layer]:
    """A closed band, round or square, or a few of them linked."""
    thick, links = rng.uniform(0.08, 0.4), int(rng.choice([1, 1, 1, 2, 3]))
    path = rect(-1, -1, 1, 1, 0.3) if rng.uniform() < 0.3 else disc(0, 0, 1, rng.uniform(0.5, 1), 32)
    return [(i % 3, stroke(np.append(path, path[:1], 0) + [i * 1.5, 0], thick)) for i in range(links)]


def cloud(rng: np.random.Generator) -> list[Layer]:
    """A heap of discs: cloud, bush, foam, bunch of grapes."""
    n = rng.integers(5, 14)
    x = np.linspace(-1, 1, n) * rng.uniform(0.5, 1.6) + rng.normal(0, 0.1, n)
    y = rng.normal(0, rng.uniform(0.1, 0.5), n)
    return [(0, [disc(a, b, r) for a, b, r in zip(x, y, rng.uniform(0.25, 0.6, n), strict=True)])]


def torn(rng: np.random.Generator) -> list[Layer]:
    """A piece of paper or cloth with a rough edge."""
    angle, wave = np.linspace(0, 2 * np.pi, 200, endpoint=False), np.maximum(np.arange(101), 3)
    box = 1 / np.maximum(np.abs(np.cos(angle)), np.abs(np.sin(angle)))
    rough = np.fft.irfft(np.fft.rfft(rng.normal(0, 1, 200)) * wave ** -rng.uniform(0.7, 1.4), 200)
    return [(0, [round_about(angle, box * (1 + rng.uniform(0.02, 0.12) * rough / rough.std()))])]


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


def cycle(rng: np.random.Generator) -> list[Layer]:
    """A bicycle, scooter, pram or trolley: wheels, bars and a seat."""
    r, thick = rng.uniform(0.3, 0.9), rng.uniform(0.07, 0.16)
    a, b, seat, bars = (0, 0), (2.2, 0), (0.7, -rng.uniform(0.8, 1.2)), (1.8, -rng.uniform(1, 1.6))
    frame = [*stroke([a, seat, (1.0, 0), a], thick), *stroke([(1.0, 0), (1.8, -0.8), seat], thick)]
    frame += stroke([b, bars], thick)
    extra = stroke([np.add(seat, (-0.25, -0.15)), np.add(seat, (0.3, -0.15))], 0.15)
    extra += stroke([bars, np.add(bars, (-0.4, 0))], 0.1)
    wheels = []
    for tyre in (disc(*a, r), disc(*b, r)):
        wheels += stroke(np.append(tyre, tyre[:1], 0), thick) if rng.uniform() < 0.8 else [tyre]
    basket = [(2, [rect(0.5, -1.3, 1.7, -0.3, 0.2)])] if rng.uniform() < 0.25 else []
    return [(1, wheels), (0, frame), (1, extra), *basket]


def tool(rng: np.random.Generator) -> list[Layer]:
    """A hammer, key, spanner, spoon, knife, brush, racket or pan: a handle and a head."""
    w, long, r = rng.uniform(0.1, 0.25), rng.uniform(1.2, 2.4), rng.uniform(0.3, 0.6)
    heads = [
        [(0, [rect(-0.5, -0.3, 0.4, 0.05, 0.05)])],
        [(0, [disc(0, -0.3, r)]), (CUT, [disc(0, -0.3, 0.55 * r)])],
        [(0, [disc(0, -0.2, r)]), (CUT, [rect(-0.4 * r, -1, 0.4 * r, -0.2)])],
        [(0, [disc(0, -0.5, 0.6 * r, 0.6)])],
        [(0, [np.array([(-w / 2, 0.1), (-w / 2, -1.3), (w * 0.8, -0.6), (w * 0.8, 0.1)])])],
        [(0, [rect(-r, -0.5, r, 0.05)]), (2, [rect(-r, -0.9, r, -0.4)])],
        [(0, [disc(0, -0.7, 0.6, 0.8)]), (2, [disc(0, -0.7, 0.48, 0.66)])],
        [(0, [disc(0, -r, 1.2 * r)]), (2, [disc(0, -r, r)])],
    ]
    return [(1, [rect(-w / 2, 0, w / 2, long, w / 3)]), *heads[rng.integers(len(heads))]]


def umbrella(rng: np.random.Generator) -> list[Layer]:
    """An umbrella, a mushroom, a parachute, or a balloon on a string."""
    if rng.uniform() < 0.3:
        string, knot = stroke([(0, 1), (0.1, 2), (-0.1, 2.8)], 0.03), stroke([(0, 0.9), (0, 1.1)], [0.05, 0.2])
        return [(1, string), (0, [disc(0, 0, 0.8, 1), *knot])]
    ribs, deep = int(rng.choice([3, 4, 5])), rng.uniform(0.5, 1)
    t = np.linspace(np.pi, 2 * np.pi, 40)
    dome = np.stack([np.cos(t), deep * np.sin(t)], 1)
    edge = np.linspace(-1, 1, ribs + 1)
    scallops = [disc((a + b) / 2, 0.02, (b - a) / 2 * 0.98, 0.14) for a, b in zip(edge[:-1], edge[1:], strict=True)]
    pane = [np.array([(0, -deep), (edge[i], 0.02), (edge[i + 1], 0.02)]) for i in range(0, ribs, 2)]
    hook = curved([(0, -deep), (0, 1.0), (0.1, 1.2), (0.25, 1.1)], False)
    return [(1, stroke(hook, rng.uniform(0.05, 0.3))), (0, [dome]), (2, pane), (CUT, scallops)]


def placard(rng: np.random.Generator) -> list[Layer]:
    """A sign, placard, easel, screen or open book: a plate with something on it, often on legs."""
    w, h, t = rng.uniform(0.5, 1.4), rng.uniform(0.4, 1), rng.uniform(0.05, 0.12)
    plates = rect(-w, -h, w, h, rng.choice([0, 0.1])), disc(0, 0, w), np.array([(-w, h), (w, h), (0, -h)])
    plate = plates[rng.choice(3, p=[0.7, 0.15, 0.15])]
    two_legs = stroke([(-0.2, 0), (-0.7, 2.2)], t) + stroke([(0.2, 0), (0.7, 2.2)], t)
    legs = (stroke([(0, 0), (0, 3)], t), two_legs, [])[rng.integers(3)]
    rows = np.linspace(-0.6, 0.5, rng.integers(1, 5)) * h
    lines = [rect(-0.7 * w, y, rng.uniform(0, 0.7) * w, y + 0.12 * h) for y in rows]
    return [(1, legs), (0, [plate]), (2, [plate * 0.82] if rng.uniform() < 0.6 else lines)]


def bag(rng: np.random.Generator) -> list[Layer]:
    """A bag, suitcase, hat, shoe or cushion."""
    w, h = rng.uniform(0.6, 1.2), rng.uniform(0.5, 1.1)
    kind = rng.integers(4)
    if kind == 0:
        grip = disc(0, -h, w * 0.5, rng.uniform(0.2, 0.8))
        body, strap = rect(-w, -h, w, h, 0.25), rect(-w, -0.1, w, 0.05)
        return [(1, stroke(np.append(grip, grip[:1], 0), 0.12)), (0, [body]), (2, [strap])]
    if kind == 1:
        crown = curved([(-0.6, 0), (-0.5, -0.9), (0.5, -0.9), (0.6, 0)])
        return [(0, [crown, disc(0, 0, 1.2, 0.25)]), (1, [rect(-0.6, -0.25, 0.6, 0)])]
    if kind == 2:
        shoe = curved([(-1, 0), (-1, -0.8), (-0.5, -0.8), (0, -0.4), (0.9, -0.2), (1, 0)], steps=5)
        return [(0, [shoe]), (1, [rect(-1.05, -0.05, 1.05, 0.12, 0.05)])]
    edge = [(-w, -h), (0, -h * 0.85), (w, -h), (w * 0.9, 0), (w, h), (0, h * 0.85), (-w, h), (-w * 0.9, 0)]
    return [(0, [curved(edge)])]


def house(rng: np.random.Generator) -> list[Layer]:
    """A hut, tower, boat or guitar: a body and something that tops it."""
    w, kind = rng.uniform(0.5, 1.2), rng.integers(3)
    if kind == 0:
        roof = np.array([(-w - 0.15, 0), (w + 0.15, 0), (0, -rng.uniform(0.4, 1.2))])
        openings = [rect(-0.2, 0.7, 0.15, 1.4), rect(0.3, 0.4, 0.3 + w / 3, 0.8)]
        return [(0, [rect(-w, 0, w, 1.4)]), (1, [roof]), (2, openings)]
    if kind == 1:
        sail = [np.array([(0.05, -2), (0.05, -0.2), (1, -0.2)]), np.array([(-0.05, -1.8), (-0.05, -0.2), (-0.8, -0.2)])]
        hull = np.array([(-1.3, 0), (1.4, 0), (1, 0.5), (-1, 0.5)])
        return [(1, stroke([(0, -2.1), (0, 0.1)], 0.06)), (2, sail), (0, [hull])]
    body = [disc(0, 0.9, 0.75, 0.65), disc(0, 0.1, 0.5, 0.5)]
    neck = [*stroke([(0, 0.3), (0, -1.8)], 0.18), rect(-0.16, -2.2, 0.16, -1.7)]
    return [(0, body), (1, neck), (2, [disc(0, 0.5, 0.22)])]


def fish(rng: np.random.Generator) -> list[Layer]:
    """A fish with its fins."""
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    body = np.stack([np.cos(t), rng.uniform(0.25, 0.6) * np.sin(t) * (1 - 0.2 * np.cos(t))], 1)
    tail = np.array([(-0.85, 0), (-1.5, -0.5), (-1.3, 0), (-1.5, 0.5)])
    fin = np.array([(0.2, -0.3), (-0.3, -0.75), (-0.5, -0.2)])
    return [(1, [tail, fin]), (0, [body]), (2, [disc(0.65, -0.08, 0.07)])]


def leaf(rng: np.random.Generator) -> list[Layer]:
    """A leaf with a rib and a stalk, whole or lobed, or a twig of leaves, or a flower."""
    kind, t = rng.integers(4), np.linspace(0, 2 * np.pi, 80, endpoint=False)
    if kind == 3:
        n = rng.integers(5, 12)
        petals = [disc(0.62 * np.cos(a), 0.62 * np.sin(a), 0.32) for a in np.arange(n) * 2 * np.pi / n]
        return [(1, stroke([(0, 0), (0.2, 1.2), (0, 2.4)], 0.1)), (0, petals), (2, [disc(0, 0, 0.3)])]
    if kind == 2:
        pairs = [(y, s) for y in np.linspace(0, 2, rng.integers(3, 7)) for s in (-1, 1)]
        blades = [disc(s * 0.45, y - 0.2, 0.42, 0.14) for y, s in pairs]
        return [(1, stroke([(0, -0.4), (0, 2.6)], 0.08)), (0, [*blades, disc(0, -0.4, 0.15, 0.3)])]
    lobes = 1 + (kind == 1) * rng.uniform(0.1, 0.35) * np.cos(rng.integers(3, 9) * t)
    half = rng.uniform(0.25, 0.7)
    edge = np.stack([half * np.sin(t) * np.abs(np.sin(t / 2)) ** 0.5 * lobes, -np.cos(t) * lobes], 1)
    stalk, rib = stroke([(0, 0.9), (rng.normal(0, 0.15), 1.5)], 0.06), stroke([(0, -0.8), (0, 1)], [0.02, 0.07])
    return [(0, [edge, *stalk]), (1, rib)]


def plant(rng: np.random.Generator) -> list[Layer]:
    """A tree, bush or plant in a pot: a crown of discs, a fir, or blades."""
    kind, thick = rng.integers(3), rng.uniform(0.1, 0.3)
    trunk = stroke([(0, 0), (rng.normal(0, 0.1), 2)], [thick, thick * 1.4])
    if kind == 0:
        crown = [disc(*rng.normal(0, 0.45, 2), rng.uniform(0.3, 0.6)) for _ in range(9)]
    elif kind == 1:
        crown = [np.array([(-w, y), (w, y), (0, y - 1.2)]) for w, y in ((1, 1.2), (0.8, 0.6), (0.6, 0))]
    else:
        crown = []
        for angle in rng.uniform(-2.6, -0.5, 9):
            tip = 1.6 * np.cos(angle), 1.4 * np.sin(angle)
            crown += stroke(curved([(0, 1), (tip[0] * 0.4, tip[1] * 0.6), tip], False, 4), np.linspace(0.3, 0.02, 9))
    pot = [np.array([(0.5, 1.6), (0.35, 2.4), (-0.35, 2.4), (-0.5, 1.6)])] if rng.uniform() < 0.4 else []
    return [(1, trunk), (0, crown), (2, pot)]


def figure(rng: np.random.Generator) -> list[Layer]:
    """A rough figure: head, trunk, arms and legs like a toy, a robot or a statue on its plinth."""
    wide, leg, thick = rng.uniform(0.3, 0.7), rng.uniform(0.6, 1.6), rng.uniform(0.15, 0.35)
    trunk, limbs = rect(-wide, 0, wide, 1.3, rng.uniform(0, 0.4)), []
    for s in (-1, 1):
        hand = s * (wide + rng.uniform(-0.2, 0.9)), rng.uniform(-0.5, 1.3)
        limbs += stroke([(s * wide * 0.9, 0.15), (s * (wide + 0.25), 0.6), hand], thick)
        limbs += stroke([(s * wide * 0.5, 1.2), (s * rng.uniform(0.1, 0.8), 1.2 + leg)], thick * 1.3)
    head = blob(rng)[0][1][0] * 0.15 + [0, -0.4] if rng.uniform() < 0.2 else disc(0, -0.4, 0.33, 0.4)
    plinth = [rect(-0.9, 1.1 + leg, 0.9, 1.8 + leg)] if rng.uniform() < 0.3 else []
    return [(0, [*limbs, trunk]), (int(rng.choice([0, 1])), [head]), (2, plinth)]
