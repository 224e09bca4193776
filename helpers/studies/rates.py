"""Which learning rate? The same short training at every rate, with a constant rate and with one cycle, three seeds."""

import torch

from .. import data, learn, models
from ..study import Study
from .losses import BASELINES, Kept

# About ten seconds a run on one core. A seed decides the first weights and the order of the pictures, nothing else.
SETTINGS = {"network": "roomnet_first", "size": 64, "rooms": 160, "people": 160, "fractions": [0.625, 0.0, 0.375]}
SETTINGS |= {"mixture": "museum", "difficulty": "camera", "pictures": 2560, "unseen": 512, "data_seed": 0}
SETTINGS |= {"combination": "BCE + Dice, RMSE", "epochs": 1, "batch": 16, "optimizer": "sgd"}
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
SEEDS, SHAPES, LAST = (0, 1, 2), ("constant", "one cycle"), 8
SCORES = ("mask_iou", "depth_rmse_m", "abs_rel", "person_rmse_m")


def study(settings: dict = SETTINGS, rates: tuple[float, ...] = RATES, seeds=SEEDS) -> Study:
    """Every rate under both schedules with the first seed, then with the next."""
    return Study(
        name="rates",
        keys=("schedule", "rate"),
        figures=(*SCORES, "loss", *BASELINES),
        runs=[{"schedule": shape, "rate": rate, "seed": seed} for seed in seeds for shape in SHAPES for rate in rates],
        settings=lambda run: settings | {"weights": learn.COMBINATIONS[settings["combination"]]},
        prepare=lambda: pictures(settings),
        work=lambda run, sides: one_run(run, sides, settings),
    )


def pictures(settings: dict = SETTINGS) -> dict:
    """{"train", "seen", "test": composed pictures, "baselines": figures of `test`}; `seen` shares rooms and people."""
    bank = data.Bank.draw(settings["rooms"], settings["people"], settings["size"], mixture=settings["mixture"])
    sides = data.split(bank, settings["fractions"], settings["data_seed"])
    tables = {"train": ("train", "pictures", 0), "seen": ("train", "unseen", 1), "test": ("test", "unseen", 0)}
    kept = {}
    for name, (side, length, later) in tables.items():
        seed, (rooms, things) = settings["data_seed"] + later, sides[side]  # another seed, so other places to stand
        rows = data.free(bank, settings[length], seed, rooms=rooms, things=things)
        kept[name] = Kept(data.compose(bank, rows, settings["difficulty"]))
    train, test = (data.loader(kept[side], 64) for side in ("train", "test"))
    mask, depth = (learn.evaluate(fit(train), test) for fit in (learn.fit_differencing, learn.fit_mean_depth))
    return kept | {"baselines": dict(zip(BASELINES, (mask["mask_iou"], depth["depth_rmse_m"]), strict=True))}


def one_run(run: dict, sides: dict, settings: dict = SETTINGS) -> dict:
    """Figures on unseen rooms and people; `loss` is the mean over the last eighth of the steps."""
    torch.manual_seed(run["seed"])
    network, loss = models.build(settings["network"]), learn.criterion(settings["combination"])
    batches = data.loader(sides["train"], settings["batch"], shuffle=True, seed=run["seed"])
    how = learn.Settings(settings["epochs"], run["rate"], settings["optimizer"], run["schedule"], reports=LAST)
    history = learn.fit(network, batches, loss, how)
    scores = learn.evaluate(network, data.loader(sides["test"], 64)) | {"loss": history[-1]["loss"]}
    figures = {name: f"{scores[name]:.5f}" for name in (*SCORES, "loss")}
    return figures | {name: f"{sides['baselines'][name]:.5f}" for name in BASELINES} | {"steps": history[-1]["step"]}
