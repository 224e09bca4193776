"""Photographs: what may be passed on, pairs that repeat, masks that are exact, scores that are right, no training."""

import ast
import json
import re

import numpy as np
import pytest
import torch
from PIL import Image

from helpers import inference, learn, models, photographs, predict
from helpers.install import ROOT
from helpers.photographs import pasting, sources
from helpers.show.photos import photos

FOLDER = ROOT / "artifacts" / "photographs"


@pytest.fixture(scope="module")
def both():
    """The pairs aligned, and shaken."""
    return photographs.pairs(), photographs.pairs(shaken=True)


@pytest.fixture
def few(both, monkeypatch):
    """Six pairs in place of all."""
    some = {shaken: both[shaken][3::10] for shaken in (False, True)}
    monkeypatch.setattr("helpers.photographs.scoring.pairs", lambda shaken=False: some[shaken])
    return some


class Blank(torch.nn.Module):
    """A network that finds what it is told: everything, or nothing."""

    def __init__(self, logit: float) -> None:
        super().__init__()
        self.logit = logit

    def forward(self, background, image):
        return {"mask": torch.full_like(image[:, :1], self.logit)}


def test_every_photograph_is_small_and_its_licence_is_told():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_200_000
    page = (FOLDER / "README.md").read_text()
    assert re.findall(r"^\| `(\w+)\.jpg`", page, re.M) == list(photographs.names())
    assert "motorcycle" not in photographs.names()
    for name in photographs.names():
        with Image.open(FOLDER / f"{name}.jpg") as picture:
            assert min(picture.size) >= 256 and max(picture.size) <= 385 and not picture.getexif()


def test_what_is_cut_out_lies_in_its_photograph():
    for name, outline in sources.outlines().items():
        high, wide = photographs.photograph(outline["photograph"]).shape[:2]
        points = np.array([point for polygon in outline["polygons"] + outline["holes"] for point in polygon])
        assert points.min() >= 0 and (points <= [wide, high]).all(), name
        alpha = photographs.cutout(name)[..., 3]
        assert alpha.max() == 255 and alpha[0].any() and alpha[:, -1].any()
        assert 0.1 < (alpha > 127).mean() < 0.98
        assert ((alpha > 0) & (alpha < 255)).mean() < 0.12, f"{name}: the rim is a pixel wide"


def test_scikit_image_is_not_needed():
    for name in ("requirements.txt", "requirements.lock"):
        assert "scikit-image" not in (ROOT / name).read_text()
    for path in (ROOT / "helpers").rglob("*.py"):
        assert not re.search(r"^\s*(import|from) skimage", path.read_text(), re.M), path


