"""What hangs on walls and ceilings: pictures in rows, doors, windows, openings, mirrors, lamps."""

import numpy as np

from ..raycast.materials import Material, linear, pictured, plain_material, tile
from ..raycast.scene import CEILING, EAST, NORTH, SOUTH, WEST, Panel
from ..textures.paintings import painting

WHITE = (0.8, 0.79, 0.76)
FRAMES = ((0.03, 0.025, 0.02), (0.35, 0.22, 0.07), (0.14, 0.07, 0.03), (0.75, 0.74, 0.72), (0.45, 0.33, 0.12))


class Wall:
    """One wall while it is being filled: what is free along it, in metres."""

    def __init__(self, face: int, length: float, height: float):
        self.face, self.length, self.height = face, length, height
        self.taken: list[tuple[float, float]] = []
        self.panels: list[Panel] = []

    def place(self, rng: np.random.Generator, width: float) -> float | None:
        """Left edge of a free stretch `width` long, or None where there is none."""
        for _ in range(8):
            left = rng.uniform(0.25, max(self.length - width - 0.25, 0.26))
            apart = all(left > b + 0.15 or left + width < a - 0.15 for a, b in self.taken)
            if left + width < self.length - 0.2 and apart:
                self.taken.append((left, left + width))
                return left
        return None

    def add(self, rng: np.random.Generator, width: float, low: float, high: float, **panel) -> None:
        """Hang a panel somewhere free, from `low` to `high` metres above the floor."""
        left = self.place(rng, width)
        if left is not None:
            self.panels.append(Panel(self.face, left, left + width, low, min(high, self.height - 0.12), **panel))


def door(rng, wall: Wall, kit) -> None:
    """Hang a closed door."""
    leaf = plain_material(rng.choice([(0.8, 0.79, 0.76), (0.4, 0.27, 0.17), (0.2, 0.25, 0.3), (0.55, 0.5, 0.42)]))
    colour = WHITE if rng.random() < 0.6 else FRAMES[2]
    wall.add(rng, rng.uniform(0.85, 1.0), 0.0, 2.1, material=leaf, kind="door", frame=0.07, colour=colour)


def opening(rng, wall: Wall, kit) -> None:
    """Break a doorway through to another room."""
    wall.add(rng, rng.uniform(1.1, 2.0), 0.0, rng.uniform(2.1, 2.8), kind="opening")


