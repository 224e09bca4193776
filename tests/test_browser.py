"""The sliders of a notebook in a real browser: JupyterLab runs it, a key moves a slider, the picture follows."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.request import urlopen

import nbformat
import pytest

from helpers import course, lesson

pytestmark = pytest.mark.browser
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
NO_NEWS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
PICTURE = ".jp-OutputArea-output img.widget-image"
RUN_SECONDS = 300  # for the whole notebook on a busy machine


@contextmanager
def jupyter(folder, settings):
    """Address of a JupyterLab that serves `folder`, with no state from outside and none left behind."""
    settings.mkdir()
    (settings / "overrides.json").write_text(json.dumps(NO_NEWS))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", "--IdentityProvider.token=course", f"--ServerApp.root_dir={folder}"]
    command += [f"--LabApp.{part}_dir={settings}" for part in ("app_settings", "user_settings", "workspaces")]
    places = {name: str(settings) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR")}
    log = settings / "log.txt"
    with log.open("w") as words:
        server = subprocess.Popen(command, stdout=words, stderr=subprocess.STDOUT, env=os.environ | places)
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
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


@contextmanager
def page_of(chromium: str, address: str):
    """A browser's page on the address."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(address)
        yield page
        browser.close()


def run_all(page) -> None:
    """Run every cell through the menu, as a learner does, until the first slider's picture is there."""
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
    page.wait_for_selector('.jp-StatusBar-TextItem:has-text("Python 3 (ipykernel) | Idle")', timeout=60_000)
    page.click('.lm-MenuBar-item:has-text("Run")')
    page.click('[data-command="runmenu:run-all"]')


def check_sliders(page) -> int:
    """How many sliders the first picture has, each of which moved it; only one picture is there before and after."""
    picture = page.wait_for_selector(PICTURE, timeout=RUN_SECONDS * 1000)
    output = picture.evaluate_handle("image => image.closest('.jp-OutputArea-output')").as_element()
    output.scroll_into_view_if_needed()
    sliders = output.query_selector_all(".widget-slider")
    for slider in sliders:
        readout, before = slider.query_selector(".widget-readout"), picture.get_attribute("src")
        said = readout.inner_text()
        slider.query_selector(".noUi-handle").press("ArrowRight")
        deadline = time.monotonic() + RUN_SECONDS  # the kernel may still be running the cells below
        while picture.get_attribute("src") == before:
            assert time.monotonic() < deadline, f"The slider moved from {said}, but its picture stayed as it was."
            time.sleep(0.1)
        assert readout.inner_text() != said
        assert len(output.query_selector_all("img")) == 1, "Moving the slider stacked a second picture."
    return len(sliders)


@pytest.fixture
def served():
    """A folder inside the course that git ignores: a notebook saved by the browser changes no tracked file."""
    folder = course.RUNS / "browser"
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    shutil.rmtree(folder)


SCRATCH = """\
import io
import ipywidgets as widgets
from PIL import Image
def png(value):
    Image.new("RGB", (40, 40), (value, 0, 0)).save(file := io.BytesIO(), "PNG")
    return file.getvalue()
slider, picture = widgets.IntSlider(value=3, max=9), widgets.Image(value=png(3))
{follow}
widgets.VBox([slider, picture])"""
FOLLOW = "slider.observe(lambda change: setattr(picture, 'value', png(change['new'])), 'value')"


@pytest.mark.parametrize("follow", [FOLLOW, ""], ids=["follows", "stays"])
def test_the_check_can_pass_and_fail(chromium, served, tmp_path, monkeypatch, follow):
    """The check passes for a slider that works, and fails for one that does nothing."""
    make = nbformat.v4
    course.write(make.new_notebook(cells=[make.new_code_cell(SCRATCH.format(follow=follow))]), served / "scratch.ipynb")
    with jupyter(served, tmp_path / "settings") as address:
        with page_of(chromium, f"{address}/doc/tree/scratch.ipynb?token=course") as page:
            run_all(page)
            if follow:
                assert check_sliders(page) == 1
                return
            page.wait_for_selector(PICTURE, timeout=RUN_SECONDS * 1000)
            monkeypatch.setattr(sys.modules[__name__], "RUN_SECONDS", 3)
            with pytest.raises(AssertionError, match="stayed as it was"):
                check_sliders(page)


@pytest.mark.parametrize("name", ["01_dataset_creation"])
def test_every_slider_moves_its_picture(chromium, served, tmp_path, name):
    """The notebook up to its first sliders: what comes below them would only keep the kernel busy."""
    book = nbformat.read(lesson.NOTEBOOKS / f"{name}.ipynb", as_version=4)
    last = next(n for n, cell in enumerate(book.cells) if cell.cell_type == "code" and "show.browse(" in cell.source)
    book.cells = book.cells[: last + 1]
    course.write(book, served / f"{name}.ipynb")
    with jupyter(served, tmp_path / "settings") as address:
        with page_of(chromium, f"{address}/doc/tree/{name}.ipynb?token=course") as page:
            run_all(page)
            assert check_sliders(page) >= 1
