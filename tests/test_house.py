"""The house: the template and its checker, exercises, the runner, publishing, the shell, the files at the top."""

import json
import re
import shutil

import conftest
import nbformat
import pytest

from helpers import __main__ as shell
from helpers import install, profile
from tools import __main__ as makers
from tools import course, publish, seeds, template

ROOT = install.ROOT
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
make = nbformat.v4
PAGES = ("measured", "shell", "watch", "own_rooms", "many_machines", "trying")
BOOK = ("book/index.md", "book/glossary.md", "book/teaching.md", *(f"book/{page}.md" for page in PAGES))


def kept(book, folder):
    """The notebook's path, once written."""
    nbformat.write(book, folder / "00_lesson.ipynb")
    return folder / "00_lesson.ipynb"


def shows(book, **data):
    """Give the second code cell one output."""
    book.cells[3].outputs = [make.new_output("display_data", data={k.replace("_", "/", 1): v for k, v in data.items()})]


def head(old, new):
    """A fault: other words in the first cell."""
    return lambda book: book.cells[0].update(source=book.cells[0].source.replace(old, new))


def code(**changes):
    """A fault: other contents of the second code cell."""
    return lambda book: book.cells[3].update(changes)


ERROR = make.new_output("error", ename="ValueError", evalue="no", traceback=[])
FAULTS = {
    "begin with '# 00": head("# 00 ·", "# 01 ·"),
    "no '[*][*]Question": head("Question", "Why"),
    "no '[*][*]What you will": head("be able to", "hope to"),
    "no '[*][*]Before": head("Before", "After"),
    "no number of minutes": head("0.1 minutes", "a while"),
    "no Colab badge": head("Open in Colab", "Open"),
    "links to 07_gone.ipynb": head("Nothing.", "[7](07_gone.ipynb)"),
    "first code cell is not": lambda book: book.cells[1].update(source="import numpy"),
    "more than 25 lines": code(source="total = 2\n" * 25 + "# Check\nassert total"),
    "a line of more than 100": code(source=f"total = {'1 + ' * 30}1\n# Check\nassert total"),
    "names a path": code(source="folder = '/home/somebody'\n# Check\nassert folder"),
    "was not run": code(execution_count=None),
    "not run from top": code(execution_count=1),
    "the last headings": lambda book: book.cells[4].update(source="## Bye"),
    "has no exercise": code(metadata={}),
    "has no '# Check'": code(source="total = 2\nassert total"),
    "an assert after it": code(source="# Check\ntotal = 2"),
    "shows an error: ValueError": lambda book: book.cells[3].update(outputs=[ERROR]),
    "pictures are PNG": lambda book: shows(book, **{"image_svg+xml": "<svg/>"}),
    "shows a path": lambda book: shows(book, text_plain="saved in /home/somebody/a.png"),
    "holds widget state": lambda book: book.metadata.update(widgets={}),
    "is 2.0 MB": lambda book: shows(book, image_png="A" * 2_000_000),
    "not a valid notebook": lambda book: book.cells[1].pop("source"),
}


def test_a_notebook_without_fault_passes(lesson_book, tmp_path):
    assert template.check(kept(lesson_book, tmp_path)) == []


@pytest.mark.parametrize("says", FAULTS)
def test_the_checker_finds_each_fault(lesson_book, tmp_path, says):
    FAULTS[says](lesson_book)
    path = tmp_path / "00_lesson.ipynb"
    path.write_text(json.dumps(lesson_book))
    assert any(re.search(says, fault) for fault in template.check(path)), template.check(path)


def test_neighbours_must_be_linked(lesson_book, tmp_path):
    path = kept(lesson_book, tmp_path)
    shutil.copy(path, tmp_path / "01_more.ipynb")
    assert [fault for fault in template.check(path) if "**Next.** [title](01_more.ipynb)" in fault]
    head("**Time", "**Next.** [More](01_more.ipynb)\n\n**Time")(lesson_book)
    assert template.check(kept(lesson_book, tmp_path)) == []
    assert "**Previous.** [title](00_lesson.ipynb)" in "".join(template.check(tmp_path / "01_more.ipynb"))


@pytest.mark.parametrize("path", template.list_notebooks(), ids=lambda path: path.stem)
def test_every_notebook_follows_the_template(path):
    assert template.check(path) == []


def test_an_exercise_keeps_its_check_and_loses_its_solution(lesson_book):
    blank = template.exercise(lesson_book, "x.ipynb")
    assert blank.cells[3].source == template.BLANK.format("x.ipynb") + "# Check\nassert total == 2"
    assert "total = 1 + 1" in lesson_book.cells[3].source, "the source must stay as it was"
    assert all(cell.execution_count is None and not cell.outputs for cell in blank.cells if cell.cell_type == "code")
    nbformat.validate(blank)


