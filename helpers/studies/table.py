"""The table of a study: whole lines of CSV, one per finished run, safe against kills and against two shells."""

import csv
import io
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..base import alone, folder, write_whole

TEXT = ("machine", "torch", "settings")  # never numbers, even where they look like some
WAIT = 20.0  # seconds for another process to finish its line


class Table:
    """A CSV file with a fixed header; `keys` are the columns that name a row."""

    def __init__(self, path: str | Path, columns: Sequence[str], keys: Sequence[str]) -> None:
        self.path, self.columns, self.keys = Path(path), tuple(columns), tuple(keys)

    def rows(self) -> dict[tuple, dict[str, str]]:
        """Every finished run by its key, in the order of the file; a table that is damaged is refused."""
        if not self.path.exists():
            return {}
        lines, _ = self._whole_lines()
        found = {}
        for number, cells in enumerate(csv.reader(lines), 1):
            if number == 1 and tuple(cells) != self.columns:
                raise ValueError(f"{self.path} has other columns than this study: move it away, or restore it.")
            if len(cells) != len(self.columns):
                raise ValueError(f"{self.path}, line {number}: {len(cells)} cells, not {len(self.columns)}. Repair it.")
            row = dict(zip(self.columns, cells, strict=True))
            if number > 1 and key(row, self.keys) in found:
                raise ValueError(f"{self.path}, line {number}: this run is there twice. Remove one of the two lines.")
            if number > 1:
                found[key(row, self.keys)] = row
        return found

    def repair(self) -> None:
        """Takes a last line away that was cut off, and says so; its run will be done again."""
        if self.path.exists() and self._whole_lines()[1]:
            with _patient(self.path.with_name(f".{self.path.name}.tmp")):
                lines, cut = self._whole_lines()
                print(f"{self.path}: the last line was cut off, so its run is done again: {cut!r}", flush=True)
                write_whole(self.path, "".join(lines).encode())

    def append(self, row: dict) -> None:
        """Adds one row, whole or not at all; a row that another process added meanwhile stays as it is."""
        if set(row) != set(self.columns):
            raise ValueError(f"A row of {self.path} needs {set(self.columns) ^ set(row)}, no more and no less.")
        folder(self.path.parent)
        with _patient(self.path.with_name(f".{self.path.name}.tmp")):
            lines = self._whole_lines()[0] if self.path.exists() else []
            if key(row, self.keys) not in self.rows():
                text = "".join(lines or [_line(self.columns)]) + _line([row[name] for name in self.columns])
                write_whole(self.path, text.encode())

    def _whole_lines(self) -> tuple[list[str], str]:
        """The lines that have an end, and the rest: what a run that was killed left behind."""
        *lines, rest = self.path.read_text(encoding="utf-8").split("\n")
        return [line + "\n" for line in lines], rest


def key(row: dict, keys: Sequence[str]) -> tuple[str, ...]:
    """What names a row: its key columns as text."""
    return tuple(str(row[name]) for name in keys)


def read(path: str | Path) -> list[dict]:
    """The rows of any study's table; a cell that is a number, or several with blanks between, is given as such."""
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no table {path}. Run `python -m helpers study {path.stem}`.")
    text = path.read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    if not text.endswith("\n") or any(None in row or None in row.values() for row in rows):
        raise ValueError(f"{path} holds a cut or broken line. Run `python -m helpers study {path.stem}` again.")
    return [{name: text if name in TEXT else _value(text) for name, text in row.items()} for row in rows]


def _value(text: str):
    """The number, the list of numbers, or the text."""
    try:
        numbers = [float(part) for part in text.split()]
    except ValueError:
        return text
    return numbers if len(numbers) > 1 else numbers[0] if numbers else text


def _line(cells: Sequence) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


@contextmanager
def _patient(path: Path) -> Iterator[None]:
    """Holds the lock on a file, after waiting for whoever has it."""
    until = time.monotonic() + WAIT
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(alone(path))
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
        yield
