"""Roomsight: a drawn world, its data, small networks, and the pictures that explain them."""

ADDRESS = ""  # where the course is published: the one place; `make publish REPO=owner/name` writes it, here and onward


def __getattr__(name: str):
    """`predict`, imported when first asked for: torch takes seconds to import. The module itself can be called."""
    if name == "predict":
        from importlib import import_module

        return import_module(".predict", __name__)
    raise AttributeError(f"helpers has nothing called {name!r}")
