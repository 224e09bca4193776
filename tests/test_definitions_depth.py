"""The network that 04 writes out in its cells is the one of `helpers`, weight by weight."""

import nbformat
import torch
from torch import nn

from helpers import models
from tools import template


def test_depthnet_of_the_notebook_is_depthnet():
    book = nbformat.read(template.NOTEBOOKS / "04_depthnet.ipynb", as_version=4)
    names = {"torch": torch, "nn": nn}
    for cell in book.cells:
        if "definition" in cell.metadata.get("tags", []):
            exec(cell.source, names)
    theirs, ours = names["DepthNet"]().eval(), models.build("depthnet").eval()
    theirs.load_state_dict(ours.state_dict())
    background, image = torch.randint(0, 256, (2, 2, 3, 64, 64), dtype=torch.uint8)
    found, wanted = theirs(background, image), ours(background, image)
    assert all(torch.equal(found[head], wanted[head]) for head in ("mask", "depth"))
