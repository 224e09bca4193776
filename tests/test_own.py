"""A bank of one's own pictures: folders of rooms and cut-outs, depth from several sources, a sentence per mistake."""

import shutil

import fakes
import numpy as np
import pytest
import torch
from fakes import refused
from PIL import Image

from helpers import data, learn, models, show
from helpers.data import Bank, photographed
from helpers.world.camera import Camera

CAMERA = Camera(pitch=0.1)
SIZE = 64


@pytest.fixture
def own(tmp_path):
    """Folders `rooms` (three, one of another size), `depths` (PNG and .npy) and `cutouts`, with known depth."""
    for name in ("rooms", "depths", "cutouts"):
        (tmp_path / name).mkdir()
    for number, size in enumerate((80, 80, 96)):
        depth = fakes.room_depth(CAMERA, size)
        Image.fromarray(fakes.room(number, size).picture).save(tmp_path / "rooms" / f"room{number}.png")
        if number:
            np.save(tmp_path / "depths" / f"room{number}_depth.npy", depth)
        else:
            Image.fromarray((depth * 1000).astype(np.uint16)).save(tmp_path / "depths" / "room0.png")
        Image.fromarray(fakes.ellipse(number).picture).save(tmp_path / "cutouts" / f"person{number}.png")
    (tmp_path / "rooms" / ".hidden").touch()
    return tmp_path


def made(own, **more) -> Bank:
    settings = {"depth": own / "depths", "camera": CAMERA, "size": SIZE, **more}
    return Bank.from_photographs(own / "rooms", own / "cutouts", **settings)


def test_the_whole_road_from_folders_to_a_trained_network(own, tmp_path):
    bank = made(own, metres={f"person{number}": 1.6 + number / 10 for number in range(3)})
    assert bank.metres.tolist() == pytest.approx([1.6, 1.7, 1.8]) and bank.labels.tolist() == [1, 1, 1]
    assert np.isfinite(bank.spots).all() and np.median(abs(bank.depths - fakes.room_depth(CAMERA, SIZE))) < 0.05
    rows = data.random_rows(bank, 16, seed=1)
    batch = data.compose(bank, rows, boxes=True)
    assert batch["depth_valid"].all() and (rows["z"] > 0).all() and batch["mask"].mean() > 0.01
    written = data.Folder(fakes.quietly(bank, tmp_path / "set", 8))
    assert len(written) == 8 and written[0]["depth_valid"].all()
    rooms, things = data.split(bank, (0.34, 0.33, 0.33))["train"]
    scenes = data.Scenes(bank, data.random_rows(bank, 8, rooms=rooms, things=things), transform=data.Augment(["flip"]))
    history = learn.fit(models.build("masknet"), data.loader(scenes, 4), learn.mask_loss)
    assert np.isfinite(history[-1]["loss"])
    assert show.live(bank, {"differs": fakes.Differs()}).controls["room"].max == 2
    assert Bank.load(bank.save(tmp_path / "bank.npz")).metres.tolist() == bank.metres.tolist()


def test_unknown_depth_stays_unknown_and_other_units_are_read(own):
    depth = np.asarray(Image.open(own / "depths" / "room0.png")).copy()
    depth[:8] = 0
    Image.fromarray(depth).save(own / "depths" / "room0.png")
    bank = made(own)
    assert not bank.depth_valid[0, :6].any() and bank.depth_valid[0, 8:].all() and bank.depth_valid[1:].all()
    for number, size in enumerate((80, 80, 96)):
        (own / "depths" / f"room{number}_depth.npy").unlink(missing_ok=True)
        grey = (fakes.room_depth(CAMERA, size) / 20 * 255).round().astype(np.uint8)
        Image.fromarray(grey).save(own / "depths" / f"room{number}.png")
    assert abs(made(own, depth_scale=20).depths[2] - fakes.room_depth(CAMERA, SIZE)).mean() < 0.2
    refused(lambda: made(own), "8-bit picture", "depth_scale")


