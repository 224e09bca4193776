"""Lays the background over the image: undoes a camera's small shift, turn, zoom and change of exposure.

No weights: phase correlation finds a shift, Gauss-Newton steps refine it, and the ratio around which pixels crowd
tells the change of light. Whoever entered is an outlier to all three.
"""

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import avg_pool1d, avg_pool2d, grid_sample, pad

REACH = 0.1  # of the longer side: the largest shift that is looked for
SMALL, STEPS = 56, 5  # pixels of the longer side, about, at which steps are taken, and how many
FEW = 7  # every how many pixels count where only a median is wanted
BIN, SIDE = 0.05, 20  # of the logarithm of a ratio: how wide a bin is, and how many there are to each side
TRUST = 0.97  # a change must lower the disagreement to this share of what it is without one


@torch.no_grad()
def align(background: Tensor, image: Tensor) -> Tensor:
    """The background N 3 H W, in 0..1, as the image's camera saw it; the same numbers where nothing has changed."""
    with torch.autocast(image.device.type, enabled=False):
        # 1. A shift by whole pixels of small grey copies, then finer moves: right, down, turn, zoom. They start at
        # that shift and at none: one look is fooled by repetition, the other by a large shift.
        small = shrunk(torch.cat([background, image]))
        first, second = small.chunk(2)
        shift = found_shift(*small.mean(1).chunk(2))
        still = torch.zeros_like(shift)
        moves = refined(torch.cat([shift, still]), twice(first), twice(second))
        # 2. Nothing, other light alone, or the moves too: whatever makes most pixels agree.
        chosen, light = best_of([still, shift, *moves.chunk(2)], first, second)
        unmoved = (chosen == 0).all(1)[:, None, None, None]
        moved = background if unmoved.all() else torch.where(unmoved, background, warped(background, chosen))
        return (moved * light).clamp(0, 1)


def twice(pictures: Tensor) -> Tensor:
    """2N C h w: the pictures, and the same again."""
    return pictures.repeat(2, 1, 1, 1)


def shrunk(picture: Tensor) -> Tensor:
    """The picture averaged over squares of whole pixels, its longer side about SMALL, then a little blurred."""
    step = max(1, round(max(picture.shape[-2:]) / SMALL))
    if step > 1:
        picture = avg_pool2d(picture, step, ceil_mode=True, count_include_pad=False)
    # Noise would make slopes look steeper than they are, and every step too short.
    return avg_pool2d(pad(picture, (1, 1, 1, 1), mode="replicate"), 3, 1)


