"""Thumbnails of everything that the world draws: whoever changes it sees what became of it."""

import numpy as np
import pytest
from golden import compare_golden, sheet
from PIL import Image

from helpers.world import FAR, clutter
from helpers.world.people import person, walker
from helpers.world.people.creatures import creature
from helpers.world.places import outdoors, rooms
from helpers.world.props import prop
from helpers.world.props.shapes import shape
from helpers.world.raycast.render import render

SIZE = 64


def rng(number: int) -> np.random.Generator:
    return np.random.default_rng([13, number])


def backdrops(make, kinds) -> np.ndarray:
    """A row of pictures, one of each kind, over their depths: black is near."""
    drawn = [render(make(draw, kind), SIZE, draw) for kind, draw in zip(kinds, map(rng, range(len(kinds))))]
    depths = [np.repeat((each.depth / FAR * 255).astype(np.uint8)[..., None], 3, -1) for each in drawn]
    return sheet([*(each.picture for each in drawn), *depths], len(drawn))


def cutouts(drawn, columns: int = 8) -> np.ndarray:
    """Cut-outs as large as their tiles allow, on grey."""
    tiles = []
    for each in drawn:
        picture, tile = Image.fromarray(each.picture), Image.new("RGB", (SIZE, SIZE), (128, 128, 128))
        picture.thumbnail((SIZE, SIZE))
        tile.paste(picture, ((SIZE - picture.width) // 2, SIZE - picture.height), picture)
        tiles.append(np.asarray(tile))
    return sheet(tiles, columns)


def cluttered() -> np.ndarray:
    """Every scene of clutter at half its size."""
    scenes = [clutter.moments(rng(k), SIZE, SIZE, draw, 0.0)[0] for k, draw in enumerate(clutter.SCENES)]
    halves = [each.reshape(SIZE // 2, 2, SIZE // 2, 2, 3).mean((1, 3)).round().astype(np.uint8) for each in scenes]
    return sheet(halves, 9)


SHEETS = {
    "rooms": lambda: backdrops(rooms.room, rooms.KINDS),
    "outdoors": lambda: backdrops(outdoors.place, outdoors.KINDS),
    "people": lambda: cutouts([person(rng(k), SIZE) for k in range(24)]),
    "walker": lambda: cutouts(walker(2, SIZE)),
    "creatures": lambda: cutouts([creature(rng(k), SIZE) for k in range(24)]),
    "props": lambda: cutouts([prop(rng(k), SIZE) for k in range(32)]),
    "shapes": lambda: cutouts([shape(rng(k), SIZE) for k in range(24)]),
    "clutter": cluttered,
}


@pytest.mark.parametrize("name", SHEETS)
def test_what_is_drawn_looks_as_it_did(name):
    compare_golden(name, SHEETS[name]())


def test_a_change_is_told_and_the_new_picture_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("golden.FOLDER", tmp_path)
    monkeypatch.setattr("golden.NEW", tmp_path / "new")
    monkeypatch.delenv("ROOMSIGHT_GOLDEN", raising=False)
    picture = np.full((20, 30, 3), 90, np.uint8)
    with pytest.raises(AssertionError, match="ROOMSIGHT_GOLDEN=write"):
        compare_golden("grey", picture)
    monkeypatch.setenv("ROOMSIGHT_GOLDEN", "write")
    compare_golden("grey", picture)
    monkeypatch.delenv("ROOMSIGHT_GOLDEN")
    compare_golden("grey", picture + 1)
    picture[:3, :3] = 200  # 9 pixels of 600
    with pytest.raises(AssertionError, match="grey is drawn differently"):
        compare_golden("grey", picture)
    assert (tmp_path / "new" / "grey.png").exists()