def test_a_network_s_floor_is_laid_on_the_floor(own):
    asked = []

    def guess(background, image, camera):
        asked.append(camera)
        return {"depth": 1.07 * fakes.room_depth(CAMERA, 96 if "room2" in str(image) else 80)}

    bank = made(own, depth="roomnet", camera={"room0": CAMERA, "room1": CAMERA, "room2": CAMERA}, predict=guess)
    true = fakes.room_depth(CAMERA, SIZE)
    ratio, floor = bank.depths[0] / true, bank.floor[0]
    assert asked == [CAMERA] * 3 and np.median(ratio[floor]) == pytest.approx(1, abs=0.02) and floor[-8:].all()
    assert np.median(ratio[bank.depths[0] > 9]) == pytest.approx(1.07, abs=0.01) and np.isfinite(bank.spots).all()
    refused(lambda: made(own, depth="roomnet", camera={"room0": CAMERA}), "camera= says nothing of 'room1'")


def test_roomnet_measures_rooms_and_cuts_people_out_of_pairs(own):
    """The real network: only that what it answers becomes a bank; how good it is, others test."""
    shutil.rmtree(own / "cutouts")
    (own / "cutouts").mkdir()
    room, person = fakes.room(5, 96).picture, fakes.ellipse(0, 80).picture
    image = room.copy()
    image[20:84, 30:54][person[..., 3] > 0] = (230, 60, 40)
    for part, picture in (("bg", room), ("image", image)):
        Image.fromarray(picture).save(own / "cutouts" / f"anna_{part}.png")
    bank = made(own, depth="roomnet", metres={"anna": 1.62})
    alpha = bank.cutouts[0].picture[..., 3]
    assert len(bank.cutouts) == 1 and bank.metres[0] == 1.62
    assert abs(alpha.shape[0] - 64) < 8 and abs(alpha.shape[1] - 24) < 8 and (alpha > 128).mean() > 0.6
    Image.fromarray(room).save(own / "cutouts" / "anna_image.png")
    refused(lambda: made(own), "anna_image.png nothing stands before")
    (own / "cutouts" / "anna_image.png").unlink()
    refused(lambda: made(own), "one half of a pair, and anna_image is not there")


def test_the_parts_of_a_six_part_set_are_rooms_and_cutouts(tmp_path):
    out = fakes.quietly(fakes.bank(), tmp_path / "set")
    bank = Bank.from_photographs(out / "bg", out / "fg", depth=None, size=SIZE)
    assert len(bank.planes) == 3 and len(bank.cutouts) == 4, "mirror images are not other people"
    assert not bank.depth_valid.any() and data.compose(bank, data.random_rows(bank, 4))["mask"].any()


@pytest.fixture
def tiny(tmp_path):
    """Saves a tiny network for depth, of this kind, and gives back its folder."""
    transformers = pytest.importorskip("transformers")

    def save(kind: str) -> str:
        inside = transformers.Dinov2Config(
            hidden_size=16, num_hidden_layers=2, num_attention_heads=2, image_size=28, patch_size=14,
            out_features=["stage1", "stage2"], reshape_hidden_states=False,
        )  # fmt: skip
        settings = transformers.DepthAnythingConfig(
            backbone_config=inside, reassemble_hidden_size=16, neck_hidden_sizes=[8, 16], fusion_hidden_size=8,
            reassemble_factors=[1, 0.5], head_hidden_size=8, depth_estimation_type=kind, max_depth=8,
        )  # fmt: skip
        torch.manual_seed(0)
        transformers.DepthAnythingForDepthEstimation(settings).save_pretrained(tmp_path / kind)
        size = {"height": 28, "width": 28}
        transformers.DPTImageProcessor(size=size, do_pad=False).save_pretrained(tmp_path / kind)
        return str(tmp_path / kind)

    return save


