"""What is special about rows A, B, C and E: sharing, sizes, one picture, what a box may say."""

import pytest
import torch
from test_networks import pair

from helpers import models
from helpers.models import blocks


def learned(network: torch.nn.Module, head: str) -> set[str]:
    """The names of the parts, up to the first dot, that a loss of this head alone moves."""
    network.zero_grad(set_to_none=True)
    network(*pair((64, 64)))[head].mean().backward()
    return {name.split(".")[0] for name, weight in network.named_parameters() if weight.grad is not None}


def test_the_mask_and_the_depth_of_the_shared_unet_meet_in_the_trunk_only():
    network = models.SharedUnet(4)
    assert learned(network, "mask") == {"trunk", "mask"} and learned(network, "depth") == {"trunk", "depth"}
    with torch.no_grad():
        before = network.eval()(*pair())
        network.trunk[0][0][0].weight.add_(0.5)
        after = network(*pair())
    assert not any(torch.equal(before[head], after[head]) for head in before)


def test_the_width_of_the_shared_unet_is_a_number_of_channels():
    assert models.SharedUnet(8).trunk[0][0][0].out_channels == 8
    assert {name.split(".")[0] for name, _ in models.SharedUnet(4).named_parameters()} == {"trunk", "mask", "depth"}
    for wrong in (0, -4, 2.5, "16"):
        with pytest.raises(ValueError, match="number of channels"):
            models.SharedUnet(wrong)


def test_the_same_weights_of_the_shared_unet_read_64_and_224_pixels():
    network = models.SharedUnet(4).eval()
    with torch.no_grad():
        assert [network(*pair((size, size), 1))["depth"].shape[-1] for size in (64, 96, 224)] == [64, 96, 224]


def test_the_decoders_of_dsresnet_share_nothing_and_its_encoder_all():
    network = models.DSResNet()
    both = {"background_stem", "image_stem", "mix", "shared"}
    assert learned(network, "mask") == both | {"mask_up", "mask_head"}
    assert learned(network, "depth") == both | {"depth_up", "depth_head"}


def test_two_encoders_answers_at_half_of_what_it_reads():
    torch.manual_seed(0)
    network = models.TwoEncoders().eval()
    half = models.TwoEncoders(twice=False).eval()
    half.load_state_dict(network.state_dict())
    small = [picture.float() / 255 for picture in pair((96, 96), 1)]
    with torch.no_grad():
        ours, theirs = network(*small), half(*map(blocks.enlarge, small))
    assert theirs["mask"].shape == ours["mask"].shape == (1, 1, 96, 96)
    assert all(torch.allclose(ours[head], theirs[head], atol=1e-4) for head in ours)
    with torch.no_grad():
        assert half(*pair((33, 50)))["depth"].shape == (2, 1, 17, 25)


def test_two_encoders_has_an_encoder_for_each_picture():
    network = models.TwoEncoders().eval()
    background, image = pair()
    with torch.no_grad():
        one, other = network(background, image), network(image, background)
    assert not torch.allclose(one["mask"], other["mask"])
    assert network.background_encoder[0][0].weight is not network.image_encoder[0][0].weight


def test_the_grey_variant_sees_brightness_and_no_colour():
    network = models.build("two_encoders_grey").eval()
    background, image = (picture.float() / 255 * 0.5 + 0.2 for picture in pair())
    hue = torch.tensor([0.114, 0.0, -0.299]).view(1, 3, 1, 1) * 0.5  # as much red as blue is taken away
    with torch.no_grad():
        plain, tinted = network(background, image), network(background, image + hue)
    assert torch.allclose(plain["mask"], tinted["mask"], atol=1e-4)


def test_dropout_rests_when_two_encoders_predicts():
    network = models.TwoEncoders(dropout=0.5)
    with torch.no_grad():
        first, second = (network.train()(*pair())["mask"] for _ in range(2))
        third, fourth = (network.eval()(*pair())["mask"] for _ in range(2))
    assert not torch.equal(first, second) and torch.equal(third, fourth)


def test_the_seed_s_detector_says_one_box_for_the_whole_picture():
    network = models.build("tiny_percamera").eval()
    with torch.no_grad():
        heads = network(None, pair((40, 56))[1])
    assert heads["object"].shape == (2,) and heads["box"].shape == (2, 4)
    assert 0 < heads["box"].min() and heads["box"].max() < 1


def test_the_seed_s_detector_loses_the_place():
    """An object in another place, and the same box: the mean over all places cannot tell them apart."""
    network = models.build("tiny_percamera").eval()
    picture = torch.full((2, 3, 64, 64), 128, dtype=torch.uint8)
    picture[0, :, 16:24, 16:24], picture[1, :, 40:48, 32:40] = 255, 255
    with torch.no_grad():
        heads = network(None, picture)
    assert torch.allclose(heads["box"][0], heads["box"][1], atol=1e-5)
    assert not torch.allclose(heads["mask"][0], heads["mask"][1])


def test_its_two_classes_are_one_logit():
    network = models.build("tiny_percamera").eval()
    image = pair((16, 16))[1]
    with torch.no_grad():
        classes = network.segmentation(network.trunk(models.normalise(image)))
        mask = network(None, image)["mask"]
    assert torch.allclose(classes.softmax(1)[:, 1:], mask.sigmoid(), atol=1e-6)


def test_percamera_answers_for_cells_of_four_pixels():
    network = models.build("percamera").eval()
    with torch.no_grad():
        heads = network(None, pair((64, 80))[1])
        odd = network(None, pair((50, 33))[1])
    assert heads["heat"].shape == heads["label"].shape == (2, 1, 16, 20)
    assert heads["size"].shape == heads["offset"].shape == (2, 2, 16, 20)
    assert odd["mask"].shape == (2, 1, 50, 33) and odd["heat"].shape == (2, 1, 16, 12), "cells of the padded picture"
    assert heads["heat"].sigmoid().mean() < 0.15, "at first hardly any cell is taken for a centre"
