"""Textures and clutter: in range, without seams, and no two alike."""

import numpy as np
import pytest

from helpers.world import clutter, textures
from helpers.world.camera import FAR


def rng(*seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("kind", textures.NAMES)
def test_a_field_repeats_without_a_seam(kind):
    """Over ten tiles, the step across the tile's edge is no larger than the largest step inside is."""
    tiles = np.stack([textures.field(kind, rng(seed), 96) for seed in range(10)])
    assert tiles.dtype == np.float32 and tiles.min() >= 0 and tiles.max() <= 1 and tiles.std() > 0.01
    for stack in (tiles, tiles.transpose(0, 2, 1)):
        inside = np.abs(np.diff(stack, axis=2)).mean((0, 1))  # one mean step per column
        seam = np.abs(stack[:, :, 0] - stack[:, :, -1]).mean()
        assert seam <= 1.2 * inside.max() + 0.02, f"{kind} has a seam: {seam:.3f} against {inside.max():.3f}"


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="No texture called 'velvet'.*weave"):
        textures.field("velvet", rng(0))
    with pytest.raises(ValueError, match="No palette style 'neon'.*wall"):
        textures.palette(rng(0), 3, "neon")


def test_clutter_looks_like_a_collection_of_photographs():
    """Mean, contrast and colour of 60 pictures spread as those of photographs do, grey ones among them."""
    backdrops = [clutter.clutter(rng(2, i), 48) for i in range(60)]
    assert all((each.depth == FAR).all() and not each.depth_valid and not len(each.spots) for each in backdrops)
    pictures = np.stack([each.picture for each in backdrops]) / 255
    means, spreads = pictures.mean((1, 2, 3)), pictures.mean(3).std((1, 2))
    chroma = np.ptp(pictures, axis=3).mean((1, 2))
    assert 0.38 < means.mean() < 0.55 and means.std() > 0.08
    assert 0.12 < np.median(spreads) < 0.26 and spreads.min() > 0.001
    assert 0.08 < np.median(chroma) < 0.25 and 0.03 < (chroma < 0.05).mean() < 0.3
    flat = pictures[:, ::6, ::6].reshape(60, -1)
    distance = np.sqrt(((flat[:, None] - flat[None]) ** 2).mean(2)) + np.eye(60)
    assert distance.min() > 0.02, "two pictures are nearly the same"
