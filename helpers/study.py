"""Long comparisons as resumable commands: each finished run adds one row to a committed table of CSV.

Stop a study whenever you like and start it again, or in two shells at once: what is in the table is not run again,
and no run is done twice. `helpers/comparisons.py` holds what is compared.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from math import isfinite
from pathlib import Path
from time import perf_counter, process_time

import torch

from .base import ROOT, alone, folder, write_whole
from .cluster import each_done, open_cluster
from .learn.device import bf16_pays, default_device

TABLES, LOCKS = ROOT / "artifacts" / "studies", ROOT / "artifacts" / "runs" / "studies"
TAIL = ("steps", "cpu_seconds", "seconds", "machine", "torch", "settings")
WORDS = ("machine", "torch", "settings")  # columns after the seed that are no numbers


@dataclass(frozen=True)
class Study:
    """What is compared: the runs in order, the settings that decide them, and how one run is done."""

    name: str
    figures: tuple[str, ...]  # columns that a run gives back
    runs: list[dict]  # what names each of them, the seed last: the first columns
    settings: Callable[[dict], dict]  # everything else that decides a run's figures, as plain data
    prepare: Callable[[], object]  # what all runs share, such as composed pictures: once per process
    work: Callable[[dict, dict, object], dict]  # (run, its settings, what is shared) → figures, and how many `steps`
    home: Path = TABLES  # the folder of its table
    locks: Path = LOCKS  # where files say who does which run

    @property
    def path(self) -> Path:
        """Its table."""
        return self.home / f"{self.name}.csv"

    @property
    def columns(self) -> tuple[str, ...]:
        """The header of the table."""
        return (*self.runs[0], *self.figures, *TAIL)

    def digest(self, run: dict) -> str:
        """Eight letters that change with the settings of this run."""
        return sha256(json.dumps(self.settings(run), sort_keys=True).encode()).hexdigest()[:8]

    def do(self, run: dict, shared) -> dict:
        """Does one run: its row. A cell is empty where it has no such figure, as a mask network has none of depth."""
        start, begin = perf_counter(), process_time()
        found = self.work(run, self.settings(run), shared)
        found |= {"cpu_seconds": f"{process_time() - begin:.1f}", "seconds": f"{perf_counter() - start:.1f}"}
        found |= {"machine": _machine(), "torch": torch.__version__, "settings": self.digest(run)}
        return run | {name: _cell(found.get(name, "")) for name in (*self.figures, *TAIL)}


def _cell(value):
    """A figure, or several of them, as the tables hold them."""
    if isinstance(value, list):
        return " ".join(f"{each:.5g}" for each in value)
    return f"{value:.5f}" if isinstance(value, float) else value


def read_table(path: str | Path) -> list[dict]:
    """The rows of a study's table; a cell that is a number, or several with blanks between, is given as such.

    A table that is cut, damaged, or holds a run twice is refused with its line.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no table {path}. Run `python -m helpers study {path.stem}`.")
    text = path.read_text(encoding="utf-8")
    if not text.endswith("\n"):
        raise ValueError(f"{path}: its last line is cut off. Remove it, and run `python -m helpers study {path.stem}`.")
    try:
        header, *lines = csv.reader(io.StringIO(text))
    except csv.Error as error:
        raise ValueError(f"{path} is no table of a study ({error}): restore it.") from error
    if "seed" not in header:
        raise ValueError(f"{path} has no column 'seed', so it is no table of a study: restore it.")
    seed, seen, rows = header.index("seed"), set(), []
    for number, cells in enumerate(lines, 2):
        where = f"{path}, line {number}"
        if len(cells) != len(header):
            raise ValueError(f"{where}: {len(cells)} cells, not {len(header)}. Repair or remove the line.")
        row = {name: cell if name in WORDS else _number(cell) for name, cell in zip(header, cells)}
        for name in header[seed:]:
            if name not in WORDS and row[name] and isinstance(row[name], str):
                raise ValueError(f"{where}: {name} is {row[name]!r}, and a finite number is wanted. Remove the line.")
        key = tuple(cells[: seed + 1])
        if key in seen:
            raise ValueError(f"{where}: the run {' · '.join(key)} is there twice. Remove one of the two lines.")
        seen.add(key)
        rows.append(row)
    return rows


