"""What a network of boxes is judged by: the baselines beside it, and answers that are known to be right."""

import fakes
import pytest
import torch
from torch import nn

from helpers import data, kpis, learn, models


@pytest.fixture(scope="module")
def batches():
    """Forty pictures of one or two ellipses."""
    bank = fakes.bank(4, 4, 32)
    return data.loader(data.Scenes(bank, data.random_rows(bank, 40, 1, (1, 2)), "camera", boxes=True), 20)


class Right(nn.Module):
    """Answers the truth: each batch is known by its first picture."""

    def __init__(self, batches) -> None:
        super().__init__()
        self.masks = [(batch["image"], 20 * batch["mask"] - 10) for batch in batches]

    def forward(self, background, image) -> dict[str, torch.Tensor]:
        """{"mask"}."""
        return {"mask": next(mask for known, mask in self.masks if torch.equal(known, image))}


def test_parts_of_the_true_mask_find_what_stands_alone(batches):
    scores = kpis.of_parts(Right(batches), batches)
    alone = sum(len(boxes) == 1 for batch in batches for boxes in batch["boxes"])
    assert scores["mask_miou"] == 1 and scores["mask_in_boxes"] > 0.99 and "label_accuracy" not in scores
    assert alone / 40 < scores["box_recall"] <= 1


def test_every_figure_has_its_baseline(batches, capsys, monkeypatch):
    monkeypatch.setattr(kpis.latency, "latencies", lambda names: dict.fromkeys(names, 5.0))
    torch.manual_seed(0)
    found = kpis.kpis("percamera", models.build("percamera").eval(), batches)
    assert {f"objects_{name}" for name in kpis.NAMES} <= set(found) and found["objects_pictures"] == 40
    assert {f"objects_baseline_{name}" for name in kpis.NAMES[:6]} <= set(found) and found["objects_ms"] == 5
    assert found["objects_baseline_label_accuracy"] >= 0.5 and found["objects_baseline_depth_rmse_m"] > 0
    said = capsys.readouterr().out
    assert "mean depth map" in said and "subtraction, connected parts" in said and "AP50:95" in said


def test_a_part_is_more_certain_the_larger_it_is():
    mask = torch.zeros(32, 32)
    mask[2:6, 2:6], mask[10:30, 10:30] = 1, 1
    found = kpis.found(mask)
    assert found["boxes"].tolist() == [[10, 10, 30, 30], [2, 2, 6, 6]] and found["scores"][0] > found["scores"][1]
    assert learn.Detections().certain > 0
