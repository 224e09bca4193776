"""Drawn walks and their scores: the truth is exact, and what is scored by hand is scored so by the commands."""

from dataclasses import dataclass, replace
from math import nan

import fakes
import numpy as np
import pytest

from helpers import learn, walks, watch
from helpers.data import paths
from helpers.data import walks as drawn
from helpers.data.frozen import FOLDER
from helpers.data.table import project_points
from helpers.world.camera import Camera

SMALL = drawn.WalkSet(77, (1, 2), length=8, rooms=3, cutouts=6)
EMPTY = drawn.WalkSet(78, (0,), length=4, rooms=3, cutouts=6)


@pytest.fixture
def small(monkeypatch):
    """Two small sets in the world of the tests' fakes: people who walk, and an empty room."""
    bank, rooms = fakes.bank(rooms=3, people=6), np.arange(3)
    monkeypatch.setattr(drawn, "_bank", lambda name: (bank, rooms))
    monkeypatch.setitem(drawn.WALK_SETS, "small", SMALL)
    monkeypatch.setitem(drawn.WALK_SETS, "empty", EMPTY)
    return drawn.walk_set("small")


def test_a_seed_draws_the_same_bytes_and_another_one_others(small):
    one, same, other = (paths.walk_rows(fakes.bank(), 0, 3, 30, seed) for seed in (5, 5, 6))
    assert one.tobytes() == same.tobytes() != other.tobytes()
    first, again = (drawn.walk_clip("small", 1).frame(5) for _ in range(2))
    assert first.image.tobytes() == again.image.tobytes() and first.places.tobytes() == again.places.tobytes()


def test_a_clip_is_the_same_whichever_others_are_drawn(small):
    assert drawn.walk_set("small", 1).rows.tobytes() == small.datasets[0].rows.tobytes()


def test_the_foot_of_a_mask_lies_where_the_place_projects_to(monkeypatch):
    monkeypatch.setattr(drawn, "TAKEN", replace(drawn.TAKEN, shake=0.0))
    seen, bank = 0, fakes.bank(rooms=3, people=6)
    for clip in (drawn.Clip(bank, paths.walk_rows(bank, room, 2, 30, room)) for room in range(3)):
        for frame in clip.frames():
            whole = (frame.visible > 0.92) & (frame.boxes[:, 3] < clip.bank.size - 1)
            x, z = frame.places[whole].T
            lens = clip.bank.lens[clip.room]
            u, v, _ = project_points(lens, x, 0, z, clip.bank.size)
            boxes = frame.boxes[whole]
            assert np.abs(boxes[:, 3] - v).max(initial=0) < 1.5
            assert np.abs(boxes[:, [0, 2]].mean(1) - u).max(initial=0) < 1.5
            seen += whole.sum()
    assert seen > 20


def test_people_walk_at_their_speed_keep_apart_and_are_themselves(small):
    for seed in range(4):
        rows = paths.walk_rows(fakes.bank(), 1, 3, 60, seed)
        there = rows["thing"] >= 0
        steps = np.hypot(np.diff(rows["x"], axis=0), np.diff(rows["z"], axis=0)) * paths.RATE
        assert steps[there[1:] & there[:-1]].max() < paths.FAST + 0.1
        assert all(len(set(rows["thing"][there[:, k], k])) <= 1 for k in range(4))
        apart = np.hypot(rows["x"][:, 0] - rows["x"][:, 1], rows["z"][:, 0] - rows["z"][:, 1])
        assert np.mean(apart[there[:, 0] & there[:, 1]] < paths.APART) < 0.2


def test_the_mask_holds_everybody_and_shares_are_shares(small):
    for frame in drawn.walk_clip("small", 1).frames():
        assert not frame.mask.any() or len(frame.people)
        assert ((frame.visible >= 0) & (frame.visible <= 1)).all()
        for box in frame.boxes[~np.isnan(frame.boxes[:, 0])].astype(int):
            assert frame.mask[box[1] : box[3], box[0] : box[2]].any()
        assert np.isnan(frame.boxes[frame.visible == 0]).all()


def test_what_sways_stays_within_its_window_and_people_are_left_alone(small):
    window = np.zeros((64, 64), bool)
    window[10:40, 10:40] = True
    planes = np.random.default_rng(0).integers(0, 256, (4, 64, 64), dtype=np.uint8)
    planes[3] = 0
    planes[3, 20:30, 20:30] = 255
    row, before = paths.walk_rows(fakes.bank(), 0, 0, 2, 3)[0].copy(), planes.copy()
    row["patch"] = 1
    parts = drawn.moving_parts(row, before[:3].transpose(1, 2, 0), window, True)
    drawn.move_parts(planes, parts, 0.7)
    changed = (planes != before).any(0)
    assert changed.any() and not changed[20:30, 20:30].any() and not changed[:8].any() and not changed[:, 44:].any()


def test_unknown_sets_and_too_many_clips_are_named():
    with pytest.raises(ValueError, match="known are walks-test-v1, trees-test-v1"):
        drawn.walk_set("walks")
    with pytest.raises(ValueError, match="ask for 1 to 60 of them, not 61"):
        drawn.walk_set("walks-test-v1", 61)


