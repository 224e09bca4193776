"""Stamps the address of the published course: into the one place, and from there into badges and first cells."""

import re
from pathlib import Path

import nbformat

from helpers.base import ROOT, write_whole

from . import template

OWNER = r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}"  # GitHub's own rules for names
NAME = r"(?!-)(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}(?<!\.git)"


def publish(repo: str, root: Path = ROOT) -> list[str]:
    """Stamp the GitHub repository `owner/name` into the course at `root`; the names of the files that changed."""
    if not re.fullmatch(f"{OWNER}/{NAME}", repo):
        short = repo if len(repo) < 100 else f"{repo[:100]} ..."
        raise ValueError(f"{short!r} names no repository of GitHub. Say which: make publish REPO=owner/name")
    address = f"https://github.com/{repo}"
    notebooks = template.list_notebooks(root / "notebooks")
    place = f'ADDRESS = "{address}"'
    changed = [_text(root / "helpers" / "__init__.py", re.compile(r'^ADDRESS = ".*?"', re.M), place)]
    changed.append(_text(root / "README.md", template.BADGES, template.badge(notebooks[0].name, address)))
    changed += [_notebook(path, address) for path in notebooks]
    return [name for name in changed if name]


def _text(path: Path, pattern: re.Pattern, new: str) -> str:
    """Replace what matches in a text file; its name where that changed it."""
    old = path.read_text(encoding="utf-8")
    text, count = pattern.subn(lambda match: new, old)
    if not count:
        raise ValueError(f"{path.name} has no place to stamp: nothing in it looks like {new}")
    return _changed(path, old, text)


def _notebook(path: Path, address: str) -> str:
    """Stamp one notebook's badge and first code cell; its name where that changed it."""
    old = path.read_text(encoding="utf-8")
    book = nbformat.reads(old, as_version=4)
    book.cells[0].source = template.BADGES.sub(lambda _: template.badge(path.name, address), book.cells[0].source)
    next(cell for cell in book.cells if cell.cell_type == "code").source = template.first_cell(address)
    return _changed(path, old, nbformat.writes(book) + "\n")


def _changed(path: Path, old: str, new: str) -> str:
    """Write the new text where it is another one; the file's name then, else nothing."""
    if new == old:
        return ""
    write_whole(path, new.encode())
    return path.name
