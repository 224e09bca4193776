"""Sliders over a plot function: one picture that follows the sliders, in JupyterLab, in a notebook and on Colab.

Where no kernel runs (GitHub, the book) a sheet stands in for them: the same picture at several settings.
"""

import html
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from textwrap import fill

import ipywidgets as widgets
from IPython.display import display
from PIL import Image, ImageDraw

from .style import INK, PAPER, WIDTH, font, png

LABEL = "90px"  # the same for all, so that their tracks begin below each other
SLOW = 0.3  # seconds: a picture that takes longer is drawn when the slider is let go, not while it moves
PLACES = (0.08, 0.36, 0.64, 0.92)  # where along its range the first slider stands on the sheet


def control(name: str, spec) -> widgets.Widget:
    """The widget for one value: (low, high), (low, high, step) or (low, high, step, start), a list, or True/False."""
    look = {"description": name.replace("_", " "), "style": {"description_width": LABEL}}
    if isinstance(spec, widgets.Widget):
        return spec
    if isinstance(spec, bool):
        return widgets.Checkbox(value=spec, **look)
    if isinstance(spec, list):
        return widgets.Dropdown(options=spec, value=spec[0], **look)
    if not isinstance(spec, tuple) or not 2 <= len(spec) <= 4:
        kinds = "(low, high), (low, high, step), (low, high, step, start), a list of choices, or True or False"
        raise ValueError(f"{name}={spec!r} is no slider: write {kinds}")
    low, high, *rest = spec
    whole = all(isinstance(number, int) for number in spec)
    step = rest[0] if rest else 1 if whole else (high - low) / 50
    start = rest[1] if len(rest) > 1 else low
    slider = widgets.IntSlider if whole else widgets.FloatSlider
    return slider(value=start, min=low, max=high, step=step, layout={"width": "400px"}, **look)


