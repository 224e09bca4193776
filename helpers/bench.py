"""How fast the parts are on this machine, now, and how much memory they take: read the ratios, not the figures."""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from math import ceil, sqrt
from pathlib import Path
from statistics import median

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset

BATCH, WORKERS = 64, 2  # of `bench data`
RACERS = ("roomnet", "masknet", "depthnet", "smp_unet")
THREADS = min(2, os.cpu_count() or 1)
ROUNDS, CALLS = 6, 10  # of `bench learn`
WATCHED, LENGTH = (640, 480), 100  # of `bench watch`: the size of a common camera, and so many frames
RACED = ("mask_iou", "depth_rmse_m", "abs_rel", "pictures_per_second")  # columns of the race
TITLES = {
    "mask_iou": "mask IoU", "depth_rmse_m": "depth RMSE", "pictures_per_second": "pictures/s", "latency_ms": "ms",
    "latency_vs_smp_unet": "of smp_unet",
}  # fmt: skip


class PictureFiles(Dataset):
    """An exported folder read with PIL, as everybody does it: the same four tensors per sample as `compose` gives."""

    def __init__(self, folder: Path) -> None:
        parts = {"bg": ".jpeg", "bg_fg": ".jpeg", "bg_fg_mask": ".png", "bg_fg_depth_map": ".png"}
        lines = (line.split("\t") for line in (folder / "file_map.txt").read_text().splitlines())
        self.files = [[folder / p / (stem + end) for stem, (p, end) in zip(line, parts.items())] for line in lines]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> dict:
        background, image, mask, depth = (np.asarray(Image.open(path)) for path in self.files[index])
        pictures = {"background": background.transpose(2, 0, 1).copy(), "image": image.transpose(2, 0, 1).copy()}
        maps = {"mask": np.float32(mask > 127)[None], "depth": np.float32(depth)[None] / 1000}
        return {name: torch.from_numpy(values) for name, values in (pictures | maps).items()}


