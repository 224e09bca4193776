"""Scenes that ought to be hard have the truth that they claim."""

import numpy as np
import pytest
import torch

from helpers import data, hard


@pytest.fixture(scope="module")
def bank():
    return data.Bank.draw(2, 4, 64, seed=6, cache=False)


def test_a_pattern_repeats_and_floats_before_it(bank):
    for period, wall in hard.stripes(bank.cutouts, (3, 8), size=64).items():
        line = wall.pictures[0, 5]
        assert np.array_equal(line[:-period], line[period:]) and not np.array_equal(line[:-1], line[1:])
        batch = data.compose(wall, data.random_rows(wall, 4), "aligned")
        assert batch["mask"].any() and not batch["depth_valid"].any(), "a pattern has no place in space"


def test_a_pane_hides_as_much_as_it_says(bank):
    batch = data.compose(bank, data.random_rows(bank, 3), "aligned")
    clear, half, full = (hard.glazed(batch, veil) for veil in (0.0, 0.5, 1.0))
    assert torch.equal(clear["image"], batch["image"]) and torch.equal(full["image"], full["background"])
    change = [(each["image"].float() - each["background"].float()).abs().sum() for each in (clear, half)]
    assert abs(change[1] / change[0] - 0.5) < 0.02 and torch.equal(half["mask"], batch["mask"])
    grain = hard.glazed(batch, 1.0, noise=0.02)["image"].float() - full["image"].float()
    assert abs(grain.std() - 0.02 * 255) < 0.3, "the camera's noise comes after the pane"


def test_a_mirror_image_is_new_but_nobody(bank):
    found = hard.mirrored(bank.cutouts, count=2, size=64)
    assert len(found) == 2
    for each in found:
        reflection, person = each.reflection > 0.5, each.batch["mask"] > 0.5
        assert reflection.sum() > 0.01 * 64**2 and person.sum() > reflection.sum() and not (reflection & person).any()
        columns = reflection[0, 0].any(0).nonzero().flatten()
        assert len(columns) < 40, "the mirror is a window, not the whole wall"
        change = (each.batch["image"].float() - each.batch["background"].float()).abs().mean(1, keepdim=True)
        assert change[reflection].mean() > change[~reflection & ~person].mean(), "it can be seen in the picture"


def test_nothing_to_show_is_told_as_a_sentence(bank):
    with pytest.raises(ValueError, match="list of cut-outs is empty"):
        hard.mirrored([])
    with pytest.raises(ValueError, match="Name the periods"):
        hard.stripes(bank.cutouts, [])
