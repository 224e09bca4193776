"""Freezing by name: not a bit of what is frozen moves, weights or statistics; the trunk is one for both heads."""

import pytest
import torch
from test_baselines import batch
from torch import nn

from helpers import learn, models

MASK, DEPTH = learn.Criterion({"mask": {"bce": 1}}), learn.Criterion({"depth": {"l1": 1}})
BOTH = learn.Criterion({"mask": {"bce": 1}, "depth": {"l1": 1}})


@pytest.fixture(scope="module")
def loader() -> list[dict]:
    return [batch(4, noise=40, seed=seed) for seed in range(3)]


def fresh() -> models.SharedUnet:
    torch.manual_seed(0)
    return models.SharedUnet(4)


def taken(model: nn.Module) -> dict[str, torch.Tensor]:
    """Weights and statistics, copied."""
    return {name: value.clone() for name, value in model.state_dict().items()}


def moved(model: nn.Module, before: dict[str, torch.Tensor]) -> set[str]:
    """The parts, up to the first dot, of which a bit has changed."""
    return {name.split(".")[0] for name, value in model.state_dict().items() if not torch.equal(value, before[name])}


@pytest.mark.parametrize("optimizer", ["adamw", "sgd", "muon"])
def test_what_is_frozen_does_not_move_by_a_bit(loader, optimizer):
    network = learn.freeze(fresh(), "trunk", "mask")
    before = taken(network)
    learn.fit(network, loader, BOTH, learn.Settings(epochs=2, lr=1e-2, optimizer=optimizer, ema=0.9, valid=loader[:1]))
    assert moved(network, before) == {"depth"}
    statistics = [name for name in before if name.startswith("trunk") and "running_mean" in name]
    assert statistics and all(torch.equal(network.state_dict()[name], before[name]) for name in statistics)


def test_without_freezing_all_of_it_moves_statistics_too(loader):
    network = fresh()
    before = taken(network)
    learn.fit(network, loader, BOTH)
    assert moved(network, before) == {"trunk", "mask", "depth"}
    assert not torch.equal(network.trunk[0][0][1].running_mean, before["trunk.0.0.1.running_mean"])


def test_a_frozen_part_answers_as_in_prediction_while_the_rest_trains(loader):
    network = learn.train_mode(learn.freeze(fresh(), "trunk"))
    assert network.training and network.mask.training and not network.trunk.training
    assert not any(part.training for part in network.trunk.modules())
    dropping = learn.train_mode(learn.freeze(models.TwoEncoders(), "shared"))
    assert not any(part.training for part in dropping.shared.modules()) and dropping.up.training


def test_the_trunk_is_one_for_both_heads_and_one_before_and_after(loader):
    network = fresh()
    trunk, weight = network.trunk, network.trunk[0][0][0].weight
    learn.in_turns(network, loader, [learn.Turn(DEPTH, ("mask",)), learn.Turn(MASK, ("depth",))])
    assert network.trunk is trunk and network.trunk[0][0][0].weight is weight
    names = [name for name, value in network.named_parameters() if value is weight]
    assert names == ["trunk.0.0.0.weight"], "the same tensor under one name: no head has a trunk of its own"


def test_turns_move_their_own_parts_only(loader):
    network, seen = fresh(), []
    turns = [learn.Turn(MASK, ("depth",)), learn.Turn(DEPTH, ("trunk", "mask"))]
    for turn in turns:
        before = taken(network)
        histories = learn.in_turns(network, loader, [turn], learn.Settings(epochs=2))
        seen.append(moved(network, before))
        assert len(histories) == 1 and len(histories[0]) == 2
    assert seen == [{"trunk", "mask"}, {"depth"}] and not learn.frozen(network)


def test_afterwards_each_part_rests_or_learns_as_before(loader):
    network = learn.freeze(fresh(), "mask.head")
    learn.in_turns(network, loader, [learn.Turn(DEPTH, ("trunk",))])
    assert learn.frozen(network) == {"mask.head.weight", "mask.head.bias"}
    with pytest.raises(ZeroDivisionError), learn.resting(network, "depth"):
        assert len(learn.frozen(network)) > 20
        raise ZeroDivisionError
    assert len(learn.frozen(network)) == 2
    assert not learn.frozen(learn.unfreeze(network))


def test_names_are_whole_parts():
    network = learn.freeze(models.DSResNet(), "mask_up.0", "mix")
    assert {".".join(name.split(".")[:2]) for name in learn.frozen(network)} == {"mask_up.0", "mix.weight", "mix.bias"}
    learn.unfreeze(network, "mix.bias")
    assert "mix.bias" not in learn.frozen(network) and "mix.weight" in learn.frozen(network)


@pytest.mark.parametrize("wrong", ["trnk", "mas", "trunk.9", "mask.head.weight.data"])
def test_an_unknown_name_is_refused_with_a_sentence_and_nothing_is_frozen(wrong, loader):
    network = fresh()
    with pytest.raises(ValueError, match=f"SharedUnet has no part called '{wrong}'.*Its parts: trunk, mask, depth"):
        learn.freeze(network, "depth", wrong)
    with pytest.raises(ValueError, match="no part called"):
        learn.in_turns(network, loader, [learn.Turn(MASK), learn.Turn(DEPTH, (wrong,))])
    assert not learn.frozen(network)


def test_with_all_frozen_there_is_nothing_to_train(loader):
    network = learn.freeze(fresh(), "trunk", "mask", "depth")
    with pytest.raises(ValueError, match=r"every weight is frozen.*learn.unfreeze"):
        learn.fit(network, loader, BOTH)


def test_a_sweep_of_rates_leaves_frozen_statistics_out_of_it(loader):
    network, seen = learn.freeze(fresh(), "trunk"), []
    network.trunk[0].register_forward_hook(lambda part, _, __: seen.append(part.training))
    learn.lr_range(network, loader, BOTH, steps=10)
    assert seen and not any(seen)
