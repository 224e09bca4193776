"""Clips as pictures one by one, from a file, a folder of pictures or a camera; and pictures as a clip."""

from __future__ import annotations

import re
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from .base import explained, whole
from .data import read_picture
from .data.read import LARGEST

RATE = 25  # pictures a second, where nothing says when they were taken: a folder of pictures has no times
LATE = 0.5  # seconds: a camera's picture that is older is left out, so that the answers keep up with the camera
MISSING = 1.0  # seconds, and at least three pictures: a clip that ends so much before its own end is broken
TICKS = 90_000  # of a written clip's clock, a second
ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm")
KINDS = "mov,mp4,matroska,webm,avi,mpeg,mpegts,mpegvideo,m4v,h264,hevc,flv,asf,ogg,gif,mjpeg,3gp"  # no play lists
Timed = tuple[float, np.ndarray]  # seconds since the first picture, h w 3 uint8


def read_clip(source) -> Iterator[Timed]:
    """The pictures of a clip, a folder, the camera "0" or pairs (seconds, picture), one by one, all of one size.

    Where it breaks off after the first picture, a warning says where, and what was read before it counts.
    """
    size, number, seconds = None, 0, 0.0
    pictures = _opened(source)
    while True:
        try:
            seconds, picture = next(pictures)
            size = size or picture.shape
            if picture.shape != size:
                raise ValueError(f"it measures {_size(picture.shape)} pixels, and those before it {_size(size)}")
        except StopIteration:
            return
        except (OSError, ValueError) as error:  # av's errors are of these kinds, too
            if not number:
                raise
            after = f"{_called(source)} ends after picture {number} ({seconds:.2f} s), because the next one is broken"
            warnings.warn(f"{after}: {error}. What came before it counts.", stacklevel=2)
            return
        number += 1
        yield seconds, picture


def _opened(source) -> Iterator[Timed]:
    """The pictures of whatever may be watched."""
    if not isinstance(source, str | Path):
        return ((float(seconds), read_picture(picture)) for seconds, picture in source)
    if is_camera(source):
        return _from_camera(int(source))
    if Path(source).is_dir():
        return _from_folder(Path(source))
    return _from_file(Path(source))


def is_camera(source: str | Path) -> bool:
    """Whether this is the number of a camera, and not the name of a file."""
    return str(source).isdigit() and not Path(source).exists()


def _from_folder(path: Path) -> Iterator[Timed]:
    """The pictures of a folder in order of their names, where 10 comes after 9, RATE of them a second."""
    for number, each in enumerate(pictures_named(path)):
        yield number / RATE, read_picture(each)


def pictures_named(path: Path) -> list[Path]:
    """The pictures of a folder in order of their names, where 10 comes after 9."""
    names = [each for each in path.iterdir() if each.suffix.lower() in ENDINGS and not each.name.startswith(".")]
    if not names:
        raise ValueError(f"There are no pictures in {path}. Name a folder of PNG or JPEG pictures, or a clip.")
    return sorted(names, key=lambda each: [int(part) if part.isdigit() else part for part in _parts(each.name)])


def _parts(name: str) -> list[str]:
    """A name cut into what is a number, at the odd places, and what is not."""
    return re.split(r"(\d+)", name)


def _from_file(path: Path) -> Iterator[Timed]:
    """The pictures of a clip, upright, at the times that the clip itself gives."""
    with open_clip(path) as clip:
        yield from _decoded(clip, clip.decode(video=0))


def _decoded(clip, decoding: Iterable) -> Iterator[Timed]:
    """The decoded pictures with their times, which never run backwards; a clip that ends too soon raises."""
    stream, first, last = clip.streams.video[0], None, 0.0
    step = 1 / float(stream.average_rate or RATE)
    for frame in decoding:
        at = last + step if frame.time is None else float(frame.time)
        first = at if first is None else first
        last = max(last, at - first)
        yield last, upright(frame)
    lasts = float(stream.duration * stream.time_base) if stream.duration else 0.0
    if first is not None and lasts - last - step > max(MISSING, 3 * step):
        raise ValueError(f"the clip should last {lasts:.1f} s, but the rest of it is missing. Copy it again")


def upright(frame) -> np.ndarray:
    """h w 3 uint8 of a decoded picture, turned as the clip says."""
    if max(frame.width, frame.height) > LARGEST:
        raise ValueError(f"it measures {frame.width} x {frame.height} pixels; at most {LARGEST} a side are read")
    turns = round(frame.rotation / 90)  # counter-clockwise
    return np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24"), turns))


@contextmanager
def open_clip(path: Path) -> Iterator:
    """An open clip of this machine that has pictures; only kinds of files that cannot lead to other files."""
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}. Check its name and its folder.")
    try:
        clip = av.open(str(path), options={"format_whitelist": KINDS, "protocol_whitelist": "file"})
    except (av.FFmpegError, ValueError) as error:
        says = f"{path} is not a clip that can be read ({_why(error)})"
        raise ValueError(f"{says}. Save it as mp4, mov, mkv, webm or avi, or copy it again.") from error
    with clip:
        if not clip.streams.video:
            raise ValueError(f"{path} has no pictures: it may be sound alone. Name a clip.")
        yield clip


def _from_camera(number: int) -> Iterator[Timed]:
    """The pictures of a camera of this machine until Ctrl-C; those that would come too late are left out."""
    kinds = {"linux": (f"/dev/video{number}", "v4l2"), "darwin": (str(number), "avfoundation")}
    if sys.platform not in kinds:
        raise ValueError("A camera can be watched on Linux and macOS. Elsewhere record a clip, and give its name.")
    name, kind = kinds[sys.platform]
    try:
        clip = av.open(name, format=kind)
    except (av.FFmpegError, ValueError) as error:
        says = f"There is no camera {number} that can be read: {name} ({_why(error)})"
        raise OSError(f"{says}. Connect it, and close programs that use it.") from error
    began = None
    with clip:
        for seconds, picture in _decoded(clip, clip.decode(video=0)):
            began = began or time.monotonic() - seconds
            if time.monotonic() - began - seconds <= LATE:
                yield seconds, picture


@contextmanager
def clip_writer(path: str | Path) -> Iterator[Callable[[float, np.ndarray], None]]:
    """A function that adds a picture h w 3 uint8 at a time in seconds to an mp4 file, which is whole or absent."""
    with whole(path) as file, explained(path), av.open(file, "w", format="mp4") as clip:
        stream, last = None, -1

        def add(seconds: float, picture: np.ndarray) -> None:
            nonlocal stream, last
            even = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]  # as the format wants it
            if stream is None:
                kind = "libx264" if "libx264" in av.codecs_available else "mpeg4"
                fast = {"preset": "veryfast", "crf": "23"} if kind == "libx264" else {}
                stream = clip.add_stream(kind, rate=RATE, options=fast)
                stream.height, stream.width, stream.pix_fmt = *even.shape[:2], "yuv420p"
                stream.codec_context.time_base = Fraction(1, TICKS)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
            last = max(last + 1, round(seconds * TICKS))  # two pictures never have one time
            frame.pts, frame.time_base = last, Fraction(1, TICKS)
            clip.mux(stream.encode(frame))

        yield add
        if stream is not None:
            clip.mux(stream.encode(None))


def _why(error: Exception) -> str:
    """The reason within an error of av's, without its number and path."""
    return getattr(error, "strerror", None) or str(error)


def _size(shape: tuple) -> str:
    return f"{shape[1]} x {shape[0]}"


def _called(source) -> str:
    """What messages call a source."""
    return str(source) if isinstance(source, str | Path) else "The source"
