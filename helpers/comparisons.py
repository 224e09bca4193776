"""What the long studies compare, as data. `python -m helpers study NAME` runs them.

Every table says beside each figure what the baselines score on the same pictures. Within a study everything but the
compared setting is the same; a seed decides the first weights and the order of the pictures, nothing else.
"""

import json
from dataclasses import asdict, replace
from functools import partial
from hashlib import sha256
from itertools import product
from pathlib import Path

from . import bench, learn, mine, models, train, trials
from .base import ROOT, write_whole
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

# Pictures that are composed as they are needed, none twice: how many identities, and which network?
IDENTITIES = {"network": "roomnet", "size": 64, "pictures": 6144, "unseen": 1024, "batch": 16, "average": 0.99}
IDENTITIES |= {"difficulty": "camera", "optimizer": "muon", "lr": 0.02, "loss": BOTH_HEADS}
COUNTS = (10, 30, 100, 1000)
RACE = {"seconds": 180, "size": 96, "rooms": 1000, "people": 1000, "mixture": "museum", "difficulty": "camera"}
RACE |= {"batch": 16, "schedule": "one cycle", "average": 0.99, "threads": 1, "trial_steps": 24}
RACE |= {"rates": (1e-3, 3e-3, 1e-2), "losses": BOTH_HEADS}  # each network gets the rate that a short trial prefers
LEADERBOARD = RACE | {"seconds": 120, "test": "museum-test-v2", "pictures": 500}
MARKS = ("<!-- leaderboard -->\n", "<!-- /leaderboard -->\n")  # of its place in PAGE
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
PAGE = ROOT / "book" / "measured.md"
BOARD = ROOT / "artifacts" / "leaderboard.csv"

# The last training of notebook 09, which goes on from the weights of 04b: with 04b's loss and rate, or the chosen ones.
EARLIER = {"loss": {"mask": {"bce": 1, "dice": 1}, "depth": {"l1": 10}}, "rate": {"optimizer": "muon", "lr": 0.02}}
LAST = {"stage": "room", "rooms": 200, "people": 200, "size": 96, "steps": 80, "batch": 8, "augment": ["flip"]}
LAST |= {"test": "museum-test-v2", "pictures": 200}
CHOSEN = (("of 04b", "of 05"), ("of 04b", "of 06"))  # which loss, and which rate

# RoomNet with one idea taken away at a time: (what it is built without, what its recipe is trained without).
DESIGN = {"steps": 200, "average": 0.99}  # about two and a half minutes of one core
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


def losses_study() -> Study:
    """Which loss? Every combination of the table, scored on rooms and people that no run has seen."""
    scores = ("mask_iou", "boundary_iou", "depth_rmse_m", "depth_rmse_01", "abs_rel", "delta1", "person_rmse_m", "loss")
    return Study(
        name="losses",
        figures=(*scores, *trials.CURVES, *BASELINES),
        runs=[{"combination": name, "seed": seed} for seed in SEEDS for name in COMBINED],
        settings=lambda run: LOSSES | {"weights": COMBINED[run["combination"]]},
        prepare=lambda: trials.pictures_in_memory(LOSSES),
        work=partial(trials.train_in_memory, reports=6, watched=True),
    )


def rates_study() -> Study:
    """Which learning rate? Each of seven, constant and as the peak of one cycle."""
    grid = [(shape, rate) for shape in ("constant", "one cycle") for rate in (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)]

    def work(run: dict, settings: dict, sides: dict) -> dict:
        settings = settings | {"lr": run["rate"], "schedule": run["schedule"]}
        return trials.train_in_memory(run, settings, sides, reports=8)  # the loss is that of the last eighth

    return Study(
        name="rates",
        figures=(*SCORES, "loss", *BASELINES),
        runs=[{"schedule": shape, "rate": rate, "seed": seed} for seed in SEEDS for shape, rate in grid],
        settings=lambda run: RATES | {"weights": learn.COMBINATIONS[RATES["combination"]]},
        prepare=lambda: trials.pictures_in_memory(RATES),
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
        prepare=lambda: trials.pictures_in_memory(AUGMENT),
        work=partial(trials.train_in_memory, reports=AUGMENT["epochs"], scored={"seen_": "seen", "unseen_": "test"}),
    )


def identities_study() -> Study:
    """How many rooms and people must a network have seen? As many pictures in every run, of ever more of them."""
    most = COUNTS[-1]
    pairs = [(count, most) for count in COUNTS] + [(most, count) for count in COUNTS] + [(c, c) for c in COUNTS]
    pairs = list(dict.fromkeys(pairs))  # (most, most) is in all three

    def work(run: dict, settings: dict, shared: dict) -> dict:
        seen = {"rooms": range(run["rooms"]), "things": range(run["people"])}
        batches = trials.composed(shared["bank"], settings, settings["pictures"], run["seed"], **seen)
        how = {"lr": settings["lr"], "optimizer": settings["optimizer"], "ema": settings["average"]}
        build = partial(models.build, settings["network"])
        network, found = trials.train_afresh(build, run["seed"], settings["loss"], batches, **how)
        return found | learn.evaluate(network, shared["test"]) | shared["baselines"]

    return Study(
        name="identities",
        figures=(*SCORES, "loss", *BASELINES),
        runs=[{"rooms": rooms, "people": people, "seed": seed} for seed in SEEDS for rooms, people in pairs],
        settings=lambda run: IDENTITIES,
        prepare=lambda: trials.bank_and_test(most, IDENTITIES, 21, trials.strangers(IDENTITIES, 22, 64)),
        work=work,
    )


