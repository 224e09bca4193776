"""The bank: saved and loaded whole or not at all, drawn once for all processes, and what it refuses."""

import os
import time
import warnings
from dataclasses import replace
from multiprocessing import get_context

import fakes
import numpy as np
import pytest

from helpers.base import fcntl
from helpers.data import Bank, bank
from helpers.world.camera import Camera


def same(one: Bank, other: Bank) -> bool:
    """True where two banks hold the same bytes."""
    names = ("pictures", "depths", "depth_valid", "spots", "labels", "metres", "stands")
    arrays = all(np.array_equal(getattr(one, n), getattr(other, n), equal_nan=n == "spots") for n in names)
    cutouts = all(np.array_equal(a.picture, b.picture) and a.kind == b.kind for a, b in zip(one.cutouts, other.cutouts))
    return arrays and cutouts and one.cameras == other.cameras and one.kinds == other.kinds


def test_save_and_load_give_the_same_bank(tmp_path):
    made = fakes.bank(clutters=1, shapes=1)
    assert same(made, Bank.load(made.save(tmp_path / "bank.npz")))
    assert os.listdir(tmp_path) == ["bank.npz"]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache."""
    monkeypatch.setattr(bank, "CACHE", tmp_path / "cache")
    return tmp_path / "cache"


def test_the_cache_is_read_and_survives_damage(cache):
    drawn = []

    def make():
        drawn.append(1)
        return fakes.bank()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first, second = (bank.cached_bank({"seed": 0}, make) for _ in range(2))
        assert len(drawn) == 1 and same(first, second)
        bank.cached_bank({"seed": 1}, make)
    paths = list(cache.glob("bank-*.npz"))
    assert len(drawn) == len(paths) == 2
    for path in paths:
        path.write_bytes(path.read_bytes()[:100])
    with pytest.warns(UserWarning, match="drawn again"):
        assert same(bank.cached_bank({"seed": 0}, make), first)


def slow_bank(cache, drawn) -> None:
    """Asks for a bank that takes a while to draw."""
    bank.CACHE = cache

    def make():
        drawn.put(1)
        time.sleep(0.5)
        return fakes.bank()

    assert same(bank.cached_bank({"seed": 0}, make), fakes.bank())


@pytest.mark.skipif(fcntl is None, reason="Windows has no such lock")
def test_two_processes_draw_a_bank_once(cache):
    context = get_context("fork")
    drawn = context.SimpleQueue()
    both = [context.Process(target=slow_bank, args=(cache, drawn)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]
    drawn.get()
    assert drawn.empty()


def test_only_banks_that_nobody_has_used_for_a_day_go(cache, monkeypatch):
    monkeypatch.setattr(bank, "KEPT", 1)
    for seed in range(3):
        bank.cached_bank({"seed": seed}, fakes.bank)
    paths = list(cache.glob("bank-*.npz"))
    assert len(paths) == 3  # all of them in use
    for path in paths:
        os.utime(path, (time.time() - 2 * bank.DAY,) * 2)
    bank.cached_bank({"seed": 1}, fakes.bank)  # read, so used
    bank.cached_bank({"seed": 3}, fakes.bank)
    kept = list(cache.glob("bank-*.npz"))
    assert len(kept) == 2 and len(set(kept) & set(paths)) == 1


def test_without_a_place_for_the_cache_the_bank_is_drawn_all_the_same(cache):
    cache.write_text("in the way")  # a folder that nobody may write, root included
    with pytest.warns(UserWarning, match="could not be kept in"):
        assert same(bank.cached_bank({}, fakes.bank), fakes.bank())


def test_drawing_is_reproducible_and_identities_do_not_depend_on_how_many():
    two, three = (Bank.draw(n, n, 48, seed=3, cache=False, workers=1) for n in (2, 3))
    assert np.array_equal(two.pictures, three.pictures[:2]) and np.array_equal(two.depths, three.depths[:2])
    assert np.array_equal(two.cutouts[1].picture, three.cutouts[1].picture)
    props = Bank.draw(1, 1, 48, seed=3, props=2, cache=False, workers=1)
    assert props.labels.tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: Bank.draw(1, 1, 0, cache=False), "size must be 8 to 4096"),
        (lambda: Bank.draw(rooms=0, cache=False), "at least one room and one cut-out"),
        (lambda: Bank.draw(people=0, cache=False), "at least one room and one cut-out"),
        (lambda: Bank.of([fakes.room()], []), "at least one room and one cut-out"),
        (lambda: Bank.of([fakes.room(), fakes.room(size=32)], [fakes.ellipse()]), "same size"),
        (lambda: Bank.of([replace(fakes.room(), depth=fakes.room().depth[:32])], [fakes.ellipse()]), "depths of 1"),
        (lambda: Bank.of([fakes.room()], [replace(fakes.ellipse(), metres=0.0)]), "height above 0 metres"),
    ],
)
def test_what_cannot_be_a_bank_is_refused(work, message):
    with pytest.raises(ValueError, match=message):
        work()


@pytest.mark.parametrize("value", [np.nan, -1.0, 0.0, np.inf])
def test_depth_that_is_no_distance_is_refused(value):
    room = fakes.room(1)
    depth = room.depth.copy()
    depth[3, 4] = value
    with pytest.raises(ValueError, match="Depth of room 1 is"):
        Bank.of([fakes.room(), replace(room, depth=depth)], [fakes.ellipse()])


def test_cutouts_that_show_nothing_are_refused():
    clear = fakes.ellipse().picture.copy()
    clear[..., 3] = 0
    for picture, message in ((clear, "Cut-out 0 is fully transparent"), (clear[..., :3], "a uint8 RGBA picture")):
        with pytest.raises(ValueError, match=message):
            Bank.of([fakes.room()], [replace(fakes.ellipse(), picture=picture)])


def test_photographs_with_depth_have_places_on_the_floor():
    room, person = fakes.room(2, 80), fakes.ellipse().picture
    made = Bank.from_pictures([(room.picture, room.depth), room.picture], [person], 1.8, room.camera, size=64)
    spots = made.spots[0]
    assert made.depth_valid.all((1, 2)).tolist() == [True, False] and len(spots) > 100 and np.isnan(made.spots[1]).all()
    x, z = spots.astype(np.float64).T
    u, v, depth = room.camera.project(x, 0, z, 64)
    seen = made.depths[0][v.clip(0, 63).astype(int), u.clip(0, 63).astype(int)]
    assert np.abs(seen - depth).max() < 0.5 and made.cutouts[0].metres == 1.8


def test_photographs_are_cut_square_and_refused_where_they_do_not_fit():
    picture, person = np.zeros((40, 60, 3), np.uint8), fakes.ellipse().picture
    camera = Bank.from_pictures([picture], [person], camera=Camera(), size=32).cameras[0]
    assert np.tan(camera.fov / 2) == pytest.approx(np.tan(Camera().fov / 2) * 40 / 60)
    for room, cutout, message in (
        ((picture, np.ones((40, 40))), person, "same size|its picture"),
        ((picture, np.full((40, 60), np.nan)), person, "NaN"),
        ((picture, np.full((40, 60), 0.0)), person, "0 everywhere, and 0 means unknown"),
        ((picture, np.full((40, 60), 3000.0)), person, "metres, not millimetres"),
        (picture, np.zeros((9, 9, 4), np.uint8), "transparent everywhere"),
        (picture, np.zeros((9, 9, 3), np.uint8), "no alpha channel"),
    ):
        with pytest.raises(ValueError, match=message):
            Bank.from_pictures([room], [cutout])
    with pytest.raises(FileNotFoundError, match="nothing.png"):
        Bank.from_pictures(["nothing.png"], [person])
