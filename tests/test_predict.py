"""`predict`: pictures of any size and mode, exact boxes, files as promised, and a sentence for each mistake."""

import json

import fakes
import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import helpers
from helpers import __main__ as shell
from helpers import data, inference, learn, models, results


class OnlyMask(fakes.Differs):
    def forward(self, background, image):
        return {"mask": super().forward(background, image)["mask"]}


@pytest.fixture
def exact(monkeypatch):
    """Replaces the trained network."""

    def use(network: nn.Module, size: int = 96):
        monkeypatch.setattr(inference, "trained_network", lambda *_: (network, {"network": "roomnet", "size": size}))

    use(fakes.Differs())
    return use


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

    class Watched(fakes.Differs):
        def forward(self, background, image):
            sizes.append(tuple(image.shape[-2:]))
            return super().forward(background, image)

    exact(Watched(), 64)
    background, image = (np.kron(picture, np.ones((5, 5, 1), np.uint8)) for picture in scene())
    found = helpers.predict(background, image)
    assert sizes == [(144, 192), (48, 64)] and found["mask"].shape == found["depth"].shape == (900, 1200)
    assert np.abs(found["boxes"] - 5 * np.array(BOXES)).max() <= 5


def test_paths_pil_pictures_arrays_and_bytes_are_one_picture(exact, tmp_path):
    """Modes and rotations are the business of test_read."""
    arrays = scene()
    pictures, paths = [Image.fromarray(array) for array in arrays], [tmp_path / "a.png", tmp_path / "b.png"]
    for picture, path in zip(pictures, paths):
        picture.save(path)
    for pair in (arrays, pictures, paths, map(str, paths), (path.read_bytes() for path in paths)):
        assert helpers.predict(*pair)["boxes"].tolist() == BOXES


def test_two_sizes_and_a_head_that_is_not_there_are_refused(exact):
    background, image = scene()
    with pytest.raises(ValueError, match="measure 240 x 180 and 200 x 180 pixels; they must be of one size"):
        helpers.predict(background, image[:, :200])
    exact(OnlyMask())
    found = helpers.predict(background, image, model="masknet")
    assert set(found) == {"mask", "boxes"}
    with pytest.raises(ValueError, match="masknet has no depth head, so it cannot say how far"):
        found["depth"]


def test_missing_and_other_weights_are_told(tmp_path):
    other = learn.save_checkpoint(tmp_path / "m.safetensors", models.build("masknet"), {"network": "masknet"})

    with pytest.raises(ValueError, match="no network called 'roomnut'. Known networks: boxnet, depthnet"):
        inference.trained_network("roomnut")
    with pytest.raises(FileNotFoundError, match="No trained weights of depthnet ship.*helpers train depthnet"):
        inference.trained_network("depthnet")
    with pytest.raises(ValueError, match="holds the network 'masknet', not 'roomnet': give --model masknet"):
        inference.trained_network("roomnet", other)


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


def test_components_touch_at_corners_and_the_one_of_most_pixels_comes_first():
    mask = np.zeros((80, 100), bool)
    mask[2, 3] = True  # a speck
    mask[10:14, 10:14] = mask[14:18, 14:18] = True  # they touch at a corner
    mask[20:30, 40:50] = True
    every = [[40, 20, 50, 30], [10, 10, 18, 18], [3, 2, 4, 3]]
    assert inference.component_boxes(mask, smallest=0).tolist() == every
    assert inference.component_boxes(mask).tolist() == every[:2]  # a speck is below .0005 of the picture
    none = inference.component_boxes(mask & False)
    assert none.shape == (0, 4) and none.dtype == np.float32


class Knows(nn.Module):
    """Finds one person at 8..24 × 4..28 of 32 pixels, 3 m away, whatever it is shown."""

    def forward(self, background, image):
        count, _, height, width = image.shape
        mask = torch.full((count, 1, height, width), -4.0)
        mask[..., 4 : height - 4, 8 : width - 8] = 4
        heat = torch.full((count, 1, height // 4, width // 4), -6.0)
        heat[..., height // 8, width // 8] = 3.0
        side = torch.tensor([(width - 16) / 4, (height - 8) / 4]).log()
        size = side.view(1, 2, 1, 1).expand(count, 2, *heat.shape[2:])
        maps = {"mask": mask, "depth": torch.where(mask > 0, 3.0, 9.0), "heat": heat, "label": torch.ones_like(heat)}
        return maps | {"size": size, "offset": torch.full_like(size, -0.5)}


def test_predict_takes_the_boxes_of_the_detection_head(exact, tmp_path):
    exact(Knows(), 32)
    picture = np.full((96, 96, 3), 90, np.uint8)
    found = helpers.predict(picture, picture, "percamera")
    assert np.allclose(found["boxes"], [[24, 12, 72, 84]], atol=1e-3) and found["labels"].tolist() == [1]
    said = results.save_prediction(found, picture, tmp_path)
    assert said["boxes"] == [{"box": [24, 12, 72, 84], "label": 1, "score": 0.953, "depth_m": 3.0, "scale": "relative"}]


def test_what_a_detector_found_is_files_in_folders_of_their_own(tmp_path):
    bank = fakes.bank(2, 4, 32)
    scenes = data.Scenes(bank, data.random_rows(bank, 5, objects=(1, 3)), boxes=True)
    shown = results.save_detections(Knows(), scenes, tmp_path / "new" / "results", tmp_path / "run", count=2)
    assert sorted(path.name for path in shown.iterdir()) == ["sample_000.png", "sample_001.png"]
    assert Image.open(shown / "sample_000.png").size[0] == 800
    read = {name: np.asarray(Image.open(tmp_path / "run" / "001" / f"{name}.png")) for name in ("image", "mask")}
    assert np.array_equal(read["image"], scenes[1]["image"].permute(1, 2, 0).numpy())
    assert set(np.unique(read["mask"])) == {0, 255} and read["mask"][16, 16] == 255
    depth = np.load(tmp_path / "run" / "001" / "depth.npy")
    assert depth[16, 16] == 3 and depth[0, 0] == 9
    listed = json.loads((tmp_path / "run" / "001" / "boxes.json").read_text())
    assert listed == [{"box": [8, 4, 24, 28], "label": 1, "score": pytest.approx(0.953, abs=1e-3), "depth_m": 3.0}]
