"""How much memory a training takes, measured in a process of its own: `python -m helpers.memory NETWORK`."""

import os
import subprocess
import sys
from pathlib import Path

from .base import ROOT


def training_mb(name: str, batch: int = 16, size: int = 96) -> float:
    """MB that three steps of training add to a process that has only imported torch; NaN on Windows."""
    if os.name == "nt":  # it has no getrusage
        return float("nan")
    command = [sys.executable, "-m", "helpers.memory", name, str(batch), str(size)]
    quiet = {**os.environ, "TQDM_DISABLE": "1"}
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise ChildProcessError(f"The process that trains {name} to measure its memory stopped: {said[-1]}")
    return float(done.stdout)


def three_steps(name: str, batch: int, size: int) -> None:
    """Trains on noise; prints by how many MB the process has grown at its largest."""
    import torch

    from . import learn, models

    torch.set_num_threads(1)
    shape = (batch, 3, size, size)
    pictures = {name: torch.randint(0, 256, shape, dtype=torch.uint8) for name in ("background", "image")}
    maps = {name: torch.rand(batch, 1, size, size) for name in ("mask", "depth", "depth_valid")}
    before = peak()
    network = models.build(name)
    heads = {"mask": {"bce": 1}, "depth": {"l1": 1}}
    loss = learn.Criterion({head: terms for head, terms in heads.items() if head in models.heads(network)})
    learn.fit(network, [pictures | maps] * 3, loss)
    print(peak() - before)


def peak() -> float:
    """The most memory that this process has had so far, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux, where getrusage would begin with what the parent process had
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS counts bytes


if __name__ == "__main__":
    three_steps(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
