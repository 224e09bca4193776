"""The study `transfer`: what sharing buys and costs: an encoder between two heads, and weights between trainings.

Three questions: `heads` (together, alone, or in turns), `sizes` (64 pixels, then 96) and `encoder` (from random
weights, or from those of a training on other drawings). Notebook 07 reads its table.
"""

from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, Subset

from . import data, learn, models
from .comparisons import BASELINES, SCORES, SEEDS
from .inference import SHIPPED
from .study import Study
from .trials import pictures_in_memory

# A seed decides the first weights and the order of the pictures, nothing else.
SETTINGS = {"width": 16, "rooms": 300, "people": 300, "fractions": [0.8, 0.0, 0.2], "mixture": "museum", "batch": 8}
SETTINGS |= {"difficulty": "camera", "pictures": 1024, "unseen": 160, "data_seed": 0, "lr": 3e-3}
SETTINGS |= {"loss": {"mask": {"bce": 1, "dice": 1}, "depth": {"l1": 2, "rmse": 1}}, "small": 64, "large": 96}
SETTINGS |= {"steps": {"heads": 150, "sizes": 150, "encoder": 100}}  # with small pictures, for each head
SETTINGS |= {"reports": {"heads": 1, "sizes": 6, "encoder": 5}}  # of each stage that has all steps
FIRST = ("first_mask_iou", "first_depth_rmse_m")  # after the first stage
CURVES = {"curve_cost": "cost", "curve_iou": "mask_iou", "curve_rmse_m": "depth_rmse_m"}
DRAWN = "smp_mobilenet"  # the recipe of the encoder's weights, `python -m helpers ship smp_mobilenet`


@dataclass(frozen=True)
class Stage:
    """A part of a training: the heads that learn, the parts that are frozen, which pictures, its share of the steps."""

    heads: str = "both"
    frozen: tuple[str, ...] = ()
    pictures: str = "small"  # or "large", with as many steps as cost the same
    share: float = 1.0


@dataclass(frozen=True)
class Plan:
    """A training: its stages, how many pictures it has, and where a library's encoder has its weights from."""

    stages: tuple[Stage, ...] = (Stage(),)
    pictures: int = SETTINGS["pictures"]
    encoder: str = ""  # "random" or "drawn": the library's U-Net; "": the U-Net of notebook 07


def in_turns(*heads: str, frozen: tuple[str, ...] = (), share: float = 1.0) -> Plan:
    """One head after the other; from the second turn on the parts called `frozen` keep their weights."""
    return Plan((Stage(heads[0], share=share), *(Stage(head, frozen, share=share) for head in heads[1:])))


LARGE, FROZEN, FEW = Stage(pictures="large"), ("encoder",), 128
PLANS = {
    ("sizes", "large from nothing"): Plan((LARGE,)),
    ("sizes", "small, then large"): Plan((Stage(share=0.5), Stage(pictures="large", share=0.5))),
    ("sizes", "small alone"): Plan(),
    ("encoder", "random"): Plan(pictures=FEW, encoder="random"),
    ("encoder", "drawn"): Plan(pictures=FEW, encoder="drawn"),
    ("encoder", "drawn and frozen"): Plan((Stage(frozen=FROZEN),), FEW, "drawn"),
    ("heads", "together"): Plan(),
    ("heads", "mask, then depth"): in_turns("mask", "depth"),
    ("heads", "mask, then depth, encoder frozen"): in_turns("mask", "depth", frozen=FROZEN),
    ("heads", "depth, then mask"): in_turns("depth", "mask"),
    ("heads", "depth, then mask, encoder frozen"): in_turns("depth", "mask", frozen=FROZEN),
    ("heads", "alternating, six turns"): in_turns(*3 * ("mask", "depth"), share=1 / 3),
}


def transfer_study(settings: dict = SETTINGS) -> Study:
    """Every plan with the first seed, then with the next."""
    return Study(
        name="transfer",
        figures=(*SCORES, *FIRST, *CURVES, *BASELINES),
        runs=[{"question": question, "plan": name, "seed": seed} for seed in SEEDS for question, name in PLANS],
        settings=lambda run: settings | {"plan": asdict(PLANS[run["question"], run["plan"]])},
        prepare=lambda: {size: pictures_in_memory(settings | {"size": settings[size]}) for size in ("small", "large")},
        work=run_plan,
    )


def run_plan(run: dict, settings: dict, shared: dict) -> dict:
    """Figures on unseen rooms and people at the end of the plan, after its first stage, and on the way."""
    plan, curve, heads, first = PLANS[run["question"], run["plan"]], [], set(), {}
    asked = shared["large" if run["question"] == "sizes" else "small"]  # the plans of a question are asked at one size
    torch.manual_seed(run["seed"])
    network, order = build_network(plan, settings), torch.Generator().manual_seed(run["seed"])
    for stage in plan.stages:
        cheaper = (settings["small"] / settings[stage.pictures]) ** 2  # a step with small pictures; 1: no cheaper
        steps = max(1, round(settings["steps"][run["question"]] * stage.share * cheaper))
        pictures = Subset(shared[stage.pictures]["train"], range(plan.pictures))
        batches = data.loader(shuffled(pictures, steps * settings["batch"], order), settings["batch"])
        reports = max(1, round(settings["reports"][run["question"]] * stage.share))
        how = learn.Settings(lr=settings["lr"], valid=data.loader(asked["test"], 64), reports=reports)
        history = train_stage(network, stage, batches, settings["loss"], how)
        spent, done = (curve[-1]["cost"], curve[-1]["step"]) if curve else (0, 0)
        curve += [row | {"cost": spent + row["step"] / cheaper, "step": done + row["step"]} for row in history]
        heads |= {"mask", "depth"} if stage.heads == "both" else {stage.heads}
        first = first or {f"first_{name}": value for name, value in scores_of(heads, curve[-1]).items()}
    figures = {column: [row[of] for row in curve] for column, of in CURVES.items()} | asked["baselines"]
    return figures | scores_of(heads, curve[-1]) | first | {"steps": curve[-1]["step"]}


def build_network(plan: Plan, settings: dict) -> nn.Module:
    """The plan's network, with random weights but for an encoder that is `drawn`."""
    if not plan.encoder:
        return models.SharedUnet(settings["width"])
    network = models.build(DRAWN)
    if plan.encoder == "drawn":
        network.encoder.load_state_dict(learn.read_checkpoint(SHIPPED / f"{DRAWN}.safetensors")[1])
    return network


def train_stage(network: nn.Module, stage: Stage, batches: DataLoader, loss: dict, how: learn.Settings) -> list[dict]:
    """The history of one stage; a head that does not learn is frozen, and afterwards nothing is."""
    resting = [head for head in loss if stage.heads not in (head, "both")]
    for name in (*stage.frozen, *resting):
        network.get_submodule(name).requires_grad_(False)
    learning = {head: terms for head, terms in loss.items() if head not in resting}
    history = learn.fit(network, batches, learn.Criterion(learning), how)
    network.requires_grad_(True)
    return history


def shuffled(pictures: Dataset, count: int, order: torch.Generator) -> Subset:
    """So many pictures: every one once before any comes again."""
    total = len(pictures)
    epochs = [torch.randperm(total, generator=order) for _ in range(-(-count // total))]
    return Subset(pictures, torch.cat(epochs)[:count].tolist())


def scores_of(heads: set[str], row: dict) -> dict[str, float]:
    """The scores in a row of a history, without those of a head that was never trained."""
    return {name: v for name, v in row.items() if name in SCORES and ("mask" if "mask" in name else "depth") in heads}
