"""Structural similarity: do two maps have the same brightness, contrast and pattern in every small window?"""

import torch
from torch import Tensor

WINDOW, SIGMA = 11, 1.5  # pixels: the window of the original paper, and how its weights fall off
SMALLEST = WINDOW // 2 + 1  # pixels a side: a picture is mirrored at its borders by half a window


def ssim_map(guess: Tensor, truth: Tensor) -> Tensor:
    """-1..1 for each pixel, N 1 H W, of two maps N 1 H W in 0..1."""
    if min(guess.shape[-2:]) < SMALLEST:
        raise ValueError(f"SSIM needs pictures of {SMALLEST} pixels a side, but these are {tuple(guess.shape[-2:])}.")
    maps = torch.cat([guess, truth, guess * guess, truth * truth, guess * truth])  # 5N 1 H W
    means = _blur(guess.shape[-2], guess) @ maps @ _blur(guess.shape[-1], guess).T
    mean_g, mean_t, square_g, square_t, product = means.chunk(5)
    var_g, var_t = (square_g - mean_g**2).clamp(min=0), (square_t - mean_t**2).clamp(min=0)
    c1, c2 = 0.01**2, 0.03**2  # keep the quotients finite where a window is black or flat
    light = (2 * mean_g * mean_t + c1) / (mean_g**2 + mean_t**2 + c1)
    pattern = (2 * (product - mean_g * mean_t) + c2) / (var_g + var_t + c2)
    return light * pattern


def _blur(length: int, like: Tensor) -> Tensor:
    """A matrix whose rows are the weights of one window each: for small pictures quicker than a convolution."""
    offsets = torch.arange(WINDOW, device=like.device) - WINDOW // 2
    weights = torch.exp(-0.5 * (offsets.to(like.dtype) / SIGMA) ** 2)
    places = torch.arange(length, device=like.device)[:, None] + offsets  # length 11
    places = length - 1 - (length - 1 - places.abs()).abs()  # mirrored at both borders
    matrix = torch.zeros(length, length, device=like.device, dtype=like.dtype)
    return matrix.scatter_add(1, places, (weights / weights.sum()).expand(length, -1))
