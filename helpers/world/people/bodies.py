"""Bodies: a skeleton of joints in metres for a build and a pose, and the surfaces that follow its bones."""

from dataclasses import dataclass, field

import numpy as np

from .figures import Paint, Part, cross, limb, loft, reach, skin, tube, turn, unit_vector


@dataclass(frozen=True)
class Build:
    """What a person is like, whatever the pose."""

    tall: float = 1.75  # metres
    child: float = 0.0  # 0 grown up ... 1 about three years old
    girth: float = 1.0  # thickness of everything, 0.85 ... 1.4
    shoulders: float = 1.0  # width of the shoulders, 1 = average
    hips: float = 1.0  # width of the hips
    bust: float = 0.0  # 0 ... 1
    belly: float = 0.0  # 0 ... 1


def _pair(*values: float):
    """A field of two equal rows, one for each side of the body."""
    return field(default_factory=lambda: np.array([values, values], float))


@dataclass
class Pose:
    """Where a body has its parts. Pairs are (+x side, -x side); x counts outwards from the middle.

    Feet are in body heights from below the hips, hands in arm lengths from the shoulder as the chest is turned.
    """

    feet: np.ndarray = _pair(0.058, 0, 0)
    toes: np.ndarray = field(default_factory=lambda: np.array([0.2, 0.2]))  # radians outwards
    tread: np.ndarray = field(default_factory=lambda: np.zeros(2))  # radians, toes down
    shift: tuple = (0.0, 0.0, 0.0)  # of the hips, body heights
    hips: tuple = (0.0, 0.0, 0.0)  # roll, yaw, pitch in radians
    chest: tuple = (0.0, 0.0, 0.0)
    head: tuple = (0.0, 0.0, 0.0)  # on top of the chest's turn
    hands: np.ndarray = _pair(0.07, -0.98, 0.10)
    elbows: np.ndarray = _pair(0.15, -0.1, -1)  # where they point
    fingers: np.ndarray = _pair(0, 0, 0)  # direction; 0 = along the forearm
    palms: np.ndarray = _pair(-1, 0, -0.25)  # where they face
    curl: np.ndarray = field(default_factory=lambda: np.array([0.35, 0.35]))  # 0 flat ... 1 fist
    knees: tuple = (0.12, 0.12)  # how far they point outwards


# Height above the hip joints, half width, depth ahead and behind, in body heights of an average adult.
_TORSO = np.array(
    [
        [0.345, 0.325, 0.308, 0.288, 0.262, 0.23, 0.195, 0.15, 0.105, 0.07, 0.035, 0.0, -0.035, -0.062, -0.072],
        [0.031, 0.036, 0.058, 0.088, 0.103, 0.104, 0.098, 0.089, 0.082, 0.085, 0.094, 0.099, 0.096, 0.07, 0.0],
        [0.02, 0.026, 0.036, 0.046, 0.055, 0.064, 0.068, 0.064, 0.06, 0.06, 0.061, 0.06, 0.055, 0.04, 0.0],
        [0.036, 0.038, 0.046, 0.054, 0.061, 0.064, 0.06, 0.053, 0.05, 0.056, 0.067, 0.074, 0.068, 0.045, 0.0],
    ]
)
LEG = (
    np.array([-0.12, -0.1, 0, 0.2, 0.5, 0.85, 1.0, 1.12, 1.3, 1.5, 1.8, 1.95, 2.03]),
    np.array([0, 0.035, 0.053, 0.0545, 0.048, 0.036, 0.0335, 0.032, 0.0355, 0.032, 0.0225, 0.0205, 0.021]),
)
ARM = (
    np.array([-0.1, -0.08, -0.02, 0.12, 0.3, 0.6, 0.9, 1.0, 1.2, 1.5, 1.85, 2.0, 2.03]),
    np.array([0, 0.014, 0.026, 0.0315, 0.031, 0.027, 0.0245, 0.0245, 0.0245, 0.022, 0.0165, 0.0155, 0.0155]),
)


