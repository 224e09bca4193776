"""What a notebook writes out in its cells is what `helpers` hold: cells tagged `definition` are run and compared."""

import nbformat
import pytest
import torch
from torch import nn

from helpers import models, train
from tools import template


@pytest.fixture(scope="module")
def written() -> dict:
    """The names that the tagged cells of 03 define."""
    book = nbformat.read(template.NOTEBOOKS / "03_masknet.ipynb", as_version=4)
    names = {"torch": torch, "nn": nn}
    for cell in book.cells:
        if "definition" in cell.metadata.get("tags", []):
            exec(cell.source, names)
    return names


def test_masknet_of_the_notebook_is_masknet(written):
    theirs, ours = written["MaskNet"]().eval(), models.build("masknet").eval()
    theirs.load_state_dict(ours.state_dict())
    background, image = torch.randint(0, 256, (2, 2, 3, 24, 24), dtype=torch.uint8)
    assert torch.equal(theirs(background, image)["mask"], ours(background, image)["mask"])
    assert torch.equal(theirs(background / 255, image / 255)["mask"], ours(background / 255, image / 255)["mask"])


def test_window_of_the_notebook_is_window(written):
    sample = {name: torch.rand(3, 96, 96) for name in ("background", "image")}
    sample["mask"] = (torch.rand(1, 96, 96) > 0.99).float()
    for seed in range(20):
        torch.manual_seed(seed)
        theirs = written["window"](sample)
        torch.manual_seed(seed)
        ours = train.window(sample)
        assert all(torch.equal(theirs[name], ours[name]) for name in ours) and len(theirs) == len(ours)
