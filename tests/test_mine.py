"""What a stage leaves, and with which weights the next one begins."""

import pytest
import torch
from torch import nn

from helpers import mine


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
