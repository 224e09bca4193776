"""Freezing by name: parts of a network that a training leaves as they are, weights and statistics alike."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from torch import nn

from .device import Batch
from .training import Loss, Row, Settings, fit


@dataclass(frozen=True)
class Turn:
    """One turn of a training: what is minimised, and the parts that rest meanwhile."""

    loss: Loss
    frozen: tuple[str, ...] = ()


def freeze(model: nn.Module, *names: str) -> nn.Module:
    """The same model; training no longer moves the parts of these names, such as "trunk" or "mask.up.0".

    Their batch norms keep their statistics and their dropout rests, as in `eval()`; `learn.fit` sees to it.
    """
    return _switch(model, names, learns=False)


def unfreeze(model: nn.Module, *names: str) -> nn.Module:
    """The same model; the parts of these names learn again, all of it where none is named."""
    return _switch(model, names or ("",), learns=True)


def frozen(model: nn.Module) -> set[str]:
    """The names of the weights that training leaves as they are."""
    return {name for name, weight in model.named_parameters() if not weight.requires_grad}


def in_turns(
    model: nn.Module,
    loader: Iterable[Batch],
    turns: Iterable[Turn],
    settings: Settings = Settings(),  # noqa: B008
) -> list[list[Row]]:
    """One history per turn; in each, all learns but what the turn freezes. `settings` are those of `fit`.

    Afterwards the parts that were frozen before are frozen again, and no others.
    """
    turns = list(turns)
    for turn in turns:  # a wrong name in the last turn should not cost the first ones
        _weights(model, turn.frozen)
    histories = []
    for turn in turns:
        with resting(model, *turn.frozen):
            histories.append(fit(model, loader, turn.loss, settings))
    return histories


@contextmanager
def resting(model: nn.Module, *names: str) -> Iterator[nn.Module]:
    """The model with these parts frozen inside a `with`; afterwards each weight learns or rests as before."""
    before = {name: weight.requires_grad for name, weight in model.named_parameters()}
    try:
        yield freeze(model, *names)
    finally:
        for name, weight in model.named_parameters():
            weight.requires_grad_(before[name])


def _switch(model: nn.Module, names: Iterable[str], learns: bool) -> nn.Module:
    """The same model, the weights of these parts switched; raises before the first if a name is unknown."""
    for weight in _weights(model, names):
        weight.requires_grad_(learns)
        if not learns:
            weight.grad = None  # an optimiser would still take the last step
    return model


def _weights(model: nn.Module, names: Iterable[str]) -> list[nn.Parameter]:
    """The weights whose names begin with one of these, part by part: "mask" does not mean "mask_head"."""
    chosen, known = [], dict(model.named_parameters())
    for name in names:
        found = [weight for full, weight in known.items() if f"{full}.".startswith(f"{name}." if name else "")]
        if not found:
            parts = ", ".join(dict.fromkeys(full.split(".")[0] for full in known))
            raise ValueError(f"{type(model).__name__} has no part called {name!r} with weights. Its parts: {parts}.")
        chosen += found
    return chosen
