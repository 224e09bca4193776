"""One trunk and two heads: together or in turns, small pictures first, other numbers and colours, and blank masks."""

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Subset

from .. import data, learn, models
from ..data.changes import PICTURES
from ..study import Study
from .augment import Epochs
from .losses import BASELINES, Kept
from .transfer_parts import Normalised, OneHead, OwnNumbers, own_numbers

# About five minutes a seed on one core. A seed decides the first weights and the order of the pictures, nothing else.
SETTINGS = {"width": 16, "rooms": 300, "people": 300, "fractions": [0.8, 0.0, 0.2], "mixture": "museum", "batch": 8}
SETTINGS |= {"difficulty": "camera", "pictures": 1024, "unseen": 160, "data_seed": 0, "lr": 3e-3, "reports": 6}
SETTINGS |= {"loss": {"mask": {"bce": 1, "dice": 1}, "depth": {"l1": 2, "rmse": 1}}, "small": 64, "large": 96}
SETTINGS |= {"seconds": {"turns": 14, "sizes": 18, "colours": 14, "row E": 11}}
# Seconds of a step, measured on one core: so a budget in seconds is a number of steps, the same on any machine.
SETTINGS |= {"costs": {"both small": 0.093, "both large": 0.2, "mask small": 0.056, "depth small": 0.056}}
SETTINGS["costs"] |= {"mask small, trunk rests": 0.042, "depth small, trunk rests": 0.042, "both half": 0.05}
SEEDS = (0, 1)
SCORES = ("mask_iou", "depth_rmse_m", "abs_rel", "person_rmse_m")
FIRST = {"first_mask_iou": "mask_iou", "first_depth_rmse_m": "depth_rmse_m"}  # after the first of two stages
OTHER = {"small_mask_iou": "mask_iou", "small_depth_rmse_m": "depth_rmse_m"}  # asked at the small size, too
CURVES = {"curve_iou": "mask_iou", "curve_rmse_m": "depth_rmse_m"}


@dataclass(frozen=True)
class Stage:
    """A part of a training: the heads that learn, the parts that rest, which pictures, and its share of the budget."""

    heads: str = "both"
    frozen: tuple[str, ...] = ()
    pictures: str = "small"  # "large"; "half": small ones whose targets are half as high and wide
    share: float = 1.0

    @property
    def cost(self) -> str:
        """Which of the costs a step of it has."""
        return f"{self.heads} {self.pictures}" + ", trunk rests" * bool(self.frozen)


@dataclass(frozen=True)
class Plan:
    """A training: its stages, and what is done to the pictures or to the targets."""

    stages: tuple[Stage, ...] = (Stage(),)
    entries: tuple = ()  # of an augmentation
    own: bool = False  # pictures less the mean of these very pictures, over their deviation
    encoders: str = ""  # "colour" or "grey": row E's network instead of the shared U-Net
    normalised: bool = False  # the targets too, as the pictures are


def turns(first: str, second: str, *frozen: str) -> Plan:
    """One head for half of the budget, then the other, while the parts called `frozen` rest."""
    return Plan((Stage(first, share=0.5), Stage(second, frozen, share=0.5)))


LARGE, HALF = Stage(pictures="large"), (Stage(pictures="half"),)
PLANS = {
    ("turns", "together"): Plan(),
    ("row E", "grey, normalised targets"): Plan(HALF, encoders="grey", normalised=True),
    ("row E", "grey"): Plan(HALF, encoders="grey"),
    ("row E", "colour"): Plan(HALF, encoders="colour"),
    ("turns", "mask alone"): Plan((Stage("mask"),)),
    ("turns", "depth alone"): Plan((Stage("depth"),)),
    ("turns", "mask, then depth"): turns("mask", "depth"),
    ("turns", "mask, then depth, trunk frozen"): turns("mask", "depth", "trunk"),
    ("turns", "depth, then mask"): turns("depth", "mask"),
    ("turns", "depth, then mask, trunk frozen"): turns("depth", "mask", "trunk"),
    ("sizes", "large from nothing"): Plan((LARGE,)),
    ("sizes", "small, then large"): Plan((Stage(share=0.5), Stage(pictures="large", share=0.5))),
    ("sizes", "small alone"): Plan(),
    ("colours", "own mean and deviation"): Plan(own=True),
    ("colours", "jitter"): Plan(entries=("light", "drift")),
}


