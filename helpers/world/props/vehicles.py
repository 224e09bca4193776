"""Cars as solids in metres, their nose along z."""

from typing import NamedTuple

import numpy as np

from ..people.cloth import from_hex, over, plain_cloth
from ..people.figures import Paint, Part, ball_part, loft, tube

ACROSS, UP, AHEAD = np.eye(3)
PAINTS = from_hex("e9e9e6 f2f2ef c9cccf a3a7ab 6b7074 3a3d42 17181a 1d2a4a 2f4f7a 7a1f22 a3262a 3f5a48 8a7a60 c9a23a")
GLASS, DARK = plain_cloth(np.array([0.02, 0.026, 0.03])), plain_cloth(np.array([0.012, 0.012, 0.013]))


class CarKind(NamedTuple):
    """Proportions of a car in metres; ahead and behind count from its middle."""

    long: float
    bonnet: float  # height of bonnet and sills
    roof: float  # height of the roof
    ahead: tuple[float, float]  # where the cabin ends at the sill and at the roof
    behind: tuple[float, float]
    panes: float  # where the panes end behind: what lies further back is closed


KINDS = {
    "saloon": CarKind(4.5, 0.92, 1.45, (0.95, 0.2), (1.75, 0.95), 9.0),
    "hatchback": CarKind(3.9, 0.95, 1.5, (0.95, 0.25), (1.85, 1.5), 9.0),
    "estate": CarKind(4.6, 0.95, 1.5, (0.95, 0.2), (2.2, 1.9), 9.0),
    "off-road": CarKind(4.6, 1.1, 1.75, (0.9, 0.4), (2.2, 2.0), 9.0),
    "van": CarKind(4.9, 1.15, 2.1, (1.9, 1.2), (2.4, 2.35), -0.3),
    "pick-up": CarKind(4.9, 1.0, 1.75, (1.0, 0.35), (0.75, 0.55), 9.0),
}


def _hull(rows, wide: float, paint: Paint, square: float, gloss: float) -> Part:
    """Rings like rectangles with round corners; rows, top to bottom: height, share of `wide`, ahead, behind."""
    height, share, ahead, behind = np.array(rows).T
    half = share * wide / 2
    centres = height[:, None] * UP
    return loft(centres, ACROSS, AHEAD, half, ahead, behind, height, paint, 40, square, gloss=gloss)


def _steel(kind: CarKind, wide: float, colour: Paint) -> Paint:
    """Paint of the body: wheel arches and sills are dark, lamps red behind; a pick-up has a load bed."""
    half, top = kind.long / 2, kind.bonnet

    def dark(p):
        x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
        shade = np.maximum(0.42 - np.hypot(np.abs(z) - 0.31 * kind.long, y - 0.32), 0.36 - y)
        grille = np.minimum(np.minimum(0.07 - np.abs(y - top + 0.28), 0.2 * wide - x), z - half + 0.2)
        bumper = np.minimum(0.05 - np.abs(y - 0.46), np.abs(z) - half + 0.25)
        shade = np.maximum(np.maximum(shade, grille), bumper)
        if kind.behind[0] > 1:
            return shade * 60
        bed = np.minimum(np.minimum(-z - kind.behind[0] - 0.1, half - 0.15 + z), 0.42 * wide - x)
        return np.maximum(shade, np.minimum(bed, y - top + 0.02)) * 60

    def lamps(p, end):
        x, y, z = np.abs(p[:, 0]), p[:, 1], end * p[:, 2]
        return np.minimum(np.minimum(0.09 - np.abs(y - top + 0.27), x - 0.29 * wide), z - half + 0.2) * 60

    white, red = plain_cloth(np.array([0.75, 0.75, 0.68])), plain_cloth(np.array([0.4, 0.02, 0.015]))
    return over(over(over(colour, dark, DARK), lambda p: lamps(p, 1), white), lambda p: lamps(p, -1), red)


