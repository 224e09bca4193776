"""The camera as an input: its maps, who is told them, and a camera found from what a picture shows."""

import json
from math import radians

import fakes
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from torch import nn

from helpers import __main__ as shell
from helpers import inference, learn, models, predict
from helpers.world.camera import Camera

CAMERA = Camera(2.2, 0.3, 1.2)


def test_the_maps_are_where_the_floor_is_and_how_far_to_the_side():
    height, width, x, z = 60, 100, 0.7, 4.0
    inverse, side = CAMERA.maps(height, width)
    u, v, depth = CAMERA.project(x, 0.0, z, width)
    row, column = v - (width - height) / 2 - 0.5, u - 0.5  # `project` speaks of a square picture
    slopes = inverse[:, 0], side[0]
    at = [np.interp(place, np.arange(len(values)), values) for place, values in zip((row, column), slopes)]
    assert np.allclose(at, (1 / depth, x / depth), atol=1e-6) and inverse.dtype == np.float32
    assert np.abs(np.diff(inverse, 2, axis=0)).max() < 1e-6 and np.ptp(inverse, axis=1).max() == np.ptp(side[:, 0]) == 0
    assert (Camera(pitch=-0.1).maps(9, 9)[0][0] < 0).all(), "above the horizon"


def test_maps_at_another_size_are_those_of_the_picture():
    large, small = CAMERA.maps(60, 100), CAMERA.maps(20, 20, aspect=100 / 60)
    assert np.allclose(small, large.reshape(2, 20, 3, 20, 5).mean((2, 4)), atol=1e-6)


@pytest.mark.parametrize("bad", [{"height": 0.0}, {"height": np.nan}, {"fov": 3.2}, {"fov": 0}, {"pitch": 5}])
def test_what_is_no_camera_is_told(bad):
    fakes.refused(lambda: Camera(**bad), f"A camera's {next(iter(bad))} is in", "but this one is")


