"""Does augmentation help? The same training with and without, scored on seen and on unseen rooms and people."""

import torch
from torch.utils.data import Dataset

from .. import data, learn, models
from ..study import Study
from . import rates
from .losses import Kept

# About 40 seconds a run on one core. A seed decides the first weights and the order of the pictures, nothing else.
SETTINGS = rates.SETTINGS | {"pictures": 1024, "epochs": 10, "lr": 0.1, "schedule": "one cycle"}
LISTS = {"none": [], "augmented": ["flip", ["scale_crop", 0.3], "light", "drift"]}
SEEDS, SCORES = (0, 1, 2), ("mask_iou", "depth_rmse_m", "abs_rel")
SIDES = {"seen": "seen", "unseen": "test"}  # seen: other pictures of the rooms and people of the training


class Epochs(Dataset):
    """Every picture once per epoch, in the form that the augmentation gives it in that epoch."""

    def __init__(self, kept: Kept, epochs: int, entries: list) -> None:
        self.kept, self.epochs, self.augment = kept, epochs, data.Augment(entries) if entries else None

    def __len__(self) -> int:
        return len(self.kept) * self.epochs

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """Sample `index` of all epochs."""
        epoch, picture = divmod(index, len(self.kept))
        if self.augment is None:
            return self.kept[picture]
        self.augment.epoch = epoch
        return self.augment(self.kept[picture])


def study(settings: dict = SETTINGS, lists: dict = LISTS, seeds=SEEDS) -> Study:
    """Every list with the first seed, then with the next."""
    return Study(
        name="augment",
        keys=("augmentation",),
        figures=(*(f"{side}_{name}" for side in SIDES for name in SCORES), "loss"),
        runs=[{"augmentation": name, "seed": seed} for seed in seeds for name in lists],
        settings=lambda run: (
            settings | {"weights": learn.COMBINATIONS[settings["combination"]], "entries": lists[run["augmentation"]]}
        ),
        prepare=lambda: rates.pictures(settings),
        work=lambda run, sides: one_run(run, sides, settings, lists),
    )


def one_run(run: dict, sides: dict, settings: dict = SETTINGS, lists: dict = LISTS) -> dict:
    """Figures on both sides; `loss` is the mean over the last tenth of the steps."""
    torch.manual_seed(run["seed"])
    network, loss = models.build(settings["network"]), learn.criterion(settings["combination"])
    epochs = Epochs(sides["train"], settings["epochs"], lists[run["augmentation"]])
    batches = data.loader(epochs, settings["batch"], shuffle=True, seed=run["seed"])
    how = {"optimizer": settings["optimizer"], "lr": settings["lr"], "schedule": settings["schedule"]}
    history = learn.fit(network, batches, loss, learn.Settings(reports=settings["epochs"], **how))
    figures = {"loss": f"{history[-1]['loss']:.5f}", "steps": history[-1]["step"]}
    for side, name in SIDES.items():
        scores = learn.evaluate(network, data.loader(sides[name], 64))
        figures |= {f"{side}_{column}": f"{scores[column]:.5f}" for column in SCORES}
    return figures
