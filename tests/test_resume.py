"""A training that was stopped anywhere goes on to the same weights, to the last bit; other folders are refused."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import fakes
import numpy as np
import pytest
import torch
from test_baselines import batch
from test_training import dots, own_loss
from torch.utils.data import DataLoader, Dataset, RandomSampler

from helpers import data, learn, models

HERE = Path(__file__).parent
PLACE = os.pathsep.join([str(HERE.parent), str(HERE)])  # where a child finds helpers and this file
SAMPLES, EPOCHS = 22, 3  # in batches of 4: the last one of each epoch is smaller
WHOLE = batch(SAMPLES, noise=40)


class Drawn(Dataset):
    """Pictures changed by torch's, numpy's and Python's own random numbers; counts how many were composed."""

    def __init__(self) -> None:
        self.composed = 0

    def __len__(self) -> int:
        return SAMPLES

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        self.composed += 1
        sample = {name: value[index] for name, value in WHOLE.items()}
        light = torch.rand(()) * 0.2 + np.random.rand() * 0.2 + random.random() * 0.2 + 0.7
        return sample | {"image": (sample["image"] * light).clamp(0, 255).to(torch.uint8)}


def loader(own: bool = True, **how) -> DataLoader:
    """A shuffled loader, with a generator of its own or with the global one."""
    return DataLoader(Drawn(), 4, shuffle=True, generator=torch.Generator().manual_seed(5) if own else None, **how)


def train(folder=None, loss=own_loss, data=None, seed: int = 0, **how):
    """(network, history) of the training that all tests here interrupt; it drops out, draws and shuffles."""
    network = dots()
    for each in (torch.manual_seed, np.random.seed, random.seed):
        each(seed)
    how = {"epochs": EPOCHS, "lr": 1e-2, "reports": 7, "valid": [batch(2)], "ema": 0.9} | how
    return network, learn.fit(network, data or loader(), loss, learn.Settings(folder=folder, **how))


class Stop(Exception):
    """What a test is interrupted by."""


def stopping(at: int):
    """The loss, but the `at`-th call fails."""
    calls = iter(range(1, 1000))

    def loss(outputs, batch):
        if next(calls) == at:
            raise Stop
        return own_loss(outputs, batch)

    loss.__qualname__ = "own_loss"
    return loss


def same(one, other) -> bool:
    """Whether two networks are equal to the last bit."""
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


def rows(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def files(folder: Path) -> dict:
    """Name → content; of the state what is read from it, since equal things may be written in two ways."""
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    return found | {"resume.pt": repr(torch.load(folder / "resume.pt", weights_only=True))}


def steady() -> DataLoader:
    """Batches that a worker composes."""
    kept = [{name: value[k] for name, value in WHOLE.items()} for k in range(SAMPLES)]
    generator = torch.Generator().manual_seed(1)
    return DataLoader(kept, 4, True, num_workers=1, generator=generator)


KINDS = {
    "adamw": {},
    "no average, constant": {"ema": None, "schedule": "constant"},
    "plateau, sgd": {"schedule": "plateau", "optimizer": "sgd", "lr": 0.05},
    "muon": {"optimizer": "muon", "lr": 0.01},
    "a torch scheduler": {"schedule": lambda optimizer, steps: torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 8])},
    "one cycle of torch": {"schedule": lambda optimizer, n: torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, n)},
}
LOADERS = {
    "the global generator": lambda: loader(own=False),
    "the last batch dropped": lambda: loader(drop_last=True),
    "replaced": lambda: DataLoader(
        Drawn(), 4, sampler=RandomSampler(Drawn(), True, 22, torch.Generator().manual_seed(1))
    ),
    "a list": lambda: [batch(4, noise=40, seed=k) for k in range(6)],
    "a worker": steady,
}


@pytest.mark.parametrize("kind", [*KINDS, *LOADERS])
def test_a_stop_at_any_step_changes_nothing(tmp_path, kind):
    how, data = KINDS.get(kind, {}), LOADERS.get(kind, loader)
    whole, history = train(tmp_path / "whole", data=data(), **how)
    for seed, at in enumerate((3, 6, 8)):  # in an epoch, at its end, and before the next report
        with pytest.raises(Stop):
            train(tmp_path / "parts", stopping(at), data=data(), seed=seed, **how)
    parts, gone_on = train(tmp_path / "parts", data=data(), seed=9, **how)
    assert same(whole, parts) and gone_on == history and len(history) == 7
    assert [row["step"] for row in rows(tmp_path / "parts")] == [row["step"] for row in history]


