"""Studies: one whole row per finished run, nothing twice, whatever is killed, cut, or done in two shells at once."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import fake_study
import fakes
import pytest
import torch
from test_cluster import needs_dask

from helpers import comparisons, data, transfer, trials
from helpers.__main__ import main
from helpers.study import missing_runs, read_table, run_study

TESTS = Path(__file__).parent
COMMITTED = {**comparisons.STUDIES, "transfer": transfer.transfer_study}
COMMITTED.pop("world")  # two and a half hours of one core: nobody has run it yet, so there is no table


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder for tables, locks and the log of the fake study."""
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "log.txt"))
    return tmp_path


def fake(place, workers=None):
    run_study(fake_study.describe, workers)
    return place / "tables" / "fake.csv"


def log(place):
    return (place / "log.txt").read_text().splitlines()


def test_every_run_is_one_row_in_the_order_of_the_study(place, capsys):
    torch.set_num_threads(2)
    rows = read_table(fake(place))
    assert [(row["colour"], row["seed"]) for row in rows][3:5] == [("a, b", 0), ("red", 1)] and len(rows) == 8
    assert rows[0]["score"] == 0.75 and rows[0]["curve"] == [0.5, 0.75] and rows[0]["steps"] == 7
    assert rows[0]["machine"].startswith("cpu, 1 thread") and len(rows[0]["settings"]) == 8
    assert rows[0]["settings"] == rows[4]["settings"] != rows[1]["settings"]
    assert "0 of 8 runs" in capsys.readouterr().out and torch.get_num_threads() == 2


def test_only_what_is_missing_is_done(place):
    path = fake(place)
    whole = path.read_bytes()
    assert fake(place).read_bytes() == whole and len(log(place)) == 8
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:3] + lines[5:]))
    fake(place)
    assert len(log(place)) == 10 and path.read_text().splitlines()[0] + "\n" == lines[0]
    assert len(read_table(path)) == 8


@needs_dask
def test_workers_share_the_runs_and_a_killed_one_costs_its_run_only(place, monkeypatch, capsys):
    monkeypatch.setenv("FAKE_KILLED", "green")
    rows = read_table(fake(place, workers=2))
    runs = sorted(f"{row['colour']} {row['seed']:.0f}" for row in rows)
    assert len(runs) == len(set(runs)) == 8 and sorted(log(place)) == sorted([*runs, "green 0"])
    assert "Dashboard: http://127.0.0.1:" in capsys.readouterr().out
    fake(place, workers=2)
    assert len(log(place)) == 9, "no cluster is started where nothing is missing"


CODE = "import fake_study; from helpers import study; study.run_study(fake_study.describe)"


def shell(place, seconds):
    """Another process that does the fake study."""
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    settings = {**os.environ, "PYTHONPATH": paths, "FAKE_SECONDS": str(seconds)}
    return subprocess.Popen([sys.executable, "-c", CODE], env=settings)


def test_two_shells_at_once_do_no_run_twice(place):
    processes = [shell(place, 0.2) for _ in range(2)]
    assert [process.wait(300) for process in processes] == [0, 0]
    assert len(read_table(fake(place))) == 8 and len(set(log(place))) == len(log(place)) == 8


def test_a_kill_in_the_middle_of_a_run_loses_that_run_only(place):
    process, table = shell(place, 0.4), place / "tables" / "fake.csv"
    until = time.monotonic() + 300
    while not (table.exists() and len(log(place)) >= 3):
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = read_table(table)
    assert 1 <= len(kept) < 8
    assert read_table(fake(place))[: len(kept)] == kept and len(read_table(table)) == 8
    assert len(log(place)) <= 9


