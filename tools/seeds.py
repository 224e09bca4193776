"""Runs a notebook with other random seeds, and counts how often its assertions hold.

Every `manual_seed(n)` in its cells becomes `manual_seed(1000 * k + n)`: other weights and another order, the same
drawings. A cell that fails does not end the run. Each finished run is a row of artifacts/runs/seeds/NOTEBOOK.csv; stop
the command and start it again as you like. A notebook whose code has changed begins anew.
"""

import csv
import os
import re
import time
from hashlib import sha256
from pathlib import Path

import nbformat

from helpers.base import folder

from . import template
from .course import RUNS, execute, failures

COLUMNS = ("code", "seed", "seconds", "outcome")  # code: eight letters that change with the notebook's code


def shifted(book, seed: int):
    """The notebook with each of its seeds moved by a thousand times this one."""
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.source = re.sub(r"\bmanual_seed\((?=[^)])", f"manual_seed({1000 * seed} + ", cell.source)
    return book


def seeds(name: str, count: int = 10, until: int | None = None, out: Path = RUNS / "seeds") -> list[dict[str, str]]:
    """Do the missing runs, seeds 1 to `count`, of a notebook down to its code cell `until`; the rows of all of them."""
    path = template.chosen([name])[0]
    book, table = nbformat.read(path, as_version=4), folder(out) / f"{path.stem}.csv"
    code = [number for number, cell in enumerate(book.cells) if cell.cell_type == "code"][:until]
    book.cells = book.cells[: code[-1] + 1]
    short = sha256("\n".join(book.cells[number].source for number in code).encode()).hexdigest()[:8]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    for seed in range(1, count + 1):
        if not any(row["seed"] == str(seed) for row in _rows(table, short)):
            start = time.perf_counter()
            run = execute(shifted(nbformat.from_dict(book), seed), path, allow_errors=True, env=environment)
            failed = "; ".join(f"code cell {number}: {said.splitlines()[0]}" for number, said in failures(run))
            _append(table, (short, seed, round(time.perf_counter() - start), failed or "passed"))
        row = next(row for row in _rows(table, short) if row["seed"] == str(seed))
        print(f"{path.stem}, seed {seed:>2}: {row['seconds']:>4} s   {row['outcome']}", flush=True)
    rows = [row for row in _rows(table, short) if int(row["seed"]) <= count]
    held = sum(row["outcome"] == "passed" for row in rows)
    print(f"{held} of {len(rows)} runs without a failed cell; the table is {table}")
    return rows


def _rows(table: Path, short: str) -> list[dict[str, str]]:
    """The finished runs of this very code."""
    if not table.exists():
        return []
    with open(table, newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["code"] == short]


def _append(table: Path, row: tuple) -> None:
    """One more row at the end of the table, its header before the first."""
    new = not table.exists()
    with open(table, "a", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, row] if new else [row])
