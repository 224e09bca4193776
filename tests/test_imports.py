"""Imports run one way: base, world, data and base, models, learn; `show` and the files in `helpers` may use all."""

import ast
import re
from pathlib import Path

import pytest

from helpers import install

HELPERS = install.ROOT / "helpers"
MAY = {"world": set(), "models": set(), "data": {"world", "cluster"}, "learn": {"models"}}  # besides themselves


def used(path: Path) -> set[str]:
    """The parts of `helpers`, and its own functions, that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            package = ("helpers", *path.relative_to(HELPERS).parts[:-1])
            start = package[: len(package) - node.level + 1] if node.level else ()
            names = [".".join((*start, *filter(None, [node.module]), alias.name)) for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("helpers.")}
    return found


@pytest.mark.parametrize("part", MAY)
def test_imports_run_one_way(part):
    for path in (HELPERS / part).rglob("*.py"):
        wrong = used(path) - MAY[part] - {part, "base"}
        assert not wrong, f"{path.relative_to(HELPERS)} imports {', '.join(wrong)}, and {part} must not"


def test_helpers_never_import_what_only_makers_run():
    line = re.compile(r"^\s*(from|import) tools\b", re.M)
    assert not [path.name for path in HELPERS.rglob("*.py") if line.search(path.read_text())]
