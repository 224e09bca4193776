"""SharedUnet: a U-Net whose beginning is shared and whose rest is one branch per head; 33,389,314 parameters.

Its parts carry the names that freezing goes by: `trunk`, `mask` and `depth`.
"""

import torch
from torch import Tensor, nn

from .blocks import conv_bn, crop, enlarge, metres, pair


def double(inputs: int, middle: int, outputs: int) -> nn.Sequential:
    """Two convolutions; height and width stay."""
    return nn.Sequential(conv_bn(inputs, middle), conv_bn(middle, outputs))


def down(inputs: int, outputs: int) -> nn.Sequential:
    """Half the height and width, then two convolutions."""
    return nn.Sequential(nn.MaxPool2d(2), double(inputs, outputs, outputs))


class BranchDecoder(nn.Module):
    """What one head has for itself: two steps further down, four up, one map at full size."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.down = nn.ModuleList([down(4 * width, 8 * width), down(8 * width, 8 * width)])
        steps = [(16, 4), (8, 2), (4, 1), (2, 1)]  # times width: channels in, half as many in the middle, out
        self.up = nn.ModuleList([double(i * width, i * width // 2, o * width) for i, o in steps])
        self.head = nn.Conv2d(width, 1, 1)

    def forward(self, features: list[Tensor]) -> Tensor:
        """The trunk's features, from full size to a quarter → N 1 H W."""
        for step in self.down:
            features = [*features, step(features[-1])]  # at last N 8·width H/16 W/16
        found = features[-1]
        for step, skip in zip(self.up, features[-2::-1]):
            found = step(torch.cat([enlarge(found), skip], 1))  # at last N width H W
        return self.head(found)


class SharedUnet(nn.Module):
    """Both pictures stacked, one trunk, a mask branch and a depth branch.

    `width` is the number of channels at full size: 64 as in the seed; 16 needs a sixteenth of the numbers.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        if not isinstance(width, int) or width < 1:
            raise ValueError(f"width is a number of channels, such as 64 or 16, not {width!r}.")
        self.trunk = nn.ModuleList([double(6, width, width), down(width, 2 * width), down(2 * width, 4 * width)])
        self.mask, self.depth = BranchDecoder(width), BranchDecoder(width)

    def forward(self, background: Tensor, image: Tensor) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres}, N 1 H W, of pictures N 3 H W, uint8 0..255 or float 0..1."""
        features = [torch.cat(pair(background, image, 16), 1)]  # N 6 H W
        for step in self.trunk:
            features.append(step(features[-1]))  # at last N 4·width H/4 W/4
        features = features[1:]
        return crop({"mask": self.mask(features), "depth": metres(self.depth(features))}, image)
