"""Weights at the start: kaiming keeps the signal's size through all of DepthNet, torch's default loses it."""

import pytest
import torch

from helpers import models

WAYS = ("kaiming", "xavier", "default")


@pytest.fixture(scope="module")
def spread() -> dict:
    """(way, norms) → the standard deviations of DepthNet's layers."""
    torch.manual_seed(0)
    coarse = torch.randint(0, 256, (2, 4, 3, 8, 8), dtype=torch.uint8).float()
    background, image = (torch.nn.functional.interpolate(each, size=64, mode="bilinear") / 255 for each in coarse)
    return {
        (way, norms): models.spreads(models.initialise(models.build("depthnet"), way), background, image, norms)
        for way in WAYS
        for norms in (True, False)
    }


def test_kaiming_keeps_the_variance_of_order_one(spread):
    layers = spread["kaiming", True]
    assert len(layers) == 51 and 0.4 < min(layers.values()) < max(layers.values()) < 4


def test_without_norms_only_kaiming_does_not_fade(spread):
    low = {way: min(spread[way, False].values()) for way in WAYS}
    assert low["kaiming"] > 0.5 > 0.1 > low["xavier"] > low["default"]
    assert min(spread["default", True].values()) > 10 * low["default"]  # batch norm mends it


def test_the_default_is_what_torch_does():
    torch.manual_seed(0)
    fresh = models.build("roomnet")
    again = models.initialise(models.build("roomnet"), "default")
    assert again.depth.head.weight.std().item() == pytest.approx(fresh.depth.head.weight.std().item(), rel=0.1)
    assert torch.equal(fresh.depth.head.bias, again.depth.head.bias)  # a bias that was chosen stays
    with pytest.raises(ValueError, match="called 'he'. Known: kaiming, xavier, default"):
        models.initialise(fresh, "he")
