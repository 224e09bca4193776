"""Numbers for row i: counter-based, so that row i is the same whatever the length of the table."""

import numpy as np

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _mix(state: np.ndarray) -> np.ndarray:
    """Well-stirred 64 bits of each state (the finaliser of splitmix64); wraps around on purpose."""
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))


def bits(seed: int, index: np.ndarray, field: int) -> np.ndarray:
    """64 random bits per index, as uint64; each (seed, index, field) has its own."""
    key = _mix(np.array([seed % 2**64], np.uint64) + GOLDEN) + np.array([field], np.uint64) * GOLDEN
    return _mix(_mix(key) + np.asarray(index, np.uint64) * GOLDEN)


def uniform(seed: int, index: np.ndarray, field: int) -> np.ndarray:
    """float64 in 0..1 per index."""
    return (bits(seed, index, field) >> np.uint64(11)) * 2.0**-53


def bell(seed: int, index: np.ndarray, field: int) -> np.ndarray:
    """float64 per index with mean 0 and deviation 1, never beyond 3.47: the sum of four 16-bit numbers.

    Whole-number arithmetic only, so every machine draws the same bell.
    """
    word = bits(seed, index, field)
    total = sum((word >> np.uint64(shift)) & np.uint64(0xFFFF) for shift in (0, 16, 32, 48))
    return (total.astype(np.float64) / 65535 - 2) * np.sqrt(3)


def choice(seed: int, index: np.ndarray, field: int, count: np.ndarray | int) -> np.ndarray:
    """A whole number in 0..count-1 per index."""
    return (((bits(seed, index, field) >> np.uint64(32)) * np.asarray(count, np.uint64)) >> np.uint64(32)).astype(
        np.int64
    )
