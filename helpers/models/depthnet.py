"""SmallDepthNet, a plain encoder and decoder, and DepthNet of the same blocks, with 7,083,874 parameters."""

import torch
from torch import Tensor, nn

from .blocks import Up, conv_bn, crop_heads, enlarge, metres, pair


class Down(nn.Module):
    """Half the height and width: two convolutions after a max-pool, added to a shortcut of stride 2."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.MaxPool2d(2), conv_bn(inputs, outputs), conv_bn(outputs, outputs))
        self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, 2, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, features: Tensor) -> Tensor:
        """N inputs H W → N outputs H/2 W/2."""
        return torch.relu(self.body(features) + self.shortcut(features))


class SmallDepthNet(nn.Module):
    """Depth in metres of both pictures together: down to 1/32 of the size, and with skips up to 1/2; then enlarged."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv_bn(6, 16, stride=2)
        self.down = nn.ModuleList([Down(16, 32), Down(32, 64), Down(64, 96), Down(96, 128)])
        self.up = nn.ModuleList([Up(128, 96), Up(96, 64), Up(64, 32), Up(32, 16)])
        self.head = nn.Conv2d(16, 1, 1)
        nn.init.constant_(self.head.bias, -1.1)  # begins near 5 m, where most depths lie

    def forward(self, background: Tensor, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """{"depth": metres}, N 1 H W, of pictures N 3 H W, uint8 0..255 or float 0..1."""
        skips = [self.stem(torch.cat(pair(background, image, 32), 1))]  # N 16 H/2 W/2
        for down in self.down:
            skips.append(down(skips[-1]))  # at last N 128 H/32 W/32
        features = skips.pop()
        for up in self.up:
            features = up(features, skips.pop())  # at last N 16 H/2 W/2
        return crop_heads({"depth": metres(enlarge(self.head(features)))}, image)


class DepthNet(nn.Module):
    """Mask and depth; the mask leaves at 1/16 of the size, depth goes down to 1/32 and takes the mask's features."""

    def __init__(self) -> None:
        super().__init__()
        self.background_stem = nn.Sequential(conv_bn(3, 16), conv_bn(16, 16))
        self.image_stem = nn.Sequential(conv_bn(3, 16), conv_bn(16, 16))
        self.background_down, self.image_down = Down(16, 16), Down(16, 16)
        self.shared = nn.ModuleList([Down(32, 64), Down(64, 128), Down(128, 256)])
        self.mask_up = nn.ModuleList([Up(256, 128), Up(128, 64), Up(64, 32), Up(32, 16)])
        self.deepest = Down(256, 512)
        self.depth_up = nn.ModuleList([Up(512, 256), Up(256, 128), Up(128, 64), Up(64, 32), Up(32, 16)])
        self.mask_head, self.depth_head = nn.Conv2d(16, 1, 1), nn.Conv2d(16, 1, 1)

    def forward(self, background: Tensor, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres}, N 1 H W, of pictures N 3 H W, uint8 0..255 or float 0..1."""
        left, right = pair(background, image, 32)
        left, right = self.background_stem(left), self.image_stem(right)  # N 16 H W
        skips = [right, torch.cat([self.background_down(left), self.image_down(right)], 1)]  # N 32 H/2 W/2
        for down in self.shared:
            skips.append(down(skips[-1]))  # at last N 256 H/16 W/16
        masks = [skips[4]]
        for up, skip in zip(self.mask_up, skips[3::-1]):
            masks.append(up(masks[-1], skip))  # at last N 16 H W
        # What the mask decoder knows is added on the way up, at 1/8, 1/4 and 1/2 of the size.
        guides = [skips[4], skips[3] + masks[1], skips[2] + masks[2], skips[1] + masks[3], skips[0]]
        depth = self.deepest(skips[4])  # N 512 H/32 W/32
        for up, guide in zip(self.depth_up, guides):
            depth = up(depth, guide)
        return crop_heads({"mask": self.mask_head(masks[-1]), "depth": metres(self.depth_head(depth))}, image)
