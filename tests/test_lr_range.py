"""The learning-rate range test: it finds the slope that is there, stops in time, and leaves everything as it was."""

import copy

import fakes
import numpy as np
import pytest
import torch

from helpers import data, learn, models, show


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
    assert np.allclose(np.diff(np.log(swept["lr"])), np.log(10 / 1e-4) / 59)  # the same factor at each step
    assert show.lr_curve({"narrow": swept, "wide": swept}).axes[0].get_xscale() == "log"


class TwoWeights(torch.nn.Module):
    """Two weights, 1 at first, and an answer of both."""

    def __init__(self):
        super().__init__()
        self.one, self.other = (torch.nn.Parameter(torch.ones(())) for _ in range(2))

    def forward(self, background, image):
        return {"mask": torch.stack([self.one, self.other])}


def test_groups_of_weights_keep_their_share_of_the_rate():
    model = TwoWeights()
    groups = [{"params": [model.one], "lr": 0.02}, {"params": [model.other], "lr": 0.003}]
    swept = learn.lr_range(model, [BATCH], square, 1e-3, 0.5, 40, torch.optim.SGD(groups))
    one, other, exact = 1.0, 1.0, []
    for rate in swept["lr"]:  # the gradient of the mean of both squares is the weight
        exact.append((one**2 + other**2) / 2)
        one, other = one * (1 - rate), other * (1 - 0.15 * rate)
    assert np.allclose(swept["loss"], exact, rtol=1e-2)


@pytest.mark.parametrize("name", ["masknet", "roomnet"])
def test_a_network_and_its_optimizer_stay_as_they_were(name, batches):
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


def test_a_loss_that_becomes_nan_ends_the_sweep_and_one_that_never_falls_has_no_suggestion():
    for losses, steps in (([1.0] * 12 + [float("nan")] * 50, 12), (np.linspace(1, 2, 40).tolist(), 40)):
        left = iter(losses)
        swept = learn.lr_range(Valley(), [BATCH], lambda o, _, left=left: o["mask"].sum() * 0 + next(left), steps=40)
        assert len(swept["loss"]) == steps and swept["diverged"] == (steps == 12)
    assert swept["suggestion"] is None
    show.lr_curve(swept)


def test_an_empty_loader_a_missing_head_and_nan_at_once_are_told(batches):
    for wrong in ({"low": 0}, {"low": 1, "high": 0.1}, {"steps": 3}):
        with pytest.raises(ValueError, match="A sweep needs"):
            learn.lr_range(Valley(), [BATCH], square, **wrong)
    with pytest.raises(ValueError, match="no batch"):
        learn.lr_range(Valley(), [], square)
    with pytest.raises(ValueError, match="only has: mask"):
        learn.lr_range(models.build("masknet"), batches, learn.Criterion("BCE, L1"))
    with pytest.raises(ValueError, match="begin lower"):
        learn.lr_range(Valley(), [BATCH], lambda outputs, _: outputs["mask"].sum() * float("nan"))
