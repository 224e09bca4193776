"""People and animals: the same for the same seed, clean at the edges, of human size, and varied."""

import numpy as np
import pytest

from helpers.world.people import person
from helpers.world.people.cloth import plain_cloth
from helpers.world.people.creatures import creature
from helpers.world.people.easel import draw
from helpers.world.people.figures import ball_part, reach

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


def test_animals_are_creatures_of_their_size():
    for i in range(16):
        cutout = creature(rng(i), 64)
        alpha = cutout.picture[..., 3]
        assert cutout.kind == "creature" and cutout.label == 0 and 0.15 < cutout.metres < 3.2
        assert alpha[0].any() and alpha[-1].any() and alpha[:, 0].any() and alpha[:, -1].any()
        assert abs(len(alpha) - 0.8 * 64) <= 3
    assert creature(rng(2), 64).picture.tobytes() == creature(rng(2), 64).picture.tobytes()


@pytest.mark.parametrize("goal", [(0.1, -0.5, 0.2), (0.0, -2.0, 0.0), (0.01, 0.0, 0.0)])
def test_limbs_keep_their_lengths_wherever_they_reach(goal):
    root = np.zeros(3)
    middle, end = reach(root, np.array(goal), 0.3, 0.28, np.array([0.0, 0.0, 1.0]))
    assert np.isclose(np.linalg.norm(middle - root), 0.3) and np.isclose(np.linalg.norm(end - middle), 0.28)


def test_the_nearer_solid_hides_the_farther_one():
    red, blue = plain_cloth(np.array([0.8, 0.0, 0.0])), plain_cloth(np.array([0.0, 0.0, 0.8]))
    parts = [ball_part([0, 1, 0.5], (0.4, 0.4, 0.1), red), ball_part([0, 1, -0.5], (0.8, 1.0, 0.1), blue)]
    picture = draw(parts, 64, rng(0), "prop", 0).picture
    middle, edge = picture[len(picture) // 2, picture.shape[1] // 2], picture[len(picture) // 6, picture.shape[1] // 2]
    assert middle[0] > 100 > middle[2] and edge[2] > 100 > edge[0]
    assert (picture[..., 3] > 250).mean() > 0.65  # an ellipse without holes
