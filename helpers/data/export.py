"""Writing a data set as files: the six-part MODEST layout, in folders or zip files, stopped and resumed at any moment.

Worker processes compose and encode; this process alone writes, one sample after the other, so that an orphan never
writes. A sample's line comes into `bbox.txt.part` after its three files are whole: the lines tell what is done.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from math import ceil, sqrt
from pathlib import Path

import numpy as np
from tqdm import tqdm

from .bank import Bank
from .claim import begun, claim
from .compose import DIFFICULTIES, Difficulty
from .crew import Crew
from .encode import encoded, encoded_from, picture_bytes, png_bytes
from ..base import alone, explained, folder, whole, write_whole
from .layout import BOXES, CARD, MAP, PARTS, Names
from .table import grid
from .shoot import chosen

CHUNK = 32  # samples that a worker makes at a time


@dataclass(frozen=True)
class Job:
    """What is exported, and where to."""

    bank: Bank
    out: Path
    names: Names
    indices: np.ndarray  # which samples, in the order of their names
    grey: bool
    card: bytes  # the settings, as JSON
    bar: tqdm

    @property
    def temporary(self) -> Path:
        """Where a file is written before it takes its place: one name, so that a kill leaves one file to overwrite."""
        return self.out / ".export.tmp"

    def skip(self, count: int) -> None:
        """Shows `count` samples as done before, so that they do not count in the remaining time."""
        self.bar.initial = self.bar.n = count

    def paths(self, index: int) -> tuple[str, str, str]:
        """The names of the three files of one sample."""
        stem = self.names.sample(index)
        return f"bg_fg/{stem}.jpeg", f"bg_fg_mask/{stem}_mask.png", f"bg_fg_depth_map/{stem}_depth_map.png"

    def box_line(self, index: int, box: tuple) -> bytes:
        """The sample's line of bbox.txt: file, x, y, width, height in pixels."""
        return "\t".join((f"{self.names.sample(index)}.jpeg", *map(str, box))).encode() + b"\n"

    def map_text(self, indices: np.ndarray) -> bytes:
        """The file_map.txt of these samples."""
        return "".join(map(self.names.map_line, indices)).encode()


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

    With `zips`, into zip files of that many samples, each a six-part set of its own. The same call after a kill
    goes on and ends with the same bytes. `workers`: processes that compose; None means one per core, 0 none.
    """
    if zips is not None and zips < 1:
        raise ValueError(f"zips is the number of samples in one zip file, at least 1; got {zips}.")
    chosen(difficulty, np.zeros(1))  # raises where there is no such difficulty
    names = Names(len(bank.pictures), len(bank.cutouts), places)
    indices = names.chosen(count)
    settings = {"count": len(indices), "places": places, "seed": seed, "grey": grey, "zips": zips}
    card = _card(bank, difficulty, settings)
    out = folder(out)
    begun(out, card)  # what is refused is refused before anything is written
    with alone(out / ".lock"), tqdm(total=len(indices), unit=" samples", disable=not progress) as bar:
        claim(out, card)
        job = Job(bank, out, names, indices, grey, card, bar)
        rows = grid(bank, names.split(indices)[3].max() + 1, seed)[names.rows(indices)]
        with _crew(job, difficulty, workers) as crew:
            _into_zips(job, rows, crew, zips) if zips else _into_folders(job, rows, crew)
    for name in (".bank.npz", ".lock"):
        (out / name).unlink(missing_ok=True)
    return out


def export_command(out, count: int, size: int = 224, mixture: str = "museum", seed: int = 0, **settings) -> Path:
    """Draws a bank (100 rooms x 100 people, more where `count` needs them) and exports from it."""
    identities = max(100, ceil(sqrt(count / 40)))
    return export(Bank.draw(identities, identities, size, seed, mixture), out, count, seed=seed, **settings)


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


def _crew(job: Job, difficulty, workers: int | None) -> Crew:
    """Who composes and encodes the job's samples: worker processes, or this one where there are few."""
    crew = Crew(partial(encoded, job.bank, difficulty, job.grey), workers, len(job.indices))
    if crew.wanted > 1:  # they read the bank from a file: sent to a worker that dies, it would block this process
        crew.function = partial(encoded_from, job.bank.save(job.out / ".bank.npz"), difficulty, job.grey)
    return crew


