"""Figures of the long studies: what stands where, with one seed or three, and while the table is still filling."""

from io import BytesIO

import pytest
from PIL import Image

from helpers.show import png, studies

COUNTS = (10.0, 30.0, 100.0, 300.0)


def design_rows(seeds=(0, 1, 2)) -> list[dict]:
    """The whole network, one variant that is far worse, and one that is a little better at one thing."""
    scores = {"no pool": (0.855, 0.90, 0.93), "all of it": (0.85, 0.95, 0.93), "no difference": (0.7, 1.0, 0.3)}
    names = ("museum_iou", "rooms_abs_rel", "photos_shaken_iou")
    made = [{"variant": variant, "seed": float(seed)} for seed in seeds for variant in scores]
    return [row | {name: v + 0.001 * row["seed"] for name, v in zip(names, scores[row["variant"]])} for row in made]


def identity_rows(seeds=(0, 1, 2)) -> list[dict]:
    """More of everything is better."""
    most = COUNTS[-1]
    pairs = dict.fromkeys([(c, most) for c in COUNTS] + [(most, c) for c in COUNTS] + [(c, c) for c in COUNTS])
    level = {"baseline_mask_iou": 0.2, "baseline_depth_rmse_m": 2.0}
    made = [{"rooms": rooms, "people": people, "seed": float(seed)} for seed in seeds for rooms, people in pairs]
    return [row | level | {"mask_iou": 0.8 - 1 / row["people"], "depth_rmse_m": 1 + 5 / row["rooms"]} for row in made]


def race_rows(seeds=(0, 1, 2)) -> list[dict]:
    """Two networks with both heads and one with the mask alone."""
    figures = {"roomnet": (0.8, 1.0, 4.0), "masknet": (0.7, "", 8.0), "smp_unet": (0.75, 1.2, 20.0)}
    names = ("mask_iou", "depth_rmse_m", "pictures_per_second")
    level = {"baseline_mask_iou": 0.2, "baseline_depth_rmse_m": 2.0}
    made = [{"network": network, "seed": float(seed)} for seed in seeds for network in figures]
    return [row | level | dict(zip(names, figures[row["network"]])) for row in made]


@pytest.mark.parametrize("seeds", [(0,), (0, 1), (0, 1, 2)])
def test_all_three_are_as_wide_as_the_course_with_any_number_of_seeds(seeds):
    figures = [studies.plot_design(design_rows(seeds)), studies.plot_identities(identity_rows(seeds))]
    figures.append(studies.plot_networks(race_rows(seeds)))
    assert [Image.open(BytesIO(png(figure))).size[0] for figure in figures] == [800] * 3


def test_the_story_says_how_far_each_variant_is_from_the_whole():
    figure = studies.plot_design(design_rows())
    mask, depth, photos = ([text.get_text() for text in axis.texts] for axis in figure.axes)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["all of it", "no difference", "no pool"]
    assert mask == ["0.851", "−0.150", "+0.005"] and depth[2] == "−0.050" and photos[2] == "±0"


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
def test_stages_stand_in_the_order_that_is_asked_for_with_a_dot_per_seed(seeds):
    figure = studies.plot_stages(design_rows(seeds), ["no difference", "all of it"])
    axis = figure.axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["no difference", "all of it"]
    assert [text.get_text() for text in axis.texts] == ["0.70", "0.85"]
    assert [len(line.get_xdata()) for line in axis.lines] == [2, len(seeds), len(seeds)]
    assert Image.open(BytesIO(png(figure))).size[0] == 800


def test_the_costliest_comes_first_wherever_it_is_in_the_table():
    assert studies.costliest_first(design_rows()[::-1]) == ["no difference", "no pool"]
    with pytest.raises(ValueError, match="no run of 'all of it'"):
        studies.costliest_first([row for row in design_rows() if row["variant"] != "all of it"])
