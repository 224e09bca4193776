"""Augmentation: what belongs together moves together, colour stays with the pictures, metres keep their meaning."""

import pickle

import fakes
import pytest
import torch
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from helpers import data
from helpers.data.augment import STEPS, Augment, resized_crop, standardise, wrap_sample
from helpers.world.camera import FAR, Camera

SIZE = 64
COLOURS = [name for name in STEPS if name not in ("flip", "scale_crop")]


def sample(seed: int = 0) -> dict[str, torch.Tensor]:
    """A sample whose pictures and maps all tell the column and the row they came from."""
    row, column = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    texture = torch.randint(0, 256, row.shape, generator=torch.Generator().manual_seed(seed))
    picture = torch.stack([column * 3, row * 3, texture]).to(torch.uint8)
    mask = torch.zeros(1, SIZE, SIZE)
    mask[:, 20:52, 24:36] = 1
    valid = (column >= 8).float()[None]
    depth = (1 + column * 0.1 + row * 0.05).float()[None]
    boxes, labels = torch.tensor([[24.0, 20.0, 36.0, 52.0], [0.0, 0.0, 3.0, 3.0]]), torch.tensor([1, 0])
    maps = {"mask": mask, "depth": depth, "depth_valid": valid}
    return {"background": picture.clone(), "image": picture, **maps, "boxes": boxes, "labels": labels}


def same(a: dict, b: dict) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_geometry_moves_everything_as_one():
    for epoch in range(8):
        augment = Augment(["flip", ("scale_crop", 0.4, "lens")])
        augment.epoch = epoch
        moved = augment(sample())
        assert torch.equal(moved["background"], moved["image"])
        column, row = moved["image"][0] / 3, moved["image"][1] / 3  # where each pixel says that it came from
        depth = 1 + column * 0.1 + row * 0.05
        assert (moved["depth"][0] - depth).abs().max() < 0.16  # nearest against smooth: one pixel at most
        inside = (column > 25) & (column < 34) & (row > 21) & (row < 50)
        outside = (column < 22.9) | (column > 36.1) | (row < 18.9) | (row > 52.1)
        assert (moved["mask"][0][inside] == 1).all() and (moved["mask"][0][outside] == 0).all()
        assert (moved["depth_valid"][0][column > 9.1] == 1).all() and (moved["depth_valid"][0][column < 6.9] == 0).all()


def test_boxes_move_with_the_mask_and_empty_ones_go():
    for epoch in range(8):
        augment = Augment(["flip", ("scale_crop", 0.5)])
        augment.epoch = epoch
        moved = augment(sample())
        rows, columns = moved["mask"][0].nonzero().T
        seen = torch.stack([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]).float()
        assert (moved["boxes"][moved["labels"] == 1][0] - seen).abs().max() <= 1.5
        assert len(moved["boxes"]) == len(moved["labels"])
    corner = resized_crop(wrap_sample(sample()), 10, 10, 50, 50)
    assert Augment([lambda _: corner])(sample())["labels"].tolist() == [1]  # the thing in the corner is out of sight


def test_masks_stay_zero_or_one_and_types_and_sizes_stay():
    before, after = sample(), Augment([*STEPS], seed=5)(sample())
    assert set(after["mask"].unique().tolist()) == {0.0, 1.0}
    was, now = ({name: (value.dtype, type(value)) for name, value in each.items()} for each in (before, after))
    assert was == now
    assert all(after[name].shape == before[name].shape for name in before if name not in ("boxes", "labels"))


@pytest.mark.parametrize("name", COLOURS)
def test_colour_touches_pictures_only_each_alone_or_both_alike(name):
    before = sample()
    apart, together, image = (Augment([(name, STEPS[name][2] / 2, how)], 2)(before) for how in STEPS["drift"][3])
    for key in ("mask", "depth", "depth_valid", "boxes", "labels"):
        assert torch.equal(before[key], apart[key])
    assert not torch.equal(apart["image"], apart["background"])
    assert torch.equal(together["image"], together["background"]) == (name != "noise")  # noise is always fresh
    assert torch.equal(image["background"], before["background"]) and not torch.equal(image["image"], before["image"])


