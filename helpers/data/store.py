"""Banks on disk: one npz file each, written whole or not at all, and a cache of the drawn ones."""

from __future__ import annotations

import hashlib
import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..world.camera import Camera
from ..world.drawn import Cutout
from ..base import folder, whole

HELPERS = Path(__file__).resolve().parents[1]
KEPT = 24  # banks in the cache; the oldest go first
CACHE = HELPERS.parent / "data" / "cache"


def save(bank, path: Path) -> Path:
    """Writes the bank to `path`, all of it or nothing; gives back the path."""
    path = path if path.suffix == ".npz" else path.with_name(path.name + ".npz")
    folder(path.parent)
    cutouts = bank.cutouts
    arrays = {
        "planes": bank.planes,
        "depths": bank.depths,
        "cameras": np.array([(c.height, c.pitch, c.fov) for c in bank.cameras]),
        "spots": bank.spots,
        "kinds": np.array(bank.kinds),
        "depth_known": bank.depth_known,
        "shapes": np.array([cutout.picture.shape[:2] for cutout in cutouts]),
        "pixels": np.concatenate([cutout.picture.ravel() for cutout in cutouts]),
        "metres": bank.metres,
        "labels": bank.labels,
        "names": np.array([cutout.kind for cutout in cutouts]),
        "stands": bank.stands,
    }
    with whole(path) as file:
        np.savez(file, **arrays)
    return path


def load(path: Path) -> dict:
    """The fields of the bank in `path`, for `Bank(**fields)`."""
    if not path.is_file():
        raise FileNotFoundError(f"There is no bank at {path}: draw one with Bank.draw(...) and save it there.")
    try:
        with np.load(path, allow_pickle=False) as file:
            fields = {name: file[name] for name in file.files}
        return _fields(fields)
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError, TypeError, OSError) as error:
        raise ValueError(f"{path} is not a whole bank file ({error}): delete it and draw the bank again.") from error


def _fields(arrays: dict[str, np.ndarray]) -> dict:
    """The fields of a bank from the arrays of its file."""
    ends = np.cumsum(arrays["shapes"].prod(1) * 4)
    parts = np.split(arrays["pixels"], ends[:-1])
    pictures = [part.reshape(*shape, 4) for part, shape in zip(parts, arrays["shapes"], strict=True)]
    columns = (arrays[name].tolist() for name in ("metres", "labels", "names", "stands"))
    return {
        "pictures": np.moveaxis(arrays["planes"], 1, -1),
        "depths": arrays["depths"],
        "cameras": tuple(Camera(*values) for values in arrays["cameras"].tolist()),
        "spots": arrays["spots"],
        "kinds": tuple(arrays["kinds"].tolist()),
        "depth_known": arrays["depth_known"],
        "cutouts": tuple(Cutout(*values) for values in zip(pictures, *columns, strict=True)),
    }


def world_version() -> str:
    """A short hash of everything that draws: another world never reads this one's cache."""
    digest = hashlib.sha256()
    for path in sorted((HELPERS / "world").rglob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def cached(arguments: dict, make: Callable, read: Callable):
    """The bank that `make` draws, read from the cache where it has been drawn before."""
    key = json.dumps({**arguments, "world": world_version(), "format": 1}, sort_keys=True)
    path = CACHE / f"bank-{hashlib.sha256(key.encode()).hexdigest()[:24]}.npz"
    if path.is_file():
        try:
            return read(path)
        except ValueError as error:
            warnings.warn(f"The bank is drawn again: {error}", stacklevel=3)
    bank = make()
    try:
        save(bank, path)
        for old in sorted(CACHE.glob("bank-*.npz"), key=lambda kept: kept.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        warnings.warn(
            f"The bank could not be kept in {CACHE} ({error}): it will be drawn again next time.", stacklevel=3
        )
    return bank
