"""Networks: the parameter counts, shapes and errors that the course states."""

import pytest
import torch

from helpers import models


def pair(size: tuple[int, int] = (24, 24), count: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    """Two batches of noise, uint8."""
    rng = torch.Generator().manual_seed(0)
    return tuple(torch.randint(0, 256, (count, 3, *size), dtype=torch.uint8, generator=rng) for _ in range(2))


def test_masknet_has_exactly_the_known_number_of_parameters():
    assert models.count_parameters(models.build("masknet")) == 76_097


@pytest.mark.parametrize("size", [(1, 1), (24, 24), (17, 33)])
def test_masknet_answers_at_full_size_for_any_size(size):
    network = models.build("masknet").eval()
    assert network(*pair(size))["mask"].shape == (2, 1, *size)


def test_bytes_and_floats_are_the_same_picture():
    network = models.build("masknet").eval()
    background, image = pair()
    from_bytes = network(background, image)["mask"]
    from_floats = network(background / 255, image / 255)["mask"]
    assert torch.allclose(from_bytes, from_floats, atol=1e-5)


def test_normalised_pictures_lie_around_zero():
    picture = torch.tensor([0, 255], dtype=torch.uint8).view(1, 1, 1, 2).expand(1, 3, 1, 2)
    assert models.normalise(picture).unique().tolist() == [-2.0, 2.0]


def test_masknet_sees_seven_pixels_across():
    network = models.build("masknet").eval()
    background, image = (picture.float().div(255).requires_grad_() for picture in pair((15, 15), 1))
    network(background, image)["mask"][0, 0, 7, 7].backward()
    for picture in (background, image):
        rows = picture.grad.abs().sum((0, 1, 3)).nonzero().flatten()
        assert 4 <= rows.min() and rows.max() <= 10


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="no network called 'maskned'.*masknet"):
        models.build("maskned")


def test_a_grey_picture_is_refused_with_its_shape():
    with pytest.raises(ValueError, match=r"N 3 H W.*\(2, 1, 8, 8\)"):
        models.build("masknet")(torch.zeros(2, 1, 8, 8), torch.zeros(2, 1, 8, 8))
