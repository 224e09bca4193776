"""The study `transfer`: two heads on a shared encoder, together or in turns, small pictures first, other numbers.

Also the networks and the loss that it compares, which notebook 07 takes apart.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Subset

from . import data, learn, models
from .base import FAR
from .comparisons import BASELINES, SCORES, KeptPictures, as_text, baselines_as_text
from .models.blocks import metres, pair, unit
from .study import Study

PICTURES = ("background", "image")
# About five minutes a seed on one core. A seed decides the first weights and the order of the pictures, nothing else.
SETTINGS = {"width": 16, "rooms": 300, "people": 300, "fractions": [0.8, 0.0, 0.2], "mixture": "museum", "batch": 8}
SETTINGS |= {"difficulty": "camera", "pictures": 1024, "unseen": 160, "data_seed": 0, "lr": 3e-3, "reports": 6}
SETTINGS |= {"loss": {"mask": {"bce": 1, "dice": 1}, "depth": {"l1": 2, "rmse": 1}}, "small": 64, "large": 96}
SETTINGS |= {"seconds": {"turns": 14, "sizes": 18, "colours": 14, "row E": 11}}
# Seconds of a step, measured on one core: so a budget in seconds is a number of steps, the same on any machine.
SETTINGS |= {"costs": {"both small": 0.093, "both large": 0.2, "mask small": 0.056, "depth small": 0.056}}
SETTINGS["costs"] |= {"mask small, trunk rests": 0.042, "depth small, trunk rests": 0.042, "both half": 0.05}
SEEDS = (0, 1)
FIRST = {"first_mask_iou": "mask_iou", "first_depth_rmse_m": "depth_rmse_m"}  # after the first of two stages
SMALL = {"small_mask_iou": "mask_iou", "small_depth_rmse_m": "depth_rmse_m"}  # asked at the small size, too
CURVES = {"curve_iou": "mask_iou", "curve_rmse_m": "depth_rmse_m"}


@dataclass(frozen=True)
class Stage:
    """A part of a training: the heads that learn, the parts that are frozen, which pictures, its share of the time."""

    heads: str = "both"
    frozen: tuple[str, ...] = ()
    pictures: str = "small"  # "large"; "half": small ones whose targets are half as high and wide
    share: float = 1.0


@dataclass(frozen=True)
class Plan:
    """A training: its stages, and what is done to the pictures or to the targets."""

    stages: tuple[Stage, ...] = (Stage(),)
    entries: tuple = ()  # of an augmentation
    own: bool = False  # pictures standardised by the mean and deviation of these very pictures
    encoders: str = ""  # "colour" or "grey": the network with two encoders instead of the shared U-Net
    normalised: bool = False  # the targets too, as the pictures are


def one_after_the_other(first: str, second: str, *frozen: str) -> Plan:
    """One head for half of the budget, then the other, while the parts called `frozen` keep their weights."""
    return Plan((Stage(first, share=0.5), Stage(second, frozen, share=0.5)))


LARGE, HALF = Stage(pictures="large"), (Stage(pictures="half"),)
PLANS = {
    ("turns", "together"): Plan(),
    ("row E", "grey, normalised targets"): Plan(HALF, encoders="grey", normalised=True),
    ("row E", "grey"): Plan(HALF, encoders="grey"),
    ("row E", "colour"): Plan(HALF, encoders="colour"),
    ("turns", "mask alone"): Plan((Stage("mask"),)),
    ("turns", "depth alone"): Plan((Stage("depth"),)),
    ("turns", "mask, then depth"): one_after_the_other("mask", "depth"),
    ("turns", "mask, then depth, trunk frozen"): one_after_the_other("mask", "depth", "trunk"),
    ("turns", "depth, then mask"): one_after_the_other("depth", "mask"),
    ("turns", "depth, then mask, trunk frozen"): one_after_the_other("depth", "mask", "trunk"),
    ("sizes", "large from nothing"): Plan((LARGE,)),
    ("sizes", "small, then large"): Plan((Stage(share=0.5), Stage(pictures="large", share=0.5))),
    ("sizes", "small alone"): Plan(),
    ("colours", "own mean and deviation"): Plan(own=True),
    ("colours", "jitter"): Plan(entries=("light", "drift")),
}


class OneHead(nn.Module):
    """A shared U-Net with one of its heads: the other branch is not even computed. The weights are the network's."""

    def __init__(self, network: models.SharedUnet, head: str) -> None:
        super().__init__()
        self.trunk, self.head = network.trunk, head
        self.add_module(head, getattr(network, head))

    def forward(self, background: Tensor, image: Tensor) -> dict[str, Tensor]:
        """The one head, N 1 H W, of pictures whose height and width divide by 16."""
        features = [torch.cat(pair(background, image), 1)]
        for step in self.trunk:
            features.append(step(features[-1]))
        found = getattr(self, self.head)(features[1:])
        return {self.head: metres(found) if self.head == "depth" else found}


