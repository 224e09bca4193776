"""What a network costs and how its parts are connected, seen while one pair of grey pictures runs through it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves


def count_parameters(network: nn.Module) -> int:
    """How many numbers training may change."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


@torch.no_grad()
def heads(network: nn.Module) -> set[str]:
    """The names of the network's answers."""
    return set(_at_rest(network)(*_grey_pictures(64)))


@torch.no_grad()
def cost(network: nn.Module, size: int = 96, batch: int = 1) -> dict[str, int]:
    """{"parameters", "multiply_adds", "activation_bytes"} of one forward pass at size × size pixels.

    Multiply-adds are those of convolutions and linear layers: each number that comes out is a sum over one filter.
    Activations are what every layer gives out, in float32: training keeps them until the backward pass.
    """
    found = {"parameters": count_parameters(network), "multiply_adds": 0, "activation_bytes": 0}

    def count(layer: nn.Module, inputs: tuple, output: Tensor) -> None:
        found["activation_bytes"] += 4 * output.numel()
        if isinstance(layer, nn.Conv2d | nn.Linear):
            found["multiply_adds"] += output.numel() * layer.weight[0].numel()

    network = _at_rest(network)
    for layer in network.modules():
        if not list(layer.children()):
            layer.register_forward_hook(count)
    network(*_grey_pictures(size, batch))
    return found


@dataclass
class NetworkStage:
    """One box of a diagram: what came out of one part of a network, and which stages fed it."""

    name: str
    shape: tuple[int, ...]  # C H W, or C of what has no place
    parameters: int
    sources: list[int]  # places in the list of stages


def network_stages(network: nn.Module, size: int = 96) -> list[NetworkStage]:
    """The network as a list of stages in the order in which they run, from the two pictures to the heads."""
    network, stages = _at_rest(network), []
    names = {part: name for name, part in network.named_modules()}

    def add(name: str, output: Tensor, parameters: int = 0) -> Tensor:
        stages.append(NetworkStage(name, tuple(output.shape[1:]) or (1,), parameters, sorted(_stages_behind(output))))
        output = output.detach()
        output.stages = {len(stages) - 1}
        return output

    def see(part: nn.Module, inputs: tuple, output) -> Tensor | None:
        if not isinstance(output, Tensor) or not isinstance(inputs[0], Tensor):
            return None
        if output.shape == inputs[0].shape and not any(parameter.ndim > 1 for parameter in part.parameters()):
            return None  # an activation or a norm is not worth a box
        return add(names[part], output, sum(parameter.numel() for parameter in part.parameters()))

    for part in _outer_parts(network):
        part.register_forward_hook(see)
    pictures = zip(("background", "image"), _grey_pictures(size))
    pictures = [add(name, picture / 255) for name, picture in pictures]
    with torch.no_grad(), _Feeds():
        answers = network(*pictures)
    for name, head in answers.items():
        add(name, head)
    return stages


class _Feeds(TorchFunctionMode):
    """Notes beside every tensor of which stages it was made, also where no gradient is kept, as in `align`."""

    def __torch_function__(self, function, types, arguments=(), named=None):
        """What the function gives, its tensors with the stages of its arguments."""
        found = function(*arguments, **(named or {}))
        if function.__name__.startswith("new_") or function.__name__.endswith("_like"):
            return found  # these read a shape alone
        behind = set().union(*map(_stages_behind, tree_leaves((arguments, named))))
        for value in tree_leaves(found):
            if behind and isinstance(value, Tensor):
                value.stages = behind
        return found


def _stages_behind(value) -> set[int]:
    """The places of the stages of which this value was made."""
    return getattr(value, "stages", set()) if isinstance(value, Tensor) else set()


def _outer_parts(network: nn.Module) -> Iterator[nn.Module]:
    """The outermost parts: lists, and a library's encoder and decoder, are opened; blocks are not."""
    for child in network.children():
        if isinstance(child, nn.ModuleList) or type(child).__name__.endswith(("Encoder", "Decoder")):
            yield from _outer_parts(child)
        else:
            yield child


def _at_rest(network: nn.Module) -> nn.Module:
    """A copy in eval mode, so that the network itself stays as it was."""
    return deepcopy(network).eval()


def _grey_pictures(size: int, batch: int = 1) -> tuple[Tensor, Tensor]:
    """Two grey pictures, uint8."""
    return tuple(torch.full((batch, 3, size, size), 127, dtype=torch.uint8) for _ in range(2))
