"""What is wrong, in which file, what to do: each mistake that people make gets its sentence."""

import errno
import os
import re
import struct
import zipfile
import zlib
from pathlib import Path

import fakes
import numpy as np
import pytest
from PIL import Image

from helpers import base
from helpers.data import Bank
from helpers.data.export import export
from helpers.data.folders import Folder
from helpers.data.pictures import read_cutout, read_depth, read_mask, read_picture

GREY = np.tile(np.arange(0, 256, 8, dtype=np.uint8), (24, 1))
READERS = (read_picture, read_mask, read_depth, read_cutout)


def refused(work, *fragments: str, kind=ValueError) -> str:
    """The sentence with which `work` is refused: one line, a full stop, and these fragments."""
    with pytest.raises(kind) as caught:
        work()
    sentence = str(caught.value)
    for fragment in fragments:
        assert fragment in sentence, sentence
    assert sentence.endswith(".") and "\n" not in sentence and not sentence.startswith("["), sentence
    return sentence


def saved(path: Path, array, mode=None) -> Path:
    image = Image.fromarray(array)
    (image.convert(mode) if mode else image).save(path)
    return path


@pytest.mark.parametrize("read", READERS)
def test_missing_empty_and_other_files(tmp_path, read):
    refused(lambda: read(tmp_path / "no.png"), "There is no file", "no.png", kind=FileNotFoundError)
    refused(lambda: read(tmp_path), "is a folder")
    (tmp_path / "empty.png").touch()
    refused(lambda: read(tmp_path / "empty.png"), "empty.png is empty (0 bytes)")
    refused(lambda: read(b"", name="bg/x.png"), "bg/x.png is empty")
    (tmp_path / "notes.png").write_text("These are notes and no picture." * 9)
    refused(lambda: read(str(tmp_path / "notes.png")), "notes.png is not a picture", "Save it as PNG")
    (tmp_path / "a.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    refused(lambda: read(tmp_path / "a.eps"), "is not a picture that can be read")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("ending", ["png", "jpg", "tiff", "webp", "bmp", "gif"])
def test_a_file_cut_off_at_any_place(tmp_path, ending):
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    whole = saved(tmp_path / f"whole.{ending}", noise).read_bytes()
    for share in (0.02, 0.1, 0.5, 0.9):
        (tmp_path / f"cut.{ending}").write_bytes(whole[: int(share * len(whole))])
        refused(lambda: read_picture(tmp_path / f"cut.{ending}"), f"cut.{ending} is ")
    for read in READERS:
        refused(lambda read=read: read(whole[: len(whole) // 2], name="x/y.png"), "x/y.png is ")


@pytest.mark.filterwarnings("ignore")  # PIL warns of spoilt tags, too
def test_noise_in_the_middle_of_a_picture_is_no_crash(tmp_path):
    rng = np.random.default_rng(0)
    for ending in ("png", "jpg", "tiff", "gif"):
        whole = bytearray(saved(tmp_path / f"a.{ending}", GREY).read_bytes())
        for _ in range(40):
            spoilt = bytearray(whole)
            for at in rng.integers(0, len(whole), 8):
                spoilt[at] = rng.integers(256)
            try:
                read_picture(bytes(spoilt))  # some noise only changes a pixel
            except ValueError as error:
                assert str(error).startswith("the picture ")


@pytest.mark.parametrize("read", READERS)
def test_one_pixel_and_twenty_thousand(tmp_path, read):
    alpha = np.full((1, 20_000, 4), 255, np.uint8)
    refused(lambda: read(saved(tmp_path / "wide.png", alpha)), "wide.png is 20000 x 1 pixels", "4096")
    refused(lambda: read(saved(tmp_path / "tiny.png", alpha[:, :1])), "1 x 1 pixels", "tiny.png", "at least")
    refused(lambda: read(_bomb(tmp_path / "bomb.png", 60_000)), "bomb.png", "4096", "smaller")


def _bomb(path: Path, side: int) -> Path:
    """A PNG file of a few bytes that says it has side x side pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    path.write_bytes(data + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT")))
    return path


def test_masks_and_depths_of_another_size(tmp_path):
    path = saved(tmp_path / "m.png", GREY)
    refused(lambda: read_mask(path, size=(48, 64)), "m.png is 32 x 24 pixels, its picture 64 x 48")
    refused(lambda: read_depth(path, scale=10, size=(48, 64)), "m.png is 32 x 24 pixels, its picture 64 x 48")


def test_depths_that_are_none(tmp_path):
    depth = np.full((24, 32), 3, np.float32)
    for value, word in ((np.nan, "NaN"), (np.inf, "infinite"), (-1, "negative")):
        bad = depth.copy()
        bad[:2, :2] = value
        np.save(tmp_path / "d.npy", bad)
        refused(lambda: read_depth(tmp_path / "d.npy"), "d.npy has 4 ", word, "Write 0")
        refused(lambda bad=bad: read_depth(bad), "the array has 4 ", word)
    refused(lambda: read_depth(saved(tmp_path / "d.jpg", GREY)), "d.jpg is an 8-bit picture", "depth_scale")
    colour = np.dstack([GREY, GREY[:, ::-1], GREY])
    refused(lambda: read_depth(saved(tmp_path / "c.png", colour), scale=10), "c.png is coloured")
    np.save(tmp_path / "mm.npy", np.ones((24, 32), np.int32))
    refused(lambda: read_depth(tmp_path / "mm.npy"), "mm.npy must hold height x width floats in metres")


def test_npy_files_with_objects_or_false_headers(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    np.save(tmp_path / "trap.npy", np.array([Trap()], object), allow_pickle=True)
    refused(lambda: read_depth(tmp_path / "trap.npy"), "trap.npy is not a whole .npy file of plain numbers")
    assert not (tmp_path / "sprung").exists()
    np.save(tmp_path / "big.npy", np.ones((24, 32), np.float32))
    lie = (tmp_path / "big.npy").read_bytes().replace(b"(24, 32), }      ", b"(240000, 320000)}")
    (tmp_path / "big.npy").write_bytes(lie)
    refused(lambda: read_depth(tmp_path / "big.npy"), "big.npy is not a whole .npy file")


def test_cutouts_without_anything_cut_out(tmp_path):
    refused(lambda: read_cutout(saved(tmp_path / "a.jpg", GREY)), "a.jpg has no alpha channel", "Cut the person out")
    nobody = np.dstack([GREY, GREY, GREY, GREY * 0])
    refused(lambda: read_cutout(saved(tmp_path / "b.png", nobody)), "b.png is transparent everywhere")


def test_arrays_that_are_no_pictures():
    refused(lambda: read_picture(np.zeros((9, 9, 2), np.uint8)), "shape (9, 9, 2)", "height x width x 3")
    refused(lambda: read_picture(np.full((9, 9), 7.0)), "beyond 1", "floats from 0 to 1")
    refused(lambda: read_picture(np.full((9, 9), np.nan)), "NaN")
    refused(lambda: read_picture(np.full((9, 9, 3), -1)), "negative")
    refused(lambda: read_picture(np.zeros((5000, 9), np.uint8)), "9 x 5000 pixels", "4096")
    refused(lambda: read_picture(np.array([["a"] * 9] * 9)), "give uint8")


def test_zero_people_and_zero_samples(tmp_path):
    refused(lambda: Bank.draw(rooms=1, people=0, size=16), "at least one room and one cut-out")
    for count in (0, -3, 10**9):
        refused(lambda count=count: export(fakes.bank(2, 2, 16), tmp_path / "o", count), "count must be from 1 to 160")
    refused(lambda: export(fakes.bank(2, 2, 16), tmp_path / "o", 4, zips=0), "zips is the number of samples")
    refused(lambda: export(fakes.bank(2, 2, 16), tmp_path / "o", 4, difficulty="easy"), "no difficulty 'easy'")
    assert not (tmp_path / "o").exists()


def test_a_folder_with_something_else_in_it(tmp_path):
    (tmp_path / "holiday.jpg").touch()
    (tmp_path / ".mine.tmp").touch()
    refused(lambda: export(fakes.bank(2, 2, 16), tmp_path, 4, workers=0), "is not empty and holds no export")
    assert (tmp_path / ".mine.tmp").exists(), "what is not ours stays"
    out = export(fakes.bank(2, 2, 16), tmp_path / "o", 4, workers=0, progress=False)
    refused(lambda: export(fakes.bank(2, 2, 16), out, 5, workers=0), "other settings", "another folder")
    refused(lambda: export(fakes.bank(2, 3, 16), out, 4, workers=0), "another bank")
    refused(lambda: export(fakes.bank(2, 2, 16), tmp_path / "holiday.jpg", 4), "holiday.jpg", "a file", kind=OSError)


@pytest.mark.skipif(base.fcntl is None, reason="Windows has no such lock")
def test_two_exports_into_one_folder(tmp_path):
    with base.alone(tmp_path / ".lock"):
        sentence = refused(lambda: export(fakes.bank(2, 2, 16), tmp_path, 4), kind=OSError)
    assert "Another process is writing" in sentence


TROUBLES = [
    (errno.ENOSPC, OSError, "the disk is full: free some space"),
    (errno.EROFS, OSError, "it can only be read from"),
    (errno.EACCES, PermissionError, "you may not write there"),
]


@pytest.mark.parametrize("zips", [None, 3])
@pytest.mark.parametrize("code, kind, reason", TROUBLES)
def test_a_disk_that_takes_no_more(tmp_path, monkeypatch, code, kind, reason, zips):
    """The disk fails in the middle of a file: what was written is whole, and the next run ends with the same bytes."""

    class Failing:
        left = 16_000 if zips else 9_000  # bytes that still fit

        def __init__(self, path, mode, **options):
            self.file = open(path, mode, **options)

        def __enter__(self):
            return self

        def __exit__(self, *failure):
            self.file.close()

        def __getattr__(self, name):
            return getattr(self.file, name)

        def write(self, data):
            Failing.left -= len(data)
            if Failing.left < 0:
                self.file.write(bytes(data)[: len(data) // 2])
                raise OSError(code, os.strerror(code))
            return self.file.write(data)

    def run(name):
        return export(fakes.bank(2, 2, 32), tmp_path / name, 9, workers=0, zips=zips, progress=False)

    monkeypatch.setattr(base, "open", Failing, raising=False)
    sentence = refused(lambda: run("a"), "could not be written", reason, "run it again", kind=kind)
    assert str(tmp_path / "a") in sentence
    monkeypatch.undo()
    assert not list((tmp_path / "a").glob(".*.tmp"))
    written = contents(tmp_path / "a")
    whole = contents(run("b"))
    for unfinished in (".lock", "bbox.txt.part"):
        written.pop(unfinished, None)
    assert len(written) > 1 and written.items() <= whole.items()
    assert contents(run("a")) == whole


def contents(folder: Path) -> dict[str, bytes]:
    """Name and bytes of every file under a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_folder_without_write_permission(tmp_path):
    tmp_path.chmod(0o555)
    refused(lambda: export(fakes.bank(2, 2, 16), tmp_path / "o", 4), "you may not write there", kind=PermissionError)
    tmp_path.chmod(0o755)


@pytest.fixture
def exported(tmp_path) -> Path:
    return export(fakes.bank(2, 2, 16), tmp_path / "set", 6, workers=0, progress=False)


def packed(folder: Path, path: Path, rename=lambda name: name, compression=zipfile.ZIP_STORED) -> Path:
    """The folder as a zip file, with some names changed."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in contents(folder).items():
            archive.writestr(rename(name), data)
    return path


def test_names_that_leave_the_folder(exported, tmp_path):
    (tmp_path / "secret_mask.png").write_bytes((next((exported / "bg_fg_mask").iterdir())).read_bytes())
    map_file, text = exported / "file_map.txt", (exported / "file_map.txt").read_text()
    for name in ("../../secret_mask", "/etc/secret_mask", "..\\secret_mask", "C:secret_mask", "a/b_mask"):
        map_file.write_text(re.sub(r"\S+_mask", lambda _, name=name: name, text, count=1))
        refused(lambda: Folder(exported), "file_map.txt", "line 1", "no plain file name")
    map_file.write_text(text)
    for name in ("../secret.png", "/etc/secret.png", "bg\\..\\..\\secret.png", "C:/secret.png"):
        path = packed(exported, tmp_path / "x.zip", lambda old, name=name: name if old == "bg/bg001.jpeg" else old)
        refused(lambda path=path: Folder(path), "x.zip holds the name", "leaves the folder", "Do not use")


def test_links_that_leave_the_folder(exported, tmp_path):
    victim = sorted((exported / "bg_fg_mask").iterdir())[0]
    victim.rename(tmp_path / "secret.png")
    victim.symlink_to(tmp_path / "secret.png")
    refused(lambda: Folder(exported)[0], "is reached by a link that leaves the folder")
    victim.unlink()
    info = zipfile.ZipInfo("bg_fg_mask/" + victim.name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(packed(exported, tmp_path / "x.zip"), "a") as archive:
        archive.writestr(info, "../../secret.png")
    refused(lambda: Folder(tmp_path / "x.zip"), "x.zip holds", "a link")


def test_zip_files_that_are_none_or_unpack_to_too_much(exported, tmp_path):
    (tmp_path / "a.zip").write_bytes(b"no zip file")
    refused(lambda: Folder(tmp_path / "a.zip"), "a.zip is not a whole zip file")
    whole = packed(exported, tmp_path / "b.zip").read_bytes()
    (tmp_path / "b.zip").write_bytes(whole[: len(whole) // 2])
    refused(lambda: Folder(tmp_path / "b.zip"), "b.zip is not a whole zip file")
    spoilt = whole.replace(b"\xff\xd8\xff", b"\xff\xd9\xff")
    (tmp_path / "c.zip").write_bytes(spoilt)
    refused(lambda: Folder(tmp_path / "c.zip")[0], "c.zip", "damaged")
    (exported / "bg" / "bg001.jpeg").write_bytes(bytes(65 * 2**20))
    refused(lambda: Folder(exported)[0], "bg001.jpeg is larger than 64 MB")
    bomb = packed(exported, tmp_path / "d.zip", compression=zipfile.ZIP_DEFLATED)
    assert bomb.stat().st_size < 200_000
    refused(lambda: Folder(bomb)[0], "bg/bg001.jpeg in", "unpacks to more than 64 MB")


def test_sets_with_a_part_missing(exported, tmp_path):
    refused(lambda: Folder(tmp_path / "none"), "There is no folder or zip file", kind=FileNotFoundError)
    (tmp_path / "empty").mkdir()
    refused(lambda: Folder(tmp_path / "empty"), "has no folder bg", "here is nothing")
    victim = sorted((exported / "bg_fg_depth_map").iterdir())[0]
    victim.rename(tmp_path / "away.png")
    refused(lambda: Folder(exported)[0], victim.stem, "is missing", kind=FileNotFoundError)
    Image.new("L", (32, 32)).save(victim)
    refused(lambda: Folder(exported)[0], "is 32 x 32 pixels, its picture 16 x 16")
    (exported / "bbox.txt").write_text("bg001_fg001_01.jpeg\t1\t2\tx\n")
    refused(lambda: Folder(exported, boxes=True), "bbox.txt", "line 1", "x, y, width, height")
    (exported / "bbox.txt").write_text("")
    refused(lambda: Folder(exported, boxes=True)[1], "bbox.txt", "does not name")
    (exported / "bbox.txt").unlink()
    refused(lambda: Folder(exported, boxes=True), "has no bbox.txt", kind=FileNotFoundError)
    (exported / "file_map.txt").write_text("bg001\tbg001_fg001_01\n")
    refused(lambda: Folder(exported), "file_map.txt", "line 1 has 2 names, not 4")
    (exported / "file_map.txt").write_bytes(b"\xff\xfe\xfa" * 9)
    refused(lambda: Folder(exported), "file_map.txt", "is not a text file")
    (exported / "file_map.txt").write_text("\n")
    refused(lambda: Folder(exported), "names no samples")


@pytest.mark.parametrize("zips", [None, 2])
def test_an_export_that_is_not_finished(tmp_path, zips):
    out = export(fakes.bank(2, 2, 16), tmp_path / "set", 6, workers=0, zips=zips, progress=False)
    if zips:
        (out / "part002.zip").unlink()
        refused(lambda: Folder(out), "holds 2 of 3 zip files", "Run the same export again")
    else:
        (out / "bbox.txt").rename(out / "bbox.txt.part")
        (out / "file_map.txt").unlink()
        refused(lambda: Folder(out), "was interrupted. Run the same export again")
    assert len(Folder(export(fakes.bank(2, 2, 16), out, 6, workers=0, zips=zips, progress=False))) == 6
    for card in ("{", '{"zips": 2}', '{"zips": "x", "count": 1}', '{"labels": 3}', "7"):
        (out / "export.json").write_text(card)
        refused(lambda: Folder(out), "export.json", "is damaged")


def test_whole_numbers_of_any_width_are_the_same_picture():
    rgb = np.stack([GREY] * 3, -1)
    for kind in (np.int64, np.int32, np.uint32):
        assert (read_picture(rgb.astype(kind)) == rgb).all()
    assert (read_picture(rgb.tolist()) == rgb).all()
    assert (read_mask((GREY > 100).astype(np.int64)) == (GREY > 100)).all()


def test_an_export_neither_cleans_nor_follows_what_is_not_its_own(tmp_path):
    bank = fakes.bank()
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / ".notes.tmp").write_text("mine")
    for _ in range(2):  # written, and gone on with
        export(bank, tmp_path / "own", count=2, workers=0, progress=False)
    assert (tmp_path / "own" / ".notes.tmp").read_text() == "mine"
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "bg").symlink_to(tmp_path)
    refused(lambda: export(bank, tmp_path / "link", count=2, workers=0, progress=False), "is a link", "bg")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "holiday.jpg").write_text("mine")
    refused(lambda: export(bank, tmp_path / "full", count=2, workers=0, progress=False), "holds no export")
    assert os.listdir(tmp_path / "full") == ["holiday.jpg"]


def test_millimetres_for_metres_and_small_masks_in_wide_files(tmp_path):
    rgb, cutout = np.zeros((24, 24, 3), np.uint8), np.full((9, 5, 4), 255, np.uint8)
    far = np.full((24, 24), 3000.0, np.float32)
    refused(lambda: Bank.from_pictures([(rgb, far)], [cutout], size=24), "give metres, not millimetres")
    ones = (GREY > 100).astype(np.uint16)
    assert (read_mask(saved(tmp_path / "wide.png", ones)) == ones).all()
