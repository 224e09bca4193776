"""What a picture must be after each move of its controls; the browser tests put this into a notebook's last cell.

It runs in the notebook's kernel and draws with the notebook's own function, without the sliders' callback.
"""

import hashlib
import json

import ipywidgets as widgets

from helpers.show.sliders import Browser
from helpers.show.style import png


def pressed(control, presses: int) -> tuple[list[str], object, str]:
    """Keys for the control, as many for a slider, the value that it then has, and how the page then writes it."""
    if isinstance(control, widgets.Checkbox):
        return ["Space"], not control.value, str(not control.value).lower()
    if isinstance(control, widgets.Dropdown):
        last = control.index == len(control.options) - 1
        choice = control.options[control.index + (-1 if last else 1)]
        text, value = choice if isinstance(choice, tuple) else (str(choice), choice)
        way = "ArrowUp" if last else "ArrowDown"  # in the open list: JupyterLab takes the key of a closed one
        return ["Space", way, "Enter"], value, text
    if isinstance(control, widgets.IntSlider | widgets.FloatSlider):
        last = control.value + presses * control.step > control.max + 1e-9
        value = control.value + (-1 if last else 1) * presses * control.step
        return ["ArrowLeft" if last else "ArrowRight"] * presses, value, format(value, control.readout_format)
    raise TypeError(f"The browser tests know no key for a {type(control).__name__}: teach tests/moves.py one.")


def moves(browser: Browser) -> list[dict]:
    """Each control moved in turn, the others stay where they were moved to; the first entry is the start.

    Sliders go further where one step would leave a later control without effect: two orders may share a picture.
    """
    for presses in (1, 2, 3):
        values = dict(browser.values)
        steps = [{"name": "the start", "sha256": picture_hash(browser, values)}]
        for name, control in browser.controls.items():
            keys, values[name], reads = pressed(control, presses)
            steps.append({"name": name, "keys": keys, "reads": reads, "sha256": picture_hash(browser, values)})
        if all(step["sha256"] != before["sha256"] for before, step in zip(steps, steps[1:])):
            break
    return steps


def picture_hash(browser: Browser, values: dict) -> str:
    """Hash of the picture that these values give."""
    return hashlib.sha256(png(browser._draw(**values))).hexdigest()


def plan(shown: dict) -> str:
    """The moves of every browser that the notebook has shown, from top to bottom: `shown` is its history `Out`."""
    return json.dumps([moves(value) for value in shown.values() if isinstance(value, Browser)])
