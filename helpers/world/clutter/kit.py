"""What a cluttered scene is made of: paints, materials, one light; how a camera sees it, and another moment of it."""

import numpy as np

from ..textures import GROUPS, NAMES, field
from ..textures.brush import FORMS, Canvas, blob_form, polygon_form
from ..textures.noise import box_mean
from ..textures.palettes import STYLES, colour, paint, shades


def blur_canvas(pixels: np.ndarray, radius: float) -> np.ndarray:
    """The picture (h, w, 3) out of focus: two running means of about 2 radius + 1 pixels, edges held."""
    reach = int(round(radius))
    return box_mean(box_mean(pixels, reach, "edge"), reach, "edge") if reach else pixels


class ClutterKit:
    """Paints, materials and the light of one scene, so that its things belong together."""

    def __init__(self, rng: np.random.Generator, size: int, kinds: int = 6):
        self.rng, self.size = rng, size
        styles = rng.choice(["any", "any", *STYLES], 2)
        self.paints = [paint(rng, str(styles[k % 2])) for k in range(int(rng.integers(2, 8)))]
        self.kinds, self.tiles = kinds, []
        self.rough = rng.beta(1.2, 2.5)  # how strong the textures of this scene are
        self.light = rng.uniform(-0.4, 0.4, 2)
        self.round, self.shadow = rng.uniform(0, 0.6) * (rng.random() < 0.7), rng.random() < 0.6

    def ink(self) -> np.ndarray:
        """One of the scene's paints, a little varied."""
        base = self.paints[self.rng.integers(len(self.paints))]
        return np.clip(base * self.rng.lognormal(0, 0.25) + self.rng.normal(0, 0.03, 3), 0, 1).astype(np.float32)

    def tile(self) -> np.ndarray:
        """One of the scene's few texture fields, drawn when first asked for."""
        if len(self.tiles) < self.kinds and (not self.tiles or self.rng.random() < 0.6):
            side = int(self.rng.choice([48, 64, 96, 128, 192]) * max(1.0, self.size / 160))
            self.tiles.append(field(NAMES[self.rng.integers(len(NAMES))], self.rng, side))
        return self.tiles[self.rng.integers(len(self.tiles))]

    def cloth(self, base=None, group: str | None = None, side: int = 96):
        """A fill for `Canvas.put`: a textured paint, its tile laid from a random corner."""
        rng, base = self.rng, self.ink() if base is None else base
        if group is None and rng.random() < 0.25:
            return base  # plain
        tile = self.tile() if group is None else field(str(rng.choice(GROUPS[group])), rng, side)
        ramp = shades(rng, base, 3, self.rough * rng.uniform(0.2, 1.0))
        if rng.random() < 0.15:
            ramp[rng.integers(3)] = self.ink()
        tile = tile if rng.random() < 0.5 else tile.T
        down, right = rng.integers(0, len(tile), 2)

        def fill(rows: slice, columns: slice) -> np.ndarray:
            i = np.arange(rows.start + down, rows.stop + down) % len(tile)
            j = np.arange(columns.start + right, columns.stop + right) % len(tile)
            return colour(tile[i[:, None], j], ramp)

        return fill

    def sheet(self, group: str) -> np.ndarray:
        """A coloured tile (128 128 3), to be seen in perspective."""
        return self.cloth(group=group, side=128)(slice(0, 128), slice(0, 128))

    def form(self):
        """A form for `Canvas.put`."""
        pick = self.rng.random()
        if pick < 0.25:
            return blob_form(self.rng, int(self.rng.integers(3, 12)), self.rng.uniform(0.1, 0.5))
        if pick < 0.45:
            return polygon_form(self.rng, int(self.rng.integers(3, 8)))
        return str(self.rng.choice(list(FORMS)))

    def drop(self, canvas: Canvas, form, x, y, rx, ry=None, angle=0.0, fill=None) -> None:
        """Put a thing down with the scene's light, and its shadow beside it."""
        ry = rx if ry is None else ry
        reach = 0.25 * min(rx, ry)
        if self.shadow and min(rx, ry) * canvas.unit > 1.5:
            aside = x - self.light[0] * reach * 2, y + abs(self.light[1]) * reach * 2
            canvas.dim(form, *aside, rx * 1.05, ry * 1.05, angle, max(1.0, reach * canvas.unit), 0.55)
        fill = self.cloth() if fill is None else fill
        canvas.put(form, x, y, rx, ry, angle, fill, dome=self.round, light=self.light)


def perspective(canvas: Canvas, sheet: np.ndarray, horizon: float, scale: float, turn: float):
    """The tile laid flat and seen in perspective below `horizon`, as a picture of the canvas's size."""
    z = 0.3 / np.maximum(np.abs(canvas.y - horizon), 0.004)  # h 1
    x = (canvas.x - canvas.right / 2) * z
    side, cos, sin = len(sheet), np.cos(turn), np.sin(turn)
    u, v = (x * cos - z * sin) * scale, (x * sin + z * cos) * scale
    near = sheet[np.floor(v * side).astype(int) % side, np.floor(u * side).astype(int) % side]
    footprint = z * scale * side / canvas.unit * np.maximum(1, z / 0.6)  # texels in a pixel
    clear = np.clip(1.6 / (footprint + 1e-6), 0, 1)[..., None]
    return near * clear + sheet.mean((0, 1)) * (1 - clear)


