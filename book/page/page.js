// The page: it asks the worker for one answer after the other, and shows each beside the picture that it belongs to.
import { componentBoxes, floorPlaces, median, shrunk } from "./answers.js";
import { Camera } from "./camera.js";
import { depthColours, floorGrid, floorPlan, tinted } from "./show.js";
import { DrawnRoom, Pair, Webcam, canvasOf } from "./sources.js";

const SIZES = [96, 128, 160, 192]; // pixels, chosen by itself; at 256 masks are a little better, depth is worse
const SLOW = 130, QUICK = 80; // milliseconds an answer: above, a smaller size; if a larger one is expected below, that
const WORDS = {
  drawn: "Drag the person across the floor, or use the arrow keys. The network is told nothing of where they are.",
  camera: "Put the camera where it stays still. Press “Take the empty scene” and leave the picture while it counts.",
  pair: "An example. Choose two pictures of your own: the empty scene, and the same scene with somebody in it.",
  NotAllowedError: "The browser may not use the camera. Allow it beside the address, then press “Your camera” again.",
  NotFoundError: "No camera was found. Connect one and press “Your camera” again, or try two pictures.",
  NotReadableError: "Another program holds the camera. Close it, then press “Your camera” again.",
  SecurityError: "Browsers give a camera to secure pages alone (https). Try two pictures instead.",
};
const DEGREE = Math.PI / 180;
const STEPS = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, 0.15], ArrowDown: [0, -0.15] }; // metres
const $ = id => document.getElementById(id), paint = id => $(id).getContext("2d");
const made = await (await fetch("rooms.json")).json(), quiet = matchMedia("(prefers-reduced-motion: reduce)");
const state = (globalThis.roomsight = { answers: 0, size: SIZES[0], lens: new Camera(), takeEmpty }); // for tests, too
let shown = canvasOf(1, 1), spare = canvasOf(1, 1); // the picture that the network is asked about, and the last one
let worker, ready = false, sent = {}, waiting = false, dirty = true, times = [], told = 0, heard = 0;
let room = 0, held = null, grid = 0; // which room; from where to the feet; until when the floor's squares are shown

function say(words, wrong = false) {
  $("says").textContent = words;
  $("says").classList.toggle("wrong", wrong);
}

function lacking(what) {
  $("speed").textContent = "";
  say(`${what}. Load the page again, or open it in a current Firefox, Chrome, Edge or Safari.`, true);
}

function start() {
  if (typeof WebAssembly !== "object") return lacking("This browser has no WebAssembly, which runs the network");
  const wanted = Number(new URL(location.href).searchParams.get("threads")), many = navigator.hardwareConcurrency > 3;
  state.threads = crossOriginIsolated ? wanted || (many ? 2 : 1) : 1; // on two cores the page itself needs one
  worker = new Worker(`worker.js?threads=${state.threads}`, { type: "module" });
  worker.onerror = () => lacking("The network did not start");
  worker.onmessage = ({ data }) => {
    if (data.kind === "failed") return lacking("The network does not run here");
    if (data.kind === "answer") answered(data);
    else [ready, $("speed").textContent] = [true, ""];
  };
}

function everyFrame(now) {
  requestAnimationFrame(everyFrame);
  ask(now);
}

/** Sends the picture of this moment, if the last one has been answered and anything may have changed. */
function ask(now) {
  const { source } = state;
  if (waiting || document.hidden || !source?.size || source.kind === "pair" && !dirty) return;
  source.walk?.(now, quiet.matches);
  [shown.height, shown.width] = source.size;
  source.draw(shown.getContext("2d"));
  const size = Number($("size").value) || (source.kind === "pair" ? SIZES.at(-1) : state.size);
  if (ready && source.background) send(source, shrunk(source.size, size));
  else fitted("stage", shown).drawImage(shown, 0, 0, $("stage").width, $("stage").height);
}

function send(source, [height, width]) {
  const known = sent.canvas === source.background && sent.height === height && sent.width === width;
  const background = known ? sent.background : pixels(source.background, height, width);
  const { lens } = state, image = pixels(shown, height, width), truth = source.kind === "drawn" && [source.x, source.z];
  sent = { canvas: source.background, background, height, width, lens, truth, picture: shown };
  [waiting, dirty] = [true, false];
  const message = { image, height, width, lens: { ...lens }, background: known ? null : background };
  worker.postMessage(message, [image.buffer]);
}

