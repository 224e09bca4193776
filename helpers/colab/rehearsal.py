"""One notebook alone on a machine like Colab, from its first cell to its last."""

import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .. import course
from ..base import ROOT
from . import machine
from .origin import Origin

TOLD = ("python", "torch", "numpy", "ipywidgets")  # versions that a row names


def rehearse(name: str, python: Path, origin: Origin) -> dict[str, str]:
    """Run a notebook where there is nothing but itself; the row of the table that says what came of it."""
    before, start = machine.versions(python), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="colab-") as place:
        path = Path(place, name).resolve()
        if any((parent / "helpers" / "install.py").exists() for parent in path.parents):
            raise ValueError(f"Temporary files lie inside the course: {place}. Set TMPDIR to a folder outside it.")
        path.write_text(origin.notebook(name), encoding="utf-8")
        said = _run(path, python, origin)
        minutes, after = (time.perf_counter() - start) / 60, machine.versions(python)
        if not said and not (path.parent / "roomsight" / "helpers" / "install.py").exists():
            said = "its first cell did not fetch the course"
    faults = [said] * bool(said) + list(replaced(before, after))
    return {
        "notebook": Path(name).stem,
        "commit": origin.commit,
        **{package: after.get(package, "") for package in TOLD},
        "minutes": f"{minutes:.1f}",
        "added": ", ".join(f"{package} {after[package]}" for package in sorted(set(after) - set(before))),
        "outcome": "; ".join(faults) or "ok",
    }


def replaced(before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    """A sentence for each package that was there before and is not there any more in the same version."""
    for package, version in sorted(before.items()):
        if after.get(package) != version:
            yield f"{package} {version} was {'replaced by ' + after[package] if package in after else 'removed'}"


def _run(path: Path, python: Path, origin: Origin) -> str:
    """Nothing where all cells ran, else which cell failed and why; what it showed lands in the rehearsal's folder."""
    outside = machine.settings(python, ROOMSIGHT_ADDRESS=origin.address)
    try:
        with open(origin.home / "kernel.log", "wb") as log:
            book = course.run(path, kernel=machine.kernel(python, origin.home), env=outside, stdout=log, stderr=log)
        said = ""
    except course.NotebookFailed as failure:
        book, said = failure.book, f"{str(failure).splitlines()[0].rstrip(': ')} {failed_line(failure.book)}"
    except (RuntimeError, TimeoutError) as error:  # a kernel that died, a cell without an end
        return str(error).strip().splitlines()[0]
    course.extract(book, origin.home / path.stem)
    for folder in (path.parent, python.parent.parent, ROOT):
        said = said.replace(f"{folder}/", "")  # the table names no path of one machine
    return said.removeprefix(f"{path.name}, ")


def failed_line(book) -> str:
    """The line of a notebook's cell at which it ended in an error, between brackets."""
    outputs = (output for cell in book.cells for output in cell.get("outputs", []) if output.output_type == "error")
    marked = [re.match(r"-+> \d+ +(.*)", line) for output in outputs for line in plain(output.traceback)]
    return next((f"({match[1].strip()})" for match in marked if match), "")


def plain(traceback: list[str]) -> list[str]:
    """The lines of a traceback without their colours."""
    return re.sub(r"\x1b\[[\d;]*m", "", "\n".join(traceback)).splitlines()
