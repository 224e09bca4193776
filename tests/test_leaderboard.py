"""The leaderboard: every network, the table, the picture and the page of figures."""

import pytest

from helpers import base, comparisons
from helpers.comparisons import NETWORKS, report_leaderboard
from helpers.show import studies
from helpers.study import read_table


def row(network: str, mask: float, seed: int = 0, depth: float | str = 1.5) -> dict:
    """A finished run, with a baseline of .2 and 2 metres."""
    made = {"network": network, "row": NETWORKS[network], "seed": float(seed)}
    made |= {"mask_iou": mask, "depth_rmse_m": depth, "abs_rel": 0.1}
    made |= {"parameters": 1000.0 ** (1 + len(network) / 12), "peak_memory_mb": 300.0, "pictures_per_second": 90.0}
    return made | {"baseline_mask_iou": 0.2, "baseline_depth_rmse_m": 2.0}


def board() -> list[dict]:
    """Three seeds of three networks, of which one has no depth and one has learnt nothing."""
    made = [row("roomnet", 0.8 + 0.01 * seed, seed) for seed in range(3)]
    made += [row("masknet", 0.6, seed, depth="") for seed in range(3)]
    return made + [row("shared_unet", 0.1, seed) for seed in range(3)]


def test_the_table_has_the_best_first_and_the_baselines_last():
    lines = studies.leaderboard_markdown(board()).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == [
        "| RoomNet", "| MaskNet", "| shared U-Net", "| subtraction; mean depth map",
    ]  # fmt: skip
    assert all(line.count("|") == lines[0].count("|") for line in lines) and "0.810" in lines[2]
    assert "0.200" in lines[-1] and "2.00" in lines[-1]


def test_the_report_goes_between_its_marks_and_nowhere_else(tmp_path):
    page, (start, end) = tmp_path / "page.md", comparisons.MARKS
    page.write_text(f"above\n{start}old\n{end}below\n")
    report_leaderboard(board(), page, tmp_path / "leaderboard.png")
    text = page.read_text()
    assert text.startswith("above\n<!--") and text.endswith("-->\nbelow\n") and "old" not in text and "RoomNet" in text
    page.write_text("no marks")
    with pytest.raises(ValueError, match="no place for the leaderboard"):
        report_leaderboard(board(), page, tmp_path / "leaderboard.png")


def test_the_page_of_figures_shows_the_table_as_it_is():
    rows = read_table(base.ROOT / "artifacts" / "leaderboard.csv")
    text = comparisons.MARKS[0] + studies.leaderboard_markdown(rows)
    assert text in comparisons.PAGE.read_text()