def test_extract_writes_pictures_and_text(lesson_book, tmp_path):
    lesson_book.cells[3].outputs = [
        make.new_output("display_data", data={"image/png": PIXEL, "text/plain": "<Figure>"}),
        make.new_output("display_data", data={"text/html": "<table></table>", "text/plain": "a table"}),
        make.new_output("display_data", data={"text/markdown": "| a |"}),
        make.new_output("stream", name="stdout", text="IoU 0.5\n"),
    ]
    (tmp_path / "cell09_1.png").write_bytes(b"of an earlier run")
    course.extract(lesson_book, tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["cell02_1.png", "printed.txt"]
    assert (tmp_path / "cell02_1.png").read_bytes().startswith(b"\x89PNG")
    printed = [f"[cell 2]\n{text}" for text in ("a table", "| a |", "IoU 0.5\n")]
    assert (tmp_path / "printed.txt").read_text().split("\n\n") == printed


def test_the_course_runs_from_top_to_bottom(lesson_book, tmp_path, capsys):
    lesson_book.cells[1].source = "print(4)"
    before = kept(lesson_book, tmp_path).read_bytes()
    course.course((), tmp_path, tmp_path / "runs")
    told = capsys.readouterr().out
    assert re.search(r"^00_lesson +\d+\.\d min +ok", told, re.M) and "Profile quick" in told
    assert re.search(r"^00_lesson +0\.1 +\d+\.\d$", told, re.M), "stated and measured minutes"
    assert re.search(r"^together .*\n.*\d cores", told, re.M), "and the processor's kind"
    assert (tmp_path / "runs" / "00_lesson" / "printed.txt").read_text() == "[cell 1]\n4\n"
    ran = nbformat.read(tmp_path / "runs" / "00_lesson" / "00_lesson.ipynb", as_version=4)
    assert [cell.execution_count for cell in ran.cells if cell.cell_type == "code"] == [1, 2]
    assert ran.cells[3].metadata.jupyter.source_hidden
    assert (tmp_path / "runs" / "exercises" / "00_lesson.ipynb").exists()
    assert (tmp_path / "00_lesson.ipynb").read_bytes() == before, "the course must not change its notebooks"


def test_a_failing_cell_is_named(lesson_book, tmp_path, capsys):
    lesson_book.cells[1].source, lesson_book.cells[3].source = "total = 3", "assert total == 2, 'three'"
    kept(lesson_book, tmp_path)
    with pytest.raises(course.NotebookFailed, match="00_lesson.ipynb, code cell 2: AssertionError: three"):
        course.course((), tmp_path, tmp_path / "runs")
    assert "failed" in capsys.readouterr().out


def test_refresh_is_only_for_the_quick_profile(monkeypatch, tmp_path):
    monkeypatch.setenv("ROOMSIGHT_PROFILE", "full")
    with pytest.raises(ValueError, match="unset ROOMSIGHT_PROFILE"):
        course.refresh((), tmp_path)


def test_profiles(monkeypatch):
    assert profile.current().name == "quick"
    monkeypatch.setenv("ROOMSIGHT_PROFILE", "full")
    assert profile.current().longer > 1 and "full" in profile.describe()
    monkeypatch.setenv("ROOMSIGHT_PROFILE", "browse")
    assert "nothing is trained" in profile.describe()
    monkeypatch.setenv("ROOMSIGHT_PROFILE", "fast")
    with pytest.raises(ValueError, match="one of: quick, browse, full"):
        profile.current()


@pytest.fixture
def copied(lesson_book, tmp_path):
    """A small course that may be stamped."""
    for folder in ("helpers", "notebooks", "book"):
        (tmp_path / folder).mkdir()
    shutil.copy(ROOT / "helpers" / "__init__.py", tmp_path / "helpers")
    shutil.copy(ROOT / "README.md", tmp_path)
    shutil.copy(ROOT / "book" / "index.md", tmp_path / "book")
    for path in template.list_notebooks():
        shutil.copy(path, tmp_path / "notebooks")
    kept(lesson_book, tmp_path / "notebooks")
    return tmp_path


def test_publish_stamps_badges_and_address_and_can_be_repeated(copied):
    changed = publish.publish("an-owner/roomsight", copied)
    names = [path.name for path in template.list_notebooks(copied / "notebooks")]
    assert sorted(changed) == sorted(["__init__.py", "README.md", "index.md", *names])
    for path in template.list_notebooks(copied / "notebooks"):
        book = nbformat.read(path, as_version=4)
        assert f"github/an-owner/roomsight/blob/main/notebooks/{path.name})" in book.cells[0].source
        first = next(cell.source for cell in book.cells if cell.cell_type == "code")
        assert first == template.first_cell("https://github.com/an-owner/roomsight")
        assert '"https://github.com/an-owner/roomsight"' in first
    assert "github/an-owner/roomsight/blob/main/notebooks/00_" in (copied / "README.md").read_text()
    for path in ("README.md", "book/index.md", "notebooks/00_start_here.ipynb"):
        assert "(https://an-owner.github.io/roomsight/try/)" in (copied / path).read_text(), path
    assert 'ADDRESS = "https://github.com/an-owner/roomsight"' in (copied / "helpers" / "__init__.py").read_text()
    assert publish.publish("an-owner/roomsight", copied) == [], "a second time changes nothing"
    assert publish.publish("another/place", copied) == changed
    assert not [path for path in copied.rglob("*.*") if "an-owner" in path.read_text()]


COMMANDS = {
    shell: "export train ship evaluate predict watch onnx study leaderboard bench",
    makers: "course refresh exercises book page check covers colab publish seeds",
}


@pytest.mark.parametrize("main", COMMANDS)
def test_the_shell_explains_every_command(main, capsys):
    with pytest.raises(SystemExit):
        main.main(["--help"])
    names = re.findall(r"^    ([a-z]+)\b", capsys.readouterr().out, re.M)
    assert set(names) == set(COMMANDS[main].split())
    for name in names:
        with pytest.raises(SystemExit) as end:
            main.main([name, "--help"])
        assert end.value.code == 0 and len(capsys.readouterr().out.splitlines()) > 3


MISTAKES = {
    shell: {"": "COMMAND", "bake": "'bake'", "export --count 0 --out x": "above zero"},
    makers: {"": "COMMAND", "course 12": "'12' is none of the notebooks", "publish nowhere": "REPO=owner/name"},
}


@pytest.mark.parametrize("main, words", [(main, words) for main in MISTAKES for words in MISTAKES[main]])
def test_a_mistake_is_a_sentence_and_the_exit_status_2(main, words, capsys):
    try:
        assert main.main(words.split()) == 2
    except SystemExit as end:
        assert end.code == 2
    assert MISTAKES[main][words] in capsys.readouterr().err


def test_without_chromium_the_sliders_are_skipped_and_in_ci_that_fails(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # no browser on it
    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match="no Chromium"):
        conftest.find_chromium()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="untested"):
        conftest.find_chromium()


