"""What every test shares: quiet threads, the browser, and a small notebook that follows the template."""

import os
import shutil
from pathlib import Path

import hypothesis
import nbformat
import pytest

os.environ.pop("MPLBACKEND", None)  # an outer setting would take the pictures out of the notebooks
os.environ.pop("ROOMSIGHT_PROFILE", None)  # stored outputs are those of the profile quick
os.environ["ROOMSIGHT_STAGES"] = "given"  # ... and of the course's own weights

hypothesis.settings.register_profile("course", deadline=None)  # how long an example takes says nothing about it
hypothesis.settings.load_profile("course")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
# files that take longer than any notebook
LONG = [Path(__file__).with_name(name) for name in ("test_browser.py", "test_page.py")]


def pytest_collection_modifyitems(items):
    """What takes longest comes first, so that both processes of `make test` end together; else the order stays."""
    from tools import template

    notebooks = {item.path for item in items if item.path.suffix == ".ipynb"}
    minutes = {path: template.stated_minutes(nbformat.read(path, as_version=4)) for path in notebooks}
    minutes |= {path: 5 for path in LONG}
    items.sort(key=lambda item: -minutes.get(item.path, 0))


@pytest.fixture(scope="session")
def chromium() -> str:
    return find_chromium()


def find_chromium() -> str:
    """Path of a Chromium; without one the test is skipped, and fails where CI=true."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("No Chromium here, and CI=true: the sliders would go untested.", pytrace=False)
    pytest.skip("no Chromium: the sliders are not tested (apt install chromium)")


@pytest.fixture(scope="module")
def browser(chromium):
    """A real browser, started once for a file of tests."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def lesson_book():
    """A notebook without a fault, as a node that a test may spoil."""
    from tools import template

    head = (
        f"# 00 · A lesson\n\n{template.badge('00_lesson.ipynb')}\n\n**Question.** Does it run?\n\n"
        "**What you will be able to do**\n\n- tell\n\n**Before you start.** Nothing.\n\n**Time.** 0.1 minutes."
    )
    ask, end = "## What we saw\n\nIt ran.\n\n## Exercises\n\nAdd one and one.", "## Next\n\nNothing."
    make = nbformat.v4
    cells = [
        make.new_markdown_cell(head),
        make.new_code_cell(template.first_cell(), execution_count=1),
        make.new_markdown_cell(ask),
        make.new_code_cell(
            "total = 1 + 1\n# Check\nassert total == 2", metadata={"tags": ["solution"]}, execution_count=2
        ),
        make.new_markdown_cell(end),
    ]
    return make.new_notebook(cells=cells)
