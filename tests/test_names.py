"""One meaning per name: no public function or class of `helpers` shares its name with another one."""

import ast
from collections import defaultdict
from pathlib import Path

HELPERS = Path(__file__).parents[1] / "helpers"


def test_no_public_name_stands_for_two_things():
    places = defaultdict(list)
    for path in sorted(HELPERS.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(HELPERS)))
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert not twice, f"Give one of each another name: {twice}"
