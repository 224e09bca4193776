"""Training in three short functions: `train_part` changes weights, `evaluate` scores them, `fit` does both."""

from collections.abc import Callable, Iterable
from itertools import chain, islice
from math import cos, pi
from sys import stdout
from time import perf_counter

import torch
from torch import Tensor, nn
from tqdm import tqdm

from .metrics import Scores

Batch = dict[str, Tensor]
Loss = Callable[[dict[str, Tensor], Batch], Tensor]


class Clock:
    """How far the training is, 0..1: by steps, or by seconds where that budget runs out first."""

    def __init__(self, steps: int, seconds: float | None = None) -> None:
        self.steps, self.seconds, self.step, self.start = steps, seconds, 0, perf_counter()

    def elapsed(self) -> float:
        """Seconds since the training began."""
        return perf_counter() - self.start

    def progress(self) -> float:
        """0 at the start, 1 when the training is over."""
        share = self.step / self.steps
        return min(1.0, max(share, self.elapsed() / self.seconds if self.seconds else 0.0))


def one_cycle(progress: float) -> float:
    """Share of the peak learning rate: up in the first fifth, then down along a cosine."""
    if progress < 0.2:
        return 0.1 + 0.9 * progress / 0.2
    return max(0.001, 0.5 + 0.5 * cos(pi * (progress - 0.2) / 0.8))


def train_part(
    model: nn.Module, batches: Iterable[Batch], loss: Loss, optimizer: torch.optim.Optimizer, clock: Clock, bar: tqdm
) -> float:
    """Mean loss per sample over these batches; ends early where the clock's seconds are up."""
    model.train()
    device, total, samples = device_of(model), 0.0, 0
    for batch in batches:
        # 1. The batch goes where the network is.
        batch = to_device(batch, device)
        # 2. Each group of weights gets the learning rate of this moment.
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * one_cycle(clock.progress())
        # 3. Forward, in bfloat16 where the processor is quick at it; the loss is float32.
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16_pays(device)):
            outputs = model(batch["background"], batch["image"])
        value = loss({name: head.float() for name, head in outputs.items()}, batch)
        stop_if_broken(value.item(), clock.step, optimizer)
        # 4. Backward, and one step downhill.
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        # 5. Book-keeping: plain numbers only, so that no graph is kept alive.
        clock.step += 1
        total, samples = total + value.item() * len(batch["image"]), samples + len(batch["image"])
        bar.set_postfix_str(f"loss {total / samples:.3f}", refresh=False)
        bar.update()
        if clock.progress() >= 1:
            break
    return total / samples


@torch.no_grad()
def evaluate(model: nn.Module, loader: Iterable[Batch], threshold: float = 0.5) -> dict[str, float]:
    """Scores of every head the model has over all batches; baselines are scored by the same lines."""
    model.eval()
    device, scores = device_of(model), Scores(threshold)
    for batch in loader:
        batch = to_device(batch, device)
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16_pays(device)):
            outputs = model(batch["background"], batch["image"])
        scores.update(outputs, batch)
    return scores.result()


def fit(
    model: nn.Module,
    loader: Iterable[Batch],
    loss: Loss,
    epochs: int = 1,
    lr: float = 3e-3,
    seconds: float | None = None,
    valid: Iterable[Batch] | None = None,
    reports: int | None = None,
    optimizer: torch.optim.Optimizer | None = None,
) -> list[dict[str, float]]:
    """History: `reports` rows (or one per epoch) of step, epoch, loss, scores on `valid`; `seconds` ends it early."""
    steps = epochs * len(loader)
    if steps < 1:
        raise ValueError(f"Nothing to train on: {epochs} epochs of {len(loader)} batches.")
    # 1. The network moves to the device; channels last is the order that convolutions read fastest.
    model.to(default_device(), memory_format=torch.channels_last)
    optimizer = optimizer or torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.01)
    for group in optimizer.param_groups:
        group["peak"] = group["lr"]
    # 2. All epochs are one stream of batches, cut into as many parts as there are reports.
    stream, clock, history = chain.from_iterable(loader for _ in range(epochs)), Clock(steps, seconds), []
    parts = min(reports or epochs, steps)
    with tqdm(total=steps, unit="batch", file=stdout, mininterval=0.5) as bar:
        for part in range(1, parts + 1):
            batches = islice(stream, steps * part // parts - clock.step)
            row = {"loss": train_part(model, batches, loss, optimizer, clock, bar)}
            # 3. After each part, scores on pictures that training never sees.
            row |= evaluate(model, valid) if valid is not None else {}
            history.append({"step": clock.step, "epoch": clock.step / len(loader)} | row)
            if clock.progress() >= 1:
                break
    return history


def stop_if_broken(value: float, step: int, optimizer: torch.optim.Optimizer) -> None:
    """Raises where the loss is no longer a number, and says what to try."""
    if value != value or value in (float("inf"), float("-inf")):
        rate = optimizer.param_groups[0]["lr"]
        raise ValueError(
            f"The loss became {value} at step {step}. Try a learning rate ten times smaller than {rate:.2g}; "
            "if it happens at step 0, look for NaN in the data or in the loaded weights."
        )


def default_device() -> torch.device:
    """The graphics card if there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def device_of(model: nn.Module) -> torch.device:
    """Where the model's numbers are; the processor for a model without any."""
    return next(chain(model.parameters(), model.buffers()), torch.empty(0)).device


def to_device(batch: Batch, device: torch.device) -> Batch:
    """The batch on the device, pictures in channels-last order; what is no tensor stays as it is."""
    return {name: _move(value, device) for name, value in batch.items()}


def _move(value, device: torch.device):
    if not isinstance(value, Tensor):
        return value
    layout = torch.channels_last if value.ndim == 4 else torch.preserve_format
    return value.to(device, non_blocking=True, memory_format=layout)


def bf16_pays(device: torch.device) -> bool:
    """True where bfloat16 is computed by the hardware; elsewhere it would be slower than float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    known = getattr(torch.cpu, "_is_avx512_bf16_supported", bool)  # `bool()` is False: an older torch does not say
    return device.type == "cpu" and known()
