"""What a notebook writes out in its cells is what `helpers` hold: cells tagged `definition` are run and compared."""

import nbformat
import pytest
import torch
from torch import nn

from helpers import models, train
from helpers.base import ROOT


def written(notebook: str) -> dict:
    """The names that the tagged cells of a notebook define."""
    names = {"torch": torch, "nn": nn}
    for cell in nbformat.read(ROOT / "notebooks" / notebook, as_version=4).cells:
        if "definition" in cell.metadata.get("tags", []):
            exec(cell.source, names)
    return names


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
