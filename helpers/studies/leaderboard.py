"""Every network of the seeds, the library's and ours: the same pictures, core and wall time, three seeds each."""

from pathlib import Path
from statistics import median
from time import perf_counter

import torch

from .. import data, latency, learn, memory, models
from ..base import ROOT
from ..data.frozen import frozen
from ..study import Study
from . import race
from .table import read

NETWORKS = {  # network: the seed that it comes from
    "roomnet": "ours",
    "percamera": "A, with our head",
    "tiny_percamera": "A",
    "shared_unet": "B",
    "dsresnet": "C",
    "masknet": "D",
    "depthnet": "D",
    "two_encoders": "E",
    "smp_unet": "library",
}
SETTINGS = race.SETTINGS | {"seconds": 180, "trial_steps": 24, "test": "museum-test-v1", "pictures": 500}
SEEDS, LONGEST = (0, 1, 2), 4  # who learns nothing gets twice and four times as long, with the first seed
HOME = ROOT / "artifacts"
SCORES = ("mask_iou", "depth_rmse_m", "abs_rel")
BASELINES = ("baseline_mask_iou", "baseline_depth_rmse_m")


def study(settings: dict = SETTINGS, networks: dict = NETWORKS, seeds=SEEDS, home: Path = HOME) -> Study:
    """Every network with the first seed, then with the next; then longer for those who have learnt nothing yet."""
    runs = [(name, settings["seconds"], seed) for seed in seeds for name in networks]
    path = home / "leaderboard.csv"
    runs += longer(read(path) if path.is_file() else [], settings["seconds"], seeds)
    return Study(
        name="leaderboard",
        keys=("network", "row", "budget_s"),
        figures=("parameters", "peak_memory_mb", "pictures_per_second", *SCORES, "latency_ms", "rate", *BASELINES),
        runs=[
            {"network": name, "row": networks[name], "budget_s": budget, "seed": seed} for name, budget, seed in runs
        ],
        settings=lambda run: settings | {"seconds": run["budget_s"], "rates": race.RATES, "losses": race.LOSSES},
        prepare=lambda: sides(settings),
        work=lambda run, shared: one_run(run, shared, settings, path),
        home=home,
    )


def longer(rows: list[dict], seconds: int, seeds) -> list[tuple[str, int, int]]:
    """(network, budget, first seed) of the longer runs: of each network whose longest left it behind a baseline."""
    wanted = []
    for name in dict.fromkeys(row["network"] for row in rows):
        own = [row for row in rows if row["network"] == name and row["seed"] == seeds[0]]
        budgets = sorted(int(row["budget_s"]) for row in own)
        wanted += [(name, budget, seeds[0]) for budget in budgets if budget > seconds]
        last = [row for row in own if row["budget_s"] == budgets[-1]] if budgets else []
        if behind(last) and 2 * budgets[-1] <= LONGEST * seconds:
            wanted.append((name, 2 * budgets[-1], seeds[0]))
    return wanted


def behind(rows: list[dict]) -> str:
    """What of mask and depth, by the medians of a network's rows, is not better than needs no training: or ''."""
    wanting = []
    for head, column, sign in (("mask", "mask_iou", 1), ("depth", "depth_rmse_m", -1)):
        found = [row[column] - row[f"baseline_{column}"] for row in rows if row[column] != ""]
        wanting += [head] if found and sign * median(found) <= 0 else []
    return " and ".join(wanting)


def sides(settings: dict) -> dict:
    """{"bank": who is trained on, "test": the first pictures of the frozen set, "baselines": their figures}."""
    bank = data.Bank.draw(
        settings["rooms"], settings["people"], settings["size"], race.BANKS["train"], settings["mixture"]
    )
    scenes = frozen(settings["test"])
    test = data.loader(data.Scenes(scenes.bank, scenes.rows[: settings["pictures"]], scenes.difficulty), 50)
    return {"bank": bank, "test": test, "baselines": race.baselines(test)}


def one_run(run: dict, shared: dict, settings: dict, path: Path) -> dict:
    """Figures on unseen rooms and people after the budget; the search for a rate is not counted."""
    torch.set_num_threads(settings["threads"])
    rate = known_rate(run, path) or min(race.RATES, key=lambda rate: race.trial(run, shared, settings, rate))
    network, loss = race.fresh(run)
    start = perf_counter()
    batches = race.pictures(run, shared, settings, steps=150 * run["budget_s"])
    how = learn.Settings(lr=rate, seconds=run["budget_s"], ema=settings["average"])
    steps = learn.fit(network, batches, loss, how)[-1]["step"]
    speed = steps * settings["batch"] / (perf_counter() - start)
    scores = learn.evaluate(network, shared["test"]) | shared["baselines"]
    figures = {name: f"{scores[name]:.5f}" if name in scores else "" for name in (*SCORES, *BASELINES)}
    figures |= {"parameters": models.count_parameters(network), "rate": rate, "steps": steps}
    figures |= {"peak_memory_mb": f"{memory.training_mb(run['network'], settings['batch'], settings['size']):.0f}"}
    figures |= {"pictures_per_second": f"{speed:.1f}"}
    return figures | {"latency_ms": f"{latency.latencies((run['network'],))[run['network']]:.3f}"}


def known_rate(run: dict, path: Path) -> float | None:
    """The learning rate that was found with another seed or budget, if that run is in the table."""
    rows = read(path) if path.is_file() else []
    return next((row["rate"] for row in rows if row["network"] == run["network"]), None)
