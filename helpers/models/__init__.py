"""Networks: one per file, `forward(background, image)` gives a dict of heads, normalisation lives inside."""

from functools import partial

from torch import nn

from .blocks import normalise
from .count import cost, count_parameters, heads, stages
from .depthnet import DepthNet
from .initialise import initialise, spreads
from .masknet import MaskNet
from .masknet_c import MaskNetC
from .roomnet import RoomNet
from .smp_unet import SmpUnet

NETWORKS = {"masknet": MaskNet, "masknet_c": MaskNetC, "depthnet": DepthNet, "smp_unet": SmpUnet, "roomnet": RoomNet}
NETWORKS["roomnet_first"] = partial(RoomNet, align=False, detail=0)  # as it was when `study losses` ran


def build(name: str) -> nn.Module:
    """A fresh network by its name, with random weights."""
    if name not in NETWORKS:
        raise ValueError(f"There is no network called {name!r}. Known networks: {', '.join(sorted(NETWORKS))}.")
    return NETWORKS[name]()


__all__ = ["NETWORKS", "DepthNet", "MaskNet", "MaskNetC", "RoomNet", "SmpUnet", "build", "cost", "count_parameters"]
__all__ += ["heads", "initialise", "normalise", "spreads", "stages"]
