"""A rehearsal of Colab: each notebook alone in an empty folder, with Colab's packages, fetching the course by itself.

`artifacts/colab.csv` has a row per notebook. Without names every notebook is asked for; one that ran is kept while
neither it nor anything that it reads has changed in a later commit, and one that failed is run again.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from ..base import ROOT, alone, folder, write_whole
from ..studies.table import Table
from . import machine
from .origin import Origin, origin, unchanged
from .rehearsal import TOLD, rehearse

TABLE = ROOT / "artifacts" / "colab.csv"
COLUMNS = ("notebook", "commit", *TOLD, "minutes", "added", "outcome")


def colab(names: Sequence[str] = (), root: Path = ROOT, table: Path = TABLE, home: Path = machine.HOME) -> bool:
    """Rehearse the notebooks with these names, or all; a table at the end. Whether every one of them ran."""
    with alone(folder(home) / "lock"):
        course = origin(root, home)
        asked, rows = chosen(names, course), read(table)
        for name in asked:
            row = rows.get(Path(name).stem)
            if not names and row and row["outcome"] == "ok" and unchanged(root, row["commit"], course.commit, name):
                print(f"{row['notebook']:<24} ran at commit {row['commit']}, and nothing has changed for it since")
                continue
            rows = keep(table, _aloud(name, home, course), course)
    print("\n" + text(list(rows.values())))
    return all(rows[Path(name).stem]["outcome"] == "ok" for name in asked)


def chosen(names: Sequence[str], course: Origin) -> list[str]:
    """The files of the notebooks that are asked for: by number, by name, or all where none is named."""
    found = []
    for name in names:
        short = f"{int(name):02d}" if name.isdecimal() else Path(name).name
        fits = [file for file in course.notebooks if short in (file, Path(file).stem, file[:2])]
        if not fits:
            raise ValueError(f"{name!r} is no notebook of commit {course.commit}: {', '.join(course.notebooks)}")
        found += fits
    return list(dict.fromkeys(found)) or list(course.notebooks)


def read(table: Path) -> dict[str, dict[str, str]]:
    """Each notebook's row by its name."""
    return {name: row for (name,), row in Table(table, COLUMNS, ["notebook"]).rows().items()}


def keep(table: Path, row: dict[str, str], course: Origin) -> dict[str, dict[str, str]]:
    """Write the row in place of an older one, whole or not at all; all rows of notebooks that there are."""
    rows = read(table) | {row["notebook"]: row}
    rows = {name: rows[name] for name in sorted(rows) if f"{name}.ipynb" in course.notebooks}
    made = io.StringIO()
    writer = csv.DictWriter(made, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows.values())
    write_whole(table, made.getvalue().encode())
    return rows


def text(rows: list[dict[str, str]]) -> str:
    """The table in lines, for a person to read."""
    lines = [dict(zip(COLUMNS, COLUMNS)), *rows]
    width = {name: max(len(line[name]) for line in lines) for name in COLUMNS}
    return "\n".join("  ".join(f"{line[name]:<{width[name]}}" for name in COLUMNS).rstrip() for line in lines)


def _aloud(name: str, home: Path, course: Origin) -> dict[str, str]:
    """The row of a notebook that was rehearsed on a fresh machine; prints a line about it."""
    python = machine.fresh(home)
    print(f"{Path(name).stem:<24} ", end="", flush=True)
    row = rehearse(name, python, course)
    print(f"{row['minutes']:>4} min   {row['outcome']}", flush=True)
    return row
