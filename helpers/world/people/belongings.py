"""Belongings: what people sit on, hold in their hands and wear over their clothes."""

import numpy as np

from .bodies import Body
from .cloth import LEATHER, LIVELY, QUIET, from_hex, pick_colour, plain_cloth, printed
from .figures import Paint, Part, ball_part, box_part, cross, moved_parts, tube, turn


def slab_on_legs(half, top: float, leg: float, lean: float, back: float, paint: Paint, frame: Paint) -> list[Part]:
    """A seat or a table: a slab with half edges `half` (3) up to the height `top` on four legs of radius `leg`.

    All in metres: feet stand out by `lean`, and a back rises by `back` above the slab, 0 for none.
    """
    (x, z), ahead = np.asarray(half)[[0, 2]] - leg, np.array([0, 0, 1.0])
    parts = [box_part([0, top - half[1], 0], half, paint)]
    for s in (-1, 1):
        for r in (-1, 1):
            ends = [[s * x, top - half[1], r * z], [s * (x + lean), 0, r * (z + lean)]]
            parts.append(tube(ends, np.array([1, 0.88]) * leg, ahead, frame, around=8))
        if back:
            ends = [[s * x, top + back, -z - 0.13 * back], [s * x, top - half[1], -z]]
            parts.append(tube(ends, np.array([0.88, 1]) * leg, ahead, frame, around=8))
    if back:
        parts.append(box_part([0, top + 0.75 * back, -z - 0.12 * back], [half[0], 0.25 * back, 0.012], paint))
    return parts


def seat(rng: np.random.Generator, body: Body) -> list[Part]:
    """What somebody sits on: a stool, a chair or a bench."""
    paint, metal = plain_cloth(pick_colour(rng, LEATHER, QUIET, LIVELY)), plain_cloth(pick_colour(rng, QUIET, LEATHER))
    kind = rng.choice(["stool", "chair", "bench"], p=[0.3, 0.45, 0.25])
    half = np.array([0.55 if kind == "bench" else 0.22, 0.025, 0.2]) * (body.build.tall / 1.7) ** 0.5
    top, back = body.centre[1] - 0.062 * body.thick, 0.45 * (kind == "chair")
    parts = slab_on_legs(half, top, 0.016, 0.0, back, paint, metal)
    return moved_parts(parts, shift=(0, 0, body.centre[2] + 0.03))


_FLAT = {  # half edges in metres and pitch of what is held before the chest or the face
    "read": ((0.14, 0.10, 0.008), -0.7),
    "photo": ((0.075, 0.04, 0.02), 0.0),
    "phone": ((0.036, 0.075, 0.005), -0.5),
}


def held_things(rng: np.random.Generator, body: Body, what: str, i: int) -> list[Part]:
    """What the hands hold: "box", "read", "photo", "phone" or "side"; hand i where one is enough."""
    palm = [body.wrist[k] + body.finger[k] * 0.55 * body.hand_long + body.palm[k] * 0.03 for k in range(2)]
    both = (palm[0] + palm[1]) / 2
    if what == "box":
        wide = max(np.abs(palm[0] - palm[1]).max() / 2 - 0.01, 0.08)
        half, card = np.array([wide, rng.uniform(0.08, 0.16), 0.15]), from_hex("a9824f b8925e")
        paint = plain_cloth(pick_colour(rng, card, LIVELY))
        return [box_part(both + body.thorax[:, 2] * 0.05, half, paint, body.thorax)]
    if what in _FLAT:
        half, pitch = _FLAT[what]
        black = np.array([0.02, 0.02, 0.022])
        paint = plain_cloth(pick_colour(rng, LIVELY, from_hex("f2efe8")) if what == "read" else black)
        return [box_part(palm[i] if what == "phone" else both, half, paint, body.thorax @ turn(pitch=pitch))]
    return _beside(rng, body, palm[i] - body.palm[i] * 0.02) if what == "side" else []


