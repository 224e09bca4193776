"""Boxes: as maps of cells and back, the losses that teach them, and average precision.

A box is x0 y0 x1 y1 in pixels, the end outside. A cell is `STRIDE` pixels wide; boxes k 4, cells h w.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, l1_loss, logsigmoid, max_pool2d

from ..base import FAR
from ..models.percamera import STRIDE
from .losses import Criterion, bce, l1

Found = dict[str, Tensor]  # "boxes" k 4, "scores" k, "labels" k, the most certain first
MAPS = {"heat": 1, "label": 1, "near": 1, "size": 2, "offset": 2}  # channels of what is wanted of the cells
NEAR = 0.3  # of the heat: the cells around a centre that learn its box as well
SPREAD, NARROWEST = 0.09, 0.4  # the standard deviation of a centre's Gaussian: of the box's side; at least, in cells
WEIGHTS = {"heat": 1.0, "box": 1.0, "place": 0.5, "label": 0.5}
FILLED = 0.2  # of a box: a thing's mask fills that much, a person with arms spread out too


def encode_boxes(boxes: list[Tensor], labels: list[Tensor], cells: tuple[int, int]) -> dict[str, Tensor]:
    """The maps that a head should answer: "heat", "label", "near" N 1 h w; "size", "offset" N 2 h w.

    `heat` is 1 in the cell of each centre and a Gaussian around it; `near` says where the other maps count.
    """
    maps = [encode_picture(box.cpu().float(), label.cpu(), cells) for box, label in zip(boxes, labels, strict=True)]
    return {name: torch.stack([each[name] for each in maps]) for name in maps[0]}


def encode_picture(boxes: Tensor, labels: Tensor, cells: tuple[int, int]) -> dict[str, Tensor]:
    """The maps of one picture: "heat", "label", "near" 1 h w; "size", "offset" 2 h w."""
    if not len(boxes):
        return {name: torch.zeros(count, *cells) for name, count in MAPS.items()}
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2 / STRIDE  # k 2, in cells, right before down
    side = (boxes[:, 2:] - boxes[:, :2]) / STRIDE  # k 2: wide and high
    last = torch.tensor([cells[1] - 1.0, cells[0] - 1.0])
    home = middle.floor().clamp(torch.zeros(2), last)  # k 2: the cell that holds each middle
    spread = (SPREAD * side).clamp(min=NARROWEST)  # k 2: standard deviations
    away = (cell_places(*cells) - home[:, :, None, None]) / spread[:, :, None, None]  # k 2 h w
    heat, owner = torch.exp(-away.square().sum(1) / 2).max(0)  # h w: the nearest centre owns a cell
    offset = middle[owner].permute(2, 0, 1) - cell_places(*cells) - 0.5  # 2 h w
    maps = {"heat": heat[None], "label": labels[owner][None].float(), "near": heat[None] * (heat[None] >= NEAR)}
    return maps | {"size": side[owner].permute(2, 0, 1).log(), "offset": offset}


def cell_places(height: int, width: int) -> Tensor:
    """2 h w: how many cells right, and how many down, each cell is."""
    return torch.stack(torch.meshgrid(torch.arange(width), torch.arange(height), indexing="xy"))


def boxes_of_cells(size: Tensor, offset: Tensor) -> Tensor:
    """The box that each cell answers, N h w 4 in pixels, of maps N 2 h w."""
    middle = cell_places(*size.shape[-2:]).to(size.device) + 0.5 + offset  # N 2 h w, in cells
    half = size.clamp(max=6).exp() / 2  # 400 cells: an untrained head stays finite
    return STRIDE * torch.cat([middle - half, middle + half], 1).permute(0, 2, 3, 1)


@torch.no_grad()
def decode_boxes(heads: dict[str, Tensor], threshold: float = 0.3, overlap: float = 0.6, most: int = 20) -> list[Found]:
    """One dict per picture: "boxes" k 4, "scores" k above the threshold, "labels" k, the most certain first.

    A cell counts where no neighbour is hotter. Of two boxes that overlap by more than `overlap` the hotter one stays.
    """
    from torchvision.ops import clip_boxes_to_image, nms  # here, because it takes seconds to import

    if "object" in heads:
        return _decode_one_box(heads, threshold)
    if "heat" not in heads:
        raise ValueError(f"This network has no detection head, so it finds no boxes. It has: {', '.join(heads)}.")
    heat = heads["heat"].float().sigmoid()
    peaks = heat * (max_pool2d(heat, 3, 1, 1) == heat)  # N 1 h w
    boxes = boxes_of_cells(heads["size"].float(), heads["offset"].float()).flatten(1, 2)  # N cells 4
    labels = (heads["label"] > 0).long().flatten(1)
    size, found = tuple(heads["mask"].shape[-2:]), []
    boxes = boxes * max(1.0, size[1] / (STRIDE * heat.shape[-1]))  # a mask larger than its cells has been enlarged
    for scores, box, label in zip(peaks.flatten(1), boxes, labels):
        best = scores.topk(min(len(scores), 5 * most))
        kept = best.indices[best.values > threshold]
        kept = kept[nms(box[kept], scores[kept], overlap)][:most]
        found.append({"boxes": clip_boxes_to_image(box[kept], size), "scores": scores[kept], "labels": label[kept]})
    return found


def _decode_one_box(heads: dict[str, Tensor], threshold: float) -> list[Found]:
    """What a head answers that knows one object per picture, and only real ones."""
    from torchvision.ops import clip_boxes_to_image

    height, width = heads["mask"].shape[-2:]
    middle, side = heads["box"].float().split(2, 1)  # N 2, 0..1 of the picture
    boxes = torch.cat([middle - side / 2, middle + side / 2], 1) * side.new_tensor([width, height, width, height])
    boxes, scores = clip_boxes_to_image(boxes, (height, width)), heads["object"].float().sigmoid()
    found = []
    for box, score in zip(boxes[:, None], scores[:, None]):  # 1 4 and 1
        kept = score > threshold
        found.append({"boxes": box[kept], "scores": score[kept], "labels": kept.long()[kept]})
    return found


class DetectionLoss:
    """A criterion of mask and depth, and the loss of the cells; a batch needs `boxes` and `labels`."""

    def __init__(self, criterion: Criterion | None = None, weights: dict[str, float] = WEIGHTS) -> None:
        self.criterion, self.boxes = criterion, dict(weights)

    @property
    def weights(self) -> dict[str, dict[str, float]]:
        """Term → weight, of every head."""
        return (self.criterion.weights if self.criterion else {}) | {"boxes": self.boxes}

    def __call__(self, outputs: dict[str, Tensor], batch: dict) -> Tensor:
        """The weighted sum, with a gradient."""
        values = self.terms(outputs, batch)
        total = sum(weight * values[name] for name, weight in self.boxes.items())
        return total if self.criterion is None else total + self.criterion(outputs, batch)

    def terms(self, outputs: dict[str, Tensor], batch: dict) -> dict[str, Tensor]:
        """Each term of the boxes before weighing."""
        if "heat" not in outputs:
            raise ValueError(f"A loss of boxes needs a detection head; this network only has: {', '.join(outputs)}.")
        if "boxes" not in batch:
            raise ValueError("A loss of boxes needs them in the batch: data.Scenes(bank, rows, boxes=True) gives them.")
        wanted = encode_boxes(batch["boxes"], batch["labels"], tuple(outputs["heat"].shape[-2:]))
        return box_terms(outputs, {name: value.to(outputs["heat"].device) for name, value in wanted.items()})


def box_terms(outputs: dict[str, Tensor], wanted: dict[str, Tensor]) -> dict[str, Tensor]:
    """{"heat", "box", "place", "label"}: how wrong the cells are; all but the heat count near a centre alone."""
    from torchvision.ops import generalized_box_iou_loss  # here, because it takes seconds to import

    near, whole = wanted["near"][:, 0], wanted["near"].sum().clamp(min=1)  # N h w, and one number
    guess, truth = (boxes_of_cells(maps["size"], maps["offset"]) for maps in (outputs, wanted))  # N h w 4
    place = sum((outputs[name] - wanted[name]).abs().sum(1) for name in ("size", "offset"))  # N h w
    label = binary_cross_entropy_with_logits(outputs["label"], wanted["label"], reduction="none")[:, 0]
    return {
        "heat": focal_loss(outputs["heat"], wanted["heat"]),
        "box": (generalized_box_iou_loss(guess, truth) * near).sum() / whole,
        "place": (place * near).sum() / whole,
        "label": (label * near).sum() / whole,
    }


def focal_loss(logits: Tensor, heat: Tensor) -> Tensor:
    """CenterNet's: cross-entropy per centre, where cells that are right already hardly count, nor those beside one.

    Of 576 cells perhaps 3 are centres: with plain cross-entropy "nowhere" would be a good answer.
    """
    guess, centre = logits.sigmoid(), heat > 0.999
    missed = -((1 - guess) ** 2) * logsigmoid(logits)
    invented = -((1 - heat) ** 4) * guess**2 * logsigmoid(-logits)
    return torch.where(centre, missed, invented).sum() / centre.sum().clamp(min=1)


def one_box_loss(outputs: dict[str, Tensor], batch: dict) -> Tensor:
    """tiny_percamera's: cross-entropy of the mask and of "an object", L1 of depth / FAR, twice L1 of the box."""
    height, width = batch["mask"].shape[-2:]
    there = torch.tensor([float(len(box) > 0) for box in batch["boxes"]], device=outputs["object"].device)
    first = torch.stack([box[0] if len(box) else torch.zeros(4) for box in batch["boxes"]]).to(there.device)
    x0, y0, x1, y1 = (first / first.new_tensor([width, height, width, height])).unbind(1)
    box = torch.stack([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0], 1)  # N 4, 0..1 of the picture
    depth = l1(outputs["depth"] / FAR, batch["depth"] / FAR, batch["depth_valid"])
    found = binary_cross_entropy_with_logits(outputs["object"], there)
    off = (l1_loss(outputs["box"], box, reduction="none").mean(1) * there).sum() / there.sum().clamp(min=1)
    return bce(outputs["mask"], batch["mask"]) + depth + found + 2 * off


