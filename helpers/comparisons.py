"""What the long studies compare, as data, and how one run of each is done. `python -m helpers study NAME` runs them.

Every table says beside each figure what the baselines score on the same pictures. Within a study everything but the
compared setting is the same; a seed decides the first weights and the order of the pictures, nothing else.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from time import process_time

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, StackDataset

from . import bench, data, learn, models, photographs, train
from .base import ROOT, write_whole
from .data.frozen import frozen_set
from .study import Study, read_table, run_study

BASELINES = ("baseline_mask_iou", "baseline_depth_rmse_m")
SCORES = ("mask_iou", "depth_rmse_m", "abs_rel", "person_rmse_m")
BOTH_HEADS = {"mask": {"bce": 1, "dice": 1}, "depth": {"l1": 4, "rmse": 2}}
SEEDS = (0, 1, 2)

# Pictures that stay in memory for several epochs: which loss, which learning rate, is augmentation worth it?
MUSEUM = {"network": "roomnet", "size": 64, "mixture": "museum", "difficulty": "camera", "batch": 16}
MUSEUM |= {"data_seed": 0, "unseen": 512}
LOSSES = MUSEUM | {"rooms": 300, "people": 300, "fractions": [0.8, 0.0, 0.2], "pictures": 2048, "epochs": 3}
LOSSES |= {"optimizer": "AdamW", "lr": 3e-3, "schedule": "one cycle"}
WEIGHED = {}  # the combination of the rates again, with less and with more weight on depth than 2
for times in (0.25, 16.0):
    WEIGHED[f"BCE + Dice, {times:g} x RMSE"] = {"mask": {"bce": 1.0, "dice": 1.0}, "depth": {"rmse": times}}
COMBINED = learn.COMBINATIONS | WEIGHED
RATES = MUSEUM | {"rooms": 160, "people": 160, "fractions": [0.625, 0.0, 0.375], "pictures": 2560, "epochs": 1}
RATES |= {"combination": "BCE + Dice, RMSE", "optimizer": "sgd"}
AUGMENT = RATES | {"pictures": 1024, "epochs": 10, "lr": 0.1, "schedule": "one cycle"}
AUGMENTATIONS = {"none": [], "augmented": ["flip", ["scale_crop", 0.3], "light", "drift"]}
CURVES = {"curve_steps": "step", "curve_iou": "mask_iou", "curve_rmse_m": "depth_rmse_m", "curve_loss": "loss"}

# Pictures that are composed as they are needed, none twice: how many identities, and which network?
IDENTITIES = {"network": "roomnet", "size": 64, "pictures": 8192, "unseen": 1024, "batch": 16, "average": 0.99}
IDENTITIES |= {"difficulty": "camera", "optimizer": "muon", "lr": 0.02, "loss": BOTH_HEADS}
COUNTS = (10, 30, 100, 300, 1000, 3000)
RACE = {"seconds": 300, "size": 96, "rooms": 1000, "people": 1000, "mixture": "museum", "difficulty": "camera"}
RACE |= {"batch": 16, "schedule": "one cycle", "average": 0.99, "threads": 1, "trial_steps": 80}
RACE |= {"rates": (1e-3, 3e-3, 1e-2), "losses": BOTH_HEADS}  # each network gets the rate that a short trial prefers
LEADERBOARD = RACE | {"seconds": 180, "trial_steps": 24, "test": "museum-test-v2", "pictures": 500}
MARKS = ("<!-- leaderboard -->\n", "<!-- /leaderboard -->\n")  # of its place in the README
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
LONGER = {"shared_unet": 360, "tiny_percamera": 360}  # seconds, with the first seed: they were behind a baseline
BOARD = ROOT / "artifacts" / "leaderboard.csv"

# RoomNet with one idea taken away at a time: (what it is built without, what its recipe is trained without).
DESIGN = {"processor_seconds": 120, "average": 0.99}  # of one core: a costly idea gets fewer steps
FEWER = tuple(  # a quarter of the rooms and things, and small pictures alone: two minutes see no more of them
    replace(part, rooms=part.rooms // 4, things=part.things // 4, pieces=part.pieces // 4)
    for part in train.PARTS
    if part not in train.WIDER
)
ALONE = {"align": False, "camera": False, "difference": False, "guide": False}
VARIANTS = {  # the first four are stages: each has one idea more, and the fourth lacks the last one alone
    "encoder and decoder": (ALONE, {}),
    "+ difference": (ALONE | {"difference": True}, {}),
    "+ aligning": ({"camera": False, "guide": False}, {}),
    "+ camera maps": ({"guide": False}, {}),
    "all of it": ({}, {}),
    "not aligned": ({"align": False}, {}),
    "no camera maps": ({"camera": False}, {}),
    "no difference": ({"difference": False, "detail": 0}, {}),
    "no sharp end": ({"detail": 0}, {}),
    "no coordinates": ({"coordinates": False}, {}),
    "no pool": ({"pool": False}, {}),
    "no wide view": ({"wide": False}, {}),
    "depth, not its inverse": ({"inverse": False}, {}),
    "AdamW, not Muon": ({}, {"optimizer": "adamw", "lr": 3e-3}),
    "weights not averaged": ({}, {"average": None}),
}
# ... and trained without one family of changes, or without one kind of picture: what `study world` asks.
FAMILIES = ("shadow", "mirror", "moment", "patch", "sway", "tone", "auto", "packed", "weather")
WORLDS = {"the whole world": {}} | {f"no {name}": {"without": (name,)} for name in FAMILIES}
KINDS = {
    "shapes": ("shape",),
    "creatures": ("creature",),
    "props": ("prop",),
    "clutter": ("clutter",),
    "clutter of nature": tuple(f"clutter {name}" for name in ("ground foliage forest heaven mist country".split())),
    "clutter of houses": tuple(f"clutter {name}" for name in ("tunnel facade skyline shelf_scene fence".split())),
    "clutter of cloth and light": tuple(f"clutter {name}" for name in ("drapes lamps bokeh melted culture".split())),
    "clutter of paper": tuple(f"clutter {name}" for name in ("page album view crowd".split())),
}
WORLDS |= {f"no {name}": {"absent": kinds} for name, kinds in KINDS.items()}
WORLDS["no pieces"] = {"parts": tuple(replace(part, pieces=0) for part in FEWER)}
CAMERAS = {f"{share:.0%} of the cameras known": ({}, {"known": share}) for share in (0.0, 0.5, 1.0)}
TIMED_STEPS = 16  # to know how many a network can afford


def losses_study() -> Study:
    """Which loss? Every combination of the table, scored on rooms and people that no run has seen."""
    scores = ("mask_iou", "boundary_iou", "depth_rmse_m", "depth_rmse_01", "abs_rel", "delta1", "person_rmse_m", "loss")
    return Study(
        name="losses",
        figures=(*scores, *CURVES, *BASELINES),
        runs=[{"combination": name, "seed": seed} for seed in SEEDS for name in COMBINED],
        settings=lambda run: LOSSES | {"weights": COMBINED[run["combination"]]},
        prepare=lambda: pictures_in_memory(LOSSES),
        work=partial(train_in_memory, reports=6, watched=True),
    )


def rates_study() -> Study:
    """Which learning rate? Each of seven, constant and as the peak of one cycle."""
    grid = [(shape, rate) for shape in ("constant", "one cycle") for rate in (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)]

    def work(run: dict, settings: dict, sides: dict) -> dict:
        settings = settings | {"lr": run["rate"], "schedule": run["schedule"]}
        return train_in_memory(run, settings, sides, reports=8)  # the loss is that of the last eighth

    return Study(
        name="rates",
        figures=(*SCORES, "loss", *BASELINES),
        runs=[{"schedule": shape, "rate": rate, "seed": seed} for seed in SEEDS for shape, rate in grid],
        settings=lambda run: RATES | {"weights": learn.COMBINATIONS[RATES["combination"]]},
        prepare=lambda: pictures_in_memory(RATES),
        work=work,
    )


def augment_study() -> Study:
    """Does augmentation help? Scored on rooms and people that were trained on, and on others."""
    weights = learn.COMBINATIONS[AUGMENT["combination"]]
    return Study(
        name="augment",
        figures=(*(f"{side}_{score}" for side in ("seen", "unseen") for score in SCORES[:3]), "loss"),
        runs=[{"augmentation": name, "seed": seed} for seed in SEEDS for name in AUGMENTATIONS],
        settings=lambda run: AUGMENT | {"weights": weights, "entries": AUGMENTATIONS[run["augmentation"]]},
        prepare=lambda: pictures_in_memory(AUGMENT),
        work=partial(train_in_memory, reports=AUGMENT["epochs"], scored={"seen_": "seen", "unseen_": "test"}),
    )


def identities_study() -> Study:
    """How many rooms and people must a network have seen? As many pictures in every run, of ever more of them."""
    most = COUNTS[-1]
    pairs = [(count, most) for count in COUNTS] + [(most, count) for count in COUNTS] + [(c, c) for c in COUNTS]
    pairs = list(dict.fromkeys(pairs))  # (most, most) is in all three

    def work(run: dict, settings: dict, shared: dict) -> dict:
        seen = {"rooms": range(run["rooms"]), "things": range(run["people"])}
        batches = composed(shared["bank"], settings, settings["pictures"], run["seed"], **seen)
        how = {"lr": settings["lr"], "optimizer": settings["optimizer"], "ema": settings["average"]}
        build = partial(models.build, settings["network"])
        network, found = train_afresh(build, run["seed"], settings["loss"], batches, **how)
        return found | learn.evaluate(network, shared["test"]) | shared["baselines"]

    return Study(
        name="identities",
        figures=(*SCORES, "loss", *BASELINES),
        runs=[{"rooms": rooms, "people": people, "seed": seed} for seed in SEEDS for rooms, people in pairs],
        settings=lambda run: IDENTITIES,
        prepare=lambda: bank_and_test(most, IDENTITIES, 21, strangers(IDENTITIES, 22, 64)),
        work=work,
    )


def race_study() -> Study:
    """Who learns most in five minutes of one core?"""
    return Study(
        name="race",
        figures=(*SCORES, "loss", "rate", "pictures_per_second", "latency_ms", *BASELINES),
        runs=[{"network": name, "seed": seed} for seed in SEEDS for name in bench.RACERS],
        settings=lambda run: RACE,
        prepare=lambda: bank_and_test(RACE["rooms"], RACE, 23, strangers(RACE, 24, 50)),
        work=race_one,
    )


def leaderboard_study() -> Study:
    """Every network of the source documents, the library's and ours; longer for those who have learnt nothing yet."""

    def prepare() -> dict:
        scenes = frozen_set(LEADERBOARD["test"], LEADERBOARD["size"])
        first = data.Scenes(scenes.bank, scenes.rows[: LEADERBOARD["pictures"]], scenes.difficulty)
        return bank_and_test(RACE["rooms"], RACE, 23, data.loader(first, 50))

    def work(run: dict, settings: dict, shared: dict) -> dict:
        known = read_table(BOARD) if BOARD.is_file() else []  # a rate found with another seed or budget is used again
        rate = next((row["rate"] for row in known if row["network"] == run["network"]), None)
        peak = bench.training_memory_mb(run["network"], settings["batch"], settings["size"])
        return race_one(run, settings, shared, rate) | {"peak_memory_mb": f"{peak:.0f}"}

    budgets = [(name, LEADERBOARD["seconds"], seed) for seed in SEEDS for name in NETWORKS]
    budgets += [(name, seconds, SEEDS[0]) for name, seconds in LONGER.items()]
    figures = ("parameters", "peak_memory_mb", "pictures_per_second", *SCORES[:3], "latency_ms", "rate", *BASELINES)
    return Study(
        name="leaderboard",
        figures=figures,
        runs=[{"network": n, "row": NETWORKS[n], "budget_s": budget, "seed": seed} for n, budget, seed in budgets],
        settings=lambda run: LEADERBOARD | {"seconds": run["budget_s"]},
        prepare=prepare,
        work=work,
        home=BOARD.parent,
    )


