"""The live scene: a room, a person, a place and a light by sliders, composed and answered as they move."""

from __future__ import annotations

from functools import partial

import numpy as np
from PIL import Image
from torch import nn

from .. import data
from .answers import answer, ask
from .browse import Browser, browse

RANGES = {  # of each slider: lowest, highest, step, where it starts
    "x": (-3.0, 3.0, 0.1, 0.0),  # metres to the right of the camera
    "distance": (2.0, 10.0, 0.1, 4.0),  # metres along the floor
    "light": (-2.5, 2.5, 0.1, 0.0),  # standard deviations: how bright the person is against the room
    "shake": (0.0, 6.0, 0.25, 1.5),  # pixels at 96
    "exposure": (-0.5, 0.5, 0.05, 0.1),  # how much brighter the second picture is
}


def row(bank, room: int, person: int, x: float, distance: float, light: float = 0.0) -> np.ndarray:
    """One row of the table: this person in this room at (x, distance) metres; light in standard deviations."""
    if distance <= 0:
        raise ValueError(f"Somebody who stands {distance} m away is not in front of the camera: give more than 0.")
    one = data.random_rows(bank, 1, rooms=[room], things=[person])
    one["x"], one["z"], one["light"], one["flip"] = x, distance, light, False
    one["shake"], one["exposure"] = (0.8, -0.6), 1.0  # a shake of length 1, an exposure of one deviation
    return one


def scene(bank, room=0, person=0, x=0.0, distance=4.0, light=0.0, shake=0.0, exposure=0.0) -> dict:
    """A batch of one: the scene with these settings, with the noise of a `camera`."""
    camera = data.Difficulty(shake=shake / 96, exposure=exposure, noise=data.DIFFICULTIES["camera"].noise)
    return data.compose(bank, row(bank, room, person, x, distance, light), camera)


def picture(bank, network: nn.Module, **settings) -> Image.Image:
    """The scene with these settings, and what the network says to it."""
    batch = scene(bank, **settings)
    return answer(batch, ask(network, batch), 0)


def live(bank, network: nn.Module, room: int = 0, person: int = 0, still=None) -> Browser:
    """Sliders over `picture` for all rooms and people of a bank."""
    row(bank, room, person, 0.0, 4.0)  # says what there is, where one of them is beyond the bank
    ranges = {"room": (0, len(bank.pictures) - 1, 1, room), "person": (0, len(bank.cutouts) - 1, 1, person)}
    return browse(partial(picture, bank, network), still, clock=True, **ranges, **RANGES)
