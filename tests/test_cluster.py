"""Many machines: the same bytes and rows as one process gives, whatever worker is killed; sentences where it fails."""

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from threading import Thread

import fakes
import fsspec
import pytest
from fakes import contents, quietly, refused

from helpers import __main__ as shell
from helpers import base, cluster, comparisons

MISSING = find_spec("distributed") is None and not os.environ.get("CI")
needs_dask = pytest.mark.skipif(MISSING, reason="not installed: distributed (requirements-more.txt)")


def test_without_a_cluster_dask_is_not_imported():
    code = "import sys; from helpers import cluster, study, data; "
    code += "c = cluster.open_cluster().__enter__(); print(list(cluster.each_done(c, pow, 2, [3, 4], 2, 'jobs')), "
    code += "[name for name in sys.modules if name.split('.')[0] in ('dask', 'distributed')])"
    told = subprocess.run([sys.executable, "-c", code], cwd=base.ROOT, capture_output=True, text=True)
    assert told.stdout.strip() == "[8, 16] []" and "2/2" in told.stderr, told.stderr


@pytest.fixture
def nothing_run(monkeypatch, tmp_path):
    """A leaderboard of which every run is missing."""
    monkeypatch.setattr(comparisons, "BOARD", tmp_path / "leaderboard.csv")


def test_what_is_missing_is_said(nothing_run, monkeypatch, capsys):
    monkeypatch.setattr(base, "find_spec", lambda name: None)
    assert shell.main(["leaderboard", "--workers", "2"]) == 2
    assert "distributed: not installed. Run `pip install -r requirements-more.txt`" in capsys.readouterr().err


@needs_dask
def test_a_scheduler_that_does_not_answer_is_a_sentence(nothing_run, capsys):
    import dask
    import distributed  # noqa: F401, its settings

    with dask.config.set({"distributed.comm.timeouts.connect": "100ms"}):
        for address in ("tcp://127.0.0.1:9", "nonsense://x"):
            assert shell.main(["leaderboard", "--scheduler", address]) == 2
            assert f"No scheduler of dask's answers at {address}. Start one" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        shell.main(["leaderboard", "--scheduler", "tcp://127.0.0.1:9", "--workers", "2"])


def ended(_, job: int) -> int:
    """Kills its own process."""
    os._exit(job)


@needs_dask
def test_a_job_that_ends_every_worker_is_a_sentence():
    import dask
    import distributed  # noqa: F401, its settings

    with dask.config.set({"distributed.scheduler.allowed-failures": 0}):
        with (
            cluster.open_cluster(workers=1) as client,
            pytest.raises(ChildProcessError, match="was killed, most often"),
        ):
            list(cluster.each_done(client, ended, None, [3], 1, "jobs"))


SET = {"places": 150, "zips": 100}  # 12 zip files


def kill_a_writer(out: Path, killed: list[int]) -> None:
    """SIGKILL to the first process that is seen in the middle of a zip file; its number goes into the list."""
    until = time.monotonic() + 100
    while not killed and time.monotonic() < until:
        for half in out.glob(".part*.tmp") if out.exists() else []:
            os.kill(int(half.name.split(".")[-2]), signal.SIGKILL)
            killed.append(half.name)
            return


@needs_dask
def test_a_worker_that_is_killed_costs_its_zip_file_only(tmp_path):
    bank, killed = fakes.bank(2, 2, 16), []
    Thread(target=kill_a_writer, args=(tmp_path / "many", killed), daemon=True).start()
    many = quietly(bank, tmp_path / "many", workers=2, **SET)
    assert killed and contents(many) == contents(quietly(bank, tmp_path / "one", **SET))


CODE = """
import sys, fakes
if __name__ == "__main__":
    fakes.quietly(fakes.bank(2, 2, 16), sys.argv[1], places=150, zips=100, workers=2)
"""


@needs_dask
def test_killed_with_its_workers_it_leaves_no_orphans_and_goes_on(tmp_path):
    bank, out, code = fakes.bank(2, 2, 16), tmp_path / "killed", tmp_path / "code.py"
    code.write_text(CODE)
    place = os.pathsep.join([str(base.ROOT), str(Path(__file__).parent)])
    parent = subprocess.Popen([sys.executable, str(code), str(out)], env=os.environ | {"PYTHONPATH": place})
    journal, patience = out / ".journal", time.monotonic() + 100
    while not (journal.exists() and journal.stat().st_size) and time.monotonic() < patience:
        time.sleep(0.01)
    workers = _children(parent.pid)
    parent.kill()
    parent.wait()
    patience = time.monotonic() + 20
    while any(map(_alive, workers)) and time.monotonic() < patience:
        time.sleep(0.05)
    assert not [pid for pid in workers if _alive(pid)], "a worker outlived its parent"
    done = len(journal.read_bytes().splitlines())
    before = {path: path.stat().st_mtime_ns for path in out.glob("*.zip")}
    assert 0 < done < 12
    quietly(bank, out, **SET)
    assert sum(path.stat().st_mtime_ns == when for path, when in before.items()) >= done, "they are not written again"
    assert contents(out) == contents(quietly(bank, tmp_path / "whole", **SET))


