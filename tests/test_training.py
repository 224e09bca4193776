"""Training learns, keeps its budget, repeats itself, stops with a sentence; checkpoints come back or are refused."""

import json
import os
import pickle
import sys

import pytest
import torch
from safetensors.torch import load, save
from test_bad_input import refused
from test_baselines import batch
from torch import nn

from helpers import learn, models, show
from helpers.learn import device
from helpers.learn.average import Average

CARD = {"network": "masknet", "seed": 0}


def loader(batches: int = 4) -> list[dict[str, torch.Tensor]]:
    """A few batches, the last one smaller."""
    return [batch(4, noise=40, seed=seed) for seed in range(batches - 1)] + [batch(2, noise=40, seed=99)]


def fresh() -> nn.Module:
    torch.manual_seed(0)
    return models.build("masknet")


def test_training_learns_and_history_is_plain():
    network, data = fresh(), loader()
    history = learn.fit(network, data, learn.mask_loss, learn.Settings(epochs=6, lr=1e-2, valid=data))
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
    history = learn.fit(fresh(), loader(), learn.mask_loss, learn.Settings(epochs=5, reports=3))
    assert [row["step"] for row in history] == [6, 13, 20]
    assert [row["epoch"] for row in history] == [1.5, 3.25, 5]


def test_a_time_budget_ends_training():
    history = learn.fit(fresh(), loader(), learn.mask_loss, learn.Settings(epochs=1000, seconds=0.5))
    assert history[-1]["step"] < 4000


def test_the_learning_rate_rises_then_falls():
    rates = [learn.one_cycle(step / 100) for step in range(101)]
    assert rates.index(max(rates)) == 20 and max(rates) == pytest.approx(1) and 0 < rates[-1] < 0.01


def test_a_broken_loss_says_what_to_try():
    with pytest.raises(ValueError, match="became nan at step 0. Try a learning rate ten times smaller"):
        learn.fit(fresh(), loader(), lambda outputs, batch: outputs["mask"].mean() * float("nan"))


def test_nothing_to_train_on_is_said():
    with pytest.raises(ValueError, match="0 epochs of 4 batches"):
        learn.fit(fresh(), loader(), learn.mask_loss, learn.Settings(epochs=0))
    with pytest.raises(ValueError, match="1 epochs of 0 batches"):
        learn.fit(fresh(), [], learn.mask_loss)


WRONG = {
    "0.5 epochs": {"epochs": 0.5},
    "learning rate must be a number above 0, but it is -1": {"lr": -1},
    "is nan": {"lr": float("nan")},
    "no optimiser 'adam'. Known: adamw, sgd, muon": {"optimizer": "adam"},
    "no schedule 'cosine'. Known: one cycle, constant, plateau": {"schedule": "cosine"},
    "ema is the decay": {"ema": 1.5},
    "A time budget of -1 seconds": {"seconds": -1},
}


@pytest.mark.parametrize("says", WRONG)
def test_wrong_settings_are_sentences(says):
    refused(lambda: learn.fit(fresh(), loader(), learn.mask_loss, learn.Settings(**WRONG[says])), says)


def scaled(factors):
    """The loss, times the next of these factors at each call: its size, and not its slope, is what is watched."""
    factors = iter(factors)
    return lambda outputs, batch: learn.mask_loss(outputs, batch) * 0 + next(factors)


def test_an_explosion_is_stopped_and_hard_batches_are_not():
    data = [batch(2)] * 100
    with pytest.raises(ValueError, match="exploded from 1 to 50 by step 60. Try a learning rate ten times smaller"):
        learn.fit(fresh(), data, scaled([1] * 50 + [50] * 50))
    falls = [30 * 0.85**k for k in range(50)]  # to a hundredth of what it was at first, and nearly back
    for fine in ([1] * 60 + [1000] * 5 + [1] * 35, falls + [5] * 50, [-1] * 50 + [40] * 50, [0] * 50 + [9] * 50):
        assert learn.fit(fresh(), data, scaled(fine))[-1]["step"] == 100


