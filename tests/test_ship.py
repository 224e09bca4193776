"""The command that trains what ships."""

from dataclasses import replace

import fakes
import pytest
import torch

from helpers import data, learn, ship


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
    monkeypatch.setattr(learn.trainer.Trainer, "train_step", lambda *_: pytest.fail("trained again"))
    ship.ship("masknet", tmp_path / "runs", tmp_path / "out")
    assert path.read_bytes() == before


def test_a_network_that_does_not_ship_is_told(tmp_path):
    with pytest.raises(ValueError, match="No weights of depthnet ship with the course: roomnet, masknet, percamera do"):
        ship.ship("depthnet", tmp_path, tmp_path)
    with pytest.raises(ValueError, match="no network called 'roomnit'"):
        ship.ship("roomnit", tmp_path, tmp_path)
