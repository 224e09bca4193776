"""Scores of a trained network on the frozen test sets and on photographs, beside those of the baselines."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

import torch
from torch import Tensor, nn

from . import bench, data, learn, models, photographs
from .data.frozen import frozen_set
from .inference import AsPredicted, component_boxes, trained_network

MUSEUM, BROAD, OBJECTS = "museum-test-v2", "broad-test-v2", "objects-test-v2"
ROOMS, EMPTY = "rooms-test-v2", "empty-test-v2"
NOTICED = 0.001  # of a picture: if more of an empty scene is called somebody, an alarm would ring
BATCH = 50
HEADS = ("mask_iou", "boundary_iou", "depth_rmse_m", "depth_rmse_01", "abs_rel", "delta1", "person_rmse_m")
MORE = ("mask_dice", "mask_accuracy", "abs_rel_aligned", "rmse_log", "delta2", "delta3", "depth_ssim")
PHOTOS = ("photos_aligned_iou", "photos_shaken_iou")
BOXES = ("mask_miou", "ap50", "ap50_95", "label_accuracy", "depth_rmse_m", "abs_rel")
AGREEMENT = ("mask_in_boxes", "boxes_with_mask", "box_precision", "box_recall")
TITLES = {
    "mask_iou": "mask IoU", "boundary_iou": "rim IoU", "depth_rmse_m": "depth RMSE", "person_rmse_m": "person RMSE",
    "abs_rel": "AbsRel", "delta1": "δ < 1.25", "broad_mask_iou": "broad IoU",
    "photos_aligned_iou": "photos", "photos_shaken_iou": "shaken",
}  # fmt: skip
ROOM_TITLES = {
    "rooms_mask_iou": "mask IoU", "rooms_abs_rel": "AbsRel", "rooms_delta1": "δ < 1.25",
    "rooms_person_rmse_m": "person RMSE", "unknown_abs_rel": "camera unknown", "unknown_delta1": "δ < 1.25",
    "empty_pixels": "empty: pixels", "empty_pictures": "pictures",
}  # fmt: skip
BOX_TITLES = {
    "mask_miou": "mask mIoU", "ap50": "AP50", "ap50_95": "AP50:95", "label_accuracy": "label", "depth_rmse_m": "RMSE",
    "abs_rel": "AbsRel", "mask_in_boxes": "mask in boxes", "boxes_with_mask": "boxes filled",
}  # fmt: skip


def evaluate_command(name: str, weights: str | Path | None = None) -> dict:
    """One row of figures, None where the network has no such head; prints it as a table with the baselines' rows.

    The baselines are given their best: the threshold, and the mean depth map, of the very pictures that are scored.
    """
    network, card = trained_network(name, weights)  # before any drawing: a wrong name should be told at once
    asked = AsPredicted(network, card)
    museum, broad, rooms, empty = (data.loader(frozen_set(each), BATCH) for each in (MUSEUM, BROAD, ROOMS, EMPTY))
    sets = {"mask_iou": museum, "broad_mask_iou": broad}
    sets |= {"photos_aligned_iou": photographs.photo_pairs(), "photos_shaken_iou": photographs.photo_pairs(shaken=True)}
    ours = learn.evaluate(asked, museum) | {"broad_mask_iou": learn.evaluate(asked, broad).get("mask_iou")}
    for key in PHOTOS:
        ours[key] = photographs.total_iou(photographs.pixel_counts(network, sets[key], card["size"]))
    levels = {key: photographs.differencing_iou(sets[key]) for key in sets if key != "mask_iou"}
    levels |= learn.baselines(museum)
    moved = {key: photographs.differencing_iou(photographs.aligned_batches(sets[key])) for key in sets}
    pictures, pairs = len(museum.dataset), len(sets["photos_shaken_iou"])
    told = f"{pictures:,} pictures of {MUSEUM}, {len(broad.dataset):,} of {BROAD} (broad IoU)"
    print(f"{told}, and {pairs} pairs of photographs (photos; shaken):")
    ours |= room_scores(asked, rooms) | empty_scores(network, empty)
    levels |= empty_scores(learn.fit_differencing(museum), empty) | room_scores(learn.fit_mean_depth(rooms), rooms)
    floor = learn.score_geometry(museum) | _named("rooms", learn.score_geometry(rooms))
    rows = {name: ours, "pixel differencing, mean depth map": levels, "differencing after aligning": moved}
    rows["the floor's depth, and people's by their feet"] = floor
    print(learn.scores_table(rows, TITLES))
    print(f"{len(rooms.dataset):,} pictures of {ROOMS}, half with known cameras; {len(empty.dataset):,} of {EMPTY}:")
    print(learn.scores_table(rows, ROOM_TITLES))
    row = {"network": name, "parameters": models.count_parameters(network), "size": museum.dataset.bank.size}
    row |= {"test_set": MUSEUM} | {key: _finite(ours.get(key)) for key in (*HEADS, "broad_mask_iou", *MORE, *PHOTOS)}
    row |= {f"baseline_{key}": levels[key] for key in (*sets, "depth_rmse_m")}
    row |= {key: _finite(ours.get(key)) for key in ROOM_TITLES}
    row |= {f"baseline_{key}": _finite(levels.get(key)) for key in ROOM_TITLES if key in levels}
    row |= {f"baseline_floor_{key}": _finite(floor.get(key)) for key in (*HEADS[2:], *ROOM_TITLES) if key in floor}
    row |= {f"baseline_aligned_{key}": moved[key] for key in sets}
    row |= {"photo_pairs": pairs, "pictures": pictures, "steps": card.get("steps")}
    return row | (evaluate_boxes(name, asked) if models.heads(network) & {"heat", "object"} else {})


def room_scores(network: nn.Module, batches) -> dict[str, float]:
    """{"rooms_…"} of the pictures whose camera the network is told; {"unknown_…"} of the others, depth scaled."""
    told, untold = (learn.evaluate(network, learn.with_camera(batches, known)) for known in (True, False))
    scaled = {"abs_rel": untold.get("abs_rel_aligned"), "delta1": untold.get("delta1_aligned")}
    return _named("rooms", told) | _named("unknown", {key: value for key, value in scaled.items() if value is not None})


def _named(of: str, scores: dict[str, float]) -> dict[str, float]:
    """The same scores, the name of their pictures before each."""
    return {f"{of}_{key}": value for key, value in scores.items()}


@torch.no_grad()
def empty_scores(network: nn.Module, batches) -> dict[str, float]:
    """{"empty_pixels", "empty_pictures"}: shares of pixels called somebody, and of pictures with more than NOTICED."""
    answers = (learn.forward(network.eval(), batch) for batch in batches)
    shares = [(heads["mask"] > 0).float().mean((1, 2, 3)) for heads in answers if "mask" in heads]
    if not shares:
        return {}
    called = torch.cat(shares)
    return {"empty_pixels": called.mean().item(), "empty_pictures": (called > NOTICED).float().mean().item()}


def evaluate_boxes(name: str, network: nn.Module, batches=None) -> dict[str, float | None]:
    """{"objects_ap50", …, "objects_baseline_ap50", …, "objects_ms"}; prints them as a table."""
    batches = batches or data.loader(frozen_set(OBJECTS), BATCH)
    labels = torch.cat([each for batch in batches for each in batch["labels"]])
    ours, parts = learn.evaluate(network, batches), score_components(network, batches)
    levels = score_components(learn.fit_differencing(batches), batches)
    levels |= learn.evaluate(learn.fit_mean_depth(batches), batches)
    person = labels.float().mean().item()
    levels["label_accuracy"] = max(person, 1 - person)
    rows = {name: ours, "components of its mask": parts, "baselines: of differencing; mean depth; one label": levels}
    print(f"{len(batches.dataset):,} pictures of {OBJECTS}, {len(labels):,} people and props:")
    print(learn.scores_table(rows, BOX_TITLES))
    found = {f"objects_{key}": _finite(ours.get(key)) for key in (*BOXES, *AGREEMENT)}
    found |= {f"objects_baseline_{key}": _finite(levels.get(key)) for key in BOXES}
    found |= {"objects_parts_ap50": _finite(parts["ap50"]), "objects_pictures": len(batches.dataset)}
    return found | {"objects_ms": bench.latencies_ms((name,))[name]}


@torch.no_grad()
def score_components(network: nn.Module, batches) -> dict[str, float]:
    """Scores of a network whose boxes are the connected components of its mask, the larger the more certain."""
    boxes, scores = learn.Detections(certain=0.0), learn.Scores()
    for batch in batches:
        logits = learn.forward(network, batch)["mask"]
        scores.update({"mask": logits}, batch)
        boxes.update([_components(mask > 0) for mask in logits[:, 0]], batch, logits)
    found = boxes.result() | {"mask_miou": learn.mask_miou(scores.mask)}
    return {key: value for key, value in found.items() if key != "label_accuracy"}  # components have no names


def _components(mask: Tensor) -> dict[str, Tensor]:
    """The connected components of a mask H W as a detector would answer them."""
    boxes = torch.from_numpy(component_boxes(mask.numpy()))
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1) / mask.numel()
    order = area.argsort(descending=True, stable=True)
    return {"boxes": boxes[order], "scores": area[order], "labels": torch.ones(len(boxes), dtype=torch.int64)}


def _finite(value: float | None) -> float | None:
    """The number, or None where there is none: JSON knows no NaN."""
    return value if value is not None and isfinite(value) else None