def rates(schedule, **how) -> list[float]:
    """The learning rate at each of 12 steps, reported six times."""
    seen, network = [], fresh()
    optimizer = learn.optimizer("sgd", network)

    def loss(outputs, batch):
        seen.append(optimizer.param_groups[0]["lr"])
        return outputs["mask"].mean() * 0 + 1.0

    learn.fit(network, [batch(2)] * 12, loss, learn.Settings(reports=6, optimizer=optimizer, schedule=schedule))
    assert optimizer.param_groups[0]["lr"] == 0.1  # as it came
    return seen


def test_schedules():
    torches = torch.optim.lr_scheduler
    assert rates("constant") == [0.1] * 12
    assert rates("one cycle") == pytest.approx([0.1 * learn.one_cycle(step / 12) for step in range(12)])
    assert rates("plateau") == pytest.approx([0.1] * 6 + [0.02] * 4 + [0.004] * 2)  # the loss never falls
    assert rates(torches.ReduceLROnPlateau) == rates("plateau")
    cycle = rates(torches.OneCycleLR)
    assert max(cycle) == pytest.approx(0.1, rel=0.1) and cycle[0] == pytest.approx(0.004) and cycle[-1] < 0.01
    falling = rates(lambda optimizer, steps: torches.LinearLR(optimizer, 1, 0.5, steps))
    assert falling[0] == 0.1 and falling[-1] == pytest.approx(0.1 * (1 - 0.5 * 11 / 12))


def test_optimisers_and_the_seeds_setting_as_data():
    sgd = learn.optimizer("sgd", fresh())
    assert type(sgd) is torch.optim.SGD and sgd.defaults["lr"] == 0.1 and sgd.defaults["momentum"] == 0.9
    assert sgd.defaults["weight_decay"] == 1e-8
    assert learn.optimizer("adamw", fresh(), 1e-4).defaults["lr"] == 1e-4


def test_the_average_follows_and_is_what_is_left():
    network, data, seen = fresh(), loader(), []
    follower = Average(network, 0.9)
    for _ in range(3):
        with torch.no_grad():
            network.head.bias += 1
        follower.update(network)
        seen.append((follower.model.head.bias - fresh().head.bias).item())
    assert seen == pytest.approx([0.9, 0.9 + 1.1 * 9 / 11, (0.9 + 1.1 * 9 / 11) * 0.25 + 3 * 0.75])
    averaged, plain = fresh(), fresh()
    told = learn.fit(averaged, data, learn.mask_loss, learn.Settings(ema=0.9, valid=data))
    learn.fit(plain, data, learn.mask_loss)
    assert learn.evaluate(averaged, data)["mask_iou"] == told[-1]["mask_iou"]
    assert not torch.equal(averaged.head.weight, plain.head.weight)
    assert not torch.equal(averaged.background_stem[1].running_mean, plain.background_stem[1].running_mean)


def test_reports_leave_the_random_numbers_alone():
    after = []
    for valid in (None, torch.utils.data.DataLoader([batch(1)], batch_size=None)):
        torch.manual_seed(3)
        learn.fit(fresh(), loader(), learn.mask_loss, learn.Settings(valid=valid))
        after.append(torch.rand(()))
    assert after[0] == after[1]


def test_two_precisions_in_one_process(monkeypatch):
    kinds = []

    def loss(outputs, batch):
        kinds.append(torch.is_autocast_enabled("cpu"))
        return learn.mask_loss(outputs, batch)

    class Watched(models.MaskNet):
        def forward(self, background, image):
            kinds.append(torch.is_autocast_enabled("cpu"))
            return super().forward(background, image)

    for pays in (True, False, True):
        monkeypatch.setattr(device, "bf16_pays", lambda where, pays=pays: pays)
        learn.fit(Watched(), [batch(2)], learn.mask_loss)
    assert kinds == [True, False, True]


