"""What a watched camera leaves: events, written as they happen, and painted frames; and an end by Ctrl-C."""

from __future__ import annotations

import csv
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from .base import explained

COLUMNS = ("time", "frame", "track", "event", "x", "z", "metres")
EVERY, STEP = 1.0, 0.2  # seconds: between two rows "seen" of a track, and between two points of its trail
STRENGTH = 0.45  # of the colour that is laid over the mask


class Events:
    """The events of tracks: entered, seen (once a second) and left; and their trails, for the floor plan."""

    def __init__(self, file) -> None:
        self.file, self.rows = file, csv.writer(file, lineterminator="\n")
        self.trails: dict[int, list[tuple[float, float]]] = {}
        self.count, self._last, self._written, self._walked = 0, {}, {}, {}
        self.rows.writerow(COLUMNS)
        file.flush()

    def add(self, seen, alive: set[int]) -> None:
        """The rows of a frame that was seen, while the tracks `alive` go on; who is not in them has left."""
        for track, place in zip(seen.tracks.tolist(), seen.places.tolist()):
            if track < 0:
                continue
            self._last[track] = (seen.seconds, seen.number, place)
            if seen.seconds - self._walked.get(track, -STEP) >= STEP:
                self._walked[track] = seen.seconds
                self.trails.setdefault(track, []).append(tuple(place))
            if track not in self._written:
                self._write(track, "entered")
            elif seen.seconds - self._written[track] >= EVERY:
                self._write(track, "seen")
        for track in self._last.keys() - alive:
            self._leave(track)

    def close(self) -> None:
        """Whoever is still there leaves with the clip."""
        for track in sorted(self._last):
            self._leave(track)

    def _leave(self, track: int) -> None:
        self._write(track, "left")
        for kept in (self._last, self._written, self._walked):
            kept.pop(track)

    def _write(self, track: int, event: str) -> None:
        """Adds a row about where the track was last seen, and hands it to the system, so that a kill keeps it."""
        seconds, number, (x, z) = self._last[track]
        places = [] if np.isnan(x) else [f"{value:.2f}" for value in (x, z, np.hypot(x, z))]
        self.rows.writerow([f"{seconds:.2f}", number, track, event, *(places or [""] * 3)])
        self.file.flush()
        self._written[track] = seconds
        self.count += 1


@contextmanager
def event_table(path: Path) -> Iterator[Events]:
    """The events that are written to this file; the tracks that are left over leave at its end."""
    with explained(path), open(path, "w", newline="") as file:
        events = Events(file)
        yield events
        events.close()


def painted_frame(seen) -> np.ndarray:
    """h w 3 uint8: the frame with the mask in orange, and the boxes of those who count, in their tracks' colours."""
    from .show.style import COLOURS, TINT, font  # here, because matplotlib takes a second to import

    picture = seen.image.copy()
    picture[seen.mask] = picture[seen.mask] * (1 - STRENGTH) + TINT * STRENGTH
    image = Image.fromarray(picture)
    draw, line, letters = ImageDraw.Draw(image), max(1, round(max(image.size) / 300)), font(max(10, image.height // 30))
    for track, box, place in zip(seen.tracks, seen.boxes, seen.places):
        if track < 0:
            continue
        colour = COLOURS[(track - 1) % len(COLOURS)]
        draw.rectangle((*box[:2], *(box[2:] - 1)), outline=colour, width=line)
        far = f" · {np.hypot(*place):.1f}{' m' if seen.scale == 'metres' else ''}"
        words = f"{track}{'' if np.isnan(place).any() else far}"
        left, top, right, bottom = draw.textbbox((0, 0), words, font=letters)
        x = min(max(0, box[0]), max(0, image.width - right - 6))
        y = box[1] - bottom - 6 if box[1] >= bottom + 6 else box[1]
        draw.rectangle((x, y, x + right + 6, y + bottom + 6), fill=colour)
        draw.text((x + 3, y + 3), words, fill="#ffffff", font=letters)
    return np.asarray(image)


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed: the first one asks for an end, with files closed; the second one stops at once."""
    pressed = []

    def press(*_) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(True)

    if threading.current_thread() is not threading.main_thread():  # signals come to the main one alone
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)
