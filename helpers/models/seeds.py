"""To compare with: the networks of five earlier projects, to the digit of their parameters, and a library's.

All keep the contract of this course: two pictures in, a dict of heads out, depth in metres.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from .blocks import conv_bn, crop_heads, enlarge, metres, pair, single

LUMA = (0.299, 0.587, 0.114)  # how bright red, green and blue look


def conv_relu_bn(inputs: int, outputs: int) -> nn.Sequential:
    """A 3×3 convolution with ReLU before the batch norm: what comes out is not cut at zero."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(outputs))


class MaskNetC(nn.Module):
    """A stem per picture, a 1×1 that halves the channels, two layers that compare, at full size; 59,745 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.background_stem = conv_relu_bn(3, 32)
        self.image_stem = conv_relu_bn(3, 32)
        self.mix = nn.Conv2d(64, 32, 1)
        self.compare = nn.Sequential(conv_relu_bn(32, 64), conv_relu_bn(64, 64))
        self.head = nn.Conv2d(64, 1, 1)

    def forward(self, background: Tensor, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """{"mask": logits N 1 H W} of pictures N 3 H W."""
        background, image = pair(background, image)
        both = torch.cat([self.background_stem(background), self.image_stem(image)], 1)  # N 64 H W
        return {"mask": self.head(self.compare(self.mix(both)))}


class ShortcutBlock(nn.Module):
    """Two convolutions beside a 1×1 shortcut, added; nothing cuts the sum at zero, height and width stay."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.body = nn.Sequential(conv_relu_bn(inputs, outputs), conv_relu_bn(outputs, outputs))
        self.shortcut = nn.Conv2d(inputs, outputs, 1)

    def forward(self, features: Tensor) -> Tensor:
        """N inputs H W → N outputs H W."""
        return self.body(features) + self.shortcut(features)


class ShortcutUp(nn.Module):
    """Twice the height and width: a 1×1, bilinear, the encoder's features beside it, then a block.

    With `merge` the encoder's features are those of both pictures, and a further 1×1 makes one of the two.
    """

    def __init__(self, inputs: int, outputs: int, merge: bool = False) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(inputs, outputs, 1)
        self.merge = nn.Conv2d(inputs, outputs, 1) if merge else nn.Identity()
        self.body = ShortcutBlock(inputs, outputs)

    def forward(self, features: Tensor, skip: Tensor) -> Tensor:
        """N inputs H W and the skip 2H 2W → N outputs 2H 2W."""
        return self.body(torch.cat([enlarge(self.narrow(features)), self.merge(skip)], 1))


