"""What a network of boxes is judged by, on objects-test-v1: boxes, labels, mask and depth, each beside a baseline."""

from __future__ import annotations

from math import isfinite

import numpy as np
import torch
from torch import Tensor, nn

from . import data, latency, learn
from .data.frozen import frozen
from .inference import component_boxes

OBJECTS, BATCH = "objects-test-v1", 50
NAMES = (
    "mask_miou",
    "ap50",
    "ap50_95",
    "label_accuracy",
    "depth_rmse_m",
    "abs_rel",
    "mask_in_boxes",
    "boxes_with_mask",
)
TITLES = {
    "mask_miou": "mask mIoU", "ap50": "AP50", "ap50_95": "AP50:95", "label_accuracy": "label",
    "depth_rmse_m": "RMSE, m", "abs_rel": "AbsRel", "mask_in_boxes": "mask in boxes", "boxes_with_mask": "boxes filled",
}  # fmt: skip


def kpis(name: str, network: nn.Module, batches=None) -> dict[str, float | None]:
    """{"objects_ap50", …, "objects_baseline_ap50", …, "objects_ms"}; prints them as a table."""
    batches = batches or data.loader(frozen(OBJECTS), BATCH)
    rows = {name: learn.evaluate(network, batches), "its mask's connected parts": of_parts(network, batches)}
    rows["subtraction, connected parts"] = of_parts(learn.fit_differencing(batches), batches)
    rows["mean depth map"] = learn.evaluate(learn.fit_mean_depth(batches), batches)
    rows["the commonest label"] = {"label_accuracy": commonest(batches)}
    print(f"{len(batches.dataset):,} pictures of {OBJECTS}, {sum(len(b) for b in truths(batches)):,} people and props:")
    print(table(rows))
    found = {f"objects_{key}": plain(rows[name].get(key)) for key in (*NAMES, "box_precision", "box_recall")}
    levels = rows["subtraction, connected parts"] | rows["the commonest label"]
    levels |= {key: rows["mean depth map"][key] for key in ("depth_rmse_m", "abs_rel")}
    found |= {f"objects_baseline_{key}": plain(levels.get(key)) for key in NAMES[:6]}
    found["objects_parts_ap50"] = plain(rows["its mask's connected parts"]["ap50"])
    return found | {"objects_pictures": len(batches.dataset), "objects_ms": latency.latencies((name,))[name]}


@torch.no_grad()
def of_parts(network: nn.Module, batches) -> dict[str, float]:
    """Scores of a network whose boxes are the connected parts of its mask, the larger the more certain."""
    boxes, scores = learn.Detections(certain=0.0), learn.Scores()
    for batch in batches:
        logits = network(batch["background"], batch["image"])["mask"]
        scores.update({"mask": logits}, batch)
        boxes.update([found(mask > 0) for mask in logits[:, 0]], batch, logits)
    every = boxes.result() | {"mask_miou": learn.mask_miou(scores.mask)}
    return {key: value for key, value in every.items() if key != "label_accuracy"}  # parts have no names


def found(mask: Tensor) -> dict[str, Tensor]:
    """The connected parts of a mask H W as a detector would answer them."""
    boxes = torch.from_numpy(component_boxes(mask.numpy()))
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1) / mask.numel()
    order = area.argsort(descending=True, stable=True)
    return {"boxes": boxes[order], "scores": area[order], "labels": torch.ones(len(boxes), dtype=torch.int64)}


def truths(batches) -> list[np.ndarray]:
    """The labels of every picture."""
    return [labels.numpy() for batch in batches for labels in batch["labels"]]


def commonest(batches) -> float:
    """How often the commonest label is right."""
    share = np.concatenate(truths(batches)).mean()
    return float(max(share, 1 - share))


def table(rows: dict[str, dict]) -> str:
    """Lines of text, a row per network or baseline, a dash where it has no such figure."""
    width = max(map(len, rows)) + 2
    lines = [" " * width + "".join(f"{title:>15}" for title in TITLES.values())]
    for name, scores in rows.items():
        values = [plain(scores.get(key)) for key in TITLES]
        lines.append(f"{name:{width}}" + "".join(f"{'-' if v is None else f'{v:.3f}':>15}" for v in values))
    return "\n".join(lines)


def plain(value: float | None) -> float | None:
    """The number, or None where there is none: JSON knows no NaN."""
    return value if value is not None and isfinite(value) else None
