"""Cars as solids in metres, their nose along z."""

import numpy as np

from .solids import Faces, bar, box_faces

CABINS = {"saloon": (0.52, -0.03, 0.55), "van": (0.74, -0.1, 0.95), "pick-up": (0.34, 0.08, 0.6)}  # long, from, high


def car(rng: np.random.Generator) -> list[Faces]:
    """A saloon, a van or a pick-up, with windows, lamps and wheels."""
    long, wide = rng.uniform(3.7, 4.8), rng.uniform(1.65, 1.9)
    share, at, high = CABINS[str(rng.choice(list(CABINS)))]
    paint = np.clip(rng.uniform(0.02, 0.95) + rng.normal(0, 0.15, 3), 0.02, 0.97)
    middle = (0, 0.88, at * long)
    parts = [
        box_faces(wide, 0.6, long, [paint], (0, 0.3, 0)),
        narrowed(box_faces(wide - 0.12, high, share * long, [paint], middle), 0.86),
        narrowed(box_faces(wide - 0.1, 0.7 * high, share * long + 0.03, [(0.1, 0.12, 0.14)], middle), 0.9),
    ]
    for side in (-1, 1):
        for end, tint in ((1, (0.95, 0.95, 0.85)), (-1, (0.7, 0.08, 0.06))):
            x, z = side * wide / 2, end * long * 0.31
            parts.append(bar((x - 0.15, 0.32, z), (x + 0.02, 0.32, z), 0.64, [(0.05, 0.05, 0.05)], 12))
            parts.append(box_faces(0.3, 0.14, 0.04, [tint], (side * wide * 0.36, 0.62, end * (long / 2 + 0.01))))
    return parts


def narrowed(solid: Faces, share: float) -> Faces:
    """The solid with its upper end drawn together to a share of its width and length."""
    faces, colours = solid
    low, high = faces[..., 1].min(), faces[..., 1].max()
    middle = faces.reshape(-1, 3).mean(0) * (1, 0, 1)
    part = 1 - (1 - share) * (faces[..., 1:2] - low) / (high - low)
    return (faces - middle) * np.concatenate([part, np.ones_like(part), part], -1) + middle, colours
