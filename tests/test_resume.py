"""A training that was stopped anywhere goes on to the same weights, to the last bit; other folders are refused."""

import json
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load, save
from test_bad_input import refused
from test_baselines import batch
from torch.utils.data import DataLoader, Dataset, RandomSampler

from helpers import learn, models
from helpers.learn import resume
from helpers.learn.packing import pack, unpack

HERE = Path(__file__).parent
PLACE = os.pathsep.join([str(HERE.parent), str(HERE)])  # where a child finds helpers and this file
SAMPLES, EPOCHS = 22, 3  # in batches of 4: the last one of each epoch is smaller


class Drawn(Dataset):
    """Pictures changed by torch's, numpy's and Python's own random numbers; counts how many were composed."""

    def __init__(self) -> None:
        self.whole, self.composed = batch(SAMPLES, noise=40), 0

    def __len__(self) -> int:
        return SAMPLES

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        self.composed += 1
        sample = {name: value[index] for name, value in self.whole.items()}
        light = torch.rand(()) * 0.2 + np.random.rand() * 0.2 + random.random() * 0.2 + 0.7
        return sample | {"image": (sample["image"] * light).clamp(0, 255).to(torch.uint8)}


def loader(own: bool = True, **how) -> DataLoader:
    """A shuffled loader, with a generator of its own or with the global one."""
    return DataLoader(Drawn(), 4, shuffle=True, generator=torch.Generator().manual_seed(5) if own else None, **how)


def train(folder=None, loss=learn.mask_loss, data=None, seed: int = 0, **how):
    """(network, history) of the training that all tests here interrupt."""
    for each in (torch.manual_seed, np.random.seed, random.seed):
        each(seed)
    network = models.build("masknet")
    how = {"epochs": EPOCHS, "lr": 1e-2, "reports": 4, "valid": [batch(4)]} | how
    return network, learn.fit(network, data or loader(), loss, learn.Settings(folder=folder, **how))


class Stop(Exception):
    """What a test is interrupted by."""


def stopping(at: int):
    """The loss, but the `at`-th call fails."""
    calls = iter(range(1, 1000))

    def mask_loss(outputs, batch):
        if next(calls) == at:
            raise Stop
        return learn.mask_loss(outputs, batch)

    mask_loss.__qualname__ = "mask_loss"
    return mask_loss


def same(one, other) -> bool:
    """Whether two networks are equal to the last bit."""
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


def rows(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


KINDS = {
    "plain": {},
    "ema": {"ema": 0.9},
    "constant": {"schedule": "constant"},
    "plateau": {"schedule": "plateau"},
    "muon": {"optimizer": "muon", "lr": 0.01},
    "torch one cycle": {"schedule": torch.optim.lr_scheduler.OneCycleLR, "optimizer": "sgd", "lr": 0.05},
    "any scheduler": {"schedule": lambda optimizer, steps: torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 8])},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_stop_at_any_step_changes_nothing(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(resume, "SAVE_SECONDS", 0)
    whole, history = train(tmp_path / "whole", **KINDS[kind])
    for seed, at in enumerate((3, 5, 7)):  # after 2, 6 and 12 steps: in an epoch, and at the ends of two
        with pytest.raises(Stop):
            train(tmp_path / "parts", stopping(at), seed=seed, **KINDS[kind])
    parts, gone_on = train(tmp_path / "parts", seed=9, **KINDS[kind])
    assert same(whole, parts) and gone_on == history and len(history) == 4
    assert [row["step"] for row in rows(tmp_path / "parts")] == [4, 9, 13, 18]


@pytest.mark.parametrize("how", [{"own": False}, {"own": True, "drop_last": True}])
def test_every_kind_of_loader_goes_on_without_composing_again(tmp_path, how):
    whole, history = train(data=loader(**how))
    with pytest.raises(Stop):
        train(tmp_path, stopping(12), data=loader(**how))
    data = loader(**how)
    parts, gone_on = train(tmp_path, seed=1, data=data)
    assert same(whole, parts) and gone_on == history
    assert data.dataset.composed == (16 if "drop_last" in how else 32)  # of 60 or 66: what came after the last save


def test_other_samplers_lists_and_workers_go_on(tmp_path):
    def replaced():
        data, generator = Drawn(), torch.Generator().manual_seed(1)
        return DataLoader(data, 4, sampler=RandomSampler(data, True, 44, generator))

    def steady():
        kept = [{name: value[k] for name, value in batch(SAMPLES, noise=40).items()} for k in range(SAMPLES)]
        generator = torch.Generator().manual_seed(1)
        return DataLoader(kept, 4, True, num_workers=1, persistent_workers=True, generator=generator)

    kinds = {"replaced": replaced, "list": lambda: [batch(4, noise=40, seed=k) for k in range(6)], "workers": steady}
    for name, data in kinds.items():
        whole, history = train(data=data())
        with pytest.raises(Stop):
            train(tmp_path / name, stopping(11), data=data())
        parts, gone_on = train(tmp_path / name, seed=1, data=data())
        assert same(whole, parts) and gone_on == history, name


def test_a_killed_process_goes_on(tmp_path):
    whole, history = train()
    code = "import test_resume as t; t.resume.SAVE_SECONDS = 0; t.train(t.sys.argv[1])"
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": PLACE},
        stdout=subprocess.DEVNULL,
    )
    while not (tmp_path / "last.json").exists() or json.loads((tmp_path / "last.json").read_text())["step"] < 5:
        assert child.poll() is None, "it ended before it could be killed"
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.wait()
    left = learn.load_checkpoint(tmp_path / "last.safetensors")[1]["step"]
    network, gone_on = train(tmp_path, seed=3)
    assert 5 <= left < 18 and same(whole, network) and gone_on == history