def wall_window(rng, wall: Wall, kit) -> None:
    """Break a window with panes; the sky is behind it."""
    low, bars = rng.uniform(0.5, 1.1), (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
    width, high = rng.uniform(0.9, 2.0), low + rng.uniform(1.0, 1.9)
    wall.add(rng, width, low, high, kind="window", frame=0.04, colour=WHITE, bars=bars)


def mirror(rng, wall: Wall, kit) -> None:
    """Hang a mirror."""
    low, high, colour = rng.uniform(0.3, 0.9), rng.uniform(1.9, 2.3), FRAMES[rng.integers(5)]
    wall.add(rng, rng.uniform(0.7, 1.8), low, high, kind="mirror", frame=0.05, colour=colour)


def wall_board(rng, wall: Wall, kit) -> None:
    """Hang a white board, a notice board or a large screen."""
    stuff = kit[str(rng.choice(["light", "screen", "fabric"]))]
    wall.add(rng, rng.uniform(1.2, 2.4), 0.9, 2.0, material=stuff, kind="door", frame=0.03, colour=FRAMES[0])


def hang_pictures(rng, walls: list[Wall], most: int, tall: float = 1.2) -> None:
    """Hang up to `most` pictures at eye height, in one kind of frame for the room."""
    colour, frame = FRAMES[rng.integers(len(FRAMES))], rng.uniform(0.03, 0.11)
    canvases = [pictured(painting(rng, 64)) for _ in range(min(most, int(rng.integers(2, 6))))]
    for _ in range(most):
        h = rng.uniform(0.5, tall)
        w, middle = h * rng.uniform(0.6, 1.8), rng.uniform(1.5, 1.75)
        wall = walls[rng.integers(len(walls))]
        canvas = canvases[rng.integers(len(canvases))]
        wall.add(rng, w, max(middle - h / 2, 0.7), middle + h / 2, material=canvas, frame=frame, colour=colour)


def hang_pattern(rng, wall: Wall, kit) -> None:
    """Cover a stretch of wall with one picture over and over: what a matcher gets lost in."""
    canvas, step = pictured(painting(rng, 32)), rng.uniform(0.5, 0.8)
    for left in np.arange(0.3, wall.length - step, step * 1.25):
        for low in (0.8, 0.8 + step * 1.2):
            wall.panels.append(Panel(wall.face, left, left + step, low, low + step, canvas, frame=0.03))
    wall.taken.append((0.0, wall.length))


def ceiling_lamps(rng, width: float, length: float, height: float) -> tuple[list[Panel], list[tuple]]:
    """Glowing panels on the ceiling in a grid, and the places (x, y, z) of three lights that stand for them."""
    columns, rows = int(rng.integers(1, 4)), int(rng.integers(2, 5))
    w, d = rng.choice([(0.25, 0.25), (0.6, 0.6), (1.2, 0.3), (0.15, 0.15)])
    glow = plain_material((1.0, 0.98, 0.93), glow=rng.uniform(1.5, 3.0))
    panels = [
        Panel(CEILING, x - w / 2, x + w / 2, z - d / 2, z + d / 2, glow, "lamp", 0.02, WHITE)
        for x in (np.arange(columns) + 0.5) * width / columns
        for z in (np.arange(rows) + 0.5) * length / rows
    ]
    lights = [(width * rng.uniform(0.25, 0.75), height - 0.3, length * at) for at in (0.2, 0.5, 0.85)]
    return panels, lights


def behind(panel: Panel, width: float, length: float, height: float, rng) -> tuple[tuple, tuple]:
    """Bounds (low, high) of the room that lies behind an opening."""
    deep, side = rng.uniform(2.5, 6.0), rng.uniform(0.5, 2.5)
    a, b = panel.u0 - side, panel.u1 + side
    if panel.face == NORTH:
        return (a, 0.0, length), (b, height, length + deep)
    if panel.face == SOUTH:
        return (a, 0.0, -deep), (b, height, 0.0)
    return ((-deep, 0.0, a), (0.0, height, b)) if panel.face == 0 else ((width, 0.0, a), (width + deep, height, b))


def sides_of(width: float, length: float, height: float) -> list[Wall]:
    """The four walls of a room, still bare; the one in the camera's back, for the course's camera, comes last."""
    return [Wall(f, n, height) for f, n in ((WEST, length), (EAST, length), (NORTH, width), (SOUTH, width))]


def radiator(rng, wall: Wall, kit) -> None:
    """Hang a radiator: pale ribs near the floor."""
    ribs = np.full((8, 8, 3), 0.85, np.float32)
    ribs[:, :2] = 0.5
    stuff, width, high = Material(tile(linear(ribs))), rng.uniform(0.6, 1.6), rng.uniform(0.5, 0.8)
    wall.add(rng, width, 0.12, high, material=stuff, kind="door", frame=0.02, colour=WHITE)


def curtain(rng, wall: Wall, kit) -> None:
    """Hang a curtain, a blind or a large sheet of cloth."""
    width, low = rng.uniform(0.5, 2.2), rng.uniform(0.05, 0.9)
    wall.add(rng, width, low, 2.2, material=kit.some("fabric", 3), kind="door", frame=0.0)


def covering(rng, wall: Wall, kit) -> None:
    """Cover a stretch of wall with tiles, boards, paint or a pegboard."""
    stuff, low = kit.one("tiles any accent planks wood worktop"), float(rng.choice([0.0, 0.0, 0.9]))
    wall.add(rng, rng.uniform(0.6, 2.5), low, rng.uniform(1.3, 2.6), material=stuff, kind="door", frame=0.0)


def sheets(rng, wall: Wall, kit) -> None:
    """Pin up papers, posters and calendars in a row."""
    low = rng.uniform(1.0, 1.5)
    for _ in range(int(rng.integers(1, 6))):
        w = rng.uniform(0.2, 0.32) if rng.random() < 0.7 else rng.uniform(0.4, 0.9)
        shown, at = kit.some("print" if rng.random() < 0.6 else "page", 3), low + rng.uniform(-0.1, 0.1)
        high, frame = at + w * rng.uniform(1.1, 1.5), float(rng.choice([0, 0.02]))
        wall.add(rng, w, at, high, material=shown, kind="door", frame=frame)
