"""Your own two pictures in, mask, depth and boxes out: as arrays, and as files; and where trained networks lie."""

from __future__ import annotations

import io
import json
import os
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, pad

from . import learn, models
from .base import ROOT, check_owner, claim_folder, explained, folder, write_whole
from .data import read_picture

SHIPPED = ROOT / "artifacts" / "checkpoints"
TRAINED = 96  # pixels of a side: what a network was trained on where its card does not say
LONGEST = 400  # pixels: a larger picture is shrunk for the mask, which is then enlarged: shaken ones gain by that
SPECK = 0.0005  # of the picture: a smaller component of a mask gets no box
FILES = ("mask.png", "depth.npy", "depth.png", "boxes.json", "overlay.png")
MARK, MARKED = ".roomsight", b"Written by python -m helpers predict, which may write here again.\n"
LACKS = {
    "depth": "no depth head, so it cannot say how far anything is. roomnet and depthnet can.",
    "mask": "no mask head, so it cannot say what is in front.",
}
TILE, REACH = 12, 6  # pixels of a small copy: the side of a tile, and how far it is looked for in the other picture
ALIKE, ENOUGH = 0.7, 0.2  # the correlation of a tile that is found again, and the share of tiles that must be
CROWDED = 0.3  # of the picture: with a smaller mask nobody asks whether that is one camera
TWO_CAMERAS = "Background and image do not look like one camera that stands still, so the mask may mean nothing."


class Prediction(dict):
    """What the network's heads answered; a head that it lacks is told as a sentence."""

    def __init__(self, network: str, heads: dict[str, np.ndarray]) -> None:
        super().__init__(heads)
        self.network = network

    def __missing__(self, name: str):
        head = "mask" if name == "boxes" else name
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
    size = card.setdefault("size", TRAINED)
    if type(size) is not int or not 16 <= size <= 1024:
        raise ValueError(f"The card in {path} names a size of {size!r}, and not the pixels of a side. Train again.")
    return network, card


def predict_pair(background, image, model: str = "roomnet", weights: str | Path | None = None) -> Prediction:
    """What `helpers.predict` gives back: mask, depth and boxes of two pictures of one size."""
    pair = read_picture(background, _name(background, "The background")), read_picture(image, _name(image, "The image"))
    if pair[0].shape != pair[1].shape:
        sizes = " and ".join(f"{array.shape[1]} x {array.shape[0]}" for array in pair)
        raise ValueError(f"Background and image measure {sizes} pixels; they must be of one size: one fixed camera.")
    network, card = trained_network(model, weights)
    first, second = (torch.tensor(array).permute(2, 0, 1)[None].float() / 255 for array in pair)  # 1 3 h w, 0..1
    heads = predict_heads(network, first, second, card["size"])
    if "mask" in heads and "boxes" not in heads:
        heads["boxes"] = component_boxes(heads["mask"])
    if "mask" in heads and heads["mask"].mean() > CROWDED and not same_camera(first, second):
        warnings.warn(TWO_CAMERAS, stacklevel=3)
    return Prediction(model, heads)


@torch.no_grad()
def predict_heads(network: nn.Module, background: Tensor, image: Tensor, size: int) -> dict[str, np.ndarray]:
    """{"mask", "depth"} h w, and boxes where it has such a head, of pictures 1 3 h w in 0..1.

    The mask is found near the pictures' own size, the rest at `size`, at which the network was trained.
    """
    height, width = image.shape[-2:]
    share = min(1.0, LONGEST / max(height, width))
    near = max(1, round(height * share)), max(1, round(width * share))
    found, heads = _heads(network, background, image, near), {}
    if "mask" in found:
        heads["mask"] = (_resized(found["mask"], (height, width))[0, 0] > 0).numpy()
    if found.keys() - {"mask"}:
        small = found if near == (size, size) else _heads(network, background, image, (size, size))
        heads |= {"depth": _depth(small, heads.get("mask"), (height, width))} if "depth" in found else {}
        heads |= _detected(small, (height, width)) if "heat" in found or "object" in found else {}
    return heads


def _heads(network: nn.Module, background: Tensor, image: Tensor, size: tuple[int, int]) -> dict[str, Tensor]:
    """What the network answers to both pictures resized to (h, w), in float32."""
    heads = network.eval()(_resized(background, size), _resized(image, size))
    for name, head in heads.items():
        if not head.isfinite().all():
            raise ValueError(f"The network's {name} is NaN or infinite, so its weights are of no use. Train it again.")
    return {name: head.float() for name, head in heads.items()}


def _resized(values: Tensor, size: tuple[int, int]) -> Tensor:
    """1 C h w floats at another size, smoothed where they shrink."""
    if values.shape[-2:] == size:
        return values
    return interpolate(values, size=size, mode="bilinear", antialias=True)


def _depth(heads: dict[str, Tensor], mask: np.ndarray | None, size: tuple[int, int]) -> np.ndarray:
    """The small depth map enlarged; what is in front and what is behind are not blurred into each other."""
    depth = heads["depth"]
    if mask is None:
        return _resized(depth, size)[0, 0].numpy()
    front = (heads["mask"] > 0).float()
    plain, sides = _resized(depth, size), []
    for side in (front, 1 - front):  # the mean over one side's pixels alone
        share = _resized(side, size)
        sides.append(torch.where(share > 1e-3, _resized(depth * side, size) / share.clamp(min=1e-3), plain))
    return torch.where(torch.from_numpy(mask), *sides)[0, 0].numpy()


