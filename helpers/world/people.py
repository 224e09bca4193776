"""People: builds, faces, outfits and poses put together, single or in small groups, as cutouts."""

from dataclasses import replace

import numpy as np

from . import poses
from .belongings import STRAPS, held_things, seat, worn_things
from .bodies import Body, Build
from .drawn import Cutout
from .easel import draw
from .figures import Part, moved
from .heads import Face, cap, head
from .wardrobe import DENIM, LEATHER, LIVELY, QUIET, Outfit, clothes, linear, over, pattern, pick, plain

SKINS = linear("ecc4a8", "e3b091", "d49d78", "be855e", "a06c48", "855437", "68412a", "4d3021", "3a251b")
ACTIONS = {"stand": poses.standing, "walk": poses.walking, "sit": poses.sitting, "run": poses.running,
           "crouch": poses.crouching, "peer": poses.peering}  # fmt: skip
HAIRS = linear("14100e", "1d1512", "2c1d14", "46301f", "6a4a2e", "93703f", "c09a5e", "7a3a1c", "8f8a84", "cfcac2")


def _build(rng: np.random.Generator, child: bool) -> tuple[Build, bool]:
    """A body of any age and shape, and whether it is womanly."""
    she = bool(rng.random() < 0.5)
    if child:
        tall = rng.uniform(1.0, 1.5)
        return Build(tall, np.clip((1.62 - tall) / 0.6, 0, 1), rng.uniform(0.92, 1.1), 0.95, 0.95), she
    girth = float(np.clip(rng.normal(1.0, 0.09), 0.86, 1.3))
    stout = max(0.0, girth - 1) * 3
    if she:
        tall = np.clip(rng.normal(1.66, 0.07), 1.5, 1.85)
        return Build(
            tall, 0, girth * 0.94, rng.uniform(0.86, 0.93), rng.uniform(1.0, 1.1), rng.uniform(0.4, 1), 0.5 * stout
        ), she
    tall = np.clip(rng.normal(1.78, 0.07), 1.6, 1.95)
    return Build(tall, 0, girth, rng.uniform(1.0, 1.1), rng.uniform(0.9, 0.97), 0, stout), she


def _face(rng: np.random.Generator, build: Build, she: bool) -> Face:
    """A face and its hair."""
    at = rng.uniform(0, len(SKINS) - 1)
    skin = SKINS[int(at)] * (1 - at % 1) + SKINS[int(at) + 1] * (at % 1) if at < len(SKINS) - 1 else SKINS[-1]
    skin = skin * rng.uniform(0.95, 1.05, 3)
    dark = at > 4.5
    old = build.child == 0 and rng.random() < 0.2
    hair = HAIRS[rng.integers(8, 10) if old else rng.integers(0, 3) if dark else rng.integers(0, 8)] * rng.uniform(
        0.85, 1.15
    )
    curl = rng.choice([0.0, 0.15, 0.5], p=[0.5, 0.3, 0.2]) if not dark else rng.choice([0.1, 0.5])
    volume, line, tail = rng.uniform(0.08, 0.2), "short", ""
    bald = False
    if she:
        line = rng.choice(["long", "fringe", "long"])
        tail = rng.choice(["bob", "long", "bun", "pony", ""], p=[0.24, 0.34, 0.16, 0.14, 0.12])
    else:
        line = rng.choice(["short", "receding", "none"], p=[0.74, 0.18, 0.08]) if not build.child else "short"
        bald = bool(old and rng.random() < 0.3)
        volume = rng.uniform(0.03, 0.18)
    if rng.random() < (0.25 if dark else 0.05):
        volume, curl, tail = rng.uniform(0.3, 0.55), 0.25, ""  # a cloud of hair
    beard = 0.0 if she or build.child else rng.choice([0.0, 0.35, 1.0], p=[0.55, 0.2, 0.25])
    glasses = rng.choice([0, 1, 2], p=[0.74, 0.2, 0.06])
    return Face(
        skin,
        hair,
        str(line),
        volume,
        float(curl),
        beard,
        int(glasses),
        rng.uniform(0.1, 0.9) if she else 0.1,
        str(tail),
        bald,
    )


