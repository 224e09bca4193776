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
from PIL import Image

from .pictures import GAP, pictures
from .style import WIDTH, png

LABEL = "90px"  # the same for all, so that their tracks begin below each other
SLOW = 0.3  # seconds: a picture that takes longer is drawn when the slider is let go, not while it moves
WHOLE = round(100 * WIDTH)  # pixels: the width of every figure of the course
PLACES = (0.25, 0.75)  # where along its range the first slider stands on the sheet


def control(name: str, spec) -> widgets.Widget:
    """The widget for one value: (low, high), (low, high, step) or (low, high, step, start), a list, or True/False."""
    look = {"description": name.replace("_", " "), "style": {"description_width": LABEL}}
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
        """The PNG of a sheet with the picture at several settings: those asked for, or two along the first slider.

        Each is as large and has as many colours as between the sliders; small ones stand in two columns.
        """
        tiles, titles = [], []
        for values in self._still or [dict(zip(self.controls, [value])) for value in _choices(*self.controls.values())]:
            words = {name: f"{value:g}" if isinstance(value, float) else value for name, value in values.items()}
            titles.append(", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in words.items()))
            try:
                tiles.append(Image.open(BytesIO(png(self._draw(**self.values | values)))))
            except Exception as error:  # on the sheet for the person to see, as `_follow` does below the sliders
                tiles.append(fill(f"{type(error).__name__}: {error}", 50))
        wide = max((tile.width for tile in tiles if isinstance(tile, Image.Image)), default=WHOLE)
        columns = 1 if 2 * wide + GAP > WHOLE else 2
        return png(pictures(tiles, titles, columns, scale=(columns * (wide + GAP) - GAP) / WHOLE))

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


def uploaded(value) -> dict[str, bytes]:
    """{name: bytes of the file} of a FileUpload's `value`, by name: a dict in ipywidgets 7, in 8 a tuple of dicts."""
    files = value if isinstance(value, Mapping) else {each["name"]: each for each in value}
    return {name: bytes(files[name]["content"]) for name in sorted(files)}


def _checked(still: Sequence[Mapping] | None, controls: Mapping) -> list[dict]:
    """The settings that were asked for, if every one is a dict of values of these controls."""
    for each in still or ():
        if not isinstance(each, Mapping) or not each.keys() <= controls.keys():
            names = ", ".join(controls)
            raise ValueError(f"still wants dicts of values of {names}, such as [{{...}}, {{...}}], not {each!r}.")
    return [dict(each) for each in still or ()]


def _choices(first: widgets.Widget | None = None, *others: widgets.Widget) -> list:
    """Two values of the first control, or up to four where it is a list."""
    if isinstance(first, widgets.Dropdown):
        return list(first.options[:4])
    if isinstance(first, widgets.Checkbox):
        return [False, True]
    if first is None:
        return [None]
    steps = round((first.max - first.min) / first.step)
    places = dict.fromkeys(round(place * steps) for place in PLACES)  # without repetition, in order
    return [type(first.value)(round(first.min + place * first.step, 6)) for place in places]
