"""The wardrobe: clothes, shoes and bare hands, cut to a posed body."""

from dataclasses import dataclass

import numpy as np

from .bodies import ARM, LEG, Body
from .cloth import LEATHER, buttoned, over, plain_cloth
from .figures import Paint, Part, cross, loft, tube, unit_vector


@dataclass(frozen=True)
class Outfit:
    """What somebody wears; lengths are in body heights, places on limbs in bones."""

    skin: np.ndarray
    top: Paint
    sleeve: float = 0.35  # place on the arm where sleeves end; 0 = none
    hem: float = -0.02  # where the top ends, above the hips
    loose: float = 0.004  # how far the top stands off
    neck: float = 0.312  # height of the neckline
    collar: float = 0.004  # height of a collar above it
    legs: Paint | None = None
    length: float = 1.95  # place on the leg where trousers end
    cut: float = 0.0  # width at the hem: 0 slim ... 1 wide
    skirt: float = 0.0  # place on the leg where a skirt ends; 0 = none
    flare: float = 0.02
    coat: float = 0.0  # place on the leg where the top goes on as a coat or a dress; 0 = none
    shoes: Paint | None = None
    boot: float = 0.0  # how far boots go up the shin, in bones
    heavy: float = 1.0  # thickness of cloth


def clothes(body: Body, wear: Outfit) -> list[Part]:
    """The clothed body without head and hands."""
    bare, parts = plain_cloth(wear.skin), []
    fold = 0.17 * min(wear.heavy, 1.5)

    def ease(y):  # loose below the shoulders, looser below the waist
        below = 0.007 * np.clip((0.1 - y) / 0.1, 0, 1)
        return wear.heavy * (wear.loose * np.clip((wear.neck - y) / 0.03, 0.45, 1) + below)

    hem = 0.06 if wear.coat else wear.hem
    parts.append(body.torso(wear.top, wear.neck, hem, ease(np.linspace(wear.neck, hem, 15)), fold=fold, open=True))
    low, high = (body.spine(np.array([y * body.trunk]))[0][0] for y in (0.30, 0.32))
    throat = [body.neck + (body.chin - body.neck) * 0.2, body.neck * 0.6 + high * 0.4, low]
    parts.append(tube(throat, np.array([0.030, 0.031, 0.045]) * body.thick, body.thorax[:, 2], bare))
    rib = 0.004 + 0.5 * wear.loose
    parts.append(body.torso(wear.top, wear.neck + wear.collar, wear.neck - 0.01, rib, 4, open=True))
    if wear.neck < 0.32:
        parts.append(body.torso(bare, 0.345, wear.neck - 0.05, -0.003, 7))
    for i in range(2):
        parts += _arm(body, i, wear, bare, fold)
        parts += _leg(body, i, wear, bare, fold)
    lower = wear.legs or wear.top
    if wear.skirt:
        parts.append(body.skirt(lower, wear.skirt, np.array([0.011, wear.flare]), fold=fold))
    elif not wear.coat:
        parts.append(body.torso(_belted(lower, body), 0.075, -0.072, 0.003, 7, fold=fold * 0.6))
    if wear.coat:
        parts.append(body.skirt(wear.top, wear.coat, np.array([ease(0.05), wear.flare]), fold=fold))
    return parts


def _belted(paint: Paint, body: Body) -> Paint:
    """Trousers with a belt and a fly."""
    low, leather = 0.052 * body.build.tall, plain_cloth(LEATHER[1] * 0.8)
    return over(buttoned(paint, 0.003), lambda p: (p[:, 1] - low) * 400, leather)


def _arm(body: Body, i: int, wear: Outfit, bare: Paint, fold: float) -> list[Part]:
    """Sleeve and what is bare of arm i."""
    parts = []
    if wear.sleeve < 1.7:
        parts.append(body.arm(i, bare, max(wear.sleeve - 0.3, -0.1)))
    if wear.sleeve > 0.1:
        stop = min(wear.sleeve, 1.97)

        def radius(where):
            wide = 0.003 + 0.004 * np.clip(where / 0.4, 0, 1) + 0.002 * (stop < 1)
            cuff = 0.6 * np.clip((where - stop + 0.15) / 0.1, 0, 1) * (stop > 1.8)
            size = np.interp(where, *ARM)
            return size + wide * wear.heavy * (1 - cuff) * np.clip((where + 0.1) / 0.1, 0, 1)

        parts.append(body.arm(i, wear.top, -0.1, stop, radius, fold=fold, open=True))
    return parts + [hand(body, i, bare), thumb(body, i, bare)]