class Body:
    """A posed skeleton: joints in metres (x right, y up, z ahead; not yet on the floor) and its surfaces."""

    def __init__(self, build: Build, pose: Pose):
        self.build, self.pose = build, pose
        tall, c = build.tall, build.child
        self.thick = tall * build.girth**0.7 * (1 + 0.12 * c)
        self.head_high = tall * (0.132 + 0.05 * c)
        self.hip = tall * (0.53 - 0.055 * c)
        self.trunk = (tall - self.head_high - self.hip) / 0.338  # as _TORSO counts heights
        self.wide_hips = build.hips * (0.35 + 0.65 * build.girth)
        self.pelvis, self.thorax = turn(*pose.hips), turn(*pose.chest)
        self.centre = np.array([0, self.hip, 0]) + np.asarray(pose.shift) * tall
        self.waist = self.centre + self.pelvis[:, 1] * 0.09 * self.trunk
        self._arms()
        self._legs()
        neck = self.spine(np.array([0.352 * self.trunk]))[0][0]
        self.skull = self.thorax @ turn(*pose.head)
        self.neck = neck + self.thorax[:, 2] * 0.008 * tall
        self.chin = self.neck - self.skull[:, 1] * 0.2 * self.head_high + self.skull[:, 2] * 0.012 * tall

    def _arms(self) -> None:
        build, pose, tall = self.build, self.pose, self.build.tall * (1 - 0.06 * self.build.child)
        upper, lower = 0.178 * tall, 0.15 * tall
        self.arm_long, self.hand_long = upper + lower, 0.105 * tall * (1 + 0.05 * self.build.child)
        self.shoulder, self.elbow, self.wrist, self.finger, self.palm = [], [], [], [], []
        for i, s in enumerate((1, -1)):
            flip = np.array([s, 1, 1])
            x = s * 0.100 * self.thick * build.shoulders / build.girth**0.2
            root = self.waist + self.thorax @ np.array([x, (0.262 - 0.09) * self.trunk, -0.004 * tall])
            goal = root + self.thorax @ (pose.hands[i] * flip) * self.arm_long
            elbow, wrist = reach(root, goal, upper, lower, self.thorax @ (pose.elbows[i] * flip))
            wish = pose.fingers[i] * flip
            along = unit_vector(self.thorax @ wish) if wish.any() else unit_vector(wrist - elbow)
            palm = self.thorax @ (pose.palms[i] * flip)
            self.shoulder.append(root), self.elbow.append(elbow), self.wrist.append(wrist)
            self.finger.append(along), self.palm.append(unit_vector(palm - (palm @ along) * along))

    def _legs(self) -> None:
        pose, tall = self.pose, self.build.tall
        long = self.hip - 0.039 * tall
        self.root, self.knee, self.ankle, self.toe = [], [], [], []
        for i, s in enumerate((1, -1)):
            flip = np.array([s, 1, 1])
            root = self.centre + self.pelvis @ np.array([s * 0.05 * self.thick * self.wide_hips, 0, 0])
            ankle = pose.feet[i] * flip * tall + np.array([0, 0.039 * tall, 0])
            pole = self.pelvis @ np.array([s * pose.knees[i], 0, 1.0])
            knee, ankle = reach(root, ankle, 0.5 * long, 0.5 * long, pole)
            self.root.append(root), self.knee.append(knee), self.ankle.append(ankle)
            self.toe.append(turn(yaw=s * pose.toes[i] + pose.hips[1] * 0.5) @ turn(pitch=pose.tread[i]))

    def spine(self, height: np.ndarray):
        """Centres and the side and front axes (n 3 each) of the trunk at heights in metres above the hips."""
        pivot = 0.09 * self.trunk
        share = np.clip((height - pivot) / (0.12 * self.trunk) + 0.5, 0, 1)[:, None]
        low = self.centre + height[:, None] * self.pelvis[:, 1]
        high = self.waist + (height[:, None] - pivot) * self.thorax[:, 1]
        side = unit_vector(self.pelvis[:, 0] * (1 - share) + self.thorax[:, 0] * share)
        front = unit_vector(self.pelvis[:, 2] * (1 - share) + self.thorax[:, 2] * share)
        return low * (1 - share) + high * share, side, front

    def girths(self, y: np.ndarray) -> np.ndarray:
        """Half width, depth ahead and behind (3 n, metres) of the bare trunk at heights y in body heights."""
        build = self.build
        wide, ahead, behind = (np.interp(y, _TORSO[0, ::-1], line[::-1]) for line in _TORSO[1:])
        upper = np.clip((y - 0.09) / 0.1, 0, 1)
        wide = wide * (build.shoulders * upper / build.girth**0.2 + self.wide_hips / build.girth**0.5 * (1 - upper))
        soft = np.exp(-(((y - 0.07) / 0.065) ** 2))
        ahead = ahead + 0.05 * build.belly * soft + 0.022 * build.bust * np.exp(-(((y - 0.2) / 0.03) ** 2))
        wide = wide + (0.022 * build.belly + 0.01 * build.child) * soft - 0.01 * build.bust * soft
        return np.stack([wide, ahead, behind]) * self.thick

    def torso(self, paint: Paint, top=0.345, bottom=-0.072, ease=0.0, rings=15, **look) -> Part:
        """The trunk between two heights (body heights above the hips), `ease` wider in body heights."""
        y = np.linspace(top, bottom, rings)
        centres, side, front = self.spine(y * self.trunk)
        inside = np.maximum(y, 0.0) if bottom > -0.06 else y  # cloth falls straight from the hips
        wide, ahead, behind = self.girths(inside) + np.broadcast_to(ease, y.shape) * self.thick
        return loft(centres, side, front, wide, ahead, behind, y * self.build.tall, paint, 20, **look)

    def leg(self, i: int, paint: Paint, start=-0.12, stop=2.03, radius=None, rings=14, **look) -> Part:
        """Leg i between two places on it (0 hip, 1 knee, 2 ankle); `radius(where)` in body heights."""
        where = np.linspace(start, stop, rings)
        size = np.interp(where, *LEG) if radius is None else radius(where)
        plane = unit_vector(cross(self.root[i] - self.knee[i], self.ankle[i] - self.knee[i]))
        return tube(self.leg_line(i, where), size * self.thick, plane, paint, **look)

    def leg_line(self, i: int, where: np.ndarray) -> np.ndarray:
        """Points (n 3) along leg i, behind its bones at the calf."""
        line = limb(self.root[i], self.knee[i], self.ankle[i], where)
        calf = np.exp(-(((where - 1.3) / 0.22) ** 2))[:, None]
        return line - self.pelvis[:, 2] * calf * 0.008 * self.build.tall

    def arm(self, i: int, paint: Paint, start=-0.1, stop=2.03, radius=None, rings=13, **look) -> Part:
        """Arm i between two places on it (0 shoulder, 1 elbow, 2 wrist); `radius(where)` in body heights."""
        where, joints = np.linspace(start, stop, rings), (self.shoulder[i], self.elbow[i], self.wrist[i])
        size = np.interp(where, *ARM) if radius is None else radius(where)
        plane = unit_vector(cross(joints[0] - joints[1], joints[2] - joints[1]))
        return tube(limb(*joints, where), size * self.thick, plane, paint, **look)

    def skirt(self, paint: Paint, stop: float, ease: np.ndarray, **look) -> Part:
        """Cloth hanging from the trunk round both legs to place `stop` on them; `ease` (2): at the hips, at the hem."""
        y, where = np.linspace(0.09, 0.012, 5), np.linspace(0.08, stop, 9)
        centres, side, front = self.spine(y * self.trunk)
        wide, ahead, behind = self.girths(y) + ease[0] * self.thick
        upper = loft(centres, side, front, wide, ahead, behind, y * self.build.tall, paint, 24)
        legs = np.stack([self.leg_line(i, where) for i in range(2)])
        middle, apart = legs.mean(0)[:, None], (legs[0] - legs[1])[:, None] / 2
        around = np.arange(24) * (2 * np.pi / 24)
        across, down = self.pelvis[:, 0], unit_vector(middle[-1, 0] - middle[0, 0])
        out = np.cos(around)[:, None] * across + np.sin(around)[:, None] * unit_vector(cross(down, across))  # 24 3
        size = np.interp(where, *LEG) + np.linspace(ease[0], ease[1], len(where))
        seat = 0.026 * np.exp(-((where / 0.3) ** 2))[:, None] * np.clip(-np.sin(around), 0, 1)
        size = np.maximum(size, np.interp(where, [0, 0.4, 1, 2], [0.058, 0.056, 0.049, 0.05]))  # over trousers
        size = ((size[:, None] + seat) * self.thick)[..., None]  # 9 24 1
        lean = np.tanh(2.5 * (out[None] * unit_vector(apart)).sum(-1, keepdims=True))
        flat = out @ np.stack([across, 0 * across, self.pelvis[:, 2]], -1) * (2 * size)
        flat[..., 1] = -where[:, None] * self.hip * 0.46
        points = np.concatenate([upper.points.reshape(5, 24, 3), middle + apart * lean + size * out])
        return skin(points, np.concatenate([upper.local.reshape(5, 24, 3), flat]), paint, open=True, **look)
