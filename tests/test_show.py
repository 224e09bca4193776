"""Pictures and figures: arrays in, one PNG out, the same bytes each time; colours that mean the same everywhere."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from helpers import data, show
from helpers.show import cloud, detection
from helpers.show.style import INVENTED, MISSED, RIGHT, array, error_colours, is_depth


def batch(count: int = 3, size: int = 32) -> dict[str, torch.Tensor]:
    maps = torch.rand(3, count, 1, size, size, generator=torch.Generator().manual_seed(0))
    pictures = (maps[:2].repeat(1, 1, 3, 1, 1) * 255).to(torch.uint8)
    truth = {"mask": (maps[0] > 0.7).float(), "depth": maps[1] * 19 + 1, "depth_valid": (maps[2] > 0.2).float()}
    return {"background": pictures[0], "image": pictures[1], **truth}


B = batch(8)
BOXES = [torch.tensor([[2.0, 4.0, 12.0, 28.0], [10.0, 4.0, 20.0, 28.0]])] * 8
GUESS = [{"boxes": BOXES[0], "labels": torch.tensor([1, 0]), "scores": torch.tensor([0.9, 0.4])}] * 8
JUDGED = [(BOXES[0], np.array([0, -1]))] * 8
PLAIN = {"mask": B["mask"][0], "depth": B["depth"][0], "boxes": BOXES[0], "labels": [1, 0]}
CURVE = (np.array([1.0, 0.5, 2 / 3]), np.array([0.25, 0.25, 0.5]))
LINE, WALK = np.linspace(0, 255, 40), np.array([[-1.0, 6.0], [1.0, 3.0]])
FIGURES = {
    "pictures": lambda: show.pictures(B["image"][:3], ["a", "b", "c"], foot="one\ntwo"),
    "any kind": lambda: show.pictures([B["image"][0], B["image"][0].permute(1, 2, 0).numpy(), "words", B["depth"][0]]),
    "sizes": lambda: show.pictures([np.zeros((30, 40)), np.zeros((224, 112, 3), np.uint8)]),
    "contact sheet": lambda: show.contact_sheet(B["image"], columns=5),
    "sample": lambda: show.sample(B, [0, 2]),
    "objects": lambda: show.objects(B["image"][0], PLAIN, PLAIN | GUESS[0]),
    "photos": lambda: show.photos(B["background"], B["image"], B["mask"], {"a": B["mask"], "b": 1 - B["mask"]}),
    "heats": lambda: detection.heats(B["image"], torch.rand(8, 1, 8, 8), BOXES),
    "found": lambda: detection.found(B["image"], BOXES, GUESS, ["one"] * 8),
    "parts": lambda: detection.found(B["image"][:3], BOXES[:3], BOXES[:3]),
    "overlaps": lambda: detection.overlaps([BOXES[0]] * 3, ["a", "b", "c"]),
    "stages": lambda: detection.stages(B["image"][0], BOXES[0], {"a": ["waits"] * 2, "b": ["kept", "gone"]}),
    "errors": lambda: detection.errors(B["image"], BOXES, JUDGED),
    "threshold": lambda: detection.threshold(B["image"], BOXES, JUDGED, {"all": CURVE}, (0.25, 1.0), "here"),
    "against": lambda: show.against({"x": ([0, 1], [1, 0]), "y": ([0, 2], [2, 0])}, {"y": 1.0}),
    "scanlines": lambda: show.scanlines({"camera": (LINE, LINE[::-1], LINE > 200)}),
    "sight": lambda: show.sight(B["image"][0], (10, 10), {"a": np.eye(32), "nothing": np.zeros((32, 32))}),
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_as_wide_as_the_course_and_the_same_twice(name):
    torch.manual_seed(0)
    first = show.png(FIGURES[name]())
    torch.manual_seed(0)
    assert Image.open(BytesIO(first)).width == 800 and show.png(FIGURES[name]()) == first


def test_depth_has_one_colour_per_metre_and_grey_where_it_means_nothing():
    depth, valid = np.array([[1.0, 3.0, 9.0, 20.0, np.nan]]), np.array([[1, 1, 1, 1, 1]])
    colours = show.depth_colours(depth, valid).astype(int)
    assert np.array_equal(colours, show.depth_colours(np.tile(depth, (2, 1)))[:1])  # whatever else is in the picture
    warmth = colours[0, :4, 0] - colours[0, :4, 2]  # red over blue
    assert (np.diff(warmth) < 0).all()
    assert np.ptp(colours[0, 4]) == 0
    assert np.ptp(show.depth_colours(depth, valid * 0)[0].astype(int), axis=-1).max() == 0
    assert np.ptp(show.depth_colours(depth * 0)[0].astype(int), axis=-1).max() == 0  # nothing is 0 m away


def test_depth_errors_right_is_white_near_is_red_far_is_blue_and_unknown_is_grey():
    truth = np.full((1, 7), 5.0)
    guess, valid = np.array([[5.0, 3.0, 7.0, 5.0, np.nan, 6.0, 19.0]]), np.array([[1, 1, 1, 0, 1, 1, 1]])
    right, near, far, invalid, broken, less, beyond = error_colours(guess, truth, valid)[0].astype(int)
    assert right.min() > 240 and near[0] > near[2] + 50 and far[2] > far[0] + 50
    assert np.array_equal(invalid, broken) and np.ptp(invalid) == 0
    assert less[0] > far[0] and np.array_equal(far, beyond), "the colours end at two metres"
    with pytest.raises(ValueError, match="cannot be compared"):
        error_colours(np.ones((4, 4)), np.ones((5, 5)))


def test_mask_errors_have_three_colours():
    truth, guess = torch.tensor([[1.0, 1, 0, 0, 0]]), torch.tensor([[1.0, 0, 1, 0, 0]])
    colours = show.mask_errors(torch.zeros(3, 1, 5, dtype=torch.uint8), truth, guess)[0].astype(int)
    for found, wanted in zip(colours, (RIGHT, MISSED, INVENTED)):
        assert np.abs(found - wanted).max() < 60
    assert np.ptp(colours[3]) == 0 and colours[3].min() > 150, "the rest is the picture, pale"


def test_what_wants_more_is_vermilion_and_what_wants_less_is_blue():
    more, none, less, half = show.signed_colours(torch.tensor([[2.0, 0.0, -2.0, 1.0]]))[0].astype(int)
    assert tuple(more) == MISSED and tuple(less) == INVENTED and none.min() == 255
    assert np.abs(half - (more + none) / 2).max() <= 1
    assert show.signed_colours(np.zeros((2, 2))).min() == 255


def test_a_picture_of_any_kind_is_understood():
    assert array(torch.zeros(3, 4, 5)).shape == (4, 5, 3) and array(torch.zeros(1, 4, 5)).shape == (4, 5)
    assert array(np.zeros((4, 5, 3))).shape == (4, 5, 3) and array(Image.new("RGB", (5, 4))).shape == (4, 5, 3)
    assert is_depth(np.full((4, 4), 3.0))
    assert not is_depth(np.ones((4, 4))) and not is_depth(np.full((4, 4), 9, np.uint8))
    with pytest.raises(ValueError, match="not a batch"):
        array(torch.zeros(2, 3, 4, 5))
    for nothing in ([], ["only words"]):
        with pytest.raises(ValueError, match="no picture to show"):
            show.pictures(nothing)
    one = show.sample({name: values[0] for name, values in B.items()})
    assert show.png(one) == show.png(show.sample(B, 0)) != show.png(show.sample(B, 2))


def test_the_tint_touches_the_mask_only():
    picture, mask = np.full((8, 8, 3), 90, np.uint8), np.zeros((8, 8))
    mask[2:5, 2:5] = 1
    assert np.array_equal((show.tint(picture, mask) != 90).any(-1), mask > 0)
    assert show.png(show.overlay(picture, mask)) != show.png(show.overlay(picture, mask, [[2, 2, 5, 5]], [1], "title"))


def test_boxes_stand_around_their_pixels():
    """A picture of 32 pixels at 800: a box 2..12 reaches from the 50th to the 300th."""
    sheet = np.asarray(detection.found(np.zeros((1, 32, 32, 3), np.uint8), [[]], [[[2, 4, 12, 28]]], columns=1))
    down, right = np.nonzero(sheet.any(-1))
    assert (right.min(), right.max() + 1, down.min(), down.max() + 1) == (50, 300, 100, 700)


def test_curves_and_bars_take_dicts_and_rows():
    rows = [{"step": 0, "loss": 1.0}, {"step": 10, "loss": 0.5}]
    by_rows, by_lists = show.curve(rows, x="step"), show.curve({"step": [0, 10], "loss": [1.0, 0.5]}, "loss", x="step")
    assert show.png(by_rows) == show.png(by_lists)
    figure = show.bars({"a": 0.5}, "iou")
    assert [text.get_text() for text in figure.axes[0].texts] == ["0.5"]


def test_the_stairs_fill_the_dents_of_the_curve():
    axis = detection.precision_recall({"toy": CURVE}, [(0.5, 0.6)]).axes[0]
    stairs, curve, dot = axis.lines
    assert stairs.get_ydata().tolist() == pytest.approx([1, 1, 2 / 3, 2 / 3])
    assert curve.get_xdata().tolist() == [0.25, 0.25, 0.5] and dot.get_ydata()[0] == 0.6


def test_figures_of_results_are_drawn_from_numbers():
    reliability = show.reliability({"camera": [(0.1, 0.2, 50), (0.9, 0.7, 40)]})
    figures = reliability, show.floor_plan({"t": WALK, "f": WALK + 1})
    assert [figure.axes[0].get_legend().get_texts()[-1].get_text() for figure in figures] == ["camera", "f"]


def test_points_of_a_true_depth_map_lie_on_the_floor():
    bank = data.Bank.draw(2, 1, 64, seed=4, cache=False)
    for depth, camera, floor in zip(bank.depths, bank.cameras, bank.floor):
        assert np.abs(cloud.points(depth, camera)[floor][:, 1]).max() < 0.1
