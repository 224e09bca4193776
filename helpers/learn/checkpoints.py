"""Checkpoints: one safetensors file that carries its own card, and the same card as JSON beside it for people."""

import json
import os
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import nn

from .. import models


def save_checkpoint(path: str | Path, model: nn.Module, card: dict) -> Path:
    """The path written; `card` says what it is (at least "network") and how it came about. Whole or not at all."""
    path = Path(path)
    if card.get("network") not in models.NETWORKS:
        raise ValueError(f'The card must name a known network, but "network" is {card.get("network")!r}.')
    card = card | {"parameters": models.count_parameters(model)}
    weights = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, save(weights, metadata={"card": json.dumps(card)}))
    _replace(path.with_suffix(".json"), (json.dumps(card, indent=2) + "\n").encode())
    return path


def load_checkpoint(path: str | Path) -> tuple[nn.Module, dict]:
    """The network with its weights, ready to predict, and its card."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no checkpoint {path}. Train one, or check the name.")
    try:
        with safe_open(path, framework="pt") as file:
            card = json.loads((file.metadata() or {}).get("card", "{}"))
            weights = {name: file.get_tensor(name) for name in file.keys()}
    except SafetensorError as error:
        raise ValueError(f"{path} is no whole safetensors file: cut off, or of another kind ({error}).") from error
    if "network" not in card:
        raise ValueError(f"{path} carries no card that names its network, so it was not saved by this course.")
    model = models.build(card["network"])
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(f"{path} holds weights of another network than {card['network']!r}.") from error
    return model.eval(), card


def _replace(path: Path, content: bytes) -> None:
    """Writes beside the file, then swaps: a killed run leaves the old file or the new one."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
