"""Sliders that redraw and never hide an error, what stands in for them on paper, answers, and the live scene."""

import base64
from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from helpers import data, learn, show
from helpers.show import answers, sliders


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


def test_a_slow_picture_waits_until_the_slider_is_let_go_and_the_clock_says_how_long_it_took(monkeypatch):
    monkeypatch.setattr(sliders, "SLOW", 60.0)  # however busy the machine is
    assert show.browse(draw, x=(0, 10)).controls["x"].continuous_update
    monkeypatch.setattr(sliders, "SLOW", 0.0)
    browser = show.browse(draw, clock=True, x=(0, 10))
    assert not browser.controls["x"].continuous_update
    browser.controls["x"].value = 2
    assert len(browser.seconds) == 2 and "ms" in browser.message.value


def test_controls_by_kind():
    ranges = {"whole": (0, 10), "part": (0.0, 1.0), "fine": (0.0, 1.0, 0.25, 0.5)}
    browser = show.browse(lambda **_: draw(), **ranges, choice=["a", "b"], on=True)
    kinds = {name: type(control).__name__ for name, control in browser.controls.items()}
    assert list(kinds.values()) == ["IntSlider", "FloatSlider", "FloatSlider", "Dropdown", "Checkbox"]
    assert browser.values == {"whole": 0, "part": 0.0, "fine": 0.5, "choice": "a", "on": True}
    with pytest.raises(ValueError, match="x=3 is no slider: write"):
        show.browse(draw, x=3)


def test_one_output_with_two_faces(monkeypatch):
    shown = []
    monkeypatch.setattr(sliders, "display", lambda bundle, raw: shown.append(bundle))
    browser = show.browse(draw, x=(0, 10))
    browser._ipython_display_()
    assert shown[0]["application/vnd.jupyter.widget-view+json"]["model_id"] == browser.model_id
    assert base64.b64decode(shown[0]["image/png"]) == browser.still(), "draw fails beyond 8, and the sheet says so"
    assert shown[0]["text/plain"] == "Browser(x)"  # the same on every run, so that stored outputs can be compared


def test_the_still_shows_two_places_of_the_first_slider_or_what_was_asked_for():
    seen = []

    def drawn(**values):
        seen.append(values)
        return Image.new("RGB", (80, 40))

    page = show.browse(drawn, x=(0, 100), kind=["a", "b"]).still()
    assert [each["x"] for each in seen[1:]] == [25, 75] and Image.open(BytesIO(page)).width == 2 * 80 + 6
    for control, wanted in (((0, 2), [0, 2]), (["a", "b"], ["a", "b"]), (True, [False, True])):
        seen.clear()
        show.browse(drawn, first=control, x=(0, 5)).still()
        assert [each["first"] for each in seen[1:]] == wanted
    show.browse(drawn, still=[{"kind": "b", "x": 3}], x=(0, 100), kind=["a", "b"]).still()
    assert seen[-1] == {"x": 3, "kind": "b"}
    assert show.browse(drawn).still()[:4] == b"\x89PNG"
    for wrong, says in (([{"z": 1}], "not {'z': 1}"), ([3], "not 3"), ({"x": 1}, "not 'x'")):
        with pytest.raises(ValueError, match=says):
            show.browse(drawn, still=wrong, x=(0, 2), kind=["a"])


def test_the_still_keeps_the_size_and_the_colours_of_the_picture():
    depth = np.linspace(2, 9, 240)[:, None].repeat(240, 1)  # no step in it: with few colours there would be some
    between = Image.open(BytesIO(show.png(show.pictures([depth, np.random.default_rng(0).random((240, 240, 3))]))))
    sheet = Image.open(BytesIO(show.browse(lambda **_: between, x=(0, 1)).still()))
    assert sheet.width == between.width and sheet.height > 2 * between.height
    assert np.array_equal(np.asarray(sheet)[-between.height :], np.asarray(between))


@pytest.fixture(scope="module")
def bank():
    return data.Bank.draw(3, 3, 48, seed=8, cache=False)


@pytest.fixture(scope="module")
def batch(bank):
    return data.compose(bank, data.random_rows(bank, 6, seed=1))


