"""Baselines: exact on small cases, and scored by the lines that score networks."""

import pytest
import torch

from helpers import learn
from helpers.world.camera import FAR, Camera


def batch(count: int = 5, size: int = 12, noise: int = 20, seed: int = 0) -> dict[str, torch.Tensor]:
    """Pictures with a square that is 100 steps brighter, and noise on all of it."""
    rng = torch.Generator().manual_seed(seed)
    background = torch.randint(0, 100, (count, 3, size, size), dtype=torch.uint8, generator=rng)
    mask = torch.zeros(count, 1, size, size)
    mask[..., 3:7, 2:6] = 1
    shift = torch.randint(-noise, noise + 1, background.shape, generator=rng) if noise else 0
    image = (background + 100 * mask + shift).clamp(0, 255).to(torch.uint8)
    depth = 2 + 6 * torch.rand(count, 1, size, size, generator=rng)
    maps = {"mask": mask, "depth": depth, "depth_valid": torch.ones_like(mask)}
    return {"background": background, "image": image, **maps}


def test_subtraction_solves_the_aligned_task():
    loader = [batch(noise=0)]
    assert learn.evaluate(learn.fit_differencing(loader), loader)["mask_iou"] == 1


def test_the_curve_is_the_iou_that_each_threshold_would_score():
    loader = [batch(noise=90), batch(2, noise=90, seed=1)]  # the last batch is smaller
    curve = learn.iou_by_threshold(*learn.difference_counts(loader))
    for threshold in (0, 40, 87, 254, 255):
        scored = learn.evaluate(learn.Differencing(threshold), loader)["mask_iou"]
        assert curve[threshold].item() == pytest.approx(scored, abs=1e-12)
    assert learn.fit_differencing(loader).threshold == curve.argmax()


def test_no_foreground_at_all_is_best_answered_by_none():
    nobody = batch() | {"mask": torch.zeros(5, 1, 12, 12)}
    assert learn.evaluate(learn.fit_differencing([nobody]), [nobody])["mask_iou"] == 1


def test_the_mean_map_is_the_mean_of_known_depths():
    one, two = batch(3), batch(2, seed=1)
    one["depth_valid"][0] = 0
    mean = learn.fit_mean_depth([one, two])
    assert torch.allclose(mean.depth, torch.cat([one["depth"][1:], two["depth"]]).mean(0, keepdim=True), atol=1e-6)


def test_the_mean_map_follows_the_size_of_the_pictures():
    mean = learn.fit_mean_depth([batch()])
    larger = batch(2, size=24)
    assert mean(larger["background"], larger["image"])["depth"].shape == (2, 1, 24, 24)


def test_both_baselines_in_one_row_fitted_to_these_pictures_or_to_others():
    here, there = [batch(noise=90)], [batch(noise=30, seed=1)]
    own, other = learn.baselines(here), learn.baselines(here, fit_on=there)
    assert own["mask_iou"] == learn.iou_by_threshold(*learn.difference_counts(here)).max()
    assert own["mask_iou"] > other["mask_iou"] > 0 and 0 < own["depth_rmse_m"] < other["depth_rmse_m"]


def test_nothing_to_count_is_said():
    with pytest.raises(ValueError, match="no picture"):
        learn.fit_differencing([])
    with pytest.raises(ValueError, match="no pixel whose depth is known"):
        learn.fit_mean_depth([batch() | {"depth_valid": torch.zeros(5, 1, 12, 12)}])
    with pytest.raises(ValueError, match="uint8 pictures"):
        learn.difference(torch.zeros(1, 3, 2, 2), torch.zeros(1, 3, 2, 2))


def test_geometry_knows_the_floor_and_people_by_their_feet():
    camera, size = Camera(1.6, 0.1, 1.0), 48
    maps = torch.from_numpy(camera.maps(size, size)).repeat(3, 1, 1, 1)
    maps[2] = 0  # nobody knows this one's camera
    _, feet, away = (float(each) for each in camera.project(0.0, 0.0, 5.0, size))
    mask = torch.zeros(3, 1, size, size)
    mask[0, :, 10 : round(feet), 20:28] = mask[0, :, 4:6, 40:44] = 1  # one stands, one floats
    depth = learn.floor_and_feet(maps[:1], mask[:1])[0, 0]
    assert depth[12, 24] == pytest.approx(away, rel=0.05) and depth[5, 41] == depth[0, 0] == FAR
    floor = camera.height / -camera.rays(24, 47.5, size)[1]
    assert depth[47, 3] == pytest.approx(floor, rel=1e-5)
    found = {"mask": mask, "depth": depth.repeat(3, 1, 1, 1), "depth_valid": torch.ones_like(mask), "camera": maps}
    assert [len(batch["mask"]) for known in (True, False) for batch in learn.with_camera([found], known)] == [2, 1]
    scores = learn.score_geometry([found])
    assert scores["person_rmse_m"] == 0 < scores["depth_rmse_m"], "nobody stands in the second picture"
    assert learn.score_geometry([found | {"camera": 0 * maps}]) == {}
