"""Two pictures in, mask, depth and boxes out, and at which size each is asked for; where trained networks lie."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, pad

from . import exported, learn, models
from .base import ROOT
from .data import read_picture
from .floor import doubted_places, floor_places
from .world.camera import Camera

SHIPPED = ROOT / "artifacts" / "checkpoints"
TRAINED = 96  # pixels of a side: what a network was trained on where its card does not say
LONGEST = 192  # pixels: a larger picture is shrunk for the mask, which is then enlarged: real cameras gain by that
SPECK = 0.0005  # of the picture: a smaller component of a mask gets no box
LACKS = {
    "depth": "no depth head, so it cannot say how far anything is. roomnet and depthnet can.",
    "mask": "no mask head, so it cannot say what is in front.",
}
TILE, REACH = 12, 6  # pixels of a small copy: the side of a tile, and how far it is looked for in the other picture
ALIKE, ENOUGH = 0.7, 0.2  # the correlation of a tile that is found again, and the share of tiles that must be
CROWDED = 0.3  # of the picture: with a smaller mask nobody asks whether that is one camera
TWO_CAMERAS = "Background and image do not look like one camera that stands still, so the mask may mean nothing."


class Prediction(dict):
    """What the network's heads answered; a head that it lacks is told as a sentence.

    `scale`: "metres" where the network was told the camera, else "relative": depth is then right up to one factor.
    """

    def __init__(self, network: str, heads: dict[str, np.ndarray], scale: str = "relative") -> None:
        super().__init__(heads)
        self.network, self.scale = network, scale

    def __missing__(self, name: str):
        head = "mask" if name in ("boxes", "floor") else name
        if name == "floor" and "mask" in self:
            raise ValueError("Where boxes stand on the floor needs a camera: predict(..., camera=Camera(...)).")
        if head not in LACKS:
            raise ValueError(f"There is no {name!r} in a prediction: it has {', '.join(self)}.")
        raise ValueError(f"{self.network} has {LACKS[head]}")


def trained_network(name: str, weights: str | Path | None = None) -> tuple[nn.Module, dict]:
    """The network called `name`, ready to predict, and its card: from the file `weights`, or as shipped."""
    if name not in models.NETWORKS:
        models.build(name)  # says which there are
    path = Path(weights) if weights is not None else SHIPPED / f"{name}.safetensors"
    if weights is None and not path.is_file():
        raise FileNotFoundError(
            f"No trained weights of {name} ship with the course. Train some with `python -m helpers train {name}`, "
            f"and name them: artifacts/runs/train/{name}.safetensors, as `--weights` or `weights=`."
        )
    network, card = learn.load_checkpoint(path)
    if card["network"] != name:
        holds = card["network"]
        raise ValueError(f"{path} holds the network {holds!r}, not {name!r}: give --model {holds}, or model={holds!r}.")
    card.setdefault("size", TRAINED)
    for size in (card["size"], card.get("told", TRAINED)):
        if type(size) is int and 16 <= size <= 1024:
            continue
        raise ValueError(f"The card in {path} names a size of {size!r}, and not the pixels of a side. Train again.")
    return network, card


def running_network(name: str, weights: str | Path | None, runtime: str) -> tuple[nn.Module, dict]:
    """The trained network, run by "torch" or by "onnx", and its card."""
    network, card = trained_network(name, weights)
    if runtime not in ("torch", "onnx"):
        raise ValueError(f"A network is run by the runtime 'torch' or 'onnx', not {runtime!r}.")
    return exported.run_by_onnx(network, card) if runtime == "onnx" else network, card


def predict_pair(
    background,
    image,
    model: str = "roomnet",
    camera: Camera | None = None,
    weights: str | Path | None = None,
    runtime: str = "torch",
) -> Prediction:
    """What `helpers.predict` gives back: mask, depth, boxes, and where they stand, of two pictures of one size."""
    if camera is not None and not isinstance(camera, Camera):
        raise ValueError(f"A camera is a helpers.world.Camera(height, pitch, fov), not a {type(camera).__name__}.")
    pair = read_pair(background, image)
    network, card = running_network(model, weights, runtime)
    found = ask_network(model, network, card, *pair, camera)
    if "mask" in found and "boxes" not in found:
        found["boxes"] = component_boxes(found["mask"])
    if "mask" in found and found["mask"].mean() > CROWDED and not same_camera(*map(_unit, pair)):
        warnings.warn(TWO_CAMERAS, stacklevel=3)
    if camera is not None and "boxes" in found:
        found |= floor_places(found, camera, found.get("depth") if found.scale == "metres" else None)
        if says := doubted_places(found["floor_feet"], found["floor_network"]):
            warnings.warn(says, stacklevel=3)
    return found


def read_pair(background, image) -> tuple[np.ndarray, np.ndarray]:
    """Both pictures h w 3 uint8, which must be of one size."""
    pair = read_picture(background, _name(background, "The background")), read_picture(image, _name(image, "The image"))
    if pair[0].shape != pair[1].shape:
        sizes = " and ".join(f"{array.shape[1]} x {array.shape[0]}" for array in pair)
        which = f" ({image})" if _name(image, "") is None else ""
        says = f"Background and image{which} measure {sizes} pixels"
        raise ValueError(f"{says}; they must be of one size: one fixed camera.")
    return pair


def ask_network(
    name: str, network: nn.Module, card: dict, background: np.ndarray, image: np.ndarray, camera: Camera | None = None
) -> Prediction:
    """The answer, without boxes of components, of a network with this card to pictures h w 3 uint8."""
    size = asked_size(network, card, camera is not None)
    heads = predict_heads(network, _unit(background), _unit(image), size, camera)
    return Prediction(name, heads, "metres" if camera is not None and reads_camera(network) else "relative")


def _unit(picture: np.ndarray) -> Tensor:
    """1 3 h w, 0..1, of a picture h w 3 uint8."""
    return torch.tensor(picture).permute(2, 0, 1)[None].float() / 255


@torch.no_grad()
def predict_heads(
    network: nn.Module, background: Tensor, image: Tensor, size: int, camera: Camera | None = None
) -> dict[str, np.ndarray]:
    """{"mask", "depth"} h w, and boxes where it has such a head, of pictures 1 3 h w in 0..1."""
    batch = {"background": background, "image": image}
    if camera is not None:
        height, width = image.shape[-2:]
        batch["camera"] = torch.from_numpy(camera.maps(height, width, aspect=width / height))[None]
    small, maps = ask_heads(network.eval(), batch, size)
    heads = {"mask": maps["mask"][0, 0].numpy() > 0} if "mask" in maps else {}
    heads |= {"depth": maps["depth"][0, 0].numpy()} if "depth" in maps else {}
    return heads | (detected(small, tuple(image.shape[-2:])) if "heat" in small or "object" in small else {})


def ask_heads(network: nn.Module, batch: dict[str, Tensor], size: int) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The network's heads, and mask and depth as large as the batch's pictures N 3 H W.

    The mask is found at the pictures' own size, or at LONGEST. The rest is found with a longer side of `size` at most,
    or of smaller pictures at their own size, but not below TRAINED.
    """
    full = tuple(batch["image"].shape[-2:])
    near, trained = (shrunk(full, min(most, max(least, *full))) for most, least in ((LONGEST, 1), (size, TRAINED)))
    heads = _heads(network, batch, near)
    maps = {"mask": _resized(heads["mask"], full)} if "mask" in heads else {}
    if heads.keys() - {"mask"} and near != trained:
        heads = _heads(network, batch, trained)
    if "depth" in heads:
        maps["depth"] = _depth(heads, maps["mask"] > 0 if "mask" in maps else None, full)
    return heads, maps


