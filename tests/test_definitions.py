"""What a notebook writes out in its cells is what `helpers` hold: cells tagged `definition` are run and compared."""

import nbformat
import numpy as np
import pytest
import torch
from torch import nn

from helpers import learn, models, train, world
from helpers.base import ROOT


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


@pytest.mark.parametrize("notebook, name", [("03_masknet.ipynb", "MaskNet"), ("04_depthnet.ipynb", "DepthNet")])
def test_a_network_of_a_notebook_is_the_one_of_helpers(notebook, name):
    theirs, ours = written(notebook)[name]().eval(), models.build(name.lower()).eval()
    theirs.load_state_dict(ours.state_dict())
    background, image = torch.randint(0, 256, (2, 2, 3, 64, 64), dtype=torch.uint8)
    for pair in ((background, image), (background / 255, image / 255)):
        found, wanted = theirs(*pair), ours(*pair)
        assert all(torch.equal(found[head], wanted[head]) for head in wanted)


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
