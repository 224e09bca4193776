"""Drawings that look more like photographs: windows at full detail, other tones, softness, traces of compression."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad
from torch.utils.data import Dataset

from .compose import compose
from .scenes import Samples

MAPS = ("background", "image", "mask", "depth", "depth_valid")
TURNED, TONED, SOFT, PATCHY, PACKED = 0.5, 0.6, 0.25, 0.15, 0.2  # how often each change is made


class Developed(Dataset):
    """Rows composed, cut to a window of `window` pixels and developed; row i decides its changes, and nothing else.

    Depth is not valid in a window that was turned or cut, because the course's camera has not taken it.
    """

    def __init__(self, bank, rows: np.ndarray, difficulty="mixed", window: int | None = None, turn: bool = True):
        self.bank, self.rows, self.difficulty, self.turn = bank, rows, difficulty, turn
        self.window = window or bank.size
        if not 1 <= self.window <= bank.size:
            raise ValueError(f"A window of {window} pixels does not fit pictures of {bank.size}.")

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """One sample."""
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: list[int]) -> Samples:
        """These samples, as one batch already."""
        rows = self.rows[np.asarray(indices)]
        batch = compose(self.bank, rows, self.difficulty)
        cut = [
            self.developed({name: batch[name][i] for name in MAPS}, np.random.default_rng([int(row["seed"]), 43]))
            for i, row in enumerate(rows)
        ]
        samples = Samples(cut)
        samples.batch = {name: torch.stack([sample[name] for sample in cut]) for name in MAPS}
        return samples

    def developed(self, sample: dict[str, Tensor], rng: np.random.Generator) -> dict[str, Tensor]:
        """The sample cut, turned, and with other tones."""
        if self.window < self.bank.size:
            sample = cut(sample, self.window, rng)
        if self.turn and rng.random() < TURNED:
            sample = turned(sample, rng)
        pictures = [sample[name].float() for name in ("background", "image")]
        if rng.random() < TONED:
            pictures = toned(pictures, rng)
        if rng.random() < SOFT:
            pictures = [soft(picture) for picture in pictures]
        if rng.random() < PATCHY:
            pictures[1] = patchy(pictures[1], rng)
        pictures = [picture.round().clamp(0, 255).to(torch.uint8) for picture in pictures]
        if rng.random() < PACKED:
            quality = int(rng.integers(40, 96))
            pictures = [packed(picture, quality) for picture in pictures]
        return sample | dict(zip(("background", "image"), pictures, strict=True))


def cut(sample: dict[str, Tensor], side: int, rng: np.random.Generator) -> dict[str, Tensor]:
    """A window of the sample, of six tries the one whose share of foreground is nearest to a fifth."""
    last = sample["mask"].shape[-1] - side
    corners = [tuple(rng.integers(0, last + 1, 2)) for _ in range(6)]
    shares = [abs(sample["mask"][0, y : y + side, x : x + side].mean().item() - 0.2) for y, x in corners]
    y, x = corners[int(np.argmin(shares))]
    window = {name: values[:, y : y + side, x : x + side] for name, values in sample.items()}
    return window | {"depth_valid": torch.zeros_like(window["depth_valid"])}


def turned(sample: dict[str, Tensor], rng: np.random.Generator) -> dict[str, Tensor]:
    """The sample turned by quarters and mirrored: there is no up and down in a carpet."""
    quarters, mirror = int(rng.integers(4)), bool(rng.integers(2))
    moved = {name: torch.rot90(values, quarters, (1, 2)) for name, values in sample.items()}
    moved = {name: values.flip(2) for name, values in moved.items()} if mirror else moved
    return moved | {"depth_valid": torch.zeros_like(moved["depth_valid"])}


def toned(pictures: list[Tensor], rng: np.random.Generator) -> list[Tensor]:
    """Both pictures with the same other gamma, contrast, colour order and saturation."""
    order, gamma = torch.from_numpy(rng.permutation(3)), float(np.exp(rng.normal(0, 0.3)))
    contrast, colour = rng.uniform(0.5, 1.1), rng.choice([0.0, 0.5, 1.0, 1.0])
    offset = rng.uniform(0, 255 * max(0.0, 1 - contrast))
    out = []
    for picture in pictures:
        picture = 255 * (picture[order] / 255) ** gamma * contrast + offset
        grey = picture.mean(0, keepdim=True)
        out.append(grey + colour * (picture - grey))
    return out


def soft(picture: Tensor) -> Tensor:
    """The picture out of focus by about a pixel, as photographs at full size often are."""
    return avg_pool2d(pad(picture[None], (1, 1, 1, 1), mode="replicate"), 3, 1)[0]


def patchy(picture: Tensor, rng: np.random.Generator) -> Tensor:
    """The picture with light that has changed by some percent from one side to the other, as when a cloud passes."""
    side = picture.shape[-1]
    ramp = torch.linspace(-1, 1, side)
    slope = rng.normal(0, 0.06, 2)
    return picture * (1 + slope[0] * ramp[:, None] + slope[1] * ramp).float()


def packed(picture: Tensor, quality: int) -> Tensor:
    """The picture after it was a JPEG of this quality."""
    stream = BytesIO()
    Image.fromarray(picture.permute(1, 2, 0).contiguous().numpy()).save(stream, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(stream))).permute(2, 0, 1)