def _number(text: str):
    """The number in a cell, a list where there are several with blanks between, or the text where it is neither."""
    try:
        numbers = [float(part) for part in text.split()]
    except ValueError:
        return text
    if not numbers or not all(map(isfinite, numbers)):
        return text
    return numbers[0] if len(numbers) == 1 else numbers


def run_study(describe: Callable[[], Study], workers: int | None = None, scheduler: str | None = None) -> None:
    """Does every run that the table lacks: in this process, in so many others, or by the cluster at an address."""
    study = describe()
    missing = len(missing_runs(study))
    print(f"Study {study.name}: {len(study.runs) - missing} of {len(study.runs)} runs are in the table.", flush=True)
    if not missing:
        return
    threads, held = torch.get_num_threads(), {}
    try:
        with open_cluster(scheduler, workers) as client:
            how = {"total": missing, "unit": "runs", "disable": client is None}  # here each training has its own bar
            for number, row in each_done(client, do_run, describe, claimed_runs(study, held), **how):
                if row["settings"] != study.digest(study.runs[number]):
                    raise ValueError("A worker has another version of the course: start it in a copy of this one.")
                append_row(study, row)
                held.pop(number).close()
                print(f"Study {study.name}: {' · '.join(map(str, study.runs[number].values()))}", flush=True)
    finally:
        torch.set_num_threads(threads)
        what_is_shared.cache_clear()
        for lock in held.values():
            lock.close()


def claimed_runs(study: Study, held: dict[int, ExitStack]) -> Iterator[int]:
    """The numbers of the missing runs, each held until its row is written; those that others are doing are left out."""
    for number, run in enumerate(study.runs):
        with ExitStack() as turn:
            try:
                turn.enter_context(alone(folder(study.locks / study.name) / f"{_file_name(run)}.lock"))
            except BlockingIOError:  # another process does this run
                continue
            if run in missing_runs(study):
                held[number] = turn.pop_all()
                yield number


def do_run(describe: Callable[[], Study], number: int) -> tuple[int, dict]:
    """The number of a run, and its row."""
    torch.set_num_threads(1)  # so that figures do not depend on how many cores there are
    study = describe()
    return number, study.do(study.runs[number], what_is_shared(describe))


@lru_cache(1)
def what_is_shared(describe: Callable[[], Study]):
    """What all runs of a study share, once per process."""
    return describe().prepare()


def missing_runs(study: Study) -> list[dict]:
    """The runs that the table lacks; raises where the table has other columns, or runs made with other settings."""
    if not study.path.exists():
        return study.runs
    rows = read_table(study.path)
    if rows and tuple(rows[0]) != study.columns:
        raise ValueError(f"{study.path} has other columns than this study: move it away, or restore it.")
    found = {tuple(row[name] for name in study.runs[0]): row["settings"] for row in rows}
    missing = []
    for run in study.runs:
        there = found.get(tuple(run.values()))
        if there is None:
            missing.append(run)
        elif there != study.digest(run):
            raise ValueError(
                f"{study.path} holds {' · '.join(map(str, run.values()))} with other settings ({there}, now "
                f"{study.digest(run)}), and such figures cannot be compared: move the table away, or set them back."
            )
    return missing


def append_row(study: Study, row: dict) -> None:
    """Adds one row to the table, whole or not at all; waits while another process adds its own."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    with alone(folder(study.locks / study.name) / "table.lock", wait=True):
        if study.path.exists():
            line.write(study.path.read_text(encoding="utf-8"))
        else:
            writer.writerow(study.columns)
        writer.writerow(row[name] for name in study.columns)
        write_whole(folder(study.home) / study.path.name, line.getvalue().encode())


def _machine() -> str:
    """What the figures are made on, in words."""
    device = default_device()
    kind = "bfloat16" if bf16_pays(device) else "float32"
    return f"cpu, 1 thread, {kind}" if device.type == "cpu" else f"{torch.cuda.get_device_name(device)}, {kind}"


def _file_name(run: dict) -> str:
    """A file name for a run."""
    return "".join(c if c.isalnum() else "_" for c in " ".join(map(str, run.values())))
