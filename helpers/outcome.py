"""A prediction as files: mask.png, depth.npy, boxes.json and a picture to look at."""

import io
import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from .base import folder, write_whole
from .data.pictures import read_picture
from .predict import Prediction, predict

FILES = ("mask.png", "depth.npy", "boxes.json", "overlay.png")


def predict_command(background: str, image: str, out: str, model: str, weights: str | None = None) -> dict:
    """Predicts, writes into `out` what the network can say, prints it, and gives it back as plain data."""
    for source in (Path(background), Path(image)):
        if source.resolve().parent == Path(out).resolve() and source.name in FILES:
            raise ValueError(f"{source} would be overwritten by the result. Choose another folder for --out.")
    found = predict(background, image, model, weights)
    said = write(found, read_picture(image), Path(out))
    for name in ("mask", "depth"):
        if name not in found:
            print(f"{model} has no {name} head: nothing is written for it.")
    size = " x ".join(map(str, said["size"]))
    boxes = "1 box" if len(said["boxes"]) == 1 else f"{len(said['boxes'])} boxes"
    print(f"{boxes} in a picture of {size} pixels. Written to {out}: {', '.join(said['files'])}")
    return {"model": model, **said}


def write(found: Prediction, picture: np.ndarray, out: Path) -> dict:
    """Writes the files of a prediction on `picture` h w 3; {"size" (w, h), "foreground" 0..1, "boxes", "files"}."""
    contents, listed = {}, _listed(found)
    if "mask" in found:
        contents["mask.png"] = _png(found["mask"].astype(np.uint8) * 255)
        contents["boxes.json"] = (json.dumps(listed, indent=1) + "\n").encode()
        contents["overlay.png"] = _png(_overlay(picture, found))
    if "depth" in found:
        file = io.BytesIO()
        np.save(file, found["depth"], allow_pickle=False)
        contents["depth.npy"] = file.getvalue()
    folder(out)
    earlier = (out / "overlay.png").exists()
    for name in FILES:
        if name in contents:
            write_whole(out / name, contents[name])
        elif earlier:  # left by a prediction of another network
            (out / name).unlink(missing_ok=True)
    share = float(found["mask"].mean()) if "mask" in found else None
    size = [picture.shape[1], picture.shape[0]]
    return {"size": size, "foreground": share, "boxes": listed, "files": [n for n in FILES if n in contents]}


def _listed(found: Prediction) -> list[dict]:
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


def _overlay(picture: np.ndarray, found: Prediction) -> np.ndarray:
    """The picture with its mask in orange and its boxes."""
    from .show.look import COLOURS, tint  # here, because matplotlib takes a second to import

    image = Image.fromarray(tint(picture, found["mask"]))
    draw, line = ImageDraw.Draw(image), max(1, round(max(image.size) / 300))
    for x0, y0, x1, y1 in found["boxes"]:
        draw.rectangle((x0, y0, x1 - 1, y1 - 1), outline=COLOURS[1], width=line)
    return np.asarray(image)


def _png(picture: np.ndarray) -> bytes:
    """The bytes of a PNG file."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "png", compress_level=4)
    return file.getvalue()
