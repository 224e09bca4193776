"""How long each network takes for one pair of pictures, measured now, and what the race of `study race` found."""

import os
from statistics import median
from time import perf_counter

import torch

from . import models
from .study import TABLES, read_table

RACERS = ("roomnet", "masknet", "depthnet", "smp_unet")
THREADS = min(2, os.cpu_count() or 1)
SIZE, ROUNDS, BLOCK, WARM = 96, 6, 16, 6  # of a block's pairs, the first WARM only bring a network into the cache


@torch.inference_mode()
def latencies(names=RACERS, size: int = SIZE, rounds: int = ROUNDS) -> dict[str, float]:
    """Milliseconds per pair of pictures of each network, batch 1: the median over rounds in which they take turns.

    Each has one thread or two, whichever is quicker for it: two have to wait for each other after every small step.
    A neighbour who takes the processor for a while slows all of them, so their ratios hold.
    """
    networks = {name: models.build(name).eval().to(memory_format=torch.channels_last) for name in names}
    pair = torch.randint(0, 256, (2, 1, 3, size, size), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    before, threads = torch.get_num_threads(), range(1, THREADS + 1)
    taken = {(name, count): [] for name in names for count in threads}
    try:
        for _ in range(rounds):
            for (name, count), times in taken.items():
                torch.set_num_threads(count)
                times += [timed(networks[name], pair) for _ in range(BLOCK)][WARM:]
    finally:
        torch.set_num_threads(before)
    return {name: min(median(taken[name, count]) for count in threads) for name in names}


def timed(network: torch.nn.Module, pair: torch.Tensor) -> float:
    """Milliseconds for one pair."""
    start = perf_counter()
    network(*pair)
    return 1000 * (perf_counter() - start)


def learn() -> dict:
    """The race's medians over its seeds, and today's latencies, each beside that of smp's U-Net; prints a table."""
    found, now = {}, latencies()
    path = TABLES / "race.csv"
    rows = read_table(path) if path.is_file() else []
    columns = ("mask_iou", "depth_rmse_m", "abs_rel", "pictures_per_second")
    for name in RACERS:
        own = [row for row in rows if row["network"] == name]
        raced = {column: _median([row[column] for row in own]) for column in columns}
        share = now[name] / now["smp_unet"]
        found[name] = raced | {"seeds": len(own), "latency_ms": now[name], "latency_vs_smp_unet": share}
    print(f"Five minutes of training on the same pictures, medians; latency now, on up to {THREADS} threads:")
    print(
        f"{'':12}" + "".join(f"{title:>14}" for title in ("mask IoU", "depth RMSE", "pictures/s", "ms", "of smp_unet"))
    )
    for name, row in found.items():
        keys = ("mask_iou", "depth_rmse_m", "pictures_per_second", "latency_ms", "latency_vs_smp_unet")
        print(f"{name:12}" + "".join(f"{'-' if row[key] is None else f'{row[key]:.3f}':>14}" for key in keys))
    return {"size": SIZE, "batch": 1, "threads": THREADS, "networks": found}


def _median(values: list) -> float | None:
    """The median of those that are numbers; None where there is none: a mask network has no depth."""
    numbers = [value for value in values if isinstance(value, int | float)]
    return median(numbers) if numbers else None
