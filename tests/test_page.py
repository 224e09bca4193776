"""The page to try the network, in Chromium: what it finds is what Python finds; nothing leaves it; it does not grow."""

import base64
import json
import os
import re
import shutil
from io import BytesIO
from pathlib import Path

import conftest
import numpy as np
import pytest
from PIL import Image
from test_onnx import needs_onnx

from helpers import exported, floor, inference
from helpers.base import ROOT
from helpers.world import Camera
from tools import page

pytestmark = [pytest.mark.browser, needs_onnx]
LINES = 700  # of HTML, style sheet and JavaScript together
FRAMES = 150  # of the memory test, after 30 that warm up
GROWTH = 24  # MB that the page's process may grow by in that time: the collector of garbage comes and goes
MINUTES = int(os.environ.get("ROOMSIGHT_PAGE_MINUTES", "0"))  # that the memory test goes on after that (use -s with it)
BYTES = """values => {
    const bytes = new Uint8Array(values.buffer ?? values), parts = [];
    for (let k = 0; k < bytes.length; k += 8192) parts.push(String.fromCharCode(...bytes.subarray(k, k + 8192)));
    return btoa(parts.join(""));
}"""
ANSWER = f"""() => {{
    const {{ answer }} = roomsight, bytes = {BYTES};
    const {{ height, width, boxes, floor, lens, truth, background }} = answer;
    return {{ height, width, boxes, floor, lens, truth, background: bytes(background), image: bytes(answer.image),
        maps: bytes(answer.maps), logits: bytes(answer.logits), depth: bytes(answer.depth) }};
}}"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of the built page. Without npm it is skipped, and fails where CI=true."""
    if not shutil.which("npm"):
        if os.environ.get("CI") == "true":
            pytest.fail("No npm here, and CI=true: the page would go untested.", pytrace=False)
        pytest.skip("no npm: the page to try is not tested (apt install nodejs npm)")
    out = tmp_path_factory.mktemp("page")
    try:
        page.build(out=out)
    except OSError as error:
        if os.environ.get("CI") == "true" or "npm" not in str(error):
            raise
        pytest.skip(str(error))
    return out


@pytest.fixture(scope="module")
def clip(built, tmp_path_factory) -> Path:
    """A film as Chromium's camera plays it, over and over: two seconds of an empty room, then two with somebody."""
    made = json.loads((built / "rooms.json").read_text())["rooms"][0]
    room = Image.open(built / made["background"])
    cell, sheet = made["walk"]["front"][0], Image.open(built / made["people"])
    place = cell["x"], cell["y"], cell["x"] + cell["width"], cell["y"] + cell["height"]
    somebody = sheet.crop(place).resize((100, 300))
    full = room.copy()
    full.paste(somebody, (200, 180), somebody)
    path = tmp_path_factory.mktemp("clip") / "clip.mjpeg"
    frames = []
    for picture in (room, full):
        picture.save(file := BytesIO(), "jpeg", quality=95)
        frames += [file.getvalue()] * 60
    path.write_bytes(b"".join(frames))
    return path


@pytest.fixture(scope="module")
def browser(chromium, clip):
    """Chromium with a film as its camera, and the right to use it."""
    from playwright.sync_api import sync_playwright

    fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    fake += [f"--use-file-for-fake-video-capture={clip}"]
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium, args=conftest.FLAGS + fake)
        yield started
        started.close()


@pytest.fixture(scope="module")
def opened(browser, built):
    """The page, answering, where the person stays where they are put; nothing may be wrong on it at the end."""
    wrong: list[str] = []
    with page.served(built) as address:
        context = browser.new_context(reduced_motion="reduce", viewport={"width": 1300, "height": 900})
        ours = (address, "data:", "blob:")
        context.on("request", lambda asked: asked.url.startswith(ours) or wrong.append(asked.url))
        tab = context.new_page()
        tab.on("console", lambda said: said.type == "error" and wrong.append(said.text))
        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.goto(address)
        tab.wait_for_function("globalThis.roomsight?.answers > 0", timeout=60_000)
        tab.wrong = wrong
        yield tab
        context.close()


