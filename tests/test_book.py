"""The book: what it is made of, and every page of it in a real browser, with no network."""

import re
import shutil
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
from PIL import Image

from helpers import __main__ as shell
from helpers import install
from helpers.world.mixtures import draw_cutout
from tools import __main__ as makers
from tools import book, template

ROOT = install.ROOT
PLACEHOLDER = re.compile(r"\w+\(children=|\b(HBox|VBox|IntSlider|FloatSlider|Output|Image|Browser)\(|Loading widget")
LOOK = """async () => {
  const pictures = [...document.images];
  pictures.forEach(picture => picture.loading = 'eager');
  await Promise.all(pictures.map(picture => picture.complete || new Promise(done => {
    picture.onload = picture.onerror = done; })));
  return {
    broken: pictures.filter(picture => !picture.naturalWidth).map(picture => picture.src),
    shown: document.querySelectorAll('.cell_output img').length,
    text: [...document.querySelectorAll('.cell_output')].map(output => output.innerText).join('\\n'),
  };
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder, and says nothing about it."""

    def log_message(self, *words):
        pass


@contextmanager
def served(folder):
    """Address of a server of this folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    server.handle_error = lambda *request: None  # the browser went on before it had all of a file
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@contextmanager
def page_of(browser, address: str):
    """A page that reaches nothing but the address, and the list of what was wrong on it."""
    wrong: list[str] = []

    def only_here(route):
        if route.request.url.startswith((address, "data:")):
            return route.continue_()
        wrong.append(f"asks for {route.request.url}")
        return route.abort()

    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.route("**/*", only_here)
    page.on("console", lambda message: message.type == "error" and wrong.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    yield page, wrong
    page.close()


def faults(browser, folder) -> list[str]:
    """Everything that is wrong on the pages of a built site (jupyter-book itself warns of dead links)."""
    found = []
    with served(folder) as address, page_of(browser, address) as (page, wrong):
        for path in sorted(folder.rglob("*.html")):
            name = path.relative_to(folder).as_posix()
            if "_static" in name or name == "index.html":  # the theme's own; a signpost to the first page
                continue
            page.goto(f"{address}/{name}")
            look = page.evaluate(LOOK)
            found += [f"{name} {fault}" for fault in wrong]
            found += [f"{name} lacks the picture {source}" for source in look["broken"]]
            if name.startswith("notebooks/") and not look["shown"]:
                found.append(f"{name} shows no picture")
            if match := PLACEHOLDER.search(look["text"]):
                found.append(f"{name} shows a widget's placeholder: {match[0]}")
            wrong.clear()
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the built book."""
    return book.build(tmp_path_factory.mktemp("book")).parent


@pytest.mark.browser
def test_every_page_is_whole_without_a_network(browser, site):
    assert faults(browser, site) == []


@pytest.mark.browser
def test_folded_cells_open_with_a_click_and_formulas_are_drawn(browser, site):
    name = "notebooks/05_loss_experiments.html"
    with served(site) as address, page_of(browser, address) as (page, wrong):
        page.goto(f"{address}/{name}")
        for words, line in ((book.FIRST, "ADDRESS = os.environ"), (book.SOLUTION, "def tversky(logits, mask")):
            hidden = page.locator("pre", has_text=line).first
            assert not hidden.is_visible()
            page.locator("summary", has_text=words).first.click()
            assert hidden.is_visible()
        assert page.locator("math").count() > 10 and "\\frac" not in page.locator("article").inner_text()
        assert not wrong


def test_the_book_has_every_notebook_in_order(site):
    page = (site / "book" / "index.html").read_text()
    links = re.findall(r'class="reference internal" href="\.\./notebooks/([^"#]+)"', page)
    assert list(dict.fromkeys(links)) == [f"{path.stem}.html" for path in template.list_notebooks()]
    assert page.count("sd-card-img-top") == len(template.list_notebooks()), "a card with a picture for each"


def test_the_sources_leave_the_course_as_it_is(lesson_book, tmp_path):
    widget = {"application/vnd.jupyter.widget-view+json": {}, "image/png": "iVBORw0KGgo=", "text/plain": "Browser(x)"}
    lesson_book.cells[3].outputs = [nbformat.v4.new_output("display_data", data=widget)]
    before = nbformat.writes(lesson_book)
    nbformat.write(lesson_book, tmp_path / "00_lesson.ipynb")
    path = tmp_path / "copy" / "00_lesson.ipynb"
    book.write(book.folded(nbformat.read(tmp_path / "00_lesson.ipynb", as_version=4)), path)
    made = nbformat.read(path, as_version=4)
    assert nbformat.writes(nbformat.read(tmp_path / "00_lesson.ipynb", as_version=4)) == before
    assert [cell.metadata.get("tags") for cell in made.cells if cell.cell_type == "code"] == [
        ["hide-input"],
        ["solution", "hide-cell"],
    ]
    assert set(made.cells[3].outputs[0].data) == {"image/png", "text/plain"}


