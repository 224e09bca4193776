"""Figures: arrays in, one PNG out, the same bytes each time; sliders that redraw and never hide an error."""

import base64
import sys
from io import BytesIO

import matplotlib
import numpy as np
import pytest
import torch
from PIL import Image

from helpers import show
from helpers.show.look import array, is_depth


def batch(count: int = 3, size: int = 32) -> dict[str, torch.Tensor]:
    maps = torch.rand(3, count, 1, size, size, generator=torch.Generator().manual_seed(0))
    pictures = (maps[:2].repeat(1, 1, 3, 1, 1) * 255).to(torch.uint8)
    truth = {"mask": (maps[0] > 0.7).float(), "depth": maps[1] * 19 + 1, "depth_valid": (maps[2] > 0.2).float()}
    return {"background": pictures[0], "image": pictures[1], **truth}


def size_of(figure) -> tuple[int, int]:
    return Image.open(BytesIO(show.png(figure))).size


def test_every_figure_is_a_png_of_the_course_width():
    b = batch()
    figures = {
        "pictures": show.pictures(b["image"], ["a", "b", "c"]),
        "mixed": show.pictures([b["image"][0], b["image"][0].permute(1, 2, 0).numpy(), b["mask"][0], b["depth"][0]]),
        "sample": show.sample(b, 1),
        "samples": show.sample(b, [0, 2]),
        "alone": show.sample({name: value[0] for name, value in b.items()}),
    }
    assert {name: size_of(figure)[0] for name, figure in figures.items()} == dict.fromkeys(figures, 800)
    assert show.png(figures["alone"]) == show.png(show.sample(b, 0))
    assert show.png(figures["sample"]) != show.png(show.sample(b, 2))


def test_a_contact_sheet_keeps_whole_pixels():
    images = list(batch()["image"]) * 4
    sheet = np.asarray(Image.open(BytesIO(show.contact_sheet(images, columns=5)._repr_png_())).convert("RGB"))
    assert sheet.shape == (3 * 34 * 4 - 8, 5 * 34 * 4 - 8, 3)  # each pixel drawn as 4 × 4
    assert np.abs(sheet[: 32 * 4 : 4, : 32 * 4 : 4].astype(int) - array(images[0])).max() <= 3  # 64 levels
    assert size_of(show.contact_sheet(images * 4, columns=40))[0] == 800


def test_figures_stay_out_of_pyplot():
    from matplotlib import pyplot

    before = pyplot.get_fignums()
    show.pictures(batch()["image"])
    assert pyplot.get_fignums() == before


def test_depth_has_one_colour_per_metre_and_grey_where_it_means_nothing():
    depth, valid = np.array([[1.0, 3.0, 9.0, 20.0, np.nan]]), np.array([[1, 1, 1, 1, 1]])
    colours = show.depth_colours(depth, valid).astype(int)
    assert np.array_equal(colours, show.depth_colours(np.tile(depth, (2, 1)))[:1])  # whatever else is in the picture
    warmth = colours[0, :4, 0] - colours[0, :4, 2]  # red over blue
    assert (np.diff(warmth) < 0).all()
    assert np.ptp(colours[0, 4]) == 0
    assert np.ptp(show.depth_colours(depth, valid * 0)[0].astype(int), axis=-1).max() == 0
    assert np.ptp(show.depth_colours(depth * 0)[0].astype(int), axis=-1).max() == 0  # nothing is 0 m away


def test_a_picture_of_any_kind_is_understood():
    assert array(torch.zeros(3, 4, 5)).shape == (4, 5, 3) and array(torch.zeros(1, 4, 5)).shape == (4, 5)
    assert array(np.zeros((4, 5, 3))).shape == (4, 5, 3) and array(Image.new("RGB", (5, 4))).shape == (4, 5, 3)
    assert (
        is_depth(np.full((4, 4), 3.0)) and not is_depth(np.ones((4, 4))) and not is_depth(np.full((4, 4), 9, np.uint8))
    )
    with pytest.raises(ValueError, match="pass one picture, not a batch"):
        array(torch.zeros(2, 3, 4, 5))
    with pytest.raises(ValueError, match="the list is empty"):
        show.pictures([])
    with pytest.raises(ValueError, match="all of one size"):
        show.contact_sheet([np.zeros((4, 4)), np.zeros((5, 5))])


