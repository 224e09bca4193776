"""How fast the parts are, on this machine, now: read the ratios, not the figures."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset

ROOT = Path(__file__).resolve().parents[1]
BATCH, WORKERS = 64, 2


class PictureFiles(Dataset):
    """An exported folder read with PIL, as everybody does it: the same four tensors per sample as `compose` gives."""

    def __init__(self, folder: Path) -> None:
        parts = ("bg", "bg_fg", "bg_fg_mask", "bg_fg_depth_map")
        endings = (".jpeg", ".jpeg", ".png", ".png")
        lines = (line.split("\t") for line in (folder / "file_map.txt").read_text().splitlines())
        self.files = [[folder / p / (s + e) for p, s, e in zip(parts, stems, endings)] for stems in lines]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> dict:
        background, image, mask, depth = (np.asarray(Image.open(path)) for path in self.files[index])
        return {
            "background": torch.from_numpy(background.transpose(2, 0, 1).copy()),
            "image": torch.from_numpy(image.transpose(2, 0, 1).copy()),
            "mask": torch.from_numpy((mask > 127).astype(np.float32))[None],
            "depth": torch.from_numpy(depth.astype(np.float32) / 1000)[None],
        }


def timed(work: Callable):
    """What `work` gives back, and the seconds it took."""
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def per_second(batches: Iterable[dict]) -> float:
    """Samples per second of one pass; starting the workers (the first batch) is not counted."""
    walk = iter(batches)
    next(walk)
    count, seconds = timed(lambda: sum(len(batch["image"]) for batch in walk))
    return count / seconds


def peak_memory(bank, size: int, count: int) -> float | None:
    """Most memory in MB that a fresh process ever holds in `count` shuffled samples of the bank's whole table."""
    if sys.platform == "win32":
        return None  # Windows keeps no such figure for a process
    with tempfile.TemporaryDirectory() as folder:
        path = bank.save(Path(folder) / "bank.npz")
        command = [sys.executable, "-m", "helpers.bench", str(path), str(count)]
        return float(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def epoch(path: str, count: int) -> None:
    """Walks through `count` shuffled samples of the whole table of the bank at `path`; prints its peak memory in MB."""
    from .data import Bank, Scenes, grid, loader
    from .memory import peak

    bank = Bank.load(path)
    for seen, _ in enumerate(loader(Scenes(bank, grid(bank)), BATCH, shuffle=True)):
        if (seen + 1) * BATCH >= count:
            break
    print(peak())


def against_files(bank, rows: np.ndarray, workers: int) -> dict[str, float]:
    """Export speed, and samples per second of composing and of reading the exported folder with PIL.

    First in this process alone: the work itself. Then with worker processes, where both also pay for the way of
    every tensor through shared memory. A small export goes first and is not counted: it warms the disk.
    """
    from .data import Scenes, export

    with tempfile.TemporaryDirectory() as folder:
        counts = (len(rows) // 8, len(rows))
        exports = [partial(export, bank, Path(folder) / str(n), count=n, progress=False) for n in counts]
        seconds = [timed(export)[1] for export in exports][1]
        scenes, files = Scenes(bank, rows), PictureFiles(Path(folder) / str(len(rows)))
        figures = race(scenes, files, 0)
        figures["export_per_second"] = len(rows) / seconds
        if workers:
            figures |= {f"{name}_{workers}_workers": value for name, value in race(scenes, files, workers).items()}
    return figures


def race(scenes: Dataset, files: Dataset, workers: int, rounds: int = 3) -> dict[str, float]:
    """Samples per second of both with the same workers and batch, in turns, the best round of each; and the ratio."""
    from .data import loader

    turns = [
        [per_second(loader(dataset, BATCH, workers=workers)) for dataset in (scenes, files)] for _ in range(rounds)
    ]
    compose, folder = np.max(turns, axis=0).tolist()
    return {"compose_per_second": compose, "folder_per_second": folder, "compose_vs_folder": compose / folder}


def data(rooms: int = 100, people: int = 100, size: int = 224, count: int = 3200, workers: int = WORKERS) -> dict:
    """Figures of drawing, the table, composing, reading and exporting; prints them as a table."""
    from .data import Bank, grid
    from .world import mixtures

    bank, render = timed(lambda: Bank.draw(rooms, people, size, cache=False))
    drawn, small = timed(lambda: mixtures.draw_backdrops(2 * rooms, 96, seed=1))
    rows, table = timed(lambda: grid(bank))
    chosen = rows[np.random.default_rng(0).permutation(len(rows))[:count]]
    figures = {
        "render_seconds": render,
        "rooms_per_second_96": len(drawn) / small,
        "table_rows": len(rows),
        "table_seconds": table,
        "table_bytes": rows.nbytes,
        **against_files(bank, chosen, workers),
        "peak_memory_mb": peak_memory(bank, size, 5 * count),
        "batch": BATCH,
        "cores": os.cpu_count(),
        "size": size,
    }
    for name, value in figures.items():
        print(f"{name:32}{value:>14,.2f}" if isinstance(value, float) else f"{name:32}{value!s:>14}")
    return figures


if __name__ == "__main__":
    epoch(sys.argv[1], int(sys.argv[2]))