def _shirt_front(base, build: Build, rng: np.random.Generator, inner) -> object:
    """An open jacket: `inner` shows in a wedge from the throat to the button, with a collar of darker cloth."""
    low, slope = rng.uniform(0.02, 0.15) * build.tall, rng.uniform(0.12, 0.26)

    def wedge(p):
        return np.minimum((p[:, 1] - low) * slope - np.abs(p[:, 0]), p[:, 2] - 0.01) * 400

    def lapel(p):
        return np.minimum(wedge(p) + 0.03 * 400, 400 * (p[:, 1] - low))

    tie = over(
        inner, lambda p: (0.016 + 0.006 * np.sin(p[:, 1] * 9) - np.abs(p[:, 0])) * 400, plain(pick(rng, LIVELY, QUIET))
    )
    inside = tie if rng.random() < 0.35 else inner
    shade = over(base, lapel, lambda p: base(p) * 0.78)
    return over(shade, wedge, inside)


def _outfit(rng: np.random.Generator, build: Build, face: Face, she: bool) -> Outfit:
    """Clothes that suit each other."""
    colour = pick(rng, LIVELY, LIVELY, QUIET)
    legs = pick(rng, QUIET, DENIM, QUIET)
    shoes = pick(rng, LEATHER)
    sole = pick(rng, LEATHER, LEATHER) if rng.random() < 0.5 else np.array([0.8, 0.78, 0.74])
    boots = over(plain(shoes), lambda p: (0.018 - p[:, 1]) * 500, plain(sole))
    wear = {
        "skin": face.skin,
        "top": pattern(rng, colour),
        "legs": plain(legs),
        "shoes": boots,
        "cut": rng.uniform(0, 1) ** 1.5,
    }
    kind = rng.choice(
        ["tee", "shirt", "sweater", "jacket", "coat", "dress", "skirt", "shorts"],
        p=[0.2, 0.14, 0.16, 0.17, 0.1, 0.09, 0.07, 0.07],
    )
    if kind in ("dress", "skirt") and not she:
        kind = "sweater"
    wear |= {
        "hem": rng.choice([0.0, 0.035, 0.06]),
        "coat": rng.choice([0.0, 0.0, 0.0, 0.25]),
        "sleeve": rng.uniform(0.35, 0.6),
        "loose": rng.uniform(0.002, 0.008),
    }
    if kind == "shirt":
        button = over(
            wear["top"], lambda p: np.minimum(0.004 - np.abs(p[:, 0]), p[:, 2]) * 300, lambda p: wear_top(p) * 0.75
        )
        wear_top = wear["top"]
        wear |= {
            "top": button,
            "sleeve": rng.choice([0.55, 1.3, 1.97]),
            "collar": 0.022,
            "hem": rng.choice([0.055, 0.0]),
        }
    elif kind == "sweater":
        wear |= {"sleeve": 1.97, "loose": rng.uniform(0.006, 0.014), "heavy": 1.3, "hem": 0.01}
    elif kind in ("jacket", "coat"):
        inner = pattern(rng, pick(rng, QUIET, LIVELY))
        cloth = (
            pattern(rng, pick(rng, QUIET, QUIET, LEATHER, LIVELY))
            if rng.random() < 0.3
            else plain(pick(rng, QUIET, QUIET, LEATHER, LIVELY))
        )
        wear |= {
            "top": _shirt_front(cloth, build, rng, inner),
            "sleeve": 1.97,
            "loose": 0.01,
            "heavy": 1.4,
            "collar": rng.choice([0.01, 0.025]),
            "coat": 0.22,
            "flare": 0.012,
        }
        if kind == "coat":
            wear |= {
                "coat": rng.uniform(0.5, 1.25),
                "flare": rng.uniform(0.01, 0.03),
            }
    elif kind == "dress":
        wear |= {
            "coat": rng.uniform(0.7, 1.75),
            "flare": rng.uniform(0.01, 0.06),
            "sleeve": rng.choice([0.0, 0.4, 1.3, 1.97]),
            "neck": rng.uniform(0.29, 0.32),
            "loose": 0.002,
            "legs": None,
        }
    elif kind == "skirt":
        wear |= {
            "skirt": rng.uniform(0.6, 1.7),
            "flare": rng.uniform(0.01, 0.07),
            "hem": 0.06,
            "coat": 0.0,
            "legs": pattern(rng, pick(rng, QUIET, LIVELY)),
        }
    elif kind == "shorts":
        wear |= {
            "length": rng.uniform(0.5, 0.95),
            "cut": rng.uniform(0.4, 1),
            "legs": plain(pick(rng, QUIET, DENIM, LIVELY)),
        }
    if she and wear["legs"] is not None and kind != "shorts" and rng.random() < 0.2:
        wear["boot"] = rng.uniform(0.3, 0.85)
    return Outfit(**wear)