def study(settings: dict = SETTINGS, plans: dict = PLANS, seeds=SEEDS) -> Study:
    """Every plan with the first seed, then with the next."""
    return Study(
        name="transfer",
        keys=("question", "plan"),
        figures=(*SCORES, *FIRST, *OTHER, "called", "curve_seconds", *CURVES, *BASELINES),
        runs=[{"question": question, "plan": name, "seed": seed} for seed in seeds for question, name in plans],
        settings=lambda run: settings | {"plan": asdict(plans[run["question"], run["plan"]])},
        prepare=lambda: sides(settings),
        work=lambda run, shared: one_run(run, shared, settings, plans),
    )


def sides(settings: dict = SETTINGS) -> dict:
    """Kind of pictures → {"train", "test": the same scenes composed at its size, "baselines": figures of the test}."""
    found = {name: scenes(settings, settings[name]) for name in ("small", "large")}
    found["half"] = {name: Kept(halved(kept.batch)) for name, kept in found["small"].items()}
    for kept in found.values():
        kept["baselines"] = baselines(*(kept[side].batch for side in ("train", "test")))
    return found


def baselines(train: dict[str, Tensor], test: dict[str, Tensor]) -> dict[str, float]:
    """What subtraction and the mean depth map, fitted to `train`, score on `test`."""
    step = train["image"].shape[-1] // train["mask"].shape[-1]  # pictures as small as their targets
    shrunk = [{n: v[..., ::step, ::step] if n in PICTURES else v for n, v in each.items()} for each in (train, test)]
    train, test = (data.loader(Kept(batch), 64) for batch in shrunk)
    mask, depth = (learn.evaluate(fit(train), test) for fit in (learn.fit_differencing, learn.fit_mean_depth))
    return dict(zip(BASELINES, (mask["mask_iou"], depth["depth_rmse_m"]), strict=True))


def scenes(settings: dict, size: int) -> dict[str, Kept]:
    """{"train", "test"}: the same rooms, people and places at any size; nobody is on both sides."""
    bank = data.Bank.draw(settings["rooms"], settings["people"], size, mixture=settings["mixture"])
    parts, kept = data.split(bank, settings["fractions"], settings["data_seed"]), {}
    for side, length in (("train", settings["pictures"]), ("test", settings["unseen"])):
        rooms, things = parts[side]
        rows = data.free(bank, length, settings["data_seed"], rooms=rooms, things=things)
        kept[side] = Kept(data.compose(bank, rows, settings["difficulty"]))
    return kept


