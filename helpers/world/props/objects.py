"""Outlines of things: cycles, tools, umbrellas, boards, bags, houses and boats."""

import numpy as np

from .outlines import CUT, Layer
from .pen import curved, disc, rect, stroke


def cycle(rng: np.random.Generator) -> list[Layer]:
    """A bicycle, scooter, pram or trolley: wheels, bars and a seat."""
    r, thick = rng.uniform(0.3, 0.9), rng.uniform(0.07, 0.16)
    a, b, seat, bars = (0, 0), (2.2, 0), (0.7, -rng.uniform(0.8, 1.2)), (1.8, -rng.uniform(1, 1.6))
    frame = (
        stroke([a, seat, (1.0, 0), a], thick) + stroke([(1.0, 0), (1.8, -0.8), seat], thick) + stroke([b, bars], thick)
    )
    extra = stroke([np.add(seat, (-0.25, -0.15)), np.add(seat, (0.3, -0.15))], 0.15) + stroke(
        [bars, np.add(bars, (-0.4, 0))], 0.1
    )
    wheels = []
    for x, y in (a, b):
        tyre = disc(x, y, r)
        wheels += stroke(np.concatenate([tyre, tyre[:1]]), thick) if rng.uniform() < 0.8 else [tyre]
    basket = [(2, [rect(0.5, -1.3, 1.7, -0.3, 0.2)])] if rng.uniform() < 0.25 else []
    return [(1, wheels), (0, frame), (1, extra), *basket]


def tool(rng: np.random.Generator) -> list[Layer]:
    """A hammer, key, spanner, spoon, knife, brush, racket or pan: a handle and a head."""
    w, long = rng.uniform(0.1, 0.25), rng.uniform(1.2, 2.4)
    r = rng.uniform(0.3, 0.6)
    handle = rect(-w / 2, 0, w / 2, long, w / 3)
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
    return [(1, [handle]), *heads[rng.integers(len(heads))]]


def umbrella(rng: np.random.Generator) -> list[Layer]:
    """An umbrella, a mushroom, a parachute, or a balloon on a string."""
    if rng.uniform() < 0.3:
        return [
            (1, stroke([(0, 1), (0.1, 2), (-0.1, 2.8)], 0.03)),
            (0, [disc(0, 0, 0.8, 1), *stroke([(0, 0.9), (0, 1.1)], [0.05, 0.2])]),
        ]
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
    plate = [rect(-w, -h, w, h, rng.choice([0, 0.1])), disc(0, 0, w), np.array([(-w, h), (w, h), (0, -h)])][
        rng.choice(3, p=[0.7, 0.15, 0.15])
    ]
    legs = [stroke([(0, 0), (0, 3)], t), stroke([(-0.2, 0), (-0.7, 2.2)], t) + stroke([(0.2, 0), (0.7, 2.2)], t), []][
        rng.integers(3)
    ]
    lines = [
        rect(-0.7 * w, y, rng.uniform(0, 0.7) * w, y + 0.12 * h) for y in np.linspace(-0.6, 0.5, rng.integers(1, 5)) * h
    ]
    inside = [plate * 0.82] if rng.uniform() < 0.6 else lines
    return ([(1, legs)] if legs else []) + [(0, [plate]), (2, inside)]


def bag(rng: np.random.Generator) -> list[Layer]:
    """A bag, suitcase, hat, shoe or cushion."""
    w, h = rng.uniform(0.6, 1.2), rng.uniform(0.5, 1.1)
    kind = rng.integers(4)
    if kind == 0:
        grip = disc(0, -h, w * 0.5, rng.uniform(0.2, 0.8))
        return [
            (1, stroke(np.concatenate([grip, grip[:1]]), 0.12)),
            (0, [rect(-w, -h, w, h, 0.25)]),
            (2, [rect(-w, -0.1, w, 0.05)]),
        ]
    if kind == 1:
        return [
            (0, [curved([(-0.6, 0), (-0.5, -0.9), (0.5, -0.9), (0.6, 0)]), disc(0, 0, 1.2, 0.25)]),
            (1, [rect(-0.6, -0.25, 0.6, 0)]),
        ]
    if kind == 2:
        shoe = curved([(-1, 0), (-1, -0.8), (-0.5, -0.8), (0, -0.4), (0.9, -0.2), (1, 0)], steps=5)
        return [(0, [shoe]), (1, [rect(-1.05, -0.05, 1.05, 0.12, 0.05)])]
    return [
        (
            0,
            [curved([(-w, -h), (0, -h * 0.85), (w, -h), (w * 0.9, 0), (w, h), (0, h * 0.85), (-w, h), (-w * 0.9, 0)])],
        )
    ]


def house(rng: np.random.Generator) -> list[Layer]:
    """A hut, tower, boat or guitar: a body and something that tops it."""
    w, kind = rng.uniform(0.5, 1.2), rng.integers(3)
    if kind == 0:
        roof = np.array([(-w - 0.15, 0), (w + 0.15, 0), (0, -rng.uniform(0.4, 1.2))])
        return [
            (0, [rect(-w, 0, w, 1.4)]),
            (1, [roof]),
            (2, [rect(-0.2, 0.7, 0.15, 1.4), rect(0.3, 0.4, 0.3 + w / 3, 0.8)]),
        ]
    if kind == 1:
        sail = [np.array([(0.05, -2), (0.05, -0.2), (1, -0.2)]), np.array([(-0.05, -1.8), (-0.05, -0.2), (-0.8, -0.2)])]
        return [
            (1, stroke([(0, -2.1), (0, 0.1)], 0.06)),
            (2, sail),
            (0, [np.array([(-1.3, 0), (1.4, 0), (1, 0.5), (-1, 0.5)])]),
        ]
    body = [disc(0, 0.9, 0.75, 0.65), disc(0, 0.1, 0.5, 0.5)]
    return [
        (0, body),
        (1, stroke([(0, 0.3), (0, -1.8)], 0.18) + [rect(-0.16, -2.2, 0.16, -1.7)]),
        (2, [disc(0, 0.5, 0.22)]),
    ]
