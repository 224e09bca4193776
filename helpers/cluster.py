"""Many processes or many machines: a cluster of dask's does the jobs, or this one process where none is asked for.

Whoever reaches the port of a scheduler can run code as you: keep it inside a network of your own.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import islice
from typing import TYPE_CHECKING

from tqdm import tqdm

from .base import require

if TYPE_CHECKING:
    from distributed import Client

AHEAD = 2  # jobs that each worker is given: one that it does, and one to go on with


@contextmanager
def open_cluster(scheduler: str | None = None, workers: int | None = None) -> Iterator[Client | None]:
    """A client of the cluster at this address, or of so many new processes here; None where neither is asked for."""
    if not scheduler and not workers:
        yield None
        return
    require("distributed")
    from distributed import Client, LocalCluster

    how = {"n_workers": workers, "threads_per_worker": 1, "memory_limit": None, "dashboard_address": "127.0.0.1:0"}
    how["env"] = {"TQDM_DISABLE": "1"}  # bars of several processes would write over each other
    with nullcontext(scheduler) if scheduler else LocalCluster(**how) as place:
        try:
            client = Client(place)
        except (OSError, ValueError) as error:
            advice = "Start one there with `dask scheduler`, or correct the address, such as tcp://host:8786."
            raise OSError(f"No scheduler of dask's answers at {scheduler}. {advice}") from error
        with client:
            print(f"Dashboard: {client.dashboard_link} (its plots need `pip install bokeh`)", flush=True)
            client.wait_for_workers(1)
            yield client


def each_done(
    client: Client | None, work: Callable, shared, jobs: Iterable, total: int, unit: str, step: int = 1, **bar
) -> Iterator:
    """What `work(shared, job)` gives for every job, as it comes; a bar counts `step` of `total` things for each.

    Every worker is given `shared` once. The jobs of one that is killed are done again by another one.
    """
    with tqdm(total=total, unit=f" {unit}", **bar) as shown:
        for found in (work(shared, job) for job in jobs) if client is None else _spread(client, work, shared, jobs):
            yield found
            shown.update(min(step, total - shown.n))


def _spread(client: Client, work: Callable, shared, jobs: Iterable) -> Iterator:
    """The same, by the cluster's workers, in whatever order they end."""
    from distributed import KilledWorker, as_completed, wait

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph")  # a job of its own, so that it can be sent again
        kept = client.submit(_itself, shared, pure=False)
        wait(kept)
    if kept.status == "error":
        how = "Start the scheduler and every worker in a copy of the course, with PYTHONPATH=. before the command."
        why = repr(kept.exception().__cause__ or kept.exception())
        raise ChildProcessError(f"The cluster cannot do the course's work: {why}. {how}")
    client.replicate(kept)
    left, going = iter(jobs), as_completed(loop=client.loop)
    while True:
        free = AHEAD * sum(client.nthreads().values()) - going.count()
        more = islice(left, max(free, int(going.is_empty())))
        going.update(client.submit(work, kept, job, pure=False) for job in more)
        if going.is_empty():
            return
        future = next(going)
        try:
            yield future.result()
        except KilledWorker as error:
            why = "most often because the memory is full. Use fewer workers, and start it again: it goes on"
            raise ChildProcessError(f"Every worker that was given one of the jobs was killed, {why}.") from error
        future.release()


def _itself(value):
    """The value, as the result of a job: where all who hold it are killed, it is sent again."""
    return value