def race_study() -> Study:
    """Who learns most in three minutes of one core?"""
    return Study(
        name="race",
        figures=(*SCORES, "loss", "rate", "pictures_per_second", *BASELINES),
        runs=[{"network": name, "seed": seed} for seed in SEEDS for name in bench.RACERS],
        settings=lambda run: RACE,
        prepare=lambda: trials.bank_and_test(RACE["rooms"], RACE, 23, trials.strangers(RACE, 24, 50)),
        work=trials.race_one,
    )


def leaderboard_study() -> Study:
    """Every network of the source documents, the library's and ours."""

    def prepare() -> dict:
        return trials.bank_and_test(RACE["rooms"], RACE, 23, trials.frozen_pictures(LEADERBOARD))

    def work(run: dict, settings: dict, shared: dict) -> dict:
        known = read_table(BOARD) if BOARD.is_file() else []  # a rate found with another seed is used again
        rate = next((row["rate"] for row in known if row["network"] == run["network"]), None)
        peak = bench.training_memory_mb(run["network"], settings["batch"], settings["size"])
        return trials.race_one(run, settings, shared, rate) | {"peak_memory_mb": f"{peak:.0f}"}

    runs = [{"network": name, "row": NETWORKS[name], "seed": seed} for seed in SEEDS for name in NETWORKS]
    figures = ("parameters", "peak_memory_mb", "pictures_per_second", *SCORES[:3], "rate", *BASELINES)
    return Study(
        name="leaderboard",
        figures=figures,
        runs=runs,
        settings=lambda run: LEADERBOARD,
        prepare=prepare,
        work=work,
        home=BOARD.parent,
    )


def design_study() -> Study:
    """What is each idea in RoomNet worth? The whole network, and one idea taken away, after as many steps."""
    return variants_study("design", VARIANTS, ("museum", "rooms", "unknown"))


def world_study() -> Study:
    """What is each family of the drawn world worth? RoomNet trained on all of it, and without one at a time."""
    return variants_study("world", {name: ({}, changes) for name, changes in WORLDS.items()}, ("museum", "rooms"))


def camera_study() -> Study:
    """What is the camera worth? Of all pictures in training none, half or all have one; scored with it and without."""
    return variants_study("camera", CAMERAS, ("museum", "rooms", "unknown"))


def variants_study(name: str, variants: dict, sides: tuple[str, ...]) -> Study:
    """Short trainings of RoomNet's recipe, each with (options of the network, changes of the recipe)."""
    unused = ("batches", "seconds", "seed", "objects", "part")  # of a recipe: decide nothing here
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
        prepare=trials.camera_sides,
        work=partial(trials.train_variant, variants=variants, parts=FEWER),
    )


def last_study() -> Study:
    """What did the choices of 05 and 06 gain? The last training with both, with one of them, and with neither.

    A random seed decides the pictures and their order; every run goes on from the same weights.
    """
    chosen = json.loads((mine.GIVEN / mine.CHOICES).read_text())
    weights = mine.GIVEN / f"{LAST['stage']}.safetensors"
    digest = sha256(weights.read_bytes()).hexdigest()[:8]

    def settings(run: dict) -> dict:
        picked = {part: (EARLIER if run[part] == CHOSEN[0][0] else chosen)[part] for part in EARLIER}
        return LAST | {"weights": digest} | picked

    def begin():
        network = models.build("roomnet")
        network.load_state_dict(learn.read_checkpoint(weights)[1])
        return network

    return Study(
        name="last",
        figures=(*SCORES, *BASELINES),
        runs=[{"loss": loss, "rate": rate, "seed": seed} for seed in SEEDS for loss, rate in product(*CHOSEN)],
        settings=settings,
        prepare=lambda: trials.bank_and_test(LAST["rooms"], LAST, 0, trials.frozen_pictures(LAST)),
        work=partial(trials.train_on, begin=begin),
    )


STUDIES = {
    "losses": losses_study,
    "rates": rates_study,
    "augment": augment_study,
    "design": design_study,
    "camera": camera_study,
    "last": last_study,
    "world": world_study,
    "identities": identities_study,
    "race": race_study,
    "leaderboard": leaderboard_study,
}


def publish_leaderboard(workers: int | None = None, scheduler: str | None = None) -> None:
    """Does the missing runs; then picture, page and the screen."""
    run_study(leaderboard_study, workers, scheduler)
    report_leaderboard(read_table(BOARD))


def report_leaderboard(rows: list[dict], page: Path = PAGE, picture: Path | None = None) -> None:
    """The picture, the table between its two marks in PAGE, and the same on the screen."""
    from .show import png, studies  # here, because matplotlib takes a second to import

    text, (start, end) = studies.leaderboard_markdown(rows), MARKS
    before, mark, rest = page.read_text(encoding="utf-8").partition(start)
    if not mark or end not in rest:
        raise ValueError(f"{page.name} has no place for the leaderboard: {start.strip()} and {end.strip()}.")
    write_whole(picture or BOARD.with_suffix(".png"), png(studies.plot_networks(rows)))
    write_whole(page, (before + start + text + end + rest.split(end, 1)[1]).encode())
    print(text)
