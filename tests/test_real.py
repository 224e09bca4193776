"""`evaluate` on folders of real pictures: made-up ones whose figures are known."""

import json

import fakes
import numpy as np
import pytest
from fakes import refused
from PIL import Image
from test_cluster import needs_dask

from helpers import __main__ as shell
from helpers import real

SPEC = "height=1.6,pitch=20,fov=60"


class Knows(fakes.Differs):
    """`fakes.Differs`, but depth is 2 m left and 4 m right; half of that for who tells the camera."""

    reads_camera = True

    def forward(self, background, image, camera=None):
        heads = super().forward(background, image)
        heads["depth"] = heads["depth"] * 0 + (2.0 if camera is None else 1.0)
        heads["depth"][..., image.shape[-1] // 2 :] *= 2
        return heads


@pytest.fixture(autouse=True)
def network(monkeypatch):
    monkeypatch.setattr(real, "trained_network", lambda *_: (Knows(), {"network": "roomnet", "size": 48, "told": 64}))


def save(path, picture) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path, quality=100)


def scene(*, changed: slice, in_front: slice, size=(48, 48)) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Background, image and mask: these columns have changed, and these are in front; the last rows do not count."""
    background = np.full((*size, 3), 60, np.uint8)
    image, mask = background.copy(), np.zeros(size, np.uint8)
    image[:, changed], mask[:, in_front], mask[-8:] = 220, 255, 127
    return background, image, mask


def run(capsys, *words: str) -> dict:
    assert shell.main(["evaluate", "roomnet", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def draw_pairs(folder) -> None:
    """Two scenes, the first of two pairs."""
    shapes = {
        "hall_0": (slice(8, 24), slice(8, 16)),
        "hall_1": (slice(0, 8), slice(0, 8)),
        "yard": (slice(4), slice(8)),
    }
    for name, (changed, in_front) in shapes.items():
        for part, picture in zip(("bg", "image", "mask"), scene(changed=changed, in_front=in_front)):
            save(folder / f"{name}_{part}.png", picture)


def draw_depths(folder) -> None:
    """Two frames of one room, the second twice as far away."""
    true = np.full((48, 64), 1500, np.uint16)
    true[:, 32:], true[:4], true[4] = 2400, 0, 60_000  # unknown; farther than is trusted
    for name in ("room_0", "room_1"):
        save(folder / f"{name}_rgb.png", np.full((48, 64, 3), 90, np.uint8))
    save(folder / "room_0_depth.png", true)
    np.save(folder / "room_1_depth.npy", np.where(true == 0, np.nan, 2 * true / 1000))


def draw_video(place) -> None:
    """A video of five frames, of which the last two count; in one of the three before somebody is seen."""
    for number in (1, 2, 3, 4, 5):
        background, image, mask = scene(changed=slice(8, 24), in_front=slice(8, 16))
        mask[:, 16:20], mask[:8, 8:16], mask[-8:] = 50, 170, 85  # shadow, unknown, outside
        save(place / "input" / f"in{number:06}.jpg", background if number in (2, 3) else image)
        save(place / "groundtruth" / f"gt{number:06}.png", mask)
    region = np.full((48, 48), 255, np.uint8)
    region[:, 40:] = 0
    save(place / "ROI.bmp", region)
    (place / "temporalROI.txt").write_text("4 5\n")


def test_pairs_are_counted_by_scene(tmp_path, capsys):
    draw_pairs(tmp_path)
    said = run(capsys, "--pairs", tmp_path)
    hall, yard = said["pairs"]["hall"], said["pairs"]["yard"]
    assert (hall["precision"], hall["recall"]) == pytest.approx((16 / 24, 1)) and yard["recall"] == 0.5
    assert hall["f"] == hall["plain_f"] == pytest.approx(0.8) and hall["iou"] == pytest.approx(2 / 3)
    assert said["mean"]["f"] == pytest.approx((0.8 + 2 / 3) / 2) and said["network"] == "roomnet"


def test_depths_are_scaled_and_in_metres_where_the_camera_is_known(tmp_path, capsys):
    draw_depths(tmp_path)
    said = run(capsys, "--depths", tmp_path, "--camera", SPEC)
    first, second = said["depths"].values()
    assert first["abs_rel"] == pytest.approx(second["abs_rel"]) and 0 < first["abs_rel"] < first["constant_abs_rel"]
    assert first["metres_abs_rel"] == pytest.approx((0.5 / 1.5 + 0.4 / 2.4) / 2, rel=0.05)
    assert second["metres_abs_rel"] > 0.5 and 0 < second["floor_abs_rel"] < 10
    assert said["groups"]["median of room"]["abs_rel"] == pytest.approx(said["mean"]["abs_rel"])
    assert "metres_abs_rel" not in run(capsys, "--depths", tmp_path)["mean"]


@pytest.mark.parametrize("own", [True, False])
def test_the_benchmark_counts_what_its_regions_say(tmp_path, capsys, own):
    """Where no empty scene is named, it is the median of the frames before."""
    draw_video(place := tmp_path / "baseline" / "street")
    if own:
        save(place / "background.png", scene(changed=slice(8, 24), in_front=slice(0))[1])
    said = run(capsys, "--cdnet", tmp_path)
    row = said["cdnet"]["baseline/street"]
    tp, fp, fn = (0, 0, 32 * 8) if own else (32 * 8, 40 * 8, 0)
    tn = 40 * 40 - 8 * 8 - tp - fp - fn
    wanted = [tp / max(tp + fp, 1), tp / (tp + fn), 2 * tp / (2 * tp + fp + fn), tn / (tn + fp), fp / (tn + fp)]
    assert [row[key] for key in ("precision", "recall", "f", "specificity", "fpr")] == pytest.approx(wanted)
    assert row["pwc"] == pytest.approx(100 * (fp + fn) / (40 * 40 - 8 * 8)) and row["frames"] == 2
    assert said["groups"]["mean of baseline"] == row == said["mean"]


def test_what_cannot_be_scored_is_told(tmp_path, capsys):
    def told(*words) -> str:
        assert shell.main(["evaluate", "roomnet", *map(str, words)]) == 2
        return capsys.readouterr().err

    for kind in ("pairs", "depths", "cdnet"):
        assert f"{tmp_path} holds no" in told(f"--{kind}", tmp_path)
    assert "--camera is height=" in told("--depths", tmp_path, "--camera", "tall")
    assert "--camera belongs to --depths" in told("--pairs", tmp_path, "--camera", SPEC)
    background, image, mask = scene(changed=slice(4), in_front=slice(4))
    save(tmp_path / "a_bg.png", background)
    assert "holds no a_image.*" in told("--pairs", tmp_path)
    save(tmp_path / "a_image.png", image[:40])
    assert "a_image.png) measure 48 x 48 and 48 x 40 pixels" in told("--pairs", tmp_path)
    save(tmp_path / "a_image.png", image)
    save(tmp_path / "a_mask.png", mask[:40])
    assert "a_mask.png is 48 x 40 pixels, its picture 48 x 48" in told("--pairs", tmp_path)
    save(tmp_path / "a_rgb.png", image)
    save(tmp_path / "a_depth.png", np.zeros((48, 48), np.uint16))
    assert "no depth of 0.3 to 15.0 m" in told("--depths", tmp_path)
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "temporalROI.txt").write_text("all")
    assert "temporalROI.txt holds two numbers" in told("--cdnet", tmp_path)
    save(tmp_path / "a" / "b" / "groundtruth" / "gt000001.png", mask)
    save(tmp_path / "a" / "b" / "input" / "in000001.jpg", image)
    (tmp_path / "a" / "b" / "temporalROI.txt").write_text("1 1")
    assert "no frame before 1, the first that counts. Add the empty background.png" in told("--cdnet", tmp_path)
    (tmp_path / "a" / "b" / "temporalROI.txt").write_text("7 9")
    assert "no groundtruth of frames 7 to 9" in told("--cdnet", tmp_path)
    (tmp_path / "a_depth.png").unlink()
    (tmp_path / "a_depth.npy").write_bytes(b"no numbers")
    assert "a_depth.npy has no depth of 0.3 to 15.0 m" in told("--depths", tmp_path)
    for more in (("--runtime", "onnx"), ("--workers", "2"), ("--scheduler", "tcp://127.0.0.1:9")):
        assert "--scheduler belong to --pairs" in told(*more)
    refused(lambda: real.score_scene((tmp_path / "gone", *"12345"), "ab"), "does not see", kind=FileNotFoundError)


def test_onnxruntime_gives_the_same_figures(tmp_path, capsys, monkeypatch):
    made = []
    monkeypatch.setattr(real.exported, "run_by_onnx", lambda network, card: made.append(card["network"]) or network)
    draw_pairs(tmp_path)
    assert run(capsys, "--pairs", tmp_path, "--runtime", "onnx") == run(capsys, "--pairs", tmp_path)
    assert set(made) == {"roomnet"}


@pytest.mark.parametrize("runtime", ["torch", "onnx"])
def test_metres_are_asked_for_at_the_card_s_own_size(tmp_path, capsys, monkeypatch, runtime):
    asked, answer = [], real.ask_network.__globals__["predict_heads"]

    def noted(network, background, image, size, camera):
        asked.append(size)
        return answer(network, background, image, size, camera)

    monkeypatch.setitem(real.ask_network.__globals__, "predict_heads", noted)
    monkeypatch.setattr(real.exported, "run_by_onnx", lambda network, card: network)
    draw_depths(tmp_path)
    for more in (["--camera", SPEC], []):
        run(capsys, "--depths", tmp_path, "--runtime", runtime, *more)
    assert asked == [64, 64, 48, 48]


@needs_dask
def test_workers_give_the_figures_of_one_process_in_its_order(tmp_path, capsys):
    from distributed import LocalCluster

    draw_pairs(tmp_path)
    draw_depths(tmp_path)
    for name in ("one/a", "one/b", "two/a"):
        draw_video(tmp_path / "videos" / name)
    save(tmp_path / "videos" / "two" / "a" / "background.png", np.zeros((48, 48, 3), np.uint8))

    def figures(*words) -> str:
        return json.dumps(run(capsys, *words))

    videos, pairs = ("--cdnet", tmp_path / "videos"), ("--pairs", tmp_path)
    assert figures(*videos, "--workers", 2) == figures(*videos)
    with LocalCluster(2, 1, processes=False, dashboard_address="127.0.0.1:0") as here:
        there = "--scheduler", here.scheduler_address
        for asked in (pairs, ("--depths", tmp_path, "--camera", SPEC)):
            assert figures(*asked, *there) == figures(*asked)
        (tmp_path / "yard_mask.png").unlink()
        assert shell.main(["evaluate", "roomnet", *map(str, (*pairs, *there))]) == 2
        assert "holds no yard_mask.*" in capsys.readouterr().err
