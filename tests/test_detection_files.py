"""`train percamera` from a shell's point of view, and `predict` with a detection head: files, names, numbers."""

import json

import fakes
import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from helpers import data, inference, models, profile, train


class Knows(nn.Module):
    """Finds one person at 8..24 × 4..28 of 32 pixels, 3 m away, whatever it is shown."""

    def forward(self, background, image):
        count, _, height, width = image.shape
        mask = torch.full((count, 1, height, width), -4.0)
        mask[..., 4 : height - 4, 8 : width - 8] = 4
        cells = [torch.full((count, 1, height // 4, width // 4), -6.0), torch.ones(count, 1, height // 4, width // 4)]
        cells[0][..., height // 8, width // 8] = 3.0
        size = (
            torch.tensor([(width - 16) / 4, (height - 8) / 4])
            .log()
            .view(1, 2, 1, 1)
            .expand(count, 2, *cells[0].shape[2:])
        )
        heads = {"mask": mask, "depth": torch.where(mask > 0, 3.0, 9.0), "heat": cells[0], "label": cells[1]}
        return heads | {"size": size, "offset": torch.full_like(size, -0.5)}


@pytest.fixture
def scenes():
    bank = fakes.bank(2, 4, 32)
    return data.Scenes(bank, data.random_rows(bank, 5, objects=(1, 3)), boxes=True)


def test_results_are_files_in_folders_of_their_own(scenes, tmp_path):
    shown = inference.save_detections(Knows(), scenes, tmp_path / "new" / "results", tmp_path / "run")
    assert sorted(path.name for path in shown.iterdir()) == [f"sample_{place:03}.png" for place in range(4)]
    for place in range(4):
        image = np.asarray(Image.open(tmp_path / "run" / "inputs" / f"{place:03}.png"))
        assert np.array_equal(image, scenes[place]["image"].permute(1, 2, 0).numpy())
        mask = np.asarray(Image.open(tmp_path / "run" / "masks" / f"{place:03}.png"))
        assert set(np.unique(mask)) == {0, 255} and mask[16, 16] == 255
        depth = np.asarray(Image.open(tmp_path / "run" / "depth" / f"{place:03}.png"))
        assert depth.dtype.itemsize >= 2 and depth[16, 16] == 3000 and depth[0, 0] == 9000
        found = json.loads((tmp_path / "run" / "detections" / f"{place:03}.json").read_text())
        assert found == [{"box": [8, 4, 24, 28], "label": 1, "name": "real", "score": pytest.approx(0.953, abs=1e-3)}]
    assert Image.open(shown / "sample_000.png").size[0] == 800


def test_predict_takes_the_boxes_of_the_detection_head(monkeypatch, tmp_path):
    monkeypatch.setattr(inference, "trained_network", lambda *_: (Knows(), {"network": "percamera", "size": 32}))
    picture = np.full((64, 96, 3), 90, np.uint8)
    found = inference.predict_pair(picture, picture, "percamera")
    assert np.allclose(found["boxes"], [[24, 8, 72, 56]], atol=1e-3) and found["labels"].tolist() == [1]
    said = inference.save_prediction(found, picture, tmp_path)
    assert said["boxes"] == [{"box": [24, 8, 72, 56], "label": 1, "score": 0.953, "depth_m": 3.0}]


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
