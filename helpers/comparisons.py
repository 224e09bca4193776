"""What the long studies compare, as data, and how one run of each is done. `python -m helpers study NAME` runs them.

Every table says beside each figure what the baselines score on the same pictures. Within a study everything but the
compared setting is the same; a seed decides the first weights and the order of the pictures, nothing else.
"""

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np
import torch
from torch.utils.data import Dataset

from . import bench, data, learn, models, photographs, train
from .base import ROOT, write_whole
from .data.frozen import frozen_set
from .data.scenes import Samples
from .study import Study, missing_runs, read_table, run_study

BASELINES = ("baseline_mask_iou", "baseline_depth_rmse_m")
SCORES = ("mask_iou", "depth_rmse_m", "abs_rel", "person_rmse_m")
BOTH_HEADS = {"mask": {"bce": 1, "dice": 1}, "depth": {"l1": 4, "rmse": 2}}
SEEDS = (0, 1, 2)

# Pictures that stay in memory for several epochs: which loss, which learning rate, is augmentation worth it?
MUSEUM = {"network": "roomnet_first", "size": 64, "mixture": "museum", "difficulty": "camera", "batch": 16}
MUSEUM |= {"data_seed": 0, "unseen": 512}
LOSSES = MUSEUM | {"rooms": 300, "people": 300, "fractions": [0.8, 0.0, 0.2], "pictures": 4096, "epochs": 5}
LOSSES |= {"optimizer": "AdamW", "lr": 3e-3, "schedule": "one cycle"}  # 68 to 91 seconds a run on one core
RATES = MUSEUM | {"rooms": 160, "people": 160, "fractions": [0.625, 0.0, 0.375], "pictures": 2560, "epochs": 1}
RATES |= {"combination": "BCE + Dice, RMSE", "optimizer": "sgd"}  # about ten seconds a run
AUGMENT = RATES | {"pictures": 1024, "epochs": 10, "lr": 0.1, "schedule": "one cycle"}  # about 40 seconds a run
SIDES = {"seen": "seen", "unseen": "test"}  # "seen": other pictures of the rooms and people of the training
AUGMENTATIONS = {"none": [], "augmented": ["flip", ["scale_crop", 0.3], "light", "drift"]}
CURVES = {"curve_steps": "step", "curve_iou": "mask_iou", "curve_rmse_m": "depth_rmse_m", "curve_loss": "loss"}

