"""`evaluate`: the keys that scripts rely on, the baselines beside them, and what a missing head looks like."""

import json
import math

import fakes
import pytest
import torch

from helpers import __main__ as shell
from helpers import data, evaluate, inference, learn, models, photographs

KEYS = {
    "network", "parameters", "size", "test_set", "mask_iou", "boundary_iou", "depth_rmse_m", "depth_rmse_01", "abs_rel",
    "delta1", "person_rmse_m", "broad_mask_iou", "baseline_mask_iou", "baseline_depth_rmse_m", "pictures",
    "photos_aligned_iou", "photos_shaken_iou", "baseline_photos_aligned_iou", "baseline_photos_shaken_iou",
    "baseline_aligned_mask_iou", "baseline_aligned_broad_mask_iou", "baseline_aligned_photos_aligned_iou",
    "baseline_aligned_photos_shaken_iou", "photo_pairs",
}  # fmt: skip


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Two small test sets, four pairs of photographs, and random weights."""
    pairs = {shaken: photographs.pairs(shaken)[2::14] for shaken in (False, True)}
    monkeypatch.setattr("helpers.photographs.scoring.pairs", lambda shaken=False: pairs[shaken])
    banks = {evaluate.MUSEUM: fakes.bank(4, 4, 32), evaluate.BROAD: fakes.bank(0, 0, 32, 3, 3)}
    sets = {name: data.Scenes(bank, data.random_rows(bank, 60, seed=1)) for name, bank in banks.items()}
    monkeypatch.setattr(evaluate, "frozen", sets.__getitem__)
    monkeypatch.setattr(inference, "SHIPPED", tmp_path)
    torch.manual_seed(0)
    for name in ("masknet", "roomnet"):
        learn.save_checkpoint(tmp_path / f"{name}.safetensors", models.build(name), {"network": name, "size": 32})
    return sets


@pytest.mark.parametrize("name", ["masknet", "roomnet"])
def test_the_shell_prints_a_table_and_last_one_object(small, name, capsys):
    assert shell.main(["evaluate", name, "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    row = json.loads(lines[-1])
    assert KEYS <= set(row) and row["network"] == name and row["pictures"] == 60 and row["size"] == 32
    assert row["test_set"] == "museum-test-v1" and row["baseline_depth_rmse_m"] > 0 < row["baseline_mask_iou"]
    no_depth = {key for key in KEYS if row[key] is None}
    assert no_depth == (
        {key for key in KEYS if "depth" in key and "base" not in key} | {"abs_rel", "delta1", "person_rmse_m"}
        if name == "masknet"
        else set()
    )
    table = "\n".join(lines[:-1])
    assert "pixel differencing" in table and "mean depth map" in table and "60 pictures" in table
    assert "differencing after aligning" in table and "4 pairs of photographs" in table and row["photo_pairs"] == 4
    assert all(math.isfinite(value) for value in row.values() if isinstance(value, float))


def test_figures_are_those_of_the_plain_loop(small):
    row = evaluate.evaluate("roomnet")
    network, _ = inference.trained_network("roomnet")
    ours = learn.evaluate(network, data.loader(small[evaluate.MUSEUM], 50))
    assert row["mask_iou"] == ours["mask_iou"] and row["depth_rmse_m"] == ours["depth_rmse_m"]
    assert row["depth_rmse_01"] == pytest.approx(row["depth_rmse_m"] / 20)


def test_no_constant_map_and_no_threshold_beats_the_baselines(small):
    batches = [data.loader(small[name], 50) for name in (evaluate.MUSEUM, evaluate.BROAD)]
    subtraction, mean = evaluate.baselines(*batches)
    for threshold in (5, 20, 60):
        assert learn.evaluate(learn.Differencing(threshold), batches[0])["mask_iou"] <= subtraction["mask_iou"]
    other = learn.MeanDepth(torch.full((1, 1, 32, 32), 6.0))
    assert learn.evaluate(other, batches[0])["depth_rmse_m"] >= mean["depth_rmse_m"]


def test_missing_weights_and_names_are_told_before_anything_is_drawn(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(evaluate, "frozen", lambda name: pytest.fail("drew a bank first"))
    monkeypatch.setattr(inference, "SHIPPED", tmp_path)
    for name, sentence in (("depthnet", "No trained weights of depthnet"), ("deepnet", "no network called 'deepnet'")):
        assert shell.main(["evaluate", name]) == 2
        assert sentence in capsys.readouterr().err
    assert shell.main(["evaluate", "masknet", "--weights", str(tmp_path / "gone.safetensors")]) == 2
    assert "There is no checkpoint" in capsys.readouterr().err
