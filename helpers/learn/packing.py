"""Nested Python values as JSON and tensors, and back: what others put into a pickle, which could run code."""

from typing import Any

import numpy as np
import torch
from torch import Tensor


def pack(value: Any, tensors: dict[str, Tensor] | None = None) -> tuple[Any, dict[str, Tensor]]:
    """(a tree for JSON, the tensors that it names) of numbers, strings, lists, tuples, dicts, arrays and tensors."""
    tensors = {} if tensors is None else tensors
    return _packed(value, tensors), tensors


def _packed(value: Any, tensors: dict[str, Tensor]) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.ndarray | np.generic):
        return _packed(value.tolist(), tensors)
    if isinstance(value, list):
        return [_packed(each, tensors) for each in value]
    if isinstance(value, tuple):
        return {"tuple": [_packed(each, tensors) for each in value]}
    if isinstance(value, dict):  # keys may be numbers, which JSON would turn into words
        return {"dict": [[_packed(key, tensors), _packed(each, tensors)] for key, each in value.items()]}
    if isinstance(value, Tensor):
        tensors[str(len(tensors))] = value
        return {"tensor": str(len(tensors) - 1)}
    raise ValueError(f"{type(value).__name__} {value!r} cannot be saved: give numbers, words, lists, dicts or tensors.")


def unpack(tree: Any, tensors: dict[str, Tensor]) -> Any:
    """The value that was packed."""
    if isinstance(tree, list):
        return [unpack(each, tensors) for each in tree]
    if not isinstance(tree, dict):
        return tree
    kind, inside = next(iter(tree.items()))
    if kind == "tensor":
        return tensors[inside]
    if kind == "tuple":
        return tuple(unpack(each, tensors) for each in inside)
    return {unpack(key, tensors): unpack(each, tensors) for key, each in inside}


def fits(value: Tensor, place: Tensor) -> Tensor:
    """The values in the memory order and on the device of `place`: so that sums round as they did before."""
    return torch.empty_like(place, dtype=value.dtype).copy_(value) if value.shape == place.shape else value
