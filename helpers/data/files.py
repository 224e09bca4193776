"""Writing whole files or none: shared by all that keep something on disk.

A file is written under a temporary name and then renamed, which a file system does in one step. So a process
killed at any moment leaves the old file or the new one, never half of one.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows has no such lock; two exports at once are then the person's own care
    fcntl = None

REASONS = {
    errno.ENOSPC: "the disk is full: free some space",
    errno.EDQUOT: "your share of the disk is used up: free some space",
    errno.EROFS: "it can only be read from: choose another folder",
    errno.EACCES: "you may not write there: choose another folder or change its rights",
    errno.EPERM: "you may not write there: choose another folder or change its rights",
    errno.ENOTDIR: "a part of that path is a file: choose another folder",
    errno.EEXIST: "there is a file of that name where a folder should be: choose another folder",
}


@contextmanager
def explained(path: str | Path) -> Iterator[None]:
    """Turns a failure to write `path` into a sentence that says why and what to do."""
    try:
        yield
    except OSError as error:
        reason = REASONS.get(error.errno)
        if reason is None:  # not about writing, or already a sentence
            raise
        advice = "then run it again. What was written before is whole."
        said = type(error)(f"{path} could not be written, because {reason}, {advice}")
        said.errno = error.errno
        raise said from error


def folder(path: str | Path) -> Path:
    """The folder `path`, made if it was missing."""
    with explained(path):
        Path(path).mkdir(parents=True, exist_ok=True)
    return Path(path)


@contextmanager
def whole(path: str | Path, temporary: Path | None = None) -> Iterator[BinaryIO]:
    """An open binary file that takes the place of `path` once all of it is written, and vanishes if that fails."""
    path = Path(path)
    temporary = temporary or path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with explained(path):
            with open(temporary, "wb") as file:
                yield file
            os.replace(temporary, path)
    except BaseException:  # a full disk, Ctrl-C: leave nothing half-written behind
        temporary.unlink(missing_ok=True)
        raise


def write_whole(path: str | Path, data: bytes, temporary: Path | None = None) -> None:
    """Writes `data` to `path`, all of it or nothing."""
    with whole(path, temporary) as file:
        file.write(data)


@contextmanager
def alone(path: str | Path) -> Iterator[None]:
    """Holds a lock on the file `path` while one process works; a second one is told so. A kill frees the lock."""
    with explained(path), open(path, "ab") as file:
        if fcntl:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                where = f"Another process is writing into {Path(path).parent}."
                raise BlockingIOError(f"{where} Wait for it, or choose another folder.") from error
        yield
