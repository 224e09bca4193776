"""The toy data of the first project: a grey picture, one rectangle, and a depth that nothing in the picture tells."""

import torch
from torch import Tensor
from torch.utils.data import Dataset

from ..base import FAR

GREY = (60, 180)  # of 0..255
SIDE = (0.15, 0.5)  # of the picture


class Rectangles(Dataset):
    """Item i is always the same picture: `background`, `image` 3 S S, `mask`, `depth`, `depth_valid`, one box, label 1.

    The background is `FAR` metres away, the rectangle anywhere in front of it.
    """

    def __init__(self, length: int = 64, size: int = 128, seed: int = 0) -> None:
        if length < 1 or size < 16:
            raise ValueError(f"Toy data needs a picture or more, of 16 pixels or more, got {length} of {size} pixels.")
        self.length, self.size, self.seed = length, size, seed

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        """One sample."""
        if not 0 <= index < self.length:
            raise IndexError(f"There is no picture {index}: this toy data has {self.length}.")
        rng, size = torch.Generator().manual_seed(self.seed * 1_000_003 + index), self.size
        side = (size * (SIDE[0] + (SIDE[1] - SIDE[0]) * torch.rand(2, generator=rng))).long()
        corner = ((size - side + 1) * torch.rand(2, generator=rng)).long()
        (x0, y0), (x1, y1) = corner.tolist(), (corner + side).tolist()
        background = torch.full((3, size, size), int(torch.randint(*GREY, (), generator=rng)), dtype=torch.uint8)
        image, depth = background.clone(), torch.full((1, size, size), FAR)
        image[:, y0:y1, x0:x1] = torch.randint(0, 256, (3, 1, 1), dtype=torch.uint8, generator=rng)
        depth[:, y0:y1, x0:x1] = FAR * torch.rand((), generator=rng)
        mask = torch.zeros(1, size, size)
        mask[:, y0:y1, x0:x1] = 1
        sample = {"background": background, "image": image, "mask": mask, "depth": depth}
        sample |= {"depth_valid": torch.ones_like(mask), "boxes": torch.tensor([[x0, y0, x1, y1]]).float()}
        return sample | {"labels": torch.ones(1, dtype=torch.int64)}
