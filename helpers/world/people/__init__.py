"""People: builds, faces, outfits and poses put together, single or in small groups, as cutouts."""

from dataclasses import replace

import numpy as np

from ..drawn import Cutout
from . import poses
from .belongings import STRAPS, held_things, seat, worn_things
from .bodies import Body, Pose
from .cloth import LEATHER, QUIET, over, pick_colour, plain_cloth
from .easel import draw
from .figures import Part, moved_parts
from .heads import hat, head, tails
from .looks import any_build, any_face, any_outfit
from .wardrobe import clothes

# How often people do what.
ACTIONS = {"standing": 0.42, "walking": 0.34, "sitting": 0.14, "running": 0.04, "crouching": 0.03, "peering": 0.03}


def _choose(rng: np.random.Generator, weights: dict[str, float]) -> str:
    """One of the names, by weight; weights sum to one."""
    return str(rng.choice(list(weights), p=list(weights.values())))


def _posed(rng: np.random.Generator, action: str, phase: float | None) -> tuple[Pose, str, int]:
    """A pose, what the hands hold ("" for nothing), and which hand holds it."""
    pose = getattr(poses, action)(rng) if phase is None else poses.walking(rng, phase)
    held = _choose(rng, {"box": 0.15, "read": 0.2, "phone": 0.25, "photo": 0.15, "side": 0.25})
    if action in ("standing", "walking", "sitting") and rng.random() < (0.42 if action == "standing" else 0.3):
        held = "phone" if action == "sitting" and held in ("side", "box") else held
        return pose, held, poses.gesture(pose, held, rng)
    if action == "standing" and rng.random() < 0.9:
        poses.gesture(pose, str(rng.choice(list(poses.GESTURES))), rng)
    return pose, "", 0


def someone(rng: np.random.Generator, child: bool = False, phase: float | None = None) -> list[Part]:
    """One person on the floor at the origin, facing the viewer, as solids in metres; walking, if a phase is given."""
    build, she = any_build(rng, child)
    face, action = any_face(rng, build, she), _choose(rng, ACTIONS)
    action = action if phase is None else "walking"
    pose, held, which = _posed(rng, action, phase)
    body, wear = Body(build, pose), any_outfit(rng, build, face, she)
    hatted = _choose(rng, {"": 0.84, "cap": 0.07, "beanie": 0.05, "sun": 0.04})
    if hatted:  # hair lies flat under a hat
        face = replace(face, volume=0.04, curl=0.0)
    if action in ("sitting", "crouching") and 0 < wear.coat < 0.6:  # short coats would lie across the lap
        wear = replace(wear, coat=0.0, hem=0.01)
    upright = action in ("standing", "walking", "peering")
    worn = "" if not upright else _choose(rng, {"": 0.74, "pack": 0.1, "bag": 0.08, "scarf": 0.08})
    if worn in STRAPS:
        leather = plain_cloth(pick_colour(rng, LEATHER, QUIET))
        wear = replace(wear, top=over(wear.top, lambda p: STRAPS[worn](*p.T, build.tall) * 400, leather))
    parts = clothes(body, wear) + head(body, face, rng) + tails(body, face, rng) + hat(rng, body, hatted)
    parts += held_things(rng, body, held, which) + worn_things(rng, body, worn)
    parts += seat(rng, body) if action == "sitting" else []
    return moved_parts(parts, shift=(0, -min(part.points[:, 1].min() for part in parts), 0))


def _ends(parts: list[Part]) -> tuple[float, float]:
    """The least and the largest x of the parts, in metres."""
    return min(part.points[:, 0].min() for part in parts), max(part.points[:, 0].max() for part in parts)


def person(rng: np.random.Generator, size: int, pitch: float = 0.0) -> Cutout:
    """Somebody, or now and then two or three people side by side, about 0.8 * size pixels high; seen from above."""
    eye = (1.6, rng.uniform(3.5, 8.0))
    count = int(rng.choice([1, 2, 3], p=[0.88, 0.09, 0.03]))
    yaw, parts, right = rng.vonmises(0, 0.9), [], 0.0
    for k in range(count):
        one = moved_parts(someone(rng, rng.random() < (0.3 if k else 0.14)), yaw + (rng.normal(0, 0.5) if k else 0))
        one = moved_parts(one, shift=(right - _ends(one)[0], 0, rng.uniform(-0.15, 0.15) if k else 0))
        parts, right = parts + one, _ends(one)[1] - rng.uniform(0.0, 0.15)
    parts = moved_parts(parts, shift=(-sum(_ends(parts)) / 2, 0, 0))
    return draw(parts, size, rng, "person" if count == 1 else "group", 1, eye, pitch)


def walker(seed: int, size: int, steps: int = 8, yaw: float = 1.2, pitch: float = 0.0) -> list[Cutout]:
    """One person at `steps` phases of walking (two steps in all), turned right by `yaw` radians; seen from above."""
    figures = [someone(np.random.default_rng([seed, 3]), phase=step / steps) for step in range(steps)]
    views = [moved_parts(figure, yaw) for figure in figures]
    return [draw(view, size, np.random.default_rng([seed, 4]), "person", 1, (1.6, 5.0), pitch) for view in views]
