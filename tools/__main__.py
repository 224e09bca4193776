"""The makers' commands: `python -m tools --help`."""

import argparse
import os
import sys


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks for; the exit status: 0 done, 1 found faults, 2 a mistake in the request."""
    asked = _parser().parse_args(arguments)
    try:
        return asked.work(asked) or 0
    except ModuleNotFoundError as error:
        print(f"{error}. Use the course's own Python: make, or .venv/bin/python -m tools ...", file=sys.stderr)
        return 2
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools", description="What the makers of the course run.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name, work, text):
        made = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        made.set_defaults(work=work)
        return made

    some = {"metavar": "NAME", "nargs": "*", "help": "a notebook, such as 03; all where none is named"}
    made = command("course", _course, "run every notebook; what they show lands in artifacts/runs/")
    made.add_argument("names", **some)
    made = command("refresh", _refresh, "run every notebook and store its outputs in it")
    made.add_argument("names", **some)
    command("exercises", _exercises, "write the notebooks with their solutions blanked to artifacts/runs/exercises/")
    command("book", _book, "build the course as a static site, with the stored outputs, in artifacts/runs/book/")
    command("check", _check, "check that every notebook follows the template")
    command("covers", _covers, "draw the README's pictures anew")
    text = "run each notebook alone, as on Colab: with its packages, the course fetched from this git repository"
    command("colab", _colab, text).add_argument("names", **some)
    made = command("publish", _publish, "stamp the address of the published course into badges and first cells")
    made.add_argument("repo", metavar="OWNER/NAME", nargs="?", help="the GitHub repository (what REPO says)")
    made = command("seeds", _seeds, "run a notebook with other random seeds, and count how often its assertions hold")
    made.add_argument("name", metavar="NAME", help="a notebook, such as 03")
    made.add_argument("--count", type=int, default=10, metavar="N", help="how many seeds (10)")
    made.add_argument("--until", type=int, metavar="N", help="the last code cell to run (the notebook's last)")
    return parser


def _course(asked) -> int:
    from . import course

    return _failing_cell_is_named(course.course, asked.names)


def _refresh(asked) -> int:
    from . import course

    return _failing_cell_is_named(course.refresh, asked.names)


def _failing_cell_is_named(work, names: list[str]) -> int:
    """Run the notebooks; a cell that fails is a sentence about that cell."""
    from .course import NotebookFailed

    try:
        work(names)
    except NotebookFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def _exercises(asked) -> None:
    from . import course

    print(f"{len(course.exercises())} notebooks to solve in artifacts/runs/exercises/")


def _book(asked) -> None:
    from . import book

    print(f"Open it in a browser: {book.build()}")


def _check(asked) -> int:
    from . import template

    paths = template.list_notebooks()
    faults = [f"{path.name} {fault}" for path in paths for fault in template.check(path)]
    print("\n".join(faults) or f"{len(paths)} notebooks follow the template.")
    return 1 if faults else 0


def _covers(asked) -> None:
    from helpers.base import ROOT

    from . import covers

    print("Drawn:", *(path.name for path in covers.write(ROOT / "artifacts")))


def _colab(asked) -> int:
    from . import colab

    return 0 if colab.colab(asked.names) else 1


def _publish(asked) -> None:
    from . import publish

    repo = asked.repo or os.environ.get("REPO", "")  # `make publish REPO=...` says it here: no shell reads it
    changed = publish.publish(repo)
    print(f"Stamped {repo} into", ", ".join(changed) if changed else "nothing: it was there already.")


def _seeds(asked) -> None:
    from . import seeds

    seeds.seeds(asked.name, asked.count, asked.until)


if __name__ == "__main__":
    sys.exit(main())
