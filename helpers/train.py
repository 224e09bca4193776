"""Training for a shell: `train NAME` with the profile's budget, and `ship NAME` for the weights that ship.

Networks that only find masks see windows, in which somebody is larger; those that tell depth need whole pictures.
Networks that find boxes see several people and props in each, and leave pictures of what they found.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from . import data, learn, models, profile
from .base import ROOT, write_whole
from .inference import SHIPPED
from .learn.boxes import WEIGHTS
from .results import save_detections

TRAINED = ROOT / "artifacts" / "runs" / "train"
STEPS, BATCH, LR = 1000, 16, 3e-3  # of the profile quick
MASK, DEPTH = {"bce": 1, "dice": 1}, {"l1": 4, "rmse": 2}
SIZE, CURVED, TEST = 48, 64, 400  # pixels of a window's side; pictures for the curve and for the final score


def train_network(name: str, out: str | Path = TRAINED, seed: int = 0) -> dict:
    """Trains the network called `name`; leaves weights, card and log in `out`, and gives back the card.

    A run that was stopped goes on from its last report, in `out`/runs; one that was finished is not done again.
    """
    torch.manual_seed(seed)
    network = models.build(name)  # before any drawing: a wrong name should be told at once
    if Path(out).is_file():
        raise ValueError(f"{out} is a file, and a folder is wanted for the weights. Choose another name.")
    chosen, start, heads = profile.current(), perf_counter(), models.heads(network)
    loss, boxes, whole = loss_of_heads(heads), bool(heads & {"heat", "object"}), heads != {"mask"}
    print(chosen.describe())
    batches = split_loaders(chosen, seed, whole=whole, boxes=boxes, objects=(1, 4) if "heat" in heads else 1)
    card = {"network": name, "seed": seed, "profile": chosen.name, "size": chosen.size, "difficulty": "camera"}
    card |= {"window": chosen.size if whole else SIZE, "rooms": chosen.rooms, "people": chosen.people}
    card |= {"loss": getattr(loss, "weights", "one_box_loss"), "optimizer": "AdamW", "lr": LR, "batch": BATCH}
    folder = Path(out) / "runs" / f"{name}-{chosen.name}-{seed}"
    settings = learn.Settings(lr=LR, valid=batches["val"], reports=10, folder=folder, card=card)
    history = learn.fit(network, batches["train"], loss, settings)
    scores, rivals = learn.evaluate(network, batches["test"]), learn.baselines(batches["test"])
    card |= {"steps": history[-1]["step"], "seconds": round(perf_counter() - start), "torch": torch.__version__}
    card |= {"scores": scores} | {f"baseline_{name}": rivals[name] for name in ("mask_iou", "depth_rmse_m")}
    path = learn.save_checkpoint(Path(out) / f"{name}.safetensors", network, card)
    write_whole(path.with_suffix(".jsonl"), "".join(json.dumps(row) + "\n" for row in history).encode())
    print(f"Unseen rooms and people: {scores_sentence(scores, rivals)}")
    print(f"Saved: {_short(path)}")
    if boxes:
        shown = Path(out) / name / "results"
        save_detections(network, batches["test"].dataset, shown, Path(out) / name)
        print(f"Pictures of what it found: {_short(shown)}; as files: {_short(Path(out) / name)}")
    return card


def loss_of_heads(heads: set[str]):
    """The loss for a network with these heads."""
    if "object" in heads:
        return learn.one_box_loss
    maps = learn.Criterion({head: terms for head, terms in (("mask", MASK), ("depth", DEPTH)) if head in heads})
    return learn.DetectionLoss(maps) if "heat" in heads else maps


def split_loaders(chosen: profile.Profile, seed: int, whole: bool, boxes: bool, objects: int | tuple) -> dict:
    """{"train": windows, or whole pictures, "val": pictures, "test": pictures}: they share no room and no person.

    With several `objects` half of the things are props.

    Composed in this process: it is an eighth of a step's work, and a second process would slow the network's threads.
    """
    bank = data.Bank.draw(chosen.rooms, chosen.people, chosen.size, props=0 if objects == 1 else chosen.people)
    lengths, made = {"train": STEPS * BATCH * chosen.longer, "val": CURVED, "test": TEST}, {}
    for side, (rooms, things) in data.split(bank).items():
        rows = data.random_rows(bank, lengths[side], seed, objects, rooms=rooms, things=things)
        cut = data.Augment([person_window], seed) if side == "train" and not whole else None
        made[side] = data.loader(data.Scenes(bank, rows, boxes=boxes, transform=cut), BATCH)
    return made


def person_window(sample: dict[str, Tensor], size: int = SIZE) -> dict[str, Tensor]:
    """A window of both pictures and the mask, size × size; seven in ten hold some of the person."""
    mask = sample["mask"][0]  # S S
    person, last = mask.nonzero(), mask.shape[-1] - size
    corner = torch.randint(0, last + 1, (2,))
    if len(person) and torch.rand(()) < 0.7:
        pixel = person[torch.randint(0, len(person), ())]
        corner = (pixel - torch.randint(0, size, (2,))).clamp(0, last)
    top, left = corner.tolist()
    return {name: sample[name][:, top : top + size, left : left + size] for name in ("background", "image", "mask")}


def scores_sentence(scores: dict, rivals: dict) -> str:
    """The scores as a sentence, each beside its baseline."""
    text = f"IoU {scores['mask_iou']:.3f}; pixel differencing {rivals['mask_iou']:.3f}." if "mask_iou" in scores else ""
    if "depth_rmse_m" in scores:
        mean = rivals["depth_rmse_m"]
        text = f"{text} Depth RMSE {scores['depth_rmse_m']:.2f} m; mean depth map {mean:.2f} m."
    if "ap50" in scores:
        text = f"{text} Boxes: AP50 {scores['ap50']:.3f}, AP50:95 {scores['ap50_95']:.3f};"
        text = f"{text} {scores['label_accuracy']:.0%} of those found are called by the right name."
    return text


def _short(path: Path) -> Path:
    """The path as seen from the course's folder, where it is inside."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


