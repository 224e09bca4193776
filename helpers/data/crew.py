"""Several processes that do the same work on pieces of a table, with the results in the table's order."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import torch

from ..base import cores

FEW = 300  # rows: up to here one process is done before others have started
_work: Callable | None = None  # in a worker: what it does with a piece


class Crew:
    """`count` rows' worth of worker processes that call `work(rows) -> list`; none where there is little to do."""

    def __init__(self, work: Callable, workers: int | None, count: int) -> None:
        self.wanted = workers if workers is not None else (cores() if count > FEW else 0)
        self.function, self.pool = work, None

    def __enter__(self) -> "Crew":
        if self.wanted > 1:
            # "spawn" starts clean processes: a forked copy of one that runs torch's threads may hang
            context = multiprocessing.get_context("spawn")
            self.pool = ProcessPoolExecutor(self.wanted, context, _begin, (self.function,))
        return self

    def __exit__(self, *failure) -> None:
        if self.pool:
            self.pool.shutdown(cancel_futures=True)

    def work(self, rows: np.ndarray, piece: int) -> Iterator:
        """The results of `work`, row after row; only a few pieces are ahead of the reader."""
        pieces = (rows[start : start + piece] for start in range(0, len(rows), piece))
        if not self.pool:
            for some in pieces:
                yield from self.function(some)
            return
        ahead = deque()
        try:
            for some in pieces:
                ahead.append(self.pool.submit(_do, some))
                if len(ahead) > 2 * self.wanted:
                    yield from ahead.popleft().result()
            while ahead:
                yield from ahead.popleft().result()
        except BrokenProcessPool as error:
            raise ChildProcessError(
                "A worker process was stopped, most often because the memory is full or because a script calls this "
                'outside `if __name__ == "__main__":`. Give workers=0, or correct the script, and run it again.'
            ) from error


def _begin(work: Callable) -> None:
    """Makes a fresh process a worker: one thread, Ctrl-C left to the parent, and no life after the parent."""
    global _work
    _work = work
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Ends this worker as soon as its parent is gone, killed or not."""
    multiprocessing.parent_process().join()
    os._exit(1)


def _do(rows: np.ndarray) -> list:
    """The work on one piece, in a worker."""
    return _work(rows)
