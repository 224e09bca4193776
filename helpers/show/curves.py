"""Curves, bars and points of plain numbers as figures: trainings, learning rates, costs, guesses against the truth."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from .style import COLOURS, INK, TINT, WIDTH, canvas, rgb


def lr_curve(sweeps: Mapping, title: str = "") -> Figure:
    """Loss over learning rate with the steepest descent and the minimum: one result of `lr_range`, or name → result."""
    sweeps = {"": sweeps} if "lr" in sweeps else sweeps
    figure, axes = canvas(1, 1, 2.8, WIDTH * 0.75)
    axis = axes[0, 0]
    for (name, sweep), colour in zip(sweeps.items(), COLOURS[1:] + COLOURS[:1]):
        axis.plot(sweep["lr"], sweep["loss"], color=colour, lw=0.7, alpha=0.3)
        axis.plot(sweep["lr"], sweep["smooth"], color=colour, label=name or None)
        one = len(sweeps) == 1
        for what, marker, words in (("suggestion", "o", "steepest descent"), ("minimum", "X", "minimum, too high")):
            if sweep[what] is not None:
                height = sweep["smooth"][sweep["lr"].index(sweep[what])]
                label = f"{words}: {sweep[what]:.1e}" if one else None
                ink = colour if not one else INK if what == "minimum" else COLOURS[0]
                look = {"s": 55, "marker": marker, "zorder": 3, "edgecolor": "white", "label": label}
                axis.scatter(sweep[what], height, color=ink, **look)
    low = min(min(sweep["smooth"]) for sweep in sweeps.values())
    start = max(sweep["smooth"][0] for sweep in sweeps.values())
    axis.set(xscale="log", xlabel="learning rate", ylabel="loss", title=title)
    fall = max(start - low, 0.2 * abs(low))
    axis.set_ylim(low - 0.1 * fall, start + 0.3 * fall)  # the fall counts, not how high it flies
    axis.grid(True)
    axis.legend()
    return figure


def curve(history, names=None, x: str | None = None, ylabel="", title="", baseline=None, log=False) -> Figure:
    """Lines over training: `history` is a dict of lists or a list of dicts; `baseline` maps a name to a level."""
    if not isinstance(history, Mapping):
        history = {name: [row[name] for row in history] for name in history[0]}
    names = [names] if isinstance(names, str) else names or [name for name in history if name != x]
    figure, axes = canvas(1, 1, 2.6, WIDTH * 0.75)
    axis = axes[0, 0]
    for name in names:
        axis.plot(history[x] if x else range(len(history[name])), history[name], label=name)
    for k, (name, level) in enumerate((baseline or {}).items()):
        axis.axhline(level, ls="--", lw=1.2, color=INK, alpha=0.5 + 0.5 * (k == 0), label=name)
    axis.set(xlabel=x or "", ylabel=ylabel, title=title, yscale="log" if log else "linear")
    axis.grid(True)
    axis.legend()
    return figure


def bars(table: Mapping[str, float], value: str = "", title: str = "") -> Figure:
    """One bar per name, with its number beside it."""
    figure, axes = canvas(1, 1, 0.5 + 0.28 * len(table), WIDTH * 0.75)
    _draw_bars(axes[0, 0], table, [f"{number:.3g}" for number in table.values()], COLOURS[1])
    axes[0, 0].set(title=title, xlabel=value)
    axes[0, 0].margins(x=0.12)
    return figure


def _draw_bars(axis, table: Mapping[str, float], words: Sequence[str], colour: str) -> None:
    """Bars below each other, from the first name on, each with its words at its end."""
    drawn = axis.barh(list(table), list(table.values()), height=0.65, color=colour)
    axis.bar_label(drawn, words, padding=4, fontsize=8)
    axis.invert_yaxis()


def against(panels: Mapping[str, tuple], level: Mapping[str, float] | None = None, unit: str = "") -> Figure:
    """Truth across, guess up, a point per picture: title → (truths, guesses); on the diagonal a guess is right."""
    figure, axes = canvas(1, len(panels), 2.5, WIDTH * (0.6 if len(panels) == 1 else 1))
    pairs = {title: [np.asarray(each, float).ravel() for each in pair] for title, pair in panels.items()}
    every = np.concatenate([np.concatenate(pair) for pair in pairs.values()])
    ends = [every.min(), every.max()]  # one range for all panels
    for axis, (title, (truth, guess)), colour in zip(axes.flat, pairs.items(), COLOURS[1:]):
        axis.plot(ends, ends, color=INK, lw=0.8, ls="--")
        axis.plot(truth, guess, "o", ms=3.4, alpha=0.6, mew=0, color=colour)
        if level and title in level:
            axis.axhline(level[title], color=COLOURS[0], lw=1.2)
        axis.set(title=title, xlabel=f"true{unit}", ylabel=f"guessed{unit}", aspect="equal")
    return figure


def scanlines(lines: Mapping[str, Sequence]) -> Figure:
    """One row of pixels under another: name → (background, image, mask), each as long as the row; 0..255 and 0..1."""
    figure, axes = canvas(len(lines), 1, 0.35 + 1.15 * len(lines))
    for axis, (name, (background, image, mask)) in zip(axes[:, 0], lines.items()):
        background, image, mask = (np.asarray(line, np.float32).ravel() for line in (background, image, mask))
        place = np.arange(len(image))
        axis.fill_between(place, background, image, color=COLOURS[4], alpha=0.45, lw=0, label="difference")
        axis.plot(place, background, color=COLOURS[5], lw=1.2, label="background")
        axis.plot(place, image, color=COLOURS[1], lw=1.2, label="image")
        axis.fill_between(
            place, 0, 255, where=mask > 0.5, step="mid", color=TINT / 255, alpha=0.2, lw=0, label="person"
        )
        axis.set(ylim=(0, 255), xlim=(0, len(image) - 1), yticks=(0, 128, 255), ylabel=name)
    axes[0, 0].legend(ncols=4, loc="lower right", bbox_to_anchor=(1, 0.98), borderpad=0)
    axes[-1, 0].set_xlabel("pixel of the row")
    return figure


def sight(image, at: tuple[int, int], influence: Mapping[str, np.ndarray]) -> Figure:
    """The picture with one pixel (row, column) marked, and beside it how much each pixel moves that one's answer.

    `influence` maps a name to sizes of gradients, H W; colours are shares of the largest, down to a ten-thousandth.
    """
    figure, axes = canvas(1, 1 + len(influence), WIDTH / (1 + len(influence)) + 0.1)
    axes[0, 0].imshow(rgb(image), interpolation="nearest")
    axes[0, 0].set_title("the pixel in question", pad=3)
    for axis, (name, sizes) in zip(axes[0, 1:], influence.items()):
        shares = np.asarray(sizes, np.float32) / max(np.max(sizes), 1e-30)
        seen = np.ma.masked_less(shares, 1e-4)  # what is not seen stays white
        mesh = axis.imshow(seen, norm=LogNorm(1e-4, 1), cmap="viridis_r", interpolation="nearest")
        axis.set_title(name, pad=3)
    for axis in axes[0]:
        axis.add_patch(Rectangle((at[1] - 0.5, at[0] - 0.5), 1, 1, fill=False, ec=COLOURS[0], lw=1.5))
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(True)
    bar = figure.colorbar(mesh, ax=axes[0], fraction=0.02, pad=0.01, ticks=[1, 1e-2, 1e-4])
    bar.outline.set_visible(False)
    return figure


def reliability(lines: Mapping[str, Sequence[tuple[float, float, float]]]) -> Figure:
    """Said against true: name → (mean probability, share that is foreground, how many pixels) of each bin.

    On the dashed diagonal a network is as often right as it says; below it is too sure. Dots grow with the pixels.
    """
    figure, axes = canvas(1, 1, 3.6, 4.2)
    axis = axes[0, 0]
    axis.plot([0, 1], [0, 1], ls="--", lw=1, color=INK)
    for (name, bins), colour in zip(lines.items(), COLOURS):
        said, true, count = np.array(bins).T
        axis.plot(said, true, color=colour, label=name)
        axis.scatter(said, true, s=12 + 60 * (count / count.max()) ** 0.5, color=colour, lw=0, zorder=3)
    axis.set(xlabel="probability that the network says", ylabel="share that is in front", xlim=(0, 1), ylim=(0, 1))
    axis.set_aspect("equal")
    axis.grid(True)
    axis.legend(loc="upper left")
    return figure


def floor_plan(walks: Mapping[str, np.ndarray], fov: float = np.pi / 3) -> Figure:
    """A floor seen from above: name → places n 2 (metres to the right, metres ahead); the first as a line, others dots.

    The camera stands at the bottom; what it sees is shaded.
    """
    every = np.concatenate(list(walks.values()))
    far = float(every[:, 1].max()) + 1
    half = far * np.tan(fov / 2)
    figure, axes = canvas(1, 1, 4.4, WIDTH * 0.62)
    axis = axes[0, 0]
    axis.add_patch(Polygon([(0, 0), (-half, far), (half, far)], fc=COLOURS[5], alpha=0.12, lw=0))
    axis.plot(0, 0, marker="^", ms=10, color=INK)
    axis.annotate("camera", (0, 0), (8, -2), textcoords="offset points", fontsize=8)
    for k, ((name, walk), colour) in enumerate(zip(walks.items(), (INK, *COLOURS))):
        axis.plot(*walk.T, color=colour, label=name, **({"lw": 1.4} if k == 0 else {"marker": "o", "ms": 4.5, "lw": 0}))
    axis.set(xlabel="metres to the right", ylabel="metres ahead", ylim=(-0.4, far), aspect="equal")
    axis.grid(True)
    axis.legend(loc="upper left")
    return figure
