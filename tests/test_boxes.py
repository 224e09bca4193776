"""Boxes to cells and back, non-maximum suppression, average precision by hand, and the losses of both heads."""

import fakes
import numpy as np
import pytest
import torch

from helpers import data, learn, models
from helpers.learn.boxes import all_boxes
from helpers.learn.detection import focal
from helpers.learn.precision import agreement, pairs

BOXES = torch.tensor([[10.0, 20, 21, 60], [50, 8, 90, 30], [3, 80, 12, 95]])
LABELS = torch.tensor([1, 0, 1])


def told(boxes=BOXES, labels=LABELS, size: int = 96) -> dict[str, torch.Tensor]:
    """The heads of a network that is certain and right, for one picture."""
    maps = learn.encode([boxes], [labels], (size // 4, size // 4))
    heads = {name: maps[name] for name in ("size", "offset")} | {"mask": torch.zeros(1, 1, size, size)}
    return heads | {"heat": torch.logit(maps["heat"], 1e-4), "label": 8 * maps["label"] - 4}


def sorted_rows(boxes: torch.Tensor) -> list:
    return sorted(boxes.round(decimals=3).tolist())


def test_what_is_encoded_is_decoded():
    found = learn.decode(told())[0]
    assert sorted_rows(found["boxes"]) == sorted_rows(BOXES)
    named = {tuple(box): label for box, label in zip(found["boxes"].round().tolist(), found["labels"].tolist())}
    assert named == {tuple(box): label for box, label in zip(BOXES.tolist(), LABELS.tolist())}
    assert found["scores"].min() > 0.99


def test_every_cell_near_a_centre_answers_the_whole_box():
    maps = learn.encode([BOXES], [LABELS], (24, 24))
    boxes, near = all_boxes(maps["size"], maps["offset"])[0], maps["near"][0, 0] > 0
    assert near.sum() > 5, "the wide box has more cells than its centre"
    apart = (boxes[near][:, None] - BOXES).abs().sum(2).min(1).values
    assert apart.max() < 1e-3
    assert maps["heat"].max() == 1 and (maps["heat"] == 1).sum() == 3


def test_pictures_of_no_thing_and_of_odd_sizes():
    none = torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64)
    maps = learn.encode([none[0], BOXES], [none[1], LABELS], (25, 30))
    assert maps["heat"].shape == (2, 1, 25, 30) and maps["size"].shape == (2, 2, 25, 30)
    assert not maps["heat"][0].any() and not maps["near"][0].any() and maps["heat"][1].max() == 1
    assert len(learn.decode(told(*none))[0]["boxes"]) == 0


def test_boxes_end_at_the_picture():
    found = learn.decode(told(torch.tensor([[80.0, 90, 120, 104]]), torch.tensor([1])))[0]
    assert found["boxes"].round().tolist() == [[80, 90, 96, 96]]


def test_of_two_boxes_of_one_thing_the_hotter_stays():
    heads = told(BOXES[1:2], LABELS[1:2])
    row, column = divmod(int(heads["heat"].flatten().argmax()), 24)
    heads["heat"][0, 0, row, column + 2] = 3.0  # a second peak, two cells away, that answers the same box
    heads["size"][0, :, row, column + 2] = heads["size"][0, :, row, column]
    heads["offset"][0, :, row, column + 2] = heads["offset"][0, :, row, column] - torch.tensor([2.0, 0])
    one, both = learn.decode(heads)[0], learn.decode(heads, overlap=1.0)[0]
    assert len(one["boxes"]) == 1 and one["scores"][0] > 0.99
    assert len(both["boxes"]) == 2 and both["scores"][0] > both["scores"][1]


def test_two_people_side_by_side_both_stay():
    boxes = torch.tensor([[20.0, 20, 34, 70], [28, 22, 42, 72]])  # IoU .26
    assert len(learn.decode(told(boxes, torch.tensor([1, 1])))[0]["boxes"]) == 2


def test_a_network_without_boxes_says_so():
    with pytest.raises(ValueError, match="no detection head.*mask, depth"):
        learn.decode({"mask": torch.zeros(1), "depth": torch.zeros(1)})
    with pytest.raises(ValueError, match="needs a detection head.*only has: mask"):
        learn.DetectionLoss()({"mask": torch.zeros(1)}, {})
    with pytest.raises(ValueError, match="boxes=True"):
        learn.DetectionLoss()(told(), {})
    with pytest.raises(ValueError, match="no term 'iou'.*heat, box, place, label"):
        learn.DetectionLoss(weights={"iou": 1})


def test_each_true_box_is_found_once_and_the_most_certain_takes_it():
    overlaps = np.array([[0.6, 0.9], [0.55, 0.8], [0.2, 0.1]])
    assert pairs(overlaps).tolist() == [1, 0, -1]
    assert pairs(overlaps, 0.7).tolist() == [1, -1, -1]
    assert pairs(np.zeros((2, 0))).tolist() == [-1, -1] and pairs(np.zeros((0, 2))).tolist() == []


def test_average_precision_by_hand():
    scores, right = np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, True, False])
    precision, recall = learn.precision_recall(scores, right, 4)
    assert precision.tolist() == [1, 1 / 2, 2 / 3, 1 / 2] and recall.tolist() == [0.25, 0.25, 0.5, 0.5]
    # Recalls 0 to .25 at precision 1, to .5 at 2/3, never beyond: 26 and 25 of 101.
    assert learn.average_precision(scores, right, 4) == pytest.approx((26 + 25 * 2 / 3) / 101)
    assert learn.average_precision(scores, np.ones(4, bool), 4) == pytest.approx(1)
    assert learn.average_precision(np.zeros(0), np.zeros(0, bool), 3) == 0
    assert np.isnan(learn.average_precision(scores, right, 0))


