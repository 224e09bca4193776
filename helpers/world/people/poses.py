"""Poses: how people stand, walk, run, sit, crouch and bend forward, and where their hands go."""

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


def standing(rng: np.random.Generator) -> Pose:
    """Somebody standing, most often with the weight on one leg."""
    pose = Pose()
    weight = rng.choice([-1, 0, 1], p=[0.38, 0.24, 0.38])
    sway = rng.uniform(0.04, 0.11) * weight
    pose.shift = (0.018 * weight, -0.004 - 0.006 * abs(weight), 0)
    pose.hips, pose.chest = (sway, 0, 0), (-0.45 * sway, rng.normal(0, 0.08), rng.normal(0.02, 0.03))
    width = rng.uniform(0.05, 0.085)
    pose.feet = np.array([[width, 0, 0], [width, 0, 0]])
    if weight:
        free = 1 if weight > 0 else 0
        pose.feet[free] += [rng.uniform(0, 0.05), 0, rng.uniform(0.0, 0.07)]
        pose.toes[free] += rng.uniform(0, 0.35)
        pose.knees = (0.3, 0.3)
    pose.head = (rng.normal(0, 0.06), rng.normal(0, 0.35), rng.normal(0.05, 0.1))
    for i in range(2):
        put(pose, i, Hand((0.07, -0.98, 0.1), curl=rng.uniform(0.2, 0.6), vary=(0.04, 0.03, 0.05)), rng)
    return pose


def walking(rng: np.random.Generator, phase: float | None = None) -> Pose:
    """Somebody in the middle of a step: at any phase of it, or at this one, 0..1 from a heel to the same heel."""
    pose, any_phase, stride = Pose(), rng.uniform(0, 1), rng.uniform(0.75, 1.1)
    phase = any_phase if phase is None else phase % 1
    for i in range(2):
        p = (phase + 0.5 * i) % 1
        if p < 0.6:  # on the ground, from the heel ahead to the toes behind
            ahead, off = 0.19 - 0.38 * p / 0.6, max(0.0, (p - 0.38) / 0.22)
            pose.feet[i] = [0.04, 0.052 * off**1.3, ahead * stride + 0.02 * off]
            pose.tread[i] = 0.75 * off - 0.30 * max(0.0, 1 - p / 0.09)
        else:
            q = (p - 0.6) / 0.4
            pose.feet[i] = [0.04, 0.055 * np.cos(q * np.pi / 2) + 0.03 * np.sin(q * np.pi), (-0.17 + 0.36 * q) * stride]
            pose.tread[i] = 0.9 * (1 - q) ** 1.5 - 0.3 * q**2
    swing = (pose.feet[0, 2] - pose.feet[1, 2]) * 0.5
    pose.shift = (0, np.sqrt(0.485**2 - swing**2) - 0.49, 0)
    pose.hips = (0.03 * np.sin(2 * np.pi * phase), -0.5 * swing, 0.03)
    pose.chest = (0, 0.7 * swing, rng.uniform(0.02, 0.09))
    pose.head = (0, rng.normal(0, 0.15), rng.normal(0.03, 0.06))
    pose.toes, pose.knees = np.array([0.1, 0.1]), (0.05, 0.05)
    for i, s in enumerate((1, -1)):
        angle = -s * swing * rng.uniform(1.8, 3.2)
        put(pose, i, Hand((0.07, -0.96 * np.cos(angle), 0.09 + 0.9 * np.sin(angle)), curl=rng.uniform(0.3, 0.7)), rng)
    return pose


def running(rng: np.random.Generator) -> Pose:
    """Somebody running: a long step, the elbows bent."""
    pose, ahead = Pose(), rng.integers(2)
    pose.feet[ahead], pose.feet[1 - ahead] = [0.03, rng.uniform(0, 0.12), 0.2], [0.03, rng.uniform(0.15, 0.3), -0.3]
    pose.tread[ahead], pose.tread[1 - ahead] = -0.2, 1.3
    pose.shift, pose.chest, pose.toes = (0, -0.04, 0), (0, 0.2 * (1, -1)[ahead], 0.22), np.array([0.05, 0.05])
    for i in range(2):
        swing = -1 if i == ahead else 1
        put(pose, i, Hand((-0.02, -0.52 + 0.12 * swing, 0.30 + 0.32 * swing), (0.3, -0.5, -1), curl=0.9), rng)
    return pose


def crouching(rng: np.random.Generator) -> Pose:
    """Somebody squatting to look at something low."""
    pose = Pose()
    pose.shift, pose.hips = (0, -rng.uniform(0.26, 0.34), -0.08), (0, 0, 0.3)
    pose.chest = (0, 0, rng.uniform(0.3, 0.55))
    pose.feet, pose.tread, pose.knees = np.array([[0.07, 0, 0.06], [0.08, 0.03, -0.06]]), np.array([0, 0.5]), (0.4, 0.4)
    pose.head = (0, rng.normal(0, 0.2), -0.2)
    for i in range(2):
        put(pose, i, Hand((-0.05, -0.55, 0.5), (0.7, -0.4, -0.6), curl=0.4), rng)
    return pose


def peering(rng: np.random.Generator) -> Pose:
    """Somebody bending forward to see better, the hands behind the back or on the knees."""
    pose = standing(rng)
    bend = rng.uniform(0.2, 0.55)
    pose.hips, pose.chest, pose.head = (0, 0, 0.6 * bend), (0, 0, bend), (0, 0, -0.5 * bend)
    pose.shift = (0, -0.01, -0.08 * bend)
    if rng.random() < 0.6:
        gesture(pose, "behind", rng)
    return pose


def sitting(rng: np.random.Generator) -> Pose:
    """Somebody sitting upright, hands on the lap; the seat is under the hips."""
    pose, drop = Pose(), rng.uniform(0.255, 0.275)
    pose.shift = (0, -drop, -0.02)
    knee = rng.uniform(0.06, 0.1)
    for i in range(2):
        pose.feet[i] = [knee + rng.uniform(-0.02, 0.04), 0, rng.uniform(0.19, 0.29)]
    if rng.random() < 0.3:  # ankles crossed
        pose.feet[0], pose.feet[1] = [-0.01, 0, 0.30], [-0.02, 0.01, 0.265]
    pose.hips, pose.chest = (0, 0, -0.08), (0, rng.normal(0, 0.1), rng.uniform(-0.06, 0.25))
    pose.knees = (0.25, 0.25)
    pose.head = (rng.normal(0, 0.06), rng.normal(0, 0.3), rng.normal(0.08, 0.12))
    for i in range(2):
        put(pose, i, Hand((-0.02, -0.62, 0.49), (0.6, -0.6, -0.6), (), (0, -1, 0.2), 0.3, (0.02, 0.02, 0.07)), rng)
    return pose
