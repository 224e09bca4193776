"""What a notebook writes out in its cells is what `helpers` hold: cells tagged `definition` are run and compared."""

import nbformat
import numpy as np
import pytest
import torch
from torch import nn

from helpers import comparisons, learn, models, train, world
from helpers.base import ROOT
from helpers.data import augment
from helpers.learn import losses
from helpers.learn.boxes import box_terms
from helpers.learn.lr_range import smooth_curve
from helpers.models import blocks


def written(notebook: str) -> dict:
    """The names that the tagged cells of a notebook define."""
    names = {"torch": torch, "nn": nn, "np": np}
    for cell in nbformat.read(ROOT / "notebooks" / notebook, as_version=4).cells:
        if "definition" in cell.metadata.get("tags", []):
            exec(cell.source, names)
    return names


def test_the_camera_of_the_notebook_is_the_one_of_helpers():
    theirs, rng = written("01_dataset_creation.ipynb"), np.random.default_rng(0)
    for height, pitch in ((1.6, 0.1), (2.5, -0.05)):
        camera, (u, v) = world.Camera(height, pitch), rng.uniform(0, 96, (2, 50))
        assert np.allclose(theirs["rays"](u, v, 96, camera), camera.rays(u, v, 96))
        x, y, z = rng.uniform(-1, 1, (3, 50)) + np.array([[0], [1], [6]])
        assert np.allclose(theirs["project"](x, y, z, 96, camera), camera.project(x, y, z, 96))


def test_differences_and_scores_of_the_notebook_are_those_of_helpers():
    theirs = written("01_dataset_creation.ipynb")
    background, image = torch.randint(0, 256, (2, 3, 3, 16, 16), dtype=torch.uint8)
    assert torch.equal(theirs["difference"](background, image), learn.difference(background, image).int())
    for guess, truth in (torch.rand(2, 3, 1, 16, 16) > 0.6, torch.zeros(2, 3, 1, 16, 16) > 0):
        found, sums = theirs["score"](guess, truth), learn.mask_sums(guess.float() - 0.5, truth.float())
        wanted = learn.mask_scores(sums)
        if truth.any():  # helpers call two empty masks equal
            assert [found["IoU"], found["F"]] == pytest.approx([wanted["mask_iou"], wanted["mask_dice"]])
            assert found["precision"] == pytest.approx(sums["tp"] / (sums["tp"] + sums["fp"]))
            assert found["recall"] == pytest.approx(sums["tp"] / (sums["tp"] + sums["fn"]))
        else:
            assert set(found.values()) == {0.0}


def test_flip_and_crop_of_the_notebook_are_those_of_helpers():
    theirs, size = written("02_augmentation.ipynb"), (2, 3, 48, 48)
    background, image = torch.randint(0, 256, size, dtype=torch.uint8)
    sample = {"background": background, "image": image, "mask": (torch.rand(1, 48, 48) > 0.7).float()}
    sample |= {
        "depth": 1 + torch.rand(1, 48, 48),
        "depth_valid": torch.ones(1, 48, 48),
        "camera": torch.rand(2, 48, 48),
    }
    found, wanted = theirs["flipped"](sample), augment.Augment([("flip", 1.0)])(sample)
    assert found.keys() == wanted.keys() and all(torch.equal(found[name], wanted[name]) for name in wanted)
    for window in ((0, 0, 48, 48), (5, 9, 31, 31), (20, 0, 24, 24)):
        found, wanted = theirs["cropped"](sample, *window), augment.resized_crop(sample, *window, keep="lens")
        for name, values in wanted.items():
            apart = (found[name].float() - torch.as_tensor(values).float()).abs().max()
            assert found[name].dtype == values.dtype and apart <= (values.dtype == torch.uint8), name


