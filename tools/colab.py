"""A rehearsal of Colab: each notebook alone in an empty folder, with Colab's packages, fetching the course by itself.

`artifacts/colab.csv` has a row per notebook: the outcome of its last run, and the commit that was fetched.
"""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from helpers.base import ROOT, alone, folder, write_whole

from . import template
from .course import RUNS, NotebookFailed, execute, extract

TABLE, HOME, PACKAGES = ROOT / "artifacts" / "colab.csv", RUNS / "colab", Path(__file__).with_name("colab_packages.txt")
TOLD = ("python", "torch", "numpy", "ipywidgets")  # versions that a row names
COLUMNS = ("notebook", "commit", *TOLD, "minutes", "added", "outcome")
READ = ("helpers", "requirements.txt", "artifacts", ":!artifacts/colab.csv")  # what a notebook takes from the course
OURS = ("PYTHON", "VIRTUAL_ENV", "CONDA", "JUPYTER", "JPY_", "IPYTHON", "MPL", "OMP_", "GIT_", "ROOMSIGHT_")
WANTED = "3.13"  # Colab's Python, which uv finds or fetches
VERSIONS = """\
import json, platform
from importlib.metadata import distributions
found = {each.name.lower().replace("_", "-"): each.version for each in distributions()}
print(json.dumps({"python": platform.python_version()} | found))"""
KERNEL = """\
import sys
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
stand_in = module_from_spec(ModuleSpec("google.colab", None))  # asked for by name alone: by the course, and by packages
sys.modules["google.colab"] = stand_in
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()"""


def colab(names: Sequence[str] = (), root: Path = ROOT, table: Path = TABLE, home: Path = HOME) -> bool:
    """Rehearse the notebooks with these names, or all, a row of the table each; whether every one of them ran."""
    with alone(folder(home) / "lock"):
        course, commit = fetched(root, home)
        order = [path.stem for path in template.list_notebooks(course / "notebooks")]
        asked, text = template.chosen(names, course / "notebooks"), table.read_text() if table.exists() else ""
        rows = {row["notebook"]: row for row in csv.DictReader(io.StringIO(text))}
        for path in asked:
            python = fresh(home)
            print(f"{path.stem:<24} ", end="", flush=True)
            rows[path.stem] = {"notebook": path.stem, "commit": commit} | rehearse(path, python, home)
            print(f"{rows[path.stem]['minutes']:>4} min   {rows[path.stem]['outcome']}", flush=True)
            writer = csv.DictWriter(made := io.StringIO(), COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows[name] for name in order if name in rows)
            write_whole(table, made.getvalue().encode())
    return all(rows[path.stem]["outcome"] == "ok" for path in asked)


def fetched(root: Path, home: Path) -> tuple[Path, str]:
    """A clone of the course's last commit, which does not move while the course is worked on; the commit's name."""
    course = home.resolve() / "course"
    shutil.rmtree(course, ignore_errors=True)
    git(root, "clone", "--quiet", "--depth", "1", root.resolve().as_uri(), str(course))
    commit = git(root, "rev-parse", "--short", git(course, "rev-parse", "HEAD"))
    if git(root, "status", "--porcelain", "--", "notebooks", *READ):
        print(f"What is not committed takes no part: the notebooks fetch commit {commit}.")
    return course, commit


def git(place: Path, *words: str) -> str:
    """What git prints; its own words where it fails."""
    told = subprocess.run(["git", *words], cwd=place, capture_output=True, text=True)
    if told.returncode:
        raise ValueError(f"The rehearsal needs the course as a git repository with a commit. {told.stderr.strip()}")
    return told.stdout.strip()


