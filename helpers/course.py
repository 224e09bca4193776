"""Runs the notebooks from top to bottom, and takes out of them what they showed."""

import base64
import os
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from . import lesson, profile
from .base import ROOT

RUNS = ROOT / "artifacts" / "runs"
LIMIT = 1800  # seconds that one cell may take; `full` needs more than `quick`


class NotebookFailed(RuntimeError):
    """A cell raised an error; the message names the notebook, the cell and the error, `book` is as it was then."""

    def __init__(self, message: str, book=None) -> None:
        super().__init__(message)
        self.book = book


def run(path: Path, shown=lambda done, of: None, kernel=None, **start):
    """The notebook as a run from top to bottom leaves it; `shown` is told how many cells are done.

    `kernel` is a manager of another kernel than this Python's, `start` how it is started, such as its `env`.
    """
    book = nbformat.read(path, as_version=4)
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(book, km=kernel, timeout=LIMIT, kernel_name="python3", store_widget_state=False)
    client.coalesce_streams = True  # a progress bar is stored as its last state, not as every one
    client.extra_arguments = ["--log-level=ERROR"]  # else the kernel's words get between the progress lines
    client.resources = {"metadata": {"path": str(path.parent)}}
    client.on_cell_complete = lambda cell, cell_index: shown(cell_index + 1, len(book.cells))
    os.environ.pop("MPLBACKEND", None)  # an outer setting would take the pictures out of the notebook
    try:
        _execute(client, start)
    except CellExecutionError as error:
        code = [cell for cell in book.cells if cell.cell_type == "code"]
        number, cell = next((i, c) for i, c in enumerate(code, 1) if any(o.output_type == "error" for o in c.outputs))
        said = f"{path.name}, code cell {number}: {error.ename}: {error.evalue}\n\n{cell.source}"
        raise NotebookFailed(said, book) from error
    return book


def _execute(client: NotebookClient, start: dict) -> None:
    """Run all cells; Ctrl-C is a KeyboardInterrupt, whatever nbclient makes of it while it ends the kernel."""
    try:
        client.execute(cleanup_kc=True, **start)
    except Exception as error:
        if hasattr(client, "_async_cleanup_kernel_future"):  # only Ctrl-C makes it
            raise KeyboardInterrupt from error
        raise


def course(folder: Path = lesson.NOTEBOOKS, runs: Path = RUNS) -> float:
    """Run every notebook, a progress line each; what they show lands in `runs`. Minutes that it took."""
    print(profile.describe())
    start = time.perf_counter()
    for path in lesson.notebooks(folder):
        book = _progress(path)
        extract(book, runs / path.stem)
        write(book, runs / path.stem / path.name)
    minutes = (time.perf_counter() - start) / 60
    exercises(folder, runs / "exercises")
    print(
        f"All {len(lesson.notebooks(folder))} notebooks ran, in {minutes:.1f} minutes. What they showed: {_short(runs)}"
    )
    return minutes


def refresh(folder: Path = lesson.NOTEBOOKS) -> None:
    """Run every notebook with the profile `quick` and store its outputs in it; draw the covers anew."""
    if profile.current().name != "quick":
        raise ValueError("Stored outputs show the profile quick: unset ROOMSIGHT_PROFILE and refresh again.")
    from .show import cover  # only a refresh draws

    for path in lesson.notebooks(folder):
        write(_progress(path), path)
    cover.write(RUNS.parent)


def exercises(folder: Path = lesson.NOTEBOOKS, out: Path = RUNS / "exercises") -> list[Path]:
    """Write the exercise version of every notebook into `out`; their paths."""
    paths = lesson.notebooks(folder)
    for path in paths:
        write(lesson.exercise(nbformat.read(path, as_version=4)), out / path.name)
    return [out / path.name for path in paths]


def write(book, path: Path) -> None:
    """Write a notebook in one piece, without what only one machine or one moment knows."""
    book.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for cell in book.cells:
        cell.metadata.pop("execution", None)  # times of day
        for output in cell.get("outputs", []):  # a stored slider is its picture: the live one ended with its kernel
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
        if lesson.is_solution(cell):
            cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".tmp")
    part.write_text(nbformat.writes(book) + "\n", encoding="utf-8")
    part.replace(path)


def extract(book, folder: Path) -> None:
    """Write each picture (PNG), table (CSV, Markdown) and printed text of a run notebook into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():  # of an earlier run
        old.unlink()
    printed = []
    for number, cell in enumerate((c for c in book.cells if c.cell_type == "code"), 1):
        for turn, output in enumerate(cell.outputs, 1):
            stem, data = folder / f"cell{number:02d}_{turn}", output.get("data", {})
            if "image/png" in data:
                stem.with_suffix(".png").write_bytes(base64.b64decode(data["image/png"]))
            if "<table" in data.get("text/html", ""):
                stem.with_suffix(".csv").write_text(_csv(data["text/html"]), encoding="utf-8")
            if "|" in data.get("text/markdown", ""):
                stem.with_suffix(".md").write_text(data["text/markdown"] + "\n", encoding="utf-8")
            if text := output.get("text") or ("" if "image/png" in data else data.get("text/plain", "")):
                printed.append(f"[cell {number}]\n{text.rstrip()}\n")
    (folder / "printed.txt").write_text("\n".join(printed), encoding="utf-8")


def _progress(path: Path):
    """The run notebook; prints one line with its name, minutes and verdict."""
    start, live = time.perf_counter(), sys.stdout.isatty()

    def shown(done: int, of: int) -> None:
        if live:
            print(f"\r{path.stem:<24} cell {done} of {of}", end="", flush=True)

    print(f"{path.stem:<24} ", end="", flush=True)
    try:
        book = run(path, shown)
    except NotebookFailed:
        print("\r" * live + f"{path.stem:<24} " * live + "failed")
        raise
    minutes = (time.perf_counter() - start) / 60
    print("\r" * live + f"{path.stem:<24} " * live + f"{minutes:4.1f} min   ok      ")
    return book


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


class _Table(HTMLParser):
    """Collects the rows of an HTML table."""

    def __init__(self):
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data.strip()


def _csv(html: str) -> str:
    """The rows of an HTML table as lines of CSV."""
    parser = _Table()
    parser.feed(html)
    return "".join(",".join('"' + c.replace('"', '""') + '"' for c in row) + "\n" for row in parser.rows)
