"""What is each idea in RoomNet worth? The whole network, and one idea taken away at a time, at equal processor time."""

from collections.abc import Callable
from dataclasses import replace
from time import process_time

import torch

from .. import learn, models, ship
from ..study import Study

# Seconds of one core for training: a costly idea gets fewer steps, and must be worth it.
SETTINGS = {"processor_seconds": 90, "lr": 3e-3, "average": 0.99, "loss": ship.RECIPES["roomnet"].loss}
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
    "weights not averaged": ({}, {"average": None}),
    "kinds in turns": ({}, {"apart": True}),
    "museum only": ({}, {"sizes": (16, 0, 0)}),
    "no large windows": ({}, {"sizes": (8, 8, 0)}),
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
        settings=lambda run: settings | {"without": VARIANTS[run["variant"]]},
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
    how = {"lr": settings["lr"], "average": recipe.average}
    learn.fit(network, ship.training(replace(recipe, batches=steps), workers=0), criterion(settings), **how)
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
    learn.fit(network, batches, criterion(settings))  # once to warm up: cut-outs are made ready as they are needed
    start = process_time()
    learn.fit(network, batches, criterion(settings))
    return max(CALIBRATION, int(settings["processor_seconds"] * CALIBRATION / (process_time() - start)))


def criterion(settings: dict) -> learn.Criterion:
    """What is minimised."""
    return learn.Criterion(settings["loss"])


def photographs(network) -> dict:
    """Mask IoU on photographs, aligned and shaken."""
    from .. import photographs as photos

    found = photos.scores(network)
    return {name: f"{found[name]:.5f}" for name in ("photos_aligned_iou", "photos_shaken_iou")}
