"""PerCameraNet: one picture in; mask, depth, and every person and prop with its box out; under 500,000 parameters."""

import torch
from torch import Tensor, nn
from torch.nn.functional import pixel_shuffle, pixel_unshuffle

from .blocks import GlobalContext, Residual, Up, conv_bn, crop_heads, inverse_metres, single, with_coordinates

STRIDE = 4  # pixels of a cell's side
RARE = -2.9  # the logit of 1 in 20: at first no cell is taken for the centre of a thing


class CellDecoder(nn.Module):
    """Says of each cell whether a thing has its centre there, and if so which thing, how large, and where exactly."""

    def __init__(self, channels: int, width: int = 64) -> None:
        super().__init__()
        self.body = conv_bn(channels, width)
        self.heat, self.label = nn.Conv2d(width, 1, 1), nn.Conv2d(width, 1, 1)
        self.size, self.offset = nn.Conv2d(width, 2, 1), nn.Conv2d(width, 2, 1)
        nn.init.constant_(self.heat.bias, RARE)
        nn.init.constant_(self.size.bias, 1.0)  # boxes begin near three cells, as many people are

    def forward(self, features: Tensor) -> dict[str, Tensor]:
        """{"heat", "label": logits N 1 h w; "size", "offset": N 2 h w} of features N C h w."""
        features = self.body(features)
        parts = {"heat": self.heat, "label": self.label, "size": self.size, "offset": self.offset}
        return {name: part(features).float() for name, part in parts.items()}


class PerCameraNet(nn.Module):
    """One camera, one picture: the background is not looked at, and may be anything, None too.

    A cell is 4 × 4 pixels. The mask joins the depth of the room and that of the things, as in RoomNet.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv_bn(12, 24)
        self.to_quarter = nn.Sequential(conv_bn(24, 40, 2), Residual(40))
        self.to_eighth = nn.Sequential(conv_bn(40 + 2, 64, 2), Residual(64))
        self.to_sixteenth = nn.Sequential(conv_bn(64 + 2, 96, 2), Residual(96), GlobalContext(96))
        self.up = nn.ModuleList([Up(96, 64, 1), Up(64, 40, 1)])
        self.cells = CellDecoder(40)
        self.last = Up(40, 24, 1)
        self.head = nn.Conv2d(24 + 12, 12, 3, padding=1)  # 3 maps of 2 × 2 pixels
        nn.init.constant_(self.head.bias[4:], -2)  # depth begins near 6 m

    def forward(self, background: Tensor | None, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres, N 1 H W; "heat", "label", "size", "offset" of each cell} of N 3 H W.

        `size` is the logarithm of a box's width and height in cells; `offset` leads from the middle of the cell to the
        middle of the box, right and down, in cells. `learn.decode_boxes` makes boxes of them.
        """
        picture = pixel_unshuffle(single(image, 16), 2)
        half = self.stem(picture)  # N 24 H/2 W/2
        quarter = self.to_quarter(half)  # N 40 H/4 W/4
        eighth = self.to_eighth(with_coordinates(quarter))  # N 64 H/8 W/8
        features = self.to_sixteenth(with_coordinates(eighth))  # N 96 H/16 W/16
        for up, skip in zip(self.up, (eighth, quarter)):
            features = up(features, skip)  # at last N 40 H/4 W/4
        fine = self.head(torch.cat([self.last(features, half), picture], 1))
        mask, room, thing = pixel_shuffle(fine, 2).split(1, 1)  # N 1 H W
        share = mask.float().sigmoid()
        maps = {"mask": mask, "depth": inverse_metres(room * (1 - share) + thing * share)}
        return crop_heads(maps, image) | self.cells(features)
