"""A scene as data: shells (rooms from inside), solids, what hangs on walls, lamps, and where the camera stands.

Scene coordinates: x across, y up, z along the room, in metres; the camera stands at (`x`, `z`), turned by `yaw`.
"""

from dataclasses import dataclass, field, replace
from math import cos, sin
from typing import Any

import numpy as np

from ..camera import Camera

WEST, EAST, SOUTH, NORTH, FLOOR, CEILING = range(6)  # faces of a shell: x low, x high, z low, z high, y low, y high


@dataclass(frozen=True)
class Material:
    """A surface: a tile of colours repeated every `metres`, or one picture stretched over a face if `metres` is 0."""

    tile: Any  # a `materials.Tile`: what it samples is linear light
    metres: float = 0.0
    gloss: float = 0.0  # share of light that a floor mirrors
    glow: float = 0.0  # light that the surface gives by itself
    rough: float = 0.0  # leaves and grass, which the wind moves: how far a leafy edge is eaten away


@dataclass(frozen=True)
class Panel:
    """A rectangle on a wall or ceiling: u0..u1 along it, v0..v1 up it, in metres."""

    face: int
    u0: float
    u1: float
    v0: float
    v1: float
    material: Material | None = None
    kind: str = "picture"  # or "door", "lamp", "mirror", "window" (sky behind), "opening" (another shell behind)
    frame: float = 0.05
    colour: tuple = (0.05, 0.04, 0.03)
    bars: tuple = (1, 1)  # panes of a window, across and up


@dataclass(frozen=True)
class Shell:
    """A room seen from inside: its bounds, six materials and the panels on its faces."""

    low: tuple
    high: tuple
    materials: tuple
    panels: tuple = ()
    skirting: float = 0.1
    dado: float = 0.0  # height of a panelled lower wall
    trim: tuple = (0.6, 0.58, 0.55)
    beams: float = 0.0  # distance between ceiling beams, 0 for none
    rug: tuple | None = None  # (x0, x1, z0, z1, material) on the floor
    patches: tuple = ()  # sunlight on the floor: (x, z, half width, half length, slant, strength)


@dataclass(frozen=True)
class Solid:
    """A box, cylinder or ball with its foot at height `y0`; `w` and `d` are its full widths, before a turn by `yaw`."""

    kind: str
    x: float
    z: float
    y0: float
    y1: float
    w: float
    d: float
    material: Material
    yaw: float = 0.0
    top: Material | None = None
    front: Material | None = None  # the face towards low local z
    grounded: bool = True  # casts a contact shadow on the floor

    def moved(self, x: float, z: float, yaw: float) -> "Solid":
        """This solid after turning its scene by `yaw` and moving it to (x, z)."""
        c, s = cos(yaw), sin(yaw)
        return replace(self, x=x + c * self.x + s * self.z, z=z - s * self.x + c * self.z, yaw=self.yaw + yaw)


@dataclass(frozen=True)
class Lamp:
    """A light at (x, y, z) whose strength halves at `reach` metres."""

    x: float
    y: float
    z: float
    power: float
    reach: float = 4.0


@dataclass(frozen=True)
class Beam:
    """Sunlight that falls in through upright panes, the first from `low` to `high` (along the wall, up) in metres."""

    axis: int  # across which the pane stands: 0 for x, 2 for z
    plane: float
    low: tuple
    high: tuple
    sun: tuple  # direction towards the sun and its strength
    slats: float = 0.0  # slats of a blind to a metre, 0 for none
    count: int = 1  # panes side by side
    step: float = 1.0  # metres from one pane to the next


@dataclass
class Scene:
    """Everything that `render` needs to draw a picture and its depth."""

    kind: str
    camera: Camera
    x: float
    z: float
    yaw: float
    shells: list = field(default_factory=list)
    ground: Material | None = None  # out of doors: the plane y = 0
    sky: np.ndarray | None = None  # h w 3 float32 panorama, row 0 overhead
    solids: list = field(default_factory=list)
    glass: list = field(default_factory=list)  # boxes of glass, drawn over what is behind them
    lamps: list = field(default_factory=list)
    sun: tuple | None = None  # direction towards the sun and its strength: (x, y, z, strength)
    beams: tuple = ()  # sunlight through panes, seen or not
    clouds: np.ndarray | None = None  # n 4: waves (radians to a metre along x and z, phase, share of the sun taken)
    tint: tuple = (1.0, 0.96, 0.88)  # colour of lamps and sun
    ambient: tuple = (0.35, 0.35, 0.35)
    haze: float = 0.0  # out of doors: share of the sky's colour at FAR
    exposure: float = 0.3  # linear light of a middling pixel
    contrast: float = 0.3
    warmth: tuple = (1.0, 1.0, 1.0)
    grain: float = 0.01
    spots: np.ndarray | None = None  # n 2 places in scene coordinates

    def to_scene(self, x, z):
        """Scene coordinates of the camera's own (x, z)."""
        c, s = cos(self.yaw), sin(self.yaw)
        return self.x + c * x + s * z, self.z - s * x + c * z

    def to_camera(self, x, z):
        """The camera's own (x, z) of scene coordinates."""
        c, s = cos(self.yaw), sin(self.yaw)
        return c * (x - self.x) - s * (z - self.z), s * (x - self.x) + c * (z - self.z)
