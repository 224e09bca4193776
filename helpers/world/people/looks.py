"""Looks: builds, faces and outfits as they come, chosen so that they suit each other."""

import numpy as np

from .bodies import Build
from .cloth import DENIM, LEATHER, LIVELY, QUIET, buttoned, from_hex, over, pick_colour, plain_cloth, printed
from .figures import Paint
from .heads import Face
from .wardrobe import Outfit

SKINS = from_hex("e6bb9d dcaa89 d09974 be855e a06c48 855437 68412a 4d3021 3a251b 33211a")
HAIRS = from_hex("14100e 1d1512 2c1d14 46301f 6a4a2e 93703f c09a5e 7a3a1c 8f8a84 cfcac2")


def any_build(rng: np.random.Generator, child: bool) -> tuple[Build, bool]:
    """A body of any age and shape, and whether it is womanly."""
    she, u = bool(rng.random() < 0.5), rng.random(4)
    if child:
        tall = 1.0 + 0.5 * u[0]
        return Build(tall, np.clip((1.62 - tall) / 0.6, 0, 1), 0.92 + 0.18 * u[1], 0.95, 0.95), she
    girth = float(np.clip(rng.normal(1.0, 0.09), 0.86, 1.3))
    stout, tall = max(0.0, girth - 1) * 3, rng.normal(0, 0.07)
    if she:
        tall = np.clip(1.66 + tall, 1.5, 1.85)
        shape = {"shoulders": 0.86 + 0.07 * u[0], "hips": 1 + 0.1 * u[1], "bust": 0.4 + 0.6 * u[2]}
        return Build(tall, 0, girth * 0.94, belly=0.5 * stout, **shape), she
    shape = {"shoulders": 1 + 0.1 * u[0], "hips": 0.9 + 0.07 * u[1]}
    return Build(np.clip(1.78 + tall, 1.6, 1.95), 0, girth, belly=stout, **shape), she


def _hair(rng: np.random.Generator, grown: bool, she: bool, dark: bool, old: bool) -> dict:
    """How somebody's hair is worn, as fields of Face."""
    first, last = (8, 10) if old else (0, 3) if dark else (0, 8)
    hair = {"hair": HAIRS[rng.integers(first, last)] * rng.uniform(0.85, 1.15)}
    hair["curl"] = float(rng.choice([0.1, 0.5] if dark else [0.0, 0.15, 0.3]))
    if she:
        hair["line"], hair["volume"] = str(rng.choice(["long", "fringe", "long"])), rng.uniform(0.08, 0.2)
        hair["tail"] = str(rng.choice(["bob", "long", "bun", "pony", ""], p=[0.24, 0.34, 0.16, 0.14, 0.12]))
    else:
        line = str(rng.choice(["short", "receding", "none"], p=[0.74, 0.18, 0.08])) if grown else "short"
        hair["line"], hair["volume"] = line, rng.uniform(0.03, 0.18)
        hair["bald"] = bool(old and rng.random() < 0.3)
    if rng.random() < (0.25 if dark else 0.04):  # a cloud of hair
        hair |= {"volume": rng.uniform(0.3, 0.55), "curl": 0.25, "tail": ""}
    if she and grown and rng.random() < 0.06:  # a headscarf
        hair |= {"hair": pick_colour(rng, LIVELY, QUIET), "line": "cloth", "volume": 0.1, "curl": 0.0, "tail": ""}
    return hair


def any_face(rng: np.random.Generator, build: Build, she: bool) -> Face:
    """A face and its hair."""
    at, share = divmod(rng.uniform(0, len(SKINS) - 1), 1)
    skin = (SKINS[int(at)] * (1 - share) + SKINS[int(at) + 1] * share) * rng.uniform(0.95, 1.05, 3)
    grown = build.child == 0
    hair = _hair(rng, grown, she, at > 4, grown and rng.random() < 0.2)
    beard = 0.0 if she or not grown else float(rng.choice([0.0, 0.35, 1.0], p=[0.55, 0.2, 0.25]))
    glasses = int(rng.choice([0, 1, 2], p=[0.74, 0.2, 0.06]))
    return Face(skin, beard=beard, glasses=glasses, lips=rng.uniform(0.1, 0.9) if she else 0.1, **hair)


