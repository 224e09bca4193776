"""Answers beside the truth, quick tiles, and the live scene: what the sliders of 09 draw."""

from io import BytesIO

import ipywidgets as widgets
import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from helpers import data, learn, show
from helpers.show import answers, live, still
from helpers.show.tiles import tiles


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
    assert "no depth head" in answers.found(batch, found, 0)[2]
    assert not [line for line in answers.figures(batch, found, 0) if "depth" in line or "person" in line]
    empty = batch | {"mask": batch["mask"] * 0}
    assert answers.figures(empty, found, 0) == ["nobody to be seen"], "an IoU of 1 would praise an empty picture"
    pair = [("whole", answers.ask(Truth(batch), batch)), ("mask alone", found)]
    assert answers.side_by_side(batch, pair, 0).height > answers.side_by_side(batch, pair[:1], 0).height


def test_mask_errors_have_three_colours():
    truth, guess = torch.tensor([[1.0, 1, 0, 0, 0]]), torch.tensor([[1.0, 0, 1, 0, 0]])
    right, missed, false, nothing = answers.mask_errors(torch.zeros(3, 1, 5, dtype=torch.uint8), truth, guess)[0][:4]
    assert [int(np.argmax(colour)) for colour in (right, missed, false)] == [1, 0, 2] and np.ptp(nothing) == 0


def test_tiles_are_as_wide_as_a_figure_and_lines_below_add_height(batch):
    plain = tiles(list(batch["image"][:4]), columns=2)
    told = tiles([*batch["image"][:3], "a line\nand another"], ["a"] * 4, 2, "one\ntwo")
    assert plain.width == told.width == 800 and told.height > plain.height + 32
    assert tiles([batch["image"][0], batch["depth"][0]]).height < tiles(list(batch["image"][:2])).height  # a bar
    with pytest.raises(ValueError, match="2 different ones"):
        tiles([batch["image"][0], batch["image"][0][:, :9]])
    with pytest.raises(ValueError, match="there is none"):
        tiles(["only words"])


def test_the_still_shows_four_places_of_the_first_slider():
    seen = []

    def draw(x: int, kind: str):
        seen.append((x, kind))
        return Image.new("RGB", (80, 40), (x, 0, 0))

    browser = show.browse(draw, x=(0, 100), kind=["a", "b"])
    page = Image.open(BytesIO(browser.still()))
    assert seen[1:] == [(8, "a"), (36, "a"), (64, "a"), (92, "a")] and page.width == 800
    chosen = show.browse(draw, still=[{"kind": "b", "x": 3}], x=(0, 100), kind=["a", "b"])
    chosen.still()
    assert seen[-1] == (3, "b")
    assert still.choices(show.browse(draw, x=(0, 2), kind=["a"]).controls["x"]) == [0, 1, 2]
    for wrong, says in (([{"z": 1}], "not z"), ([3], "not 3"), ({"x": 1}, "not x")):
        with pytest.raises(ValueError, match=says):
            show.browse(draw, still=wrong, x=(0, 2), kind=["a"])
    assert show.browse(lambda: Image.new("RGB", (8, 8))).still()[:4] == b"\x89PNG"
    assert still.choices(widgets.Dropdown(options=[("one", 1), ("two", 2)])) == [1, 2]
    assert still.choices(widgets.IntText(value=7)) == [7]
    flags = show.browse(lambda flag: Image.new("RGB", (8, 8)), flag=True).controls
    assert still.settings(flags) == [{"flag": False}, {"flag": True}]


def test_the_clock_tells_how_long_a_move_took():
    browser = show.browse(lambda x: Image.new("RGB", (8, 8), (x, 0, 0)), clock=True, x=(0, 5))
    browser.controls["x"].value = 2
    assert len(browser.seconds) == 2 and "ms" in browser.message.value


def test_the_live_scene_follows_its_sliders(bank):
    near, far = (live.scene(bank, person=1, distance=metres) for metres in (2.5, 5.0))
    assert near["mask"].sum() > far["mask"].sum() > 0
    bright = live.scene(bank, person=1, distance=2.5, exposure=0.4)
    assert bright["image"].float().mean() > near["image"].float().mean() + 10
    assert torch.equal(near["background"], bright["background"]), "the empty scene was taken once"
    still_, shaken = (live.scene(bank, distance=4.0, shake=pixels)["depth"] for pixels in (0.0, 6.0))
    assert not torch.equal(still_, shaken)
    with pytest.raises(ValueError, match="not in front of the camera"):
        live.scene(bank, distance=0.0)
    with pytest.raises(ValueError, match="There is no room 9"):
        live.live(bank, Truth(near), room=9)
    again = live.scene(bank, person=1, distance=2.5)
    assert all(torch.equal(near[name], again[name]) for name in near)


def test_the_live_scene_is_a_browser_over_every_room_and_person(bank):
    class Blank(nn.Module):
        def forward(self, background, image):
            return {"mask": image[:, :1].float() - 300}

    browser = live.live(bank, Blank(), room=1)
    assert browser.controls["room"].max == 2 and set(live.RANGES) < set(browser.controls)
    before = bytes(browser.picture.value)
    assert len(before) < 100_000, "Jupyter drops what is more than about a megabyte a second: ten moves"
    browser.controls["room"].value = 2
    assert bytes(browser.picture.value) != before
