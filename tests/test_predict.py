"""`predict`: pictures of any size and mode, exact boxes, files as promised, and a sentence for each mistake."""

import io
import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from torch import nn

import helpers
from helpers import __main__ as shell
from helpers import inference, learn, models


class Exact(nn.Module):
    """Foreground is where the pictures differ; 3 m in front, 12 m behind."""

    def forward(self, background, image):
        mask = ((image - background).abs().amax(1, keepdim=True) - 0.2) * 100
        return {"mask": mask, "depth": torch.where(mask > 0, 3.0, 12.0)}


class OnlyMask(Exact):
    def forward(self, background, image):
        return {"mask": super().forward(background, image)["mask"]}


@pytest.fixture
def exact(monkeypatch):
    """Replaces the trained network."""

    def use(network: nn.Module, size: int = 96):
        monkeypatch.setattr(inference, "trained_network", lambda *_: (network, {"network": "roomnet", "size": size}))

    use(Exact())
    return use


@pytest.fixture
def shipped(monkeypatch, tmp_path):
    """Random weights of two networks, where shipped ones lie."""
    torch.manual_seed(0)
    monkeypatch.setattr(inference, "SHIPPED", tmp_path)
    for name in ("masknet", "roomnet"):
        learn.save_checkpoint(tmp_path / f"{name}.safetensors", models.build(name), {"network": name, "size": 96})
    return tmp_path


def scene(width: int = 240, height: int = 180) -> tuple[np.ndarray, np.ndarray]:
    """An empty picture and the same with two bright boxes, 40 x 60 and 20 x 20."""
    background = np.full((height, width, 3), 60, np.uint8)
    image = background.copy()
    image[100:160, 50:90] = image[20:40, 150:170] = 230
    return background, image


BOXES = [[50, 100, 90, 160], [150, 20, 170, 40]]


def test_mask_depth_and_boxes_at_the_picture_s_own_size(exact):
    background, image = scene()
    found = helpers.predict(background, image)
    assert found["mask"].dtype == bool and np.array_equal(found["mask"], (image != background).any(2))
    assert found["depth"].dtype == np.float32 and found["depth"].shape == (180, 240)
    assert found["depth"][found["mask"]].max() < 3.01 and found["depth"][~found["mask"]].min() > 11.99
    assert found["boxes"].dtype == np.float32 and found["boxes"].tolist() == BOXES


def test_a_large_picture_is_shrunk_for_the_network_and_enlarged_again(exact):
    sizes = []

    class Watched(Exact):
        def forward(self, background, image):
            sizes.append(tuple(image.shape[-2:]))
            return super().forward(background, image)

    exact(Watched(), 64)
    background, image = (np.kron(picture, np.ones((5, 5, 1), np.uint8)) for picture in scene())
    found = helpers.predict(background, image)
    assert sizes == [(300, 400), (64, 64)] and found["mask"].shape == found["depth"].shape == (900, 1200)
    assert np.abs(found["boxes"] - 5 * np.array(BOXES)).max() <= 3


def test_nobody_there_is_no_box_and_a_speck_is_none_either(exact):
    background, _ = scene()
    speck = background.copy()
    speck[5, 5:8] = 255
    for image in (background, speck):
        assert helpers.predict(background, image)["boxes"].shape == (0, 4)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "CMYK", "1", "I;16"])
def test_every_mode_from_files_and_from_pil(exact, tmp_path, mode):
    paths, opened = [], []
    for name, array in zip("ab", scene()):
        picture = Image.fromarray(array)
        if mode == "I;16":
            picture = Image.fromarray(array[..., 0].astype(np.uint16) * 257)
        elif mode != "RGB":
            picture = picture.convert("L").convert(mode) if mode == "LA" else picture.convert(mode)
        opened.append(picture)
        paths.append(tmp_path / f"{name}.{'tiff' if mode == 'CMYK' else 'png'}")
        picture.save(paths[-1])
    for pair in (paths, [str(path) for path in paths], opened):
        found = helpers.predict(*pair)
        if mode != "1":  # dithered
            assert found["boxes"].tolist() == BOXES
        assert found["mask"].shape == (180, 240)


def test_a_telephone_s_rotation_is_applied(exact, tmp_path):
    paths = []
    for name, array in zip("ab", scene()):
        exif = Image.Exif()
        exif[0x0112] = 6  # shown a quarter turn clockwise
        paths.append(tmp_path / f"{name}.png")
        Image.fromarray(np.rot90(array).copy()).save(paths[-1], exif=exif)
    assert helpers.predict(*paths)["boxes"].tolist() == BOXES


def test_what_cannot_be_read_or_compared_is_refused(exact, tmp_path):
    background, image = scene()
    with pytest.raises(ValueError, match="measure 240 x 180 and 200 x 180 pixels; they must be of one size"):
        helpers.predict(background, image[:, :200])
    with pytest.raises(ValueError, match="4096 a side"):
        helpers.predict(np.zeros((10, 4097, 3), np.uint8), np.zeros((10, 4097, 3), np.uint8))
    with pytest.raises(FileNotFoundError, match="There is no file .*nowhere.png"):
        helpers.predict(tmp_path / "nowhere.png", image)


