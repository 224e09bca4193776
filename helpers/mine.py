"""The learner's own network from notebook to notebook: what a training left, or else what the course has kept of it.

A notebook trains by `trained(STAGE, ...)`, and a later one begins with `previous(STAGE, ...)`. What the learner trains
lies in artifacts/runs/mine; small checkpoints of the same stages, of the profile quick, come with the course.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from torch import nn

from . import learn, profile
from .base import ROOT

MINE, GIVEN = ROOT / "artifacts" / "runs" / "mine", ROOT / "artifacts" / "checkpoints" / "course"
GIVEN_ALONE = "ROOMSIGHT_STAGES"  # in the environment: `given` looks at no other; `make course` and the tests set it


def trained(stage: str, network: nn.Module, train: Callable[[], list[dict]]) -> list[dict]:
    """The history of `train()`, which is called once; the network and it are kept for the notebooks that follow.

    In the profile `browse` nothing is trained: the course's own weights and history of this stage are taken.
    """
    if profile.current().name == "browse":
        return _load(GIVEN / f"{stage}.safetensors", network)["history"]
    history = train()
    card = {"network": type(network).__name__.lower(), "stage": stage, "profile": profile.current().name}
    path = learn.save_checkpoint(MINE / f"{stage}.safetensors", network, card | {"history": history}, half=True)
    print(f"Kept for the notebooks that follow: {path.relative_to(ROOT)}")
    return history


def previous(stage: str, network: nn.Module) -> nn.Module:
    """The network with the weights of an earlier stage: the learner's own where there are some, else the course's."""
    own, alone = MINE / f"{stage}.safetensors", os.environ.get(GIVEN_ALONE) == "given"
    path = GIVEN / own.name if alone or profile.current().name == "browse" or not own.is_file() else own
    card = _load(path, network)
    whose = "yours" if path == own else "of the course"
    print(f"Weights of the stage {stage!r}: {whose}, {path.relative_to(ROOT)}, profile {card['profile']}.")
    return network.eval()


def _load(path: Path, network: nn.Module) -> dict:
    """The card of a stage, whose weights the network is given; a stage of another network is refused."""
    card, weights = learn.read_checkpoint(path)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(f"{path} holds another network than this: train that stage again, or delete it.") from error
    return card
