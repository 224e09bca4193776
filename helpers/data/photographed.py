"""Rooms and cut-outs from photographs: single ones, or folders of one's own with depth from a network or from files."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from math import atan, tan
from numbers import Real
from pathlib import Path

import numpy as np
from PIL import Image

from ..base import FAR
from ..world.camera import Camera
from ..world.drawn import Backdrop, Cutout
from .read import read_cutout, read_depth, read_picture

FLOOR = 0.05  # metres: what is this close to height 0 is floor
NEARLY = 0.1  # of its depth: where a network is this close to the floor's depth, it means the floor
SPOTS = 400  # places kept of a photographed room
FLIPPED = re.compile(r"(fg_?\d+)_01")  # how MODEST calls the mirror image of a cut-out
METRES = ("glpn", "zoedepth", "depth_pro")  # kinds of networks that answer in metres; others say it in their settings
Predict = Callable[..., Mapping]  # helpers.predict, or what answers as it does
Measure = Callable[[Path, Camera], object]  # depth, h w metres or the path of a map, of a room's picture


def photographed_room(room, camera: Camera, size: int, scale: float | None = None) -> Backdrop:
    """The room (a picture, or a pair of picture and depth in metres or None) cut to a square of `size` pixels.

    Without depth it has no place in space: things are pasted anywhere, and its depth is marked as not valid.
    """
    source, depth = room if isinstance(room, tuple) else (room, None)
    picture = read_picture(source)
    camera = replace(camera, fov=2 * atan(tan(camera.fov / 2) * min(picture.shape[:2]) / picture.shape[1]))
    if depth is None:
        nowhere, nobody = np.full((size, size), FAR, np.float32), np.zeros((0, 2), np.float32)
        return Backdrop(_middle_square(picture, size), nowhere, camera, nobody, "photograph", depth_valid=False)
    name = str(depth) if isinstance(depth, str | Path) else "the depth of a room"
    depth = read_depth(depth, scale, size=picture.shape[:2], name=name)
    if not (depth > 0).any():
        raise ValueError(f"{name} is 0 everywhere, and 0 means unknown: give metres, or 16-bit millimetres.")
    if depth[depth > 0].min() > FAR:
        raise ValueError(f"{name} is nowhere under {FAR:g}: give metres, not millimetres.")
    if depth.max() <= 1:
        raise ValueError(f"{name} is nowhere beyond 1 metre: a .npy holds metres, a 16-bit PNG millimetres.")
    depth = _middle_square(depth, size)
    valid, depth = depth > 0, np.where(depth > 0, np.minimum(depth, FAR), np.float32(FAR))
    spots = _floor_spots(depth, camera)
    return Backdrop(_middle_square(picture, size), depth, camera, spots, "photograph", depth_valid=valid)


def photographed_person(person, metres: float, size: int, name: str | None = None) -> Cutout:
    """The person without its transparent rim, at most `size` pixels high; its whole height measures `metres`."""
    picture = read_cutout(person, name)
    tall, wide = picture.shape[:2]
    if tall > size:
        small = (max(1, round(wide * size / tall)), size)
        picture = np.asarray(Image.fromarray(picture).resize(small, Image.Resampling.BOX))
    return Cutout(picture, metres, 1, "photograph")


def own_rooms(folder, depth, camera, size: int, scale: float | None, predict: Predict | None) -> list[Backdrop]:
    """A room of each picture in the folder; a sentence about those in which nobody can stand, or where it is one."""
    paths, measure, made = pictures_in(folder), depth_source(depth, predict), {}
    for path in paths:
        taken = given_for(camera, path, "camera")
        if depth is not None and not isinstance(taken, Camera):
            why = "without one depth is relative, and nobody knows where the floor is; or say depth=None"
            raise ValueError(f"camera= must be a helpers.world.Camera, not {taken!r}: {why}.")
        taken, picture = taken if isinstance(taken, Camera) else Camera(), read_picture(path)
        made[path.name] = photographed_room((picture, measure(path, taken)), taken, size, scale)
    nowhere = [name for name, room in made.items() if depth is not None and not len(room.spots)]
    if nowhere:
        says = f"Nobody can stand in {', '.join(nowhere[:5])}: its depth has no floor where the camera says it is"
        warnings.warn(f"{says}, so things are pasted anywhere. Check camera= and the depth's unit.", stacklevel=3)
    if len(made) == 1:
        says = f"{folder} holds one room: it can be composed from, but data.split needs three to keep tests apart."
        warnings.warn(says, stacklevel=3)
    return list(made.values())


def own_cutouts(folder, metres, size: int, predict: Predict | None) -> list[Cutout]:
    """A cut-out of each RGBA picture in the folder, and of each pair NAME_bg.*, NAME_image.*, which `predict` cuts.

    The mirror images that MODEST keeps beside its cut-outs are left out: they would be the same people once more.
    """
    paths, made = pictures_in(folder), []
    stems = {path.stem: path for path in paths}
    for stem, path in stems.items():
        name, _, part = stem.rpartition("_")
        other = {"bg": f"{name}_image", "image": f"{name}_bg"}.get(part)
        if other and other not in stems:
            raise ValueError(f"{path} is one half of a pair, and {other} is not there. Add it, or rename this one.")
        flipped = FLIPPED.fullmatch(stem)
        if part == "image" or flipped and flipped[1] in stems:  # it comes with its background; or has come
            continue
        source = cut_from_pair(path, stems[other], predict) if part == "bg" else path
        height = given_for(metres, Path(name) if part == "bg" else path, "metres")
        if not isinstance(height, Real):
            raise ValueError(f"metres= is how tall {path} is, a number such as 1.7, not {height!r}.")
        made.append(photographed_person(source, height, size, str(path)))
    return made


def cut_from_pair(background: Path, image: Path, predict: Predict | None) -> np.ndarray:
    """h w 4 uint8: what is in front in the image, as `predict` finds it, of which the largest connected part counts."""
    found = given_network(predict)(background, image)
    if not len(found["boxes"]):
        raise ValueError(f"In {image} nothing stands before {background}. Give a picture with somebody in it.")
    x0, y0, x1, y1 = found["boxes"][0].astype(int)
    return np.dstack([read_picture(image), found["mask"].astype(np.uint8) * 255])[y0:y1, x0:x1]


def given_network(predict: Predict | None) -> Predict:
    """It, or `helpers.predict`: `data` imports no networks, and asks for this one by its name when it is needed."""
    return predict or import_module("helpers").predict


def depth_source(depth, predict: Predict | None = None) -> Measure:
    """What measures the rooms: "roomnet", "hf:NAME" of Hugging Face's hub, a folder of maps, or None."""
    if depth is None:
        return lambda path, camera: None
    if depth == "roomnet":
        ask = given_network(predict)
        return lambda path, camera: laid_on_floor(ask(path, path, camera=camera)["depth"], camera)
    if isinstance(depth, str) and depth.startswith("hf:"):
        network = pretrained_depth(depth.removeprefix("hf:"))
        return lambda path, camera: laid_on_floor(network(path), camera)
    if not isinstance(depth, str | Path) or not Path(depth).exists():
        raise ValueError(f"depth= is 'roomnet', a folder of depth maps, 'hf:NAME' or None; there is no {depth!r}.")
    maps = {path.stem.removesuffix("_depth"): path for path in pictures_in(depth)}

    def measure(path: Path, camera: Camera) -> Path:
        if path.stem not in maps:
            raise FileNotFoundError(f"{depth} holds no {path.stem}.png or .npy, the depth of {path}. Add it.")
        return maps[path.stem]

    return measure


