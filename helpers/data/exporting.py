"""Writing a data set as files: MODEST's six parts, in folders or zip files, stopped and resumed at any moment.

It is written in pieces: zip files, or a few samples at a time, each by one process, of this machine or of a cluster.
A hidden journal has a checksum of each piece: the same export, run again, checks every piece against its line and
writes those that are missing or damaged.
"""

import hashlib
import io
import json
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from math import ceil, sqrt
from pathlib import Path

import numpy as np
from PIL import Image

from ..base import cores
from ..cluster import each_done, open_cluster
from .bank import Bank
from .compose import DIFFICULTIES, Difficulty, chosen, compose
from .folders import BOXES, CARD, MAP, PARTS, GridNames
from .places import JOURNAL, Disk, Store, place_at
from .table import grid

CHUNK = 32  # samples that are composed at a time
QUALITY = 90  # of the JPEG files


def export(
    bank: Bank,
    out: str | Path,
    count: int | None = None,
    places: int = 20,
    seed: int = 0,
    difficulty: str | dict | Difficulty = "camera",
    grey: bool = False,
    zips: int | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: bool = True,
) -> Path | str:
    """Writes `count` samples of the bank's grid (all, or an even choice) into a folder or to an address; that place.

    With `zips`, into zip files of that many samples, each a six-part set of its own. The same call after a kill, or
    over damaged files, ends with the same bytes. By this process, by so many `workers` here, or by the cluster of
    dask's whose `scheduler` has this address.
    """
    if zips is not None and zips < 1:
        raise ValueError(f"zips is the number of samples in one zip file, at least 1; got {zips}.")
    chosen(difficulty, np.zeros(1))  # raises where there is no such difficulty
    names, place = GridNames(len(bank.pictures), len(bank.cutouts), places), place_at(out)
    indices, step = names.chosen(count), zips or CHUNK
    settings = {"count": len(indices), "places": places, "seed": seed, "grey": grey, "zips": zips}
    card = _card(bank, difficulty, settings)
    pieces = Pieces(bank, place, names, ceil(len(indices) / step), difficulty, grey, zips, card)
    with place.claimed(CARD, card, () if zips else PARTS), open_cluster(scheduler, workers) as client:
        rows = grid(bank, names.split(indices)[3].max() + 1, seed)[names.rows(indices)]
        known, lines = _lines_by_piece(place.read(JOURNAL)), {}
        if not zips:
            place.put(dict(pieces.identities(indices)))
        starts = range(0, len(indices), step)
        jobs = ((k, indices[i : i + step], rows[i : i + step], known.get(k)) for k, i in enumerate(starts))
        with place.journal() as log:
            how = {"total": len(indices), "unit": "samples", "step": step, "disable": not progress}
            for k, line in each_done(client, write_piece, pieces, jobs, **how):
                lines[k] = line
                if line != known.get(k):
                    log(line)
        ordered = [lines[k] for k in sorted(lines)]
        if not zips:
            for name, data in list_files([box for line in ordered for box in json.loads(line)[2]]):
                place.put({name: data})
        place.put({JOURNAL: b"".join(ordered)})  # in order, without what is left of earlier runs
    return Path(out) if isinstance(place, Disk) else out


def export_command(out, count: int, size: int = 224, mixture: str = "museum", seed: int = 0, **settings) -> Path | str:
    """Draws a bank (100 rooms x 100 people, more where `count` needs them) and exports from it."""
    identities, place = max(100, ceil(sqrt(count / 40))), place_at(out)
    if not place.holds(CARD) and isinstance(place, Disk):
        check_room(place.root, count, size, identities)
    minutes = 1.4e-5 * identities * size**2 / min(cores(), 8) / 60  # measured on an ordinary core
    print(f"Drawing {identities} rooms and {identities} people, once: about {max(1, round(minutes))} min.", flush=True)
    return export(Bank.draw(identities, identities, size, seed, mixture), out, count, seed=seed, **settings)


def check_room(out: Path, count: int, size: int, identities: int) -> None:
    """Refuses an export for which this machine has too little memory, or the disk of `out` too little space."""
    place = next(each for each in (out.resolve(), *out.resolve().parents) if os.path.exists(each))
    room = {"disk": (count * (0.6 * size**2 + 2000), shutil.disk_usage(place).free)}  # bytes needed, bytes there
    if hasattr(os, "sysconf"):
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        room["memory"] = 2 * identities * size**2 * 8.5, pages  # picture, depth, cut-out; twice while they are drawn
    for what, (needed, there) in room.items():
        if needed > there:
            asked = f"{count:,} samples of {size} pixels need about {needed / 1e9:,.0f} GB of {what}"
            raise ValueError(f"{asked}, and {there / 1e9:,.0f} GB are there. Ask for fewer or smaller ones.")


