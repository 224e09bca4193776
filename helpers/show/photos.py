"""Pairs of photographs beside what was found in them."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from .look import WIDTH, array, canvas, rgb


def photos(backgrounds: Sequence, images: Sequence, truths: Sequence, guesses: Mapping[str, Sequence]) -> Figure:
    """A row per pair: background, image, the masks of each of the `guesses` with their IoU, and the true mask.

    The rows stay in the order in which they come: give the worst first.
    """
    columns = 3 + len(guesses)
    figure, axes = canvas(len(images), columns, len(images) * (WIDTH / columns + 0.2) + 0.1)
    for i, row in enumerate(axes):
        truth = array(truths[i]) > 0.5
        tiles = [("background", backgrounds[i]), ("image", images[i])]
        for name, masks in guesses.items():
            found = array(masks[i]) > 0.5
            tiles.append((f"{name} {overlap(found, truth):.2f}", found))
        tiles.append(("truth", truth))
        for column, (axis, (title, tile)) in enumerate(zip(row, tiles)):
            axis.imshow(rgb(array(tile)), interpolation="antialiased")
            axis.set_axis_off()
            if i == 0 or 2 <= column < columns - 1:
                axis.set_title(title, pad=3)
    return figure


def overlap(found, truth) -> float:
    """IoU of two masks; two empty ones agree."""
    either = (found | truth).sum()
    return float((found & truth).sum() / either) if either else 1.0
