"""Networks: `forward(background, image, camera=None)` gives a dict of heads; normalisation inside; `build(NAME)`.

`camera`: N 2 H W, as `Camera.maps`, zeros where it is unknown; a network that makes use of it has `reads_camera`.
"""

from functools import partial

from torch import nn

from .blocks import normalise
from .boxnet import BoxNet
from .count import cost, count_parameters, heads, network_stages
from .depthnet import DepthNet, SmallDepthNet
from .masknet import MaskNet
from .percamera import PerCameraNet
from .roomnet import RoomNet
from .seeds import DSResNet, MaskNetC, SharedUnet, SmpUnet, TinyPerCameraNet, TwoEncoders

NETWORKS = {
    "masknet": MaskNet,
    "depthnet": DepthNet,
    "small_depthnet": SmallDepthNet,
    "roomnet": RoomNet,
    "percamera": PerCameraNet,
    "boxnet": BoxNet,
    "smp_unet": SmpUnet,
    "smp_mobilenet": partial(SmpUnet, "mobilenet_v2", (128, 64, 32, 16, 16)),
    "masknet_c": MaskNetC,
    "dsresnet": DSResNet,
    "shared_unet": SharedUnet,
    "shared_unet_16": partial(SharedUnet, width=16),
    "tiny_percamera": TinyPerCameraNet,
    "two_encoders": TwoEncoders,
    "two_encoders_grey": partial(TwoEncoders, grey=True),
}


def build(name: str) -> nn.Module:
    """A fresh network by its name, with random weights."""
    if name not in NETWORKS:
        raise ValueError(f"There is no network called {name!r}. Known networks: {', '.join(sorted(NETWORKS))}.")
    return NETWORKS[name]()
