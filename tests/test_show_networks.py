"""Figures of what a network sees and costs: the course's width, the same bytes each time, and the right pixels."""

from io import BytesIO

import numpy as np
from PIL import Image

from helpers.show import networks, png


def size_of(figure) -> tuple[int, int]:
    return Image.open(BytesIO(png(figure))).size


def test_scanlines_are_one_panel_per_name():
    line = np.linspace(0, 255, 40)
    figure = networks.scanlines({"aligned": (line, line[::-1], line > 200), "camera": (line, line, line * 0)})
    assert [axis.get_ylabel() for axis in figure.axes] == ["aligned", "camera"] and size_of(figure)[0] == 800
    assert png(figure) == png(figure)


def test_what_is_not_seen_stays_white():
    picture, gradient = np.zeros((20, 20, 3), np.uint8), np.zeros((20, 20))
    gradient[7:14, 7:14] = 0.5
    figure = networks.sight(picture, (10, 10), {"MaskNet": gradient, "all": gradient + 1})
    seven, everything = (axis.images[0].get_array() for axis in figure.axes[1:3])
    assert seven.count() == 49 and everything.count() == 400 and size_of(figure)[0] == 800


def test_a_network_without_influence_is_drawn_too():
    networks.sight(np.zeros((3, 8, 8), np.uint8), (4, 4), {"none": np.zeros((8, 8))})


def test_costs_print_their_numbers():
    figure = networks.costs({"small": (76_097, 115.8e6), "large": (11_176_512, 30.1e6)})
    numbers, memory = ([text.get_text() for text in axis.texts] for axis in figure.axes)
    assert numbers == ["0.076", "11.2"] and memory == ["116", "30.1"]