def halved(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same pictures; every second row and column of the targets."""
    return {name: v if name in PICTURES else v[..., ::2, ::2].contiguous() for name, v in batch.items()}


def build(plan: Plan, settings: dict, train: Kept) -> nn.Module:
    """The plan's network, with random weights."""
    if plan.encoders:
        return models.TwoEncoders(grey=plan.encoders == "grey", twice=False)
    network = models.SharedUnet(settings["width"])
    return OwnNumbers(network, *own_numbers(train)) if plan.own else network


def criterion(plan: Plan, stage: Stage, settings: dict):
    """The loss of the heads that learn in this stage."""
    loss = learn.Criterion({head: t for head, t in settings["loss"].items() if stage.heads in ("both", head)})
    return Normalised(loss) if plan.normalised else loss


def batches(kept: Kept, steps: int, settings: dict, seed: int, entries: tuple = ()) -> DataLoader:
    """So many batches: every picture once before any comes again, each time in another form where there are entries."""
    epochs = Epochs(kept, -(-steps * settings["batch"] // len(kept)), list(entries))
    generator = torch.Generator().manual_seed(seed)
    order = [k * len(kept) + torch.randperm(len(kept), generator=generator) for k in range(epochs.epochs)]
    return data.loader(Subset(epochs, torch.cat(order)[: steps * settings["batch"]].tolist()), settings["batch"])


def train_stage(network: nn.Module, plan: Plan, stage: Stage, settings: dict, kept: dict, seconds: float, seed, valid):
    """The history of one stage of so many seconds."""
    steps = max(1, round(seconds / settings["costs"][stage.cost]))
    part = network if stage.heads == "both" else OneHead(network, stage.heads)
    loss = criterion(plan, stage, settings)
    reports = round(settings["reports"] * stage.share) if valid else 1
    with learn.resting(part, *stage.frozen):
        loader = batches(kept["train"], steps, settings, seed, plan.entries)
        return learn.fit(part, loader, loss, learn.Settings(lr=settings["lr"], valid=valid, reports=reports))


def one_run(run: dict, shared: dict, settings: dict = SETTINGS, plans: dict = PLANS) -> dict:
    """Figures on unseen rooms and people after the plan's budget, at the size of its last stage, and on the way."""
    plan, budget = plans[run["question"], run["plan"]], settings["seconds"][run["question"]]
    sizes = run["question"] == "sizes"
    asked = shared["large" if sizes else plan.stages[-1].pictures]
    test = data.loader(asked["test"], 64)
    torch.manual_seed(run["seed"])
    network = build(plan, settings, shared["small"]["train"])
    figures, curve, spent, steps, heads = dict.fromkeys((*FIRST, *OTHER), ""), [], 0.0, 0, set()
    for stage in plan.stages:
        seconds = budget * stage.share
        history = train_stage(
            network, plan, stage, settings, shared[stage.pictures], seconds, run["seed"], test if sizes else None
        )
        curve += [row | {"at": spent + seconds * row["step"] / history[-1]["step"]} for row in history]
        spent, steps = spent + seconds, steps + history[-1]["step"]
        heads |= {"mask", "depth"} if stage.heads == "both" else {stage.heads}
        scores = learned(learn.evaluate(network, test), heads)
        if stage is not plan.stages[-1]:
            figures |= shown(scores, FIRST)
    small = learn.evaluate(network, data.loader(shared["small"]["test"], 64)) if sizes else {}
    figures |= shown(scores, {name: name for name in SCORES}) | shown(small, OTHER)
    figures |= {"called": f"{called(network, test):.5f}" if "mask" in heads else ""}
    figures |= {"curve_seconds": " ".join(f"{row['at']:.1f}" for row in curve if sizes)}
    figures |= {name: " ".join(f"{row[score]:.5g}" for row in curve if sizes) for name, score in CURVES.items()}
    return figures | {name: f"{value:.5f}" for name, value in asked["baselines"].items()} | {"steps": steps}


def learned(scores: dict[str, float], heads: set[str]) -> dict[str, float]:
    """The scores of the heads that were trained."""
    return {name: value for name, value in scores.items() if ("mask" if name.startswith("mask") else "depth") in heads}


def shown(scores: dict[str, float], columns: dict[str, str]) -> dict[str, str]:
    """Column → the score as text, empty where there is none."""
    return {column: f"{scores[name]:.5f}" if name in scores else "" for column, name in columns.items()}


@torch.no_grad()
def called(network: nn.Module, test: DataLoader) -> float:
    """The share of all pixels that the network calls foreground."""
    network.eval()
    found = [(network(batch["background"], batch["image"])["mask"] > 0).float().mean((1, 2, 3)) for batch in test]
    return torch.cat(found).mean().item()
