"""The camera as an input: its maps, who is told them, and a camera found from what a picture shows."""

import fakes
import numpy as np
import pytest
import torch
from torch import nn

from helpers import learn, models
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
    maps = {
        "depth": torch.ones(2, 1, 8, 8),
        "depth_valid": torch.ones(2, 1, 8, 8),
        "camera": torch.full((2, 2, 8, 8), 5.0),
    }
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