def answer_after(tab, change: str = "0") -> dict:
    """What the page answers to a picture that it took after this change."""
    tab.evaluate(f"async () => {{ {change}; roomsight.after = roomsight.answers + 2 }}")
    tab.wait_for_function("roomsight.answers >= roomsight.after")
    found = tab.evaluate(ANSWER)
    size = found["height"], found["width"]
    for name, kind in {"background": "u1", "image": "u1", "maps": "<f4", "logits": "<f4", "depth": "<f4"}.items():
        values = np.frombuffer(base64.b64decode(found[name]), kind)
        found[name] = values.reshape(*size, 4)[..., :3] if kind == "u1" else values.reshape(-1, *size)
    return found


@pytest.fixture(scope="module")
def session():
    """RoomNet's ONNX file, run by onnxruntime in Python."""
    return exported.open_session(exported.made_once(*inference.trained_network("roomnet")), 1)


def test_ten_answers_are_onnxruntimes_in_python(opened, session):
    """The very pixels that the page gave the network: masks alike in 99.9 % of pixels, depth to 1 %; boxes, places."""
    for k in range(10):
        found = answer_after(opened, f"roomsight.source.put({-1 + 0.2 * k}, {2.5 + 0.5 * k})")
        lens = Camera(**found["lens"])
        assert np.abs(found["maps"] - lens.maps(found["height"], found["width"])).max() < 1e-6
        feeds = {name: found[name].transpose(2, 0, 1)[None] / np.float32(255) for name in ("background", "image")}
        mask, depth = session.run(["mask", "depth"], feeds | {"camera": found["maps"][None]})
        ours, theirs = mask[0, 0] > 0, found["logits"][0] > 0
        assert (ours == theirs).mean() >= 0.999 and theirs.any()
        assert np.median(np.abs(depth[0] / found["depth"] - 1)) < 0.01
        assert np.array_equal(inference.component_boxes(theirs), found["boxes"])
        seen = {"mask": theirs, "boxes": np.array(found["boxes"])}
        places = floor.floor_places(seen, lens, found["depth"][0])["floor"]
        assert np.allclose(places, found["floor"], atol=1e-3)


def test_cameras_of_all_kinds_make_the_same_maps(opened):
    """Camera.maps in JavaScript is Camera.maps in Python, for any lens, pitch, height and shape."""
    making = f"""async ([height, pitch, fov, high, wide]) => {{
        const {{ Camera }} = await import("./camera.js");
        return ({BYTES})(new Camera(height, pitch, fov).maps(high, wide)); }}"""
    for lens, size in (((0.4, -0.17, 0.7), (96, 96)), ((2.6, 0.5, 1.6), (72, 96)), ((4.0, 1.0, 1.2), (160, 90))):
        made = np.frombuffer(base64.b64decode(opened.evaluate(making, [*lens, *size])), "<f4").reshape(2, *size)
        assert np.allclose(made, Camera(*lens).maps(*size), rtol=1e-6, atol=1e-7)


def test_the_mask_follows_mouse_and_keys(opened):
    """Dragged to the right the mask moves to the right; a key moves it on."""
    before = answer_after(opened, "roomsight.source.put(-0.8, 4)")
    box = opened.locator("#stage").bounding_box()
    share = box["width"] / 512
    frame = opened.evaluate("roomsight.source.frame()")
    at = box["x"] + frame["u"] * share, box["y"] + (frame["v"] - frame["height"] / 2) * share
    opened.mouse.move(*at)
    opened.mouse.down()
    opened.mouse.move(at[0] + 60, at[1], steps=4)
    moved = answer_after(opened)
    opened.mouse.up()
    assert moved["floor"][0][0] > before["floor"][0][0] + 0.3
    opened.locator("#stage").focus()
    for _ in range(4):
        opened.keyboard.press("ArrowRight")
    assert answer_after(opened)["floor"][0][0] > moved["floor"][0][0] + 0.3


