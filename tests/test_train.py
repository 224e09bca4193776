"""`train`: windows that hold the person, sides that share nobody, and what a run leaves behind."""

import json

import fakes
import numpy as np
import pytest
import torch

from helpers import data, learn, profile, train


@pytest.fixture
def small(monkeypatch):
    """A profile and a bank so small that a run takes seconds."""
    bank = fakes.bank(10, 10, 64)
    monkeypatch.setattr(data.Bank, "draw", lambda *_, **__: bank)
    monkeypatch.setattr(profile, "current", lambda: profile.Profile("small", 10, 10, 64, 1))
    for name, number in {"STEPS": 12, "BATCH": 4, "VAL": 4, "TEST": 8}.items():
        monkeypatch.setattr(train, name, number)
    return bank


def test_a_window_cuts_both_pictures_and_the_mask_alike():
    sample = {name: torch.arange(96 * 96).view(1, 96, 96) for name in ("background", "image", "depth")}
    sample["mask"] = (sample["image"] % 96 == 90).float()
    torch.manual_seed(0)
    windows = [train.window(sample) for _ in range(40)]
    assert set(windows[0]) == {"background", "image", "mask"}
    for one in windows:
        assert one["image"].shape == (1, 48, 48) and torch.equal(one["image"], one["background"])
        assert torch.equal(one["mask"], (one["image"] % 96 == 90).float())
    assert 0.6 < np.mean([one["mask"].any().item() for one in windows]) < 1


def test_a_window_of_nobody_is_a_window_too():
    nobody = {name: torch.zeros(1, 96, 96) for name in ("background", "image", "mask")}
    assert train.window(nobody)["mask"].shape == (1, 48, 48)


def test_a_run_leaves_weights_card_and_log(small, tmp_path, capsys):
    card = train.train("masknet", tmp_path)
    network, stored = learn.load_checkpoint(tmp_path / "masknet.safetensors")
    assert stored == card | {"parameters": 76_097}
    assert stored["steps"] == 12 and 0 <= stored["scores"]["mask_iou"] <= 1
    log = [json.loads(line) for line in (tmp_path / "masknet.jsonl").read_text().splitlines()]
    assert [row["step"] for row in log] == [1, 2, 3, 4, 6, 7, 8, 9, 10, 12]
    assert {path.suffix for path in tmp_path.iterdir() if path.is_file()} == {".safetensors", ".json", ".jsonl"}
    assert "pixel differencing" in capsys.readouterr().out


def test_a_network_of_depth_learns_depth_from_whole_pictures(small, tmp_path, capsys):
    card = train.train("roomnet", tmp_path)
    assert card["window"] == 64 and card["scores"]["depth_rmse_m"] > 0 < card["baseline_depth_rmse_m"]
    assert "depth" in card["loss"] and "mean depth map" in capsys.readouterr().out


def test_a_finished_run_is_not_done_again_and_a_stopped_one_goes_on(small, tmp_path, monkeypatch):
    first = train.train("masknet", tmp_path)
    monkeypatch.setattr(learn.trainer.Trainer, "train_step", lambda *_: pytest.fail("trained again"))
    assert train.train("masknet", tmp_path)["scores"] == first["scores"]


def test_train_validation_and_test_share_nobody(small):
    seen = [
        (set(each.dataset.rows["room"].tolist()), set(each.dataset.rows["thing"].ravel().tolist()))
        for each in train.loaders(profile.current()).values()
    ]
    for k in range(3):
        for other in range(k):
            assert not seen[k][0] & seen[other][0] and not seen[k][1] & seen[other][1]


def test_an_unknown_network_is_told_before_anything_is_drawn(monkeypatch):
    monkeypatch.setattr(data.Bank, "draw", lambda *_, **__: pytest.fail("drew a bank first"))
    with pytest.raises(ValueError, match="no network called 'maskned'"):
        train.train("maskned")