def design_study() -> Study:
    """What is each idea in RoomNet worth? The whole network, and one idea taken away, at equal processor time."""
    return variants_study("design", VARIANTS, ("museum", "rooms", "unknown"))


def world_study() -> Study:
    """What is each family of the drawn world worth? RoomNet trained on all of it, and without one at a time."""
    return variants_study("world", {name: ({}, changes) for name, changes in WORLDS.items()}, ("museum", "rooms"))


def camera_study() -> Study:
    """What is the camera worth? Of all pictures in training none, half or all have one; scored with it and without."""
    return variants_study("camera", CAMERAS, ("museum", "rooms", "unknown"))


def variants_study(name: str, variants: dict, sides: tuple[str, ...]) -> Study:
    """Short trainings of RoomNet's recipe, each with (options of the network, changes of the recipe)."""
    unused = ("batches", "seconds", "seed", "objects")  # of a recipe: decide nothing here
    recipe = {key: value for key, value in asdict(train.RECIPES["roomnet"]).items() if key not in unused}
    scores = [f"{side}_{score}" for side in sides for score in ("iou", "depth_rmse_m", "abs_rel", "delta1")]

    def settings(run: dict) -> dict:
        options, changes = variants[run["variant"]]
        told = {key: [asdict(part) for part in value] if key == "parts" else value for key, value in changes.items()}
        shared = recipe | {"average": None, "parts": [asdict(part) for part in FEWER]}
        return DESIGN | {"recipe": shared, "without": [options, told]}

    return Study(
        name=name,
        figures=(*scores, "broad_iou", "parameters", "photos_aligned_iou", "photos_shaken_iou"),
        runs=[{"variant": variant, "seed": seed} for seed in SEEDS for variant in variants],
        settings=settings,
        prepare=camera_sides,
        work=partial(train_variant, variants=variants),
    )


