"""The camera: one pinhole, so that a point in metres and a pixel are two names of the same thing."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, cos, inf, pi, sin, tan

import numpy as np

from ..base import FAR  # noqa: F401  (the whole world speaks of it as camera.FAR)


@dataclass(frozen=True)
class Camera:
    """A camera `height` metres above the floor, turned down by `pitch` radians, seeing `fov` radians across.

    World: x right, y up, z forward along the floor, in metres; the camera's foot is the origin.
    Picture: u right, v down, in pixels; the centre of the top left pixel is (0.5, 0.5).
    Depth: metres along the optical axis, so a flat wall facing the camera has one depth.
    """

    height: float = 1.6
    pitch: float = 0.0
    fov: float = np.pi / 3

    def __post_init__(self) -> None:
        if not 0 < self.height < inf:
            raise ValueError(f"A camera's height is in metres, above 0, but this one is {self.height!r}.")
        if not 0 < self.fov < pi:
            raise ValueError(f"A camera's fov is in radians, between 0 and pi, but this one is {self.fov!r}.")
        if not abs(self.pitch) <= pi / 2:
            raise ValueError(f"A camera's pitch is in radians, -pi/2 (up) to pi/2, but this one is {self.pitch!r}.")

    @classmethod
    def from_horizon(cls, horizon: float, size: tuple[int, int], fov: float = pi / 3, height: float = 1.6) -> Camera:
        """The camera whose horizon lies in this row of a picture, pixels from the top, in or outside the picture.

        The horizon is where parallel lines on level ground meet, and where eyes are that are as high as the camera.
        `size`: height and width of the picture, pixels. The camera is held upright: its horizon does not lean.
        """
        return cls(height, atan((size[0] - 2 * horizon) / size[1] * tan(fov / 2)), fov)

    @classmethod
    def from_person(
        cls, feet: float, head: float, horizon: float, size: tuple[int, int], fov: float = pi / 3, metres: float = 1.7
    ) -> Camera:
        """The camera that sees somebody `metres` tall, upright on the floor, between these rows, pixels from the top.

        Two rows leave three unknowns, the distance among them, so the row of the horizon must be known as well; the
        middle row for a level camera. Mark somebody whose feet are seen, and rather near: a pixel is worth more there.
        """
        level = cls.from_horizon(horizon, size, fov)
        low, high = ((size[0] / 2 - row) / level.focal(size[1]) for row in (feet, head))  # rise per metre of depth
        if not low < min(high, tan(level.pitch)):
            raise ValueError(f"Feet stand below head and horizon, but their rows are {feet}, {head} and {horizon}.")
        below, above = (tan(level.pitch - atan(slope)) for slope in (low, high))  # falls per metre ahead
        return cls(metres * below / (below - above), level.pitch, fov)

    def focal(self, size: int) -> float:
        """Focal length in pixels of a picture `size` pixels wide."""
        return size / 2 / tan(self.fov / 2)

    def rays(self, u: np.ndarray, v: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """World direction of each pixel's ray, scaled so that the point at depth d is `camera + d * ray`."""
        right, up = (u - size / 2) / self.focal(size), (size / 2 - v) / self.focal(size)
        return right, up * cos(self.pitch) - sin(self.pitch), up * sin(self.pitch) + cos(self.pitch)

    def maps(self, height: int, width: int, aspect: float | None = None) -> np.ndarray:
        """2 h w float32, what networks are told about the camera: both are affine in a pixel's place.

        0: inverse depth of the floor along each pixel's ray, 1 / metres, negative above the horizon.
        1: the ray's slope to the side, metres to the right per metre of depth.
        `aspect`: width over height of the picture, where the maps are wanted at another size than the picture's own.
        """
        u, v = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5)[:, None] / height
        right, fall, _ = self.rays(u, 0.5 + (v - 0.5) / (aspect or width / height), 1)
        return np.stack(np.broadcast_arrays(-fall / self.height, right)).astype(np.float32)

    def project(self, x, y, z, size: int):
        """Pixel (u, v) and depth in metres of points in the world."""
        rise = y - self.height
        depth = z * cos(self.pitch) - rise * sin(self.pitch)
        up = rise * cos(self.pitch) + z * sin(self.pitch)
        scale = self.focal(size) / depth
        return size / 2 + x * scale, size / 2 - up * scale, depth

    def unproject(self, u, v, depth, size: int):
        """World point (x, y, z) in metres that the pixel (u, v) sees at `depth` metres."""
        x, y, z = self.rays(np.asarray(u), np.asarray(v), size)
        return x * depth, self.height + y * depth, z * depth
