"""The leaderboard: who gets more time, what is said of those who learn nothing, the picture and the README."""

from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import fakes
import pytest
from PIL import Image

from helpers import data, leaderboard, memory, models, study
from helpers.show import leaders, png
from helpers.studies import leaderboard as runs
from helpers.studies import race
from helpers.studies.table import read


def row(network: str, mask: float, seed: int = 0, budget: int = 180, depth: float | str = 1.5) -> dict:
    """A finished run, with a baseline of .2 and 2 metres."""
    made = {"network": network, "row": runs.NETWORKS[network], "budget_s": float(budget), "seed": float(seed)}
    made |= {"mask_iou": mask, "depth_rmse_m": depth, "abs_rel": 0.1, "latency_ms": 5.0 + len(network)}
    made |= {"parameters": 1000.0 ** (1 + len(network) / 12), "peak_memory_mb": 300.0, "pictures_per_second": 90.0}
    return made | {"baseline_mask_iou": 0.2, "baseline_depth_rmse_m": 2.0}


def board() -> list[dict]:
    """Three seeds of three networks, of which one has no depth and one has learnt nothing."""
    made = [row("roomnet", 0.8 + 0.01 * seed, seed) for seed in range(3)]
    made += [row("masknet", 0.6, seed, depth="") for seed in range(3)]
    return made + [row("shared_unet", 0.1, seed) for seed in range(3)]


def test_only_who_has_learnt_nothing_gets_more_time_and_not_for_ever():
    rows = board()
    assert runs.longer(rows, 180, (0, 1, 2)) == [("shared_unet", 360, 0)]
    rows.append(row("shared_unet", 0.15, budget=360))
    assert runs.longer(rows, 180, (0, 1, 2)) == [("shared_unet", 360, 0), ("shared_unet", 720, 0)]
    rows.append(row("shared_unet", 0.15, budget=720))
    assert runs.longer(rows, 180, (0, 1, 2)) == [("shared_unet", 360, 0), ("shared_unet", 720, 0)]
    assert leaderboard.needs(rows) == {"shared_unet": "no mask in 12 minutes"}
    rows[-1]["mask_iou"] = 0.3
    assert leaderboard.needs(rows) == {"shared_unet": "mask after 12 minutes"}


def test_both_answers_must_beat_their_baselines():
    assert runs.behind([row("roomnet", 0.5)]) == runs.behind([row("masknet", 0.5, depth="")]) == ""
    assert runs.behind([row("roomnet", 0.5, depth=2.5)]) == "depth" and runs.behind([row("roomnet", 0.1)]) == "mask"
    assert runs.behind([row("roomnet", 0.1, depth=2.5)]) == "mask and depth" and runs.behind([]) == ""


def test_every_row_of_the_seeds_is_there_at_full_width():
    described = study.named("leaderboard")
    first = [run for run in described.runs if run["budget_s"] == 180]
    assert len(first) == 3 * len(runs.NETWORKS) and {run["seed"] for run in first} == {0, 1, 2}
    assert set("ABCDE") <= {name[0] for name in runs.NETWORKS.values()} and "smp_unet" in runs.NETWORKS
    assert models.count_parameters(models.build("shared_unet")) == 33_389_314


def test_the_table_has_the_best_first_and_the_baselines_last():
    lines = leaders.markdown(board(), {"shared_unet": "no mask in 3 minutes"}).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == [
        "| RoomNet", "| MaskNet", "| shared U-Net (no mask in 3 minutes)", "| subtraction; mean depth map",
    ]  # fmt: skip
    assert all(line.count("|") == lines[0].count("|") for line in lines) and "0.810" in lines[2]
    assert "0.200" in lines[-1] and "2.00" in lines[-1]


def test_the_picture_is_as_wide_as_the_course_and_longer_runs_are_not_in_it():
    rows = board()
    figure = leaders.leaderboard(rows)
    assert Image.open(BytesIO(png(figure))).size[0] == 800
    again = leaders.leaderboard([*rows, row("shared_unet", 0.9, budget=720)])
    assert png(again) == png(leaders.leaderboard(rows))


def test_the_report_goes_between_its_marks_and_nowhere_else(tmp_path, monkeypatch):
    page = tmp_path / "README.md"
    monkeypatch.setattr(leaderboard, "README", page)
    monkeypatch.setattr(leaderboard, "PICTURE", tmp_path / "leaderboard.png")
    page.write_text(f"above\n{leaderboard.START}old\n{leaderboard.END}below\n")
    leaderboard.report(board())
    text = page.read_text()
    assert text.startswith("above\n<!--") and text.endswith("-->\nbelow\n") and "old" not in text and "RoomNet" in text
    page.write_text("no marks")
    with pytest.raises(ValueError, match="no place for the leaderboard"):
        leaderboard.report(board())


def test_the_readme_shows_the_table_as_it_is():
    rows = read(leaderboard.TABLE)
    assert not study.missing("leaderboard")
    assert leaderboard.START + leaders.markdown(rows, leaderboard.needs(rows)) in leaderboard.README.read_text()


def test_a_run_fills_its_row_and_its_rate_is_used_again(tmp_path, monkeypatch):
    bank = fakes.bank(4, 4, 32)
    test = data.loader(data.Scenes(bank, data.free(bank, 20, 1)), 20)
    shared = {"bank": bank, "test": test, "baselines": {"baseline_mask_iou": 0.2, "baseline_depth_rmse_m": 2.0}}
    monkeypatch.setattr(memory, "training_mb", lambda *_: 123.4)
    monkeypatch.setattr(runs.latency, "latencies", lambda names: dict.fromkeys(names, 5.0))
    settings = runs.SETTINGS | {"seconds": 1, "trial_steps": 2, "batch": 4}
    described = replace(runs.study(settings, {"masknet": "D"}, (0, 1), tmp_path), prepare=lambda: shared)
    tried = []
    monkeypatch.setattr(race, "trial", lambda run, shared, settings, rate: tried.append(rate) or -rate)
    study.carry_on(described, tmp_path, tmp_path / "locks")
    rows = read(tmp_path / "leaderboard.csv")
    assert [row["rate"] for row in rows] == [0.01, 0.01] and tried == list(race.RATES)
    assert all(row["peak_memory_mb"] == 123 and row["depth_rmse_m"] == "" and row["steps"] > 0 for row in rows)


def test_memory_grows_with_the_network():
    small, large = memory.training_mb("tiny_percamera", 4, 48), memory.training_mb("depthnet", 4, 48)
    assert 0 < small < large


def test_dots_grow_with_the_network():
    axis = leaders.leaderboard(board()).axes[0]
    dots = [line.get_markersize() for line in axis.lines if line.get_marker() == "o" and line.get_alpha() > 0.5]
    assert len(dots) == 3 and all(large >= small for large, small in pairwise(dots))
