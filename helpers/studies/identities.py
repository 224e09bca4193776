"""How many rooms and people must a network have seen? As many pictures in every run, of ever more identities."""

import torch

from .. import data, learn, models
from ..study import Study

# A pass over 16,384 pictures, each composed once, about 75 seconds on one core.
SETTINGS = {"network": "roomnet", "size": 64, "pictures": 16_384, "unseen": 1024, "batch": 16, "difficulty": "camera"}
SETTINGS |= {"optimizer": "muon", "lr": 0.02, "average": 0.99, "loss": {"mask": {"bce": 1, "dice": 1}}}
SETTINGS["loss"]["depth"] = {"l1": 4, "rmse": 2}
COUNTS, MOST = (10, 30, 100, 300, 1000, 3000), 3000
SEEDS = (0, 1, 2)
BANKS = {"train": 21, "test": 22}  # seeds of the banks: nobody is in both
SCORES = ("mask_iou", "depth_rmse_m", "abs_rel", "person_rmse_m", "loss")


def study(settings: dict = SETTINGS, counts=COUNTS, most: int = MOST, seeds=SEEDS) -> Study:
    """Ever more rooms, ever more people, and ever more of both, with the first seed, then with the next."""
    pairs = [(count, most) for count in counts] + [(most, count) for count in counts] + [(c, c) for c in counts]
    pairs = list(dict.fromkeys(pairs))  # (most, most) is in all three
    return Study(
        name="identities",
        keys=("rooms", "people"),
        figures=(*SCORES, "baseline_mask_iou", "baseline_depth_rmse_m"),
        runs=[{"rooms": rooms, "people": people, "seed": seed} for seed in seeds for rooms, people in pairs],
        settings=lambda run: settings,
        prepare=lambda: sides(settings, most),
        work=lambda run, shared: one_run(run, shared, settings),
    )


def sides(settings: dict, most: int) -> dict:
    """{"bank": everybody that may be trained on, "test": pictures of others, "baselines": their figures}."""
    bank = data.Bank.draw(most, most, settings["size"], BANKS["train"])
    other = data.Bank.draw(200, 200, settings["size"], BANKS["test"])
    test = data.loader(data.Scenes(other, data.free(other, settings["unseen"], 0), settings["difficulty"]), 64)
    mask = learn.evaluate(learn.fit_differencing(test), test)["mask_iou"]
    depth = learn.evaluate(learn.fit_mean_depth(test), test)["depth_rmse_m"]
    baselines = {"baseline_mask_iou": f"{mask:.5f}", "baseline_depth_rmse_m": f"{depth:.5f}"}
    return {"bank": bank, "test": test, "baselines": baselines}


def one_run(run: dict, shared: dict, settings: dict) -> dict:
    """Figures on unseen rooms and people after one pass over pictures of the first so many rooms and people."""
    torch.manual_seed(run["seed"])
    network, bank = models.build(settings["network"]), shared["bank"]
    seen = {"rooms": range(run["rooms"]), "things": range(run["people"])}
    scenes = data.Scenes(bank, data.free(bank, settings["pictures"], run["seed"], **seen), settings["difficulty"])
    batches, loss = data.loader(scenes, settings["batch"]), learn.Criterion(settings["loss"])
    how = learn.Settings(lr=settings["lr"], optimizer=settings["optimizer"], ema=settings["average"])
    history = learn.fit(network, batches, loss, how)
    scores = learn.evaluate(network, shared["test"]) | {"loss": history[-1]["loss"]}
    figures = {name: f"{scores[name]:.5f}" for name in SCORES}
    return figures | shared["baselines"] | {"steps": history[-1]["step"]}
