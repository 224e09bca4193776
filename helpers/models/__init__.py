"""Networks: one per file, `forward(background, image)` gives a dict of heads, normalisation lives inside."""

from functools import partial

from torch import nn

from .blocks import normalise
from .count import cost, count_parameters, heads, stages
from .depthnet import DepthNet
from .dsresnet import DSResNet
from .initialise import initialise, spreads
from .masknet import MaskNet
from .masknet_c import MaskNetC
from .percamera import PerCameraNet
from .roomnet import RoomNet
from .shared_unet import SharedUnet
from .smp_unet import SmpUnet
from .tiny_percamera import TinyPerCameraNet
from .two_encoders import TwoEncoders

NETWORKS = {"masknet": MaskNet, "masknet_c": MaskNetC, "depthnet": DepthNet, "smp_unet": SmpUnet, "roomnet": RoomNet}
NETWORKS["roomnet_first"] = partial(RoomNet, align=False, detail=0)  # as it was when `study losses` ran
NETWORKS |= {"dsresnet": DSResNet, "shared_unet": SharedUnet, "shared_unet_16": partial(SharedUnet, width=16)}
NETWORKS |= {"two_encoders": TwoEncoders, "two_encoders_grey": partial(TwoEncoders, grey=True)}
NETWORKS |= {"tiny_percamera": TinyPerCameraNet, "percamera": PerCameraNet}


def build(name: str) -> nn.Module:
    """A fresh network by its name, with random weights."""
    if name not in NETWORKS:
        raise ValueError(f"There is no network called {name!r}. Known networks: {', '.join(sorted(NETWORKS))}.")
    return NETWORKS[name]()


__all__ = [
    "NETWORKS",
    "DSResNet",
    "DepthNet",
    "MaskNet",
    "MaskNetC",
    "PerCameraNet",
    "RoomNet",
    "SharedUnet",
    "SmpUnet",
]
__all__ += ["TinyPerCameraNet", "TwoEncoders", "build", "cost", "count_parameters", "heads", "initialise", "normalise"]
__all__ += ["spreads", "stages"]
