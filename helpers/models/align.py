"""Lays the background over the image: undoes a camera's small shift, turn, zoom and change of exposure.

No weights: phase correlation finds the shift, Gauss-Newton steps refine it, and the ratio around which pixels crowd
tells the change of light. Whoever entered is an outlier to all three.
"""

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
        # 2. Of nothing, of other light alone, and of the moves: whatever makes most pixels agree.
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
    first, target = background.mean(1, keepdim=True), image.mean(1).flatten(1)
    for _ in range(steps):
        change = slopes(warped(first, moves)[:, 0])  # N hw 6
        seen = change[..., 4]
        ratio = ((target + 0.01) / (seen + 0.01)).median(1, keepdim=True).values
        error = target - ratio * seen
        spread = 2 * error.abs().median(1, keepdim=True).values.clamp(min=0.002)
        weighted = change * (1 / (1 + (error / spread) ** 2) ** 2)[..., None]  # who entered hardly counts
        normal = weighted.mT @ change
        normal = normal + torch.diag_embed(1e-4 * normal.diagonal(dim1=1, dim2=2) + 1e-6)
        step = torch.linalg.solve(normal, weighted.mT @ target[..., None])[..., 0]  # N 6
        moves = moves + (step[:, :4] / step[:, 4:5].clamp(0.3, 3)).clamp(-0.06, 0.06)
    return moves


def slopes(seen: Tensor) -> Tensor:
    """N hw 6: how the grey N h w of each pixel changes with right, down, turn, zoom, gain and offset."""
    height, width = seen.shape[-2:]
    unit, (right, down) = max(height, width) / 2, places(height, width, seen.device)
    across, along = torch.zeros_like(seen), torch.zeros_like(seen)
    across[:, :, 1:-1] = (seen[:, :, 2:] - seen[:, :, :-2]) * unit / 2
    along[:, 1:-1] = (seen[:, 2:] - seen[:, :-2]) * unit / 2
    turn, zoom = along * right - across * down, across * right + along * down
    return torch.stack([across, along, turn, zoom, seen, torch.ones_like(seen)], -1).flatten(1, 2)


def best_of(candidates: list[Tensor], background: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
    """For each small picture, moves N 4 and gains N 3 1 1: no change, unless one makes clearly more pixels agree."""
    best, light = candidates[0], torch.ones_like(background[:, :, :1, :1])
    least = TRUST * disagreement(background, image)
    for moves in candidates:
        seen = warped(background, moves) if moves.any() else background
        gains = ratios(seen, image)
        error = disagreement(seen * gains, image)
        better = error < least
        best = torch.where(better[:, None], moves, best)
        light = torch.where(better[:, None, None, None], gains, light)
        least = torch.where(better, error, least)
    return best, light


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
