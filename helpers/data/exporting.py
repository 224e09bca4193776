"""Writing a data set as files: MODEST's six parts, in folders or zip files, stopped and resumed at any moment.

It is written in pieces: zip files, or a few samples at a time. A hidden journal has a checksum of each piece: the same
export, run again, checks every piece against its line and writes those that are missing or damaged.
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
from multiprocessing import parent_process
from pathlib import Path
from threading import Thread

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from ..base import check_owner, claim_folder, cores, explained, folder, whole, write_whole
from .bank import Bank
from .compose import DIFFICULTIES, Difficulty, chosen, compose
from .folders import BOXES, CARD, MAP, PARTS, GridNames
from .table import grid

CHUNK = 32  # samples that are composed at a time
FEW = 300  # samples: up to here one process is done before others have started
QUALITY = 90  # of the JPEG files
JOURNAL = ".journal"


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
    progress: bool = True,
) -> Path:
    """Writes `count` samples of the bank's grid (all, or an even choice) into the folder `out`; gives back its path.

    With `zips`, into zip files of that many samples, each a six-part set of its own. The same call after a kill, or
    over damaged files, ends with the same bytes. `workers`: processes at work; None means one per core, 0 none.
    """
    if zips is not None and zips < 1:
        raise ValueError(f"zips is the number of samples in one zip file, at least 1; got {zips}.")
    chosen(difficulty, np.zeros(1))  # raises where there is no such difficulty
    names = GridNames(len(bank.pictures), len(bank.cutouts), places)
    indices = names.chosen(count)
    settings = {"count": len(indices), "places": places, "seed": seed, "grey": grey, "zips": zips}
    card = _card(bank, difficulty, settings)
    workers = (cores() if len(indices) > FEW else 0) if workers is None else workers
    with claim_folder(out, CARD, card) as out, tqdm(total=len(indices), unit=" samples", disable=not progress) as bar:
        rows = grid(bank, names.split(indices)[3].max() + 1, seed)[names.rows(indices)]
        pieces = Pieces(bank, out, names, indices, rows, difficulty, grey, zips, card, _read_journal(out / JOURNAL))
        if not zips:
            for part in PARTS:
                folder(out / part)
            for name, data in pieces.identities(indices):
                pieces.put(name, data)
        lines = []
        with explained(out / JOURNAL), open(out / JOURNAL, "ab", buffering=0) as journal:
            for k, line in enumerate(_made(pieces, workers)):
                lines.append(line)
                if line != pieces.journal.get(k):
                    journal.write(line)
                bar.update(min(zips or CHUNK, len(indices) - bar.n))
        if not zips:
            pieces.put_lists([box for line in lines for box in json.loads(line)[2]], pieces.put)
        pieces.put(JOURNAL, b"".join(lines))  # in order, without what is left of earlier runs
    return out


def export_command(out, count: int, size: int = 224, mixture: str = "museum", seed: int = 0, **settings) -> Path:
    """Draws a bank (100 rooms x 100 people, more where `count` needs them) and exports from it."""
    identities = max(100, ceil(sqrt(count / 40)))
    if not check_owner(out, CARD):
        check_room(Path(out), count, size, identities)
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


def _read_journal(path: Path) -> dict[int, bytes]:
    """The last line of each piece; whatever is no such line is left out."""
    lines = {}
    for line in path.read_bytes().splitlines(keepends=True) if path.is_file() else []:
        try:
            k, _, _ = json.loads(line)
            lines[int(k)] = line
        except (ValueError, TypeError, RecursionError):
            continue
    return lines


def _made(pieces: "Pieces", workers: int) -> Iterator[bytes]:
    """The line of each piece, in order, once it is written."""
    order = torch.Generator()  # its own, since a DataLoader without one draws from everybody's
    try:
        how = {"num_workers": workers, "worker_init_fn": _end_with_parent, "generator": order}
        for line in DataLoader(pieces, batch_size=None, **how):
            if isinstance(line, OSError):
                raise line
            yield line
    except RuntimeError as error:
        if not workers:
            raise
        why = "most often because the memory is full. Ask for fewer or smaller pictures, and run it again."
        raise ChildProcessError(f"A process that was composing stopped, {why}") from error


def _end_with_parent(worker: int) -> None:
    """Ends a worker process as soon as its parent is gone, killed or not: an orphan must not go on writing."""
    Thread(target=lambda: (parent_process().join(), os._exit(1)), daemon=True).start()


@dataclass
class Pieces(Dataset):
    """The pieces of an export. Asked for item k, it writes piece k, unless that is there and whole."""

    bank: Bank
    out: Path
    names: GridNames
    indices: np.ndarray  # which samples, in the order of their names
    rows: np.ndarray  # their rows of the table
    difficulty: str | dict | Difficulty
    grey: bool
    zips: int | None  # samples in one zip file
    card: bytes
    journal: dict[int, bytes]

    def __len__(self) -> int:
        return ceil(len(self.indices) / (self.zips or CHUNK))

    def __getitem__(self, k: int) -> bytes | OSError:
        """The piece's line of the journal, or what kept it from being written."""
        some = np.arange(len(self.indices))[k * (self.zips or CHUNK) :][: self.zips or CHUNK]
        stems = [self.names.sample(index) for index in self.indices[some]]
        packed = self.out / f"part{k + 1:0{max(3, len(str(len(self))))}d}.zip"
        files = [packed] if self.zips else [self.out / name for stem in stems for name in sample_files(stem)]
        known = self.journal.get(k)
        try:
            if known and known == journal_line(k, json.loads(known)[2], files):
                return known
            boxes = []  # of pictures in folders, for the list that is written last
            if self.zips:
                self.write_zip(packed, some, stems)
            else:
                boxes = list(self.samples(some, stems, self.put))
            if hasattr(os, "sync"):  # once for all of them: forcing each to the disk takes longer than making it
                os.sync()
            return journal_line(k, boxes, files)
        except OSError as error:  # a DataLoader would add its traceback to what is raised here
            return error

    def put(self, name: str, data: bytes) -> None:
        """Writes a file, unless it is there and the same. Lists are forced to the disk; pictures later, all at once."""
        path = self.out / name
        if not path.is_file() or path.read_bytes() != data:
            write_whole(path, data, sync="/" not in name)

    def write_zip(self, path: Path, some: np.ndarray, stems: list[str]) -> None:
        """Writes the six parts and the two lists of some samples into one zip file, stored as they are."""
        with whole(path) as file, zipfile.ZipFile(file, "w") as archive:

            def put(name: str, data: bytes) -> None:  # dated 1980, so that the same samples give the same bytes
                archive.writestr(zipfile.ZipInfo(name), data)

            for name, data in self.identities(self.indices[some]):
                put(name, data)
            boxes = list(self.samples(some, stems, put))
            self.put_lists(boxes, put)
            put(CARD, self.card)

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

    def samples(self, some: np.ndarray, stems: list[str], put: Callable) -> Iterator[list]:
        """Composes some samples and puts their files; (stem, x, y, width, height in pixels) of each."""
        step = max(1, CHUNK * 512**2 // max(512, self.bank.size) ** 2)  # fewer at a time where they are very large
        for start in range(0, len(some), step):
            batch = compose(self.bank, self.rows[some[start : start + step]], self.difficulty)
            for i, stem in enumerate(stems[start : start + step]):  # one at a time, to stay in the processor's cache
                mask = (batch["mask"][i, 0].numpy() > 0).astype(np.uint8) * 255  # S S
                millimetres = batch["depth"][i, 0].numpy() * np.float32(1000) + np.float32(0.5)
                millimetres *= batch["depth_valid"][i, 0].numpy()  # 0 where nothing is known
                picture = batch["image"][i].permute(1, 2, 0).numpy()
                files = picture_bytes(picture, self.grey), png_bytes(mask), png_bytes(millimetres.astype(np.uint16))
                for name, data in zip(sample_files(stem), files, strict=True):
                    put(name, data)
                x0, y0, x1, y1 = Image.fromarray(mask).getbbox() or (0, 0, 0, 0)
                yield [stem, x0, y0, x1 - x0, y1 - y0]

    def put_lists(self, boxes: list, put: Callable) -> None:
        """Writes file_map.txt and bbox.txt; the latter comes last and says that all of the set is there."""
        lines = (f"{stem.split('_')[0]}\t{stem}\t{stem}_mask\t{stem}_depth_map\n" for stem, *_ in boxes)
        put(MAP, "".join(lines).encode())
        lines = (f"{stem}.jpeg\t{x}\t{y}\t{w}\t{h}\n" for stem, x, y, w, h in boxes)
        put(BOXES, "".join(lines).encode())


def journal_line(k: int, boxes: list, files: list[Path]) -> bytes:
    """Number, checksum (CRC-32) of its files as they are on the disk, and boxes of piece k."""
    checksum = zlib.crc32(json.dumps(boxes).encode())
    for path in filter(Path.is_file, files):
        with open(path, "rb") as file:
            while part := file.read(2**20):
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
