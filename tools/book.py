"""The course as a static site: notebooks with their stored outputs, and pages; built and read without a network.

Nothing is run again. Sources are copied to artifacts/runs/book/source as they lie in the course, so that the links
between them hold; jupyter-book makes the site of them.
"""

import base64
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import nbformat

from helpers import ADDRESS
from helpers.base import ROOT, write_whole

from . import template
from .course import RUNS, write

OUT = RUNS / "book"
FIRST = "The first cell, the same in every notebook: it finds the course"
SOLUTION = "A solution"
BADGE = re.compile(r"\[!\[Open in Colab\]\([^)]*\)\]\(([^)]*)\)")
LINK = re.compile(r"(!?)\[([^][]*(?:\[[^][]*\][^][]*)*)\]\(([^()\s]+)\)")
SETTINGS = {".yml", ".py", ".css", ".svg"}
LOCAL = {".md", ".ipynb", ".png", ".jpg", ".csv", ""}  # links to other files of the course stay as words
CARDS = "<!-- a card for each notebook -->"
CARD = """\
:::{{grid-item-card}} {title}
:link: ../notebooks/{name}
:link-type: doc
{picture}
{question}
+++
{time} to run
:::
"""


def build(out: Path = OUT) -> Path:
    """Build the site from nothing into `out`; its first page. A page that jupyter-book warns of is an error."""
    if not find_spec("jupyter_book"):
        raise ModuleNotFoundError("The book needs jupyter-book, which only the course's own environment holds")
    out = out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    source = sources(out / "source")
    print(
        f"Building {len(template.list_notebooks())} notebooks and {len(list(source.rglob('*.md')))} pages.", flush=True
    )
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(source)]
    command += ["--path-output", str(out), "--all", "--quiet", "--warningiserror", "--keep-going"]
    told = subprocess.run(command, capture_output=True, text=True, cwd=source)
    first = out / "_build" / "html" / "index.html"
    if told.returncode or not first.is_file():
        raise ValueError(f"The book could not be built:\n{told.stdout[-4000:]}{told.stderr[-4000:]}")
    return first


def sources(folder: Path, root: Path = ROOT) -> Path:
    """Copy to `folder` all that the site is made of: settings, pages, notebooks, and whatever these link to."""
    for path in (root / "book").rglob("*.*"):
        if path.suffix in SETTINGS:
            write_whole(_place(folder / path.relative_to(root / "book")), path.read_bytes())
    waiting = [*sorted((root / "book").glob("*.md")), *template.list_notebooks(root / "notebooks")]
    done = set()
    while waiting:
        path = waiting.pop()
        if path not in done:
            done.add(path)
            waiting += _copied(path, folder, root)
    return folder


def _place(path: Path) -> Path:
    """The path, in a folder that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _copied(path: Path, folder: Path, root: Path) -> list[Path]:
    """Copy one file as the site shows it; the files of the course that it links to."""
    place = _place(folder / path.relative_to(root))
    if path.suffix not in (".md", ".ipynb"):
        write_whole(place, path.read_bytes())
        return []
    found: list[Path] = []
    if path.suffix == ".md":
        text = shown(path.read_text(encoding="utf-8"), path, found)
        write_whole(place, (text.replace(CARDS, cards(folder, root)) if CARDS in text else text).encode())
        return found
    book = notebook(nbformat.read(path, as_version=4))
    for cell in book.cells:
        if cell.cell_type == "markdown":
            cell.source = shown(cell.source, path, found)
    write(book, place)
    return found


def notebook(book):
    """The notebook with its first cell and its solutions folded behind a click."""
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    for cell in code:
        if cell is code[0]:
            _fold(cell, "hide-input", FIRST)
        elif template.is_solution(cell):
            _fold(cell, "hide-cell", SOLUTION)
    return book


def _fold(cell, tag: str, words: str) -> None:
    cell.metadata.tags = [*cell.metadata.get("tags", []), tag]
    cell.metadata.mystnb = {"code_prompt_show": words, "code_prompt_hide": words}


def shown(text: str, path: Path, found: list[Path]) -> str:
    """Markdown as the site shows it: no picture from afar, no link to what it lacks; `found` grows by what it needs."""

    def link(match: re.Match) -> str:
        picture, words, target = match.groups()
        name, _, place = target.partition("#")
        if ":" in name:
            return match[0]
        file = (path.parent / name).resolve() if name else path
        if not file.is_relative_to(ROOT) or file.exists() and (file.is_dir() or file.suffix not in LOCAL):
            return words
        if file.is_file():
            found.append(file)
        return f"{picture}[{words}]({name}{'#' * bool(place)}{anchor(place)})"

    colab = r"[Open this notebook in Colab](\1)" if ADDRESS else r"[How to open a notebook on Colab](\1)"
    parts = re.split(r"(^```.*?^```)", BADGE.sub(colab, text), flags=re.M | re.S)  # what is in fences stays as it is
    return "".join(part if k % 2 else LINK.sub(link, part) for k, part in enumerate(parts))


def anchor(place: str) -> str:
    """The name of a heading in the site, from its name in JupyterLab: `1.-A-loss` becomes `1-a-loss`."""
    return re.sub(r"[^\w-]", "", unquote(place).lower())


def cards(folder: Path, root: Path = ROOT) -> str:
    """Markdown of a grid of cards, one for each notebook, with a picture out of it; the pictures go to `folder`."""
    made, used = [], set()
    for path in template.list_notebooks(root / "notebooks"):
        book = nbformat.read(path, as_version=4)
        head = book.cells[0].source
        made.append(
            CARD.format(
                title=head.splitlines()[0].removeprefix("# "),
                name=path.stem,
                picture=_picture(book, used, folder / "pictures" / f"{path.stem}.png"),
                question=re.search(r"\*\*Question\.\*\* (.+)", head)[1],
                time=re.search(r"\*\*Time\.\*\* (.*?\d+ (?:seconds|minutes?))", head)[1],
            )
        )
    return "::::{grid} 1 2 3 3\n:gutter: 3\n\n" + "\n".join(made) + "::::"


def _picture(book, used: set, place: Path) -> str:
    """Lines of a card: the notebook's largest picture that no other card shows, or nothing where it has none."""
    largest = max((each for each in pictures(book) if each not in used), key=len, default=None)
    if largest is None:
        return ""
    used.add(largest)
    write_whole(_place(place), base64.b64decode(largest))
    return f":img-top: ../{place.parent.name}/{place.name}\n:class-img-top: card-picture\n"


def pictures(book) -> list[str]:
    """The stored pictures of a notebook, base64 of PNG."""
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    return [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]
