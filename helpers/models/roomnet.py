"""RoomNet: this course's own network: small, quick on a processor, any size; under 1.5 million parameters."""

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, pixel_shuffle, pixel_unshuffle

from . import blocks
from .align import align
from .blocks import GlobalContext, Residual, Up, conv_bn, crop_heads, pair

STEP = 32  # pixels: height and width are made to divide by this


class Decoder(nn.Module):
    """From features at a sixteenth to some maps at full size, each pixel's own colours joining at the end."""

    def __init__(self, own: int, detail: int, maps: int) -> None:
        super().__init__()
        self.up = nn.ModuleList([Up(112, 72, 1), Up(72, 40, 1), Up(40, 24, 1)])
        self.sharpen = conv_bn(24 + own, detail) if detail else None
        self.head = nn.Conv2d(detail or 24, 4 * maps, 3, padding=1)  # maps of 2 × 2 pixels

    def forward(self, features: Tensor, skips: list[Tensor], own: Tensor) -> Tensor:
        """N maps H W of the features N 112 H/16 W/16, those before them, and `own` N own H/2 W/2."""
        for up, skip in zip(self.up, skips):
            features = up(features, skip)  # at last N 24 H/2 W/2
        if self.sharpen is not None:  # so a rim is as sharp as the pictures are
            features = self.sharpen(torch.cat([features, own], 1))
        return pixel_shuffle(self.head(features), 2)


class RoomNet(nn.Module):
    """Three maps at full size: the mask, the room behind it, and the thing in front; the mask joins the two depths.

    With the camera's maps depth is in metres; without (zeros) it is right up to one factor. The options take one idea
    away each, so that `study design` can say what it was worth.
    """

    def __init__(
        self,
        align: bool = True,
        camera: bool = True,
        difference: bool = True,
        detail: int = 32,
        coordinates: bool = True,
        pool: bool = True,
        inverse: bool = True,
        guide: bool = True,
        wide: bool = True,
    ) -> None:
        super().__init__()
        self.align, self.difference, self.inverse, self.guide = align, difference, inverse, guide
        self.reads_camera, self.places = camera, coordinates
        more = 4 if coordinates else 2  # where a pixel is, and its camera's two maps
        self.stem = conv_bn(12, 16)  # the same for both pictures, so that their features can be subtracted
        self.compare = nn.Sequential(nn.Conv2d(48 if difference else 32, 24, 1), nn.BatchNorm2d(24), nn.ReLU())
        self.to_quarter = nn.Sequential(conv_bn(24, 40, 2), Residual(40))
        self.to_eighth = nn.Sequential(conv_bn(40 + more, 72, 2), Residual(72), Residual(72))
        whole = GlobalContext(112) if pool else nn.Identity()
        self.to_sixteenth = nn.Sequential(conv_bn(72 + more, 112, 2), Residual(112), whole, Residual(112))
        self.wider = None
        if wide:
            context = [GlobalContext(128)] if pool else []
            self.wider = nn.Sequential(conv_bn(112 + more, 128, 2), Residual(128), *context, nn.Conv2d(128, 112, 1))
        self.mask, self.depth = Decoder(12, detail, 1), Decoder(12 + 12 + 8, detail // 2, 2)
        nn.init.constant_(self.depth.head.bias, -2 if inverse else -0.8)  # depth begins near 6 m

    def forward(self, background: Tensor, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres}, N 1 H W, of pictures N 3 H W, uint8 0..255 or float 0..1.

        `camera` are the two maps of `Camera.maps`, N 2 H W.
        """
        if self.align:
            blocks.check_pictures(background, image)
            image = blocks.unit(image)
            background = align(blocks.unit(background), image)
        before, after = pair(background, image, STEP)
        maps = self.padded_maps(camera, after)
        before, after = pixel_unshuffle(before, 2), pixel_unshuffle(after, 2)
        left, right = self.stem(before), self.stem(after)
        both = [left, right, (right - left).abs()] if self.difference else [left, right]
        half = self.compare(torch.cat(both, 1))  # N 24 H/2 W/2
        quarter = self.to_quarter(half)  # N 40 H/4 W/4
        eighth = self.to_eighth(self.placed(quarter, maps, 4))  # N 72 H/8 W/8
        features = self.to_sixteenth(self.placed(eighth, maps, 8))  # N 112 H/16 W/16
        if self.wider is not None:
            features = torch.relu(features + blocks.enlarge(self.wider(self.placed(features, maps, 16))))
        skips, changes = [eighth, quarter, half], (after - before).abs()
        mask = self.mask(features, skips, changes)
        own = torch.cat([changes, after, pixel_unshuffle(maps, 2)], 1)
        depths = self.depth(features, skips, own)
        return crop_heads({"mask": mask, "depth": self.joined(mask, depths[:, :1], depths[:, 1:])}, image)

    def padded_maps(self, camera: Tensor | None, picture: Tensor) -> Tensor:
        """The camera's maps as large as the picture N 3 H W, or zeros."""
        high, wide = picture.shape[-2:]
        if camera is None or not self.reads_camera:
            return picture.new_zeros(picture.shape[0], 2, high, wide)
        return blocks.padded(camera.to(picture), STEP)

    def placed(self, features: Tensor, maps: Tensor, step: int) -> Tensor:
        """The features with their camera's maps and, where this network has them, the coordinates of each pixel."""
        features = blocks.with_coordinates(features) if self.places else features
        return torch.cat([features, avg_pool2d(maps, step)], 1)

    def joined(self, mask: Tensor, room: Tensor, thing: Tensor) -> Tensor:
        """Depth in metres: where the mask says so the thing's, else the room's."""
        share = mask.float().sigmoid() if self.guide else 0.0
        depth = room * (1 - share) + thing * share
        return blocks.inverse_metres(depth) if self.inverse else blocks.metres(depth)
