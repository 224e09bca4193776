"""Scores of watching on drawn walks, whose truth is exact: places on the floor, identities, masks, false alarms, speed.

`python -m helpers evaluate roomnet --walks` watches them with the tracker and without it, beside what needs no network.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from time import perf_counter

import numpy as np
import torch
from scipy.ndimage import median_filter
from torch.utils.data import Subset

from . import learn, watch
from .cluster import each_done, open_cluster
from .data import loader
from .data.walks import WALK_SETS, walk_clip, walk_set
from .floor import floor_places
from .inference import SPECK, component_boxes, trained_network
from .world.camera import Camera

WALKS, TREES = "walks-test-v1", "trees-test-v1"
SHOWN = 30  # empty pictures that OpenCV's methods are shown before the clip
PRUNED = 5  # pixels of a side of the median filter that is usual after differencing, MOG2 and KNN
EVERY = 20  # of so many frames one is used to choose the threshold of differencing
TITLES = {
    "place_m": "place, ≤ 6 m", "place_all_m": "any distance", "idf1": "IDF1", "found": "found", "f": "mask F",
    "false_alarms": "false alarms", "false_frames": "false frames", "fps": "frames / s",
}  # fmt: skip


def walks_command(
    model: str, weights=None, runtime: str = "torch", clips: int | None = None, workers=None, scheduler=None,
    sets: tuple[str, str] = (WALKS, TREES),
) -> dict:  # fmt: skip
    """{"walks": rows, "people": {number: rows}}, printed as tables, of so many `clips` of the walks, evenly picked.

    As large a share of the clips with trees and nobody in them gives the false alarms, per 10,000 empty frames.
    """
    trained_network(model, weights)  # before any drawing: a wrong name should be told at once
    jobs, total = [], len(WALK_SETS[sets[0]].people)
    walks = walk_set(sets[0], clips)
    for name in sets:
        count = len(WALK_SETS[name].people)
        some = max(1, count * (clips or total) // total)
        jobs += [(name, i * count // some) for i in range(some)]
    differencing = learn.fit_differencing(loader(Subset(walks, range(0, len(walks), EVERY)), 10))
    counts: dict[int, list] = {}  # of each number of people
    with open_cluster(scheduler, workers) as client:
        shared = model, weights, runtime, differencing
        for people, found in each_done(client, score_walk, shared, jobs, total=len(jobs), unit="clips"):
            counts.setdefault(people, []).append(found)
    groups = {people: learn.summed_counts(parts) for people, parts in sorted(counts.items())}
    rows = {name: learn.walk_scores(values) for name, values in learn.summed_counts(groups.values()).items()}
    by_number = {}
    for number in sorted(groups.keys() - {0}):
        by_number[number] = {name: learn.walk_scores(each) for name, each in groups[number].items()}
        print(f"{number} {'people' if number > 1 else 'person'}:\n{learn.scores_table(by_number[number], TITLES)}")
    empty = sum(WALK_SETS[sets[1]].length for name, _ in jobs if name == sets[1])
    told = f"{len(walks.datasets)} clips of {sets[0]}, known cameras"
    print(f"{told}; false ones per 10,000 frames, of {empty:,} empty ones of {sets[1]}:")
    print(learn.scores_table(rows, TITLES))
    if find_spec("cv2") is None:
        print("OpenCV's MOG2 and KNN are left out: `pip install -r requirements-more.txt` installs what they need.")
    return {"network": model, "runtime": runtime, "walks": rows, "people": by_number}


def score_walk(shared: tuple, job: tuple[str, int]) -> tuple[int, dict[str, dict]]:
    """How many people a clip has, and the counts of each method on it; one frame at a time is in memory."""
    clip, people = walk_clip(*job), WALK_SETS[job[0]].people[job[1]]
    ways = methods_of(clip, *shared)
    counts, seconds = {name: learn.ClipCounts(empty=not people) for name in ways}, dict.fromkeys(ways, 0.0)
    for frame in clip.frames():
        for name, see in ways.items():
            start = perf_counter()
            seen = see(frame.number, frame.seconds, frame.image)
            seconds[name] += perf_counter() - start
            counts[name].update(frame, seen)
    own = {name: {"seconds": spent} for name, spent in seconds.items() if "no tracker" not in name}  # answers shared
    return people, {name: each.result() | own.get(name, {}) for name, each in counts.items()}


def methods_of(clip, model: str, weights, runtime: str, differencing) -> dict[str, Callable]:
    """{name: what gives Seen of a frame's number, seconds, picture}; the network is asked once for all its rows."""
    empty, camera = clip.background, clip.camera
    first, second = (watch.Watcher(empty, camera, model, runtime, weights, each) for each in (True, False))
    first.ask, second.ask = told_twice(first.ask)
    alone, again = told_twice(lambda *frame: in_order(second.see(*frame)))
    found = {model: first.see, f"{model}, no tracker": alone}
    found |= {"boxes' centres, no tracker": lambda *frame: by_centre(camera, again(*frame))}
    found |= {"pixel differencing": partial(by_mask, differencer(differencing, empty), camera)}
    if find_spec("cv2") is not None:
        found |= {f"OpenCV's {name}": partial(by_mask, opencv(name, empty), camera) for name in ("MOG2", "KNN")}
    return found


def told_twice(ask: Callable) -> tuple[Callable, Callable]:
    """The function, and one that gives the same answers again in their order, so that a network is asked once."""
    answers = deque()

    def first(*asked):
        answers.append(ask(*asked))
        return answers[-1]

    return first, lambda *_: answers.popleft()


def differencer(network, empty: np.ndarray) -> Callable:
    """What gives a picture's mask h w bool by differencing from the empty scene h w 3."""
    first = torch.tensor(empty).permute(2, 0, 1)[None]
    return lambda image: network(first, torch.tensor(image).permute(2, 0, 1)[None])["mask"][0, 0].numpy() > 0


def opencv(name: str, empty: np.ndarray) -> Callable:
    """The same by OpenCV's background subtractor of this name, which is shown the empty scene first."""
    import cv2

    subtractor = getattr(cv2, f"createBackgroundSubtractor{name}")(detectShadows=True)
    for _ in range(SHOWN):
        subtractor.apply(empty)
    return lambda image: subtractor.apply(image) == 255  # 127 is a shadow


def by_mask(ask: Callable, camera: Camera, number: int, seconds: float, image: np.ndarray) -> watch.Seen:
    """What a method sees that gives masks alone: components are boxes, and people stand at their feet."""
    mask = median_filter(ask(image).view(np.uint8), PRUNED) > 0
    boxes, nowhere = component_boxes(mask, SPECK), np.full(mask.shape, np.nan, np.float32)
    places = floor_places({"mask": mask, "boxes": boxes}, camera, None)["floor"]
    return watch.Seen(number, seconds, image, mask, nowhere, boxes, np.arange(len(boxes)), places, "metres")


def in_order(seen: watch.Seen) -> watch.Seen:
    """The same, where a box's place in the order of size says who it is: the largest is 0."""
    return replace(seen, tracks=np.arange(len(seen.boxes)))


def by_centre(camera: Camera, seen: watch.Seen) -> watch.Seen:
    """The same, where each box stands at what its middle pixel sees at the network's depth."""
    height, width = seen.mask.shape
    u, v = (seen.boxes[:, :2] + seen.boxes[:, 2:]).T / 2
    depth = seen.depth[v.astype(int).clip(0, height - 1), u.astype(int).clip(0, width - 1)]
    x, _, z = camera.unproject(u, v + (width - height) / 2, depth, width)
    return replace(seen, places=np.stack([x, z], 1).astype(np.float32))
