"""The sliders of the notebooks in a real browser: JupyterLab runs them, keys move a slider, the picture follows.

Of a notebook only the cells run that its sliders need (`needed.py`); then `moves.py` says which picture each move
must bring, and the page must show the very bytes.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import Request, urlopen

import moves
import nbformat
import pytest
from needed import BROWSE, needed_cells

from helpers.base import ROOT
from tools import course, template

pytestmark = pytest.mark.browser
START_SECONDS, RUN_SECONDS, MOVE_SECONDS = 120, 300, 60  # for the lab, a notebook, and one move, on a busy machine

TRAINED = 'from helpers.inference import trained_network\n\nnetwork, _ = trained_network("masknet")'
# The notebooks, and what takes the place of the cell that trains what their sliders show: weights that ship.
NOTEBOOKS = {
    "01_dataset_creation": {},
    "03_masknet": {'history = mine.trained("mask"': TRAINED},
    "08_detection": {},
    "09_results": {'history = mine.trained("final"': "own = own.eval()"},
    "10_watch": {},
}
# for CI's time: nbval runs these, and ROOMSIGHT_SLIDERS=all moves their sliders here, too
OTHERS = {"00_start_here", "02_augmentation", "04_depthnet", "04b_roomnet", "05_loss_experiments", "07_unet_transfer"}
MOVED = [*NOTEBOOKS, *(sorted(OTHERS) if os.environ.get("ROOMSIGHT_SLIDERS") == "all" else ())]

PICTURE = "img.widget-image"
OUTPUT = f".jp-OutputArea-output:has({PICTURE})"
ERROR, STDERR = (f'[data-mime-type="application/vnd.jupyter.{kind}"]' for kind in ("error", "stderr"))
NEWS = re.compile("/lab/api/(news|update)")  # for these the server would ask the network
PLAN = "The moves: "
HASH = """async image => {
    const bytes = await (await fetch(image.src)).arrayBuffer()
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
    return Array.from(hash, byte => byte.toString(16).padStart(2, "0")).join("")
}"""
CONTROL = ".widget-slider, .widget-dropdown, .widget-checkbox"
HANDLE = ".noUi-handle, select, input"  # what takes the keys
SAYS = """control => control.querySelector(".widget-readout")?.textContent
    ?? control.querySelector("select")?.selectedOptions[0].text
    ?? String(control.querySelector("input").checked)"""


class Lab(NamedTuple):
    """A JupyterLab, the folder that it serves, and a browser to look at it."""

    address: str
    folder: Path
    browser: object


@contextmanager
def jupyter(folder, settings):
    """Address of a JupyterLab that serves `folder`, with no state from outside and none left behind."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", "--IdentityProvider.token=course", f"--ServerApp.root_dir={folder}"]
    command += [f"--LabApp.{part}_dir={settings}" for part in ("user_settings", "workspaces")]
    command += [f"--LabApp.app_settings_dir={ROOT / 'tools' / 'lab'}"]  # as `make lab` does: no news, no updates
    places = {name: str(settings) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR")}
    places["OMP_NUM_THREADS"] = "1"  # the browser needs a core, too
    log = settings / "log.txt"
    with log.open("w") as words:
        server = subprocess.Popen(command, stdout=words, stderr=subprocess.STDOUT, env=os.environ | places)
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START_SECONDS
        while not answers(f"{address}/api?token=course"):
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def answers(address: str) -> bool:
    """Whether the server is there."""
    try:
        return urlopen(address, timeout=5).status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """One JupyterLab for all notebooks; it serves a folder inside the course that git ignores."""
    folder = course.RUNS / "browser"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with jupyter(folder, tmp_path_factory.mktemp("settings")) as address:
            yield Lab(address, folder, browser)
    finally:
        shutil.rmtree(folder)


@contextmanager
def page_of(lab, name: str, book):
    """A page on the notebook, and the list of what its console complains of; the notebook's kernel ends with it."""
    course.write(book, lab.folder / f"{name}.ipynb")
    page, complaints = lab.browser.new_page(viewport={"width": 1400, "height": 1000}), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: NEWS.search(asked.url) and complaints.append(f"asks for {asked.url}"))
    page.route(re.compile(f"^(?!{re.escape(lab.address)})"), lambda route: route.abort())  # nothing from outside
    page.goto(f"{lab.address}/doc/tree/{name}.ipynb?token=course")
    try:
        yield page, complaints
    finally:
        page.close()
        end_kernels(f"{lab.address}/api/sessions")


def end_kernels(address: str) -> None:
    """End what runs, so that the next notebook has the machine to itself."""
    for session in json.load(urlopen(f"{address}?token=course")):
        urlopen(Request(f"{address}/{session['id']}?token=course", method="DELETE"))