NETWORKS = {"MaskNet": ("03_masknet", "masknet"), "SmallDepthNet": ("04_depthnet", "small_depthnet")}
NETWORKS["DepthNet"] = ("04_depthnet", "depthnet")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_of_a_notebook_is_the_one_of_helpers(name):
    notebook, known = NETWORKS[name]
    theirs, ours = written(f"{notebook}.ipynb")[name]().eval(), models.build(known).eval()
    theirs.load_state_dict(ours.state_dict())
    background, image = torch.randint(0, 256, (2, 2, 3, 64, 64), dtype=torch.uint8)
    for pair in ((background, image), (background / 255, image / 255)):
        found, wanted = theirs(*pair), ours(*pair)
        assert all(torch.equal(found[head], wanted[head]) for head in wanted)


STAGES = dict(zip(comparisons.VARIANTS, ("Stage1", "Stage2", "Stage3", "Stage4", "RoomNet")))


@pytest.mark.parametrize("variant", STAGES)
def test_the_stages_of_notebook_04b_are_the_variants_of_the_study(variant):
    options, changes = comparisons.VARIANTS[variant]
    theirs, ours = written("04b_roomnet.ipynb")[STAGES[variant]]().eval(), models.RoomNet(**options).eval()
    theirs.load_state_dict(ours.state_dict())
    background, image = torch.randint(0, 256, (2, 2, 3, 64, 96), dtype=torch.uint8)
    for camera in (None, torch.rand(2, 2, 64, 96)):
        with torch.no_grad():
            found, wanted = theirs(background, image, camera), ours(background, image, camera)
        assert not changes and all(torch.allclose(found[head], wanted[head], atol=1e-3) for head in wanted)


def test_coordinates_and_enlarging_of_the_notebooks_are_those_of_helpers():
    features = torch.rand(2, 3, 5, 8)
    told = written("04b_roomnet.ipynb")["with_coordinates"](features)
    assert torch.allclose(told, blocks.with_coordinates(features), atol=1e-6)
    assert torch.equal(written("04_depthnet.ipynb")["enlarge"](features), blocks.enlarge(features))


@pytest.mark.parametrize("ours, name, how", [
    (models.build("shared_unet_16"), "SharedUnet", (16,)),
    (models.build("smp_mobilenet"), "SmpUnet", ("mobilenet_v2", (128, 64, 32, 16, 16))),
])  # fmt: skip
def test_a_u_net_of_notebook_07_is_the_one_of_helpers(ours, name, how):
    theirs = written("07_unet_transfer.ipynb")[name](*how).eval()
    theirs.load_state_dict(ours.eval().state_dict())
    pair = torch.randint(0, 256, (2, 2, 3, 64, 64), dtype=torch.uint8)
    found, wanted = theirs(*pair), ours(*pair)
    assert found.keys() == wanted.keys() and all(torch.equal(found[head], wanted[head]) for head in wanted)


def test_the_range_test_and_the_cycle_of_notebook_06_are_those_of_helpers():
    theirs, model = written("06_lr_range_test.ipynb"), nn.Conv2d(3, 1, 1)
    model.forward = lambda background, image: {"mask": nn.Conv2d.forward(model, image)}
    batch = {name: torch.rand(2, 3, 8, 8) for name in ("background", "image")}
    sgd = torch.optim.SGD(model.parameters(), lr=0.1)
    swept = learn.lr_range(model, [batch], lambda outputs, _: outputs["mask"].square().mean(), 1e-4, 10, 60, sgd)
    smooth = theirs["smooth_curve"](swept["loss"], 0.08 * 60)
    assert np.allclose(smooth, swept["smooth"]) and np.allclose(smooth, smooth_curve(swept["loss"], 0.08 * 60))
    assert theirs["marks"](np.array(swept["lr"]), smooth) == (swept["suggestion"], swept["minimum"])
    share = [theirs["one_cycle"](k / 50) for k in range(51)]
    assert share == pytest.approx([learn.one_cycle(k / 50) for k in range(51)])