@pytest.mark.parametrize(
    "spoil, told",
    [
        (lambda lines: ["score,seed\n", *lines[1:]], "cells, not 2"),
        (lambda lines: [*lines[:-1], lines[-1][:-5]], "cut off"),
        (lambda lines: [lines[0].replace("score", "other"), *lines[1:]], "other columns"),
        (lambda lines: [*lines[:3], lines[3].replace(",7,", ","), *lines[4:]], "line 4: .* cells"),
        (lambda lines: [line.replace(lines[1][-9:], "00000000\n") for line in lines], "with other settings"),
    ],
)
def test_a_table_that_was_spoilt_is_refused_and_left_alone(place, spoil, told):
    path = fake(place)
    path.write_text("".join(spoil(path.read_text().splitlines(keepends=True))))
    before = path.read_bytes()
    with pytest.raises(ValueError, match=told):
        fake(place)
    assert path.read_bytes() == before and len(log(place)) == 8


def test_what_is_unknown_is_a_sentence(tmp_path, capsys):
    assert main(["study", "nope"]) == 2 and "Known studies: augment" in capsys.readouterr().err
    with pytest.raises(FileNotFoundError, match="study other"):
        read_table(tmp_path / "other.csv")


@pytest.mark.parametrize("name", COMMITTED)
def test_the_committed_tables_are_whole_and_every_study_would_go_on_with_its_own(name):
    described = COMMITTED[name]()
    missing_runs(described)  # raises where a row was made with other settings
    rows = read_table(described.path)
    assert rows and all(row["steps"] > 0 for row in rows)


TINY = {"rooms": 10, "people": 10, "size": 32, "pictures": 32, "unseen": 4, "epochs": 1}
SMALL = {"losses": ("LOSSES", TINY), "rates": ("RATES", TINY), "augment": ("AUGMENT", TINY | {"epochs": 2})}
SMALL["identities"] = ("IDENTITIES", {"pictures": 32, "unseen": 8, "size": 32})
SMALL["last"] = ("LAST", {"size": 32, "steps": 2, "batch": 4})


@pytest.mark.parametrize("name", SMALL)
def test_a_run_fills_its_row_and_the_same_run_again_gives_the_same_figures(name, tmp_path, monkeypatch):
    monkeypatch.setattr(data.Bank, "draw", lambda *_, **__: fakes.bank(10, 10, 32))
    frozen = data.Scenes(fakes.bank(10, 10, 32), data.random_rows(fakes.bank(10, 10, 32), 8, 5))
    monkeypatch.setattr(trials, "frozen_set", lambda *_, **__: frozen)
    constant, changes = SMALL[name]
    monkeypatch.setattr(comparisons, constant, getattr(comparisons, constant) | changes)
    monkeypatch.setattr(comparisons, "COUNTS", (3, 5, 10))
    described = comparisons.STUDIES[name]()
    shared, run = described.prepare(), described.runs[0]
    columns = (*described.figures, "steps")
    rows = [described.do(other, shared) for other in (run, run, run | {"seed": 1})]
    first, again, other = ([row[column] for column in columns] for row in rows)
    assert first == again != other and "" not in first and list(rows[0]) == list(described.columns)


def test_a_race_has_the_rate_of_a_trial_and_the_leaderboard_uses_it_again(monkeypatch):
    bank = fakes.bank(4, 4, 32)
    test = data.loader(data.Scenes(bank, data.random_rows(bank, 20, 1)), 20)
    shared = {"bank": bank, "test": test, "baselines": dict.fromkeys(comparisons.BASELINES, 0.5)}
    monkeypatch.setattr(comparisons.bench, "latencies_ms", lambda names: dict.fromkeys(names, 5.0))
    settings = comparisons.RACE | {"seconds": 0.5, "trial_steps": 2, "batch": 4, "rates": (1e-3, 1e-2)}
    described, run = replace(comparisons.race_study(), settings=lambda run: settings), {"network": "masknet", "seed": 0}
    found = described.do(run, shared)
    assert list(found) == list(described.columns) and float(found["rate"]) in (1e-3, 1e-2)
    assert found["depth_rmse_m"] == "" and float(found["mask_iou"]) >= 0 and found["steps"] > 0
    assert trials.race_one(run, settings, shared, rate=0.5)["rate"] == "0.5"
