"""The weights that ship: small, honest about themselves, and good on photographs that they have never seen."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.ops import box_iou

from helpers import data, learn, mine, models, photographs, predict
from helpers.inference import SHIPPED, AsPredicted, trained_network

SMALL = 3_500_000  # bytes
NETWORKS = ("roomnet", "masknet", "percamera")


@pytest.mark.parametrize("name", NETWORKS)
def test_they_are_small_and_their_card_is_theirs(name):
    network, card = trained_network(name)
    path = SHIPPED / f"{name}.safetensors"
    assert path.stat().st_size < SMALL and card["parameters"] == models.count_parameters(network) <= 1_500_000
    assert json.loads(path.with_suffix(".json").read_text()) == card
    assert card["size"] == {"roomnet": 112, "percamera": 192, "masknet": 96}[name]
    assert "seed" in card["recipe"] and card["weights"] == "float16"


def test_four_samples_lie_beside_them():
    folder = SHIPPED.parent / "results"
    assert sorted(path.name for path in folder.iterdir()) == [f"sample_{place:03}.png" for place in range(4)]
    assert all(Image.open(path).width == 800 and path.stat().st_size < 300_000 for path in folder.iterdir())


def test_the_learners_network_with_boxes_is_small_and_finds_some():
    network = mine.previous("boxes", models.build("boxnet"))
    assert (mine.GIVEN / "boxes.safetensors").stat().st_size < SMALL
    scenes = data.frozen_set("objects-test-v2", first=40)
    batch = next(iter(data.loader(scenes, 40)))
    small = {name: batch[name][..., ::2, ::2] for name in ("background", "image", "mask", "depth", "depth_valid")}
    batch = small | {"boxes": [box / 2 for box in batch["boxes"]], "labels": batch["labels"]}
    assert learn.evaluate(network, [batch])["ap50"] > 0.4


@pytest.mark.parametrize("shaken", [False, True])
def test_photographs(shaken):
    network, _ = trained_network("roomnet")
    pairs = photographs.photo_pairs(shaken)[::4]
    found = photographs.total_iou(photographs.pixel_counts(network, pairs))
    rival = photographs.differencing_iou(pairs)
    assert found > (0.94 if shaken else rival)
    assert found > rival + 0.2 or not shaken


def test_unseen_rooms_and_people():
    network, card = trained_network("roomnet")
    frozen = data.frozen_set("museum-test-v2")
    some = [frozen.__getitems__(list(range(start, start + 50))).batch for start in (0, 450, 900)]
    scores = learn.evaluate(AsPredicted(network, card), some)
    assert scores["mask_iou"] > 0.8 and scores["depth_rmse_m"] < 0.8  # the mean depth map: 1.8


def test_boxes_of_people_and_props():
    network, card = trained_network("percamera")
    frozen = data.frozen_set("objects-test-v2")
    some = [frozen.__getitems__(list(range(start, start + 50))).batch for start in (0, 600)]
    scores = learn.evaluate(AsPredicted(network, card), some)
    assert scores["ap50"] > 0.8 and scores["ap50_95"] > 0.45 and scores["label_accuracy"] > 0.95
    assert scores["mask_miou"] > 0.84 and scores["depth_rmse_m"] < 1.0  # the mean depth map: 1.76


def test_boxes_come_with_names_and_scores_in_pixels_of_the_picture():
    scene = data.frozen_set("objects-test-v2")[3]
    pictures = [scene[name].repeat_interleave(3, 1).repeat_interleave(3, 2) for name in ("background", "image")]
    found = predict(*(picture.permute(1, 2, 0).numpy() for picture in pictures), model="percamera")
    assert found["mask"].shape == (576, 576) and set(found["labels"]) <= {0, 1} and len(found["boxes"])
    best = box_iou(torch.from_numpy(found["boxes"]), 3 * scene["boxes"]).max(0).values
    assert best.max() > 0.5 and (np.diff(found["scores"]) <= 0).all()


def test_nobody_is_found_where_nobody_is():
    background = photographs.photo_pairs()[0]["background"][0].permute(1, 2, 0).numpy()
    found = predict(background, background)
    assert found["mask"].mean() < 0.001 and not len(found["boxes"])
    darker = np.clip(background * 0.8, 0, 255).astype(np.uint8)
    assert predict(background, darker)["mask"].mean() < 0.01
