"""Props (solids that stand) and shapes (anything pasted): clean cut-outs, drawn from a seed, of every outline."""

from collections import Counter

import numpy as np
import pytest

from helpers.world.props import MAKERS, pen, prop, shapes, solids
from helpers.world.props.shapes import KINDS, shape

SIZE, COUNT = 96, 70


def draw(maker, count=COUNT, size=SIZE):
    return [maker(np.random.default_rng([7, i]), size) for i in range(count)]


@pytest.fixture(scope="module")
def props():
    return draw(prop)


@pytest.fixture(scope="module")
def pieces():
    return draw(shape)


@pytest.mark.parametrize("maker", [prop, shape])
def test_same_seed_same_bytes(maker):
    for first, again in zip(draw(maker, 12), draw(maker, 12), strict=True):
        assert first.picture.tobytes() == again.picture.tobytes() and first.metres == again.metres


@pytest.mark.parametrize("maker", [prop, shape])
@pytest.mark.parametrize("size", [32, 96])
def test_picture_is_tight_and_about_the_size_asked_for(maker, size):
    longest = []
    for cutout in draw(maker, 25, size):
        alpha = cutout.picture[..., 3]
        assert cutout.picture.dtype == np.uint8 and cutout.picture.shape[2] == 4
        assert all(line.any() for line in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]))
        longest.append(max(alpha.shape) / size)
    assert max(longest) <= 1.1 and 0.7 <= np.median(longest) <= 0.9


def test_labels_kinds_and_metres(props, pieces):
    assert {(c.label, c.kind, c.stands) for c in props} == {(0, "prop", True)}
    assert {(c.label, c.metres, c.stands) for c in pieces} == {(0, 1.0, False)}
    assert {c.kind for c in pieces} <= set(KINDS)
    metres = np.array([c.metres for c in props])
    assert 0.2 < metres.min() and metres.max() < 2.6 and metres.std() > 0.2


def test_no_prop_is_wider_than_a_room_leaves_space_for(props):
    assert max(c.metres * c.picture.shape[1] / c.picture.shape[0] for c in props) <= 2.3


def test_inside_is_opaque_and_the_edge_is_smooth(props, pieces):
    smooth = 0
    for cutout in props + pieces:
        alpha = cutout.picture[..., 3].astype(float) / 255
        inside = alpha[2:-2, 2:-2] if min(alpha.shape) > 8 else alpha
        if cutout.kind in ("prop", "blob", "bottle", "vehicle", "bag"):
            assert alpha.max() == 1 and (inside > 0.99).mean() > 0.5 * (inside > 0.5).mean()
        smooth += ((alpha > 0.1) & (alpha < 0.9)).any()
    assert smooth > 0.9 * len(props + pieces)


def test_a_solid_box_is_opaque_through_and_through():
    rng = np.random.default_rng(0)
    faces, colours = solids.box_faces(1, 1, 1, [(0.5, 0.5, 0.5)])
    points = solids.project(faces, 0.6, 0.2)
    points = (points - points.reshape(-1, 3).min(0)) * 40
    face = solids.raster(points, 70, 70)
    lit = solids.shade_faces(points, colours, rng.uniform(0.5, 1, 3))
    assert len(np.unique(lit[face[face >= 0]], axis=0)) == 3  # a box shows three sides, each of one colour
    rows = [np.flatnonzero(row >= 0) for row in face if (row >= 0).any()]
    assert all(np.ptp(row) + 1 == len(row) for row in rows)  # convex: no gap in any row


def test_the_nearer_solid_hides_the_other():
    near, far = solids.box_faces(1, 1, 0.1, [(1, 0, 0)], (0, 0, 1)), solids.box_faces(1, 1, 0.1, [(0, 1, 0)], (0, 0, 3))
    for order in ([near, far], [far, near]):
        faces, colours = (np.concatenate(part) for part in zip(*order, strict=True))
        points = solids.project(faces, 0.0, 0.0)
        points = (points - points.reshape(-1, 3).min(0)) * 30
        face = solids.raster(points, 30, 30)
        assert (colours[face] == (1, 0, 0)).all()


def test_cover_is_exact_for_boxes_and_discs_and_unions():
    assert np.isclose(pen.cover([pen.rect(2.5, 3.0, 7.25, 8.0)], 12, 12).sum(), 4.75 * 5, atol=1e-4)
    disc = pen.disc(10, 10, 8, points=200)
    assert np.isclose(pen.cover([disc], 20, 20).sum(), np.pi * 64, rtol=0.005)
    halves = [pen.rect(2, 2, 8, 8), pen.rect(5, 5, 11.5, 11)[::-1]]  # they overlap, and run opposite ways round
    assert np.isclose(pen.cover(halves, 14, 14).sum(), 36 + 39 - 9, atol=1e-3)
    assert pen.cover([disc + 100], 20, 20).sum() == 0


def test_cover_cuts_what_lies_outside_the_canvas():
    whole = pen.cover([pen.disc(20, 20, 12)], 40, 40)
    part = pen.cover([pen.disc(20, 20, 12) - [15, 13]], 20, 20)
    assert np.allclose(part, whole[13:33, 15:35], atol=1e-5)


def test_every_kind_can_be_drawn_many_times():
    for name in {*KINDS} - {"photo", "noise"}:
        for i in range(6):
            layers = shapes.outline(np.random.default_rng([i, 3]), name)
            points = np.concatenate([p for _, polygons in layers for p in polygons])
            assert np.isfinite(points).all() and np.ptp(points, 0).min() > 0, name


def test_shapes_differ_in_aspect_area_and_colour(pieces):
    aspect = np.array([np.log2(c.picture.shape[1] / c.picture.shape[0]) for c in pieces])
    area = np.array([(c.picture[..., 3] >= 128).mean() for c in pieces])
    mean = np.array(
        [c.picture[c.picture[..., 3] > 200][:, :3].mean(0) for c in pieces if c.picture[..., 3].max() > 200]
    )
    spread = np.array([c.picture[c.picture[..., 3] > 0][:, :3].std() for c in pieces])
    assert aspect.min() < -1.5 and aspect.max() > 1.2 and abs(np.median(aspect)) < 0.8
    assert aspect.min() > -4.5 and aspect.max() < 3.2
    assert np.quantile(area, 0.1) < 0.3 and np.quantile(area, 0.9) > 0.65
    assert mean.std(0).min() > 35 and np.quantile(spread, 0.1) < 20 < 50 < np.quantile(spread, 0.9)
    assert len(Counter(c.kind for c in pieces)) > 20


def test_every_maker_of_props_gives_a_solid_on_the_floor():
    for _, make, low, high in MAKERS:
        for i in range(8):
            made = make(np.random.default_rng(i), np.full((4, 3), 0.5))
            faces = np.concatenate([part[0] for part in made])
            assert np.isfinite(faces).all() and abs(faces[..., 1].min()) < 0.05 and 0.3 <= low < high <= 1.8