@dataclass(frozen=True)
class Ingredient:
    """A kind of picture of which each batch holds some: its bank, and how its pictures are taken."""

    pictures: int  # in each batch
    mixture: str
    rooms: int
    things: int
    seed: int  # of the bank: each draws rooms and people of its own
    size: int = 96
    props: int = 0  # cut-outs more, as the museum has them
    pieces: int = 0  # cut-outs more that are pieces of other scenes
    difficulty: str = "all"
    window: tuple[int, int] | None = None  # height and width that are seen of each, made more like photographs
    turned: float = 0.0  # share of the windows that are turned by quarters


@dataclass(frozen=True)
class Recipe:
    """All that decides weights that ship, but for how quick the machine is: `seconds` may end it before `batches`."""

    batches: int
    seconds: float  # of wall time
    loss: dict
    parts: tuple[Ingredient, ...]
    optimizer: str = "muon"
    lr: float = 0.02
    average: float = 0.999  # decay of the moving average of the weights
    norms: float = 0.6  # share of the training after which batch norms keep their statistics
    size: int = 96  # the longer side at which depth and boxes are asked for
    told: int | None = None  # ... and at which metres are, where the camera is known; None: the same
    seed: int = 0
    objects: int | tuple[int, int] = 1  # things in each picture
    nobody: float = 0.1  # share of pictures in which nobody entered
    known: float = 0.5  # share of pictures whose camera is given
    without: tuple[str, ...] = ()  # fields of Difficulty that no picture shows
    absent: tuple[str, ...] = ()  # how kinds of rooms and things begin that no picture shows
    part: str = ""  # of the network: it alone ships


SMALL, WIDE = (96, 96), (144, 192)
MUSEUM = Ingredient(3, "museum", 2000, 2000, 11, difficulty="camera")
ROOMS = Ingredient(5, "rooms", 4600, 3400, 15, window=SMALL)
BROAD = Ingredient(3, "broad", 1200, 1500, 12, pieces=700, window=SMALL, turned=0.5)
LARGE = Ingredient(5, "broad", 800, 1700, 13, 192, pieces=700, window=SMALL, turned=0.5)
WIDER = (  # each second batch: fewer pictures, four times as large
    Ingredient(2, "museum", 350, 400, 21, 192, difficulty="camera", window=WIDE),
    Ingredient(2, "rooms", 2000, 1200, 25, 192, window=WIDE),
    replace(LARGE, pictures=1, window=WIDE, turned=0.0),
    Ingredient(1, "outdoors", 900, 900, 23, 192, window=WIDE),
)
PARTS = (MUSEUM, ROOMS, BROAD, LARGE, *WIDER)
CROWDS = (Ingredient(16, "museum", 4000, 3000, 11, props=3000), Ingredient(4, "museum", 400, 500, 21, 192, props=500))
DRAWN = (Ingredient(10, "rooms", 1500, 1200, 31, 64), Ingredient(6, "broad", 900, 900, 32, 64))
BOXES = {"mask": MASK, "depth": DEPTH, "boxes": WEIGHTS}
RECIPES = {
    "roomnet": Recipe(40_000, 5400, {"mask": MASK, "depth": {"log": 2, "l1": 2}}, PARTS, size=112, told=192),
    "masknet": Recipe(12_000, 900, {"mask": MASK}, (MUSEUM, BROAD, LARGE)),
    "percamera": Recipe(36_000, 4500, BOXES, CROWDS, size=192, objects=(1, 4), nobody=0, known=1),
    "smp_mobilenet": Recipe(2400, 1800, {"mask": MASK, "depth": DEPTH}, DRAWN, "adamw", 3e-3, size=64, part="encoder"),
}
MAIN = ("roomnet", "masknet")  # what `make train` makes
VAL = 14  # seed of the banks for validation
DIFFICULTIES = {
    "camera": {"aligned": 1, data.STILL: 2, "camera": 4, "handheld": 1},
    "all": {"aligned": 3, data.STILL: 3, "camera": 3, "handheld": 3},
}
ROWS = 200_000  # per part: then they come round again
CURVE = ("step", "seconds", "mask_iou", "depth_rmse_m", "abs_rel", "ap50", "ap50_95", "label_accuracy")


