"""Props: simple solids with flat shading, the "synthetic" objects (label 0) beside the real people (label 1)."""

from dataclasses import replace

import numpy as np

from ..drawn import Cutout
from .solids import (
    Faces,
    bar,
    box_faces,
    cylinder,
    edges,
    face_normals,
    moved_faces,
    project,
    raster,
    shade_faces,
    sphere,
    turned_profile,
)
from .vehicles import car

SUB = 3  # samples per pixel and direction: smooth edges come from drawing large and averaging


def hsv(hue, saturation, value) -> np.ndarray:
    """Colours n 3 in 0..1 of n hues, saturations and values, each in 0..1."""
    hue, saturation, value = (np.atleast_1d(np.asarray(part, float)) for part in (hue, saturation, value))
    k = (np.array([5.0, 3.0, 1.0]) + 6 * hue[:, None]) % 6
    return value[:, None] * (1 - saturation[:, None] * np.clip(np.minimum(k, 4 - k), 0, 1))


def paints(rng: np.random.Generator, count: int = 4) -> np.ndarray:
    """A handful of colours count 3 in 0..1 that go together: saturated, muted, or nearly grey."""
    strong = rng.choice([0.85, 0.45, 0.08], p=[0.45, 0.4, 0.15])
    hues = rng.uniform() + rng.choice([0, 0.08, 0.5, 0.33], count) + rng.normal(0, 0.02, count)
    values = rng.permutation(np.linspace(rng.uniform(0.2, 0.6), rng.uniform(0.75, 1), count))
    return hsv(hues % 1, np.clip(rng.normal(strong, 0.1, count), 0, 1), values)


def plain_prop(rng: np.random.Generator, c: np.ndarray) -> list[Faces]:
    """One solid of the textbook: box, prism, pyramid, cylinder, cone, sphere."""
    w, d = rng.uniform(0.3, 1.1, 2)
    sides = int(rng.integers(3, 9))
    return [
        lambda: [box_faces(w, 1, d, c[:1])],
        lambda: [cylinder(w / 2, 1, c[:1], sides=sides)],
        lambda: [cylinder(0.6 * w, 1, c[:1], top=0, sides=max(sides - 1, 3))],
        lambda: [cylinder(w / 2, 1, c[:1])],
        lambda: [cylinder(0.6 * w, 1, c[:1], top=rng.choice([0, 0, 0.4]), sides=24)],
        lambda: [sphere(0.5, c[:1])],
    ][rng.integers(6)]()


def torus(rng: np.random.Generator, c: np.ndarray) -> list[Faces]:
    """A ring lying on the floor, or a stack of rings."""
    thick, turn = rng.uniform(0.12, 0.22), np.linspace(0, 2 * np.pi, 10)
    profile = np.stack([0.5 - thick * np.cos(turn), thick * (1 - np.sin(turn))], 1)
    rings = int(rng.choice([1, 2, 3]))
    return [moved_faces(turned_profile(profile, 18, c[i % 2]), to=(0, 1.8 * thick * i, 0)) for i in range(rings)]


def stack(rng: np.random.Generator, c: np.ndarray) -> list[Faces]:
    """Two to four solids on top of each other, each a little smaller, turned by chance."""
    solids, y, w = [], 0.0, 0.8
    for i in range(rng.integers(2, 5)):
        tall = rng.uniform(0.3, 0.9) * w
        sides = int(rng.choice([3, 4, 4, 6, 20]))
        top = rng.choice([1, 0.8, 0.6])
        solids.append(
            turned_profile([(0, y), (w / 2, y), (top * w / 2, y + tall), (0, y + tall)], sides, c[i], rng.uniform(0, 3))
        )
        y, w = y + tall, w * top * rng.uniform(0.7, 1)
    kind = rng.integers(3)
    last = [sphere(w / 2, c[0], y, sides=14)] if kind == 0 else [cylinder(w / 2, w, c[0], y, 0)] if kind == 1 else []
    return solids + last


def traffic_cone(rng: np.random.Generator, c: np.ndarray) -> list[Faces]:
    """A cone with pale bands on a square foot."""
    warm = hsv(rng.uniform(0.01, 0.09), 0.9, 0.95)[0] if rng.uniform() < 0.7 else c[0]
    cuts = np.linspace(0, 1, 6)
    profile = [(0, 0.06), *np.stack([0.3 - 0.25 * cuts, 0.06 + 0.94 * cuts], 1), (0, 1)]
    bands = np.array([warm, warm, [0.93] * 3, warm, [0.93] * 3, warm, warm])
    return [box_faces(0.8, 0.06, 0.8, warm * 0.8), turned_profile(profile, 20, bands)]