def test_strength_zero_and_two_flips_do_nothing():
    for name in STEPS:
        assert same(Augment([(name, 0)])(sample()), sample()), name
    assert same(Augment([("flip", 1.0)] * 2)(sample()), sample())
    assert not same(Augment([("flip", 1.0)])(sample()), sample())


def test_a_zoom_keeps_the_height_of_a_person_in_metres():
    camera, size, metres, distance = Camera(pitch=0.0), 192, 1.7, 6.0
    _, head, _ = camera.project(0.0, metres, distance, size)
    _, feet, _ = camera.project(0.0, 0.0, distance, size)
    mask, depth = torch.zeros(1, size, size), torch.full((1, size, size), FAR)
    mask[:, round(float(head)) : round(float(feet)), 90:102] = 1
    depth[mask > 0] = distance
    picture = torch.zeros(3, size, size, dtype=torch.uint8)
    before = wrap_sample({"background": picture, "image": picture, "mask": mask, "depth": depth})
    for part, keep in [(96, "camera"), (128, "camera"), (128, "lens")]:
        middle = (size - part) // 2
        after = resized_crop(before, middle, middle, part, part, keep)
        near = float(after["depth"][after["mask"] > 0].mean())
        tall = int((after["mask"][0].sum(1) > 0).sum()) / camera.focal(size) * near  # pixels back to metres
        if keep == "camera":
            assert near == pytest.approx(distance * part / size) and tall == pytest.approx(metres, abs=0.05)
        else:
            assert near == distance and tall == pytest.approx(metres * size / part, abs=0.07)
        assert (after["depth"][after["mask"] == 0] == FAR).all()  # sky stays sky


def test_a_zoom_brings_the_floor_of_the_camera_maps_nearer_as_it_does_the_depth():
    size, part = 96, 48
    maps = torch.from_numpy(Camera(pitch=0.3).maps(size, size))
    floor = torch.where(maps[:1] > 0.06, 1 / maps[:1], FAR)
    picture = torch.zeros(3, size, size, dtype=torch.uint8)
    before = wrap_sample({"background": picture, "image": picture, "depth": floor, "camera": maps})
    after = resized_crop(before, 40, 24, part, part)
    seen = after["depth"][0] < FAR
    assert seen.any() and torch.allclose(1 / after["camera"][0][seen], after["depth"][0][seen])
    assert torch.equal(after["camera"][1], maps[1])


def test_the_same_sample_seed_and_epoch_give_the_same_bytes():
    augment = Augment([*STEPS], seed=1)
    torch.manual_seed(0)
    first, state = augment(sample()), torch.get_rng_state()
    torch.rand(7)
    assert same(first, augment(sample())) and not same(first, Augment([*STEPS], seed=2)(sample()))
    torch.manual_seed(0)
    assert torch.equal(state, torch.get_rng_state())  # torch's own generator is as it was
    augment.epoch = 1
    assert not same(first, augment(sample()))
    assert not torch.equal(augment(sample(1))["background"][0], augment(sample(2))["background"][0])


class Whole(Dataset):
    """Eight samples, augmented."""

    def __init__(self, augment):
        self.augment = augment

    def __len__(self) -> int:
        return 8

    def __getitem__(self, i: int) -> dict[str, torch.Tensor]:
        whole = self.augment(sample(i))
        return {name: whole[name] for name in ("background", "image", "mask", "depth")}


