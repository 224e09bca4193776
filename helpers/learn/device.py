"""Where the numbers live: processor or graphics card, one process or several, and which precision pays there."""

from itertools import chain

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs
from torch import Tensor, nn

Batch = dict[str, Tensor]


def machine() -> Accelerator:
    """This process's device and its fellow processes; several only under `torchrun` or `accelerate launch`.

    It keeps float32: `autocast` chooses the precision, so a training leaves nothing behind for the next one.
    """
    idle = DistributedDataParallelKwargs(find_unused_parameters=True)  # a loss of the mask leaves depth's weights idle
    return Accelerator(cpu=not torch.cuda.is_available(), kwargs_handlers=[idle])


def default_device() -> torch.device:
    """The graphics card if there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def device_of(model: nn.Module) -> torch.device:
    """Where the model's numbers are; the processor for a model without any."""
    return next(chain(model.parameters(), model.buffers()), torch.empty(0)).device


def autocast(device: torch.device) -> torch.autocast:
    """Bfloat16 inside a `with` where the hardware is quick at it, float32 elsewhere."""
    return torch.autocast(device.type, torch.bfloat16, enabled=bf16_pays(device))


def bf16_pays(device: torch.device) -> bool:
    """True where bfloat16 is computed by the hardware; elsewhere it would be slower than float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    known = getattr(torch.cpu, "_is_avx512_bf16_supported", bool)  # `bool()` is False: an older torch does not say
    return device.type == "cpu" and known()


def to_device(batch: Batch, device: torch.device) -> Batch:
    """The batch on the device, pictures in channels-last order; what is no tensor stays as it is."""
    return {name: _move(value, device) for name, value in batch.items()}


def _move(value, device: torch.device):
    if not isinstance(value, Tensor):
        return value
    layout = torch.channels_last if value.ndim == 4 else torch.preserve_format
    return value.to(device, non_blocking=True, memory_format=layout)


def summed(here: Accelerator, *numbers: float) -> list[float]:
    """Each number, added up over all processes."""
    if here.num_processes == 1:
        return list(numbers)
    return here.reduce(torch.tensor(numbers, device=here.device, dtype=torch.float64), "sum").tolist()
