"""`train` and `ship`: windows that hold the person, sides that share nobody, and what a run leaves behind."""

import json
from dataclasses import replace

import fakes
import numpy as np
import pytest
import torch

from helpers import data, learn, models, profile, train


@pytest.fixture
def small(monkeypatch):
    """A profile and a bank so small that a run takes seconds: 10 people and 10 props."""
    things = [fakes.ellipse(place, 64, label=place % 2) for place in range(20)]
    bank = data.Bank.of([fakes.room(place, 64) for place in range(10)], things)
    monkeypatch.setattr(data.Bank, "draw", lambda *_, **__: bank)
    monkeypatch.setattr(profile, "current", lambda: profile.Profile("small", 10, 10, 64, 1))
    for name, number in {"STEPS": 4, "BATCH": 4, "VAL": 4, "TEST": 8}.items():
        monkeypatch.setattr(train, name, number)


def test_a_window_cuts_both_pictures_and_the_mask_alike():
    sample = {name: torch.arange(96 * 96).view(1, 96, 96) for name in ("background", "image", "depth")}
    sample["mask"] = (sample["image"] % 96 == 90).float()
    torch.manual_seed(0)
    windows = [train.person_window(sample) for _ in range(40)]
    assert set(windows[0]) == {"background", "image", "mask"}
    for one in windows:
        assert one["image"].shape == (1, 48, 48) and torch.equal(one["image"], one["background"])
        assert torch.equal(one["mask"], (one["image"] % 96 == 90).float())
    assert 0.6 < np.mean([one["mask"].any().item() for one in windows]) < 1
    nobody = {name: torch.zeros(1, 96, 96) for name in ("background", "image", "mask")}
    assert train.person_window(nobody)["mask"].shape == (1, 48, 48)


def test_a_run_leaves_weights_card_and_log_and_is_not_done_again(small, tmp_path, capsys, monkeypatch):
    card = train.train_network("masknet", tmp_path)
    network, stored = learn.load_checkpoint(tmp_path / "masknet.safetensors")
    assert stored == card | {"parameters": 76_097} and not network.training
    assert stored["steps"] == 4 and stored["window"] == 48 and 0 <= stored["scores"]["mask_iou"] <= 1
    log = [json.loads(line) for line in (tmp_path / "masknet.jsonl").read_text().splitlines()]
    assert [row["step"] for row in log] == [1, 2, 3, 4]
    assert {path.suffix for path in tmp_path.iterdir() if path.is_file()} == {".safetensors", ".json", ".jsonl"}
    assert "pixel differencing" in capsys.readouterr().out
    monkeypatch.setattr(learn.trainer.Trainer, "train_step", lambda *_: pytest.fail("trained again"))
    assert train.train_network("masknet", tmp_path)["scores"] == card["scores"]


def test_a_network_that_finds_boxes_builds_every_folder(small, tmp_path, capsys):
    card = train.train_network("percamera", tmp_path / "a" / "b")
    assert card["loss"]["boxes"]["heat"] == 1 and {"ap50", "mask_miou", "label_accuracy"} <= set(card["scores"])
    assert card["window"] == 64 and card["scores"]["depth_rmse_m"] > 0 < card["baseline_depth_rmse_m"]
    assert len(list((tmp_path / "a" / "b" / "percamera" / "results").glob("sample_*.png"))) == 4
    told = capsys.readouterr().out
    assert "AP50" in told and "mean depth map" in told


def test_every_network_has_a_loss_of_its_heads_and_the_sides_share_nobody(small):
    names = ("masknet", "roomnet", "percamera")
    losses = [train.loss_of_heads(models.heads(models.build(name))) for name in names]
    assert [set(loss.weights) for loss in losses] == [{"mask"}, {"mask", "depth"}, {"mask", "depth", "boxes"}]
    assert train.loss_of_heads({"mask", "object"}) is learn.one_box_loss
    made = train.split_loaders(profile.current(), 0, whole=True, boxes=True, objects=(2, 3))
    rows = [each.dataset.rows for each in made.values()]
    seen = [(set(each["room"].tolist()), set(each["thing"].ravel().tolist()) - {-1}) for each in rows]
    for k in range(3):
        for other in range(k):
            assert not seen[k][0] & seen[other][0] and not seen[k][1] & seen[other][1]
    batch = next(iter(made["train"]))
    assert set((made["train"].dataset.rows["thing"] >= 0).sum(1)) == {2, 3}
    assert set(torch.cat(batch["labels"]).tolist()) == {0, 1}


def test_an_unknown_network_is_told_before_anything_is_drawn(monkeypatch, tmp_path):
    monkeypatch.setattr(data.Bank, "draw", lambda *_, **__: pytest.fail("drew a bank first"))
    with pytest.raises(ValueError, match="no network called 'maskned'"):
        train.train_network("maskned")
    with pytest.raises(ValueError, match="ship with the course: roomnet, masknet, percamera, smp_mobilenet do"):
        train.ship_network("depthnet", tmp_path, tmp_path)
    with pytest.raises(ValueError, match="no network called 'roomnit'"):
        train.ship_network("roomnit", tmp_path, tmp_path)


def test_ship_trains_goes_on_and_stores_half_precision(tmp_path, monkeypatch):
    monkeypatch.setattr(data.Bank, "draw", lambda rooms, things, size, *_: fakes.bank(10, 10, size))
    tiny = replace(train.RECIPES["masknet"], batches=6, parts=(replace(train.LARGE, pieces=3), train.MUSEUM))
    monkeypatch.setitem(train.RECIPES, "masknet", tiny)
    monkeypatch.setattr(train, "ROWS", 100)
    monkeypatch.setattr(train, "validation_batches", lambda recipe: [train.data.compose(fakes.bank(2, 2, 96), rows)])
    rows = data.random_rows(fakes.bank(2, 2, 96), 4)
    path = train.ship_network("masknet", tmp_path / "runs", tmp_path / "out")
    network, card = learn.load_checkpoint(path)
    assert (card["steps"], card["size"], card["weights"]) == (6, 96, "float16")
    assert card["recipe"]["parts"][0]["pieces"] == 3
    assert [row["step"] for row in card["curve"]] == list(range(1, 7))
    assert all("mask_iou" in row for row in card["curve"])
    assert path.stat().st_size < 250_000 and next(network.parameters()).dtype == torch.float32
    before = path.read_bytes()
    monkeypatch.setattr(learn.trainer.Trainer, "train_step", lambda *_: pytest.fail("trained again"))
    train.ship_network("masknet", tmp_path / "runs", tmp_path / "out")
    assert path.read_bytes() == before
    monkeypatch.setitem(train.RECIPES, "masknet", replace(tiny, part="compare"))
    kept = learn.read_checkpoint(train.ship_network("masknet", tmp_path / "runs", tmp_path / "part"))[1]
    assert set(kept) == set(network.compare.state_dict()), "a part of the network alone"
