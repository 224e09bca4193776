"""The drawn world: the camera's geometry, exact depth, places to stand, mixtures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.world import mixtures
from helpers.world.camera import FAR, Camera
from helpers.world.places import mirror, outdoors, rooms
from helpers.world.places.fittings import ball, box, pole
from helpers.world.raycast import render, scene, trace
from helpers.world.raycast.materials import plain_material

GREY = plain_material((0.5, 0.5, 0.5))


def centre_points(made, size=48):
    """Depth, surface and world points (camera coordinates) of each pixel's centre ray."""
    depth, surface = trace.trace(made, trace.camera_rays(made, size, 1))
    at = np.arange(size) + 0.5
    return depth, surface, made.camera.unproject(at[None, :], at[:, None], depth, size)


@given(st.floats(-3, 3), st.floats(0, 3), st.floats(1, 15), st.floats(-0.2, 0.3), st.sampled_from([64, 96, 224]))
def test_a_point_comes_back_from_its_pixel(x, y, z, pitch, size):
    eye = Camera(pitch=pitch)
    back = eye.unproject(*eye.project(x, y, z, size), size)
    np.testing.assert_allclose(back, (x, y, z), atol=1e-6)


@pytest.mark.parametrize("kind", rooms.KINDS)
def test_floor_and_walls_are_where_the_plan_says(kind):
    made = rooms.room(np.random.default_rng(3), kind)
    depth, surface, (x, y, z) = centre_points(made)
    across, along = made.to_scene(x, z)
    width, height, length = made.shells[0].high
    floor = surface == scene.FLOOR
    assert np.abs(y[floor]).max(initial=0) < 1e-3
    for face, at, place in (
        (scene.WEST, across, 0),
        (scene.EAST, across, width),
        (scene.NORTH, along, length),
        (scene.CEILING, y, height),
    ):
        assert np.abs(at[surface == face] - place).max(initial=0) < 2e-3
    assert 4 <= width <= 10 and 5 <= length <= 14


def test_solids_are_hit_where_algebra_says():
    made = scene.Scene("test", Camera(), 0.0, 0.0, 0.0, ground=GREY, sky=np.ones((4, 4, 3), np.float32))
    made.solids = [box(GREY, 1, 3, 1, z=4.5), ball(GREY, 2, 2, x=-4, z=8, y=0.6), pole(GREY, 2, 3, x=4, z=8)]
    depth, surface, (x, y, z) = centre_points(made, 96)
    assert np.allclose(depth[surface == trace.SOLIDS].min(), 4.0)
    on_ball, on_pole = surface == trace.SOLIDS + 1, surface == trace.SOLIDS + 2
    assert on_ball.any() and on_pole.any()
    assert np.allclose(np.sqrt((x + 4) ** 2 + (y - 1.6) ** 2 + (z - 8) ** 2)[on_ball], 1, atol=1e-3)
    assert np.allclose(np.hypot(x - 4, z - 8)[on_pole], 1, atol=1e-3)
    assert (depth[surface == trace.SKY] > FAR).all()


@pytest.mark.parametrize("kind", [*rooms.KINDS, *outdoors.KINDS])
def test_backdrops_are_whole(kind):
    rng = np.random.default_rng(11)
    made = rooms.room(rng, kind) if kind in rooms.KINDS else outdoors.place(rng, kind)
    drawn = render.render(made, 48, rng)
    assert drawn.picture.shape == (48, 48, 3) and drawn.picture.dtype == np.uint8
    assert drawn.depth.shape == (48, 48) and drawn.depth.dtype == np.float32
    assert 0 < drawn.depth.min() and drawn.depth.max() <= FAR and np.isfinite(drawn.depth).all()
    assert drawn.picture.std() > 8, "a picture of nearly one colour"
    x, z = drawn.spots.T
    assert len(x) > 8 and (z >= 2).all() and (z <= 10).all()
    u, _, _ = drawn.camera.project(x, 0.0, z, 48)
    assert (u > -4).all() and (u < 52).all()


def test_nobody_is_sent_to_stand_inside_furniture_or_walls():
    for seed in range(6):
        made = rooms.room(np.random.default_rng(seed), "office")
        x, z = made.spots.T
        width, _, length = made.shells[0].high
        assert (x > 0.3).all() and (x < width - 0.3).all() and (z > 0.3).all() and (z < length - 0.3).all()
        for solid in made.solids:
            inside = np.hypot(x - solid.x, z - solid.z) < min(solid.w, solid.d) / 2
            assert not inside.any() or solid.y0 > 1.8


def test_several_processes_draw_what_one_draws():
    one = mixtures.draw_cutouts(24, 32, seed=1, mixture="broad", workers=1)
    two = mixtures.draw_cutouts(24, 32, seed=1, mixture="broad", workers=2)
    assert all(
        (a.picture.shape == b.picture.shape) and (a.picture == b.picture).all() for a, b in zip(one, two, strict=True)
    )


def test_an_unknown_mixture_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match="No mixture called 'zoo'; choose one of museum, broad"):
        mixtures.draw_backdrop(0, 32, mixture="zoo")


def test_a_mirror_is_a_window_with_places_behind_it():
    room, places = mirror.mirror_room(9, 64)
    assert 0.01 < (room.depth == FAR).mean() < 0.3 and places.shape[1:] == (2, 2)
    (x, z), (across, behind) = places[:, 0].T, places[:, 1].T
    assert (behind > z).all() and (np.hypot(across - x, behind - z) > 0.5).all()
    u, _, depth = room.camera.project(across, 1.0, behind, 64)
    assert ((u > 0) & (u < 64) & (depth < FAR)).any(), "somebody there can be seen in it"
