"""How the weights begin: each way keeps the size of the signal, or loses it, from layer to layer."""

from copy import deepcopy
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import init

# What each does to a layer of n inputs: the variance of its weights.
WAYS = {
    "kaiming": partial(init.kaiming_normal_, nonlinearity="relu"),  # 2 / n: makes up for what ReLU cuts away
    "xavier": init.xavier_normal_,  # 2 / (inputs + outputs): right between layers without ReLU
    "default": partial(init.kaiming_uniform_, a=5**0.5),  # 1 / 3n: what torch does
}
LAYERS = (nn.Conv2d, nn.Linear)


def initialise(model: nn.Module, way: str = "kaiming") -> nn.Module:
    """The same model, the weights of its convolutions and linear layers drawn anew; biases and norms stay."""
    if way not in WAYS:
        raise ValueError(f"There is no way to initialise called {way!r}. Known: {', '.join(WAYS)}.")
    for layer in model.modules():
        if isinstance(layer, LAYERS):
            WAYS[way](layer.weight)
    return model


@torch.no_grad()
def spreads(model: nn.Module, background: Tensor, image: Tensor, norms: bool = True) -> dict[str, float]:
    """Layer → standard deviation of what it puts out, in order; without `norms`, as if batch norm did nothing."""
    trial, seen = deepcopy(model).train(norms), {}  # at the start, a norm that is not training changes nothing
    for name, layer in trial.named_modules():
        if isinstance(layer, LAYERS):
            layer.register_forward_hook(lambda _, __, out, name=name: seen.__setitem__(name, out.float().std().item()))
    trial(background, image)
    return seen
