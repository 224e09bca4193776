"""One pass over the batches gives what numpy gives over everything at once."""

import fakes
import numpy as np
import pytest

from helpers.data import Scenes, compose, loader, random_rows, statistics

BANK = fakes.bank(clutters=1, shapes=1)
ROWS = random_rows(BANK, 25, 2)


def test_one_pass_is_numpy_over_everything():
    figures, whole = statistics(loader(Scenes(BANK, ROWS), 7)), compose(BANK, ROWS)
    for name, key in (("bg", "background"), ("bg_fg", "image")):
        values = whole[key].numpy() / 255  # R G B, in this order
        assert figures[name]["mean"] == pytest.approx(values.mean((0, 2, 3)))
        assert figures[name]["std"] == pytest.approx(values.std((0, 2, 3)))
    assert figures["mask"]["mean"] == pytest.approx([whole["mask"].mean().item()])
    assert figures["mask"]["std"] == pytest.approx([whole["mask"].numpy().std()])
    depth = whole["depth"].numpy()[whole["depth_valid"].numpy() > 0].astype(np.float64)
    assert figures["depth"]["mean"] == pytest.approx([depth.mean()])
    assert figures["depth"]["std"] == pytest.approx([depth.std()])
    shares = np.histogram(depth, figures["depth_edges"])[0] / len(depth)
    assert figures["depth_histogram"] == pytest.approx(shares) and figures["pictures"] == 25
    assert figures["foreground_share"] == figures["mask"]["mean"][0]
