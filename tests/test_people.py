"""People and animals: the same for the same seed, clean at the edges, of human size, and varied."""

import numpy as np
import pytest

from helpers.world.people import person

SIZES = (40, 96)


def rng(i: int) -> np.random.Generator:
    return np.random.default_rng([5, i])


@pytest.fixture(scope="module")
def crowd() -> list:
    return [person(rng(i), 96) for i in range(24)]


def test_the_same_seed_gives_the_same_bytes(crowd):
    again = person(rng(3), 96)
    assert again.picture.tobytes() == crowd[3].picture.tobytes()
    assert again.metres == crowd[3].metres


def test_cutouts_are_cropped_tightly_and_softly(crowd):
    for cutout in crowd:
        alpha = cutout.picture[..., 3]
        assert cutout.picture.dtype == np.uint8 and cutout.label == 1 and cutout.kind in ("person", "group")
        assert alpha[0].any() and alpha[-1].any() and alpha[:, 0].any() and alpha[:, -1].any()
        assert ((alpha > 0) & (alpha < 255)).any() and (alpha == 255).mean() > 0.1


@pytest.mark.parametrize("size", SIZES)
def test_people_are_as_high_as_asked_and_of_human_size(size):
    for i in range(6):
        cutout = person(rng(i), size)
        assert abs(len(cutout.picture) - 0.8 * size) <= 3
        assert 0.8 < cutout.metres < 2.7


def test_people_differ(crowd):
    colours = np.array([c.picture[..., :3][c.picture[..., 3] > 127].mean(0) for c in crowd])
    shapes = np.array([c.picture.shape[1] / c.picture.shape[0] for c in crowd])
    assert (colours.std(0) > 12).all() and shapes.std() > 0.04
