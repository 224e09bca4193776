"""DSResNet: a residual stem per picture, one encoder for both, a decoder per head; 10,343,490 parameters."""

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from .blocks import conv_relu_bn, crop, enlarge, metres, pair


class Block(nn.Module):
    """Two convolutions beside a 1×1 shortcut, added; nothing cuts the sum at zero, height and width stay."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.body = nn.Sequential(conv_relu_bn(inputs, outputs), conv_relu_bn(outputs, outputs))
        self.shortcut = nn.Conv2d(inputs, outputs, 1)

    def forward(self, features: Tensor) -> Tensor:
        """N inputs H W → N outputs H W."""
        return self.body(features) + self.shortcut(features)


class Rise(nn.Module):
    """Twice the height and width: a 1×1, bilinear, the encoder's features beside it, then a block.

    With `merge` the encoder's features are those of both pictures, and a further 1×1 makes one of the two.
    """

    def __init__(self, inputs: int, outputs: int, merge: bool = False) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(inputs, outputs, 1)
        self.merge = nn.Conv2d(inputs, outputs, 1) if merge else nn.Identity()
        self.body = Block(inputs, outputs)

    def forward(self, features: Tensor, skip: Tensor) -> Tensor:
        """N inputs H W and the skip 2H 2W → N outputs 2H 2W."""
        return self.body(torch.cat([enlarge(self.narrow(features)), self.merge(skip)], 1))


def decoder() -> nn.ModuleList:
    """Five steps up, from 1/32 of the size to full size; both pictures' own features join at the last two."""
    steps = [Rise(512, 256), Rise(256, 128), Rise(128, 64)]
    return nn.ModuleList([*steps, Rise(64, 32, merge=True), Rise(32, 16, merge=True)])


class DSResNet(nn.Module):
    """Mask and depth; the two share all on the way down and nothing on the way up."""

    def __init__(self) -> None:
        super().__init__()
        self.background_stem = nn.ModuleList([Block(3, 16), Block(16, 32)])
        self.image_stem = nn.ModuleList([Block(3, 16), Block(16, 32)])
        self.mix = nn.Conv2d(64, 32, 1)
        self.shared = nn.ModuleList([Block(32, 64), Block(64, 128), Block(128, 256), Block(256, 512)])
        self.mask_up, self.depth_up = decoder(), decoder()
        self.mask_head, self.depth_head = nn.Conv2d(16, 1, 1), nn.Conv2d(16, 1, 1)

    def forward(self, background: Tensor, image: Tensor) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres}, N 1 H W, of pictures N 3 H W, uint8 0..255 or float 0..1."""
        left, right = pair(background, image, 32)
        skips = []
        for background_block, image_block in zip(self.background_stem, self.image_stem):
            left, right = background_block(left), image_block(right)
            skips.append(torch.cat([left, right], 1))  # N 32 H W, then N 64 H/2 W/2
            left, right = max_pool2d(left, 2), max_pool2d(right, 2)
        features = self.mix(torch.cat([left, right], 1))  # N 32 H/4 W/4
        for block in self.shared[:-1]:
            skips.append(block(features))
            features = max_pool2d(skips[-1], 2)
        mask = depth = self.shared[-1](features)  # N 512 H/32 W/32, not pooled
        for mask_up, depth_up, skip in zip(self.mask_up, self.depth_up, reversed(skips)):
            mask, depth = mask_up(mask, skip), depth_up(depth, skip)  # at last N 16 H W
        return crop({"mask": self.mask_head(mask), "depth": metres(self.depth_head(depth))}, image)
