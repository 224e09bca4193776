"""What a single augmentation does to a sample: a window, a colour drift, noise, blur."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import torch
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms.v2 import functional as F

from ..base import FAR

PICTURES, MAPS = ("background", "image"), ("mask", "depth", "depth_valid")
Sample = dict[str, Tensor]


def wrap(sample: Mapping) -> dict:
    """The sample with every tensor named for what it is, so that torchvision v2 knows what may happen to it."""
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


def unwrap(sample: Mapping) -> Sample:
    """Plain tensors again; boxes clipped to the picture, and those under one pixel dropped with their labels."""
    plain = {name: v.as_subclass(Tensor) if isinstance(v, Tensor) else v for name, v in sample.items()}
    if "boxes" in plain:
        high, wide = plain["image"].shape[-2:]
        boxes = plain["boxes"].clamp(min=0).minimum(torch.tensor([wide, high, wide, high]))
        seen = ((boxes[:, 2:] - boxes[:, :2]) >= 1).all(1)
        plain |= {
            name: (boxes if name == "boxes" else plain[name])[seen] for name in ("boxes", "labels") if name in plain
        }
    return plain


@dataclass(frozen=True)
class ScaleCrop:
    """A random square window of the sample, up to `strength` of the side cut away, enlarged to the old size.

    What becomes of depth when the picture grows by s? `keep="camera"` says: the course's camera (60° across) still
    took it, so everything is s times nearer: Z becomes Z / s. A person keeps the height in metres that the picture
    shows, in any window; the camera keeps its height above the floor where the window is the middle one (another one
    looks a little aside, up or down). Sky (FAR) stays sky. `keep="lens"` leaves the
    metres alone: the same place through a longer lens, so the camera is no longer the one that the targets hold for.
    """

    strength: float
    keep: str = "camera"

    def __call__(self, sample: Mapping) -> Sample:
        high, wide = sample["image"].shape[-2:]
        share = 1 - self.strength * torch.rand(()).item()
        h, w = max(1, round(high * share)), max(1, round(wide * share))
        top, left = (int(torch.randint(0, room + 1, ())) for room in (high - h, wide - w))
        return crop(sample, top, left, h, w, self.keep)


def crop(sample: Mapping, top: int, left: int, h: int, w: int, keep: str = "camera") -> Sample:
    """The window of h × w pixels at (top, left) enlarged to the sample's size; see `ScaleCrop` for `keep`."""
    size = list(sample["image"].shape[-2:])
    moved = dict(sample)
    for name, value in wrap(sample).items():
        if isinstance(value, tv_tensors.TVTensor):
            moved[name] = F.resized_crop(value, top, left, h, w, size, antialias=True)  # nearest for Mask
    if keep == "camera" and "depth" in moved:
        depth = moved["depth"]
        moved["depth"] = tv_tensors.Mask(torch.where(depth < FAR, depth * (h / size[0]), depth))
    return moved


@dataclass(frozen=True)
class Drift:
    """A gain for each colour channel, the same for every picture in the call: exp of a normal draw times strength."""

    strength: float

    def __call__(self, pictures: Mapping) -> Sample:
        gain = torch.exp(self.strength * torch.randn(3, 1, 1))
        return {name: _bytes(picture.float() * gain) for name, picture in pictures.items()}


@dataclass(frozen=True)
class Noise:
    """Normal noise, fresh for each picture; strength is its deviation as a share of full scale."""

    strength: float

    def __call__(self, pictures: Mapping) -> Sample:
        shake = {name: torch.randn(picture.shape) * (255 * self.strength) for name, picture in pictures.items()}
        return {name: _bytes(picture.float() + shake[name]) for name, picture in pictures.items()}


@dataclass(frozen=True)
class Blur:
    """A Gaussian blur of up to `strength` pixels at 96 px, and in proportion at other sizes."""

    strength: float

    def __call__(self, pictures: Mapping) -> Sample:
        most = self.strength * next(iter(pictures.values())).shape[-1] / 96
        sigma = max(1e-3, most * torch.rand(()).item())
        size = 2 * ceil(2 * sigma) + 1
        return {name: F.gaussian_blur(picture, [size, size], [sigma, sigma]) for name, picture in pictures.items()}


def _bytes(picture: Tensor) -> Tensor:
    return tv_tensors.Image(picture.round().clamp(0, 255).to(torch.uint8))
