"""A data set as files: what is written is what was composed, after a kill too, and other people's sets are read."""

import errno
import os
import re
import signal
import zipfile
from pathlib import Path

import fakes
import numpy as np
import pytest
import torch
from fakes import contents, quietly, refused
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from helpers import base
from helpers.data import compose, grid, loader
from helpers.data.folders import Folder, GridNames, sample_key


def test_the_six_parts_and_their_names(tmp_path):
    out = quietly(fakes.bank(2, 3, 32), tmp_path / "set")
    names = {part.name: sorted(os.listdir(part)) for part in out.iterdir() if part.is_dir()}
    assert names["bg"] == ["bg001.jpeg", "bg002.jpeg"]
    assert names["fg"][:4] == ["fg001.png", "fg001_01.png", "fg002.png", "fg002_01.png"]
    assert names["fg_mask"][:2] == ["fg001_01_mask.png", "fg001_mask.png"]
    assert names["bg_fg"][:5] == [f"bg001_fg001_0{n}.jpeg" for n in (1, 2, 3, 4)] + ["bg001_fg002_01.jpeg"]
    assert [len(names[part]) for part in ("bg_fg", "bg_fg_mask", "bg_fg_depth_map")] == [2 * 3 * 2 * 2] * 3
    lines = (out / "file_map.txt").read_text().splitlines()
    assert lines[-1] == "bg002\tbg002_fg003_04\tbg002_fg003_04_mask\tbg002_fg003_04_depth_map"
    assert (out / "bbox.txt").read_text().splitlines()[0].startswith("bg001_fg001_01.jpeg\t")
    flipped, as_is = (np.asarray(Image.open(out / "fg" / name)) for name in ("fg002_01.png", "fg002.png"))
    assert np.array_equal(flipped, as_is[:, ::-1])
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == [".journal"]


@pytest.mark.parametrize("zips", [None, 7])
def test_what_is_read_is_what_was_composed(tmp_path, zips):
    bank = fakes.bank(2, 2, 48, clutters=1, shapes=1)
    folder = Folder(quietly(bank, tmp_path / "set", zips=zips), boxes=True)
    names = GridNames(3, 3, 2)
    rows = grid(bank, 2)[names.rows(np.arange(names.total))]
    assert [f"bg{room + 1:03d}" for room in rows["room"]] == [str(n)[:5] for n in map(names.sample, range(len(rows)))]
    batch = compose(bank, rows, "camera", boxes=True)
    assert len(folder) == len(rows) == 36
    for i in range(len(folder)):
        sample = folder[i]
        assert torch.equal(sample["mask"], batch["mask"][i])
        assert torch.equal(sample["depth_valid"], batch["depth_valid"][i])
        known = sample["depth_valid"] > 0
        assert torch.where(known, (sample["depth"] - batch["depth"][i]).abs(), 0).max() <= 0.0005 + 1e-6
        assert torch.equal(sample["boxes"], batch["boxes"][i])
        assert torch.equal(sample["labels"], batch["labels"][i])
        for name in ("background", "image"):
            if rows["room"][i] < 2:  # JPEG keeps rooms; it cannot keep clutter made of noise
                assert (sample[name].float() - batch[name][i].float()).abs().mean() < 6
    assert folder.rooms.tolist() == (rows["room"] + 1).tolist()
    assert folder.things.tolist() == (rows["thing"][:, 0] + 1).tolist()


def test_grey_and_colour(tmp_path):
    bank = fakes.bank(2, 2, 32)
    colour, grey = Folder(quietly(bank, tmp_path / "c")), Folder(quietly(bank, tmp_path / "g", grey=True))
    assert Image.open(tmp_path / "g/bg_fg/bg001_fg001_01.jpeg").mode == "L"
    assert Image.open(tmp_path / "g/bg/bg001.jpeg").mode == "L"
    assert Image.open(tmp_path / "g/fg/fg001.png").mode == "LA"
    assert torch.equal(grey[3]["mask"], colour[3]["mask"]) and grey[3]["image"].shape == (3, 32, 32)


def test_a_loader_gives_batches_and_workers_the_same(tmp_path):
    folder = Folder(quietly(fakes.bank(2, 2, 32), tmp_path / "set", zips=9), boxes=True)
    for one, two in zip(loader(folder, 5, shuffle=True), loader(folder, 5, shuffle=True, workers=1), strict=True):
        assert len(one["image"]) == len(one["boxes"])
        assert torch.equal(one["image"], two["image"]) and torch.equal(one["depth"], two["depth"])
    halved = Folder(folder.path, transform=lambda sample: {"mask": sample["mask"][:, ::2]})
    assert halved[0]["mask"].shape == (1, 16, 32)