def found_shift(first: Tensor, second: Tensor) -> Tensor:
    """N 4 moves, only right and down, by phase correlation of grey pictures N h w."""
    height, width = first.shape[-2:]
    window, smooth = filters(height, width, first.device)
    both = torch.stack([first, second])
    one, two = torch.fft.rfft2((both - both.mean((2, 3), keepdim=True)) * window)
    cross = one * two.conj()
    size = cross.abs()
    cross = cross * (smooth / (size + 1e-3 * size.mean((1, 2), keepdim=True) + 1e-12))
    reach = max(1, min(round(REACH * max(height, width)), (min(height, width) - 1) // 2))
    peaks = torch.fft.irfft2(cross, s=(height, width)).roll((reach, reach), (1, 2))
    best = peaks[:, : 2 * reach + 1, : 2 * reach + 1].flatten(1).argmax(1)
    down, right = best // (2 * reach + 1) - reach, best % (2 * reach + 1) - reach
    nothing = torch.zeros_like(down)
    return torch.stack([right, down, nothing, nothing], 1).float() / (max(height, width) / 2)


@lru_cache(8)
def filters(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """A window h w that fades to the rim, and what is left of each frequency: fine detail is mostly noise."""
    with torch.inference_mode(False):  # kept, so it must be good for training too
        window = torch.hann_window(height, device=device).sqrt()[:, None]
        window = window * torch.hann_window(width, device=device).sqrt()
        down, right = torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width)
        return window, torch.exp(-(down**2 + right**2) / (2 * 0.2**2)).to(device)


def refined(moves: Tensor, background: Tensor, image: Tensor) -> Tensor:
    """The moves N 4 after STEPS Gauss-Newton steps on small pictures, with gain and offset of the light."""
    first, target = with_slopes(background.mean(1)), image.mean(1).flatten(1)[:, None]  # N 3 h w, N 1 hw
    ways = frame(*first.shape[-2:], first.device)[1].view(4, -1, 2).permute(2, 0, 1)  # 2 4 hw
    one = torch.ones_like(target)
    for _ in range(STEPS):
        sampled = warped(first, moves).flatten(2)  # N 3 hw
        seen, slopes = sampled[:, :1], (sampled[:, 1:, None] * ways).sum(1)  # what each of the four moves would change
        ratio = ((target[..., ::FEW] + 0.01) / (seen[..., ::FEW] + 0.01)).median(2, keepdim=True).values
        error = (target - ratio * seen).abs()
        spread = 2 * error[..., ::FEW].median(2, keepdim=True).values.clamp(min=0.002)
        terms = torch.cat([slopes, seen, one], 1)  # N 6 hw
        weighted = terms / (1 + (error / spread) ** 2) ** 2  # who entered hardly counts
        normal = weighted @ terms.mT
        normal.diagonal(dim1=1, dim2=2).mul_(1 + 1e-4).add_(1e-6)
        step = torch.linalg.solve(normal, weighted @ target.mT)[..., 0]
        moves = moves + (step[:, :4] / step[:, 4:5].clamp(0.3, 3)).clamp(-0.06, 0.06)
    return moves


def with_slopes(grey: Tensor) -> Tensor:
    """N 3 h w: grey N h w, and how steeply it rises to the right and down, per half picture; 0 at the rim."""
    height, width = grey.shape[-2:]
    out = torch.zeros_like(grey)[:, None].repeat(1, 3, 1, 1)
    out[:, 0] = grey
    out[:, 1, :, 1:-1] = (grey[:, :, 2:] - grey[:, :, :-2]) * (width / 4)
    out[:, 2, 1:-1] = (grey[:, 2:] - grey[:, :-2]) * (height / 4)
    return out


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
    bins = (logs / BIN).round().clamp(-SIDE - 1, SIDE + 1).long() + SIDE + 1  # the two at the ends are for all beyond
    crowd = torch.zeros(*bins.shape[:2], 2 * SIDE + 3, device=bins.device).scatter_add_(2, bins, torch.ones_like(logs))
    crowd = avg_pool1d(crowd[..., 1:-1], 3, 1, padding=1)
    middle = BIN * (crowd.argmax(2, keepdim=True) - SIDE)
    for _ in range(2):
        weights = torch.exp(-(((logs - middle) / 0.05) ** 2)) + 1e-6
        middle = (weights * logs).sum(-1, keepdim=True) / weights.sum(-1, keepdim=True)
    return middle.exp()[..., None]


@lru_cache(8)
def frame(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Where each pixel is, 1 hw2, and where each of the four moves takes it, 4 hw2; -1..1 from rim to rim.

    A shift of 1 is half of the longer side, whichever way; a turn and a zoom of 1 too, for a pixel at its end.
    """
    with torch.inference_mode(False):  # kept, so it must be good for training too
        unit = max(height, width) / 2
        down = ((torch.arange(height, device=device) + 0.5 - height / 2) / unit)[:, None].expand(height, width)
        right = ((torch.arange(width, device=device) + 0.5 - width / 2) / unit).expand(height, width)
        one, none = torch.ones_like(down), torch.zeros_like(down)
        moves = [(right, down), (one, none), (none, one), (-down, right), (right, down)]
        scale = torch.tensor([2 * unit / width, 2 * unit / height], device=device)
        table = torch.stack([torch.stack(move, -1) * scale for move in moves]).flatten(1)
        return table[:1], table[1:].contiguous()


def warped(picture: Tensor, moves: Tensor) -> Tensor:
    """The picture N C h w read at moved places, bilinear; its rim is repeated outside."""
    height, width = picture.shape[-2:]
    start, ways = frame(height, width, picture.device)
    where = torch.addmm(start, moves, ways).view(-1, height, width, 2)
    return grid_sample(picture, where, mode="bilinear", padding_mode="border", align_corners=False)
