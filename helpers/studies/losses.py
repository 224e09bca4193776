"""Which loss? The same network, pictures and number of steps for every combination of the table, three seeds each."""

import numpy as np
import torch
from torch.utils.data import Dataset

from .. import data, learn, models
from ..data.scenes import Samples
from ..study import Study

# 68 to 91 seconds a run on one core. A seed decides the first weights and the order of the pictures, nothing else.
SETTINGS = {"network": "roomnet_first", "size": 64, "rooms": 300, "people": 300, "fractions": [0.8, 0.0, 0.2]}
SETTINGS |= {"mixture": "museum", "difficulty": "camera", "pictures": 4096, "unseen": 512}
SETTINGS |= {"epochs": 5, "batch": 16, "optimizer": "AdamW", "lr": 3e-3, "schedule": "one cycle", "data_seed": 0}
SEEDS, CHECKPOINTS = (0, 1, 2), 5
SCORES = ("mask_iou", "boundary_iou", "depth_rmse_m", "depth_rmse_01", "abs_rel", "delta1", "person_rmse_m")
CURVES = {"curve_steps": "step", "curve_iou": "mask_iou", "curve_rmse_m": "depth_rmse_m", "curve_loss": "loss"}
BASELINES = ("baseline_mask_iou", "baseline_depth_rmse_m")


class Kept(Dataset):
    """Pictures that were composed once and stay in memory, so that an epoch costs no composing."""

    def __init__(self, batch: dict[str, torch.Tensor]) -> None:
        self.batch = batch

    def __len__(self) -> int:
        return len(self.batch["image"])

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """One sample."""
        return {name: values[index] for name, values in self.batch.items()}

    def __getitems__(self, indices: list[int]) -> Samples:
        """These samples, as one batch already."""
        samples = Samples(map(self.__getitem__, indices))
        samples.batch = {name: values[indices] for name, values in self.batch.items()}
        return samples


def study(settings: dict = SETTINGS, names: tuple[str, ...] = tuple(learn.COMBINATIONS), seeds=SEEDS) -> Study:
    """All combinations with the first seed, then all with the second: a table half done can be read already."""
    return Study(
        name="losses",
        keys=("combination",),
        figures=(*SCORES, "loss", *CURVES, *BASELINES),
        runs=[{"combination": name, "seed": seed} for seed in seeds for name in names],
        settings=lambda run: settings | {"weights": learn.COMBINATIONS[run["combination"]]},
        prepare=lambda: pictures(settings),
        work=lambda run, sides: one_run(run, sides, settings),
    )


def pictures(settings: dict = SETTINGS) -> dict:
    """{"train": composed pictures, "test": those of other rooms and people, "baselines": their figures}."""
    bank = data.Bank.draw(settings["rooms"], settings["people"], settings["size"], mixture=settings["mixture"])
    sides = data.split(bank, settings["fractions"], settings["data_seed"])
    kept = {}
    for side, length in (("train", settings["pictures"]), ("test", settings["unseen"])):
        rooms, things = sides[side]
        rows = data.free(bank, length, settings["data_seed"], rooms=rooms, things=things)
        kept[side] = Kept(data.compose(bank, rows, settings["difficulty"]))
    train, test = (data.loader(kept[side], 64) for side in ("train", "test"))
    mask, depth = (learn.evaluate(fit(train), test) for fit in (learn.fit_differencing, learn.fit_mean_depth))
    return kept | {"baselines": dict(zip(BASELINES, (mask["mask_iou"], depth["depth_rmse_m"]), strict=True))}


def one_run(run: dict, sides: dict, settings: dict = SETTINGS) -> dict:
    """Figures on unseen rooms and people, with a short curve of each, after the budget's steps."""
    torch.manual_seed(run["seed"])
    network = models.build(settings["network"])
    batches = data.loader(sides["train"], settings["batch"], shuffle=True, seed=run["seed"])
    test, loss = data.loader(sides["test"], 64), learn.criterion(run["combination"])
    how = learn.Settings(settings["epochs"], settings["lr"], valid=test, reports=CHECKPOINTS)
    history = learn.fit(network, batches, loss, how)
    figures = {name: f"{history[-1][name]:.5f}" for name in (*SCORES, "loss")}
    for column, name in CURVES.items():
        figures[column] = " ".join(f"{np.round(row[name], 5):g}" for row in history)
    return (
        figures | {name: f"{value:.5f}" for name, value in sides["baselines"].items()} | {"steps": history[-1]["step"]}
    )
