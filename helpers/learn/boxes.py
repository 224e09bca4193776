"""Boxes as maps of cells, and back: what a detection head is trained on, and what its answers mean.

A box is x0 y0 x1 y1 in pixels, the end outside. A cell is `STRIDE` pixels wide; boxes N 4, cells h w.
"""

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d

from ..models.percamera import STRIDE

Found = dict[str, Tensor]  # "boxes" k 4, "scores" k, "labels" k, the most certain first
NEAR = 0.3  # of the heat: so near to a centre a cell learns the box as well
SPREAD, NARROWEST = 0.09, 0.4  # the bell of a centre: a share of the box's side; at least so many cells


def encode(boxes: list[Tensor], labels: list[Tensor], cells: tuple[int, int]) -> dict[str, Tensor]:
    """The maps that a head should answer: "heat", "label", "near" N 1 h w; "size", "offset" N 2 h w.

    `heat` is 1 in the cell of each centre and falls off like a bell; `near` says where the other maps count.
    """
    maps = [_encode(box.cpu(), label.cpu(), cells) for box, label in zip(boxes, labels, strict=True)]
    return {name: torch.stack([each[name] for each in maps]) for name in maps[0]}


def _encode(boxes: Tensor, labels: Tensor, cells: tuple[int, int]) -> dict[str, Tensor]:
    """The maps of one picture."""
    height, width = cells
    if not len(boxes):
        empty = {name: torch.zeros(1, height, width) for name in ("heat", "label", "near")}
        return empty | {name: torch.zeros(2, height, width) for name in ("size", "offset")}
    boxes = boxes.float() / STRIDE
    middle, side = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]  # k 2, x before y
    home = middle.floor().minimum(torch.tensor([width - 1, height - 1])).clamp(min=0)
    bell = (SPREAD * side).clamp(min=NARROWEST)
    across, down = torch.arange(width), torch.arange(height)
    right = ((across - home[:, :1]) / bell[:, :1]).square()  # k w
    below = ((down - home[:, 1:]) / bell[:, 1:]).square()  # k h
    heats = torch.exp(-(below[:, :, None] + right[:, None]) / 2)  # k h w
    heat, owner = heats.max(0)  # h w: each cell belongs to the centre that it is nearest to
    place = torch.stack(torch.meshgrid(across, down, indexing="xy")) + 0.5  # 2 h w
    own = middle[owner].permute(2, 0, 1), side[owner].permute(2, 0, 1)
    maps = {"heat": heat[None], "label": labels[owner][None].float(), "near": heat[None] * (heat[None] >= NEAR)}
    return maps | {"size": own[1].log(), "offset": own[0] - place}


def all_boxes(size: Tensor, offset: Tensor) -> Tensor:
    """The box that each cell answers, N h w 4 in pixels, of maps N 2 h w."""
    height, width = size.shape[-2:]
    across, down = torch.arange(width, device=size.device), torch.arange(height, device=size.device)
    middle = torch.stack(torch.meshgrid(across, down, indexing="xy")) + 0.5 + offset  # N 2 h w
    half = size.clamp(max=6).exp() / 2  # 400 cells: an untrained head stays finite
    return STRIDE * torch.cat([middle - half, middle + half], 1).permute(0, 2, 3, 1)


@torch.no_grad()
def decode(heads: dict[str, Tensor], threshold: float = 0.3, overlap: float = 0.6, most: int = 20) -> list[Found]:
    """One dict per picture: "boxes" k 4, "scores" k above the threshold, "labels" k, the most certain first.

    A cell counts where no neighbour is hotter. Of two boxes that overlap by more than `overlap` the hotter one stays.
    """
    from torchvision.ops import clip_boxes_to_image, nms  # here, because it takes seconds to import

    if "object" in heads:
        return _one_box(heads, threshold)
    if "heat" not in heads:
        raise ValueError(f"This network has no detection head, so it finds no boxes. It has: {', '.join(heads)}.")
    heat = heads["heat"].float().sigmoid()
    peaks = heat * (max_pool2d(heat, 3, 1, 1) == heat)  # N 1 h w
    boxes = all_boxes(heads["size"].float(), heads["offset"].float()).flatten(1, 2)  # N cells 4
    labels = (heads["label"] > 0).long().flatten(1)
    size, found = tuple(heads["mask"].shape[-2:]), []
    for scores, box, label in zip(peaks.flatten(1), boxes, labels):
        best = scores.topk(min(len(scores), 5 * most))
        kept = best.indices[best.values > threshold]
        kept = kept[nms(box[kept], scores[kept], overlap)][:most]
        found.append({"boxes": clip_boxes_to_image(box[kept], size), "scores": scores[kept], "labels": label[kept]})
    return found


def _one_box(heads: dict[str, Tensor], threshold: float) -> list[Found]:
    """What a head says that knows one object per picture, and only real ones."""
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