STUDIES = {
    "losses": losses_study,
    "rates": rates_study,
    "augment": augment_study,
    "design": design_study,
    "camera": camera_study,
    "world": world_study,
    "identities": identities_study,
    "race": race_study,
    "leaderboard": leaderboard_study,
}


# What the studies share: pictures, a training, scores.
class Epochs(Dataset):
    """Pictures for so many epochs, one after the other; with `entries`, augmented anew in each of them."""

    def __init__(self, pictures: Dataset, epochs: int, entries: list | tuple = ()) -> None:
        self.pictures, self.epochs = pictures, epochs
        self.augment = data.Augment(list(entries)) if entries else None

    def __len__(self) -> int:
        return len(self.pictures) * self.epochs

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """One sample; index // the number of pictures is its epoch."""
        epoch, picture = divmod(index, len(self.pictures))
        if self.augment is None:
            return self.pictures[picture]
        self.augment.epoch = epoch
        return self.augment(self.pictures[picture])


def pictures_in_memory(settings: dict) -> dict:
    """{"train", "seen", "test": composed once, "baselines": of `test`}; "seen" are other pictures of the trained."""
    bank = data.Bank.draw(settings["rooms"], settings["people"], settings["size"], mixture=settings["mixture"])
    sides, seed = data.split(bank, settings["fractions"], settings["data_seed"]), settings["data_seed"]
    kept = {}
    for name, side, count, first in (
        ("train", "train", settings["pictures"], seed),
        ("seen", "train", settings["unseen"], seed + 1),
        ("test", "test", settings["unseen"], seed),
    ):
        rooms, things = sides[side]
        rows = data.random_rows(bank, count, first, rooms=rooms, things=things)
        kept[name] = StackDataset(**data.compose(bank, rows, settings["difficulty"]))
    return kept | {"baselines": baseline_figures(data.loader(kept["test"], 64), data.loader(kept["train"], 64))}


