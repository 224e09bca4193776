"""Hair that leaves the head, and hats."""

import numpy as np

from .bodies import Body
from .cloth import LIVELY, QUIET, pick_colour, plain_cloth, printed
from .figures import Part, ball_part, loft, skin, tube
from .heads import HEAD, Face, on_head, shell, smooth_mesh


def tails(body: Body, face: Face, rng: np.random.Generator) -> list[Part]:
    """Hair that leaves the head: a curtain, a bun, a pony tail."""
    phase, high = rng.uniform(0, 6.3), body.head_high

    def paint(p):
        strand = 0.8 + 0.22 * np.sin(p[:, 0] * 260 + 40 * p[:, 2] + phase) + 0.1 * np.sin(p[:, 0] * 610 + p[:, 1] * 20)
        return face.hair * strand[:, None]

    look = {"gloss": 0.07}
    if face.line == "cloth":  # a headscarf goes on round the neck and shoulders
        ease = np.array([0.012, 0.014, 0.016, 0.014, 0.011, 0.008, 0.004])
        return [body.torso(plain_cloth(face.hair), 0.36, 0.255, ease, 7, fold=0.25, open=True)]
    if face.tail in ("bob", "long"):
        drop = 0.02 if face.tail == "bob" else -rng.uniform(0.35, 1.0)
        y = np.linspace(0.80, drop, 10)
        places = np.stack([0 * y, y, np.full_like(y, -0.25)], -1)
        centres = on_head(body, places)
        fall = np.clip(0.3 - y, 0, None) * high
        centres = centres - body.thorax[:, 2] * (0.25 * fall)[:, None]
        fade = np.clip((y - drop) / 0.25, 0.0, 1) ** 0.5
        wide = (0.98 + 0.22 * smooth_mesh(0.8, 0.4, y) + face.volume * 0.5) * 0.335 * high * (0.55 + 0.45 * fade)
        ahead = np.interp(y, [drop, 0.1, 0.45, 0.8], [0.25, 0.42, 0.35, 0.1]) * 0.42 * high
        behind = np.interp(y, [drop, 0.1, 0.5, 0.8], [0.25, 0.62, 0.88, 0.7]) * 0.42 * high
        axes = body.skull[:, 0], body.skull[:, 2]
        return [loft(centres, *axes, wide, ahead, behind, y * high, paint, 22, open=True, **look)]
    if face.tail == "bun":
        spot = on_head(body, np.array([0, rng.uniform(0.6, 1.05), -1.12 + 0.25 * rng.random()]))
        return [ball_part(spot, np.full(3, rng.uniform(0.16, 0.24) * high), paint, body.skull, **look)]
    if face.tail == "pony":
        y = np.linspace(0.75, -rng.uniform(0.0, 0.5), 9)
        path = on_head(body, np.stack([0 * y, y, -1.0 - 0.35 * np.sin(np.linspace(0.2, 2.6, 9))], -1))
        size = np.interp(np.linspace(0, 1, 9), [0, 0.1, 0.4, 0.8, 1], [0.05, 0.09, 0.13, 0.09, 0.01]) * high
        return [tube(path, size, body.skull[:, 0], paint, **look)]
    return []


def cap(body: Body, paint, low=(0.72, 0.6), thick=0.1, brim=0.0, **look) -> list[Part]:
    """A hat down to heights `low` (front, back), `thick` half widths thick; a `brim` ahead (> 0) or all round (< 0)."""
    rows = HEAD[HEAD[:, 0] > 0.5].copy()
    places = shell(rows)
    flat = places.reshape(-1, 3)
    line = low[1] + (low[0] - low[1]) * (flat[:, 2] + 1) / 2
    inside = flat[:, 1] < line - 0.03
    centre = np.array([0, 0.6, -0.05])
    grown = centre + (flat - centre) * (1 + thick * np.array([1, 1.1, 0.85]))
    grown[inside] = centre + (flat[inside] - centre) * 0.9
    parts = [skin(on_head(body, grown.reshape(places.shape)), places, paint, **look)]
    if brim:
        half, rise, ahead = ([0.31, 0.014, 0.42 * brim], low[0] + 0.01, 0.75)
        if brim < 0:
            half, rise, ahead = ([-0.40 * brim, 0.016, -0.42 * brim], sum(low) / 2, -0.03)
        spot, half = on_head(body, np.array([0, rise, ahead])), np.array(half) * body.head_high
        parts.append(ball_part(spot, half, paint, body.skull, 7, 18 if brim > 0 else 24, **look))
    return parts


def hat(rng: np.random.Generator, body: Body, kind: str) -> list[Part]:
    """A hat of the kind: "cap", "beanie", "sun", or "" for none."""
    paint = printed(rng, pick_colour(rng, LIVELY, QUIET), 0.8)
    if kind == "cap":
        return cap(body, paint, (0.76, 0.56), 0.15, rng.uniform(0.9, 1.2))
    if kind == "beanie":
        return cap(body, paint, (0.74, 0.48), 0.2, fold=0.1)
    if kind == "sun":
        return cap(body, paint, (0.72, 0.62), 0.2, -rng.uniform(1.6, 2.3))
    return []
