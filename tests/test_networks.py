"""Every network: its size to the digit, its heads at any size, what it costs, and what it refuses."""

import subprocess
import sys

import pytest
import torch

from helpers import models, show
from helpers.models import blocks, count
from helpers.world import camera

PARAMETERS = {"masknet": 76_097, "masknet_c": 59_745, "depthnet": 7_083_874, "smp_unet": 14_337_762}
PARAMETERS |= {"dsresnet": 10_343_490, "shared_unet": 33_389_314, "shared_unet_16": 2_091_970}
PARAMETERS |= {"two_encoders": 2_161_666, "two_encoders_grey": 2_160_514, "tiny_percamera": 60_904}
MAPS = {"mask", "depth"}
HEADS = {"masknet": {"mask"}, "masknet_c": {"mask"}, "tiny_percamera": MAPS | {"object", "box"}}  # others have both
HEADS["percamera"] = MAPS | {"heat", "label", "size", "offset"}
ALONE = ("tiny_percamera", "percamera")  # networks of one picture


@pytest.fixture(scope="module")
def networks() -> dict[str, torch.nn.Module]:
    torch.manual_seed(0)
    return {name: models.build(name).eval() for name in models.NETWORKS}


def pair(size: tuple[int, int] = (32, 32), count: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    """Two batches of noise, uint8."""
    rng = torch.Generator().manual_seed(0)
    return tuple(torch.randint(0, 256, (count, 3, *size), dtype=torch.uint8, generator=rng) for _ in range(2))


def test_parameters_are_those_of_the_seeds_to_the_digit(networks):
    assert {name: models.count_parameters(networks[name]) for name in PARAMETERS} == PARAMETERS
    assert models.count_parameters(networks["roomnet"]) <= 1_000_000
    assert models.count_parameters(networks["percamera"]) <= 500_000


@pytest.mark.parametrize("name", models.NETWORKS)
@pytest.mark.parametrize("size", [(16, 16), (17, 49), (96, 96)])
def test_heads_have_the_pictures_size_and_finite_numbers(networks, name, size):
    with torch.no_grad():
        heads = networks[name](*pair(size))
    assert set(heads) == HEADS.get(name, MAPS)
    assert all(head.dtype == torch.float32 and head.isfinite().all() for head in heads.values())
    assert all(heads[head].shape == (2, 1, *size) for head in MAPS & set(heads))
    if "depth" in heads:
        assert heads["depth"].min() > 0 and heads["depth"].max() <= 20 and heads["depth"].mean() > 1


@pytest.mark.parametrize("name", models.NETWORKS)
def test_bytes_and_floats_are_the_same_picture(networks, name):
    background, image = pair()
    with torch.no_grad():
        ours, theirs = networks[name](background, image), networks[name](background / 255, image / 255)
    assert all(torch.allclose(ours[head], theirs[head], atol=1e-4) for head in ours)


PAIRED = [name for name in models.NETWORKS if name not in ALONE and name != "masknet"]


@pytest.mark.parametrize("name", PAIRED)
def test_wrong_channels_and_unlike_pictures_are_refused(networks, name):
    with pytest.raises(ValueError, match=r"N 3 H W.*\(2, 1, 32, 32\)"):
        networks[name](torch.zeros(2, 1, 32, 32), torch.zeros(2, 1, 32, 32))
    with pytest.raises(ValueError, match=r"of one shape.*\(2, 3, 32, 32\) and \(2, 3, 32, 48\)"):
        networks[name](torch.zeros(2, 3, 32, 32), torch.zeros(2, 3, 32, 48))


@pytest.mark.parametrize("name", ALONE)
def test_networks_of_one_picture_do_not_look_at_the_background(networks, name):
    background, image = pair()
    with torch.no_grad():
        heads, without = networks[name](background, image), networks[name](None, image)
    assert all(torch.equal(heads[head], without[head]) for head in heads)
    with pytest.raises(ValueError, match=r"N 3 H W.*\(2, 1, 32, 32\)"):
        networks[name](None, torch.zeros(2, 1, 32, 32))


@pytest.mark.parametrize("name", [name for name in PAIRED if name not in ("masknet_c", "smp_unet")])
def test_every_weight_learns_from_both_heads(name):
    network = models.build(name)
    heads = network(*pair((64, 64)))
    (heads["mask"].mean() + heads["depth"].mean()).backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_the_mask_of_depthnet_leaves_before_depth(networks):
    network = networks["depthnet"]
    network.zero_grad()
    network(*pair())["mask"].sum().backward()
    assert network.deepest.body[1][0].weight.grad is None and network.shared[2].body[1][0].weight.grad is not None


def test_far_is_the_world_s_far():
    assert blocks.FAR == camera.FAR


def test_what_a_convolution_costs():
    class One(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Conv2d(3, 8, 3, padding=1)

        def forward(self, background, image):
            return {"mask": self.layer(image.float())}

    cost = models.cost(One(), size=10, batch=2)
    assert cost == {"parameters": 224, "multiply_adds": 2 * 8 * 100 * 27, "activation_bytes": 2 * 8 * 100 * 4}


def test_counting_leaves_the_network_as_it_was(networks):
    network = models.build("depthnet").train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    cost = models.cost(network, 32)
    assert network.training and all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert cost["multiply_adds"] * 4 == models.cost(network, 64)["multiply_adds"]
    assert not any(module._forward_hooks for module in network.modules())


def test_stages_know_what_feeds_them(networks):
    stages = count.stages(networks["depthnet"], 96)
    at = {stage.name: stage for stage in stages}
    sources = {stages[i].name for i in at["depth_up.1"].sources}
    assert sources == {"depth_up.0", "shared.1", "mask_up.0"} and at["deepest"].shape == (512, 3, 3)
    assert [stage.name for stage in stages[:2]] == ["background", "image"]
    assert [stages[i].name for i in at["mask"].sources] == ["mask_head"]
    assert sum(stage.parameters for stage in stages) == PARAMETERS["depthnet"]


@pytest.mark.parametrize("name", models.NETWORKS)
def test_a_diagram_names_every_stage_and_the_cost(networks, name):
    axis = show.diagram(networks[name], 64).axes[0]
    assert f"{models.count_parameters(networks[name]):,} parameters" in axis.get_title()
    assert len(axis.texts) == len(count.stages(networks[name], 64))
    places = [text.get_position() for text in axis.texts]
    assert len(set(places)) == len(places)


def test_importing_the_networks_does_not_import_the_libraries():
    code = "import sys, helpers.models; print([n for n in ('segmentation_models_pytorch', 'timm') if n in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


@pytest.mark.parametrize("name", sorted(models.NETWORKS))
def test_heads_asks_a_network_and_leaves_it_as_it_was(name):
    network = models.build(name).train()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    assert models.heads(network) == HEADS.get(name, MAPS)
    assert network.training and all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def test_every_idea_of_roomnet_can_be_taken_away():
    for option in ("align", "difference", "coordinates", "pool", "inverse", "guide"):
        network = models.RoomNet(**{option: False})
        assert models.heads(network) == {"mask", "depth"} and models.count_parameters(network) < 1_000_000
    assert models.count_parameters(models.build("roomnet_first")) == 877_524
