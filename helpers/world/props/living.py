"""Outlines of what grows and moves: fish, leaves, flowers, trees, and rough figures."""

import numpy as np

from .outlines import Layer, blob
from .pen import curved, disc, mirrored, rect, stroke


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
    return [
        (0, [edge] + stroke([(0, 0.9), (rng.normal(0, 0.15), 1.5)], 0.06)),
        (1, stroke([(0, -0.8), (0, 1)], [0.02, 0.07])),
    ]


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
    pot = [(2, [mirrored([(0.5, 1.6), (0.35, 2.4)])])] if rng.uniform() < 0.4 else []
    return [(1, trunk), (0, crown), *pot]


def figure(rng: np.random.Generator) -> list[Layer]:
    """A rough figure: head, trunk, arms and legs like a toy, a robot or a statue on its plinth."""
    wide, leg, thick = rng.uniform(0.3, 0.7), rng.uniform(0.6, 1.6), rng.uniform(0.15, 0.35)
    trunk = rect(-wide, 0, wide, 1.3, rng.uniform(0, 0.4))
    limbs = []
    for s in (-1, 1):
        hand = s * (wide + rng.uniform(-0.2, 0.9)), rng.uniform(-0.5, 1.3)
        limbs += stroke([(s * wide * 0.9, 0.15), (s * (wide + 0.25), 0.6), hand], thick)
        limbs += stroke([(s * wide * 0.5, 1.2), (s * rng.uniform(0.1, 0.8), 1.2 + leg)], thick * 1.3)
    head = blob(rng)[0][1][0] * 0.15 + [0, -0.4] if rng.uniform() < 0.2 else disc(0, -0.4, 0.33, 0.4)
    plinth = [(2, [rect(-0.9, 1.1 + leg, 0.9, 1.8 + leg)])] if rng.uniform() < 0.3 else []
    return [(0, [*limbs, trunk]), (int(rng.choice([0, 1])), [head]), *plinth]
