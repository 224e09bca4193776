"""Scores of watching on drawn walks, whose truth is exact: places on the floor, identities, masks, false alarms, speed.

`python -m helpers evaluate roomnet --walks` watches them with the tracker and without it, beside what needs no network.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from time import perf_counter

import numpy as np
import torch
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
    "place_m": "place, ≤ 6 m", "place_all_m": "at any distance", "idf1": "IDF1", "found": "found", "f": "mask F",
    "false_alarms": "false alarms", "false_frames": "false frames", "fps": "frames / s",
}  # fmt: skip
Pictures = Sequence[tuple[float, np.ndarray]]  # seconds, h w 3 uint8


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
    people = {
        number: {name: learn.walk_scores(each) for name, each in found.items()}
        for number, found in groups.items()
        if number
    }
    for number, found in people.items():
        print(f"{number} {'people' if number > 1 else 'person'}:\n{learn.scores_table(found, TITLES)}")
    empty = sum(WALK_SETS[sets[1]].length for name, _ in jobs if name == sets[1])
    print(
        f"All {len(walks.datasets)} clips of {sets[0]}; false ones per 10,000 of {empty:,} empty frames of {sets[1]}:"
    )
    print(learn.scores_table(rows, TITLES))
    if find_spec("cv2") is None:
        print("OpenCV's MOG2 and KNN are left out: `pip install -r requirements-more.txt` installs what they need.")
    return {"network": model, "runtime": runtime, "walks": rows, "people": people}


def score_walk(shared: tuple, job: tuple[str, int]) -> tuple[int, dict[str, dict]]:
    """How many people a clip has, and the counts of each method on it."""
    (model, weights, runtime, differencing), clip, found = shared, walk_clip(*job), {}
    truth = list(clip.frames())
    pictures = [(frame.seconds, frame.image) for frame in truth]
    start = perf_counter()
    first, second = (
        watch.Watcher(clip.background, clip.camera, model, runtime, weights, each) for each in (True, False)
    )
    first.ask, second.ask = told_twice(first.ask)
    seen = [first.see(number, *timed) for number, timed in enumerate(pictures)]
    found[model] = learn.count_clip(truth, seen) | {"seconds": perf_counter() - start}
    seen = [in_order(second.see(number, *timed)) for number, timed in enumerate(pictures)]
    found[f"{model}, no tracker"] = learn.count_clip(truth, seen)
    found["boxes' centres, no tracker"] = learn.count_clip(truth, map(partial(by_centre, clip.camera), seen))
    for name, begin in baselines_of(differencing).items():
        start = perf_counter()
        seen = list(by_mask(begin, pictures, clip.background, clip.camera))
        found[name] = learn.count_clip(truth, seen) | {"seconds": perf_counter() - start}
    return WALK_SETS[job[0]].people[job[1]], found


def told_twice(ask: Callable) -> tuple[Callable, Callable]:
    """The function, and one that gives the same answers again in their order, so that a network is asked once."""
    answers = deque()

    def first(*asked):
        answers.append(ask(*asked))
        return answers[-1]

    return first, lambda *_: answers.popleft()


def baselines_of(differencing) -> dict[str, Callable]:
    """{name: what makes, of the empty scene, what gives a picture's mask}: a fitted network, and OpenCV where it is."""
    found = {"pixel differencing": differencer(differencing)}
    if find_spec("cv2") is not None:
        found |= {f"OpenCV's {name}": opencv(name) for name in ("MOG2", "KNN")}
    return found


def differencer(network):
    """What makes, of the empty scene h w 3, what gives a picture's mask h w bool by differencing."""

    def begin(empty: np.ndarray):
        first = torch.tensor(empty).permute(2, 0, 1)[None]
        return lambda image: network(first, torch.tensor(image).permute(2, 0, 1)[None])["mask"][0, 0].numpy() > 0

    return begin


def opencv(name: str):
    """The same by OpenCV's background subtractor of this name, which is shown the empty scene first."""

    def begin(empty: np.ndarray):
        import cv2

        subtractor = getattr(cv2, f"createBackgroundSubtractor{name}")(detectShadows=True)
        for _ in range(SHOWN):
            subtractor.apply(empty)
        return lambda image: subtractor.apply(image) == 255  # 127 is a shadow

    return begin


def by_mask(begin, pictures: Pictures, empty: np.ndarray, camera: Camera) -> Iterator[watch.Seen]:
    """What a method sees that gives masks alone: components are boxes, and people stand at their feet."""
    from scipy.ndimage import median_filter

    ask, nowhere = begin(empty), np.full(empty.shape[:2], np.nan, np.float32)
    for number, (seconds, image) in enumerate(pictures):
        mask = median_filter(ask(image).view(np.uint8), PRUNED) > 0
        boxes = component_boxes(mask, SPECK)
        places = floor_places({"mask": mask, "boxes": boxes}, camera, None)["floor"]
        yield watch.Seen(number, seconds, image, mask, nowhere, boxes, np.arange(len(boxes)), places, "metres")


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
