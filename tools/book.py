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
from helpers.base import ROOT, folder

from . import template
from .course import RUNS, write

OUT = RUNS / "book"
FIRST = "The first cell, the same in every notebook: it finds the course"
SOLUTION = "A solution"
LINK = re.compile(r"(!?)\[([^][]*(?:\[[^][]*\][^][]*)*)\]\(([^()\s]+)\)")
LOCAL = {".md", ".ipynb", ".png", ".jpg", ".webp", ".csv", ""}  # links to other files of the course stay as words
CARDS = "<!-- a card for each notebook -->"
CARD = """\
:::{{grid-item-card}} {title}
:link: ../notebooks/{name}
:link-type: doc
:img-top: ../pictures/{name}.png
:class-img-top: card-picture

{question}
+++
{time} minutes to run
:::
"""


def build(out: Path = OUT) -> Path:
    """Build the site from nothing into `out`; its first page. A page that jupyter-book warns of is an error."""
    if not find_spec("jupyter_book"):
        raise ModuleNotFoundError("The book needs jupyter-book, which only the course's own environment holds")
    out = out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    source = sources(out / "source")
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", str(source)]
    command += ["--path-output", str(out), "--all", "--quiet", "--warningiserror", "--keep-going"]
    told = subprocess.run(command, capture_output=True, text=True, cwd=source)
    first = out / "_build" / "html" / "index.html"
    if told.returncode or not first.is_file():
        raise ValueError(f"The book could not be built:\n{told.stdout[-4000:]}{told.stderr[-4000:]}")
    print(f"Open it in a browser: {first}")
    return first


def sources(out: Path, root: Path = ROOT) -> Path:
    """Copy to `out` all that the site is made of: settings, pages, notebooks, and whatever these link to."""
    shutil.copytree(root / "book", out, ignore=shutil.ignore_patterns("*.md", "__pycache__", "page"))
    waiting = [*sorted((root / "book").glob("*.md")), *template.list_notebooks(root / "notebooks")]
    for path in waiting:  # the list grows by what each links to
        waiting += [file for file in _copied(path, out, root) if file not in waiting]
    return out


def _copied(path: Path, out: Path, root: Path) -> set[Path]:
    """Copy one file as the site shows it; the files of the course that it links to."""
    place, found = out / path.relative_to(root), set()
    folder(place.parent)
    if path.suffix == ".ipynb":
        book = folded(nbformat.read(path, as_version=4))
        for cell in book.cells:
            if cell.cell_type == "markdown":
                cell.source = shown(cell.source, path, found)
        write(book, place)
    elif path.suffix == ".md":
        text = shown(path.read_text(encoding="utf-8"), path, found)
        place.write_text(text.replace(CARDS, cards(out, root)) if CARDS in text else text, encoding="utf-8")
    else:
        shutil.copyfile(path, place)
    return found


def folded(book):
    """The notebook with its first cell and its solutions folded behind a click."""
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    for cell in code:
        if cell is code[0] or template.is_solution(cell):
            tag, words = ("hide-input", FIRST) if cell is code[0] else ("hide-cell", SOLUTION)
            cell.metadata.tags = [*cell.metadata.get("tags", []), tag]
            cell.metadata.mystnb = {"code_prompt_show": words, "code_prompt_hide": words}
    return book


def shown(text: str, path: Path, found: set[Path]) -> str:
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
            found.add(file)
        return f"{picture}[{words}]({name}{'#' * bool(place)}{anchor(place)})"

    colab = r"[Open this notebook in Colab](\1)" if ADDRESS else r"[How to open a notebook on Colab](\1)"
    parts = re.split(r"(^```.*?^```)", template.BADGES.sub(colab, text), flags=re.M | re.S)
    return "".join(part if k % 2 else LINK.sub(link, part) for k, part in enumerate(parts))  # fences stay as they are


def anchor(place: str) -> str:
    """The name of a heading in the site, from its name in JupyterLab: `1.-A-loss` becomes `1-a-loss`."""
    return re.sub(r"[^\w-]", "", unquote(place).lower())


def cards(out: Path, root: Path = ROOT) -> str:
    """Markdown of a grid of cards, one for each notebook, with its largest picture; the pictures go to `out`."""
    made = []
    for path in template.list_notebooks(root / "notebooks"):
        book = nbformat.read(path, as_version=4)
        data = [output.get("data", {}) for cell in book.cells for output in cell.get("outputs", [])]
        largest = max((each["image/png"] for each in data if "image/png" in each), key=len)
        (folder(out / "pictures") / f"{path.stem}.png").write_bytes(base64.b64decode(largest))
        title, question = re.match(r"# (.+?)\n.*?\*\*Question\.\*\* ([^\n]+)", book.cells[0].source, re.S).groups()
        time = f"{template.stated_minutes(book):g}"
        made.append(CARD.format(title=title, name=path.stem, question=question, time=time))
    return "::::{grid} 1 2 3 3\n:gutter: 3\n\n" + "\n".join(made) + "::::"
