"""The template that every notebook follows: its checker, and exercises made from solutions.

First cell, markdown:   # 01 · Title, badge, **Question.**, **What you will be able to do** and a list,
                        **Before you start.**, **Time.** N minutes ..., links to the previous and the next notebook.
First code cell:        `first_cell()`, the same everywhere.
Last headings:          ## What we saw, ## Exercises (each a question, then a code cell tagged `solution`), ## Next.
A solution cell's lines from `# Check` on stay in the exercise, so that a learner can check the answer.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat

from helpers import ADDRESS
from helpers.base import ROOT

NOTEBOOKS = ROOT / "notebooks"
FIRST = """\
# The same first cell everywhere: it finds the course, or fetches it where a notebook came alone.
import os
import subprocess
import sys
from pathlib import Path

assert sys.version_info >= (3, 10), "The course needs Python 3.10 or newer: www.python.org"
ADDRESS = os.environ.get("ROOMSIGHT_ADDRESS") or "{address}"
here, mark = Path.cwd(), Path("helpers", "install.py")
course = next((p for p in (here, *here.parents) if (p / mark).exists()), here / "roomsight")
if not (course / mark).exists():
    git = ["git", "clone", "--quiet", "--depth", "1", "--", ADDRESS, str(course)]
    quiet = os.environ | {"GIT_TERMINAL_PROMPT": "0"}
    told = subprocess.run(git, env=quiet, stderr=subprocess.PIPE, text=True).stderr
    why = told.partition("\\n")[0] or "it holds something else: remove it"
    assert (course / mark).exists(), (
        f"This notebook came alone, and its course could not be fetched from {ADDRESS!r} to "
        f"{course}: {why}. Clone the course and open the notebook there, or set ROOMSIGHT_ADDRESS."
    )
sys.path.insert(0, str(course))
from helpers import install

install.complete(alone=course == here / "roomsight")  # adds what is missing, replaces nothing"""
BADGE = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({link})"
BADGES = re.compile(r"\[!\[Open in Colab\]\(\S+?\)\]\((\S+?)\)")  # what such a badge looks like, wherever it leads
TRY = re.compile(r"\[Try it in your browser\]\((\S+?)\)")  # the link to the page of `make page`, wherever it leads
HEAD = ("**Question.**", "**What you will be able to do**\n\n- ", "**Before you start.**", "**Time.**")
END = ["## What we saw", "## Exercises", "## Next"]
TIME = re.compile(r"\*\*Time\.\*\*.*?([\d.]+) minutes?")
CHECK = "# Check"
BLANK = "# Your solution here. To go on without one, copy that of notebooks/{}.\n\n\n"
LONGEST, WIDEST = 25, 100  # lines of a code cell, and the characters of a line
LARGEST = 1_500_000  # bytes of a notebook
MACHINE = re.compile(r"(?<![\w.:/])/(?:home|Users|root|tmp|" + re.escape(ROOT.parts[1]) + r")/\w|\b[A-Z]:\\+Users\\")


def list_notebooks(folder: Path = NOTEBOOKS) -> list[Path]:
    """The course's notebooks in the order in which they are read."""
    return sorted(folder.glob("[0-9][0-9]*_*.ipynb"))


def number_of(path: Path) -> str:
    """The notebook's number as its title and the maps write it: 04, or 04b for the one after it."""
    return path.name.partition("_")[0]


def chosen(names: Sequence[str], folder: Path = NOTEBOOKS) -> list[Path]:
    """The notebooks that are asked for, by number or name; all where none is named."""
    paths, found = list_notebooks(folder), []
    for name in names:
        fits = [path for path in paths if {Path(name).stem, name.zfill(2)} & {path.stem, number_of(path)}]
        if not fits:
            raise ValueError(f"{name!r} is none of the notebooks: {', '.join(path.stem for path in paths)}")
        found += fits
    return list(dict.fromkeys(found)) or paths


def first_cell(address: str = ADDRESS) -> str:
    """Source of the first code cell of every notebook."""
    return FIRST.replace("{address}", address)


def badge(name: str, address: str = ADDRESS) -> str:
    """Markdown of a notebook's Colab badge; until the course is published it leads to the README's word on that."""
    where = address.removeprefix("https://github.com/")
    link = f"https://colab.research.google.com/github/{where}/blob/main/notebooks/{name}"
    return BADGE.format(link=link if address else "../README.md#colab")


def stated_minutes(book) -> float:
    """How long the notebook's first cell says that it takes."""
    return float(TIME.search(book.cells[0].source)[1])


def check_all() -> bool:
    """Print every fault of every notebook; whether there is none."""
    paths = list_notebooks()
    faults = [f"{path.name} {fault}" for path in paths for fault in check(path)]
    print("\n".join(faults) or f"{len(paths)} notebooks follow the template.")
    return not faults