def _body(kind: CarKind, wide: float, colour: Paint) -> Part:
    """The car below its windows."""
    half, top = kind.long / 2, kind.bonnet
    rows = [(top, 0, 0, 0), (top, 0.5, half * 0.5, half * 0.5), (top - 0.01, 0.86, half * 0.88, half * 0.93)]
    rows += [(top - 0.07, 0.95, half * 0.95, half * 0.98), (top - 0.25, 1, half, half), (0.5, 1, half, half)]
    rows += [(0.3, 0.97, half * 0.98, half * 0.98), (0.22, 0.9, half * 0.95, half * 0.95), (0.22, 0, 0, 0)]
    return _hull(rows, wide, _steel(kind, wide, colour), 0.32, 0.35)


def _cabin(kind: CarKind, wide: float, colour: Paint) -> Part:
    """Roof and windows."""
    low, high, ahead, behind = kind.bonnet, kind.roof, kind.ahead, kind.behind
    panes = over(colour, lambda p: _pane(kind, wide, p) * 60, GLASS)
    level = np.array([1.0, 0.985, 0.93, 0.82, 0.4, 0.0, -0.1])
    share = np.array([0.5, 0.72, 0.79, 0.81, 0.88, 0.94, 0.94])
    rows = [(high, 0, 0, 0)]
    for y, w in zip(level, share):
        inset = 0.35 if y == 1 else 0.08 * (y > 0.95)
        ends = (at[0] + (at[1] - at[0]) * y for at in (ahead, behind))
        rows.append((low + y * (high - low), w, *(max(end - inset, 0.1) for end in ends)))
    return _hull(rows, wide, panes, 0.3, 0.45)


def _pane(kind: CarKind, wide: float, p: np.ndarray) -> np.ndarray:
    """How far inside a window (metres, positive) places on the cabin are: between sill, roof and pillars."""
    x, y, z = np.abs(p[:, 0]), p[:, 1], p[:, 2]
    up = (y - kind.bonnet) / (kind.roof - kind.bonnet)
    ends = [at[0] + (at[1] - at[0]) * up for at in (kind.ahead, kind.behind)]
    to_end, to_side = np.minimum(ends[0] - z, ends[1] + z), (0.94 - 0.14 * up) * wide / 2 - x
    corner = np.maximum(to_end, to_side) - 0.07
    post = np.where(to_side < to_end, np.abs(z + 0.25) - 0.035, 1)
    inside = np.minimum(np.minimum(corner, post), np.minimum(y - kind.bonnet - 0.04, kind.roof - 0.1 - y))
    return np.minimum(inside, kind.panes + z)


def car_parts(rng: np.random.Generator) -> list[Part]:
    """A car of KINDS with windows, lamps and wheels."""
    kind, wide = KINDS[str(rng.choice(list(KINDS)))], rng.uniform(1.7, 1.9)
    colour = plain_cloth(np.clip(PAINTS[rng.integers(len(PAINTS))] * rng.uniform(0.8, 1.15), 0, 0.9))
    parts = [_body(kind, wide, colour), _cabin(kind, wide, colour)]
    rim = plain_cloth(np.full(3, rng.uniform(0.1, 0.5)))
    wheel = over(DARK, lambda p: (0.2 - np.hypot(p[:, 0], p[:, 2])) * 80, rim)
    for x in (-1, 1):
        mirror = (x * (wide / 2 + 0.04), kind.bonnet + 0.1, kind.ahead[0] - 0.3)
        parts.append(ball_part(mirror, np.array([0.1, 0.07, 0.05]), colour, rings=7, around=10))
        for z in (-0.31, 0.31):
            hub = np.array([x * (wide / 2 - 0.1), 0.32, z * kind.long])
            path = hub + np.array([-0.11, -0.09, 0.09, 0.11])[:, None] * ACROSS
            parts.append(tube(path, [0.29, 0.32, 0.32, 0.29], UP, wheel, around=20))
    return parts
