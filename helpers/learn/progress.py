"""How far a training is, how well it goes, and when to stop it."""

from collections import deque
from math import isfinite
from statistics import median
from time import perf_counter

from accelerate import Accelerator

from .device import summed

RECENT = 21  # batches: an explosion is judged on the middle one of so many, which no single hard batch can move
EXPLODED = 20  # times the best: far beyond what noise or a rising learning rate do
ADVICE = (
    "Try a learning rate ten times smaller than {:.2g}; "
    "if it happens at step 0, look for NaN in the data or in the loaded weights."
)


class Progress:
    """Counts steps, seconds and losses; all of it can be saved, so that a resumed run counts on."""

    def __init__(self, steps: int, seconds: float | None, here: Accelerator) -> None:
        self.steps, self.seconds, self.here, self.start = steps, seconds, here, perf_counter()
        self.step, self.elapsed, self.total, self.samples = 0, 0.0, 0.0, 0.0
        self.recent, self.first, self.best = deque(maxlen=RECENT), None, None

    def share(self) -> float:
        """0 at the start, 1 when the training is over: by steps, or by seconds where that budget runs out first."""
        return min(1.0, max(self.step / self.steps, self.elapsed / self.seconds if self.seconds else 0.0))

    def add(self, loss: float, samples: int, lr: float) -> None:
        """Counts in the loss of a batch before its step, over all processes; raises where it is past saving."""
        spent = perf_counter() - self.start if self.here.is_main_process else 0.0  # one clock for all
        total, samples, self.elapsed = summed(self.here, loss * samples, samples, spent)
        if not isfinite(total):
            raise ValueError(f"The loss became {total / samples} at step {self.step}. {ADVICE.format(lr)}")
        self.recent.append(total / samples)
        self.total, self.samples = self.total + total, self.samples + samples
        self._watch(lr)

    def mean(self) -> float:
        """Loss per sample since the last report."""
        return self.total / self.samples

    def reported(self) -> None:
        """The next report counts from here."""
        self.total, self.samples = 0.0, 0.0

    def _watch(self, lr: float) -> None:
        """Raises where the loss has left its best for good and is worse than it was at first."""
        if len(self.recent) < RECENT:
            return
        middle = median(self.recent)
        self.first = middle if self.first is None else self.first
        self.best = middle if self.best is None else min(self.best, middle)
        if 0 < self.best * EXPLODED < middle > self.first:
            grown = f"from {self.best:.3g} to {middle:.3g}"
            raise ValueError(f"The loss exploded {grown} by step {self.step}. {ADVICE.format(lr)}")

    def state(self) -> dict:
        """What a resumed run needs."""
        names = ("step", "elapsed", "total", "samples", "first", "best")
        return {name: getattr(self, name) for name in names} | {"recent": list(self.recent)}

    def load(self, state: dict) -> None:
        """Counts on from `state`."""
        for name, value in state.items():
            setattr(self, name, deque(value, RECENT) if name == "recent" else value)
        self.start = perf_counter() - self.elapsed
