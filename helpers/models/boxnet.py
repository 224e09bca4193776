"""BoxNet: the learner's network of notebook 08: RoomNet, which finds mask and depth, with one head more for boxes."""

from torch import Tensor, nn

from .percamera import CellDecoder
from .roomnet import RoomNet


class BoxNet(nn.Module):
    """RoomNet, and a head on what its mask's decoder knows of each cell: whether a thing has its centre there."""

    def __init__(self) -> None:
        super().__init__()
        self.room, self.cells = RoomNet(), CellDecoder(40)
        self.kept: list[Tensor] = []  # the features of the last call, until the head has read them
        self.room.mask.up[1].register_forward_hook(self.keep)

    def keep(self, layer: nn.Module, inputs: tuple, features: Tensor) -> None:
        """Called with what a layer was given and what it answered: N 40 H/4 W/4."""
        self.kept = [features]

    def forward(self, background: Tensor, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """{"mask": logits, "depth": metres, N 1 H W; "heat", "label", "size", "offset" of each cell}."""
        maps = self.room(background, image, camera)
        return maps | self.cells(self.kept.pop())
