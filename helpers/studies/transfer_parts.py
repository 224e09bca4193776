"""What the study `transfer` changes about a network or a loss: one head of two, other numbers, other targets."""

import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss, mse_loss

from .. import data, models
from ..models.blocks import FAR, metres, pair, unit
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


class PlainLoss:
    """Row E's kind of loss: sigmoids against targets, squared for the mask and absolute for depth / FAR.

    With `numbers`, {"mask": (mean, deviation), "depth": ...}, the targets are less that mean, over that deviation.
    """

    def __init__(self, numbers: dict[str, tuple[float, float]] | None = None) -> None:
        self.numbers = numbers or {}

    def targets(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Mask and depth / FAR as the loss sees them."""
        targets = {"mask": batch["mask"], "depth": batch["depth"] / FAR}
        return targets | {name: (targets[name] - mean) / std for name, (mean, std) in self.numbers.items()}

    def __call__(self, outputs: dict[str, Tensor], batch: dict[str, Tensor]) -> Tensor:
        """One number with a gradient."""
        targets = self.targets(batch)
        return mse_loss(outputs["mask"].sigmoid(), targets["mask"]) + l1_loss(outputs["depth"] / FAR, targets["depth"])


def own_numbers(kept: Kept) -> dict[str, tuple]:
    """Mean and deviation of these pictures (R G B, 0..1), of their masks, and of their depth / FAR."""
    found = data.statistics(data.loader(kept, 64))
    (mask,), (spread,) = found["mask"]["mean"], found["mask"]["std"]
    (depth,), (range_,) = found["depth"]["mean"], found["depth"]["std"]
    pictures = found["bg_fg"]["mean"], found["bg_fg"]["std"]
    return {"pictures": pictures, "mask": (mask, spread), "depth": (depth / FAR, range_ / FAR)}