def imported(path, seen: set) -> set:
    """Every file of helpers that this one imports, anywhere in it, and what those import."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            base = path.parent.joinpath(*[".."] * (node.level - 1)) if node.level else ROOT
            base = base.joinpath(*(node.module or "").split(".")).resolve()
            for part in (base, *(base / alias.name for alias in node.names)):
                for file in (part.with_suffix(".py"), part / "__init__.py"):
                    if file not in seen and file.is_file():
                        seen.add(file)
                        imported(file, seen)
    return seen


def test_no_photograph_is_ever_trained_on():
    starts = [ROOT / "helpers" / f"{name}.py" for name in ("ship", "train")]
    files = set(starts)
    for path in starts:
        imported(path, files)
    scored = imported(ROOT / "helpers" / "evaluate.py", set())
    assert ROOT / "helpers" / "photographs" / "sources.py" in scored, "the walk over the imports finds nothing"
    for file in files:
        assert not file.is_relative_to(ROOT / "helpers" / "photographs"), file
        assert '"photographs"' not in file.read_text(), f"{file} names the folder of the photographs"


def test_the_plan(both):
    plan = photographs.planned()
    assert len(plan) == len(both[0]) == len(both[1]) >= 48
    assert sum(pair.thing is None for pair in plan) == sum(pair.size == 224 for pair in plan) == len(plan) / 2
    assert all(pair.behind != pair.front for pair in plan)
    assert {pair.behind for pair in plan} == {pair.front for pair in plan if not pair.thing} == set(photographs.names())
    assert {pair.flip for pair in plan if pair.thing} == {True, False}
    heights = [pair.height for pair in plan]
    assert min(heights) < 0.35 and max(heights) > 0.85


def test_the_pairs_are_the_same_each_time(both):
    plan = photographs.planned()
    for cached in (pasting._scenes, pasting.planned, sources.cutout, sources.photograph):
        cached.cache_clear()
    assert photographs.planned() == plan != photographs.planned(1)
    for before, after in zip(both[1], photographs.pairs(shaken=True)):
        assert all(torch.equal(before[name], after[name]) for name in before)


def test_aligned_pairs_differ_only_where_the_mask_or_its_rim_is(both):
    for pair, batch in zip(photographs.planned(), both[0]):
        assert batch["image"].dtype == torch.uint8 and batch["image"].shape == (1, 3, pair.size, pair.size)
        assert 0.004 < batch["mask"].mean() < 0.65, pair.title
        near = torch.nn.functional.max_pool2d(batch["mask"], 5, 1, 2)
        changed = (batch["background"] != batch["image"]).any(1, keepdim=True)
        assert not (changed & (near == 0)).any(), pair.title


def test_shaken_pairs_are_the_same_pairs_seen_by_another_camera(both):
    for still, shaken in zip(*both):
        assert torch.equal(still["background"], shaken["background"])
        assert not torch.equal(still["image"], shaken["image"])
        a, b = still["mask"].mean().item(), shaken["mask"].mean().item()
        assert abs(a - b) < 0.25 * max(a, b) + 0.01


def test_iou_is_that_of_all_pixels_together(few):
    batches = few[False]
    counts = photographs.by_pair(Blank(1), batches)
    shares = [batch["mask"].mean().item() for batch in batches]
    assert photographs.ious(counts) == pytest.approx(shares)
    pixels = np.array([batch["mask"].numel() for batch in batches])
    assert photographs.total(counts) == pytest.approx((shares * pixels).sum() / pixels.sum())
    assert photographs.total(photographs.by_pair(Blank(-1), batches)) == 0
    worst = photographs.worst_first(Blank(1), batches)
    assert [k for k, _ in worst] == list(np.argsort(shares)) and worst[0][1] == pytest.approx(min(shares))
    assert photographs.by_pair(learn.MeanDepth(torch.ones(1, 1, 4, 4)), batches) is None


def test_the_network_is_scored_on_what_predict_says(few, monkeypatch):
    torch.manual_seed(0)
    network = models.build("roomnet").eval()
    monkeypatch.setattr(inference, "trained_network", lambda *_: (network, {"size": 96}))
    batch = few[True][0]
    told = predict(*(batch[name][0].permute(1, 2, 0).numpy() for name in ("background", "image")))["mask"]
    assert np.array_equal(told, photographs.mask_of(network, batch))


def test_subtraction_has_its_best_threshold(few):
    figures = photographs.scores(Blank(1))
    assert figures["photo_pairs"] == 6 and json.dumps(figures)
    for name, batches in (("aligned", few[False]), ("shaken", few[True])):
        best = figures[f"baseline_photos_{name}_iou"]
        fitted = learn.fit_differencing(batches)
        assert photographs.total(photographs.by_pair(fitted, batches)) == pytest.approx(best)
        for threshold in (0, 3, 12, 40):
            assert photographs.total(photographs.by_pair(learn.Differencing(threshold), batches)) <= best + 1e-12


def test_subtraction_is_nearly_right_on_aligned_pairs_and_much_better_after_aligning_shaken_ones(both):
    assert photographs.best_differencing(both[0]) > 0.95
    shaken, moved = (photographs.best_differencing(b) for b in (both[1], photographs.after_align(both[1])))
    assert shaken < 0.55 and moved > shaken + 0.2


def test_the_picture_of_failures(few):
    batches = few[True]
    network = Blank(1)
    order = [k for k, _ in photographs.worst_first(network, batches)][:2]
    shown = [batches[k] for k in order]
    pictures = [[batch[name][0] for batch in shown] for name in ("background", "image", "mask")]
    plain = learn.fit_differencing(batches)
    guesses = {"differencing": plain, "network": network}
    guesses = {name: [photographs.mask_of(each, batch) for batch in shown] for name, each in guesses.items()}
    figure = photos(*pictures, guesses)
    assert len(figure.axes) == 10
    titles = [axis.get_title() for axis in figure.axes]
    assert titles[:2] == ["background", "image"] and titles[4] == "truth" and titles[5] == ""
    assert titles[3] == f"network {photographs.ious(photographs.by_pair(network, shown))[0]:.2f}"
