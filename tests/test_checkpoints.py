"""Checkpoints come back with their card, whole or not at all; files that are none are refused with a sentence."""

import json
import pickle

import pytest
import torch
from safetensors.torch import load, save
from torch import nn

from helpers import learn, models

CARD = {"network": "masknet", "seed": 0}


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    return models.build("masknet")


def test_a_checkpoint_comes_back_with_its_card(network, tmp_path):
    path = learn.save_checkpoint(tmp_path / "new" / "masknet.safetensors", network, CARD)
    back, card = learn.load_checkpoint(path)
    assert card == CARD | {"parameters": 76_097} == json.loads(path.with_suffix(".json").read_text())
    assert all(torch.equal(a, b) for a, b in zip(network.state_dict().values(), back.state_dict().values()))
    assert sorted(file.name for file in path.parent.iterdir()) == ["masknet.json", "masknet.safetensors"]


def test_half_the_bytes(network, tmp_path):
    whole = learn.save_checkpoint(tmp_path / "whole.safetensors", network, CARD)
    half = learn.save_checkpoint(tmp_path / "half.safetensors", network, CARD, half=True)
    back, card = learn.load_checkpoint(half)
    assert half.stat().st_size < 0.6 * whole.stat().st_size and card["weights"] == "float16"
    for before, after in zip(network.state_dict().values(), back.state_dict().values()):
        assert before.dtype == after.dtype and torch.allclose(before, after, rtol=1e-3, atol=1e-6)
    with torch.no_grad():
        network.background_stem[1].running_var.fill_(1e6)
    with pytest.raises(ValueError, match="half.safetensors was not written.*too large for float16"):
        learn.save_checkpoint(half, network, CARD, half=True)
    assert learn.load_checkpoint(half)[1] == card, "the old file stays"


def test_weights_that_do_not_fit_are_refused(network, tmp_path):
    path = learn.save_checkpoint(tmp_path / "net.safetensors", network, CARD)
    tensors, card = load(path.read_bytes()), json.dumps(CARD)
    wrong = {
        "head.bias holds NaN": (tensors | {"head.bias": torch.tensor([float("inf")])}, card),
        r"size .* head.weight: .*\[1, 32, 1, 1\]": (tensors | {"head.weight": torch.zeros(1, 32, 1, 1)}, card),
        "another network or size than this MaskNet": ({"weight": torch.zeros(2)}, card),
        "holds a 'nobody'. Known networks: .*depthnet": (tensors, '{"network": "nobody"}'),
    }
    for says, (weights, words) in wrong.items():
        path.write_bytes(save(weights, {"card": words}))
        with pytest.raises(ValueError, match=f"net.safetensors .*{says}"):
            learn.load_checkpoint(path)
    with torch.no_grad():
        network.head.bias.fill_(float("nan"))
    with pytest.raises(ValueError, match="was not written, because head.bias holds NaN.*smaller"):
        learn.save_checkpoint(path, network, CARD)
    with pytest.raises(ValueError, match="card must say which network"):
        learn.save_checkpoint(path, network, {"seed": 1})


def test_files_that_are_no_checkpoints_are_refused(network, tmp_path):
    whole = learn.save_checkpoint(tmp_path / "masknet.safetensors", network, CARD).read_bytes()
    path = tmp_path / "odd.safetensors"
    with pytest.raises(FileNotFoundError, match="no checkpoint .*odd"):
        learn.load_checkpoint(path)
    for content in (whole[:-100], whole[: len(whole) // 2], b"", pickle.dumps({"weight": 1}), b"\0" * 50):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="odd.safetensors is no whole safetensors file"):
            learn.load_checkpoint(path)
