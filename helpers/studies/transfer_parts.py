"""What the study `transfer` changes about a network or a loss: one head of two, other numbers, other targets."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from .. import data, models
from ..base import FAR
from ..models.blocks import metres, pair, unit
from .losses import Kept


class OneHead(nn.Module):
    """A shared U-Net with one of its heads: the other branch is not even computed. The weights are the network's."""

    def __init__(self, network: models.SharedUnet, head: str) -> None:
        super().__init__()
        self.trunk, self.head = network.trunk, head
        self.add_module(head, getattr(network, head))

    def forward(self, background: Tensor, image: Tensor) -> dict[str, Tensor]:
        """The one head, N 1 H W, of pictures whose height and width divide by 16."""
        features = [torch.cat(pair(background, image), 1)]
        for step in self.trunk:
            features.append(step(features[-1]))
        found = getattr(self, self.head)(features[1:])
        return {self.head: metres(found) if self.head == "depth" else found}


class OwnNumbers(nn.Module):
    """A network whose pictures are less another mean, over another deviation, per channel (red, green, blue)."""

    def __init__(self, network: nn.Module, mean: list[float], std: list[float]) -> None:
        super().__init__()
        self.network = network
        for name, numbers in {"mean": mean, "std": std}.items():
            self.register_buffer(name, torch.tensor(numbers, dtype=torch.float32).view(1, 3, 1, 1))

    def forward(self, background: Tensor, image: Tensor) -> dict[str, Tensor]:
        """The heads of the network; what it does to pictures itself, less 0.5 and over 0.25, is undone first."""
        pictures = ((unit(picture) - self.mean) / self.std * 0.25 + 0.5 for picture in (background, image))
        return self.network(*pictures)


class Normalised:
    """A loss whose targets, mask and depth / FAR, are less `mean` and over `std` first, as the pictures are.

    No such target lies where a sigmoid or a share of FAR can be. Row E did so, with all its kinds of pictures.
    """

    def __init__(self, loss: Callable, mean: float = 0.5, std: float = 0.25) -> None:
        self.loss, self.mean, self.std = loss, mean, std

    def targets(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Mask, and depth in units of FAR, as the loss sees them."""
        maps = {"mask": batch["mask"], "depth": batch["depth"] / FAR}
        return {name: (values - self.mean) / self.std for name, values in maps.items()}

    def __call__(self, outputs: dict[str, Tensor], batch: dict[str, Tensor]) -> Tensor:
        """One number with a gradient."""
        targets = self.targets(batch)
        return self.loss(outputs, batch | {"mask": targets["mask"], "depth": targets["depth"] * FAR})


def own_numbers(kept: Kept) -> tuple[list[float], list[float]]:
    """Mean and deviation of the images, per channel (red, green, blue), 0..1."""
    found = data.statistics(data.loader(kept, 64))["bg_fg"]
    return found["mean"], found["std"]
