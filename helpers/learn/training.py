"""Training in three short functions: `train_part` changes weights, `evaluate` scores them, `fit` does both."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from sys import stdout

import torch
from accelerate.utils import broadcast_object_list
from torch import Tensor, nn
from torch.optim import Optimizer
from tqdm import tqdm

from .device import Batch, autocast, device_of, machine, to_device
from .metrics import Scores
from .resume import Keeper, badness
from .run import Row, Run, begin

Loss = Callable[[dict[str, Tensor], Batch], Tensor]


@dataclass(frozen=True)
class Settings:
    """How a network is trained, but for its batches and its loss."""

    epochs: int = 1  # passes over the loader
    lr: float = 3e-3  # the peak of the schedule; unused where `optimizer` is one of torch's, which has its own
    optimizer: str | Optimizer = "adamw"  # a name of learn.OPTIMIZERS, or one of torch's
    schedule: str | Callable = "one cycle"  # a name of learn.SCHEDULES, or (optimizer, steps) -> torch's scheduler
    ema: float | None = None  # decay of the moving average of the weights, such as 0.999; the average is what is left
    seconds: float | None = None  # of wall time: ends the training early
    reports: int | None = None  # rows of the history; one per epoch where None
    valid: Iterable[Batch] | None = None  # pictures that are scored at each report
    folder: str | Path | None = None  # keeps log.jsonl, best and last, and goes on from last
    card: dict | None = None  # what the checkpoints say besides
    live: Callable[[list[Row]], None] | None = None  # called with the history at each report


def train_part(run: Run, batches: Iterable[Batch], loss: Loss, keeper: Keeper, bar: tqdm) -> None:
    """One step for each of these batches; ends early where the seconds are up."""
    train_mode(run.network)
    device, progress = run.here.device, run.progress
    for batch in batches:
        # 1. The batch goes where the network is; each group of weights gets the learning rate of this moment.
        batch = to_device(batch, device)
        run.schedule.before(progress.share())
        # 2. Forward, in bfloat16 where the processor is quick at it; the loss is float32.
        with autocast(device):
            outputs = run.network(batch["background"], batch["image"])
        value = loss({name: head.float() for name, head in outputs.items()}, batch)
        progress.add(value.item(), len(batch["image"]), run.rate())  # a plain number: no graph is kept alive
        # 3. Backward, and one step downhill.
        run.optimizer.zero_grad()
        value.backward()
        run.optimizer.step()
        # 4. Whatever goes along with the steps: schedule, averaged weights, progress, now and then a save.
        run.stepped()
        keeper.step()
        bar.set_postfix_str(f"loss {progress.mean():.3f}", refresh=False)
        bar.update()
        if progress.share() >= 1:
            break


def train_mode(model: nn.Module) -> nn.Module:
    """The same model in train mode, but for frozen parts: their batch norms keep their statistics, dropout rests."""
    model.train()
    for part in model.modules():
        weights = list(part.parameters())
        if weights and not any(weight.requires_grad for weight in weights):
            part.eval()
    return model


@torch.no_grad()
def evaluate(model: nn.Module, loader: Iterable[Batch], threshold: float = 0.5) -> dict[str, float]:
    """Scores of every head the model has over all batches; baselines are scored by the same lines."""
    model.eval()
    device, scores = device_of(model), Scores(threshold)
    for batch in loader:
        batch = to_device(batch, device)
        with autocast(device):
            outputs = model(batch["background"], batch["image"])
        scores.update(outputs, batch)
    return scores.result()


def fit(model: nn.Module, loader: Iterable[Batch], loss: Loss, settings: Settings = Settings()) -> list[Row]:
    """History: one row per report of step, epoch, loss, and scores on the validation pictures.

    With a `folder` (`log.jsonl`, `best`, `last`), the same call after any stop goes on from the last save, at most a
    minute or a report old, to the very weights of a run without a stop: to the bit on a processor, but not with draws
    inside a loader's workers, nor schedules that follow `seconds`, nor a graphics card that is not told to repeat.
    """
    # 1. The network moves to the device; channels last is the order that convolutions read fastest.
    here, how = machine(), settings
    model.to(here.device, memory_format=torch.channels_last)
    run = begin(model, loader, how.epochs, how.lr, how.seconds, how.optimizer, how.schedule, how.ema, here)
    # 2. Where the folder holds a part of this training already, it goes on from there.
    keeper = Keeper(how.folder, run, how.card, loss, how.epochs)
    keeper.resume()
    # 3. All epochs are one stream of batches, cut into as many parts as there are reports.
    batches = iter(run.stream)
    with progress_bar(run) as bar:
        for end in run.ends(how.reports or how.epochs):
            if run.over():
                break
            train_part(run, islice(batches, end - run.progress.step), loss, keeper, bar)
            # 4. After each part, scores on pictures that training never sees; they decide which network is the best.
            report(run, how.valid)
            keeper.report()
            if how.live and here.is_main_process:
                how.live(run.history())
    run.finish()
    return run.history()


def progress_bar(run: Run) -> tqdm:
    """A bar over all steps, in one process alone, and not where all is done already."""
    progress, quiet = run.progress, not run.here.is_main_process or run.over()
    total = {"total": progress.steps, "initial": progress.step, "unit": "batch"}
    silent = {"disable": True} if quiet else {}  # else the environment decides: TQDM_DISABLE=1
    return tqdm(**total, file=stdout, mininterval=0.5, **silent)


def report(run: Run, valid: Iterable[Batch] | None) -> None:
    """Adds a row to the run's log, the same in every process; the random numbers of the training stay untouched."""
    row = {"step": run.progress.step, "epoch": run.progress.step / run.stream.length, "loss": run.progress.mean()}
    with torch.random.fork_rng(devices=[]):
        if valid is not None and run.here.is_main_process:
            row |= evaluate(run.judged, valid)
    row |= {"lr": run.rate(), "seconds": round(run.progress.elapsed, 1)}
    run.log += broadcast_object_list([row])
    run.schedule.reported(badness(row))
    run.progress.reported()
