"""Your own two pictures in, mask, depth and boxes out: as arrays, and as files; and where trained networks lie."""

from __future__ import annotations

import io
import json
import math
import os
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, pad

from . import exported, learn, models
from .base import ROOT, check_owner, claim_folder, explained, folder, write_whole
from .data import read_picture
from .world.camera import FAR, Camera

SHIPPED = ROOT / "artifacts" / "checkpoints"
TRAINED = 96  # pixels of a side: what a network was trained on where its card does not say
LONGEST = 192  # pixels: a larger picture is shrunk for the mask, which is then enlarged: real cameras gain by that
SPECK = 0.0005  # of the picture: a smaller component of a mask gets no box
FILES = ("mask.png", "depth.npy", "depth.png", "boxes.json", "overlay.png")
MARK, MARKED = ".roomsight", b"Written by python -m helpers predict, which may write here again.\n"
LACKS = {
    "depth": "no depth head, so it cannot say how far anything is. roomnet and depthnet can.",
    "mask": "no mask head, so it cannot say what is in front.",
}
APART, LITTLE = 1 / 3, 0.5  # feet and network disagree by more than this share, and by more than these metres
SPELLED = "height=1.6,pitch=5,fov=60"
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
    network, card = trained_network(model, weights)
    if runtime not in ("torch", "onnx"):
        raise ValueError(f"A network is run by the runtime 'torch' or 'onnx', not {runtime!r}.")
    network = exported.run_by_onnx(network, card) if runtime == "onnx" else network
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
    told = camera is not None and getattr(network, "reads_camera", False)
    size = card.get("told", card["size"]) if told else card["size"]
    heads = predict_heads(network, _unit(background), _unit(image), size, camera)
    return Prediction(name, heads, "metres" if told else "relative")


def _unit(picture: np.ndarray) -> Tensor:
    """1 3 h w, 0..1, of a picture h w 3 uint8."""
    return torch.tensor(picture).permute(2, 0, 1)[None].float() / 255


@torch.no_grad()
def predict_heads(
    network: nn.Module, background: Tensor, image: Tensor, size: int, camera: Camera | None = None
) -> dict[str, np.ndarray]:
    """{"mask", "depth"} h w, and boxes where it has such a head, of pictures 1 3 h w in 0..1.

    The mask is found at the pictures' own size, or at LONGEST. The rest is found with a longer side of `size` at most,
    or of smaller pictures at their own size, but not below TRAINED.
    """
    (height, width), longest = image.shape[-2:], max(image.shape[-2:])
    near, trained = (
        shrunk((height, width), side) for side in (min(LONGEST, longest), min(size, max(TRAINED, longest)))
    )
    found, heads = _heads(network, background, image, near, camera), {}
    if "mask" in found:
        heads["mask"] = (_resized(found["mask"], (height, width))[0, 0] > 0).numpy()
    if found.keys() - {"mask"}:
        small = found if near == trained else _heads(network, background, image, trained, camera)
        front = torch.from_numpy(heads["mask"])[None, None] if "mask" in heads else None
        heads |= {"depth": _depth(small, front, (height, width))[0, 0].numpy()} if "depth" in found else {}
        heads |= _detected(small, (height, width)) if "heat" in found or "object" in found else {}
    return heads


