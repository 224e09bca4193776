"""Scores on folders of real pictures: pairs with masks, frames with depth, and the layout of CDnet 2014."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from glob import escape
from pathlib import Path

import numpy as np
from PIL import Image

from . import exported, learn
from .cluster import each_done, open_cluster
from .data.read import check_same_size, read_depth, read_picture
from .inference import Prediction, ask_network, read_pair, trained_network
from .world.camera import FAR, Camera

LONGEST = 1600  # pixels: a larger frame of a folder of depths is halved
NEAREST, FARTHEST = 0.3, 15.0  # metres: depth that a sensor in a room can be trusted with
MASK_TITLES = {"f": "F", "precision": "precision", "recall": "recall", "iou": "IoU", "plain_f": "differencing F"}
DEPTHS = {"": "AbsRel", "constant_": "constant", "metres_": "in metres", "floor_": "floor"}
DEPTH_TITLES = {
    f"{of}{key}": title for of, name in DEPTHS.items() for key, title in (("abs_rel", name), ("delta1", "δ"))
}
CDNET_TITLES = {"recall": "recall", "specificity": "specificity", "fpr": "FPR", "fnr": "FNR", "pwc": "PWC"}
CDNET_TITLES |= {"precision": "precision", "f": "F"}
Ask = Callable[[np.ndarray, np.ndarray], Prediction]  # background and image, h w 3 uint8
MEDIAN = 25  # frames of which the median is an empty scene
Rows = dict[str, dict[str, float]]


def real_command(
    name: str,
    kind: str,
    folder: str,
    camera: Camera | None = None,
    weights: str | Path | None = None,
    runtime: str = "torch",
    workers: int | None = None,
    scheduler: str | None = None,
) -> dict:
    """{"network", KIND: rows, "groups", "mean"}, printed as a table; `kind` is "pairs", "depths" or "cdnet".

    By this process, by so many `workers` here, or by the cluster of dask's at an address: one scene or frame is a job.
    """
    network, card = trained_network(name, weights)
    if runtime == "onnx":
        exported.run_by_onnx(network, card)  # makes its file once, before several processes would
    listed, _, titles = KINDS[kind]
    folder, groups = Path(folder).absolute(), {}
    rows = dict.fromkeys(scenes := listed(folder))  # in their order, in whatever order they come
    with open_cluster(scheduler, workers) as client:
        shared = folder, kind, network, card, runtime, camera
        how = {"total": len(scenes), "unit": "scenes", "disable": client is None}
        for scene, row in each_done(client, score_scene, shared, scenes.items(), **how):
            rows[scene] = row
            if kind == "cdnet":  # whole videos take hours
                print(f"{scene}: {row['frames']:,} frames, F {row['f']:.3f}", flush=True)
    if kind == "depths":
        groups = grouped(rows, lambda frame: f"median of {unnumbered(frame)}", np.median)
    elif kind == "cdnet":
        groups = grouped(rows, lambda scene: f"mean of {scene.split('/')[0]}")
    mean = grouped(groups if kind == "cdnet" else rows, lambda _: "mean")
    print(learn.scores_table(rows | groups | mean, titles))
    return {"network": name, kind: rows, "groups": groups, **mean}


def score_scene(shared: tuple, job: tuple) -> tuple[str, dict[str, float]]:
    """The name of a scene or frame, and its figures."""
    (folder, kind, network, card, runtime, camera), (scene, paths) = shared, job
    if not folder.is_dir():
        raise FileNotFoundError(f"A worker does not see {folder}. Name a folder that all of them reach.")
    network = exported.run_by_onnx(network, card) if runtime == "onnx" else network
    ask = partial(ask_network, card["network"], network, card, camera=camera)
    return scene, KINDS[kind][1](paths, ask, **({"camera": camera} if kind == "depths" else {}))


def grouped(rows: Rows, group: Callable[[str], str], middle: Callable = np.mean) -> Rows:
    """One row per group of rows: the mean, or another middle, of each figure."""
    groups = defaultdict(list)
    for name, row in rows.items():
        groups[group(name)].append(row)
    return {name: {key: float(middle([row[key] for row in each])) for key in each[0]} for name, each in groups.items()}


def list_pairs(folder: Path) -> dict[str, list[Path]]:
    """{scene: its files NAME_bg.*}; scenes are NAMEs without their number."""
    scenes = defaultdict(list)
    for path in files_like(folder, "*_bg.*"):
        scenes[unnumbered(path.stem.removesuffix("_bg"))].append(path)
    return dict(sorted(scenes.items()))


def score_pairs(paths: list[Path], ask: Ask) -> dict[str, float]:
    """The figures of one scene, from its files NAME_bg.*, beside which lie NAME_image.* and NAME_mask.*."""
    counts = np.zeros(4, int)
    changes = np.zeros((2, 256), int)  # pixels behind and in front, by how much they changed
    for path in paths:
        name = path.stem.removesuffix("_bg")
        background, image = read_pair(path, beside(path.parent, f"{name}_image"))
        truth, counted = read_truth(beside(path.parent, f"{name}_mask"), image)
        counts += count_pixels(ask(background, image)["mask"], truth, counted)
        change = (np.maximum(background, image) - np.minimum(background, image)).max(2)
        changes += [np.bincount(change[counted & (truth == side)], minlength=256) for side in (False, True)]
    return mask_figures(counts) | {"plain_f": differencing_f(*changes)}


def differencing_f(behind: np.ndarray, front: np.ndarray) -> float:
    """F of differencing at its best even threshold, from the counts of pixels at each difference, 0..255."""
    found, wrong = front.sum() - front.cumsum(), behind.sum() - behind.cumsum()
    return float((2 * found / np.maximum(found + wrong + front.sum(), 1))[::2].max())


def list_cdnet(folder: Path) -> dict[str, Path]:
    """{CATEGORY/SCENE: its folder} of each video that has a temporalROI.txt."""
    scenes = (path.parent for path in files_like(folder, "*/*/temporalROI.txt"))
    return {scene.relative_to(folder).as_posix(): scene for scene in scenes}


def score_cdnet(scene: Path, ask: Ask) -> dict[str, float]:
    """The figures of one video, over all frames that its temporalROI.txt counts.

    Shadows (50) are not in front; what is unknown or outside of ROI.bmp is not counted.
    """
    path = scene / "temporalROI.txt"
    if not (found := re.fullmatch(r"\s*(\d+)\s+(\d+)\s*", path.read_text(errors="replace"))):
        raise ValueError(f"{path} holds two numbers, the first and the last frame that count, but not in this one.")
    first, last = map(int, found.groups())
    frames = [each for each in files_like(scene / "groundtruth", "gt*.png") if first <= frame_number(each) <= last]
    if not frames:
        raise ValueError(f"{scene} has no groundtruth of frames {first} to {last}, which its temporalROI.txt counts.")
    empty, counts = empty_frame(scene, first), np.zeros(4, int)
    for frame in frames:
        background, image = read_pair(empty, beside(scene / "input", frame.stem.replace("gt", "in", 1)))
        truth, counted = read_truth(frame, image)
        region, _ = read_truth(beside(scene, "ROI"), image)
        counts += count_pixels(ask(background, image)["mask"], truth, counted & region)
    return mask_figures(counts) | {"frames": len(frames)}


def empty_frame(scene: Path, first: int) -> np.ndarray:
    """h w 3 uint8: background.* where there is one, else the median of frames before the first one that counts."""
    if own := sorted(scene.glob("background.*")):
        return read_picture(own[0])
    before = [path for path in files_like(scene / "input", "in*.*") if frame_number(path) < first]
    if not before:
        raise ValueError(f"{scene} has no frame before {first}, the first that counts. Add the empty background.png.")
    chosen = np.unique(np.linspace(0, len(before) - 1, MEDIAN).round().astype(int))
    return np.median([read_picture(before[k]) for k in chosen], axis=0).astype(np.uint8)


def frame_number(path: Path) -> int:
    """The number in the name of a frame: 12 of gt000012.png; -1 where there is none."""
    return int("".join(re.findall("[0-9]", path.stem)) or -1)


def read_truth(path: Path, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """h w bool twice: what is in front (255), and which pixels count (not 85, 127 or 170), of a grey mask."""
    grey = read_picture(path)[..., 1]
    check_same_size(str(path), grey.shape, image.shape)
    return grey > 200, (grey > 200) | (grey <= 50)


def count_pixels(found: np.ndarray, truth: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """How many of the counted pixels are found and there, found only, there only, and neither."""
    found, truth = found[counted], truth[counted]
    return np.array([(found & truth).sum(), (found & ~truth).sum(), (~found & truth).sum(), (~found & ~truth).sum()])


def mask_figures(counts: np.ndarray) -> dict[str, float]:
    """The benchmark's figures of such counts: 0..1, and `pwc` in percent of all pixels."""
    tp, fp, fn, tn = counts.tolist()
    rows = {"f": (2 * tp, fp + fn), "precision": (tp, fp), "recall": (tp, fn), "iou": (tp, fp + fn)}
    rows |= {"specificity": (tn, fp), "fpr": (fp, tn), "fnr": (fn, tp), "pwc": (fp + fn, tp + tn)}
    figures = {key: part / max(part + rest, 1) for key, (part, rest) in rows.items()}
    return figures | {"pwc": 100 * figures["pwc"]}