class DSResNet(nn.Module):
    """A residual stem per picture, one encoder for both, and a decoder per head that shares nothing; 10,343,490."""

    def __init__(self) -> None:
        super().__init__()
        self.background_stem = nn.ModuleList([ShortcutBlock(3, 16), ShortcutBlock(16, 32)])
        self.image_stem = nn.ModuleList([ShortcutBlock(3, 16), ShortcutBlock(16, 32)])
        self.mix = nn.Conv2d(64, 32, 1)
        self.shared = nn.ModuleList(ShortcutBlock(width, 2 * width) for width in (32, 64, 128, 256))
        self.mask_up, self.depth_up = self._decoder(), self._decoder()
        self.mask_head, self.depth_head = nn.Conv2d(16, 1, 1), nn.Conv2d(16, 1, 1)

    @staticmethod
    def _decoder() -> nn.ModuleList:
        """Five steps up, from 1/32 of the size to full size; both pictures' own features join at the last two."""
        return nn.ModuleList(ShortcutUp(2 * width, width, merge=width <= 32) for width in (256, 128, 64, 32, 16))

    def forward(self, background: Tensor, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres}, N 1 H W, of pictures N 3 H W."""
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
        return crop_heads({"mask": self.mask_head(mask), "depth": metres(self.depth_head(depth))}, image)


def _double(inputs: int, middle: int, outputs: int) -> nn.Sequential:
    """Two convolutions; height and width stay."""
    return nn.Sequential(conv_bn(inputs, middle), conv_bn(middle, outputs))


def _down(inputs: int, outputs: int) -> nn.Sequential:
    """Half the height and width, then two convolutions."""
    return nn.Sequential(nn.MaxPool2d(2), _double(inputs, outputs, outputs))


class BranchDecoder(nn.Module):
    """What one head of the SharedUnet has for itself: two steps further down, four up, one map at full size."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.down = nn.ModuleList([_down(4 * width, 8 * width), _down(8 * width, 8 * width)])
        steps = [(16, 4), (8, 2), (4, 1), (2, 1)]  # times width: channels in, half as many in the middle, out
        self.up = nn.ModuleList([_double(i * width, i * width // 2, o * width) for i, o in steps])
        self.head = nn.Conv2d(width, 1, 1)

    def forward(self, features: list[Tensor]) -> Tensor:
        """The shared features, from full size to a quarter → N 1 H W."""
        for step in self.down:
            features = [*features, step(features[-1])]  # at last N 8·width H/16 W/16
        found = features[-1]
        for step, skip in zip(self.up, features[-2::-1]):
            found = step(torch.cat([enlarge(found), skip], 1))  # at last N width H W
        return self.head(found)


class SharedUnet(nn.Module):
    """Both pictures stacked, a shared `encoder`, a branch `mask` and a branch `depth`; 33,389,314 parameters.

    `width` is the number of channels at full size: 64 as in the project; 16 needs a sixteenth of the parameters.
    """

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        self.encoder = nn.ModuleList([_double(6, width, width), _down(width, 2 * width), _down(2 * width, 4 * width)])
        self.mask, self.depth = BranchDecoder(width), BranchDecoder(width)

    def forward(self, background: Tensor, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres}, N 1 H W, of pictures N 3 H W."""
        features = [torch.cat(pair(background, image, 16), 1)]  # N 6 H W
        for step in self.encoder:
            features.append(step(features[-1]))  # at last N 4·width H/4 W/4
        return crop_heads({"mask": self.mask(features[1:]), "depth": metres(self.depth(features[1:]))}, image)


def _tiny_head(maps: int) -> nn.Sequential:
    """Features N 64 H/4 W/4 become N maps H W."""
    larger = (nn.Conv2d(64, 32, 3, padding=1), nn.ReLU(), nn.Upsample(scale_factor=4, mode="bilinear"))
    return nn.Sequential(*larger, nn.Conv2d(32, maps, 1))


class TinyPerCameraNet(nn.Module):
    """One camera, one picture: the background is not looked at, and may be anything, None too; 60,904 parameters.

    Its detection head answers for the whole picture: one object or none, and one box. The mean over all places that
    feeds it keeps what is in the picture, and loses where.
    """

    def __init__(self) -> None:
        super().__init__()
        first = (nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        second = (nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.trunk = nn.Sequential(*first, *second)
        self.segmentation, self.depth = _tiny_head(2), _tiny_head(1)
        self.detection = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 5))

    def forward(self, background: Tensor | None, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres, N 1 H W; "object": logits N; "box": N 4} of an image N 3 H W.

        A box is its centre, width and height, x before y, in 0..1 of the picture.
        """
        features = self.trunk(single(image, 4))  # N 64 H/4 W/4
        classes = self.segmentation(features)  # N 2 H W: background, object
        found = self.detection(features.mean((2, 3)))  # N 5
        # Of two classes only the difference of their logits counts, and that is the logit of the second.
        maps = {"mask": classes[:, 1:] - classes[:, :1], "depth": metres(self.depth(features))}
        return crop_heads(maps, image) | {"object": found[:, 0], "box": found[:, 1:].float().sigmoid()}


class ConcatUp(nn.Module):
    """Twice the height and width: bilinear, a convolution, the encoder's features beside it, two more."""

    def __init__(self, inputs: int, skip: int, outputs: int) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.body = nn.Sequential(conv_bn(outputs + skip, outputs, bias=False), conv_bn(outputs, outputs, bias=False))

    def forward(self, features: Tensor, skip: Tensor) -> Tensor:
        """N inputs H W and the skip 2H 2W → N outputs 2H 2W."""
        return self.body(torch.cat([self.narrow(enlarge(features)), skip], 1))


class TwoEncoders(nn.Module):
    """An encoder block per picture and one small U-Net for both, read at twice the size of its answer; 2,161,666.

    As it is built by name it keeps the contract of all networks: it enlarges both pictures first, so that its heads
    have the pictures' size. With `twice=False` it reads the pictures as they are, and its heads are half as high and
    wide (rounded up): for pictures of 192 pixels with targets of 96. `grey` reads one channel of each picture.
    """

    def __init__(self, grey: bool = False, twice: bool = True) -> None:
        super().__init__()
        self.grey, self.twice = grey, twice
        channels = 1 if grey else 3
        self.background_encoder = nn.Sequential(conv_bn(channels, 32, bias=False), nn.MaxPool2d(2))
        self.image_encoder = nn.Sequential(conv_bn(channels, 32, bias=False), nn.MaxPool2d(2))
        self.shared = nn.ModuleList(
            nn.Sequential(nn.MaxPool2d(2), conv_bn(i, o, bias=False), conv_bn(o, o, bias=False), nn.Dropout2d(0.1))
            for i, o in ((64, 64), (64, 128), (128, 256))
        )
        self.up = nn.ModuleList([ConcatUp(256, 128, 128), ConcatUp(128, 64, 64), ConcatUp(64, 64, 32)])
        self.head = nn.Conv2d(32, 2, 3, padding=1)

    def forward(self, background: Tensor, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres} of pictures N 3 H W: N 1 H W, or half of that without `twice`."""
        both = pair(background, image, 8 if self.twice else 16)
        if self.grey:
            both = [(picture * picture.new_tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True) for picture in both]
        left, right = map(enlarge, both) if self.twice else both
        # N 64, half as high and wide as what was read: the size of the heads.
        skips = [torch.cat([self.background_encoder(left), self.image_encoder(right)], 1)]
        for step in self.shared:
            skips.append(step(skips[-1]))  # at last N 256, an eighth of the heads' size
        features = skips[-1]
        for up, skip in zip(self.up, skips[-2::-1]):
            features = up(features, skip)  # at last N 32
        maps = self.head(features)
        size = image if self.twice else image[..., ::2, ::2]
        return crop_heads({"mask": maps[:, :1], "depth": metres(maps[:, 1:])}, size)


class SmpUnet(nn.Module):
    """What a library gives in one line, to compare with: both pictures stacked as one of six channels."""

    def __init__(self, encoder: str = "resnet18", widths: tuple[int, ...] = (256, 128, 64, 32, 16)) -> None:
        super().__init__()
        from segmentation_models_pytorch import Unet  # here, because it takes seconds to import

        unet = Unet(encoder, encoder_weights=None, decoder_channels=widths, in_channels=6, classes=2)
        self.encoder, self.decoder, self.head = unet.encoder, unet.decoder, unet.segmentation_head

    def forward(self, background: Tensor, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres}, N 1 H W, of pictures N 3 H W, uint8 0..255 or float 0..1."""
        both = torch.cat(pair(background, image, 32), 1)  # N 6 H W
        maps = self.head(self.decoder(self.encoder(both)))  # N 2 H W
        return crop_heads({"mask": maps[:, :1], "depth": metres(maps[:, 1:])}, image)
