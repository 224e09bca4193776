"""Many machines: the same bytes and rows as one process gives, whatever worker is killed; sentences where it fails."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from helpers import __main__ as shell
from helpers import base, cluster

MISSING = find_spec("distributed") is None and not os.environ.get("CI")
needs_dask = pytest.mark.skipif(MISSING, reason="not installed: distributed (requirements-more.txt)")


def test_without_a_cluster_dask_is_not_imported():
    code = "import sys; from helpers import cluster, study, data; "
    code += "c = cluster.open_cluster().__enter__(); print(list(cluster.each_done(c, pow, 2, [3, 4], 2, 'jobs')), "
    code += "[name for name in sys.modules if name.split('.')[0] in ('dask', 'distributed')])"
    told = subprocess.run([sys.executable, "-c", code], cwd=base.ROOT, capture_output=True, text=True)
    assert told.stdout.strip() == "[8, 16] []" and "2/2" in told.stderr, told.stderr


def test_what_is_missing_is_said(monkeypatch, capsys):
    monkeypatch.setattr(base, "find_spec", lambda name: None)
    assert shell.main(["leaderboard", "--workers", "2"]) == 2
    assert "distributed: not installed. Run `pip install -r requirements-more.txt`" in capsys.readouterr().err


@needs_dask
def test_a_scheduler_that_does_not_answer_is_a_sentence(capsys):
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