def _children(pid: int) -> list[int]:
    """The processes that `pid` started, as Linux lists them; none elsewhere."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def _alive(pid: int) -> bool:
    """True where the process runs and is no zombie."""
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def stored(address: str) -> dict[str, bytes]:
    """Name and bytes of every file at an address."""
    files, root = fsspec.url_to_fs(address)
    return {path[len(root) + 1 :]: files.cat_file(path) for path in sorted(files.find(root))}


@pytest.mark.parametrize("zips", [None, 5])
def test_an_address_holds_the_bytes_of_a_folder_and_is_gone_on_with(tmp_path, zips):
    address, bank = f"memory://set{zips}", fakes.bank(2, 2, 16)
    assert quietly(bank, address, zips=zips) == address
    whole = contents(quietly(bank, tmp_path / "here", zips=zips))
    assert stored(address) == whole
    files, names = fsspec.filesystem("memory"), [name for name in whole if name != "export.json"]
    for name in names[:: 1 if zips else 9]:
        files.rm_file(f"/set{zips}/{name}")
        files.pipe_file(f"/set{zips}/{names[-1]}", b"damaged")
        quietly(bank, address, zips=zips)
        assert stored(address) == whole
    refused(lambda: quietly(bank, address, 5, zips=zips), f"set{zips} holds results", "in another way")


def test_an_address_that_cannot_be_is_a_sentence(capsys):
    bank, files = fakes.bank(2, 2, 16), fsspec.filesystem("memory")
    files.pipe_file("/mine/letter.txt", b"mine")
    refused(lambda: quietly(bank, "memory://mine"), "memory://mine is not empty: it holds letter.txt")
    refused(lambda: quietly(bank, "nonsense://x"), "nonsense://x is no address", "Protocol not known")
    if find_spec("s3fs") is None:
        assert shell.main(["export", "--count", "4", "--out", "s3://bucket/set"]) == 2
        assert "s3://bucket/set cannot be written to: Install s3fs" in capsys.readouterr().err


@needs_dask
def test_a_cluster_writes_to_an_address_that_it_reaches(tmp_path):
    from distributed import LocalCluster

    bank = fakes.bank(2, 2, 16)
    with LocalCluster(2, 1, processes=False, dashboard_address="127.0.0.1:0") as here:  # they share this memory
        for zips in (None, 3):
            quietly(bank, f"memory://many{zips}", zips=zips, scheduler=here.scheduler_address)
            assert stored(f"memory://many{zips}") == contents(quietly(bank, tmp_path / str(zips), zips=zips))


@needs_dask
def test_a_place_that_workers_do_not_see_is_a_sentence():
    refused(lambda: quietly(fakes.bank(2, 2, 16), "memory://far", workers=1), "does not see memory://far", kind=OSError)


@needs_dask
def test_a_cluster_that_lacks_the_course_is_a_sentence(tmp_path):
    """A scheduler and a worker of their own, started elsewhere: their addresses are in files that dask writes."""
    path, how = tmp_path / "scheduler.json", {"cwd": tmp_path, "stderr": subprocess.DEVNULL}
    start = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--scheduler-file", str(path), "--port", "0"]
    scheduler = subprocess.Popen([*start, "--host", "127.0.0.1", "--no-dashboard"], **how)
    start = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(path), "--no-nanny"]
    worker = subprocess.Popen([*start, "--no-dashboard", "--local-directory", str(tmp_path)], **how)
    try:
        until = time.monotonic() + 60
        while not (path.exists() and path.read_text().endswith("}")) and time.monotonic() < until:
            time.sleep(0.05)
        address = json.loads(path.read_text())["address"]
        with cluster.open_cluster(address) as client:
            jobs = cluster.each_done(client, ended, None, [3], 1, "jobs")
            refused(lambda: list(jobs), "cannot do the course's work: ModuleNotFoundError", kind=ChildProcessError)
    finally:
        for process in (worker, scheduler):
            process.kill()
            process.wait()
