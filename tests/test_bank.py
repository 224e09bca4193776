"""The bank: saved and loaded whole or not at all, and what it refuses."""

import errno
import os
import warnings
from dataclasses import replace

import fakes
import numpy as np
import pytest

from helpers.data import Bank, store
from helpers.world.camera import Camera


def same(one: Bank, other: Bank) -> bool:
    """True where two banks hold the same bytes."""
    arrays = all(np.array_equal(getattr(one, n), getattr(other, n)) for n in ("pictures", "depths", "depth_known"))
    cutouts = all(np.array_equal(a.picture, b.picture) for a, b in zip(one.cutouts, other.cutouts))
    return arrays and cutouts and one.cameras == other.cameras and one.kinds == other.kinds


def test_save_and_load_give_the_same_bank(tmp_path):
    bank = fakes.bank(clutters=1, shapes=1)
    loaded = Bank.load(bank.save(tmp_path / "bank.npz"))
    assert same(bank, loaded)
    assert np.array_equal(bank.spots, loaded.spots, equal_nan=True)
    assert [(c.label, c.kind, c.stands, c.metres) for c in bank.cutouts] == [
        (c.label, c.kind, c.stands, c.metres) for c in loaded.cutouts
    ]
    assert os.listdir(tmp_path) == ["bank.npz"]


@pytest.mark.parametrize("keep", [0, 10, 5000])
def test_a_truncated_bank_is_named(tmp_path, keep):
    path = fakes.bank().save(tmp_path / "bank.npz")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match="bank.npz is not a whole bank file"):
        Bank.load(path)


def test_a_foreign_or_missing_file_is_named(tmp_path):
    (tmp_path / "picture.npz").write_bytes(b"\x89PNG not a bank")
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(ValueError, match="not a whole bank file"):
        Bank.load(tmp_path / "picture.npz")
    with pytest.raises(ValueError, match="other.npz is not a whole bank file"):
        Bank.load(tmp_path / "other.npz")
    with pytest.raises(FileNotFoundError, match="There is no bank at"):
        Bank.load(tmp_path / "nothing.npz")


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = fakes.bank().save(tmp_path / "bank.npz")
    before = path.read_bytes()

    def full(file, **arrays):
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store.np, "savez", full)
    with pytest.raises(OSError, match="the disk is full"):
        fakes.bank().save(path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["bank.npz"]


def test_the_cache_is_read_and_survives_damage(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "CACHE", tmp_path)
    drawn = []

    def make():
        drawn.append(1)
        return fakes.bank()

    first, second = (store.cached({"seed": 0}, make, Bank.load) for _ in range(2))
    assert len(drawn) == 1 and same(first, second)
    store.cached({"seed": 1}, make, Bank.load)
    assert len(drawn) == 2 and len(os.listdir(tmp_path)) == 2
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:100])
    with pytest.warns(UserWarning, match="drawn again"):
        assert same(store.cached({"seed": 0}, make, Bank.load), first)


def test_without_a_place_for_the_cache_the_bank_is_drawn_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")  # a folder that nobody may write, root included
    monkeypatch.setattr(store, "CACHE", tmp_path / "file" / "cache")
    with pytest.warns(UserWarning, match="could not be kept in"):
        assert same(store.cached({}, fakes.bank, Bank.load), fakes.bank())


def test_drawing_is_reproducible_and_identities_do_not_depend_on_how_many():
    two, three = (Bank.draw(n, n, 48, seed=3, cache=False, workers=1) for n in (2, 3))
    assert np.array_equal(two.pictures, three.pictures[:2]) and np.array_equal(two.depths, three.depths[:2])
    assert np.array_equal(two.cutouts[1].picture, three.cutouts[1].picture)
    props = Bank.draw(1, 1, 48, seed=3, props=2, cache=False, workers=1)
    assert props.labels.tolist() == [1, 0, 0]


def test_a_file_whose_arrays_do_not_fit_together_is_named(tmp_path):
    arrays = dict(np.load(fakes.bank().save(tmp_path / "bank.npz")))
    for changed, message in (
        ({"cameras": arrays["cameras"][:1]}, "camera"),
        ({"depths": arrays["depths"] * 0}, "Depth"),
    ):
        np.savez(tmp_path / "odd.npz", **arrays | changed)
        with pytest.raises(ValueError, match=f"odd.npz holds no usable bank. .*{message}"):
            Bank.load(tmp_path / "odd.npz")