def list_depths(folder: Path) -> dict[str, Path]:
    """{NAME: its file NAME_rgb.*}."""
    return {path.stem.removesuffix("_rgb"): path for path in files_like(folder, "*_rgb.*")}


def score_depths(path: Path, ask: Ask, camera: Camera | None = None) -> dict[str, float]:
    """The figures of one frame NAME_rgb.*, its own background, beside which lies NAME_depth.* (.png in mm, .npy in m).

    After median scaling, beside one constant depth; with a camera in metres too, beside the depth of its floor.
    """
    picture = read_picture(path)
    if max(picture.shape) > LONGEST:
        picture = np.asarray(Image.fromarray(picture).resize((picture.shape[1] // 2, picture.shape[0] // 2)))
    true = read_metres(beside(path.parent, f"{path.stem.removesuffix('_rgb')}_depth"))
    known = (true > NEAREST) & (true < FARTHEST)
    found = ask(picture, picture)
    guess, true = np.asarray(Image.fromarray(found["depth"]).resize(true.shape[::-1], 2))[known], true[known]
    row = depth_figures("", guess * np.median(true) / np.median(guess), true)
    row |= depth_figures("constant_", np.full_like(true, np.median(true)), true)
    if camera:
        inverse = camera.maps(*known.shape, aspect=picture.shape[1] / picture.shape[0])[0][known]
        row |= depth_figures("metres_", guess, true) if found.scale == "metres" else {}
        row |= depth_figures("floor_", 1 / np.maximum(inverse, 1 / FAR), true)
    return row


def read_metres(source: Path) -> np.ndarray:
    """h w float32 metres; 0 where nothing is known, which a .npy file may also say by NaN or infinity."""
    says = f"{source} has no depth of {NEAREST} to {FARTHEST} m. It holds metres, or 16-bit mm."
    try:
        values = np.nan_to_num(np.load(source), posinf=0, neginf=0) if source.suffix == ".npy" else source
    except (ValueError, EOFError, TypeError) as error:
        raise ValueError(says) from error
    true = read_depth(values, name=str(source))
    if true.ndim != 2 or not ((true > NEAREST) & (true < FARTHEST)).any():
        raise ValueError(says)
    return true


def depth_figures(name: str, guess: np.ndarray, true: np.ndarray) -> dict[str, float]:
    """{NAMEabs_rel, NAMEdelta1}: the relative error, and the share of pixels that are off by less than a quarter."""
    near = np.maximum(guess / true, true / guess) < 1.25
    return {f"{name}abs_rel": float(np.mean(abs(guess - true) / true)), f"{name}delta1": float(near.mean())}


def unnumbered(name: str) -> str:
    """A name without its number: kitchen of kitchen_0."""
    return re.sub(r"_\d+$", "", name)


def files_like(folder: Path, pattern: str) -> list[Path]:
    """The files of a folder that a pattern names, in order; raises where there is none."""
    if found := sorted(folder.glob(pattern)):
        return found
    raise FileNotFoundError(f"{folder} holds no {pattern}, so there is nothing to score.")


def beside(folder: Path, name: str) -> Path:
    """The one file of a folder with this name and any ending."""
    return files_like(folder, f"{escape(name)}.*")[0]


KINDS = {  # which scenes or frames a folder has, what scores one of them, and the table's titles
    "pairs": (list_pairs, score_pairs, MASK_TITLES),
    "depths": (list_depths, score_depths, DEPTH_TITLES),
    "cdnet": (list_cdnet, score_cdnet, CDNET_TITLES),
}