def barrel(rng: np.random.Generator, c: np.ndarray) -> list[Faces]:
    """A barrel, drum or bin with hoops of another colour."""
    belly = rng.choice([0.0, 0.12])
    y = np.array([0, 0.05, 0.25, 0.31, 0.5, 0.69, 0.75, 0.95, 1])
    radius = 0.32 + belly * np.sin(np.pi * y) + np.isin(y, [0.25, 0.31, 0.69, 0.75]) * 0.01
    hoop = [c[0], c[1], c[0], c[1], c[0], c[0], c[1], c[0], c[1], c[2]]
    return [turned_profile([(0, 0), *np.stack([radius, y], 1), (0, 0.99)], 18, hoop)]


def crate_prop(rng: np.random.Generator, c: np.ndarray) -> list[Faces]:
    """A crate: a box inside a frame of bars, sometimes with slats."""
    w, h, d = rng.uniform(0.6, 1.2, 3)
    wood = (
        hsv(rng.uniform(0.06, 0.12), rng.uniform(0.3, 0.7), rng.uniform(0.4, 0.85))[0] if rng.uniform() < 0.6 else c[0]
    )
    t, solids = 0.09, [box_faces(w, h, d, wood * 0.8, (0, 0.01, 0))]
    for s in (-w / 2, w / 2):
        solids += [box_faces(t, h, t, wood, (s, 0, r)) for r in (-d / 2, d / 2)]
        solids += [box_faces(t, t, d, wood * 1.05, (s, y, 0)) for y in (0, h - t)]
    for r in (-d / 2, d / 2):
        solids += [box_faces(w, t, t, wood * 1.05, (0, y, r)) for y in (0, h / 2, h - t)]
    return solids


def ball_prop(rng: np.random.Generator, c: np.ndarray) -> list[Faces]:
    """A ball with sectors or rings of several colours."""
    return [sphere(0.5, c[: rng.integers(2, 5)], by_sector=bool(rng.integers(2)), sides=24)]


def seat_prop(rng: np.random.Generator, c: np.ndarray) -> list[Faces]:
    """A chair, stool, table or bench: a slab on legs, with or without a back."""
    w, d, high = rng.choice([0.5, 0.55, 1.0, 1.4]), rng.uniform(0.4, 0.7), rng.uniform(0.4, 0.8)
    lean, thick, leg = rng.uniform(0, 0.06), rng.uniform(0.04, 0.12), rng.uniform(0.03, 0.08)
    x, z = w / 2 - leg / 2, d / 2 - leg / 2
    solids = [box_faces(w, thick, d, c[:1], (0, high, 0))]
    for s in (-1, 1):
        solids += [bar((s * (x + lean), 0, r * (z + lean)), (s * x, high, r * z), leg, c[1]) for r in (-1, 1)]
    if rng.uniform() < 0.6:
        rise, far = rng.uniform(0.4, 0.7), rng.uniform(0, 0.12)
        solids += [bar((s * x, high, z), (s * x, high + rise, z + far), leg, c[1]) for s in (-1, 1)]
        solids += [box_faces(w, rise * rng.uniform(0.3, 0.8), leg * 1.2, c[:1], (0, high + rise * 0.4, z + far / 2))]
    return solids


def lamp_prop(rng: np.random.Generator, c: np.ndarray) -> list[Faces]:
    """A lamp, sign, bollard or potted tree: a foot, a pole and something on top."""
    foot, pole, tall = rng.uniform(0.15, 0.3), rng.uniform(0.02, 0.05), rng.uniform(0.6, 1.3)
    w, kind = rng.uniform(0.25, 0.5), rng.integers(5)
    head = [
        lambda: cylinder(w * 0.8, w, c[1], tall, rng.uniform(0.3, 0.9)),
        lambda: sphere(w * 0.7, c[1], tall - 0.02, sides=14),
        lambda: cylinder(w, 3 * w, c[1], tall * 0.5, 0),
        lambda: box_faces(2 * w, 1.4 * w, 0.03, c[1:2], (0, tall - 0.5 * w, -pole)),
        lambda: moved_faces(sphere(0.5, c[1], sides=14), (w, 2 * w, w), (0, tall, 0)),
    ][kind]()
    return [
        cylinder(foot, rng.uniform(0.04, 0.3), c[2], top=rng.uniform(0.6, 1.2)),
        cylinder(pole, tall, c[0], sides=8),
        head,
    ]


def steps(rng: np.random.Generator, c: np.ndarray) -> list[Faces]:
    """Steps, a wall of blocks, or an arch of boxes."""
    n, kind = int(rng.integers(2, 5)), rng.integers(3)
    if kind == 0:
        return [box_faces(1, (i + 1) / n, 0.3, c[i % 2], (0, 0, 0.3 * i)) for i in range(n)]
    if kind == 1:
        return [box_faces(0.25, rng.uniform(0.3, 1), 0.3, c[i % 4], (0.25 * i, 0, 0)) for i in range(n)]
    return [box_faces(0.2, 1, 0.3, c[0], (s, 0, 0)) for s in (-0.4, 0.4)] + [box_faces(1.1, 0.2, 0.35, c[1], (0, 1, 0))]


