"""MaskNet: two pictures in, one mask out, all at full size; 76,097 parameters."""

import torch
from torch import Tensor, nn

from .blocks import conv_bn, pair


class MaskNet(nn.Module):
    """A stem per picture, then two layers that compare them; each mask pixel sees 7×7 pixels of either picture."""

    def __init__(self) -> None:
        super().__init__()
        self.background_stem = conv_bn(3, 32)
        self.image_stem = conv_bn(3, 32)
        self.compare = nn.Sequential(conv_bn(64, 64), conv_bn(64, 64))
        self.head = nn.Conv2d(64, 1, 1)

    def forward(self, background: Tensor, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """{"mask": logits N 1 H W} of pictures N 3 H W, uint8 0..255 or float 0..1."""
        background, image = pair(background, image)
        left = self.background_stem(background)  # N 32 H W
        right = self.image_stem(image)  # N 32 H W
        both = self.compare(torch.cat([left, right], 1))  # N 64 H W
        return {"mask": self.head(both)}  # N 1 H W
