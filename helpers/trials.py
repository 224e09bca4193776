"""How one run of a study is done: its pictures, a short training, its scores."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import process_time

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, StackDataset

from . import data, learn, models, photographs, train
from .data.frozen import frozen_set

CURVES = {"curve_steps": "step", "curve_iou": "mask_iou", "curve_rmse_m": "depth_rmse_m", "curve_loss": "loss"}
TIMED_STEPS = 16  # to know how many a network can afford


class Epochs(Dataset):
    """Pictures for so many epochs, one after the other; with `entries`, augmented anew in each of them."""

    def __init__(self, pictures: Dataset, epochs: int, entries: list | tuple = ()) -> None:
        self.pictures, self.epochs = pictures, epochs
        self.augment = data.Augment(list(entries)) if entries else None

    def __len__(self) -> int:
        return len(self.pictures) * self.epochs

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """One sample; index // the number of pictures is its epoch."""
        epoch, picture = divmod(index, len(self.pictures))
        if self.augment is None:
            return self.pictures[picture]
        self.augment.epoch = epoch
        return self.augment(self.pictures[picture])


def pictures_in_memory(settings: dict) -> dict:
    """{"train", "seen", "test": composed once, "baselines": of `test`}; "seen" are other pictures of the trained."""
    bank = data.Bank.draw(settings["rooms"], settings["people"], settings["size"], mixture=settings["mixture"])
    sides, seed = data.split(bank, settings["fractions"], settings["data_seed"]), settings["data_seed"]
    kept = {}
    for name, side, count, first in (
        ("train", "train", settings["pictures"], seed),
        ("seen", "train", settings["unseen"], seed + 1),
        ("test", "test", settings["unseen"], seed),
    ):
        rooms, things = sides[side]
        rows = data.random_rows(bank, count, first, rooms=rooms, things=things)
        kept[name] = StackDataset(**data.compose(bank, rows, settings["difficulty"]))
    return kept | {"baselines": baseline_figures(data.loader(kept["test"], 64), data.loader(kept["train"], 64))}


def composed(bank: data.Bank, settings: dict, count: int, seed: int, **seen) -> DataLoader:
    """Batches of so many pictures that are composed as they are needed, none twice."""
    rows = data.random_rows(bank, count, seed, **seen)
    return data.loader(data.Scenes(bank, rows, settings["difficulty"]), settings["batch"])


def bank_and_test(count: int, settings: dict, seed: int, test: DataLoader) -> dict:
    """{"bank": so many rooms and people to train on, "test": pictures of others, "baselines": their figures}."""
    bank = data.Bank.draw(count, count, settings["size"], seed)
    return {"bank": bank, "test": test, "baselines": baseline_figures(test)}


def frozen_pictures(settings: dict) -> DataLoader:
    """The first pictures of a frozen test, at the size of the study."""
    scenes = frozen_set(settings["test"], settings["size"], first=settings["pictures"])
    return data.loader(scenes, 50)


def strangers(settings: dict, seed: int, batch: int) -> DataLoader:
    """Pictures of 200 rooms and 200 people of their own."""
    bank = data.Bank.draw(200, 200, settings["size"], seed)
    return composed(bank, settings | {"batch": batch}, settings.get("unseen", 1000), 0)


def baseline_figures(test: DataLoader, fit_on: DataLoader | None = None) -> dict[str, float]:
    """What subtraction and the mean depth map score, under the names of their columns."""
    return {f"baseline_{name}": value for name, value in learn.baselines(test, fit_on).items()}


def train_afresh(build: Callable[[], nn.Module], seed: int, loss: dict, batches: DataLoader, **how) -> tuple:
    """A network trained from random weights with these settings, and its figures: "loss", "steps" and the curves."""
    torch.manual_seed(seed)
    network = build()
    history = learn.fit(network, batches, learn.Criterion(loss), learn.Settings(**how))
    curves = {column: [row[of] for row in history if of in row] for column, of in CURVES.items()}
    return network, {"loss": history[-1]["loss"], "steps": history[-1]["step"]} | curves


