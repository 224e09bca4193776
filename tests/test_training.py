"""Training: `fit` is the plain loop of its docstring, to the bit; settings, schedules, EMA, frozen parts, sentences."""

import inspect
import json
from textwrap import dedent

import pytest
import torch
from test_baselines import batch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR, LinearLR

from helpers import learn, models

BOTH = learn.Criterion({"mask": {"bce": 1}, "depth": {"l1": 1}})


def loader(batches: int = 4) -> list[dict[str, torch.Tensor]]:
    """A few batches, the last one smaller."""
    return [batch(4, noise=40, seed=seed) for seed in range(batches - 1)] + [batch(2, noise=40, seed=99)]


def fresh(name: str = "masknet") -> nn.Module:
    torch.manual_seed(0)
    return models.build(name)


def copied(model: nn.Module) -> dict[str, torch.Tensor]:
    """Weights and statistics."""
    return {name: value.clone() for name, value in model.state_dict().items()}


def moved(model: nn.Module, before: dict[str, torch.Tensor]) -> set[str]:
    """The parts, up to the first dot, of which a bit has changed."""
    return {name.split(".")[0] for name, value in model.state_dict().items() if not torch.equal(value, before[name])}


class Dots(nn.Module):
    """A user's own network of a few numbers, with dropout: quick, and random at every step."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm, self.last = nn.Conv2d(6, 8, 3, padding=1), nn.BatchNorm2d(8), nn.Conv2d(8, 1, 1)

    def forward(self, background, image):
        both = torch.cat([background, image], 1).float() / 255
        return {"mask": self.last(nn.functional.dropout(self.norm(self.first(both)).relu(), 0.3, self.training))}


def own_loss(outputs, batch):
    """A user's own loss."""
    return (outputs["mask"].sigmoid() - batch["mask"]).abs().mean()


def dots() -> Dots:
    torch.manual_seed(0)
    return Dots()


def unet() -> models.SharedUnet:
    torch.manual_seed(0)
    return models.SharedUnet(4)


@pytest.mark.parametrize("build, loss", [(unet, BOTH), (dots, own_loss)], ids=["both heads", "own network"])
def test_fit_is_the_loop_that_its_docstring_prints(monkeypatch, build, loss):
    monkeypatch.setenv("ROOMSIGHT_BF16", "0")
    loop = inspect.cleandoc(learn.fit.__doc__).split("to the bit:\n\n")[1].split("\n\nWith a")[0]
    assert 10 <= len(loop.splitlines()) <= 12
    kept = [{name: value[0] for name, value in batch(1, noise=40, seed=k).items()} for k in range(6)]
    names = {"torch": torch, "LambdaLR": LambdaLR, "one_cycle": learn.one_cycle, "loss": loss}
    names |= {"settings": learn.Settings(epochs=2, lr=1e-2)}
    by_loop, by_fit = build(), build()
    for work in (
        lambda batches: exec(dedent(loop), names | {"model": by_loop, "loader": batches}),
        lambda batches: learn.fit(by_fit, batches, loss, names["settings"]),
    ):
        torch.manual_seed(1)  # shuffles, and drops out
        work(torch.utils.data.DataLoader(kept, 2, shuffle=True))
    before, after = build().state_dict().values(), by_fit.state_dict().values()
    assert all(torch.equal(a, b) for a, b in zip(by_loop.state_dict().values(), after))
    assert not any(torch.equal(a, b) for a, b in zip(before, after))


def test_training_learns_and_its_history_is_plain():
    network, data = fresh(), loader()
    history = learn.fit(network, data, learn.mask_loss, learn.Settings(epochs=6, lr=1e-2, valid=data))
    assert [row["epoch"] for row in history] == [1, 2, 3, 4, 5, 6] and history[-1]["step"] == 24
    assert history[-1]["loss"] < history[0]["loss"] and history[-1]["mask_iou"] > 0.9
    json.dumps(history)


def test_losses_are_per_sample_and_reports_cut_the_steps_evenly():
    def loss(outputs, batch):  # 4 in batches of four pictures, 2 in those of two
        return outputs["mask"].mean() * 0 + len(batch["mask"])

    history = learn.fit(dots(), loader(), loss, learn.Settings(epochs=5, reports=3))
    assert [(row["step"], row["epoch"]) for row in history] == [(6, 1.5), (13, 3.25), (20, 5)]
    assert history[0]["loss"] == pytest.approx((5 * 4 * 4 + 1 * 2 * 2) / 22)
    assert len(learn.fit(dots(), loader(2), loss, learn.Settings(reports=50))) == 2


def rates(schedule, **how) -> list[float]:
    """The learning rate at each of 12 steps, reported six times."""
    seen, network = [], dots()
    optimizer = learn.build_optimizer("sgd", network)

    def loss(outputs, batch):
        seen.append(optimizer.param_groups[0]["lr"])
        return outputs["mask"].mean() * 0 + 1.0

    settings = learn.Settings(reports=6, optimizer=optimizer, schedule=schedule)
    learn.fit(network, [batch(2)] * 12, loss, settings)
    assert optimizer.param_groups[0]["lr"] == 0.1  # as it came
    return seen


