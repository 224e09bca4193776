"""Golden pictures: small PNGs of what is drawn, so that a change is looked at before it is accepted.

`ROOMSIGHT_GOLDEN=write` in the environment writes them anew: look at them in `git diff`, then commit them.
"""

import os
from pathlib import Path

import numpy as np
from PIL import Image

FOLDER = Path(__file__).with_suffix("")
NEW = FOLDER.parents[1] / "artifacts" / "runs" / "golden"  # what was drawn instead; git ignores it
TOLERANCE = (1.0, 8.0)  # levels of 255: the mean difference, and what 99 % of the pixels may differ by


def compare_golden(name: str, picture: np.ndarray, tolerance: tuple[float, float] = TOLERANCE) -> None:
    """Fails where a picture (H W or H W 3, uint8) is not the stored one; otherwise says nothing."""
    path, picture = FOLDER / f"{name}.png", np.asarray(picture, np.uint8)
    if os.environ.get("ROOMSIGHT_GOLDEN") == "write":
        FOLDER.mkdir(exist_ok=True)
        Image.fromarray(picture).save(path, optimize=True)
        assert path.stat().st_size < 60_000, f"{path.name} is too large to be kept in git: show fewer tiles."
    assert path.exists(), f"There is no {path.name} yet: run this test once with ROOMSIGHT_GOLDEN=write."
    with Image.open(path) as stored:
        known = np.asarray(stored).astype(int)
    off = abs(known - picture) if known.shape == picture.shape else np.full(1, 255)
    found = off.mean(), np.percentile(off, 99)
    if found[0] > tolerance[0] or found[1] > tolerance[1]:
        NEW.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(NEW / path.name)
        says = f"{name} is drawn differently: {found[0]:.1f} levels on average, {found[1]:.0f} in one pixel of 100."
        raise AssertionError(f"{says} Compare artifacts/runs/golden/{path.name} with tests/golden/{path.name}.")


def sheet(tiles, columns: int) -> np.ndarray:
    """Pictures of one size (h w 3, uint8) in rows, as one."""
    tiles = [*tiles, *[np.zeros_like(tiles[0])] * (-len(tiles) % columns)]
    rows = [np.concatenate(tiles[start : start + columns], 1) for start in range(0, len(tiles), columns)]
    return np.concatenate(rows)
