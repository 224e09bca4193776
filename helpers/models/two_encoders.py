"""TwoEncoders: an encoder block per picture, one small U-Net for both, read at twice the size of its answer.

Built to the 2,161,666 parameters of its seed, which names no more than these parts.
"""

import torch
from torch import Tensor, nn

from .blocks import crop, enlarge, metres, pair

LUMA = (0.299, 0.587, 0.114)  # how bright red, green and blue look


def conv(inputs: int, outputs: int) -> nn.Sequential:
    """A 3×3 convolution without bias, batch norm and ReLU; height and width stay."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


def grey(picture: Tensor) -> Tensor:
    """N 3 H W → N 1 H W: how bright it looks."""
    return (picture * picture.new_tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)


class Rise(nn.Module):
    """Twice the height and width: bilinear, a convolution, the encoder's features beside it, two more."""

    def __init__(self, inputs: int, skip: int, outputs: int) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.body = nn.Sequential(conv(outputs + skip, outputs), conv(outputs, outputs))

    def forward(self, features: Tensor, skip: Tensor) -> Tensor:
        """N inputs H W and the skip 2H 2W → N outputs 2H 2W."""
        return self.body(torch.cat([self.narrow(enlarge(features)), skip], 1))


class TwoEncoders(nn.Module):
    """Mask and depth, worked out from pictures twice as high and wide: 192 pixels in, 96 out.

    As it is built by name it keeps the contract of all networks: it enlarges both pictures first, so that its heads
    have the pictures' size. With `twice=False` it reads the pictures as they are, and its heads are half as high and
    wide (rounded up): for pictures of 192 pixels with targets of 96. `grey` reads one channel of each picture.
    """

    def __init__(self, grey: bool = False, twice: bool = True, dropout: float = 0.1) -> None:
        super().__init__()
        self.grey, self.twice = grey, twice
        channels = 1 if grey else 3
        self.background_encoder = nn.Sequential(conv(channels, 32), nn.MaxPool2d(2))
        self.image_encoder = nn.Sequential(conv(channels, 32), nn.MaxPool2d(2))
        steps = [(64, 64), (64, 128), (128, 256)]
        self.shared = nn.ModuleList(
            nn.Sequential(nn.MaxPool2d(2), conv(i, o), conv(o, o), nn.Dropout2d(dropout)) for i, o in steps
        )
        self.up = nn.ModuleList([Rise(256, 128, 128), Rise(128, 64, 64), Rise(64, 64, 32)])
        self.head = nn.Conv2d(32, 2, 3, padding=1)

    def forward(self, background: Tensor, image: Tensor) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres} of pictures N 3 H W: N 1 H W, or half of that without `twice`."""
        left, right = pair(background, image, 8 if self.twice else 16)
        if self.grey:
            left, right = grey(left), grey(right)
        if self.twice:
            left, right = enlarge(left), enlarge(right)
        # N 64, half as high and wide as what was read: the size of the heads.
        skips = [torch.cat([self.background_encoder(left), self.image_encoder(right)], 1)]
        for step in self.shared:
            skips.append(step(skips[-1]))  # at last N 256, an eighth of the heads' size
        features = skips[-1]
        for up, skip in zip(self.up, skips[-2::-1]):
            features = up(features, skip)  # at last N 32
        maps = self.head(features)
        size = image if self.twice else image[..., ::2, ::2]
        return crop({"mask": maps[:, :1], "depth": metres(maps[:, 1:])}, size)
