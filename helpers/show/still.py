"""What stands in for sliders where no kernel runs: the same picture at four settings, as one sheet."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO

import ipywidgets as widgets
from PIL import Image

from .look import PAPER, WIDTH
from .tiles import GAP, HEAD, write

COLUMNS, COLOURS = 2, 255  # so few colours make the file half as large
PLACES = (0.08, 0.36, 0.64, 0.92)  # where along its range the first slider stands


def checked(still: Sequence[Mapping] | None, controls: Mapping) -> list[dict] | None:
    """The settings that were asked for, if every one is a dict of values of these controls."""
    for each in still or ():
        unknown = [str(name) for name in each if name not in controls] if isinstance(each, Mapping) else [str(each)]
        if unknown:
            names = ", ".join(controls)
            raise ValueError(f"still wants dicts of values of {names}, such as [{{...}}, {{...}}], not {unknown[0]}.")
    return [dict(each) for each in still] if still else None


def settings(controls: Mapping) -> list[dict]:
    """Four settings: the first control at four places of its range, or at up to four of its choices."""
    name, first = next(iter(controls.items()), (None, None))
    return [{name: value} for value in choices(first)] if controls else [{}]


def choices(control: widgets.Widget) -> list:
    """Up to four values of a slider, a menu or a box to tick; of any other control the one that it has."""
    if isinstance(control, widgets.Dropdown):
        return [each[1] if isinstance(each, tuple) else each for each in control.options][:4]
    if isinstance(control, widgets.Checkbox):
        return [False, True]
    if not isinstance(control, widgets.IntSlider | widgets.FloatSlider) or not control.step:
        return [control.value]
    steps = round((control.max - control.min) / control.step)
    places = dict.fromkeys(round(place * steps) for place in PLACES)  # without repetition, in order
    return [type(control.value)(round(control.min + place * control.step, 6)) for place in places]


def sheet(draw: Callable[..., bytes], start: Mapping, chosen: Sequence[Mapping]) -> bytes:
    """A PNG of the pictures that `draw(**values)` gives as PNG: two beside each other at half size, named."""
    side = (int(100 * WIDTH) - GAP) // COLUMNS
    small = []
    for values in chosen:
        picture = Image.open(BytesIO(draw(**start | values))).convert("RGB")
        small.append(picture.resize((side, round(picture.height * side / picture.width)), Image.Resampling.LANCZOS))
    high = max(picture.height for picture in small) + HEAD + GAP
    page = Image.new("RGB", (int(100 * WIDTH), high * -(-len(small) // COLUMNS)), PAPER)
    for k, (values, picture) in enumerate(zip(chosen, small)):
        corner = k % COLUMNS * (side + GAP), k // COLUMNS * high
        write(page, corner, ", ".join(f"{name.replace('_', ' ')}: {_short(each)}" for name, each in values.items()))
        page.paste(picture, (corner[0], corner[1] + HEAD))
    page.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        file := BytesIO(), "PNG", compress_level=9
    )
    return file.getvalue()


def _short(value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
