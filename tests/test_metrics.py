"""Metrics: perfect, half, empty and constant cases; sums over all pixels, never means of batches."""

import math

import pytest
import torch
from torchmetrics.classification import BinaryJaccardIndex
from torchmetrics.functional.image import structural_similarity_index_measure as similarity

from helpers import learn
from helpers.learn.metrics import boundary_scores, boundary_sums


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


def test_perfect_half_wrong_and_empty_masks():
    assert score(square(2, 6), square(2, 6)) == {"mask_iou": 1, "mask_dice": 1, "mask_accuracy": 1}
    half = score(square(2, 4), square(2, 6))
    assert half == {"mask_iou": 0.5, "mask_dice": pytest.approx(2 / 3), "mask_accuracy": 0.75}
    empty = square(0, 0)
    assert score(empty, empty)["mask_iou"] == 1  # two empty masks agree
    for guess, truth in ((square(0, 2), square(4, 6)), (square(0, 1), empty), (empty, square(0, 1))):
        assert score(guess, truth)["mask_iou"] == 0


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
    assert parts.result() == pytest.approx(whole.result(), nan_ok=True)


def depth_score(guess, truth, valid=None) -> dict[str, float]:
    valid = torch.ones_like(truth) if valid is None else valid
    return learn.depth_scores(learn.depth_sums(guess, truth, valid))


def test_perfect_depth_and_a_constant_error():
    truth = torch.rand(2, 1, 8, 8) * 10 + 1
    result = depth_score(truth, truth)
    zero = ("depth_rmse_m", "depth_rmse_01", "abs_rel", "abs_rel_aligned", "rmse_log")
    assert all(result[name] == 0 for name in zero) and all(result[f"delta{n}"] == 1 for n in (1, 2, 3))
    assert math.isnan(result["person_rmse_m"]) and result["depth_ssim"] == pytest.approx(1)  # nobody is there
    assert math.isnan(depth_score(truth[..., :4], truth[..., :4])["depth_ssim"])  # too small for a window
    truth = torch.full((2, 1, 8, 8), 4.0)
    result = depth_score(truth + 1, truth)
    assert result["depth_rmse_m"] == 1 and result["depth_rmse_01"] == pytest.approx(0.05) and result["abs_rel"] == 0.25
    assert result["rmse_log"] == pytest.approx(math.log(5 / 4)) and result["abs_rel_aligned"] == pytest.approx(0)
    assert (result["delta1"], result["delta2"]) == (0, 1)  # 5 / 4 is not below 1.25
    assert all(math.isfinite(depth_score(truth * 0 - 1, truth)[name]) for name in ("rmse_log", "abs_rel_aligned"))


def test_each_picture_is_aligned_by_its_own_scale():
    truth = torch.rand(2, 1, 8, 8) * 9 + 1
    guess = truth * torch.tensor([0.5, 3.0]).view(2, 1, 1, 1)
    result = depth_score(guess, truth)
    assert result["abs_rel"] == pytest.approx(1.25) and result["abs_rel_aligned"] == pytest.approx(0, abs=1e-6)


def test_the_share_of_pixels_within_a_factor():
    truth = torch.full((1, 1, 8, 8), 2.0)
    guess = truth.clone()
    guess[..., :2], guess[..., 2:4], guess[..., 4:6] = 2 * 1.4, 2 / 1.8, 2 * 5  # two, three and no deltas
    result = depth_score(guess, truth)
    assert [result[f"delta{n}"] for n in (1, 2, 3)] == [0.25, 0.5, 0.75]


def test_only_pixels_whose_depth_is_known_count_and_the_person_has_a_figure_of_its_own():
    truth, person = torch.full((1, 1, 8, 8), 4.0), square(0, 2)
    sums = learn.depth_sums(truth + 3 * person, truth, torch.ones_like(truth), person)
    assert learn.depth_scores(sums)["person_rmse_m"] == 3 and learn.depth_scores(sums)["depth_rmse_m"] == 1.5
    assert depth_score(truth + 100 * person, truth, 1 - person)["depth_rmse_m"] == 0
    assert math.isnan(depth_score(truth, truth, torch.zeros_like(truth))["depth_rmse_m"])


def test_ssim_is_the_library_s_and_leaves_out_what_has_no_depth():
    rng = torch.Generator().manual_seed(2)
    guess, truth = (torch.rand(3, 1, 24, 32, generator=rng) * 19 + 1 for _ in range(2))
    theirs = similarity(guess / 20, truth / 20, data_range=1.0, return_full_image=True)[1].mean()
    assert depth_score(guess, truth)["depth_ssim"] == pytest.approx(theirs.item(), abs=1e-5)
    valid = torch.ones_like(truth)
    valid[..., 16:] = 0
    assert depth_score(guess, truth, valid)["depth_ssim"] == pytest.approx(
        depth_score(guess + 5 * (1 - valid), truth, valid)["depth_ssim"]
    )


def rim_score(guess: torch.Tensor, truth: torch.Tensor) -> float:
    return boundary_scores(boundary_sums(logits_of(guess), truth))["boundary_iou"]


def test_boundary_iou_of_perfect_shifted_and_empty_masks():
    large, empty = square(20, 80, 100), square(0, 0, 100)
    shifted, hollow = square(22, 82, 100), large - square(30, 70, 100)
    assert rim_score(large, large) == 1 and rim_score(empty, empty) == 1
    assert rim_score(empty, large) == 0 and rim_score(large, empty) == 0
    # The rim is 3 px: both long sides of 94 px that do not touch the border, and the top and bottom ends.
    assert boundary_sums(logits_of(large), large)["either"] == 2 * 3 * 60 + 2 * 3 * 94
    assert rim_score(shifted, large) < 0.5 < learn.mask_scores(learn.mask_sums(logits_of(shifted), large))["mask_iou"]
    assert rim_score(hollow, large) < 1


def test_a_wrong_shape_and_a_broken_prediction_are_refused():
    with pytest.raises(ValueError, match=r"mask: the prediction is \(1, 1, 4, 4\)"):
        learn.mask_sums(torch.zeros(1, 1, 4, 4), square(0, 1))
    with pytest.raises(ValueError, match="depth: the prediction holds NaN"):
        depth_score(torch.full((1, 1, 8, 8), math.nan), torch.ones(1, 1, 8, 8))
