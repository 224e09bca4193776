"""Depth maps beside their truth: colours that mean metres, figures of the course's width, points on a diagonal."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from helpers import show
from helpers.show import depths


def maps(count: int = 2, size: int = 24) -> tuple[torch.Tensor, torch.Tensor]:
    """Random images N 3 S S and depths of 1 to 10 metres N 1 S S."""
    draw = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8, generator=draw)
    return images, 1 + 9 * torch.rand(count, 1, size, size, generator=draw)


def size_of(figure) -> tuple[int, int]:
    return Image.open(BytesIO(show.png(figure))).size


def test_right_is_white_near_is_red_far_is_blue_and_unknown_is_grey():
    truth = np.full((1, 5), 5.0)
    guess, valid = np.array([[5.0, 3.0, 7.0, 5.0, np.nan]]), np.array([[1, 1, 1, 0, 1]])
    right, near, far, dishonest, broken = depths.error_colours(guess, truth, valid)[0].astype(int)
    assert right.min() > 240
    assert near[0] > near[2] + 50 and far[2] > far[0] + 50
    assert np.array_equal(dishonest, broken) and np.ptp(dishonest) == 0


def test_one_colour_per_metre_of_error_and_no_more_beyond_the_ends():
    truth = np.full((1, 4), 5.0)
    colours = depths.error_colours(truth + np.array([[0.5, 1.5, 2.0, 9.0]]), truth).astype(int)[0]
    assert (np.diff(colours[:3, 0]) < 0).all() and np.array_equal(colours[2], colours[3])
    with pytest.raises(ValueError, match="cannot be compared"):
        depths.error_colours(np.ones((4, 4)), np.ones((5, 5)))


def test_a_comparison_has_a_row_per_picture_and_the_course_width():
    images, truth = maps()
    one = depths.compare(images, truth, {"flat": truth * 0 + 4})
    two = depths.compare(images, truth, {"flat": truth * 0 + 4, "right": truth}, notes=[["2.0 m", "0.0 m"]] * 2)
    assert size_of(one)[0] == size_of(two)[0] == 800
    titles = [axis.get_title() for axis in two.axes[:12]]
    assert titles[:6] == ["image", "true depth", "flat", "2.0 m", "right", "0.0 m"]
    assert titles[6:] == ["", "", "", "2.0 m", "", "0.0 m"]
    assert np.asarray(two.axes[5].images[0].get_array()).min() > 240  # no error: white
    assert size_of(depths.compare(images[:1], truth[:1], {"flat": truth[:1]}))[1] < size_of(one)[1]


def test_pixels_without_an_honest_depth_are_left_out():
    images, truth = maps(1)
    figure = depths.compare(images, truth, {"far": truth + 5}, valid=torch.zeros_like(truth))
    assert np.ptp(np.asarray(figure.axes[3].images[0].get_array())) == 0


def test_points_lie_where_the_numbers_are():
    figure = depths.agreement(torch.tensor([1.0, 2.0]), {"a": np.array([1.0, 3.0]), "b": [2.0, 2.0]})
    assert figure.axes[0].collections[0].get_offsets().tolist() == [[1, 1], [2, 3]]
    assert [axis.get_title() for axis in figure.axes] == ["a", "b"] and size_of(figure)[0] <= 800
