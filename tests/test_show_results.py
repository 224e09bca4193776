"""Depth seen from another place, pictures that move, and the figures of results."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from helpers import data, show
from helpers.show import cloud, results
from helpers.show.clip import Clip
from helpers.world.camera import Camera
from helpers.world.people import walker


def test_points_of_a_true_depth_map_lie_on_the_floor():
    bank = data.Bank.draw(2, 1, 64, seed=4, cache=False)
    for depth, camera, floor in zip(bank.depths, bank.cameras, bank.floor):
        assert np.abs(cloud.points(depth, camera)[floor][:, 1]).max() < 0.1


def test_going_round_keeps_the_pivot_and_all_distances():
    xyz, pivot = np.random.default_rng(0).normal(size=(50, 3)), np.array([0.0, 1.0, 4.0])
    moved = cloud.turned(np.vstack([xyz, pivot]), 30, 20, pivot)
    assert np.allclose(moved[-1], pivot)
    assert np.allclose(np.linalg.norm(moved[:-1] - pivot, axis=1), np.linalg.norm(xyz - pivot, axis=1))


def test_an_eye_that_goes_right_sees_what_is_near_move_left():
    pivot = np.array([0.0, 1.6, 5.0])
    near, far = cloud.turned(np.array([[0.0, 1.6, 3.0], [0.0, 1.6, 8.0]]), 20, 0, pivot)
    assert near[0] < 0 < far[0]
    low, high = (cloud.turned(np.array([[0.0, 0.0, 3.0]]), 0, rise, pivot)[0] for rise in (0, 30))
    assert high[1] < low[1], "from above, the floor in front lies lower in the picture"


def test_a_jump_in_depth_leaves_a_hole_and_a_slope_does_not():
    picture = np.full((48, 48, 3), 200, np.uint8)
    wall = np.full((48, 48), 5.0)
    step = wall.copy()
    step[12:36, 12:36] = 2.5
    whole, torn = (cloud.cloud(picture, depth, turn=25) for depth in (wall, step))
    assert (torn[90:200] == cloud.NIGHT).all(-1).sum() > (whole[90:200] == cloud.NIGHT).all(-1).sum() + 500
    with pytest.raises(ValueError, match="must be alike"):
        cloud.cloud(picture[:40], wall)
    assert np.array_equal(cloud.cloud(picture, wall * np.inf), np.full((*cloud.SIZE, 3), cloud.NIGHT, np.uint8))


def test_the_near_one_hides_the_far_one():
    seen = np.array([[0.0, 0.0, 2.0], [0.0, 0.0, 6.0]])
    canvas = cloud.dots(seen, np.array([[255, 0, 0], [0, 0, 255]], np.uint8), Camera().focal(40), (40, 40))
    assert tuple(canvas[20, 20]) == (255, 0, 0) and not (canvas == (0, 0, 255)).all(-1).any()


def test_a_clip_holds_every_frame():
    frames = [Image.new("RGB", (40, 20), (10 * k, 0, 90)) for k in range(6)]
    film = Image.open(BytesIO(Clip(frames, 0.2)._repr_png_()))
    assert film.format == "PNG" and film.n_frames == 6 and film.info["duration"] == 200
    film.seek(5)
    assert np.abs(np.asarray(film.convert("RGB"))[0, 0].astype(int) - (50, 0, 90)).max() < 12
    with pytest.raises(ValueError, match="at least one frame"):
        Clip([])
    with pytest.raises(ValueError, match="of one size"):
        Clip([frames[0], frames[0].resize((40, 30))])


def test_a_walker_is_one_person_who_swings_the_legs():
    steps = walker(3, 64, steps=4)
    tall = [step.metres for step in steps]
    assert len(steps) == 4 and max(tall) - min(tall) < 0.15 * max(tall)
    wide = [step.picture.shape[1] for step in steps]
    assert max(wide) > 1.2 * min(wide)
    mean = [step.picture[: len(step.picture) // 2][step.picture[: len(step.picture) // 2, :, 3] > 250].mean(0)
            for step in steps]  # fmt: skip
    assert np.ptp(mean, axis=0).max() < 40, "the same clothes"
    assert np.array_equal(steps[1].picture, walker(3, 64, steps=4)[1].picture)


def test_figures_of_results_are_drawn_from_numbers():
    line = [(0.1, 0.2, 50), (0.5, 0.4, 10), (0.9, 0.7, 40)]
    walk = np.array([[-1.0, 6.0], [1.0, 3.0]])
    figures = results.reliability({"camera": line}), results.plan({"true": walk, "found": walk + 0.2})
    assert [axis.get_legend().get_texts()[-1].get_text() for axis in (f.axes[0] for f in figures)] == [
        "camera",
        "found",
    ]
    assert all(show.png(figure)[:4] == b"\x89PNG" for figure in figures)
