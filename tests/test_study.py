"""Studies: one whole row per finished run, nothing twice, whatever is killed, cut, or done in two shells at once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import fakes
import pytest
import torch

from helpers import data, learn, study
from helpers.__main__ import main
from helpers.studies import losses
from helpers.studies.table import Table, read

TESTS = Path(__file__).parent


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder for tables and locks, with the fake study in the list of studies."""
    monkeypatch.setitem(study.STUDIES, "fake", "fake_study")
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "log.txt"))
    return tmp_path


def fake(place, workers=1):
    study.study("fake", workers, place / "tables", place / "locks")
    return place / "tables" / "fake.csv"


def log(place):
    return (place / "log.txt").read_text().splitlines()


def test_every_run_is_one_row_in_the_order_of_the_study(place, capsys):
    rows = read(fake(place))
    assert [(row["colour"], row["seed"]) for row in rows][3:5] == [("a, b", 0), ("red", 1)] and len(rows) == 8
    assert rows[0]["score"] == 0.75 and rows[0]["curve"] == [0.5, 0.75] and rows[0]["steps"] == 7
    assert rows[0]["machine"].startswith("cpu, 1 thread") and len(rows[0]["settings"]) == 8
    assert rows[0]["settings"] == rows[4]["settings"] != rows[1]["settings"]
    assert "0 of 8 runs" in capsys.readouterr().out


def test_the_threads_of_the_caller_are_given_back(place):
    torch.set_num_threads(2)
    fake(place)
    assert torch.get_num_threads() == 2


def test_a_second_time_nothing_is_done_and_not_a_byte_changes(place):
    before = fake(place).read_bytes()
    assert fake(place).read_bytes() == before and len(log(place)) == 8


def test_only_what_is_missing_is_done(place):
    path = fake(place)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:3] + lines[5:]))
    fake(place)
    assert len(log(place)) == 10 and path.read_text().splitlines()[0] + "\n" == lines[0]
    assert len(read(path)) == 8


def test_workers_share_the_runs(place):
    rows = read(fake(place, workers=2))
    assert len(rows) == 8 and sorted(log(place)) == sorted(f"{row['colour']} {row['seed']:.0f}" for row in rows)


CODE = "from helpers import study; from pathlib import Path; import fake_study; p = Path({place!r})\n"
CODE += "study.carry_on(fake_study.study(), p / 'tables', p / 'locks')"


def shell(place, seconds):
    """Another process that does the fake study."""
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    settings = {**os.environ, "PYTHONPATH": paths, "FAKE_SECONDS": str(seconds)}
    return subprocess.Popen([sys.executable, "-c", CODE.format(place=str(place))], env=settings)


def test_two_shells_at_once_do_no_run_twice(place):
    processes = [shell(place, 0.2) for _ in range(2)]
    assert [process.wait(300) for process in processes] == [0, 0]
    assert len(read(fake(place))) == 8 and len(set(log(place))) == len(log(place)) == 8


def test_a_kill_in_the_middle_of_a_run_loses_that_run_only(place):
    process, table = shell(place, 0.4), place / "tables" / "fake.csv"
    until = time.monotonic() + 300
    while not (table.exists() and len(log(place)) >= 3):
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = read(table)
    assert 1 <= len(kept) < 8
    assert read(fake(place))[: len(kept)] == kept and len(read(table)) == 8
    assert len(log(place)) <= 9


def test_a_line_that_was_cut_off_is_noticed_and_done_again(place, capsys):
    path = fake(place)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    with pytest.raises(ValueError, match="cut or broken line"):
        read(path)
    fake(place)
    assert len(read(path)) == 8 and len(log(place)) == 9
    assert "the last line was cut off" in capsys.readouterr().out


@pytest.mark.parametrize(
    "spoil, told",
    [
        (lambda lines: ["score,colour\n", *lines[1:]], "other columns"),
        (lambda lines: [*lines[:3], lines[3].replace(",7,", ","), *lines[4:]], "line 4: .* cells"),
        (lambda lines: [*lines, lines[2]], "line 10: this run is there twice"),
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


def test_a_row_with_other_columns_is_not_written(tmp_path):
    table = Table(tmp_path / "t.csv", ("a", "b"), ("a",))
    with pytest.raises(ValueError, match="'b'"):
        table.append({"a": 1})
    assert not list(tmp_path.iterdir())


def test_what_looks_like_a_number_is_one_except_in_words(tmp_path):
    table = Table(tmp_path / "t.csv", ("a", "curve", "settings"), ("a",))
    table.append({"a": "BCE, L1", "curve": "1 2.5", "settings": "1e345678"})
    assert read(table.path) == [{"a": "BCE, L1", "curve": [1.0, 2.5], "settings": "1e345678"}]
    with pytest.raises(FileNotFoundError, match="study other"):
        read(tmp_path / "other.csv")


def test_an_unknown_study_is_a_sentence_with_the_known_ones(capsys):
    assert main(["study", "nope"]) == 2 and "Known studies: augment" in capsys.readouterr().err


TINY = {**losses.SETTINGS, "rooms": 10, "people": 10, "size": 32, "pictures": 32, "unseen": 4, "epochs": 1}


def test_the_losses_are_compared_on_the_same_pictures(tmp_path, monkeypatch):
    monkeypatch.setattr(data.Bank, "draw", lambda *_, **__: fakes.bank(10, 10, 32))
    tiny = losses.study(TINY, ("BCE, RMSE", "MSE, MSE"), seeds=(0,))
    study.carry_on(tiny, tmp_path, tmp_path / "locks")
    rows = read(tmp_path / "losses.csv")
    assert [row["combination"] for row in rows] == ["BCE, RMSE", "MSE, MSE"]
    assert rows[0]["steps"] == 2 and rows[0]["curve_steps"] == [1, 2]
    assert rows[0]["baseline_mask_iou"] == rows[1]["baseline_mask_iou"]
    assert rows[0]["depth_rmse_m"] == pytest.approx(20 * rows[0]["depth_rmse_01"], abs=2e-4)


def test_the_same_run_again_gives_the_same_figures(monkeypatch):
    monkeypatch.setattr(data.Bank, "draw", lambda *_, **__: fakes.bank(10, 10, 32))
    sides = losses.pictures(TINY)
    first, second, other = (losses.one_run({"combination": "BCE, L1", "seed": s}, sides, TINY) for s in (0, 0, 1))
    assert first == second != other


def test_runs_go_seed_by_seed_over_all_combinations():
    described = losses.study()
    assert len(described.runs) == 3 * len(learn.COMBINATIONS) >= 33
    assert [run["seed"] for run in described.runs] == sorted(run["seed"] for run in described.runs)
    assert len({described.short(run) for run in described.runs}) == len(learn.COMBINATIONS)
    changed = losses.study({**losses.SETTINGS, "lr": 0.1})
    assert changed.short(changed.runs[0]) != described.short(described.runs[0])


def test_the_committed_table_is_whole_and_of_these_settings():
    described = losses.study()
    rows = described.table(study.TABLES).rows()
    assert rows and all(row["steps"] == "1280" for row in rows.values())
    study._done(described, described.table(study.TABLES))
