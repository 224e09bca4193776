"""Lays the background over the image: undoes a camera's small shift, turn, zoom and change of exposure.

No weights: phase correlation finds the shift, Gauss-Newton steps refine it, and the ratio around which pixels crowd
tells the change of light. Whoever entered is an outlier to all three.
"""

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, grid_sample, pad

REACH = 0.1  # of the longer side: the largest shift that is looked for
SMALL, STEPS = 56, 5  # pixels of the longer side, about, at which steps are taken, and how many
LARGE, FINE, MORE = 400, 200, 2  # a side longer than LARGE pixels gets MORE steps at about FINE
TRUST = 0.97  # a change must lower the disagreement to this share of what it is without one


@torch.no_grad()
def align(background: Tensor, image: Tensor) -> Tensor:
    """The background N 3 H W, in 0..1, as the image's camera saw it; the same numbers where nothing has changed."""
    with torch.autocast(image.device.type, enabled=False):
        # 1. A shift by whole pixels of small grey copies, then finer moves: right, down, turn, zoom.
        first, second = shrunk(background, SMALL), shrunk(image, SMALL)
        shift = found_shift(first.mean(1), second.mean(1))
        moves = refined(shift, first, second, STEPS)
        if max(image.shape[-2:]) > LARGE:
            moves = refined(moves, shrunk(background, FINE), shrunk(image, FINE), MORE)
        # 2. Nothing, other light alone, or the moves too: whatever makes most pixels agree.
        still = torch.zeros_like(shift)
        chosen, light = best_of([still, shift, moves], first, second)
        unmoved = (chosen == 0).all(1)[:, None, None, None]
        moved = background if unmoved.all() else torch.where(unmoved, background, warped(background, chosen))
        return (moved * light).clamp(0, 1)


def shrunk(picture: Tensor, side: int) -> Tensor:
    """The picture averaged over squares of whole pixels, its longer side about `side`, then a little blurred."""
    step = max(1, round(max(picture.shape[-2:]) / side))
    if step > 1:
        picture = avg_pool2d(picture, step, ceil_mode=True, count_include_pad=False)
    # Noise would make slopes look steeper than they are, and every step too short.
    return avg_pool2d(pad(picture, (1, 1, 1, 1), mode="replicate"), 3, 1)


