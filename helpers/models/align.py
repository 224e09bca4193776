"""Lays the background over the image: undoes a camera's small shift, turn, zoom and change of exposure. No weights.

1. Phase correlation finds the shift in whole cells of a small copy.
2. Gauss-Newton steps refine it to a motion of four numbers (right, down, turn, zoom), as Lucas and Kanade (1981) did.
3. The mode of the ratios of brightness, found by mean shift, is the gain of each colour.

Whoever entered is an outlier to all three: the phase is a matter of all pixels, the least squares are robust, and a
mode may be wrong for more than half of the pixels.

All of it is sums, products and sorts of tensors whose shapes do not depend on what the pictures show, and the small
copy has GRID × GRID cells whatever the pictures' size: so that it can be exported (`helpers/exported.py`) as it is.
"""

import math
from contextlib import nullcontext
from functools import lru_cache, wraps

import torch
from torch import Tensor
from torch.nn.functional import avg_pool1d, grid_sample, pad

GRID, STEPS = 48, 5  # cells of a side of the small copy, at which Gauss-Newton steps are taken, and how many
REACH = 6  # cells: the largest shift that phase correlation looks for, an eighth of a side
EVERY = 7  # every how many cells count where only a median is wanted
BIN, BINS = 0.05, 20  # of the logarithm of a ratio: how wide a bin is, and how many there are to each side
KEEP = 0.97  # a change must lower the disagreement to this share of what it is without one
Basis = tuple[Tensor, Tensor]  # as `motion_basis` makes it


def kept(make):
    """Keeps the last tensors that `make` made, for training too; while a network is exported they are made anew."""

    @lru_cache(8)
    def remembered(*arguments):
        with torch.inference_mode(False):
            return make(*arguments)

    @wraps(make)
    def get(*arguments):
        return make(*arguments) if torch.compiler.is_compiling() else remembered(*arguments)

    return get


@torch.no_grad()
def align(background: Tensor, image: Tensor) -> Tensor:
    """The background N 3 H W, in 0..1, as the image's camera saw it; the same numbers where nothing has changed."""
    with nullcontext() if torch.compiler.is_compiling() else torch.autocast(image.device.type, enabled=False):
        count, size = image.shape[0], image.shape[-2:]
        basis = motion_basis(GRID, GRID, *size, image.device)
        first, second = small_copy(background), small_copy(image)
        shift = phase_correlation(first.mean(1), second.mean(1)) * side_lengths(*size, image.device)
        shift = pad(shift, (0, 2))  # no turn, no zoom
        still = torch.zeros_like(shift)
        # From that shift and from none: phase correlation is fooled by repetition, Gauss-Newton by a large shift.
        starts, twice = torch.cat([shift, still]), (2, 1, 1, 1)
        refined = gauss_newton(starts, first.repeat(twice), second.repeat(twice), basis)
        # Nothing, other light alone, or a motion too: whatever makes most pixels agree.
        motion, gain = best_candidate([still, shift, refined[:count], refined[count:]], first, second, basis)
        unmoved = (motion == 0).all(1)[:, None, None, None]
        if not torch.compiler.is_compiling() and unmoved.all():
            return (background * gain).clamp(0.0, 1.0)
        return (torch.where(unmoved, background, warp(background, motion)) * gain).clamp(0.0, 1.0)


def small_copy(picture: Tensor) -> Tensor:
    """The picture averaged over GRID × GRID cells of one size, then a little blurred: N 3 GRID GRID."""
    height, width = picture.shape[-2:]
    return averaging(height, picture.device) @ (picture @ averaging(width, picture.device).mT)


@kept
def averaging(length: int, device: torch.device) -> Tensor:
    """GRID length: how much of a row of pixels each blurred cell takes. Each row's sum is 1.

    Noise would make gradients look steeper than they are, and every step too short: so each cell is averaged with
    its two neighbours, the outermost with itself.
    """
    start, size = torch.arange(length, device=device), torch.full((), length / GRID, device=device)
    edge = torch.arange(GRID + 1, device=device)[:, None] * size
    cells = (torch.minimum(start + 1, edge[1:]) - torch.maximum(start, edge[:-1])).clamp(min=0.0) / size
    return (torch.cat([cells[:1], cells[:-1]]) + cells + torch.cat([cells[1:], cells[-1:]])) / 3


