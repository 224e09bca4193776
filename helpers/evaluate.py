"""Scores of a trained network on the frozen test sets, beside those of the baselines."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

from . import data, learn, models
from .data.frozen import frozen
from .weights import trained

MUSEUM, BROAD = "museum-test-v1", "broad-test-v1"
BATCH = 50
HEADS = ("mask_iou", "boundary_iou", "depth_rmse_m", "depth_rmse_01", "abs_rel", "delta1", "person_rmse_m")
MORE = ("mask_dice", "mask_accuracy", "abs_rel_aligned", "rmse_log", "delta2", "delta3", "depth_ssim")
TITLES = {
    "mask_iou": "mask IoU", "boundary_iou": "rim IoU", "depth_rmse_m": "depth RMSE", "person_rmse_m": "person RMSE",
    "abs_rel": "AbsRel", "delta1": "δ < 1.25", "broad_mask_iou": "broad IoU",
}  # fmt: skip


def evaluate(name: str, weights: str | Path | None = None) -> dict:
    """One row of figures, None where the network has no such head; prints it as a table with the baselines' rows.

    The baselines are given their best: the threshold, and the mean depth map, of the very pictures that are scored.
    """
    network, card = trained(name, weights)  # before any drawing: a wrong name should be told at once
    museum, broad = _batches(MUSEUM), _batches(BROAD)
    ours = learn.evaluate(network, museum) | {"broad_mask_iou": learn.evaluate(network, broad).get("mask_iou")}
    subtraction, mean = baselines(museum, broad)
    print(f"{len(museum.dataset):,} pictures of {MUSEUM}, and {len(broad.dataset):,} of {BROAD} (broad IoU):")
    print(table({name: ours, "pixel differencing": subtraction, "mean depth map": mean}))
    row = {"network": name, "parameters": models.count_parameters(network), "size": museum.dataset.bank.size}
    row |= {"test_set": MUSEUM} | {key: _plain(ours.get(key)) for key in (*HEADS, "broad_mask_iou")}
    row |= {"baseline_mask_iou": subtraction["mask_iou"], "baseline_depth_rmse_m": mean["depth_rmse_m"]}
    row |= {"baseline_broad_mask_iou": subtraction["broad_mask_iou"], "pictures": len(museum.dataset)}
    return row | {key: _plain(ours.get(key)) for key in MORE} | {"steps": card.get("steps")}


def baselines(museum, broad) -> tuple[dict, dict]:
    """Scores of subtraction, on both sets, and of the mean depth map."""
    subtraction = learn.evaluate(learn.fit_differencing(museum), museum)
    subtraction["broad_mask_iou"] = learn.evaluate(learn.fit_differencing(broad), broad)["mask_iou"]
    return subtraction, learn.evaluate(learn.fit_mean_depth(museum), museum)


def table(rows: dict[str, dict]) -> str:
    """Lines of text, a row per network, a dash where it has no such head."""
    width = max(map(len, rows)) + 2
    lines = [" " * width + "".join(f"{title:>13}" for title in TITLES.values())]
    for name, scores in rows.items():
        units = {key: " m" if key.endswith("_m") else "" for key in TITLES}
        values = [(_plain(scores.get(key)), units[key]) for key in TITLES]
        lines.append(f"{name:{width}}" + "".join(f"{'-' if v is None else f'{v:.3f}{u}':>13}" for v, u in values))
    return "\n".join(lines)


def _batches(name: str):
    return data.loader(frozen(name), BATCH)


def _plain(value: float | None) -> float | None:
    """The number, or None where there is none: JSON knows no NaN."""
    return value if value is not None and isfinite(value) else None
