"""Poses: how people stand, walk, run, sit, crouch and bend forward."""

import numpy as np

from .bodies import Pose
from .gestures import Hand, gesture, put


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
    pose.hips, pose.chest = (
        (0.03 * np.sin(2 * np.pi * phase), -0.5 * swing, 0.03),
        (0, 0.7 * swing, rng.uniform(0.02, 0.09)),
    )
    pose.head, pose.toes, pose.knees = (
        (0, rng.normal(0, 0.15), rng.normal(0.03, 0.06)),
        np.array([0.1, 0.1]),
        (0.05, 0.05),
    )
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
