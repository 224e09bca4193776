"""What is each idea in RoomNet worth? The whole network, and one idea taken away at a time, at equal processor time."""

from collections.abc import Callable
from dataclasses import asdict, replace
from time import process_time

import torch

from .. import learn, models, ship
from ..study import Study

# Seconds of one core for training: a costly idea gets fewer steps, and must be worth it.
SETTINGS = {"processor_seconds": 120, "average": 0.99}
# variant: (what RoomNet is built without, what its recipe is trained without)
VARIANTS = {
    "all of it": ({}, {}),
    "not aligned": ({"align": False}, {}),
    "no difference": ({"difference": False, "detail": 0}, {}),
    "no sharp end": ({"detail": 0}, {}),
    "no coordinates": ({"coordinates": False}, {}),
    "no pool": ({"pool": False}, {}),
    "depth, not its inverse": ({"inverse": False}, {}),
    "mask guides nothing": ({"guide": False}, {}),
    "AdamW, not Muon": ({}, {"optimizer": "adamw", "lr": 3e-3}),
    "weights not averaged": ({}, {"average": None}),
    "kinds in turns": ({}, {"apart": True}),
    "museum only": ({}, {"sizes": (16, 0, 0)}),
    "no large windows": ({}, {"sizes": (10, 6, 0)}),
    "no pieces": ({}, {"pieces": 0}),
}
SEEDS, CALIBRATION = (0, 1, 2), 24  # batches that are timed, to know how many fit
SCORES = ("museum_iou", "broad_iou", "depth_rmse_m", "abs_rel", "person_rmse_m")


def study(settings: dict = SETTINGS, seeds=SEEDS, recipe: ship.Recipe = ship.RECIPES["roomnet"]) -> Study:
    """Every variant with the first seed, then with the next."""
    return Study(
        name="design",
        keys=("variant",),
        figures=(*SCORES, "parameters", "photos_aligned_iou", "photos_shaken_iou"),
        runs=[{"variant": name, "seed": seed} for seed in seeds for name in VARIANTS],
        settings=lambda run: settings | {"recipe": decisive(recipe), "without": VARIANTS[run["variant"]]},
        prepare=ship.validation_sides,
        work=lambda run, sides: one_run(run, sides, settings, recipe),
    )


def one_run(run: dict, sides: dict, settings: dict, recipe: ship.Recipe) -> dict:
    """Figures of one variant on unseen rooms, people and things, and on photographs."""
    options, changes = VARIANTS[run["variant"]]
    changes = {"average": settings["average"], "seed": run["seed"]} | changes
    recipe = replace(recipe, **changes)
    network = fresh(run["seed"], options)
    steps = affordable(lambda: fresh(run["seed"], options), recipe, settings)
    how = learn.Settings(optimizer=recipe.optimizer, lr=recipe.lr, ema=recipe.average)
    loss = learn.Criterion(recipe.loss)
    learn.fit(network, ship.training(replace(recipe, batches=steps), workers=0), loss, how)
    museum, broad = (learn.evaluate(network, side) for side in sides.values())
    scores = museum | {"museum_iou": museum["mask_iou"], "broad_iou": broad["mask_iou"]}
    figures = {name: f"{scores[name]:.5f}" for name in SCORES}
    return figures | photographs(network) | {"parameters": models.count_parameters(network), "steps": steps}


def fresh(seed: int, options: dict) -> models.RoomNet:
    """The variant with the weights that this seed gives it."""
    torch.manual_seed(seed)
    return models.RoomNet(**options)


def affordable(build: Callable, recipe: ship.Recipe, settings: dict) -> int:
    """How many batches this variant can be trained on in the budget, timed on a few of them."""
    network, batches = build(), ship.training(replace(recipe, batches=CALIBRATION), workers=0)
    loss, how = learn.Criterion(recipe.loss), learn.Settings(optimizer=recipe.optimizer, lr=recipe.lr)
    learn.fit(network, batches, loss, how)  # once to warm up: cut-outs are made ready as they are needed
    start = process_time()
    learn.fit(network, batches, loss, how)
    return max(CALIBRATION, int(settings["processor_seconds"] * CALIBRATION / (process_time() - start)))


def decisive(recipe: ship.Recipe) -> dict:
    """What of the recipe decides a run here, as plain data: not how long, nor the seed, nor what only boxes need."""
    other = ("batches", "seconds", "seed", "props", "objects", "flip")
    kept = {name: value for name, value in asdict(recipe).items() if name not in other}
    return kept | {"average": None}  # that of the settings counts


def photographs(network) -> dict:
    """Mask IoU on photographs, aligned and shaken."""
    from .. import photographs as photos

    pairs = {"photos_aligned_iou": photos.pairs(), "photos_shaken_iou": photos.pairs(shaken=True)}
    return {name: f"{photos.total(photos.by_pair(network, batches)):.5f}" for name, batches in pairs.items()}
