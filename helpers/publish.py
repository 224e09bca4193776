"""Stamps the address of the published course: into the one place, and from there into badges and first cells."""

import re
from pathlib import Path

import nbformat

from . import lesson
from .base import ROOT


def publish(repo: str, root: Path = ROOT) -> list[str]:
    """Stamp the GitHub repository `owner/name` into the course at `root`; the names of the files that changed."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]*[A-Za-z0-9_-][A-Za-z0-9._-]*", repo):
        raise ValueError(f"{repo!r} names no repository. Say which: make publish REPO=owner/name")
    address = f"https://github.com/{repo.removesuffix('.git')}"
    changed = [_text(root / "helpers" / "__init__.py", r'^ADDRESS = ".*?"', f'ADDRESS = "{address}"')]
    changed.append(_text(root / "README.md", r"\[!\[Open in Colab\]\(\S+?\)\]\(\S+?\)", _readme_badge(address, root)))
    changed += [_notebook(path, address) for path in lesson.notebooks(root / "notebooks")]
    return [name for name in changed if name]


def _readme_badge(address: str, root: Path) -> str:
    first = lesson.notebooks(root / "notebooks")[0]
    return lesson.badge(first.name, address)


def _text(path: Path, pattern: str, new: str) -> str:
    """Replace what matches in a text file; its name where that changed it."""
    old = path.read_text(encoding="utf-8")
    text, count = re.subn(pattern, lambda match: new, old, flags=re.M)
    if not count:
        raise ValueError(f"{path.name} has no place to stamp: nothing in it looks like {new}")
    if text == old:
        return ""
    path.write_text(text, encoding="utf-8")
    return path.name


def _notebook(path: Path, address: str) -> str:
    """Stamp one notebook's badge and first code cell; its name where that changed it."""
    old = path.read_text(encoding="utf-8")
    book = nbformat.reads(old, as_version=4)
    head = book.cells[0]
    head.source = re.sub(
        r"\[!\[Open in Colab\]\(\S+?\)\]\(\S+?\)", lambda _: lesson.badge(path.name, address), head.source
    )
    first = next(cell for cell in book.cells if cell.cell_type == "code")
    first.source = lesson.first_cell(address)
    new = nbformat.writes(book) + "\n"
    if new == old:
        return ""
    path.write_text(new, encoding="utf-8")
    return path.name
