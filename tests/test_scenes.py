"""The data set as torch sees it: the same bytes from any loader, in any worker; pieces, developed windows, shares."""

import pickle

import fakes
import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from helpers.data import Developed, Scenes, collate, compose, loader, mixed_loader, random_rows, with_pieces
from helpers.data.augment import MAPS, PICTURES, as_jpeg, other_tones
from helpers.data.scenes import MixedBatches, cut_piece, smooth_shape

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
    with pytest.raises(IndexError):
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


def test_a_piece_is_a_part_of_a_scene_and_its_number_decides_it():
    bank = fakes.bank(3, 2, 64)
    for index in range(20):
        one = cut_piece(bank, index)
        assert not one.stands and one.label == 0 and (one.picture[..., 3] > 127).any(0).all()
        assert min(one.picture.shape[:2]) >= 4 and max(one.picture.shape[:2]) <= 58
        shape = smooth_shape(50, 70, np.random.default_rng(index)) > 0.5  # in one piece, of middling size
        assert shape[23:27, 33:37].all() and 0.05 < shape.mean() < 0.9
    assert np.array_equal(cut_piece(bank, 7).picture, with_pieces(bank, 9).cutouts[2 + 7].picture)
    assert len(with_pieces(bank, 9).cutouts) == 11 and len(bank.cutouts) == 2


def test_developing_keeps_pictures_and_maps_together_and_a_row_decides_it():
    bank = fakes.bank(3, 4, 64)
    developed = Developed(bank, random_rows(bank, 40), "aligned", window=40)
    batch = next(iter(loader(developed, 40)))
    assert all(batch[name].shape[-2:] == (40, 40) for name in (*PICTURES, *MAPS))
    known = batch["camera"].flatten(1).any(1)  # what was turned has neither a camera nor a depth
    assert torch.equal(batch["depth_valid"].flatten(1).any(1), known) and 5 < known.sum() < 35
    difference = (batch["image"].float() - batch["background"].float()).abs().mean(1, keepdim=True)
    inside, outside = difference[batch["mask"] > 0].mean(), difference[batch["mask"] == 0].mean()
    assert inside > 3 * outside  # the mask was cut, turned and mirrored as the pictures were
    assert all(torch.equal(values, batch[name][7]) for name, values in developed[7].items())


def test_other_tones_are_the_same_for_both_pictures_and_jpeg_changes_little():
    one = compose(BANK, ROWS)["background"][0]
    for seed in range(10):
        first, second = other_tones([one.float(), one.float()], np.random.default_rng(seed))
        assert torch.equal(first, second) and first.min() >= -1 and first.max() <= 256
    changed = as_jpeg(one, 80)
    assert changed.shape == one.shape and 0 < (changed.float() - one.float()).abs().mean() < 20


def test_every_batch_has_its_share_of_each_part_and_each_part_goes_on_where_it_was():
    class Numbers(list):
        def __getitems__(self, indices: list[int]) -> list[dict]:
            return [{"number": self[index]} for index in indices]

    def numbers(sizes, batches) -> list[list[int]]:
        mixed = MixedBatches((Numbers(range(5)), Numbers(range(10, 110))), sizes, batches)
        return [mixed[k]["number"].tolist() for k in range(batches)]

    assert numbers([1, 2], 3) == [[0, 10, 11], [1, 12, 13], [2, 14, 15]]
    assert numbers([2, 0], 3) == [[0, 1], [2, 3], [4, 0]]  # round again


def test_a_mixed_batch_holds_the_samples_of_its_parts():
    parts = [Scenes(bank, random_rows(bank, 8)) for bank in (fakes.bank(2, 2, 48), fakes.bank(3, 2, 48))]
    first, second = mixed_loader(parts, (4, 2), 2)
    assert tuple(second["image"].shape) == (6, 3, 48, 48)
    for name in ("image", "mask", "depth", "depth_valid"):
        assert torch.equal(second[name][:4], torch.stack([parts[0][i][name] for i in range(4, 8)]))
        assert torch.equal(first[name][4:], torch.stack([parts[1][i][name] for i in range(2)]))