TWO = """
import sys, torch
import test_resume as t
how, folder = {"ema": 0.5, "epochs": 2, "reports": 2}, sys.argv[1]
whole, history = t.train(folder + "/whole", **how)
try:
    t.train(folder + "/parts", t.stopping(5), **how)
except t.Stop:
    parts, gone_on = t.train(folder + "/parts", seed=1, **how)
assert t.same(whole, parts) and gone_on == history
weights = [value.double().sum() for value in parts.state_dict().values()]
open(folder + f"/seen{torch.distributed.get_rank()}", "w").write(repr((float(sum(weights)), history)))
"""


def test_two_processes_train_one_network_and_go_on(tmp_path):
    (tmp_path / "two.py").write_text(TWO)
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    told = subprocess.run(
        [*launch, str(tmp_path / "two.py"), str(tmp_path)],
        env=os.environ | {"PYTHONPATH": PLACE, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr[-3000:]
    seen = [(tmp_path / f"seen{index}").read_text() for index in (0, 1)]
    assert seen[0] == seen[1]
    assert [row["step"] for row in rows(tmp_path / "parts")] == [3, 6]  # half of one process's 12
    assert told.stdout.count("6/6") == 2, "one bar for each training, of the main process"


def test_a_finished_training_gives_its_history_at_once(tmp_path):
    network, history = train(tmp_path, epochs=1, ema=0.9)

    def never(outputs, batch):
        raise AssertionError("it trains")

    never.__qualname__ = "mask_loss"
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    again, told = train(tmp_path, never, epochs=1, ema=0.9, seed=2)
    assert told == history and same(network, again)
    assert before == {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert sorted(before) == ["best.json", "best.safetensors", "last.json", "last.safetensors", "log.jsonl"]
    for name in ("best", "last"):  # both are checkpoints like any other
        kept, card = learn.load_checkpoint(tmp_path / f"{name}.safetensors")
        scores = card["scores"]
        assert (card["network"], card["parameters"], card["training"]["lr"]) == ("masknet", 76_097, 1e-2)
        assert scores in history
        assert learn.evaluate(kept, [batch(4)])["mask_iou"] == pytest.approx(scores["mask_iou"], abs=1e-6)
    best = json.loads((tmp_path / "best.json").read_text())["scores"]
    assert best["mask_iou"] == max(row["mask_iou"] for row in history)


def test_seconds_stop_it_and_more_of_them_go_on(tmp_path):
    whole, history = train(schedule="constant")
    _, first = train(tmp_path, schedule="constant", seconds=1e-3)
    assert [row["step"] for row in first] == [1]
    _, still = train(tmp_path, schedule="constant", seconds=1e-3)  # this budget is spent
    assert still == first
    parts, gone_on = train(tmp_path, schedule="constant", seed=1)
    assert same(whole, parts) and gone_on[-1]["mask_iou"] == history[-1]["mask_iou"]


def test_a_cut_log_and_lost_cards_are_made_good(tmp_path):
    with pytest.raises(Stop):
        train(tmp_path, stopping(6), epochs=1, reports=3)
    log = tmp_path / "log.jsonl"
    log.write_text(log.read_text() + log.read_text()[:20])  # killed while it wrote, or before it saved
    (tmp_path / "last.json").unlink()
    _, history = train(tmp_path, epochs=1, reports=3)
    assert [row["step"] for row in rows(tmp_path)] == [2, 4, 6] == [row["step"] for row in history]
    assert set(rows(tmp_path)[0]) - set(history[0]) == {"lr", "seconds"}


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    """A folder with a short training."""
    folder = tmp_path_factory.mktemp("trained")
    train(folder, epochs=1)
    return folder


OTHERS = {
    "lr 0.01, not 0.02": {"lr": 0.02},
    "epochs 1, not 2": {"epochs": 2},
    "schedule 'one cycle', not 'constant'": {"schedule": "constant"},
    "ema None, not 0.5": {"ema": 0.5},
    "loss 'mask_loss', not \"Criterion": {"loss": learn.Criterion({"mask": {"bce": 1}})},
    "optimizer 'AdamW', not 'SGD'": {"optimizer": "sgd"},
    "batches 6, not 1": {"data": [batch(4)]},
}


@pytest.mark.parametrize("says", OTHERS)
def test_another_training_is_refused(trained, says):
    refused(lambda: train(trained, **{"epochs": 1} | OTHERS[says]), "holds another training", says, "another folder")


def test_another_network_is_refused(trained):
    network = models.build("masknet_c")
    how = {"epochs": 1, "lr": 1e-2, "folder": trained}
    refused(
        lambda: learn.fit(network, loader(), learn.mask_loss, learn.Settings(**how)),
        "network 'masknet', not 'masknet_c'",
    )
    other = torch.nn.Sequential(models.build("masknet"))
    refused(
        lambda: learn.fit(other, loader(), learn.mask_loss, learn.Settings(**how)), "known networks", "not 'Sequential'"
    )
    refused(lambda: train(trained / "log.jsonl"), "log.jsonl is a file")


def test_files_that_are_no_training_are_refused(trained, tmp_path):
    whole = (trained / "last.safetensors").read_bytes()
    tensors, how = load(whole), {"epochs": 1}

    def left(content: bytes):
        (tmp_path / "last.safetensors").write_bytes(content)
        return lambda: train(tmp_path, **how)

    for content in (whole[:-50], whole[: len(whole) // 2], pickle.dumps({"weight": 1}), b""):
        refused(left(content), "last.safetensors is no whole safetensors file")
    learn.save_checkpoint(tmp_path / "last.safetensors", models.build("masknet"), {"network": "masknet"})
    refused(lambda: train(tmp_path, **how), "holds a network, but no training")
    with safe_open(trained / "last.safetensors", "pt") as file:
        metadata = file.metadata()
    refused(left(save(tensors, metadata | {"state": '{"dict": []}'})), "last.safetensors is damaged")
    name = next(name for name in tensors if name.endswith("weight") and not name.startswith("state"))
    refused(left(save(tensors | {name: tensors[name] * float("nan")}, metadata)), name, "holds NaN or infinity")


def test_packed_values_come_back_as_they_were():
    value = {"a": (1, 2.5, None), 3: [True, "x"], "t": {"deep": torch.arange(3)}, "inf": float("inf"), "e": {}}
    tree, tensors = pack(value)
    back = unpack(json.loads(json.dumps(tree)), tensors)
    assert torch.equal(back["t"].pop("deep"), value["t"].pop("deep")) and back == value
    with pytest.raises(ValueError, match="cannot be saved: give numbers"):
        pack({"object": object()})
