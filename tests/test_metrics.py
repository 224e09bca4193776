"""Metrics: perfect, half, empty and constant cases; sums over all pixels, never means of batches."""

import math

import pytest
import torch
from torchmetrics.classification import BinaryJaccardIndex

from helpers import learn
from helpers.learn import metrics
from helpers.world import camera


def logits_of(mask: torch.Tensor) -> torch.Tensor:
    """Confident logits whose mask is this one."""
    return mask * 8 - 4


def square(left: int, right: int, size: int = 8) -> torch.Tensor:
    """A mask 1 1 S S whose columns left..right are foreground."""
    mask = torch.zeros(1, 1, size, size)
    mask[..., left:right] = 1
    return mask


def score(guess: torch.Tensor, truth: torch.Tensor) -> dict[str, float]:
    return learn.mask_scores(learn.mask_sums(logits_of(guess), truth))


def test_a_perfect_mask_scores_one():
    assert score(square(2, 6), square(2, 6)) == {"mask_iou": 1, "mask_dice": 1, "mask_accuracy": 1}


def test_half_of_a_mask_scores_half():
    result = score(square(2, 4), square(2, 6))
    assert result == {"mask_iou": 0.5, "mask_dice": pytest.approx(2 / 3), "mask_accuracy": 0.75}


def test_a_mask_beside_the_truth_scores_nothing():
    assert score(square(0, 2), square(4, 6))["mask_iou"] == 0


def test_empty_masks_agree_and_a_false_alarm_does_not():
    empty = square(0, 0)
    assert score(empty, empty)["mask_iou"] == 1
    assert score(square(0, 1), empty)["mask_iou"] == 0
    assert score(empty, square(0, 1))["mask_iou"] == 0


def test_a_soft_mask_is_cut_at_the_threshold_before_it_is_counted():
    faint = torch.full((1, 1, 8, 8), -0.1)  # probability .475 everywhere
    assert learn.mask_sums(faint, square(0, 4))["tp"] == 0
    assert learn.mask_sums(faint, square(0, 4), threshold=0.4)["tp"] == 32


def test_our_iou_is_the_library_s():
    rng = torch.Generator().manual_seed(3)
    logits, mask = torch.randn(4, 1, 16, 16, generator=rng), torch.rand(4, 1, 16, 16, generator=rng) > 0.8
    ours = learn.mask_scores(learn.mask_sums(logits, mask.float()))["mask_iou"]
    assert ours == pytest.approx(BinaryJaccardIndex()(logits, mask).item(), abs=1e-6)


def test_a_partial_last_batch_weighs_what_its_pixels_weigh():
    rng = torch.Generator().manual_seed(1)
    logits, mask = torch.randn(7, 1, 8, 8, generator=rng), (torch.rand(7, 1, 8, 8, generator=rng) > 0.7).float()
    depth = torch.rand(7, 1, 8, 8, generator=rng) * 9 + 1
    outputs = {"mask": logits, "depth": depth.flip(0)}
    batch = {"mask": mask, "depth": depth, "depth_valid": mask}
    whole, parts = learn.Scores(), learn.Scores()
    whole.update(outputs, batch)
    for cut in (slice(0, 3), slice(3, 6), slice(6, 7)):
        part = {name: value[cut] for name, value in batch.items()}
        parts.update({name: value[cut] for name, value in outputs.items()}, part)
    assert parts.result() == pytest.approx(whole.result())


def depth_score(guess, truth, valid=None) -> dict[str, float]:
    valid = torch.ones_like(truth) if valid is None else valid
    return learn.depth_scores(learn.depth_sums(guess, truth, valid))


def test_perfect_depth_has_no_error():
    truth = torch.rand(2, 1, 8, 8) * 10 + 1
    assert depth_score(truth, truth) == {"depth_rmse_m": 0, "depth_rmse_01": 0, "abs_rel": 0}


def test_a_constant_error_in_metres_is_its_own_rmse():
    truth = torch.full((2, 1, 8, 8), 4.0)
    result = depth_score(truth + 1, truth)
    assert result == {"depth_rmse_m": 1, "depth_rmse_01": pytest.approx(0.05), "abs_rel": 0.25}


def test_only_honest_depth_counts():
    truth, valid = torch.full((1, 1, 8, 8), 5.0), square(0, 4)
    guess = truth + 100 * (1 - valid)
    assert depth_score(guess, truth, valid)["depth_rmse_m"] == 0
    assert math.isnan(depth_score(guess, truth, torch.zeros_like(valid))["depth_rmse_m"])


def test_far_is_the_world_s_far():
    assert metrics.FAR == camera.FAR


def test_a_wrong_shape_and_a_broken_prediction_are_refused():
    with pytest.raises(ValueError, match=r"mask: the prediction is \(1, 1, 4, 4\)"):
        learn.mask_sums(torch.zeros(1, 1, 4, 4), square(0, 1))
    with pytest.raises(ValueError, match="depth: the prediction holds NaN"):
        depth_score(torch.full((1, 1, 8, 8), math.nan), torch.ones(1, 1, 8, 8))
