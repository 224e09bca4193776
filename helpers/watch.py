"""A camera is watched: each frame is answered with a mask, depth, boxes, and who stands where on the floor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import pi

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import interpolate

from . import inference
from .background import LOOKS, Background, components, median_background, spread_pictures
from .base import check_owner, claim_folder, explained, write_whole
from .clips import clip_writer, read_clip
from .data import read_picture
from .events import event_table, painted_frame, stoppable
from .floor import SPELLED, floor_places, read_camera
from .pieces import PIECE, merged_parts
from .tracks import Sighting, Tracker
from .world.camera import Camera

SPECK, LOW = 0.001, 0.04  # of the picture: less area, or half where it is as high as a person, or less height is nobody
PIXELS = 3 / 640  # of the picture's width: how far the rim of a box is off (one deviation)
BY_DEPTH = np.array([0.05, 0.12])  # of the distance, right and ahead: how far the network's depth is off
HIDES = 1.3  # times as far by its feet as by the network's depth: something stands before the feet of a box
LEAST = 0.05  # metres: no place is surer than this
FILES = ("watch.mp4", "events.csv", "floor.png", "depth.png")
MARK, MARKED = ".roomsight", b"Written by python -m helpers watch, which may write here again.\n"
GUESSED = Camera(1.6, 0.0, pi / 3)  # where no camera is known: level, and the plan is right up to one factor


@dataclass(frozen=True)
class Seen:
    """What one frame shows; `scale` is "metres" where the camera is known, else "relative": right up to one factor."""

    number: int  # of the frame, from 0
    seconds: float  # since the first frame
    image: np.ndarray  # h w 3 uint8
    mask: np.ndarray  # h w bool
    depth: np.ndarray  # h w float32, metres or relative
    boxes: np.ndarray  # k 4 float32, x0 y0 x1 y1 in pixels
    tracks: np.ndarray  # k int: who each box is, -1 where nobody counts yet
    places: np.ndarray  # k 2 float32: right and ahead on the floor, NaN where unknown
    scale: str


def frames(
    source,
    background=None,
    camera: Camera | None = None,
    model: str = "roomnet",
    runtime: str = "torch",
    weights=None,
    tracking: bool = True,
) -> Iterator[Seen]:
    """What each frame shows, one by one: of a clip, a folder of pictures, the camera "0", or (seconds, picture) pairs.

    `background` is a picture of the empty scene; without one it is the median of frames spread over the source, which
    may then not be a camera. The background follows slow changes. `camera`: for places and depth in metres.
    Without `tracking` each frame stands alone, as `predict` would answer it.
    """
    pictures, empty = opened(source, background)
    watcher = Watcher(empty, camera, model, runtime, weights, tracking)
    return (watcher.see(number, *timed) for number, timed in enumerate(pictures))


def opened(source, background=None) -> tuple[Iterator[tuple[float, np.ndarray]], np.ndarray]:
    """The frames of a source, of which there is at least one, and the empty scene of the same size, h w 3 uint8."""
    empty = None if background is None else read_picture(background)
    looks = [] if background is not None else spread_pictures(source, LOOKS)
    pictures = read_clip(source)
    first = next(pictures, None)
    if first is None:
        raise ValueError(f"There are no frames in {source if isinstance(source, str) else 'the source'}. Name another.")
    empty = median_background(looks or [first[1]]) if empty is None else empty
    if empty.shape != first[1].shape:
        sizes = [f"{picture.shape[1]} x {picture.shape[0]}" for picture in (empty, first[1])]
        says = f"The background measures {sizes[0]} pixels, and the frames {sizes[1]}"
        raise ValueError(f"{says}: take a frame of the same camera, with nobody in it, as the background.")
    return _again(first, pictures), empty


def _again(first, others: Iterator) -> Iterator:
    """The first one and the others."""
    yield first
    yield from others


class Watcher:
    """One fixed camera: its empty scene h w 3 uint8, a network, and what has been seen so far."""

    def __init__(
        self, empty: np.ndarray, camera: Camera | None, model: str, runtime: str, weights=None, tracking: bool = True
    ) -> None:
        if camera is not None and not isinstance(camera, Camera):
            raise ValueError(f"A camera is a helpers.world.Camera(height, pitch, fov), not a {type(camera).__name__}.")
        self.network, _ = inference.running_network(model, weights, runtime)
        self.full = empty.shape[:2]
        self.small = inference.shrunk(self.full, min(inference.LONGEST, max(self.full)))
        self.background, self.tracking = Background(self.shrink(empty)), tracking
        self.camera, self.tracker = camera, Tracker(self.locate)
        self.knows = camera is not None and inference.reads_camera(self.network)
        self.scale = "metres" if camera is not None else "relative"
        self.maps, self.depth = None, np.full(self.full, np.nan, np.float32)
        if self.knows:
            self.maps = torch.from_numpy(camera.maps(*self.small, aspect=self.full[1] / self.full[0]))[None]

    def shrink(self, picture: np.ndarray) -> np.ndarray:
        """h w 3 float32 0..1 of a picture H W 3 uint8, as small as the network sees it."""
        small = picture if self.small == self.full else Image.fromarray(picture).resize(self.small[::-1], 2)
        return np.asarray(small, np.float32) / 255

    @torch.no_grad()
    def ask(self, small: np.ndarray) -> tuple[Tensor, Tensor | None]:
        """The logits of the mask and the depth, 1 1 h w, of a small picture h w 3."""
        both = (torch.from_numpy(each).permute(2, 0, 1)[None] for each in (self.background.picture, small))
        batch = dict(zip(("background", "image"), both)) | ({} if self.maps is None else {"camera": self.maps})
        maps = inference.ask_heads(self.network, batch, inference.LONGEST)[1]
        return maps["mask"], maps.get("depth")

    def room(self) -> np.ndarray:
        """The depth h w float32 of the empty scene; NaN from a network without depth."""
        return self.enlarged(self.ask(self.background.picture)[1])

    def enlarged(self, values: Tensor | None) -> np.ndarray:
        """Small values 1 1 h w at the frame's size."""
        if values is None:
            return np.full(self.full, np.nan, np.float32)
        return interpolate(values, size=self.full, mode="bilinear")[0, 0].numpy()

    def see(self, number: int, seconds: float, picture: np.ndarray) -> Seen:
        """What the frame shows."""
        small = self.shrink(picture)
        logits, depth = self.ask(small)
        self.depth, mask = self.enlarged(depth), self.enlarged(logits) > 0
        self.background.follow(seconds, small, logits[0, 0].numpy() > 0)
        if self.tracking:
            sightings = self.sightings(picture, mask)
            found = self.tracker.update(seconds, sightings)
            mask = self.counted(sightings, {each.number for each in found if each.track > 0})
        else:
            boxes = inference.component_boxes(mask)
            found = [self.sighting(picture, box, mask[box_area(box)]) for box in boxes]
        boxes, places = (np.array([getattr(each, n) for each in found], np.float32) for n in ("box", "place"))
        tracks = np.array([each.track for each in found], int)
        shaped = boxes.reshape(-1, 4), tracks, places.reshape(-1, 2)
        return Seen(number, seconds, picture, mask, self.depth, *shaped, self.scale)

    def sightings(self, picture: np.ndarray, mask: np.ndarray) -> list[Sighting]:
        """The boxes in which somebody may be: components that belong together, without specks."""
        parts, areas = components(mask)
        if not areas:
            return []
        boxes = np.array([(x.start, y.start, x.stop, y.stop) for y, x in areas], np.float32)
        inside = [parts[area] == k + 1 for k, area in enumerate(areas)]
        pixels = np.array([part.sum() for part in inside])
        depths = np.array([np.median(self.depth[area][part]) for area, part in zip(areas, inside)])
        found = []
        focal = (self.camera or GUESSED).focal(self.full[1])
        for group in merged_parts(boxes, depths, pixels, focal):
            box = np.concatenate([boxes[group, :2].min(0), boxes[group, 2:].max(0)])
            high = box[3] - box[1]
            least = SPECK / 2 if high * depths[group[0]] / focal >= PIECE else SPECK  # somebody far away is small
            if pixels[group].sum() >= least * mask.size and high >= LOW * len(mask):
                part = np.isin(parts[box_area(box)], np.add(group, 1))
                found.append(self.sighting(picture, box, part, len(found)))
        return found

    def sighting(self, picture: np.ndarray, box: np.ndarray, part: np.ndarray, number: int = 0) -> Sighting:
        """What is to be known of one box with these pixels."""
        upper = part[: len(part) // 2 + 1]
        colours = picture[box_area(box)][: len(upper)][upper][::4]
        colour = colours.mean(0) / 255 if len(colours) else np.zeros(3)
        return Sighting(box, part, *self.locate(box, part), colour, self.depth[box_area(box)], number)

    def locate(self, box: np.ndarray, part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where a box with these pixels stands, right and ahead, and the deviations of both, in metres."""
        mask = np.zeros(self.full, bool)
        mask[box_area(box)] = part
        camera = self.camera or GUESSED
        depth = None if self.camera is not None and not self.knows else self.depth
        places = floor_places({"mask": mask, "boxes": box[None]}, camera, depth)
        feet, network = places["floor_feet"][0], places["floor_network"][0]
        hidden = np.isnan(feet).any() or np.linalg.norm(feet) > HIDES * np.linalg.norm(network)
        if self.camera is None or hidden:
            return network, LEAST + BY_DEPTH * np.linalg.norm(network)
        far, focal = np.linalg.norm(feet), camera.focal(self.full[1])
        off = PIXELS * self.full[1] / focal * np.array([far, (far**2 + camera.height**2) / camera.height])
        return feet, LEAST + off + [abs(feet[0]) / far * off[1], 0]

    def counted(self, sightings: list[Sighting], numbers: set[int]) -> np.ndarray:
        """The mask h w of the sightings with these numbers: those in which somebody counts."""
        mask = np.zeros(self.full, bool)
        for number in numbers:
            mask[box_area(sightings[number].box)] |= sightings[number].part
        return mask


def watch_command(
    source: str,
    out: str,
    background: str | None = None,
    camera: str | None = None,
    model: str = "roomnet",
    weights: str | None = None,
    runtime: str = "torch",
) -> dict:
    """Watches, writes FILES into `out`, prints what came of it, and gives it back as plain data."""
    from .plan import track_plan  # here, because matplotlib takes a second to import
    from .show.style import depth_colours, png

    check_owner(out, MARK, MARKED)  # before anything is read
    taken = None if camera is None else read_camera(camera)
    pictures, empty = opened(source, background)
    watcher = Watcher(empty, taken, model, runtime, weights)
    if background is None:
        print(f"The empty scene is the median of up to {LOOKS} frames: who stays in one place may belong to it.")
    with claim_folder(out, MARK, MARKED) as inside:
        for name in FILES:
            with explained(inside / name):  # left by an earlier run
                (inside / name).unlink(missing_ok=True)
        write_whole(inside / "depth.png", png(depth_colours(watcher.room())))
        number, seconds, events, stopped = _watch_all(watcher, pictures, inside)
        plan = track_plan(events.trails, taken or GUESSED, empty.shape[1] / empty.shape[0], taken is not None)
        write_whole(inside / "floor.png", png(plan))
    if taken is None:
        print(f"Without --camera {SPELLED} all places are right up to one factor, not in metres.")
    ends = "stopped by Ctrl-C" if stopped else "to the end"
    print(
        f"{number} frames ({seconds:.1f} s, {ends}), tracks: {len(events.trails)}. Written to {out}: {', '.join(FILES)}"
    )
    said = {"model": model, "scale": watcher.scale, "frames": number, "seconds": seconds, "stopped": stopped}
    return said | {"tracks": len(events.trails), "events": events.count, "files": list(FILES)}


def _watch_all(watcher: Watcher, pictures: Iterator, inside):
    """Answers each frame and writes the clip and the events; how many, their seconds, the events, if stopped."""
    with clip_writer(inside / "watch.mp4") as add, event_table(inside / "events.csv") as events, stoppable() as stopped:
        for number, (seconds, picture) in enumerate(pictures):
            seen = watcher.see(number, seconds, picture)
            events.add(seen, {track.number for track in watcher.tracker.tracks})
            add(seconds, painted_frame(seen))
            if stopped():
                break
        return number + 1, seconds, events, stopped()


def box_area(box: np.ndarray) -> tuple[slice, slice]:
    """The rows and columns of a box of whole pixels."""
    x0, y0, x1, y1 = (int(value) for value in box)
    return slice(y0, y1), slice(x0, x1)
