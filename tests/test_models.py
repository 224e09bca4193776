"""Networks: their sizes to the digit, one contract for all, what is special about each, and what they cost."""

import pytest
import torch

from helpers import models, show
from helpers.models import blocks

PARAMETERS = {"masknet": 76_097, "masknet_c": 59_745, "depthnet": 7_083_874, "smp_unet": 14_337_762}
PARAMETERS |= {"dsresnet": 10_343_490, "shared_unet": 33_389_314, "shared_unet_16": 2_091_970}
PARAMETERS |= {"two_encoders": 2_161_666, "two_encoders_grey": 2_160_514, "tiny_percamera": 60_904}
PARAMETERS |= {"roomnet_first": 877_524, "percamera": 466_194}
MAPS = {"mask", "depth"}
HEADS = {"masknet": {"mask"}, "masknet_c": {"mask"}, "tiny_percamera": MAPS | {"object", "box"}}  # others have both
HEADS["percamera"] = MAPS | {"heat", "label", "size", "offset"}


@pytest.fixture(scope="module")
def networks() -> dict[str, torch.nn.Module]:
    torch.manual_seed(0)
    return {name: models.build(name).eval() for name in models.NETWORKS if name != "shared_unet"}  # it is slow


def pair(size: tuple[int, int] = (32, 32), count: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    """Two batches of noise, uint8."""
    rng = torch.Generator().manual_seed(0)
    return tuple(torch.randint(0, 256, (count, 3, *size), dtype=torch.uint8, generator=rng) for _ in range(2))


def test_parameters_are_those_of_the_projects_to_the_digit():
    with torch.device("meta"):  # shapes alone
        counts = {name: models.count_parameters(models.build(name)) for name in models.NETWORKS}
    assert counts["roomnet"] <= 1_000_000 and {name: counts[name] for name in PARAMETERS} == PARAMETERS
    with pytest.raises(ValueError, match="no network called 'maskned'.*masknet"):
        models.build("maskned")


@pytest.mark.parametrize("name", [name for name in models.NETWORKS if name != "shared_unet"])
def test_heads_of_any_size_from_bytes_and_from_floats(networks, name):
    background, image = pair((17, 49))
    alone = name in ("tiny_percamera", "percamera")  # they do not look at the background
    with torch.no_grad():
        heads = networks[name](background, image)
        same = networks[name](None if alone else background / 255, image / 255)
    assert set(heads) == HEADS.get(name, MAPS)
    assert all(head.dtype == torch.float32 and head.isfinite().all() for head in heads.values())
    assert all(heads[head].shape == (2, 1, 17, 49) for head in MAPS & set(heads))
    assert all(torch.allclose(heads[head], same[head], atol=1e-4) for head in heads)
    if "depth" in heads:
        assert heads["depth"].min() > 0 and heads["depth"].max() <= 20 and heads["depth"].mean() > 1


def test_masknet_sees_seven_pixels_across(networks):
    background, image = (picture.float().div(255).requires_grad_() for picture in pair((15, 15), 1))
    networks["masknet"](background, image)["mask"][0, 0, 7, 7].backward()
    for picture in (background, image):
        rows = picture.grad.abs().sum((0, 1, 3)).nonzero().flatten()
        assert rows.tolist() == [4, 5, 6, 7, 8, 9, 10]


def learned(network: torch.nn.Module, head: str) -> set[str]:
    """The names of the parts, up to the first dot, that a loss of this head alone moves."""
    network.zero_grad(set_to_none=True)
    network(*(picture.to("meta") for picture in pair()))[head].mean().backward()
    return {name.split(".")[0] for name, weight in network.named_parameters() if weight.grad is not None}


def test_what_heads_share():
    with torch.device("meta"):  # shapes and gradients, but no numbers
        unet, dsresnet, depthnet = models.SharedUnet(4), models.DSResNet(), models.DepthNet()
    assert learned(unet, "mask") == {"trunk", "mask"} and learned(unet, "depth") == {"trunk", "depth"}
    both = {"background_stem", "image_stem", "mix", "shared"}
    assert learned(dsresnet, "mask") == both | {"mask_up", "mask_head"}
    assert learned(dsresnet, "depth") == both | {"depth_up", "depth_head"}
    parts = {name for name, _ in depthnet.named_children()}
    assert learned(depthnet, "mask") == parts - {"deepest", "depth_up", "depth_head"}
    assert learned(depthnet, "depth") == parts - {"mask_head"}, "depth takes the mask decoder's features"


def test_two_encoders_answers_at_half_of_what_it_reads(networks):
    half = models.TwoEncoders(twice=False).eval()
    half.load_state_dict(networks["two_encoders"].state_dict())
    small = [picture.float() / 255 for picture in pair((48, 48), 1)]
    with torch.no_grad():
        ours, theirs = networks["two_encoders"](*small), half(*map(blocks.enlarge, small))
        assert all(torch.allclose(ours[head], theirs[head], atol=1e-4) for head in ours)
        assert half(*pair((33, 50)))["depth"].shape == (2, 1, 17, 25)
        mask = networks["two_encoders"](*small)["mask"]
        assert not torch.allclose(mask, networks["two_encoders"](*reversed(small))["mask"]), "an encoder for each"


def test_the_grey_variant_sees_brightness_and_no_colour(networks):
    network = networks["two_encoders_grey"]
    background, image = (picture.float() / 255 * 0.5 + 0.2 for picture in pair())
    hue = torch.tensor([0.114, 0.0, -0.299]).view(1, 3, 1, 1) * 0.5  # as much red as blue is taken away
    with torch.no_grad():
        assert torch.allclose(network(background, image)["mask"], network(background, image + hue)["mask"], atol=1e-4)


def test_every_idea_of_roomnet_can_be_taken_away():
    for option in ("align", "difference", "coordinates", "pool", "inverse", "guide"):
        network = models.RoomNet(**{option: False})
        assert models.heads(network) == {"mask", "depth"} and models.count_parameters(network) < 1_000_000


def test_what_a_convolution_costs():
    class One(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Conv2d(3, 8, 3, padding=1)

        def forward(self, background, image):
            return {"mask": self.layer(image.float())}

    cost = models.cost(One(), size=10, batch=2)
    assert cost == {"parameters": 224, "multiply_adds": 2 * 8 * 100 * 27, "activation_bytes": 2 * 8 * 100 * 4}


@pytest.mark.parametrize("name", ["masknet", "shared_unet_16", "percamera"])
def test_a_diagram_has_a_box_for_every_stage(networks, name):
    axis = show.diagram(networks[name], 64).axes[0]
    assert f"{models.count_parameters(networks[name]):,} parameters" in axis.get_title()
    places = [text.get_position() for text in axis.texts]
    assert len(set(places)) == len(places) == len(models.network_stages(networks[name], 64))
