"""Lays the background over the image: undoes a camera's small shift, turn, zoom and change of exposure. No weights.

1. Phase correlation finds the shift in whole pixels of a small copy.
2. Gauss-Newton steps refine it to a motion of four numbers (right, down, turn, zoom), as Lucas and Kanade (1981) did.
3. The mode of the ratios of brightness, found by mean shift, is the gain of each colour.

Whoever entered is an outlier to all three: the phase is a matter of all pixels, the least squares are robust, and a
mode may be wrong for more than half of the pixels.
"""

from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import avg_pool1d, avg_pool2d, grid_sample, pad

MAX_SHIFT = 0.1  # of the longer side: the largest shift that is looked for
COARSE, STEPS = 56, 5  # pixels of the longer side, about, at which Gauss-Newton steps are taken, and how many
EVERY = 7  # every how many pixels count where only a median is wanted
BIN, BINS = 0.05, 20  # of the logarithm of a ratio: how wide a bin is, and how many there are to each side
KEEP = 0.97  # a change must lower the disagreement to this share of what it is without one


@torch.no_grad()
def align(background: Tensor, image: Tensor) -> Tensor:
    """The background N 3 H W, in 0..1, as the image's camera saw it; the same numbers where nothing has changed."""
    with torch.autocast(image.device.type, enabled=False):
        first, second = small_copy(torch.cat([background, image])).chunk(2)
        shift = phase_correlation(first.mean(1), second.mean(1))
        still = torch.zeros_like(shift)
        # From that shift and from none: phase correlation is fooled by repetition, Gauss-Newton by a large shift.
        starts, twice = torch.cat([shift, still]), (2, 1, 1, 1)
        refined = gauss_newton(starts, first.repeat(twice), second.repeat(twice))
        # Nothing, other light alone, or a motion too: whatever makes most pixels agree.
        motion, gain = best_candidate([still, shift, *refined.chunk(2)], first, second)
        unmoved = (motion == 0).all(1)[:, None, None, None]
        moved = background if unmoved.all() else torch.where(unmoved, background, warp(background, motion))
        return (moved * gain).clamp(0, 1)


def small_copy(picture: Tensor) -> Tensor:
    """The picture averaged over squares of whole pixels, its longer side about COARSE, then a little blurred."""
    step = max(1, round(max(picture.shape[-2:]) / COARSE))
    if step > 1:
        picture = avg_pool2d(picture, step, ceil_mode=True, count_include_pad=False)
    # Noise would make gradients look steeper than they are, and every step too short.
    return avg_pool2d(pad(picture, (1, 1, 1, 1), mode="replicate"), 3, 1)