def composed(bank: data.Bank, settings: dict, count: int, seed: int, **seen) -> DataLoader:
    """Batches of so many pictures that are composed as they are needed, none twice."""
    rows = data.random_rows(bank, count, seed, **seen)
    return data.loader(data.Scenes(bank, rows, settings["difficulty"]), settings["batch"])


def bank_and_test(count: int, settings: dict, seed: int, test: DataLoader) -> dict:
    """{"bank": so many rooms and people to train on, "test": pictures of others, "baselines": their figures}."""
    bank = data.Bank.draw(count, count, settings["size"], seed)
    return {"bank": bank, "test": test, "baselines": baseline_figures(test)}


def strangers(settings: dict, seed: int, batch: int) -> DataLoader:
    """Pictures of 200 rooms and 200 people of their own."""
    bank = data.Bank.draw(200, 200, settings["size"], seed)
    return composed(bank, settings | {"batch": batch}, settings.get("unseen", 1000), 0)


def baseline_figures(test: DataLoader, fit_on: DataLoader | None = None) -> dict[str, float]:
    """What subtraction and the mean depth map score, under the names of their columns."""
    return {f"baseline_{name}": value for name, value in learn.baselines(test, fit_on).items()}


def train_afresh(build: Callable[[], nn.Module], seed: int, loss: dict, batches: DataLoader, **how) -> tuple:
    """A network trained from random weights with these settings, and its figures: "loss", "steps" and the curves."""
    torch.manual_seed(seed)
    network = build()
    history = learn.fit(network, batches, learn.Criterion(loss), learn.Settings(**how))
    curves = {column: [row[of] for row in history if of in row] for column, of in CURVES.items()}
    return network, {"loss": history[-1]["loss"], "steps": history[-1]["step"]} | curves


