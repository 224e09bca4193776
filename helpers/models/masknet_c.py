"""MaskNetC: the other small mask network of the seeds, ReLU before batch norm; 59,745 parameters."""

import torch
from torch import Tensor, nn

from .blocks import conv_relu_bn, pair


class MaskNetC(nn.Module):
    """A stem per picture, a 1×1 that halves the channels, two layers that compare; all at full size."""

    def __init__(self) -> None:
        super().__init__()
        self.background_stem = conv_relu_bn(3, 32)
        self.image_stem = conv_relu_bn(3, 32)
        self.mix = nn.Conv2d(64, 32, 1)
        self.compare = nn.Sequential(conv_relu_bn(32, 64), conv_relu_bn(64, 64))
        self.head = nn.Conv2d(64, 1, 1)

    def forward(self, background: Tensor, image: Tensor) -> dict[str, Tensor]:
        """{"mask": logits N 1 H W} of pictures N 3 H W, uint8 0..255 or float 0..1."""
        background, image = pair(background, image)
        both = torch.cat([self.background_stem(background), self.image_stem(image)], 1)  # N 64 H W
        return {"mask": self.head(self.compare(self.mix(both)))}  # N 1 H W
