"""Who is who over time: the boxes of each picture are paired with tracks that walk on the floor."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from .background import components
from .pieces import OTHER_DEPTH, box_overlap, box_share

HIDDEN = 3.0  # seconds: whoever is hidden for so long keeps the track, and at least three pictures
SEEN, OF = 2, 3  # somebody counts once seen in so many of so many pictures
HURRY = 1.2  # metres per second²: how much walkers change their speed (one deviation)
GATE = 4.0  # deviations: a box farther from where its track should be is somebody else
FAR_PAIR = 1e6  # the cost of a pair that is out of the question
COLOUR, OVERLAP = 0.12, 0.3  # one deviation of a colour (0..1); an overlap of boxes that needs no place
INSIDE = 0.6  # of a predicted box within another's: both are one component now
LITTLE = 0.05  # of a component's pixels: fewer tell nothing of whose they are
BESIDE = 1.0  # in widths and OTHER_DEPTHs: people who are predicted so far apart split a component
COVERS = 0.6  # the overlap of a predicted box and a component that is this person, who hides the others
SMOOTH = 0.2  # of a new motion of a box is taken over
MIXED = 2.0  # seconds: for so long after two have parted, their colours say more than their places


@dataclass(frozen=True)
class Sighting:
    """One box of one picture: where it is, how sure that is, and what it looks like."""

    box: np.ndarray  # 4 float32, pixels
    part: np.ndarray  # bool: its pixels within the box
    place: np.ndarray  # 2, metres right and ahead; NaN where unknown
    spread: np.ndarray  # 2, deviations of the place in metres
    colour: np.ndarray  # 3, 0..1: the mean of the upper half
    depth: np.ndarray  # h w, metres or relative: of the pixels of its box
    number: int = 0  # of the sighting in its picture: the parts of one that was split share it
    track: int = -1
    mixed: bool = False  # where others stand in front or behind, so that nothing of it can be measured


@dataclass
class Track:
    """Somebody: a place and a velocity on the floor with their covariance, the last box, and a colour."""

    box: np.ndarray
    colour: np.ndarray
    seconds: float
    number: int = -1  # -1 until it counts
    state: np.ndarray | None = None  # 4: right, ahead, and both velocities
    covariance: np.ndarray = field(default_factory=lambda: np.zeros((4, 4)))
    motion: np.ndarray = field(default_factory=lambda: np.zeros(4))  # of the box, pixels per second
    seen: deque = field(default_factory=lambda: deque([True], OF))
    last: float = np.inf  # seconds: when it was last measured
    depth: float = np.nan  # of the middle pixel of the last part
    mixed: float = -np.inf  # seconds: when it was last one component with somebody else

    def predict(self, seconds: float) -> None:
        """Moves the place on by its velocity; it becomes less sure the longer nobody is seen."""
        step = seconds - self.seconds
        self.seconds, self.box = seconds, self.box + self.motion * step
        if self.state is not None and step > 0:
            move = np.eye(4) + np.eye(4, k=2) * step
            push = np.vstack([np.eye(2) * step**2 / 2, np.eye(2) * step])
            self.state = move @ self.state
            self.covariance = move @ self.covariance @ move.T + HURRY**2 * push @ push.T

    def distance(self, sighting: Sighting) -> float:
        """How many deviations the sighting's place is from where the track should be; NaN where either is unknown."""
        if self.state is None or np.isnan(sighting.place).any():
            return float("nan")
        off = sighting.place - self.state[:2]
        return float(np.sqrt(off @ np.linalg.solve(self.covariance[:2, :2] + np.diag(sighting.spread**2), off)))

    def update(self, sighting: Sighting, seconds: float) -> None:
        """Takes over what a sighting says, each number as far as it is surer than the track."""
        gap = seconds - self.last
        if gap > 0:
            moved = (sighting.box - self.box) / gap + self.motion  # the box was predicted by that motion
            self.motion = (1 - SMOOTH) * self.motion + SMOOTH * moved
        self.box, self.last, self.depth = sighting.box.astype(float), seconds, middle_depth(sighting)
        if seconds > self.mixed:
            self.colour = 0.9 * self.colour + 0.1 * sighting.colour
        if np.isnan(sighting.place).any():
            return
        noise = np.diag(sighting.spread**2)
        if self.state is None:
            self.state, self.covariance = np.array([*sighting.place, 0, 0]), np.diag([*sighting.spread**2, 1.0, 1.0])
            return
        gain = np.linalg.solve(self.covariance[:2, :2] + noise, self.covariance[:2]).T  # 4 2
        self.state = self.state + gain @ (sighting.place - self.state[:2])
        self.covariance = self.covariance - gain @ self.covariance[:2]


