"""The background is laid over the image: shifts, turns and light are undone, and what has not moved stays as it is."""

import pytest
import torch

from helpers import data
from helpers.models.align import align, warp

SIZE = 96


@pytest.fixture(scope="module")
def rooms():
    """Eight drawn backgrounds, 0..1."""
    bank = data.Bank.draw(8, 1, SIZE, seed=3)
    return torch.from_numpy(bank.planes.copy()).float() / 255


def error(first, second) -> float:
    """Median difference, away from the rim that the other picture does not show."""
    return (first - second)[..., 8:-8, 8:-8].abs().median().item()


def test_the_same_picture_stays_the_same_to_the_last_bit(rooms):
    assert torch.equal(align(rooms, rooms), rooms)


def test_somebody_who_entered_moves_nothing(rooms):
    image = rooms.clone()
    image[:, :, 30:90, 20:60] = 0.5
    assert torch.equal(align(rooms, image), rooms)


@pytest.mark.parametrize("size", [(96, 96), (72, 128), (130, 97)])
@pytest.mark.parametrize("moves", [(0.05, -0.03, 0, 0), (0, 0, 0.04, 0), (0.02, 0.02, -0.03, 0.04)])
def test_a_move_of_the_camera_is_undone(rooms, moves, size):
    rooms = torch.nn.functional.interpolate(rooms, size=size, mode="bilinear")
    image = warp(rooms, torch.tensor([moves]).expand(len(rooms), -1))
    image[:, :, 30:60, 20:50] = 0.5  # somebody came in, too
    assert error(align(rooms, image), image) < 0.004 < 0.01 < error(rooms, image)


def test_a_change_of_light_is_undone_in_each_colour(rooms):
    image = rooms * torch.tensor([0.7, 0.9, 0.8])[:, None, None]
    assert error(align(rooms, image), image) < 0.003


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_picture_without_anything_on_it_is_no_problem(value):
    blank = torch.full((2, 3, 40, 56), value)
    found = align(blank, blank)
    assert torch.isfinite(found).all() and torch.equal(found, blank)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 200), (17, 16), (700, 500)])
def test_any_size(size):
    torch.manual_seed(0)
    first, second = torch.rand(2, 1, 3, *size)
    found = align(first, second)
    assert found.shape == first.shape and torch.isfinite(found).all() and 0 <= found.min() and found.max() <= 1


def test_each_picture_of_a_batch_is_on_its_own(rooms):
    image = warp(rooms, torch.linspace(-0.05, 0.05, len(rooms))[:, None] * torch.ones(4))
    whole = align(rooms, image)
    assert all(torch.allclose(align(rooms[i : i + 1], image[i : i + 1])[0], whole[i], atol=2e-3) for i in range(8))


def test_somebody_in_more_than_half_of_a_moved_picture_does_not_hide_the_move(rooms):
    image = warp(rooms, torch.tensor([[0.05, 0.04, 0.05, 0.02]]).expand(len(rooms), -1))
    image[:, :, 8:88, 30:90] = rooms.flip(0)[:, :, 8:88, 30:90]
    left = (align(rooms, image) - image)[:, :, 10:86, 6:22].abs().flatten(1).median(1).values
    assert left.mean() < 0.009  # .016 without aligning, and .012 from the start that phase correlation finds alone
