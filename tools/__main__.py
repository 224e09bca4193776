"""The makers' commands: `python -m tools --help`."""

import argparse
import os
import sys

try:
    from . import book, colab, course, publish, seeds, template
except ModuleNotFoundError as error:
    sys.exit(f"{error}. Use the course's own Python: make, or .venv/bin/python -m tools ...")

COMMANDS = {
    "course": "run every notebook; what they show lands in artifacts/runs/",
    "refresh": "run every notebook and store its outputs in it",
    "exercises": "write the notebooks with their solutions blanked to artifacts/runs/exercises/",
    "book": "build the course as a static site, with the stored outputs, in artifacts/runs/book/",
    "check": "check that every notebook follows the template",
    "covers": "draw the README's pictures anew",
    "colab": "run each notebook alone, as on Colab: with its packages, the course fetched from this git repository",
    "publish": "stamp the address of the published course into badges and first cells",
    "seeds": "run a notebook with other random seeds, and count how often its assertions hold",
}


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks for; the exit status: 0 done, 1 found faults, 2 a mistake in the request."""
    asked = parser().parse_args(arguments)
    try:
        return 0 if work(asked) else 1
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
    """What may be asked for."""
    made = argparse.ArgumentParser(prog="python -m tools", description="What the makers of the course run.")
    some = made.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="command")
    each = {name: some.add_parser(name, help=text, description=text) for name, text in COMMANDS.items()}
    for name in ("course", "refresh", "colab"):
        each[name].add_argument("names", metavar="NAME", nargs="*", help="a notebook, such as 03 (all of them)")
    each["publish"].add_argument("repo", metavar="OWNER/NAME", nargs="?", help="the GitHub repository (what REPO says)")
    each["seeds"].add_argument("name", metavar="NAME", help="a notebook, such as 03")
    each["seeds"].add_argument("--count", type=int, default=10, metavar="N", help="how many seeds (10)")
    each["seeds"].add_argument("--until", type=int, metavar="N", help="the last code cell to run (the notebook's last)")
    return made


def work(asked) -> bool:
    """Do one command; whether all was well."""
    match asked.command:
        case "course":
            course.course(asked.names)
        case "refresh":
            course.refresh(asked.names)
        case "exercises":
            print(f"{len(course.exercises())} notebooks to solve in artifacts/runs/exercises/")
        case "book":
            print(f"Open it in a browser: {book.build()}")
        case "check":
            return template.check_all()
        case "covers":
            from . import covers  # torch takes seconds to import

            print("Drawn:", *(path.name for path in covers.write(course.RUNS.parent)))
        case "colab":
            return colab.colab(asked.names)
        case "publish":
            repo = asked.repo or os.environ.get("REPO", "")  # `make publish REPO=...` says it here: no shell reads it
            print(f"Stamped {repo} into:", ", ".join(publish.publish(repo)) or "nothing, it was there already")
        case "seeds":
            seeds.seeds(asked.name, asked.count, asked.until)
    return True


if __name__ == "__main__":
    sys.exit(main())
