"""Named mixtures of the world: which backdrops and cutouts a bank is drawn from, and drawing many of them at once."""

import json
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from subprocess import run

import numpy as np

from ..base import cores
from .clutter import clutter
from .drawn import LATER, LATER_OUTSIDE, Backdrop, Cutout, pick
from .people import person
from .people.creatures import creature
from .places import outdoors, rooms
from .props import prop, vehicle
from .props.shapes import shape
from .raycast.render import render
from .raycast.scene import Scene

INDOORS = {"hall": 5, "gallery": 3, "office": 3, "living": 1.5, "shop": 1, "corridor": 1}
OUTDOORS = {"street": 1, "square": 1, "park": 1, "trail": 1, "yard": 1, "land": 1}
LIVED = {"kitchen": 3, "study": 3, "bedroom": 2, "lounge": 2, "workshop": 2, "meeting": 2, "jumble": 3}
WATCHED = {"hall": 1, "gallery": 0.5, "office": 2, "living": 1, "shop": 1.5, "corridor": 1.5}
WATCHED |= {"street": 2, "car_park": 2, "yard": 1.5, "square": 1, "park": 1.5, "trail": 0.7, "land": 0.4}
# seen by any camera, half of them lived in
ANY = {**LIVED, **{f"any {kind}": weight for kind, weight in WATCHED.items()}}
MIXTURES: dict[str, dict] = {  # the weight of each kind of backdrop and cutout
    "museum": {"backdrops": {"hall": 5, "gallery": 3, "office": 2, "corridor": 0.5}, "cutouts": {"person": 1}},
    "broad": {
        "backdrops": {
            "clutter": 16,
            **{k: w * 0.55 for k, w in INDOORS.items()},
            **{k: w * 1.3 for k, w in OUTDOORS.items()},
            **{k: w * 0.27 for k, w in ANY.items()},
        },
        "cutouts": {"person": 3, "creature": 1.5, "prop": 0.75, "car": 0.4, "shape": 5},
        "pitched": 0.6,
        "anywhere": 0.5,  # share of what could stand that is pasted anywhere, at any size
    },
    "rooms": {
        "backdrops": ANY,
        "cutouts": {"person": 3, "creature": 0.5, "prop": 1, "car": 0.4},
        "pitched": 0.6,  # share of what stands that is seen from above, as by a camera that is high up
    },
    "outdoors": {
        "backdrops": {f"any {kind}": weight for kind, weight in WATCHED.items() if kind in outdoors.KINDS},
        "cutouts": {"person": 3, "creature": 0.5, "prop": 1, "car": 1},
        "pitched": 0.6,
    },
    "props": {"backdrops": {}, "cutouts": {"prop": 1}},
}
CUTOUTS = {"person": person, "creature": creature, "prop": prop, "car": vehicle, "shape": shape}


def draw_backdrop(index: int, size: int, seed: int = 0, mixture: str = "museum") -> Backdrop:
    """Backdrop number `index` of a mixture: the same whoever else is drawn."""
    rng = np.random.default_rng([seed, index, 1])
    kind = pick(rng, weights_of(mixture, "backdrops"))
    if kind == "clutter":
        return clutter(rng, size)
    scene = scene_of(rng, kind)
    return render(scene, size, rng, LATER if scene.shells else LATER_OUTSIDE)


def scene_of(rng: np.random.Generator, kind: str) -> Scene:
    """A room or an open place of one kind, seen by the course's camera; of "any" kind, by any other."""
    camera, kind = ("any", kind.removeprefix("any ")) if kind.startswith("any ") else ("museum", kind)
    return outdoors.place(rng, kind, camera) if kind in outdoors.KINDS else rooms.room(rng, kind, camera)


def draw_cutout(index: int, size: int, seed: int = 0, mixture: str = "museum") -> Cutout:
    """Cutout number `index` of a mixture, for scenes of `size` pixels."""
    rng = np.random.default_rng([seed, index, 2])
    kind, seen, share = pick(rng, weights_of(mixture, "cutouts")), {}, MIXTURES[mixture].get("pitched", 0)
    if share and kind != "shape" and rng.random() < share:
        seen["pitch"] = float(np.deg2rad(65) * rng.random() ** 1.5)
    made = CUTOUTS[kind](rng, size, **seen)
    return replace(made, stands=made.stands and rng.random() >= MIXTURES[mixture].get("anywhere", 0))


DRAW = {"backdrops": draw_backdrop, "cutouts": draw_cutout}  # what a child process is told by name


def weights_of(mixture: str, part: str) -> dict[str, float]:
    """The weight of each kind of backdrop or cutout in a mixture."""
    if mixture not in MIXTURES:
        raise ValueError(f"No mixture called {mixture!r}; choose one of {', '.join(MIXTURES)}.")
    if not MIXTURES[mixture][part]:
        raise ValueError(f"The mixture {mixture!r} has no {part}.")
    return MIXTURES[mixture][part]


def draw_backdrops(count: int, size: int, seed: int = 0, mixture="museum", first=0, workers=None) -> list[Backdrop]:
    """Backdrops number `first` and on of a mixture, drawn by several processes."""
    return draw_many("backdrops", range(first, first + count), size, seed, mixture, workers)


def draw_cutouts(count: int, size: int, seed: int = 0, mixture="museum", workers=None) -> list[Cutout]:
    """The first cutouts of a mixture, drawn by several processes."""
    return draw_many("cutouts", range(count), size, seed, mixture, workers)


def draw_many(part: str, numbers: range, size: int, seed: int, mixture: str, workers: int | None) -> list:
    """`DRAW[part](number, size, seed, mixture)` for every number, in order; in this process if there are few."""
    weights_of(mixture, part)  # a wrong name is told at once, not by a child
    workers = min(cores(), 8) if workers is None else workers
    if workers < 2 or len(numbers) < 24:
        return [DRAW[part](number, size, seed, mixture) for number in numbers]
    jobs = [(part, list(numbers[start::workers]), size, seed, mixture) for start in range(workers)]
    with ThreadPoolExecutor(workers) as pool:
        parts = list(pool.map(in_child, jobs))
    drawn = [None] * len(numbers)
    for start, part in enumerate(parts):
        drawn[start::workers] = part
    return drawn


def in_child(job: tuple) -> list:
    """What a fresh Python process draws for a job: unlike a forked one it works in notebooks and unguarded scripts."""
    root = Path(__file__).resolve().parents[2]
    done = run([sys.executable, "-m", __name__], input=json.dumps(job).encode(), cwd=root, capture_output=True)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {done.returncode}"]
        raise ChildProcessError(f"A process that was drawing stopped: {said[-1]}. Try again with workers=1.")
    return pickle.loads(done.stdout)  # our own child's bytes, never a file


if __name__ == "__main__":
    part, numbers, *what = json.load(sys.stdin)
    made = [DRAW[part](number, *what) for number in numbers]
    sys.stdout.buffer.write(pickle.dumps(made, protocol=5))
