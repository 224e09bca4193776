"""The learning-rate range test: it finds the slope that is there, stops in time, and leaves everything as it was."""

import copy

import fakes
import numpy as np
import pytest
import torch

from helpers import data, learn, models, show
from helpers.learn.lr_range import smooth_curve


class Valley(torch.nn.Module):
    """One weight, 1 at first; with the loss weight², a step at rate r multiplies it by 1 - 2 r."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(()))

    def forward(self, background, image):
        return {"mask": self.weight.expand(1)}


def square(outputs, batch):
    return outputs["mask"].square().mean()


BATCH = {"background": torch.zeros(1, 3, 4, 4), "image": torch.zeros(1, 3, 4, 4)}


def sgd(model):
    return torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.0)


@pytest.fixture(scope="module")
def batches():
    bank = fakes.bank(4, 6, 32)
    return list(data.loader(data.Scenes(bank, data.random_rows(bank, 16)), 4))


def test_in_a_valley_the_figures_are_those_of_the_formula():
    model = Valley()
    swept = learn.lr_range(model, [BATCH], square, 1e-4, 10, 60, sgd(model))
    weight, exact = 1.0, []
    for rate in swept["lr"]:
        exact.append(weight**2)
        weight *= 1 - 2 * rate
    assert np.allclose(swept["loss"], exact, rtol=1e-2)  # bfloat16 where the processor is quick at it
    assert swept["diverged"] and len(swept["loss"]) < 60  # beyond a rate of 1 every step makes it worse
    assert 1e-3 < swept["suggestion"] < 0.5 < swept["minimum"]  # at 0.5 one step leads to the bottom
    assert len(swept["lr"]) == len(swept["loss"]) == len(swept["smooth"])
    assert all(isinstance(value, float) for name in ("lr", "loss", "smooth") for value in swept[name])


def test_rates_grow_by_the_same_factor_up_to_the_last():
    swept = learn.lr_range(Valley(), [BATCH], square, 1e-6, 1e-4, 21)
    assert np.allclose(np.diff(np.log10(swept["lr"])), 0.1) and swept["lr"][-1] == pytest.approx(1e-4)
    assert not swept["diverged"]


@pytest.mark.parametrize("name", ["masknet", "roomnet", "two_encoders"])
def test_a_network_and_its_optimiser_stay_as_they_were(name, batches):
    torch.manual_seed(0)
    model = models.build(name).eval()
    loss = learn.Criterion("BCE + Dice, L1 + gradient") if "depth" in models.heads(model) else learn.mask_loss
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-8)
    loss(model(batches[0]["background"], batches[0]["image"]), batches[0]).backward()
    optimizer.step()  # so that there are momenta
    weights, state = copy.deepcopy(model.state_dict()), copy.deepcopy(optimizer.state_dict())
    random = torch.random.get_rng_state()
    learn.lr_range(model, batches, loss, 1e-4, 10, 10, optimizer)
    assert not model.training and optimizer.param_groups[0]["lr"] == 0.1
    assert all(torch.equal(value, weights[key]) for key, value in model.state_dict().items())
    after = optimizer.state_dict()
    assert after["param_groups"] == state["param_groups"] and len(state["state"]) > 5
    for key, momenta in state["state"].items():
        assert torch.equal(momenta["momentum_buffer"], after["state"][key]["momentum_buffer"])
    assert torch.equal(random, torch.random.get_rng_state())


def test_a_frozen_part_keeps_its_statistics_in_a_sweep(batches):
    network, seen = models.SharedUnet(2), []
    network.trunk.requires_grad_(False)
    network.trunk[0].register_forward_hook(lambda part, _, __: seen.append(part.training))
    learn.lr_range(network, batches, learn.mask_loss, steps=10)
    assert seen and not any(seen)


def test_the_same_sweep_twice_gives_the_same_figures(batches):
    torch.manual_seed(0)
    model = models.SharedUnet(2)
    first, second = (learn.lr_range(model, batches, learn.Criterion("BCE, L1"), steps=10) for _ in range(2))
    assert first == second


def test_a_loss_that_becomes_nan_ends_the_sweep():
    losses = iter([1.0] * 12 + [float("nan")] * 50)
    swept = learn.lr_range(Valley(), [BATCH], lambda outputs, _: outputs["mask"].sum() * 0 + next(losses), steps=40)
    assert swept["diverged"] and len(swept["loss"]) == 12


def test_a_loss_that_never_falls_has_no_suggestion():
    losses = iter(np.linspace(1, 2, 40).tolist())
    swept = learn.lr_range(Valley(), [BATCH], lambda outputs, _: outputs["mask"].sum() * 0 + next(losses), steps=40)
    assert swept["suggestion"] is None
    show.lr_curve(swept)


def test_smoothing_keeps_a_line_and_has_no_lag():
    step = smooth_curve([1.0] * 30 + [0.0] * 30, 2.0)
    assert step[29] + step[30] == pytest.approx(1) and step[0] == pytest.approx(1) and step[-1] == pytest.approx(0)
    assert smooth_curve([3.0, 1.0], 0.0).tolist() == [3.0, 1.0]


@pytest.mark.parametrize("wrong", [{"low": 0}, {"low": 1, "high": 0.1}, {"steps": 3}])
def test_a_sweep_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match="A sweep needs"):
        learn.lr_range(Valley(), [BATCH], square, **wrong)


def test_an_empty_loader_a_missing_head_and_nan_at_once_are_told(batches):
    with pytest.raises(ValueError, match="no batch"):
        learn.lr_range(Valley(), [], square)
    with pytest.raises(ValueError, match="only has: mask"):
        learn.lr_range(models.build("masknet"), batches, learn.Criterion("BCE, L1"))
    with pytest.raises(ValueError, match="begin lower"):
        learn.lr_range(Valley(), [BATCH], lambda outputs, _: outputs["mask"].sum() * float("nan"))


def test_one_sweep_or_several_become_one_figure():
    swept = learn.lr_range(Valley(), [BATCH], square, 1e-4, 1, 30)
    one = show.lr_curve(swept, "a title")
    several = show.lr_curve({"narrow": swept, "wide": learn.lr_range(Valley(), [BATCH], square, 1e-5, 1, 30)})
    assert one.axes[0].get_xscale() == "log" and one.axes[0].get_title() == "a title"
    assert [text.get_text() for text in several.axes[0].get_legend().get_texts()] == ["narrow", "wide"]
