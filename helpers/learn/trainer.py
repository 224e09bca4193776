"""Training, to be read from top to bottom: settings, `fit`, its loop, a report, and what is checked at the door."""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from math import inf, isfinite
from pathlib import Path
from sys import stdout
from time import perf_counter

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from accelerate.utils import broadcast, broadcast_object_list, send_to_device, synchronize_rng_states
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from .device import Batch, autocast, forward
from .metrics import evaluate
from .optimizers import build_optimizer, build_schedule
from .resume import badness, claimed, keep, random_states, rest_of_epoch, set_random

Loss = Callable[[dict[str, Tensor], Batch], Tensor]
Row = dict[str, float]
ADVICE = "Try a learning rate ten times smaller; at step 0, look for NaN in the data or in the loaded weights."


@dataclass(frozen=True)
class Settings:
    """How a network is trained, but for its batches and its loss."""

    epochs: int = 1  # passes over the loader
    lr: float = 3e-3  # the peak of the schedule; unused where `optimizer` is one of torch's, which has its own
    optimizer: str | Optimizer = "adamw"  # a name of learn.OPTIMIZERS, or one of torch's
    schedule: str | Callable[[Optimizer, int], LRScheduler] = "one cycle"  # of learn.SCHEDULES, or (optimizer, steps) →
    ema: float | None = None  # decay of the moving average of the weights, such as 0.999; the average is what is left
    seconds: float | None = None  # of wall time: ends the training early
    norms: float = 1.0  # share of the training after which batch norms keep their statistics, as when they are asked
    reports: int | None = None  # rows of the history; one per epoch where None
    valid: Iterable[Batch] | None = None  # pictures that are scored at each report
    folder: str | Path | None = None  # keeps log.jsonl, best and last, and is gone on from
    card: dict | None = None  # what the checkpoints say besides

    def __post_init__(self) -> None:
        for name in ("epochs", "reports"):
            value = getattr(self, name)
            if not (isinstance(value, int) and value > 0 or name == "reports" and value is None):
                raise ValueError(f"The setting {name} must be a whole number above 0, but it is {value!r}.")
        if not 0 <= self.norms <= 1:
            raise ValueError(f"The setting norms must lie between 0 and 1, but it is {self.norms!r}.")
        for name, top in {"lr": inf, "seconds": inf, "ema": 1}.items():
            value = getattr(self, name)
            if value is not None and not 0 < value < top:
                raise ValueError(f"The setting {name} must lie between 0 and {top}, but it is {value!r}.")


def fit(model: nn.Module, loader: Iterable[Batch], loss: Loss, settings: Settings = Settings()) -> list[Row]:
    """History: one row per report of step, epoch, mean loss since the last report, and scores on `settings.valid`.

    A network whose forward has an argument `camera` is also given `batch["camera"]`, where there is one.
    In one process and in float32 it leaves the weights of this loop, to the bit:

        model.to(memory_format=torch.channels_last).train()
        optimizer = torch.optim.AdamW(model.parameters(), settings.lr)
        steps = settings.epochs * len(loader)
        schedule = LambdaLR(optimizer, lambda step: one_cycle(step / steps))
        for epoch in range(settings.epochs):
            for batch in loader:
                value = loss(model(batch["background"], batch["image"]), batch)
                optimizer.zero_grad()
                value.backward()
                optimizer.step()
                schedule.step()

    With a `folder`, the same call after any stop goes on from the last report, and ends with the weights of a run
    without a stop: on a processor to the bit, but not with `seconds`, persistent workers, or draws inside workers.
    """
    trainer = Trainer(model, loader, loss, settings)
    trainer.train()
    return trainer.history()