def _detected(heads: dict[str, Tensor], size: tuple[int, int]) -> dict[str, np.ndarray]:
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


def predict_command(background: str, image: str, out: str, model: str, weights: str | None = None) -> dict:
    """Predicts, writes into `out` what the network can answer, prints it, and gives it back as plain data."""
    for source in (background, image):
        for target in (Path(out, name) for name in FILES):
            if os.path.exists(target) and os.path.exists(source) and os.path.samefile(target, source):
                raise ValueError(f"{source} is {target}, which the result would overwrite. Choose another --out.")
    check_owner(out, MARK, MARKED)  # before anything is predicted
    found = predict_pair(background, image, model, weights)
    said = save_prediction(found, read_picture(image), out)
    for name in ("mask", "depth"):
        if name not in found:
            print(f"{model} has no {name} head: nothing is written for it.")
    size = " x ".join(map(str, said["size"]))
    boxes = "1 box" if len(said["boxes"]) == 1 else f"{len(said['boxes'])} boxes"
    print(f"{boxes} in a picture of {size} pixels. Written to {out}: {', '.join(said['files'])}")
    return {"model": model, **said}


def save_prediction(found: dict, picture: np.ndarray, out: str | Path) -> dict:
    """Writes the files of a prediction on `picture` h w 3; {"size" (w, h), "foreground" 0..1, "boxes", "files"}.

    The folder `out` must be new, empty or written by an earlier prediction, whose files are replaced or deleted.
    """
    from .show.style import depth_colours  # here, because matplotlib takes a second to import

    contents, listed = {}, _listed(found)
    if "mask" in found:
        contents["mask.png"] = _png(found["mask"].astype(np.uint8) * 255)
        contents["boxes.json"] = (json.dumps(listed, indent=1) + "\n").encode()
        contents["overlay.png"] = _png(_overlay(picture, found))
    if "depth" in found:
        np.save(file := io.BytesIO(), found["depth"], allow_pickle=False)
        contents |= {"depth.npy": file.getvalue(), "depth.png": _png(depth_colours(found["depth"]))}
    with claim_folder(out, MARK, MARKED) as inside:
        for name in FILES:
            if name in contents:
                write_whole(inside / name, contents[name])
                continue
            with explained(inside / name):  # left by a prediction of another network
                (inside / name).unlink(missing_ok=True)
    share = float(found["mask"].mean()) if "mask" in found else None
    size = [picture.shape[1], picture.shape[0]]
    return {"size": size, "foreground": share, "boxes": listed, "files": [n for n in FILES if n in contents]}


def _listed(found: dict) -> list[dict]:
    """The boxes as plain data: [x0, y0, x1, y1] in pixels, what the network calls them, and how far they are."""
    listed = []
    for place, box in enumerate(found.get("boxes", [])):
        x0, y0, x1, y1 = (round(float(value)) for value in box)
        entry = {"box": [x0, y0, x1, y1]}
        if "labels" in found:
            entry |= {"label": int(found["labels"][place]), "score": round(float(found["scores"][place]), 3)}
        inside = found["depth"][y0:y1, x0:x1][found["mask"][y0:y1, x0:x1]] if "depth" in found else np.zeros(0)
        if inside.size:
            entry["depth_m"] = round(float(np.median(inside)), 3)
        listed.append(entry)
    return listed


def _overlay(picture: np.ndarray, found: dict) -> np.ndarray:
    """The picture with its mask in orange and its boxes."""
    from .show.style import COLOURS, tint

    image = Image.fromarray(tint(picture, found["mask"]))
    draw, line = ImageDraw.Draw(image), max(1, round(max(image.size) / 300))
    for x0, y0, x1, y1 in found["boxes"]:
        draw.rectangle((x0, y0, x1 - 1, y1 - 1), outline=COLOURS[1], width=line)
    return np.asarray(image)


def _png(picture: np.ndarray) -> bytes:
    """The bytes of a PNG file: h w 3 or h w uint8, or h w uint16."""
    Image.fromarray(picture).save(file := io.BytesIO(), "png", compress_level=4)
    return file.getvalue()


def _name(source, otherwise: str) -> str | None:
    """What messages call a picture: its path has a name of its own."""
    return None if isinstance(source, str | Path) else otherwise


def save_detections(network: nn.Module, scenes, shown: str | Path, files: str | Path, count: int = 4) -> Path:
    """Writes what a detector finds in `count` scenes; the folder `shown`, which holds sample_000.png and so on.

    In `files`/000 and so on lies what `predict` writes, and the image itself.
    """
    from . import show

    network.eval().cpu()
    for place in range(count):
        scene, inside = scenes[place], Path(files) / f"{place:03}"
        background, image = (scene[name][None].float() / 255 for name in ("background", "image"))
        found, picture = predict_heads(network, background, image, image.shape[-1]), scene["image"].permute(1, 2, 0)
        save_prediction(found, picture.numpy(), inside)
        write_whole(inside / "image.png", _png(picture.numpy()))
        write_whole(folder(shown) / f"sample_{place:03}.png", show.png(show.objects(scene["image"], scene, found)))
    return Path(shown)