def _card(bank: Bank, difficulty, settings: dict) -> bytes:
    """What was exported, as JSON: who runs the export again must ask for the same. Readers take the labels from it."""
    content = hashlib.sha256(np.ascontiguousarray(bank.planes))
    content.update(np.ascontiguousarray(bank.depths))
    for cutout in bank.cutouts:
        content.update(np.ascontiguousarray(cutout.picture))
    about = {"difficulty": DIFFICULTIES.get(difficulty, difficulty) if isinstance(difficulty, str) else difficulty}
    about |= {"layout": 1, "depth": "16-bit PNG, millimetres, 0 where unknown", "size": bank.size, **settings}
    about |= {"bank": content.hexdigest(), "rooms": len(bank.pictures), "labels": bank.labels.tolist()}
    about["cameras"] = [asdict(camera) for camera in bank.cameras]
    return (json.dumps(about, indent=1, default=asdict) + "\n").encode()  # a Difficulty is written as its numbers


def _lines_by_piece(journal: Iterator[bytes]) -> dict[int, bytes]:
    """The last line of each piece; whatever is no such line is left out."""
    lines = {}
    for line in b"".join(journal).splitlines(keepends=True):
        try:
            k, _, _ = json.loads(line)
            lines[int(k)] = line
        except (ValueError, TypeError, RecursionError):
            continue
    return lines