class Trainer:
    """One training: all that changes with its steps, so that a report can keep it and a second call go on from it."""

    def __init__(self, model: nn.Module, loader: Iterable[Batch], loss: Loss, settings: Settings) -> None:
        idle = DistributedDataParallelKwargs(find_unused_parameters=True)  # a loss of the mask leaves depth's idle
        self.here = Accelerator(cpu=not torch.cuda.is_available(), kwargs_handlers=[idle])
        self.main, self.loader, self.loss, self.settings = self.here.is_main_process, loader, loss, settings
        self.per_epoch = count_batches(loader, self.here.num_processes)  # steps: processes share the batches out
        self.steps = settings.epochs * self.per_epoch
        if not any(weight.requires_grad for weight in model.parameters()):
            raise ValueError("Nothing to train: every weight is frozen, or there is none.")
        self.model = model.to(self.here.device, memory_format=torch.channels_last)  # what convolutions read fastest
        self.network = self.here.prepare_model(model) if self.here.num_processes > 1 else model
        self.optimizer = settings.optimizer
        if isinstance(settings.optimizer, str):
            self.optimizer = build_optimizer(settings.optimizer, model, settings.lr)
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.ema = AveragedModel(model, avg_fn=moving_average(settings.ema), use_buffers=True) if settings.ema else None
        self.judged = self.ema.module if self.ema else model  # the network that is scored and kept
        self.step, self.elapsed, self.start, self.total, self.samples = 0, 0.0, perf_counter(), 0.0, 0
        self.log, self.random, self.seen = [], {}, 0  # `seen`: batches of this epoch before a stop
        self.schedule = build_schedule(settings.schedule, self.optimizer, self.steps, self.progress)

    def train(self) -> None:
        """All epochs, or those that are left; afterwards the model holds the weights that were judged."""
        with claimed(self) if self.settings.folder is not None else nullcontext():
            quiet = {} if self.main and not self.over() else {"disable": True}  # else TQDM_DISABLE=1 decides
            with tqdm(total=self.steps, initial=self.step, unit="batch", file=stdout, mininterval=0.5, **quiet) as bar:
                for _ in range(max(0, self.step - 1) // self.per_epoch, self.settings.epochs):
                    if not self.over():
                        self.train_epoch(bar)
        if not self.over():
            raise ValueError(f"The loader has fewer batches than its length says: {self.step} of {self.steps}.")
        self.model.load_state_dict(self.judged.state_dict())
        broadcast(self.model.state_dict())  # the statistics of batch norm differ between processes
        for group, rate in zip(self.optimizer.param_groups, self.rates):
            group["lr"] = rate  # as it came, for whatever it is used for next

    def train_epoch(self, bar: tqdm) -> None:
        """One step for each batch that is left of this epoch, and the reports that fall into it."""
        parts = self.settings.reports or self.settings.epochs
        ends = {self.steps * part // parts for part in range(1, parts + 1)}
        self.wake()
        for batch in self.batches():
            self.train_step(send_to_device(batch, self.here.device))
            bar.set_postfix_str(f"loss {self.total / self.samples:.3f}", refresh=False)
            bar.update()
            if self.step in ends or self.progress(self.step) >= 1:
                self.report()
                self.wake()
            if self.over():
                break

    def wake(self) -> None:
        """Train mode, but late in the training batch norms normalise as they will when the network is asked."""
        train_mode(self.network)
        if self.progress(self.step) >= self.settings.norms:
            for part in self.network.modules():
                if isinstance(part, nn.BatchNorm2d):
                    part.eval()

    def batches(self) -> Iterable[Batch]:
        """The loader, or what is left of it after a stop; several processes share the batches out."""
        seen, self.seen = self.seen, 0
        if seen:
            set_random(self.random["begun"], self.loader)  # so that it shuffles as it did
        else:
            synchronize_rng_states(["torch"])  # several processes shuffle alike
            self.random["begun"] = random_states(self.loader)
        if not seen and self.here.num_processes == 1:
            return self.loader
        return rest_of_epoch(self.loader, self.per_epoch, seen, self.random.get("now"), self.here)

    def train_step(self, batch: Batch) -> None:
        """Forward, backward, and one step downhill."""
        if not self.samples:  # the first one since a report
            check_batch(batch)
        value = batch_loss(self.network, batch, self.loss)
        self.count(value.item(), len(batch["image"]))
        self.optimizer.zero_grad()
        value.backward()
        self.optimizer.step()
        self.step += 1
        if not isinstance(self.schedule, ReduceLROnPlateau):
            self.schedule.step()
        if self.ema:
            self.ema.update_parameters(self.model)

    def count(self, loss: float, samples: int) -> None:
        """Adds up the losses of all processes, and takes the time of the first one."""
        spent = perf_counter() - self.start if self.main else 0.0
        sums = torch.tensor([loss * samples, samples, spent], dtype=torch.float64, device=self.here.device)
        total, samples, self.elapsed = self.here.reduce(sums, "sum").tolist()
        if not isfinite(total):
            raise ValueError(f"The loss became {loss} at step {self.step}. {ADVICE}")
        self.total, self.samples = self.total + total, self.samples + samples

    def progress(self, step: int) -> float:
        """0 at the start, 1 when the training is over: by steps, or by seconds where that budget runs out first."""
        return min(1.0, max(step / self.steps, self.elapsed / (self.settings.seconds or inf)))

    def over(self) -> bool:
        """Whether all is trained and reported."""
        return self.progress(self.step) >= 1 and bool(self.log) and self.log[-1]["step"] == self.step

    def report(self) -> None:
        """One more row of the log, in every process; random numbers go on as if nothing had been scored."""
        row = {"step": self.step, "epoch": self.step / self.per_epoch, "loss": self.total / self.samples}
        now = random_states(self.loader)
        if self.settings.valid is not None and self.main:
            row |= evaluate(self.judged, self.settings.valid)
        set_random(now)
        row |= {"lr": float(self.optimizer.param_groups[0]["lr"]), "seconds": round(self.elapsed, 1)}
        self.log += broadcast_object_list([row])
        self.total, self.samples = 0.0, 0
        if isinstance(self.schedule, ReduceLROnPlateau):
            self.schedule.step(badness(self.log[-1]))
        self.random["now"] = now
        if self.settings.folder is not None:
            keep(self)

    def history(self) -> list[Row]:
        """The log without what differs from run to run."""
        return [{name: value for name, value in row.items() if name not in ("lr", "seconds")} for row in self.log]


def batch_loss(network: nn.Module, batch: Batch, loss: Loss) -> Tensor:
    """What the loss says to the network's answers; one number with a gradient."""
    with autocast(batch["image"].device):
        outputs = forward(network, batch)
    value = loss({name: head.float() for name, head in outputs.items()}, batch)
    if not isinstance(value, Tensor) or value.numel() != 1 or not value.requires_grad:
        raise ValueError(f"A loss must give one number with a gradient, as a tensor, but this one gave {value!r}.")
    return value


def train_mode(model: nn.Module) -> nn.Module:
    """The same model in train mode, but for frozen parts: their batch norms keep their statistics, dropout rests."""
    model.train()
    for part in model.modules():
        weights = list(part.parameters())
        if weights and not any(weight.requires_grad for weight in weights):
            part.eval()
    return model


def moving_average(decay: float) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """How AveragedModel averages; at first more quickly, so that the random beginning is soon forgotten."""

    def average(mean: Tensor, new: Tensor, updates: Tensor) -> Tensor:
        stays = min(decay, (1 + int(updates)) / (10 + int(updates)))
        return mean.lerp(new, 1 - stays) if mean.is_floating_point() else new

    return average


def count_batches(loader: Iterable[Batch], processes: int = 1) -> int:
    """How many batches a pass over the loader has for each process; raises where there are none, or nobody knows."""
    try:
        count = len(loader) // processes
    except TypeError as error:
        kind = f"a {type(loader).__name__} has no length"
        raise ValueError(f"Training needs batches, as often as asked: a DataLoader or a list, but {kind}.") from error
    if count < 1:
        raise ValueError("Nothing to train on: the loader has no batch, or fewer than there are processes.")
    return count


def check_batch(batch: Batch) -> None:
    """Raises where a batch is not what networks and losses read: finite numbers, and a mask in 0..1."""
    for name in ("background", "image"):
        if not isinstance(batch, dict) or not isinstance(batch.get(name), Tensor) or not len(batch[name]):
            raise ValueError(f"A batch is a dict of tensors, one sample or more, but this one has no {name!r}.")
    for name in ("background", "image", "mask", "depth", "depth_valid", "camera"):
        value = batch.get(name, torch.zeros(1))
        if name in ("mask", "depth") and not (isinstance(value, Tensor) and value.is_floating_point()):
            kind = getattr(value, "dtype", type(value).__name__)
            raise ValueError(f"Losses read {name!r} as float32, but in this batch it is {kind}: use .float().")
        if not value.isfinite().all():
            raise ValueError(f"{name!r} of this batch holds NaN or infinity. Look for them where it is loaded.")
        if name not in ("depth", "camera") and value.is_floating_point() and not 0 <= value.min() <= value.max() <= 1:
            span = f"{value.min():g} to {value.max():g}"
            raise ValueError(f"{name!r} of this batch must be numbers in 0..1, but they are {span}: divide by 255?")
