"""The library's U-Net: segmentation_models_pytorch with a ResNet-18 encoder, six channels in, two maps out."""

import torch
from torch import Tensor, nn

from .blocks import crop_heads, metres, pair


class SmpUnet(nn.Module):
    """What a library gives in one line, to compare with: both pictures stacked as one of six channels."""

    def __init__(self) -> None:
        super().__init__()
        from segmentation_models_pytorch import Unet  # here, because it takes seconds to import

        unet = Unet("resnet18", encoder_weights=None, in_channels=6, classes=2)
        self.encoder, self.decoder, self.head = unet.encoder, unet.decoder, unet.segmentation_head

    def forward(self, background: Tensor, image: Tensor) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres}, N 1 H W, of pictures N 3 H W, uint8 0..255 or float 0..1."""
        both = torch.cat(pair(background, image, 32), 1)  # N 6 H W
        maps = self.head(self.decoder(self.encoder(both)))  # N 2 H W
        return crop_heads({"mask": maps[:, :1], "depth": metres(maps[:, 1:])}, image)