def test_window_of_the_notebook_is_window():
    window = written("03_masknet.ipynb")["window"]
    sample = {name: torch.rand(3, 96, 96) for name in ("background", "image")}
    sample["mask"] = (torch.rand(1, 96, 96) > 0.99).float()
    for seed in range(20):
        torch.manual_seed(seed)
        theirs = window(sample)
        torch.manual_seed(seed)
        ours = train.person_window(sample, size=24)
        assert all(torch.equal(theirs[name], ours[name]) for name in ours) and len(theirs) == len(ours)


@pytest.fixture(scope="module")
def detector():
    """What notebook 08 writes out."""
    return written("08_detection.ipynb")


@pytest.mark.parametrize("name, known", [("TinyPerCameraNet", "tiny_percamera"), ("BoxNet", "boxnet")])
def test_networks_of_notebook_08_are_those_of_helpers(detector, name, known):
    torch.manual_seed(0)
    theirs, ours = detector[name]().eval(), models.build(known).eval()
    torch.manual_seed(0)
    fresh = detector[name]()
    torch.manual_seed(0)
    again = models.build(known)
    assert all(torch.equal(a, b) for a, b in zip(fresh.parameters(), again.parameters()))
    theirs.load_state_dict(ours.state_dict())
    background, image = torch.randint(0, 256, (2, 2, 3, 64, 48), dtype=torch.uint8)
    found, wanted = theirs(background, image), ours(background, image)
    assert found.keys() == wanted.keys() and all(torch.equal(found[head], wanted[head]) for head in wanted)


def test_targets_loss_and_boxes_of_notebook_08_are_those_of_helpers(detector):
    torch.manual_seed(0)
    corner = 40 * torch.rand(3, 4, 2)
    boxes = [torch.cat([low, low + 4 + 20 * torch.rand(4, 2)], 1) for low in corner] + [torch.zeros(0, 4)]
    labels = [torch.randint(0, 2, (len(box),)) for box in boxes]
    theirs, ours = (encode(boxes, labels, (16, 20)) for encode in (detector["encode_boxes"], learn.encode_boxes))
    assert theirs.keys() == ours.keys() and all(torch.equal(theirs[name], ours[name]) for name in ours)
    heads = {name: torch.randn(4, maps.shape[1], 16, 20) for name, maps in ours.items()}
    heads["mask"] = torch.zeros(4, 1, 64, 80)
    both = zip(detector["box_terms"](heads, ours).items(), box_terms(heads, ours).items())
    assert all(a == b and torch.equal(value, same) for (a, value), (b, same) in both)
    found, wanted = detector["decode_boxes"](heads, 0.7), learn.decode_boxes(heads, 0.7, most=100)
    for each, other in zip(found, wanted, strict=True):
        assert len(each["boxes"]) > 3 and all(torch.equal(each[name], other[name]) for name in other)


def test_losses_of_the_notebook_are_those_of_helpers():
    theirs = written("03_masknet.ipynb")
    for seed in range(5):
        torch.manual_seed(seed)
        logits, mask = 5 * torch.randn(2, 1, 16, 16), (torch.rand(2, 1, 16, 16) > 0.8).float()
        found, wanted = [], []
        for ours, kept in ((theirs, found), (vars(learn), wanted)):
            kept += [ours["bce"](logits, mask), ours["dice"](logits, mask)]
            kept.append(ours["mask_loss"]({"mask": logits}, {"mask": mask}))
        assert torch.allclose(torch.stack(found), torch.stack(wanted), atol=1e-6)


def test_losses_of_notebook_05_are_those_of_helpers():
    theirs = written("05_loss_experiments.ipynb")
    for seed in range(3):
        torch.manual_seed(seed)
        guess, truth = torch.rand(2, 2, 1, 24, 20)
        where = (torch.rand(2, 1, 24, 20) > 0.3).float()
        for name in ("l1", "mse", "rmse", "ssim", "gradient", "depth_bce"):
            found, wanted = theirs[name](guess, truth, where), getattr(losses, name)(guess, truth, where)
            assert torch.allclose(found, wanted, atol=1e-5), name
