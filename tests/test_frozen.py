"""Frozen sets: a fingerprint that is written once, and that tells rounding from a change."""

import fakes
import numpy as np
import pytest

from helpers.data import Scenes, compose, frozen_set, random_rows, verify_set
from helpers.data.frozen import FOLDER, FROZEN_SETS, FrozenSet, fingerprint, freeze_set, frozen_rows

SCENES = Scenes(fakes.bank(), random_rows(fakes.bank(), 60, 1), "camera")


@pytest.fixture
def stored(tmp_path):
    """A folder with the fingerprint of the fake set "small-v1"."""
    np.savez(tmp_path / "small-v1.npz", **fingerprint(SCENES))
    return tmp_path


def test_the_same_set_is_exact(stored):
    assert verify_set("small-v1", stored, SCENES) == "exact"


def test_a_last_bit_is_rounding_and_a_change_is_not(stored):
    rows = SCENES.rows.copy()
    rows["x"] += 1e-6
    assert verify_set("small-v1", stored, Scenes(SCENES.bank, rows, "camera")) == "equal within rounding"
    rows["x"] += 0.5
    with pytest.raises(ValueError, match="small-v1 is not what it was"):
        verify_set("small-v1", stored, Scenes(SCENES.bank, rows, "camera"))


def test_a_frozen_set_is_not_frozen_again(stored):
    with pytest.raises(ValueError, match="never changes"):
        freeze_set("small-v1", stored)
    with pytest.raises(FileNotFoundError, match="small-v2"):
        verify_set("small-v2", stored, SCENES)


def test_unknown_sets_are_named():
    with pytest.raises(ValueError, match="known are museum-test-v2, rooms-test-v2"):
        frozen_set("museum-test")


def test_frozen_objects_are_all_there_and_high_enough():
    made = FrozenSet(3, 4, "museum", 5, "camera", length=20, objects=(1, 3), lowest=12)
    rows = frozen_rows(fakes.bank(), made)
    batch = compose(fakes.bank(), rows, "camera", boxes=True)
    assert frozen_rows(fakes.bank(), made, 6).tobytes() == rows[:6].tobytes()
    counts = (rows["thing"] >= 0).sum(1)
    assert [len(box) for box in batch["boxes"]] == counts.tolist() and set(counts) == {1, 2, 3}
    assert min((box[:, 3] - box[:, 1]).min() for box in batch["boxes"]) >= 12


def test_boxes_and_labels_belong_to_a_set_that_has_them():
    one, other = (Scenes(SCENES.bank, SCENES.rows, "camera", boxes=boxes) for boxes in (True, False))
    assert str(fingerprint(one)["pictures"]) != str(fingerprint(other)["pictures"])


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.npz") if path.stem in FROZEN_SETS))
def test_a_set_whose_fingerprint_is_stored_is_frozen_and_is_what_it_was(name):
    assert verify_set(name) in ("exact", "equal within rounding")
