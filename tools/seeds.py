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
    if not table.exists():
        table.write_text(",".join(COLUMNS) + "\n")
    with open(table, newline="", encoding="utf-8") as file:
        rows = {row["seed"]: row for row in csv.DictReader(file) if row["code"] == short}
    for seed in map(str, range(1, count + 1)):
        if seed not in rows:
            start, quiet = time.perf_counter(), os.environ | {"OMP_NUM_THREADS": "1"}
            run = execute(shifted(nbformat.from_dict(book), int(seed)), path, allow_errors=True, env=quiet)
            failed = "; ".join(f"code cell {number}: {said.splitlines()[0]}" for number, said in failures(run))
            values = (short, seed, str(round(time.perf_counter() - start)), failed or "passed")
            rows[seed] = dict(zip(COLUMNS, values))
            with open(table, "a", newline="", encoding="utf-8") as file:
                csv.writer(file, lineterminator="\n").writerow(values)
        print(f"{path.stem}, seed {seed:>2}: {rows[seed]['seconds']:>4} s   {rows[seed]['outcome']}", flush=True)
    asked = [rows[str(seed)] for seed in range(1, count + 1)]
    held = sum(row["outcome"] == "passed" for row in asked)
    print(f"{held} of {count} runs without a failed cell; the table is {table}")
    return asked