class Browser(widgets.VBox):
    """Controls above one picture; `controls` maps each name to its widget, `picture` holds the PNG.

    `seconds` is how long each picture took; `clock` says so below the picture.
    """

    def __init__(self, draw: Callable, still: Sequence[dict] | None = None, clock: bool = False, **sliders):
        self.controls = {name: control(name, spec) for name, spec in sliders.items()}
        self._draw, self._still, self._clock = draw, _checked(still, self.controls), clock
        self.message, self.seconds = widgets.HTML(), []
        size = {"max_width": "100%", "align_self": "flex-start"}
        self.picture = widgets.Image(value=self._png(), format="png", layout=size)
        slow = self.seconds[0] > SLOW
        for each in self.controls.values():
            if slow and hasattr(each, "continuous_update"):
                each.continuous_update = False
            each.observe(self._follow, names="value")
        super().__init__([self._panel(), self.picture, self.message])

    def _panel(self) -> widgets.Widget:
        """The controls under each other, or in two columns where there are many."""
        every = list(self.controls.values())
        half = -(-len(every) // 2) if len(every) > 4 else len(every)
        columns = [widgets.VBox(part) for part in (every[:half], every[half:]) if part]
        return widgets.HBox(columns, layout={"flex_flow": "row wrap"})

    @property
    def values(self) -> dict:
        """What the sliders say now."""
        return {name: each.value for name, each in self.controls.items()}

    def _png(self) -> bytes:
        begin = time.perf_counter()
        picture = png(self._draw(**self.values))
        self.seconds.append(time.perf_counter() - begin)
        return picture

    def _follow(self, change) -> None:
        """Draw again; the front end sends only the newest value once the last picture is done. Errors become text."""
        try:
            self.picture.value = self._png()
            self.message.value = f"composed, predicted and drawn in {1000 * self.seconds[-1]:.0f} ms" * self._clock
        except Exception as error:  # shown to the person: an exception in a callback would vanish into a log
            text = html.escape(f"{type(error).__name__}: {error}")
            self.message.value = f"<pre style='color:#b3261e;white-space:pre-wrap'>{text}</pre>"

    def still(self) -> bytes:
        """The PNG of a sheet with the picture at several settings: those asked for, or four along the first slider."""
        chosen = self._still or [dict(zip(self.controls, [value])) for value in _choices([*self.controls.values()])]
        small = []
        for values in chosen:
            try:
                picture = Image.open(BytesIO(png(self._draw(**self.values | values)))).convert("RGB")
            except Exception as error:  # on the sheet for the person to see, as `_follow` does below the sliders
                picture = Image.new("RGB", (int(100 * WIDTH), 60), PAPER)
                words = fill(f"{type(error).__name__}: {error}", 100)
                ImageDraw.Draw(picture).multiline_text((6, 6), words, INK, font())
            small.append((values, picture))
        return _sheet(small)

    def __repr__(self) -> str:
        return f"Browser({', '.join(self.controls)})"

    def _ipython_display_(self, **_) -> None:
        """Show the sliders; a page without a kernel (GitHub, the book) shows the sheet of `still` instead.

        One output with two faces, so that nobody sees double: a front end takes the richest one that it can show.
        Colab orders them in its own way, so it gets the sliders only.
        """
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        bundle = {"text/plain": repr(self), "application/vnd.jupyter.widget-view+json": view}
        if "google.colab" not in sys.modules:
            bundle["image/png"] = b64encode(self.still()).decode()
        display(bundle, raw=True)


def browse(draw: Callable, still: Sequence[dict] | None = None, clock: bool = False, **sliders) -> Browser:
    """Sliders over `draw(**values)`, a figure or a picture: `browse(walk, x=(-2.0, 2.0, 0.1), kind=["near", "far"])`.

    `still` holds the settings, each a dict of values, that are shown where no kernel runs.
    """
    return Browser(draw, still, clock, **sliders)


def _checked(still: Sequence[Mapping] | None, controls: Mapping) -> list[dict] | None:
    """The settings that were asked for, if every one is a dict of values of these controls."""
    for each in still or ():
        unknown = [str(name) for name in each if name not in controls] if isinstance(each, Mapping) else [str(each)]
        if unknown:
            names = ", ".join(controls)
            raise ValueError(f"still wants dicts of values of {names}, such as [{{...}}, {{...}}], not {unknown[0]}.")
    return [dict(each) for each in still] if still else None


def _choices(controls: Sequence[widgets.Widget]) -> list:
    """Up to four values of the first control, if there is one."""
    control = controls[0] if controls else widgets.IntText()
    if isinstance(control, widgets.Dropdown):
        return [each[1] if isinstance(each, tuple) else each for each in control.options][:4]
    if isinstance(control, widgets.Checkbox):
        return [False, True]
    if not isinstance(control, widgets.IntSlider | widgets.FloatSlider) or not control.step:
        return [control.value]
    steps = round((control.max - control.min) / control.step)
    places = dict.fromkeys(round(place * steps) for place in PLACES)  # without repetition, in order
    return [type(control.value)(round(control.min + place * control.step, 6)) for place in places]


def _sheet(pictures: Sequence[tuple[dict, Image.Image]]) -> bytes:
    """A PNG of (values, picture): two beside each other at half size, under their values; 255 colours, a small file."""
    gap, head, side = 6, 18, int(100 * WIDTH) // 2 - 3
    small = [
        each.resize((side, round(each.height * side / each.width)), Image.Resampling.LANCZOS) for _, each in pictures
    ]
    high = max(picture.height for picture in small) + head + gap
    page = Image.new("RGB", (int(100 * WIDTH), high * -(-len(small) // 2)), PAPER)
    for k, ((values, _), picture) in enumerate(zip(pictures, small)):
        left, top = k % 2 * (side + gap), k // 2 * high
        written = {name: f"{value:g}" if isinstance(value, float) else value for name, value in values.items()}
        words = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in written.items())
        ImageDraw.Draw(page).text((left, top), words, INK, font())
        page.paste(picture, (left, top + head))
    few = page.quantize(255, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(file := BytesIO(), "PNG", compress_level=9)
    return file.getvalue()
