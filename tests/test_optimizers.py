"""Muon: steps as long in every direction for kernels, Adam's steps for the rest."""

import torch
from torch import nn

from helpers import learn
from helpers.learn.optimizers import ADAM, Muon, is_kernel, orthogonal


def network() -> nn.Sequential:
    """A convolution, a batch norm and a layer too small for Muon."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 1, 1))


def test_an_orthogonal_step_has_all_its_directions_and_one_length():
    for shape in ((16, 27), (27, 16), (40, 360)):
        matrix = torch.randn(*shape) * torch.logspace(0, -1, shape[0])[:, None]  # some directions are far stronger
        before, after = torch.linalg.svdvals(matrix), torch.linalg.svdvals(orthogonal(matrix))
        assert before.max() > 8 * before.min() and after.max() < 2 * after.min() and 0.6 < after.mean() < 1.2


def test_kernels_of_some_size_get_muons_rate_and_all_else_adams():
    model = network()
    muon = learn.build_optimizer("muon", model)
    assert isinstance(muon, Muon) and [is_kernel(weight) for weight in model.parameters()] == [True] + [False] * 5
    kernels, rest = muon.param_groups
    assert len(kernels["params"]) == 1 and len(rest["params"]) == 5
    assert kernels["lr"] == 0.02 and rest["lr"] == ADAM * 0.02