class Told(nn.Module):
    """Answers with the first of the camera's maps."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, background, image, camera=None):
        return {"depth": self.weight * (0 * image[:, :1].float() + 2 if camera is None else camera[:, :1])}


class Untold(Told):
    def forward(self, background, image):
        return super().forward(background, image)


def test_only_a_network_that_can_take_them_is_told_the_maps():
    pictures = {name: torch.zeros(2, 3, 8, 8, dtype=torch.uint8) for name in ("background", "image")}
    maps = {name: torch.ones(2, 1, 8, 8) for name in ("depth", "depth_valid")}
    maps["camera"] = torch.full((2, 2, 8, 8), 5.0)
    loss = learn.Criterion({"depth": {"l1": 1}})
    for network, error in ((Told(), 4), (Untold(), 1)):
        assert learn.evaluate(network, [pictures | maps])["depth_rmse_m"] == error
        assert learn.fit(network, [pictures | maps], loss)[0]["loss"] == pytest.approx(error / 20)
    del maps["camera"]
    assert learn.evaluate(Told(), [pictures | maps])["depth_rmse_m"] == 1
    maps["camera"] = torch.full((2, 2, 8, 8), torch.nan)
    fakes.refused(lambda: learn.fit(Told(), [pictures | maps], loss), "'camera' of this batch holds NaN")


def test_every_network_takes_a_camera():
    with torch.device("meta"):
        assert all("camera" in models.build(name).forward.__annotations__ for name in models.NETWORKS)


@given(st.floats(0.5, 4), st.floats(-0.15, 0.6), st.floats(0.7, 1.7), st.floats(2, 8), st.floats(1.1, 1.9))
def test_horizon_and_a_person_give_the_camera_back(height, pitch, fov, z, metres):
    camera, size = Camera(height, pitch, fov), (90, 160)
    lift = (size[1] - size[0]) / 2
    horizon, feet, head = (camera.project(0.3, y, z, size[1])[1] - lift for y in (height, 0.0, metres))
    assert Camera.from_horizon(horizon, size, fov).pitch == pytest.approx(pitch, abs=1e-9)
    found = Camera.from_person(feet, head, horizon, size, fov, metres)
    assert (found.height, found.pitch) == pytest.approx((height, pitch))


def test_a_person_upside_down_is_told():
    says = "Feet stand below head and horizon", "20, 60 and 40"
    fakes.refused(lambda: Camera.from_person(20, 60, 40, (90, 160)), *says)


class Metric(nn.Module):
    """What differs is in front, `z` metres deep, where it is told the camera."""

    reads_camera, z = True, 4.0

    def forward(self, background, image, camera=None):
        mask = ((image - background).abs().amax(1, keepdim=True) - 0.2) * 100
        return {"mask": mask, "depth": torch.full_like(mask, 1.0 if camera is None else self.z)}


LEVEL, SIZE = Camera(1.5, 0.0, radians(60)), (160, 200)


def pictures(*boxes: tuple[int, int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """A grey picture, and the same with bright boxes in it."""
    background = np.full((*SIZE, 3), 90, np.uint8)
    image = background.copy()
    for x0, y0, x1, y1 in boxes:
        image[y0:y1, x0:x1] = 230
    return background, image


@pytest.fixture
def metric(monkeypatch):
    network = Metric()
    monkeypatch.setattr(inference, "trained_network", lambda *_: (network, {"network": "roomnet", "size": 64}))
    return network


def stands(x: float, z: float) -> tuple[int, int, int, int]:
    """The box of somebody who stands there."""
    u, v, depth = LEVEL.project(x, 0.0, z, SIZE[1])
    tall, v = 1.7 * LEVEL.focal(SIZE[1]) / depth, v - (SIZE[1] - SIZE[0]) / 2
    return tuple(round(value) for value in (u - tall / 8, v - tall, u + tall / 8, v))


def test_where_boxes_stand_by_their_feet_and_by_the_network(metric, recwarn):
    near, cut, high = stands(-0.8, 4.0), (150, 40, 190, 160), (20, 5, 40, 30)
    found = predict(*pictures(near, cut, high), camera=LEVEL)
    at = {tuple(box): place for place, box in enumerate(found["boxes"].astype(int).tolist())}
    assert found.scale == "metres" and np.allclose(found["floor_feet"][at[near]], (-0.8, 4), atol=0.15)
    assert np.isnan(found["floor_feet"][[at[cut], at[high]]]).all()
    assert np.allclose(found["floor_network"][:, 1], 4) and np.allclose(found["floor"][at[cut], 1], 4)
    assert np.isfinite(found["floor"]).all() and not recwarn.list
    metric.z = 7.0
    says = r"^Box \d stands 4.1 m away by its feet, but 7.1 m by .*\(1 of 3 boxes .*seen\.$"
    with pytest.warns(UserWarning, match=says):
        predict(*pictures(near, cut, high), camera=LEVEL)


def test_without_a_camera_depth_is_relative(metric):
    found = predict(*pictures(stands(0, 4)))
    assert found.scale == "relative" and found["depth"].max() == 1
    fakes.refused(lambda: found["floor"], "needs a camera")
    fakes.refused(lambda: predict(*pictures(), camera=(1.6, 0, 1)), "helpers.world.Camera", "not a tuple")
    metric.reads_camera = False
    unread = predict(*pictures(stands(0, 4)), camera=LEVEL)
    assert unread.scale == "relative" and np.isnan(unread["floor_network"]).all() and np.isfinite(unread["floor"]).all()


def test_the_shell_reads_metres_and_degrees(metric, tmp_path, capsys):
    for name, picture in zip("ab", pictures(stands(0.5, 4.0))):
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
    asked = ["predict", "--background", f"{tmp_path}/a.png", "--image", f"{tmp_path}/b.png", "--out", f"{tmp_path}/out"]
    assert shell.main([*asked, "--camera", "height=1.5,pitch=0,fov=60", "--json"]) == 0
    said = capsys.readouterr().out
    entry = json.loads((tmp_path / "out" / "boxes.json").read_text())[0]
    assert "relative" not in said and json.loads(said.splitlines()[-1])["scale"] == entry["scale"] == "metres"
    assert (entry["right_m"], entry["ahead_m"], entry["depth_m"]) == pytest.approx((0.5, 4, 4), abs=0.15)
    assert shell.main(asked) == 0 and "Depth is relative: without --camera" in capsys.readouterr().out
    entry = json.loads((tmp_path / "out" / "boxes.json").read_text())[0]
    assert entry["scale"] == "relative" and "right_m" not in entry
    wrong = "height=-1,pitch=5,fov=60 height=1,pitch=x,fov=60 height=1,pitch=5,fov=60,roll=1"
    for bad in ("", "height=1.6", *wrong.split()):
        assert shell.main([*asked, "--camera", bad]) == 2
        error = capsys.readouterr().err
        assert error.startswith("--camera is height=1.6,pitch=5,fov=60, in metres") and error.count("\n") == 1
