"""What networks answer to test pictures, beside the truth; and the live scene, which they answer as sliders move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from .. import data, learn
from .pictures import pictures
from .sliders import Browser, browse
from .style import Sheet, error_colours, mask_errors

KEY = "Mask: right in grey, missed in vermilion, invented in blue.\nDepth: red is too near, blue too far."
_LINES = KEY.replace(", ", ",\n").replace(": ", ":\n")  # for a narrow tile
ORDERS = ("as they come", "mask: worst first", "depth: worst first")


@dataclass
class Answers:
    """A network's answers to N pictures, and how good each is."""

    mask: Tensor | None  # N 1 S S, probability that it is in front; None without such a head
    depth: Tensor | None  # N 1 S S metres
    iou: np.ndarray  # N, NaN without a mask; two empty masks agree
    rmse: np.ndarray  # N metres over the pixels with a valid depth, NaN without a depth


@torch.no_grad()
def ask(network: nn.Module, batch: Mapping[str, Tensor], at_once: int = 50) -> Answers:
    """What the network, told the camera where it is known, says to all pictures of a batch, a few at a time."""
    network.eval()
    given = [name for name in ("background", "image", "camera") if name in batch]
    parts = zip(*(batch[name].split(at_once) for name in given))
    heads = [learn.forward(network, dict(zip(given, part))) for part in parts]
    iou, rmse = (np.full(len(batch["image"]), np.nan) for _ in range(2))
    mask = torch.cat([each["mask"].float().sigmoid() for each in heads]) if "mask" in heads[0] else None
    depth = torch.cat([each["depth"].float() for each in heads]) if "depth" in heads[0] else None
    if mask is not None:
        guess, truth = mask > 0.5, batch["mask"] > 0.5
        both, either = (guess & truth).sum((1, 2, 3)), (guess | truth).sum((1, 2, 3))
        iou = torch.where(either > 0, both / either.clamp(min=1), 1.0).numpy()
    if depth is not None:
        valid = batch["depth_valid"]
        squares = ((depth - batch["depth"]).square() * valid).sum((1, 2, 3)) / valid.sum((1, 2, 3))
        rmse = squares.sqrt().numpy()
    return Answers(mask, depth, iou, rmse)


def order(answers: Answers, by: str = ORDERS[0]) -> np.ndarray:
    """The pictures' numbers in one of `ORDERS`; what has no such figure comes last."""
    if by == ORDERS[0]:
        return np.arange(len(answers.iou))
    if by not in ORDERS:
        raise ValueError(f"There is no order {by!r}: choose one of {', '.join(ORDERS)}.")
    return np.argsort(answers.iou if by == ORDERS[1] else -answers.rmse, kind="stable")


def answer(batch: Mapping[str, Tensor], answers: Answers, i: int, name: str = "the network") -> Sheet:
    """Picture `i`, where the network's mask errs, and how far its depth is off, beside the true depth."""
    _, mask_off, depth, depth_off = _four_tiles(batch, answers, i)
    says = "\n".join([f"{name} says:", *describe_answer(batch, answers, i), "", _LINES])
    tiles = [batch["image"][i], mask_off, says, batch["depth"][i], depth, depth_off]
    return pictures(tiles, ["image", "errors of the mask", "", "true depth", "depth, found", "errors of the depth"], 3)


def side_by_side(batch: Mapping[str, Tensor], some: Sequence[tuple[str, Answers]], i: int) -> Sheet:
    """Picture `i` and the truth; below, a row for each (name, answers): mask, its errors, depth, its errors."""
    tiles = [batch["image"][i], batch["mask"][i], _LINES, batch["depth"][i]]
    titles = ["image", "true mask", "", "true depth"]
    for name, each in some:
        tiles += _four_tiles(batch, each, i)
        scores = [f"IoU {each.iou[i]:.2f}", f"{each.rmse[i]:.2f} m off"]
        known = np.isfinite([each.iou[i], each.rmse[i]])
        titles += [name, scores[0] * bool(known[0]), "", scores[1] * bool(known[1])]
    return pictures(tiles, titles, 4)


def _four_tiles(batch: Mapping[str, Tensor], answers: Answers, i: int) -> list:
    """Four tiles of picture `i`: mask, its errors, depth, its errors; a sentence where there is no such head."""
    shown = ["(no mask head)"] * 2 + ["(no depth head)"] * 2
    if answers.mask is not None:
        shown[:2] = answers.mask[i], mask_errors(batch["image"][i], batch["mask"][i], answers.mask[i])
    if answers.depth is not None:
        off = error_colours(answers.depth[i], batch["depth"][i], batch["depth_valid"][i])
        shown[2:] = answers.depth[i], off
    return shown


def describe_answer(batch: Mapping[str, Tensor], answers: Answers, i: int) -> list[str]:
    """Lines of text: how good picture `i`'s mask and depth are, and how far the person is and seems to be."""
    lines, person = [], batch["mask"][i] > 0.5
    if answers.mask is not None:
        lines.append(f"mask IoU {answers.iou[i]:.2f}" if person.any() else "nobody to be seen")
    if answers.depth is not None:
        known = np.isfinite(answers.rmse[i])
        lines.append(f"depth RMSE {answers.rmse[i]:.2f} m" if known else "no valid depth to compare with")
        there = person & (batch["depth_valid"][i] > 0.5)
        if there.any():
            true, says = (depth[there].median() for depth in (batch["depth"][i], answers.depth[i]))
            lines.append(f"person {says:.1f} m away (true: {true:.1f})")
    return lines


RANGES = {  # of each slider of the live scene: lowest, highest, step, where it starts
    "x": (-3.0, 3.0, 0.1, 0.0),  # metres to the right of the camera
    "distance": (2.0, 10.0, 0.1, 4.0),  # metres along the floor
    "light": (-2.5, 2.5, 0.1, 0.0),  # standard deviations: how bright the person is against the room
    "shake": (0.0, 6.0, 0.25, 1.5),  # pixels at 96
    "exposure": (-0.5, 0.5, 0.05, 0.1),  # how much brighter the second picture is
}


def live_scene(bank, room=0, person=0, x=0.0, distance=4.0, light=0.0, shake=0.0, exposure=0.0) -> dict:
    """A batch of one: this person in this room at (x, distance) metres, with the noise of a `camera`."""
    if distance <= 0:
        raise ValueError(f"Somebody who stands {distance} m away is not in front of the camera: give more than 0.")
    row = data.random_rows(bank, 1, rooms=[room], things=[person])
    row["x"], row["z"], row["light"], row["flip"] = x, distance, light, False
    row["shake"], row["exposure"] = (0.8, -0.6), 1.0  # a shake of length 1, an exposure of one deviation
    camera = data.Difficulty(shake=shake / 96, exposure=exposure, noise=data.DIFFICULTIES["camera"].noise)
    return data.compose(bank, row, camera)


def live(bank, networks: Mapping[str, nn.Module], room: int = 0, person: int = 0, still=None) -> Browser:
    """Sliders over the live scene, and what a network of these says to it, for all rooms and people of a bank."""
    live_scene(bank, room, person)  # says what there is, where one of them is beyond the bank
    ranges = {"room": (0, len(bank.pictures) - 1, 1, room), "person": (0, len(bank.cutouts) - 1, 1, person)}
    return browse(partial(_live_answer, bank, networks), still, True, **ranges, **RANGES, network=list(networks))


def _live_answer(bank, networks: Mapping[str, nn.Module], network: str, **settings) -> Sheet:
    """The scene with these settings, and what the network says to it."""
    batch = live_scene(bank, **settings)
    return answer(batch, ask(networks[network], batch), 0, network)