def found_shift(first: Tensor, second: Tensor) -> Tensor:
    """N 4 moves, only right and down, by phase correlation of grey pictures N h w."""
    height, width = first.shape[-2:]
    window = torch.hann_window(height, device=first.device).sqrt()[:, None]
    window = window * torch.hann_window(width, device=first.device).sqrt()
    one, two = (torch.fft.rfft2((grey - grey.mean((1, 2), keepdim=True)) * window) for grey in (first, second))
    cross = one * two.conj()
    cross = cross / (cross.abs() + 1e-3 * cross.abs().mean((1, 2), keepdim=True) + 1e-12)
    down, right = torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width)
    smooth = torch.exp(-(down**2 + right**2) / (2 * 0.2**2)).to(first.device)  # fine detail is mostly noise
    reach = max(1, min(round(REACH * max(height, width)), (min(height, width) - 1) // 2))
    peaks = torch.fft.irfft2(cross * smooth, s=(height, width)).roll((reach, reach), (1, 2))
    best = peaks[:, : 2 * reach + 1, : 2 * reach + 1].flatten(1).argmax(1)
    down, right = best // (2 * reach + 1) - reach, best % (2 * reach + 1) - reach
    nothing = torch.zeros_like(down)
    return torch.stack([right, down, nothing, nothing], 1).float() / (max(height, width) / 2)


def refined(moves: Tensor, background: Tensor, image: Tensor, steps: int) -> Tensor:
    """The moves N 4 after so many Gauss-Newton steps on small pictures, with gain and offset of the light."""
    first, target = with_slopes(background.mean(1)), image.mean(1).flatten(1)[..., None]  # N 3 h w, N hw 1
    right, down = places(*first.shape[-2:], first.device)
    one = torch.ones_like(target)
    for _ in range(steps):
        seen, across, along = warped(first, moves).unbind(1)  # each N h w
        turn, zoom = along * right - across * down, across * right + along * down
        seen = seen.flatten(1)[..., None]
        ratio = ((target[:, ::4] + 0.01) / (seen[:, ::4] + 0.01)).median(1, keepdim=True).values
        error = (target - ratio * seen).abs()
        spread = 2 * error[:, ::4].median(1, keepdim=True).values.clamp(min=0.002)
        terms = torch.cat([torch.stack([across, along, turn, zoom], -1).flatten(1, 2), seen, one], 2)  # N hw 6
        weighted = (terms / (1 + (error / spread) ** 2) ** 2).mT  # who entered hardly counts
        normal = weighted @ terms
        normal = normal + torch.diag_embed(1e-4 * normal.diagonal(dim1=1, dim2=2) + 1e-6)
        step = torch.linalg.solve(normal, weighted @ target)[..., 0]
        moves = moves + (step[:, :4] / step[:, 4:5].clamp(0.3, 3)).clamp(-0.06, 0.06)
    return moves


def with_slopes(grey: Tensor) -> Tensor:
    """N 3 h w: grey N h w, and how steeply it rises to the right and down; 0 at the rim."""
    unit = max(grey.shape[-2:]) / 2
    across, along = torch.zeros_like(grey), torch.zeros_like(grey)
    across[:, :, 1:-1] = (grey[:, :, 2:] - grey[:, :, :-2]) * unit / 2
    along[:, 1:-1] = (grey[:, 2:] - grey[:, :-2]) * unit / 2
    return torch.stack([grey, across, along], 1)


def best_of(candidates: list[Tensor], background: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
    """For each small picture, moves N 4 and gains N 3 1 1: no change, unless one makes clearly more pixels agree."""
    count, tried = len(image), torch.cat(candidates)  # all candidates in one go
    seen, target = (picture.repeat(len(candidates), 1, 1, 1) for picture in (background, image))
    seen = warped(seen, tried)
    gains = ratios(seen, target)
    least, which = disagreement(seen * gains, target).view(-1, count).min(0)
    changed = (least < TRUST * disagreement(background, image))[:, None]
    chosen = which * count + torch.arange(count, device=which.device)
    light = torch.where(changed[..., None, None], gains[chosen], 1.0)
    return torch.where(changed, tried[chosen], 0.0), light


def disagreement(first: Tensor, second: Tensor) -> Tensor:
    """N numbers 0..1: near 0 for a pixel that agrees, near 1 for any that does not, whether by little or by much."""
    error = (first - second).abs().mean(1)
    return (error / (error + 0.02)).mean((1, 2))


def ratios(background: Tensor, image: Tensor) -> Tensor:
    """N 3 1 1: how many times as bright the small image is in each colour, as most of its pixels say.

    The ratio around which pixels crowd, so that it may be wrong for more than half of them: those of who entered.
    """
    first, second = (picture[:, :, ::3, ::3] + 0.01 for picture in (background, image))  # enough of them to count
    logs = (second / first).log().flatten(2)  # N 3 pixels
    tried = torch.linspace(-1, 1, 41, device=logs.device)
    crowd = torch.exp(-(((logs[:, :, None] - tried[:, None]) / 0.05) ** 2)).sum(-1)  # N 3 41
    middle = tried[crowd.argmax(-1)][..., None]
    for _ in range(2):
        weights = torch.exp(-(((logs - middle) / 0.05) ** 2)) + 1e-6
        middle = (weights * logs).sum(-1, keepdim=True) / weights.sum(-1, keepdim=True)
    return middle.exp()[..., None]


@lru_cache(64)
def places(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """How far right and down of the middle each pixel is, h w each; 1 is half of the longer side."""
    unit = max(height, width) / 2
    down = (torch.arange(height, device=device) + 0.5 - height / 2) / unit
    right = (torch.arange(width, device=device) + 0.5 - width / 2) / unit
    return tuple(torch.meshgrid(down, right, indexing="ij")[::-1])


def warped(picture: Tensor, moves: Tensor) -> Tensor:
    """The picture N C h w read at moved places, bilinear; its rim is repeated outside."""
    height, width = picture.shape[-2:]
    unit, (right, down) = max(height, width) / 2, places(height, width, picture.device)
    x, y, turn, zoom = (moves[:, k, None, None] for k in range(4))
    across, along = right + x - turn * down + zoom * right, down + y + turn * right + zoom * down  # N h w
    where = torch.stack([across * (2 * unit / width), along * (2 * unit / height)], -1)
    return grid_sample(picture, where, mode="bilinear", padding_mode="border", align_corners=False)
