"""Blocks that several networks share, and the one place where pictures are checked and become numbers around zero."""

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad, softplus

from ..base import FAR


def check_pictures(*pictures: Tensor) -> None:
    """Raises a sentence unless these are pictures that a network can read: N 3 H W, all of one shape, finite."""
    for picture in pictures:
        if not isinstance(picture, Tensor):
            raise ValueError(f"A network reads torch tensors of shape N 3 H W, not {type(picture).__name__}.")
        if picture.ndim != 4 or picture.shape[1] != 3 or not picture.numel():
            raise ValueError(f"A network reads pictures of shape N 3 H W, but one has shape {tuple(picture.shape)}.")
        if picture.dtype != torch.uint8 and not picture.is_floating_point():
            raise ValueError(f"A network reads uint8 0..255 or float 0..1, but one picture is {picture.dtype}.")
        if picture.is_floating_point() and not torch.compiler.is_compiling():
            low, high = (float(end) for end in picture.detach().aminmax())  # NaN where one number is
            if not -10 < low <= high < 10:  # wide, so that standardised pictures may pass
                says = f"A network reads float pictures of 0..1, but one goes from {low:.3g} to {high:.3g}."
                raise ValueError(f"{says} Divide 0..255 by 255 or pass uint8, and look for NaN and infinity.")
    if any(picture.shape != pictures[0].shape for picture in pictures):
        shapes = " and ".join(str(tuple(picture.shape)) for picture in pictures)
        raise ValueError(f"Background and image must be of one shape, but they are {shapes}.")


def unit(picture: Tensor) -> Tensor:
    """Pictures as float32 in 0..1, from uint8 0..255 or float 0..1."""
    return picture.float() / 255 if picture.dtype == torch.uint8 else picture.float()


def normalise(picture: Tensor) -> Tensor:
    """Pictures as float32 in -2..2: uint8 0..255 or float 0..1, less 0.5, over 0.25; every network does the same."""
    check_pictures(picture)
    return (unit(picture) - 0.5) / 0.25


def single(picture: Tensor, step: int) -> Tensor:
    """The picture normalised, the last row and column repeated until height and width divide by `step`."""
    return padded(normalise(picture), step)


def padded(picture: Tensor, step: int) -> Tensor:
    """N C H W, the last row and column repeated until height and width divide by `step`."""
    if torch.compiler.is_compiling():  # for a size that is not known yet
        down, right = (torch.arange((n + step - 1) // step * step).clamp(max=n - 1) for n in picture.shape[-2:])
        return picture.index_select(2, down).index_select(3, right)
    down, right = -picture.shape[-2] % step, -picture.shape[-1] % step
    return pad(picture, (0, right, 0, down), mode="replicate") if down or right else picture


def pair(background: Tensor, image: Tensor, step: int = 1) -> tuple[Tensor, Tensor]:
    """Both pictures, which must be of one shape, as `single` makes them."""
    check_pictures(background, image)
    return single(background, step), single(image, step)


def crop_heads(heads: dict[str, Tensor], image: Tensor) -> dict[str, Tensor]:
    """The heads without what `single` added: as high and wide as `image`."""
    return {name: head[..., : image.shape[-2], : image.shape[-1]] for name, head in heads.items()}


def metres(number: Tensor) -> Tensor:
    """Any number as a depth of 0..FAR metres: 0 is the middle, and each end is only approached."""
    return FAR * number.float().sigmoid()


def inverse_metres(number: Tensor) -> Tensor:
    """Any number as metres, 0..FAR: large is near, because inverse depth is what a picture shows."""
    return 1 / (1 / FAR + softplus(number.float()))


def enlarge(features: Tensor, times: int = 2) -> Tensor:
    """Twice as high and wide (or `times`), in between bilinear."""
    size = [times * side for side in features.shape[-2:]]
    return interpolate(features, size=size, mode="bilinear", align_corners=False)


def with_coordinates(features: Tensor) -> Tensor:
    """The features N C H W and two more channels: how far right and how far down each pixel is, -1..1.

    A convolution cannot know where it is, but the depth of a floor follows from it.
    """
    height, width = features.shape[-2:]
    down, right = (from_minus_one(side, features) for side in (height, width))
    both = torch.stack([right.expand(height, width), down[:, None].expand(height, width)])
    return torch.cat([features, both.expand(features.shape[0], -1, -1, -1)], 1)


def from_minus_one(count: int, like: Tensor) -> Tensor:
    """So many numbers in even steps from -1 to 1, of the type of `like`; -1 alone where it is one."""
    steps = torch.arange(count, device=like.device)
    return (2 * steps / steps[-1].clamp(min=1) - 1).to(like.dtype)


def conv_bn(inputs: int, outputs: int, stride: int = 1, bias: bool = True) -> nn.Sequential:
    """A 3×3 convolution, batch norm and ReLU; height and width stay, or are divided by `stride`."""
    convolution = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=bias)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU())


class Residual(nn.Module):
    """Two convolutions that learn what to add to their input; N C H W stays."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = conv_bn(channels, channels)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels))

    def forward(self, features: Tensor) -> Tensor:
        """Features of the same shape."""
        return torch.relu(features + self.second(self.first(features)))


class GlobalContext(nn.Module):
    """Adds to every pixel what the mean over the picture says: light, camera pitch, size of the room."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.whole = nn.Linear(channels, channels)

    def forward(self, features: Tensor) -> Tensor:
        """Features of the same shape."""
        mean = self.whole(features.flatten(2).mean(2))  # N C
        return torch.relu(features + mean[:, :, None, None])


class Up(nn.Module):
    """Twice the height and width: a 1×1, bilinear, the encoder's features added, then `convs` convolutions."""

    def __init__(self, inputs: int, outputs: int, convs: int = 2) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(inputs, outputs, 1)
        self.body = nn.Sequential(*(conv_bn(outputs, outputs) for _ in range(convs)))

    def forward(self, features: Tensor, skip: Tensor) -> Tensor:
        """N inputs H W and N outputs 2H 2W → N outputs 2H 2W."""
        return self.body(enlarge(self.narrow(features)) + skip)
