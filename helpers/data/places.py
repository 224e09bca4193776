"""Where an export goes: a folder on a disk, or an address of fsspec's (s3://bucket/set) that all workers reach."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import BinaryIO

from ..base import check_owner, claim_folder, explained, folder, named_path, whole, write_whole

JOURNAL = ".journal"
SECONDS = 10  # between two writings of a journal that cannot grow: so much work a kill may lose


@dataclass(frozen=True)
class Disk:
    """A folder: files are written whole, and one process has it for itself."""

    root: Path

    def holds(self, mark: str) -> bool:
        """Whether it holds the file `mark`; raises where it holds anything else instead."""
        return check_owner(self.root, mark)

    @contextmanager
    def claimed(self, mark: str, content: bytes, parts: tuple[str, ...]) -> Iterator[None]:
        """Holds it for an export whose card is `content`, with these folders in it."""
        with claim_folder(self.root, mark, content):
            for part in parts:
                folder(self.root / part)
            yield

    def put(self, files: dict[str, bytes]) -> None:
        """Writes those files that are not there and the same. Lists are forced to the disk; pictures by `settle`."""
        for name, data in files.items():
            path = self.root / name
            if not path.is_file() or path.read_bytes() != data:
                write_whole(path, data, sync="/" not in name)

    def settle(self) -> None:
        """Forces to the disk, once for all of them: each by itself would take longer than making it."""
        if hasattr(os, "sync"):
            os.sync()

    def whole(self, name: str):
        """An open file that takes its name once all of it is written."""
        return whole(self.root / name)

    def read(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, some at a time; none where there is no such file."""
        if (self.root / name).is_file():
            with open(self.root / name, "rb") as file:
                while part := file.read(2**20):
                    yield part

    @contextmanager
    def journal(self) -> Iterator[Callable[[bytes], object]]:
        """What adds a line to the journal."""
        with explained(self.root / JOURNAL), open(self.root / JOURNAL, "ab", buffering=0) as file:
            yield file.write


@dataclass(frozen=True)
class Store:
    """An address elsewhere. It has no locks: that only one export writes there is the person's own care."""

    root: str

    @cached_property
    def files(self):
        """The file system of fsspec's that the address names."""
        import fsspec  # torch brings it

        try:
            return fsspec.url_to_fs(self.root)[0]
        except ImportError as error:  # its package is optional
            raise ModuleNotFoundError(f"{self.root} cannot be written to: {error}") from error
        except Exception as error:  # of whatever kind the package of that address has
            known = f"Correct it, or name a folder: {error}".rstrip(".")
            raise ValueError(f"{self.root} is no address that can be written to. {known}.") from error

    def at(self, name: str) -> str:
        """The address of a file in it."""
        return f"{self.root.rstrip('/')}/{name}"

    def holds(self, mark: str) -> bool:
        """Whether it holds the file `mark`; raises where it holds anything else instead."""
        try:
            there = self.files.ls(self.root, detail=False) if self.files.exists(self.root) else []
        except (ModuleNotFoundError, ValueError):
            raise
        except Exception as error:  # of whatever kind the package of that address has
            raise OSError(f"{self.root} cannot be reached ({error}). Check the address and your access.") from error
        names = {each.rstrip("/").rpartition("/")[2] for each in there}
        if names and mark not in names:
            raise ValueError(f"{self.root} is not empty: it holds {min(names)}. Choose a new or an empty place.")
        return bool(names)

    @contextmanager
    def claimed(self, mark: str, content: bytes, parts: tuple[str, ...]) -> Iterator[None]:
        """Marks it as an export whose card is `content`, with these folders in it."""
        if self.holds(mark) and b"".join(self.read(mark)) != content:
            raise ValueError(f"{self.root} holds results that were made in another way ({mark}). Choose another place.")
        for part in ("", *parts):
            self.files.makedirs(self.at(part), exist_ok=True)
        self.put({mark: content})
        yield

    def put(self, files: dict[str, bytes]) -> None:
        """Writes the files, all at once where the address can do that."""
        self.files.pipe({self.at(name): data for name, data in files.items()})

    def settle(self) -> None:
        """Nothing: what was put is there."""

    @contextmanager
    def whole(self, name: str) -> Iterator[BinaryIO]:
        """An open file on this machine, which is sent once all of it is written."""
        with TemporaryDirectory() as here:
            with open(Path(here, name), "wb") as file:
                yield file
            self.files.put_file(str(Path(here, name)), self.at(name))

    def read(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, some at a time; none where there is no such file."""
        if self.files.isfile(self.at(name)):
            with self.files.open(self.at(name), "rb") as file:
                while part := file.read(2**20):
                    yield part

    @contextmanager
    def journal(self) -> Iterator[Callable[[bytes], None]]:
        """What adds a line to the journal, which is written anew every now and then."""
        lines, due = [*self.read(JOURNAL)], [monotonic() + SECONDS]

        def log(line: bytes) -> None:
            lines.append(line)
            if monotonic() >= due[0]:
                self.put({JOURNAL: b"".join(lines)})
                due[0] = monotonic() + SECONDS

        try:
            yield log
        finally:
            self.put({JOURNAL: b"".join(lines)})


def place_at(out: str | Path) -> Disk | Store:
    """The place of this path, or of this address."""
    kind, slashes, path = str(out).partition("://")
    if slashes and kind != "file":
        return Store(str(out))
    return Disk(named_path(path if slashes else out).absolute())
