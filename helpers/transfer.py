"""The study `transfer`: two heads on a shared encoder, together or in turns, small pictures first, other numbers.

Also the networks and the loss that it compares, which notebook 07 takes apart.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, StackDataset, Subset

from . import data, learn, models
from .base import FAR
from .comparisons import BASELINES, SCORES, SEEDS
from .models.blocks import metres, pair, unit
from .study import Study
from .trials import Epochs, baseline_figures, pictures_in_memory

PICTURES = ("background", "image")
# About five minutes a seed on one core. A seed decides the first weights and the order of the pictures, nothing else.
SETTINGS = {"width": 16, "rooms": 300, "people": 300, "fractions": [0.8, 0.0, 0.2], "mixture": "museum", "batch": 8}
SETTINGS |= {"difficulty": "camera", "pictures": 1024, "unseen": 160, "data_seed": 0, "lr": 3e-3, "reports": 6}
SETTINGS |= {"loss": {"mask": {"bce": 1, "dice": 1}, "depth": {"l1": 2, "rmse": 1}}, "small": 64, "large": 96}
SETTINGS |= {"seconds": {"turns": 14, "sizes": 18, "colours": 14, "row E": 11}}
# Seconds of a step, measured on one core: so a budget in seconds is a number of steps, the same on any machine.
SETTINGS |= {"costs": {"both small": 0.093, "both large": 0.2, "mask small": 0.056, "depth small": 0.056}}
SETTINGS["costs"] |= {"mask small, trunk rests": 0.042, "depth small, trunk rests": 0.042, "both half": 0.05}
FIRST = ("first_mask_iou", "first_depth_rmse_m")  # after the first of two stages
SMALL = ("small_mask_iou", "small_depth_rmse_m")  # asked at the small size, too
CURVES = {"curve_seconds": "seconds", "curve_iou": "mask_iou", "curve_rmse_m": "depth_rmse_m"}


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
        figures=(*SCORES, *FIRST, *SMALL, "called", *CURVES, *BASELINES),
        runs=[{"question": question, "plan": name, "seed": seed} for seed in SEEDS for question, name in PLANS],
        settings=lambda run: settings | {"plan": asdict(PLANS[run["question"], run["plan"]])},
        prepare=lambda: pictures_of_kinds(settings),
        work=run_plan,
    )


def pictures_of_kinds(settings: dict) -> dict:
    """Kind of pictures → {"train", "test": the same rooms, people and places at its size, "baselines": of the test}."""
    kinds = {kind: pictures_in_memory(settings | {"size": settings[kind]}) for kind in ("small", "large")}
    small = {side: kinds["small"][side].datasets for side in ("train", "test")}
    kinds["half"] = {side: StackDataset(**halved(batch)) for side, batch in small.items()}
    tiny = {side: {name: v[..., ::2, ::2] for name, v in batch.items()} for side, batch in small.items()}
    loaders = {side: data.loader(StackDataset(**batch), 64) for side, batch in tiny.items()}
    kinds["half"]["baselines"] = baseline_figures(loaders["test"], loaders["train"])  # pictures as small as targets
    return kinds


def halved(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same pictures; every second row and column of the targets."""
    return {name: v if name in PICTURES else v[..., ::2, ::2].contiguous() for name, v in batch.items()}


def run_plan(run: dict, settings: dict, shared: dict) -> dict:
    """Figures on unseen rooms and people after the plan's budget, at the size of its last stage, and on the way."""
    plan, budget = PLANS[run["question"], run["plan"]], settings["seconds"][run["question"]]
    sizes, spent, steps, heads = run["question"] == "sizes", 0.0, 0, set()
    asked = shared["large" if sizes else plan.stages[-1].pictures]
    test, curve, figures = data.loader(asked["test"], 64), [], dict(asked["baselines"])
    torch.manual_seed(run["seed"])
    network = build_network(plan, settings, shared["small"]["train"])
    for stage in plan.stages:
        seconds = budget * stage.share
        history = train_stage(network, plan, stage, settings, shared, seconds, run["seed"], test if sizes else None)
        curve += [row | {"seconds": spent + seconds * row["step"] / history[-1]["step"]} for row in history]
        spent, steps = spent + seconds, steps + history[-1]["step"]
        heads |= {"mask", "depth"} if stage.heads == "both" else {stage.heads}
        scores = learn.evaluate(network, test)  # without those of a head that was never trained:
        scores = {name: v for name, v in scores.items() if ("mask" if name.startswith("mask") else "depth") in heads}
        if stage is plan.stages[0] and len(plan.stages) > 1:
            figures |= {f"first_{name}": value for name, value in scores.items()}
    if sizes:
        small = learn.evaluate(network, data.loader(shared["small"]["test"], 64))
        figures |= {f"small_{name}": value for name, value in small.items()}
        figures |= {column: [row[of] for row in curve] for column, of in CURVES.items()}
    if "mask" in heads:
        figures["called"] = share_called(network, test)
    return figures | scores | {"steps": steps}


def build_network(plan: Plan, settings: dict, train: Dataset) -> nn.Module:
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


def shuffled(pictures: Dataset, count: int, seed: int, entries: tuple = ()) -> Subset:
    """So many pictures: every one once before any comes again, each time in another form where there are entries."""
    total = len(pictures)
    again = Epochs(pictures, -(-count // total), entries)
    generator = torch.Generator().manual_seed(seed)
    order = [k * total + torch.randperm(total, generator=generator) for k in range(again.epochs)]
    return Subset(again, torch.cat(order)[:count].tolist())


@torch.no_grad()
def share_called(network: nn.Module, test: DataLoader) -> float:
    """The share of all pixels that the network calls foreground."""
    network.eval()
    found = [(network(batch["background"], batch["image"])["mask"] > 0).float().mean((1, 2, 3)) for batch in test]
    return torch.cat(found).mean().item()
