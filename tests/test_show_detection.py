"""Figures of boxes: what is drawn where, and that every one is as wide as the course and the same twice."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from helpers.show import browse, detection, png

IMAGES = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
BOXES = [torch.tensor([[2.0, 4.0, 12.0, 28.0], [10.0, 4.0, 20.0, 28.0]])] * 8
GUESS = [{"boxes": BOXES[0], "labels": torch.tensor([1, 0]), "scores": torch.tensor([0.9, 0.4])}] * 8
CURVE = (np.array([1.0, 0.5, 2 / 3]), np.array([0.25, 0.25, 0.5]))


def size_of(figure) -> tuple[int, int]:
    return Image.open(BytesIO(png(figure))).size


def edges(axis) -> list[tuple]:
    """x, y, width and height of every box of an axis."""
    return [(*patch.get_xy(), patch.get_width(), patch.get_height()) for patch in axis.patches]


FIGURES = {
    "heats": lambda: detection.heats(IMAGES, torch.rand(8, 1, 8, 8, generator=torch.Generator().manual_seed(1)), BOXES),
    "found": lambda: detection.found(IMAGES, BOXES, GUESS, ["one"] * 8),
    "parts": lambda: detection.found(IMAGES[:3], BOXES[:3], BOXES[:3], columns=3),
    "overlaps": lambda: detection.overlaps([BOXES[0]] * 3, ["a", "b", "c"]),
    "stages": lambda: detection.stages(IMAGES[0], BOXES[0], {"before": ["waits"] * 2, "after": ["kept", "gone"]}),
    "against": lambda: detection.against({"x": ([0, 1], [1, 0]), "y": ([0, 2], [2, 0])}, {"y": 1.0}),
    "threshold": lambda: detection.threshold(IMAGES, BOXES, GUESS, {"all": CURVE}, (0.25, 1.0), "here"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_as_wide_as_the_course_and_the_same_twice(name):
    first, second = FIGURES[name](), FIGURES[name]()
    assert size_of(first)[0] == 800 and png(first) == png(second)


def test_boxes_stand_around_their_pixels():
    """A box 2..12 covers the pixels 2 to 11, and pixel 2 reaches from 1.5 to 2.5 in a picture."""
    axis = detection.found(IMAGES[:1], BOXES[:1], [[]]).axes[0]
    assert edges(axis) == [(1.5, 3.5, 10, 24), (9.5, 3.5, 10, 24)]


def test_truth_is_dashed_and_guesses_have_the_colour_of_their_kind():
    axis = detection.found(IMAGES[:1], BOXES[:1], GUESS[:1]).axes[0]
    truth, guess = axis.patches[:2], axis.patches[2:4]
    assert all(patch.get_linestyle() != "-" for patch in truth) and guess[0].get_edgecolor() != guess[1].get_edgecolor()
    assert [text.get_text() for text in axis.texts] == ["person 0.90", "thing 0.40"]


def test_heat_lies_over_the_whole_picture_and_cold_cells_are_clear():
    heat = torch.zeros(1, 1, 8, 8)
    heat[..., 3, 5] = 1
    picture, glow = detection.heats(IMAGES[:1], heat).axes[0].images
    assert picture.get_array().shape[:2] == (32, 32) and tuple(glow.get_extent()) == (-0.5, 31.5, 31.5, -0.5)
    alpha = glow.get_array()[..., 3]
    assert alpha[3, 5] == 1 and alpha.sum() == 1


def test_overlap_is_filled_only_where_two_boxes_meet():
    apart = torch.tensor([[0.0, 0, 4, 4], [5.0, 0, 9, 4]])
    meet, far = detection.overlaps([BOXES[0], apart], ["a", "b"]).axes
    assert edges(meet)[2] == (10, 4, 2, 24) and len(edges(far)) == 2


def test_the_box_of_this_round_is_drawn_last():
    figure = detection.stages(IMAGES[0], BOXES[0], {"round": ["now", "gone"]})
    assert edges(figure.axes[0])[-1][0] == 1.5
    with pytest.raises(ValueError, match="zip"):
        detection.stages(IMAGES[0], BOXES[0], {"round": ["now"]})


def test_the_stairs_fill_the_dents_of_the_curve():
    axis = detection.precision_recall({"toy": CURVE}, [(0.5, 0.6)]).axes[0]
    stairs, curve, dot = axis.lines
    assert stairs.get_ydata().tolist() == pytest.approx([1, 1, 2 / 3, 2 / 3])
    assert curve.get_xdata().tolist() == [0.25, 0.25, 0.5] and dot.get_ydata()[0] == 0.6


def test_no_picture_is_a_sentence():
    with pytest.raises(ValueError, match="no picture to show"):
        detection.found([], [], [])


def test_the_slider_moves_boxes_and_dot():
    def look(threshold):
        shown = [{name: values[each["scores"] >= threshold] for name, values in each.items()} for each in GUESS]
        return detection.threshold(IMAGES, BOXES, shown, {"all": CURVE}, (threshold, 0.5), f"{threshold}")

    slider = browse(look, threshold=(0.05, 0.95, 0.05, 0.3))
    before = slider.picture.value
    slider.controls["threshold"].value = 0.6
    assert slider.picture.value != before and not slider.message.value