def test_what_was_seen_is_not_composed_again(tmp_path):
    with pytest.raises(Stop):
        train(tmp_path, stopping(9))  # the last report was after 7 of 18 steps
    data = loader()
    train(tmp_path, data=data)
    assert data.dataset.composed == 3 * SAMPLES - SAMPLES - 4


KILLS = """
import os, random, signal, sys, time
import torch
import test_resume as t
torch.set_num_threads(1)
torch.optim.SGD(t.dots().parameters(), 0.1)  # imports, once for all children, what optimizers need
folder, chance, killed = t.Path(sys.argv[1]), random.Random(0), []

def step():
    return t.rows(folder)[-1]["step"] if (folder / "log.jsonl").exists() else 0

while True:
    child = os.fork()  # this process has imported torch, and trains nothing itself
    if not child:
        t.train(folder, epochs=40, reports=60, valid=None, optimizer="muon")
        os._exit(0)
    if len(killed) < 10:
        due = step() + chance.randint(2, 10)  # ten of these end before step 240, on slow machines too
        while step() < due:
            time.sleep(0.01)
        time.sleep(chance.random() * 0.05)
        os.kill(child, signal.SIGKILL)
        killed.append(step())
    status = os.waitpid(child, 0)[1]
    if len(killed) == 10 and not os.WIFSIGNALED(status):
        sys.exit(status)
    assert os.WIFSIGNALED(status), "a child ended before it was killed"
    print(killed[-1], flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_ten_kills_in_the_middle_change_nothing(tmp_path):
    how = {"env": os.environ | {"PYTHONPATH": PLACE, "TQDM_DISABLE": "1"}, "capture_output": True, "text": True}
    told = subprocess.run([sys.executable, "-c", KILLS, str(tmp_path / "parts")], **how)
    assert told.returncode == 0, told.stderr[-3000:]
    steps = [int(word) for word in told.stdout.split()]
    assert len(steps) == 10 and 0 < steps[0] and steps[-1] < 240, told.stdout
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as the children: with more, sums round in another order
    network, history = train(epochs=40, reports=60, valid=None, optimizer="muon")
    torch.set_num_threads(threads)
    ended, card = dots(), learn.read_checkpoint(tmp_path / "parts" / "last.safetensors")
    ended.load_state_dict(card[1])
    assert same(network, ended) and card[0]["step"] == 240
    assert [row["loss"] for row in rows(tmp_path / "parts")] == [row["loss"] for row in history]
    names = {f"{name}.{end}" for name in ("best", "last") for end in ("json", "safetensors")}
    names |= {"training.json", "log.jsonl", "resume.pt"}
    assert {path.name for path in (tmp_path / "parts").iterdir()} == names, "no half-written file is left"


TWO = """
import sys, torch
import test_resume as t
from accelerate import PartialState
how, folder = {"ema": 0.5, "epochs": 2, "reports": 4}, sys.argv[1]
whole, history = t.train(folder + "/whole", data=t.loader(own=False), **how)
assert PartialState().num_processes == 2
try:
    t.train(folder + "/parts", t.stopping(5), data=t.loader(own=False), **how)
except t.Stop:
    parts, gone_on = t.train(folder + "/parts", seed=1, data=t.loader(own=False), **how)
assert t.same(whole, parts) and gone_on == history
weights = [value.double().sum() for value in parts.state_dict().values()]
open(folder + f"/seen{torch.distributed.get_rank()}", "w").write(repr((float(sum(weights)), history)))
"""


def launched(code: str, folder: Path) -> str:
    """What two processes print that do this together."""
    (folder / "two.py").write_text(code)
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    how = {"env": os.environ | {"PYTHONPATH": PLACE, "OMP_NUM_THREADS": "1"}, "capture_output": True, "text": True}
    told = subprocess.run([*launch, str(folder / "two.py"), str(folder)], **how)
    assert told.returncode == 0, told.stderr[-3000:]
    return told.stdout


def test_two_processes_train_one_network_and_go_on(tmp_path):
    told = launched(TWO, tmp_path)
    seen = [(tmp_path / f"seen{index}").read_text() for index in (0, 1)]
    assert seen[0] == seen[1]
    assert [row["step"] for row in rows(tmp_path / "parts")] == [1, 3, 4, 6]  # half of one process's 12
    assert told.count("<?, ?batch/s]") == 3, "a bar begins at each call, in the main process alone"


class Plain(torch.nn.Module):
    """A network that answers each picture by itself: no statistics of a batch, no chance."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = torch.nn.Conv2d(6, 8, 3, padding=1), torch.nn.Conv2d(8, 1, 1)

    def forward(self, background, image):
        both = torch.cat([background, image], 1).float() / 255
        return {"mask": self.last(self.first(both).relu())}


