"""What a network found, as files: `python -m helpers predict`, and the pictures that a training leaves."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from torch import nn

from .base import check_owner, claim_folder, explained, folder, write_whole
from .data import read_picture
from .floor import SPELLED, pixels_in, read_camera
from .inference import Prediction, predict_heads, predict_pair

FILES = ("mask.png", "depth.npy", "depth.png", "boxes.json", "overlay.png")
MARK, MARKED = ".roomsight", b"Written by python -m helpers predict, which may write here again.\n"


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
        depths = found["depth"][pixels_in(found["mask"], box)] if "depth" in found else np.zeros(0)
        if depths.size:
            entry["depth_m"] = round(float(np.median(depths)), 3)
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


def save_detections(network: nn.Module, scenes, shown: str | Path, files: str | Path | None = None, count=4) -> Path:
    """Writes what a detector finds in `count` scenes, and the truth; the folder `shown`, which holds sample_000.png ...

    With `files` there lies in `files`/000 and so on what `predict` writes, and the image itself.
    """
    from . import show

    network.eval().cpu()
    for place in range(count):
        scene = scenes[place]
        background, image = (scene[name][None].float() / 255 for name in ("background", "image"))
        found, picture = predict_heads(network, background, image, image.shape[-1]), scene["image"].permute(1, 2, 0)
        if files is not None:
            save_prediction(found, picture.numpy(), Path(files) / f"{place:03}")
            write_whole(Path(files) / f"{place:03}" / "image.png", _png(picture.numpy()))
        write_whole(folder(shown) / f"sample_{place:03}.png", show.png(show.objects(scene["image"], scene, found)))
    return Path(shown)