def test_badges_and_links_that_a_book_cannot_follow_become_words():
    found: set = set()
    path = template.NOTEBOOKS / "00_start_here.ipynb"
    text = f"{template.badge(path.name, '')} [a](01_dataset_creation.ipynb#2.-An-x) [b](../helpers) [c](#D)"
    shown = book.shown(text, path, found)
    assert "badge.svg" not in shown and "(../README.md#colab)" in shown and "helpers" not in shown
    assert "[a](01_dataset_creation.ipynb#2-an-x) b [c](#d)" in shown
    assert {each.name for each in found} == {"README.md", "01_dataset_creation.ipynb", path.name}
    assert book.shown("[e](https://f.org/X.y#Z.z)", path, found) == "[e](https://f.org/X.y#Z.z)"


def test_a_page_that_jupyter_book_warns_of_is_an_error(tmp_path, monkeypatch):
    def sources(folder):
        folder.mkdir(parents=True)
        (folder / "_config.yml").write_text("title: x")
        (folder / "_toc.yml").write_text("format: jb-book\nroot: index")
        (folder / "index.md").write_text("# x\n\n[gone](gone.md)")
        return folder

    monkeypatch.setattr(book, "sources", sources)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="could not be built(.*\n)*.*gone.md"):
        book.build(Path("out"))


TERM = re.compile(r"^\*\*(.+?)\*\*.*?(?=\n\n|\Z)", re.M | re.S)


def test_every_term_of_the_glossary_names_the_notebook_that_teaches_it():
    text = (ROOT / "book" / "glossary.md").read_text()
    terms = {match[1]: match[0] for match in TERM.finditer(text)}
    assert len(terms) >= 80
    names = {path.name for path in template.list_notebooks()}
    for term, said in terms.items():
        links = re.findall(r"\]\(\.\./notebooks/([\w.]+)\)", said)
        assert links and set(links) <= names, f"{term} names no notebook"


PAGES = ("glossary", "teaching", "index", "trying")
COMMAND = re.compile(r"python -m (helpers|tools) ([a-z]+)|\bmake ([a-z]+)")


@pytest.mark.parametrize("name", [*(f"book/{name}.md" for name in PAGES), "CONTRIBUTING.md"])
def test_commands_on_the_pages_exist(name, capsys):
    makefile = (ROOT / "Makefile").read_text()
    code = re.findall(r"`[^`]+`|```.*?```", (ROOT / name).read_text(), re.S)
    for package, ours, make in COMMAND.findall("\n".join(code)):
        if make:
            assert re.search(rf"^{make}:", makefile, re.M), f"{name}: make {make}"
            continue
        with pytest.raises(SystemExit) as end:
            {"helpers": shell, "tools": makers}[package].main([ours, "--help"])
        assert end.value.code == 0, f"{name}: python -m {package} {ours}"


def test_the_photographs_of_the_teachers_page_become_a_bank(tmp_path, monkeypatch):
    """The page's own code, with two photographs and somebody cut out beside it."""
    for name, photograph in (("room1.jpg", "brick.jpg"), ("room2.jpg", "coffee.jpg")):
        shutil.copy(ROOT / "artifacts" / "photographs" / photograph, tmp_path / name)
    Image.fromarray(draw_cutout(0, 96).picture).save(tmp_path / "person.png")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(re.search(r"```python\n(.*?)```", (ROOT / "book" / "teaching.md").read_text(), re.S)[1], names)
    assert len(names["bank"].pictures) == 2 and names["batch"]["mask"].sum() > 0
    assert names["batch"]["depth_valid"].sum() == 0, "as the page says: without a depth map no metres"


def test_the_teachers_page_has_hours_and_answers_for_every_notebook_and_exercise():
    text = (ROOT / "book" / "teaching.md").read_text()
    for path in template.list_notebooks():
        number = template.number_of(path)
        assert f"(../notebooks/{path.name})" in text, f"no hours for {path.name}"
        rows = re.search(rf"^### {number}\n(.*?)(?=^#|\Z)", text, re.M | re.S)
        solutions = sum(map(template.is_solution, nbformat.read(path, as_version=4).cells))
        assert rows and len(re.findall(r"^\| \d ", rows[1], re.M)) == solutions, f"{number}: {solutions} exercises"
