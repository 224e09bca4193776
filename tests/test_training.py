"""Training learns, keeps its budget, repeats itself, stops with a sentence; checkpoints come back or are refused."""

import json
import os
import pickle

import pytest
import torch
from test_baselines import batch
from torch import nn

from helpers import learn, models

CARD = {"network": "masknet", "seed": 0}


def loader(batches: int = 4) -> list[dict[str, torch.Tensor]]:
    """A few batches, the last one smaller."""
    return [batch(4, noise=40, seed=seed) for seed in range(batches - 1)] + [batch(2, noise=40, seed=99)]


def fresh() -> nn.Module:
    torch.manual_seed(0)
    return models.build("masknet")


def test_training_learns_and_history_is_plain():
    network, data = fresh(), loader()
    history = learn.fit(network, data, learn.mask_loss, epochs=6, lr=1e-2, valid=data)
    assert [row["epoch"] for row in history] == [1, 2, 3, 4, 5, 6]
    assert history[-1]["step"] == 24 and history[-1]["loss"] < history[0]["loss"]
    assert history[-1]["mask_iou"] > 0.9
    json.dumps(history)


def test_the_same_seed_gives_the_same_weights():
    first, second = fresh(), fresh()
    for network in (first, second):
        learn.fit(network, loader(), learn.mask_loss)
    assert all(torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values()))


def test_the_loss_of_an_epoch_is_per_sample():
    class Still(nn.Module):
        """Answers the brightness of the image; learns nothing."""

        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1))

        def forward(self, background, image):
            return {"mask": image[:, :1].float() / 255 + 0 * self.weight}

    def loss(outputs, batch):  # four pictures, then two
        return (outputs["mask"] * 0 + batch["mask"].sum() / 16).mean()

    data = loader(2)
    assert learn.fit(Still(), data, loss)[0]["loss"] == pytest.approx((4 * 4 + 2 * 2) / 6)


def test_reports_cut_the_steps_evenly_and_lose_none():
    history = learn.fit(fresh(), loader(), learn.mask_loss, epochs=5, reports=3)
    assert [row["step"] for row in history] == [6, 13, 20]
    assert [row["epoch"] for row in history] == [1.5, 3.25, 5]


def test_a_time_budget_ends_training():
    history = learn.fit(fresh(), loader(), learn.mask_loss, epochs=1000, seconds=0.5)
    assert history[-1]["step"] < 4000


def test_the_learning_rate_rises_then_falls():
    rates = [learn.one_cycle(step / 100) for step in range(101)]
    assert rates.index(max(rates)) == 20 and max(rates) == pytest.approx(1) and 0 < rates[-1] < 0.01


def test_a_broken_loss_says_what_to_try():
    with pytest.raises(ValueError, match="became nan at step 0. Try a learning rate ten times smaller"):
        learn.fit(fresh(), loader(), lambda outputs, batch: outputs["mask"].mean() * float("nan"))


def test_nothing_to_train_on_is_said():
    with pytest.raises(ValueError, match="0 epochs of 4 batches"):
        learn.fit(fresh(), loader(), learn.mask_loss, epochs=0)
    with pytest.raises(ValueError, match="1 epochs of 0 batches"):
        learn.fit(fresh(), [], learn.mask_loss)


def test_dice_of_perfect_half_and_empty_masks():
    mask = batch()["mask"]
    assert learn.dice(mask * 40 - 20, mask) == pytest.approx(0, abs=1e-4)
    assert learn.dice(torch.zeros_like(mask) - 20, mask) > 0.95
    assert learn.dice(torch.zeros_like(mask) - 20, mask * 0) == pytest.approx(0, abs=1e-4)


def test_a_checkpoint_comes_back_with_its_card(tmp_path):
    network = fresh()
    learn.fit(network, loader(), learn.mask_loss)
    path = learn.save_checkpoint(tmp_path / "new" / "masknet.safetensors", network, CARD)
    back, card = learn.load_checkpoint(path)
    assert card == CARD | {"parameters": 76_097} == json.loads(path.with_suffix(".json").read_text())
    assert all(torch.equal(a, b) for a, b in zip(network.state_dict().values(), back.state_dict().values()))
    assert sorted(file.name for file in path.parent.iterdir()) == ["masknet.json", "masknet.safetensors"]


def test_a_kill_between_write_and_swap_leaves_the_old_file(tmp_path, monkeypatch):
    path = learn.save_checkpoint(tmp_path / "masknet.safetensors", fresh(), CARD)
    before = path.read_bytes()

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        learn.save_checkpoint(path, models.build("masknet"), CARD)
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 2


def test_files_that_are_no_checkpoints_are_refused(tmp_path):
    whole = learn.save_checkpoint(tmp_path / "masknet.safetensors", fresh(), CARD)
    with pytest.raises(FileNotFoundError, match="no checkpoint .*missing"):
        learn.load_checkpoint(tmp_path / "missing.safetensors")
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(whole.read_bytes()[:-100])
    other = tmp_path / "pickle.safetensors"
    other.write_bytes(pickle.dumps({"weight": 1}))
    for path in (cut, other):
        with pytest.raises(ValueError, match=f"{path.name} is no whole safetensors file"):
            learn.load_checkpoint(path)


def test_weights_of_another_network_and_unknown_cards_are_refused(tmp_path):
    path = learn.save_checkpoint(tmp_path / "odd.safetensors", nn.Linear(2, 2), CARD)
    with pytest.raises(ValueError, match="odd.safetensors holds weights of another network than 'masknet'"):
        learn.load_checkpoint(path)
    with pytest.raises(ValueError, match="known network"):
        learn.save_checkpoint(path, fresh(), {"network": "nobody"})
