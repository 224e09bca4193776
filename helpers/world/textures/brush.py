"""A canvas in numpy: soft-edged forms, laid one over the other, with shading, shadow and texture."""

import numpy as np

from .noise import fractal

FORMS = {  # form -> function of local x, y (the form fills about -1..1): above 0 inside, falling towards the edge
    "ellipse": lambda x, y: 1 - np.hypot(x, y),
    "box": lambda x, y: 1 - np.maximum(np.abs(x), np.abs(y)),
    "pillow": lambda x, y: 1 - (x**4 + y**4) ** 0.25,
    "triangle": lambda x, y: np.minimum(1 - y, (1 + y) / 2 - np.abs(x)) * 0.7,
    "diamond": lambda x, y: (1 - np.abs(x) - np.abs(y)) * 0.7,
    "leaf": lambda x, y: (1 - x * x - np.abs(y)) * 0.7,
    "half": lambda x, y: np.minimum(1 - np.hypot(x, y), y),
    "ring": lambda x, y: 0.15 - np.abs(np.hypot(x, y) - 0.85),
    "cross": lambda x, y: np.minimum(0.3 - np.minimum(np.abs(x), np.abs(y)), 1 - np.maximum(np.abs(x), np.abs(y))),
    "bottle": lambda x, y: np.minimum(1 - np.abs(y), 0.25 + 0.75 * np.clip(4 * y + 1.7, 0, 1) - np.abs(x)) * 0.7,
    "vase": lambda x, y: np.minimum(1 - np.abs(y), 0.65 + 0.3 * np.sin(3 * y + 0.4) - np.abs(x)) * 0.7,
    "bowl": lambda x, y: np.minimum(1 - np.hypot(x, 0.5 * (y + 1)), y + 1) * 0.7,
    "star": lambda x, y: 0.72 + 0.28 * np.cos(5 * np.arctan2(y, x)) - np.hypot(x, y),
}


def blob_form(rng, lobes: int = 7, rough: float = 0.3):
    """A random closed form: a circle with a wavy or a cornered edge."""
    k, angle = np.arange(1, lobes + 1)[:, None], np.linspace(0, 2 * np.pi, 256, endpoint=False)
    size, turn = rough * rng.standard_normal((lobes, 1)) / k, rng.uniform(0, 2 * np.pi, (lobes, 1))
    edge = (0.8 + (size * np.cos(k * angle + turn)).sum(0)).astype(np.float32)  # one radius per direction

    def form(x, y):
        return edge[(np.arctan2(y, x) * np.float32(128 / np.pi)).astype(np.int32) & 255] - np.hypot(x, y)

    return form


def polygon_form(rng, corners: int):
    """A random convex form with straight edges."""
    angles = (np.arange(corners) + rng.uniform(-0.3, 0.3, corners)) * 2 * np.pi / corners + rng.uniform(0, 7)
    sides = [(np.float32(np.cos(a)), np.float32(np.sin(a)), np.float32(rng.uniform(0.5, 0.9))) for a in angles]

    def form(x, y):
        inside = np.float32(9)
        for cos, sin, far in sides:
            inside = np.minimum(inside, far - cos * x - sin * y)
        return inside

    return form


