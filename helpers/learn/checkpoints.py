"""Checkpoints: one safetensors file that carries its own card, and the same card as JSON beside it for people."""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from .. import models
from ..base import folder, write_whole


def save_checkpoint(path: str | Path, model: nn.Module, card: dict, half: bool = False) -> Path:
    """The path written; `card` says what it is (at least "network") and how it came about. Whole or not at all.

    `half` stores the weights as float16, half as large.
    """
    path = Path(path)
    if not card.get("network"):
        raise ValueError('The card must say which network this is: {"network": "masknet"}, for example.')
    weights = {name: value.cpu().contiguous() for name, value in model.state_dict().items()}
    card = card | {"parameters": models.count_parameters(model)}
    if half:
        weights = {name: value.half() if value.is_floating_point() else value for name, value in weights.items()}
        card |= {"weights": "float16"}
    if broken := _not_finite(weights):
        why = "it is too large for float16: save without half" if half else "try a learning rate ten times smaller"
        raise ValueError(f"{path} was not written, because {broken}; {why}.")
    folder(path.parent)
    write_whole(path, save(weights, metadata={"card": json.dumps(card)}))
    write_whole(path.with_suffix(".json"), (json.dumps(card, indent=2) + "\n").encode())
    return path


def load_checkpoint(path: str | Path) -> tuple[nn.Module, dict]:
    """The network with its weights, ready to predict, and its card."""
    card, weights = read_checkpoint(path)
    if card["network"] not in models.NETWORKS:
        raise ValueError(f"{path} holds a {card['network']!r}. Known networks: {', '.join(sorted(models.NETWORKS))}.")
    if broken := _not_finite(weights):
        raise ValueError(f"{path} is of no use, because {broken}. Take an earlier checkpoint, or train again.")
    model = models.build(card["network"])
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        what, why = type(model).__name__, str(error).splitlines()[-1].strip()
        raise ValueError(f"{path} holds weights of another network or size than this {what}: {why}") from error
    return model.eval(), card


def read_checkpoint(path: str | Path) -> tuple[dict, dict[str, Tensor]]:
    """The card, and the weights by name (float32)."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no checkpoint {path}. Train one, or check the name.")
    try:
        with safe_open(path, framework="pt") as file:
            weights = {name: file.get_tensor(name) for name in file.keys()}
            card = json.loads((file.metadata() or {}).get("card", "null"))
    except (SafetensorError, ValueError, RecursionError) as error:  # ValueError: no JSON
        raise ValueError(f"{path} is no whole safetensors file: cut off, or of another kind ({error}).") from error
    if not isinstance(card, dict) or not isinstance(card.get("network"), str):
        raise ValueError(f"{path} carries no card that names its network, so it was not saved by this course.")
    if not isinstance(card.get("size", 1), int) or not 0 < card.get("size", 1) <= 4096:
        raise ValueError(f"The card of {path} says a size of {card['size']!r}, which is no number of pixels.")
    return card, {name: value.float() if value.dtype == torch.half else value for name, value in weights.items()}


def _not_finite(weights: dict[str, Tensor]) -> str:
    """Which weights are no numbers, in words; empty where all is well."""
    names = [name for name, value in weights.items() if not value.isfinite().all()]
    return f"{names[0]} holds NaN or infinity" if names else ""
