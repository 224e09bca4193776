"""The split: every identity once, on one side."""

import fakes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.data import assert_disjoint, free, split


@given(st.integers(0, 1000))
def test_every_identity_is_on_exactly_one_side(seed):
    bank = fakes.bank(10, 10, shapes=10)
    sides = split(bank, seed=seed)
    for what, count in ((0, 10), (1, 20)):
        assert sorted(np.concatenate([side[what] for side in sides.values()])) == list(range(count))
    assert [len(rooms) for rooms, _ in sides.values()] == [8, 1, 1]
    for _, things in sides.values():
        assert 0 < bank.labels[things].mean() < 1  # people and others on every side


def test_tables_of_two_sides_share_nobody():
    bank = fakes.bank(10, 10)
    train, val, _ = (free(bank, 200, rooms=rooms, things=things) for rooms, things in split(bank).values())
    assert not set(train["room"]) & set(val["room"]) and not set(train["thing"][:, 0]) & set(val["thing"][:, 0])


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