class Tracker:
    """Keeps the tracks of one clip. `locate` says of a box and its pixels where it stands, and how sure that is."""

    def __init__(self, locate: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]) -> None:
        self.tracks: list[Track] = []
        self.locate, self.count, self.before = locate, 0, None

    def update(self, seconds: float, sightings: Sequence[Sighting]) -> list[Sighting]:
        """The sightings of a picture with their tracks and smoothed places; -1 where nobody counts yet.

        Where people became one component, it is parted between their tracks.
        """
        step, self.before = 0 if self.before is None else seconds - self.before, seconds
        for track in self.tracks:
            track.predict(seconds)
        own = {track.number: k for k, track in self._paired(sightings).items()}
        sightings = [part for k, sighting in enumerate(sightings) for part in self._parted(sighting, k, own)]
        pairs = self._paired(sightings)
        for track in self.tracks:
            track.seen.append(False)
        found = [self._met(pairs.get(k), sighting, seconds) for k, sighting in enumerate(sightings)]
        patience = max(HIDDEN, 3 * step)
        self.tracks = [track for track in self.tracks if self._lives(track, seconds, patience)]
        return found

    def _met(self, track: Track | None, sighting: Sighting, seconds: float) -> Sighting:
        """The sighting with its track's number and place; somebody new becomes a track that does not count yet."""
        if track is None:
            track = Track(sighting.box.astype(float), sighting.colour, seconds)
            self.tracks.append(track)
        else:
            track.seen[-1] = True
        if sighting.track > 0:
            track.mixed = seconds
        if not sighting.mixed:
            track.update(sighting, seconds)
        if track.number < 0 and sum(track.seen) >= SEEN:
            self.count += 1
            track.number = self.count
        place = sighting.place if track.state is None else track.state[:2]
        return replace(sighting, track=track.number, place=np.asarray(place, np.float32))

    @staticmethod
    def _lives(track: Track, seconds: float, patience: float) -> bool:
        """Whether a track goes on: hidden for a while if it counts, else seen in one of the last two pictures."""
        patience *= 2 if track.mixed == seconds else 1
        return seconds - track.last <= patience if track.number > 0 else any(list(track.seen)[-2:])

    def _paired(self, sightings: list[Sighting]) -> dict[int, Track]:
        """The track of each sighting that has one: the pairs that cost least together."""
        cost = np.array([[self._cost(track, sighting) for sighting in sightings] for track in self.tracks])
        cost = cost.reshape(len(self.tracks), len(sightings))  # also where one of them is 0
        return {k: self.tracks[t] for t, k in zip(*linear_sum_assignment(cost)) if cost[t, k] < FAR_PAIR}

    @staticmethod
    def _cost(track: Track, sighting: Sighting) -> float:
        """What pairing them costs: by the place on the floor, the overlap of the boxes, and the colour."""
        if sighting.track > 0:  # parted, for this track
            return 0.0 if sighting.track == track.number else FAR_PAIR
        off, overlap = track.distance(sighting), box_overlap(track.box, sighting.box)
        if not (off <= GATE or overlap >= OVERLAP):
            return FAR_PAIR
        colour = min(float(np.linalg.norm(track.colour - sighting.colour)) / COLOUR, 3.0)
        colour *= 3 if track.seconds - track.mixed < MIXED else 1
        doubt = 3.0 if track.number < 0 else 0.0  # those who count choose first
        return min(np.nan_to_num(off, nan=GATE), GATE) + 2 * (1 - overlap) + colour + doubt

    def _parted(self, sighting: Sighting, k: int, own: dict[int, int]) -> list[Sighting]:
        """The sighting k, or its parts: one for each who is predicted in it and whom `own` pairs with no other."""
        here = [t for t in self.tracks if t.number > 0 and own.get(t.number, k) == k]
        inside = [t for t in here if box_share(t.box, sighting.box) >= INSIDE]
        return split_sighting(sighting, inside, self.locate) if len(inside) > 1 else [sighting]