def test_a_finger_drags_the_person_and_scrolls_beside_them(browser, built):
    """On a phone the page stays where it is while a finger moves the person; beside the person it scrolls."""
    phone = {"has_touch": True, "is_mobile": True, "viewport": {"width": 390, "height": 700}}
    with page.served(built) as address:
        context = browser.new_context(reduced_motion="reduce", **phone)
        tab = context.new_page()
        tab.goto(address)
        tab.wait_for_function("globalThis.roomsight?.answers > 0", timeout=60_000)
        before = answer_after(tab, "roomsight.source.put(-0.8, 4)")
        box, frame = tab.locator("#stage").bounding_box(), tab.evaluate("roomsight.source.frame()")
        share = box["width"] / 512
        person = box["x"] + frame["u"] * share, box["y"] + (frame["v"] - frame["height"] / 2) * share
        swipe(tab, person, (60, 30))
        moved = answer_after(tab)
        assert moved["floor"][0][0] > before["floor"][0][0] + 0.3 and tab.evaluate("scrollY") == 0
        swipe(tab, (box["x"] + box["width"] - 20, box["y"] + 20), (0, -150))
        tab.wait_for_function("scrollY > 50")
        assert answer_after(tab)["truth"] == moved["truth"]
        context.close()


def swipe(tab, start: tuple[float, float], way: tuple[float, float]) -> None:
    """A finger that touches the page, moves and is lifted."""
    finger = tab.context.new_cdp_session(tab)
    for kind, share in [("touchStart", 0), *(("touchMove", step / 4) for step in range(1, 5)), ("touchEnd", None)]:
        points = [] if share is None else [{"x": start[0] + way[0] * share, "y": start[1] + way[1] * share}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_film_plays_as_the_camera(opened):
    """The empty scene is taken while the film shows it; then who is in the film is found."""
    opened.click("label[for=camera]")
    opened.wait_for_function("roomsight.source?.kind === 'camera' && roomsight.source.seen.currentTime > 0")
    opened.evaluate("""() => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 16, height: 16 });
        const context = canvas.getContext("2d", { willReadFrequently: true });
        roomsight.look = () => {
            context.drawImage(roomsight.source.seen, 0, 0, 16, 16);
            return [...context.getImageData(7, 8, 1, 1).data];
        };
        roomsight.first = roomsight.look();
    }""")
    change = "Math.hypot(...roomsight.look().map((value, k) => value - roomsight.first[k])) > 25"
    opened.wait_for_function(change, timeout=15_000)  # one kind of picture went, the other came
    empty = opened.evaluate("roomsight.look()")
    opened.evaluate("roomsight.takeEmpty(0)")
    opened.evaluate("roomsight.first = roomsight.look()")
    answer_after(opened)
    opened.wait_for_function(change, timeout=15_000)
    found = answer_after(opened)
    assert found["boxes"], f"nobody was found against {empty}"


def test_two_pictures_are_answered_and_bad_ones_are_named(opened, built, tmp_path):
    """Files of one shape are compared; what is no picture, or has another shape, is said in a sentence."""
    opened.click("label[for=pair]")
    opened.wait_for_function("roomsight.source?.kind === 'pair'")
    room = Image.open(built / "room0.jpg").resize((320, 240))
    room.save(tmp_path / "empty.png")
    room.paste((200, 30, 30), (100, 60, 150, 200))
    room.save(tmp_path / "full.png")
    room.resize((240, 320)).save(tmp_path / "tall.png")
    (tmp_path / "words.txt").write_text("no picture")
    opened.set_input_files("#background-file", tmp_path / "empty.png")
    opened.set_input_files("#image-file", tmp_path / "full.png")
    opened.wait_for_function("roomsight.answer.width === 192 && roomsight.answer.height === 144")
    (box,) = opened.evaluate("roomsight.answer.boxes")
    assert np.abs(np.array(box) / 0.6 - (100, 60, 150, 200)).max() < 12
    for name, says in (("words.txt", "is no picture"), ("tall.png", "different shapes")):
        opened.set_input_files("#image-file", tmp_path / name)
        opened.wait_for_function(f"document.getElementById('says').textContent.includes('{says}')")


def test_nothing_left_the_page_and_the_console_is_silent(opened):
    """After all of the tests above: no request to another address, no error."""
    opened.click("label[for=drawn]")
    opened.wait_for_function("roomsight.source?.kind === 'drawn'")
    answer_after(opened)
    assert opened.wrong == []


def test_without_a_camera_or_webassembly_it_says_what_to_do(browser, built):
    """A sentence each, and no error in the console."""
    tricks = {
        "The browser may not use the camera": "navigator.mediaDevices.getUserMedia = async () => {"
        " throw new DOMException('', 'NotAllowedError') }",
        "no WebAssembly": "delete globalThis.WebAssembly",
    }
    for says, trick in tricks.items():
        with page.served(built) as address:
            tab = browser.new_page()
            tab.add_init_script(trick)
            tab.goto(address)
            tab.wait_for_function("globalThis.roomsight?.source")
            if "camera" in says:
                tab.click("label[for=camera]")
            tab.wait_for_function(f"document.getElementById('says').textContent.includes('{says}')")
            tab.close()


@pytest.mark.timeout(600 + 60 * MINUTES)
def test_memory_does_not_grow_and_it_works_without_a_network(browser, built):
    """Some hundred answers while somebody walks; then the server is gone, and the page loads and answers again."""
    context = browser.new_context()
    tab = context.new_page()
    with page.served(built) as address:
        tab.goto(f"{address}?size=96")
        tab.wait_for_function("globalThis.roomsight?.answers > 30", timeout=120_000)
        pid = max(renderers(browser), key=megabytes)
        before = megabytes(pid)
        tab.wait_for_function(f"roomsight.answers > {30 + FRAMES}", timeout=240_000)
        for minute in range(1, MINUTES + 1):
            tab.wait_for_timeout(60_000)
            heap = tab.evaluate("performance.memory.usedJSHeapSize") / 2**20
            print(f"minute {minute}: {tab.evaluate('roomsight.answers')} answers,", end=" ")
            print(f"{heap:.1f} MB of JavaScript's heap, {megabytes(pid):.0f} MB of the process")
        assert megabytes(pid) - before < GROWTH
        tab.wait_for_function("navigator.serviceWorker.controller")
    tab.reload()
    tab.wait_for_function("globalThis.roomsight?.answers > 0", timeout=60_000)
    assert tab.evaluate("crossOriginIsolated && roomsight.threads") == (2 if os.cpu_count() > 3 else 1)
    context.close()


def renderers(browser) -> list[int]:
    """The processes in which the browser's pages live."""
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return [each["id"] for each in found if each["type"] == "renderer"]


def megabytes(pid: int) -> float:
    """What the process holds in memory."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def test_the_sources_are_small_and_pinned():
    """Lines of the page, and one exact version of the runtime with its hash."""
    files = [path for path in page.SOURCES.iterdir() if path.suffix in (".html", ".css", ".js")]
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) <= LINES and max(map(len, lines)) <= 120
    wanted = json.loads((page.SOURCES / "package.json").read_text())["dependencies"]["onnxruntime-web"]
    lock = json.loads((page.SOURCES / "package-lock.json").read_text())["packages"]["node_modules/onnxruntime-web"]
    assert lock["version"] == wanted and lock["integrity"].startswith("sha512-")
    assert not [path for path in (ROOT / "book").rglob("*.wasm")]


def test_without_npm_it_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "NPM", tmp_path / "npm")
    monkeypatch.setattr(page.shutil, "which", lambda name: None)
    with pytest.raises(OSError, match="apt install nodejs npm"):
        page.onnxruntime_web()
