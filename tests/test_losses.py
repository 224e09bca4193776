"""Losses: each term equals its formula written out and the library's; a criterion is data, and says what is wrong."""

import math

import pytest
import torch
from segmentation_models_pytorch.losses import DiceLoss
from torchmetrics.functional.image import structural_similarity_index_measure as similarity

from helpers import learn
from helpers.learn import losses
from helpers.learn.losses import COMMON

RNG = torch.Generator().manual_seed(5)
LOGITS = torch.randn(3, 1, 20, 24, generator=RNG)
MASK = (torch.rand(3, 1, 20, 24, generator=RNG) > 0.8).float()
GUESS, TRUTH = torch.rand(3, 1, 20, 24, generator=RNG) * 19 + 0.5, torch.rand(3, 1, 20, 24, generator=RNG) * 19 + 0.5
VALID = (torch.rand(3, 1, 20, 24, generator=RNG) > 0.3).float()
BATCH = {"mask": MASK, "depth": TRUTH, "depth_valid": VALID}
OUTPUTS = {"mask": LOGITS, "depth": GUESS}


def value(head: str, term: str, batch=BATCH) -> float:
    return learn.Criterion({head: {term: 1}})(OUTPUTS, batch).item()


def written_out(head: str, term: str) -> float:
    """The same in loops and plain numbers."""
    where = VALID.bool() if head == "depth" else torch.ones_like(MASK).bool()
    guess, truth = (GUESS / 20, TRUTH / 20) if head == "depth" else (1 / (1 + (-LOGITS).exp()), MASK)
    error, p, t = (guess - truth)[where], guess[where], truth[where]
    if term == "dice":
        return 1 - (2 * (p * t).sum() + 1) / (p.sum() + t.sum() + 1)
    if term == "gradient":
        total = 0.0
        for shift in (1, 2):  # down, right
            steps = torch.diff(guess, dim=1 + shift) - torch.diff(truth, dim=1 + shift)
            after, before = (where.narrow(1 + shift, start, steps.shape[1 + shift]) for start in (1, 0))
            total += steps[after & before].abs().mean()
        return total
    if term == "bce":
        return -(t * p.log() + (1 - t) * (1 - p).log()).mean()
    return {"l1": error.abs().mean(), "mse": (error**2).mean(), "rmse": (error**2).mean() ** 0.5}[term]


@pytest.mark.parametrize(
    "head, term", [(h, t) for h in OUTPUTS for t in learn.TERMS if t != "ssim" and (h, t) != ("depth", "dice")]
)
def test_each_term_is_its_formula(head, term):
    assert value(head, term) == pytest.approx(float(written_out(head, term)), rel=1e-4)


def test_ssim_and_dice_are_the_libraries():
    theirs = similarity(LOGITS.sigmoid(), MASK, data_range=1.0, return_full_image=True)[1].mean()
    assert value("mask", "ssim") == pytest.approx(1 - theirs.item(), abs=1e-5)
    every = BATCH | {"depth_valid": torch.ones_like(VALID)}
    theirs = similarity(GUESS / 20, TRUTH / 20, data_range=1.0, return_full_image=True)[1].mean()
    assert value("depth", "ssim", every) == pytest.approx(1 - theirs.item(), abs=1e-5)
    assert value("mask", "dice") == pytest.approx(DiceLoss("binary", smooth=0.5)(LOGITS, MASK).item(), abs=1e-5)


@pytest.mark.parametrize("term", [*COMMON, "bce"])
def test_only_honest_depth_counts(term):
    other = TRUTH + 7 * (1 - VALID)
    assert value("depth", term, BATCH | {"depth": other}) == pytest.approx(value("depth", term), abs=1e-6)
    depth = GUESS.clone().requires_grad_()
    nothing = BATCH | {"depth_valid": torch.zeros_like(VALID)}
    loss = learn.Criterion({"depth": {term: 1}})({"depth": depth}, nothing)
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=2e-6) and depth.grad.abs().max() == 0


@pytest.mark.parametrize("term", COMMON)
def test_the_truth_costs_nothing_and_has_a_finite_slope(term):
    depth = TRUTH.clone().requires_grad_()
    loss = learn.Criterion({"depth": {term: 1}})({"depth": depth}, BATCH)
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=2e-6) and depth.grad.isfinite().all()


