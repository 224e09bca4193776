"""Composing: the geometry is exact, the same row gives the same bytes anywhere, and mistakes get a sentence."""

from dataclasses import replace

import fakes
import numpy as np
import pytest
import torch
from golden import compare_golden, sheet
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.data import DIFFICULTIES, Bank, Difficulty, compose, projected_frames, random_rows
from helpers.world.camera import Camera

MIXED_BANK = dict(clutters=1, shapes=2)
SIZE = 64


def person_at(x: float, z: float, seed: int = 0, **changes) -> np.ndarray:
    """A table of one row: thing 0 of the fake bank at a place in room 0."""
    rows = random_rows(fakes.bank(), 1, seed, rooms=[0], things=[0])
    rows["x"], rows["z"], rows["flip"] = x, z, False
    for name, value in changes.items():
        rows[name] = value
    return rows


def as_bytes(batch: dict) -> list[bytes]:
    """Every tensor of a batch as bytes."""
    return [values.numpy().tobytes() for values in batch.values() if isinstance(values, torch.Tensor)]


def test_shapes_types_and_ranges():
    rows = random_rows(fakes.bank(**MIXED_BANK), 6, objects=2)
    batch = compose(fakes.bank(**MIXED_BANK), rows, boxes=True)
    for name in ("background", "image"):
        assert batch[name].shape == (6, 3, SIZE, SIZE) and batch[name].dtype == torch.uint8
    for name in ("mask", "depth", "depth_valid"):
        assert batch[name].shape == (6, 1, SIZE, SIZE) and batch[name].dtype == torch.float32
    assert set(batch["mask"].unique().tolist()) == {0, 1} and set(batch["depth_valid"].unique().tolist()) <= {0, 1}
    assert batch["depth"].min() > 0 and batch["depth"].max() <= 20
    assert len(batch["boxes"]) == len(batch["labels"]) == 6 and batch["labels"][0].dtype == torch.int64


@settings(max_examples=25)
@given(st.permutations(range(7)), st.sampled_from([*DIFFICULTIES, "mixed"]), st.integers(1, 7))
def test_a_row_gives_the_same_bytes_in_any_batch_and_order(order, difficulty, cut):
    bank = fakes.bank(**MIXED_BANK)
    rows = random_rows(bank, 7, 3, objects=(1, 2))
    whole = compose(bank, rows, difficulty)
    for part in filter(len, (order[:cut], order[cut:])):
        batch = compose(bank, rows[part], difficulty)
        assert as_bytes(batch) == as_bytes({name: values[part] for name, values in whole.items()})


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.sampled_from([*DIFFICULTIES, "mixed"]), st.integers(1, 3))
def test_masks_lie_in_boxes_and_boxes_are_tight(seed, difficulty, objects):
    bank = fakes.bank(**MIXED_BANK)
    batch = compose(bank, random_rows(bank, 2, seed, objects), difficulty, boxes=True)
    for mask, boxes, labels in zip(batch["mask"][:, 0], batch["boxes"], batch["labels"]):
        covered = torch.zeros(SIZE, SIZE)
        for x0, y0, x1, y1 in boxes.int().tolist():
            covered[y0:y1, x0:x1] = 1
            assert 0 <= x0 < x1 <= SIZE and 0 <= y0 < y1 <= SIZE
        assert (mask <= covered).all() and len(boxes) == len(labels)
        if len(boxes) == 1:
            v, u = np.nonzero(mask.numpy())
            assert boxes[0].tolist() == [u.min(), v.min(), u.max() + 1, v.max() + 1]


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.sampled_from([*DIFFICULTIES, "mixed"]))
def test_depth_at_the_mask_is_the_persons_distance_and_elsewhere_the_rooms(seed, difficulty):
    bank = fakes.bank()
    rows = random_rows(bank, 2, seed)
    batch = compose(bank, rows, difficulty)
    distances = projected_frames(bank, rows["room"][:, None], rows)[:, 0, 4].astype(np.float32)
    aligned = compose(bank, rows, "aligned")
    for i, distance in enumerate(distances):
        mask, depth = batch["mask"][i, 0].numpy() > 0, batch["depth"][i, 0].numpy()
        assert (depth[mask] == distance).all() and np.isin(depth[~mask], bank.depths[rows["room"][i]]).all()
        mask = aligned["mask"][i, 0].numpy() > 0
        assert (aligned["depth"][i, 0].numpy()[~mask] == bank.depths[rows["room"][i]][~mask]).all()