class Canvas:
    """A picture being painted: `pixels` (h, w, 3) float32 in 0..1; lengths are fractions of the longer edge."""

    def __init__(self, h: int, w: int):
        self.h, self.w, self.unit = h, w, max(h, w)
        self.pixels = np.full((h, w, 3), 0.5, np.float32)
        self.x = ((np.arange(w, dtype=np.float32) + 0.5) / self.unit)[None, :]  # 1 w
        self.y = ((np.arange(h, dtype=np.float32) + 0.5) / self.unit)[:, None]  # h 1
        self.right, self.bottom = w / self.unit, h / self.unit
        self.drift = None  # a wind (`clutter.kit.Drift`) that moves each form while it is laid

    def cover(self, form, x, y, rx, ry=None, angle=0.0, soft=1.0):
        """Rows, columns, alpha, local x, y and depth inside of a form; a negative radius mirrors it."""
        form, ry = FORMS[form] if isinstance(form, str) else form, rx if ry is None else ry
        if self.drift is not None:
            x, y, angle = self.drift.moved(x, y, angle, max(abs(rx), abs(ry)))
        cos, sin, pad = np.cos(angle), np.sin(angle), (1 + soft) / self.unit
        wide, tall = abs(rx * cos) + abs(ry * sin) + pad, abs(rx * sin) + abs(ry * cos) + pad
        y0, y1 = max(0, int((y - tall) * self.unit)), min(self.h, int((y + tall) * self.unit) + 1)
        x0, x1 = max(0, int((x - wide) * self.unit)), min(self.w, int((x + wide) * self.unit) + 1)
        if y0 >= y1 or x0 >= x1:
            return None
        dx, dy = self.x[:, x0:x1] - np.float32(x), self.y[y0:y1] - np.float32(y)
        u = dx * np.float32(cos / rx) + dy * np.float32(sin / rx)
        v = dy * np.float32(cos / ry) - dx * np.float32(sin / ry)
        inside = form(u, v)
        alpha = np.clip(inside * np.float32(min(abs(rx), abs(ry)) * self.unit / soft) + 0.5, 0, 1)
        return slice(y0, y1), slice(x0, x1), alpha, u, v, inside

    def put(self, form, x, y, rx, ry=None, angle=0.0, fill=(0, 0, 0), soft=1.0, opacity=1.0, dome=0.0, light=(0, 0)):
        """Lay one form; `fill` is a colour or a function of (rows, columns), `dome` rounds it, `light` tilts it."""
        found = self.cover(form, x, y, rx, ry, angle, soft)
        if found is None:
            return
        rows, columns, alpha, u, v, inside = found
        paint = fill(rows, columns) if callable(fill) else np.asarray(fill, np.float32)
        if dome or light[0] or light[1]:
            shade = 1 + dome * (np.sqrt(np.clip(inside, 0, 1)) - 0.6) + light[0] * u + light[1] * v
            paint = paint * np.clip(shade, 0, 3)[..., None]
        under = self.pixels[rows, columns]
        under += (opacity * alpha)[..., None] * (paint - under)

    def dim(self, form, x, y, rx, ry=None, angle=0.0, soft=1.0, factor=0.6):
        """Darken (or, above 1, brighten) what lies under a form: its shadow or its glow."""
        found = self.cover(form, x, y, rx, ry, angle, soft)
        if found is not None:
            self.pixels[found[0], found[1]] *= 1 + (factor - 1) * found[2][..., None]

    def warped(self, picture: np.ndarray, slide: float = 0.0) -> np.ndarray:
        """A picture of the canvas's size as the wind, if there is one, has displaced it."""
        return picture if self.drift is None else self.drift.warped(self, picture, slide)

    def shining(self, x: float, y: float) -> float:
        """How bright the lamp at x, y is: 1 unless this is another moment."""
        return 1.0 if self.drift is None else self.drift.shining(x, y)

    def line(self, x0, y0, x1, y1, width, fill, **more):
        """A straight stroke from (x0, y0) to (x1, y1)."""
        length, angle = np.hypot(x1 - x0, y1 - y0) / 2, np.arctan2(y1 - y0, x1 - x0)
        self.put("box", (x0 + x1) / 2, (y0 + y1) / 2, length + width / 2, width / 2, angle, fill, **more)

    def below(self, edge, fill, soft: float = 1.0):
        """Fill everything under a level or a line `edge` (w,): hills, a table, the sea."""
        alpha = np.clip((self.y - edge) * (self.unit / soft) + 0.5, 0, 1)[..., None]
        self.pixels += alpha * (fill - self.pixels)

    def noise(self, rng, slope: float = 1.2, **stretch) -> np.ndarray:
        """Fractal noise over the canvas (h w) in 0..1."""
        return fractal(rng, self.unit, slope, **stretch)[: self.h, : self.w]

    def gradient(self, top, bottom, power: float = 1.0):
        """Fill all with a blend from the colour `top` down to `bottom`."""
        mix = ((self.y / self.bottom) ** power)[..., None]
        self.pixels[:] = np.asarray(top, np.float32) * (1 - mix) + np.asarray(bottom, np.float32) * mix


def ridge(rng, x: np.ndarray, rough: float = 1.0, waves: int = 12) -> np.ndarray:
    """A random skyline at the places x: a sum of waves, the high ones smaller, about -1..1."""
    k = np.arange(1, waves + 1)[:, None]
    size = rng.standard_normal((waves, 1)) / k ** (2 - rough)
    return (size * np.sin(np.pi * k * x.reshape(1, -1) + rng.uniform(0, 7, (waves, 1)))).sum(0).astype(np.float32) * 0.6


def lettering(rng, canvas: Canvas, left, top, wide, tall, lines, ink) -> None:
    """Lines that read as text from afar: words of bars, with taller letters."""
    for line in range(lines):
        x, y = left, top + tall * (1.7 * line + 0.5)
        end = left + wide * (1 if line < lines - 1 else rng.uniform(0.3, 1))
        while x < end - tall * 0.6:
            word = min(tall * rng.uniform(0.5, 4), end - x)
            canvas.line(x, y, x + word, y, tall * 0.5, ink, opacity=0.55)
            for at in np.arange(x, x + word + 0.01, tall * 0.45):
                up, down = tall * rng.choice([0.25, 0.25, 0.5]), tall * rng.choice([0.25, 0.25, 0.25, 0.45])
                canvas.line(at, y - up, at, y + down, tall * 0.13, ink)
            x += word + tall * 0.6