class Truth(nn.Module):
    """Knows the answers to one batch, but for a metre, and for the masks of the first pictures."""

    def __init__(self, batch, blind: int = 0, heads=("mask", "depth")):
        super().__init__()
        self.batch, self.blind, self.heads, self.place = batch, blind, heads, 0

    def forward(self, background, image):
        here = slice(self.place, self.place + len(image))
        self.place += len(image)
        mask = 8 * (2 * self.batch["mask"][here] - 1)
        mask[: max(0, self.blind - here.start)] = -8
        said = {"mask": mask, "depth": self.batch["depth"][here] + 1}
        return {name: said[name] for name in self.heads}


def test_answers_are_scored_picture_by_picture(batch):
    found = answers.ask(Truth(batch, blind=2), batch, at_once=4)
    assert found.iou.tolist() == [0, 0, 1, 1, 1, 1] and np.allclose(found.rmse, 1, atol=1e-4)
    assert answers.order(found, answers.ORDERS[1])[:2].tolist() == [0, 1]
    assert answers.order(found).tolist() == [0, 1, 2, 3, 4, 5]
    with pytest.raises(ValueError, match="There is no order 'best'"):
        answers.order(found, "best")
    total = learn.mask_scores(learn.mask_sums(torch.logit(found.mask, 1e-6), batch["mask"]))["mask_iou"]
    assert np.isclose(total, (batch["mask"][2:].sum() / batch["mask"].sum()).item())


def test_a_network_without_a_head_leaves_its_place_and_comes_last(batch):
    found = answers.ask(Truth(batch, heads=("mask",)), batch)
    assert found.depth is None and np.isnan(found.rmse).all()
    assert not [line for line in answers.describe_answer(batch, found, 0) if "depth" in line or "person" in line]
    empty = batch | {"mask": batch["mask"] * 0}
    assert answers.describe_answer(empty, found, 0) == ["nobody to be seen"], "an IoU of 1 would praise it"
    pair = [("whole", answers.ask(Truth(batch), batch)), ("mask alone", found)]
    two, one = answers.side_by_side(batch, pair, 0), answers.side_by_side(batch, pair[:1], 0)
    assert two.image.height > one.image.height and two.image.width == 800
    sheet = answers.answer(batch, found, 0, "mask alone").image
    assert sheet.width == 800 and sheet.size == answers.answer(batch, answers.ask(Truth(batch), batch), 0).image.size


def test_the_live_scene_follows_its_settings(bank):
    near, far = (show.live_scene(bank, person=1, distance=metres) for metres in (2.5, 5.0))
    assert near["mask"].sum() > far["mask"].sum() > 0
    bright = show.live_scene(bank, person=1, distance=2.5, exposure=0.4)
    assert bright["image"].float().mean() > near["image"].float().mean() + 10
    assert torch.equal(near["background"], bright["background"]), "the empty scene was taken once"
    still, shaken = (show.live_scene(bank, distance=4.0, shake=pixels)["depth"] for pixels in (0.0, 6.0))
    assert not torch.equal(still, shaken)
    again = show.live_scene(bank, person=1, distance=2.5)
    assert all(torch.equal(near[name], again[name]) for name in near)
    with pytest.raises(ValueError, match="not in front of the camera"):
        show.live_scene(bank, distance=0.0)
    with pytest.raises(ValueError, match="There is no room 9"):
        show.live(bank, {"it": Truth(near)}, room=9)


def test_live_sliders_reach_every_room_and_person(bank):
    class Blank(nn.Module):
        def forward(self, background, image):
            return {"mask": image[:, :1].float() - 300}

    browser = show.live(bank, {"blank": Blank(), "again": Blank()}, room=1)
    assert browser.controls["room"].max == 2 and set(answers.RANGES) < set(browser.controls)
    assert browser.controls["network"].options == ("blank", "again")
    before = bytes(browser.picture.value)
    assert len(before) < 100_000, "Jupyter drops what is more than about a megabyte a second: ten moves"
    browser.controls["room"].value = 2
    assert bytes(browser.picture.value) != before


@pytest.mark.parametrize(
    "value",
    [
        {"b.png": {"content": b"second"}, "a.png": {"content": b"first"}},  # ipywidgets 7
        ({"name": "b.png", "content": memoryview(b"second")}, {"name": "a.png", "content": memoryview(b"first")}),
    ],
)
def test_an_upload_is_read_in_the_order_of_the_names(value):
    assert sliders.uploaded(value) == {"a.png": b"first", "b.png": b"second"}
    assert sliders.uploaded({}) == sliders.uploaded(()) == {}
