"""Birds: two thin legs, a body, a neck, from one table of proportions."""

import numpy as np

from .cloth import from_hex, over, plain_cloth
from .figures import Paint, Part, ball_part, tube

ACROSS, UP, AHEAD = np.eye(3)
# name: height in metres; legs, neck, tilt of the body in radians, thickness, beak in lengths of the body; colours.
BIRDS = {
    "pigeon": (0.3, 0.35, 0.3, 0.45, 0.27, 0.14, "6f7681 8a8f98 b0a79c"),
    "crow": (0.4, 0.4, 0.25, 0.5, 0.25, 0.2, "15151a 22222a"),
    "gull": (0.45, 0.4, 0.28, 0.4, 0.26, 0.2, "e9e9e6 c9cdd2"),
    "duck": (0.4, 0.22, 0.4, 0.2, 0.3, 0.22, "5f4a35 e9e2d2 2f5540"),
    "goose": (0.8, 0.4, 0.85, 0.3, 0.3, 0.2, "efece4 8a8076"),
    "hen": (0.42, 0.45, 0.42, 0.55, 0.36, 0.1, "a8552f e9dfcc 3a2a22"),
    "heron": (0.95, 1.1, 1.1, 0.6, 0.2, 0.4, "8f979f b9b6ae"),
    "flamingo": (1.3, 1.6, 1.5, 0.4, 0.24, 0.22, "e39a90 d97f78"),
    "penguin": (0.75, 0.08, 0.12, 1.45, 0.27, 0.14, "1c2028"),
    "ostrich": (2.1, 1.1, 1.25, 0.25, 0.36, 0.2, "1f1c1a 6b5b4b"),
}
HORN = from_hex("d08a2a 2c2826 c9a24a b5533a")  # beaks and feet


def _side(s: int, name: str, body, way, rise, wing: Paint, horn: Paint, step: float) -> list[Part]:
    """Wing, leg and foot on side s."""
    _, legs, _, tilt, thick, _, _ = BIRDS[name]
    side, axes = s * ACROSS, np.stack([ACROSS, rise, way], -1)
    shoulder = body + side * thick * 0.82 - way * 0.12 + 0.02 * rise
    parts = [ball_part(shoulder, np.array([0.2 * thick, 0.72 * thick, 0.55]), wing, axes, fold=0.08)]
    foot, hip = np.array([s * 0.4 * thick, 0.015, step]), body + side * 0.4 * thick - rise * 0.55 * thick
    hip = np.array([s * 0.4 * thick, legs + 0.08, 0.05]) if tilt > 1.2 else hip
    leg = [hip, (hip + foot) / 2 - 0.04 * legs * AHEAD, foot]
    parts.append(tube(leg, np.array([0.035, 0.02, 0.02]), AHEAD, horn, around=6))
    for angle in (-0.5, 0, 0.5):
        toe = foot + np.array([[0], [0.5], [1]]) * 0.17 * np.array([np.sin(angle), 0, np.cos(angle)])
        parts.append(tube(toe, np.array([0.022, 0.018, 0.008]), UP, horn, around=6))
    return parts


def _crown(top: np.ndarray, skull: float, beak: float, paint: Paint, horn: Paint) -> list[Part]:
    """Head at `top` with beak and eyes."""
    parts = [ball_part(top, np.array([0.9, 0.95, 1.15]) * skull, paint)]
    bill = top + np.array([[0, 0, 0.6 * skull], [0, -0.01, skull + 0.4 * beak], [0, -0.03, skull + beak]])
    parts.append(tube(bill, np.array([0.06, 0.04, 0.008]), UP, horn, around=8))
    for s in (1, -1):
        eye = top + [s * 0.8 * skull, 0.02, 0.45 * skull]
        parts.append(ball_part(eye, np.full(3, 0.022), plain_cloth(np.full(3, 0.01)), rings=5, around=6, gloss=0.5))
    return parts


def bird_parts(rng: np.random.Generator, name: str) -> list[Part]:
    """A bird of BIRDS standing, looking along z, as solids in metres."""
    tall, legs, neck, tilt, thick, beak, codes = BIRDS[name]
    coats, horn = from_hex(codes), plain_cloth(HORN[rng.integers(len(HORN))])
    colour, second = coats[rng.integers(len(coats))], coats[rng.integers(len(coats))] * rng.uniform(0.5, 1.0)
    way, rise = np.array([0, np.sin(tilt), np.cos(tilt)]), np.array([0, np.cos(tilt), -np.sin(tilt)])
    body = np.array([0, legs + 0.36 * np.sin(tilt) + thick * 0.7 * np.cos(tilt), 0])
    pale = plain_cloth(np.minimum(0.2 * colour + 0.8 * colour**0.5, 0.85))
    breast = over(plain_cloth(colour), lambda p: (-p[:, 2] - 0.2 * thick) * 8, pale)
    at = np.array([-0.62, -0.5, -0.3, 0.0, 0.25, 0.42, 0.5])[:, None]
    size = np.array([0.15, 0.4, 0.75, 1.0, 0.95, 0.6, 0.1]) * thick
    parts = [tube(body + at * way, size, rise, breast, flat=1.05, fold=0.04)]
    tail = body + np.array([-0.45, -0.65, -0.95])[:, None] * way
    parts.append(tube(tail, np.array([0.5, 0.55, 0.45]) * thick, rise, plain_cloth(second), flat=0.22, around=10))
    up = np.linspace(0, 1, 7)
    curve = body + 0.36 * way + np.stack([0 * up, neck * up, 0.28 * neck * np.sin(3.6 * up) + 0.12 * up], -1)
    slim = 0.09 if neck > 0.8 else 0.13 if neck > 0.35 else 0.17
    width = np.interp(up, [0, 0.4, 1], [min(0.6 * thick, 2 * slim), slim, slim * 0.85])
    parts.append(tube(curve, width, AHEAD, plain_cloth(colour), fold=0.03))
    head = plain_cloth(second if rng.random() < 0.4 else colour)
    parts += _crown(curve[-1] + [0, 0.03, 0.03], 0.125 if neck < 0.8 else 0.11, beak, head, horn)
    for s in (1, -1):
        parts += _side(s, name, body, way, rise, plain_cloth(second), horn, s * rng.uniform(0, 0.1))
    high = max(part.points[:, 1].max() for part in parts)
    return [part._replace(points=part.points * (tall * rng.uniform(0.9, 1.1) / high)) for part in parts]