def test_the_logarithm_of_depth_is_free_of_one_factor_only_where_no_camera_is_known():
    known = BATCH | {"camera": torch.ones(3, 2, 20, 24)}
    loss = learn.Criterion({"depth": {"log": 1}})
    assert loss({"depth": TRUTH}, known) == 0
    twice, free = (loss({"depth": 2 * TRUTH}, BATCH | {"camera": known["camera"] * share}) for share in (1, 0))
    assert twice.item() == pytest.approx(math.log(2), rel=1e-3) and free < 0.2 * twice


def test_confident_and_wrong_logits_stay_finite():
    logits = torch.full((1, 1, 16, 16), 200.0).requires_grad_()
    terms = {term: 1 for term in learn.TERMS}
    loss = learn.Criterion({"mask": terms})({"mask": logits}, {"mask": torch.zeros(1, 1, 16, 16)})
    loss.backward()
    assert loss.isfinite() and logits.grad.isfinite().all()


def test_a_criterion_is_the_weighted_sum_of_its_terms():
    criterion = learn.Criterion({"mask": {"bce": 1, "dice": 2}, "depth": {"rmse": 2}})
    parts = {key: part.item() for key, part in criterion.terms(OUTPUTS, BATCH).items()}
    expected = parts["mask", "bce"] + 2 * parts["mask", "dice"] + 2 * parts["depth", "rmse"]
    assert criterion(OUTPUTS, BATCH).item() == pytest.approx(expected)
    assert learn.mask_loss(OUTPUTS, BATCH) == learn.Criterion({"mask": {"bce": 1, "dice": 1}})(OUTPUTS, BATCH)


@pytest.mark.parametrize("name", learn.COMBINATIONS)
def test_descent_along_every_combination_of_the_table_lowers_it(name):
    heads = {head: value.clone().requires_grad_() for head, value in OUTPUTS.items()}
    loss, criterion = [], learn.Criterion(name)
    optimizer = torch.optim.Adam(heads.values(), 0.05)
    for _ in range(15):
        loss.append(criterion(heads, BATCH))
        optimizer.zero_grad()
        loss[-1].backward()
        assert all(value.grad.isfinite().all() and value.grad.any() for value in heads.values())
        optimizer.step()
    assert loss[-1] < loss[0]


def test_the_table_holds_every_combination_once():
    assert learn.Criterion("BCE, RMSE").weights == {"mask": {"bce": 1}, "depth": {"rmse": 2}}
    assert learn.Criterion("BCE + Dice, RMSE").weights["mask"] == {"bce": 1, "dice": 1}
    assert len({str(weights) for weights in learn.COMBINATIONS.values()}) == len(learn.COMBINATIONS) >= 10


@pytest.mark.parametrize(
    "weights, sentence",
    [
        ({"mask": {"iou": 1}}, "no loss term 'iou' of mask. Known: bce, dice, l1"),
        ({"boxes": {"l1": 1}}, "no head 'boxes' to weigh. Known heads: mask, depth"),
        ({"depth": {"dice": 1}}, "no loss term 'dice' of depth"),
        ({"mask": {"bce": 0}}, "must be a number above 0, but it is 0"),
        ({"mask": {"bce": math.nan}}, "but it is nan"),
        ({"mask": "bce"}, "A criterion is written like"),
        ({}, "A criterion is written like"),
        ("bce", "no combination 'bce'. Known: BCE, RMSE; SSIM"),
    ],
)
def test_what_is_wrong_is_said(weights, sentence):
    with pytest.raises(ValueError, match=sentence):
        learn.Criterion(weights)


def test_a_head_that_the_network_lacks_and_pictures_too_small_for_ssim():
    with pytest.raises(ValueError, match="'depth', but this network only has: mask"):
        learn.Criterion("BCE, RMSE")({"mask": LOGITS}, BATCH)
    with pytest.raises(ValueError, match="6 pixels a side"):
        losses.ssim(LOGITS[..., :5], MASK[..., :5], MASK[..., :5])