def phase_correlation(first: Tensor, second: Tensor) -> Tensor:
    """N 2 shifts right and down, of half a side, that lay the grey pictures `first` N h w over `second`.

    If second(p) = first(p + d), their spectra differ by the phase exp(2πi f·d) alone. So F₁ conj(F₂), divided by its
    size, is the spectrum of a single peak at d. (A size near zero is noise: it is divided by a little more.)
    """
    window, low_pass, down, right, down_back, right_back = fourier(first.device)
    both = torch.stack([first, second])
    waves = down @ ((both - both.mean((2, 3), keepdim=True)) * window) @ right
    (cc, cs), (sc, ss) = (rows.chunk(2, -1) for rows in waves.chunk(2, -2))  # cosines and sines, down and right
    (r1, r2), (i1, i2) = cc - ss, -cs - sc
    real, imaginary = r1 * r2 + i1 * i2, i1 * r2 - r1 * i2
    size = (real.square() + imaginary.square()).sqrt()
    share = low_pass / (size + 1e-3 * size.mean((1, 2), keepdim=True) + 1e-12)
    half = torch.cat([real * share, imaginary * share], -1) @ right_back
    peaks = down_back @ torch.cat(half.chunk(2, -1), -2)
    best = peaks.flatten(1).argmax(1)
    side = 2 * REACH + 1
    return (torch.stack([best % side, best // side], 1) - REACH) * (2 / GRID)


@kept
def fourier(device: torch.device) -> tuple[Tensor, ...]:
    """What makes small Fourier transforms out of products of matrices of real numbers, of GRID × GRID cells.

    A window that fades to the rim; the gain of each frequency, because fine detail is mostly noise; cosines and sines
    to multiply a picture with from the left and from the right; and both for the way back, to shifts up to REACH.
    """
    fade = torch.hann_window(GRID, device=device).sqrt()
    down, right = (torch.arange(n, device=device, dtype=torch.float) for n in (GRID, GRID // 2 + 1))
    low = torch.minimum(down, GRID - down)[:, None].square() + right.square()  # squared waves per picture
    place, shift = (
        torch.arange(a, b, device=device) * (2 * math.pi / GRID) for a, b in ((0, GRID), (-REACH, REACH + 1))
    )
    here, there = down[:, None] * place, place[:, None] * right
    twice = torch.where((right == 0) | (right == GRID // 2), 1.0, 2.0)[:, None]  # frequencies that stand for two
    back_down, back_right = shift[:, None] * down, right[:, None] * shift
    cosines, sines = twice * back_right.cos(), twice * back_right.sin()
    right_back = torch.cat([torch.cat([cosines, -sines], 1), torch.cat([-sines, -cosines], 1)])
    low_pass = torch.exp(-low / (2 * (0.2 * GRID) ** 2))
    forth = torch.cat([here.cos(), here.sin()]), torch.cat([there.cos(), there.sin()], 1)
    return fade[:, None] * fade, low_pass, *forth, torch.cat([back_down.cos(), back_down.sin()], 1), right_back


def gauss_newton(motion: Tensor, background: Tensor, image: Tensor, basis: Basis) -> Tensor:
    """The motions N 4 after STEPS Gauss-Newton steps on small pictures N 3 h w.

    With the motion m, where φ_k is the displacement of each pixel by the k-th of its four numbers, and with a gain a
    and an offset b of the light, image(p) ≈ a B(p + Σ m_k φ_k(p)) + b. A small step δ changes the right side by
    Σ a δ_k (∇B · φ_k), so θ = (a δ_1 … a δ_4, a, b) enters linearly: image ≈ J θ, with the columns ∇B · φ_k, B and 1.
    The weighted normal equations (Jᵀ W J) θ = Jᵀ W image give θ, and δ = θ_1…4 / a. The weights are those of Geman and
    McClure, 1 / (1 + (e/s)²)², for a pixel that is off by e; s is twice the median error. The diagonal is damped a
    little (Levenberg, Marquardt) so that a picture without gradients does not move.
    """
    first, target = with_gradients(background.mean(1)), image.mean(1).flatten(1)[:, None]  # N 3 h w, N 1 hw
    moves = basis[1].view(4, -1, 2).permute(2, 0, 1).contiguous()  # 2 4 hw
    more, plus = (factor * torch.eye(6, 7, device=image.device) for factor in (1e-4, 1e-6))
    one = torch.ones_like(target)
    for _ in range(STEPS):
        grey, right, down = warp(first, motion, basis).flatten(2).split(1, 1)  # N 1 hw
        ratio = median((target[..., ::EVERY] + 0.01) / (grey[..., ::EVERY] + 0.01))
        error = (target - ratio * grey).abs()
        spread = 2 * median(error[..., ::EVERY]).clamp(min=0.002)
        columns = torch.cat([right * moves[0] + down * moves[1], grey, one, target], 1)  # N 7 hw
        weighted = columns.narrow(1, 0, 6) / (1 + (error / spread) ** 2) ** 2
        theta = solve((weighted @ columns.mT) * (1 + more) + plus)
        step, gain, _ = theta.split([4, 1, 1], 1)
        motion = motion + (step / gain.clamp(0.3, 3.0)).clamp(-0.06, 0.06)
    return motion


def median(values: Tensor) -> Tensor:
    """N 1 1: the median of N 1 n numbers, the lower one of two."""
    if not torch.compiler.is_compiling():  # quicker, but no file for other runtimes holds it
        return values.median(2, keepdim=True).values
    return values.sort(2).values.narrow(2, (values.shape[2] - 1) // 2, 1)


def solve(equations: Tensor) -> Tensor:
    """The solution N n of n linear equations N n n+1, whose last column is the right side; positive definite.

    Gauss and Jordan: row k is divided by its number in column k, and so often taken from each other row that nothing is
    left there of column k. After n rounds the last column is the solution.
    """
    if not torch.compiler.is_compiling():
        return torch.linalg.solve(equations[..., :-1], equations[..., -1])
    one = torch.eye(equations.shape[1], device=equations.device)
    for k in range(equations.shape[1]):
        row, column = equations.narrow(1, k, 1), equations.narrow(2, k, 1)
        equations = equations - (column - one.narrow(1, k, 1)) * (row / row.narrow(2, k, 1))
    return equations.select(2, -1)


def with_gradients(grey: Tensor) -> Tensor:
    """N 3 h w: grey N h w, and its central differences to the right and down, per half picture; 0 at the rim."""
    height, width = grey.shape[-2:]
    right = pad(grey[:, :, 2:] - grey[:, :, :-2], (1, 1)) * (width / 4)
    down = pad(grey[:, 2:] - grey[:, :-2], (0, 0, 1, 1)) * (height / 4)
    return torch.stack([grey, right, down], 1)


def best_candidate(candidates: list[Tensor], background: Tensor, image: Tensor, basis: Basis) -> tuple[Tensor, Tensor]:
    """For each small picture, a motion N 4 and gains N 3 1 1: no change, unless one makes clearly more pixels agree."""
    count, tried = image.shape[0], torch.cat(candidates)  # all candidates in one go
    seen, target = (picture.repeat(len(candidates), 1, 1, 1) for picture in (background, image))
    seen = warp(seen, tried, basis)
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
    counts = counts.scatter_add(2, bins, torch.ones_like(logs))
    counts = avg_pool1d(counts[..., 1:-1], 3, 1, padding=1)
    mode = BIN * (counts.argmax(2, keepdim=True) - BINS)
    for _ in range(2):
        weights = torch.exp(-(((logs - mode) / 0.05) ** 2)) + 1e-6
        mode = (weights * logs).sum(-1, keepdim=True) / weights.sum(-1, keepdim=True)
    return mode.exp()[..., None]


@kept
def side_lengths(height: int, width: int, device: torch.device) -> Tensor:
    """Width and height of a picture over its longer side: 2 numbers of 0..1."""
    sides = torch.stack([torch.full((), side, dtype=torch.float, device=device) for side in (width, height)])
    return sides / sides.max()


@kept
def motion_basis(rows: int, columns: int, height: int, width: int, device: torch.device) -> Basis:
    """Where each cell is, 1 hw2, and how each of the four numbers of a motion displaces it, 4 hw2; -1..1 rim to rim.

    There are rows × columns cells, of a picture of height × width pixels. A shift of 1 is half of the picture's longer
    side, whichever way; a turn and a zoom of 1 too, for a pixel at its end.
    """
    wide, high = side_lengths(height, width, device)[:, None]
    down, right = ((2 * torch.arange(n, device=device) + 1) / n - 1 for n in (rows, columns))
    down, one, none = down[:, None], torch.ones_like(wide), torch.zeros_like(wide)
    moves = [(right, down), (one / wide, none), (none, one / high)]
    moves += [(-down * (high / wide), right * (wide / high)), (right, down)]
    table = [torch.stack([x.expand(rows, columns), y.expand(rows, columns)], -1) for x, y in moves]
    table = torch.stack(table).flatten(1)
    return table[:1], table[1:].contiguous()


def warp(picture: Tensor, motion: Tensor, basis: Basis | None = None) -> Tensor:
    """The picture N C h w read at places displaced by the motions N 4, bilinear; its rim is repeated outside.

    `basis` is that of a larger picture, which this one is a small copy of.
    """
    height, width = picture.shape[-2:]
    start, displacements = basis or motion_basis(height, width, height, width, picture.device)
    where = torch.addmm(start, motion, displacements).view(-1, height, width, 2)
    return grid_sample(picture, where, mode="bilinear", padding_mode="border", align_corners=False)