def _beside(rng: np.random.Generator, body: Body, grip: np.ndarray) -> list[Part]:
    """A bag, a case or a closed umbrella hanging from the hand at `grip`."""
    colour, scale = plain_cloth(pick_colour(rng, LIVELY, LEATHER, QUIET)), body.build.tall / 1.72
    across, up, ahead = np.eye(3)
    kind = str(rng.choice(["bag", "case", "umbrella"]))
    if kind == "umbrella":
        foot, top = np.array([grip[0], 0.0, grip[2] + 0.15]), grip + 0.08 * up
        path = top + (foot - top) * np.linspace(0, 1, 6)[:, None]
        return [tube(path, [0.012, 0.012, 0.035, 0.04, 0.028, 0.006], ahead, colour, around=8)]
    bag = kind == "bag"
    half = scale * np.array([0.05, rng.uniform(0.12, 0.2), 0.17] if bag else [0.06, 0.16, 0.21])
    drop = rng.uniform(0.06, 0.16) if bag else 0.05
    strap = grip + np.array([[0, -drop - 0.02, -0.07], [0, 0, 0], [0, -drop - 0.02, 0.07]])
    body_of_it = box_part(grip - (drop + half[1]) * up, half, colour, fold=0.05)
    return [body_of_it, tube(strap, np.full(3, 0.008), across, colour, around=6)]


def _back(body: Body, height: float) -> tuple[np.ndarray, np.ndarray]:
    """The middle of the trunk at a height above the hips, in its own units, and the axes there as columns."""
    centre, side, front = (axis[0] for axis in body.spine(np.array([height * body.trunk])))
    return centre, np.stack([side, cross(front, side), front], -1)


def _pack(body: Body, rng: np.random.Generator, colour) -> list[Part]:
    (centre, axes), scale = _back(body, 0.185), body.build.tall / 1.75
    front = axes[:, 2]
    back, half = body.girths(np.array([0.2]))[2, 0], np.array([0.15, 0.23, 0.085]) * scale * rng.uniform(0.8, 1.1)
    spot = centre - front * (back + 0.8 * half[2])
    pocket = spot - front * half[2] * 0.9 - axes[:, 1] * half[1] * 0.35
    return [
        ball_part(spot, half, colour, axes, 11, 18, 0.55, fold=0.07),
        ball_part(pocket, half * [0.75, 0.5, 0.45], colour, axes, 9, 14, 0.55),
    ]


def _bag(body: Body, rng: np.random.Generator, colour) -> list[Part]:
    (centre, axes), scale = _back(body, -0.03), body.build.tall / 1.75
    wide = body.girths(np.array([0.0]))[0, 0]
    half = np.array([0.05, rng.uniform(0.1, 0.15), rng.uniform(0.13, 0.18)]) * scale
    spot = centre + axes[:, 0] * (wide + 0.05 + half[0]) + axes[:, 2] * 0.03
    return [ball_part(spot, half, colour, axes, 9, 14, 0.5, fold=0.05)]


def _scarf(body: Body, rng: np.random.Generator, colour) -> list[Part]:
    wrap = body.torso(colour, 0.345, 0.297, np.array([0.004, 0.014, 0.019, 0.018, 0.012, 0.0]), 6, fold=0.3)
    y = np.linspace(0.31, rng.uniform(0.05, 0.2), 7)
    centre, side, front = body.spine(y * body.trunk)
    ahead = np.maximum(body.girths(y)[1], body.girths(np.array([0.24]))[1]) + 0.028
    path = centre + side * rng.choice([-1, 1]) * 0.035 + front * ahead[:, None]
    return [wrap, tube(path, np.full(7, 0.038) * body.build.tall / 1.75, front[0], colour, flat=0.35, fold=0.2)]


def worn_things(rng: np.random.Generator, body: Body, what: str) -> list[Part]:
    """What is worn over the clothes: "pack", "bag", "scarf" or nothing."""
    colour = pick_colour(rng, LIVELY, LEATHER, QUIET)
    cloth = printed(rng, colour) if what == "scarf" else plain_cloth(colour)
    return {"pack": _pack, "bag": _bag, "scarf": _scarf}[what](body, rng, cloth) if what else []


def _two_straps(x, y, z, tall: float):
    return np.minimum(0.011 * tall - np.abs(np.abs(x) - 0.062 * tall), np.minimum(z, y - 0.13 * tall))


# How far inside a strap a place on the trunk is, in metres.
STRAPS = {"pack": _two_straps, "bag": lambda x, y, z, tall: 0.008 * tall - np.abs(y - 0.15 * tall + 1.5 * x) * 0.5}
