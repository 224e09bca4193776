"""Who learns most in five minutes? The same pictures, wall time and core for every network, three seeds each."""

from time import perf_counter

import torch

from .. import data, latency, learn, models
from ..study import Study

SETTINGS = {"seconds": 300, "size": 96, "rooms": 1000, "people": 1000, "mixture": "museum", "difficulty": "camera"}
SETTINGS |= {"batch": 16, "schedule": "one cycle", "average": 0.99, "threads": 1, "trial_steps": 80}
RATES = (1e-3, 3e-3, 1e-2)  # each network gets the one of these after which its loss is least in a short trial
LOSSES = {"mask": {"bce": 1, "dice": 1}, "depth": {"l1": 4, "rmse": 2}}
SEEDS, BANKS = (0, 1, 2), {"train": 23, "test": 24}
SCORES = ("mask_iou", "depth_rmse_m", "abs_rel", "person_rmse_m", "loss")


def study(settings: dict = SETTINGS, networks=latency.RACERS, seeds=SEEDS) -> Study:
    """Every network with the first seed, then with the next. No more workers than idle cores: the clock referees."""
    return Study(
        name="race",
        keys=("network",),
        figures=(*SCORES, "rate", "pictures_per_second", "latency_ms", "baseline_mask_iou", "baseline_depth_rmse_m"),
        runs=[{"network": name, "seed": seed} for seed in seeds for name in networks],
        settings=lambda run: settings | {"rates": RATES, "losses": LOSSES},
        prepare=lambda: sides(settings),
        work=lambda run, shared: one_run(run, shared, settings),
    )


def sides(settings: dict) -> dict:
    """{"bank": who is trained on, "test": pictures of others, "baselines": their figures}."""
    bank = data.Bank.draw(settings["rooms"], settings["people"], settings["size"], BANKS["train"], settings["mixture"])
    other = data.Bank.draw(200, 200, settings["size"], BANKS["test"], settings["mixture"])
    test = data.loader(data.Scenes(other, data.free(other, 1000, 0), settings["difficulty"]), 50)
    return {"bank": bank, "test": test, "baselines": baselines(test)}


def baselines(test) -> dict[str, float]:
    """What subtraction and the mean depth map, fitted to these very pictures, score on them."""
    mask = learn.evaluate(learn.fit_differencing(test), test)["mask_iou"]
    depth = learn.evaluate(learn.fit_mean_depth(test), test)["depth_rmse_m"]
    return {"baseline_mask_iou": mask, "baseline_depth_rmse_m": depth}


def one_run(run: dict, shared: dict, settings: dict) -> dict:
    """Figures on unseen rooms and people after the same time for everybody; the search for a rate is not counted."""
    torch.set_num_threads(settings["threads"])
    rate = min(RATES, key=lambda rate: trial(run, shared, settings, rate))
    network, loss = fresh(run)
    start = perf_counter()
    batches = pictures(run, shared, settings, steps=20_000)
    how = learn.Settings(lr=rate, seconds=settings["seconds"], ema=settings["average"])
    history = learn.fit(network, batches, loss, how)
    speed = history[-1]["step"] * settings["batch"] / (perf_counter() - start)
    scores = learn.evaluate(network, shared["test"]) | {"loss": history[-1]["loss"]} | shared["baselines"]
    figures = {name: f"{scores[name]:.5f}" if name in scores else "" for name in (*SCORES, *shared["baselines"])}
    figures |= {"rate": rate, "pictures_per_second": f"{speed:.1f}", "steps": history[-1]["step"]}
    return figures | {"latency_ms": f"{latency.latencies((run['network'],))[run['network']]:.3f}"}


def trial(run: dict, shared: dict, settings: dict, rate: float) -> float:
    """The mean loss in the second half of a short training at this rate."""
    network, loss = fresh(run)
    batches = pictures(run, shared, settings, settings["trial_steps"])
    return learn.fit(network, batches, loss, learn.Settings(lr=rate, reports=2))[-1]["loss"]


def fresh(run: dict) -> tuple[torch.nn.Module, learn.Criterion]:
    """The network with the weights of its seed, and the loss of the heads that it has."""
    torch.manual_seed(run["seed"])
    network = models.build(run["network"])
    heads = models.heads(network)
    return network, learn.Criterion({head: terms for head, terms in LOSSES.items() if head in heads})


def pictures(run: dict, shared: dict, settings: dict, steps: int):
    """Batches of fresh pictures, none twice, in an order that the seed decides."""
    rows = data.free(shared["bank"], steps * settings["batch"], run["seed"])
    return data.loader(data.Scenes(shared["bank"], rows, settings["difficulty"]), settings["batch"])
