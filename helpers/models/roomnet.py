"""RoomNet: this course's own network: small, quick on a processor, any size; under a million parameters."""

import torch
from torch import Tensor, nn
from torch.nn.functional import pixel_shuffle, pixel_unshuffle

from . import blocks
from .align import align
from .blocks import GlobalContext, Residual, Up, conv_bn, crop_heads, pair


class RoomNet(nn.Module):
    """Three maps at full size: the mask, the room behind it, and the thing in front; the mask joins the two depths.

    The options take one idea away each, so that `study design` can say what it was worth.
    """

    def __init__(
        self,
        align: bool = True,
        difference: bool = True,
        detail: int = 32,
        coordinates: bool = True,
        pool: bool = True,
        inverse: bool = True,
        guide: bool = True,
    ) -> None:
        super().__init__()
        self.align, self.difference, self.inverse, self.guide = align, difference, inverse, guide
        self.places = coordinates
        more = 2 if coordinates else 0
        self.stem = conv_bn(12, 16)  # the same for both pictures, so that their features can be subtracted
        self.compare = nn.Sequential(nn.Conv2d(48 if difference else 32, 24, 1), nn.BatchNorm2d(24), nn.ReLU())
        self.to_quarter = nn.Sequential(conv_bn(24, 40, 2), Residual(40))
        self.to_eighth = nn.Sequential(conv_bn(40 + more, 72, 2), Residual(72), Residual(72))
        whole = GlobalContext(112) if pool else nn.Identity()
        self.to_sixteenth = nn.Sequential(conv_bn(72 + more, 112, 2), Residual(112), whole, Residual(112))
        self.up = nn.ModuleList([Up(112, 72, 1), Up(72, 40, 1), Up(40, 24, 1)])
        # Each pixel's own difference joins at the end: a rim is as sharp as the pictures are.
        self.sharpen = conv_bn(24 + 12, detail) if detail else None
        self.head = nn.Conv2d(detail or 24, 12, 3, padding=1)  # 3 maps of 2 × 2 pixels
        nn.init.constant_(self.head.bias[4:], -2 if inverse else -0.8)  # depth begins near 6 m

    def forward(self, background: Tensor, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres}, N 1 H W, of pictures N 3 H W, uint8 0..255 or float 0..1."""
        if self.align:
            blocks.check_pictures(background, image)
            image = blocks.unit(image)
            background = align(blocks.unit(background), image)
        before, after = (pixel_unshuffle(picture, 2) for picture in pair(background, image, 16))
        left, right = self.stem(before), self.stem(after)
        both = [left, right, (right - left).abs()] if self.difference else [left, right]
        half = self.compare(torch.cat(both, 1))  # N 24 H/2 W/2
        quarter = self.to_quarter(half)  # N 40 H/4 W/4
        eighth = self.to_eighth(self.placed(quarter))  # N 72 H/8 W/8
        features = self.to_sixteenth(self.placed(eighth))  # N 112 H/16 W/16
        for up, skip in zip(self.up, (eighth, quarter, half)):
            features = up(features, skip)  # at last N 24 H/2 W/2
        if self.sharpen is not None:
            features = self.sharpen(torch.cat([features, (after - before).abs()], 1))
        return crop_heads(self.heads(self.head(features)), image)

    def placed(self, features: Tensor) -> Tensor:
        """The features with the coordinates of each pixel, where this network has them."""
        return blocks.with_coordinates(features) if self.places else features

    def heads(self, features: Tensor) -> dict[str, Tensor]:
        """Mask and depth N 1 H W: where the mask says so the thing's depth, else the room's."""
        mask, room, thing = pixel_shuffle(features, 2).split(1, 1)
        share = mask.float().sigmoid() if self.guide else 0.0
        depth = room * (1 - share) + thing * share
        return {"mask": mask, "depth": blocks.inverse_metres(depth) if self.inverse else blocks.metres(depth)}
