"""The makers' commands: `python -m tools --help`."""

import argparse
import os
import sys

try:
    from . import book, colab, course, page, publish, seeds, template
except ModuleNotFoundError as error:
    sys.exit(f"{error}. Use the course's own Python: make, or .venv/bin/python -m tools ...")


def draw_covers() -> None:
    """The README's pictures."""
    from . import covers  # torch takes seconds to import

    print("Drawn:", *(path.name for path in covers.write(course.RUNS.parent)))


COMMANDS = {
    "course": (course.course, "run every notebook; what they show lands in artifacts/runs/"),
    "refresh": (course.refresh, "run every notebook and store its outputs in it"),
    "exercises": (course.exercises, "write the notebooks with their solutions blanked to artifacts/runs/exercises/"),
    "book": (book.build, "build the course as a static site, with the stored outputs, in artifacts/runs/book/"),
    "page": (page.build, "build the page to try the network in a browser, in artifacts/runs/page/"),
    "check": (template.check_all, "check that every notebook follows the template"),
    "covers": (draw_covers, "draw the README's pictures anew"),
    "colab": (colab.colab, "run each notebook alone, as on Colab: with its packages, the course fetched from git"),
    "publish": (publish.publish, "stamp the address of the published course into badges and first cells"),
    "seeds": (seeds.seeds, "run a notebook with other random seeds, and count how often its assertions hold"),
}


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks for; the exit status: 0 done, 1 found faults, 2 a mistake in the request."""
    asked = vars(parser().parse_args(arguments))
    try:
        return 1 if COMMANDS[asked.pop("command")][0](**asked) is False else 0
    except course.NotebookFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """What may be asked for; each argument is one of the function's."""
    made = argparse.ArgumentParser(prog="python -m tools", description="What the makers of the course run.")
    some = made.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="command")
    each = {name: some.add_parser(name, help=text, description=text) for name, (_, text) in COMMANDS.items()}
    for name in ("course", "refresh", "colab"):
        each[name].add_argument("names", metavar="NAME", nargs="*", help="a notebook, such as 03 (all of them)")
    repo = os.environ.get("REPO", "")  # `make publish REPO=...` says it here: no shell reads it
    each["publish"].add_argument("repo", metavar="OWNER/NAME", nargs="?", default=repo, help="on GitHub (REPO says it)")
    each["page"].add_argument("--serve", action="store_true", help="show it to this computer's browsers afterwards")
    each["page"].add_argument("--speed", action="store_true", help="measure pictures a second in Chromium, as a table")
    each["seeds"].add_argument("name", metavar="NAME", help="a notebook, such as 03")
    each["seeds"].add_argument("--count", type=int, default=10, metavar="N", help="how many seeds (10)")
    each["seeds"].add_argument("--until", type=int, metavar="N", help="the last code cell to run (the notebook's last)")
    return made


if __name__ == "__main__":
    sys.exit(main())
