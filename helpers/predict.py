"""Your own two pictures in, mask, depth and boxes out: `helpers.predict(background, image)`."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from . import learn
from .data.pictures import read_picture
from .parts import connected
from .weights import trained

LONGEST = 400  # pixels: a larger picture is shrunk for the mask, which is then enlarged: shaken ones gain by that
TRAINED = 96  # pixels: what a network was trained on where its card does not say
SPECK = 0.0005  # of the picture: smaller parts of a mask get no box
WRONG = {
    "depth": "no depth head, so it cannot say how far anything is. roomnet and depthnet can.",
    "mask": "no mask head, so it cannot say what is in front.",
}


class Prediction(dict):
    """What the network's heads said; a head that it lacks is told as a sentence."""

    def __init__(self, network: str, heads: dict[str, np.ndarray]) -> None:
        super().__init__(heads)
        self.network = network

    def __missing__(self, name: str):
        head = "mask" if name == "boxes" else name
        if head not in WRONG:
            raise ValueError(f"There is no {name!r} in a prediction: it has {', '.join(self)}.")
        raise ValueError(f"{self.network} has {WRONG[head]}")


def predict(background, image, model: str = "roomnet", weights: str | Path | None = None) -> Prediction:
    """{"mask": h w bool, "depth": h w float32 metres, "boxes": k 4 float32 (x0 y0 x1 y1)} at the image's own size.

    Boxes are the connected parts of the mask, or what the detection head found, with its "labels" and "scores".

    Both pictures may be paths, PIL pictures or arrays, of any mode and up to 4,096 pixels a side.
    """
    first, second = read_picture(background, _name(background, "The background")), read_picture(image, _name(image))
    if first.shape != second.shape:
        sizes = " and ".join(f"{array.shape[1]} x {array.shape[0]}" for array in (first, second))
        raise ValueError(f"Background and image measure {sizes} pixels; they must be of one size: one fixed camera.")
    network, card = trained(model, weights)
    heads = run(network, _tensor(first), _tensor(second), int(card.get("size", TRAINED)))
    if "mask" in heads and "boxes" not in heads:
        heads["boxes"] = boxes(heads["mask"])
    return Prediction(model, heads)


@torch.no_grad()
def run(network: torch.nn.Module, background: Tensor, image: Tensor, size: int) -> dict[str, np.ndarray]:
    """{"mask", "depth"} h w of two pictures 1 3 h w: the mask near their own size, depth as it was trained."""
    height, width = image.shape[-2:]
    share = min(1.0, LONGEST / max(height, width))
    near = max(1, round(height * share)), max(1, round(width * share))
    found, heads = _heads(network, background, image, near), {}
    if "mask" in found:
        logits = _resized(found["mask"], (height, width))
        heads["mask"] = (logits[0, 0] > 0).numpy()
    if found.keys() - {"mask"}:
        small = found if near == (size, size) else _heads(network, background, image, (size, size))
        heads |= {"depth": _depth(small, heads.get("mask"), (height, width))} if "depth" in found else {}
        heads |= _detected(small, (height, width)) if "heat" in found or "object" in found else {}
    return heads


def _detected(small: dict[str, Tensor], size: tuple[int, int]) -> dict[str, np.ndarray]:
    """{"boxes", "labels", "scores"} of a detection head, in pixels of a picture of this (height, width)."""
    found, (high, wide) = learn.decode(small)[0], small["mask"].shape[-2:]
    down, right = size[0] / high, size[1] / wide
    found["boxes"] = found["boxes"] * torch.tensor([right, down, right, down])
    return {name: values.numpy() for name, values in found.items()}


def boxes(mask: np.ndarray) -> np.ndarray:
    """k 4 float32, x0 y0 x1 y1 in pixels of the connected parts of a mask h w, the largest first."""
    found, counts = connected(mask)
    return found[counts >= max(1, SPECK * mask.size)].astype(np.float32)


def _depth(heads: dict[str, Tensor], mask: np.ndarray | None, size: tuple[int, int]) -> np.ndarray:
    """The small depth map enlarged; what is in front and what is behind are not blurred into each other."""
    depth = heads["depth"]
    if mask is None:
        return _resized(depth, size)[0, 0].numpy()
    front = (heads["mask"] > 0).float()
    plain, sides = _resized(depth, size), []
    for side in (front, 1 - front):
        share = _resized(side, size)
        sides.append(torch.where(share > 1e-3, _resized(depth * side, size) / share.clamp(min=1e-3), plain))
    return torch.where(torch.from_numpy(mask), *sides)[0, 0].numpy()


def _heads(network: torch.nn.Module, background: Tensor, image: Tensor, size: tuple[int, int]) -> dict[str, Tensor]:
    """What the network says of both pictures resized to (h, w), in float32."""
    return {name: head.float() for name, head in network(_resized(background, size), _resized(image, size)).items()}


def _resized(values: Tensor, size: tuple[int, int]) -> Tensor:
    """1 C h w floats at another size, smoothed where they shrink."""
    if values.shape[-2:] == size:
        return values
    return interpolate(values, size=size, mode="bilinear", antialias=True)


def _tensor(picture: np.ndarray) -> Tensor:
    """h w 3 uint8 → 1 3 h w float 0..1."""
    return torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 255


def _name(source, otherwise: str = "The image") -> str | None:
    """What messages call a picture: its path has a name of its own."""
    return None if isinstance(source, str | Path) else otherwise


class _Callable(ModuleType):
    """`helpers.predict(...)` calls the function of this module, and `helpers.predict.boxes` is in it."""

    __call__ = staticmethod(predict)


sys.modules[__name__].__class__ = _Callable
