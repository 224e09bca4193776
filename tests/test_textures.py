"""Textures, paintings and clutter: same seed, same bytes; no seams; in range; no two alike."""

import numpy as np
import pytest

from helpers.world import clutter, textures
from helpers.world.camera import FAR
from helpers.world.textures import abstracts, paintings
from helpers.world.textures.brush import Canvas


def rng(*seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("kind", textures.NAMES)
def test_a_field_is_the_same_for_the_same_seed_and_in_range(kind):
    one, two, other = (textures.field(kind, rng(seed)) for seed in (1, 1, 2))
    assert one.shape == (128, 128) and one.dtype == np.float32
    assert one.min() >= 0 and one.max() <= 1 and one.std() > 0.01
    assert np.array_equal(one, two)
    if kind not in ("weave", "dots", "checks"):  # the few whose draws come from a handful of settings
        assert not np.array_equal(one, other)


@pytest.mark.parametrize("kind", textures.NAMES)
def test_a_field_repeats_without_a_seam(kind):
    """Over ten tiles, the step across the tile's edge is no larger than the largest step inside is."""
    tiles = np.stack([textures.field(kind, rng(seed), 96) for seed in range(10)])
    for stack in (tiles, tiles.transpose(0, 2, 1)):
        inside = np.abs(np.diff(stack, axis=2)).mean((0, 1))  # one mean step per column
        seam = np.abs(stack[:, :, 0] - stack[:, :, -1]).mean()
        assert seam <= 1.2 * inside.max() + 0.02, f"{kind} has a seam: {seam:.3f} against {inside.max():.3f}"


@pytest.mark.parametrize("size", [50, 256])
def test_fields_come_in_any_size(size):
    for kind in textures.NAMES:
        assert textures.field(kind, rng(3), size).shape == (size, size)


def test_every_texture_has_a_length_and_a_group():
    assert set(textures.METRES) == set(textures.NAMES) and all(0 < m <= 5 for m in textures.METRES.values())
    assert {name for group in textures.GROUPS.values() for name in group} == set(textures.NAMES)
    assert {"wood", "stone", "fabric", "pattern", "nature", "floor", "wall"} <= set(textures.GROUPS)


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="No texture called 'velvet'.*weave"):
        textures.field("velvet", rng(0))
    with pytest.raises(ValueError, match="No palette style 'neon'.*wall"):
        textures.palette(rng(0), 3, "neon")


@pytest.mark.parametrize("style", [*textures.STYLES, "any", "grey"])
def test_palettes(style):
    for n in (1, 2, 5):
        colours = textures.palette(rng(4), n, style)
        assert colours.shape == (n, 3) and colours.dtype == np.float32
        assert colours.min() >= 0 and colours.max() <= 1
        assert np.array_equal(colours, textures.palette(rng(4), n, style))


def test_a_ramp_goes_through_its_colours():
    colours = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 1]], np.float32)
    picture = textures.colour(np.array([[0.0, 0.25, 0.5, 1.0]]), colours)
    assert picture.shape == (1, 4, 3) and picture.dtype == np.float32
    assert np.allclose(picture[0], [[0, 0, 0], [0.5, 0, 0], [1, 0, 0], [1, 1, 1]], atol=0.01)


def test_paintings_have_the_size_asked_for_and_differ():
    assert paintings.painting(rng(0), 64).shape == (64, 64, 3)
    assert paintings.painting(rng(0), 60, 1.5).shape == (40, 60, 3)
    assert paintings.painting(rng(0), 60, 0.5).shape == (60, 30, 3)
    assert paintings.painting(rng(0), 8).dtype == np.uint8
    assert np.array_equal(paintings.painting(rng(5)), paintings.painting(rng(5)))
    assert len({paintings.painting(rng(seed), 24).tobytes() for seed in range(60)}) == 60


@pytest.mark.parametrize("genre", paintings.GENRES)
def test_every_genre_paints_every_format(genre):
    for h, w in ((32, 32), (20, 40), (40, 20), (9, 9)):
        canvas = Canvas(h, w)
        genre(rng(7), canvas)
        assert canvas.pixels.shape == (h, w, 3) and np.isfinite(canvas.pixels).all()


@pytest.mark.parametrize("draw", clutter.SCENES)
def test_every_scene_is_drawn_at_any_size_the_same_twice(draw):
    picture = clutter.scene(rng(8), 24, 40, draw)
    assert picture.shape == (24, 40, 3) and picture.dtype == np.uint8
    assert np.array_equal(picture, clutter.scene(rng(8), 24, 40, draw))


def test_clutter_has_no_place_in_space():
    backdrop = clutter.clutter(rng(1), 48)
    assert backdrop.picture.shape == (48, 48, 3) and backdrop.picture.dtype == np.uint8
    assert backdrop.depth.dtype == np.float32 and (backdrop.depth == FAR).all()
    assert backdrop.kind == "clutter" and not backdrop.depth_known and backdrop.spots.shape == (0, 2)


def test_clutter_looks_like_a_collection_of_photographs():
    """Mean, contrast and colour of 60 pictures spread as those of photographs do, grey ones among them."""
    pictures = np.stack([clutter.clutter(rng(2, i), 48).picture for i in range(60)]) / 255
    means, spreads = pictures.mean((1, 2, 3)), pictures.mean(3).std((1, 2))
    chroma = np.ptp(pictures, axis=3).mean((1, 2))
    assert 0.38 < means.mean() < 0.55 and means.std() > 0.08
    assert 0.12 < np.median(spreads) < 0.26 and spreads.min() > 0.001
    assert 0.08 < np.median(chroma) < 0.25 and 0.03 < (chroma < 0.05).mean() < 0.3
    flat = pictures[:, ::6, ::6].reshape(60, -1)
    distance = np.sqrt(((flat[:, None] - flat[None]) ** 2).mean(2)) + np.eye(60)
    assert distance.min() > 0.02, "two pictures are nearly the same"


def test_patches():
    patches = [clutter.texture_patch(rng(3, i), 24, 40) for i in range(80)]
    assert all(patch.shape == (24, 40, 3) and patch.dtype == np.uint8 for patch in patches)
    assert len({patch.tobytes() for patch in patches}) == 80
    assert np.array_equal(patches[5], clutter.texture_patch(rng(3, 5), 24, 40))
    assert clutter.texture_patch(rng(4), 1, 1).shape == (1, 1, 3)


def test_lettering_stays_on_its_lines():
    canvas = Canvas(60, 60, (1, 1, 1))
    abstracts.lettering(rng(1), canvas, 0.1, 0.4, 0.8, 0.05, 2, (0, 0, 0))
    ink = np.argwhere(canvas.pixels.mean(2) < 0.8)
    assert len(ink) and ink[:, 0].min() > 20 and ink[:, 0].max() < 40