def split_sighting(sighting: Sighting, tracks: list[Track], locate: Callable) -> list[Sighting]:
    """A part of the sighting for each track that is predicted within it.

    Where they stand apart, to the side or in depth, these are the pixels nearest to each, and are measured. Else one
    hides the other, and each is where its prediction says, until they part.
    """
    boxes, far = np.array([track.box for track in tracks]), np.log([track.depth for track in tracks])
    middles, widths = boxes[:, [0, 2]].mean(1), np.maximum(boxes[:, 2] - boxes[:, 0], 1)
    apart = np.abs(middles - middles[:, None]) / ((widths + widths[:, None]) / 2)
    apart += np.nan_to_num(np.abs(far - far[:, None])) / OTHER_DEPTH  # k k
    np.fill_diagonal(apart, np.inf)
    front = int(boxes[:, 3].argmax())  # whose feet are lowest is nearest
    if apart.min() < BESIDE and box_overlap(boxes[front], sighting.box) >= COVERS:
        whole = replace(sighting, track=tracks[front].number, spread=2 * sighting.spread)
        return [whole, *(_hidden_part(sighting, track) for k, track in enumerate(tracks) if k != front)]
    owner, parts = _owners(sighting, middles, widths, far), []
    for k, track in enumerate(tracks):
        part = _largest(sighting.part & (owner == k))
        if apart[k].min() >= BESIDE and part.sum() > LITTLE * sighting.part.sum():
            parts.append(_measured_part(sighting, part, track, locate))
        else:
            parts.append(_hidden_part(sighting, track))
    return parts


def _owners(sighting: Sighting, middles: np.ndarray, widths: np.ndarray, far: np.ndarray) -> np.ndarray:
    """h w: whose each pixel of a sighting is, of k people: nearest to the middle of the box and to the log depth."""
    columns = sighting.box[0] + np.arange(sighting.part.shape[1]) + 0.5
    aside = np.abs(columns - middles[:, None]) / widths[:, None]  # k w
    behind = np.abs(np.log(sighting.depth) - far[:, None, None]) / OTHER_DEPTH  # k h w
    return (aside[:, None] + np.nan_to_num(behind)).argmin(0)


def _largest(mask: np.ndarray) -> np.ndarray:
    """The largest connected component of a mask h w."""
    parts, _ = components(mask)
    return mask & (parts == np.bincount(parts[mask], minlength=1).argmax())


def middle_depth(sighting: Sighting) -> float:
    """The median depth of a sighting's pixels; NaN where there is none."""
    return float(np.median(sighting.depth[sighting.part])) if sighting.part.any() else np.nan


def _measured_part(sighting: Sighting, part: np.ndarray, track: Track, locate: Callable) -> Sighting:
    """The tight box of these pixels of a sighting, for this track; its place is half as sure as another one's."""
    rows, columns = np.flatnonzero(part.any(1)), np.flatnonzero(part.any(0))
    corners = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], np.float32)
    box, part = corners + np.tile(sighting.box[:2], 2), part[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    place, spread = locate(box, part)
    depth = sighting.depth[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return replace(sighting, box=box, part=part, depth=depth, place=place, spread=2 * spread, track=track.number)


def _hidden_part(sighting: Sighting, track: Track) -> Sighting:
    """What lies in the predicted box of this track, as far as it is in the sighting."""
    corner, end = sighting.box[:2], sighting.box[2:]
    start = np.clip(track.box[:2].round(), corner, end - 1)
    stop = np.clip(track.box[2:].round(), start + 1, end)
    (left, top), (right, bottom) = (start - corner).astype(int), (stop - corner).astype(int)
    box = np.concatenate([start, stop]).astype(np.float32)
    return replace(
        sighting,
        box=box,
        part=sighting.part[top:bottom, left:right],
        depth=sighting.depth[top:bottom, left:right],
        track=track.number,
        mixed=True,
    )
