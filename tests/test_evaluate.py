"""`evaluate`: the keys that scripts rely on, the baselines beside them, and what a missing head looks like."""

import json
import math

import fakes
import pytest
import torch
from torch import nn

from helpers import __main__ as shell
from helpers import bench, data, evaluate, inference, learn, models, photographs

KEYS = {
    "network", "parameters", "size", "test_set", "mask_iou", "boundary_iou", "depth_rmse_m", "depth_rmse_01", "abs_rel",
    "delta1", "person_rmse_m", "broad_mask_iou", "baseline_mask_iou", "baseline_depth_rmse_m", "pictures",
    "photos_aligned_iou", "photos_shaken_iou", "baseline_photos_aligned_iou", "baseline_photos_shaken_iou",
    "baseline_aligned_mask_iou", "baseline_aligned_broad_mask_iou", "baseline_aligned_photos_aligned_iou",
    "baseline_aligned_photos_shaken_iou", "photo_pairs", "mask_dice", "abs_rel_aligned", "depth_ssim", "rooms_mask_iou",
    "rooms_abs_rel", "unknown_abs_rel", "empty_pixels", "empty_pictures", "baseline_rooms_abs_rel",
    "baseline_unknown_abs_rel", "baseline_empty_pixels", "baseline_floor_abs_rel", "baseline_floor_person_rmse_m",
    "baseline_floor_rooms_abs_rel",
}  # fmt: skip


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Small test sets, two pairs of photographs, and random weights."""
    pairs = {shaken: photographs.photo_pairs(shaken)[2::28] for shaken in (False, True)}
    monkeypatch.setattr(photographs, "photo_pairs", lambda shaken=False: pairs[shaken])
    banks = {evaluate.MUSEUM: fakes.bank(4, 4, 32), evaluate.BROAD: fakes.bank(0, 0, 32, 3, 3)}
    sets = {name: data.Scenes(bank, data.random_rows(bank, 60, seed=1)) for name, bank in banks.items()}
    museum = banks[evaluate.MUSEUM]
    sets[evaluate.ROOMS] = data.Scenes(museum, data.random_rows(museum, 60, seed=2), known=0.5)
    sets[evaluate.EMPTY] = data.Scenes(museum, data.random_rows(museum, 60, seed=3, nobody=1.0))
    monkeypatch.setattr(evaluate, "frozen_set", sets.__getitem__)
    monkeypatch.setattr(inference, "SHIPPED", tmp_path)
    torch.manual_seed(0)
    for name in ("masknet", "roomnet"):
        learn.save_checkpoint(tmp_path / f"{name}.safetensors", models.build(name), {"network": name, "size": 32})
    return sets


@pytest.mark.parametrize("name", ["masknet", "roomnet"])
def test_the_shell_prints_a_table_and_last_one_object(small, name, capsys):
    assert shell.main(["evaluate", name, "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    row = json.loads(lines[-1])
    assert KEYS <= set(row) and row["network"] == name and row["pictures"] == 60 and row["size"] == 32
    assert row["test_set"] == "museum-test-v2" and row["baseline_depth_rmse_m"] > 0 < row["baseline_mask_iou"]
    of_depth = {key for key in KEYS if "depth" in key and "base" not in key} | {"abs_rel", "abs_rel_aligned", "delta1"}
    of_depth |= {"rooms_abs_rel", "unknown_abs_rel"}
    missing = of_depth | {"person_rmse_m"} if name == "masknet" else set()
    assert {key for key in KEYS if row[key] is None} == missing
    table = "\n".join(lines[:-1])
    assert all(words in table for words in ("pixel differencing", "mean depth map", "60 pictures", "after aligning"))
    assert row["photo_pairs"] == 2 and all(math.isfinite(value) for value in row.values() if isinstance(value, float))
    network, _ = inference.trained_network(name)
    ours = learn.evaluate(network, data.loader(small[evaluate.MUSEUM], 50))
    assert row["mask_iou"] == ours["mask_iou"] and row["depth_rmse_m"] == ours.get("depth_rmse_m")


def test_an_alarm_rings_where_more_than_a_thousandth_is_called_somebody():
    background = torch.zeros(4, 3, 50, 50, dtype=torch.uint8)
    image = background.clone()
    image[0, :, 0, :2], image[1, :, 0, :3], image[2] = 99, 99, 99
    found = evaluate.empty_scores(learn.Differencing(10), [{"background": background, "image": image}])
    assert found == {"empty_pixels": pytest.approx((5 / 2500 + 1) / 4), "empty_pictures": 0.5}


def test_missing_weights_and_names_are_told_before_anything_is_drawn(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(evaluate, "frozen_set", lambda name: pytest.fail("drew a bank first"))
    monkeypatch.setattr(inference, "SHIPPED", tmp_path)
    for name, words in (("depthnet", "No trained weights of depthnet"), ("deepnet", "no network called 'deepnet'")):
        assert shell.main(["evaluate", name]) == 2
        assert words in capsys.readouterr().err
    assert shell.main(["evaluate", "masknet", "--weights", str(tmp_path / "gone.safetensors")]) == 2
    assert "There is no checkpoint" in capsys.readouterr().err


@pytest.fixture(scope="module")
def batches():
    """Forty pictures of one or two ellipses."""
    bank = fakes.bank(4, 4, 32)
    return data.loader(data.Scenes(bank, data.random_rows(bank, 40, 1, (1, 2)), "camera", boxes=True), 20)


class Right(nn.Module):
    """Answers the true mask: each batch is known by its image."""

    def __init__(self, batches) -> None:
        super().__init__()
        self.masks = [(batch["image"], 20 * batch["mask"] - 10) for batch in batches]

    def forward(self, background, image) -> dict[str, torch.Tensor]:
        """{"mask"}."""
        return {"mask": next(mask for known, mask in self.masks if torch.equal(known, image))}


def test_components_of_the_true_mask_find_what_stands_alone(batches):
    scores = evaluate.score_components(Right(batches), batches)
    alone = sum(len(boxes) == 1 for batch in batches for boxes in batch["boxes"])
    assert scores["mask_miou"] == 1 and scores["mask_in_boxes"] > 0.99 and "label_accuracy" not in scores
    assert alone / 40 < scores["box_recall"] <= 1


def test_every_figure_of_boxes_has_its_baseline(batches, capsys, monkeypatch):
    monkeypatch.setattr(bench, "latencies_ms", lambda names: dict.fromkeys(names, 5.0))
    torch.manual_seed(0)
    found = evaluate.evaluate_boxes("percamera", models.build("percamera").eval(), batches)
    assert {f"objects_{name}" for name in (*evaluate.BOXES, *evaluate.AGREEMENT)} <= set(found)
    assert {f"objects_baseline_{name}" for name in evaluate.BOXES} <= set(found)
    assert found["objects_ms"] == 5 and found["objects_pictures"] == 40 and "objects_parts_ap50" in found
    assert found["objects_baseline_label_accuracy"] >= 0.5 and found["objects_baseline_depth_rmse_m"] > 0
    said = capsys.readouterr().out
    assert "mean depth" in said and "components of its mask" in said and "AP50:95" in said