def test_schedules():
    assert rates("constant") == [0.1] * 12
    assert rates("one cycle") == pytest.approx([0.1 * learn.one_cycle(step / 12) for step in range(12)])
    assert rates("plateau") == pytest.approx([0.1] * 6 + [0.02] * 4 + [0.004] * 2)  # the loss never falls
    falling = rates(lambda optimizer, steps: LinearLR(optimizer, 1, 0.5, steps))
    assert falling[0] == 0.1 and falling[-1] == pytest.approx(0.1 * (1 - 0.5 * 11 / 12))
    cycle = [learn.one_cycle(step / 100) for step in range(101)]
    assert cycle.index(max(cycle)) == 20 and max(cycle) == pytest.approx(1) and 0 < cycle[-1] < 0.01


def test_the_moving_average_is_what_is_scored_and_left():
    averaged, plain, data = fresh(), fresh(), loader()
    history = learn.fit(averaged, data, learn.mask_loss, learn.Settings(ema=0.9, valid=data))
    learn.fit(plain, data, learn.mask_loss)
    assert learn.evaluate(averaged, data)["mask_iou"] == history[-1]["mask_iou"]
    assert not torch.equal(averaged.head.weight, plain.head.weight)
    assert not torch.equal(averaged.background_stem[1].running_mean, plain.background_stem[1].running_mean)
    by_hand, steps = dots(), []

    def loss(outputs, batch):
        steps.append(by_hand.last.bias.item())
        return own_loss(outputs, batch)

    learn.fit(by_hand, data, loss, learn.Settings(ema=0.5, optimizer="sgd"))
    learn.fit(last := dots(), data, own_loss, learn.Settings(optimizer="sgd"))
    mean = steps[1]  # after one step; then a share of 2/11, 3/12 and 4/13 stays, where .5 is not reached yet
    for number, value in enumerate([*steps[2:], last.last.bias.item()], 1):
        stays = min(0.5, (1 + number) / (10 + number))
        mean = stays * mean + (1 - stays) * value
    assert by_hand.last.bias.item() == pytest.approx(mean, rel=1e-4)


def test_reports_leave_the_random_numbers_alone():
    after = []
    for valid in (None, torch.utils.data.DataLoader([batch(1)], batch_size=None)):
        torch.manual_seed(3)
        learn.fit(dots(), loader(), own_loss, learn.Settings(valid=valid))
        after.append(torch.rand(()))
    assert after[0] == after[1]


@pytest.mark.parametrize("optimizer", learn.OPTIMIZERS)
def test_what_is_frozen_does_not_move_by_a_bit_statistics_included(optimizer):
    network, data = unet(), loader()
    network.encoder.requires_grad_(False)
    network.mask.requires_grad_(False)
    before = copied(network)
    settings = learn.Settings(lr=1e-2, optimizer=optimizer, ema=0.9, valid=data[:1], reports=2)
    learn.fit(network, data, BOTH, settings)
    assert moved(network, before) == {"depth"}
    assert not network.encoder.training
    learn.fit(network.requires_grad_(True), data[:1], BOTH)
    assert moved(network, before) == {"encoder", "mask", "depth"}


@pytest.mark.parametrize("norms, stays", [(0.0, True), (0.5, True), (1.0, False)])
def test_late_in_a_training_batch_norms_normalise_as_they_will_when_asked(norms, stays):
    network, seen = dots(), []

    def loss(outputs, batch):
        seen.append(network.norm.running_mean.clone())
        return own_loss(outputs, batch)

    weight = network.norm.weight.detach().clone()
    learn.fit(network, loader(8), loss, learn.Settings(reports=4, norms=norms))
    assert torch.equal(seen[0], torch.zeros(8)) == (norms == 0) and torch.equal(seen[-2], seen[-1]) == stays
    assert torch.equal(seen[1], seen[2]) == (norms == 0) and not torch.equal(network.norm.weight, weight)


def test_bfloat16_only_inside_the_network_and_one_variable_switches_it_off(monkeypatch):
    kinds = []

    class Watched(Dots):
        def forward(self, background, image):
            kinds.append(torch.is_autocast_enabled("cpu"))
            return super().forward(background, image)

    def loss(outputs, batch):
        assert not torch.is_autocast_enabled("cpu") and outputs["mask"].dtype == torch.float32
        return own_loss(outputs, batch)

    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True, raising=False)
    for value in ("1", "0"):
        monkeypatch.setenv("ROOMSIGHT_BF16", value)
        learn.fit(Watched(), [batch(2)], loss)
    assert kinds == [True, False]


def test_what_cannot_be_trained_is_said():
    with pytest.raises(ValueError, match="nan at step 0. Try a learning rate ten times smaller"):
        learn.fit(dots(), loader(), lambda outputs, batch: outputs["mask"].mean() * float("nan"))
    with pytest.raises(ValueError, match="every weight is frozen"):
        learn.fit(dots().requires_grad_(False), loader(), own_loss)
