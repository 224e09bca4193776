"""Imports run one way: base, world, data and base, models, learn; `show` and the files in `helpers` may use all."""

import ast
import re
from pathlib import Path

import pytest

from helpers import install

HELPERS = install.ROOT / "helpers"
MAY = {"world": set(), "models": set(), "data": {"world"}, "learn": {"models"}}  # besides themselves
PARTS = {path.stem for path in HELPERS.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}


def used(path: Path, root: Path = HELPERS) -> set[str]:
    """The parts of `helpers` that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            package = ("helpers", *path.relative_to(root).parts[:-1])
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
        wrong = used(path) & PARTS - MAY[part] - {part, "base"}
        assert not wrong, f"{path.relative_to(HELPERS)} imports {', '.join(wrong)}, and {part} must not"


def test_the_check_sees_every_way_of_importing(tmp_path):
    (tmp_path / "world").mkdir()
    path = tmp_path / "world" / "a.py"
    for line in ("from .. import learn", "from ..learn import x", "import helpers.learn", "from helpers import learn"):
        path.write_text(f"def f():\n    {line}\n")
        assert used(path, tmp_path) == {"learn"}, line
    path.write_text("from . import b\nfrom .b import c\nimport numpy")
    assert used(path, tmp_path) == {"world"}


def test_helpers_never_import_what_only_makers_run():
    line = re.compile(r"^\s*(from|import) tools\b", re.M)
    assert not [path.name for path in HELPERS.rglob("*.py") if line.search(path.read_text())]
