"""A moving average of the weights: the jitter of the last steps cancels, and the average scores better than any one."""

from copy import deepcopy

import torch
from torch import nn


class Average:
    """`model` is a copy whose weights follow another network's, slowly; batch norm's statistics come along."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        if not 0 < decay < 1:
            raise ValueError(f"ema is the decay of the moving average, between 0 and 1, such as 0.999: {decay}.")
        self.decay, self.updates, self.model = decay, 0, deepcopy(model)

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Moves a little towards these weights; at first quickly, so that the random beginning is soon forgotten."""
        stays = min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        for mine, new in zip(self.model.state_dict().values(), model.state_dict().values()):
            if mine.is_floating_point():
                mine.lerp_(new, 1 - stays)
            else:
                mine.copy_(new)
