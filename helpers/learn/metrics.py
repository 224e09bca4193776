"""Scores from summed counts: pixels are counted over all batches first, and divided once at the end."""

import torch
from torch import Tensor

FAR = 20.0  # metres; depth / FAR is the 0..1 scale of the losses and of `depth_rmse_01`


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


def depth_sums(depth: Tensor, truth: Tensor, valid: Tensor) -> dict[str, float]:
    """Summed squared error (m²) and relative error, and how many pixels have an honest depth."""
    _same_shape(depth, truth, "depth")
    _same_shape(valid, truth, "depth_valid")
    where = valid > 0.5
    guess, target = depth.double()[where], truth.double()[where]
    error = guess - target
    relative = error.abs() / target.clamp(min=1e-6)
    return {"squared": error.square().sum().item(), "relative": relative.sum().item(), "valid": where.sum().item()}


def depth_scores(sums: dict[str, float]) -> dict[str, float]:
    """RMSE in metres and as a share of FAR, and AbsRel; NaN where no pixel had an honest depth."""
    if not sums["valid"]:
        return {"depth_rmse_m": float("nan"), "depth_rmse_01": float("nan"), "abs_rel": float("nan")}
    rmse = (sums["squared"] / sums["valid"]) ** 0.5
    return {"depth_rmse_m": rmse, "depth_rmse_01": rmse / FAR, "abs_rel": sums["relative"] / sums["valid"]}


class Scores:
    """Adds up batch after batch whatever heads the outputs have; `result()` divides once."""

    def __init__(self, threshold: float = 0.5) -> None:
        self.threshold, self.mask, self.depth = threshold, {}, {}

    def update(self, outputs: dict[str, Tensor], batch: dict[str, Tensor]) -> None:
        """Counts one batch; a smaller last batch weighs what its pixels weigh."""
        if "mask" in outputs:
            _add(self.mask, mask_sums(outputs["mask"], batch["mask"], self.threshold))
        if "depth" in outputs:
            _add(self.depth, depth_sums(outputs["depth"], batch["depth"], batch["depth_valid"]))

    def result(self) -> dict[str, float]:
        """The scores of every head seen so far."""
        scores = mask_scores(self.mask) if self.mask else {}
        return scores | (depth_scores(self.depth) if self.depth else {})


def _add(total: dict[str, float], sums: dict[str, float]) -> None:
    for name, value in sums.items():
        total[name] = total.get(name, 0) + value


def _same_shape(guess: Tensor, truth: Tensor, what: str) -> None:
    if guess.shape != truth.shape:
        raise ValueError(f"{what}: the prediction is {tuple(guess.shape)}, but the truth is {tuple(truth.shape)}.")
    if not torch.isfinite(guess).all():
        raise ValueError(f"{what}: the prediction holds NaN or infinity, so a score would mean nothing.")
