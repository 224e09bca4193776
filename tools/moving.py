"""The README's moving picture: two people cross in a drawn room, and what `helpers.watch` says of each frame."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageColor, ImageDraw
from scipy.interpolate import PchipInterpolator

from helpers import data, watch
from helpers.data import paths, walks
from helpers.plan import BLIND, seen_floor
from helpers.show.style import COLOURS, INK, depth_colours, font

ROOM, SEED, FRAMES, SIZE = 22, 16, 64, 288  # of the bank drawn with this seed; frames of a clip; pixels of a picture
PEOPLE = (  # who walks, mirrored or not, and on which way: metres to the right and ahead
    (1, True, ((-3.1, 3.7), (-1.0, 3.5), (1.0, 3.7), (3.2, 4.0))),
    (2, True, ((3.4, 4.5), (1.2, 4.6), (-1.0, 4.9), (-3.5, 4.9))),
)
GAP, TOP = 8, 30  # pixels: between the panes, and for the words above them
HALF, LINE = 3.2, "#dde2e6"  # metres: how much of the floor the plan shows to both sides; its lines
TITLES = "who, and how many metres away", "how far everything is", "the floor from above"
STRENGTH = 0.5  # of a track's colour over its mask
EVERY = 100  # milliseconds that a frame is shown


def moving_picture() -> bytes:
    """A WebP that loops: the frame with masks and tracks, its depth, and the floor plan, which grows."""
    clip = drawn_walk()
    timed = [(frame.seconds, frame.image) for frame in clip.frames()]
    answers = list(watch.frames(timed, background=clip.background, camera=clip.camera))
    floor = _floor(clip.camera)
    pages = [_page(answers[: number + 1], floor) for number in range(len(answers))]
    pages[0].save(
        file := BytesIO(), "WEBP", save_all=True, append_images=pages[1:], duration=EVERY, loop=0, quality=72, method=6
    )
    return file.getvalue()


def drawn_walk() -> walks.Clip:
    """A clip of two people who cross in a museum's room, in even light."""
    bank = data.Bank.draw(ROOM + 1, 1 + max(person for person, *_ in PEOPLE), SIZE, SEED)
    rows = paths.walk_rows(bank, ROOM, 0, FRAMES, SEED)
    rows["exposure"], share = 0, np.linspace(0, 1, FRAMES)
    for k, (person, flip, corners) in enumerate(PEOPLE):
        rows["thing"][:, k], rows["flip"][:, k] = person, flip
        curve = PchipInterpolator(np.linspace(0, 1, len(corners)), corners)  # through all corners, without a bend
        rows["x"][:, k], rows["z"][:, k] = curve(share).T
    return walks.Clip(bank, rows)


def _page(answers: list[watch.Seen], floor: Image.Image) -> Image.Image:
    """One frame of the moving picture, after these answers."""
    now, page = answers[-1], Image.new("RGB", (3 * SIZE + 2 * GAP, SIZE + TOP), "white")
    panes = _marked(now), Image.fromarray(depth_colours(now.depth)), _grown(floor, answers)
    ink = ImageDraw.Draw(page)
    for k, (pane, words) in enumerate(zip(panes, TITLES)):
        left = k * (SIZE + GAP)
        page.paste(pane, (left, TOP))
        ink.text((left + SIZE // 2, TOP // 2), words, INK, font(15), "mm")
    return page


def _marked(now: watch.Seen) -> Image.Image:
    """The frame, each person in the colour of the track, with its number and metres above the box."""
    picture = now.image.astype(np.float32)
    for track, box in _counting(now.tracks, now.boxes):
        area = watch.box_area(box)
        where = now.mask[area][..., None] * STRENGTH
        picture[area] += where * (np.array(_rgb(track)) - picture[area])
    image = Image.fromarray(picture.round().astype(np.uint8))
    ink = ImageDraw.Draw(image)
    for (track, box), (_, place) in zip(_counting(now.tracks, now.boxes), _counting(now.tracks, now.places)):
        ink.rectangle((*box[:2], *(box[2:] - 1)), outline=_rgb(track), width=2)
        words = f"{track} · {np.hypot(*place):.1f} m"
        wide = ink.textlength(words, font(14)) + 10
        x, y = float(np.clip(box[0], 0, SIZE - wide)), max(0.0, float(box[1]) - 22)
        y = y - 24 if track == 1 else y  # one above the other where they cross
        ink.rectangle((x, y, x + wide, y + 20), fill=_rgb(track))
        ink.text((x + 5, y + 10), words, "white", font(14), "lm")
    return image


def _counting(tracks: np.ndarray, values: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """The tracks of those who count, with a value of each."""
    return [(int(track), value) for track, value in zip(tracks, values) if track > 0]


def _rgb(track: int) -> tuple[int, ...]:
    """The colour of a track."""
    return ImageColor.getrgb(COLOURS[(track - 1) % len(COLOURS)])


def _at(places) -> list[tuple[float, float]]:
    """Pixels, of a plan of twice the size, of places n 2 in metres."""
    right, ahead = np.reshape(places, (-1, 2)).T
    step = 2 * SIZE / (2 * HALF)
    return list(zip((SIZE + right * step).tolist(), (2 * SIZE - 24 - ahead * step).tolist()))


def _floor(camera) -> Image.Image:
    """The empty plan at twice its size: the floor that the camera sees, a line for each metre, and the camera."""
    plan = Image.new("RGB", (2 * SIZE, 2 * SIZE), BLIND)
    ink = ImageDraw.Draw(plan)
    ink.polygon(_at(seen_floor(camera, 1.0, 3 * HALF)), fill="white")
    for metre in range(1, int(2 * HALF)):
        (_, y), *_ = _at((0, metre))
        ink.line(((0, y), (2 * SIZE, y)), LINE, 2)
        ink.text((12, y - 2), f"{metre} m", INK, font(20), "ld")
    for metre in range(1 - int(HALF), int(HALF)):
        (x, _), *_ = _at((metre, 0))
        ink.line(((x, 0), (x, 2 * SIZE)), LINE, 2)
    (x, y), *_ = _at((0, 0))
    ink.polygon(((x, y - 18), (x - 15, y + 12), (x + 15, y + 12)), INK)
    ink.text((x + 26, y - 2), "camera", INK, font(22), "lm")
    return plan


def _grown(floor: Image.Image, answers: list[watch.Seen]) -> Image.Image:
    """The plan with each track up to the last answer."""
    plan = floor.copy()
    ink, trails = ImageDraw.Draw(plan), {}
    for answer in answers:
        for track, place in _counting(answer.tracks, answer.places):
            trails.setdefault(track, []).append(place)
    for track, trail in trails.items():
        ink.line(points := _at(trail), _rgb(track), 8, "curve")
        x, y = points[-1]
        ink.ellipse((x - 20, y - 20, x + 20, y + 20), _rgb(track), "white", 3)
        ink.text((x, y), str(track), "white", font(24), "mm")
    return plan.resize((SIZE, SIZE), Image.Resampling.LANCZOS)