def test_a_split_shares_no_room_and_no_person(tmp_path):
    folder = Folder(quietly(fakes.bank(5, 5, 16), tmp_path / "set"))
    sides = folder.split((0.6, 0.2, 0.2), seed=1)
    assert [len(side) for side in sides.values()] == [3 * 3 * 4, 4, 4]
    for what in ("rooms", "things"):
        seen = [set(getattr(side, what)) for side in sides.values()]
        assert not seen[0] & seen[1] and not seen[0] & seen[2] and not seen[1] & seen[2]
    assert len(folder) == 100 and sides["val"][0]["image"].shape == (3, 16, 16)
    with pytest.raises(ValueError, match=r"\(5 backgrounds, 5 people\) is too small to give test a room"):
        folder.split((0.9, 0.05, 0.05))


def test_few_of_many_are_spread_over_all_rooms_and_people(tmp_path):
    folder = Folder(quietly(fakes.bank(3, 4, 16), tmp_path / "few", 12))
    assert len(folder) == 12
    assert np.bincount(folder.rooms)[1:].tolist() == [4] * 3 and np.bincount(folder.things)[1:].tolist() == [3] * 4


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 4), st.data())
def test_names_are_one_to_one_and_spread_evenly(rooms, things, places, data):
    names = GridNames(rooms, things, places)
    chosen = names.chosen(data.draw(st.integers(1, names.total)))
    assert len(set(chosen)) == len(chosen) and (np.diff(chosen) > 0).all()
    room, thing, flip, place = names.split(chosen)
    for column, count in ((room, rooms), (thing, things)):
        share = np.bincount(column, minlength=count)
        assert share.max() - share.min() <= 1
    some = data.draw(st.sampled_from(chosen.tolist()))
    room, thing, flip, place = names.split(some)
    assert sample_key(names.sample(some) + "_depth_map") == (room + 1, thing + 1, flip * places + place + 1)


def test_more_than_999_rooms_get_wider_numbers():
    names = GridNames(1200, 40, 60)
    assert names.sample(0) == "bg0001_fg001_001" and names.sample(names.total - 1) == "bg1200_fg040_120"
    assert names.bg(7) == "bg0008" and GridNames(999, 1).bg(7) == "bg008"


def killed_at(moment: int, work) -> bool:
    """Does `work` in a child that kills itself at its `moment`-th step on the disk; True where it came so far."""
    child = os.fork()
    if child == 0:
        count = 0

        def step(real):
            def counted(*args, **options):
                nonlocal count
                count += 1
                if count == moment:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*args, **options)

            return counted

        os.replace, base.open = step(os.replace), step(open)
        try:
            work()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("zips, stride", [(None, 17), (5, 3)])
def test_killed_at_any_step_it_goes_on_to_the_same_bytes(tmp_path, monkeypatch, zips, stride):
    monkeypatch.setattr("helpers.data.exporting.CHUNK", 5)
    bank = fakes.bank(2, 2, 16)
    whole = contents(quietly(bank, tmp_path / "whole", zips=zips))
    for start in (1, 2):
        out, moment, kills = tmp_path / f"killed{start}", start, 0
        while killed_at(moment, lambda out=out: quietly(bank, out, zips=zips)):
            kills, moment = kills + 1, moment + stride
        assert kills >= 2
        assert contents(out) == whole


def modest(root: Path) -> Path:
    """A set as MODEST's authors pack it: JPEG masks and depths, 8 bits."""
    rng = np.random.default_rng(0)
    for part in ("bg", "fg", "bg_fg", "bg_fg_mask", "bg_fg_depth_map"):
        (root / part).mkdir(parents=True)
    lines, boxes = [], []
    mask = np.zeros((32, 32), np.uint8)
    mask[8:24, 10:20] = 255
    depth = np.tile(np.linspace(20, 240, 32).astype(np.uint8), (32, 1))
    for room in (1, 2):
        scene = Image.fromarray(rng.integers(0, 256, (4, 4, 3), np.uint8)).resize((32, 32))
        scene.save(root / f"bg/bg00{room}.jpeg")
        for stem in (f"bg00{room}_fg001_01", f"bg00{room}_fg001_21"):
            scene.save(root / f"bg_fg/{stem}.jpeg")
            Image.fromarray(mask).save(root / f"bg_fg_mask/{stem}_mask.jpeg")
            Image.fromarray(depth).save(root / f"bg_fg_depth_map/{stem}_depth_map.jpeg")
            lines.append(f"bg00{room}\t{stem}\t{stem}_mask\t{stem}_depth_map")
            boxes.append(f"{stem}.jpeg\t10\t8\t10\t16")
    (root / "file_map.txt").write_text("\r\n".join(lines) + "\r\n")
    (root / "bbox.txt").write_text("\n".join(boxes))
    return root