def train_in_memory(
    run: dict, settings: dict, sides: dict, reports: int, watched: bool = False, scored: dict | None = None
) -> dict:
    """Figures of a training on pictures in memory; `entries` augment them anew in every epoch.

    `scored` maps the beginning of a column's name to the side that it tells of; when `watched` there are curves.
    """
    pictures, epochs = sides["train"], settings["epochs"]
    if "entries" in settings:
        pictures, epochs = Epochs(pictures, epochs, settings["entries"]), 1
    batches = data.loader(pictures, settings["batch"], shuffle=True, seed=run["seed"])
    test = {side: data.loader(sides[side], 64) for side in ("seen", "test")}
    how = {"optimizer": settings["optimizer"].lower(), "lr": settings["lr"], "schedule": settings["schedule"]}
    how |= {"epochs": epochs, "reports": reports, "valid": test["test"] if watched else None}
    build = partial(models.build, settings["network"])
    network, found = train_afresh(build, run["seed"], settings["weights"], batches, **how)
    for beginning, side in (scored or {"": "test"}).items():
        found |= {beginning + name: value for name, value in learn.evaluate(network, test[side]).items()}
    return found | sides["baselines"]


def train_on(run: dict, settings: dict, shared: dict, begin: Callable[[], nn.Module]) -> dict:
    """Figures of a training that goes on from the weights of `begin()`, as notebook 09 does it."""
    bank, augment = shared["bank"], data.Augment(settings["augment"])
    rooms, things = data.split(bank)["train"]
    count = settings["steps"] * settings["batch"]
    rows = data.random_rows(bank, count, run["seed"] + 1, rooms=rooms, things=things)
    batches = data.loader(data.Scenes(bank, rows, transform=augment), settings["batch"])
    network, found = train_afresh(begin, run["seed"], settings["loss"], batches, **settings["rate"])
    return {"steps": found["steps"]} | learn.evaluate(network, shared["test"]) | shared["baselines"]


def affordable_steps(train_for: Callable[[int], object], seconds: float) -> int:
    """How many steps fit into so much time of one core, whatever else the machine does meanwhile."""
    train_for(TIMED_STEPS)  # to warm up: cut-outs are made ready as they are needed
    start = process_time()
    train_for(TIMED_STEPS)
    return max(TIMED_STEPS, int(seconds * TIMED_STEPS / (process_time() - start)))


def race_one(run: dict, settings: dict, shared: dict, rate: float | None = None) -> dict:
    """Figures after the same processor time for everybody; the search for a learning rate is not counted."""
    build = partial(models.build, run["network"])
    heads = models.heads(build())
    loss = {head: terms for head, terms in settings["losses"].items() if head in heads}

    def train_for(steps: int, **how) -> tuple:
        batches = composed(shared["bank"], settings, steps * settings["batch"], run["seed"])
        return train_afresh(build, run["seed"], loss, batches, **how)

    def trial(rate: float) -> float:  # the mean loss in the second half of a short training
        return train_for(settings["trial_steps"], lr=rate, reports=2)[1]["loss"]

    rate = rate or min(settings["rates"], key=trial)
    steps = affordable_steps(partial(train_for, lr=rate), settings["seconds"])
    speed = steps * settings["batch"] / settings["seconds"]
    network, found = train_for(steps, lr=rate, ema=settings["average"])
    found |= learn.evaluate(network, shared["test"]) | shared["baselines"]
    found |= {"parameters": models.count_parameters(network), "rate": f"{rate:g}"}
    return found | {"pictures_per_second": f"{speed:.1f}"}


def camera_sides() -> dict[str, DataLoader]:
    """Pictures for validation, and "unknown": the rooms once more, without their cameras."""
    sides = train.validation_sides()
    rooms = sides["rooms"].dataset
    return sides | {"unknown": data.loader(data.Scenes(rooms.bank, rooms.rows, rooms.difficulty, known=0.0), 50)}


def train_variant(run: dict, settings: dict, sides: dict, variants: dict, parts: tuple) -> dict:
    """Figures of RoomNet without one idea, after the number of steps that all variants have."""
    options, changes = variants[run["variant"]]
    kept = {"average": settings["average"], "seed": run["seed"], "parts": parts, "batches": settings["steps"]} | changes
    recipe = replace(train.RECIPES["roomnet"], **kept)
    batches = train.recipe_batches(recipe, workers=0)
    how = {"lr": recipe.lr, "optimizer": recipe.optimizer, "ema": recipe.average}
    network, found = train_afresh(partial(models.RoomNet, **options), run["seed"], recipe.loss, batches, **how)
    for side, batches in sides.items():
        scored = learn.evaluate(network, batches)
        if side == "unknown":  # there depth is right up to one factor
            scored |= {key: scored[f"{key}_aligned"] for key in ("abs_rel", "delta1")}
        found |= {f"{side}_{key}": value for key, value in (scored | {"iou": scored["mask_iou"]}).items()}
    for name, shaken in (("photos_aligned_iou", False), ("photos_shaken_iou", True)):
        counts = photographs.pixel_counts(network, photographs.photo_pairs(shaken))
        found[name] = photographs.total_iou(counts)
    return found | {"parameters": models.count_parameters(network)}
