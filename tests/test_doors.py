"""Every door that an attack once found open: bad input gets a sentence, and nothing is lost, run or silently wrong.

The numbers are the rows of the attack; each has at least one test.
"""

import json

import pytest

# the first cell, and an old Python


def test_row_27_a_first_cell_that_finds_no_course_says_why(tmp_path):
    """A bad address, a folder in the way, a repository of something else: no CalledProcessError."""
    import subprocess
    import sys

    from tools import template

    other = tmp_path / "other"
    subprocess.run(["git", "init", "-q", other], check=True)
    (other / "a.txt").write_text("not the course")
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for words in (["add", "."], [*who, "commit", "-q", "-m", "other"]):
        subprocess.run(["git", *words], cwd=other, check=True)
    cases = {"nowhere": "file:///nowhere", "already exists": "file:///nowhere", "something else": other.as_uri()}
    for says, address in cases.items():
        here = tmp_path / says
        here.mkdir()
        if says == "already exists":
            (here / "roomsight").mkdir()
            (here / "roomsight" / "mine.txt").write_text("mine")
        told = subprocess.run([sys.executable, "-c", template.first_cell(address)], cwd=here, stderr=-1, text=True)
        said = told.stderr.splitlines()[-1]
        assert told.returncode == 1 and says in said and "Clone the course" in said, told.stderr
        assert "CalledProcessError" not in told.stderr
    assert (tmp_path / "already exists" / "roomsight" / "mine.txt").read_text() == "mine"


def test_row_28_an_old_python_is_told_which_one_is_needed():
    import subprocess
    import sys

    from helpers import base
    from tools import template

    assert len(template.first_cell().splitlines()) <= 22
    for work in (template.first_cell(), "import helpers"):
        source = f"import sys\nsys.version_info = (3, 8, 20)\n{work}"
        told = subprocess.run([sys.executable, "-c", source], cwd=base.ROOT, stderr=-1, text=True)
        assert told.returncode and "Python 3.10 or newer" in told.stderr.splitlines()[-1], told.stderr


# folders to write into
def test_row_34_a_folder_is_claimed_only_where_it_is_new_empty_or_its_own(tmp_path):
    import pytest

    from helpers import base

    def claim(path, content=b"mine"):
        with base.claim_folder(path, "mark", content) as out:
            (out / "result").write_text("x")

    (tmp_path / "empty").mkdir()
    for name in ("new/deep", "empty", "empty"):
        (tmp_path / name / ".result.123.tmp").unlink(missing_ok=True)
        claim(tmp_path / name)
        (tmp_path / name / ".result.123.tmp").touch()  # left by a kill
        claim(tmp_path / name)
        assert sorted(path.name for path in (tmp_path / name).iterdir()) == ["mark", "result"]
    with pytest.raises(ValueError, match="in another way"):
        claim(tmp_path / "empty", b"other")
    with base.claim_folder(tmp_path / "empty", "mark", b"mine"):
        with pytest.raises(OSError, match="Another process"):
            claim(tmp_path / "empty")
    for name in ("holiday.jpg", ".bashrc"):  # a home folder may look empty
        (tmp_path / name[1:]).mkdir()
        (tmp_path / name[1:] / name).write_text("yours")
        with pytest.raises(ValueError, match=f"not empty.*{name}"):
            claim(tmp_path / name[1:])
        assert [path.name for path in (tmp_path / name[1:]).iterdir()] == [name]
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "result").symlink_to(tmp_path / "new")
    with pytest.raises(ValueError, match="is a link"):
        claim(tmp_path / "linked")
    for name in ("", "  "):
        with pytest.raises(ValueError, match="empty"):
            claim(name)
    with pytest.raises(OSError, match="too long"):
        claim(tmp_path / ("n" * 300))
    with pytest.raises(OSError, match="is a file|a file of that name"):
        claim(tmp_path / "new" / "deep" / "result")


# tables of studies