# Pictures that are composed as they are needed, none twice: how many identities, and which network?
IDENTITIES = {"network": "roomnet", "size": 64, "pictures": 16_384, "unseen": 1024, "batch": 16, "average": 0.99}
IDENTITIES |= {"difficulty": "camera", "optimizer": "muon", "lr": 0.02, "loss": BOTH_HEADS}  # about 75 seconds a run
COUNTS = (10, 30, 100, 300, 1000, 3000)
RACE = {"seconds": 300, "size": 96, "rooms": 1000, "people": 1000, "mixture": "museum", "difficulty": "camera"}
RACE |= {"batch": 16, "schedule": "one cycle", "average": 0.99, "threads": 1, "trial_steps": 80}
RACE |= {"rates": (1e-3, 3e-3, 1e-2), "losses": BOTH_HEADS}  # each network gets the rate that a short trial prefers
LEADERBOARD = RACE | {"seconds": 180, "trial_steps": 24, "test": "museum-test-v1", "pictures": 500}
MARKS = ("<!-- leaderboard -->\n", "<!-- /leaderboard -->\n")  # of its place in the README
LONGEST = 4  # who is behind a baseline gets twice and four times as long, with the first seed
NETWORKS = {  # of the leaderboard, with the source document that each comes from
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

# RoomNet with one idea taken away at a time: (what it is built without, what its recipe is trained without).
DESIGN = {"processor_seconds": 120, "average": 0.99}  # of one core: a costly idea gets fewer steps
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
TIMED_BATCHES = 24  # to know how many a variant can afford


class KeptPictures(Dataset):
    """Pictures that were composed once and stay in memory; with `entries`, augmented anew in each of `epochs`."""

    def __init__(self, batch: dict[str, torch.Tensor], epochs: int = 1, entries: list | tuple = ()) -> None:
        self.batch, self.epochs, self.count = batch, epochs, len(batch["image"])
        self.augment = data.Augment(list(entries)) if entries else None

    def __len__(self) -> int:
        return self.count * self.epochs

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """One sample; index // count is its epoch."""
        epoch, picture = divmod(index, self.count)
        sample = {name: values[picture] for name, values in self.batch.items()}
        if self.augment is None:
            return sample
        self.augment.epoch = epoch
        return self.augment(sample)

    def __getitems__(self, indices: list[int]) -> list[dict[str, torch.Tensor]]:
        """These samples, as one batch already where nothing is augmented."""
        if self.augment:
            return [self[index] for index in indices]
        samples, places = Samples(map(self.__getitem__, indices)), [index % self.count for index in indices]
        samples.batch = {name: values[places] for name, values in self.batch.items()}
        return samples


def losses_study() -> Study:
    """Which loss? Every combination of the table, scored on rooms and people that no run has seen."""
    scores = ("mask_iou", "boundary_iou", "depth_rmse_m", "depth_rmse_01", "abs_rel", "delta1", "person_rmse_m", "loss")

    def settings(run: dict) -> dict:
        return LOSSES | {"weights": learn.COMBINATIONS[run["combination"]]}

    def work(run: dict, sides: dict) -> dict:
        test = data.loader(sides["test"], 64)
        history = train_in_memory(run, settings(run) | {"entries": []}, sides, valid=test, reports=5)[1]
        curves = {name: " ".join(f"{np.round(row[of], 5):g}" for row in history) for name, of in CURVES.items()}
        return as_text(history[-1], scores) | curves | sides["baselines"] | {"steps": history[-1]["step"]}

    runs = [{"combination": name, "seed": seed} for seed in SEEDS for name in learn.COMBINATIONS]
    columns = (*scores, *CURVES, *BASELINES)
    return Study("losses", ("combination",), columns, runs, settings, lambda: pictures_in_memory(LOSSES), work)


def rates_study() -> Study:
    """Which learning rate? Each of seven, constant and as the peak of one cycle."""
    scores = (*SCORES, "loss")

    def settings(run: dict) -> dict:
        return RATES | {"weights": learn.COMBINATIONS[RATES["combination"]]}

    def work(run: dict, sides: dict) -> dict:
        how = settings(run) | {"lr": run["rate"], "schedule": run["schedule"], "entries": []}
        network, history = train_in_memory(run, how, sides, reports=8)  # the loss is that of the last eighth
        found = learn.evaluate(network, data.loader(sides["test"], 64)) | {"loss": history[-1]["loss"]}
        return as_text(found, scores) | sides["baselines"] | {"steps": history[-1]["step"]}

    grid = [(shape, rate) for shape in ("constant", "one cycle") for rate in (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)]
    runs = [{"schedule": shape, "rate": rate, "seed": seed} for seed in SEEDS for shape, rate in grid]
    keys, columns = ("schedule", "rate"), (*scores, *BASELINES)
    return Study("rates", keys, columns, runs, settings, lambda: pictures_in_memory(RATES), work)


def augment_study() -> Study:
    """Does augmentation help? Scored on rooms and people that were trained on, and on others."""
    columns = {f"{name}_{score}": (side, score) for name, side in SIDES.items() for score in SCORES[:3]}

    def settings(run: dict) -> dict:
        weights = learn.COMBINATIONS[AUGMENT["combination"]]
        return AUGMENT | {"weights": weights, "entries": AUGMENTATIONS[run["augmentation"]]}

    def work(run: dict, sides: dict) -> dict:
        network, history = train_in_memory(run, settings(run), sides, reports=AUGMENT["epochs"])
        found = {side: learn.evaluate(network, data.loader(sides[side], 64)) for side in SIDES.values()}
        scores = {name: f"{found[side][score]:.5f}" for name, (side, score) in columns.items()}
        return scores | {"loss": f"{history[-1]['loss']:.5f}", "steps": history[-1]["step"]}

    runs = [{"augmentation": name, "seed": seed} for seed in SEEDS for name in AUGMENTATIONS]
    prepare = partial(pictures_in_memory, AUGMENT)
    return Study("augment", ("augmentation",), (*columns, "loss"), runs, settings, prepare, work)


def pictures_in_memory(settings: dict) -> dict:
    """{"train", "seen", "test": KeptPictures, "baselines": of `test`}; "seen" are other pictures of the trained."""
    bank = data.Bank.draw(settings["rooms"], settings["people"], settings["size"], mixture=settings["mixture"])
    sides, first = data.split(bank, settings["fractions"], settings["data_seed"]), settings["data_seed"]
    kept = {}
    for name, side, count, seed in (
        ("train", "train", settings["pictures"], first),
        ("seen", "train", settings["unseen"], first + 1),
        ("test", "test", settings["unseen"], first),
    ):
        rows = data.random_rows(bank, count, seed, rooms=sides[side][0], things=sides[side][1])
        kept[name] = KeptPictures(data.compose(bank, rows, settings["difficulty"]))
    train, test = (data.loader(kept[name], 64) for name in ("train", "test"))
    return kept | {"baselines": baselines_as_text(train, test)}


def train_in_memory(run: dict, how: dict, sides: dict, valid=None, reports: int = 1) -> tuple:
    """(network, history) of one training on pictures in memory; `entries` augment them anew in every epoch."""
    torch.manual_seed(run["seed"])
    network, loss, epochs = models.build(how["network"]), learn.Criterion(how["weights"]), how["epochs"]
    pictures = sides["train"]
    if "augmentation" in run:
        pictures, epochs = KeptPictures(pictures.batch, epochs, how["entries"]), 1
    batches = data.loader(pictures, how["batch"], shuffle=True, seed=run["seed"])
    settings = learn.Settings(
        epochs=epochs,
        lr=how["lr"],
        optimizer=how["optimizer"].lower(),
        schedule=how["schedule"],
        valid=valid,
        reports=reports,
    )
    return network, learn.fit(network, batches, loss, settings)


def identities_study() -> Study:
    """How many rooms and people must a network have seen? As many pictures in every run, of ever more of them."""
    most = COUNTS[-1]

    def prepare() -> dict:
        bank, other = (data.Bank.draw(count, count, IDENTITIES["size"], s) for count, s in ((most, 21), (200, 22)))
        test = data.Scenes(other, data.random_rows(other, IDENTITIES["unseen"], 0), IDENTITIES["difficulty"])
        test = data.loader(test, 64)
        return {"bank": bank, "test": test, "baselines": baselines_as_text(test, test)}

    def work(run: dict, shared: dict) -> dict:
        seen = {"rooms": range(run["rooms"]), "things": range(run["people"])}
        rows = data.random_rows(shared["bank"], IDENTITIES["pictures"], run["seed"], **seen)
        batches = data.loader(data.Scenes(shared["bank"], rows, IDENTITIES["difficulty"]), IDENTITIES["batch"])
        torch.manual_seed(run["seed"])
        network, loss = models.build(IDENTITIES["network"]), learn.Criterion(IDENTITIES["loss"])
        how = learn.Settings(lr=IDENTITIES["lr"], optimizer=IDENTITIES["optimizer"], ema=IDENTITIES["average"])
        history = learn.fit(network, batches, loss, how)
        scores = learn.evaluate(network, shared["test"]) | {"loss": history[-1]["loss"]}
        return as_text(scores, (*SCORES, "loss")) | shared["baselines"] | {"steps": history[-1]["step"]}

    pairs = [(count, most) for count in COUNTS] + [(most, count) for count in COUNTS] + [(c, c) for c in COUNTS]
    pairs = list(dict.fromkeys(pairs))  # (most, most) is in all three
    runs = [{"rooms": rooms, "people": people, "seed": seed} for seed in SEEDS for rooms, people in pairs]
    columns = (*SCORES, "loss", *BASELINES)
    return Study("identities", ("rooms", "people"), columns, runs, lambda run: IDENTITIES, prepare, work)


def race_study() -> Study:
    """Who learns most in five minutes? No more workers than idle cores: the clock referees."""

    def prepare() -> dict:
        other = data.Bank.draw(200, 200, RACE["size"], 24, RACE["mixture"])
        return race_sides(data.loader(data.Scenes(other, data.random_rows(other, 1000, 0), RACE["difficulty"]), 50))

    columns = (*SCORES, "loss", "rate", "pictures_per_second", "latency_ms", *BASELINES)
    runs = [{"network": name, "seed": seed} for seed in SEEDS for name in bench.RACERS]
    return Study(
        name="race",
        keys=("network",),
        figures=columns,
        runs=runs,
        settings=lambda run: RACE,
        prepare=prepare,
        work=lambda run, shared: race_one(run, shared, RACE, columns),
    )


def leaderboard_study() -> Study:
    """Every network of the source documents, the library's and ours; longer for those who have learnt nothing yet."""
    path = ROOT / "artifacts" / "leaderboard.csv"
    rows = read_table(path) if path.is_file() else []

    def prepare() -> dict:
        scenes = frozen_set(LEADERBOARD["test"])
        first = data.Scenes(scenes.bank, scenes.rows[: LEADERBOARD["pictures"]], scenes.difficulty)
        return race_sides(data.loader(first, 50))

    def work(run: dict, shared: dict) -> dict:
        known = read_table(path) if path.is_file() else []  # a rate found with another seed or budget is used again
        rate = next((row["rate"] for row in known if row["network"] == run["network"]), None)
        settings = LEADERBOARD | {"seconds": run["budget_s"]}
        peak = bench.training_memory_mb(run["network"], settings["batch"], settings["size"])
        return race_one(run, shared, settings, columns, rate) | {"peak_memory_mb": f"{peak:.0f}"}

    runs = [(name, LEADERBOARD["seconds"], seed) for seed in SEEDS for name in NETWORKS] + longer_runs(rows)
    keys = ("network", "row", "budget_s")
    columns = ("parameters", "peak_memory_mb", "pictures_per_second", *SCORES[:3], "latency_ms", "rate", *BASELINES)
    return Study(
        name="leaderboard",
        keys=keys,
        figures=columns,
        runs=[dict(zip((*keys, "seed"), (name, NETWORKS[name], budget, seed))) for name, budget, seed in runs],
        settings=lambda run: LEADERBOARD | {"seconds": run["budget_s"]},
        prepare=prepare,
        work=work,
        home=path.parent,
    )


def race_sides(test) -> dict:
    """{"bank": who is trained on, "test": pictures of others, "baselines": their figures}."""
    bank = data.Bank.draw(RACE["rooms"], RACE["people"], RACE["size"], 23, RACE["mixture"])
    return {"bank": bank, "test": test, "baselines": baselines_as_text(test, test)}


def race_one(run: dict, shared: dict, settings: dict, columns: tuple, rate: float | None = None) -> dict:
    """Figures after the same time for everybody; the search for a learning rate is not counted."""
    torch.set_num_threads(settings["threads"])

    def train_for(steps: int, **how) -> tuple:
        torch.manual_seed(run["seed"])
        network = models.build(run["network"])
        heads = models.heads(network)
        loss = learn.Criterion({head: terms for head, terms in settings["losses"].items() if head in heads})
        rows = data.random_rows(shared["bank"], steps * settings["batch"], run["seed"])  # none twice
        batches = data.loader(data.Scenes(shared["bank"], rows, settings["difficulty"]), settings["batch"])
        return network, learn.fit(network, batches, loss, learn.Settings(**how))

    def trial(rate: float) -> float:  # the mean loss in the second half of a short training
        return train_for(settings["trial_steps"], lr=rate, reports=2)[1][-1]["loss"]

    rate = rate or min(settings["rates"], key=trial)
    start = perf_counter()
    steps = 100 * settings["seconds"]  # more than any network does in that time
    network, history = train_for(steps, lr=rate, seconds=settings["seconds"], ema=settings["average"])
    speed = history[-1]["step"] * settings["batch"] / (perf_counter() - start)
    found = as_text(learn.evaluate(network, shared["test"]) | {"loss": history[-1]["loss"]}, (*SCORES, "loss"))
    found |= shared["baselines"] | {"parameters": models.count_parameters(network), "rate": rate}
    found |= {
        "pictures_per_second": f"{speed:.1f}",
        "latency_ms": f"{bench.latencies_ms((run['network'],))[run['network']]:.3f}",
    }
    return {name: found[name] for name in columns if name in found} | {"steps": history[-1]["step"]}


def longer_runs(rows: list[dict]) -> list[tuple[str, int, int]]:
    """(network, budget, first seed) of the longer runs: of each network whose longest left it behind a baseline."""
    wanted, seconds = [], LEADERBOARD["seconds"]
    for name in dict.fromkeys(row["network"] for row in rows):
        own = [row for row in rows if row["network"] == name and row["seed"] == SEEDS[0]]
        budgets = sorted(int(row["budget_s"]) for row in own)
        wanted += [(name, budget, SEEDS[0]) for budget in budgets if budget > seconds]
        last = [row for row in own if row["budget_s"] == budgets[-1]] if budgets else []
        if behind_baseline(last) and 2 * budgets[-1] <= LONGEST * seconds:
            wanted.append((name, 2 * budgets[-1], SEEDS[0]))
    return wanted


def behind_baseline(rows: list[dict]) -> str:
    """What of mask and depth, by the medians of a network's rows, is not better than needs no training: or ""."""
    wanting = []
    for head, column, sign in (("mask", "mask_iou", 1), ("depth", "depth_rmse_m", -1)):
        found = [row[column] - row[f"baseline_{column}"] for row in rows if row[column] != ""]
        wanting += [head] if found and sign * median(found) <= 0 else []
    return " and ".join(wanting)


def time_to_learn(rows: list[dict]) -> dict[str, str]:
    """What is to be said of networks that fall behind a baseline in the common budget, and how long they need."""
    common, told = min(row["budget_s"] for row in rows), {}
    for name in dict.fromkeys(row["network"] for row in rows):
        own = [row for row in rows if row["network"] == name]
        behind = behind_baseline([row for row in own if row["budget_s"] == common])
        if not behind:
            continue
        enough = [row["budget_s"] for row in own if row["budget_s"] > common and not behind_baseline([row])]
        minutes = min(enough or [max(row["budget_s"] for row in own)]) / 60
        told[name] = f"{behind} after {minutes:.0f} minutes" if enough else f"no {behind} in {minutes:.0f} minutes"
    return told


def publish_leaderboard(workers: int = 1) -> None:
    """Does the missing runs, longer ones too for those who learn nothing; then picture, README and the screen."""
    while missing_runs(leaderboard_study()):  # a network that has learnt nothing asks for more time
        run_study(leaderboard_study, workers)
    report_leaderboard(read_table(leaderboard_study().home / "leaderboard.csv"))


def report_leaderboard(rows: list[dict], page: Path = ROOT / "README.md", picture: Path | None = None) -> None:
    """The picture, the table between its two marks in the README, and the same on the screen."""
    from .show import png, studies  # here, because matplotlib takes a second to import

    text, (start, end) = studies.leaderboard_markdown(rows, time_to_learn(rows)), MARKS
    before, mark, rest = page.read_text(encoding="utf-8").partition(start)
    if not mark or end not in rest:
        raise ValueError(f"{page.name} has no place for the leaderboard: {start.strip()} and {end.strip()}.")
    write_whole(picture or ROOT / "artifacts" / "leaderboard.png", png(studies.plot_leaderboard(rows)))
    write_whole(page, (before + start + text + end + rest.split(end, 1)[1]).encode())
    print(text)


def design_study() -> Study:
    """What is each idea in RoomNet worth? The whole network, and one idea taken away, at equal processor time."""
    recipe = train.RECIPES["roomnet"]

    def settings(run: dict) -> dict:
        other = ("batches", "seconds", "seed", "props", "objects", "flip")  # decide nothing here
        kept = {name: value for name, value in asdict(recipe).items() if name not in other}
        return DESIGN | {"recipe": kept | {"average": None}, "without": VARIANTS[run["variant"]]}

    def work(run: dict, sides: dict) -> dict:
        options, changes = VARIANTS[run["variant"]]
        own = replace(recipe, **({"average": DESIGN["average"], "seed": run["seed"]} | changes))

        def train_for(steps: int, ema: float | None) -> models.RoomNet:
            torch.manual_seed(run["seed"])
            network = models.RoomNet(**options)
            batches = train.recipe_batches(replace(own, batches=steps), workers=0)
            how = learn.Settings(lr=own.lr, optimizer=own.optimizer, ema=ema)
            learn.fit(network, batches, learn.Criterion(own.loss), how)
            return network

        train_for(TIMED_BATCHES, None)  # once to warm up: cut-outs are made ready as they are needed
        start = process_time()
        train_for(TIMED_BATCHES, None)
        seconds = (process_time() - start) / TIMED_BATCHES
        steps = max(TIMED_BATCHES, int(DESIGN["processor_seconds"] / seconds))
        network = train_for(steps, own.average)
        museum, broad = (learn.evaluate(network, side) for side in sides.values())
        scores = museum | {"museum_iou": museum["mask_iou"], "broad_iou": broad["mask_iou"]}
        for name, shaken in (("photos_aligned_iou", False), ("photos_shaken_iou", True)):
            counts = photographs.pixel_counts(network, photographs.photo_pairs(shaken))
            scores[name] = photographs.total_iou(counts)
        found = as_text(scores, tuple(name for name in columns if name != "parameters"))
        return found | {"parameters": models.count_parameters(network), "steps": steps}

    columns = ("museum_iou", "broad_iou", "depth_rmse_m", "abs_rel", "person_rmse_m")
    columns = (*columns, "parameters", "photos_aligned_iou", "photos_shaken_iou")
    runs = [{"variant": name, "seed": seed} for seed in SEEDS for name in VARIANTS]
    return Study("design", ("variant",), columns, runs, settings, train.validation_sides, work)


def baselines_as_text(train_side, test_side) -> dict[str, str]:
    """What subtraction and the mean depth map, fitted to one side, score on the other: as the tables hold it."""
    scores = learn.baselines(test_side, fit_on=train_side)
    return {name: f"{scores[name.removeprefix('baseline_')]:.5f}" for name in BASELINES}


def as_text(scores: dict[str, float], names: tuple[str, ...]) -> dict[str, str]:
    """The scores as the tables hold them; empty where the network has no such head."""
    return {name: f"{scores[name]:.5f}" if name in scores else "" for name in names}


STUDIES = {
    "losses": losses_study,
    "rates": rates_study,
    "augment": augment_study,
    "design": design_study,
    "identities": identities_study,
    "race": race_study,
    "leaderboard": leaderboard_study,
}
