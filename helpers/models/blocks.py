"""Blocks that several networks share, and the one place where pictures become numbers around zero."""

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad

from ..base import FAR


def unit(picture: Tensor) -> Tensor:
    """Pictures as float32 in 0..1, from uint8 0..255 or float 0..1."""
    if picture.ndim != 4 or picture.shape[1] != 3:
        raise ValueError(f"A network reads pictures of shape N 3 H W, but this one has shape {tuple(picture.shape)}.")
    return picture.float() / 255 if picture.dtype == torch.uint8 else picture.float()


def normalise(picture: Tensor) -> Tensor:
    """Pictures as float32 in -2..2: uint8 0..255 or float 0..1, less 0.5, over 0.25; every network does the same."""
    return (unit(picture) - 0.5) / 0.25


def must_agree(background: Tensor, image: Tensor) -> None:
    """Raises where the two pictures are not of one shape."""
    if background.shape != image.shape:
        shapes = f"{tuple(background.shape)} and {tuple(image.shape)}"
        raise ValueError(f"Background and image must be of one shape, but they are {shapes}.")


def pair(background: Tensor, image: Tensor, step: int = 1) -> tuple[Tensor, Tensor]:
    """Both pictures normalised, the last row and column repeated until height and width divide by `step`."""
    must_agree(background, image)
    down, right = -image.shape[-2] % step, -image.shape[-1] % step
    both = normalise(background), normalise(image)
    return tuple(pad(picture, (0, right, 0, down), mode="replicate") if down or right else picture for picture in both)


def crop(heads: dict[str, Tensor], image: Tensor) -> dict[str, Tensor]:
    """The heads without what `pair` added: as high and wide as `image`."""
    return {name: head[..., : image.shape[-2], : image.shape[-1]] for name, head in heads.items()}


def metres(number: Tensor) -> Tensor:
    """Any number as a depth of 0..FAR metres: 0 is the middle, and each end is only approached."""
    return FAR * number.float().sigmoid()


def enlarge(features: Tensor, times: int = 2) -> Tensor:
    """Twice as high and wide (or `times`), in between bilinear."""
    return interpolate(features, scale_factor=times, mode="bilinear", align_corners=False)


def conv_bn(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """A 3×3 convolution with bias, batch norm and ReLU; height and width stay, or are divided by `stride`."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, padding=1), nn.BatchNorm2d(outputs), nn.ReLU())


def conv_relu_bn(inputs: int, outputs: int) -> nn.Sequential:
    """The same with ReLU before the batch norm: what comes out is not cut at zero."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(outputs))


class Residual(nn.Module):
    """Two convolutions that learn what to add to their input; N C H W stays."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = conv_bn(channels, channels)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels))

    def forward(self, features: Tensor) -> Tensor:
        """Features of the same shape."""
        return torch.relu(features + self.second(self.first(features)))


class Up(nn.Module):
    """Twice the height and width: a 1×1, bilinear, the encoder's features added, then `convs` convolutions."""

    def __init__(self, inputs: int, outputs: int, convs: int = 2) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(inputs, outputs, 1)
        self.body = nn.Sequential(*(conv_bn(outputs, outputs) for _ in range(convs)))

    def forward(self, features: Tensor, skip: Tensor) -> Tensor:
        """N inputs H W and N outputs 2H 2W → N outputs 2H 2W."""
        return self.body(enlarge(self.narrow(features)) + skip)
