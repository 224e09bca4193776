"""What a stage leaves, and with which weights the next one begins."""

import json
import os

import pytest
import torch
from torch import nn

from helpers import learn, mine
from helpers.base import ROOT as COURSE
from helpers.comparisons import COMBINED, EARLIER


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Folders of the learner and of the course, and an environment that names neither."""
    for name in ("MINE", "GIVEN", "ROOT"):
        monkeypatch.setattr(mine, name, tmp_path if name == "ROOT" else tmp_path / name.lower())
    monkeypatch.delenv(mine.GIVEN_ALONE, raising=False)
    return tmp_path


def keep(network, value, where=None):
    """Trains the stage "mask": its weights become `value`."""

    def train():
        with torch.no_grad():
            network.weight.fill_(value)
        return [{"step": 1, "loss": value}]

    return mine.trained("mask", network, train)


def test_the_learners_own_stage_comes_before_the_courses(places, monkeypatch, capsys):
    keep(nn.Linear(2, 1), 2.0)
    (places / "mine").rename(places / "given")
    assert (mine.previous("mask", nn.Linear(2, 1)).weight == 2).all() and "of the course" in capsys.readouterr().out
    keep(nn.Linear(2, 1), 3.0)
    assert (mine.previous("mask", nn.Linear(2, 1)).weight == 3).all() and "yours" in capsys.readouterr().out
    monkeypatch.setenv(mine.GIVEN_ALONE, "given")
    assert (mine.previous("mask", nn.Linear(2, 1)).weight == 2).all()


def test_in_the_profile_browse_nothing_is_trained(places, monkeypatch):
    history = keep(nn.Linear(2, 1), 2.0)
    (places / "mine").rename(places / "given")
    monkeypatch.setenv("ROOMSIGHT_PROFILE", "browse")
    network = nn.Linear(2, 1)
    assert mine.trained("mask", network, lambda: pytest.fail("it was trained")) == history
    assert (network.weight == 2).all() and not (places / "mine").exists()


def test_a_stage_of_another_network_or_none_is_a_sentence(places):
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        mine.previous("mask", nn.Linear(2, 1))
    keep(nn.Linear(2, 1), 2.0)
    with pytest.raises(ValueError, match="train that stage again"):
        mine.previous("mask", nn.Linear(3, 1))


def test_the_learners_own_choice_comes_before_the_courses(places, monkeypatch, capsys):
    weights = {"mask": {"bce": 1, "dice": 1.0}, "depth": {"rmse": 2}}
    mine.choose("loss", weights)
    mine.choose("rate", 0.1)
    (places / "mine").rename(places / "given")
    assert mine.choice("loss") == weights and "of the course" in capsys.readouterr().out
    mine.choose("loss", {"mask": {"dice": 1}})
    assert mine.choice("loss") == {"mask": {"dice": 1}} and "yours" in capsys.readouterr().out
    assert mine.choice("rate") == 0.1 and "of the course" in capsys.readouterr().out
    monkeypatch.setenv(mine.GIVEN_ALONE, "given")
    assert mine.choice("loss") == weights
    monkeypatch.delenv(mine.GIVEN_ALONE)
    monkeypatch.setenv("ROOMSIGHT_PROFILE", "browse")
    mine.choose("loss", 1)
    assert mine.choice("loss") == weights


def test_a_kill_while_a_choice_is_written_loses_nothing(places, monkeypatch):
    mine.choose("loss", 1)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        mine.choose("rate", 0.1)
    assert json.loads((places / "mine" / mine.CHOICES).read_text()) == {"loss": 1}
    with pytest.raises(TypeError, match="JSON"):
        mine.choose("rate", {1, 2})
    assert mine.choice("loss") == 1


@pytest.mark.parametrize("text", ['{"loss": {"mask"', "[1]", ""])
def test_a_broken_file_of_choices_or_an_unknown_name_is_a_sentence(places, text):
    mine.choose("loss", 1)
    (places / "mine").rename(places / "given")
    with pytest.raises(ValueError, match="Known choices: loss"):
        mine.choice("rate")
    (places / "mine").mkdir()
    (places / "mine" / mine.CHOICES).write_text(text)
    for ask in (lambda: mine.choice("loss"), lambda: mine.choose("loss", 2)):
        with pytest.raises(ValueError, match="choose again"):
            ask()


def test_the_study_of_the_last_training_compares_with_the_loss_and_rate_of_04b():
    cells = json.loads((COURSE / "notebooks" / "04b_roomnet.ipynb").read_text())["cells"]
    text = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    rate = EARLIER["rate"]
    assert f"weights = {json.dumps(EARLIER['loss'])}\n" in text
    assert f'learn.Settings(lr={rate["lr"]}, optimizer="{rate["optimizer"]}", valid=val, reports=8)' in text


def test_the_courses_choices_are_of_use():
    choices = json.loads((mine.GIVEN / mine.CHOICES).read_text())
    assert learn.Criterion(choices["loss"]).weights in COMBINED.values()
