"""What tests share: a small exact world (a box room, an ellipse that stands in it), a network, files, repositories."""

import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from helpers.data import Bank, export
from helpers.world.camera import FAR, Camera
from helpers.world.drawn import Backdrop, Cutout

WALL, BOX = 9.0, (-2.2, -1.0, 4.0, 1.0)  # metres: the back wall; furniture: left, right, front, top


def room_depth(camera: Camera, size: int) -> np.ndarray:
    """Exact depth in metres of a floor, a back wall and the front of one box."""
    v, u = np.mgrid[:size, :size] + 0.5
    right, up, forward = camera.rays(u, v, size)
    floor = np.where(up < 0, -camera.height / np.minimum(up, -1e-9), FAR)
    depth = np.minimum(np.minimum(floor, WALL / forward), FAR)
    left, end, front, top = BOX
    at = front / forward
    hit = (right * at >= left) & (right * at <= end) & (camera.height + up * at <= top) & (camera.height + up * at >= 0)
    return np.where(hit, at, depth).astype(np.float32)


def room(seed: int = 0, size: int = 64) -> Backdrop:
    """A box room whose colours follow its depth, with a light of its own."""
    rng = np.random.default_rng([seed, 1])
    camera = Camera(pitch=rng.uniform(-0.05, 0.15))
    depth = room_depth(camera, size)
    colour = 40 + 180 * (1 - depth[..., None] / FAR) * rng.uniform(0.5, 1, 3)
    picture = np.clip(colour + rng.normal(0, 4, (size, size, 3)), 0, 255).astype(np.uint8)
    spots = np.stack([rng.uniform(-2, 2, 80), rng.uniform(2.2, 8.5, 80)], 1).astype(np.float32)
    return Backdrop(picture, depth, camera, spots, "box")


def clutter(seed: int = 0, size: int = 64) -> Backdrop:
    """A picture without a place in space."""
    picture = np.random.default_rng([seed, 2]).integers(0, 256, (size, size, 3), dtype=np.uint8)
    return Backdrop(
        picture, np.full((size, size), FAR, np.float32), Camera(), np.zeros((0, 2), np.float32), "clutter", False
    )


def ellipse(seed: int = 0, size: int = 64, stands: bool = True, label: int = 1) -> Cutout:
    """A plain ellipse with a hard edge, about 0.8 of the room's size high."""
    rng = np.random.default_rng([seed, 3])
    height, width = int(0.8 * size), int(0.3 * size)
    y, x = np.mgrid[:height, :width] + 0.5
    alpha = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2 <= 0.25) * 255
    colour = np.broadcast_to(rng.integers(0, 256, 3), (height, width, 3))
    picture = np.concatenate([colour, alpha[..., None]], 2).astype(np.uint8)
    return Cutout(picture, rng.uniform(1.5, 1.9), label, "person" if label else "prop", stands)


@cache
def bank(rooms: int = 3, people: int = 4, size: int = 64, clutters: int = 0, shapes: int = 0) -> Bank:
    """A bank of box rooms and ellipses, with clutter and floating shapes where asked for."""
    backdrops = [room(i, size) for i in range(rooms)] + [clutter(i, size) for i in range(clutters)]
    cutouts = [ellipse(i, size) for i in range(people)]
    return Bank.of(backdrops, cutouts + [ellipse(100 + i, size, False, 0) for i in range(shapes)])


def refused(work, *fragments: str, kind=ValueError) -> str:
    """The sentence with which `work` is refused: one line, a full stop, and these fragments."""
    with pytest.raises(kind) as caught:
        work()
    sentence = str(caught.value)
    for fragment in fragments:
        assert fragment in sentence, sentence
    assert sentence.endswith(".") and "\n" not in sentence and not sentence.startswith("["), sentence
    return sentence


class Differs(nn.Module):
    """In place of a trained network: what differs by a fifth is in front, 3 m away, in 12 m of room."""

    def forward(self, background, image):
        mask = ((image - background).abs().amax(1, keepdim=True) - 0.2) * 100
        return {"mask": mask, "depth": torch.where(mask > 0, 3.0, 12.0)}


def quietly(bank: Bank, out: Path, count: int | None = None, **options) -> Path:
    """Export in this process, without a bar."""
    return export(bank, out, count, **{"progress": False, "places": 2, **options})


def contents(folder: Path) -> dict[str, bytes]:
    """Name and bytes of every file under a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def committed(root: Path) -> str:
    """Address of the git repository into which all of this folder was committed."""
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "all of it"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    return root.as_uri()