def rehearse(path: Path, python: Path, home: Path) -> dict[str, str]:
    """Run a notebook where there is nothing but itself; what the table's row says of it."""
    before, start = versions(python), time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="colab-") as place:
        here = Path(place).resolve()
        if any((parent / "helpers" / "install.py").exists() for parent in here.parents):
            raise ValueError(f"Temporary files lie inside the course: {place}. Set TMPDIR to a folder outside it.")
        said = failure(Path(shutil.copy(path, here)), python, home)
        minutes, after = (time.perf_counter() - start) / 60, versions(python)
        if not said and not (here / "roomsight" / "helpers" / "install.py").exists():
            said = "its first cell did not fetch the course"
    return {
        **{package: after.get(package, "") for package in TOLD},
        "minutes": f"{minutes:.1f}",
        "added": ", ".join(f"{package} {after[package]}" for package in sorted(set(after) - set(before))),
        "outcome": "; ".join([said] * bool(said) + list(replaced(before, after))) or "ok",
    }


def replaced(before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    """A sentence for each package that was there before and is not there any more in the same version."""
    for package, version in sorted(before.items()):
        if after.get(package) != version:
            yield f"{package} {version} was {'replaced by ' + after[package] if package in after else 'removed'}"


def failure(path: Path, python: Path, home: Path) -> str:
    """Nothing where all cells ran, else which cell failed and why; what it showed lands in the rehearsal's folder."""
    outside = settings(python, ROOMSIGHT_ADDRESS=(home.resolve() / "course").as_uri())
    try:
        with open(home / "kernel.log", "wb") as log:
            start = {"env": outside, "stdout": log, "stderr": log}
            book, said = execute(nbformat.read(path, 4), path, kernel=kernel(python, home), **start), ""
    except NotebookFailed as failed:
        book, said = failed.book, str(failed).splitlines()[0].rstrip(": ")
    except (RuntimeError, TimeoutError) as error:  # a kernel that died, a cell without an end
        return str(error).strip().splitlines()[0]
    extract(book, home / path.stem)
    for place in (path.parent, python.parent.parent, ROOT):
        said = said.replace(f"{place}/", "")  # the table names no path of one machine
    return said.removeprefix(f"{path.name}, ")


def fresh(home: Path = HOME) -> Path:
    """The Python of a new environment with Colab's packages and no others: the first one downloads 5 GB."""
    python = home / "env" / "bin" / "python"
    if not python.exists():
        print(f"Making Colab's environment from {PACKAGES.name}: the first time some minutes, 5 GB.", flush=True)
    uv("venv", "--clear", "--python", WANTED, home / "env")
    uv("pip", "install", "--python", python, "--no-build", "-r", PACKAGES)
    return python


def uv(*words) -> str:
    """What uv prints; its own words and a sentence where it fails."""
    told = subprocess.run([sys.executable, "-m", "uv", *map(str, words), "--quiet"], stdout=subprocess.PIPE, text=True)
    if told.returncode:
        raise OSError("uv could not make Colab's environment; its own words are above.")
    return told.stdout


def versions(python: Path) -> dict[str, str]:
    """Package name -> version, of this Python itself and of everything that is installed beside it."""
    told = subprocess.run([python, "-c", VERSIONS], env=settings(python), capture_output=True, text=True, check=True)
    return json.loads(told.stdout)


def settings(python: Path, **more: str) -> dict[str, str]:
    """The environment variables of a machine that knows nothing of this one's Python, Jupyter or course."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(OURS)}
    return kept | {"PATH": os.pathsep.join([str(Path(python).parent), kept.get("PATH", "")])} | more


def kernel(python: Path, home: Path = HOME) -> AsyncKernelManager:
    """Starts this Python as the kernel of a notebook, with a stand-in for `google.colab` loaded."""
    start = [str(python), "-Xfrozen_modules=off", "-c", KERNEL, "-f", "{connection_file}"]  # -X: else a warning
    spec = KernelSpec(argv=start, display_name="Colab", language="python")
    write_whole(folder(home / "kernels" / "colab") / "kernel.json", spec.to_json().encode())
    specs = KernelSpecManager(kernel_dirs=[str(home / "kernels")])
    return AsyncKernelManager(kernel_name="colab", kernel_spec_manager=specs)
