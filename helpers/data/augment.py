"""Changes of samples while training: `Augment`, a list of steps; `make_photographic`, drawings more like photographs.

`Augment(["flip", ("scale_crop", 0.3), ("hsv", 0.2), ("drift", 0.06, "apart")])` is a function from sample to sample.
Geometry moves the whole sample as one; colour touches the two pictures only. A sample is a dict as `Scenes` gives it;
other entries of the dict are left alone. The list may also hold any torchvision v2 transform: pictures travel as
`Image`, mask, depth and depth_valid as `Mask`, boxes as `BoundingBoxes`. (torchvision takes seconds to import, so it is
imported where it is first needed.)
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from io import BytesIO
from math import ceil

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad

from ..base import FAR

PICTURES, MAPS = ("background", "image"), ("mask", "depth", "depth_valid", "camera")
WHICH = {"together": [PICTURES], "apart": [("background",), ("image",)], "image": [("image",)]}  # who share one change
Sample = dict[str, Tensor]


def wrap_sample(sample: Mapping) -> dict:
    """The sample with every tensor named for what it is, so that torchvision v2 knows what may happen to it."""
    from torchvision import tv_tensors

    if "image" not in sample or sample["image"].ndim != 3:
        raise ValueError(
            "augmentation takes one sample, a dict whose 'image' is 3 × S × S: use it on a Dataset, not on a batch"
        )
    size, named = tuple(sample["image"].shape[-2:]), dict(sample)
    for name in [*PICTURES, *MAPS]:
        if name in sample:
            if tuple(sample[name].shape[-2:]) != size:
                raise ValueError(f"{name} is {tuple(sample[name].shape[-2:])} but the image is {size}: they must agree")
            named[name] = (tv_tensors.Image if name in PICTURES else tv_tensors.Mask)(sample[name])
    if "boxes" in sample:
        named["boxes"] = tv_tensors.BoundingBoxes(sample["boxes"].reshape(-1, 4), format="XYXY", canvas_size=size)
    return named


def unwrap_sample(sample: Mapping) -> Sample:
    """Plain tensors again; boxes clipped to the picture, and those under one pixel dropped with their labels."""
    plain = {name: v.as_subclass(Tensor) if isinstance(v, Tensor) else v for name, v in sample.items()}
    if "boxes" in plain:
        high, wide = plain["image"].shape[-2:]
        plain["boxes"] = plain["boxes"].clamp(min=0).minimum(torch.tensor([wide, high, wide, high]))
        seen = ((plain["boxes"][:, 2:] - plain["boxes"][:, :2]) >= 1).all(1)
        plain |= {name: plain[name][seen] for name in ("boxes", "labels") if name in plain}
    return plain


def random_flip(sample: Mapping, probability: float) -> Sample:
    """The sample left for right, or as it is."""
    from torchvision.transforms import v2

    if torch.rand(()) >= probability:
        return sample
    return flipped(v2.functional.horizontal_flip, sample)


def flipped(flip: Callable, sample: Mapping) -> Sample:
    """Every map, picture and box of the sample flipped left for right; the camera's slope to the side changes sign."""
    moved = {name: flip(value) if name in (*PICTURES, *MAPS, "boxes") else value for name, value in sample.items()}
    if "camera" in moved:
        moved["camera"] = moved["camera"] * torch.tensor([1.0, -1.0])[:, None, None]
    return moved


def scale_crop(sample: Mapping, strength: float, keep: str) -> Sample:
    """A random square window, up to `strength` of the side cut away, enlarged to the old size; see `resized_crop`."""
    high, wide = sample["image"].shape[-2:]
    share = 1 - strength * torch.rand(()).item()
    h, w = max(1, round(high * share)), max(1, round(wide * share))
    top, left = (int(torch.randint(0, room + 1, ())) for room in (high - h, wide - w))
    return resized_crop(sample, top, left, h, w, keep)


def resized_crop(sample: Mapping, top: int, left: int, h: int, w: int, keep: str = "camera") -> Sample:
    """The window of h × w pixels at (top, left) enlarged to the sample's size.

    What becomes of depth when the picture grows by s? `keep="camera"` says: the course's camera (60° across) still
    took it, so everything is s times nearer: Z becomes Z / s. A person keeps the height in metres that the picture
    shows, in any window; the camera keeps its height above the floor where the window is the middle one (another one
    looks a little aside, up or down). Sky (FAR) stays sky. `keep="lens"` leaves the
    metres alone: the same place through a longer lens, so the camera is no longer the one that the targets hold for.
    """
    from torchvision import tv_tensors
    from torchvision.transforms.v2 import functional as F

    size = list(sample["image"].shape[-2:])
    moved = dict(sample)
    for name, value in wrap_sample(sample).items():
        if isinstance(value, tv_tensors.TVTensor):
            moved[name] = F.resized_crop(value, top, left, h, w, size, antialias=True)  # nearest for Mask
    if keep == "camera":
        near = h / size[0]
        if "depth" in moved:
            depth = moved["depth"]
            moved["depth"] = tv_tensors.Mask(torch.where(depth < FAR, depth * near, depth))
        if "camera" in moved:  # the floor comes nearer as all else does; rays to the side stay the camera's own
            moved["camera"] = tv_tensors.Mask(torch.stack([moved["camera"][0] / near, sample["camera"][1]]))
    return moved


