"""Networks: their sizes to the digit, one contract for all, what is special about each, and what they cost."""

import pytest
import torch

from helpers import models, show
from helpers.models import blocks

PARAMETERS = {"masknet": 76_097, "masknet_c": 59_745, "depthnet": 7_083_874, "smp_unet": 14_337_762}
PARAMETERS |= {"dsresnet": 10_343_490, "shared_unet": 33_389_314, "shared_unet_16": 2_091_970}
PARAMETERS |= {"two_encoders": 2_161_666, "two_encoders_grey": 2_160_514, "tiny_percamera": 60_904}
PARAMETERS |= {"percamera": 466_194, "boxnet": 1_462_090, "small_depthnet": 774_993}
MAPS = {"mask", "depth"}
HEADS = {"masknet": {"mask"}, "masknet_c": {"mask"}, "tiny_percamera": MAPS | {"object", "box"}}  # others have both
HEADS["small_depthnet"] = {"depth"}
HEADS["percamera"] = HEADS["boxnet"] = MAPS | {"heat", "label", "size", "offset"}
ALONE = ("tiny_percamera", "percamera")  # networks of one picture


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
    assert counts["roomnet"] <= 1_500_000 and {name: counts[name] for name in PARAMETERS} == PARAMETERS
    with pytest.raises(ValueError, match="no network called 'maskned'.*masknet"):
        models.build("maskned")


@pytest.mark.parametrize("name", [name for name in models.NETWORKS if name != "shared_unet"])
def test_heads_of_any_size_from_bytes_and_from_floats(networks, name):
    background, image = pair((17, 49))
    with torch.no_grad():
        heads, same = networks[name](background, image), networks[name](background / 255, image / 255)
    assert set(heads) == HEADS.get(name, MAPS)
    assert all(head.dtype == torch.float32 and head.isfinite().all() for head in heads.values())
    assert all(heads[head].shape == (2, 1, 17, 49) for head in MAPS & set(heads))
    assert all(torch.allclose(heads[head], same[head], atol=1e-4) for head in heads)
    if "depth" in heads:
        assert heads["depth"].min() > 0 and heads["depth"].max() <= 20 and heads["depth"].mean() > 1


def test_the_smallest_picture_has_one_pixel(networks):
    with torch.no_grad():
        assert all(networks[name](*pair((1, 1)))["mask"].shape == (2, 1, 1, 1) for name in ("masknet", "roomnet"))


def test_boxnet_is_roomnet_with_one_head_more(networks):
    network, room = networks["boxnet"], models.build("roomnet").eval()
    room.load_state_dict(network.room.state_dict())
    with torch.no_grad():
        heads, maps = network(*pair()), room(*pair())
    assert all(torch.equal(heads[name], maps[name]) for name in maps) and not network.kept
    assert heads["heat"].shape == (2, 1, 8, 8)
    heads = network(*pair())
    heads["heat"].sum().backward()
    assert network.room.stem[0].weight.grad.abs().sum() > 0, "the head teaches RoomNet too"


@pytest.mark.parametrize("name", ALONE)
def test_networks_of_one_picture_do_not_look_at_the_background(networks, name):
    background, image = pair()
    with torch.no_grad():
        heads, without = networks[name](background, image), networks[name](None, image)
    assert all(torch.equal(heads[head], without[head]) for head in heads)


def test_the_same_seed_gives_the_same_weights():
    torch.manual_seed(5)
    first = models.build("masknet")
    torch.manual_seed(5)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), models.build("masknet").parameters()))


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
    assert learned(unet, "mask") == {"encoder", "mask"} and learned(unet, "depth") == {"encoder", "depth"}
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


def test_one_box_for_the_whole_picture_loses_the_place(networks):
    """An object in another place, and the same box: the mean over all places cannot tell them apart."""
    picture = torch.full((2, 3, 64, 64), 128, dtype=torch.uint8)
    picture[0, :, 16:24, 16:24], picture[1, :, 40:48, 32:40] = 255, 255
    with torch.no_grad():
        heads = networks["tiny_percamera"](None, picture)
    assert heads["object"].shape == (2,) and 0 < heads["box"].min() and heads["box"].max() < 1
    assert torch.allclose(heads["box"][0], heads["box"][1], atol=1e-5)
    assert not torch.allclose(heads["mask"][0], heads["mask"][1])


def test_percamera_answers_for_cells_of_four_pixels(networks):
    with torch.no_grad():
        heads = networks["percamera"](None, pair((50, 33))[1])
    assert heads["mask"].shape == (2, 1, 50, 33) and heads["heat"].shape == (2, 1, 16, 12), "cells of what was padded"
    assert heads["size"].shape == heads["offset"].shape == (2, 2, 16, 12)
    assert heads["heat"].sigmoid().mean() < 0.15, "at first hardly any cell is taken for a centre"


def test_every_idea_of_roomnet_can_be_taken_away():
    for option in ("align", "difference", "coordinates", "pool", "inverse", "guide", "wide"):
        network = models.RoomNet(**{option: False})
        assert models.heads(network) == {"mask", "depth"} and models.count_parameters(network) < 1_500_000


def test_what_a_convolution_costs():
    class One(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Conv2d(3, 8, 3, padding=1)

        def forward(self, background, image):
            return {"mask": self.layer(image.float())}

    cost = models.cost(One(), size=10, batch=2)
    assert cost == {"parameters": 224, "multiply_adds": 2 * 8 * 100 * 27, "activation_bytes": 2 * 8 * 100 * 4}


def test_asking_and_counting_leave_the_network_as_it_was():
    network = models.build("percamera").train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert models.heads(network) == HEADS["percamera"]
    assert models.cost(network, 32)["multiply_adds"] < models.cost(network, 64)["multiply_adds"]
    assert network.training and all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert not any(module._forward_hooks for module in network.modules())


def test_stages_know_what_feeds_them(networks):
    stages = models.network_stages(networks["depthnet"], 64)
    at = {stage.name: stage for stage in stages}
    sources = {stages[i].name for i in at["depth_up.1"].sources}
    assert sources == {"depth_up.0", "shared.1", "mask_up.0"} and at["deepest"].shape == (512, 2, 2)
    assert [stage.name for stage in stages[:2]] == ["background", "image"]
    assert [stages[i].name for i in at["mask"].sources] == ["mask_head"]
    assert sum(stage.parameters for stage in stages) == PARAMETERS["depthnet"]


def test_stages_know_what_feeds_them_where_no_gradient_is_kept(networks):
    stages = models.network_stages(networks["roomnet"], 64)
    fed = {stage.name: {stages[i].name for i in stage.sources} for stage in stages}
    stems = [[stages[i].name for i in stage.sources] for stage in stages if stage.name == "stem"]
    assert stems == [["background", "image"], ["image"]]
    assert fed["mask.sharpen"] == {"background", "image", "mask.up.2"} and fed["depth"] == {"mask.head", "depth.head"}
    assert fed["to_eighth"] == {"to_quarter"}, "maps of zeros read nothing of a picture but its shape"


@pytest.mark.parametrize("name", ["masknet", "shared_unet_16", "smp_unet", "percamera", "roomnet"])
def test_a_diagram_has_a_box_for_every_stage(networks, name):
    axis = show.diagram(networks[name], 64).axes[0]
    assert f"{models.count_parameters(networks[name]):,} parameters" in axis.get_title()
    places = [text.get_position() for text in axis.texts]
    assert len(set(places)) == len(places) == len(models.network_stages(networks[name], 64))
