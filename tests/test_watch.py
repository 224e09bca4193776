"""`watch`: frames of any clip become masks, tracks on the floor, events and a plan; what is broken is told."""

import csv
import json
import multiprocessing
import os
import re
import signal
import time
from fractions import Fraction

import av
import fakes
import numpy as np
import pytest
import torch
from PIL import Image

from helpers import __main__ as shell
from helpers import background, clips, inference, pieces, plan, tracks, watch
from helpers.show.style import png
from helpers.world.camera import Camera

CAMERA = Camera(height=2.6, pitch=0.35, fov=1.3)
SIZE = (144, 192)  # height and width of most frames here: the network sees them as they are
RED, BLUE, GREEN = (220, 40, 40), (40, 60, 230), (40, 210, 60)


@pytest.fixture(autouse=True)
def exact(monkeypatch):
    """What differs from the background is the mask: no trained network, and no time for one."""
    monkeypatch.setattr(inference, "trained_network", lambda *_: (fakes.Differs(), {"network": "roomnet", "size": 96}))


def empty(size=SIZE) -> np.ndarray:
    """An empty scene, grey with a little texture."""
    return np.random.default_rng(0).integers(110, 130, (*size, 3)).astype(np.uint8)


def scene(*people, size=SIZE) -> np.ndarray:
    """The scene with people (x, z in metres, colour): upright boards of .5 x 1.7 m, the nearest in front."""
    picture, (height, width) = empty(size), size
    for x, z, colour in sorted(people, key=lambda each: -each[1]):
        u, v, _ = CAMERA.project(np.array([x - 0.25, x + 0.25]), np.array([1.7, 0.0]), z, width)
        (left, right), (top, bottom) = u.round().astype(int), (v - (width - height) / 2).round().astype(int)
        picture[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = colour
    return picture


def walked(*pairs, **more) -> list[watch.Seen]:
    return list(watch.frames(list(pairs), empty(), CAMERA, **more))


def numbers(seen: watch.Seen) -> dict[int, np.ndarray]:
    """Track → place of those who count."""
    return {int(track): place for track, place in zip(seen.tracks, seen.places) if track > 0}


def write_clip(path, pictures, times=None, kind="libx264", **options):
    """A clip of these pictures, 10 a second or at these times."""
    with av.open(str(path), "w", options=options) as clip:
        stream = clip.add_stream(kind, rate=10, options={"g": "5"})
        stream.height, stream.width, stream.pix_fmt = *pictures[0].shape[:2], "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for k, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round(1000 * (times[k] if times else k / 10)), Fraction(1, 1000)
            clip.mux(stream.encode(frame))
        clip.mux(stream.encode(None))
    return path


def crossing(count: int = 30) -> list[np.ndarray]:
    """Somebody walks through the scene, 10 pictures a second."""
    return [scene((-1.5 + k / 10, 5.0, RED)) for k in range(count)]


# Clips


def test_a_clip_a_folder_and_pairs_are_read_in_order(tmp_path):
    pictures = crossing(12)
    write_clip(tmp_path / "a.mp4", pictures)
    (tmp_path / "folder").mkdir()
    for k, picture in enumerate(pictures):
        Image.fromarray(picture).save(tmp_path / "folder" / f"frame_{k}.png")
    (tmp_path / "folder" / "notes.txt").write_text("no picture")
    for source, rate in ((tmp_path / "a.mp4", 10), (str(tmp_path / "folder"), 25), ([*enumerate(pictures)], 1)):
        found = list(clips.read_clip(source))
        assert np.allclose([seconds for seconds, _ in found], np.arange(12) / rate, atol=2e-3)
        assert all(np.abs(one.astype(int) - two).mean() < 6 for (_, one), two in zip(found, pictures))


def test_times_are_the_clip_s_own_and_a_written_clip_keeps_them(tmp_path):
    times = [0, 0.1, 0.5, 0.6, 1.7, 1.8]
    write_clip(tmp_path / "a.mkv", crossing(6), times)
    read = list(clips.read_clip(tmp_path / "a.mkv"))
    assert np.allclose([seconds for seconds, _ in read], times, atol=2e-3)
    with clips.clip_writer(tmp_path / "b.mp4") as add:
        for seconds, picture in read:
            add(seconds, picture[:143, :191])
    again = list(clips.read_clip(tmp_path / "b.mp4"))
    assert np.allclose([seconds for seconds, _ in again], times, atol=2e-3) and again[0][1].shape == (142, 190, 3)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_clip_that_was_taken_with_the_camera_turned_is_upright(tmp_path, turns):
    """The matrix in the head of the file says how to turn it, clockwise; the pictures lie."""
    picture = empty((96, 128))
    picture[:30, :40] = RED
    path = write_clip(tmp_path / "a.mp4", [np.ascontiguousarray(np.rot90(picture, turns))] * 3)
    head = bytearray(path.read_bytes())
    at = head.index(b"tkhd") + 44
    cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[turns]
    for k, value in enumerate((cos, sin, 0, -sin, cos)):
        head[at + 4 * k : at + 4 * k + 4] = (value * 65536).to_bytes(4, "big", signed=True)
    path.write_bytes(head)
    (_, found), *_ = clips.read_clip(path)
    assert found.shape == picture.shape and np.abs(found.astype(int) - picture).mean() < 8


def test_what_is_no_clip_is_told(tmp_path):
    text, sound = tmp_path / "text.mp4", tmp_path / "list.m3u8"
    text.write_text("not a clip at all " * 100)
    sound.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://example.org/a.ts\n#EXT-X-ENDLIST\n")
    for source, says in {
        tmp_path / "none.mp4": "There is no file .*none.mp4",
        text: "text.mp4 is not a clip that can be read.*Save it as mp4",
        sound: "list.m3u8 is not a clip that can be read",
        tmp_path / "gone": "There is no file",
        "97": "There is no camera 97 that can be read.*Connect it",
    }.items():
        with pytest.raises((ValueError, OSError), match=says):
            watch.frames(source, empty())
    (tmp_path / "bare").mkdir()
    with pytest.raises(ValueError, match="There are no pictures in .*bare"):
        watch.frames(tmp_path / "bare")
    with pytest.raises(ValueError, match="There are no frames in the source"):
        watch.frames([], empty())


def test_a_clip_that_breaks_off_is_kept_as_far_as_it_goes(tmp_path):
    whole = write_clip(tmp_path / "a.mp4", crossing(60), movflags="faststart").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.warns(UserWarning, match=r"cut.mp4 ends after picture \d\d \([34]\.\d+ s\), because"):
        found = list(clips.read_clip(tmp_path / "cut.mp4"))
    assert 20 < len(found) < 50
    (tmp_path / "folder").mkdir()
    for k, picture in enumerate(crossing(4)):
        Image.fromarray(picture if k != 2 else picture[:100]).save(tmp_path / "folder" / f"{k}.png")
    with pytest.warns(UserWarning, match="after picture 2 .*it measures 192 x 100 pixels, .* 192 x 144"):
        assert len(list(clips.read_clip(tmp_path / "folder"))) == 2
    (tmp_path / "folder" / "1.png").write_bytes(b"no picture")
    with pytest.warns(UserWarning, match="after picture 1 .*1.png is empty, or not a picture"):
        assert len(list(clips.read_clip(tmp_path / "folder"))) == 1


def test_a_written_clip_is_whole_or_absent(tmp_path, monkeypatch):
    with pytest.raises(KeyError), clips.clip_writer(tmp_path / "a.mp4") as add:
        add(0.0, empty())
        raise KeyError
    assert not list(tmp_path.iterdir())


# The empty scene over time


def test_without_a_background_the_median_is_taken(tmp_path):
    pairs = [(k / 10, picture) for k, picture in enumerate(crossing(30))]
    assert np.array_equal(background.median_background(background.spread_pictures(pairs, 25)), empty())
    path = write_clip(tmp_path / "a.mp4", [picture for _, picture in pairs])
    looked = background.spread_pictures(path, 9)
    assert len(looked) == 9 and np.abs(looked[4].astype(int) - pairs[13][1]).mean() < 8
    assert [len(numbers(seen)) for seen in watch.frames(path, camera=CAMERA)][5:] == [1] * 25
    with pytest.raises(ValueError, match="Without --background a clip or a folder is needed"):
        watch.frames(iter(pairs))


def test_a_background_of_another_size_is_refused():
    with pytest.raises(ValueError, match="The background measures 192 x 140 pixels, and the frames 192 x 144"):
        watch.frames([(0, empty())], empty((140, 192)))


def test_the_background_follows_daylight_where_nobody_stands():
    start, seconds = np.full((*SIZE, 3), 0.4), np.arange(0, 601, 5.0)
    scene_now, mask = background.Background(start), np.zeros(SIZE, bool)
    mask[40:100, 50:90] = True
    for at in seconds:
        now = start + 0.3 * at / 600
        scene_now.follow(at, now, mask)
    assert 0.65 < scene_now.picture[120, 150, 0] < 0.7, "a minute late"
    assert scene_now.picture[70, 70, 0] == np.float32(0.4), "under somebody it stays as it was"


def test_who_sits_still_for_ten_minutes_stays_seen_and_a_chair_that_was_moved_does_not():
    sitting = [(float(second), scene((0.3, 4.0, RED))) for second in range(0, 601, 1)]
    last = list(watch.frames(sitting[::4], empty(), CAMERA))[-1]
    assert list(numbers(last)) == [1] and last.mask.sum() > 300
    chair = [(10.0 * k, scene((0.3, 4.0, RED))) for k in range(100)]
    last = list(watch.frames(chair, empty(), CAMERA))[-1]
    assert background.STAYS < 990 and not last.mask.any() and not len(last.boxes)


# Tracks


def test_a_frame_says_who_stands_where():
    first, second, *_, last = walked(*((k / 10, scene((-1 + k / 10, 5.0, RED), (1.2, 4.0, BLUE))) for k in range(20)))
    assert first.tracks.tolist() == [-1, -1] and not first.mask.any(), "nobody counts at once"
    assert sorted(second.tracks) == [1, 2] and second.mask.dtype == bool and second.depth.dtype == np.float32
    assert last.boxes.shape == (2, 4) and last.boxes.dtype == last.places.dtype == np.float32
    places = sorted(numbers(last).values(), key=lambda place: place[0])
    assert np.allclose(places, [(0.9, 5.0), (1.2, 4.0)], atol=0.15)
    assert last.scale == "metres" and last.number == 19 and last.seconds == pytest.approx(1.9)


def test_without_tracking_each_frame_stands_alone():
    seen = walked((0, scene((0, 5, RED))), (0.1, empty()), tracking=False)
    assert [each.tracks.tolist() for each in seen] == [[-1], []] and seen[0].mask.sum() > 300
    assert np.allclose(seen[0].places, [(0, 5)], atol=0.15)


def test_without_a_camera_places_are_right_up_to_one_factor():
    *_, last = watch.frames([(k / 10, scene((-1, 5, RED), (1, 5, BLUE))) for k in range(5)], empty())
    (one, two), size = sorted(last.places.tolist()), last.image.shape[1]
    assert (
        last.scale == "relative" and one[0] == pytest.approx(-two[0], abs=0.05) and one[1] == pytest.approx(3, abs=0.1)
    )
    assert size == 192


def test_what_flickers_or_is_a_speck_is_not_somebody():
    speck = scene((0, 5, RED))
    speck[10:14, 10:14] = GREEN
    blinks = scene((0, 5, RED), (1.5, 4, BLUE))
    seen = walked(*((k / 10, blinks if k in (4, 8) else speck) for k in range(12)))
    assert {tuple(numbers(each)) for each in seen[1:]} == {(1,)}
    assert not any(each.mask[10:14, 10:14].any() for each in seen)
    assert [len(each.boxes) for each in seen[4:9]] == [2, 1, 1, 1, 2]


def test_what_is_small_is_somebody_only_where_it_is_so_far_away_that_it_is_as_high_as_a_person():
    watcher, mask = watch.Watcher(empty(), CAMERA, "roomnet", "torch"), np.zeros(SIZE, bool)
    mask[60:70, 90:92] = True  # 20 pixels, where a speck has less than 27
    for metres, count in ((12, 1), (6, 0), (np.nan, 0)):
        watcher.depth = np.full(SIZE, metres, np.float32)
        assert len(watcher.sightings(empty(), mask)) == count


def test_a_person_in_parts_is_one():
    cut = scene((0, 4, RED))
    rows = np.flatnonzero((cut == RED).all(-1).any(1))
    cut[rows[20] : rows[22]] = empty()[rows[20] : rows[22]]
    seen = walked((0, cut), (0.1, cut))[-1]
    assert seen.tracks.tolist() == [1] and seen.boxes[0, 3] - seen.boxes[0, 1] == len(rows)


@pytest.mark.parametrize(
    ("others", "depths", "groups"),
    [
        ([(10, 56, 22, 100), (30, 58, 42, 100)], [4, 4.2, 3.8], 1),  # head and both legs of somebody behind a shelf
        ([(10, 56, 22, 100), (30, 58, 42, 100)], [4, 4, 7], 2),  # another leg is much farther away
        ([(60, 0, 90, 100), (95, 0, 125, 100)], [4, 4, 4], 3),  # a head, and two people side by side
    ],
)
def test_pieces_are_one_person_where_they_are_as_large_as_one(others, depths, groups):
    boxes = np.array([(18, 0, 28, 12), *others], np.float32)
    pixels = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    assert len(pieces.merged_parts(boxes, np.array(depths, float), pixels, focal=220.0)) == groups


def parted(two: tuple[float, float, float, float], depths: tuple[float, float]) -> list[tracks.Sighting]:
    """One component of two people, the first before the second, as it is parted between their tracks."""
    boxes, depth, part = [(0, 10, 20, 60), two], np.ones((60, 50), np.float32), np.zeros((60, 50), bool)
    known = []
    for k in (1, 0):
        x0, y0, x1, y1 = boxes[k]
        depth[y0:y1, x0:x1], part[y0:y1, x0:x1] = depths[k], True
        known.insert(0, tracks.Track(np.array(boxes[k], float), np.zeros(3), 0.0, number=k + 1, depth=depths[k]))
    nowhere, right = np.full(2, np.nan), two[2]
    box = np.array([0, 0, right, 60], np.float32)
    sighting = tracks.Sighting(box, part[:, :right], nowhere, nowhere, np.zeros(3), depth[:, :right])
    return sorted(tracks.split_sighting(sighting, known, lambda *_: (nowhere, nowhere)), key=lambda each: each.track)


def test_people_side_by_side_who_touch_are_parted():
    one, two = parted((20, 0, 40, 60), (4.0, 4.0))
    assert not one.mixed and not two.mixed
    assert one.box.tolist() == [0, 10, 20, 60] and two.box.tolist() == [20, 0, 40, 60]


def test_people_who_hide_one_another_are_parted_by_their_depth():
    one, two = parted((12, 0, 32, 50), (3.0, 5.0))
    assert not one.mixed and not two.mixed
    assert one.box.tolist() == [0, 10, 20, 60] and two.box.tolist() == [12, 0, 32, 50]
    assert two.part.sum() == 8 * 10 + 12 * 50 and np.all(two.depth[two.part] == 5)
    one, two = parted((8, 0, 28, 50), (4.0, 4.1))
    assert one.mixed and two.mixed, "as far away and close: nothing tells whose a pixel is"


def test_whose_feet_are_hidden_stands_where_the_depth_says():
    watcher, box = watch.Watcher(empty(), CAMERA, "roomnet", "torch"), np.array([80, 20, 110, 70])
    feet, _ = watcher.locate(box, np.ones((50, 30), bool))
    watcher.knows, far = True, float(np.linalg.norm(feet))
    for share, place in ((0.9, far), (0.5, far / 2), (1.5, far)):
        watcher.depth = np.full(SIZE, share * far, np.float32)
        found, _ = watcher.locate(box, np.ones((50, 30), bool))
        assert np.linalg.norm(found) == pytest.approx(place, rel=0.1)


def test_an_identity_is_kept_behind_a_column():
    column = slice(80, 100)
    pictures = crossing(40)
    for picture in pictures:
        picture[:, column] = empty()[:, column]
    seen = walked(*((k / 10, picture) for k, picture in enumerate(pictures)))
    hidden = [each.number for each in seen if not len(each.boxes)]
    assert {track for each in seen for track in numbers(each)} == {1} and hidden
    assert np.allclose(numbers(seen[-1])[1], (2.4, 5.0), atol=0.2)


@pytest.mark.parametrize("deep", [(5.0, 4.2), (4.6, 4.5)])
def test_people_who_cross_keep_their_identities(deep):
    def at(k: int):
        return (-1.8 + 0.09 * k, deep[0], RED), (1.8 - 0.09 * k, deep[1], BLUE)

    seen = walked(*((k / 10, scene(*at(k))) for k in range(40)))
    first, last = numbers(seen[5]), numbers(seen[-1])
    assert len(first) == len(last) == 2
    for track, place in first.items():
        assert np.sign(place[0]) == -np.sign(last[track][0]), "each went on to the other side"
    assert max(len(numbers(each)) for each in seen) == 2 == max(track for each in seen for track in numbers(each))


def test_people_who_turn_round_while_they_are_one_are_told_apart_by_their_colours():
    def at(k: int):
        away = abs(k - 20) / 20 * 1.8 + 0.1
        return (-away, 4.9, RED), (away, 4.4, BLUE)

    seen = walked(*((k / 10, scene(*at(k))) for k in range(41)))
    first, last = numbers(seen[5]), numbers(seen[-1])
    assert all(np.sign(place[0]) == np.sign(last[track][0]) for track, place in first.items())


def test_who_comes_out_beside_another_leaves_no_second_track_there():
    boxes, places = np.array([(40, 10, 80, 90), (10, 10, 38, 85)], np.float32), np.array([(0, 4), (-0.8, 4.5)])
    known, given = [], []
    for k, guess in enumerate([(40, 10, 80, 90), (44, 15, 76, 85)]):  # the second is thought to be behind the first
        wide, high = (boxes[k, 2:] - boxes[k, :2]).astype(int)
        colour, depth = np.eye(3)[k], np.full((high, wide), 4.0)
        state, unsure = np.array([0.2 * k, places[k, 1], 0, 0]), np.diag([0.3, 0.3, 1, 1])
        known.append(tracks.Track(np.array(guess, float), colour, 0.0, k + 1, state, unsure, last=0.0, depth=4.0))
        given.append(tracks.Sighting(boxes[k], depth > 0, places[k], np.full(2, 0.1), colour, depth, k))
    tracker = tracks.Tracker(lambda *_: (places[0], np.full(2, 0.1)))
    tracker.tracks, tracker.before = known, 0.0
    assert [each.track for each in tracker.update(0.1, given)] == [1, 2]


def test_who_has_left_does_not_come_back():
    seen = walked(*((k / 5, empty() if 10 <= k < 30 else scene((0, 5, RED))) for k in range(40)))
    assert {track for each in seen for track in numbers(each)} == {1, 2} and 20 / 5 > tracks.HIDDEN


# The shell


def run_shell(tmp_path, *more: str, source=None) -> int:
    Image.fromarray(empty()).save(tmp_path / "empty.png")
    source = source or write_clip(tmp_path / "a.mp4", crossing(30))
    return shell.main(["watch", "--source", str(source), "--out", str(tmp_path / "out"), *more])


SPEC = f"height=2.6,pitch={np.degrees(0.35)},fov={np.degrees(1.3)}"


def test_the_shell_writes_what_it_promises(tmp_path, capsys):
    given = ["--background", str(tmp_path / "empty.png"), "--camera", SPEC]
    assert run_shell(tmp_path, *given, "--json") == 0
    out, said = tmp_path / "out", json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {path.name for path in out.iterdir()} == {*said["files"], ".roomsight"} == {*watch.FILES, ".roomsight"}
    rows = list(csv.DictReader((out / "events.csv").open()))
    assert list(rows[0]) == ["time", "frame", "track", "event", "x", "z", "metres"]
    assert [row["event"] for row in rows] == ["entered", "seen", "seen", "left"]
    assert float(rows[-1]["x"]) == pytest.approx(1.4, abs=0.15) and float(rows[-1]["z"]) == pytest.approx(5, abs=0.2)
    frames = list(clips.read_clip(out / "watch.mp4"))
    assert len(frames) == said["frames"] == 30 and frames[-1][0] == pytest.approx(2.9, abs=0.01)
    assert said["tracks"] == 1 and said["scale"] == "metres" and not said["stopped"]
    assert Image.open(out / "depth.png").size == (192, 144) and Image.open(out / "floor.png").width > 400
    assert run_shell(tmp_path, *given) == 0, "an earlier result may be replaced"


def test_without_a_camera_or_a_background_the_shell_says_what_that_means(tmp_path, capsys):
    assert run_shell(tmp_path) == 0
    printed = capsys.readouterr().out
    assert "the median of up to 25 frames" in printed and "right up to one factor, not in metres" in printed


def test_mistakes_are_sentences(tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("mine")
    assert run_shell(tmp_path) == 2 and "is not empty: it holds letter.txt" in capsys.readouterr().err
    (tmp_path / "out" / "letter.txt").unlink()
    assert run_shell(tmp_path, "--camera", "high") == 2 and "--camera is height=1.6" in capsys.readouterr().err
    assert run_shell(tmp_path, source=tmp_path / "b.mp4") == 2 and "There is no file" in capsys.readouterr().err
    assert not list((tmp_path / "out").iterdir()), "nothing is left by a mistake"


def test_a_full_disk_is_told_and_leaves_no_half_clip(tmp_path, capsys, monkeypatch):
    import errno

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert run_shell(tmp_path) == 2
    assert "the disk is full: free some space" in capsys.readouterr().err
    assert not list((tmp_path / "out").glob("*watch.mp4*"))


def test_ctrl_c_closes_the_clip_and_keeps_it(tmp_path, capsys, monkeypatch):
    def pressed(source):
        for k, picture in enumerate(crossing(30)):
            if k == 12:
                os.kill(os.getpid(), signal.SIGINT)
            yield k / 10, picture

    monkeypatch.setattr(watch, "read_clip", pressed)
    assert run_shell(tmp_path, "--json") == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["stopped"] and 12 <= said["frames"] <= 14
    assert len(list(clips.read_clip(tmp_path / "out" / "watch.mp4"))) == said["frames"]
    assert (tmp_path / "out" / "events.csv").read_text().splitlines()[-1].split(",")[3] == "left"


def _watch_for_ever(tmp_path):
    torch.set_num_threads(1)  # a forked process has no others
    watch.read_clip = lambda _: ((k / 10, scene((0, 5, RED))) for k in range(10**6))
    watch.watch_command("endless", str(tmp_path / "out"), empty(), SPEC)


def test_a_kill_keeps_the_events_so_far_and_leaves_no_clip(tmp_path):
    work = multiprocessing.get_context("fork").Process(target=_watch_for_ever, args=(tmp_path,))
    work.start()
    events, until = tmp_path / "out" / "events.csv", time.monotonic() + 60
    while not (events.exists() and "seen" in events.read_text()) and work.is_alive() and time.monotonic() < until:
        time.sleep(0.05)
    work.kill()
    work.join()
    lines = events.read_text().splitlines()
    assert len(lines) >= 3
    assert all(re.fullmatch(r"[\d.]+,\d+,1,(entered|seen)(,-?[\d.]+){3}", line) for line in lines[1:])
    assert {path.name for path in (tmp_path / "out").glob("[!.]*")} == {"events.csv", "depth.png"}


def test_the_plan_shows_tracks_and_says_what_it_does_not_know():
    walk = [(0.1 * k - 1, 4 + 0.05 * k) for k in range(30)]
    figure = plan.track_plan({1: walk, 2: [(np.nan, np.nan), (1.0, 3.0)]}, CAMERA, 4 / 3)
    axis = figure.axes[0]
    assert "2 tracks" in axis.get_title() and axis.get_xlabel() == "metres to the right" and len(png(figure)) > 5000
    corners = plan.seen_floor(CAMERA, 4 / 3, 30.0)
    u, v, _ = CAMERA.project(corners[:, 0], 0.0, corners[:, 1], 192)
    assert (u > -1).all() and (u < 193).all() and (v[corners[:, 1] < 30] < 169).all()
    guessed = plan.track_plan({}, CAMERA, 4 / 3, known=False).axes[0]
    assert "right up to one factor" in guessed.get_title() and guessed.get_xlabel() == "to the right"
