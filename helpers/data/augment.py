"""An augmentation is a list. Geometry moves the whole sample as one; colour touches the two pictures only.

`Augment(["flip", ("scale_crop", 0.3), ("hsv", 0.2), ("drift", 0.06, "apart")])` is a function from sample to sample.
A sample is a dict as `Scenes` gives it; other entries of the dict are left alone. The list may also hold any
torchvision v2 transform: pictures travel as `Image`, mask, depth and depth_valid as `Mask`, boxes as `BoundingBoxes`.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torchvision.transforms import v2

from .changes import PICTURES, Blur, Drift, Noise, Sample, ScaleCrop, unwrap, wrap

WHICH = {"together": [PICTURES], "apart": [("background",), ("image",)], "image": [("image",)]}
WHICH["background"] = [("background",)]  # which pictures a change of colour touches, and which share one change


def _hsv(strength: float) -> Callable:
    """Hue by up to strength / 4 of the colour circle, saturation and value by up to strength of themselves."""
    return v2.ColorJitter(hue=strength / 4, saturation=strength, brightness=strength)


def _light(strength: float) -> Callable:
    """Brightness and contrast by up to strength of themselves."""
    return v2.ColorJitter(brightness=strength, contrast=strength)


TOGETHER, APART = ("together", "apart", "image", "background"), ("apart", "together", "image", "background")
# name: (what builds it, the usual strength, the largest one, the ways to use it with the usual one first)
STEPS = {
    "flip": (v2.RandomHorizontalFlip, 0.5, 1.0, ()),  # strength is the probability
    "scale_crop": (ScaleCrop, 0.3, 0.9, ("camera", "lens")),
    "hsv": (_hsv, 0.2, 1.0, TOGETHER),
    "light": (_light, 0.2, 1.0, TOGETHER),
    "drift": (Drift, 0.06, 1.0, APART),
    "noise": (Noise, 0.02, 1.0, APART),
    "blur": (Blur, 1.0, 10.0, APART),
}


@dataclass(frozen=True)
class Coloured:
    """A change of colour applied to the pictures named by `which`: the same change to both, or to each its own."""

    change: Callable
    which: str

    def __call__(self, sample: Mapping) -> Sample:
        changed = dict(sample)
        for group in WHICH[self.which]:
            changed |= self.change({name: sample[name] for name in group if name in sample})
        return changed


def step(entry) -> Callable[[Sample], Sample]:
    """The function behind one entry of the list: a name, (name, strength), (name, strength, how), or a transform."""
    if callable(entry):
        return entry
    name, *rest = (entry,) if isinstance(entry, str) else entry
    if name not in STEPS:
        raise ValueError(f"there is no augmentation called {name!r}: choose from {', '.join(STEPS)}")
    build, strength, most, ways = STEPS[name]
    strength, *rest = rest or [strength]
    how, *rest = rest or [*ways, None][:1]
    if isinstance(strength, str) or not 0 <= strength <= most:
        raise ValueError(f"the strength of {name!r} lies between 0 (nothing happens) and {most:g}, not {strength!r}")
    if rest or (how is not None and how not in ways):
        raise ValueError(f"{name!r} can be used {' or '.join(ways) or 'in one way'}, not {[how, *rest]}")
    change = build(strength, how) if build is ScaleCrop else build(strength)
    return Coloured(change, how) if how in WHICH else change


class Augment:
    """The steps of a list, one after the other: a function of the sample, the seed and the epoch, and of nothing else.

    The draws are seeded by the picture itself, so a sample is changed the same way in any order, batch or worker.
    Set `epoch` before each pass over the data to have other draws.
    """

    def __init__(self, entries: Sequence, seed: int = 0):
        self.steps, self.seed = [step(entry) for entry in entries], seed
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()  # workers that stay alive hear of a change

    @property
    def epoch(self) -> int:
        """Which pass over the data this is."""
        return int(self._epoch)

    @epoch.setter
    def epoch(self, number: int) -> None:
        self._epoch.fill_(number)

    def __call__(self, sample: Mapping) -> Sample:
        changed = wrap(sample)
        key = zlib.crc32(sample["image"].contiguous().numpy(), zlib.crc32(f"{self.seed} {self.epoch}".encode()))
        with torch.random.fork_rng(devices=[]):  # v2 draws from torch's own generator: lend it, and put it back
            torch.default_generator.manual_seed(key)
            for each in self.steps:
                changed = each(changed)
        return unwrap(changed)


def normalise(pictures: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """float32 pictures with mean 0 and deviation 1 per channel: uint8 … 3 H W in, `mean` and `std` in 0..1, RGB order.

    For statistics of your own data set. The course's networks do this inside themselves: give them uint8.
    """
    mean, std = (torch.as_tensor(each, dtype=torch.float32).reshape(-1, 1, 1) for each in (mean, std))
    if len(mean) != 3 or len(std) != 3 or mean.max() > 1 or not 0 < std.min() <= std.max() <= 1:
        raise ValueError(
            "mean and std are three numbers in 0..1 each (red, green, blue): divide statistics of bytes by 255"
        )
    return (pictures.float() / 255 - mean) / std
