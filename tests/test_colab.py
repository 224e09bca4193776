"""The rehearsal of Colab: a small course in a repository of its own, run by this Python in place of Colab's."""

import csv
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from helpers import install
from tools import colab, template

ROOT = install.ROOT
WHO = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
LOOKS = """\
import os
import sys

print(sorted(path.name for path in here.iterdir()), course.name, Path(install.__file__).is_relative_to(here))
print("google.colab" in sys.modules, [name for name in os.environ if name.startswith(("PYTHON", "ROOMSIGHT_P"))])"""
FAILS = """\
total = 1 + 1
print(total)
assert total == 3, f"two, \\"or\\" 2, in {here}/roomsight\\nand not three\""""


def commit(root: Path) -> None:
    """Commit everything in `root`."""
    for words in (["add", "."], [*WHO, "commit", "-q", "-m", "course"]):
        subprocess.run(["git", *words], cwd=root, check=True)


def lesson(root: Path, name: str, source: str) -> None:
    """Write a notebook with the first cell and one more."""
    cells = [nbformat.v4.new_code_cell(text) for text in (template.first_cell(""), source)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), root / "notebooks" / name)


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Folder of a committed course with two short notebooks, one of which fails; this Python stands for Colab's."""
    root = tmp_path / "small course"
    shutil.copytree(ROOT / "helpers", root / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "requirements.txt", root)
    (root / "notebooks").mkdir()
    lesson(root, "00_looks.ipynb", LOOKS)
    lesson(root, "01_fails.ipynb", FAILS)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    commit(root)
    monkeypatch.setattr(colab, "fresh", lambda home: Path(sys.executable))
    monkeypatch.setattr(colab, "versions", lambda python: {"python": "3", "torch": "2", "numpy": "2"})
    return root


@pytest.fixture
def rehearse(small, tmp_path):
    """The command on the small course, and where its table and what it showed lie."""

    def done(*names: str) -> bool:
        return colab.colab(names, small, done.table, done.home)

    done.table, done.home = tmp_path / "colab.csv", tmp_path / "home"
    return done


def rows(table: Path) -> dict[str, dict[str, str]]:
    return {row["notebook"]: row for row in csv.DictReader(table.read_text().splitlines())}


def test_each_notebook_runs_alone_and_its_outcome_is_a_row(rehearse, small, monkeypatch, capsys):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("ROOMSIGHT_PROFILE", "full")
    assert not rehearse()
    shown = (rehearse.home / "00_looks" / "printed.txt").read_text()
    assert "['00_looks.ipynb', 'roomsight'] roomsight True\nTrue []" in shown
    found = rows(rehearse.table)
    assert found["00_looks"]["outcome"] == "ok" and found["00_looks"]["torch"] == "2"
    said = found["01_fails"]["outcome"]
    assert said == 'code cell 2: AssertionError: two, "or" 2, in roomsight', "no path in it"
    assert (rehearse.home / "01_fails" / "printed.txt").read_text() == "[cell 2]\n2\n"
    assert "AssertionError: two" in capsys.readouterr().out.splitlines()[-1]

    lesson(small, "01_fails.ipynb", "total = 2")
    assert not rehearse("01"), "what is not committed is not fetched"
    assert "What is not committed takes no part" in capsys.readouterr().out
    commit(small)
    assert rehearse("01")
    again = rows(rehearse.table)
    assert again["01_fails"]["outcome"] == "ok" and again["01_fails"]["commit"] != found["01_fails"]["commit"]
    assert again["00_looks"] == found["00_looks"], "the row of a notebook that was not asked for stays"


def test_an_unknown_notebook_is_a_sentence(rehearse):
    with pytest.raises(ValueError, match="'12' is none of .*: 00_looks, 01_fails"):
        rehearse("12")
    assert not rehearse.table.exists()


def test_a_folder_that_is_no_repository_is_a_sentence(tmp_path):
    with pytest.raises(ValueError, match="needs the course as a git repository"):
        colab.fetched(tmp_path, tmp_path / "home")


def test_temporary_files_must_lie_outside_the_course(rehearse, small, monkeypatch):
    monkeypatch.setattr(colab.tempfile, "tempdir", str(small))
    with pytest.raises(ValueError, match="Set TMPDIR"):
        rehearse("00")


def test_a_notebook_that_replaces_a_package_has_not_passed(rehearse, monkeypatch):
    told = iter([{"python": "3", "numpy": "2.1.3"}, {"python": "3", "numpy": "2.4.6", "torchmetrics": "1.9.0"}])
    monkeypatch.setattr(colab, "versions", lambda python: next(told))
    assert not rehearse("00")
    row = rows(rehearse.table)["00_looks"]
    assert row["outcome"] == "numpy 2.1.3 was replaced by 2.4.6" and row["added"] == "torchmetrics 1.9.0"


def test_the_list_pins_what_colab_has_and_lacks_what_it_lacks():
    lines = [line for line in colab.PACKAGES.read_text().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w-]+==[\d.]+", line) for line in lines)
    names = {line.partition("==")[0] for line in lines}
    assert set(install.needed()) - names == {"segmentation-models-pytorch", "torchmetrics", "av"}
