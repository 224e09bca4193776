"""The page to try the network in any browser: sources from book/page, the ONNX file, onnxruntime-web, drawn rooms."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from helpers.base import FAR, ROOT, folder, write_whole

from .course import RUNS

SOURCES, OUT = ROOT / "book" / "page", RUNS / "page"
NPM = RUNS / "npm"  # what npm has installed, kept between builds
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
SIDE, TALL = 512, 420  # pixels: of a drawn room, and 1.25 times the height of who walks in it
STEP = 0.05  # metres of a level of the depth picture, which says what hides somebody
LOW = 0.1  # metres: below that it is the floor
ROOMS = (("hall", 1, 6), ("hall", 2, 1), ("any lounge", 3, 2))  # kind, number, and who walks there
VIEWS = {"front": 0.0, "right": 1.2, "back": 3.14}  # radians to the right; to the left is the mirror of it
SEED = 2026
MEASURED, RUNS = (96, 160, 256), 25  # pixels; answers of which the median counts
MEDIAN = """async runs => {
    const times = [];
    for (let last = roomsight.answers; times.length < runs; await new Promise(requestAnimationFrame)) {
        if (roomsight.answers > last) times.push(roomsight.answer.milliseconds);
        last = roomsight.answers;
    }
    return times.sort((one, two) => one - two)[runs >> 1];
}"""


def build(serve: bool = False, speed: bool = False, out: Path = OUT) -> Path:
    """Build the page from nothing into `out`; its first file. `serve` shows it; `speed` measures it in Chromium."""
    runtime = onnxruntime_web()
    shutil.rmtree(out, ignore_errors=True)
    folder(out / "onnxruntime")
    for name in RUNTIME:
        shutil.copyfile(runtime / name, out / "onnxruntime" / name)
    shutil.copyfile(ROOT / "book" / "_static" / "roomsight.svg", out / "roomsight.svg")
    export_roomnet(out / "roomnet.onnx")
    draw_rooms(out)
    copy_sources(out)
    print(f"Built in {out}. Look at it: .venv/bin/python -m tools page --serve")
    if speed:
        print(measure_speed(out))
    if serve:
        with served(out) as address:
            print(f"Open {address} in a browser; Ctrl-C ends it.", flush=True)
            threading.Event().wait()
    return out / "index.html"


def onnxruntime_web() -> Path:
    """The folder of onnxruntime-web's files, which npm fetches once, as book/page/package-lock.json pins them."""
    lock = (SOURCES / "package-lock.json").read_bytes()
    mark, found = NPM / "lock.json", NPM / "node_modules" / "onnxruntime-web" / "dist"
    if mark.is_file() and mark.read_bytes() == lock and found.is_dir():
        return found
    if not shutil.which("npm"):
        raise OSError("The page needs npm, once, for onnxruntime-web: apt install nodejs npm, or https://nodejs.org/")
    shutil.rmtree(NPM, ignore_errors=True)
    folder(NPM)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(SOURCES / name, NPM / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    told = subprocess.run(command, cwd=NPM, capture_output=True, text=True)
    if told.returncode:
        said = (told.stderr.strip().splitlines() or ["nothing"])[0]
        raise OSError(f"npm could not fetch onnxruntime-web ({said}). It needs the network once: try again with it.")
    write_whole(mark, lock)
    return found


def export_roomnet(path: Path) -> None:
    """Write RoomNet's ONNX file, made once for the weights that ship."""
    from helpers import exported, inference  # torch takes seconds to import

    shutil.copyfile(exported.made_once(*inference.trained_network("roomnet")), path)


def draw_rooms(out: Path) -> None:
    """Draw the rooms and who walks in them; rooms.json says where everything is, and the colours of depth."""
    from helpers.show import style

    colours = (style.DEPTH_MAP(np.arange(256), bytes=True)[:, :3]).tolist()
    rooms = [draw_room(number, *room, out) for number, room in enumerate(ROOMS)]
    made = {"rooms": rooms, "colours": colours, "near": style.NEAR, "far": FAR}
    write_whole(out / "rooms.json", json.dumps(made).encode())


def draw_room(number: int, kind: str, index: int, who: int, out: Path) -> dict:
    """Draw one room, its depth and its walker as pictures in `out`; what the page must know of them."""
    from helpers.world.mixtures import scene_of
    from helpers.world.raycast.render import render

    rng = np.random.default_rng([SEED, index, 1])
    drawn = render(scene_of(rng, kind), SIDE, rng, 0)
    sheet, walk = draw_walk(who, drawn.camera.pitch if kind.startswith("any") else 0.0)
    levels = np.where(hiding(drawn), drawn.depth / STEP, 255).clip(0, 255).astype(np.uint8)
    pictures = {
        "background": (f"room{number}.jpg", Image.fromarray(drawn.picture), {"quality": 90}),
        "depth": (f"room{number}-depth.png", Image.fromarray(levels), {}),
        "people": (f"room{number}-walk.webp", sheet, {"quality": 85}),
    }
    for name, picture, how in pictures.values():
        save_picture(out / name, picture, **how)
    camera = {name: getattr(drawn.camera, name) for name in ("height", "pitch", "fov")}
    spots = drawn.spots[np.argsort(drawn.spots[:, 1])].round(3).tolist()
    names = {part: name for part, (name, *_) in pictures.items()}
    return {**names, "camera": camera, "spots": spots, "start": spots[len(spots) // 2], "walk": walk, "metres": STEP}


def hiding(drawn) -> np.ndarray:
    """S S bool: where the drawn room may hide somebody; its floor hides nobody's feet."""
    at = np.arange(SIDE) + 0.5
    _, height, _ = drawn.camera.unproject(at, at[:, None], drawn.depth, SIDE)
    return (height > LOW) & drawn.depth_valid


def draw_walk(who: int, pitch: float) -> tuple[Image.Image, dict]:
    """One sheet of pictures of somebody walking, and for each view its pictures: place in the sheet, metres, foot."""
    from helpers.world.people import walker

    views = {name: walker(who, TALL, yaw=yaw, pitch=pitch) for name, yaw in VIEWS.items()}
    wide = max(sum(cut.picture.shape[1] for cut in view) for view in views.values())
    high = max(cut.picture.shape[0] for view in views.values() for cut in view)
    sheet, walk = Image.new("RGBA", (wide, high * len(views))), {}
    for row, (name, view) in enumerate(views.items()):
        left, walk[name] = 0, []
        for cut in view:
            height, width = cut.picture.shape[:2]
            sheet.paste(Image.fromarray(cut.picture), (left, row * high))
            place = {"x": left, "y": row * high, "width": width, "height": height}
            walk[name].append(place | {"metres": round(cut.metres, 4), "foot": round(cut.foot, 4)})
            left += width
    return sheet, walk


def save_picture(path: Path, picture: Image.Image, **how) -> None:
    """Write a picture whole, in the format that its name says."""
    file = BytesIO()
    picture.save(file, {"jpg": "jpeg"}.get(path.suffix[1:], path.suffix[1:]), **how)
    write_whole(path, file.getvalue())


def measure_speed(out: Path) -> str:
    """A table: pictures a second in Chromium with one thread and two, and the processor."""
    from playwright.sync_api import sync_playwright

    lines = [f"{processor()}\n| pixels | one thread | two threads |\n|---|---|---|"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        speeds = [speeds_of(browser, out, isolated) for isolated in (False, True)]
        browser.close()
    lines += [f"| {size} x {size} | {speeds[0][size]:.1f} | {speeds[1][size]:.1f} |" for size in MEASURED]
    return "\n".join(lines)


def speeds_of(browser, out: Path, isolated: bool) -> dict[int, float]:
    """Pictures a second at each size, of the network alone: the median of RUNS answers to the drawn room."""
    found = {}
    with served(out, isolated) as address:
        tab = browser.new_context(service_workers="block").new_page()
        for size in MEASURED:
            tab.goto(f"{address}?threads={1 + isolated}&size={size}")
            tab.wait_for_function("globalThis.roomsight?.answer", timeout=120_000)
            found[size] = 1000 / tab.evaluate(MEDIAN, RUNS)
        tab.close()
    return found


def processor() -> str:
    """The name of this computer's processor, and how many of its cores there are."""
    names = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return f"{names[0]}, {len(names)} cores"


def copy_sources(out: Path) -> None:
    """Copy the sources, with what they are told at build time: the colours of depth, and the files to keep."""
    from matplotlib.colors import to_hex

    from helpers.show import style

    stops = ", ".join(to_hex(style.DEPTH_MAP(at)) for at in range(0, 256, 51))
    for path in sorted(SOURCES.glob("*.*")):
        if path.suffix in (".html", ".css", ".js"):
            text = path.read_text(encoding="utf-8").replace("{colours}", stops)
            write_whole(out / path.name, text.encode())
    stamp_service(out)


def stamp_service(out: Path) -> None:
    """Tell the service worker which files to keep, and a version that changes with any of them."""
    names = [path.relative_to(out).as_posix() for path in sorted(out.rglob("*.*")) if path.name != "service.js"]
    hashed = hashlib.sha256()
    for name in names:
        hashed.update((out / name).read_bytes())
    path = out / "service.js"
    text = path.read_text(encoding="utf-8").replace("{version}", hashed.hexdigest()[:12])
    write_whole(path, text.replace('"{files}"', ", ".join(map(json.dumps, [".", *names]))).encode())


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder in silence, isolated from other pages where the server says so."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript", ".wasm": "application/wasm"}

    def log_message(self, *words) -> None:
        """Nothing."""

    def end_headers(self) -> None:
        """Two headers more, without which browsers allow one thread only."""
        if self.server.isolated:
            self.send_header("Cross-Origin-Opener-Policy", "same-origin")
            self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()


@contextmanager
def served(where: Path = OUT, isolated: bool = False) -> Iterator[str]:
    """The address of a server of this folder, which only this computer reaches."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(where)))
    server.isolated = isolated
    server.handle_error = lambda *request: None  # the browser went on before it had all of a file
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
