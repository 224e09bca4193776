"""The data set as torch sees it: the same bytes from any loader, in any worker."""

import pickle

import fakes
import pytest
import torch
from torch.utils.data import DataLoader

from helpers.data import Scenes, collate, compose, loader, random_rows

BANK = fakes.bank(clutters=1, shapes=1)
ROWS = random_rows(BANK, 11, 8)


def joined(batches, name: str) -> torch.Tensor:
    """One entry of all the batches, in order."""
    return torch.cat([batch[name] for batch in batches])


@pytest.mark.parametrize("workers", [0, 2])
def test_any_loader_gives_what_compose_gives(workers):
    scenes, whole = Scenes(BANK, ROWS, "mixed"), compose(BANK, ROWS, "mixed")
    plain = list(DataLoader(scenes, batch_size=4, num_workers=workers))
    ours = list(loader(scenes, 3, workers=workers))
    for name, values in whole.items():
        assert torch.equal(joined(plain, name), values) and torch.equal(joined(ours, name), values)


def test_one_sample_is_one_row():
    sample, whole = Scenes(BANK, ROWS)[5], compose(BANK, ROWS)
    assert sample["image"].shape == (3, 64, 64) and sample["mask"].shape == (1, 64, 64)
    assert all(torch.equal(sample[name], whole[name][5]) for name in whole)
    assert torch.equal(Scenes(BANK, ROWS)[-1]["image"], whole["image"][10])
    with pytest.raises(IndexError, match="no sample 11: the table has 11 rows"):
        Scenes(BANK, ROWS)[11]


def test_boxes_stay_lists():
    batch = next(iter(loader(Scenes(BANK, ROWS, boxes=True), 4)))
    assert len(batch["boxes"]) == len(batch["labels"]) == 4 and batch["boxes"][0].shape[1] == 4
    samples = [Scenes(BANK, ROWS, boxes=True)[i] for i in range(4)]
    assert torch.equal(collate(samples)["image"], batch["image"]) and len(collate(samples)["boxes"]) == 4


def test_a_transform_is_applied_to_every_sample():
    def darker(sample: dict) -> dict:
        return {**sample, "image": sample["image"] // 2}

    plain, dark = (next(iter(loader(Scenes(BANK, ROWS, transform=t), 4)))["image"] for t in (None, darker))
    assert torch.equal(plain // 2, dark)


def test_the_seed_decides_the_order():
    orders = [joined(loader(Scenes(BANK, ROWS), 4, shuffle=True, seed=seed), "image") for seed in (0, 0, 1)]
    assert torch.equal(orders[0], orders[1]) and not torch.equal(orders[0], orders[2])


def test_a_bank_can_be_sent_to_a_worker():
    compose(BANK, ROWS)
    copy = pickle.loads(pickle.dumps(Scenes(BANK, ROWS)))
    assert torch.equal(copy[3]["image"], Scenes(BANK, ROWS)[3]["image"])