def scored(found: list[dict], boxes=(BOXES, BOXES[:1]), labels=(LABELS, LABELS[:1])) -> dict[str, float]:
    counted = learn.Detections()
    counted.update(found, {"boxes": list(boxes), "labels": list(labels)})
    return counted.result()


def answer(boxes: torch.Tensor, labels: torch.Tensor, scores: list[float]) -> dict[str, torch.Tensor]:
    return {"boxes": boxes, "labels": labels, "scores": torch.tensor(scores)}


def test_perfect_empty_and_wrong_answers():
    right = [answer(BOXES, LABELS, [0.9, 0.8, 0.7]), answer(BOXES[:1], LABELS[:1], [0.95])]
    perfect = scored(right)
    assert all(perfect[name] == pytest.approx(1) for name in ("ap50", "ap50_95", "label_accuracy", "box_recall"))
    nothing = scored([answer(torch.zeros(0, 4), LABELS[:0], []) for _ in range(2)])
    assert nothing["ap50"] == nothing["ap50_95"] == nothing["box_recall"] == 0 and np.isnan(nothing["box_precision"])
    moved = scored([answer(each["boxes"] + 40, each["labels"], each["scores"].tolist()) for each in right])
    assert moved["ap50"] == 0 and moved["box_precision"] == 0


def test_boxes_of_other_pictures_do_not_count():
    swapped = scored([answer(BOXES[:1], LABELS[:1], [0.9]), answer(BOXES, LABELS, [0.9, 0.8, 0.7])])
    assert swapped["box_recall"] == pytest.approx(2 / 4) and swapped["box_precision"] == pytest.approx(2 / 4)


def test_the_order_of_pictures_and_equal_scores_do_not_matter():
    one = answer(BOXES + torch.tensor([0.0, 0, 2, 2]), LABELS, [0.9, 0.5, 0.35])
    other = answer(BOXES[:1] + 30, LABELS[:1], [0.6])
    first = scored([one, other])
    second = scored([other, one], (BOXES[:1], BOXES), (LABELS[:1], LABELS))
    assert first == pytest.approx(second, nan_ok=True) and 0 < first["ap50_95"] < first["ap50"] < 1


def test_a_wrong_label_costs_the_label_and_not_the_box():
    wrong = scored([answer(BOXES, 1 - LABELS, [0.9, 0.8, 0.7]), answer(BOXES[:1], LABELS[:1], [0.9])])
    assert wrong["ap50"] == pytest.approx(1) and wrong["label_accuracy"] == 1 / 4


def test_uncertain_boxes_count_for_average_precision_only():
    found = scored([answer(BOXES, LABELS, [0.9, 0.1, 0.1]), answer(BOXES[:1], LABELS[:1], [0.9])])
    assert found["ap50"] == pytest.approx(1) and found["box_recall"] == 2 / 4 and found["box_precision"] == 1


