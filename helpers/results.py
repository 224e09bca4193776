"""What a network of boxes found, as files: inputs, masks, depth maps, detections, and pictures beside the truth."""

import io
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from . import data, learn, show
from .base import folder, write_whole
from .data.encode import png_bytes

COUNT = 4
NAMES = ("synthetic", "real")  # label 0, a prop, and label 1, a person


@torch.no_grad()
def save(network: nn.Module, scenes, shown: str | Path, files: str | Path, count: int = COUNT) -> Path:
    """Writes what it finds in `count` scenes; the folder `shown`, which holds sample_000.png and so on.

    Below `files`: inputs/000.png, masks/000.png (0 and 255), depth/000.png (millimetres) and detections/000.json.
    """
    batch = data.collate([scenes[place] for place in range(count)])
    network = network.eval().cpu()
    heads = network(batch["background"], batch["image"])
    found = learn.decode(heads)
    shown, inside = folder(shown), {name: folder(Path(files) / name) for name in ("inputs", "masks", "depth")}
    inside["detections"] = folder(Path(files) / "detections")
    for place, each in enumerate(found):
        image, mask, depth = batch["image"][place], heads["mask"][place, 0] > 0, heads["depth"][place, 0]
        write_whole(inside["inputs"] / f"{place:03}.png", _png(image))
        write_whole(inside["masks"] / f"{place:03}.png", png_bytes(mask.numpy().astype(np.uint8) * 255))
        write_whole(inside["depth"] / f"{place:03}.png", png_bytes((depth * 1000).round().numpy().astype(np.uint16)))
        write_whole(inside["detections"] / f"{place:03}.json", _json(each))
        truth = {name: batch[name][place] for name in ("mask", "depth", "boxes", "labels")}
        guess = {"mask": mask[None].float(), "depth": depth[None]} | each
        write_whole(shown / f"sample_{place:03}.png", show.png(show.objects(image, truth, guess)))
    return shown


def _png(picture: Tensor) -> bytes:
    """A picture 3 H W uint8 as the bytes of a file."""
    file = io.BytesIO()
    Image.fromarray(picture.permute(1, 2, 0).numpy()).save(file, "png")
    return file.getvalue()


def _json(found: dict[str, Tensor]) -> bytes:
    """The boxes of one picture, the most certain first, as a JSON list."""
    rows = zip(found["boxes"].tolist(), found["labels"].tolist(), found["scores"].tolist())
    listed = [
        {"box": [round(value, 1) for value in box], "label": label, "name": NAMES[label], "score": round(score, 3)}
        for box, label, score in rows
    ]
    return (json.dumps(listed, indent=1) + "\n").encode()
