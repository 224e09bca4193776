"""Samples as the bytes of files: JPEG pictures, PNG masks and 16-bit PNG depth maps, quickly."""

import io
import struct
import zlib
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from .bank import Bank
from .compose import compose
from .layout import box_of

QUALITY = 90  # of the JPEG files


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


def picture_bytes(picture: np.ndarray, grey: bool = False) -> bytes:
    """A picture as the bytes of a file, in colour or grey: h w 3 uint8 of a JPEG, h w 4 of a PNG."""
    image, buffer = Image.fromarray(picture), io.BytesIO()
    if grey:
        image = image.convert("LA" if image.mode == "RGBA" else "L")
    image.save(buffer, "PNG" if "A" in image.mode else "JPEG", quality=QUALITY, compress_level=1)
    return buffer.getvalue()


def encoded(bank: Bank, difficulty, grey: bool, rows: np.ndarray) -> list[tuple[bytes, bytes, bytes, tuple]]:
    """For each row: the image as JPEG, the mask and the depth as PNG, and the box of what is visible."""
    batch = compose(bank, rows, difficulty)
    results = []
    for i in range(len(rows)):  # one at a time: a whole batch of floats would not stay in the processor's cache
        mask = (batch["mask"][i, 0].numpy() > 0).astype(np.uint8) * 255  # S S
        millimetres = batch["depth"][i, 0].numpy() * np.float32(1000) + np.float32(0.5)
        millimetres *= batch["depth_valid"][i, 0].numpy()
        depth = png_bytes(millimetres.astype(np.uint16))  # 0 where nothing is known
        image = picture_bytes(batch["image"][i].permute(1, 2, 0).numpy(), grey)
        results.append((image, png_bytes(mask), depth, box_of(mask)))
    return results


@lru_cache(1)
def _loaded(path: Path) -> Bank:
    """The bank in `path`, read once per process."""
    return Bank.load(path)


def encoded_from(path: Path, difficulty, grey: bool, rows: np.ndarray) -> list[tuple[bytes, bytes, bytes, tuple]]:
    """`encoded` with the bank of a file."""
    return encoded(_loaded(path), difficulty, grey, rows)
