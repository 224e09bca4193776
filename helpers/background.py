"""The empty scene over time: where it comes from, how it follows the light, and what has stayed long enough."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from .clips import is_camera, open_clip, pictures_named, upright
from .data import read_picture

FOLLOWS = 60.0  # seconds: where nobody stands, a change of the scene is taken over by 63 % in this time
STAYS = 900.0  # seconds: what has lain still for so long, such as a chair that was moved, belongs to the scene
STILL = 0.1  # 0..1: a pixel that changes by more than this has moved
MOST_STILL = 0.9  # of a thing's pixels must have lain still: somebody who sits moves the head now and then
LOOKS = 25  # pictures of a clip that a median is taken of


def median_background(pictures: list[np.ndarray]) -> np.ndarray:
    """h w 3, the median of each pixel: what is seen in more than half of the pictures, all of one shape."""
    same = [picture for picture in pictures if picture.shape == pictures[0].shape]
    return np.median(np.stack(same), axis=0).astype(pictures[0].dtype)


def spread_pictures(source, count: int) -> list[np.ndarray]:
    """Up to `count` pictures spread evenly over a clip, a folder or a sequence of pairs, for a median."""
    if isinstance(source, list | tuple):
        return [read_picture(source[k][1]) for k in _spread(len(source), count)]
    if not isinstance(source, str | Path) or is_camera(source):
        raise ValueError("Without --background a clip or a folder is needed, whose frames can be looked at twice.")
    if Path(source).is_dir():
        names = pictures_named(Path(source))
        return [read_picture(names[k]) for k in _spread(len(names), count)]
    return _spread_in_file(Path(source), count)


def _spread(length: int, count: int) -> list[int]:
    """Up to `count` of the numbers below `length`, evenly spread."""
    return [int(k) for k in np.unique(np.linspace(0, length - 1, min(count, length)).round())] if length else []


def _spread_in_file(path: Path, count: int) -> list[np.ndarray]:
    """Up to `count` pictures of a clip, each the first that begins at or after its share of the clip's length."""
    with open_clip(path) as clip:
        stream, found = clip.streams.video[0], []
        length = float(clip.duration or 0) / av.time_base
        for share in np.arange(count) / count:
            wanted = share * length + float(stream.start_time or 0) * float(stream.time_base)
            try:
                clip.seek(int(wanted / stream.time_base), stream=stream)
                frame = next((each for each in clip.decode(stream) if (each.time or 0) >= wanted - 1e-3), None)
            except (av.FFmpegError, OSError, ValueError):  # broken from here on: `read_clip` says where
                break
            if frame is not None:
                found.append(upright(frame))
        return found


class Background:
    """The empty scene as a small picture h w 3 float32 0..1, which follows a fixed camera over hours.

    Times come from the clip, so that a clip of one picture a second is followed as one of thirty is.
    """

    def __init__(self, picture: np.ndarray) -> None:
        self.picture = picture.astype(np.float32)
        self.seconds: float | None = None
        self.recent, self.since = self.picture.copy(), np.full(picture.shape[:2], -np.inf)

    def follow(self, seconds: float, image: np.ndarray, mask: np.ndarray) -> bool:
        """Takes over slow changes of `image` h w 3 0..1 outside of the mask h w; whether a thing that stays was, too.

        Around each component of the mask its whole box is left alone: a hole in a mask is somebody, too.
        """
        passed = 0.0 if self.seconds is None else max(0.0, seconds - self.seconds)
        self._watch_stillness(seconds, image)
        self.seconds, share = seconds, 1 - float(np.exp(-passed / FOLLOWS))
        parts, boxes = components(mask)
        free = np.ones(mask.shape, bool)
        for rows, columns in boxes:
            free[_wider(rows), _wider(columns)] = False
        self.picture[free] += share * (image[free] - self.picture[free])
        return self._take_over(seconds, image, parts, boxes)

    def _watch_stillness(self, seconds: float, image: np.ndarray) -> None:
        """Notes for each pixel since when it looks as it does."""
        moved = np.abs(image - self.recent).max(-1) > STILL
        if self.seconds is None:
            moved[:] = True
        self.since[moved] = seconds
        self.recent[moved] = image[moved]

    def _take_over(self, seconds: float, image: np.ndarray, parts: np.ndarray, boxes: list) -> bool:
        """Puts into the scene each component of which nearly all has lain still for long; whether there was one."""
        taken = False
        for number, (rows, columns) in enumerate(boxes, 1):
            inside = parts[rows, columns] == number
            still = seconds - self.since[rows, columns][inside] >= STAYS
            if still.mean() >= MOST_STILL:
                area = _wider(rows), _wider(columns)
                self.picture[area], taken = image[area], True
        return taken


def components(mask: np.ndarray) -> tuple[np.ndarray, list[tuple[slice, slice]]]:
    """h w: the number, from 1, of the connected component that a pixel of the mask belongs to; each one's box."""
    from scipy import ndimage  # here, because it takes a while to import

    parts, _ = ndimage.label(mask, np.ones((3, 3)))
    return parts, ndimage.find_objects(parts)


def _wider(side: slice, by: int = 3) -> slice:
    """The rows or columns and a few more to both sides, where shadows and blurred rims are."""
    return slice(max(0, side.start - by), side.stop + by)