def phase_correlation(first: Tensor, second: Tensor) -> Tensor:
    """N 4 motions, only right and down, that lay the grey pictures `first` N h w over `second`.

    If second(p) = first(p + d), their spectra differ by the phase exp(2πi f·d) alone. So F₁ conj(F₂), divided by its
    size, is the spectrum of a single peak at d. (A size near zero is noise: it is divided by a little more.)
    """
    height, width = first.shape[-2:]
    window, low_pass = window_and_low_pass(height, width, first.device)
    both = torch.stack([first, second])
    spectra = torch.fft.rfft2((both - both.mean((2, 3), keepdim=True)) * window)
    cross = spectra[0] * spectra[1].conj()
    size = cross.abs()
    cross = cross * (low_pass / (size + 1e-3 * size.mean((1, 2), keepdim=True) + 1e-12))
    reach = max(1, min(round(MAX_SHIFT * max(height, width)), (min(height, width) - 1) // 2))
    side = 2 * reach + 1
    peaks = torch.fft.irfft2(cross, s=(height, width)).roll((reach, reach), (1, 2))
    best = peaks[:, :side, :side].flatten(1).argmax(1)
    down, right = best // side - reach, best % side - reach
    nothing = torch.zeros_like(down)
    return torch.stack([right, down, nothing, nothing], 1).float() / (max(height, width) / 2)


@lru_cache(8)
def window_and_low_pass(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """A window h w that fades to the rim, and the gain of each frequency: fine detail is mostly noise."""
    with torch.inference_mode(False):  # kept, so it must be good for training too
        window = torch.hann_window(height, device=device).sqrt()[:, None]
        window = window * torch.hann_window(width, device=device).sqrt()
        down, right = torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width)
        return window, torch.exp(-(down**2 + right**2) / (2 * 0.2**2)).to(device)


def gauss_newton(motion: Tensor, background: Tensor, image: Tensor) -> Tensor:
    """The motions N 4 after STEPS Gauss-Newton steps on small pictures N 3 h w.

    With the motion m, where φ_k is the displacement of each pixel by the k-th of its four numbers, and with a gain a
    and an offset b of the light, image(p) ≈ a B(p + Σ m_k φ_k(p)) + b. A small step δ changes the right side by
    Σ a δ_k (∇B · φ_k), so θ = (a δ_1 … a δ_4, a, b) enters linearly: image ≈ J θ, with the columns ∇B · φ_k, B and 1.
    The weighted normal equations (Jᵀ W J) θ = Jᵀ W image give θ, and δ = θ_1…4 / a. The weights are those of Geman and
    McClure, 1 / (1 + (e/s)²)², for a pixel that is off by e; s is twice the median error. The diagonal is damped a
    little (Levenberg, Marquardt) so that a picture without gradients does not move.
    """
    first, target = with_gradients(background.mean(1)), image.mean(1).flatten(1)[:, None]  # N 3 h w, N 1 hw
    displacements = motion_basis(*first.shape[-2:], first.device)[1].view(4, -1, 2).permute(2, 0, 1)  # 2 4 hw
    one = torch.ones_like(target)
    for _ in range(STEPS):
        sampled = warp(first, motion).flatten(2)  # N 3 hw
        grey, slopes = sampled[:, :1], (sampled[:, 1:, None] * displacements).sum(1)  # N 1 hw, N 4 hw
        ratio = ((target[..., ::EVERY] + 0.01) / (grey[..., ::EVERY] + 0.01)).median(2, keepdim=True).values
        error = (target - ratio * grey).abs()
        spread = 2 * error[..., ::EVERY].median(2, keepdim=True).values.clamp(min=0.002)
        columns = torch.cat([slopes, grey, one], 1)  # N 6 hw
        weighted = columns / (1 + (error / spread) ** 2) ** 2
        normal = weighted @ columns.mT
        normal.diagonal(dim1=1, dim2=2).mul_(1 + 1e-4).add_(1e-6)
        theta = torch.linalg.solve(normal, weighted @ target.mT)[..., 0]
        motion = motion + (theta[:, :4] / theta[:, 4:5].clamp(0.3, 3)).clamp(-0.06, 0.06)
    return motion


def with_gradients(grey: Tensor) -> Tensor:
    """N 3 h w: grey N h w, and its central differences to the right and down, per half picture; 0 at the rim."""
    height, width = grey.shape[-2:]
    out = torch.zeros_like(grey)[:, None].repeat(1, 3, 1, 1)
    out[:, 0] = grey
    out[:, 1, :, 1:-1] = (grey[:, :, 2:] - grey[:, :, :-2]) * (width / 4)
    out[:, 2, 1:-1] = (grey[:, 2:] - grey[:, :-2]) * (height / 4)
    return out


def best_candidate(candidates: list[Tensor], background: Tensor, image: Tensor) -> tuple[Tensor, Tensor]:
    """For each small picture, a motion N 4 and gains N 3 1 1: no change, unless one makes clearly more pixels agree."""
    count, tried = len(image), torch.cat(candidates)  # all candidates in one go
    seen, target = (picture.repeat(len(candidates), 1, 1, 1) for picture in (background, image))
    seen = warp(seen, tried)
    gains = colour_gains(seen, target)
    least, which = disagreement(seen * gains, target).view(-1, count).min(0)
    changed = (least < KEEP * disagreement(background, image))[:, None]
    chosen = which * count + torch.arange(count, device=which.device)
    gain = torch.where(changed[..., None, None], gains[chosen], 1.0)
    return torch.where(changed, tried[chosen], 0.0), gain


def disagreement(first: Tensor, second: Tensor) -> Tensor:
    """N robust errors 0..1: near 0 for a pixel that agrees, near 1 for any that does not, by little or by much."""
    error = (first - second).abs().mean(1)
    return (error / (error + 0.02)).mean((1, 2))


def colour_gains(background: Tensor, image: Tensor) -> Tensor:
    """N 3 1 1: how many times as bright the small image is in each colour, as most of its pixels say.

    The mode of the logarithms of the ratios: the fullest bin of a histogram, then two steps of mean shift.
    """
    first, second = (picture[:, :, ::3, ::3] + 0.01 for picture in (background, image))  # enough of them to count
    logs = (second / first).log().flatten(2)  # N 3 pixels
    bins = (logs / BIN).round().clamp(-BINS - 1, BINS + 1).long() + BINS + 1  # the two at the ends are for all beyond
    counts = torch.zeros(*bins.shape[:2], 2 * BINS + 3, device=bins.device)
    counts = counts.scatter_add_(2, bins, torch.ones_like(logs))
    counts = avg_pool1d(counts[..., 1:-1], 3, 1, padding=1)
    mode = BIN * (counts.argmax(2, keepdim=True) - BINS)
    for _ in range(2):
        weights = torch.exp(-(((logs - mode) / 0.05) ** 2)) + 1e-6
        mode = (weights * logs).sum(-1, keepdim=True) / weights.sum(-1, keepdim=True)
    return mode.exp()[..., None]


@lru_cache(8)
def motion_basis(height: int, width: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Where each pixel is, 1 hw2, and how each of the four numbers of a motion displaces it, 4 hw2; -1..1 rim to rim.

    A shift of 1 is half of the longer side, whichever way; a turn and a zoom of 1 too, for a pixel at its end.
    """
    with torch.inference_mode(False):  # kept, so it must be good for training too
        half = max(height, width) / 2
        down = ((torch.arange(height, device=device) + 0.5 - height / 2) / half)[:, None].expand(height, width)
        right = ((torch.arange(width, device=device) + 0.5 - width / 2) / half).expand(height, width)
        one, none = torch.ones_like(down), torch.zeros_like(down)
        moves = [(right, down), (one, none), (none, one), (-down, right), (right, down)]
        scale = torch.tensor([2 * half / width, 2 * half / height], device=device)
        table = torch.stack([torch.stack(move, -1) * scale for move in moves]).flatten(1)
        return table[:1], table[1:].contiguous()


def warp(picture: Tensor, motion: Tensor) -> Tensor:
    """The picture N C h w read at places displaced by the motions N 4, bilinear; its rim is repeated outside."""
    height, width = picture.shape[-2:]
    start, displacements = motion_basis(height, width, picture.device)
    where = torch.addmm(start, motion, displacements).view(-1, height, width, 2)
    return grid_sample(picture, where, mode="bilinear", padding_mode="border", align_corners=False)