def test_aligned_differs_from_the_background_only_at_the_person_and_the_shadow():
    rows = person_at(0.5, 4.0)
    batch = compose(fakes.bank(), rows, "aligned", boxes=True)
    changed = (batch["image"] != batch["background"]).any(1)[0].numpy()
    x0, y0, x1, y1 = batch["boxes"][0][0].int().tolist()
    around = np.zeros((SIZE, SIZE), bool)
    around[y0 - 1 : y1 + 6, x0 - 6 : x1 + 6] = True
    assert changed.any() and not (changed & ~around).any()
    background = fakes.bank().pictures[0].transpose(2, 0, 1)
    assert (batch["background"][0].numpy() == background).all()
    darker = (batch["image"].int() - batch["background"].int())[0].numpy()[:, y1 : y1 + 3, x0:x1]
    assert darker.min() < -5 and darker.max() <= 0  # the contact shadow


@settings(max_examples=30)
@given(st.floats(-0.8, 0.8), st.floats(3.0, 8.0), st.integers(0, 2))
def test_feet_are_where_the_camera_sees_their_place_and_height_follows_perspective(x, z, room):
    bank = fakes.bank()
    rows = person_at(x if z < 4 else abs(x), z, room=room)  # clear of the box on the left
    batch = compose(bank, rows, "aligned", boxes=True)
    u, v, depth = bank.cameras[room].project(rows["x"][0, 0], 0.0, rows["z"][0, 0], SIZE)
    x0, y0, x1, y1 = batch["boxes"][0][0].tolist()
    assert abs(y1 - v) <= 1 and abs((x0 + x1) / 2 - u) <= 1
    height = bank.cutouts[0].metres * bank.cameras[room].focal(SIZE) / depth
    assert abs((y1 - max(y0, 0)) - min(height, v)) <= 1.5


def test_furniture_in_front_hides_and_furniture_behind_does_not():
    left, right, front, top = fakes.BOX
    middle = (left + right) / 2 - 0.3  # seen from the origin, the box hides what is farther to the left
    behind, before = (compose(fakes.bank(), person_at(middle, z), "aligned") for z in (front + 1.2, front - 0.6))
    camera = fakes.bank().cameras[0]
    _, rim, _ = camera.project(middle, top, front, SIZE)
    rows_seen = np.flatnonzero(behind["mask"][0, 0].numpy().any(1))
    assert len(rows_seen) and rows_seen.max() <= rim  # only what stands out above the box
    hidden = np.s_[int(rim) + 2 : int(rim) + 6]
    assert (behind["image"] == behind["background"])[0, :, hidden].all()
    assert before["mask"].sum() > 1.3 * behind["mask"].sum()


def test_the_nearer_of_two_is_in_front():
    rows = random_rows(fakes.bank(), 1, objects=2, rooms=[0], things=[0, 1])
    rows["x"], rows["z"], rows["thing"] = [[1.0, 0.9]], [[6.0, 3.0]], [[0, 1]]
    batch = compose(fakes.bank(), rows, "aligned", boxes=True)
    near = projected_frames(fakes.bank(), rows["room"][:, None], rows)[0, 1]
    u, v = int(near[0] + near[2] / 2), int(near[1] + near[3] / 2)
    assert batch["depth"][0, 0, v, u].item() == pytest.approx(near[4])
    swapped = rows.copy()
    for name in ("thing", "x", "z", "flip", "light", "tint", "shadow"):
        swapped[name] = rows[name][:, ::-1]
    assert as_bytes(compose(fakes.bank(), swapped, "aligned")) == as_bytes(batch)


