"""Photographs pasted on one another: for testing only, so nothing that trains ever imports them."""

from .pasting import Pair, pairs, planned
from .scoring import after_align, best_differencing, by_pair, ious, mask_of, scores, total, worst_first
from .sources import cutout, names, photograph

__all__ = ["Pair", "after_align", "best_differencing", "by_pair", "cutout", "ious", "mask_of", "names", "pairs"]
__all__ += ["photograph", "planned", "scores", "total", "worst_first"]
