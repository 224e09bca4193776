"""Where the numbers live, and which precision pays there. ROOMSIGHT_BF16=0 keeps float32 everywhere."""

import os
from inspect import signature
from itertools import chain

import torch
from accelerate.utils import extract_model_from_parallel
from torch import Tensor, nn

Batch = dict[str, Tensor]


def default_device() -> torch.device:
    """The graphics card if there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def device_of(model: nn.Module) -> torch.device:
    """Where the model's numbers are; the processor for a model without any."""
    return next(chain(model.parameters(), model.buffers()), torch.empty(0)).device


def forward(network: nn.Module, batch: Batch) -> dict[str, Tensor]:
    """The heads of a network for one batch; only a network with an argument `camera` is told the camera's maps."""
    pictures = batch["background"], batch["image"]
    takes = "camera" in batch and "camera" in signature(extract_model_from_parallel(network).forward).parameters
    return network(*pictures, camera=batch["camera"]) if takes else network(*pictures)


def autocast(device: torch.device) -> torch.autocast:
    """Bfloat16 inside a `with` where the hardware is quick at it, float32 elsewhere."""
    return torch.autocast(device.type, torch.bfloat16, enabled=bf16_pays(device))


def bf16_pays(device: torch.device) -> bool:
    """True where bfloat16 is computed by the hardware; elsewhere it would be slower than float32."""
    if os.environ.get("ROOMSIGHT_BF16") == "0":
        return False
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    known = getattr(torch.cpu, "_is_avx512_bf16_supported", bool)  # `bool()` is False: an older torch does not say
    return device.type == "cpu" and known()
