"""BoxNet: the learner's network of notebook 08, small enough for two minutes; mask, depth and boxes of two pictures."""

import torch
from torch import Tensor, nn
from torch.nn.functional import pixel_shuffle, pixel_unshuffle

from .blocks import GlobalContext, Residual, Up, conv_bn, crop_heads, inverse_metres, pair, with_coordinates
from .percamera import CellDecoder


class CellFeatures(nn.Module):
    """Two pictures N 3 H W become 40 features for each cell of 4 × 4 pixels: a U-Net that stops at a quarter."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv_bn(2 * 12, 24)
        self.quarter = nn.Sequential(conv_bn(24, 40, 2), Residual(40))
        self.eighth = nn.Sequential(conv_bn(40 + 2, 64, 2), Residual(64))
        self.sixteenth = nn.Sequential(conv_bn(64 + 2, 96, 2), Residual(96), GlobalContext(96))
        self.up = nn.ModuleList([Up(96, 64, 1), Up(64, 40, 1)])

    def forward(self, background: Tensor, image: Tensor) -> Tensor:
        """N 40 H/4 W/4."""
        pictures = torch.cat(pair(background, image, 16), 1)  # N 6 H W
        half = self.stem(pixel_unshuffle(pictures, 2))  # N 24 H/2 W/2
        quarter = self.quarter(half)  # N 40 H/4 W/4
        eighth = self.eighth(with_coordinates(quarter))  # N 64 H/8 W/8
        sixteenth = self.sixteenth(with_coordinates(eighth))  # N 96 H/16 W/16
        return self.up[1](self.up[0](sixteenth, eighth), quarter)


class BoxNet(nn.Module):
    """Three heads on the same features: a mask, a depth, and of each cell whether a thing has its centre there."""

    def __init__(self) -> None:
        super().__init__()
        self.features, self.cells = CellFeatures(), CellDecoder(40)
        self.maps = nn.Conv2d(40, 3 * 16, 3, padding=1)  # 3 maps of the 4 × 4 pixels of a cell
        nn.init.constant_(self.maps.bias[16:], -2)  # depth begins near 6 m

    def forward(self, background: Tensor, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres, N 1 H W; "heat", "label", "size", "offset" of each cell}."""
        features = self.features(background, image)  # N 40 H/4 W/4
        mask, room, thing = pixel_shuffle(self.maps(features), 4).split(1, 1)  # N 1 H W
        share = mask.float().sigmoid()
        depth = inverse_metres(room * (1 - share) + thing * share)
        return crop_heads({"mask": mask, "depth": depth}, image) | self.cells(features)
