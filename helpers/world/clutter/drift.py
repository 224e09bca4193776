"""What has changed in a cluttered picture at another moment: forms that sway, what slides by, lamps, light."""

import numpy as np

from ..textures.brush import Canvas
from .kit import hard_light


class Drift:
    """A wind over a canvas: each form goes its own way by up to about `reach` edges, in a part of the picture."""

    def __init__(self, rng: np.random.Generator):
        length, turn = np.exp(rng.uniform(np.log(0.04), np.log(0.6), 8)), rng.uniform(0, 2 * np.pi, 8)
        wave = 2 * np.pi / length
        self.waves = np.stack([wave * np.cos(turn), wave * np.sin(turn), *rng.uniform(0, 2 * np.pi, (2, 8))], 1)
        self.reach, self.seed = np.exp(rng.uniform(np.log(0.005), np.log(0.05))), int(rng.integers(2**31))
        self.middle, self.wide = rng.uniform(0, 1, 2), rng.uniform(0.3, 1.5)
        self.slid = rng.uniform(-0.3, 0.3, 2)
        self.lit = rng.random() < 0.6

    def push(self, x, y):
        """By how much (right, down, in edges) whatever stands at x, y is moved."""
        waves = self.waves.astype(np.float32)
        right = sum(np.sin(a * x + b * y + c) for a, b, c, _ in waves)
        down = sum(np.sin(a * y - b * x + c) for a, b, _, c in waves)
        away = (x - np.float32(self.middle[0])) ** 2 + (y - np.float32(self.middle[1])) ** 2
        strong = np.float32(self.reach / 2) * np.clip(2 - away * np.float32(2 / self.wide**2), 0, 1)
        return right * strong, down * strong

    def moved(self, x: float, y: float, angle: float, size: float):
        """Place and angle of a form of half this size: large things hardly move."""
        right, down = self.push(x, y)
        give = np.clip(1 - size / 0.4, 0, 1)
        return x + give * right, y + give * down, angle + give * right / max(size, 0.02)

    def warped(self, canvas: Canvas, picture: np.ndarray, slide: float = 0.0) -> np.ndarray:
        """A picture of the canvas's size (h w ...) displaced everywhere by `push`, and slid sideways."""
        right, down = self.push(canvas.x, canvas.y)
        rows = np.arange(canvas.h)[:, None] - np.rint(down * canvas.unit).astype(int)
        columns = np.arange(canvas.w) - np.rint((right + slide * self.slid[0]) * canvas.unit).astype(int)
        return picture[rows % canvas.h, columns % canvas.w]

    def shining(self, x: float, y: float) -> float:
        """How bright the lamp at x, y is now: some are off, some dimmed."""
        own = np.random.default_rng([self.seed, int(x * 1e6) & 0xFFFF, int(y * 1e6) & 0xFFFF])
        return (1.0, 1.0, 0.4, 0.0)[own.integers(4)]

    def relight(self, rng: np.random.Generator, canvas: Canvas) -> None:
        """Let a pool of light, a bar of sunlight or the shade of leaves come, or a part of the light go."""
        away = (canvas.x - rng.uniform(0, 1)) ** 2 + (canvas.y - rng.uniform(0, 1)) ** 2
        pool = np.exp(-away / np.float32(rng.uniform(0.1, 0.8) ** 2))
        barred = rng.random() < 0.6
        factor = np.exp(rng.normal(0, 0.4) * pool) if not barred or rng.random() < 0.4 else np.ones_like(pool)
        if barred:
            factor = factor * (1 + rng.choice([-0.55, 0.8]) * rng.uniform(0.2, 1) * pool * hard_light(rng, canvas))
        canvas.pixels *= factor[..., None].astype(np.float32)