@dataclass(frozen=True)
class Pieces:
    """What all pieces of an export share: each process is given it once."""

    bank: Bank
    place: Disk | Store
    names: GridNames
    count: int  # of pieces
    difficulty: str | dict | Difficulty
    grey: bool
    zips: int | None  # samples in one zip file
    card: bytes

    def zip_name(self, k: int) -> str:
        """The name of zip file k."""
        return f"part{k + 1:0{max(3, len(str(self.count)))}d}.zip"

    def write_zip(self, name: str, indices: np.ndarray, rows: np.ndarray) -> None:
        """Writes the six parts and the two lists of some samples into one zip file, stored as they are."""
        with self.place.whole(name) as file, zipfile.ZipFile(file, "w") as archive:

            def put(files: dict[str, bytes]) -> None:  # dated 1980, so that the same samples give the same bytes
                for inside, data in files.items():
                    archive.writestr(zipfile.ZipInfo(inside), data)

            for inside, data in self.identities(indices):
                put({inside: data})
            boxes = list(self.samples(indices, rows, put))
            put(dict(list_files(boxes)) | {CARD: self.card})

    def identities(self, indices: np.ndarray) -> Iterator[tuple[str, bytes]]:
        """(name, bytes) of the backgrounds, cut-outs and cut-outs' masks that these samples show."""
        rooms, things, _, _ = self.names.split(indices)
        for room in np.unique(rooms):
            yield f"bg/{self.names.bg(room)}.jpeg", picture_bytes(self.bank.pictures[room], self.grey)
        for thing in np.unique(things):
            for flip in (False, True):
                stem, picture = self.names.fg(thing, flip), self.bank.cutouts[thing].picture
                picture = picture[:, ::-1] if flip else picture
                yield f"fg/{stem}.png", picture_bytes(picture, self.grey)
                yield f"fg_mask/{stem}_mask.png", png_bytes((picture[..., 3] >= 128).astype(np.uint8) * 255)

    def samples(self, indices: np.ndarray, rows: np.ndarray, put: Callable) -> Iterator[list]:
        """Composes some samples and puts their files; (stem, x, y, width, height in pixels) of each."""
        step = max(1, CHUNK * 512**2 // max(512, self.bank.size) ** 2)  # fewer at a time where they are very large
        for start in range(0, len(rows), step):
            batch = compose(self.bank, rows[start : start + step], self.difficulty)
            for i, index in enumerate(indices[start : start + step]):  # one at a time, to stay in the processor's cache
                mask = (batch["mask"][i, 0].numpy() > 0).astype(np.uint8) * 255  # S S
                millimetres = batch["depth"][i, 0].numpy() * np.float32(1000) + np.float32(0.5)
                millimetres *= batch["depth_valid"][i, 0].numpy()  # 0 where nothing is known
                picture = batch["image"][i].permute(1, 2, 0).numpy()
                files = picture_bytes(picture, self.grey), png_bytes(mask), png_bytes(millimetres.astype(np.uint16))
                stem = self.names.sample(index)
                put(dict(zip(sample_files(stem), files, strict=True)))
                x0, y0, x1, y1 = Image.fromarray(mask).getbbox() or (0, 0, 0, 0)
                yield [stem, x0, y0, x1 - x0, y1 - y0]


def write_piece(pieces: Pieces, job: tuple) -> tuple[int, bytes]:
    """A piece's number and its line of the journal; it is written first, unless it is there and whole."""
    k, indices, rows, known = job  # its samples in the order of their names, their rows, and its line if it had one
    place, packed = pieces.place, pieces.zip_name(k)
    if b"".join(place.read(CARD)) != pieces.card:
        raise FileNotFoundError(f"A worker does not see {place.root}. Name a place that all of them reach.")
    files = [packed] if pieces.zips else [name for i in indices for name in sample_files(pieces.names.sample(i))]
    if known and known == journal_line(k, json.loads(known)[2], files, place):
        return k, known
    boxes = []  # of pictures in folders, for the list that is written last
    if pieces.zips:
        pieces.write_zip(packed, indices, rows)
    else:
        boxes = list(pieces.samples(indices, rows, place.put))
    place.settle()
    return k, journal_line(k, boxes, files, place)


def list_files(boxes: list) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of file_map.txt and bbox.txt; the latter comes last and says that all of the set is there."""
    lines = (f"{stem.split('_')[0]}\t{stem}\t{stem}_mask\t{stem}_depth_map\n" for stem, *_ in boxes)
    yield MAP, "".join(lines).encode()
    lines = (f"{stem}.jpeg\t{x}\t{y}\t{w}\t{h}\n" for stem, x, y, w, h in boxes)
    yield BOXES, "".join(lines).encode()


def journal_line(k: int, boxes: list, files: list[str], place: Disk | Store) -> bytes:
    """Number, checksum (CRC-32) of its files as they are in their place, and boxes of piece k."""
    checksum = zlib.crc32(json.dumps(boxes).encode())
    for name in files:
        for part in place.read(name):
            checksum = zlib.crc32(part, checksum)
    return json.dumps([k, checksum, boxes]).encode() + b"\n"


def sample_files(stem: str) -> tuple[str, str, str]:
    """The names of the three files of one sample."""
    return f"bg_fg/{stem}.jpeg", f"bg_fg_mask/{stem}_mask.png", f"bg_fg_depth_map/{stem}_depth_map.png"


def png_bytes(picture: np.ndarray) -> bytes:
    """A grey picture, h w uint8 or uint16, as the bytes of a PNG file.

    Every row is stored as its difference from the row above. PIL tries five such filters on every row; one for all
    takes an eighth of the time for a mask, and a third for a depth map.
    """
    h, w = picture.shape
    rows = picture.astype(picture.dtype.newbyteorder(">")).view(np.uint8).reshape(h, -1)  # h, w or 2 w bytes
    lines = np.full((h, 1 + rows.shape[1]), 2, np.uint8)  # 2 is the filter's number: "up"
    lines[:, 1:] = np.diff(rows, axis=0, prepend=np.zeros_like(rows[:1]))  # wraps at 256, as PNG wants
    head = struct.pack(">IIBBBBB", w, h, 8 * picture.dtype.itemsize, 0, 0, 0, 0)
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), 1)), (b"IEND", b"")
    pack = (struct.pack(">I", len(d)) + kind + d + struct.pack(">I", zlib.crc32(kind + d)) for kind, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(pack)


def picture_bytes(picture: np.ndarray, grey: bool = False) -> bytes:
    """A picture as the bytes of a file, in colour or grey: h w 3 uint8 of a JPEG, h w 4 of a PNG."""
    image, buffer = Image.fromarray(picture), io.BytesIO()
    if grey:
        image = image.convert("LA" if image.mode == "RGBA" else "L")
    image.save(buffer, "PNG" if "A" in image.mode else "JPEG", quality=QUALITY, compress_level=1)
    return buffer.getvalue()