def test_live_curves_redraw_one_picture():
    live, pictures = show.live_curves(), []

    def watch(history):
        live(history)
        pictures.append(bytes(live.picture.value))

    history = learn.fit(fresh(), loader(), learn.mask_loss, learn.Settings(valid=loader(), reports=3, live=watch))
    assert len(set(pictures)) == 3 and all(each.startswith(b"\x89PNG") for each in pictures)
    assert show.png(show.training_curves(history)) == pictures[-1]
    assert len(show.training_curves(history).axes) == 2
    assert len(show.training_curves([{"step": 1, "epoch": 1, "loss": 0.5}]).axes) == 1
    with pytest.raises(ValueError, match="no rows yet"):
        show.training_curves([])


def test_live_curves_are_displayed_once(monkeypatch):
    shown = []
    curves = sys.modules["helpers.show.curves"]
    monkeypatch.setattr(curves, "get_ipython", lambda: "a kernel")
    monkeypatch.setattr(curves, "display", lambda bundle, raw: shown.append(bundle))
    live = show.live_curves()
    for step in (1, 2):
        live([{"step": step, "loss": 1.0}])
    assert len(shown) == 1
    assert shown[0]["application/vnd.jupyter.widget-view+json"]["model_id"] == live.picture.model_id


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


def test_half_the_bytes(tmp_path):
    network = fresh()
    whole = learn.save_checkpoint(tmp_path / "whole.safetensors", network, CARD)
    half = learn.save_checkpoint(tmp_path / "half.safetensors", network, CARD, half=True)
    back, card = learn.load_checkpoint(half)
    assert half.stat().st_size < 0.6 * whole.stat().st_size and card["weights"] == "float16"
    for before, after in zip(network.state_dict().values(), back.state_dict().values()):
        assert before.dtype == after.dtype and torch.allclose(before, after, rtol=1e-3, atol=1e-6)
    with torch.no_grad():
        network.background_stem[1].running_var.fill_(1e6)
    refused(lambda: learn.save_checkpoint(half, network, CARD, half=True), "half.safetensors", "too large for float16")
    assert learn.load_checkpoint(half)[1] == card, "the old file stays"


def test_weights_that_are_no_numbers_and_other_sizes_are_refused(tmp_path):
    network = fresh()
    path = learn.save_checkpoint(tmp_path / "net.safetensors", network, CARD)
    tensors, metadata = load(path.read_bytes()), {"card": json.dumps(CARD)}
    path.write_bytes(save(tensors | {"head.bias": torch.tensor([float("inf")])}, metadata))
    refused(lambda: learn.load_checkpoint(path), "net.safetensors", "head.bias holds NaN or infinity")
    path.write_bytes(save(tensors | {"head.weight": torch.zeros(1, 32, 1, 1)}, metadata))
    refused(lambda: learn.load_checkpoint(path), "another size", "head.weight has the shape (1, 32, 1, 1), and not")
    path.write_bytes(save(tensors, {"card": '{"network": "nobody"}'}))
    refused(lambda: learn.load_checkpoint(path), "net.safetensors holds a 'nobody'", "Known networks: depthnet")
    path.write_bytes(save(tensors))
    refused(lambda: learn.load_checkpoint(path), "carries no card")
    with torch.no_grad():
        network.head.bias.fill_(float("nan"))
    refused(lambda: learn.save_checkpoint(path, network, CARD), "was not written", "head.bias", "smaller")


def test_weights_of_another_network_and_unknown_cards_are_refused(tmp_path):
    path = learn.save_checkpoint(tmp_path / "odd.safetensors", nn.Linear(2, 2), CARD)
    with pytest.raises(ValueError, match="odd.safetensors holds weights of another network than 'masknet'"):
        learn.load_checkpoint(path)
    with pytest.raises(ValueError, match="known network"):
        learn.save_checkpoint(path, fresh(), {"network": "nobody"})
