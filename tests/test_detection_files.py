"""What `train percamera` leaves, and what each network is trained on."""

import fakes
import pytest
import torch

from helpers import data, models, profile, train


@pytest.fixture
def small(monkeypatch):
    """A profile and a bank so small that a run takes seconds: 10 people and 10 props."""
    things = [fakes.ellipse(place, 64, label=place % 2) for place in range(20)]
    bank = data.Bank.of([fakes.room(place, 64) for place in range(10)], things)
    monkeypatch.setattr(data.Bank, "draw", lambda *_, **__: bank)
    monkeypatch.setattr(profile, "current", lambda: profile.Profile("small", 10, 10, 64, 1))
    for name, few in {"STEPS": 2, "VAL": 4, "TEST": 8, "BATCH": 4}.items():
        monkeypatch.setattr(train, name, few)


def test_train_percamera_builds_every_folder(small, tmp_path, capsys):
    card = train.train("percamera", tmp_path / "a" / "b")
    assert card["loss"]["boxes"]["heat"] == 1 and {"ap50", "mask_miou", "label_accuracy"} <= set(card["scores"])
    assert len(list((tmp_path / "a" / "b" / "percamera" / "results").glob("sample_*.png"))) == 4
    assert "AP50" in capsys.readouterr().out


def test_what_each_network_is_trained_on(small):
    names = ("masknet", "roomnet", "tiny_percamera", "percamera")
    told = {name: train.wanted(models.heads(models.build(name)))[1] for name in names}
    whole = {"whole": True, "boxes": True}
    assert told == {
        "masknet": {}, "roomnet": {"whole": True}, "tiny_percamera": whole, "percamera": whole | {"objects": (1, 4)}
    }  # fmt: skip
    scenes = train.loaders(profile.current(), **whole, objects=(2, 3))["train"].dataset
    batch = data.collate([scenes[place] for place in range(8)])
    assert set((scenes.rows["thing"] >= 0).sum(1)) == {2, 3}
    assert set(torch.cat(batch["labels"]).tolist()) == {0, 1}
