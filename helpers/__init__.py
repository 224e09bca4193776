"""Roomsight: a drawn world, its data, small networks, and the pictures that explain them."""

import os
import sys

if sys.version_info < (3, 10):  # noqa: UP036  # said before anything newer is imported
    print("Roomsight needs Python 3.10 or newer: https://www.python.org/downloads/", file=sys.stderr)
    raise SystemExit(2)

# Before torch is loaded: its threads sleep while they wait. Awake, they make a busy two-core machine ten times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

ADDRESS = ""  # where the course is published: the one place; `make publish REPO=owner/name` writes it, here and onward


def __getattr__(name: str):
    """`predict`, imported when first asked for: torch takes seconds to import. The module itself can be called."""
    if name == "predict":
        from importlib import import_module

        return import_module(".predict", __name__)
    raise AttributeError(f"helpers has nothing called {name!r}")