class Noted(data.Scenes):
    """Scenes that keep a list of the rows that were composed."""

    def __getitems__(self, indices):
        vars(self).setdefault("noted", []).extend(indices)
        return super().__getitems__(indices)


def plain_training(batch_size: int) -> tuple[dict, list[int]]:
    """The weights after an epoch of 32 shuffled scenes, and the rows that this process has composed."""
    bank, network = fakes.bank(), Plain()
    scenes = Noted(bank, data.random_rows(bank, 32, 1))
    learn.fit(network, data.loader(scenes, batch_size, shuffle=True), own_loss, learn.Settings(lr=0.1, optimizer="sgd"))
    return network.state_dict(), scenes.noted


SHARED = """
import sys, torch
import test_resume as t
weights, noted = t.plain_training(4)
torch.save([weights, noted], f"{sys.argv[1]}/{torch.distributed.get_rank()}.pt")
"""


def test_two_processes_see_each_row_once_and_leave_the_weights_of_one_with_twice_the_batch(tmp_path, monkeypatch):
    monkeypatch.setenv("ROOMSIGHT_BF16", "0")
    launched(SHARED, tmp_path)
    (weights, first), (other, second) = (torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in (0, 1))
    assert len(first) == len(second) == 16 and sorted(first + second) == list(range(32))
    alone, noted = plain_training(8)
    assert noted[:8] == first[:4] + second[:4], "each takes its half of what one would take"
    begun = Plain().state_dict()
    for name, value in alone.items():
        assert torch.equal(weights[name], other[name])
        off, moved = ((each[name] - value).abs().max() for each in (weights, begun))
        assert off < moved / 1000, "the order in which numbers are added differs by the number of threads"


def test_a_finished_training_gives_its_history_at_once(tmp_path):
    network, history = train(tmp_path, epochs=1, card={"network": "dots"})

    def never(outputs, batch):
        raise AssertionError("it trains")

    never.__qualname__ = "own_loss"
    before = files(tmp_path)
    again, told = train(tmp_path, never, epochs=1, card={"network": "dots"}, seed=2)
    assert told == history and same(network, again)
    assert before == files(tmp_path)
    best = json.loads((tmp_path / "best.json").read_text())
    assert best["scores"] in history and best["scores"]["mask_iou"] == max(row["mask_iou"] for row in history)
    assert (best["network"], best["training"]["lr"]) == ("dots", [1e-2])


def test_best_and_last_are_checkpoints_like_any_other(tmp_path):
    torch.manual_seed(0)
    settings = learn.Settings(folder=tmp_path, valid=[batch(4)], card={"network": "masknet"})
    history = learn.fit(models.build("masknet"), [batch(4)], learn.mask_loss, settings)
    for name in ("best", "last"):
        network, card = learn.load_checkpoint(tmp_path / f"{name}.safetensors")
        assert card["scores"] == history[-1] and card["parameters"] == 76_097
        assert learn.evaluate(network, [batch(4)])["mask_iou"] == pytest.approx(history[-1]["mask_iou"], abs=1e-6)


def test_seconds_stop_it_and_more_of_them_go_on(tmp_path):
    whole, history = train(schedule="constant")
    for _ in range(2):  # the second time this budget is spent
        _, first = train(tmp_path, schedule="constant", seconds=1e-3)
        assert [row["step"] for row in first] == [1]
    parts, gone_on = train(tmp_path, schedule="constant", seed=1)
    assert same(whole, parts) and gone_on[-1]["mask_iou"] == history[-1]["mask_iou"]


def test_files_lost_after_a_report_are_made_good(tmp_path):
    with pytest.raises(Stop):
        train(tmp_path, stopping(9), valid=None)  # the newest is the best, by its loss
    kept = files(tmp_path)
    for name in ("last.safetensors", "last.json", "log.jsonl", "best.safetensors", "best.json"):
        (tmp_path / name).unlink()
    with pytest.raises(Stop):
        train(tmp_path, stopping(1), valid=None)
    assert files(tmp_path) == kept
