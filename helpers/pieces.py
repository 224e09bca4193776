"""Which components of a mask are pieces of one person, whom furniture cuts; how far boxes overlap."""

from __future__ import annotations

import numpy as np

NEAR_PART, ONE_DEPTH = 0.25, 0.2  # of their common height: a gap within somebody; a difference of depths, 20 %
PERSON, PIECE = (0.9, 2.1), 0.9  # metres: nobody is wider or taller; what is less tall may be a piece of somebody
OTHER_DEPTH = 0.3  # a difference of depths, 30 %, that makes two people, as one of their width to the side does


def merged_parts(boxes: np.ndarray, depths: np.ndarray, pixels: np.ndarray, focal: float) -> list[list[int]]:
    """Which components k are one person, as far away, and near each other or together no larger than a person.

    `focal` is in pixels. What belongs to a component makes its box larger for those that come after it.
    """
    groups, boxes = [[k] for k in np.argsort(-pixels)], boxes.copy()
    for at in range(len(groups) - 1, 0, -1):  # the smallest first
        for large in groups[:at]:
            one, two = groups[at][0], large[0]
            if _belong(boxes[[one, two]], depths[[one, two]], pixels[[one, two]], focal):
                boxes[two] = _around(boxes[[one, two]])
                large += groups.pop(at)
                break
    return groups


def _around(boxes: np.ndarray) -> np.ndarray:
    """The box around boxes k 4."""
    return np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)])


def _belong(boxes: np.ndarray, depths: np.ndarray, pixels: np.ndarray, focal: float) -> bool:
    """Whether the first of two components belongs to the second, larger one."""
    sides, span = boxes[:, 2:] - boxes[:, :2], np.subtract(*_around(boxes).reshape(2, 2)[::-1])
    wide, high = span - sides.sum(0)  # gaps; negative where they overlap
    above = -wide >= 0.4 * sides[:, 0].min() and high <= NEAR_PART * span[1]
    beside = pixels[0] <= 0.15 * pixels[1] and max(wide, high) <= NEAR_PART / 2 * span[1]
    off, metres = abs(np.log(depths[0] / depths[1])), depths[1] / focal  # of a pixel
    piece = sides[0, 1] * metres <= PIECE and (span * metres <= PERSON).all() and off <= OTHER_DEPTH
    return bool((above or beside) and not off > ONE_DEPTH or piece)  # an unknown depth is no reason


def box_overlap(one: np.ndarray, two: np.ndarray) -> float:
    """The intersection of two boxes over their union."""
    common = _common(one, two)
    return common / max(_area(one) + _area(two) - common, 1e-6)


def box_share(one: np.ndarray, two: np.ndarray) -> float:
    """The share of the first box that lies within the second."""
    return _common(one, two) / max(_area(one), 1e-6)


def _common(one: np.ndarray, two: np.ndarray) -> float:
    wide, high = np.minimum(one[2:], two[2:]) - np.maximum(one[:2], two[:2])
    return float(max(wide, 0) * max(high, 0))


def _area(box: np.ndarray) -> float:
    return float(max(box[2] - box[0], 0) * max(box[3] - box[1], 0))
