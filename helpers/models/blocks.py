"""Blocks that several networks share, and the one place where pictures become numbers around zero."""

import torch
from torch import Tensor, nn


def normalise(picture: Tensor) -> Tensor:
    """Pictures as float32 in -2..2: uint8 0..255 or float 0..1, less 0.5, over 0.25; every network does the same."""
    if picture.ndim != 4 or picture.shape[1] != 3:
        raise ValueError(f"A network reads pictures of shape N 3 H W, but this one has shape {tuple(picture.shape)}.")
    if picture.dtype == torch.uint8:
        picture = picture.float() / 255
    return (picture.float() - 0.5) / 0.25


def conv_bn(inputs: int, outputs: int) -> nn.Sequential:
    """A 3×3 convolution with bias, batch norm and ReLU; height and width stay."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU())