class OwnNumbers(nn.Module):
    """A network whose pictures are standardised by another mean and deviation, per channel (red, green, blue)."""

    def __init__(self, network: nn.Module, mean: list[float], std: list[float]) -> None:
        super().__init__()
        self.network = network
        for name, numbers in {"mean": mean, "std": std}.items():
            self.register_buffer(name, torch.tensor(numbers, dtype=torch.float32).view(1, 3, 1, 1))

    def forward(self, background: Tensor, image: Tensor) -> dict[str, Tensor]:
        """The heads of the network; what it does to pictures itself, less 0.5 and over 0.25, is undone first."""
        pictures = ((unit(picture) - self.mean) / self.std * 0.25 + 0.5 for picture in (background, image))
        return self.network(*pictures)


class Normalised:
    """A loss whose targets, mask and depth / FAR, are less `mean` and over `std` first, as the pictures are.

    No such target lies where a sigmoid or a share of FAR can be.
    """

    def __init__(self, loss: Callable, mean: float = 0.5, std: float = 0.25) -> None:
        self.loss, self.mean, self.std = loss, mean, std

    def targets(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Mask, and depth in units of FAR, as the loss sees them."""
        maps = {"mask": batch["mask"], "depth": batch["depth"] / FAR}
        return {name: (values - self.mean) / self.std for name, values in maps.items()}

    def __call__(self, outputs: dict[str, Tensor], batch: dict[str, Tensor]) -> Tensor:
        """One number with a gradient."""
        targets = self.targets(batch)
        return self.loss(outputs, batch | {"mask": targets["mask"], "depth": targets["depth"] * FAR})


def transfer_study(settings: dict = SETTINGS) -> Study:
    """Every plan with the first seed, then with the next."""
    return Study(
        name="transfer",
        keys=("question", "plan"),
        figures=(*SCORES, *FIRST, *SMALL, "called", "curve_seconds", *CURVES, *BASELINES),
        runs=[{"question": question, "plan": name, "seed": seed} for seed in SEEDS for question, name in PLANS],
        settings=lambda run: settings | {"plan": asdict(PLANS[run["question"], run["plan"]])},
        prepare=lambda: compose_sides(settings),
        work=lambda run, shared: run_plan(run, shared, settings),
    )


def compose_sides(settings: dict) -> dict:
    """Kind of pictures → {"train", "test": the same rooms, people and places at its size, "baselines": of the test}."""
    found = {}
    for kind in ("small", "large"):
        bank = data.Bank.draw(settings["rooms"], settings["people"], settings[kind], mixture=settings["mixture"])
        sides, found[kind] = data.split(bank, settings["fractions"], settings["data_seed"]), {}
        for side, length in (("train", settings["pictures"]), ("test", settings["unseen"])):
            rooms, things = sides[side]
            rows = data.random_rows(bank, length, settings["data_seed"], rooms=rooms, things=things)
            found[kind][side] = data.compose(bank, rows, settings["difficulty"])
    found["half"] = {side: halved(batch) for side, batch in found["small"].items()}
    for kind, sides in found.items():
        step = 2 if kind == "half" else 1  # for the baselines pictures are as small as their targets
        shrunk = [{n: v[..., ::step, ::step] if n in PICTURES else v for n, v in b.items()} for b in sides.values()]
        baselines = baselines_as_text(*(data.loader(KeptPictures(batch), 64) for batch in shrunk))
        found[kind] = {side: KeptPictures(batch) for side, batch in sides.items()} | {"baselines": baselines}
    return found


def halved(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same pictures; every second row and column of the targets."""
    return {name: v if name in PICTURES else v[..., ::2, ::2].contiguous() for name, v in batch.items()}


def run_plan(run: dict, shared: dict, settings: dict) -> dict:
    """Figures on unseen rooms and people after the plan's budget, at the size of its last stage, and on the way."""
    plan, budget = PLANS[run["question"], run["plan"]], settings["seconds"][run["question"]]
    sizes, spent, steps, heads = run["question"] == "sizes", 0.0, 0, set()
    asked = shared["large" if sizes else plan.stages[-1].pictures]
    test, curve = data.loader(asked["test"], 64), []
    torch.manual_seed(run["seed"])
    network = build_network(plan, settings, shared["small"]["train"])
    figures = dict.fromkeys((*FIRST, *SMALL), "")
    for stage in plan.stages:
        seconds = budget * stage.share
        history = train_stage(network, plan, stage, settings, shared, seconds, run["seed"], test if sizes else None)
        curve += [row | {"at": spent + seconds * row["step"] / history[-1]["step"]} for row in history]
        spent, steps = spent + seconds, steps + history[-1]["step"]
        heads |= {"mask", "depth"} if stage.heads == "both" else {stage.heads}
        scores = learn.evaluate(network, test)  # without those of a head that was never trained:
        scores = {name: v for name, v in scores.items() if ("mask" if name.startswith("mask") else "depth") in heads}
        if stage is not plan.stages[-1]:
            figures |= dict(zip(FIRST, as_text(scores, tuple(FIRST.values())).values()))
    if sizes:
        small = learn.evaluate(network, data.loader(shared["small"]["test"], 64))
        figures |= dict(zip(SMALL, as_text(small, tuple(SMALL.values())).values()))
    figures |= as_text(scores, SCORES) | asked["baselines"] | {"steps": steps}
    figures |= {"called": f"{share_called(network, test):.5f}" if "mask" in heads else ""}
    figures |= {"curve_seconds": " ".join(f"{row['at']:.1f}" for row in curve if sizes)}
    return figures | {name: " ".join(f"{row[score]:.5g}" for row in curve if sizes) for name, score in CURVES.items()}


def build_network(plan: Plan, settings: dict, train: KeptPictures) -> nn.Module:
    """The plan's network, with random weights."""
    if plan.encoders:
        return models.TwoEncoders(grey=plan.encoders == "grey", twice=False)
    network = models.SharedUnet(settings["width"])
    if not plan.own:
        return network
    found = data.statistics(data.loader(train, 64))["bg_fg"]
    return OwnNumbers(network, found["mean"], found["std"])


def train_stage(
    network: nn.Module, plan: Plan, stage: Stage, settings: dict, shared: dict, seconds: float, seed: int, valid
) -> list[dict]:
    """The history of one stage of so many seconds; afterwards nothing is frozen."""
    cost = f"{stage.heads} {stage.pictures}" + ", trunk rests" * bool(stage.frozen)
    steps = max(1, round(seconds / settings["costs"][cost]))
    part = network if stage.heads == "both" else OneHead(network, stage.heads)
    loss = learn.Criterion({head: t for head, t in settings["loss"].items() if stage.heads in ("both", head)})
    pictures = shuffled(shared[stage.pictures]["train"], steps * settings["batch"], seed, plan.entries)
    for name in stage.frozen:
        part.get_submodule(name).requires_grad_(False)
    reports = round(settings["reports"] * stage.share) if valid else 1
    how = learn.Settings(lr=settings["lr"], valid=valid, reports=reports)
    batches = data.loader(pictures, settings["batch"])
    history = learn.fit(part, batches, Normalised(loss) if plan.normalised else loss, how)
    network.requires_grad_(True)
    return history


def shuffled(kept: KeptPictures, count: int, seed: int, entries: tuple = ()) -> Subset:
    """So many pictures: every one once before any comes again, each time in another form where there are entries."""
    total = len(kept)
    again = KeptPictures(kept.batch, -(-count // total), entries)
    generator = torch.Generator().manual_seed(seed)
    order = [k * total + torch.randperm(total, generator=generator) for k in range(again.epochs)]
    return Subset(again, torch.cat(order)[:count].tolist())


@torch.no_grad()
def share_called(network: nn.Module, test: DataLoader) -> float:
    """The share of all pixels that the network calls foreground."""
    network.eval()
    found = [(network(batch["background"], batch["image"])["mask"] > 0).float().mean((1, 2, 3)) for batch in test]
    return torch.cat(found).mean().item()
