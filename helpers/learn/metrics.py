"""Scores from summed counts: pixels are counted over all batches first, and divided once at the end."""

from collections import Counter
from collections.abc import Iterable
from math import isfinite

import torch
from accelerate.utils import send_to_device
from torch import Tensor, nn
from torch.nn.functional import max_pool2d, pad

from ..base import FAR
from .boxes import Detections, decode_boxes, share
from .device import Batch, autocast, device_of, forward
from .losses import SMALLEST, ssim_map

UNSURE = 0.02  # average precision reads boxes down to this score


def mask_sums(logits: Tensor, mask: Tensor, threshold: float = 0.5) -> dict[str, float]:
    """Pixels right and wrong, {"tp", "fp", "fn", "tn"}, of a mask drawn where the probability passes `threshold`."""
    _same_shape(logits, mask, "mask")
    guess, truth = logits.float().sigmoid() > threshold, mask > 0.5
    tp, fp, fn = (guess & truth).sum(), (guess & ~truth).sum(), (~guess & truth).sum()
    return {"tp": tp.item(), "fp": fp.item(), "fn": fn.item(), "tn": mask.numel() - (tp + fp + fn).item()}


def mask_scores(sums: dict[str, float]) -> dict[str, float]:
    """IoU, Dice and pixel accuracy, 0..1, of summed counts; two empty masks agree, so they score 1."""
    tp, wrong = sums["tp"], sums["fp"] + sums["fn"]
    pixels = tp + wrong + sums["tn"]
    return {
        "mask_iou": tp / (tp + wrong) if tp + wrong else 1.0,
        "mask_dice": 2 * tp / (2 * tp + wrong) if tp + wrong else 1.0,
        "mask_accuracy": (tp + sums["tn"]) / pixels if pixels else float("nan"),
    }


def mask_miou(sums: dict[str, float]) -> float:
    """The mean of two IoUs, of the foreground and of the rest; an empty mask scores nearly .5."""
    other = mask_scores({"tp": sums["tn"], "fp": sums["fn"], "fn": sums["fp"], "tn": sums["tp"]})
    return (mask_scores(sums)["mask_iou"] + other["mask_iou"]) / 2


def boundary_sums(logits: Tensor, mask: Tensor) -> dict[str, float]:
    """Pixels of the masks' rims, {"both", "either"}; a rim is 2 % of the picture's diagonal wide, 3 px at 96."""
    _same_shape(logits, mask, "mask")
    width = max(1, round(0.02 * (mask.shape[-2] ** 2 + mask.shape[-1] ** 2) ** 0.5))
    guess, truth = _rim(logits > 0, width), _rim(mask > 0.5, width)
    return {"both": (guess & truth).sum().item(), "either": (guess | truth).sum().item()}


def boundary_scores(sums: dict[str, float]) -> dict[str, float]:
    """IoU of the rims alone: outlines decide, however large the inside; two empty masks agree."""
    return {"boundary_iou": sums["both"] / sums["either"] if sums["either"] else 1.0}


def _rim(mask: Tensor, width: int) -> Tensor:
    """The foreground pixels that have background, or the picture's border, at most `width` pixels away."""
    outside = pad((~mask).float(), (width,) * 4, value=1.0)
    near = max_pool2d(max_pool2d(outside, (2 * width + 1, 1), 1), (1, 2 * width + 1), 1)
    return mask & (near > 0)


def depth_sums(depth: Tensor, truth: Tensor, valid: Tensor, person: Tensor | None = None) -> dict[str, float]:
    """Summed errors over the pixels whose depth is known, squared in m², relative and logarithmic, and their counts."""
    _same_shape(depth, truth, "depth")
    _same_shape(valid, truth, "depth_valid")
    where, guess, target = valid > 0.5, depth.double().clamp(min=1e-3), truth.double().clamp(min=1e-3)
    ratio = guess / target
    off = torch.maximum(ratio, 1 / ratio)  # 1.25 where the guess is a quarter too far, or the truth is
    squared, alike = (depth.double() - truth.double()).square(), _scales(ratio, where) * ratio
    on = where & (person > 0.5) if person is not None else torch.zeros_like(where)
    maps = {
        "squared": squared, "relative": (depth.double() - truth.double()).abs() / target, "log": ratio.log().square(),
        "aligned": (alike - 1).abs(), "delta1_aligned": torch.maximum(alike, 1 / alike) < 1.25,
        "delta1": off < 1.25, "delta2": off < 1.25**2, "delta3": off < 1.25**3,
    }  # fmt: skip
    sums = {name: values[where].sum().item() for name, values in maps.items()}
    sums |= {"valid": where.sum().item(), "person": squared[on].sum().item(), "person_valid": on.sum().item()}
    return sums | _ssim_sums(depth, truth, valid)


