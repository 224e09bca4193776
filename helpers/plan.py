"""The floor from above: where each track walked, and what the camera sees of the floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from .show.style import COLOURS, INK, WIDTH, canvas
from .world.camera import Camera

LEAST = 4.0  # metres ahead: a plan shows at least so much of the floor
BLIND = "#eef1f3"  # of the floor that the camera does not see


def track_plan(
    trails: Mapping[int, Sequence[tuple[float, float]]], camera: Camera, aspect: float, known=True
) -> Figure:
    """The plan of trails: track → places n 2, metres right and ahead of the camera's foot, oldest first.

    A ring is where a track began, a disc with its number where it ended. `aspect`: the frames' width over height.
    Without a `known` camera the plan is right up to one factor, and it has no metres.
    """
    walks = {track: np.asarray(trail, float).reshape(-1, 2) for track, trail in trails.items()}
    walks = {track: walk[~np.isnan(walk).any(1)] for track, walk in walks.items()}
    every = np.concatenate([*walks.values(), np.zeros((1, 2))])
    far = max(LEAST, float(every[:, 1].max()) + 1.0)
    half = max(far * np.tan(camera.fov / 2) * 0.8, float(np.abs(every[:, 0]).max()) + 0.7)
    tall = min(8.0, 0.6 + (WIDTH - 0.6) * (far + 0.4) / (2 * half))
    figure, axes = canvas(1, 1, tall, WIDTH if tall < 8.0 else 0.6 + 7.4 * 2 * half / (far + 0.4))
    axis = axes[0, 0]
    axis.set(xlim=(-half, half), ylim=(-0.4, far), aspect="equal", facecolor=BLIND)
    axis.add_patch(Polygon(seen_floor(camera, aspect, 2 * far), fc="#ffffff", ec=INK, lw=0.6, alpha=1.0, zorder=0.5))
    axis.grid(True, axis="both")
    for track, walk in walks.items():
        if len(walk):
            _draw_walk(axis, track, walk)
    axis.plot(0, 0, marker="^", ms=11, color=INK, zorder=4)
    axis.annotate("camera", (0, 0), (9, -3), textcoords="offset points", fontsize=8)
    _label(axis, known, len(walks))
    return figure


def _draw_walk(axis, track: int, walk: np.ndarray) -> None:
    """One track: a line, a ring where it began, and a disc with its number where it ended."""
    colour = COLOURS[(track - 1) % len(COLOURS)]
    axis.plot(*walk.T, color=colour, lw=2.2, solid_capstyle="round", solid_joinstyle="round", zorder=2)
    axis.plot(*walk[0], marker="o", ms=8, mfc="#ffffff", mec=colour, mew=1.8, zorder=3)
    axis.plot(*walk[-1], marker="o", ms=14, color=colour, zorder=3)
    axis.annotate(str(track), walk[-1], ha="center", va="center_baseline", color="#ffffff", fontsize=8, zorder=5)


def _label(axis, known: bool, count: int) -> None:
    """What the axes and the whole plan mean."""
    people = (
        "nobody was seen" if not count else f"{count} track{'s' if count > 1 else ''}, each from its ring to its disc"
    )
    if known:
        axis.set(xlabel="metres to the right", ylabel="metres ahead", title=f"The floor from above: {people}")
        return
    axis.set(xlabel="to the right", ylabel="ahead", xticks=[], yticks=[])
    axis.set_title(f"The floor from above: {people}.\nThe camera is not known: the plan is right up to one factor")


def seen_floor(camera: Camera, aspect: float, far: float) -> np.ndarray:
    """n 2, right and ahead: the corners of the floor that a camera sees, as far as `far` metres."""
    edge = np.linspace(0, 1, 9)
    left, right = np.zeros(9), np.ones(9)
    u, v = np.concatenate([left, edge, right, edge[::-1]]), np.concatenate([edge, left + 1, edge[::-1], left])
    x, fall, ahead = camera.rays(u, 0.5 + (v - 0.5) / aspect, 1)
    depth = np.where(fall < 0, camera.height / np.maximum(-fall, 1e-9), np.inf)
    depth = np.minimum(depth, far / np.maximum(ahead, 1e-9))
    return np.stack([x * depth, np.maximum(ahead * depth, 0)], 1)