def test_a_flip_mirrors_the_cutout_about_its_own_middle():
    picture = fakes.ellipse().picture.copy()
    picture[:, : picture.shape[1] // 2, :3], picture[:, picture.shape[1] // 2 :, :3] = 0, 255
    bank = Bank.of([fakes.room()], [replace(fakes.ellipse(), picture=picture)])
    rows = np.repeat(person_at(0.6, 3.0), 2)
    rows["flip"][1] = True
    batch = compose(bank, rows, "aligned")
    left, right = (batch["image"][i].float().mean(0) for i in range(2))
    middle = int(round(float(np.nonzero(batch["mask"][0, 0].numpy())[1].mean())))
    row = SIZE // 2
    assert left[row, middle - 3] < left[row, middle + 3] and right[row, middle - 3] > right[row, middle + 3]
    assert (batch["mask"][0] != batch["mask"][1]).sum() < 20


def test_depth_is_valid_only_where_things_have_a_place_in_space():
    bank = fakes.bank(rooms=1, people=1, clutters=1, shapes=1)
    rows = random_rows(bank, 200, 1, rooms=[0, 1])
    valid, mask = (compose(bank, rows, "aligned")[name][:, 0].numpy() for name in ("depth_valid", "mask"))
    known, stands = rows["room"] == 0, rows["thing"][:, 0] == 0
    assert (valid[~known] == 0).all() and (valid[known & stands] == 1).all()
    assert (valid[known & ~stands] == 1 - mask[known & ~stands]).all()


def test_the_same_person_is_in_the_same_place_at_every_difficulty():
    rows = person_at(0.5, 4.0, shake=0.9)
    centres = []
    for name, difficulty in DIFFICULTIES.items():
        mask = compose(fakes.bank(), rows, name)["mask"][0, 0].numpy()
        centres.append(np.array(np.nonzero(mask)).mean(1)[::-1] - difficulty.shake * SIZE * 0.9)
    assert np.abs(centres[1] - centres[0]).max() < 0.6 and np.abs(centres[2] - centres[0]).max() < 3


def test_a_preset_can_be_adjusted_and_noise_exposure_and_drift_have_the_deviation_they_promise():
    bank = fakes.bank(rooms=1, people=1)
    rows = random_rows(bank, 400, 2)
    rows["thing"] = -1
    plain, taken = (compose(bank, rows, d)["image"].float().mean((2, 3)) for d in ("aligned", Difficulty(drift=0.06)))
    assert (taken / plain).std(0).numpy() == pytest.approx([0.06] * 3, rel=0.15)
    taken = compose(bank, rows, Difficulty(exposure=0.12))["image"].float().mean((1, 2, 3)) / plain.mean(1)
    assert taken.std().item() == pytest.approx(0.12, rel=0.15) and taken.mean().item() == pytest.approx(1, abs=0.02)
    noisy, still = (compose(bank, rows[:9], d)["image"] / 255 for d in (Difficulty(noise=0.02), "aligned"))
    assert (noisy - still).std().item() == pytest.approx(0.02, rel=0.1)
    stands = compose(fakes.bank(), person_at(0.5, 4.0), replace(DIFFICULTIES["camera"], shake=0.0))
    assert torch.equal(stands["mask"], compose(fakes.bank(), person_at(0.5, 4.0), "aligned")["mask"])


def test_a_row_without_anybody_is_the_empty_room():
    rows = person_at(0.5, 4.0, thing=-1)
    batch = compose(fakes.bank(), rows, "aligned", boxes=True)
    assert torch.equal(batch["image"], batch["background"]) and batch["mask"].sum() == 0
    assert batch["boxes"][0].shape == (0, 4) and batch["labels"][0].shape == (0,)


def test_a_shadow_falls_away_from_the_lamp_as_long_as_the_geometry_says():
    """A lamp at the height 3.4 m, 4 m to the left: the shadow of 1.7 m ends 4 m to the right of the feet."""
    flat = fakes.room(size=96)
    room = replace(flat, picture=np.full_like(flat.picture, 200), lights=np.float32([[-4, 3.4, 6, 0.5]]))
    bank = Bank.of([room], [replace(fakes.ellipse(size=96), metres=1.7)])
    rows = random_rows(bank, 40, 3)
    rows["x"], rows["z"] = 0.0, 6.0
    for image in compose(bank, rows, Difficulty(shadow=1.0))["image"].float().mean(1).numpy():
        _, v, _ = room.camera.project(0.0, 0.0, 6.0, 96)
        dark = [room.camera.project(x, 0.0, 6.0, 96)[0] for x in (1.0, 2.5)]
        if image[int(v), int(dark[0])] > 190:
            continue  # this row has a lamp of its own
        light = [room.camera.project(x, 0.0, 6.0, 96)[0] for x in (-1.5, 4.6)]
        assert image[int(v), int(dark[1])] < 185 < 195 < min(image[int(v), int(u)] for u in light if u < 96)
        return
    pytest.fail("no row of forty used the room's own lamp")


def test_a_reflection_lies_below_the_feet_and_leaves_the_mask_alone():
    bank = Bank.of([replace(fakes.room(), gloss=0.6)], [fakes.ellipse()])
    rows = random_rows(bank, 1, 3)
    rows["x"], rows["z"], rows["shadow"] = 0.3, 5.0, 0.9
    plain, shiny = (compose(bank, rows, Difficulty(mirror=share), boxes=True) for share in (0.0, 1.0))
    changed = np.flatnonzero((plain["image"] != shiny["image"]).any(1)[0].any(1).numpy())
    assert torch.equal(plain["mask"], shiny["mask"]) and changed.min() >= plain["boxes"][0][0, 3] - 1


def test_relief_is_taken_from_the_distance_and_decides_who_hides_whom():
    thing = fakes.ellipse()
    relief = np.zeros(thing.picture.shape[:2], np.float16)
    relief[:, : relief.shape[1] // 2] = 0.8  # its left half comes 0.8 m before its feet
    bank = Bank.of([fakes.room()], [replace(thing, relief=relief), fakes.ellipse(1)])
    rows = random_rows(bank, 1, objects=2, rooms=[0])
    rows["thing"], rows["x"], rows["z"], rows["flip"] = [[0, 1]], [[0.5, 0.5]], [[5.0, 4.6]], False
    batch = compose(bank, rows, "aligned", boxes=True)
    left, top, width, height, far = projected_frames(bank, rows["room"][:, None], rows)[0, 0]
    near = projected_frames(bank, rows["room"][:, None], rows)[0, 1, 4]
    middle, v = round(left + width / 2), int(top + height / 2)
    depth = batch["depth"][0, 0, v].numpy()
    assert depth[middle - 2] == pytest.approx(far - 0.8, abs=1e-3) and depth[middle + 2] == pytest.approx(
        near, abs=1e-3
    )


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([*DIFFICULTIES]))
def test_the_cameras_maps_follow_the_shake_and_tell_the_depth_of_the_floor(seed, difficulty):
    bank = fakes.bank()
    rows = random_rows(bank, 2, seed)
    rows["thing"] = -1
    batch = compose(bank, rows, difficulty)
    inverse, depth = batch["camera"][:, 0].numpy(), batch["depth"][:, 0].numpy()
    floor = (inverse > 1 / 7) & (depth > 2.0)
    off = np.abs(depth[floor] * inverse[floor] - 1)
    assert np.median(off) < 0.03 and (compose(bank, rows, difficulty, known=0.0)["camera"] == 0).all()


def test_the_second_moment_is_shown_where_a_room_has_one():
    room = fakes.room()
    bank = Bank.of([replace(room, later=255 - room.picture)], [fakes.ellipse()])
    rows = random_rows(bank, 30, 1)
    rows["thing"] = -1
    batch = compose(bank, rows, Difficulty(moment=0.5))
    later = (batch["image"] == 255 - batch["background"]).flatten(1).all(1)
    assert 5 < later.sum() < 25 and (batch["image"] == batch["background"])[~later].all()


def test_a_camera_that_looks_up_and_a_thing_outside_the_picture():
    bank = Bank.of([replace(fakes.room(), camera=Camera(pitch=-0.4))], [fakes.ellipse()])
    rows = np.repeat(person_at(0, 4.0), 3)
    rows["x"][:, 0] = [50, -50, 0]
    rows["z"][2] = -3  # behind the camera: treated as floating, with no height
    batch = compose(bank, rows, "camera", boxes=True)
    assert batch["mask"].sum() == 0 and all(len(boxes) == 0 for boxes in batch["boxes"])


@pytest.mark.parametrize("weights", [{}, {"camera": 0}, {"camera": 2, "aligned": -1}, {"camera": 1, "hard": 2}, "hard"])
def test_difficulties_that_are_none_get_a_sentence(weights):
    with pytest.raises(ValueError, match="weights of a mixture|no difficulty 'hard': known are aligned, camera"):
        compose(fakes.bank(), random_rows(fakes.bank(), 3), weights)


def test_rows_that_are_none_or_of_another_bank_get_a_sentence():
    rows = random_rows(fakes.bank(), 20)
    wrong = {"no rows": (fakes.bank(), rows[:0]), "rows of a table": (fakes.bank(), np.arange(3))}
    for says, (bank, table) in (wrong | {"another": (fakes.bank(rooms=1, people=1), rows)}).items():
        with pytest.raises(ValueError, match=says):
            compose(bank, table)


def test_composites_look_as_they_did():
    """Six pictures of drawn rooms and people: image, mask and depth."""
    bank = Bank.draw(6, 6, SIZE, seed=4, props=2, workers=1)
    batch = compose(bank, random_rows(bank, 6, 2, objects=(1, 3)), "mixed")
    depth = (batch["depth"] * batch["depth_valid"] * 12).to(torch.uint8)
    parts = [batch["image"], (batch["mask"] * 255).to(torch.uint8), depth]
    tiles = [part[i].expand(3, SIZE, SIZE).permute(1, 2, 0).numpy() for part in parts for i in range(6)]
    compare_golden("composites", sheet(tiles, columns=6))
