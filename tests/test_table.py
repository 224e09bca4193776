"""The table: reproducible, small, people stand where they can be seen, nobody is on two sides."""

import fakes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data import assert_disjoint, grid, projected_frames, random_rows, split
from helpers.data.table import project_points, visible_share
from helpers.world.camera import Camera


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**63), st.sampled_from([1, 3, (0, 2)]))
def test_row_i_does_not_depend_on_the_length(short, more, seed, objects):
    bank = fakes.bank(clutters=1, shapes=1)
    rows, longer = (random_rows(bank, length, seed, objects) for length in (short, short + more))
    assert rows.tobytes() == longer[:short].tobytes()


def test_a_grid_with_fewer_places_is_the_start_of_a_larger_one():
    small, large = (grid(fakes.bank(), places) for places in (2, 5))
    assert len(large) == 3 * 4 * 2 * 5 and small.tobytes() == large[: len(small)].tobytes()


def test_the_grid_has_every_room_with_every_thing_both_ways_equally_often():
    rows = grid(fakes.bank(), 3, rooms=[0, 2], things=[1, 3])
    columns = rows["room"], rows["thing"][:, 0], rows["flip"][:, 0]
    combinations, counts = np.unique(np.stack(columns), axis=1, return_counts=True)
    assert combinations.shape[1] == 8 and (counts == 3).all()
    assert set(rows["room"]) == {0, 2} and set(rows["thing"][:, 0]) == {1, 3}


def test_draws_have_the_deviation_they_promise():
    rows = random_rows(fakes.bank(), 20_000)
    for name in ("exposure", "drift", "light"):
        values = rows[name].astype(np.float64)
        assert abs(values.mean()) < 0.03 and abs(values.std() - 1) < 0.03 and np.abs(values).max() < 3.5
    assert np.abs(rows["shake"]).max() <= 1 and abs(rows["shake"].astype(float).std() - 3**-0.5) < 0.01
    assert np.corrcoef(rows["drift"].T.astype(float)).round(1).tolist() == np.eye(3).tolist()


@given(st.floats(-3, 3), st.floats(0, 2), st.floats(2, 10), st.floats(-0.05, 0.15))
def test_projection_is_the_cameras_own(x, y, z, pitch):
    camera = Camera(pitch=pitch)
    lens = np.array([camera.height, camera.pitch, camera.focal(96)])
    ours, theirs = project_points(lens, x, y, z, 96), camera.project(x, y, z, 96)
    assert np.allclose(ours, theirs)
    assert np.allclose(camera.unproject(*ours, 96), (x, y, z))


def test_people_stand_two_to_ten_metres_away_high_enough_and_mostly_visible():
    bank = fakes.bank()
    rows = random_rows(bank, 500, 4)
    where = projected_frames(bank, rows["room"][:, None], rows)[:, 0]
    assert (where[:, 4] >= 2).all() and (where[:, 4] <= 10).all() and (where[:, 3] >= 12 / 96 * bank.size).all()
    assert (visible_share(bank, rows, 0) >= 0.7).mean() > 0.99


def test_people_keep_apart():
    rows = random_rows(fakes.bank(), 200, 5, objects=2)
    apart = np.hypot(*(rows[name][:, 0] - rows[name][:, 1] for name in ("x", "z")))
    assert (apart > 0.7).mean() > 0.95


def test_what_does_not_stand_floats_anywhere_in_many_sizes():
    rows = random_rows(fakes.bank(rooms=1, people=1, clutters=1, shapes=1), 400, 6)
    floats = rows["z"][:, 0] == 0
    nowhere = (rows["room"] == 1) | (rows["thing"][:, 0] == 1)
    assert np.array_equal(floats, nowhere)
    sizes = rows["h"][floats, 0]
    assert sizes.min() < 0.07 and sizes.max() > 0.7 and rows["x"][floats].min() >= 0 and rows["y"][floats].max() <= 1


def test_the_number_of_things_varies_where_asked_for():
    counts = (random_rows(fakes.bank(), 300, 0, (0, 2))["thing"] >= 0).sum(1)
    assert set(counts) == {0, 1, 2}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rooms": []}, "at least one room"),
        ({"things": []}, "at least one cut-out"),
        ({"rooms": [3]}, "There is no room 3: the bank has 3"),
        ({"things": [-1]}, "There is no cut-out -1"),
    ],
)
def test_rooms_and_things_that_are_not_there_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        random_rows(fakes.bank(), 5, **arguments)
    with pytest.raises(ValueError, match=message):
        grid(fakes.bank(), 1, **arguments)


def test_a_wrong_number_of_objects_or_rows_is_named():
    with pytest.raises(ValueError, match="objects must be"):
        random_rows(fakes.bank(), 5, objects=0)
    with pytest.raises(ValueError, match="length must be at least 1"):
        random_rows(fakes.bank(), 0)
    with pytest.raises(ValueError, match="places must be at least 1"):
        grid(fakes.bank(), -1)


def test_rooms_are_named_by_numbers():
    for wrong in ([1.7], [True, False, True]):
        with pytest.raises(ValueError, match="Name each room by its number"):
            random_rows(fakes.bank(), 20, rooms=wrong)


@given(st.integers(0, 1000))
def test_every_identity_is_on_exactly_one_side(seed):
    bank = fakes.bank(10, 10, shapes=10)
    sides = split(bank, seed=seed)
    for what, count in ((0, 10), (1, 20)):
        assert sorted(np.concatenate([side[what] for side in sides.values()])) == list(range(count))
    assert [len(rooms) for rooms, _ in sides.values()] == [8, 1, 1]
    for _, things in sides.values():
        assert 0 < bank.labels[things].mean() < 1  # people and others on every side


def test_a_leak_is_named():
    with pytest.raises(ValueError, match="room 3 is on two sides"):
        assert_disjoint({"train": ([1, 3], [1]), "val": ([3], [2])})
    with pytest.raises(ValueError, match="cut-out 1 is on two sides"):
        assert_disjoint({"train": ([1], [1]), "val": ([3], [1])})


def test_wrong_fractions_and_small_banks_are_named():
    with pytest.raises(ValueError, match="add up to 1"):
        split(fakes.bank(), (0.5, 0.1, 0.1))
    with pytest.raises(ValueError, match="too small to give"):
        split(fakes.bank(3, 3))
    assert len(split(fakes.bank(2, 2), (0.5, 0.5, 0.0))["test"][0]) == 0