def ship_network(name: str, runs: Path = TRAINED.parent / "ship", out: Path = SHIPPED, more: bool = False) -> Path:
    """Trains the network called `name` by its recipe and writes what ships; gives back the path.

    It may be stopped at any moment; the same call goes on from its last report, in `runs`. With `more` it begins with
    the weights that ship, and the card says how long those were trained.
    """
    if name not in RECIPES:
        models.build(name)  # says which networks there are
        raise ValueError(f"No weights of {name} ship with the course: {', '.join(RECIPES)} do.")
    recipe, folder = RECIPES[name], Path(runs) / name
    torch.manual_seed(recipe.seed)
    network = models.build(name)
    card = {"network": name, "size": recipe.size, "recipe": asdict(recipe)}
    card |= {"told": recipe.told} if recipe.told else {}
    if more:
        earlier, said = learn.read_checkpoint(Path(out) / f"{name}.safetensors")[::-1]
        network.get_submodule(recipe.part).load_state_dict(earlier)
        told = {key: said[key] for key in ("steps", "seconds", "threads", "recipe", "curve") if key in said}
        card["before"] = [*said.get("before", []), told]
    batches, valid = recipe_batches(recipe), validation_batches(recipe)
    how = {"optimizer": recipe.optimizer, "lr": recipe.lr, "ema": recipe.average, "norms": recipe.norms}
    loss = learn.Criterion({head: terms for head, terms in recipe.loss.items() if head != "boxes"})
    loss = learn.DetectionLoss(loss, recipe.loss["boxes"]) if "boxes" in recipe.loss else loss
    settings = learn.Settings(**how, seconds=recipe.seconds, reports=20, valid=valid, folder=folder, card=card)
    history = learn.fit(network, batches, loss, settings)
    log = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    card |= {"steps": log[-1]["step"], "seconds": log[-1]["seconds"], "validation": history[-1]}
    card |= {"curve": [{name: round(row[name], 4) for name in CURVE if name in row} for row in log]}
    card |= {"threads": torch.get_num_threads(), "torch": torch.__version__}
    return learn.save_checkpoint(Path(out) / f"{name}.safetensors", network.get_submodule(recipe.part), card, half=True)


def recipe_batches(recipe: Recipe, workers: int = 1) -> DataLoader:
    """Batches of all parts, composed by a second process, or in this one with 0 workers; each size has its turn."""
    made = [part_scenes(recipe, number) for number in range(len(recipe.parts))]
    shapes = [part.window or (part.size, part.size) for part in recipe.parts]
    turns = [
        [part.pictures * (shape == turn) for part, shape in zip(recipe.parts, shapes)] for turn in dict.fromkeys(shapes)
    ]
    return data.mixed_loader(made, turns, recipe.batches, workers)


def part_scenes(recipe: Recipe, number: int) -> data.Scenes:
    """The pictures of one part of a recipe."""
    part = recipe.parts[number]
    bank = data.Bank.draw(part.rooms, part.things, part.size, part.seed, part.mixture, part.props)
    bank = data.with_pieces(bank, part.pieces, number) if part.pieces else bank
    rooms, things = (
        [k for k, kind in enumerate(kinds) if not kind.startswith(recipe.absent)]
        for kinds in (bank.kinds, [cutout.kind for cutout in bank.cutouts])
    )
    rows = data.random_rows(bank, ROWS, recipe.seed + number, recipe.objects, rooms, things, recipe.nobody)
    difficulty = {
        replace(data.DIFFICULTIES.get(name, name), **dict.fromkeys(recipe.without, 0.0)): share
        for name, share in DIFFICULTIES[part.difficulty].items()
    }
    if part.window:
        return data.Developed(bank, rows, difficulty, part.window, recipe.known, part.turned)
    boxes = "boxes" in recipe.loss
    flip = data.Augment(["flip"], recipe.seed)
    return data.Scenes(bank, rows, difficulty, boxes, flip, recipe.known)


def validation_batches(recipe: Recipe) -> DataLoader:
    """300 pictures of rooms, people and things that training never sees; with boxes all are of the museum."""
    if "boxes" in recipe.loss:
        bank = data.Bank.draw(100, 100, 96, VAL, "museum", props=100)
        return data.loader(data.Scenes(bank, data.random_rows(bank, 300, 0, recipe.objects), "camera", boxes=True), 50)
    parts = [side.dataset for side in validation_sides().values()]
    return data.mixed_loader(parts, (20, 20, 20), 5)


def validation_sides() -> dict[str, DataLoader]:
    """{"museum", "rooms", "broad": 100 pictures each}, in batches."""
    sides = {}
    for mixture, difficulty in (("museum", "camera"), ("rooms", "camera"), ("broad", "mixed")):
        bank = data.Bank.draw(100, 100, 96, VAL, mixture)
        sides[mixture] = data.loader(data.Scenes(bank, data.random_rows(bank, 100, 0), difficulty), 50)
    return sides