def _identities(job: Job, indices: np.ndarray) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of the backgrounds, cut-outs and cut-outs' masks that these samples show."""
    rooms, things, _, _ = job.names.split(indices)
    for room in np.unique(rooms):
        picture = np.ascontiguousarray(job.bank.pictures[room])
        yield f"bg/{job.names.bg(room)}.jpeg", picture_bytes(picture, job.grey)
    for thing in np.unique(things):
        for flip in (False, True):
            stem, picture = job.names.fg(thing, flip), job.bank.cutouts[thing].picture
            picture = np.ascontiguousarray(picture[:, ::-1] if flip else picture)
            yield f"fg/{stem}.png", picture_bytes(picture, job.grey)
            yield f"fg_mask/{stem}_mask.png", png_bytes((picture[..., 3] >= 128).astype(np.uint8) * 255)


def _into_folders(job: Job, rows: np.ndarray, crew: Crew) -> None:
    """Writes every file that is not there yet, then the two lists; bbox.txt comes last and says: complete."""
    for part in PARTS:
        folder(job.out / part)
    for name, data in _identities(job, job.indices):
        if not (job.out / name).exists():
            write_whole(job.out / name, data, job.temporary)
    journal, complete = job.out / f"{BOXES}.part", (job.out / BOXES).exists()
    done = len(rows) if complete else _lines_done(journal)
    lost = (n for n in range(done) if not all((job.out / name).exists() for name in job.paths(job.indices[n])))
    todo = [*lost, *range(done, len(rows))]
    job.skip(len(rows) - len(todo))
    with explained(journal), open(job.out / BOXES if complete else journal, "ab", buffering=0) as lines:
        for n, sample in zip(todo, crew.work(rows[todo], CHUNK), strict=True):
            for name, data in zip(job.paths(job.indices[n]), sample[:3], strict=True):
                write_whole(job.out / name, data, job.temporary)
            if n >= done:
                lines.write(job.box_line(job.indices[n], sample[3]))
            job.bar.update()
    if not complete:
        write_whole(job.out / MAP, job.map_text(job.indices), job.temporary)
        journal.replace(job.out / BOXES)


def _lines_done(journal: Path) -> int:
    """How many samples the journal of an interrupted export has; a line cut off by a full disk is taken away."""
    data = journal.read_bytes() if journal.exists() else b""
    whole_lines = data[: data.rfind(b"\n") + 1]
    if whole_lines != data:
        write_whole(journal, whole_lines)
    return whole_lines.count(b"\n")


def _into_zips(job: Job, rows: np.ndarray, crew: Crew, each: int) -> None:
    """Writes every zip file that is not there yet; a half-written one was never given its name."""
    starts = range(0, len(rows), each)
    paths = [job.out / f"part{n:0{max(3, len(str(len(starts))))}d}.zip" for n in range(1, len(starts) + 1)]
    todo = [(path, range(len(rows))[start : start + each]) for path, start in zip(paths, starts) if not path.exists()]
    samples = crew.work(rows[[n for _, some in todo for n in some]], CHUNK)
    job.skip(len(rows) - sum(len(some) for _, some in todo))
    for path, some in todo:
        with whole(path, job.temporary) as file, zipfile.ZipFile(file, "w") as archive:
            _fill(job, archive, job.indices[some.start : some.stop], samples)


def _fill(job: Job, archive: zipfile.ZipFile, indices: np.ndarray, samples: Iterator[tuple]) -> None:
    """Puts the six parts and the two lists of these samples into an open zip file, stored as they are."""

    def put(name: str, data: bytes) -> None:
        archive.writestr(zipfile.ZipInfo(name), data)  # dated 1980, so that the same samples give the same bytes

    for name, data in _identities(job, indices):
        put(name, data)
    lines = []
    for index, sample in zip(indices, islice(samples, len(indices)), strict=True):
        for name, data in zip(job.paths(index), sample[:3], strict=True):
            put(name, data)
        lines.append(job.box_line(index, sample[3]))
        job.bar.update()
    put(MAP, job.map_text(indices))
    put(BOXES, b"".join(lines))
    put(CARD, job.card)
