"""A study of eight runs that take no time, or as long as the environment says; each run leaves a line in a log."""

import os
import signal
import time
from pathlib import Path

from helpers.study import Study


def describe() -> Study:
    """The study, as `helpers.study` asks for it."""
    place = Path(os.environ["FAKE_LOG"]).parent
    return Study(
        name="fake",
        figures=("score", "curve"),
        runs=[{"colour": colour, "seed": seed} for seed in (0, 1) for colour in ("red", "green", "blue", "a, b")],
        settings=lambda run: {"size": 3, "again": run["colour"]},
        prepare=dict,
        work=work,
        home=place / "tables",
        locks=place / "locks",
    )


def work(run: dict, settings: dict, shared: dict) -> dict:
    """Figures of one run."""
    with open(Path(os.environ["FAKE_LOG"]), "a") as log:
        log.write(f"{run['colour']} {run['seed']}\n")
    mark = Path(os.environ["FAKE_LOG"]).with_name("killed")
    if run == {"colour": os.environ.get("FAKE_KILLED"), "seed": 0} and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)  # the first time
    time.sleep(float(os.environ.get("FAKE_SECONDS", 0)))
    return {"score": len(run["colour"]) / 4, "curve": "0.5 0.75", "steps": 7}