@pytest.mark.parametrize("as_zip", [False, True])
def test_the_real_modest_is_read(tmp_path, as_zip):
    path = modest(tmp_path / "download/dataset").parent
    path = packed(path, tmp_path / "modest.zip") if as_zip else path
    folder = Folder(path, boxes=True)
    assert len(folder) == 4 and folder.rooms.tolist() == [1, 1, 2, 2]
    sample = folder[3]
    assert set(sample["mask"].unique().tolist()) == {0, 1} and sample["mask"].sum() == 160
    assert sample["boxes"].tolist() == [[10, 8, 20, 24]] and sample["labels"].tolist() == [1]
    assert sample["depth"][0, 0, 0] == pytest.approx(20 / 25.5, abs=0.1) and sample["depth_valid"].min() == 1
    assert Folder(path, depth_scale=5)[0]["depth"][0, 0, 31] == pytest.approx(240 / 51, abs=0.1)
    assert Folder(path, depth_inverted=True)[0]["depth"][0, 0, 31] == pytest.approx(15 / 25.5, abs=0.1)


def test_a_set_named_as_in_the_fifth_seed_is_read(tmp_path):
    root = modest(tmp_path / "set")
    for name in ("file_map.txt", "bbox.txt"):
        (root / name).unlink()
    for room in (1, 2):
        for old, new in (("01", "001"), ("21", "01_001")):
            stem, kept = f"bg00{room}_fg001_{new}", f"bg00{room}_fg001_{old}"
            (root / f"bg_fg/{kept}.jpeg").rename(root / f"bg_fg/{stem}.jpeg")
            (root / f"bg_fg_mask/{kept}_mask.jpeg").rename(root / f"bg_fg_mask/{stem}.jpeg")
            spelt = stem.replace("bg0", "bg_0").replace("fg0", "fg_0") + "_depth_map_001.jpeg"
            (root / f"bg_fg_depth_map/{kept}_depth_map.jpeg").rename(root / "bg_fg_depth_map" / spelt)
    for old, new in (
        ("bg", "BG"),
        ("bg_fg", "BG_FG"),
        ("bg_fg_mask", "BG_FG MASK"),
        ("bg_fg_depth_map", "BG_FG DEPTH MAP"),
    ):
        (root / old).rename(root / new)
    folder = Folder(root)
    assert len(folder) == 4 and folder[1]["mask"].sum() == 160 and folder.things.tolist() == [1] * 4


def test_wrong_counts_and_settings_are_refused(tmp_path):
    for count in (0, -3, 10**9):
        refused(lambda count=count: quietly(fakes.bank(2, 2, 16), tmp_path / "o", count), "count must be from 1 to 16,")
    refused(lambda: quietly(fakes.bank(2, 2, 16), tmp_path / "o", 4, zips=0), "zips", "at least 1")
    refused(lambda: quietly(fakes.bank(2, 2, 16), tmp_path / "o", 4, difficulty="easy"), "no difficulty 'easy'")
    assert not (tmp_path / "o").exists()


def test_another_export_in_the_same_folder_is_refused_and_other_files_stay(tmp_path):
    out = quietly(fakes.bank(2, 2, 16), tmp_path / "o", 4)
    (out / ".notes.tmp").write_text("mine")
    quietly(fakes.bank(2, 2, 16), out, 4)
    assert (out / ".notes.tmp").read_text() == "mine"
    refused(lambda: quietly(fakes.bank(2, 2, 16), out, 5), "in another way", "another folder")
    refused(lambda: quietly(fakes.bank(2, 3, 16), out, 4), "in another way")


@pytest.mark.parametrize("zips", [None, 3])
def test_a_disk_that_takes_no_more(tmp_path, monkeypatch, zips):
    """Once the disk fails, what was written is whole, and the next run ends with the same bytes."""
    bank, left, write = fakes.bank(2, 2, 32), iter(range(3 if zips else 9)), os.replace

    def failing(*names):
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(*names)

    monkeypatch.setattr(os, "replace", failing)
    told = ("could not be written", "the disk is full", "run it again", str(tmp_path / "a"))
    refused(lambda: quietly(bank, tmp_path / "a", 9, zips=zips), *told, kind=OSError)
    monkeypatch.undo()
    assert not list((tmp_path / "a").glob(".*.tmp"))
    written, whole = contents(tmp_path / "a"), contents(quietly(bank, tmp_path / "b", 9, zips=zips))
    written.pop(".journal", None)
    assert len(written) > 1 and written.items() <= whole.items()
    assert contents(quietly(bank, tmp_path / "a", 9, zips=zips)) == whole


