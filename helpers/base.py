"""What every part of the course may import: where it lies, FAR, cores, and files written whole or not at all.

A file is written under a temporary name, forced to the disk and then renamed, which a file system does in one step.
So a process killed at any moment, or a power cut, leaves the old file or the new one, never half of one.
"""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows has no such lock; two runs in one folder are then the person's own care
    fcntl = None

ROOT = Path(__file__).resolve().parents[1]  # the course's own folder
FAR = 20.0  # metres: the sky, and everything beyond, is here; also the unit of depth in losses

REASONS = {
    errno.ENOSPC: "the disk is full: free some space",
    errno.EDQUOT: "your share of the disk is used up: free some space",
    errno.EROFS: "it can only be read from: choose another folder",
    errno.EACCES: "you may not write there: choose another folder or change its rights",
    errno.EPERM: "you may not write there: choose another folder or change its rights",
    errno.ENOTDIR: "a part of that path is a file: choose another folder",
    errno.EEXIST: "there is a file of that name where a folder should be: choose another folder",
    errno.EISDIR: "there is a folder of that name where a file should be: choose another folder",
    errno.ENAMETOOLONG: "its name is too long: choose a shorter one",
}


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def require(*packages: str) -> None:
    """Raises a sentence unless these optional packages are installed."""
    if missing := [name for name in packages if find_spec(name) is None]:
        raise ModuleNotFoundError(f"{', '.join(missing)}: not installed. Run `pip install -r requirements-more.txt`")


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
        raise said from error


def folder(path: str | Path) -> Path:
    """The folder `path`, made if it was missing."""
    with explained(path):
        named_path(path).mkdir(parents=True, exist_ok=True)
    return Path(path)


def named_path(path: str | Path) -> Path:
    """The path; "" is refused, since it would mean the current folder."""
    if not str(path).strip():
        raise ValueError("The name of the folder is empty. Name the folder to write into.")
    return Path(path)


@contextmanager
def whole(path: str | Path, sync: bool = True) -> Iterator[BinaryIO]:
    """An open binary file that takes the place of `path` once all of it is written, and vanishes if that fails.

    Without `sync` it is not forced to the disk: a power cut may leave it empty.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with explained(path):
            with open(temporary, "wb") as file:
                yield file
                if sync:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(temporary, path)
    except BaseException:  # a full disk, Ctrl-C: leave nothing half-written behind
        temporary.unlink(missing_ok=True)
        raise


def write_whole(path: str | Path, data: bytes, sync: bool = True) -> None:
    """Writes `data` to `path`, all of it or nothing."""
    with whole(path, sync) as file:
        file.write(data)


@contextmanager
def alone(path: str | Path, wait: bool = False) -> Iterator[None]:
    """Holds a lock on the file `path` while one process works; a second one waits or is told so. A kill frees it."""
    with explained(path), open(path, "ab") as file:
        if fcntl:
            os.register_at_fork(after_in_child=file.close)  # a worker that outlives a killed parent holds no lock
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError as error:
                where = f"Another process is writing into {Path(path).parent}."
                raise BlockingIOError(f"{where} Wait for it, or choose another folder.") from error
        yield


@contextmanager
def claim_folder(path: str | Path, mark: str, content: bytes) -> Iterator[Path]:
    """The folder `path`, held by this process while it writes there: new, empty, or its own, and nobody else's.

    The file `mark` in it says whose it is, by holding `content`; it is written here where the folder is new or empty.
    """
    path = folder(path)
    check_owner(path, mark, content)  # before anything is written, the lock's file too
    with alone(path / ".lock"):
        try:
            if not check_owner(path, mark, content):
                write_whole(path / mark, content)
            _remove_halves(path)
            yield path
            _remove_halves(path)  # of workers that were killed meanwhile
        finally:
            (path / ".lock").unlink(missing_ok=True)


def _remove_halves(path: Path) -> None:
    """Removes what a process that was killed has left half-written."""
    for half in [*path.glob(".*.tmp"), *path.glob("*/.*.tmp")]:
        if re.fullmatch(r"\..+\.\d+\.tmp", half.name):
            half.unlink(missing_ok=True)


def check_owner(path: str | Path, mark: str, content: bytes | None = None) -> bool:
    """Whether a folder holds the file `mark`, with this content; raises where it holds anything but what is its own."""
    path = named_path(path)
    with explained(path):
        entries = sorted(path.iterdir()) if path.exists() else []
    for entry in entries:
        if entry.is_symlink():
            raise ValueError(f"{entry} is a link and may lead out of the folder. Choose another folder.")
    if (path / mark).is_file():
        if content is not None and (path / mark).read_bytes() != content:
            raise ValueError(f"{path} holds results that were made in another way ({mark}). Choose another folder.")
        return True
    strange = [each.name for each in entries if not re.fullmatch(r"\.lock|\.DS_Store|\..+\.\d+\.tmp", each.name)]
    if strange:
        raise ValueError(f"{path} is not empty: it holds {strange[0]}. Choose a new or an empty folder.")
    return False
