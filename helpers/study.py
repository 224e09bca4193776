"""Long comparisons as resumable commands: each finished run adds one row to artifacts/studies/NAME.csv.

Stop a study whenever you like and start it again, or in two shells at once: what is in the table is not run again,
and no run is done twice.
"""

import json
import multiprocessing
import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time

import torch

from .base import ROOT, alone, folder
from .learn.device import bf16_pays, default_device
from .studies.table import Table, key

STUDIES = {  # name -> the module whose `study()` describes it
    "losses": "helpers.studies.losses",
    "rates": "helpers.studies.rates",
    "augment": "helpers.studies.augment",
    "design": "helpers.studies.design",
    "identities": "helpers.studies.identities",
    "race": "helpers.studies.race",
    "transfer": "helpers.studies.transfer",
    "leaderboard": "helpers.studies.leaderboard",
}
TABLES, LOCKS = ROOT / "artifacts" / "studies", ROOT / "artifacts" / "runs" / "studies"
HEAD, TAIL = ("seed",), ("steps", "cpu_seconds", "seconds", "machine", "torch", "settings")


@dataclass(frozen=True)
class Study:
    """What is compared: the runs in order, the settings that decide them, and how one run is done."""

    name: str
    keys: tuple[str, ...]  # columns that, with the seed, name a run
    figures: tuple[str, ...]  # columns that a run gives back
    runs: list[dict]  # the keys and the seed of every run
    settings: Callable[[dict], dict]  # everything else that decides a run's figures, as plain data
    prepare: Callable[[], object]  # what all runs share, such as composed pictures: once per process
    work: Callable[[dict, object], dict]  # one run: its figures, and how many `steps` it took
    home: Path = TABLES  # the folder of its table

    @property
    def columns(self) -> tuple[str, ...]:
        """The header of the table."""
        return (*self.keys, *HEAD, *self.figures, *TAIL)

    def short(self, run: dict) -> str:
        """Eight letters that change with the settings of this run."""
        return sha256(json.dumps(self.settings(run), sort_keys=True).encode()).hexdigest()[:8]

    def table(self, tables: Path) -> Table:
        """Its table in this folder."""
        return Table(tables / f"{self.name}.csv", self.columns, (*self.keys, *HEAD))


def named(name: str) -> Study:
    """The study called `name`."""
    if name not in STUDIES:
        raise ValueError(f"There is no study called {name!r}. Known studies: {', '.join(sorted(STUDIES))}.")
    return _described(STUDIES[name])


def _described(module: str) -> Study:
    return import_module(module).study()


def study(name: str, workers: int = 1, tables: Path | None = None, locks: Path = LOCKS) -> None:
    """Does every run of the study that its table lacks, in so many processes of one thread each."""
    described = named(name)
    tables = tables or described.home
    described.table(tables).repair()
    rows = _done(described, described.table(tables))
    done = sum(key(run, (*described.keys, *HEAD)) in rows for run in described.runs)
    print(f"Study {name}: {done} of {len(described.runs)} runs are in the table.", flush=True)
    if done == len(described.runs):
        return
    if workers == 1:
        return carry_on(described, tables, locks)
    context = multiprocessing.get_context("spawn")  # clean processes: a forked copy of torch's threads may hang
    crew = [context.Process(target=_member, args=(STUDIES[name], tables, locks), daemon=True) for _ in range(workers)]
    os.environ.setdefault("TQDM_DISABLE", "1")  # for the crew: bars of several would write over each other
    for process in crew:
        process.start()
    for process in crew:
        process.join()
    if any(process.exitcode for process in crew):
        raise ChildProcessError("A worker of the study ended early; its own words are above. Start the study again.")


def missing(name: str) -> list[dict]:
    """The runs of a study that its table lacks."""
    described = named(name)
    rows = _done(described, described.table(described.home))
    return [run for run in described.runs if key(run, (*described.keys, *HEAD)) not in rows]


def _member(module: str, tables: Path, locks: Path) -> None:
    """One process of several: it ends with its parent, however that ended."""
    parent = multiprocessing.parent_process()
    threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
    carry_on(_described(module), tables, locks)


def carry_on(described: Study, tables: Path, locks: Path) -> None:
    """Does the missing runs one after the other; those that another process is doing are left to it."""
    table, shared, threads = described.table(tables), None, torch.get_num_threads()
    torch.set_num_threads(1)  # so that figures do not depend on how many cores there are
    try:
        for run in described.runs:
            with ExitStack() as held:
                if key(run, table.keys) in _done(described, table) or not _mine(run, locks / described.name, held):
                    continue
                if key(run, table.keys) in _done(described, table):  # done while this process looked away
                    continue
                shared = described.prepare() if shared is None else shared
                table.append(_row(described, run, shared))
                print(f"Study {described.name}: {' · '.join(map(str, run.values()))}", flush=True)
    finally:
        torch.set_num_threads(threads)


def _mine(run: dict, locks: Path, held: ExitStack) -> bool:
    """Whether this process may do the run; if so, `held` keeps the others away until it ends, or is killed."""
    try:
        held.enter_context(alone(folder(locks) / f"{_file(run)}.lock"))
    except BlockingIOError:
        return False
    return True


def _row(described: Study, run: dict, shared) -> dict:
    """One run, as a row of the table."""
    start, begin = perf_counter(), process_time()
    row = run | described.work(run, shared)
    row |= {"cpu_seconds": f"{process_time() - begin:.1f}", "seconds": f"{perf_counter() - start:.1f}"}
    return row | {"machine": _machine(), "torch": torch.__version__, "settings": described.short(run)}


def _done(described: Study, table: Table) -> dict[tuple, dict]:
    """The finished runs by their key; raises where one was done with other settings."""
    rows = table.rows()
    for run in described.runs:
        row = rows.get(key(run, table.keys))
        if row and row["settings"] != described.short(run):
            raise ValueError(
                f"{table.path} holds {key(run, table.keys)} with other settings ({row['settings']}, now "
                f"{described.short(run)}), and such figures cannot be compared: move the table away, or set them back."
            )
    return rows


def _file(run: dict) -> str:
    """A file name for a run."""
    return "".join(c if c.isalnum() else "_" for c in " ".join(map(str, run.values())))


def _machine() -> str:
    """What the figures are made on, in words."""
    device = default_device()
    kind = "bfloat16" if bf16_pays(device) else "float32"
    return f"cpu, 1 thread, {kind}" if device.type == "cpu" else f"{torch.cuda.get_device_name(device)}, {kind}"