def run_all(page) -> list[list[dict]]:
    """Run every cell through the menu, as a learner does; the moves that the last cell then says."""
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
    page.wait_for_selector('.jp-StatusBar-TextItem:has-text("Python 3 (ipykernel) | Idle")', timeout=60_000)
    page.click('.lm-MenuBar-item:has-text("Run")')
    page.click('[data-command="runmenu:run-all"]')
    told = f'.jp-OutputArea-output pre:has-text("{PLAN}")'
    page.wait_for_selector(f"{told}, {ERROR}", state="attached", timeout=RUN_SECONDS * 1000)
    assert page.locator(ERROR).all_text_contents() == []
    return json.loads(page.text_content(told).removeprefix(PLAN))


def faults(page, complaints: list[str]) -> list[str]:
    """What cells show as errors or have written to stderr, and what the page's console complains of."""
    return page.locator(f"{ERROR}, {STDERR}").all_text_contents() + complaints


def check_sliders(page, plan) -> None:
    """Every picture follows all of its controls; at the end each is what it was left as."""
    outputs = page.locator(OUTPUT).all()
    assert len(outputs) == len(plan), "Not every picture with sliders that was made is in the page."
    for steps, output in zip(plan, outputs):
        check_slider(steps, output)
    for steps, output in zip(plan, outputs):
        shows(output, steps[-1]["sha256"], "the moves of all the others")


def check_slider(steps, output) -> None:
    """Each control of this output, moved by its keys, says the planned value and brings the planned picture."""
    start, *steps = steps
    output.scroll_into_view_if_needed()
    shows(output, start["sha256"], start["name"])
    controls = output.locator(CONTROL).all()
    assert len(controls) == len(steps)
    before = start["sha256"]
    for control, step in zip(controls, steps):
        assert step["sha256"] != before, f"The keys of {step['name']} would change nothing: begin elsewhere."
        control.locator(HANDLE).focus()
        for key in step["keys"]:
            output.page.keyboard.press(key)
        shows(output, step["sha256"], step["name"], before)
        says = control.evaluate(SAYS).replace("\N{MINUS SIGN}", "-").replace("\N{NO-BREAK SPACE}", " ")
        assert says == step["reads"], f"The page says that {step['name']} is {says}; it is {step['reads']}."
        before = step["sha256"]


def shows(output, wanted: str, name: str, before: str = "") -> None:
    """Wait until the output's only picture is the wanted one."""
    deadline = time.monotonic() + MOVE_SECONDS
    while (seen := output.locator(PICTURE).evaluate(HASH)) != wanted:
        what = "stayed as it was" if seen == before else "is not what its values draw"
        assert time.monotonic() < deadline, f"After {name} the picture {what}. {output.inner_text()}"
        time.sleep(0.05)
    assert output.locator("img").count() == 1, f"After {name} there is a second picture."


def last_cell():
    """The cell that says the moves: moves.py, and its answer."""
    words = Path(moves.__file__).read_text()
    return nbformat.v4.new_code_cell(f"{words}\n\nprint({PLAN!r} + plan(Out))")


def book_of(name: str, instead: dict[str, str]):
    """The notebook as it runs here: what its sliders need, some cells replaced, and the moves."""
    book = nbformat.read(template.NOTEBOOKS / f"{name}.ipynb", as_version=4)
    code = [cell.source for cell in book.cells if cell.cell_type == "code"]
    for words, source in instead.items():
        found = [number for number, text in enumerate(code) if words in text]
        assert len(found) == 1, f"{name}: {words!r} is in {len(found)} cells, not in one: amend NOTEBOOKS."
        code[found[0]] = source
    cells = [nbformat.v4.new_code_cell(source) for source in needed_cells(code)]
    return nbformat.v4.new_notebook(cells=[*cells, last_cell()])


@pytest.mark.parametrize("name", MOVED)
def test_every_slider_brings_the_expected_picture(lab, name):
    """Also: every `browse` of the notebook is tried, nothing is on stderr, and the page's console is silent."""
    book = book_of(name, NOTEBOOKS.get(name, {}))
    with page_of(lab, name, book) as (page, complaints):
        plan = run_all(page)
        assert len(plan) == sum(len(BROWSE.findall(cell.source)) for cell in book.cells[:-1])
        check_sliders(page, plan)
        assert faults(page, complaints) == []


def test_every_notebook_with_sliders_is_moved_here_or_left_to_others():
    """A new slider must be put into one of the two lists."""
    with_sliders = {path.stem for path in template.list_notebooks() if "browse(" in path.read_text(encoding="utf-8")}
    assert with_sliders == set(NOTEBOOKS) | OTHERS
