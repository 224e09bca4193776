"""Where the files of a data set lie: a folder or a zip file, read in the same way and never left."""

import os
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from .layout import part_of

MOST = 64 * 2**20  # bytes of one picture, unpacked; more is a mistake or a trap
MOST_TEXT = 512 * 2**20  # bytes of a list: 400,000 lines are 40 MB


def _inside(name: str, where: str) -> str:
    """The same name with forward slashes, or a sentence where it leads out of the archive."""
    name = name.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or ":" in name or "\0" in name:
        raise ValueError(f"{where} holds the name {name!r}, which leaves the folder. Do not use this file.")
    return name


def _upwards(folder: str) -> list[str]:
    """The folder and all folders it lies in."""
    return [str(path) for path in (PurePosixPath(folder), *PurePosixPath(folder).parents) if str(path) != "."]


class Tree:
    """The files under one folder."""

    def __init__(self, path: Path) -> None:
        self.path = os.path.realpath(path)
        self.checked: set[str] = set()  # folders known to lie inside

    def __str__(self) -> str:
        return self.path

    def names(self, folder: str = "") -> list[str]:
        """Sorted names of what is directly in `folder`."""
        path = os.path.join(self.path, folder)
        return sorted(os.listdir(path)) if os.path.isdir(path) else []

    def has(self, name: str) -> bool:
        """True where there is such a file."""
        return os.path.isfile(os.path.join(self.path, name))

    def is_folder(self, name: str) -> bool:
        """True where there is such a folder."""
        return os.path.isdir(os.path.join(self.path, name))

    def read(self, name: str, most: int = MOST) -> bytes:
        """The bytes of a file; a link that leads out of the folder is refused."""
        path = os.path.join(self.path, _inside(name, self.path))
        folder = os.path.dirname(path)
        if folder not in self.checked or os.path.islink(path):
            if os.path.commonpath([self.path, os.path.realpath(path)]) != self.path:
                raise ValueError(f"{path} is reached by a link that leaves the folder. Put the file itself there.")
            self.checked.add(folder)
        if os.path.getsize(path) > most:
            raise ValueError(f"{path} is larger than {most >> 20} MB. It is not one of this data set's files.")
        with open(path, "rb") as file:
            return file.read()


class Zip:
    """The files in one zip file, read without unpacking it; every process opens it for itself."""

    def __init__(self, path: Path) -> None:
        self.path, self.opened, self.process = path, None, None
        self.folders: set[str] = set()
        for info in self._zip().infolist():
            name = _inside(info.filename, str(path))
            if info.external_attr >> 28 == 0xA:  # the mode bits of a symbolic link
                raise ValueError(f"{path} holds {name!r}, a link. Pack the file itself.")
            head = name.rpartition("/")[0]
            self.folders.update([head] if head in self.folders else _upwards(head))

    def __str__(self) -> str:
        return str(self.path)

    def __getstate__(self) -> dict:
        return {**self.__dict__, "opened": None, "process": None}

    def _zip(self) -> zipfile.ZipFile:
        """The open zip file of this process: two processes must not share one position in a file."""
        if self.process != os.getpid():
            try:
                self.opened, self.process = zipfile.ZipFile(self.path), os.getpid()
            except (zipfile.BadZipFile, RuntimeError, ValueError) as error:
                raise ValueError(f"{self.path} is not a whole zip file. Copy or download it again.") from error
        return self.opened

    def names(self, folder: str = "") -> list[str]:
        """Sorted names of what is directly in `folder`."""
        start = f"{folder}/" if folder else ""
        every = [*self._zip().NameToInfo, *self.folders]
        return sorted(
            {name[len(start) :].split("/")[0] for name in every if name.startswith(start) and name != start} - {""}
        )

    def has(self, name: str) -> bool:
        """True where there is such a file."""
        return name in self._zip().NameToInfo

    def is_folder(self, name: str) -> bool:
        """True where there is such a folder."""
        return name in self.folders

    def read(self, name: str, most: int = MOST) -> bytes:
        """The bytes of a file; one that would unpack to more than `most` bytes is refused before it is unpacked."""
        if not self.has(name):
            raise FileNotFoundError(f"{name} is missing in {self.path}. Copy or download it again.")
        if self._zip().getinfo(name).file_size > most:
            raise ValueError(f"{name} in {self.path} unpacks to more than {most >> 20} MB. Do not use this file.")
        try:
            return self._zip().read(name)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise ValueError(f"{name} in {self.path} is damaged or locked. Copy or download it again.") from error


def find_parts(store: Tree | Zip) -> dict[str, str]:
    """Which folder of `store` (or of the one folder in it) holds each of the parts: {"bg": "data/bg", ...}."""
    for inside in ("", *(f"{name}/" for name in store.names() if store.is_folder(name))):
        found = {
            part_of(name): inside + name for name in store.names(inside.rstrip("/")) if store.is_folder(inside + name)
        }
        found.pop(None, None)
        if "bg_fg" in found:
            return {**found, "": inside}
    return {}


def stores(path: str | Path) -> list[Tree | Zip]:
    """The folder, the zip file, or the zip files in the folder `path`."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no folder or zip file {path}. Check its name.")
    if not path.is_dir():
        return [Zip(path)]
    packed = sorted(path.glob("*.zip"))
    return [Zip(each) for each in packed] if packed and not find_parts(Tree(path)) else [Tree(path)]
