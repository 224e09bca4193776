"""The drawn world: the camera's geometry, exact depth, places to stand, mixtures."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.world import clutter, mixtures
from helpers.world.camera import FAR, Camera
from helpers.world.places import mirror, outdoors, rooms, viewpoints
from helpers.world.places.fittings import ball, box, pole
from helpers.world.raycast import moments, render, scene, trace
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
    walls = (scene.WEST, across, 0), (scene.EAST, across, width), (scene.NORTH, along, length)
    for face, at, place in (*walls, (scene.CEILING, y, height)):
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
    near, far = (8, 40) if kind == "car_park" else (2, 10)
    assert len(x) > 8 and (z >= near).all() and (z <= far).all()
    u, _, _ = drawn.camera.project(x, 0.0, z, 48)
    assert (u > -4).all() and (u < 52).all()


@pytest.mark.parametrize("kind", mixtures.ANY)
def test_any_camera_sees_exact_depth_and_places_where_nothing_stands(kind):
    for seed in range(3):
        made = mixtures.scene_of(np.random.default_rng(seed), kind)
        depth, surface, (_, y, _) = centre_points(made)
        assert np.abs(y[np.isin(surface, (scene.FLOOR, trace.GROUND)) & (depth < FAR)]).max(initial=0) < 5e-3
        solids, (x, z) = made.solids + made.glass, made.spots.T
        assert (viewpoints.gaps(solids, made.x, made.camera.height, made.z) > 0.25).all()
        for solid in solids:
            if 0.03 < solid.y1 and solid.y0 < 1.8:
                assert (viewpoints.gaps([replace(solid, y0=0.0)] * len(x), x, 0.0, z) > 0.04).all()
        if made.shells:
            width, height, length = made.shells[0].high
            assert 0 < made.x < width and 0 < made.z < length and 0.5 <= made.camera.height <= height - 0.2
            assert (np.abs(x - width / 2) < width / 2).all() and (np.abs(z - length / 2) < length / 2).all()
        right, ahead = made.to_camera(x, z)
        u, v, far = made.camera.project(right, np.array((0.1, 0.5, 0.9, 1.3, 1.6))[:, None], ahead, 48)
        assert (((u > 0) & (u < 48) & (v > 0) & (v < 48) & (far > 0)).sum(0) >= 2).all()


def test_several_processes_draw_what_one_draws():
    one, two = (mixtures.draw_cutouts(24, 32, seed=1, mixture="broad", workers=workers) for workers in (1, 2))
    assert all(np.array_equal(a.picture, b.picture) for a, b in zip(one, two, strict=True))


def test_an_unknown_mixture_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match="No mixture called 'zoo'; choose one of museum, broad"):
        mixtures.draw_backdrop(0, 32, mixture="zoo")


def test_a_mirror_is_a_window_with_places_behind_it():
    room, places = mirror.mirror_room(9, 64)
    assert mirror.mirror_room(0, 16)  # whose far wall had an opening into another room
    assert 0.01 < (room.depth == FAR).mean() < 0.3 and places.shape[1:] == (2, 2)
    (x, z), (across, behind) = places[:, 0].T, places[:, 1].T
    assert (behind > z).all() and (np.hypot(across - x, behind - z) > 0.5).all()
    u, _, depth = room.camera.project(across, 1.0, behind, 64)
    assert ((u > 0) & (u < 64) & (depth < FAR)).any(), "somebody there can be seen in it"


def test_depth_is_not_valid_behind_panes_and_in_mirrors_and_nowhere_else():
    made = scene.Scene("test", Camera(), 2.0, 0.5, 0.0, sky=np.ones((4, 4, 3), np.float32))
    made.solids = [box(GREY, 1, 1.5, 0.2, x=1.5, z=3.0)]
    window = scene.Panel(scene.NORTH, 1.0, 3.0, 1.0, 2.0, kind="window", frame=0.05, bars=(2, 1))
    glass = scene.Panel(scene.NORTH, 3.2, 3.8, 0.5, 2.0, kind="mirror", frame=0.05)
    made.shells = [scene.Shell((0.0, 0.0, 0.0), (4.0, 3.0, 6.0), (GREY,) * 6, (window, glass))]
    drawn, at = render.render(made, 96, np.random.default_rng(1)), np.arange(96) + 0.5
    u, v, _ = made.camera.unproject(at[None, :], at[:, None], np.float64(5.5), 96)  # on the wall that faces the camera
    u, v, seen = u + 2 + 0 * v, v + 0 * u, trace.trace(made, trace.camera_rays(made, 96, 1))[1] != trace.SOLIDS
    panes = (v > 1.05) & (v < 1.95) & (((u > 1.05) & (u < 1.95)) | ((u > 2.05) & (u < 2.95)))
    mirrored = (u > 3.25) & (u < 3.75) & (v > 0.55) & (v < 1.95)
    assert (panes & ~seen).any() and (drawn.depth_valid == ~((panes | mirrored) & seen)).all()
    park = outdoors.place(np.random.default_rng(1), "park")
    assert render.render(park, 48, np.random.default_rng(1)).depth_valid.all(), "an open sky is FAR, and valid"


@pytest.mark.parametrize("kind", ["living", "park"])
@pytest.mark.parametrize("family", {**moments.INDOORS, **moments.OUTDOORS})
def test_another_moment_changes_its_own_family_and_nothing_else(kind, family):
    rng = np.random.default_rng(7)
    made = rooms.room(rng, kind) if kind in rooms.KINDS else outdoors.place(rng, kind)
    if family not in (moments.INDOORS if made.shells else moments.OUTDOORS):
        return
    then, seen = family(rng, made), render.look(made, 48)
    before, after = render.light_seen(made, seen), render.light_seen(made, seen)
    assert (before == after).all(), "what is known of a surface is as good as looking again"
    fresh = render.light_seen(then, render.look(then, 48))
    again = render.light_seen(then, render.look_again(made, then, seen))
    if moments.same_places(made, then):
        assert np.array_equal(again, fresh) and (render.look(then, 48).depth == seen.depth).all()
    assert (again == fresh).mean() > 0.95
    if family is moments.sway and made.shells:
        still = [trace.SOLIDS + k for k, solid in enumerate(made.solids) if not solid.material.rough]
        still = np.isin(seen.surface, still) & np.isin(seen.fine_surface, still).reshape(48, 2, 48, 2).all((1, 3))
        assert still.any() and (before[still] == fresh[still]).mean() > 0.95
    if family is moments.drive_clouds:
        assert (before == fresh)[seen.surface != trace.SKY].mean() > 0.95


def test_a_moment_is_the_same_for_the_same_seed_and_leaves_the_picture_alone():
    made = [rooms.room(np.random.default_rng(5), "hall") for _ in range(3)]
    shots = (render.render(each, 48, np.random.default_rng(2), later) for each, later in zip(made, (1.0, 1.0, 0.0)))
    one, same, without = shots
    assert (one.later == same.later).all() and (one.picture == without.picture).all() and without.later is None
    assert one.lights.shape[1] == 4 and 0 < one.lights[:, 3].sum() <= 1 and (np.diff(one.lights[:, 3]) <= 0).all()
    first, second = clutter.moments(np.random.default_rng(4), 48, 48)
    assert (first == clutter.moments(np.random.default_rng(4), 48, 48, later=0.0)[0]).all() and (first != second).any()
    assert (second == clutter.moments(np.random.default_rng(4), 48, 48)[1]).all()


def test_the_sun_is_a_far_light_where_it_stands():
    made = outdoors.place(np.random.default_rng(6), "square")
    made.lamps, made.yaw = [], 0.5
    lights = render.lights_of(made, render.look(made, 48))
    across, along = made.to_scene(*lights[0, [0, 2]].astype(float))
    towards = np.array((across - made.x, lights[0, 1], along - made.z)) / 1000
    np.testing.assert_allclose(towards, made.sun[:3], atol=1e-4)
