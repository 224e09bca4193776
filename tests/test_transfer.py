"""The study `transfer`: turns at one budget, a trunk that rests to the bit, other numbers, targets out of reach."""

import json

import fakes
import pytest
import torch
from torch.utils.data import StackDataset

from helpers import data, learn, transfer
from helpers.comparisons import BASELINES
from helpers.show import png
from helpers.show import studies as figures

TINY = transfer.SETTINGS | {"width": 2, "batch": 4, "seconds": dict.fromkeys(transfer.SETTINGS["seconds"], 0.4)}


@pytest.fixture(scope="module")
def shared() -> dict:
    """Sides as the study prepares them, of a world that takes no time to draw."""
    found = {}
    for name, size in (("small", 32), ("large", 48)):
        bank = fakes.bank(size=size)
        rows = {side: data.random_rows(bank, length, 0) for side, length in (("train", 12), ("test", 8))}
        found[name] = {side: StackDataset(**data.compose(bank, some)) for side, some in rows.items()}
    found["half"] = {name: StackDataset(**transfer.halved(kept.datasets)) for name, kept in found["small"].items()}
    for kept in found.values():
        kept["baselines"] = dict.fromkeys(BASELINES, 0.5)
    return found


def one(shared: dict, question: str, plan: str, settings: dict = TINY) -> dict:
    return transfer.transfer_study(settings).do({"question": question, "plan": plan, "seed": 0}, shared)


def batch_of(shared: dict, kind: str = "small") -> dict:
    return next(iter(data.loader(shared[kind]["test"], 8)))


def test_a_run_says_all_that_the_table_needs(shared):
    described = transfer.transfer_study(TINY)
    for question, plan in (("turns", "together"), ("sizes", "small, then large"), ("row E", "grey")):
        row = one(shared, question, plan)
        assert set(row) | set(described.columns[-5:]) == set(described.columns) and row["abs_rel"] and row["called"]
    assert len({described.digest(run) for run in described.runs}) == len(set(transfer.PLANS.values())), (
        "a plan is a setting"
    )
    json.dumps([described.settings(run) for run in described.runs])


def test_with_the_trunk_frozen_the_first_head_is_kept_to_the_bit(shared):
    row = one(shared, "turns", "mask, then depth, trunk frozen")
    assert row["first_mask_iou"] == row["mask_iou"] != "" and row["first_depth_rmse_m"] == ""
    assert row["depth_rmse_m"] != ""
    other = one(shared, "turns", "depth, then mask, trunk frozen")
    assert other["first_depth_rmse_m"] == other["depth_rmse_m"] != ""


def test_a_head_that_was_never_trained_has_no_score(shared):
    row = one(shared, "turns", "mask alone")
    assert row["mask_iou"] and row["called"] and not row["depth_rmse_m"] and not row["abs_rel"]
    assert one(shared, "turns", "depth alone")["called"] == ""


def test_own_numbers_bring_the_images_to_mean_0_and_deviation_1(shared):
    seen, batch = [], batch_of(shared)
    network = transfer.build_network(transfer.Plan(own=True), TINY, shared["small"]["test"])
    network.network.trunk[0].register_forward_hook(lambda part, inputs, output: seen.append(inputs[0][:, 3:]))
    network(batch["background"], batch["image"])
    assert torch.allclose(seen[0].mean((0, 2, 3)), torch.zeros(3), atol=1e-4)
    assert torch.allclose(seen[0].std((0, 2, 3)), torch.ones(3), atol=1e-3)


def test_normalised_targets_are_out_of_reach_and_reward_nobody(shared):
    loss, batch = learn.Criterion({"mask": {"bce": 1}}), batch_of(shared)
    broken = transfer.Normalised(loss)
    targets = broken.targets(batch)
    assert set(targets["mask"].unique().tolist()) == {-2.0, 2.0} and targets["depth"].min() < 0
    nobody = [broken({"mask": torch.full_like(batch["mask"], z)}, batch).item() for z in (0.0, -10.0, -1000.0)]
    assert nobody[0] > 0 > nobody[1] > nobody[2], "the surer, the better, without an end"
    assert loss({"mask": torch.full_like(batch["mask"], -1000.0)}, batch) > 0, "targets in 0..1 forbid it"


def rows_of(plans: list[str]) -> list[dict]:
    made = [{"plan": name, "seed": float(seed)} for seed in (0, 1) for name in plans]
    level = {"baseline_mask_iou": 0.2, "baseline_depth_rmse_m": 2.0, "mask_iou": 0.5, "depth_rmse_m": 1.5}
    curves = {"curve_seconds": [1.0, 2.0], "curve_iou": [0.1, 0.5], "curve_rmse_m": [2.0, 1.5]}
    return [row | level | curves for row in made]


def test_figures_show_every_plan_and_leave_out_a_head_that_is_not_there():
    rows = rows_of(["together", "mask alone"])
    for row in rows:
        row["depth_rmse_m"] = "" if row["plan"] == "mask alone" else row["depth_rmse_m"]
    mask, depth = figures.plot_plans(rows, ["together", "mask alone"]).axes
    dots = [[line for line in axis.lines if line.get_markersize() == 7] for axis in (mask, depth)]
    assert [len(each) for each in dots] == [2, 1]
    over = figures.plot_over_time(rows, {"together": "both heads"})
    assert [text.get_text() for text in over.axes[0].get_legend().get_texts()] == ["both heads"]
    kinds = {"mask": (torch.zeros(9), torch.full((9,), -2.0))}
    assert png(figures.plot_targets(kinds)) == png(figures.plot_targets(kinds))
