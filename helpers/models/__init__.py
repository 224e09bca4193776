"""Networks: one per file, `forward(background, image)` gives a dict of heads, normalisation lives inside."""

from torch import nn

from .blocks import normalise
from .masknet import MaskNet

NETWORKS = {"masknet": MaskNet}


def build(name: str) -> nn.Module:
    """A fresh network by its name, with random weights."""
    if name not in NETWORKS:
        raise ValueError(f"There is no network called {name!r}. Known networks: {', '.join(sorted(NETWORKS))}.")
    return NETWORKS[name]()


def count_parameters(network: nn.Module) -> int:
    """How many numbers training may change."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)


__all__ = ["NETWORKS", "MaskNet", "build", "count_parameters", "normalise"]
