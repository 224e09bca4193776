"""Photographs: what may be passed on, pairs that repeat, masks that are exact, scores that are right, no training."""

import re
from hashlib import sha256

import numpy as np
import pytest
import torch
from PIL import Image

from helpers import inference, learn, models, photographs, predict
from helpers.base import ROOT
from helpers.photographs import ious_by_pair, pixel_counts, predicted_mask, total_iou

FOLDER = photographs.FOLDER


@pytest.fixture(scope="module")
def both():
    """The pairs aligned, and shaken."""
    return photographs.photo_pairs(), photographs.photo_pairs(shaken=True)


class Blank(torch.nn.Module):
    """A network that finds what it is told: everything, or nothing."""

    def __init__(self, logit: float) -> None:
        super().__init__()
        self.logit = logit

    def forward(self, background, image):
        return {"mask": torch.full_like(image[:, :1], self.logit)}


def test_every_photograph_is_small_and_its_licence_is_told():
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 1_200_000
    page, paths = (FOLDER / "README.md").read_text(), sorted(FOLDER.glob("*.jpg"))
    assert re.findall(r"^\| `(\w+)\.jpg`", page, re.M) == [path.stem for path in paths]
    for path in paths:
        with Image.open(path) as picture:
            assert min(picture.size) >= 256 and max(picture.size) <= 385 and not picture.getexif()


def test_no_photograph_is_ever_trained_on():
    """Rooms such as data and learn may import no file of helpers but base, which test_imports holds."""
    for name in ("ship", "train", "inference", "profile"):
        path = ROOT / "helpers" / f"{name}.py"
        assert not path.is_file() or not re.search(r"import.*photographs|photographs\.", path.read_text()), name


def test_the_plan_and_its_pairs_are_what_they_were(both):
    plan = photographs.planned_pairs()
    assert len(plan) == len(both[0]) == len(both[1]) == 56
    assert sum(pair.mask.startswith("shape") for pair in plan) == sum(pair.size == 224 for pair in plan) == 28
    assert all(pair.behind != pair.front for pair in plan)
    hashed = sha256()
    for batch in both[0]:
        for name in ("background", "image", "mask"):
            hashed.update(batch[name].to(torch.uint8).numpy().tobytes())
    assert hashed.hexdigest().startswith("0e1387f647079f1b")
    means = [[batch[name].float().mean().item() for batch in both[1]] for name in ("image", "mask")]
    assert np.mean(means, 1) == pytest.approx([107.757, 0.18600], rel=1e-4)  # rounding differs between processors


def test_iou_is_that_of_all_pixels_together(both):
    batches = both[0][3::10]
    counts = pixel_counts(Blank(1), batches)
    shares = [batch["mask"].mean().item() for batch in batches]
    assert ious_by_pair(counts) == pytest.approx(shares)
    pixels = np.array([batch["mask"].numel() for batch in batches])
    assert total_iou(counts) == pytest.approx((shares * pixels).sum() / pixels.sum())
    assert total_iou(pixel_counts(Blank(-1), batches)) == 0
    assert pixel_counts(learn.MeanDepth(torch.ones(1, 1, 4, 4)), batches) is None and total_iou(None) is None


def test_the_network_is_scored_on_what_predict_says(both, monkeypatch):
    torch.manual_seed(0)
    network = models.build("roomnet").eval()
    monkeypatch.setattr(inference, "trained_network", lambda *_: (network, {"size": 96}))
    batch = both[1][3]
    told = predict(*(batch[name][0].permute(1, 2, 0).numpy() for name in ("background", "image")))["mask"]
    assert np.array_equal(told, predicted_mask(network, batch))


def test_differencing_has_its_best_threshold_and_gains_by_aligning(both):
    still, shaken = (pairs[3::10] for pairs in both)
    for batches in (still, shaken):
        best = photographs.differencing_iou(batches)
        assert total_iou(pixel_counts(learn.fit_differencing(batches), batches)) == pytest.approx(best)
        for threshold in (0, 3, 12, 40):
            assert total_iou(pixel_counts(learn.Differencing(threshold), batches)) <= best + 1e-12
    assert photographs.differencing_iou(still) > 0.9
    laid = photographs.differencing_iou(photographs.aligned_batches(shaken))
    assert laid > photographs.differencing_iou(shaken) + 0.2