def test_a_network_without_a_head_says_so(exact):
    exact(OnlyMask())
    found = helpers.predict(*scene(), model="masknet")
    assert set(found) == {"mask", "boxes"}
    with pytest.raises(ValueError, match="masknet has no depth head, so it cannot say how far"):
        found["depth"]
    with pytest.raises(ValueError, match="no 'poses' in a prediction: it has mask, boxes"):
        found["poses"]


@pytest.mark.parametrize("name", ["masknet", "roomnet"])
@pytest.mark.parametrize("size", [(8, 8), (33, 120), (300, 200)])
def test_real_networks_read_any_size(shipped, name, size):
    background, image = np.random.default_rng(0).integers(0, 256, (2, *size, 3), np.uint8)
    found = helpers.predict(background, image, model=name)
    assert found["mask"].shape == size and ("depth" in found) == (name == "roomnet")
    if "depth" in found:
        assert found["depth"].shape == size and 0 < found["depth"].min() and found["depth"].max() <= 20.001


def test_missing_and_other_weights_are_told(shipped, monkeypatch, tmp_path):
    with pytest.raises(ValueError, match="no network called 'roomnut'. Known networks: depthnet"):
        inference.trained_network("roomnut")
    with pytest.raises(FileNotFoundError, match="No trained weights of depthnet ship.*helpers train depthnet"):
        inference.trained_network("depthnet")
    with pytest.raises(ValueError, match="holds the network 'masknet', not 'roomnet': give --model masknet"):
        inference.trained_network("roomnet", shipped / "masknet.safetensors")
    network, card = inference.trained_network("masknet", shipped / "masknet.safetensors")
    assert not network.training and card["parameters"] == 76_097


def run_shell(tmp_path, *more: str) -> tuple[int, list[str]]:
    for name, array in zip("ab", scene()):
        Image.fromarray(array).save(tmp_path / f"{name}.png")
    pair = ["--background", str(tmp_path / "a.png"), "--image", str(tmp_path / "b.png")]
    return shell.main(["predict", *pair, "--out", str(tmp_path / "out"), *more])


def test_the_shell_writes_what_it_promises(exact, tmp_path, capsys):
    assert run_shell(tmp_path, "--json") == 0
    out = tmp_path / "out"
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    mask, depth = np.asarray(Image.open(out / "mask.png")), np.load(out / "depth.npy")
    assert mask.shape == (180, 240) and set(np.unique(mask)) == {0, 255} and mask.dtype == np.uint8
    assert depth.dtype == np.float32 and depth.shape == (180, 240)
    listed = json.loads((out / "boxes.json").read_text())
    assert [entry["box"] for entry in listed] == BOXES and listed[0]["depth_m"] == 3
    assert Image.open(out / "overlay.png").size == (240, 180)
    assert said["boxes"] == listed
    assert said["files"] == ["mask.png", "depth.npy", "depth.png", "boxes.json", "overlay.png"]
    assert {path.name for path in out.iterdir()} == {*said["files"], ".roomsight"}
    assert np.asarray(Image.open(out / "depth.png")).shape == (180, 240, 3)


def test_the_shell_leaves_no_depth_of_another_network(exact, tmp_path, capsys):
    run_shell(tmp_path)
    exact(OnlyMask())
    assert run_shell(tmp_path, "--model", "masknet") == 0
    assert "masknet has no depth head" in capsys.readouterr().out
    assert not (tmp_path / "out" / "depth.npy").exists() and (tmp_path / "out" / "mask.png").exists()


def test_the_shell_says_mistakes_without_a_traceback(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(inference, "SHIPPED", tmp_path / "none")
    assert run_shell(tmp_path) == 2
    error = capsys.readouterr().err
    assert "No trained weights of roomnet" in error and "Traceback" not in error and not (tmp_path / "out").exists()


def flooded(mask: np.ndarray) -> list[tuple[int, ...]]:
    """(pixels, x0, y0, x1, y1) of every part, by flooding from pixel to pixel."""
    left, found = {tuple(place) for place in np.argwhere(mask).tolist()}, []
    while left:
        part, queue = [], [left.pop()]
        while queue:
            y, x = queue.pop()
            part.append((y, x))
            near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & left
            left -= near
            queue += near
        ys, xs = zip(*part)
        found.append((len(part), min(xs), min(ys), max(xs) + 1, max(ys) + 1))
    return sorted(found)


@given(arrays(bool, st.tuples(st.integers(1, 14), st.integers(1, 14))))
def test_parts_are_those_of_a_flood(mask):
    boxes, wanted = inference.component_boxes(mask, smallest=0).astype(int).tolist(), flooded(mask)
    assert sorted(boxes) == sorted(list(box) for _, *box in wanted)
    pixels = [max(n for n, *around in wanted if around == box) for box in boxes]
    assert len({tuple(box) for box in boxes}) < len(boxes) or pixels == sorted(pixels, reverse=True)


def test_bytes_of_a_file_are_a_picture_too(exact):
    files = []
    for array in scene():
        file = io.BytesIO()
        Image.fromarray(array).save(file, "png")
        files.append(file.getvalue())
    assert helpers.predict(*files)["boxes"].tolist() == BOXES