def test_row_23_24_a_table_with_words_for_numbers_or_a_run_twice_is_refused(tmp_path):
    import pytest

    from helpers.study import read_table

    path, head = tmp_path / "t.csv", "loss,seed,iou,curve,steps,cpu_seconds,seconds,machine,torch,settings\n"
    line = "BCE,0,0.5,0.1 0.2,7,1.0,1.0,cpu,2.0,abcdefgh\n"
    for spoilt, told in {
        line.replace("0.5", "nan"): "line 2: iou is 'nan'",
        line.replace("0.1 0.2", "0.1 inf"): "curve is",
        line.replace("0.5", "good"): "iou is 'good'",
        line.replace("0,0.5", "zero,0.5"): "seed is 'zero'",
        line + line.replace("0.5", "0.6"): "line 3: the run BCE · 0 is there twice",
        line + "BCE,1\n": "line 3: 2 cells, not 10",
    }.items():
        path.write_text(head + spoilt)
        with pytest.raises(ValueError, match=told):
            read_table(path)
    path.write_text(head + line)
    assert read_table(path)[0]["curve"] == [0.1, 0.2]


# what a network is given


def test_row_26_networks_refuse_what_is_no_pair_of_pictures():
    import pytest
    import torch

    from helpers import models

    good = torch.zeros(1, 3, 32, 32)
    wrong = {
        "not ndarray": good.numpy(),
        "not NoneType": None,
        r"N 3 H W.*\(1, 1, 32, 32\)": good[:, :1],
        r"of one shape.*\(1, 3, 32, 32\) and \(1, 3, 32, 16\)": good[..., :16],
        "torch.int64": good.long(),
        "from nan to nan": good / 0,
        "from 0 to 255.*[Dd]ivide 0..255 by 255": good.index_fill(3, torch.tensor([0]), 255.0),
    }
    for name in ("masknet", "roomnet", "percamera", "tiny_percamera"):
        network, alone = models.build(name).eval(), name in ("tiny_percamera", "percamera")
        for says, picture in wrong.items():
            if not (alone and "one shape" in says):  # networks of one picture do not look at the background
                with pytest.raises(ValueError, match=says):
                    network(good, picture)


# publishing, and JupyterLab


@pytest.mark.parametrize(
    "repo", ['a/b"; touch X; echo "\'', "a/b'; touch X; '", "$(touch X)", "$(shell touch X)", "`touch X`"]
)
def test_row_10_what_is_published_is_never_a_command(tmp_path, repo):
    """The Makefile hands REPO on as it is; in place of Python stands a program that says what it got."""
    import shutil
    import subprocess

    from helpers import base

    shutil.copy(base.ROOT / "Makefile", tmp_path)
    shutil.copy(base.ROOT / "requirements.lock", tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s" "$REPO"\n')
    python.chmod(0o755)
    (tmp_path / ".venv" / "ready").touch()
    told = subprocess.run(["make", "-s", "publish", f"REPO={repo}"], cwd=tmp_path, capture_output=True, text=True)
    assert told.stdout == repo and not (tmp_path / "X").exists(), told.stderr


@pytest.mark.parametrize(
    "repo", ["a/.git", "a/b.git", "a/-b", "-a/b", "a--b/c", "a-/b", "a/..", "a/" + "b" * 300, "a/b\n"]
)
def test_row_29_only_a_name_that_github_allows_is_stamped(repo):
    from tools import publish

    with pytest.raises(ValueError, match="names no repository of GitHub.*REPO=owner/name"):
        publish.publish(repo)


def test_row_30_jupyterlab_of_make_lab_asks_for_no_news():
    import re

    from jupyterlab.commands import get_app_dir
    from jupyterlab_server.settings_utils import get_settings

    from helpers import base

    lab = re.search(r"^\t.*jupyter lab .*$", (base.ROOT / "Makefile").read_text(), re.M)[0]
    place = re.search(r'--LabApp.app_settings_dir="\$\(CURDIR\)/([\w/]+)"', lab)[1]
    folders = (str(base.ROOT / place), f"{get_app_dir()}/schemas", str(base.ROOT / place))
    overrides, _ = get_settings(*folders, overrides=json.loads((base.ROOT / place / "overrides.json").read_text()))
    told = [each for each in overrides["settings"] if each["id"].endswith("apputils-extension:notification")]
    values = told[0]["schema"]["properties"]
    assert values["fetchNews"]["default"] == "false" and values["checkForUpdates"]["default"] is False
