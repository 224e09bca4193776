"""The learner's own network from notebook to notebook: what a training left, or else what the course has kept of it.

A notebook trains by `trained(STAGE, ...)`, and a later one begins with `previous(STAGE, ...)`. What a comparison has
decided, such as the loss, is kept by `choose(NAME, value)` and taken up by `choice(NAME)`. What the learner makes lies
in artifacts/runs/mine; the same stages, of the profile quick, and the same choices come with the course.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from torch import nn

from . import learn, profile
from .base import ROOT, folder, write_whole

MINE, GIVEN = ROOT / "artifacts" / "runs" / "mine", ROOT / "artifacts" / "checkpoints" / "course"
CHOICES = "choices.json"
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
    own = MINE / f"{stage}.safetensors"
    path = GIVEN / own.name if _given_alone() or not own.is_file() else own
    card = _load(path, network)
    print(f"Weights of the stage {stage!r}: {_whose(path)}, profile {card['profile']}.")
    return network.eval()


def choose(name: str, value) -> None:
    """Keeps a choice, any value that JSON can hold, for the notebooks that follow; the other choices stay."""
    if profile.current().name == "browse":
        return
    path = folder(MINE) / CHOICES
    kept = (_read_choices(path) if path.is_file() else {}) | {name: value}
    write_whole(path, (json.dumps(kept, indent=2, allow_nan=False) + "\n").encode())
    print(f"Kept for the notebooks that follow: {name!r} in {path.relative_to(ROOT)}")


def choice(name: str):
    """What was chosen under this name: the learner's own choice where there is one, else the course's."""
    own = MINE / CHOICES
    mine = {} if _given_alone() or not own.is_file() else _read_choices(own)
    path = own if name in mine else GIVEN / CHOICES
    chosen = mine if name in mine else _read_choices(path)
    if name not in chosen:
        raise ValueError(f"Nothing was chosen under the name {name!r}. Known choices: {', '.join(chosen)}.")
    print(f"Choice {name!r}: {_whose(path)}: {chosen[name]}")
    return chosen[name]


def _given_alone() -> bool:
    """Whether only what comes with the course is looked at."""
    return os.environ.get(GIVEN_ALONE) == "given" or profile.current().name == "browse"


def _whose(path: Path) -> str:
    """Whose file this is, and where it lies."""
    return f"{'yours' if path.parent == MINE else 'of the course'}, {path.relative_to(ROOT)}"


def _read_choices(path: Path) -> dict:
    """All choices of a file; one that is cut or damaged is refused."""
    try:
        chosen = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is no whole file of choices ({error}): delete it, and choose again.") from error
    if not isinstance(chosen, dict):
        raise ValueError(f"{path} holds no choices by name: delete it, and choose again.")
    return chosen


def _load(path: Path, network: nn.Module) -> dict:
    """The card of a stage, whose weights the network is given; a stage of another network is refused."""
    card, weights = learn.read_checkpoint(path)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(f"{path} holds another network than this: train that stage again, or delete it.") from error
    return card