def shrunk(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Height and width in the same proportion, the longer one of so many pixels."""
    return tuple(max(1, round(side * longest / max(size))) for side in size)


def _heads(network: nn.Module, batch: dict[str, Tensor], size: tuple[int, int]) -> dict[str, Tensor]:
    """What the network answers to the pictures, and the camera's maps, of a batch resized to (h, w), in float32."""
    heads = learn.forward(network, {name: _resized(values, size) for name, values in batch.items()})
    for name, head in heads.items():
        if not head.isfinite().all():
            raise ValueError(f"The network's {name} is NaN or infinite, so its weights are of no use. Train it again.")
    return {name: head.float() for name, head in heads.items()}


def _resized(values: Tensor, size: tuple[int, int]) -> Tensor:
    """N C h w at another size, smoothed where they shrink; bytes become 0..1."""
    if values.shape[-2:] == size:
        return values
    values = values.float() / 255 if values.dtype == torch.uint8 else values
    return interpolate(values, size=size, mode="bilinear", antialias=True)


def _depth(heads: dict[str, Tensor], front: Tensor | None, size: tuple[int, int]) -> Tensor:
    """The small depth maps N 1 h w enlarged; what is in `front` (N 1 H W bool) and behind are not blurred together."""
    plain = _resized(heads["depth"], size)
    if front is None:
        return plain
    small, sides = (heads["mask"] > 0).float(), []
    for side in (small, 1 - small):  # the mean over one side's pixels alone
        share = _resized(side, size)
        sides.append(torch.where(share > 1e-3, _resized(heads["depth"] * side, size) / share.clamp(min=1e-3), plain))
    return torch.where(front, *sides)


class AsPredicted(nn.Module):
    """A network asked as `predict` asks it, for batches: its card says the size, and `told` the one with a camera."""

    def __init__(self, network: nn.Module, card: dict) -> None:
        super().__init__()
        self.network, self.card = network, card

    def forward(self, background: Tensor, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """The heads, with maps as large as the pictures N 3 H W."""
        batch = {"background": background, "image": image} | ({} if camera is None else {"camera": camera})
        known = camera is not None and bool(camera.flatten(1).any(1).all())  # maps of zeros are no camera
        heads, maps = ask_heads(self.network, batch, asked_size(self.network, self.card, known))
        return heads | maps


def asked_size(network: nn.Module, card: dict, known: bool) -> int:
    """The size at which depth and boxes are asked for: `told` where a network that reads cameras knows this one."""
    return card.get("told", card["size"]) if known and reads_camera(network) else card["size"]


def reads_camera(network: nn.Module) -> bool:
    """Whether the network makes use of the camera's maps."""
    return getattr(network, "reads_camera", False)


def detected(heads: dict[str, Tensor], size: tuple[int, int]) -> dict[str, np.ndarray]:
    """{"boxes", "labels", "scores"} of a detection head, in pixels of a picture of this (height, width)."""
    found, (high, wide) = learn.decode_boxes(heads)[0], heads["mask"].shape[-2:]
    down, right = size[0] / high, size[1] / wide
    found["boxes"] = found["boxes"] * torch.tensor([right, down, right, down])
    return {name: values.numpy() for name, values in found.items()}


def component_boxes(mask: np.ndarray, smallest: float = SPECK) -> np.ndarray:
    """k 4 float32, x0 y0 x1 y1 in pixels, of the connected components of a mask h w, the one of most pixels first.

    Pixels that touch at a corner are connected. Components below the share `smallest` of the picture are left out.
    """
    from scipy import ndimage  # here, because it takes a while to import

    parts, _ = ndimage.label(mask > 0.5, np.ones((3, 3)))
    pixels = np.bincount(parts.ravel())[1:]  # 0 is what is not in the mask
    boxes = [(x.start, y.start, x.stop, y.stop) for y, x in ndimage.find_objects(parts)]
    order = np.argsort(-pixels, kind="stable")
    order = order[pixels[order] >= max(1, smallest * mask.size)]
    return np.array(boxes, np.float32).reshape(-1, 4)[order]


@torch.no_grad()
def same_camera(background: Tensor, image: Tensor) -> bool:
    """Whether enough of the background 1 3 h w, in 0..1, is found again in the image, at nearly the same place.

    The slopes of the logarithm of grey, which a change of light leaves as they are, are compared tile by tile, by the
    normalised correlation at the best of all shifts up to REACH pixels. Tiles without texture do not count.
    """
    share = min(1.0, 96 / max(image.shape[-2:]))
    size = tuple(max(2 * TILE, round(side * share)) // TILE * TILE for side in image.shape[-2:])
    grey = torch.cat([_resized(picture, size) for picture in (background, image)]).mean(1, keepdim=True)
    log = (grey + 0.02).log()
    slopes = torch.cat([pad(log.diff(dim=3), (0, 1)), pad(log.diff(dim=2), (0, 0, 0, 1))], 1)  # 2 2 h w
    first, second = slopes[:1], pad(slopes[1:], (REACH,) * 4)
    energy = avg_pool2d(first.square().sum(1), TILE)
    best = torch.zeros_like(energy)
    for down in range(2 * REACH + 1):
        for right in range(2 * REACH + 1):
            other = second[..., down : down + size[0], right : right + size[1]]
            product, square = avg_pool2d(torch.cat([(first * other).sum(1), other.square().sum(1)]), TILE)
            best = torch.maximum(best, product / (energy[0] * square + 1e-8).sqrt())
    textured = energy > 1e-3
    return not textured.any() or bool((best[textured] > ALIKE).float().mean() >= ENOUGH)


def _name(source, otherwise: str) -> str | None:
    """What messages call a picture: its path has a name of its own."""
    return None if isinstance(source, str | Path) else otherwise
