"""Cloth: colours that go together, and patterns as paint on a surface."""

import numpy as np

from .figures import Paint


def from_hex(codes: str) -> np.ndarray:
    """Linear colours (n 3, 0..1) of hexadecimal sRGB codes with blanks between them."""
    return (np.array([list(bytes.fromhex(code)) for code in codes.split()]) / 255) ** 2.2


QUIET = from_hex("23272f 2e3440 1c1c1e 3d4a5c 5b6370 8a8d91 b9b4aa d9d3c7 efebe2 6b5b4b 4a3b30 3a4438")
LIVELY = from_hex(
    "8c2f2b b5483a c9772f d6a23a e3c770 6f7f45 3f5f4a 2f6b62 3d7f8c 2d5f8f 22406f 5a6fa8 "
    "6d4a7a 9a5a78 c98a94 e0b8a8 f0e6d2 f5f3ee a9b8a0 87a3b8 c4552f 7a1f33 1f4f9a d94f4f"
)
DENIM = from_hex("2b3d55 3f5878 6b86a6 1d2635 8fa3b8")
LEATHER = from_hex("1a1716 3a2618 6b452a 8f6038 2a2a2c e9e6e0 55504a 7d2d26")


def pick_colour(rng: np.random.Generator, *sets: np.ndarray) -> np.ndarray:
    """One colour of one of the sets, a little changed."""
    colours = sets[rng.integers(len(sets))]
    changed = colours[rng.integers(len(colours))] * rng.uniform(0.8, 1.2) * rng.uniform(0.93, 1.07, 3)
    return np.clip(changed, 0.006, 0.92)


def plain_cloth(colour: np.ndarray) -> Paint:
    """Paint of one colour."""
    return lambda p: np.broadcast_to(colour, (len(p), 3))


def over(base: Paint, mark, paint: Paint) -> Paint:
    """`paint` where mark(p) > 0 (soft over one unit of mark), `base` elsewhere."""

    def both(p: np.ndarray) -> np.ndarray:
        share = np.clip(mark(p), 0, 1)[:, None]
        under = base(p)
        return under + (paint(p) - under) * share

    both.base = getattr(base, "base", base)  # still the same cloth: the easel smooths it as one
    return both


def buttoned(cloth: Paint, half: float = 0.004) -> Paint:
    """Cloth with a darker line, `half` metres to each side, down the front: buttons, a fly."""
    return over(cloth, lambda p: np.minimum(half - np.abs(p[:, 0]), p[:, 2]) * 300, lambda p: cloth(p) * 0.7)


def _edge(wave: np.ndarray, sharp: float = 8.0) -> np.ndarray:
    return np.clip(0.5 + sharp * wave, 0, 1)


def _flowers(u, v, f):
    wave = np.sin(u + 0.5 * np.sin(0.7 * v + f[1]) + f[0]) * np.sin(v + 2 * np.sin(0.6 * u + f[2]))
    return _edge(wave - 0.4, 4)


# Share of the second colour at places u across, v up (2 pi = one repeat), f = three random numbers in 0..2 pi.
PATTERNS = {
    "hoops": (0.27, lambda u, v, f: _edge(np.sin(v + f[0]) + 0.16 * f[1] - 0.5)),
    "pins": (0.12, lambda u, v, f: 0.6 * _edge(np.sin(2 * u) - 0.8)),
    "checks": (0.13, lambda u, v, f: _edge(np.sin(u + f[0]) * np.sin(v))),
    "plaid": (0.16, lambda u, v, f: 0.5 * _edge(np.sin(u + f[0]) + 0.2) + 0.5 * _edge(np.sin(v) + 0.2)),
    "dots": (0.1, lambda u, v, f: _edge((np.sin(v) * np.sin(u + np.pi / 2 * (v // np.pi % 2))) ** 2 - 0.55)),
    "flowers": (0.12, _flowers),
    "heather": (
        0.1,
        lambda u, v, f: 0.15 + 0.22 * np.sin(7 * u + 3 * np.sin(4 * v)) * np.sin(6 * v + 2 * np.sin(4 * u)),
    ),
}
SECOND = {  # share of a third colour, for the patterns that have one
    "plaid": lambda u, v, f: 0.7 * np.maximum(_edge(np.sin(u + f[0] + 2) - 0.93), _edge(np.sin(v + 2) - 0.93)),
    "flowers": lambda u, v, f: _edge(np.sin(1.7 * u + f[1]) * np.sin(1.3 * v + f[2] + np.sin(0.8 * u)) - 0.45, 4),
}


def printed(rng: np.random.Generator, colour: np.ndarray, bare: float = 0.46) -> Paint:
    """Cloth that is mostly `colour`: plain with probability `bare`, else one of PATTERNS."""
    name = str(rng.choice(list(PATTERNS), p=[weight for weight, _ in PATTERNS.values()]))
    others = [pick_colour(rng, LIVELY, QUIET) for _ in range(2)]
    pitch, f = 2 * np.pi / rng.uniform(0.04, 0.12), rng.uniform(0, 2 * np.pi, 3)
    if rng.random() < bare:
        return plain_cloth(colour)

    def paint(p: np.ndarray) -> np.ndarray:
        x, y, z = p.T
        u, v = np.where(np.abs(x) > np.abs(z), z, x) * pitch, y * pitch
        cloth = colour + (others[0] - colour) * PATTERNS[name][1](u, v, f)[:, None]
        if name in SECOND:
            cloth = cloth + (others[1] - cloth) * SECOND[name](u, v, f)[:, None]
        return cloth

    return paint
