"""Writing, shared by the bank, the exports and the command line: whole files or none, and quick PNG and JPEG.

A file is written under a temporary name and then renamed, which a file system does in one step. So a process
killed at any moment leaves the old file or the new one, never half of one.
"""

import errno
import io
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

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


def _chunk(kind: bytes, data: bytes) -> bytes:
    """One piece of a PNG file: length, kind, data, checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bytes(picture: np.ndarray, level: int = 1) -> bytes:
    """A grey picture, h w uint8 or uint16, as the bytes of a PNG file.

    Every row is stored as its difference from the row above. PIL tries five such filters on every row; one for all
    is four times as quick for a mask, twice as quick for a depth map, and the files are no larger.
    """
    h, w = picture.shape
    rows = picture.astype(picture.dtype.newbyteorder(">")).view(np.uint8).reshape(h, -1)  # h, w or 2 w bytes
    lines = np.empty((h, 1 + rows.shape[1]), np.uint8)
    lines[:, 0] = 2  # the filter's number: "up"
    lines[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=lines[1:, 1:])  # wraps at 256, as PNG wants
    head = struct.pack(">IIBBBBB", w, h, 8 * picture.dtype.itemsize, 0, 0, 0, 0)
    body = zlib.compress(lines.tobytes(), level)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def pil_bytes(picture: np.ndarray, kind: str, grey: bool = False, **options) -> bytes:
    """A picture, h w 3 or h w 4 uint8, as the bytes of a file of `kind` ("JPEG", "PNG"), in colour or grey."""
    image, buffer = Image.fromarray(picture), io.BytesIO()
    if grey:
        image = image.convert("LA" if image.mode == "RGBA" else "L")
    image.save(buffer, kind, **options)
    return buffer.getvalue()
