"""What networks answer to test pictures, beside the truth: arrays in, a picture out, for sliders and for pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from .depths import error_colours
from .look import array, rgb
from .tiles import tiles

RIGHT, MISSED, FALSE = (63, 155, 108), (214, 40, 40), (43, 111, 214)  # of a mask: green, red, blue
KEY = "green is right, red missed or too near, blue false or too far"
ORDERS = ("as they come", "mask: worst first", "depth: worst first")


@dataclass
class Answers:
    """A network's answers to N pictures, and how good each is."""

    mask: Tensor | None  # N 1 S S, probability that it is in front; None without such a head
    depth: Tensor | None  # N 1 S S metres
    iou: np.ndarray  # N, NaN without a mask
    rmse: np.ndarray  # N metres over the pixels with an honest depth, NaN without a depth


@torch.no_grad()
def ask(network: nn.Module, batch: Mapping[str, Tensor], at_once: int = 50) -> Answers:
    """What the network says to all pictures of a batch, a few at a time."""
    network.eval()
    pairs = zip(batch["background"].split(at_once), batch["image"].split(at_once))
    heads = [network(background, image) for background, image in pairs]
    mask = torch.cat([each["mask"].float().sigmoid() for each in heads]) if "mask" in heads[0] else None
    depth = torch.cat([each["depth"].float() for each in heads]) if "depth" in heads[0] else None
    return Answers(mask, depth, ious(mask, batch["mask"]), rmses(depth, batch))


def ious(mask: Tensor | None, truth: Tensor) -> np.ndarray:
    """N: how much each mask and its truth overlap; two empty ones agree. NaN where there is no mask."""
    if mask is None:
        return np.full(len(truth), np.nan)
    guess, truth = mask > 0.5, truth > 0.5
    both, either = (guess & truth).sum((1, 2, 3)), (guess | truth).sum((1, 2, 3))
    return torch.where(either > 0, both / either.clamp(min=1), 1.0).numpy()


def rmses(depth: Tensor | None, batch: Mapping[str, Tensor]) -> np.ndarray:
    """N: the error of each depth map in metres. NaN where there is no map, or no honest depth."""
    if depth is None:
        return np.full(len(batch["depth"]), np.nan)
    valid = batch["depth_valid"]
    squared = ((depth - batch["depth"]).square() * valid).sum((1, 2, 3)) / valid.sum((1, 2, 3))
    return squared.sqrt().numpy()


def order(answers: Answers, by: str = ORDERS[0]) -> np.ndarray:
    """The pictures' numbers in one of `ORDERS`; what has no such figure comes last."""
    if by == ORDERS[0]:
        return np.arange(len(answers.iou))
    if by not in ORDERS:
        raise ValueError(f"There is no order {by!r}: choose one of {', '.join(ORDERS)}.")
    return np.argsort(answers.iou if by == ORDERS[1] else -answers.rmse, kind="stable")


def mask_errors(image, truth, guess) -> np.ndarray:
    """H W 3 uint8: the picture in grey; right pixels of the mask green, missed ones red, false alarms blue."""
    truth, guess = array(truth) > 0.5, array(guess) > 0.5
    grey = rgb(array(image)).mean(-1, keepdims=True).repeat(3, -1) * 0.6 + 80
    for where, colour in ((truth & guess, RIGHT), (truth & ~guess, MISSED), (guess & ~truth, FALSE)):
        grey[where] = 0.3 * grey[where] + 0.7 * np.array(colour)
    return grey.astype(np.uint8)


def answer(batch: Mapping[str, Tensor], answers: Answers, i: int, name: str = "the network") -> Image.Image:
    """Picture `i`: both inputs and the truth; below, where the network errs, and what it finds."""
    mask, mask_off, depth, depth_off = found(batch, answers, i)
    true = [batch[part][i] for part in ("background", "image", "mask", "depth")]
    titles = ["background", "image", "true mask", "true depth", "errors of the mask", "errors of the depth"]
    titles += ["mask, found", "depth, found"]
    foot = f"{name} finds: {', '.join(figures(batch, answers, i))}.\nIn the errors {KEY}."
    return tiles([*true, mask_off, depth_off, mask, depth], titles, 4, foot)


def found(batch: Mapping[str, Tensor], answers: Answers, i: int) -> list:
    """Four tiles of picture `i`: mask, its errors, depth, its errors; a sentence where there is no such head."""
    shown = ["(no mask head)"] * 2 + ["(no depth head)"] * 2
    if answers.mask is not None:
        shown[:2] = answers.mask[i], mask_errors(batch["image"][i], batch["mask"][i], answers.mask[i])
    if answers.depth is not None:
        off = error_colours(answers.depth[i], batch["depth"][i], batch["depth_valid"][i])
        shown[2:] = answers.depth[i], off
    return shown


def figures(batch: Mapping[str, Tensor], answers: Answers, i: int) -> list[str]:
    """Lines of text: how good picture `i`'s mask and depth are, and how far the person is and seems to be."""
    nobody = not (batch["mask"][i] > 0.5).any()
    lines = [] if answers.mask is None else ["nobody to be seen" if nobody else f"mask IoU {answers.iou[i]:.2f}"]
    if answers.depth is None:
        return lines
    lines.append(
        "no honest depth to compare with" if np.isnan(answers.rmse[i]) else f"depth RMSE {answers.rmse[i]:.2f} m"
    )
    there = (batch["mask"][i] > 0.5) & (batch["depth_valid"][i] > 0.5)
    if there.any():
        true, says = (depth[there].median() for depth in (batch["depth"][i], answers.depth[i]))
        lines.append(f"person {says:.1f} m away (true: {true:.1f})")
    return lines


def side_by_side(batch: Mapping[str, Tensor], some: Sequence[tuple[str, Answers]], i: int) -> Image.Image:
    """Picture `i` and the truth; below, a row for each (name, answers): mask, its errors, depth, its errors."""
    rows = [batch["image"][i], batch["mask"][i], KEY.replace(", ", ",\n"), batch["depth"][i]]
    titles = ["image", "true mask", "", "true depth"]
    for name, each in some:
        rows += found(batch, each, i)
        scores = [f"IoU {each.iou[i]:.2f}", f"{each.rmse[i]:.2f} m off"]
        known = np.isfinite([each.iou[i], each.rmse[i]])
        titles += [name, scores[0] * bool(known[0]), "", scores[1] * bool(known[1])]
    return tiles(rows, titles, 4)
