"""Stamps the address of the published course: into the one place, and from there into badges, links and first cells."""

import re
from functools import partial
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
    address, notebooks = f"https://github.com/{repo}", template.list_notebooks(root / "notebooks")
    tried = partial(template.TRY.sub, f"[Try it in your browser]({page_address(repo)})")
    stamps = {path: partial(stamped_notebook, path.name, address) for path in notebooks}
    badge = partial(template.BADGES.sub, template.badge(notebooks[0].name, address))
    stamps[root / "README.md"] = lambda text: tried(badge(text))
    stamps[root / "book" / "index.md"] = tried
    stamps[root / "helpers" / "__init__.py"] = partial(re.sub, r'(?m)^ADDRESS = ".*?"', f'ADDRESS = "{address}"')
    changed = []
    for path, stamp in stamps.items():
        old = path.read_text(encoding="utf-8")
        new = stamp(old)
        if repo not in new and page_address(repo) not in new:
            raise ValueError(f"{path.name} has no place for the address: nothing in it looks like a badge or ADDRESS")
        if new != old:
            write_whole(path, new.encode())
            changed.append(path.name)
    print(f"Stamped {repo} into:", ", ".join(changed) or "nothing, it was there already")
    return changed


def page_address(repo: str) -> str:
    """Where the workflow `pages` publishes the page to try the network, beside the book."""
    owner, name = repo.split("/")
    return f"https://{owner.lower()}.github.io/{name}/try/"


def stamped_notebook(name: str, address: str, text: str) -> str:
    """The text of a notebook with its badge and its first code cell for this address."""
    book = nbformat.reads(text, as_version=4)
    head = template.BADGES.sub(template.badge(name, address), book.cells[0].source)
    where = page_address(address.removeprefix("https://github.com/"))
    book.cells[0].source = template.TRY.sub(f"[Try it in your browser]({where})", head)
    next(cell for cell in book.cells if cell.cell_type == "code").source = template.first_cell(address)
    return nbformat.writes(book) + "\n"
