"""Runs the notebooks from top to bottom, and takes out of them what they showed."""

import base64
import os
import platform
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from helpers import mine, profile
from helpers.base import ROOT, cores, folder, write_whole

from . import template

RUNS = ROOT / "artifacts" / "runs"
LIMIT = 1800  # seconds that one cell may take; `full` needs more than `quick`


class NotebookFailed(RuntimeError):
    """A cell raised an error; the message names the notebook, the cell and the error, `book` is as it was then."""

    def __init__(self, message: str, book) -> None:
        super().__init__(message)
        self.book = book


def execute(book, path: Path, shown=lambda done, of: None, kernel=None, allow_errors: bool = False, **start):
    """The notebook as a run from top to bottom leaves it; `shown` is told how many cells are done.

    It runs as if it lay at `path`. `kernel` is a manager of another kernel than this Python's, `start` how it is
    started, such as its `env`. With `allow_errors` a cell that fails does not end the run.
    """
    template.clear_outputs(book)
    client = NotebookClient(book, km=kernel, timeout=LIMIT, kernel_name="python3", store_widget_state=False)
    client.allow_errors = allow_errors
    client.coalesce_streams = True  # a progress bar is stored as its last state, not as every one
    client.extra_arguments = ["--log-level=ERROR"]  # else the kernel's words get between the progress lines
    client.resources = {"metadata": {"path": str(path.parent)}}
    client.on_cell_complete = lambda cell, cell_index: shown(cell_index + 1, len(book.cells))
    os.environ.pop("MPLBACKEND", None)  # an outer setting would take the pictures out of the notebook
    os.environ[mine.GIVEN_ALONE] = "given"  # outputs do not depend on what somebody has trained here
    try:
        client.execute(cleanup_kc=True, **start)
    except Exception as error:
        if hasattr(client, "_async_cleanup_kernel_future"):  # only Ctrl-C makes it, whatever error comes of it
            raise KeyboardInterrupt from error
        if not isinstance(error, CellExecutionError):
            raise
        number, said = failures(book)[0]
        raise NotebookFailed(f"{path.name}, code cell {number}: {said}", book) from error
    return book


def failures(book) -> list[tuple[int, str]]:
    """The number of each code cell that ended in an error, and the error."""
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    errors = [(number, o) for number, cell in enumerate(code, 1) for o in cell.outputs if o.output_type == "error"]
    return [(number, f"{error.ename}: {error.evalue}") for number, error in errors]


def course(names: Sequence[str] = (), notebooks: Path = template.NOTEBOOKS, runs: Path = RUNS) -> dict[str, float]:
    """Run every notebook, or the named ones; what they show lands in `runs`. The minutes of each."""
    print(profile.describe())
    minutes, stated = {}, {}
    for path in template.chosen(names, notebooks):
        book, minutes[path.stem] = _aloud(path)
        stated[path.stem] = template.stated_minutes(book)
        extract(book, runs / path.stem)
        write(book, runs / path.stem / path.name)
    exercises(notebooks, runs / "exercises")
    print(f"\n{'minutes':<24} stated  measured")
    for name, took in [*minutes.items(), ("together", sum(minutes.values()))]:
        print(f"{name:<24} {stated.get(name, sum(stated.values())):6.1f}  {took:8.1f}")
    shown = runs.relative_to(ROOT) if runs.is_relative_to(ROOT) else runs
    print(f"{processor()}\nAll {len(minutes)} notebooks ran. What they showed: {shown}")
    return minutes


def processor() -> str:
    """A line on this machine: its cores, and what makes training three to four times as fast as on a plain laptop."""
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.is_file() else ""
    model = re.search(r"^model name\s*: (.+)", text, re.M)
    flags = set((re.search(r"^flags\s*: (.+)", text, re.M) or [""])[0].split())
    kinds = {"AVX2": "avx2", "AVX-512": "avx512f", "bf16": "avx512_bf16"}
    has = ", ".join(f"{kind} {'yes' if flag in flags else 'no'}" for kind, flag in kinds.items()) if flags else ""
    told = ("ATEN_", "ONEDNN_", "OMP_NUM", "ROOMSIGHT_")  # what slows it down, or imitates a slower one
    limits = [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith(told)]
    words = [model[1] if model else platform.processor() or platform.machine(), f"{cores()} cores", has, *limits]
    return "; ".join(word for word in words if word)


def refresh(names: Sequence[str] = (), notebooks: Path = template.NOTEBOOKS) -> None:
    """Run every notebook, or the named ones, and store their outputs; with all of them the covers are drawn anew."""
    if profile.current().name != "quick":
        raise ValueError("Stored outputs show the profile quick: unset ROOMSIGHT_PROFILE and refresh again.")
    from . import covers  # torch takes seconds to import, and only a refresh draws

    for path in template.chosen(names, notebooks):
        write(_aloud(path)[0], path)
    if not names:
        covers.write(RUNS.parent)


def exercises(notebooks: Path = template.NOTEBOOKS, out: Path = RUNS / "exercises") -> list[Path]:
    """Write the exercise version of every notebook into `out`; their paths."""
    paths = template.list_notebooks(notebooks)
    for path in paths:
        write(template.exercise(nbformat.read(path, as_version=4), path.name), out / path.name)
    print(f"{len(paths)} notebooks to solve: {out.relative_to(ROOT) if out.is_relative_to(ROOT) else out}")
    return [out / path.name for path in paths]


def write(book, path: Path) -> None:
    """Write a notebook in one piece, without what only one machine or one moment knows."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book.metadata = nbformat.from_dict({"kernelspec": kernel, "language_info": {"name": "python"}})
    for cell in book.cells:
        cell.metadata.pop("execution", None)  # times of day
        for output in cell.get("outputs", []):  # a stored slider is its picture: the live one ended with its kernel
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
        if template.is_solution(cell):
            cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
    folder(path.parent)
    write_whole(path, (nbformat.writes(book) + "\n").encode())


def extract(book, out: Path) -> None:
    """Write each picture (PNG) and all printed text of a run notebook into the folder `out`."""
    for old in folder(out).iterdir():  # of an earlier run
        old.unlink()
    printed = []
    for number, cell in enumerate((c for c in book.cells if c.cell_type == "code"), 1):
        for turn, output in enumerate(cell.outputs, 1):
            data = output.get("data", {})
            if "image/png" in data:
                write_whole(out / f"cell{number:02d}_{turn}.png", base64.b64decode(data["image/png"]))
            elif text := output.get("text") or data.get("text/markdown") or data.get("text/plain"):
                printed.append(f"[cell {number}]\n{text.rstrip()}\n")
    write_whole(out / "printed.txt", "\n".join(printed).encode())


def _aloud(path: Path):
    """The run notebook and its minutes; prints one line with its name, minutes and verdict."""
    start, live = time.perf_counter(), sys.stdout.isatty()

    def shown(done: int, of: int) -> None:
        if live:
            print(f"\r{path.stem:<24} cell {done} of {of}", end="", flush=True)

    print(f"{path.stem:<24} ", end="", flush=True)
    again = f"\r{path.stem:<24} " if live else ""
    try:
        book = execute(nbformat.read(path, as_version=4), path, shown)
    except NotebookFailed:
        print(f"{again}failed")
        raise
    minutes = (time.perf_counter() - start) / 60
    print(f"{again}{minutes:4.1f} min   ok      ")
    return book, minutes