def test_by_hand_and_by_library_are_equal():
    from torchmetrics.detection import MeanAveragePrecision

    rng, found, boxes = torch.Generator().manual_seed(0), [], []
    for _ in range(30):
        corner, side = 60 * torch.rand(3, 2, generator=rng), 8 + 25 * torch.rand(3, 2, generator=rng)
        boxes.append(torch.cat([corner, corner + side], 1))
        guess = torch.cat([boxes[-1] + 1.5 * torch.randn(3, 4, generator=rng), boxes[-1][:1] + 5])
        scores = torch.rand(4, generator=rng).sort(descending=True).values
        found.append({"boxes": guess, "scores": scores, "labels": torch.zeros(4, dtype=torch.int64)})
    labels = [torch.zeros(3, dtype=torch.int64) for _ in boxes]
    # Its own recalls are float32, and so some of them lie just beyond a fraction such as 3 of 15.
    library = MeanAveragePrecision(rec_thresholds=np.linspace(0, 1, 101).tolist())
    library.update(found, [{"boxes": box, "labels": label} for box, label in zip(boxes, labels)])
    theirs, ours = library.compute(), scored(found, boxes, labels)
    assert ours["ap50"] == pytest.approx(theirs["map_50"].item(), abs=1e-5)
    assert ours["ap50_95"] == pytest.approx(theirs["map"].item(), abs=1e-5)


def test_boxes_and_mask_agree_or_not():
    mask = torch.zeros(96, 96, dtype=torch.bool)
    mask[20:60, 10:21] = True
    counts = agreement(BOXES, mask)
    assert counts == {"mask": 40 * 11, "mask_in_boxes": 40 * 11, "filled": 1}


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


def test_plain_cross_entropy_by_hand_where_nothing_is_focused():
    heat = torch.tensor([1.0, 0.0])
    assert focal(torch.zeros(2), heat).item() == pytest.approx(2 * 0.25 * np.log(2))


def test_a_few_steps_teach_the_cells_a_picture():
    torch.manual_seed(0)
    bank = fakes.bank(2, 4, 32)
    scenes = data.Scenes(bank, data.free(bank, 4, objects=(1, 3)), boxes=True)
    batches = [data.collate([scenes[i] for i in range(4)])]
    network = models.build("percamera")
    loss = learn.DetectionLoss(learn.Criterion({"mask": {"bce": 1}, "depth": {"l1": 1}}))
    history = learn.fit(network, batches, loss, learn.Settings(epochs=20, lr=3e-3, reports=2, valid=batches))
    assert history[-1]["loss"] < 0.7 * history[0]["loss"]
    assert set(history[0]) >= {"ap50", "ap50_95", "label_accuracy", "mask_miou", "depth_rmse_m", "boxes_with_mask"}


def test_toy_data_is_what_the_seed_drew():
    toy = data.Rectangles(5, 64, seed=3)
    first, again, other = toy[1], data.Rectangles(9, 64, seed=3)[1], toy[2]
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["mask"], other["mask"])
    x0, y0, x1, y1 = first["boxes"][0].long().tolist()
    assert first["mask"].sum() == (x1 - x0) * (y1 - y0) == first["mask"][0, y0:y1, x0:x1].sum()
    assert len(first["background"].unique()) == 1 and first["labels"].tolist() == [1]
    assert (first["depth"][first["mask"] == 0] == 20).all() and len(first["depth"].unique()) <= 2
    with pytest.raises(ValueError, match="a picture or more"):
        data.Rectangles(0)
    with pytest.raises(IndexError, match="no picture 5: this toy data has 5"):
        toy[5]


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
    found = learn.decode(heads)[0]
    assert torch.allclose(found["boxes"][0], box, atol=1e-4) and found["labels"].tolist() == [1]
    assert len(learn.decode(heads | {"object": torch.tensor([-4.0])})[0]["boxes"]) == 0
    assert learn.evaluate(network, [batch])["label_accuracy"] in (1.0, pytest.approx(float("nan"), nan_ok=True))


def test_the_mean_of_two_ious():
    assert learn.mask_miou({"tp": 10, "fp": 0, "fn": 10, "tn": 80}) == pytest.approx((10 / 20 + 80 / 90) / 2)
