"""A network as an ONNX file: onnxruntime says what torch says, for pictures of any size, with a camera and without."""

import json
import os
from importlib.util import find_spec

import fakes
import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

import helpers
from helpers import __main__ as shell
from helpers import base, data, exported, inference, models
from helpers.models.align import warp
from helpers.world import Camera

CARD = {"network": "roomnet", "size": 96}
SIZES = [(96, 96), (96, 96), (97, 130), (48, 64), (31, 200)]
MISSING = [name for name in ("onnx", "onnxscript", "onnxruntime") if find_spec(name) is None]
needs_onnx = pytest.mark.skipif(
    bool(MISSING) and not os.environ.get("CI"), reason=f"not installed: {', '.join(MISSING)} (requirements-more.txt)"
)


@pytest.fixture(scope="module")
def network():
    """RoomNet with fresh weights, and a state of batch norm as after some training."""
    torch.manual_seed(0)
    network = models.build("roomnet").train()
    with torch.no_grad():
        for _ in range(20):
            network(*pairs(96, 96, 1))
    return network.eval()


@pytest.fixture(scope="module")
def made(network, tmp_path_factory):
    """The network run by onnxruntime; its file lies alone in the folder `exported.MADE`, which is a temporary one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exported, "MADE", tmp_path_factory.mktemp("onnx"))
        yield exported.run_by_onnx(network, CARD)


def pairs(height: int, width: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Four drawn pairs 4 3 h w, 0..1, whose camera moved and whose light changed."""
    bank = data.Bank.draw(4, 4, 96, seed=3)
    batch = data.compose(bank, data.grid(bank, 1, seed=seed)[:: max(1, len(data.grid(bank, 1)) // 4)][:4])
    both = [interpolate(batch[name].float() / 255, (height, width)) for name in ("background", "image")]
    motion = 0.03 * torch.randn(4, 4, generator=torch.Generator().manual_seed(seed))
    return both[0], (warp(both[1], motion) * 0.9).clamp(0, 1)


@needs_onnx
@torch.no_grad()
def test_onnxruntime_says_what_torch_says_on_twenty_pairs(network, made):
    for seed, size in enumerate(SIZES):
        background, image = pairs(*size, seed)
        camera = torch.from_numpy(Camera(1.5, 0.1, 1.0).maps(*size))[None].expand(4, -1, -1, -1)
        for told in ((camera,), ()):
            ours, theirs = network(background, image, *told), made(background, image, *told)
            assert set(ours) == set(theirs) == {"mask", "depth"} and theirs["mask"].shape == (4, 1, *size)
            assert ((ours["mask"] > 0) == (theirs["mask"] > 0)).float().mean() > 0.999
            assert (ours["depth"] - theirs["depth"]).abs().max() < 0.02
            alone = made(background[:1], image[:1], *(maps[:1] for maps in told))  # a batch of one
            assert torch.allclose(alone["depth"], theirs["depth"][:1], atol=0.02)


@needs_onnx
def test_predict_runs_the_file_that_was_made_once_and_carries_its_card(network, made, monkeypatch):
    import onnx

    monkeypatch.setattr(inference, "trained_network", lambda *_: (network, CARD))
    background, image = (np.uint8(255 * each[0].permute(1, 2, 0)) for each in pairs(72, 96, 1))
    ours, theirs = (helpers.predict(background, image, runtime=name) for name in ("torch", "onnx"))
    assert (ours["mask"] == theirs["mask"]).mean() > 0.999 and abs(ours["depth"] - theirs["depth"]).max() < 0.02
    (file,) = exported.MADE.iterdir()
    card = {entry.key: entry.value for entry in onnx.load(file).metadata_props}
    assert json.loads(card["card"]) == CARD and card["network"] == "roomnet" and card["size"] == "96"


def test_what_is_missing_is_said(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(inference, "trained_network", lambda *_: (fakes.Differs(), CARD))
    monkeypatch.setattr(base, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="pip install -r requirements-more.txt"):
        helpers.predict(np.zeros((20, 20, 3), np.uint8), np.zeros((20, 20, 3), np.uint8), runtime="onnx")
    assert shell.main(["onnx", "roomnet", "--out", str(tmp_path / "a.onnx")]) == 2
    assert "onnxscript" in capsys.readouterr().err and not [*tmp_path.iterdir()]
    with pytest.raises(ValueError, match="'torch' or 'onnx', not 'tea'"):
        helpers.predict(np.zeros((20, 20, 3), np.uint8), np.zeros((20, 20, 3), np.uint8), runtime="tea")