def test_a_size_in_which_nothing_can_be_seen_is_refused():
    with pytest.raises(ValueError, match="size must be 8 to 4096"):
        Bank.draw(1, 1, 0, cache=False)


@pytest.mark.parametrize("arguments", [{"rooms": 0}, {"people": 0}])
def test_an_empty_bank_is_refused(arguments):
    with pytest.raises(ValueError, match="needs at least one room and one cut-out"):
        Bank.draw(**arguments, cache=False)
    with pytest.raises(ValueError, match="needs at least one room and one cut-out"):
        Bank.of([fakes.room()], [])


@pytest.mark.parametrize("value", [np.nan, -1.0, 0.0, np.inf])
def test_depth_that_is_no_distance_is_refused(value):
    room = fakes.room(1)
    depth = room.depth.copy()
    depth[3, 4] = value
    with pytest.raises(ValueError, match="Depth of room 1 is"):
        Bank.of([fakes.room(), replace(room, depth=depth)], [fakes.ellipse()])


def test_sizes_that_differ_are_refused():
    with pytest.raises(ValueError, match="same size"):
        Bank.of([fakes.room(), fakes.room(size=32)], [fakes.ellipse()])
    with pytest.raises(ValueError, match="depth map of its own size"):
        Bank.of([replace(fakes.room(), depth=fakes.room(size=32).depth)], [fakes.ellipse()])


def test_cutouts_that_show_nothing_are_refused():
    ellipse = fakes.ellipse()
    clear = ellipse.picture.copy()
    clear[..., 3] = 0
    with pytest.raises(ValueError, match="Cut-out 0 is fully transparent"):
        Bank.of([fakes.room()], [replace(ellipse, picture=clear)])
    with pytest.raises(ValueError, match="must be a uint8 RGBA picture"):
        Bank.of([fakes.room()], [replace(ellipse, picture=clear[..., :3])])
    with pytest.raises(ValueError, match="height above 0 metres"):
        Bank.of([fakes.room()], [replace(ellipse, metres=0.0)])


def test_photographs_with_depth_have_places_on_the_floor():
    room, person = fakes.room(2, 80), fakes.ellipse().picture
    bank = Bank.from_pictures([(room.picture, room.depth), room.picture], [person], 1.8, room.camera, size=64)
    spots = bank.spots[0]
    assert bank.depth_known.tolist() == [True, False] and len(spots) > 100 and np.isnan(bank.spots[1]).all()
    x, z = spots.astype(np.float64).T
    u, v, depth = room.camera.project(x, 0, z, 64)
    seen = bank.depths[0][v.clip(0, 63).astype(int), u.clip(0, 63).astype(int)]
    assert np.abs(seen - depth).max() < 0.5 and bank.cutouts[0].metres == 1.8


def test_photographs_are_cut_square_and_refused_where_they_do_not_fit():
    picture = np.zeros((40, 60, 3), np.uint8)
    camera = Bank.from_pictures([picture], [fakes.ellipse().picture], camera=Camera(), size=32).cameras[0]
    assert np.tan(camera.fov / 2) == pytest.approx(np.tan(Camera().fov / 2) * 40 / 60)
    with pytest.raises(ValueError, match="same size"):
        Bank.from_pictures([(picture, np.ones((40, 40)))], [fakes.ellipse().picture])
    for value, message in ((np.nan, "NaN"), (-1.0, "negative"), (0.0, "above 0 metres everywhere")):
        with pytest.raises(ValueError, match=message):
            Bank.from_pictures([(picture, np.full((40, 60), value))], [fakes.ellipse().picture])
    with pytest.raises(ValueError, match="transparent everywhere"):
        Bank.from_pictures([picture], [np.zeros((9, 9, 4), np.uint8)])
    with pytest.raises(ValueError, match="no alpha channel"):
        Bank.from_pictures([picture], [np.zeros((9, 9, 3), np.uint8)])
    with pytest.raises(FileNotFoundError, match="nothing.png"):
        Bank.from_pictures(["nothing.png"], [fakes.ellipse().picture])


def test_no_warning_where_nothing_is_wrong(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "CACHE", tmp_path / "cache")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        store.cached({}, fakes.bank, Bank.load)