def _leg(body: Body, i: int, wear: Outfit, bare: Paint, fold: float) -> list[Part]:
    """Trouser leg, what is bare, and shoe of leg i."""
    parts = []
    stop = wear.length if wear.legs is not None and not wear.skirt else 0.0
    first = max(wear.skirt, wear.coat) - 0.3 if max(wear.skirt, wear.coat) else -0.12
    stop = min(stop, 2.1 - wear.boot) if wear.boot else stop
    if stop < 1.8:
        parts.append(body.leg(i, bare, max(stop - 0.3, first), 2.0))
    if stop:

        def radius(where):
            slim = np.interp(where, *LEG) * 1.04 + 0.002
            hem = 0.026 + 0.022 * wear.cut * (not wear.boot) + 0.012 * (stop < 1.3)
            straight = np.interp(where, [-0.12, 0, 0.4, 1.0, 2.0], [0.02, 0.055, 0.051, 0.04 + 0.006 * wear.cut, hem])
            return np.where(where < -0.03, slim, np.maximum(slim, straight))

        parts.append(body.leg(i, wear.legs, first, stop, radius, 16, fold=fold, open=True))
    if wear.boot:
        shaft, wide = getattr(wear.shoes, "base", wear.shoes), lambda where: np.interp(where, *LEG) * 1.12 + 0.006
        parts.append(body.leg(i, shaft, 2 - wear.boot, 2.05, wide, 7, gloss=0.15, open=True))
    return parts + [shoe(body, i, wear.shoes)]


# Along the foot from heel to toe (in foot lengths from the ankle): half width, height.
_SHOE = np.array(
    [
        [-0.265, -0.26, -0.2, -0.08, 0.04, 0.16, 0.32, 0.47, 0.6, 0.69, 0.73],
        [0.0, 0.09, 0.135, 0.145, 0.145, 0.155, 0.18, 0.19, 0.165, 0.11, 0.0],
        [0.0, 0.22, 0.4, 0.47, 0.43, 0.33, 0.25, 0.215, 0.19, 0.15, 0.0],
    ]
)


def shoe(body: Body, i: int, paint: Paint) -> Part:
    """Shoe i with a flat sole; local y counts up from the sole in metres."""
    long = 0.152 * body.build.tall * (1 + 0.05 * body.build.child)
    z, wide, high = _SHOE * long
    centres = np.stack([0 * z, high * 0.3, z], -1)
    across, up, _ = np.eye(3)
    rest = loft(centres, across, up, 1.05 * wide, high * 0.7, high * 0.3, z, paint, 12)
    places = rest.points.copy()
    low = places[:, 1] < 0.12 * long
    places[low, 1] = np.where(places[low, 1] < 0.07 * long, 0, places[low, 1])
    points = body.ankle[i] + (places - [0, 0.039 * body.build.tall, 0]) @ body.toe[i].T
    return rest._replace(points=points, local=places, gloss=0.12)


def hand(body: Body, i: int, paint: Paint) -> Part:
    """Hand i: a mitten with painted fingers, bent by the pose's curl."""
    long, bend = body.hand_long, body.pose.curl[i]
    along, palm = body.finger[i], body.palm[i]
    angle = np.array([0, 0, 0.15, 0.9, 1.7, 2.3])[:, None] * bend
    step = np.array([0.12, 0.2, 0.22, 0.2, 0.16, 0.12])[:, None] * long
    path = body.wrist[i] + np.cumsum(step * (np.cos(angle) * along + np.sin(angle) * palm), 0)
    path = np.concatenate([[body.wrist[i] - along * 0.02], path])
    size = np.array([0.15, 0.17, 0.215, 0.225, 0.205, 0.165, 0.05]) * long

    def gaps(p):  # dark lines between the fingers
        across = np.abs(np.abs(np.abs(p[:, 0]) - 0.055 * long) - 0.055 * long)
        return np.minimum(1.4 - across * 400, (-0.55 * long - p[:, 1]) * 300)

    return tube(path, size, palm, over(paint, gaps, lambda p: paint(p) * [0.5, 0.42, 0.4]), flat=0.42)


def thumb(body: Body, i: int, paint: Paint) -> Part:
    """Thumb i, from the root of the hand forwards."""
    long, along, palm = body.hand_long, body.finger[i], body.palm[i]
    out = unit_vector(cross(palm, along)) * (1, -1)[i]
    root = body.wrist[i] + along * 0.12 * long + out * 0.1 * long
    steps = np.array([[0, 0, 0], [0.14, 0.13, 0], [0.34, 0.17, 0.06], [0.44, 0.15, 0.1]]) * long
    path = root + steps @ np.stack([along, out, palm])
    return tube(path, np.array([0.09, 0.09, 0.075, 0.04]) * long, palm, paint, around=8)