def test_the_tint_touches_the_mask_only():
    picture, mask = np.full((8, 8, 3), 90, np.uint8), np.zeros((8, 8))
    mask[2:5, 2:5] = 1
    changed = (show.tint(picture, mask) != 90).any(-1)
    assert np.array_equal(changed, mask > 0)
    plain, boxed = show.overlay(picture, mask), show.overlay(picture, mask, [[2, 2, 5, 5]], [1], "a person")
    assert show.png(plain) != show.png(boxed)


def test_curves_and_bars_take_dicts_and_rows():
    rows = [{"step": 0, "loss": 1.0}, {"step": 10, "loss": 0.5}]
    by_rows, by_lists = show.curve(rows, x="step"), show.curve({"step": [0, 10], "loss": [1.0, 0.5]}, "loss", x="step")
    assert show.png(by_rows) == show.png(by_lists)
    figure = show.bars({"differencing": 0.14, "network": 0.6}, baseline=0.14)
    assert [text.get_text() for text in figure.axes[0].texts] == ["0.14", "0.6"]
    show.bars([{"name": "a", "iou": 0.5, "spread": 0.1}], "iou", spread="spread")


def test_style_is_one_place():
    show.style()
    assert matplotlib.rcParams["font.size"] == 9


def draw(x: int = 0, kind: str = "plain"):
    if x > 8:
        raise ValueError("x <is> beyond the room")
    return show.pictures([np.full((16, 16), x / 10)], [kind])


def test_moving_a_slider_changes_the_picture():
    browser = show.browse(draw, x=(0, 10), kind=["plain", "fancy"])
    first = bytes(browser.picture.value)
    browser.controls["x"].value = 5
    second = bytes(browser.picture.value)
    browser.controls["kind"].value = "fancy"
    assert len({first, second, bytes(browser.picture.value)}) == 3 and browser.values == {"x": 5, "kind": "fancy"}
    browser.controls["kind"].value, browser.controls["x"].value = "plain", 0
    assert bytes(browser.picture.value) == first


def test_an_error_is_shown_and_goes_when_all_is_well_again():
    browser = show.browse(draw, x=(0, 10))
    before = bytes(browser.picture.value)
    browser.controls["x"].value = 9
    assert "ValueError: x &lt;is&gt; beyond the room" in browser.message.value
    assert bytes(browser.picture.value) == before
    browser.controls["x"].value = 4
    assert browser.message.value == "" and bytes(browser.picture.value) != before
    with pytest.raises(ValueError, match="beyond the room"):  # the first picture fails in the cell itself
        show.browse(draw, x=(9, 10))


def test_a_slow_picture_waits_until_the_slider_is_let_go(monkeypatch):
    assert show.browse(draw, x=(0, 10)).controls["x"].continuous_update
    monkeypatch.setattr(sys.modules["helpers.show.browse"], "SLOW", 0.0)
    assert not show.browse(draw, x=(0, 10)).controls["x"].continuous_update


def test_controls_by_kind():
    browser = show.browse(
        lambda **_: draw(), whole=(0, 10), part=(0.0, 1.0), fine=(0.0, 1.0, 0.25, 0.5), choice=["a", "b"], on=True
    )
    kinds = {name: type(control).__name__ for name, control in browser.controls.items()}
    assert list(kinds.values()) == ["IntSlider", "FloatSlider", "FloatSlider", "Dropdown", "Checkbox"]
    assert browser.values == {"whole": 0, "part": 0.0, "fine": 0.5, "choice": "a", "on": True}
    with pytest.raises(ValueError, match="x=3 is no slider: write"):
        show.browse(draw, x=3)


def test_one_output_with_two_faces(monkeypatch):
    shown = []
    module = sys.modules["helpers.show.browse"]  # the function of the same name stands before it
    monkeypatch.setattr(module, "display", lambda bundle, raw: shown.append(bundle))
    browser = show.browse(draw, x=(0, 10))
    browser._ipython_display_()
    assert shown[0]["application/vnd.jupyter.widget-view+json"]["model_id"] == browser.model_id
    assert base64.b64decode(shown[0]["image/png"]) == browser.still(), "draw fails beyond 8, and the sheet says so"
    assert shown[0]["text/plain"] == "Browser(x)"  # the same on every run, so that stored outputs can be compared
