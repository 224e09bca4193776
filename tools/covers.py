"""The course's covers: what is found in drawn rooms and photographs, from the worst pair to the best, and boxes."""

from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch.utils.data import Subset
from torchvision.ops import box_iou

from helpers import data, inference, learn, photographs
from helpers.base import write_whole
from helpers.comparisons import VARIANTS
from helpers.results import save_detections
from helpers.show import studies
from helpers.show.cloud import NIGHT, point_cloud
from helpers.show.style import INK, depth_colours, font, png, tint
from helpers.study import read_table

from .moving import moving_picture

CHOSEN = (118, 53, 115, 11)  # of 200 rows: colourful museum rooms with somebody large and whole in them
GAP, LEFT, TOP = 6, 34, 38  # pixels between pictures, and for words beside and over them
PHOTOGRAPHS = ("cup on hubble", "cat on grass", "astronaut on brick")
HIGH = 44  # pixels of 192: things that are seen well
WORDS = torch.tensor([0.0, -16.0, 30.0, 0.0])  # pixels of 192: the words above a box
STAGES = 5  # variants of `study design` that each have one idea more
VIEW, AROUND = 1, ((-30.0, 4.0), (22.0, 14.0))  # which drawn room is seen from elsewhere: degrees to the right, up


def cover(size: int = 224, seed: int = 2026) -> np.ndarray:
    """A picture (height width 3, uint8): four drawn rooms and three photographs, and what RoomNet finds in them.

    Rows: the empty scene, the scene with somebody in it, the mask; the depth of the rooms, and one seen from elsewhere.
    """
    bank = data.Bank.draw(rooms=80, people=80, size=size, seed=seed)
    rows = data.random_rows(bank, 200, seed=seed)[list(CHOSEN)]
    network = inference.trained_network("roomnet")[0].eval()
    drawn = [_column(network, data.compose(bank, rows[i : i + 1]), size) for i in range(len(CHOSEN))]
    pairs = photographs.photo_pairs(shaken=True)
    titles = [pair.title for pair in photographs.planned_pairs()]
    real = [_column(network, pairs[titles.index(title)], size) for title in PHOTOGRAPHS]
    room, lens = drawn[VIEW], bank.cameras[rows["room"][VIEW]]
    wide = (len(real) * (size + GAP)) // len(AROUND) - GAP
    views = [point_cloud(room["image"], room["depth"], *way, camera=lens, size=(size, wide)) for way in AROUND]
    lines = [_beside([column[name] for column in drawn + real]) for name in ("background", "image", "tinted")]
    last = [depth_colours(column["depth"]) for column in drawn] + views
    return _captioned(np.concatenate([*lines, _beside(last)]), size, len(drawn))


def _column(network, batch: dict, size: int) -> dict[str, np.ndarray]:
    """A pair of pictures, what RoomNet finds, and the second picture with its mask in orange."""
    pair = {name: batch[name].float() / 255 for name in ("background", "image")}
    answer = inference.predict_heads(network, pair["background"], pair["image"], inference.TRAINED)
    tiles = {name: batch[name][0].permute(1, 2, 0).numpy() for name in pair}
    tiles["tinted"] = tint(tiles["image"], answer["mask"])
    return {name: _sized(tile, size) for name, tile in tiles.items()} | {"depth": answer["depth"]}