def hard_light(rng, canvas: Canvas) -> np.ndarray:
    """Hard light through a window, blinds or leaves: a mask (h, w) of what lies in the shade."""
    angle = rng.uniform(0, np.pi)
    across = canvas.x * np.cos(angle) + canvas.y * np.sin(angle) + (canvas.drift.slid[1] if canvas.drift else 0)
    pick = rng.random()
    if pick < 0.35:
        n = rng.uniform(1, 9)
        edge = (np.abs((across * n) % 1 - 0.5) - rng.uniform(0.15, 0.35)) / n
    elif pick < 0.7:
        edge = (canvas.noise(rng, rng.uniform(1.6, 2.4)) - 0.5) / 2
    else:
        edge = across - rng.uniform(0.2, 0.8)
    return np.clip(edge * canvas.unit / rng.uniform(1, 12) + 0.5, 0, 1)


def light_canvas(rng, canvas: Canvas) -> None:
    """Light the scene: a gradient, perhaps hard shadows, haze or a vignette."""
    x, y = canvas.x / canvas.right - 0.5, canvas.y / canvas.bottom - 0.5
    a, b = rng.normal(0, 0.45, 2) * (rng.random() < 0.7)
    factor = np.exp(a * x + b * y)
    if rng.random() < 0.4:
        factor = factor * (1 - rng.uniform(0.3, 1.4) * (x * x + y * y))
    if rng.random() < 0.18:
        factor = factor * (1 - rng.uniform(0.2, 0.65) * hard_light(rng, canvas))
    canvas.pixels *= np.clip(factor, 0, 4)[..., None]
    if rng.random() < 0.12:
        haze = np.clip(rng.uniform(0.2, 0.7) + rng.uniform(-1, 1) * y, 0, 0.85)[..., None]
        canvas.pixels += haze * (paint(rng, "sky") * 0.5 + 0.35 - canvas.pixels)


def focus(rng, canvas: Canvas) -> None:
    """Blur a part of the picture, sometimes all of it: depth of field."""
    pick, soft = rng.random(), blur_canvas(canvas.pixels, rng.uniform(0.01, 0.035) * canvas.unit)
    if pick < 0.08:
        canvas.pixels = soft
        return
    angle = rng.uniform(0, 2 * np.pi)
    across = (canvas.x - rng.uniform(0.2, 0.8)) * np.cos(angle) + (canvas.y - rng.uniform(0.2, 0.8)) * np.sin(angle)
    mix = np.clip((across if pick < 0.6 else np.abs(across)) * rng.uniform(2, 6), 0, 1)[..., None]
    canvas.pixels = canvas.pixels * (1 - mix) + soft * mix


def tilted(rng, pixels: np.ndarray, h: int, w: int) -> np.ndarray:
    """The middle (h, w, 3) of a larger picture, as seen by a camera that is turned and not quite in front of it."""
    turn, lean_x, lean_y = rng.normal(0, 0.25), *rng.uniform(-0.5, 0.5, 2)
    zoom = rng.uniform(0.6, 1.0)
    x, y = (np.arange(w) + 0.5 - w / 2)[None, :], (np.arange(h) + 0.5 - h / 2)[:, None]
    scale = zoom / (1 + lean_x * x / w + lean_y * y / h)
    u = (x * np.cos(turn) - y * np.sin(turn)) * scale + pixels.shape[1] / 2
    v = (x * np.sin(turn) + y * np.cos(turn)) * scale + pixels.shape[0] / 2
    u, v = np.clip(u, 0.5, pixels.shape[1] - 1.5), np.clip(v, 0.5, pixels.shape[0] - 1.5)
    j, i = u.astype(int), v.astype(int)
    a, b = (u - j)[..., None].astype(np.float32), (v - i)[..., None].astype(np.float32)
    upper = pixels[i, j] * (1 - a) + pixels[i, j + 1] * a
    return upper * (1 - b) + (pixels[i + 1, j] * (1 - a) + pixels[i + 1, j + 1] * a) * b


def developed(rng, pixels: np.ndarray) -> np.ndarray:
    """Moments of a scene (n h w 3) as a camera, set at the first, hands them over, uint8: exposure, colour, grain."""
    pixels = np.clip(pixels, 0, 1)
    grey = pixels @ np.array([0.3, 0.59, 0.11], np.float32)
    kind = rng.random()
    colourful = 0 if kind < 0.1 else rng.uniform(0.3, 0.8) if kind < 0.4 else rng.uniform(0.9, 1.5)
    pixels = grey[..., None] + colourful * (pixels - grey[..., None])
    if kind > 0.05:  # a few stay without any tint
        pixels = pixels * np.exp(rng.normal(0, 0.06, 3)).astype(np.float32)
    target = np.clip(rng.normal(0.45, 0.13), 0.1, 0.85)
    power = np.clip(np.log(target) / np.log(np.clip(grey[0].mean(), 0.03, 0.97)), 0.4, 2.5)
    pixels = np.clip(pixels, 0, 1) ** np.float32(power**0.8)
    centre = pixels[0].mean()
    wanted = np.clip(rng.normal(0.22, 0.06), 0.05, 0.38)  # the spread of most photographs
    gain = np.clip((wanted / (pixels[0].std() + 1e-3)) ** 0.7, 0.5, 2.2)
    pixels = centre + (pixels - centre) * np.float32(gain)
    if rng.random() < 0.75:  # highlights roll off; in the rest they burn out
        pixels = np.where(pixels > 0.85, 0.85 + 0.15 * np.tanh((pixels - 0.85) / 0.15), pixels)
    if rng.random() < 0.3:
        pixels = pixels + rng.uniform(0.3, 1) * (pixels - np.stack([blur_canvas(each, 1) for each in pixels]))
    if rng.random() < 0.6:
        grain = rng.standard_normal(pixels.shape[1:3], dtype=np.float32)[None]
        strength = np.float32(rng.exponential(0.012))
        later = rng.standard_normal((len(pixels) - 1, *pixels.shape[1:3]), dtype=np.float32)
        pixels = pixels + strength * np.concatenate([grain, later])[..., None]
    return (np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8)


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
