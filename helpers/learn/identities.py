"""Scores of identities over a clip: who stands where in each frame, against who is known to stand there.

A box and a person match where the places are within WITHIN metres, or the boxes' IoU is at least OVERLAP. IDF1 (Ristani
and others, 2016) pairs people with tracks over a whole clip, so that most matches lie in pairs of one person and one
track; it is twice these over the number of true and of given boxes.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

WITHIN, OVERLAP = 0.5, 0.5  # metres on the floor; intersection over union
COUNTS = 0.25  # share of a person that must be visible: below it finding and missing both go unpunished
NEAR = 6.0  # metres: how far away places are wanted


class ClipCounts:
    """Everything that is summed over clips, of one clip: its truth (as `Walked`) and what was seen (as `Seen`).

    In an `empty` clip nobody ever is, and whoever is seen is a false alarm until nobody is seen again.
    """

    def __init__(self, empty: bool = False) -> None:
        self.empty, self.alarmed, self.pairs = empty, False, Counter()  # (person, track): frames
        self.sums = dict.fromkeys(("true", "given", "found", "alarms", "false", "empty", "frames", "tp", "fp", "fn"), 0)
        self.sums |= {"far": [], "off": []}  # metres: how far away somebody is, and how far off the place is

    def update(self, frame, guess) -> None:
        """Counts one frame."""
        here = guess.tracks >= 0
        boxes, places, tracks = guess.boxes[here], guess.places[here], guess.tracks[here]
        match, away = people_in_boxes(frame, boxes, places)  # people boxes
        counts = frame.visible >= COUNTS
        self.pairs.update((int(frame.people[t]), int(tracks[g])) for t, g in zip(*np.nonzero(match & counts[:, None])))
        rows, columns = linear_sum_assignment(np.where(match, np.minimum(away, 9), 1e3)[counts])
        good = match[counts][rows, columns]
        off, far = away[counts][rows, columns][good], np.hypot(*frame.places[counts][rows][good].T)
        found = {"tp": guess.mask & frame.mask, "fp": guess.mask & ~frame.mask, "fn": ~guess.mask & frame.mask}
        found = {name: int(where.sum()) for name, where in found.items()}
        found |= {"true": int(counts.sum()), "given": int((match[counts].any(0) | ~match.any(0)).sum())}
        known = np.isfinite(off)
        found |= {"found": int(good.sum()), "far": far[known].tolist(), "off": off[known].tolist()}
        if self.empty:
            alarm = bool(len(boxes))
            found |= {"empty": 1, "false": int(alarm), "alarms": int(alarm and not self.alarmed)}
            self.alarmed = alarm
        for name, value in (found | {"frames": 1}).items():
            self.sums[name] += value

    def result(self) -> dict:
        """The counts, "paired" among them: the most matches that lie in pairs of one person and one track."""
        return self.sums | {"paired": paired_frames(self.pairs)}


def people_in_boxes(frame, boxes: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which of k people and n boxes match, k n bool, and how many metres apart they are, inf where unknown."""
    from torchvision.ops import box_iou  # here, because it takes seconds to import

    away = np.linalg.norm(frame.places[:, None] - places[None], axis=-1)
    away = np.where(np.isfinite(away), away, np.inf)
    iou = box_iou(*(torch.from_numpy(each.astype(np.float32)) for each in (frame.boxes, boxes))).numpy()
    return (away <= WITHIN) | (np.nan_to_num(iou) >= OVERLAP), away


def paired_frames(pairs: dict[tuple[int, int], int]) -> int:
    """The most matches, of {(person, track): frames}, that lie in pairs of one person and one track."""
    if not pairs:
        return 0
    people, tracks = (sorted(set(each)) for each in zip(*pairs))
    table = np.array([[pairs.get((person, track), 0) for track in tracks] for person in people])
    return int(table[linear_sum_assignment(-table)].sum())


def summed_counts(parts: Iterable[dict[str, dict]]) -> dict[str, dict]:
    """{method: counts} added up: numbers, and lists one after the other."""
    total: dict[str, dict] = {}
    for part in parts:
        for name, counts in part.items():
            mine = total.setdefault(name, {})
            for key, value in counts.items():
                mine[key] = mine[key] + value if key in mine else value
    return total


def walk_scores(sums: dict) -> dict[str, float | None]:
    """The scores of summed counts; None where there was nothing to score."""
    off, far = np.array(sums["off"]), np.array(sums["far"])
    share = lambda part, whole: part / whole if whole else None  # noqa: E731
    middle = lambda values: float(np.median(values)) if len(values) else None  # noqa: E731
    return {
        "place_m": middle(off[far <= NEAR]), "place_all_m": middle(off),
        "idf1": share(2 * sums["paired"], sums["true"] + sums["given"]) if sums["true"] else None,
        "found": share(sums["found"], sums["true"]),
        "f": share(2 * sums["tp"], 2 * sums["tp"] + sums["fp"] + sums["fn"]) if sums["true"] else None,
        "false_alarms": share(10_000 * sums["alarms"], sums["empty"]),
        "false_frames": share(10_000 * sums["false"], sums["empty"]),
        "fps": share(sums["frames"], sums.get("seconds")),
    }  # fmt: skip
