"""The study `transfer`: the same steps for each head, a frozen encoder that rests to the bit, drawn weights."""

import json
from dataclasses import replace

import fakes
import pytest
import torch
from torch.utils.data import StackDataset

from helpers import data, learn, models, transfer
from helpers.comparisons import BASELINES
from helpers.show import studies as figures

TINY = transfer.SETTINGS | {"width": 2, "batch": 4, "steps": dict.fromkeys(transfer.SETTINGS["steps"], 4)}


@pytest.fixture(scope="module")
def shared() -> dict:
    """Sides as the study prepares them, of a world that takes no time to draw."""
    found = {}
    for name, size in (("small", 32), ("large", 48)):
        bank = fakes.bank(size=size)
        rows = {side: data.random_rows(bank, length, 0) for side, length in (("train", 12), ("test", 8))}
        found[name] = {side: StackDataset(**data.compose(bank, some)) for side, some in rows.items()}
        found[name]["baselines"] = dict.fromkeys(BASELINES, 0.5)
    return found


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Plans with no more pictures than these sides have."""
    plans = {key: replace(plan, pictures=min(12, plan.pictures)) for key, plan in transfer.PLANS.items()}
    monkeypatch.setattr(transfer, "PLANS", plans)


def one(shared: dict, question: str, plan: str, settings: dict = TINY) -> dict:
    return transfer.transfer_study(settings).do({"question": question, "plan": plan, "seed": 0}, shared)


def test_a_run_says_all_that_the_table_needs(shared):
    described = transfer.transfer_study(TINY)
    for question, plan, steps in (("heads", "together", 4), ("sizes", "small, then large", 3)):
        row = one(shared, question, plan)
        assert set(row) == set(described.columns) and row["abs_rel"] and row["steps"] == steps
        assert row["curve_cost"].split()[-1] == ("4" if question == "heads" else "4.25")
    assert len({described.digest(run) for run in described.runs}) == len(set(transfer.PLANS.values()))
    json.dumps([described.settings(run) for run in described.runs])


def test_with_the_encoder_frozen_the_first_head_is_kept_to_the_bit(shared):
    row = one(shared, "heads", "mask, then depth, encoder frozen")
    assert row["first_mask_iou"] == row["mask_iou"] != ""
    assert row["first_depth_rmse_m"] == "", "a head that was never trained has no score"
    assert row["depth_rmse_m"] != "" and row["steps"] == 8
    other = one(shared, "heads", "depth, then mask, encoder frozen")
    assert other["first_depth_rmse_m"] == other["depth_rmse_m"] != ""


def test_pictures_come_again_only_after_all_of_them():
    order = transfer.shuffled(list(range(5)), 12, torch.Generator().manual_seed(0))
    assert len(order) == 12 and sorted(order[k] for k in range(5)) == sorted(order[k] for k in range(5, 10))


def test_a_drawn_encoder_has_the_weights_of_its_file_and_the_decoder_has_not(monkeypatch, tmp_path):
    torch.manual_seed(1)
    card = {"network": transfer.DRAWN}
    kept = models.build(transfer.DRAWN)
    learn.save_checkpoint(tmp_path / f"{transfer.DRAWN}.safetensors", kept.encoder, card)
    monkeypatch.setattr(transfer, "SHIPPED", tmp_path)
    drawn = transfer.build_network(transfer.Plan(encoder="drawn"), TINY).state_dict()
    random = transfer.build_network(transfer.Plan(encoder="random"), TINY).state_dict()
    name, deep = "encoder.features.0.0.weight", "decoder.blocks.0.conv1.0.weight"
    assert torch.equal(drawn[name], kept.state_dict()[name]) and not torch.equal(random[name], drawn[name])
    assert not torch.equal(drawn[deep], kept.state_dict()[deep])


def rows_of(plans: list[str]) -> list[dict]:
    made = [{"plan": name, "seed": float(seed)} for seed in (0, 1) for name in plans]
    level = {"baseline_mask_iou": 0.2, "baseline_depth_rmse_m": 2.0, "mask_iou": 0.5, "depth_rmse_m": 1.5}
    curves = {"curve_cost": [1.0, 2.0], "curve_iou": [0.1, 0.5], "curve_rmse_m": [2.0, 1.5]}
    return [row | level | curves for row in made]


def test_figures_show_every_plan_and_leave_out_a_head_that_is_not_there():
    rows = rows_of(["together", "mask alone"])
    for row in rows:
        row["depth_rmse_m"] = "" if row["plan"] == "mask alone" else row["depth_rmse_m"]
    mask, depth = figures.plot_plans(rows, ["together", "mask alone"]).axes
    dots = [[line for line in axis.lines if line.get_markersize() == 7] for axis in (mask, depth)]
    assert [len(each) for each in dots] == [2, 1]
    over = figures.plot_over_steps(rows, {"together": "both heads"})
    assert [text.get_text() for text in over.axes[0].get_legend().get_texts()] == ["both heads"]