def _hat(rng: np.random.Generator, body: Body, kind: str) -> list[Part]:
    """A hat of the kind, if any."""
    paint = plain(pick(rng, LIVELY, QUIET))
    if kind == "cap":
        return cap(body, paint, (0.76, 0.56), 0.15, rng.uniform(0.9, 1.2))
    if kind == "beanie":
        return cap(body, paint, (0.74, 0.48), 0.2, fold=0.1)
    if kind == "sun":
        return cap(body, paint, (0.72, 0.62), 0.2, -rng.uniform(1.6, 2.3))
    return []


def _dressed(rng: np.random.Generator, build: Build, face: Face, she: bool, action: str) -> Outfit:
    """An outfit that suits the pose, now and then with the straps of a bag or a backpack across it."""
    wear = _outfit(rng, build, face, she)
    if action in ("sit", "crouch") and 0 < wear.coat < 0.6:
        wear = replace(wear, coat=0.0, hem=0.01)
    return wear


def _someone(rng: np.random.Generator, child: bool = False) -> list[Part]:
    """One person standing on the floor at the origin, facing the viewer."""
    build, she = _build(rng, child)
    face, action = _face(rng, build, she), str(rng.choice(list(ACTIONS), p=[0.42, 0.34, 0.14, 0.04, 0.03, 0.03]))
    pose, held, which = ACTIONS[action](rng), "", 0
    if action in ("stand", "walk", "sit") and rng.random() < (0.42 if action == "stand" else 0.3):
        held = str(rng.choice(["box", "read", "phone", "photo", "side"], p=[0.15, 0.2, 0.25, 0.15, 0.25]))
        held = "phone" if action == "sit" and held in ("side", "box") else held
        which = poses.hold(pose, held, rng)
    elif action == "stand":
        poses.GESTURES[str(rng.choice(list(poses.GESTURES)))](pose, rng)
    hat = str(rng.choice(["", "cap", "beanie", "sun"], p=[0.84, 0.07, 0.05, 0.04]))
    if hat:  # hair lies flat under a hat
        face = replace(face, volume=0.04, curl=0.0)
    body, wear = Body(build, pose), _dressed(rng, build, face, she, action)
    worn = "" if action == "sit" else str(rng.choice(["", "pack", "bag", "scarf"], p=[0.74, 0.1, 0.08, 0.08]))
    if worn in STRAPS:
        wear = replace(wear, top=over(wear.top, STRAPS[worn](build), plain(pick(rng, LEATHER, QUIET))))
    parts = clothes(body, wear) + head(body, face, rng) + _hat(rng, body, hat)
    parts += held_things(rng, body, held, which) + worn_things(rng, body, worn)
    if action == "sit":
        parts += seat(rng, body)
    low = min(part.points[:, 1].min() for part in parts)
    return moved(parts, shift=(0, -low, 0))


def person(rng: np.random.Generator, size: int) -> Cutout:
    """Somebody, or now and then two or three people side by side, about 0.8 * size pixels high."""
    eye = (1.6, rng.uniform(3.5, 8.0))
    count = int(rng.choice([1, 2, 3], p=[0.88, 0.09, 0.03]))
    yaw, parts, x = rng.vonmises(0, 0.9), [], 0.0
    for k in range(count):
        one = moved(_someone(rng, rng.random() < (0.14 if k == 0 else 0.3)), yaw + rng.normal(0, 0.5) * (k > 0))
        shift = x - min(part.points[:, 0].min() for part in one) if k else 0.0
        one = moved(one, shift=(shift, 0, rng.uniform(-0.15, 0.15) if k else 0))
        parts += one
        x = max(part.points[:, 0].max() for part in one) - rng.uniform(0.0, 0.15)
    middle = (min(p.points[:, 0].min() for p in parts) + max(p.points[:, 0].max() for p in parts)) / 2
    return draw(moved(parts, shift=(-middle, 0, 0)), size, rng, "person" if count == 1 else "group", 1, eye)
