"""A training that was stopped anywhere goes on to the same weights, to the last bit; other folders are refused."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from test_baselines import batch
from torch.utils.data import DataLoader, Dataset, RandomSampler

from helpers import learn, models
from helpers.learn import resume

ROOT = Path(__file__).parent.parent
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
    return network, learn.fit(network, data or loader(), loss, folder=folder, **how)


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
    "average": {"average": 0.9},
    "constant": {"schedule": "constant"},
    "plateau": {"schedule": "plateau"},
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
    place = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": place},
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
network, history = t.train(sys.argv[1], **eval(sys.argv[2]))
weights = [value.double().sum() for value in network.state_dict().values()]
index = torch.distributed.get_rank()
open(sys.argv[1] + f"/seen{index}", "w").write(repr((float(sum(weights)), history)))
"""


def test_two_processes_train_one_network(tmp_path):
    script = tmp_path / "two.py"
    script.write_text(TWO)
    place = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    told = subprocess.run(
        [*launch, str(script), str(tmp_path), "{'average': 0.5}"],
        env=os.environ | {"PYTHONPATH": place, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr[-3000:]
    seen = [eval((tmp_path / f"seen{index}").read_text()) for index in (0, 1)]
    assert seen[0] == seen[1] and seen[0][1][-1]["step"] == 9  # half of one process's 18
    assert [row["step"] for row in rows(tmp_path)] == [2, 4, 6, 9]
