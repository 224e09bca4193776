"""Cut-outs of every maker: cropped tightly, soft at the edge, of the size asked for, with their label and metres."""

import numpy as np
import pytest

from helpers.world.people import person
from helpers.world.people.cloth import plain_cloth
from helpers.world.people.creatures import creature
from helpers.world.people.easel import draw
from helpers.world.people.figures import box_part
from helpers.world.props import prop, sphere, vehicle
from helpers.world.props.shapes import shape

MAKERS = {  # its label, whether it stands, and the range of its metres
    person: (1, True, 0.8, 2.7),
    creature: (0, True, 0.15, 4.5),
    prop: (0, True, 0.2, 2.6),
    vehicle: (0, True, 1.3, 3.2),
    shape: (0, False, 1.0, 1.0),
}


@pytest.mark.parametrize("size", [40, 96])
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_cutout_is_tight_soft_and_as_large_as_asked(make, size):
    label, stands, low, high = MAKERS[make]
    made = [make(np.random.default_rng([5, number]), size) for number in range(24)]
    for one in made:
        alpha = one.picture[..., 3]
        assert one.picture.dtype == np.uint8 and (one.label, one.stands) == (label, stands)
        assert low <= one.metres <= high
        assert all(line.any() for line in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]))
    soft = [((one.picture[..., 3] > 25) & (one.picture[..., 3] < 230)).any() for one in made]
    sides = [max(one.picture.shape[: 1 if make in (person, creature) else 2]) / size for one in made]
    assert np.mean(soft) > 0.9 and max(sides) <= 1.1 and 0.7 <= np.median(sides) <= 0.9


def test_they_differ_and_props_fit_into_a_room():
    shapes, props = ([make(np.random.default_rng([7, number]), 64) for number in range(70)] for make in (shape, prop))
    assert len({one.kind for one in shapes}) > 20
    metres = np.array([one.metres for one in props])
    assert metres.std() > 0.2
    assert max(metres * [one.picture.shape[1] / one.picture.shape[0] for one in props]) <= 2.3, "as wide as a door"


GREY = plain_cloth(np.full(3, 0.5))


@pytest.mark.parametrize("pitch", [0.2, 0.6, 1.0])
def test_what_is_looked_down_upon_keeps_its_foot_and_its_metres(pitch):
    """A pole 1.7 m high, seen from far away, is 1.7 cos(pitch) high, and its head is 1.7 sin(pitch) nearer."""
    pole = box_part((0, 0.85, 0), (0.02, 0.85, 0.02), GREY)
    made = draw([pole], 120, np.random.default_rng(0), "pole", 0, (1.6, 500.0), pitch)
    assert made.metres * (1 - made.foot) == pytest.approx(1.7 * np.cos(pitch), abs=0.05)
    assert made.relief[2].max() == pytest.approx(1.7 * np.sin(pitch), abs=0.06) and made.pitch == pitch
    assert made.foot * made.metres == pytest.approx(0.02 * np.sin(pitch), abs=0.03)


@pytest.mark.parametrize("pitch", [0.0, 0.7])
def test_relief_is_the_depth_of_the_solid_and_goes_on_beyond_its_rim(pitch):
    """A ball of 0.5 m that lies on the floor is nearer than its foot by its radius and what the pitch adds."""
    made = draw([sphere(0.5, GREY)], 96, np.random.default_rng(0), "ball", 0, (0.5, 500.0), pitch)
    relief, covered = made.relief.astype(float), made.picture[..., 3] == 255
    down, right = ((np.arange(n) + 0.5 - n / 2) * made.metres / len(relief) for n in relief.shape)
    ahead, raised = np.sqrt(np.maximum(0.25 - down[:, None] ** 2 - right**2, 0)), 0.5 * np.sin(pitch)
    assert np.abs(relief - ahead - raised)[covered & (ahead > 0.2)].max() < 0.03
    middle = relief[len(relief) // 2]
    assert middle.max() - raised == pytest.approx(0.5, abs=0.01)
    assert (relief[covered.any(1)].min(1) > raised - 0.1).all(), "no holes beside it"