def test_the_lock_has_every_requirement_and_names_no_machine():
    lock = (ROOT / "requirements.lock").read_text()
    exact = {name.lower() for name in re.findall(r"^([\w.-]+)==", lock, re.M)}
    more = {"onnx", "onnxscript", "onnxruntime", "distributed", "transformers"}
    assert set(install.needed()) | install.LAB | more <= exact
    assert "://" not in lock and not template.MACHINE.search(lock)


def test_every_requirement_has_a_lower_bound_and_a_reason():
    files = (ROOT / "requirements.txt", ROOT / "requirements-more.txt")
    lines = [line for path in files for line in path.read_text().splitlines() if not line.startswith("#")]
    assert len(lines) > 10
    assert not [line for line in lines if not re.fullmatch(r"[\w-]+>=[\d.]+ +# \w.{15,}", line)]


def test_the_maps_agree_with_the_notebooks():
    """The README and 00 list every notebook with the minutes that its own head states."""
    start = nbformat.read(template.NOTEBOOKS / "00_start_here.ipynb", as_version=4)
    maps = [(ROOT / "README.md").read_text(), "".join(cell.source for cell in start.cells)]
    for path in template.list_notebooks()[1:]:
        minutes = re.search(r"\*\*Time\.\*\*.*?([\d.]+) minute", nbformat.read(path, as_version=4).cells[0].source)[1]
        for page in maps:
            row = re.search(rf"^\|.*{re.escape(path.name)}.*$", page, re.M)
            assert row and f"| {minutes} |" in row[0], f"{path.name} says {minutes} minutes, a map says: {row}"


def test_documents_link_to_what_exists():
    for name in ("README.md", "CONTRIBUTING.md", "data/README.md", "artifacts/README.md", *BOOK):
        page = ROOT / name
        links = re.findall(r"\]\(([^)#:]+?)(?:#[\w-]+)?\)", page.read_text())
        assert not [link for link in links if not (page.parent / link).exists()], name


def test_seeds_are_moved_runs_are_rows_and_a_finished_one_is_not_done_again(lesson_book, tmp_path, monkeypatch, capsys):
    lesson_book.cells[1].source = "class torch:\n    manual_seed = print\ntorch.manual_seed(7)"
    lesson_book.cells[3].source = "failing = torch.manual_seed\nassert failing is None, 'no luck'"
    kept(lesson_book, tmp_path)
    monkeypatch.setattr(template, "chosen", lambda names: [tmp_path / "00_lesson.ipynb"])
    assert "manual_seed(3000 + 7)" in seeds.shifted(nbformat.from_dict(lesson_book), 3).cells[1].source
    assert [row["outcome"] for row in seeds.seeds("00", 1, until=1, out=tmp_path)] == ["passed"]
    before = (tmp_path / "00_lesson.csv").read_text()
    assert len(seeds.seeds("00", 1, until=1, out=tmp_path)) == 1
    assert (tmp_path / "00_lesson.csv").read_text() == before
    rows = seeds.seeds("00", 1, out=tmp_path)
    assert rows[0]["outcome"] == "code cell 2: AssertionError: no luck" and rows[0]["seed"] == "1"
    assert "0 of 1 runs without a failed cell" in capsys.readouterr().out
