"""Trains the weights that ship with the course, from nothing: `make train`, or `python -m helpers ship NAME`.

It may be stopped at any moment; the same command goes on from where it was.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from . import data, learn, models
from .base import ROOT
from .inference import SHIPPED
from .learn.boxes import WEIGHTS

RUNS = ROOT / "artifacts" / "runs" / "ship"


@dataclass(frozen=True)
class Recipe:
    """All that decides the weights, apart from how quick the machine is: `seconds` may end it before `batches`."""

    batches: int
    seconds: float  # of wall time
    loss: dict
    optimizer: str = "muon"
    lr: float = 0.02
    average: float = 0.999
    seed: int = 0
    museum: tuple[int, int] = (2400, 2400)  # rooms and people at 96 px, with exact depth
    broad: tuple[int, int] = (1600, 2000)  # scenes and cut-outs of all kinds at 96 px
    large: tuple[int, int] = (1000, 1600)  # the same at 192 px, seen through windows of 96 px: full detail
    pieces: int = 700  # cut-outs that are pieces of other scenes, in both
    sizes: tuple[int, int, int] = (10, 2, 4)  # pictures of museum, broad and large in each batch
    apart: bool = False  # each batch of one kind alone, in the same proportion
    props: int = 0  # among the things of the museum
    objects: int | tuple[int, int] = 1  # things in each museum picture
    flip: bool = False  # half of the museum pictures left for right, the room as well


MASK, DEPTH = {"bce": 1, "dice": 1}, {"l1": 4, "rmse": 2}
BOXES = {"mask": MASK, "depth": DEPTH, "boxes": WEIGHTS}
RECIPES = {
    "roomnet": Recipe(36_000, 3900, {"mask": MASK, "depth": DEPTH}),
    "masknet": Recipe(12_000, 900, {"mask": MASK}),
    "percamera": Recipe(
        36_000, 4500, BOXES, museum=(4000, 3000), sizes=(16, 0, 0), props=3000, objects=(1, 4), flip=True
    ),
}
MAIN = ("roomnet", "masknet")  # what `make train` makes
SEEDS = {"museum": 11, "broad": 12, "large": 13, "val": 14}  # of the banks: each draws rooms and people of its own
CAMERA, ALL = {"aligned": 1, "camera": 4, "handheld": 1}, {"aligned": 2, "camera": 3, "handheld": 3}
ROWS = 200_000  # per part: then they come round again


def ship(name: str, runs: Path = RUNS, out: Path = SHIPPED) -> Path:
    """Trains the network called `name` by its recipe and writes what ships; gives back the path."""
    if name not in RECIPES:
        models.build(name)  # says which networks there are
        raise ValueError(f"No weights of {name} ship with the course: {', '.join(RECIPES)} do.")
    recipe = RECIPES[name]
    torch.manual_seed(recipe.seed)
    network = models.build(name)
    batches, valid = training(recipe), validation(recipe)
    settings = {"network": name, "size": 96, "recipe": asdict(recipe)}
    how = {"optimizer": recipe.optimizer, "lr": recipe.lr, "ema": recipe.average, "seconds": recipe.seconds}
    how |= {"reports": 20, "valid": valid, "folder": Path(runs) / name, "card": settings}
    loss = criterion(recipe)
    history = learn.fit(network, batches, loss, learn.Settings(**how))
    last = learn.read_checkpoint(Path(runs) / name / "last.safetensors")[0]
    card = settings | {"steps": history[-1]["step"], "seconds": last["seconds"], "validation": history[-1]}
    card |= {"threads": torch.get_num_threads(), "torch": torch.__version__, "curve": curve(Path(runs) / name)}
    return learn.save_checkpoint(Path(out) / f"{name}.safetensors", network, card, half=True)


def curve(folder: Path) -> list[dict]:
    """How the validation went over the steps and seconds of the training in this folder."""
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    names = ("step", "seconds", "mask_iou", "depth_rmse_m", "abs_rel", "ap50", "ap50_95", "label_accuracy")
    return [{name: round(row[name], 4) for name in names if name in row} for row in rows]


def criterion(recipe: Recipe):
    """The loss of a recipe, with boxes where it has them."""
    maps = learn.Criterion({head: terms for head, terms in recipe.loss.items() if head != "boxes"})
    return learn.DetectionLoss(maps, recipe.loss["boxes"]) if "boxes" in recipe.loss else maps


def training(recipe: Recipe, workers: int = 1):
    """Batches of all parts that have a share in them, composed by a second process, or in this one with 0 workers."""
    makers = (museum_part, broad_part, large_part)
    parts, sizes = zip(*((make(recipe), size) for make, size in zip(makers, recipe.sizes) if size))
    return data.mixed_loader(parts, sizes, recipe.batches, workers, recipe.apart)


def museum_part(recipe: Recipe):
    """Museum rooms with people, and props where the recipe has them."""
    bank = data.Bank.draw(*recipe.museum, 96, SEEDS["museum"], "museum", recipe.props)
    rows = data.random_rows(bank, ROWS, recipe.seed, recipe.objects)
    flip = data.Augment(["flip"], recipe.seed) if recipe.flip else None
    return data.Scenes(bank, rows, CAMERA, "boxes" in recipe.loss, flip)


def broad_part(recipe: Recipe):
    """Scenes of all kinds, developed."""
    bank = data.Bank.draw(*recipe.broad, 96, SEEDS["broad"], "broad")
    bank = data.with_pieces(bank, recipe.pieces, 1) if recipe.pieces else bank
    return data.Developed(bank, data.random_rows(bank, ROWS, recipe.seed), ALL)


def large_part(recipe: Recipe):
    """The same at twice the size, seen through windows."""
    bank = data.Bank.draw(*recipe.large, 192, SEEDS["large"], "broad")
    bank = data.with_pieces(bank, recipe.pieces, 2) if recipe.pieces else bank
    return data.Developed(bank, data.random_rows(bank, ROWS, recipe.seed), ALL, window=96)


def validation(recipe: Recipe):
    """300 pictures of rooms, people and things that training never sees: half of them museum, or all with boxes."""
    if "boxes" in recipe.loss:
        bank = data.Bank.draw(100, 100, 96, SEEDS["val"], "museum", props=100)
        return data.loader(data.Scenes(bank, data.random_rows(bank, 300, 0, recipe.objects), "camera", boxes=True), 50)
    parts = [side.dataset for side in validation_sides().values()]
    return data.mixed_loader(parts, (25, 25), 6)


def validation_sides() -> dict:
    """{"museum": 150 pictures, "broad": 150 pictures}, in batches."""
    sides = {}
    for mixture, difficulty in (("museum", "camera"), ("broad", "mixed")):
        bank = data.Bank.draw(100, 100, 96, SEEDS["val"], mixture)
        sides[mixture] = data.loader(data.Scenes(bank, data.random_rows(bank, 150, 0), difficulty), 50)
    return sides
