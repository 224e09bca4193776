"""The first cell finds the course from where notebooks are run, or fetches it, and replaces nothing."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from helpers import install
from tools import template

ROOT = install.ROOT
TELL = "\nimport helpers\nprint(helpers.__file__)"


def run(source: str, folder: Path, **environment: str) -> subprocess.CompletedProcess:
    """What a new Python says to `source` in `folder`."""
    outer = {name: text for name, text in os.environ.items() if name not in ("PYTHONPATH", "ROOMSIGHT_ADDRESS")}
    command = [sys.executable, "-c", source]
    return subprocess.run(command, cwd=folder, env=outer | environment, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> str:
    """Git address of a repository that holds the course's helpers."""
    origin = tmp_path_factory.mktemp("origin")
    shutil.copytree(ROOT / "helpers", origin / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "requirements.txt", origin)
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "course"]):
        subprocess.run(["git", *words], cwd=origin, check=True)
    return origin.as_uri()


@pytest.mark.parametrize("folder", ["notebooks", ".", "tests"])
def test_finds_the_course_it_lies_in(folder):
    told = run(template.first_cell("") + TELL, ROOT / folder)
    assert told.returncode == 0, told.stderr
    assert Path(told.stdout.strip()) == ROOT / "helpers" / "__init__.py"


def test_fetches_the_course_into_an_empty_folder(tmp_path, published):
    told = run(template.first_cell(published) + TELL, tmp_path)
    assert told.returncode == 0, told.stderr
    assert Path(told.stdout.strip()) == tmp_path / "roomsight" / "helpers" / "__init__.py"
    again = run(template.first_cell("file:///nowhere") + TELL, tmp_path)  # the second notebook fetches nothing
    assert again.stdout == told.stdout, again.stderr


def test_the_environment_may_name_the_address(tmp_path, published):
    told = run(template.first_cell("") + TELL, tmp_path, ROOMSIGHT_ADDRESS=published)
    assert told.returncode == 0 and str(tmp_path) in told.stdout, told.stderr


def test_in_a_checkout_it_installs_nothing_by_itself(monkeypatch):
    monkeypatch.setattr(install, "needed", lambda: {"roomsight-nothing": "roomsight-nothing>=1"})
    with pytest.raises(ModuleNotFoundError, match="pip install -r requirements.txt"):
        install.complete(alone=False)


def wheel(folder: Path, name: str, version: str, needs: str = "") -> None:
    """Write an empty package, which may need another."""
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
        file.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr(f"{info}/RECORD", "")


@pytest.fixture
def pip_from(tmp_path, monkeypatch):
    """pip as it is, but with no index, a folder of wheels, and no leave to change anything."""
    monkeypatch.setattr(install, "needed", lambda: {"numpy": "numpy", "roomsight-nothing": "roomsight-nothing"})
    for name, text in {"NO_INDEX": "1", "FIND_LINKS": str(tmp_path), "DRY_RUN": "1"}.items():
        monkeypatch.setenv(f"PIP_{name}", text)
    return tmp_path


def test_a_lone_notebook_adds_what_is_missing(pip_from, capfd):
    wheel(pip_from, "roomsight_nothing", "1.0", "Requires-Dist: numpy>=1.0\n")
    install.complete(alone=True)
    assert "Installing roomsight-nothing" in capfd.readouterr().out


def test_a_lone_notebook_never_replaces_what_is_there(pip_from, capfd):
    wheel(pip_from, "roomsight_nothing", "1.0", "Requires-Dist: numpy>=999\n")
    wheel(pip_from, "numpy", "999.0")  # there to be had, and still not wanted
    with pytest.raises(RuntimeError, match="pip could not add roomsight-nothing"):
        install.complete(alone=True)
    assert "conflicting dependencies" in capfd.readouterr().err
