"""Which cells of a notebook its sliders need: those that make, or change, a name that a later needed cell uses."""

import ast
import dis
import re
from types import CodeType

BROWSE = re.compile(r"\b(browse|live)\(")  # what makes a picture with sliders


def needed_cells(cells: list[str]) -> list[str]:
    """The first cell, every cell with sliders, and what these need, in order."""
    wanted, kept = set(), []
    for source in reversed(cells):
        used, made, changed = names(source)
        if source is cells[0] or BROWSE.search(source) or (made | changed) & wanted:
            kept.append(source)
            wanted = wanted - made | used
    return kept[::-1]


def names(source: str) -> tuple[set[str], set[str], set[str]]:
    """The names that a cell uses without having made them before, those it makes, and those it changes inside."""
    used, made, changed = set(), set(), set()

    def walk(code: CodeType, top: bool) -> None:
        for step in dis.get_instructions(code):
            if step.opname == "STORE_NAME" and top:
                made.add(step.argval)
            elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL") and step.argval not in made:
                used.add(step.argval)
            elif isinstance(step.argval, CodeType):
                walk(step.argval, top=False)

    walk(compile(source, "cell", "exec"), top=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            while isinstance(node, ast.Subscript | ast.Attribute):
                node = node.value
            changed |= {node.id} if isinstance(node, ast.Name) else set()
    return used, made, changed