def train_in_memory(
    run: dict, settings: dict, sides: dict, reports: int, watched: bool = False, scored: dict | None = None
) -> dict:
    """Figures of a training on pictures in memory; `entries` augment them anew in every epoch.

    `scored` maps the beginning of a column's name to the side that it tells of; when `watched` there are curves.
    """
    pictures, epochs = sides["train"], settings["epochs"]
    if "entries" in settings:
        pictures, epochs = Epochs(pictures, epochs, settings["entries"]), 1
    batches = data.loader(pictures, settings["batch"], shuffle=True, seed=run["seed"])
    test = {side: data.loader(sides[side], 64) for side in ("seen", "test")}
    how = {"optimizer": settings["optimizer"].lower(), "lr": settings["lr"], "schedule": settings["schedule"]}
    how |= {"epochs": epochs, "reports": reports, "valid": test["test"] if watched else None}
    build = partial(models.build, settings["network"])
    network, found = train_afresh(build, run["seed"], settings["weights"], batches, **how)
    for beginning, side in (scored or {"": "test"}).items():
        found |= {beginning + name: value for name, value in learn.evaluate(network, test[side]).items()}
    return found | sides["baselines"]


def affordable_steps(train_for: Callable[[int], object], seconds: float) -> int:
    """How many steps fit into so much time of one core, whatever else the machine does meanwhile."""
    train_for(TIMED_STEPS)  # to warm up: cut-outs are made ready as they are needed
    start = process_time()
    train_for(TIMED_STEPS)
    return max(TIMED_STEPS, int(seconds * TIMED_STEPS / (process_time() - start)))