def check(path: Path) -> list[str]:
    """Everything in which a notebook departs from the template, one sentence each."""
    if path.stat().st_size > LARGEST:
        return [f"is {path.stat().st_size / 1e6:.1f} MB; the limit is {LARGEST / 1e6} MB"]
    try:
        book = nbformat.read(path, as_version=4)
        nbformat.validate(book)
    except Exception as error:  # nbformat raises a different class for each way in which a file is not a notebook
        return [f"is not a valid notebook: {str(error).splitlines()[0]}"]
    code = [cell for cell in book.cells if cell.cell_type == "code" and cell.source.strip()]
    rules = (_head(book, path), _links(book, path), _code(code), _end(book), _solutions(book), _outputs(code))
    faults = [fault for rule in rules for fault in rule]
    if "widgets" in book.metadata:
        faults.append("holds widget state (metadata.widgets), which viewers refuse")
    return faults


def _head(book, path: Path) -> Iterator[str]:
    head = book.cells[0].source if book.cells and book.cells[0].cell_type == "markdown" else ""
    if not re.match(rf"# {number_of(path)} · \w", head):
        yield f"the first cell must be markdown and begin with '# {number_of(path)} · Title'"
    for part in HEAD:
        if part not in head:
            yield f"the first cell has no {part.strip()!r}"
    if not TIME.search(head):
        yield "**Time.** states no number of minutes"
    if badge(path.name) not in head:
        yield "the first cell has no Colab badge, or one with another address (publish stamps it)"


def _links(book, path: Path) -> Iterator[str]:
    head = book.cells[0].source if book.cells else ""
    names = [p.name for p in list_notebooks(path.parent)]
    at = names.index(path.name) if path.name in names else 0
    for word, neighbour in (("Previous", names[at - 1 : at]), ("Next", names[at + 1 : at + 2])):
        if neighbour and not re.search(rf"\*\*{word}\.\*\* \[[^]]+\]\({re.escape(neighbour[0])}\)", head):
            yield f"the first cell has no '**{word}.** [title]({neighbour[0]})'"
    for cell in book.cells:
        for link in re.findall(r"\]\(([\w.-]+\.ipynb)", cell.source if cell.cell_type == "markdown" else ""):
            if not (path.parent / link).exists():
                yield f"links to {link}, which does not exist"


def _code(code: list) -> Iterator[str]:
    if not code or code[0].source != first_cell():
        yield "the first code cell is not the course's (publish stamps it)"
    for number, cell in enumerate(code, 1):
        if len(cell.source.splitlines()) > LONGEST:
            yield f"code cell {number} has more than {LONGEST} lines"
        if any(len(line) > WIDEST for line in cell.source.splitlines()):
            yield f"code cell {number} has a line of more than {WIDEST} characters"
        if MACHINE.search(cell.source):
            yield f"code cell {number} names a path of one machine"
    if [cell.execution_count for cell in code] != list(range(1, len(code) + 1)):
        yield "was not run from top to bottom (make refresh)"


def _end(book) -> Iterator[str]:
    text = "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
    headings = re.findall(r"^## .*$", text, re.M)
    if [heading.strip() for heading in headings[-3:]] != END:
        yield f"the last headings must be: {', '.join(END)}"


def _solutions(book) -> Iterator[str]:
    solutions = [cell for cell in book.cells if is_solution(cell)]
    if not solutions:
        yield "has no exercise: no code cell is tagged 'solution'"
    for cell in solutions:
        if not re.search(rf"^{CHECK}.*\n(.*\n)*?.*\b(assert|check)\b", cell.source, re.M):
            yield f"a solution has no '{CHECK}' line with an assert after it: {cell.source.splitlines()[0]}"


def _outputs(code: list) -> Iterator[str]:
    for number, cell in enumerate(code, 1):
        for output in cell.outputs:
            if output.output_type == "error":
                yield f"code cell {number} shows an error: {output.ename}"
            data = output.get("data", {})
            if others := [kind for kind in data if kind.startswith("image/") and kind != "image/png"]:
                yield f"code cell {number} holds {others[0]}; pictures are PNG"
            texts = [output.get("text", ""), *(text for kind, text in data.items() if kind.startswith("text/"))]
            if any(MACHINE.search("".join(text)) for text in texts):
                yield f"code cell {number} shows a path of one machine"


def is_solution(cell) -> bool:
    """Whether a cell is code tagged `solution`."""
    return cell.cell_type == "code" and "solution" in cell.metadata.get("tags", [])


def exercise(book, name: str):
    """The notebook of this name as a learner gets it to solve: solutions blanked down to their checks, no outputs."""
    book = nbformat.from_dict(book)
    for cell in book.cells:
        if is_solution(cell):
            kept = cell.source.partition(CHECK)
            cell.source = BLANK.format(name) + kept[1] + kept[2]
    return clear_outputs(book)


def clear_outputs(book):
    """The same notebook as before it was ever run."""
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return book
