"""A data set as files: what is written is what was composed, after a kill too, and other people's sets are read."""

import os
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path

import fakes
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from helpers import base
from helpers.data import Bank, compose, grid, loader
from helpers.data.export import export, export_command
from helpers.data.folders import Folder
from helpers.data.layout import Names, box_of, key_of, part_of

ROOT = Path(__file__).resolve().parents[1]


def quietly(bank, out, count=None, **options) -> Path:
    return export(bank, out, count, **{"workers": 0, "progress": False, "places": 2, **options})


def contents(folder: Path) -> dict[str, bytes]:
    """Name and bytes of every file under a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


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
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("zips", [None, 7])
def test_what_is_read_is_what_was_composed(tmp_path, zips):
    bank = fakes.bank(2, 2, 48, clutters=1, shapes=1)
    folder = Folder(quietly(bank, tmp_path / "set", zips=zips), boxes=True)
    names = Names(3, 3, 2)
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
    assert torch.equal(grey[3]["mask"], colour[3]["mask"])
    assert grey[3]["image"].shape == (3, 32, 32)
    assert (grey[3]["image"].float().mean() - colour[3]["image"].float().mean()).abs() < 12


def test_a_loader_gives_batches_and_workers_the_same(tmp_path):
    folder = Folder(quietly(fakes.bank(2, 2, 32), tmp_path / "set", zips=9), boxes=True)
    batches = list(loader(folder, 5, shuffle=True))
    assert batches[0]["image"].shape == (5, 3, 32, 32) and len(batches[0]["boxes"]) == 5
    for one, two in zip(batches, loader(folder, 5, shuffle=True, workers=1), strict=True):
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
    assert (
        len(quietly(fakes.bank(3, 4, 16), tmp_path / "few", 12).joinpath("file_map.txt").read_text().split("\n")) == 13
    )
    folder = Folder(tmp_path / "few")
    assert np.bincount(folder.rooms)[1:].tolist() == [4] * 3 and np.bincount(folder.things)[1:].tolist() == [3] * 4


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 5), st.data())
def test_names_are_one_to_one_and_spread_evenly(rooms, things, places, data):
    names = Names(rooms, things, places)
    chosen = names.chosen(data.draw(st.integers(1, names.total)))
    assert len(set(chosen)) == len(chosen) and (np.diff(chosen) > 0).all()
    room, thing, flip, place = names.split(chosen)
    for column, count in ((room, rooms), (thing, things)):
        share = np.bincount(column, minlength=count)
        assert share.max() - share.min() <= 1
    some = data.draw(st.sampled_from(chosen.tolist()))
    room, thing, flip, place = names.split(some)
    assert key_of(names.sample(some) + "_depth_map") == (room + 1, thing + 1, (flip * places + place + 1,))


def test_more_than_999_rooms_get_wider_numbers():
    names = Names(1200, 40, 60)
    assert names.sample(0) == "bg0001_fg001_001" and names.sample(names.total - 1) == "bg1200_fg040_120"
    assert names.bg(7) == "bg0008" and Names(999, 1).bg(7) == "bg008"


@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_the_box_holds_the_mask_and_no_smaller_one_does(h, w, data):
    mask = np.array(data.draw(st.lists(st.lists(st.booleans(), min_size=w, max_size=w), min_size=h, max_size=h)))
    x, y, width, height = box_of(mask)
    assert mask[y : y + height, x : x + width].sum() == mask.sum()
    if mask.any():
        inside = mask[y : y + height, x : x + width]
        assert inside[0].any() and inside[-1].any() and inside[:, 0].any() and inside[:, -1].any()


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

        class Disk:
            """`os` for base.py, with a count of its steps."""

            replace, getpid = staticmethod(step(os.replace)), staticmethod(os.getpid)
            fsync = staticmethod(os.fsync)

        base.os, base.open = Disk, step(open)
        try:
            work()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("zips", [None, 5])
def test_killed_at_any_step_it_goes_on_to_the_same_bytes(tmp_path, zips):
    bank = fakes.bank(2, 2, 16)
    whole = contents(quietly(bank, tmp_path / "whole", zips=zips))
    for start in (1, 2, 4):
        out, moment, kills = tmp_path / f"killed{start}", start, 0
        while killed_at(moment, lambda out=out: quietly(bank, out, zips=zips)):
            kills, moment = kills + 1, moment + 7
        assert kills >= (2 if zips is None else 1)
        assert contents(out) == whole


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_killed_with_its_workers_it_leaves_no_orphans_and_goes_on(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
        import sys
        sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}]
        import fakes
        from helpers.data.export import export
        if __name__ == "__main__":
            export(fakes.bank(2, 2, 16), sys.argv[1], places=100, workers=2, progress=False)
        """)
    )
    out = tmp_path / "killed"
    parent = subprocess.Popen([sys.executable, script, out], env={**os.environ, "OMP_NUM_THREADS": "1"})
    journal = out / "bbox.txt.part"
    while not (journal.exists() and journal.stat().st_size) and parent.poll() is None:
        time.sleep(0.01)
    time.sleep(np.random.default_rng().uniform(0, 0.2))
    workers = _children(parent.pid)
    parent.kill()
    parent.wait()
    patience = time.time() + 20
    while any(_alive(pid) for pid in workers) and time.time() < patience:
        time.sleep(0.05)
    assert not [pid for pid in workers if _alive(pid)], "a worker outlived its parent"
    export(fakes.bank(2, 2, 16), out, places=100, workers=0, progress=False)
    whole = export(fakes.bank(2, 2, 16), tmp_path / "whole", places=100, workers=0, progress=False)
    assert contents(out) == contents(whole)


def _children(pid: int) -> list[int]:
    """The processes that `pid` started, as Linux lists them; none elsewhere."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def _alive(pid: int) -> bool:
    """True where the process runs and is no zombie."""
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_lost_file_is_written_again(tmp_path):
    bank = fakes.bank(2, 2, 16)
    out = quietly(bank, tmp_path / "set")
    whole = contents(out)
    (out / "bg_fg_mask/bg001_fg002_03_mask.png").unlink()
    (out / "fg/fg001.png").unlink()
    assert contents(quietly(bank, out)) == whole


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


@pytest.mark.parametrize("packed", [False, True])
def test_the_real_modest_is_read(tmp_path, packed):
    path = modest(tmp_path / "download/dataset").parent
    if packed:
        with zipfile.ZipFile(tmp_path / "modest.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in contents(path).items():
                archive.writestr(name, data)
        path = tmp_path / "modest.zip"
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


def test_spellings_of_the_parts():
    assert [part_of(name) for name in ("BG_FG Masks", "fg_bg_depth", "bg-fg", "bgfg_mask", "FG")] == [
        "bg_fg_mask", "bg_fg_depth_map", "bg_fg", "bg_fg_mask", "fg",
    ]  # fmt: skip
    assert part_of("notes") is None


def test_the_command_exports(tmp_path, monkeypatch):
    monkeypatch.setattr(Bank, "draw", lambda rooms, people, size, seed, mixture: fakes.bank(3, 3, size))
    out = export_command(tmp_path / "set", 4, 16, grey=True, zips=2)
    assert sorted(os.listdir(out)) == ["export.json", "part001.zip", "part002.zip"] and len(Folder(out)) == 4