@dataclass
class Truth:
    """Two people who stand 2 and 4 metres ahead, in a picture of 20 x 20 pixels."""

    people = np.array([0, 1])
    places = np.array([[0, 2], [1, 4]], np.float32)
    boxes = np.array([[0, 0, 4, 10], [10, 0, 14, 10]], np.float32)
    visible: np.ndarray
    mask = np.zeros((20, 20), bool)


def answer(tracks, places=Truth.places, boxes=Truth.boxes):
    """What was seen in one frame."""
    n = len(tracks)
    return watch.Seen(0, 0, None, Truth.mask, None, boxes[:n], np.array(tracks, int), places[:n], "metres")


def scored(answers, visible=(1, 1)):
    """The scores of these answers, one for each frame."""
    return score_frames(Truth(np.array(visible)), answers)


def score_frames(truth, answers, empty=False):
    """The scores of answers to frames that all show the same."""
    counts = learn.ClipCounts(empty)
    for each in answers:
        counts.update(truth, each)
    return learn.walk_scores(counts.result())


def test_perfect_answers_have_an_idf1_of_one():
    found = scored([answer([7, 3])] * 10)
    assert found["idf1"] == found["found"] == 1 and found["place_m"] == 0


def test_swapped_identities_halve_it_and_nothing_is_zero():
    swapped = scored([answer([1, 2])] * 5 + [answer([2, 1])] * 5)
    assert swapped["idf1"] == 0.5 and swapped["found"] == 1
    nothing = scored([answer([])] * 10)
    assert nothing["idf1"] == 0 and nothing["found"] == 0 and nothing["place_m"] is None


def test_half_found_and_not_yet_counted_boxes():
    assert scored([answer([4])] * 10)["idf1"] == pytest.approx(2 * 10 / (20 + 10))
    assert scored([answer([4, -1])] * 10)["idf1"] == pytest.approx(2 * 10 / (20 + 10))


def test_who_is_hidden_is_neither_missed_nor_wrong():
    assert scored([answer([4])] * 10, visible=(1, 0.1))["idf1"] == 1
    assert scored([answer([4, 5])] * 10, visible=(1, 0.1))["idf1"] == 1


def test_a_match_is_a_place_within_half_a_metre_or_an_overlap():
    near, far = Truth.places + np.float32([0.4, 0]), Truth.places + np.float32([0.6, 0])
    elsewhere = Truth.boxes + 100
    assert scored([answer([1, 2], near, elsewhere)])["idf1"] == 1
    assert scored([answer([1, 2], far, elsewhere)])["idf1"] == 0
    boxes = scored([answer([1, 2], far * nan, Truth.boxes)])
    assert boxes["idf1"] == 1 and boxes["place_m"] is None
    assert scored([answer([1, 2], near, elsewhere)])["place_m"] == pytest.approx(0.4)


def test_false_alarms_are_counted_where_nobody_ever_is():
    nobody = Truth(np.zeros(0))
    nobody.people, nobody.places, nobody.boxes = np.zeros(0, int), np.zeros((0, 2)), np.zeros((0, 4))
    seen = [answer([]), answer([1]), answer([1]), answer([]), answer([2])]
    found = score_frames(nobody, seen, empty=True)
    assert found["false_alarms"] == pytest.approx(4000) and found["false_frames"] == pytest.approx(6000)
    assert found["idf1"] is None


def test_the_middle_of_a_box_is_placed_by_depth():
    camera = Camera(1.6, 0.0, np.pi / 2)
    seen = replace(answer([0]), mask=np.zeros((20, 20), bool), depth=np.full((20, 20), 3.0))
    assert walks.by_centre(camera, replace(seen, boxes=np.float32([[8, 8, 12, 12]]))).places[0] == pytest.approx([0, 3])


def test_two_clips_are_evaluated_from_end_to_end(small, capsys, monkeypatch):
    monkeypatch.setattr(watch.inference, "running_network", lambda *asked: (fakes.Differs(), {}))
    found = walks.walks_command("roomnet", clips=2, sets=("small", "empty"))
    rows = found["walks"]
    assert {"roomnet", "roomnet, no tracker", "boxes' centres, no tracker", "pixel differencing"} <= set(rows)
    assert set(found["people"]) == {1, 2} and rows["roomnet"]["false_alarms"] is not None
    assert rows["roomnet"]["fps"] > 0 and 0 <= rows["roomnet"]["f"] <= 1
    assert (
        "2 clips of small, known cameras; false ones per 10,000 frames, of 4 empty ones of empty"
        in capsys.readouterr().out
    )


def test_the_frozen_walks_have_the_table_that_was_frozen():
    name, made = "walks-test-v1", drawn.WALK_SETS["walks-test-v1"]
    assert sorted(made.people) == [1] * 20 + [2] * 20 + [3] * 10 + [4] * 10 and made.length == 100
    assert sum(drawn.WALK_SETS["trees-test-v1"].people) == 0
    assert 20_000 == len(drawn.WALK_SETS["trees-test-v1"].people) * drawn.WALK_SETS["trees-test-v1"].length
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as stored:
        assert len(stored["image"]) == 600 and len(str(stored["table"])) == 64