def color_jitter(pictures: Mapping, strength: float, contrast: float = 0, saturation: float = 0, hue: float = 0):
    """Brightness by up to `strength` of itself, and the others by their share of it: the same for all pictures."""
    from torchvision.transforms import v2

    return v2.ColorJitter(strength, contrast * strength, saturation * strength, hue * strength)(pictures)


def color_drift(pictures: Mapping, strength: float) -> Sample:
    """A gain for each colour channel, the same for every picture in the call: exp of a normal draw times strength."""
    gain = torch.exp(strength * torch.randn(3, 1, 1))
    return {name: _to_image(picture.float() * gain) for name, picture in pictures.items()}


def gaussian_noise(pictures: Mapping, strength: float) -> Sample:
    """Normal noise, fresh for each picture; strength is its deviation as a share of full scale."""
    noise = {name: torch.randn(picture.shape) * (255 * strength) for name, picture in pictures.items()}
    return {name: _to_image(picture.float() + noise[name]) for name, picture in pictures.items()}


def gaussian_blur(pictures: Mapping, strength: float) -> Sample:
    """A Gaussian blur of up to `strength` pixels at 96 px, and in proportion at other sizes."""
    from torchvision.transforms.v2 import functional as F

    most = strength * next(iter(pictures.values())).shape[-1] / 96
    sigma = max(1e-3, most * torch.rand(()).item())
    size = 2 * ceil(2 * sigma) + 1
    return {name: F.gaussian_blur(picture, [size, size], [sigma, sigma]) for name, picture in pictures.items()}


def _to_image(picture: Tensor) -> Tensor:
    from torchvision import tv_tensors

    return tv_tensors.Image(picture.round().clamp(0, 255).to(torch.uint8))


TOGETHER, APART = ("together", "apart", "image"), ("apart", "together", "image")
# name: (what is done, the usual strength, the largest one, the ways to use it with the usual one first)
STEPS = {
    "flip": (random_flip, 0.5, 1.0, ()),  # strength is the probability
    "scale_crop": (scale_crop, 0.3, 0.9, ("camera", "lens")),
    "hsv": (partial(color_jitter, hue=0.25, saturation=1), 0.2, 1.0, TOGETHER),
    "light": (partial(color_jitter, contrast=1), 0.2, 1.0, TOGETHER),
    "drift": (color_drift, 0.06, 1.0, APART),
    "noise": (gaussian_noise, 0.02, 1.0, APART),
    "blur": (gaussian_blur, 1.0, 10.0, APART),
}


def recolor(sample: Mapping, change: Callable, strength: float, which: str) -> Sample:
    """A change of colour applied to the pictures named by `which`: the same change to both, or to each its own."""
    changed = dict(sample)
    for group in WHICH[which]:
        changed |= change({name: sample[name] for name in group if name in sample}, strength)
    return changed


def augmentation_step(entry) -> Callable[[Sample], Sample]:
    """The function behind one entry of the list: a name, (name, strength), (name, strength, how), or a transform."""
    if callable(entry):
        return entry
    name, *rest = entry if isinstance(entry, list | tuple) and entry else (entry,)
    if name not in [*STEPS]:  # a list: an entry may be anything, a dict too
        raise ValueError(f"there is no augmentation called {name!r}: choose from {', '.join(STEPS)}")
    change, strength, most, ways = STEPS[name]
    strength, *rest = rest or [strength]
    how, *rest = rest or [*ways, None][:1]
    if not isinstance(strength, int | float) or not 0 <= strength <= most:
        raise ValueError(f"the strength of {name!r} lies between 0 (nothing happens) and {most:g}, not {strength!r}")
    if rest or (how is not None and how not in ways):
        raise ValueError(f"{name!r} can be used {' or '.join(ways) or 'in one way'}, not {[how, *rest]}")
    if how in WHICH:
        return partial(recolor, change=change, strength=strength, which=how)
    return partial(change, strength=strength, keep=how) if how else partial(change, probability=strength)


class Augment:
    """The steps of a list, one after the other: a function of the sample, the seed and the epoch, and of nothing else.

    The draws are seeded by the picture itself, so a sample is changed the same way in any order, batch or worker.
    Set `epoch` before each pass over the data to have other draws.
    """

    def __init__(self, entries: Sequence, seed: int = 0):
        if isinstance(entries, str) or not isinstance(entries, Sequence):
            raise ValueError(f'augmentations are a list, as in Augment(["flip"]), not {entries!r}')
        self.steps, self.seed = [augmentation_step(entry) for entry in entries], seed
        self._epoch = torch.zeros((), dtype=torch.int64).share_memory_()  # workers that stay alive hear of a change

    @property
    def epoch(self) -> int:
        """Which pass over the data this is."""
        return int(self._epoch)

    @epoch.setter
    def epoch(self, number: int) -> None:
        self._epoch.fill_(number)

    def __call__(self, sample: Mapping) -> Sample:
        changed = wrap_sample(sample)
        key = zlib.crc32(sample["image"].contiguous().numpy(), zlib.crc32(f"{self.seed} {self.epoch}".encode()))
        with torch.random.fork_rng(devices=[]):  # v2 draws from torch's own generator: lend it, and put it back
            torch.default_generator.manual_seed(key)
            for step in self.steps:
                changed = step(changed)
        return unwrap_sample(changed)