def test_a_pretrained_network_measures_in_metres_or_is_refused(own, tiny, monkeypatch):
    measure = photographed.depth_source(f"hf:{tiny('metric')}")
    depth = measure(own / "rooms" / "room2.png", CAMERA)
    assert depth.shape == (96, 96) and depth.dtype == np.float32 and 0 < depth.min() <= depth.max() < 20
    refused(lambda: made(own, depth=f"hf:{tiny('relative')}"), "its depth is relative, and metres are needed")
    refused(lambda: made(own, depth=f"hf:{own / 'rooms'}"), "cannot be used")
    weights = own / "metric" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:999])
    refused(lambda: made(own, depth=f"hf:{own / 'metric'}"), "cannot be used")
    monkeypatch.setattr(photographed, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="transformers: not installed. Run `pip install -r requirements-more"):
        made(own, depth="hf:somebody/depth")


def broken(own, folder: str, name: str, contents=None):
    """Replaces a file by these contents: an array to save, bytes, or None for no file."""
    path = own / folder / name
    if contents is None:
        path.unlink()
    elif isinstance(contents, bytes):
        path.write_bytes(contents)
    elif path.suffix == ".npy":
        np.save(path, contents)
    else:
        Image.fromarray(contents).save(path)


FLAT = np.full((80, 80), 3.0, np.float32)
MISTAKES = {
    "no alpha channel": ("cutouts", "person1.png", np.zeros((20, 20, 3), np.uint8)),
    "transparent everywhere": ("cutouts", "person1.png", np.zeros((20, 20, 4), np.uint8)),
    "notes.txt is empty, or not a picture": ("rooms", "notes.txt", b"my rooms"),
    "person1.png is empty": ("cutouts", "person1.png", b""),
    "room1_depth.npy is nowhere under 20: give metres": ("depths", "room1_depth.npy", 1000 * FLAT),
    "room1_depth.npy is nowhere beyond 1 metre": ("depths", "room1_depth.npy", FLAT / 10),
    "room0.png is nowhere beyond 1 metre": ("depths", "room0.png", FLAT.astype(np.uint16)),
    "room0.png is 0 everywhere": ("depths", "room0.png", np.zeros((80, 80), np.uint16)),
    "room1_depth.npy is 80 x 40 pixels, its picture 80 x 80": ("depths", "room1_depth.npy", FLAT[:40]),
    "holds no room1.png or .npy": ("depths", "room1_depth.npy", None),
    "holds two files called room1": ("rooms", "room1.jpg", np.zeros((80, 80, 3), np.uint8)),
}


@pytest.mark.parametrize("says", MISTAKES)
def test_a_file_that_cannot_be_used_is_named(own, says):
    broken(own, *MISTAKES[says])
    refused(lambda: made(own), says, kind=(ValueError, FileNotFoundError))


def test_other_mistakes_have_their_sentence_too(own):
    (own / "empty").mkdir()
    refused(lambda: made(own, depth=own / "empty"), "empty holds no pictures")
    refused(lambda: Bank.from_photographs(own / "gone", own / "cutouts"), "no folder", kind=FileNotFoundError)
    refused(lambda: made(own, camera=None), "camera= must be", "depth=None")
    refused(lambda: made(own, camera=1.6), "camera= must be", "not 1.6")
    refused(lambda: made(own, depth="densedepth"), "'roomnet', a folder of depth maps, 'hf:NAME' or None")
    refused(lambda: made(own, size=4), "size must be")
    refused(lambda: made(own, metres=0.0), "height above 0 metres")
    refused(lambda: made(own, metres="tall"), "person0.png is, a number such as 1.7, not 'tall'")
    refused(lambda: made(own, metres={"person0": 1.7}), "metres= says nothing of 'person1'")
    refused(lambda: made(own, camera=Camera(height=-1)), "height is in metres, above 0")


def test_a_camera_that_sees_no_floor_and_a_single_room_are_told_but_made(own):
    with pytest.warns(UserWarning, match="Nobody can stand in room0.png, room1.png, room2.png: its depth has no floor"):
        bank = made(own, camera=Camera(pitch=-0.8))
    assert data.compose(bank, data.random_rows(bank, 4))["mask"].any()
    for number in (1, 2):
        broken(own, "rooms", f"room{number}.png")
    with pytest.warns(UserWarning, match="holds one room"):
        bank = made(own)
    assert data.compose(bank, data.random_rows(bank, 4))["mask"].any()
    refused(lambda: data.split(bank), "too small")