def laid_on_floor(depth: np.ndarray, camera: Camera) -> np.ndarray:
    """The guessed depth h w, with the floor's own where it is within a tenth of that: else feet would sink or float."""
    floor = camera.maps(*depth.shape)[0]  # inverse depth, negative above the horizon
    return np.where(abs(depth * floor - 1) < NEARLY, 1 / np.maximum(floor, 1 / FAR), depth).astype(np.float32)


def pretrained_depth(name: str) -> Callable[[Path], np.ndarray]:
    """Depth h w in metres of a picture's path, by a network of the Hugging Face hub or in a folder on this machine."""
    if find_spec("transformers") is None:
        raise ModuleNotFoundError("transformers: not installed. Run `pip install -r requirements-more.txt`")
    from safetensors import SafetensorError
    from transformers import AutoConfig, AutoImageProcessor, AutoModelForDepthEstimation, pipeline

    try:
        settings = AutoConfig.from_pretrained(name)
        kind = "metric" if settings.model_type in METRES else "relative"
        if getattr(settings, "depth_estimation_type", kind) != "metric":
            raise ValueError("its depth is relative, and metres are needed, as of depth-anything's Metric networks")
        network = AutoModelForDepthEstimation.from_pretrained(name, use_safetensors=True)  # nothing is unpickled
        asked = pipeline("depth-estimation", model=network, image_processor=AutoImageProcessor.from_pretrained(name))
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        reason = str(error).strip().split("\n")[0].rstrip(".")
        raise ValueError(f"hf:{name} cannot be used: {reason}. Check its name, and the network.") from error
    return lambda path: asked(Image.fromarray(read_picture(path)))["predicted_depth"].squeeze().numpy()


def pictures_in(folder) -> list[Path]:
    """The files of a folder in order, without hidden ones; raises where it is none or empty."""
    if not Path(folder).is_dir():
        raise FileNotFoundError(f"There is no folder {folder}. Check its name.")
    paths = sorted(path for path in Path(folder).iterdir() if path.is_file() and not path.name.startswith("."))
    if not paths:
        raise ValueError(f"{folder} holds no pictures. Put some into it.")
    stems = [path.stem for path in paths]
    if twice := {stem for stem in stems if stems.count(stem) > 1}:
        raise ValueError(f"{folder} holds two files called {min(twice)}. Take one away.")
    return paths


def given_for(given, path: Path, what: str):
    """What is given for this picture: the same for all, or by its name."""
    if not isinstance(given, Mapping):
        return given
    if path.stem not in given:
        raise ValueError(f"{what}= says nothing of {path.stem!r}; it names {', '.join(map(str, given))}. Add it.")
    return given[path.stem]


def _floor_spots(depth: np.ndarray, camera: Camera) -> np.ndarray:
    """Up to SPOTS places (x, z) in metres, evenly picked from the pixels that see the floor."""
    size = len(depth)
    v, u = np.mgrid[:size, :size] + 0.5
    x, y, z = camera.unproject(u, v, depth, size)
    floor = np.stack([x, z], -1)[(np.abs(y) < FLOOR) & (depth < FAR)]
    return floor[np.linspace(0, len(floor) - 1, min(SPOTS, len(floor))).astype(int)].astype(np.float32)


def _middle_square(array: np.ndarray, size: int) -> np.ndarray:
    """The middle square of a picture or map at `size` pixels; a map is never mixed between near and far."""
    side = min(array.shape[:2])
    y, x = (array.shape[0] - side) // 2, (array.shape[1] - side) // 2
    how = Image.Resampling.NEAREST if array.ndim == 2 else Image.Resampling.BOX
    square = Image.fromarray(np.ascontiguousarray(array[y : y + side, x : x + side]))
    return np.asarray(square if side == size else square.resize((size, size), how))
