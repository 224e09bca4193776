"""Losses with boxes in them: of a head of cells, and of the seed's one box per picture."""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, l1_loss, logsigmoid

from ..base import FAR
from .boxes import all_boxes, encode
from .criteria import Criterion
from .losses import bce, l1

WEIGHTS = {"heat": 1.0, "box": 1.0, "place": 0.5, "label": 0.5}


class DetectionLoss:
    """A criterion of mask and depth, and what the cells should say; a batch needs `boxes` and `labels`."""

    def __init__(self, criterion: Criterion | None = None, weights: dict[str, float] = WEIGHTS) -> None:
        unknown = [name for name in weights if name not in WEIGHTS]
        if unknown:
            raise ValueError(f"There is no term {unknown[0]!r} of boxes. Known terms: {', '.join(WEIGHTS)}.")
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
        from torchvision.ops import generalized_box_iou_loss  # here, because it takes seconds to import

        if "heat" not in outputs:
            raise ValueError(
                f"A loss of boxes needs a detection head, but this network only has: {', '.join(outputs)}."
            )
        if "boxes" not in batch:
            raise ValueError("A loss of boxes needs them in the batch: data.Scenes(bank, rows, boxes=True) gives them.")
        wanted = encode(batch["boxes"], batch["labels"], tuple(outputs["heat"].shape[-2:]))
        wanted = {name: value.to(outputs["heat"].device) for name, value in wanted.items()}
        near, whole = wanted["near"][:, 0], wanted["near"].sum().clamp(min=1)
        label = binary_cross_entropy_with_logits(outputs["label"], wanted["label"], wanted["near"], reduction="sum")
        places = [(outputs[name] - wanted[name]).abs().sum(1) for name in ("size", "offset")]  # N h w
        guess, truth = all_boxes(outputs["size"], outputs["offset"]), all_boxes(wanted["size"], wanted["offset"])
        apart = generalized_box_iou_loss(guess, truth)  # N h w
        return {
            "heat": focal(outputs["heat"], wanted["heat"]),
            "box": (apart * near).sum() / whole,
            "place": (sum(places) * near).sum() / whole,
            "label": label / whole,
        }

    def __repr__(self) -> str:
        return f"DetectionLoss({self.criterion}, {self.boxes})"


def focal(logits: Tensor, heat: Tensor) -> Tensor:
    """Cross-entropy per centre, where cells that are right already hardly count, nor those beside a centre.

    Of 576 cells perhaps 3 are centres: with plain cross-entropy "nowhere" would be a good answer.
    """
    share, centre = logits.sigmoid(), heat > 0.999
    missed = -((1 - share) ** 2) * logsigmoid(logits)
    false = -((1 - heat) ** 4) * share**2 * logsigmoid(-logits)
    return torch.where(centre, missed, false).sum() / centre.sum().clamp(min=1)


def one_box_loss(outputs: dict[str, Tensor], batch: dict) -> Tensor:
    """The seed's: cross-entropy of the mask, L1 of depth / FAR, cross-entropy of "an object", twice L1 of its box."""
    height, width = batch["mask"].shape[-2:]
    there = torch.tensor([float(len(box) > 0) for box in batch["boxes"]], device=outputs["object"].device)
    first = torch.stack([box[0] if len(box) else torch.zeros(4) for box in batch["boxes"]]).to(there.device)
    x0, y0, x1, y1 = (first / first.new_tensor([width, height, width, height])).unbind(1)
    box = torch.stack([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0], 1)  # N 4, 0..1 of the picture
    depth = l1(outputs["depth"] / FAR, batch["depth"] / FAR, batch["depth_valid"])
    found = binary_cross_entropy_with_logits(outputs["object"], there)
    off = (l1_loss(outputs["box"], box, reduction="none").mean(1) * there).sum() / there.sum().clamp(min=1)
    return bce(outputs["mask"], batch["mask"]) + depth + found + 2 * off
