"""The bench: it measures what it says, and prints the keys that scripts read. Its figures are not tested."""

import fakes
import numpy as np
import pytest
import torch

from helpers import bench
from helpers.data import compose, export, grid
from helpers.data.folders import GridNames

KEYS = "render_seconds rooms_per_second_96 table_rows table_seconds table_bytes compose_per_second folder_per_second"
KEYS += " compose_vs_folder export_per_second peak_memory_mb zip_per_second zip_bytes room_bytes disk_mb_per_second"


def test_the_folder_is_read_into_the_tensors_that_compose_gives(tmp_path):
    bank = fakes.bank()
    export(bank, tmp_path / "out", places=1, progress=False)
    files, names = bench.PictureFiles(tmp_path / "out"), GridNames(3, 4, 1)
    batch = compose(bank, grid(bank, 1)[names.rows(np.arange(names.total))])
    for i in (0, 5, 23):
        read = files[i]
        assert (read["background"].float() - batch["background"][i].float()).abs().mean() < 6  # JPEG
        assert torch.equal(read["mask"], batch["mask"][i])
        assert (read["depth"] - batch["depth"][i]).abs().max() < 0.001
        assert all(read[name].dtype == batch[name].dtype and read[name].shape == batch[name][i].shape for name in read)


@pytest.mark.timeout(120)
def test_every_figure_is_there(capsys):
    figures = bench.bench_data(rooms=2, people=2, size=48, count=160, workers=0)
    assert set(KEYS.split()) <= set(figures) and figures["table_rows"] == 160
    assert all(figures[key] is None or figures[key] > 0 for key in KEYS.split())
    printed = capsys.readouterr().out
    assert all(key in printed for key in KEYS.split())


def test_latency_grows_with_the_network_and_memory_is_measured():
    waited = bench.latencies_ms(("tiny_percamera", "depthnet"), rounds=1)
    assert 0 < waited["tiny_percamera"] < waited["depthnet"]
    assert 2 < bench.training_memory_mb("depthnet", 4, 48) < 2000


def test_watching_is_measured_with_both_runtimes(monkeypatch):
    monkeypatch.setattr(bench, "LENGTH", 3)
    found = bench.bench_watch()
    assert found["frames"] == 3 and found["width"] == 640
    assert all(0 < each["fps"] and each["median_ms"] > 1 for each in found["runtimes"].values())


def test_the_costs_are_those_of_the_rates():
    figures = {"render_seconds": 36.0, "cores": 2, "identities": 100, "table_seconds": 36.0, "table_rows": 400_000}
    figures |= {"zip_per_second": 100.0, "zip_bytes": 1e4, "room_bytes": 1e6, "size": 224, "disk_mb_per_second": 10.0}
    text = bench.cost_table(figures)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| 4")]
    assert rows[0] == "400,000 1,200,000 4 2 0.01 0.01 0.56 0.58".split() + ["the cores"]
    assert rows[1][4:] == "0.00 0.01 0.11 0.12".split() + ["the disk"], "10 cores fill it, and 8 draw"
    assert rows[5][4:] == "0.03 1.00 11.11 12.14".split() + ["the disk"], "1,000 rooms and people, 100 times the rows"
    assert "what 10 cores make" in text and "people has 1.00 GB" in text
