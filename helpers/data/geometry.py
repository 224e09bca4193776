"""Where a thing falls in the picture: perspective for what stands on the floor, a free place for the rest."""

import numpy as np


def project(lens: np.ndarray, x, y, z, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pixel (u, v) and depth in metres of points seen by many cameras: `Camera.project` over `bank.lens`."""
    height, pitch, focal = np.moveaxis(lens, -1, 0)
    rise = y - height
    depth = z * np.cos(pitch) - rise * np.sin(pitch)
    up = rise * np.cos(pitch) + z * np.sin(pitch)
    return size / 2 + x * focal / depth, size / 2 - up * focal / depth, depth


def frames(bank, room: np.ndarray, slots: np.ndarray) -> np.ndarray:
    """Left, top, width, height in pixels and depth in metres of each slot's thing: same shape with a last axis of 5.

    What stands is a flat figure facing the camera at the depth of its feet. What floats (z = 0) has depth 0.
    A slot without a thing (-1) is measured as if it held the last one: its caller leaves it out.
    """
    thing, x, y, z, h = (slots[name] for name in ("thing", "x", "y", "z", "h"))
    lens = bank.lens[room]
    u, foot, depth = project(lens, x, y, np.where(z > 0, z, 1), bank.size)
    standing = (z > 0) & (depth > 0.05)
    height = np.where(standing, bank.metres[thing] * lens[..., 2] / np.where(standing, depth, 1), h * bank.size)
    width = height * bank.aspect[thing]
    left = np.where(standing, u, x * bank.size) - width / 2
    top = np.where(standing, foot - height, y * bank.size - height / 2)
    return np.stack([left, top, width, height, np.where(standing, depth, 0)], -1)
