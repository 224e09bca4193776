"""The weights that ship: small, honest about themselves, and good on photographs that they have never seen."""

import json

import numpy as np
import pytest

from helpers import data, learn, models, photographs, predict
from helpers.weights import SHIPPED, trained

SMALL = 4_000_000  # bytes
NETWORKS = ("roomnet", "masknet")


@pytest.mark.parametrize("name", NETWORKS)
def test_they_are_small_and_their_card_is_theirs(name):
    network, card = trained(name)
    path = SHIPPED / f"{name}.safetensors"
    assert path.stat().st_size < SMALL and card["parameters"] == models.count_parameters(network) <= 1_000_000
    assert json.loads(path.with_suffix(".json").read_text()) == card
    assert card["size"] == 96 and card["recipe"]["seed"] == 0 and card["weights"] == "float16"


@pytest.mark.parametrize("shaken", [False, True])
def test_photographs(shaken):
    network, _ = trained("roomnet")
    pairs = photographs.pairs(shaken)[::4]
    found = photographs.total(photographs.by_pair(network, pairs))
    rival = photographs.best_differencing(pairs)
    assert found > (0.94 if shaken else rival)
    assert found > rival + 0.2 or not shaken


def test_unseen_rooms_and_people():
    network, _ = trained("roomnet")
    frozen = data.frozen("museum-test-v1")
    some = [frozen.__getitems__(list(range(start, start + 50))).batch for start in (0, 700, 1400)]
    scores = learn.evaluate(network, some)
    assert scores["mask_iou"] > 0.86 and scores["depth_rmse_m"] < 0.95  # the mean depth map: 1.96


def test_nobody_is_found_where_nobody_is():
    background = photographs.pairs()[0]["background"][0].permute(1, 2, 0).numpy()
    found = predict(background, background)
    assert found["mask"].mean() < 0.001 and not len(found["boxes"])
    darker = np.clip(background * 0.8, 0, 255).astype(np.uint8)
    assert predict(background, darker)["mask"].mean() < 0.01
