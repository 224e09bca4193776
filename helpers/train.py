"""Trains one network on the drawn museum: the lines of the notebooks in one piece, for a shell.

Networks that only find masks see windows, in which somebody is larger; those that tell depth need whole pictures.
Networks that find boxes see several people and props in each, and leave pictures of what they found.
"""

import json
from pathlib import Path
from time import perf_counter

import torch
from torch import Tensor

from . import data, learn, models, profile
from .base import ROOT, write_whole

OUT = ROOT / "artifacts" / "runs" / "train"
SHOWN = ROOT / "artifacts" / "results"
STEPS, BATCH, LR = 1000, 16, 3e-3  # of the profile quick
MASK = {"mask": {"bce": 1, "dice": 1}}
BOTH = MASK | {"depth": {"l1": 4, "rmse": 2}}
OBJECTS = (1, 4)  # people and props in a picture, for networks that find several
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


def wanted(heads: set[str]) -> tuple:
    """The loss for a network with these heads, and what `loaders` must be told for it."""
    if "heat" in heads:
        return learn.DetectionLoss(learn.Criterion(BOTH)), {"whole": True, "boxes": True, "objects": OBJECTS}
    if "object" in heads:
        return learn.one_box_loss, {"whole": True, "boxes": True}
    return (learn.Criterion(BOTH), {"whole": True}) if "depth" in heads else (learn.Criterion(MASK), {})


def loaders(
    chosen: profile.Profile, seed: int = 0, whole: bool = False, boxes: bool = False, objects: int | tuple = 1
) -> dict:
    """{"train": windows, or whole pictures, "val": pictures, "test": pictures}: they share no room and no person.

    With several `objects` half of the things are props.

    Composed in this process: it is an eighth of a step's work, and a second process would slow the network's threads.
    """
    props = 0 if objects == 1 else chosen.people
    bank = data.Bank.draw(chosen.rooms, chosen.people, chosen.size, props=props)
    sides = data.split(bank)
    lengths = {"train": STEPS * BATCH * chosen.longer, "val": VAL, "test": TEST}
    made = {}
    for side, (rooms, things) in sides.items():
        rows = data.random_rows(bank, lengths[side], seed, objects, rooms=rooms, things=things)
        cut = data.Augment([window], seed) if side == "train" and not whole else None
        made[side] = data.loader(data.Scenes(bank, rows, boxes=boxes, transform=cut), BATCH)
    return made


def train(name: str, out: str | Path = OUT, seed: int = 0) -> dict:
    """Trains the network called `name`; leaves weights, card and log in `out`, and gives back the card.

    A run that was stopped goes on from its last save, in `out`/runs; one that was finished is not done again.
    """
    torch.manual_seed(seed)
    network = models.build(name)  # before any drawing: a wrong name should be told at once
    if Path(out).is_file():
        raise ValueError(f"{out} is a file, and a folder is wanted for the weights. Choose another name.")
    chosen, start, (loss, needs) = profile.current(), perf_counter(), wanted(models.heads(network))
    print(chosen.describe())
    batches = loaders(chosen, seed, **needs)
    folder = Path(out) / "runs" / f"{name}-{chosen.name}-{seed}"
    settings = learn.Settings(lr=LR, valid=batches["val"], reports=10, folder=folder)
    history = learn.fit(network, batches["train"], loss, settings)
    scores, baselines = learn.evaluate(network, batches["test"]), baseline_scores(batches["test"])
    card = made(name, seed, chosen, chosen.size if needs else SIZE, loss)
    card |= {"steps": history[-1]["step"], "seconds": round(perf_counter() - start), "torch": torch.__version__}
    card |= {"scores": scores, **baselines}
    path = learn.save_checkpoint(Path(out) / f"{name}.safetensors", network, card)
    write_whole(path.with_suffix(".jsonl"), "".join(json.dumps(row) + "\n" for row in history).encode())
    print(f"Unseen rooms and people: {told(scores, baselines)}")
    print(f"Saved: {_short(path)}")
    if "boxes" in needs:
        from .inference import save_detections  # here, because matplotlib takes a second to import

        shown = SHOWN if name == "percamera" and Path(out) == OUT else Path(out) / name / "results"
        save_detections(network, batches["test"].dataset, shown, Path(out) / name)
        print(f"Pictures of what it found: {_short(shown)}; as files: {_short(Path(out) / name)}")
    return card


def made(name: str, seed: int, chosen: profile.Profile, window: int, loss) -> dict:
    """What a card says of how its network was trained."""
    card = {"network": name, "seed": seed, "profile": chosen.name, "size": chosen.size}
    card |= {"window": window, "rooms": chosen.rooms, "people": chosen.people, "difficulty": "camera"}
    card |= {"loss": getattr(loss, "weights", "one_box_loss"), "optimizer": "AdamW", "lr": LR, "batch": BATCH}
    return card


def _short(path: Path) -> Path:
    """The path as seen from the course's folder, where it is inside."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def baseline_scores(batches) -> dict[str, float]:
    """Scores of pixel differencing and of the mean depth map, both fitted to these very pictures."""
    mask = learn.evaluate(learn.fit_differencing(batches), batches)["mask_iou"]
    depth = learn.evaluate(learn.fit_mean_depth(batches), batches)["depth_rmse_m"]
    return {"baseline_mask_iou": mask, "baseline_depth_rmse_m": depth}


def told(scores: dict, baselines: dict) -> str:
    """The scores as a sentence, each beside its baseline."""
    text = f"IoU {scores['mask_iou']:.3f}; pixel differencing {baselines['baseline_mask_iou']:.3f}."
    if "depth_rmse_m" in scores:
        mean = baselines["baseline_depth_rmse_m"]
        text = f"{text} Depth RMSE {scores['depth_rmse_m']:.2f} m; mean depth map {mean:.2f} m."
    if "ap50" in scores:
        text = f"{text} Boxes: AP50 {scores['ap50']:.3f}, AP50:95 {scores['ap50_95']:.3f};"
        text = f"{text} {scores['label_accuracy']:.0%} of those found are called by the right name."
    return text
