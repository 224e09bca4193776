"""Gestures: where hands go when people point, wave, think, or hold a box, a book, a phone, a camera, a bag."""

from typing import NamedTuple

import numpy as np

from .bodies import Pose


class Hand(NamedTuple):
    """A hand's place and turn; see Pose for the units. Empty directions are left as they were."""

    at: tuple
    elbow: tuple = ()
    fingers: tuple = ()
    palm: tuple = ()
    curl: float = 0.3
    vary: tuple = (0.02, 0.02, 0.02)  # how far the place may differ


_ACROSS = Hand((-0.30, -0.36, 0.42), (0.7, -1, 0.1), (-1, 0.25, -0.15), (0, 0.1, -1), 0.4)
_UNDER = Hand((-0.38, -0.42, 0.34), (0.7, -1, 0.1), (-1, 0.1, 0), (0, 0.1, -1), 0.2)
_CHIN = Hand((-0.22, 0.1, 0.44), (0.5, -1, 0.3), (-0.35, 0.9, -0.3), (-0.5, 0, -1), 0.6)
_POCKET = Hand((0.10, -0.74, 0.16), (0.8, 0, -1), (-0.25, -1, 0.25), (-1, 0, 0), 0.1)
_HIP = Hand((0.16, -0.60, 0.12), (1, 0, -0.45), (-0.5, -0.6, 0.6), (-1, 0, 0), 0.4)
_BEHIND = Hand((-0.27, -0.76, -0.30), (0.8, 0, -0.6), (-0.8, -0.6, -0.1), (0, 0, -1), 0.5)
_UP = Hand((0.38, 0.75, 0.15), (1, -0.3, 0.2), (), (0, 0, 1), 0.2, (0.22, 0.15, 0.15))
_WAVE = Hand((0.42, 0.33, 0.3), (1, -1, -0.2), (0.2, 1, 0.1), (0, 0, 1), 0.05, (0.12, 0.18, 0.1))
_TALK = Hand((0.12, -0.35, 0.6), (0.7, -1, -0.3), (), (-0.5, 0.8, -0.2), 0.25, (0.22, 0.15, 0.1))
_CALL = Hand((-0.02, 0.24, 0.22), (0.9, -1, 0.3), (-0.25, 0.95, -0.1), (-1, 0, -0.2), 0.6)
_POINT = Hand((0.45, 0.2, 0.85), (0.4, -1, -0.2), (), (-0.6, -0.6, 0.2), 0.25, (0.6, 0.3, 0.2))
_BOX = Hand((0, -0.55, 0.5), (0.9, -0.6, -0.7), (0, -0.15, 1), (-1, 0, 0), 0.1)
_READ = Hand((-0.13, -0.42, 0.5), (0.8, -1, -0.3), (-0.6, 0.7, 0.1), (-0.1, 0.35, -1), 0.3)
_PHONE = Hand((-0.22, -0.28, 0.52), (0.5, -1, -0.1), (-0.2, 0.7, 0.6), (-0.3, 0.5, -0.8), 0.5)
_PHOTO = Hand((-0.24, 0.16, 0.5), (0.9, -1, 0.1), (-0.4, 0.9, 0.1), (-0.5, 0, -1), 0.5)
_SIDE = Hand((0.17, -0.95, 0.1), (), (), (-1, 0, 0), 0.95)
# name -> one hand, the other, how often the other joins in, how far the head nods (None: looks where it did)
GESTURES = {
    "crossed": (_ACROSS, _UNDER, 1, None),
    "pockets": (_POCKET, _POCKET, 0.6, None),
    "akimbo": (_HIP, _HIP, 0.5, None),
    "behind": (_BEHIND, _BEHIND, 1, None),
    "raise": (_UP, _UP, 0.6, None),
    "wave": (_WAVE, _WAVE, 0, None),
    "think": (_CHIN, _UNDER, 1, 0.1),
    "talk": (_TALK, _TALK, 0.6, None),
    "call": (_CALL, _CALL, 0, None),
    "point": (_POINT, _POINT, 0, -0.05),
}
HOLDS = {
    "box": (_BOX, _BOX, 1, None),
    "read": (_READ, _READ, 1, 0.38),
    "phone": (_PHONE, _PHONE, 0, 0.36),
    "photo": (_PHOTO, _PHOTO, 1, 0.0),
    "side": (_SIDE, _SIDE, 0, None),
}


def put(pose: Pose, i: int, hand: Hand, rng: np.random.Generator) -> None:
    """Puts hand i of the pose where `hand` says."""
    pose.hands[i] = hand.at + rng.uniform(-1, 1, 3) * hand.vary
    pose.curl[i] = hand.curl
    for rows, value in ((pose.elbows, hand.elbow), (pose.fingers, hand.fingers), (pose.palms, hand.palm)):
        if value:
            rows[i] = value


def gesture(pose: Pose, name: str, rng: np.random.Generator) -> int:
    """Makes a gesture of GESTURES or HOLDS, whose first hand it returns (0 or 1)."""
    one, other, often, nod = (GESTURES | HOLDS)[name]
    i = int(rng.integers(2))
    put(pose, i, one, rng)
    if rng.random() < often:
        put(pose, 1 - i, other, rng)
    if nod is not None:
        pose.head = (0, 0.2 * pose.head[1], nod)
    return i