/** What paints a canvas of the page, which has the shape of the picture. */
function fitted(id, picture) {
  const canvas = $(id), [height, width] = shrunk([picture.height, picture.width], 800);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  return canvas.getContext("2d");
}

/** The bytes R G B A of a canvas at another size. */
function pixels(canvas, height, width) {
  const small = canvasOf(width, height).getContext("2d", { willReadFrequently: true });
  small.imageSmoothingQuality = "high";
  small.drawImage(canvas, 0, 0, width, height);
  return small.getImageData(0, 0, width, height).data;
}

/** Shows an answer beside the picture that it belongs to, while the next one is being found. */
function answered(data) {
  const asked = sent;
  [shown, spare, waiting] = [spare, shown, false];
  ask(performance.now());
  if (asked.canvas !== state.source?.background) return; // it was of another source
  const answer = { ...asked, ...data, mask: Uint8Array.from(data.logits, logit => logit > 0) };
  answer.boxes = componentBoxes(answer.mask, answer.height, answer.width);
  answer.floor = floorPlaces(answer, answer.lens);
  answer.metres = answer.floor.map(place => Math.hypot(...place));
  Object.assign(state, { answer, answers: state.answers + 1 });
  const stage = fitted("stage", answer.picture);
  tinted(stage, answer.picture, answer);
  if (performance.now() < grid || $("grid").checked) floorGrid(stage, answer.lens);
  depthColours(fitted("depth", answer.picture), answer, made);
  floorPlan(paint("plan"), answer, answer.lens, answer.truth);
  report(answer, performance.now());
}

/** Says how fast it goes and, less often and to screen readers, what was found; chooses a size that is fluent. */
function report({ width, height, metres, milliseconds }, now) {
  times.push(milliseconds);
  if (now - told > 500 || state.source.kind === "pair") {
    const rate = `Pictures a second: ${(times.length / (now - told) * 1000).toFixed()}`;
    const speed = state.source.kind === "pair" ? `${milliseconds.toFixed()} milliseconds` : rate;
    $("speed").textContent = `${speed} (${width} × ${height})`;
    const at = SIZES.indexOf(state.size), larger = SIZES[at + 1], typical = median(times);
    if (typical > SLOW && at) state.size = SIZES[at - 1];
    else if (typical * (larger / state.size) ** 2 < QUICK) state.size = larger;
    [told, times] = [now, []];
  }
  if (now - heard < 3000) return;
  const found = metres.map(far => far.toFixed(1)).join(", ");
  $("heard").textContent = found ? `Found: ${found} metres away.` : "Nobody is found.";
  heard = now;
}

/** Opens a source in place of the last one, whose two pictures are the example of a pair. */
async function choose(kind) {
  const { picture = shown, canvas: background } = state.answer ?? {}, image = canvasOf(picture.width, picture.height);
  image.getContext("2d").drawImage(picture, 0, 0);
  state.source?.close?.();
  Object.assign(state, { source: null, wanted: kind });
  $(document.body.dataset.source = kind).checked = true;
  try {
    const open = { drawn: () => DrawnRoom.open(made.rooms[room]), camera: Webcam.open };
    const source = kind === "pair" ? Object.assign(new Pair(), { background, image }) : await open[kind]();
    if (state.wanted !== kind) return source.close?.(); // somebody was quicker
    state.source = source;
    if (source.camera) slide(source.camera);
    say(WORDS[kind]);
    showEmpty();
  } catch (error) {
    if (state.wanted !== kind) return;
    if (kind !== "drawn") await choose("drawn");
    say(WORDS[error.name] ?? `This did not work: ${error.message}`, true);
  }
}

function showEmpty() {
  const { background } = state.source;
  const [height, width] = background ? shrunk([background.height, background.width], 320) : [240, 320];
  Object.assign($("background"), { height, width });
  if (background) paint("background").drawImage(background, 0, 0, width, height);
  dirty = true;
}

/** Counts down while people leave the picture, then takes the empty scene. */
async function takeEmpty(seconds = 5) {
  const { source } = state;
  $("take").disabled = true;
  for (let left = seconds; left; left--) {
    say(`Leave the picture. The empty scene is taken in ${left} …`);
    await new Promise(done => setTimeout(done, 1000));
  }
  $("take").disabled = false;
  if (state.source !== source) return;
  source.takeBackground();
  showEmpty();
  say("Now walk in. If the camera was moved, take the empty scene again.");
}

