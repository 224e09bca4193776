"""Scores on folders of real pictures: pairs with masks, frames with depth, and the layout of CDnet 2014."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from glob import escape
from pathlib import Path

import numpy as np
from PIL import Image

from . import learn
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
Rows = dict[str, dict[str, float]]


def real_command(
    name: str, kind: str, folder: str, camera: Camera | None = None, weights: str | Path | None = None
) -> dict:
    """{"network", KIND: rows, "groups", "mean"}, printed as a table; `kind` is "pairs", "depths" or "cdnet"."""
    network, card = trained_network(name, weights)

    def ask(background: np.ndarray, image: np.ndarray) -> Prediction:
        return ask_network(name, network, card, background, image, camera)

    if kind == "depths":
        rows, titles = score_depths(Path(folder), ask, camera), DEPTH_TITLES
        groups = grouped(rows, lambda frame: f"median of {unnumbered(frame)}", np.median)
    elif kind == "cdnet":
        rows, titles = score_cdnet(Path(folder), ask), CDNET_TITLES
        groups = grouped(rows, lambda scene: f"mean of {scene.split('/')[0]}")
    else:
        rows, titles, groups = score_pairs(Path(folder), ask), MASK_TITLES, {}
    mean = grouped(groups if kind == "cdnet" else rows, lambda _: "mean")
    print(learn.scores_table(rows | groups | mean, titles))
    return {"network": name, kind: rows, "groups": groups, **mean}


def grouped(rows: Rows, group: Callable[[str], str], middle: Callable = np.mean) -> Rows:
    """One row per group of rows: the mean, or another middle, of each figure."""
    groups = defaultdict(list)
    for name, row in rows.items():
        groups[group(name)].append(row)
    return {name: {key: float(middle([row[key] for row in each])) for key in each[0]} for name, each in groups.items()}


def score_pairs(folder: Path, ask: Ask) -> Rows:
    """Figures per scene of NAME_bg.*, NAME_image.* and NAME_mask.*; scenes are NAMEs without their number."""
    counts = defaultdict(lambda: np.zeros(4, int))
    changes = defaultdict(lambda: np.zeros((2, 256), int))  # pixels behind and in front, by how much they changed
    for path in files_like(folder, "*_bg.*"):
        name = path.stem.removesuffix("_bg")
        scene = unnumbered(name)
        background, image = read_pair(path, beside(folder, f"{name}_image"))
        truth, counted = read_truth(beside(folder, f"{name}_mask"), image)
        counts[scene] += count_pixels(ask(background, image)["mask"], truth, counted)
        change = (np.maximum(background, image) - np.minimum(background, image)).max(2)
        changes[scene] += [np.bincount(change[counted & (truth == side)], minlength=256) for side in (False, True)]
    plain = {scene: {"plain_f": differencing_f(*behind_and_front)} for scene, behind_and_front in changes.items()}
    return {scene: mask_figures(counts[scene]) | plain[scene] for scene in sorted(counts)}


def differencing_f(behind: np.ndarray, front: np.ndarray) -> float:
    """F of differencing at its best even threshold, from the counts of pixels at each difference, 0..255."""
    found, wrong = front.sum() - front.cumsum(), behind.sum() - behind.cumsum()
    return float((2 * found / np.maximum(found + wrong + front.sum(), 1))[::2].max())


def score_cdnet(folder: Path, ask: Ask) -> Rows:
    """Figures per CATEGORY/SCENE over all frames that temporalROI.txt counts; the background is background.*, if any.

    Else it is the first frame. Shadows (50) are not in front; what is unknown or outside of ROI.bmp is not counted.
    """
    rows = {}
    for path in files_like(folder, "*/*/temporalROI.txt"):
        scene = path.parent
        if not (found := re.fullmatch(r"\s*(\d+)\s+(\d+)\s*", path.read_text())):
            raise ValueError(f"{path} holds two numbers, the first and the last frame that count, but not in this one.")
        own = sorted(scene.glob("background.*")) or files_like(scene / "input", "in*.jpg")
        counts, frames = np.zeros(4, int), files_like(scene / "groundtruth", "gt*.png")
        frames = [frame for frame in frames if int(found[1]) <= int(frame.stem[2:]) <= int(found[2])]
        for frame in frames:
            background, image = read_pair(own[0], scene / "input" / f"in{frame.stem[2:]}.jpg")
            truth, counted = read_truth(frame, image)
            region, _ = read_truth(beside(scene, "ROI"), image)
            counts += count_pixels(ask(background, image)["mask"], truth, counted & region)
        name = scene.relative_to(folder).as_posix()
        rows[name] = mask_figures(counts) | {"frames": len(frames)}
        print(f"{name}: {len(frames):,} frames, F {rows[name]['f']:.3f}", flush=True)  # whole videos take hours
    return rows


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


def score_depths(folder: Path, ask: Ask, camera: Camera | None = None) -> Rows:
    """Figures per frame of NAME_rgb.* and NAME_depth.* (.png in mm, .npy in metres), which is its own background.

    After median scaling, beside one constant depth; with a camera in metres too, beside the depth of its floor.
    """
    rows = {}
    for path in files_like(folder, "*_rgb.*"):
        name = path.stem.removesuffix("_rgb")
        picture = read_picture(path)
        if max(picture.shape) > LONGEST:
            picture = np.asarray(Image.fromarray(picture).resize((picture.shape[1] // 2, picture.shape[0] // 2)))
        source = beside(folder, f"{name}_depth")
        true = read_depth(np.nan_to_num(np.load(source), posinf=0) if source.suffix == ".npy" else source)
        known = (true > NEAREST) & (true < FARTHEST)
        if true.ndim != 2 or not known.any():
            raise ValueError(f"{source} has no depth of {NEAREST} to {FARTHEST} m. It holds metres, or 16-bit mm.")
        found = ask(picture, picture)
        guess, true = np.asarray(Image.fromarray(found["depth"]).resize(true.shape[::-1], 2))[known], true[known]
        row = depth_figures("", guess * np.median(true) / np.median(guess), true)
        row |= depth_figures("constant_", np.full_like(true, np.median(true)), true)
        if camera:
            inverse = camera.maps(*known.shape, aspect=picture.shape[1] / picture.shape[0])[0][known]
            row |= depth_figures("metres_", guess, true) if found.scale == "metres" else {}
            row |= depth_figures("floor_", 1 / np.maximum(inverse, 1 / FAR), true)
        rows[name] = row
    return rows


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