@pytest.fixture
def exported(tmp_path) -> Path:
    return quietly(fakes.bank(2, 2, 16), tmp_path / "set", 6)


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
    for name in ("../secret.png", "/etc/secret.png", "bg\\..\\..\\secret.png"):
        path = packed(exported, tmp_path / "x.zip", lambda old, name=name: name if old == "bg/bg001.jpeg" else old)
        refused(lambda path=path: Folder(path)[0], "x.zip/bg/bg001", "is missing", kind=FileNotFoundError)


def test_links_that_leave_the_folder(exported, tmp_path):
    victim = sorted((exported / "bg_fg_mask").iterdir())[0]
    victim.rename(tmp_path / "secret.png")
    victim.symlink_to(tmp_path / "secret.png")
    refused(lambda: Folder(exported)[0], "is a link that leaves the folder")
    victim.unlink()
    info = zipfile.ZipInfo("bg_fg_mask/" + victim.name)
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(packed(exported, tmp_path / "x.zip"), "a") as archive:
        archive.writestr(info, "../../secret.png")
    refused(lambda: Folder(tmp_path / "x.zip")[0], "x.zip", victim.name, "not a picture")


def test_zip_files_that_are_none_or_unpack_to_too_much(exported, tmp_path, monkeypatch):
    (tmp_path / "a.zip").write_bytes(b"no zip file")
    refused(lambda: Folder(tmp_path / "a.zip"), "a.zip is not a whole zip file")
    whole = packed(exported, tmp_path / "b.zip").read_bytes()
    (tmp_path / "b.zip").write_bytes(whole[: len(whole) // 2])
    refused(lambda: Folder(tmp_path / "b.zip"), "b.zip is not a whole zip file")
    (tmp_path / "c.zip").write_bytes(whole.replace(b"\xff\xd8\xff", b"\xff\xd9\xff"))
    refused(lambda: Folder(tmp_path / "c.zip")[0], "c.zip", "damaged")
    monkeypatch.setattr("helpers.data.folders.MOST", 2**20)
    (exported / "bg" / "bg001.jpeg").write_bytes(bytes(2**20 + 1))
    bomb = packed(exported, tmp_path / "d.zip", compression=zipfile.ZIP_DEFLATED)
    for path in (exported, bomb):
        refused(lambda path=path: Folder(path)[0], "bg/bg001.jpeg in", "more than 1 MB")


def test_sets_with_a_part_missing(exported, tmp_path):
    refused(lambda: Folder(tmp_path / "none"), "no folder or zip file", kind=FileNotFoundError)
    (tmp_path / "empty").mkdir()
    refused(lambda: Folder(tmp_path / "empty"), "has no folder bg", "here is nothing")
    victim = sorted((exported / "bg_fg_depth_map").iterdir())[0]
    victim.rename(tmp_path / "away.png")
    refused(lambda: Folder(exported)[0], victim.stem, "is missing", kind=FileNotFoundError)
    Image.new("L", (32, 32)).save(victim)
    refused(lambda: Folder(exported)[0], "is 32 x 32 pixels, its picture 16 x 16")
    (exported / "bbox.txt").write_text("bg001_fg001_01.jpeg\t1\t2\t3\tx\n")
    refused(lambda: Folder(exported, boxes=True), "bbox.txt", "line 1", "x, y, width, height")
    (exported / "bbox.txt").write_text("")
    refused(lambda: Folder(exported, boxes=True)[1], "bbox.txt", "does not name")
    (exported / "bbox.txt").unlink()
    (exported / "export.json").unlink()
    refused(lambda: Folder(exported, boxes=True), "has no bbox.txt", kind=FileNotFoundError)
    wrong = {b"bg001\tbg001_fg001_01\n": "2 columns", b"\xff\xfe\xfa" * 9: "not a text file", b"\n": "no samples"}
    for text, says in wrong.items():
        (exported / "file_map.txt").write_bytes(text)
        refused(lambda: Folder(exported), "file_map.txt", says)


@pytest.mark.parametrize("zips", [None, 2])
def test_an_export_that_is_not_finished(tmp_path, zips):
    out = quietly(fakes.bank(2, 2, 16), tmp_path / "set", 6, zips=zips)
    if zips:
        (out / "part002.zip").unlink()
        refused(lambda: Folder(out), "holds 2 of 3 zip files", "Run the same export again")
    else:
        (out / "bbox.txt").unlink()
        refused(lambda: Folder(out), "was interrupted. Run the same export again")
    assert len(Folder(quietly(fakes.bank(2, 2, 16), out, 6, zips=zips))) == 6
    for card in ("{", '{"zips": 2}', '{"zips": "x", "count": 1}', '{"labels": 3}', "7", "null", "[1]", "[" * 100_000):
        (out / "export.json").write_text(card)
        refused(lambda: Folder(out), "export.json", "is damaged")
