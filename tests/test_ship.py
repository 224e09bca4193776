"""What the shipped weights are trained on: pieces of scenes, developed windows, parts in shares; and the command."""

from dataclasses import replace

import fakes
import numpy as np
import pytest
import torch

from helpers import data, learn, ship
from helpers.data.develop import MAPS, Developed, packed, patchy, soft, toned
from helpers.data.mixed import Shares, mixed
from helpers.data.pieces import piece, smooth_shape, with_pieces


def test_a_piece_is_a_part_of_a_scene_and_its_number_decides_it():
    bank = fakes.bank(3, 2, 64)
    for index in range(20):
        one = piece(bank, index)
        assert not one.stands and one.label == 0 and (one.picture[..., 3] > 127).any(0).all()
        assert min(one.picture.shape[:2]) >= 4 and max(one.picture.shape[:2]) <= 58
    assert np.array_equal(piece(bank, 7).picture, with_pieces(bank, 9).cutouts[2 + 7].picture)
    assert len(with_pieces(bank, 9).cutouts) == 11 and len(bank.cutouts) == 2
    with pytest.raises(ValueError, match="one piece or more"):
        with_pieces(bank, 0)


def test_a_smooth_shape_is_in_one_piece_and_of_middling_size():
    for seed in range(20):
        shape = smooth_shape(50, 70, np.random.default_rng(seed)) > 0.5
        assert shape[23:27, 33:37].all() and 0.05 < shape.mean() < 0.9


def sample(seed: int = 0, size: int = 64) -> dict:
    """One composed sample."""
    bank = fakes.bank(3, 2, size)
    return {name: values[0] for name, values in data.compose(bank, data.random_rows(bank, 1, seed), "camera").items()}


def test_developing_keeps_pictures_and_maps_together():
    bank = fakes.bank(3, 4, 64)
    developed = Developed(bank, data.random_rows(bank, 40, 0), "aligned", window=40)
    batch = developed.__getitems__(list(range(40))).batch
    assert all(batch[name].shape[-2:] == (40, 40) for name in MAPS)
    assert not batch["depth_valid"].any()  # a window is not what the course's camera sees
    difference = (batch["image"].float() - batch["background"].float()).abs().mean(1, keepdim=True)
    inside, outside = difference[batch["mask"] > 0].mean(), difference[batch["mask"] == 0].mean()
    assert inside > 3 * outside  # the mask was cut, turned and mirrored as the pictures were


def test_a_row_decides_how_its_picture_is_developed():
    bank = fakes.bank(3, 4, 64)
    developed = Developed(bank, data.random_rows(bank, 12, 0), window=48)
    alone, together = developed[7], developed.__getitems__([3, 7, 11])[1]
    assert all(torch.equal(alone[name], together[name]) for name in MAPS)


def test_whole_pictures_that_are_not_turned_keep_their_depth():
    bank = fakes.bank(3, 4, 64)
    rows = data.random_rows(bank, 8, 0)
    batch, plain = (
        Developed(bank, rows, "camera", turn=False).__getitems__(list(range(8))).batch,
        data.compose(bank, rows),
    )
    assert all(torch.equal(batch[name], plain[name]) for name in ("mask", "depth", "depth_valid"))


def test_other_tones_are_the_same_for_both_pictures():
    one = sample()["background"].float()
    for seed in range(10):
        first, second = toned([one, one.clone()], np.random.default_rng(seed))
        assert torch.equal(first, second) and first.min() >= -1 and first.max() <= 256


def test_softness_light_and_compression_change_little():
    one = sample()["image"].float()
    changes = [soft(one), patchy(one, np.random.default_rng(0)), packed(one.to(torch.uint8), 80).float()]
    assert all(changed.shape == one.shape and 0 < (changed - one).abs().mean() < 20 for changed in changes)


def test_a_window_larger_than_the_picture_is_refused():
    with pytest.raises(ValueError, match="does not fit pictures of 64"):
        Developed(fakes.bank(3, 4, 64), np.zeros(1), window=65)


def test_every_batch_has_its_share_of_each_part_and_each_part_goes_on_where_it_was():
    assert list(Shares([5, 100], [1, 2], 3)) == [[5, 0, 6], [7, 1, 8], [9, 2, 10]]
    assert list(Shares([5, 100], [2, 0], 3)) == [[0, 1], [2, 3], [4, 0]]  # round again
    assert list(Shares([5, 100], [1, 2], 4, apart=True)) == [[5, 6, 7], [0, 1, 2], [8, 9, 10], [11, 12, 13]]
    with pytest.raises(ValueError, match="empty"):
        Shares([5, 100], [0, 0], 3)


def test_a_mixed_batch_holds_the_samples_of_its_parts():
    parts = [data.Scenes(bank, data.random_rows(bank, 8, 0)) for bank in (fakes.bank(2, 2, 48), fakes.bank(3, 2, 48))]
    first, second = mixed(parts, (4, 2), 2)
    assert tuple(second["image"].shape) == (6, 3, 48, 48)
    for name in ("image", "mask", "depth", "depth_valid"):
        assert torch.equal(second[name][:4], torch.stack([parts[0][i][name] for i in range(4, 8)]))
        assert torch.equal(first[name][4:], torch.stack([parts[1][i][name] for i in range(2)]))


def test_the_command_trains_goes_on_and_ships_half_precision(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(data.Bank, "draw", lambda rooms, things, size, *_: fakes.bank(10, 10, size))
    tiny = replace(ship.RECIPES["masknet"], batches=6, pieces=3, sizes=(4, 4, 4))
    monkeypatch.setitem(ship.RECIPES, "masknet", tiny)
    path = ship.ship("masknet", tmp_path / "runs", tmp_path / "out")
    network, card = learn.load_checkpoint(path)
    assert card["steps"] == 6 and card["size"] == 96 and card["recipe"]["pieces"] == 3 and card["weights"] == "float16"
    assert [row["step"] for row in card["curve"]] == list(range(1, 7)) and all(
        "mask_iou" in row for row in card["curve"]
    )
    assert path.stat().st_size < 250_000 and next(network.parameters()).dtype == torch.float32
    before = path.read_bytes()
    monkeypatch.setattr(learn.training, "train_part", lambda *_: pytest.fail("trained again"))
    ship.ship("masknet", tmp_path / "runs", tmp_path / "out")
    assert path.read_bytes() == before


def test_a_network_that_does_not_ship_is_told(tmp_path):
    with pytest.raises(ValueError, match="No weights of depthnet ship with the course: roomnet, masknet, percamera do"):
        ship.ship("depthnet", tmp_path, tmp_path)
    with pytest.raises(ValueError, match="no network called 'roomnit'"):
        ship.ship("roomnit", tmp_path, tmp_path)
