"""Every door that an attack once found open: bad input gets a sentence, and nothing is lost, run or silently wrong.

The numbers are the rows of the attack; each has at least one test.
"""

import errno
import os
import shutil
import subprocess
import sys
import warnings

import fakes
import numpy as np
import pytest
import torch
from fakes import contents, quietly
from PIL import Image
from safetensors.torch import load, save
from test_baselines import batch
from test_training import dots, own_loss

from helpers import __main__ as shell
from helpers import base, inference, learn, models, predict
from helpers.data import Bank, Folder, exporting, read_mask, read_picture
from helpers.study import read_table
from tools import publish, template


def told(capsys, words: list[str], *fragments: str) -> str:
    """What the shell says of these words: a mistake, in one sentence, with these fragments."""
    assert shell.main(words) == 2
    said = capsys.readouterr().err.strip()
    assert "\n" not in said and all(each in said for each in fragments) and not said.startswith("[Errno"), said
    return said


# the first cell, and an old Python


def test_row_27_a_first_cell_that_finds_no_course_says_why(tmp_path):
    """A bad address, a folder in the way, a repository of something else: no CalledProcessError."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.txt").write_text("not the course")
    cases = dict.fromkeys(("nowhere", "already exists"), "file:///nowhere")
    cases |= {"from ''": "", "something else": fakes.committed(tmp_path / "other")}
    for says, address in cases.items():
        here = tmp_path / says
        here.mkdir()
        if says == "already exists":
            (here / "roomsight").mkdir()
            (here / "roomsight" / "mine.txt").write_text("mine")
        told = subprocess.run([sys.executable, "-c", template.first_cell(address)], cwd=here, stderr=-1, text=True)
        said = told.stderr.splitlines()[-1]
        assert told.returncode == 1 and says in said and "Clone the course" in said, told.stderr
        assert "ROOMSIGHT_ADDRESS" in said and "CalledProcessError" not in told.stderr
    assert (tmp_path / "already exists" / "roomsight" / "mine.txt").read_text() == "mine"


def test_row_28_an_old_python_is_told_which_one_is_needed():
    assert len(template.first_cell().splitlines()) <= template.LONGEST
    for work in (template.first_cell(), "import helpers"):
        source = f"import sys\nsys.version_info = (3, 8, 20)\n{work}"
        told = subprocess.run([sys.executable, "-c", source], cwd=base.ROOT, stderr=-1, text=True)
        assert told.returncode and "Python 3.10 or newer" in told.stderr.splitlines()[-1], told.stderr


# folders to write into
def test_row_34_a_folder_is_claimed_only_where_it_is_new_empty_or_its_own(tmp_path):
    def claim(path, content=b"mine"):
        with base.claim_folder(path, "mark", content) as out:
            (out / "result").write_text("x")

    (tmp_path / "empty").mkdir()
    for name in ("new/deep", "empty", "empty"):
        (tmp_path / name / ".result.123.tmp").unlink(missing_ok=True)
        claim(tmp_path / name)
        (tmp_path / name / ".result.123.tmp").touch()  # left by a kill
        claim(tmp_path / name)
        assert sorted(path.name for path in (tmp_path / name).iterdir()) == ["mark", "result"]
    with pytest.raises(ValueError, match="in another way"):
        claim(tmp_path / "empty", b"other")
    with base.claim_folder(tmp_path / "empty", "mark", b"mine"):
        with pytest.raises(OSError, match="Another process"):
            claim(tmp_path / "empty")
    for name in ("holiday.jpg", ".bashrc"):  # a home folder may look empty
        (tmp_path / name[1:]).mkdir()
        (tmp_path / name[1:] / name).write_text("yours")
        with pytest.raises(ValueError, match=f"not empty.*{name}"):
            claim(tmp_path / name[1:])
        assert [path.name for path in (tmp_path / name[1:]).iterdir()] == [name]
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "result").symlink_to(tmp_path / "new")
    with pytest.raises(ValueError, match="is a link"):
        claim(tmp_path / "linked")
    for name in ("", "  "):
        with pytest.raises(ValueError, match="empty"):
            claim(name)
    with pytest.raises(OSError, match="too long"):
        claim(tmp_path / ("n" * 300))
    with pytest.raises(OSError, match="is a file|a file of that name"):
        claim(tmp_path / "new" / "deep" / "result")


# tables of studies, and what a network is given


def test_row_23_24_a_table_with_words_for_numbers_or_a_run_twice_is_refused(tmp_path):
    path, head = tmp_path / "t.csv", "loss,seed,iou,curve,steps,cpu_seconds,seconds,machine,torch,settings\n"
    line = "BCE,0,0.5,0.1 0.2,7,1.0,1.0,cpu,2.0,abcdefgh\n"
    for spoilt, told in {
        line.replace("0.5", "nan"): "line 2: iou is 'nan'",
        line.replace("0.1 0.2", "0.1 inf"): "curve is",
        line.replace("0.5", "good"): "iou is 'good'",
        line.replace("0,0.5", "zero,0.5"): "seed is 'zero'",
        line + line.replace("0.5", "0.6"): "line 3: the run BCE · 0 is there twice",
        line + "BCE,1\n": "line 3: 2 cells, not 10",
    }.items():
        path.write_text(head + spoilt)
        with pytest.raises(ValueError, match=told):
            read_table(path)
    path.write_text(head + line)
    assert read_table(path)[0]["curve"] == [0.1, 0.2]


def test_row_26_networks_refuse_what_is_no_pair_of_pictures():
    good = torch.zeros(1, 3, 32, 32)
    wrong = {
        "not ndarray": good.numpy(),
        "not NoneType": None,
        r"N 3 H W.*\(1, 1, 32, 32\)": good[:, :1],
        r"of one shape.*\(1, 3, 32, 32\) and \(1, 3, 32, 16\)": good[..., :16],
        "torch.int64": good.long(),
        "from nan to nan": good / 0,
        "from 0 to 255.*[Dd]ivide 0..255 by 255": good.index_fill(3, torch.tensor([0]), 255.0),
    }
    for name in ("masknet", "roomnet", "percamera", "tiny_percamera"):
        network, alone = models.build(name).eval(), name in ("tiny_percamera", "percamera")
        for says, picture in wrong.items():
            if not (alone and "one shape" in says):  # networks of one picture do not look at the background
                with pytest.raises(ValueError, match=says):
                    network(good, picture)


# publishing, and JupyterLab


@pytest.mark.parametrize("repo", ['a/b"; touch X; echo "\'', "a/b'; touch X; '", "$(shell touch X)", "`touch X`"])
def test_row_10_what_is_published_is_never_a_command(tmp_path, repo):
    """The Makefile hands REPO on as it is; in place of Python stands a program that says what it got."""
    shutil.copy(base.ROOT / "Makefile", tmp_path)
    shutil.copy(base.ROOT / "requirements.lock", tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s" "$REPO"\n')
    python.chmod(0o755)
    (tmp_path / ".venv" / "ready").touch()
    told = subprocess.run(["make", "-s", "publish", f"REPO={repo}"], cwd=tmp_path, capture_output=True, text=True)
    assert told.stdout == repo and not (tmp_path / "X").exists(), told.stderr


@pytest.mark.parametrize("repo", ["a/.git", "a/b.git", "a/-b", "a--b/c", "a-/b", "a/..", "a/" + "b" * 300, "a/b\n"])
def test_row_29_only_a_name_that_github_allows_is_stamped(repo):
    with pytest.raises(ValueError, match="names no repository of GitHub.*REPO=owner/name"):
        publish.publish(repo)


# data sets of files
GARBAGE = (b"[" * 100_000, b"null\n7\n", b"[1, 2, []]\n[1, 2]\n", b"0\n" * 10_000, b"\xff\xfe", bytes(99))


@pytest.mark.parametrize("zips", [None, 5])
def test_row_4_5_6_20_a_damaged_export_is_repaired_by_the_same_export(tmp_path, monkeypatch, zips):
    """Files that are emptied, cut, flipped or gone are written again, what is whole is not; garbage is no obstacle."""
    monkeypatch.setattr(exporting, "CHUNK", 5)
    out = quietly(fakes.bank(2, 2, 16), tmp_path / "set", zips=zips)
    whole = contents(out)
    damages = (lambda data: b"", lambda data: data[: len(data) // 2], lambda data: bytes(len(data)), None)
    names = [name for name in whole if name != "export.json"][:: 1 if zips else 4]
    for name, damage in ((name, damages[n % 4]) for n, name in enumerate(names)):
        (out / name).write_bytes(damage(whole[name])) if damage else (out / name).unlink()
    for name in ("bbox.txt", "file_map.txt") if not zips else ():
        (out / name).write_bytes(whole[name][:40])
    assert contents(quietly(fakes.bank(2, 2, 16), out, zips=zips)) == whole
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.*")}
    quietly(fakes.bank(2, 2, 16), out, zips=zips)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    for junk in GARBAGE:
        (out / ".journal").write_bytes(junk)
        (out / "bbox.txt.part").write_bytes(junk)
        (out / "bbox.txt").unlink(missing_ok=True)
        assert contents(quietly(fakes.bank(2, 2, 16), out, zips=zips)).items() >= whole.items()


def test_row_8_a_mask_of_two_values_is_a_mask(tmp_path):
    truth = np.arange(24 * 32).reshape(24, 32) % 5 == 0
    for low, high in ((0, 1), (0, 2), (0, 15), (0, 255), (200, 255)):
        for kind in (np.uint8, np.uint16):
            Image.fromarray(np.where(truth, high, low).astype(kind)).save(tmp_path / "mask.png")
            assert np.array_equal(read_mask(tmp_path / "mask.png"), truth), (low, high, kind)
    labels = (np.arange(24 * 32).reshape(24, 32) % 3).astype(np.uint8)
    fakes.refused(lambda: read_mask(labels, name="labels.png"), "labels.png", "0 and 255")


def test_row_9_pictures_of_8_bits_in_16_are_scaled_and_said(tmp_path):
    grey = np.tile(np.arange(0, 256, 8, dtype=np.uint16), (24, 1))
    Image.fromarray(grey).save(tmp_path / "a.png")
    for source in (tmp_path / "a.png", grey):
        with pytest.warns(UserWarning, match="16 bits deep"):
            assert np.array_equal(read_picture(source)[..., 0], grey)


def test_row_15_an_export_that_is_too_large_is_refused_at_once(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(Bank, "draw", lambda *_: fakes.bank(100, 100, 16))
    out = ["--out", str(tmp_path / "new")]
    told(capsys, ["export", "--count", "999999999999", *out], "GB")
    monkeypatch.setattr(exporting.os, "sysconf", lambda name: 2**16)  # a machine of 4 GB
    told(capsys, ["export", "--count", "1", "--size", "4096", *out], "GB of memory")
    assert not (tmp_path / "new").exists()
    assert shell.main(["export", "--count", "4", "--size", "16", "--grey", "--zips", "2", *out]) == 0
    assert "Drawing 100 rooms" in capsys.readouterr().out and len(Folder(tmp_path / "new")) == 4
    assert {path.name for path in (tmp_path / "new").glob("*.*")} >= {"export.json", "part001.zip", "part002.zip"}


def test_row_17_22_33_34_an_export_goes_only_into_a_folder_of_its_own(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(Bank, "draw", lambda *_: 1 / 0)  # what is refused is refused before anything is drawn
    (tmp_path / ".bashrc").touch()
    (tmp_path / "file").touch()
    long = tmp_path / ("n" * 300)
    for out, why in (("", "empty"), (tmp_path, ".bashrc"), (long, "long"), (tmp_path / "file", "file")):
        told(capsys, ["export", "--count", "1", "--size", "16", "--out", str(out)], why)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".bashrc", "file"]


def test_row_18_lists_that_contradict_themselves_are_refused(tmp_path):
    out = quietly(fakes.bank(2, 2, 16), tmp_path / "both" / "a", places=1)
    lines = (out / "file_map.txt").read_text().splitlines(True)
    swapped = [line.replace("_01_mask", "_02_mask") for line in lines]
    for text, why in ((swapped, "mixes files"), (lines + lines[:1], "a second time")):
        (out / "file_map.txt").write_text("".join(text))
        fakes.refused(lambda: Folder(out), "file_map.txt", "line ", why)
    (out / "file_map.txt").write_text("".join(lines))
    for box, why in (("nan 1 2 3", "not a number"), ("1 1 -2 3", "negative"), ("1 1 2 inf", "not a number")):
        (out / "bbox.txt").write_text(f"bg001_fg001_01.jpeg {box}\n")
        fakes.refused(lambda: Folder(out, boxes=True), "bbox.txt", "line 1", why)
    (out / "bbox.txt").write_text("a.jpeg 1 1 2 2\n" * 2)
    fakes.refused(lambda: Folder(out, boxes=True), "bbox.txt", "line 2", "a second time")
    shutil.copytree(out, tmp_path / "both" / "b")
    fakes.refused(lambda: Folder(tmp_path / "both"), "2 sets: a and b")


def test_row_19_depth_as_npy_in_a_folder_is_read_or_refused_as_npy(tmp_path):
    out = quietly(fakes.bank(2, 2, 16), tmp_path, 1, places=1)
    (picture,) = (out / "bg_fg_depth_map").iterdir()
    truth = Folder(out)[0]["depth"]
    picture.unlink()
    np.save(picture.with_suffix(".npy"), truth[0].numpy())
    assert (Folder(out)[0]["depth"] == truth).all()
    picture.with_suffix(".npy").write_bytes(b"no numbers")
    fakes.refused(lambda: Folder(out)[0], ".npy is not a whole .npy file", "numpy.save")


# predicting: what is given, what is answered, what is written


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """The words of a `predict` that works, but for --out; the pictures are textured, and somebody stands in one."""
    monkeypatch.setattr(inference, "trained_network", lambda *_: (fakes.Differs(), {"network": "roomnet", "size": 96}))
    background = np.random.default_rng(0).integers(40, 100, (30, 40, 3), np.uint8).repeat(4, 0).repeat(4, 1)
    image = background.copy()
    image[40:110, 60:90] = 230
    for name, array in (("a.png", background), ("b.png", image)):
        Image.fromarray(array).save(tmp_path / name)
    return ["predict", "--background", str(tmp_path / "a.png"), "--image", str(tmp_path / "b.png")]


def test_row_2_a_photograph_is_never_overwritten(pair, tmp_path, capsys):
    assert shell.main([*pair, "--out", str(tmp_path / "o")]) == 0
    mine = (tmp_path / "b.png").read_bytes()
    photograph = tmp_path / "o" / "mask.png"
    photograph.write_bytes(mine)  # the person keeps a photograph under that name
    os.symlink(photograph, tmp_path / "link.png")
    os.link(photograph, tmp_path / "hard.png")
    for given in (photograph, tmp_path / "link.png", tmp_path / "hard.png"):
        told(capsys, [*pair[:4], str(given), "--out", str(tmp_path / "o")], "mask.png", "overwrite")
        assert photograph.read_bytes() == mine


def test_row_3_22_predict_writes_only_where_it_may(pair, tmp_path, capsys, monkeypatch):
    for name in ("depth.npy", "mask.png", "holiday.jpg"):
        (tmp_path / name[:4]).mkdir()
        (tmp_path / name[:4] / name).write_text("mine")
        told(capsys, [*pair, "--out", str(tmp_path / name[:4])], name, "Choose")
        assert [path.name for path in (tmp_path / name[:4]).iterdir()] == [name]
        assert (tmp_path / name[:4] / name).read_text() == "mine"
    monkeypatch.chdir(tmp_path / "mask")
    told(capsys, [*pair, "--out", ""], "empty")
    assert [path.name for path in (tmp_path / "mask").iterdir()] == ["mask.png"]
    for _ in range(2):  # new, and its own
        assert shell.main([*pair, "--out", str(tmp_path / "new" / "deep")]) == 0


@pytest.mark.parametrize("factor", [1e30, 1e18])
def test_row_7_absurd_weights_are_told(factor, tmp_path):
    network = models.build("masknet")
    network.load_state_dict({name: value * factor for name, value in network.state_dict().items()})
    path = learn.save_checkpoint(tmp_path / "m.safetensors", network, {"network": "masknet", "size": 96})
    picture = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    with pytest.raises(ValueError, match="of no use"):
        predict(picture, 255 - picture, "masknet", weights=path)


@pytest.mark.parametrize("code", ["ENOSPC", "EROFS", "EACCES", "EDQUOT"])
def test_row_16_17_33_a_disk_that_takes_nothing_while_predicting(code, pair, tmp_path, capsys, monkeypatch):
    def full(_):
        raise OSError(getattr(errno, code), os.strerror(getattr(errno, code)))

    monkeypatch.setattr(base.os, "fsync", full)
    told(capsys, [*pair, "--out", str(tmp_path / "o")], str(tmp_path / "o"), "could not be written, because")


def test_row_33_names_that_no_disk_takes(pair, tmp_path, capsys):
    told(capsys, [*pair, "--out", str(tmp_path / ("n" * 300))], "too long")
    assert shell.main([*pair, "--out", str(tmp_path / "o")]) == 0
    (tmp_path / "o" / "mask.png").unlink()
    (tmp_path / "o" / "mask.png").mkdir()
    told(capsys, [*pair, "--out", str(tmp_path / "o")], "mask.png", "folder of that name")
    told(capsys, [*pair, "--out", str(tmp_path / "a.png")], "a.png", "file")


def test_row_31_two_pictures_that_are_not_of_one_camera(pair, tmp_path, capsys):
    """Turned by half, moved by a third, or of another scene: the result comes with a warning, on one line."""
    background, image = (np.asarray(Image.open(tmp_path / name)) for name in ("a.png", "b.png"))
    other = np.random.default_rng(1).integers(0, 256, (30, 40, 3), np.uint8).repeat(4, 0).repeat(4, 1)
    for wrong in (np.rot90(other, 2), other, np.roll(255 - background, 50, 1)):
        with pytest.warns(UserWarning, match="one camera"):
            assert predict(background, wrong)["mask"].mean() > 0.3
    half = background.copy()
    half[:, 80:] = 230  # somebody who is very near
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for right in (image, half, (background * 0.4).astype(np.uint8)):
            predict(background, right)
    Image.fromarray(other).save(tmp_path / "b.png")
    assert shell.main([*pair, "--out", str(tmp_path / "o")]) == 0
    said = capsys.readouterr().err.strip()
    assert "one camera" in said and "\n" not in said


# banks and augmentations
def test_a_damaged_bank_file_is_named(tmp_path):
    path = fakes.bank().save(tmp_path / "bank.npz")
    whole, arrays = path.read_bytes(), dict(np.load(path))
    with pytest.raises(FileNotFoundError, match="no bank at"):
        Bank.load(tmp_path / "nothing.npz")
    spoilt = [b"", b"\x89PNG", whole[:5000], whole[:-100], whole[:9000] + b"?" * 90 + whole[9090:]]
    changes = [{"cameras": arrays["cameras"][:1]}, {"cameras": arrays["cameras"] * np.nan}, {"spots": np.zeros(3)}]
    changes += [{"shapes": arrays["shapes"] + 1}, {"metres": np.array(["tall"] * 4)}, {"depths": arrays["depths"] * 0}]
    for change in [*changes, {"kinds": np.array([{}] * 3, object)}]:
        np.savez(path, **arrays | change)
        spoilt.append(path.read_bytes())
    for content in spoilt:
        path.write_bytes(content)
        with pytest.raises(ValueError, match="bank.npz is no whole bank file .*draw the bank again"):
            Bank.load(path)


# training and its folder, checkpoints, batches, losses


def tiny_training(folder=None, **how):
    """(network, a batch) of a training that takes no time, once it is started with these settings."""
    torch.manual_seed(0)
    network = dots()
    learn.fit(network, how.pop("loader", [batch(2)]), how.pop("loss", own_loss), learn.Settings(folder=folder, **how))
    return network, batch(2)


def test_row_01_a_second_training_in_the_same_folder_is_refused(tmp_path):
    tried = []

    def loss(outputs, told):  # called while the first training holds its folder
        with pytest.raises(OSError, match="Another process is writing into"):
            tiny_training(tmp_path, loss=loss)
        tried.append(True)
        return own_loss(outputs, told)

    tiny_training(tmp_path, loss=loss)
    assert tried


STRANGE = ("[]", "7", "null", '"masknet"', "[" * 100_000, '{"network": 5}', '{"network": []}', "{", "NaN")


def test_rows_11_12_strange_cards_are_a_sentence(tmp_path):
    path = learn.save_checkpoint(tmp_path / "net.safetensors", models.build("masknet"), {"network": "masknet"})
    tensors = load(path.read_bytes())
    sizes = [f'{{"network": "masknet", "size": {size}}}' for size in ('"a"', "[]", "-3", "1e9", "null")]
    for card in (*STRANGE, *sizes):
        path.write_bytes(save(tensors, {"card": card}))
        with pytest.raises(ValueError, match="net.safetensors"):
            learn.load_checkpoint(path)


def test_row_21_a_damaged_resume_state_is_a_sentence(tmp_path):
    tiny_training(tmp_path)
    path = tmp_path / "resume.pt"
    whole, state = path.read_bytes(), torch.load(path, weights_only=True)
    for content in (b"", b"{}", whole[:-100], whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="resume.pt is damaged"):
            tiny_training(tmp_path)
    for name in state:
        for value in ([], "x", {}, [{"step": "x"}], print):
            torch.save(state | {name: value}, path)
            with pytest.raises(ValueError, match="resume.pt is damaged"):
                tiny_training(tmp_path)


def test_rows_13_14_26_settings_and_batches_that_make_no_sense_are_sentences():
    settings = {"epochs": 0.5, "reports": -1, "lr": float("nan"), "seconds": -1, "ema": 1.5}
    for name, value in (settings | {"optimizer": "adam", "schedule": "cosine"}).items():
        with pytest.raises(ValueError, match=f"{name} must|no .* '{value}'. Known"):
            tiny_training(**{name: value})
    good = batch(2)
    nan = torch.full_like(good["depth"], float("nan"))
    wrong = {
        "'mask' of this batch must be numbers in 0..1, but they are 0 to 255": {"mask": good["mask"] * 255},
        "'mask' as float32, but in this batch it is torch.bool": {"mask": good["mask"] > 0.5},
        "'mask' as float32, but in this batch it is torch.int64": {"mask": good["mask"].long()},
        "'depth' of this batch holds NaN": {"depth": nan},
        "'image' of this batch holds NaN": {"image": nan.expand(-1, 3, -1, -1)},
        "'image' of this batch must be numbers in 0..1": {"image": good["image"].float()},
        "has no 'image'": {"image": None},
        "has no 'background'": {"background": good["background"].numpy()},
        "one sample or more": {name: value[:0] for name, value in good.items()},
    }
    for says, change in wrong.items():
        with pytest.raises(ValueError, match=says):
            tiny_training(loader=[good | change])


def test_row_25_losses_and_loaders_that_are_none_are_sentences():
    for loader in (None, (batch(1) for _ in range(2)), 5):
        with pytest.raises(ValueError, match="a DataLoader or a list"):
            tiny_training(loader=loader)
    with pytest.raises(ValueError, match="has no batch"):
        tiny_training(loader=[])
    for value in (5, None, "loss"):
        with pytest.raises(ValueError, match="one number with a gradient"):
            tiny_training(loss=lambda outputs, batch, value=value: value)
    for loss in (lambda outputs, _: outputs["mask"], lambda outputs, _: outputs["mask"].mean().detach()):
        with pytest.raises(ValueError, match="one number with a gradient"):
            tiny_training(loss=loss)


def test_rows_32_35_what_a_kill_left_goes_and_best_is_never_overwritten(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".last.safetensors.123.tmp").write_bytes(b"half")
    tiny_training(tmp_path / "run")
    assert not list((tmp_path / "run").glob(".*"))
    best = (tmp_path / "run" / "best.safetensors").read_bytes()
    (tmp_path / "run" / "resume.pt").unlink()
    with pytest.raises(ValueError, match="best network of a training, but no resume.pt"):
        tiny_training(tmp_path / "run")
    assert (tmp_path / "run" / "best.safetensors").read_bytes() == best
    with pytest.raises(ValueError, match="made in another way"):
        tiny_training(tmp_path / "run", lr=0.1)