def test_any_order_and_any_worker_give_the_same_bytes_and_workers_hear_of_a_new_epoch():
    augment = Augment([*STEPS])
    assert same(pickle.loads(pickle.dumps(augment))(sample()), augment(sample()))
    whole = Whole(augment)
    here = next(iter(DataLoader(whole, batch_size=8)))
    workers = DataLoader(whole, batch_size=4, num_workers=1, persistent_workers=True)
    first, again = (torch.cat([batch["image"] for batch in workers]) for _ in range(2))
    assert torch.equal(here["image"], first) and torch.equal(first, again)
    assert torch.equal(first[5], whole[5]["image"]) and type(here["mask"]) is torch.Tensor
    augment.epoch = 1
    assert not torch.equal(first, torch.cat([batch["image"] for batch in workers]))


def test_scenes_take_an_augmentation_and_boxes_stay_around_their_masks():
    bank = fakes.bank()
    rows = data.random_rows(bank, 12, seed=1)
    scenes = data.Scenes(bank, rows, boxes=True, transform=data.Augment(["flip", ("scale_crop", 0.4), "light"]))
    whole = next(iter(data.loader(scenes, 12)))
    parts = [batch for batch in data.loader(scenes, 4, workers=2)]
    for name in ("background", "image", "mask", "depth", "depth_valid"):
        assert torch.equal(whole[name], torch.cat([batch[name] for batch in parts]))
    for mask, boxes, labels in zip(whole["mask"], whole["boxes"], whole["labels"]):
        assert len(boxes) == len(labels)
        inside = torch.zeros_like(mask[0])
        for x0, y0, x1, y1 in boxes.tolist():
            inside[max(0, int(y0) - 1) : int(y1) + 2, max(0, int(x0) - 1) : int(x1) + 2] = 1
        assert not (mask[0] * (1 - inside)).any()


def test_any_torchvision_transform_may_stand_in_the_list():
    turned = Augment([v2.RandomRotation(30), v2.RandomGrayscale(p=1.0)])(sample())
    assert set(turned["mask"].unique().tolist()) == {0.0, 1.0} and turned["depth"].dtype == torch.float32
    assert torch.equal(turned["image"][0], turned["image"][1])


def test_a_sample_without_maps_or_boxes_will_do():
    pair = {name: sample()[name] for name in ("background", "image")}
    assert Augment([*STEPS])(pair).keys() == pair.keys()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("flipp", "no augmentation called 'flipp': choose from flip"),
        (("hsv", -1), "strength of 'hsv' lies between 0 .* and 1, not -1"),
        (("hsv", "strong"), "strength of 'hsv'"),
        (("scale_crop", 0.95), "and 0.9, not 0.95"),
        (("drift", 0.1, "mask"), "'drift' can be used apart or together or image, not"),
        (("flip", 0.5, "apart"), "'flip' can be used in one way"),
        (("scale_crop", 0.5, "together"), "camera or lens"),
    ],
)
def test_a_wrong_entry_is_answered_with_a_sentence(entry, message):
    with pytest.raises(ValueError, match=message):
        Augment([entry])


def test_a_wrong_sample_is_answered_with_a_sentence():
    with pytest.raises(ValueError, match="takes one sample"):
        Augment(["flip"])({name: value[None] for name, value in sample().items()})
    with pytest.raises(ValueError, match=r"depth is \(32, 32\) but the image is \(64, 64\)"):
        Augment(["flip"])(sample() | {"depth": torch.ones(1, 32, 32)})


def test_standardise_gives_mean_zero_and_deviation_one():
    pictures = torch.randint(0, 256, (5, 3, 16, 16), dtype=torch.uint8)
    shares = pictures.float() / 255
    after = standardise(pictures, shares.mean((0, 2, 3)).tolist(), shares.std((0, 2, 3)).tolist())
    assert after.mean((0, 2, 3)).abs().max() < 1e-4 and (after.std((0, 2, 3)) - 1).abs().max() < 1e-3
    with pytest.raises(ValueError, match="divide statistics of bytes by 255"):
        standardise(pictures, [127.0, 120.0, 110.0], [60.0, 60.0, 60.0])
