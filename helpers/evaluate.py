"""Scores of a trained network on the frozen test sets and on photographs, beside those of the baselines."""

from __future__ import annotations

from pathlib import Path

from . import data, learn, models, photographs
from .data.frozen import frozen
from .inference import TRAINED, trained_network
from .kpis import kpis, plain

MUSEUM, BROAD = "museum-test-v1", "broad-test-v1"
BATCH = 50
HEADS = ("mask_iou", "boundary_iou", "depth_rmse_m", "depth_rmse_01", "abs_rel", "delta1", "person_rmse_m")
PHOTOS = ("photos_aligned_iou", "photos_shaken_iou")
MORE = ("mask_dice", "mask_accuracy", "abs_rel_aligned", "rmse_log", "delta2", "delta3", "depth_ssim")
TITLES = {
    "mask_iou": "mask IoU", "boundary_iou": "rim IoU", "depth_rmse_m": "depth RMSE", "person_rmse_m": "person RMSE",
    "abs_rel": "AbsRel", "delta1": "δ < 1.25", "broad_mask_iou": "broad IoU",
    "photos_aligned_iou": "photos", "photos_shaken_iou": "shaken",
}  # fmt: skip


def evaluate(name: str, weights: str | Path | None = None) -> dict:
    """One row of figures, None where the network has no such head; prints it as a table with the baselines' rows.

    The baselines are given their best: the threshold, and the mean depth map, of the very pictures that are scored.
    """
    network, card = trained_network(name, weights)  # before any drawing: a wrong name should be told at once
    museum, broad = _batches(MUSEUM), _batches(BROAD)
    ours = learn.evaluate(network, museum) | {"broad_mask_iou": learn.evaluate(network, broad).get("mask_iou")}
    subtraction, mean = baselines(museum, broad)
    moved = after_align(museum, broad)
    photos = photographs.scores(network, int(card.get("size", TRAINED)))
    for scores, prefix in ((ours, ""), (subtraction, "baseline_"), (moved, "baseline_aligned_")):
        scores |= {key: photos[prefix + key] for key in PHOTOS}
    sets = f"{len(museum.dataset):,} pictures of {MUSEUM}, {len(broad.dataset):,} of {BROAD} (broad IoU)"
    print(f"{sets}, and {photos['photo_pairs']} pairs of photographs (photos; shaken):")
    rows = {name: ours, "pixel differencing": subtraction, "differencing after aligning": moved}
    print(table(rows | {"mean depth map": mean}))
    row = {"network": name, "parameters": models.count_parameters(network), "size": museum.dataset.bank.size}
    row |= {"test_set": MUSEUM} | {key: plain(ours.get(key)) for key in (*HEADS, "broad_mask_iou")}
    row |= {"baseline_mask_iou": subtraction["mask_iou"], "baseline_depth_rmse_m": mean["depth_rmse_m"]}
    row |= {"baseline_broad_mask_iou": subtraction["broad_mask_iou"], "pictures": len(museum.dataset)}
    row |= {key: plain(ours.get(key)) for key in MORE} | {"steps": card.get("steps")}
    row |= photos | {f"baseline_aligned_{key}": moved[key] for key in ("mask_iou", "broad_mask_iou")}
    return row | (kpis(name, network) if models.heads(network) & {"heat", "object"} else {})


def baselines(museum, broad) -> tuple[dict, dict]:
    """Scores of subtraction, on both sets, and of the mean depth map."""
    subtraction = learn.evaluate(learn.fit_differencing(museum), museum)
    subtraction["broad_mask_iou"] = learn.evaluate(learn.fit_differencing(broad), broad)["mask_iou"]
    return subtraction, learn.evaluate(learn.fit_mean_depth(museum), museum)


def after_align(museum, broad) -> dict:
    """Scores of subtraction, on both sets, once each background is laid over its image as RoomNet does it."""
    batches = photographs.after_align(museum)
    scores = learn.evaluate(learn.fit_differencing(batches), batches)
    del batches  # one set in memory at a time
    return scores | {"broad_mask_iou": photographs.best_differencing(photographs.after_align(broad))}


def table(rows: dict[str, dict]) -> str:
    """Lines of text, a row per network, a dash where it has no such head."""
    width = max(map(len, rows)) + 2
    lines = [" " * width + "".join(f"{title:>13}" for title in TITLES.values())]
    for name, scores in rows.items():
        units = {key: " m" if key.endswith("_m") else "" for key in TITLES}
        values = [(plain(scores.get(key)), units[key]) for key in TITLES]
        lines.append(f"{name:{width}}" + "".join(f"{'-' if v is None else f'{v:.3f}{u}':>13}" for v, u in values))
    return "\n".join(lines)


def _batches(name: str):
    return data.loader(frozen(name), BATCH)
