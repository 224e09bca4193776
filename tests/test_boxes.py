"""Boxes to cells and back, non-maximum suppression, average precision, and the losses of both heads."""

import numpy as np
import pytest
import torch
from torchvision.ops import box_iou

from helpers import data, learn, models
from helpers.learn.boxes import boxes_of_cells, match_boxes

BOXES = torch.tensor([[10.0, 20, 21, 60], [50, 8, 90, 30], [3, 80, 12, 95]])
LABELS = torch.tensor([1, 0, 1])


def told(boxes=BOXES, labels=LABELS, size: int = 96) -> dict[str, torch.Tensor]:
    """The heads of a network that is certain and right, for one picture."""
    maps = learn.encode_boxes([boxes], [labels], (size // 4, size // 4))
    heads = {name: maps[name] for name in ("size", "offset")} | {"mask": torch.zeros(1, 1, size, size)}
    return heads | {"heat": torch.logit(maps["heat"], 1e-4), "label": 8 * maps["label"] - 4}


def test_what_is_encoded_is_decoded():
    found = learn.decode_boxes(told())[0]
    named = {tuple(box): label for box, label in zip(found["boxes"].round().tolist(), found["labels"].tolist())}
    assert named == {tuple(box): label for box, label in zip(BOXES.tolist(), LABELS.tolist())}
    assert found["scores"].min() > 0.99
    beyond = learn.decode_boxes(told(torch.tensor([[80.0, 90, 120, 104]]), torch.tensor([1])))[0]
    assert beyond["boxes"].round().tolist() == [[80, 90, 96, 96]], "boxes end at the picture"
    assert len(learn.decode_boxes(told(BOXES[:0], LABELS[:0]))[0]["boxes"]) == 0


def test_every_cell_near_a_centre_answers_the_whole_box():
    maps = learn.encode_boxes([BOXES], [LABELS], (24, 24))
    boxes, near = boxes_of_cells(maps["size"], maps["offset"])[0], maps["near"][0, 0] > 0
    assert near.sum() > 5, "the wide box has more cells than its centre"
    apart = (boxes[near][:, None] - BOXES).abs().sum(2).min(1).values
    assert apart.max() < 1e-3
    assert maps["heat"].max() == 1 and (maps["heat"] == 1).sum() == 3


def test_of_two_boxes_of_one_thing_the_hotter_stays():
    heads = told(BOXES[1:2], LABELS[1:2])
    row, column = divmod(int(heads["heat"].flatten().argmax()), 24)
    heads["heat"][0, 0, row, column + 2] = 3.0  # a second peak, two cells away, that answers the same box
    heads["size"][0, :, row, column + 2] = heads["size"][0, :, row, column]
    heads["offset"][0, :, row, column + 2] = heads["offset"][0, :, row, column] - torch.tensor([2.0, 0])
    one, both = learn.decode_boxes(heads)[0], learn.decode_boxes(heads, overlap=1.0)[0]
    assert len(one["boxes"]) == 1 and one["scores"][0] > 0.99
    assert len(both["boxes"]) == 2 and both["scores"][0] > both["scores"][1]


def test_two_people_side_by_side_both_stay():
    boxes = torch.tensor([[20.0, 20, 34, 70], [28, 22, 42, 72]])  # IoU .26
    assert len(learn.decode_boxes(told(boxes, torch.tensor([1, 1])))[0]["boxes"]) == 2


def test_a_network_without_boxes_says_so():
    with pytest.raises(ValueError, match="no detection head.*mask, depth"):
        learn.decode_boxes({"mask": torch.zeros(1), "depth": torch.zeros(1)})
    with pytest.raises(ValueError, match="needs a detection head.*only has: mask"):
        learn.DetectionLoss()({"mask": torch.zeros(1)}, {})
    with pytest.raises(ValueError, match="boxes=True"):
        learn.DetectionLoss()(told(), {})


def test_each_true_box_is_found_once_and_the_most_certain_takes_it():
    overlaps = np.array([[0.6, 0.9], [0.55, 0.8], [0.2, 0.1]])
    assert match_boxes(overlaps).tolist() == [1, 0, -1]
    assert match_boxes(overlaps, 0.7).tolist() == [1, -1, -1]
    assert match_boxes(np.zeros((2, 0))).tolist() == [-1, -1] and match_boxes(np.zeros((0, 2))).tolist() == []


def scored(found: list[dict], boxes=(BOXES, BOXES[:1]), labels=(LABELS, LABELS[:1])) -> dict[str, float]:
    counted = learn.Detections()
    counted.update(found, {"boxes": list(boxes), "labels": list(labels)})
    return counted.result()


def answer(boxes: torch.Tensor, labels: torch.Tensor, scores) -> dict[str, torch.Tensor]:
    return {"boxes": boxes, "labels": labels, "scores": torch.as_tensor(scores)}


def test_perfect_empty_and_wrong_answers():
    right = [answer(BOXES, LABELS, [0.9, 0.8, 0.7]), answer(BOXES[:1], LABELS[:1], [0.95])]
    perfect = scored(right)
    assert all(perfect[name] == pytest.approx(1) for name in ("ap50", "ap50_95", "label_accuracy", "box_recall"))
    nothing = scored([answer(torch.zeros(0, 4), LABELS[:0], []) for _ in range(2)])
    assert nothing["ap50"] == nothing["ap50_95"] == nothing["box_recall"] == 0 and np.isnan(nothing["box_precision"])
    swapped = scored(right[::-1])  # boxes of other pictures do not count
    assert swapped["box_recall"] == swapped["box_precision"] == pytest.approx(2 / 4)
    moved = scored([answer(each["boxes"] + 40, each["labels"], each["scores"].tolist()) for each in right])
    assert moved["ap50"] == 0 and moved["box_precision"] == 0


def test_a_wrong_label_costs_the_label_and_not_the_box():
    wrong = scored([answer(BOXES, 1 - LABELS, [0.9, 0.8, 0.7]), answer(BOXES[:1], LABELS[:1], [0.9])])
    assert wrong["ap50"] == pytest.approx(1) and wrong["label_accuracy"] == 1 / 4
    unsure = scored([answer(BOXES, LABELS, [0.9, 0.1, 0.1]), answer(BOXES[:1], LABELS[:1], [0.9])])
    assert unsure["ap50"] == pytest.approx(1) and unsure["box_recall"] == 2 / 4 and unsure["box_precision"] == 1


def by_hand(found, boxes, threshold: float) -> float:
    """The mean over 101 recalls, 0 to 1, of the best precision at that recall or beyond."""
    pairs = zip(found, boxes)
    right = np.concatenate([match_boxes(box_iou(each["boxes"], box).numpy(), threshold) >= 0 for each, box in pairs])
    order = np.argsort(-np.concatenate([each["scores"] for each in found]), kind="stable")
    hits = right[order].cumsum()
    precision, recall = hits / np.arange(1, len(hits) + 1), hits / sum(map(len, boxes))
    return np.mean([precision[recall >= least].max(initial=0) for least in np.linspace(0, 1, 101)])


def test_average_precision_is_that_of_the_formula():
    rng, found, boxes = torch.Generator().manual_seed(0), [], []
    for _ in range(30):
        corner, side = 60 * torch.rand(3, 2, generator=rng), 8 + 25 * torch.rand(3, 2, generator=rng)
        boxes.append(torch.cat([corner, corner + side], 1))
        guess = torch.cat([boxes[-1] + 1.5 * torch.randn(3, 4, generator=rng), boxes[-1][:1] + 5])
        found.append(answer(guess, torch.zeros(4, dtype=int), torch.rand(4, generator=rng).sort(descending=True)[0]))
    ours = scored(found, boxes, [torch.zeros(3, dtype=int) for _ in boxes])
    each = [by_hand(found, boxes, threshold) for threshold in np.linspace(0.5, 0.95, 10)]
    assert (ours["ap50"], ours["ap50_95"]) == pytest.approx((each[0], np.mean(each)), abs=1e-6)
    assert 0 < ours["ap50_95"] < ours["ap50"] < 1
    nobody = scored(found[:1], [torch.zeros(0, 4)], [torch.zeros(0, dtype=int)])
    assert np.isnan(nobody["ap50"]) and np.isnan(nobody["box_recall"])


def test_boxes_and_mask_agree_or_not():
    mask = torch.full((1, 1, 96, 96), -1.0)
    mask[..., 20:60, 10:21] = 1
    counted = learn.Detections()
    counted.update([answer(BOXES, LABELS, [0.9, 0.8, 0.7])], {"boxes": [BOXES], "labels": [LABELS]}, mask)
    assert counted.result()["mask_in_boxes"] == 1 and counted.result()["boxes_with_mask"] == 1 / 3


def test_the_loss_is_least_where_the_answer_is_right_and_has_a_gradient():
    batch, right = {"boxes": [BOXES], "labels": [LABELS]}, told()
    loss = learn.DetectionLoss()
    terms = loss.terms(right, batch)
    assert terms["box"] < 1e-4 and terms["place"] < 1e-3 and terms["label"] < 0.03 and terms["heat"] < 0.05
    for name in ("heat", "label", "size", "offset"):
        wrong = right | {name: (right[name] + 1).requires_grad_()}
        value = loss(wrong, batch)
        value.backward()
        assert value > loss(right, batch) and wrong[name].grad.abs().sum() > 0
    empty = loss(right, {"boxes": [torch.zeros(0, 4)], "labels": [LABELS[:0]]})
    assert empty.isfinite() and empty > 1


def test_toy_data_is_what_the_seed_drew():
    toy = data.Rectangles(5, 64, seed=3)
    first, again, other = toy[1], data.Rectangles(9, 64, seed=3)[1], toy[2]
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["mask"], other["mask"])
    x0, y0, x1, y1 = first["boxes"][0].long().tolist()
    assert first["mask"].sum() == (x1 - x0) * (y1 - y0) == first["mask"][0, y0:y1, x0:x1].sum()
    assert len(first["background"].unique()) == 1 and first["labels"].tolist() == [1]
    assert (first["depth"][first["mask"] == 0] == 20).all() and len(first["depth"].unique()) <= 2


def test_the_seed_s_network_learns_from_its_own_loss_and_is_scored_as_ours():
    batch = data.collate([data.Rectangles(4, 32)[i] for i in range(4)])
    network = models.build("tiny_percamera")
    value = learn.one_box_loss(network(None, batch["image"]), batch)
    value.backward()
    assert value.isfinite() and all(weight.grad is not None for weight in network.parameters())
    box = batch["boxes"][0][0]
    middle, side = (box[:2] + box[2:]) / 64, (box[2:] - box[:2]) / 32
    heads = {"mask": torch.zeros(1, 1, 32, 32), "object": torch.tensor([4.0])}
    heads["box"] = torch.cat([middle, side])[None]
    found = learn.decode_boxes(heads)[0]
    assert torch.allclose(found["boxes"][0], box, atol=1e-4) and found["labels"].tolist() == [1]
    assert len(learn.decode_boxes(heads | {"object": torch.tensor([-4.0])})[0]["boxes"]) == 0
    assert learn.evaluate(network, [batch])["label_accuracy"] in (1.0, pytest.approx(float("nan"), nan_ok=True))