def race_one(run: dict, settings: dict, shared: dict, rate: float | None = None) -> dict:
    """Figures after the same processor time for everybody; the search for a learning rate is not counted."""
    build = partial(models.build, run["network"])
    heads = models.heads(build())
    loss = {head: terms for head, terms in settings["losses"].items() if head in heads}

    def train_for(steps: int, **how) -> tuple:
        batches = composed(shared["bank"], settings, steps * settings["batch"], run["seed"])
        return train_afresh(build, run["seed"], loss, batches, **how)

    def trial(rate: float) -> float:  # the mean loss in the second half of a short training
        return train_for(settings["trial_steps"], lr=rate, reports=2)[1]["loss"]

    rate = rate or min(settings["rates"], key=trial)
    steps = affordable_steps(partial(train_for, lr=rate), settings["seconds"])
    speed = steps * settings["batch"] / settings["seconds"]
    network, found = train_for(steps, lr=rate, ema=settings["average"])
    found |= learn.evaluate(network, shared["test"]) | shared["baselines"]
    found |= {"parameters": models.count_parameters(network), "rate": f"{rate:g}"}
    latency = bench.latencies_ms((run["network"],))[run["network"]]
    return found | {"pictures_per_second": f"{speed:.1f}", "latency_ms": f"{latency:.3f}"}


def camera_sides() -> dict[str, DataLoader]:
    """Pictures for validation, and "unknown": the rooms once more, without their cameras."""
    sides = train.validation_sides()
    rooms = sides["rooms"].dataset
    return sides | {"unknown": data.loader(data.Scenes(rooms.bank, rooms.rows, rooms.difficulty, known=0.0), 50)}


def train_variant(run: dict, settings: dict, sides: dict, variants: dict) -> dict:
    """Figures of RoomNet without one idea, after the processor time that all variants have."""
    options, changes = variants[run["variant"]]
    kept = {"average": settings["average"], "seed": run["seed"], "parts": FEWER} | changes
    recipe = replace(train.RECIPES["roomnet"], **kept)

    def train_for(steps: int, average: float | None) -> tuple:
        batches = train.recipe_batches(replace(recipe, batches=steps), workers=0)
        how = {"lr": recipe.lr, "optimizer": recipe.optimizer, "ema": average}
        return train_afresh(partial(models.RoomNet, **options), run["seed"], recipe.loss, batches, **how)

    steps = affordable_steps(partial(train_for, average=None), settings["processor_seconds"])
    network, found = train_for(steps, recipe.average)
    for side, batches in sides.items():
        scored = learn.evaluate(network, batches)
        if side == "unknown":  # there depth is right up to one factor
            scored |= {key: scored[f"{key}_aligned"] for key in ("abs_rel", "delta1")}
        found |= {f"{side}_{key}": value for key, value in (scored | {"iou": scored["mask_iou"]}).items()}
    for name, shaken in (("photos_aligned_iou", False), ("photos_shaken_iou", True)):
        counts = photographs.pixel_counts(network, photographs.photo_pairs(shaken))
        found[name] = photographs.total_iou(counts)
    return found | {"parameters": models.count_parameters(network)}


def publish_leaderboard(workers: int | None = None, scheduler: str | None = None) -> None:
    """Does the missing runs; then picture, README and the screen."""
    run_study(leaderboard_study, workers, scheduler)
    report_leaderboard(read_table(BOARD))


def report_leaderboard(rows: list[dict], page: Path = ROOT / "README.md", picture: Path | None = None) -> None:
    """The picture, the table between its two marks in the README, and the same on the screen."""
    from .show import png, studies  # here, because matplotlib takes a second to import

    text, (start, end) = studies.leaderboard_markdown(rows), MARKS
    before, mark, rest = page.read_text(encoding="utf-8").partition(start)
    if not mark or end not in rest:
        raise ValueError(f"{page.name} has no place for the leaderboard: {start.strip()} and {end.strip()}.")
    write_whole(picture or BOARD.with_suffix(".png"), png(studies.plot_leaderboard(rows)))
    write_whole(page, (before + start + text + end + rest.split(end, 1)[1]).encode())
    print(text)