def match_boxes(overlaps: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """For each found box, the most certain first, the true box that it is (-1: none), each taken once; IoU k m."""
    matched, free = np.full(len(overlaps), -1), np.array(overlaps)
    for place in range(len(free) if free.size else 0):
        best = free[place].argmax()
        if free[place, best] >= threshold:
            matched[place], free[:, best] = best, -1
    return matched


class Detections:
    """Adds up batch after batch what was found and what is there; `result()` scores it.

    `certain` is the score from which a box would be shown to a person. Average precision reads all boxes.
    """

    def __init__(self, certain: float = 0.3) -> None:
        self.certain, self.found, self.true, self.counts = certain, [], [], Counter()

    def update(self, found: list[Found], batch: dict, mask: Tensor | None = None) -> None:
        """Counts one batch; the boxes of each picture come with the most certain first, as `decode_boxes` gives them.

        With the logits of a `mask` N 1 H W it is also counted how well boxes and mask agree.
        """
        from torchvision.ops import box_iou  # here, because it takes seconds to import

        for place, (each, box, label) in enumerate(zip(found, batch["boxes"], batch["labels"], strict=True)):
            boxes, scores, names = (each[name].cpu() for name in ("boxes", "scores", "labels"))
            box, label, sure = box.cpu().float(), label.cpu(), scores >= self.certain
            self.found.append({"boxes": boxes.float(), "scores": scores, "labels": torch.zeros_like(names)})
            self.true.append({"boxes": box, "labels": torch.zeros_like(label)})  # one class: where, and not what
            which = match_boxes(box_iou(boxes[sure].float(), box).numpy())
            named = (names[sure].numpy() == (label.numpy()[which] if len(label) else -1))[which >= 0]
            self.counts.update(truths=len(label), sure=int(sure.sum()), hits=len(named), named=int(named.sum()))
            if mask is not None:
                self.counts.update(_agreement(boxes[sure], mask[place, 0].cpu() > 0))

    def result(self) -> dict[str, float]:
        """`ap50`, `ap50_95`, whatever the label; and shares of 0..1, of the boxes that are certain enough."""
        count = self.counts
        return self._average_precision() | {
            "label_accuracy": share(count["named"], count["hits"]),  # of the boxes that are right
            "box_precision": share(count["hits"], count["sure"]),
            "box_recall": share(count["hits"], count["truths"]),
            "mask_in_boxes": share(count["mask_in_boxes"], count["mask"]),  # of the mask's pixels
            "boxes_with_mask": share(count["filled"], count["sure"]),
        }

    def _average_precision(self) -> dict[str, float]:
        """Average precision by torchmetrics, at an IoU of .5 and as the mean over .5, .55 … .95; NaN without truths."""
        from torchmetrics.detection import MeanAveragePrecision  # here, because it takes seconds to import

        if not self.counts["truths"]:
            return {"ap50": float("nan"), "ap50_95": float("nan")}
        # Its own recalls are float32, and so some of them lie just beyond a fraction such as 3 of 15.
        recalls, most = np.linspace(0, 1, 101).tolist(), [1, 100, 10_000]  # boxes per picture that it reads
        library = MeanAveragePrecision(rec_thresholds=recalls, max_detection_thresholds=most)
        library.update(self.found, self.true)
        values = library.compute()
        return {"ap50": values["map_50"].item(), "ap50_95": values["map"].item()}


def _agreement(boxes: Tensor, mask: Tensor) -> dict[str, int]:
    """Pixels of a mask H W, those of them inside some box, and how many boxes the mask fills to a fifth."""
    inside, filled = torch.zeros_like(mask), 0
    for left, top, right, bottom in boxes.round().long().tolist():
        inside[top:bottom, left:right] = True
        part = mask[top:bottom, left:right]
        filled += part.numel() > 0 and part.float().mean().item() >= FILLED
    return {"mask": int(mask.sum()), "mask_in_boxes": int((mask & inside).sum()), "filled": filled}


def share(count: float, whole: float) -> float:
    """The quotient; NaN where there is nothing to divide by."""
    return count / whole if whole else float("nan")