def standardise(pictures: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """float32 pictures with mean 0 and deviation 1 per channel: uint8 … 3 H W in, `mean` and `std` in 0..1, RGB order.

    For statistics of your own data set. The course's networks do this inside themselves: give them uint8.
    """
    mean, std = (torch.as_tensor(each, dtype=torch.float32).reshape(-1, 1, 1) for each in (mean, std))
    if len(mean) != 3 or len(std) != 3 or mean.max() > 1 or not 0 < std.min() <= std.max() <= 1:
        raise ValueError(
            "mean and std are three numbers in 0..1 each (red, green, blue): divide statistics of bytes by 255"
        )
    return (pictures.float() / 255 - mean) / std


# Drawings that look more like photographs: part of the recipe of the weights that ship.
TONED, SOFT, PATCHY, PACKED = 0.6, 0.25, 0.15, 0.2  # how often each change is made


def make_photographic(sample: Sample, rng: np.random.Generator, window: tuple[int, int], turned: float) -> Sample:
    """The sample cut to a window at full detail, with other tones, softness and traces of compression.

    A share `turned` is also turned by quarters: depth is not valid there, no camera hangs that way; the rest may be
    flipped. In a window the camera's maps hold.
    """
    if window != tuple(sample["image"].shape[-2:]):
        sample = _cut_window(sample, window, rng)
    if rng.random() < turned:
        sample = _quarter_turn(sample, rng)
    elif rng.random() < 0.5:
        sample = flipped(lambda values: values.flip(2), sample)
    pictures = [sample[name].float() for name in PICTURES]
    if rng.random() < TONED:
        pictures = other_tones(pictures, rng)
    if rng.random() < SOFT:  # out of focus by about a pixel, as photographs at full size often are
        pictures = [avg_pool2d(pad(one[None], (1, 1, 1, 1), mode="replicate"), 3, 1)[0] for one in pictures]
    if rng.random() < PATCHY:  # light that has changed by some percent across the picture, as when a cloud passes
        down, right = (slope * torch.linspace(-1, 1, side) for slope, side in zip(rng.normal(0, 0.06, 2), window))
        pictures[1] = pictures[1] * (1 + down[:, None] + right).float()
    pictures = [picture.round().clamp(0, 255).to(torch.uint8) for picture in pictures]
    if rng.random() < PACKED:
        quality = int(rng.integers(40, 96))
        pictures = [as_jpeg(picture, quality) for picture in pictures]
    return sample | dict(zip(PICTURES, pictures))


def _cut_window(sample: Sample, window: tuple[int, int], rng: np.random.Generator) -> Sample:
    """A window of the sample, of six tries the one whose share of foreground is nearest to a fifth."""
    high, wide = window
    last = [side - kept for side, kept in zip(sample["mask"].shape[-2:], window)]
    corners = [tuple(rng.integers(0, np.add(last, 1))) for _ in range(6)]
    shares = [abs(sample["mask"][0, y : y + high, x : x + wide].mean().item() - 0.2) for y, x in corners]
    y, x = corners[int(np.argmin(shares))]
    return {name: values[:, y : y + high, x : x + wide] for name, values in sample.items()}


def _quarter_turn(sample: Sample, rng: np.random.Generator) -> Sample:
    """The square sample turned by quarters and mirrored: there is no up and down in a carpet."""
    quarters, mirror = int(rng.integers(4)), bool(rng.integers(2))
    moved = {name: torch.rot90(values, quarters, (1, 2)) for name, values in sample.items()}
    moved = {name: values.flip(2) for name, values in moved.items()} if mirror else moved
    return moved | {name: torch.zeros_like(moved[name]) for name in ("depth_valid", "camera") if name in moved}


def other_tones(pictures: list[Tensor], rng: np.random.Generator) -> list[Tensor]:
    """Both pictures with the same other gamma, contrast, colour order and saturation."""
    order, gamma = torch.from_numpy(rng.permutation(3)), float(np.exp(rng.normal(0, 0.3)))
    contrast, colour = rng.uniform(0.5, 1.1), rng.choice([0.0, 0.5, 1.0, 1.0])
    offset = rng.uniform(0, 255 * max(0.0, 1 - contrast))
    out = []
    for picture in pictures:
        picture = 255 * (picture[order] / 255) ** gamma * contrast + offset
        grey = picture.mean(0, keepdim=True)
        out.append(grey + colour * (picture - grey))
    return out


def as_jpeg(picture: Tensor, quality: int) -> Tensor:
    """The picture after it was a JPEG of this quality."""
    stream = BytesIO()
    Image.fromarray(picture.permute(1, 2, 0).contiguous().numpy()).save(stream, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(stream))).permute(2, 0, 1)
