"""Average precision by hand, and what else a detector is judged by, over any number of pictures."""

import numpy as np
from torch import Tensor

from .boxes import Found

THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))  # of IoU: .50, .55 … .95
RECALLS = np.linspace(0, 1, 101)
FILLED = 0.2  # of a box: a thing's mask fills that much, a person with arms spread out too


def precision_recall(scores: np.ndarray, right: np.ndarray, truths: int) -> tuple[np.ndarray, np.ndarray]:
    """Precision and recall after each box, the most certain first; `right` says which boxes are one of `truths`."""
    hits = np.cumsum(right[np.argsort(-scores, kind="stable")])
    return hits / np.arange(1, len(hits) + 1), hits / max(truths, 1)


def average_precision(scores: np.ndarray, right: np.ndarray, truths: int) -> float:
    """The mean over 101 recalls, 0 to 1, of the best precision at that recall or beyond; NaN where nothing is true."""
    if not truths:
        return float("nan")
    precision, recall = precision_recall(scores, right, truths)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    place = np.searchsorted(recall, RECALLS)
    return float(best[place[place < len(best)]].sum() / len(RECALLS))


def pairs(overlaps: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """For each found box, the most certain first, the true box that it is (-1: none), each taken once; IoU k m."""
    matched, free = np.full(len(overlaps), -1), np.array(overlaps)
    if not overlaps.size:
        return matched
    for place in range(len(free)):
        best = free[place].argmax()
        if free[place, best] >= threshold:
            matched[place], free[:, best] = best, -1
    return matched


class Detections:
    """Adds up batch after batch what was found and what is there; `result()` scores it.

    `certain` is the score from which a box would be shown to a person. Average precision reads all boxes.
    """

    def __init__(self, certain: float = 0.3) -> None:
        self.certain, self.scores, self.right = certain, [], {threshold: [] for threshold in THRESHOLDS}
        names = ("truths", "sure", "hits", "named", "mask", "mask_in_boxes", "filled")
        self.counts = dict.fromkeys(names, 0)

    def update(self, found: list[Found], batch: dict, mask: Tensor | None = None) -> None:
        """Counts one batch; the boxes of each picture come with the most certain first, as `decode` gives them.

        With the logits of a `mask` N 1 H W it is also counted how well boxes and mask agree.
        """
        from torchvision.ops import box_iou  # here, because it takes seconds to import

        for place, (each, box, label) in enumerate(zip(found, batch["boxes"], batch["labels"], strict=True)):
            scores, label = each["scores"].cpu().numpy(), label.cpu().numpy()
            overlaps = box_iou(each["boxes"].cpu().float(), box.cpu().float()).numpy()
            self.scores.append(scores)
            for threshold in THRESHOLDS:
                self.right[threshold].append(pairs(overlaps, threshold) >= 0)
            sure = scores >= self.certain
            which = pairs(overlaps[sure])
            named = each["labels"].cpu().numpy()[sure] == (label[which] if len(label) else -1)
            self._add(truths=len(label), sure=sure.sum(), hits=(which >= 0).sum(), named=named[which >= 0].sum())
            if mask is not None:
                self._add(**agreement(each["boxes"][each["scores"] >= self.certain], mask[place, 0] > 0))

    def _add(self, **counts: int) -> None:
        for name, count in counts.items():
            self.counts[name] += int(count)

    def result(self) -> dict[str, float]:
        """`ap50`, `ap50_95`, whatever the label; and shares of 0..1, of the boxes that are certain enough."""
        scores, count = np.concatenate([np.zeros(0), *self.scores]), self.counts
        values = [average_precision(scores, np.concatenate([[], *right]), count["truths"]) for right in self._rights()]
        return {
            "ap50": values[0],
            "ap50_95": float(np.mean(values)),
            "label_accuracy": _over(count["named"], count["hits"]),  # of the boxes that are right
            "box_precision": _over(count["hits"], count["sure"]),
            "box_recall": _over(count["hits"], count["truths"]),
            "mask_in_boxes": _over(count["mask_in_boxes"], count["mask"]),  # of the mask's pixels
            "boxes_with_mask": _over(count["filled"], count["sure"]),
        }

    def _rights(self) -> list[list[np.ndarray]]:
        return [self.right[threshold] for threshold in THRESHOLDS]


def agreement(boxes: Tensor, mask: Tensor) -> dict[str, int]:
    """Pixels of a mask H W, those of them inside some box, and how many boxes the mask fills to a fifth."""
    inside, filled = np.zeros(tuple(mask.shape), bool), 0
    mask = mask.cpu().numpy()
    for left, top, right, bottom in boxes.round().long().tolist():
        inside[top:bottom, left:right] = True
        part = mask[top:bottom, left:right]
        filled += part.size > 0 and part.mean() >= FILLED
    return {"mask": int(mask.sum()), "mask_in_boxes": int((mask & inside).sum()), "filled": filled}


def _over(count: int, whole: int) -> float:
    return count / whole if whole else float("nan")