/** Takes a file as one of the two pictures; the example makes room for the first one. */
async function read(name, file) {
  if (!file) return;
  if (!state.source.given) Object.assign(state.source, { given: true, background: null, image: null });
  try {
    await state.source.read(name, file);
    const both = state.source.size && state.source.background;
    say(both ? "This is the answer. You can exchange either picture." : "Now choose the other picture.");
  } catch (error) {
    say(error.message, true);
  }
  showEmpty();
}

/** Sets the sliders as this camera is. */
function slide({ height, pitch, fov }) {
  [$("height").value, $("pitch").value, $("lens").value] = [height, pitch / DEGREE, fov / DEGREE];
  readSliders(0);
}

/** Makes the camera of the sliders; its floor is shown for so many milliseconds. */
function readSliders(milliseconds = 1500) {
  const [height, pitch, fov] = ["height", "pitch", "lens"].map(id => Number($(id).value));
  const says = [`${height.toFixed(2)} m`, `${Math.abs(pitch)}° ${pitch < 0 ? "up" : "down"}`, `${fov}° across`];
  document.querySelectorAll("output").forEach((each, k) => (each.textContent = says[k]));
  state.lens = new Camera(height, pitch * DEGREE, fov * DEGREE);
  [dirty, grid] = [true, performance.now() + milliseconds];
}

function drag({ type, pointerId, clientX, clientY }) {
  const { source } = state, { left, top, width } = $("stage").getBoundingClientRect();
  if (source?.kind !== "drawn" || type === "pointermove" && !held) return;
  const share = source.size[1] / width, u = (clientX - left) * share, v = (clientY - top) * share;
  if (type === "pointerdown") {
    const frame = source.frame();
    $("stage").setPointerCapture(pointerId);
    held = Math.hypot(u - frame.u, v - frame.v + frame.height / 2) < frame.height ? [frame.u - u, frame.v - v] : [0, 0];
  }
  source.drag(u + held[0], v + held[1]);
}

function press(event) {
  const step = STEPS[event.key], { source } = state;
  if (!step || source?.kind !== "drawn") return;
  event.preventDefault();
  source.put(source.x + step[0], source.z + step[1]);
}

/** Saves what is seen, side by side: the picture with its mask, the depth and the floor plan. */
function save() {
  const parts = ["stage", "depth", "plan"].map($), high = 600;
  const wide = parts.map(part => Math.round(part.width / part.height * high));
  const sheet = canvasOf(wide[0] + wide[1] + wide[2], high), brush = sheet.getContext("2d");
  brush.fillStyle = getComputedStyle(document.body).backgroundColor;
  brush.fillRect(0, 0, sheet.width, high);
  parts.forEach((part, k) => brush.drawImage(part, k ? wide[0] + (k - 1) * wide[1] : 0, 0, wide[k], high));
  Object.assign(document.createElement("a"), { href: sheet.toDataURL(), download: "roomsight.png" }).click();
}

async function drop(event) {
  event.preventDefault();
  const [one, two] = event.dataTransfer.files;
  if (state.source?.kind !== "pair") await choose("pair");
  if (two) await read("background", one);
  await read(!two && event.target.id === "background" ? "background" : "image", two ?? one);
}

for (const kind of ["drawn", "camera", "pair"]) $(kind).onclick = () => choose(kind);
for (const id of ["height", "pitch", "lens"]) $(id).oninput = () => readSliders();
for (const name of ["background", "image"]) $(`${name}-file`).onchange = event => read(name, event.target.files[0]);
for (const type of ["pointerdown", "pointermove"]) $("stage").addEventListener(type, drag);
for (const type of ["pointerup", "pointercancel"]) $("stage").addEventListener(type, () => (held = null));
$("stage").onkeydown = press;
$("take").onclick = () => takeEmpty();
$("save").onclick = save;
$("room").onclick = () => choose("drawn", (room = (room + 1) % made.rooms.length));
$("grid").onchange = $("size").onchange = () => (dirty = true);
document.ondragover = event => event.preventDefault();
document.ondrop = drop;
navigator.serviceWorker?.register("service.js");
await choose("drawn");
start();
requestAnimationFrame(everyFrame);
