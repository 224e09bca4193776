"""What a network costs, counted while one pair of pictures runs through it: numbers, operations, memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn


@dataclass
class Stage:
    """One box of a diagram: what came out of one part of a network, and which stages fed it."""

    name: str
    shape: tuple[int, ...]  # C H W, or C of what has no place
    parameters: int = 0
    sources: list[int] = field(default_factory=list)  # places in the list of stages


def count_parameters(network: nn.Module) -> int:
    """How many numbers training may change."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


@torch.no_grad()
def heads(network: nn.Module) -> set[str]:
    """What the network answers, asked with an empty picture; its weights and statistics stay as they are."""
    was, (background, image) = network.training, _pictures(64, 1)
    answer = set(network.eval()(background, image))
    network.train(was)
    return answer


def cost(network: nn.Module, size: int = 96, batch: int = 1) -> dict[str, int]:
    """{"parameters", "multiply_adds", "activation_bytes"} of one forward pass at size × size pixels.

    Operations are those of convolutions and linear layers. Activations are what every layer gives out, in float32:
    what training keeps in memory until the backward pass, and what prediction needs only in part.
    """
    found = {"multiply_adds": 0, "activation_bytes": 0}

    def see(layer: nn.Module, inputs: tuple, output: Tensor) -> None:
        found["activation_bytes"] += 4 * output.numel()
        weight = getattr(layer, "weight", None)
        if weight is not None and weight.ndim > 1:  # each output number is a sum over one filter
            found["multiply_adds"] += output.numel() * weight[0].numel()

    layers = [layer for layer in network.modules() if not list(layer.children())]
    with _watched(network, layers, see), torch.no_grad():
        network(*_pictures(size, batch))
    return {"parameters": count_parameters(network), **found}


def stages(network: nn.Module, size: int = 96) -> list[Stage]:
    """The network as a list of stages in the order in which they run, from the two pictures to the heads."""
    pictures = [picture.float().div(255).requires_grad_() for picture in _pictures(size, 1)]
    found = [Stage(name, (3, size, size)) for name in ("background", "image")]
    places = {id(picture): place for place, picture in enumerate(pictures)}  # leaves of the graph
    nodes: dict = {}  # other nodes of autograd's graph -> the stage that made them
    names = {part: name for name, part in network.named_modules()}

    def see(part: nn.Module, inputs: tuple, output) -> None:
        if not _is_stage(part, inputs, output):
            return
        count, sources = sum(parameter.numel() for parameter in part.parameters()), _sources(output, nodes, places)
        nodes[output.grad_fn] = len(found)
        found.append(Stage(names[part], tuple(output.shape[1:]), count, sources))

    with _watched(network, list(_outer(network)), see):
        heads = network(*pictures)
    for name, head in heads.items():
        found.append(Stage(name, tuple(head.shape[1:]) or (1,), 0, _sources(head, nodes, places)))
    return found


def _is_stage(part: nn.Module, inputs: tuple, output) -> bool:
    """Whether a part is worth a box: one map comes out, and it has weights or changes the size."""
    if not isinstance(output, Tensor) or not isinstance(inputs[0], Tensor):
        return False
    weighty = any(parameter.ndim > 1 for parameter in part.parameters())
    return weighty or output.shape != inputs[0].shape


def _outer(network: nn.Module) -> Iterator[nn.Module]:
    """The outermost parts: lists, and a library's encoder and decoder, are opened; blocks are not."""
    for child in network.children():
        if isinstance(child, nn.ModuleList) or type(child).__name__.endswith(("Encoder", "Decoder")):
            yield from _outer(child)
        else:
            yield child


def _sources(value: Tensor, nodes: dict, places: dict[int, int]) -> list[int]:
    """The stages of which this value was made, by walking back through autograd's graph."""
    found, seen, queue = set(), set(), [value.grad_fn]
    while queue:
        node = queue.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if node in nodes:
            found.add(nodes[node])
        elif hasattr(node, "variable"):  # a leaf: one of the pictures, or a weight
            found |= {places[id(node.variable)]} if id(node.variable) in places else set()
        else:
            queue += [source for source, _ in node.next_functions]
    return sorted(found)


def _pictures(size: int, batch: int) -> tuple[Tensor, Tensor]:
    """Two grey pictures, uint8."""
    return tuple(torch.full((batch, 3, size, size), 127, dtype=torch.uint8) for _ in range(2))


@contextmanager
def _watched(network: nn.Module, parts: list[nn.Module], see) -> Iterator[None]:
    """Calls `see` after each part runs; the network is in eval mode meanwhile, and afterwards as it was."""
    training = network.training
    handles = [part.register_forward_hook(see) for part in parts]
    network.eval()
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
        network.train(training)
