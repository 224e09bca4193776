"""Trains one network on the drawn museum: the lines of the notebooks in one piece, for a shell."""

import json
from pathlib import Path
from time import perf_counter

import torch
from torch import Tensor

from . import data, learn, models, profile
from .data.files import write_whole
from .install import ROOT

OUT = ROOT / "artifacts" / "runs" / "train"
STEPS, BATCH, LR = 1000, 16, 3e-3  # of the profile quick
SIZE, VAL, TEST = 48, 64, 400  # pixels of a window's side; pictures for the curve and for the final score


def window(sample: dict[str, Tensor], size: int = SIZE) -> dict[str, Tensor]:
    """A window of both pictures and the mask, size × size; seven in ten hold some of the person."""
    mask = sample["mask"][0]  # S S
    person, last = mask.nonzero(), mask.shape[-1] - size
    corner = torch.randint(0, last + 1, (2,))
    if len(person) and torch.rand(()) < 0.7:
        pixel = person[torch.randint(0, len(person), ())]
        corner = (pixel - torch.randint(0, size, (2,))).clamp(0, last)
    top, left = corner.tolist()
    return {name: sample[name][:, top : top + size, left : left + size] for name in ("background", "image", "mask")}


def loaders(chosen: profile.Profile, seed: int = 0) -> dict:
    """{"train": windows, "val": pictures, "test": pictures}: batches that share no room and no person.

    Composed in this process: it is an eighth of a step's work, and a second process would slow the network's threads.
    """
    bank = data.Bank.draw(chosen.rooms, chosen.people, chosen.size)
    sides = data.split(bank)
    lengths = {"train": STEPS * BATCH * chosen.longer, "val": VAL, "test": TEST}
    made = {}
    for side, (rooms, things) in sides.items():
        rows = data.free(bank, lengths[side], seed, rooms=rooms, things=things)
        cut = data.Augment([window], seed) if side == "train" else None
        made[side] = data.loader(data.Scenes(bank, rows, transform=cut), BATCH)
    return made


def train(name: str, out: str | Path = OUT, seed: int = 0) -> dict:
    """Trains the network called `name`; leaves weights, card and log in `out`, and gives back the card."""
    torch.manual_seed(seed)
    network = models.build(name)  # before any drawing: a wrong name should be told at once
    if Path(out).is_file():
        raise ValueError(f"{out} is a file, and a folder is wanted for the weights. Choose another name.")
    chosen, start = profile.current(), perf_counter()
    print(chosen.describe())
    batches = loaders(chosen, seed)
    history = learn.fit(network, batches["train"], learn.mask_loss, lr=LR, valid=batches["val"], reports=10)
    scores = learn.evaluate(network, batches["test"])
    baseline = learn.evaluate(learn.fit_differencing(batches["test"]), batches["test"])
    card = {"network": name, "seed": seed, "profile": chosen.name, "size": chosen.size, "window": SIZE}
    card |= {"rooms": chosen.rooms, "people": chosen.people, "difficulty": "camera", "loss": "bce + dice"}
    card |= {"optimizer": "AdamW", "lr": LR, "batch": BATCH, "steps": history[-1]["step"]}
    card |= {"seconds": round(perf_counter() - start), "torch": torch.__version__}
    card |= {"scores": scores, "baseline_mask_iou": baseline["mask_iou"]}
    path = learn.save_checkpoint(Path(out) / f"{name}.safetensors", network, card)
    write_whole(path.with_suffix(".jsonl"), "".join(json.dumps(row) + "\n" for row in history).encode())
    print(f"Unseen rooms and people: IoU {scores['mask_iou']:.3f}; pixel differencing {baseline['mask_iou']:.3f}.")
    print(f"Saved: {path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}")
    return card