def bench_data(rooms: int = 100, people: int = 100, size: int = 224, count: int = 3200, workers: int = WORKERS) -> dict:
    """Figures of drawing, the table, composing, reading and exporting; prints them as a table."""
    from .data import Bank, Scenes, export, grid
    from .world import mixtures

    bank, render = _timed(lambda: Bank.draw(rooms, people, size, cache=False))
    drawn, small = _timed(lambda: mixtures.draw_backdrops(2 * rooms, 96, seed=1))
    rows, table = _timed(lambda: grid(bank))
    figures = {"render_seconds": render, "rooms_per_second_96": len(drawn) / small, "table_rows": len(rows)}
    figures |= {"table_seconds": table, "table_bytes": rows.nbytes}
    with tempfile.TemporaryDirectory() as made:
        export(bank, Path(made, "first"), count=count // 8, progress=False)  # not counted: it warms the disk
        out, seconds = _timed(lambda: export(bank, Path(made, "out"), count=count, progress=False))
        figures |= _zip_speed(bank, Path(made), count) | {"disk_mb_per_second": _disk_speed(Path(made, "disk"))}
        chosen = rows[np.random.default_rng(0).permutation(len(rows))[:count]]
        sources = {"compose": Scenes(bank, chosen), "folder": PictureFiles(out)}
        figures |= _speeds(sources, 0) | {"export_per_second": count / seconds}
        if workers:  # where both also pay for the way of every tensor through shared memory
            figures |= {f"{name}_{workers}_workers": value for name, value in _speeds(sources, workers).items()}
        figures["peak_memory_mb"] = _in_fresh_process(_walk, bank.save(Path(made, "bank.npz")), 5 * count)
    figures |= {"batch": BATCH, "cores": os.cpu_count(), "size": size, "identities": rooms}
    for name, value in figures.items():
        print(f"{name:32}{value:>14,.2f}" if isinstance(value, float) else f"{name:32}{value!s:>14}")
    print(cost_table(figures))
    return figures


def _zip_speed(bank, made: Path, count: int) -> dict[str, float]:
    """Samples per second of one process into a zip file, the bytes of each, and the bank's bytes per room."""
    from .data import export

    out, seconds = _timed(lambda: export(bank, made / "zip", count=count, zips=count, progress=False))
    held = sum(values.nbytes for values in vars(bank).values() if isinstance(values, np.ndarray))
    held += sum(cutout.picture.nbytes for cutout in bank.cutouts)
    size = sum(path.stat().st_size for path in out.glob("*.zip"))
    return {"zip_per_second": count / seconds, "zip_bytes": size / count, "room_bytes": held / len(bank.pictures)}


def _disk_speed(path: Path, size: int = 2**28) -> float:
    """MB per second that reach the disk in one file."""
    from .base import write_whole

    return size / 1e6 / _timed(lambda: write_whole(path, os.urandom(2**20) * (size >> 20)))[1]


def cost_table(figures: dict, counts=(400_000, 40_000_000), crews=(2, 16, 128)) -> str:
    """What an export in zip files costs, by these rates: of one core, times the cores, until one disk is full.

    The bank is drawn once, on 8 cores at most, and sent to every worker; the table of rows is made by one core.
    """
    head = (
        f"| samples, {figures['size']} px | files | GB | cores | bank, h | table, h | pictures, h | hours | bound by |"
    )
    lines = [head, re.sub("[^|]+", " --- ", head)]
    most = figures["disk_mb_per_second"] * 1e6 / figures["zip_bytes"]  # samples per second
    for count in counts:
        identities = max(100, ceil(sqrt(count / 40)))
        alone = figures["render_seconds"] * min(8, figures["cores"]) * identities / figures["identities"]
        table = figures["table_seconds"] * count / figures["table_rows"]
        for crew in crews:
            speed = min(crew * figures["zip_per_second"], most)
            hours = [seconds / 3600 for seconds in (alone / min(8, crew), table, count / speed)]
            told = [f"{count:,}", f"{3 * count:,}", f"{count * figures['zip_bytes'] / 1e9:,.0f}", str(crew)]
            told += [f"{each:.2f}" for each in (*hours, sum(hours))] + ["the disk" if speed == most else "the cores"]
            lines.append(f"| {' | '.join(told)} |")
    held = f"The bank of 1,000 rooms and people has {figures['room_bytes'] / 1e6:,.2f} GB: each worker is sent it once."
    lines.append(f"One disk takes what {most / figures['zip_per_second']:.0f} cores make. {held}")
    return "\n".join(lines)


def _timed(work: Callable):
    """What `work` gives back, and the seconds it took."""
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def _speeds(sources: dict[str, Dataset], workers: int, rounds: int = 3) -> dict[str, float]:
    """Samples per second of both with the same workers and batch, in turns, the best round of each; and the ratio."""
    from .data import loader

    best = dict.fromkeys(sources, 0.0)
    for name, source in rounds * [*sources.items()]:
        walk = iter(loader(source, BATCH, workers=workers))
        next(walk)  # starting the workers is not counted
        samples, seconds = _timed(lambda: sum(len(batch["image"]) for batch in walk))  # noqa: B023
        best[name] = max(best[name], samples / seconds)
    figures = {f"{name}_per_second": value for name, value in best.items()}
    return figures | {"compose_vs_folder": best["compose"] / best["folder"]}


def _walk(path: Path, count: int) -> float:
    """The most MB that this process has had, after `count` shuffled samples of the bank at `path`."""
    from .data import Bank, Scenes, grid, loader

    bank = Bank.load(path)
    for seen, _ in enumerate(loader(Scenes(bank, grid(bank)), BATCH, shuffle=True)):
        if (seen + 1) * BATCH >= count:
            break
    return _peak_mb()


def training_memory_mb(name: str, batch: int = 16, size: int = 96) -> float:
    """MB that three steps of training add to a process that has only imported torch; NaN on Windows."""
    grown = _in_fresh_process(_train_three_steps, name, batch, size)
    return float("nan") if grown is None else grown


def _train_three_steps(name: str, batch: int, size: int) -> float:
    """By how many MB this process grows at its largest while a network trains on noise."""
    os.environ["TQDM_DISABLE"] = "1"  # read when tqdm is imported, which is now
    from . import learn, models

    torch.set_num_threads(1)
    shape = (batch, 3, size, size)
    pictures = {name: torch.randint(0, 256, shape, dtype=torch.uint8) for name in ("background", "image")}
    maps = {name: torch.rand(batch, 1, size, size) for name in ("mask", "depth", "depth_valid")}
    before = _peak_mb()
    network = models.build(name)
    heads = {"mask": {"bce": 1}, "depth": {"l1": 1}}
    loss = learn.Criterion({head: terms for head, terms in heads.items() if head in models.heads(network)})
    learn.fit(network, [pictures | maps] * 3, loss)
    return _peak_mb() - before


def _in_fresh_process(work: Callable, *arguments) -> float | None:
    """What `work` gives back in a process of its own, whose memory is that of the work alone; None on Windows."""
    if sys.platform == "win32":
        return None  # it keeps no such figure for a process
    try:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            return pool.submit(work, *arguments).result()
    except BrokenProcessPool as error:
        raise ChildProcessError("The process that measures memory was stopped, most likely for lack of it.") from error


def _peak_mb() -> float:
    """The most memory that this process has had so far, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux, where getrusage would begin with what the parent process had
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS counts bytes


@torch.inference_mode()
def latencies_ms(names=RACERS, size: int = 96, rounds: int = ROUNDS) -> dict[str, float]:
    """Milliseconds per pair of pictures of each network, batch 1: the median over rounds in which they take turns.

    Each has one thread or two, whichever is quicker for it: two have to wait for each other after every small step.
    A neighbour who takes the processor for a while slows all of them, so their ratios hold.
    """
    from torch.utils.benchmark import Timer  # here, because it speaks of graphics cards when it is imported

    from . import models

    pair = torch.randint(0, 256, (2, 1, 3, size, size), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    timers, taken = {}, {}
    for name in names:
        network = models.build(name).eval().to(memory_format=torch.channels_last)
        for threads in range(1, THREADS + 1):
            seen = {"network": network, "pair": pair}
            timers[name, threads] = Timer("network(*pair)", globals=seen, num_threads=threads)
    for _ in range(rounds):
        for key, timer in timers.items():  # a timer calls twice first, which brings the network into the cache
            taken.setdefault(key, []).append(1000 * timer.timeit(CALLS).median)
    return {name: min(median(times) for (other, _), times in taken.items() if other == name) for name in names}


def bench_learn() -> dict:
    """The race's medians over its seeds, and today's latencies, each beside that of smp's U-Net; prints a table."""
    from .learn import scores_table
    from .show.studies import values
    from .study import TABLES, read_table

    found, now = {}, latencies_ms()
    rows = read_table(TABLES / "race.csv")
    for name in RACERS:
        own = {column: values(rows, column, network=name) for column in RACED}
        found[name] = {column: median(seeds) if seeds else None for column, seeds in own.items()}
        found[name] |= {"seeds": len(own["pictures_per_second"]), "latency_ms": now[name]}
        found[name]["latency_vs_smp_unet"] = now[name] / now["smp_unet"]
    print(f"Training for as long on the same pictures, medians; latency now, on up to {THREADS} threads:")
    print(scores_table(found, TITLES))
    return {"size": 96, "batch": 1, "threads": THREADS, "networks": found}


def bench_watch() -> dict:
    """Frames a second of a drawn clip of two people, enlarged to WATCHED, by each runtime; prints them as a table."""
    from .data import Bank
    from .data.paths import walk_rows, walkable_rooms
    from .data.walks import Clip
    from .learn import scores_table
    from .watch import Watcher

    bank, found = Bank.draw(8, 8, 192, seed=16), {}
    clip = Clip(bank, walk_rows(bank, int(walkable_rooms(bank)[0]), 2, LENGTH, seed=1))
    first, rest = enlarged(clip.background), [(frame.seconds, enlarged(frame.image)) for frame in clip.frames()]
    torch.set_num_threads(THREADS)
    for runtime in ("torch", "onnx"):
        watcher, waited = Watcher(first, clip.camera, "roomnet", runtime), []
        for number, (seconds, picture) in enumerate(rest):
            waited.append(_timed(lambda: watcher.see(number, seconds, picture))[1])  # noqa: B023
        found[runtime] = {"fps": len(rest) / sum(waited), "median_ms": 1000 * median(waited)}
    width, height = WATCHED
    print(
        f"Frames of {width} x {height} pixels, watched with the camera known, {len(rest)} of them, {THREADS} threads:"
    )
    print(scores_table(found, {"fps": "frames / s", "median_ms": "ms, median"}))
    return {"width": width, "height": height, "frames": len(rest), "threads": THREADS, "runtimes": found}


def enlarged(picture: np.ndarray) -> np.ndarray:
    """The middle rows of a square picture S S 3, at the size WATCHED."""
    size, (width, height) = len(picture), WATCHED
    cut = round(size * (1 - height / width) / 2)
    return np.asarray(Image.fromarray(picture[cut : size - cut]).resize(WATCHED, Image.BICUBIC))
