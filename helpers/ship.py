"""Trains the weights that ship with the course, from nothing: `make train`, or `python -m helpers ship NAME`.

It may be stopped at any moment; the same command goes on from where it was.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from . import data, learn, models
from .data.develop import Developed
from .data.mixed import mixed
from .data.pieces import with_pieces
from .install import ROOT
from .weights import SHIPPED

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


MASK = {"bce": 1, "dice": 1}
RECIPES = {
    "roomnet": Recipe(36_000, 3900, {"mask": MASK, "depth": {"l1": 4, "rmse": 2}}),
    "masknet": Recipe(12_000, 900, {"mask": MASK}),
}
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
    batches, valid = training(recipe), validation()
    settings = {"network": name, "size": 96, "recipe": asdict(recipe)}
    how = {"optimizer": recipe.optimizer, "lr": recipe.lr, "average": recipe.average}
    how |= {"seconds": recipe.seconds, "reports": 20}
    loss = learn.Criterion(recipe.loss)
    history = learn.fit(network, batches, loss, valid=valid, folder=Path(runs) / name, card=settings, **how)
    last = learn.read_checkpoint(Path(runs) / name / "last.safetensors")[0]
    card = settings | {"steps": history[-1]["step"], "seconds": last["seconds"], "validation": history[-1]}
    card |= {"threads": torch.get_num_threads(), "torch": torch.__version__, "curve": curve(Path(runs) / name)}
    return learn.save_checkpoint(Path(out) / f"{name}.safetensors", network, card, half=True)


def curve(folder: Path) -> list[dict]:
    """How the validation went over the steps and seconds of the training in this folder."""
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    names = ("step", "seconds", "mask_iou", "depth_rmse_m", "abs_rel")
    return [{name: round(row[name], 4) for name in names if name in row} for row in rows]


def training(recipe: Recipe, workers: int = 1):
    """Batches of all three parts, composed by a second process, or in this one with 0 workers."""
    museum = data.Bank.draw(*recipe.museum, 96, SEEDS["museum"], "museum")
    broad = data.Bank.draw(*recipe.broad, 96, SEEDS["broad"], "broad")
    large = data.Bank.draw(*recipe.large, 192, SEEDS["large"], "broad")
    if recipe.pieces:
        broad, large = with_pieces(broad, recipe.pieces, 1), with_pieces(large, recipe.pieces, 2)
    parts = [
        data.Scenes(museum, data.free(museum, ROWS, recipe.seed), CAMERA),
        Developed(broad, data.free(broad, ROWS, recipe.seed), ALL),
        Developed(large, data.free(large, ROWS, recipe.seed), ALL, window=96),
    ]
    return mixed(parts, recipe.sizes, recipe.batches, workers, recipe.apart)


def validation():
    """300 pictures, half of them museum, of rooms, people and things that training never sees."""
    parts = [side.dataset for side in validation_sides().values()]
    return mixed(parts, (25, 25), 6)


def validation_sides() -> dict:
    """{"museum": 150 pictures, "broad": 150 pictures}, in batches."""
    sides = {}
    for mixture, difficulty in (("museum", "camera"), ("broad", "mixed")):
        bank = data.Bank.draw(100, 100, 96, SEEDS["val"], mixture)
        sides[mixture] = data.loader(data.Scenes(bank, data.free(bank, 150, 0), difficulty), 50)
    return sides