def _open_front(rng: np.random.Generator, build: Build, cloth: Paint, inner: Paint) -> Paint:
    """A jacket: `inner`, sometimes with a tie, in a wedge from the throat to the button, with lapels beside it."""
    low, slope = rng.uniform(0.02, 0.15) * build.tall, rng.uniform(0.12, 0.26)

    def wedge(p):
        return np.minimum((p[:, 1] - low) * slope - np.abs(p[:, 0]), p[:, 2] - 0.01) * 400

    def lapel(p):
        return np.minimum(wedge(p) + 12, 400 * (p[:, 1] - low))

    def tie(p):
        return (0.016 + 0.006 * np.sin(p[:, 1] * 9) - np.abs(p[:, 0])) * 400

    knotted = over(inner, tie, plain_cloth(pick_colour(rng, LIVELY, QUIET)))
    jacket = over(cloth, lapel, lambda p: cloth(p) * 0.78)
    return over(jacket, wedge, knotted if rng.random() < 0.35 else inner)


def _upper(rng: np.random.Generator, build: Build, kind: str, cloth: Paint) -> dict:
    """Shirt, sweater, jacket, coat or dress, as fields of Outfit."""
    u = rng.random(4)
    if kind == "shirt":
        sleeve, hem = rng.choice([0.55, 1.3, 1.97]), rng.choice([0.055, 0.0])
        return {"top": buttoned(cloth), "sleeve": sleeve, "collar": 0.022, "hem": hem, "coat": 0.0}
    if kind == "sweater":
        return {"sleeve": 1.97, "loose": 0.006 + 0.008 * u[0], "heavy": 1.3, "hem": 0.01}
    if kind == "dress":
        wear = {"coat": 0.7 + 1.05 * u[0], "flare": 0.01 + 0.05 * u[1], "neck": 0.29 + 0.03 * u[2], "loose": 0.002}
        return wear | {"sleeve": rng.choice([0.0, 0.4, 1.3, 1.97]), "legs": None}
    if kind not in ("jacket", "coat"):
        return {}
    outer = printed(rng, pick_colour(rng, QUIET, QUIET, LEATHER, LIVELY), 0.85)
    front = _open_front(rng, build, outer, printed(rng, pick_colour(rng, QUIET, LIVELY)))
    wear = {"top": front, "sleeve": 1.97, "loose": 0.01, "heavy": 1.4, "collar": 0.01 + 0.015 * round(u[0])}
    long, flare = (0.5 + 0.75 * u[1], 0.01 + 0.02 * u[2]) if kind == "coat" else (0.22, 0.012)
    return wear | {"coat": long, "flare": flare}


def any_outfit(rng: np.random.Generator, build: Build, face: Face, she: bool) -> Outfit:
    """Clothes that suit each other."""
    shoe = pick_colour(rng, LEATHER)
    sole = pick_colour(rng, LEATHER) if rng.random() < 0.5 else np.array([0.8, 0.78, 0.74])
    cloth = printed(rng, pick_colour(rng, LIVELY, LIVELY, QUIET))
    kinds = {"tee": 20, "shirt": 14, "sweater": 16, "jacket": 17, "coat": 10, "dress": 9, "skirt": 7, "shorts": 7}
    kind = str(rng.choice(list(kinds), p=np.array(list(kinds.values())) / 100))
    kind = "sweater" if kind in ("dress", "skirt") and not she else kind
    wear = {"skin": face.skin, "top": cloth, "legs": plain_cloth(pick_colour(rng, QUIET, DENIM, QUIET))}
    wear["cut"] = rng.random() ** 1.5
    wear["shoes"] = over(plain_cloth(shoe), lambda p: (0.018 - p[:, 1]) * 500, plain_cloth(sole))
    wear |= {"hem": rng.choice([0.0, 0.035, 0.06]), "coat": rng.choice([0.0, 0.0, 0.0, 0.25])}
    wear |= {"sleeve": rng.uniform(0.35, 0.6), "loose": rng.uniform(0.002, 0.008)} | _upper(rng, build, kind, cloth)
    if kind == "skirt":
        wear |= {"skirt": rng.uniform(0.6, 1.7), "flare": rng.uniform(0.01, 0.07), "hem": 0.06, "coat": 0.0}
        wear["legs"] = printed(rng, pick_colour(rng, QUIET, LIVELY))
    elif kind == "shorts":
        wear |= {"length": rng.uniform(0.5, 0.95), "cut": rng.uniform(0.4, 1)}
        wear["legs"] = plain_cloth(pick_colour(rng, QUIET, DENIM, LIVELY))
    elif she and kind != "dress" and rng.random() < 0.2:
        wear["boot"] = rng.uniform(0.3, 0.85)
    return Outfit(**wear)