def _captioned(picture: np.ndarray, size: int, drawn: int) -> np.ndarray:
    """The picture with words over its columns and beside its rows."""
    page = Image.new("RGB", (picture.shape[1] + LEFT, picture.shape[0] + TOP), "white")
    page.paste(Image.fromarray(picture), (LEFT, TOP))
    step, ink = size + GAP, ImageDraw.Draw(page)
    for place, words in ((0, "drawn rooms and people"), (drawn, "photographs, which no network was trained on")):
        ink.text((LEFT + place * step + GAP // 2, 8), words, INK, font(20))
    place, shade = (LEFT + drawn * step + GAP, TOP + 3 * step + GAP), {"stroke_width": 2, "stroke_fill": NIGHT}
    ink.text(place, "the second room, from elsewhere", "white", font(15), **shade)
    for row, words in enumerate(("empty scene", "and then", "who", "how far")):
        label = Image.new("RGB", (step, LEFT), "white")
        ImageDraw.Draw(label).text((step // 2, LEFT // 2), words, INK, font(20), "mm")
        page.paste(label.rotate(90, expand=True), (0, TOP + row * step))
    return np.asarray(page)


def found(columns: int = 7, size: int = 224) -> np.ndarray:
    """Shaken photographs from RoomNet's worst pair to its best: both pictures, subtraction's mask, RoomNet's mask.

    A picture (height width 3, uint8), one pair a column. Subtraction has the threshold that is best for all pairs.
    """
    network, pairs = inference.trained_network("roomnet")[0], photographs.photo_pairs(shaken=True)
    order = photographs.ious_by_pair(photographs.pixel_counts(network, pairs)).argsort(kind="stable")
    chosen = [pairs[order[k]] for k in np.linspace(0, len(order) - 1, columns).round().astype(int)]
    subtraction = learn.fit_differencing(pairs)
    lines = [[pair[name][0].permute(1, 2, 0).numpy() for pair in chosen] for name in ("background", "image")]
    for who in (subtraction, network):
        lines.append([_white(photographs.predicted_mask(who, pair)) for pair in chosen])
    return np.concatenate([_beside([_sized(tile, size) for tile in line]) for line in lines])


def samples(folder: Path) -> list[Path]:
    """The first pictures of objects-test-v2 with two large things or three, clear of each other, as files.

    Each shows the truth, and what PerCameraNet finds.
    """
    network, scenes = inference.trained_network("percamera")[0], data.frozen_set("objects-test-v2", first=120)
    boxes = [scene["boxes"] for scene in map(scenes.__getitem__, range(len(scenes)))]
    high = [k for k, box in enumerate(boxes) if 2 <= len(box) <= 3 and (box[:, 3] - box[:, 1]).min() >= HIGH]
    clear = [k for k in high if box_iou(boxes[k] + WORDS, boxes[k] + WORDS).triu(1).sum() == 0]
    return sorted(save_detections(network, Subset(scenes, clear), folder).glob("sample_*.png"))


def write(folder: Path) -> list[Path]:
    """The README's pictures as files; gives back their paths."""
    pictures = {"cover": cover(), "photographs": found()}
    tables = {name: read_table(Path(folder) / "studies" / f"{name}.csv") for name in ("identities", "race", "design")}
    figures = {
        "identities": studies.plot_identities(tables["identities"]),
        "race": studies.plot_networks(tables["race"]),
    }
    stages = list(VARIANTS)[:STAGES]
    figures["stages"] = studies.plot_stages(tables["design"], stages)
    details = [row for row in tables["design"] if row["variant"] not in stages[:-1]]
    figures["design"] = studies.plot_design(details)
    for name, figure in figures.items():
        pictures[name] = np.asarray(Image.open(BytesIO(png(figure))))
    paths = [Path(folder) / f"{name}.png" for name in pictures]
    for path, picture in zip(paths, pictures.values()):
        write_whole(path, small(picture))
    write_whole(moved := Path(folder) / "watch.webp", moving_picture())
    return [*paths, moved, *samples(Path(folder) / "results")]


def small(picture: np.ndarray) -> bytes:
    """The bytes of a PNG file, in 64 levels per colour."""
    Image.fromarray(picture // 4 * 4 + 3).save(file := BytesIO(), "PNG", optimize=True)
    return file.getvalue()


def _white(mask: np.ndarray) -> np.ndarray:
    """A mask as a picture, white on black."""
    return np.repeat(255 * mask[..., None].astype(np.uint8), 3, 2)


def _sized(picture: np.ndarray, size: int) -> np.ndarray:
    """The picture at this size."""
    return np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.LANCZOS))


def _beside(pictures: list[np.ndarray]) -> np.ndarray:
    """Pictures side by side on white, a gap around each."""
    half = GAP // 2
    framed = [np.pad(p, ((half, half), (half, half), (0, 0)), constant_values=255) for p in pictures]
    return np.concatenate(framed, axis=1)