def _scales(ratio: Tensor, where: Tensor) -> Tensor:
    """N 1 1 1: what each picture's depth is multiplied by for median scaling; the median of the ratios becomes 1."""
    middle = ratio.masked_fill(~where, float("nan")).flatten(1).nanmedian(1).values
    return (1 / middle.nan_to_num(1.0)).view(-1, 1, 1, 1)


def _ssim_sums(depth: Tensor, truth: Tensor, valid: Tensor) -> dict[str, float]:
    """Summed structural similarity of depth / FAR, and over how many pixels; none in pictures below 6 px."""
    if min(depth.shape[-2:]) < SMALLEST:
        return {"ssim": 0.0, "ssim_valid": 0}
    where = valid.float()
    similar = ssim_map(depth.float() / FAR * where, truth.float() / FAR * where) * where
    return {"ssim": similar.double().sum().item(), "ssim_valid": where.sum().item()}


def depth_scores(sums: dict[str, float]) -> dict[str, float]:
    """RMSE in metres, as a share of FAR and on the person; relative errors; NaN where no depth was known."""
    mean = {name: share(sums[name], sums["valid"]) for name in ("squared", "relative", "log", "aligned")}
    rmse = mean["squared"] ** 0.5
    return {
        "depth_rmse_m": rmse,
        "depth_rmse_01": rmse / FAR,
        "abs_rel": mean["relative"],
        "abs_rel_aligned": mean["aligned"],  # where the camera is unknown: median scaling of each picture
        "delta1_aligned": share(sums["delta1_aligned"], sums["valid"]),
        "rmse_log": mean["log"] ** 0.5,
        **{name: share(sums[name], sums["valid"]) for name in ("delta1", "delta2", "delta3")},
        "person_rmse_m": share(sums["person"], sums["person_valid"]) ** 0.5,
        "depth_ssim": share(sums["ssim"], sums["ssim_valid"]),
    }


class Scores:
    """Adds up batch after batch whatever heads the outputs have; `result()` divides once."""

    def __init__(self) -> None:
        self.mask, self.rim, self.depth = Counter(), Counter(), Counter()
        self.boxes: Detections | None = None

    def update(self, outputs: dict[str, Tensor], batch: dict[str, Tensor]) -> None:
        """Counts one batch; a smaller last batch weighs what its pixels weigh."""
        if "mask" in outputs:
            self.mask.update(mask_sums(outputs["mask"], batch["mask"]))
            self.rim.update(boundary_sums(outputs["mask"], batch["mask"]))
        if "depth" in outputs:
            self.depth.update(depth_sums(outputs["depth"], batch["depth"], batch["depth_valid"], batch.get("mask")))
        if "boxes" in batch and ("heat" in outputs or "object" in outputs):
            self.boxes = self.boxes or Detections()
            self.boxes.update(decode_boxes(outputs, UNSURE), batch, outputs.get("mask"))

    def result(self) -> dict[str, float]:
        """The scores of every head seen so far."""
        scores = mask_scores(self.mask) | boundary_scores(self.rim) if self.mask else {}
        scores |= depth_scores(self.depth) if self.depth else {}
        return scores | self.boxes.result() | {"mask_miou": mask_miou(self.mask)} if self.boxes else scores


def _same_shape(guess: Tensor, truth: Tensor, what: str) -> None:
    if guess.shape != truth.shape:
        raise ValueError(f"{what}: the prediction is {tuple(guess.shape)}, but the truth is {tuple(truth.shape)}.")
    if not torch.isfinite(guess).all():
        raise ValueError(f"{what}: the prediction holds NaN or infinity, so a score would mean nothing.")


@torch.no_grad()
def evaluate(model: nn.Module, loader: Iterable[Batch]) -> dict[str, float]:
    """Scores of every head the model has over all batches; baselines are scored by the same lines."""
    model.eval()
    device, scores = device_of(model), Scores()
    for batch in loader:
        batch = send_to_device(batch, device)
        with autocast(device):
            outputs = forward(model, batch)
        scores.update(outputs, batch)
    return scores.result()


def scores_table(rows: dict[str, dict], titles: dict[str, str]) -> str:
    """Lines of text, a row per network or baseline, a dash where it has no such figure; metres where it ends in _m."""
    width = max(map(len, rows)) + 2
    lines = [" " * width + "".join(f"{title:>15}" for title in titles.values())]
    for name, scores in rows.items():
        values = {key: scores.get(key) for key in titles}
        known = [key for key, value in values.items() if value is not None and isfinite(value)]
        cells = (f"{values[key]:.3f}{' m' * key.endswith('_m')}" if key in known else "-" for key in titles)
        lines.append(f"{name:{width}}" + "".join(f"{cell:>15}" for cell in cells))
    return "\n".join(lines)
