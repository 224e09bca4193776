"""Checkpoints: one safetensors file that carries its own card, and the same card as JSON beside it for people."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from .. import models
from ..base import write_whole
from .packing import pack, unpack

STATE = "state/"  # begins the names of tensors that only a resumed training needs


def save_checkpoint(path: str | Path, model: nn.Module, card: dict, half: bool = False, state: Any = None) -> Path:
    """The path written; `card` says what it is (at least "network") and how it came about. Whole or not at all.

    `half` stores the weights as float16, half as large. `state`: whatever else `read_checkpoint` should give back.
    """
    path = Path(path)
    if card.get("network") not in models.NETWORKS:
        raise ValueError(f'The card must name a known network, but "network" is {card.get("network")!r}.')
    card = card | {"parameters": models.count_parameters(model)} | ({"weights": "float16"} if half else {})
    weights = {name: _stored(value, half) for name, value in model.state_dict().items()}
    if broken := _broken(weights):
        why = "it is too large for float16: save without half" if half else "try a learning rate ten times smaller"
        raise ValueError(f"{path} was not written, because {broken}; {why}.")
    tree, tensors = pack(state)
    tensors = {STATE + name: _stored(value) for name, value in tensors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"card": json.dumps(card), "state": json.dumps(tree)}
    write_whole(path, save(weights | tensors, metadata=metadata if state is not None else {"card": metadata["card"]}))
    write_whole(path.with_suffix(".json"), (json.dumps(card, indent=2) + "\n").encode())
    return path


def load_checkpoint(path: str | Path) -> tuple[nn.Module, dict]:
    """The network with its weights, ready to predict, and its card."""
    card, weights, _ = read_checkpoint(path)
    if card["network"] not in models.NETWORKS:
        raise ValueError(f"{path} holds a {card['network']!r}. Known networks: {', '.join(sorted(models.NETWORKS))}.")
    model = models.build(card["network"])
    load_weights(model, weights, card["network"], path)
    return model.eval(), card


def read_checkpoint(path: str | Path) -> tuple[dict, dict[str, Tensor], Any]:
    """The card, the weights by name (float32) and the state that was saved with them, or None."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no checkpoint {path}. Train one, or check the name.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata, tensors = file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}
        card, tree = json.loads(metadata.get("card", "{}")), json.loads(metadata.get("state", "null"))
    except (SafetensorError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is no whole safetensors file: cut off, or of another kind ({error}).") from error
    if "network" not in card:
        raise ValueError(f"{path} carries no card that names its network, so it was not saved by this course.")
    weights = {name: value for name, value in tensors.items() if not name.startswith(STATE)}
    weights = {name: value.float() if value.dtype == torch.float16 else value for name, value in weights.items()}
    return card, weights, unpack(tree, {name.removeprefix(STATE): value for name, value in tensors.items()})


def load_weights(model: nn.Module, weights: dict[str, Tensor], network: str, path: str | Path) -> None:
    """Puts the weights into the model; where they do not fit, says why and leaves it as it was."""
    wanted = model.state_dict()
    if wanted.keys() != weights.keys():
        raise ValueError(f"{path} holds weights of another network than {network!r}.")
    for name, value in wanted.items():
        if value.shape != weights[name].shape:
            shapes = f"{tuple(weights[name].shape)}, and not {tuple(value.shape)}"
            raise ValueError(f"{path} holds a {network!r} of another size: {name} has the shape {shapes}.")
    if broken := _broken(weights):
        raise ValueError(f"{path} is of no use, because {broken}. Take an earlier checkpoint, or train again.")
    model.load_state_dict(weights)


def _stored(value: Tensor, half: bool = False) -> Tensor:
    """The tensor as a file holds it."""
    value = value.half() if half and value.is_floating_point() else value
    return value.detach().cpu().contiguous()


def _broken(weights: dict[str, Tensor]) -> str:
    """Which weights are no numbers, in words; empty where all is well."""
    names = [name for name, value in weights.items() if not value.isfinite().all()]
    return f"{names[0]} holds NaN or infinity" if names else ""