def shrunk(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Height and width in the same proportion, the longer one of so many pixels."""
    return tuple(max(1, round(side * longest / max(size))) for side in size)


def _heads(
    network: nn.Module, background: Tensor, image: Tensor, size: tuple[int, int], camera: Camera | None
) -> dict[str, Tensor]:
    """What the network answers to both pictures, and the camera's maps, resized to (h, w), in float32."""
    batch = {"background": _resized(background, size), "image": _resized(image, size)}
    if camera is not None:
        batch["camera"] = torch.from_numpy(camera.maps(*size, aspect=image.shape[-1] / image.shape[-2]))[None]
    heads = learn.forward(network.eval(), batch)
    for name, head in heads.items():
        if not head.isfinite().all():
            raise ValueError(f"The network's {name} is NaN or infinite, so its weights are of no use. Train it again.")
    return {name: head.float() for name, head in heads.items()}


def _resized(values: Tensor, size: tuple[int, int]) -> Tensor:
    """1 C h w floats at another size, smoothed where they shrink."""
    if values.shape[-2:] == size:
        return values
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
    """A network asked as `predict` asks it: the mask at the pictures' own size, the rest at most at `size`.

    A network that reads cameras is asked at most at `told` where those of all pictures are known.
    """

    def __init__(self, network: nn.Module, size: int, told: int | None = None) -> None:
        super().__init__()
        self.network, self.size, self.told = network, size, told or size

    def forward(self, background: Tensor, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """The heads, with maps as large as the pictures N 3 H W."""
        batch = {"background": background, "image": image} | ({} if camera is None else {"camera": camera})
        found, full = learn.forward(self.network, batch), tuple(image.shape[-2:])
        told = camera is not None and getattr(self.network, "reads_camera", False) and camera.flatten(1).any(1).all()
        trained = shrunk(full, min(self.told if told else self.size, max(TRAINED, *full)))
        if full == trained or not found.keys() - {"mask"}:
            return found
        small = {name: values.float() / (255 if values.dtype == torch.uint8 else 1) for name, values in batch.items()}
        rest = learn.forward(self.network, {name: _resized(values, trained) for name, values in small.items()})
        front = found["mask"] > 0 if "mask" in found else None
        depth = {"depth": _depth(rest, front, full)} if "depth" in rest else {}
        return rest | depth | {name: found[name] for name in ("mask",) if name in found}


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


def floor_places(found: dict, camera: Camera, depth: np.ndarray | None) -> dict[str, np.ndarray]:
    """{"floor_feet", "floor_network", "floor"}: k 2 float32, metres right and ahead of the camera's foot, of each box.

    By the feet: where the ray of the middle of the box's lower edge meets the floor, NaN at the picture's lower rim or
    above the horizon. By the network: the median place of the box's pixels at their `depth` h w in metres, NaN without.
    `floor` is by the feet where they are seen, else by the network.
    """
    height, width = found["mask"].shape
    shift = (width - height) / 2  # rays speak of a square picture
    feet, network = np.full((2, len(found["boxes"]), 2), np.nan, np.float32)
    for place, box in enumerate(found["boxes"]):
        right, fall, ahead = camera.rays((box[0] + box[2]) / 2, box[3] + shift, width)
        if box[3] < height - 0.5 and fall < 0:
            feet[place] = camera.height / -fall * np.array([right, ahead])
        v, u = _inside(found["mask"], box)
        if depth is not None and len(v):
            x, _, z = camera.unproject(u + 0.5, v + 0.5 + shift, depth[v, u], width)
            network[place] = np.median(x), np.median(z)
    return {"floor_feet": feet, "floor_network": network, "floor": np.where(np.isnan(feet), network, feet)}


def _inside(mask: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the mask's pixels in a box."""
    x0, y0, x1, y1 = (max(0, round(float(value))) for value in box)
    v, u = np.nonzero(mask[y0:y1, x0:x1])
    return v + y0, u + x0


def doubted_places(feet: np.ndarray, network: np.ndarray) -> str | None:
    """A sentence where a box is a third farther by one than by the other, k 2 metres each; FAR is as far as can be."""
    far = np.minimum(np.hypot(*np.moveaxis(np.stack([feet, network]), -1, 0)), FAR)  # 2 k
    apart = abs(far[0] - far[1])
    wrong = np.flatnonzero(apart > np.maximum(APART * far.max(0), LITTLE))
    if not len(wrong):
        return None
    one, two = far[:, wrong[0]]
    says = f"Box {wrong[0] + 1} stands {one:.1f} m away by its feet, but {two:.1f} m by the network's depth"
    return (
        f"{says} ({len(wrong)} of {len(feet)} boxes disagree by a third): check the camera, and whether feet are seen."
    )


def read_camera(text: str) -> Camera:
    """The camera that a shell's height=1.6,pitch=5,fov=60 means, in metres and degrees."""
    try:
        given = {name.strip(): float(value) for name, value in (part.split("=") for part in text.split(","))}
        return Camera(given.pop("height"), *(math.radians(given.pop(name)) for name in ("pitch", "fov")), **given)
    except (ValueError, KeyError, TypeError) as error:
        reach = "a height above 0, a pitch of -90 to 90 (down is positive), a fov between 0 and 180"
        raise ValueError(f"--camera is {SPELLED}, in metres and degrees: {reach}; not {text!r}.") from error


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


def predict_command(
    background: str,
    image: str,
    out: str,
    model: str,
    camera: str | None = None,
    weights: str | None = None,
    runtime: str = "torch",
) -> dict:
    """Predicts, writes into `out` what the network can answer, prints it, and gives it back as plain data."""
    for source in (background, image):
        for target in (Path(out, name) for name in FILES):
            if os.path.exists(target) and os.path.exists(source) and os.path.samefile(target, source):
                raise ValueError(f"{source} is {target}, which the result would overwrite. Choose another --out.")
    check_owner(out, MARK, MARKED)  # before anything is predicted
    taken = read_camera(camera) if camera is not None else None
    found = predict_pair(background, image, model, taken, weights, runtime)
    said = save_prediction(found, read_picture(image), out)
    for name in ("mask", "depth"):
        if name not in found:
            print(f"{model} has no {name} head: nothing is written for it.")
    size = " x ".join(map(str, said["size"]))
    boxes = "1 box" if len(said["boxes"]) == 1 else f"{len(said['boxes'])} boxes"
    if "depth" in found and found.scale == "relative":
        why = f"without --camera {SPELLED}" if camera is None else f"{model} makes no use of the camera, and"
        print(f"Depth is relative: {why} only its proportions are to be trusted, not its metres.")
    print(f"{boxes} in a picture of {size} pixels. Written to {out}: {', '.join(said['files'])}")
    return {"model": model, "scale": found.scale, **said}


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
    """The boxes as plain data: [x0, y0, x1, y1] in pixels, what the network calls them, how far and where they are."""
    listed = []
    for place, box in enumerate(found.get("boxes", [])):
        x0, y0, x1, y1 = (round(float(value)) for value in box)
        entry = {"box": [x0, y0, x1, y1]}
        if "labels" in found:
            entry |= {"label": int(found["labels"][place]), "score": round(float(found["scores"][place]), 3)}
        inside = found["depth"][_inside(found["mask"], box)] if "depth" in found else np.zeros(0)
        if inside.size:
            entry["depth_m"] = round(float(np.median(inside)), 3)
            entry |= {"scale": found.scale} if isinstance(found, Prediction) else {}
        if "floor" in found:
            place_m = (None if np.isnan(value) else round(float(value), 3) for value in found["floor"][place])
            entry |= dict(zip(("right_m", "ahead_m"), place_m))
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