# how often (shares), what, and how high in metres
MAKERS = [
    (3, plain_prop, 0.3, 1.8),
    (1, torus, 0.3, 1.0),
    (2, stack, 0.5, 1.8),
    (1, traffic_cone, 0.45, 1.0),
    (1, barrel, 0.6, 1.2),
    (1, crate_prop, 0.3, 1.2),
    (1, ball_prop, 0.3, 1.2),
    (2, seat_prop, 0.6, 1.3),
    (2, lamp_prop, 0.6, 1.8),
    (1, steps, 0.4, 1.4),
]


def averaged(samples: np.ndarray, seen: np.ndarray, near: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The picture h w 4 uint8 of SUB times larger colours and coverage, and the mean of `near`, cropped tightly."""
    fine = np.dstack([samples, near])  # colours and depths count by their coverage
    fine = np.where(seen[..., None], np.dstack([fine, np.ones_like(near)]), np.float32(0))
    coarse = sum(fine[i::SUB, j::SUB] for i in range(SUB) for j in range(SUB))
    rows, columns = np.flatnonzero(coarse[..., 4].any(1)), np.flatnonzero(coarse[..., 4].any(0))
    coarse = coarse[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    mean, cover = coarse[..., :4] / np.maximum(coarse[..., 4:], 1), coarse[..., 4:]
    picture = np.dstack([mean[..., :3] * 255, cover * (255 / SUB**2)])
    return picture.round().astype(np.uint8), mean[..., 3]


def outlined(rng: np.random.Generator, samples: np.ndarray, face: np.ndarray, points: np.ndarray, solids) -> np.ndarray:
    """The samples with a darker or lighter line where faces meet."""
    number = np.repeat(np.arange(len(solids)), [len(part[0]) for part in solids])  # which solid a face belongs to
    line = edges(face, face_normals(points), number)
    return np.where(line[..., None], samples * rng.choice([0.4, 0.6, 1.3]), samples).clip(0, 1)


def prop(rng: np.random.Generator, size: int, pitch: float = 0.0) -> Cutout:
    """A simple solid that stands on the floor, drawn 0.8 `size` pixels on its longer side; seen from above."""
    shares = np.array([row[0] for row in MAKERS])
    _, make, low, high = MAKERS[rng.choice(len(MAKERS), p=shares / shares.sum())]
    solids = make(rng, paints(rng))
    made = drawn_solids(rng, solids, size, pitch or rng.uniform(0.06, 0.35), "prop")
    metres = rng.uniform(low, high) * made.metres / max(faces[..., 1].max() for faces, _ in solids)
    metres = float(min(metres, 2.2 * len(made.picture) / made.picture.shape[1]))
    relief = (made.relief * (metres / made.metres)).astype(np.float16)
    return replace(made, metres=metres, relief=relief, pitch=pitch, foot=made.foot if pitch else 0.0)


def vehicle(rng: np.random.Generator, size: int, pitch: float = 0.0) -> Cutout:
    """A car, a van or a pick-up from any side, as large as it is."""
    return drawn_solids(rng, car(rng), size, max(pitch, 0.05), "car")


def drawn_solids(rng: np.random.Generator, solids: list, size: int, pitch: float, kind: str) -> Cutout:
    """The solids as a cut-out, looked down upon by `pitch` radians, their metres as they were made."""
    faces, colours = (np.concatenate(part) for part in zip(*solids, strict=True))
    points = project(faces, rng.uniform(0, 2 * np.pi), pitch)
    below = float(points[..., 1].max())  # metres by which something is seen lower than the foot
    points[..., :2] -= points[..., :2].reshape(-1, 2).min(0)  # its foot, the origin, keeps the depth 0
    wide, tall, _ = points.reshape(-1, 3).max(0)
    scale = 0.8 * size / max(tall, wide)  # pixels for one metre of the solid as it was made
    points *= scale * SUB
    h, w = int(np.ceil(tall * scale)), int(np.ceil(wide * scale))
    face, depth = raster(points, h * SUB, w * SUB)
    light = rng.uniform([-1.5, 0.6, 0.4], [1.5, 1.6, 1.4])  # right, up, towards the camera
    samples = shade_faces(points, colours, light)[face]
    if rng.uniform() < 0.3:
        samples = outlined(rng, samples, face, points, solids)
    picture, near = averaged(samples, face >= 0, -depth)
    relief = (near / (scale * SUB)).astype(np.float16)
    return Cutout(picture, len(picture) / scale, 0, kind, pitch=pitch, foot=max(0.0, below / tall), relief=relief)
