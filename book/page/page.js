// The page: it asks the worker for one answer after the other, and shows each beside the picture it belongs to.
import { componentBoxes, floorPlaces, median, shrunk } from "./answers.js";
import { Camera } from "./camera.js";
import { depthColours, floorPlan, stage } from "./show.js";
import { DrawnRoom, Pair, Webcam, canvasOf } from "./sources.js";

const SIZES = [96, 128, 160, 192]; // pixels, chosen by itself; at 256 depth errs by a third more, masks by a little less
const SLOW = 130, QUICK = 80; // milliseconds an answer: above a smaller size is taken, below (as expected) a larger one
const $ = id => document.getElementById(id), context = id => $(id).getContext("2d");
const quiet = matchMedia("(prefers-reduced-motion: reduce)");
const made = await (await fetch("rooms.json")).json();
const state = (globalThis.roomsight = { answers: 0, size: SIZES[0], times: [], source: null, lens: new Camera() });
const shown = canvasOf(1, 1); // the picture that the network was asked about last, as large as it is shown
let worker, waiting = false, sent, room = 0, dirty = true, came = [], told = 0, grid = 0;

function say(words, wrong = false) {
  $("says").textContent = words;
  $("says").classList.toggle("wrong", wrong);
}

function start() {
  if (typeof WebAssembly !== "object") return lacking("This browser has no WebAssembly");
  const threads = crossOriginIsolated ? Math.min(2, navigator.hardwareConcurrency) : 1;
  worker = new Worker(`worker.js?threads=${state.threads = threads}`, { type: "module" });
  worker.onerror = () => lacking("The network did not start in this browser");
  worker.onmessage = ({ data }) => {
    if (data.kind === "failed") return lacking("The network could not be loaded");
    if (data.kind === "ready") Object.assign(state, { ready: true, worker }), document.body.classList.add("ready");
    if (data.kind === "answer") answered(data);
  };
}

function lacking(what) {
  say(`${what}. Load the page again, or open it in a current Firefox, Chrome, Edge or Safari.`, true);
  document.body.classList.add("ready");
}

/** Sends the picture of this moment to the worker, where it is wanted and the last one has been answered. */
function ask(now) {
  requestAnimationFrame(ask);
  const { source } = state;
  if (!source || waiting) return;
  source.walk?.(now, quiet.matches);
  if (source.kind === "pair" && !(source.background && source.image)) return;
  if (source.still && !dirty) return;
  [shown.height, shown.width] = source.size;
  source.draw(shown.getContext("2d"));
  if (!state.ready || !source.background) return plain();
  const [height, width] = shrunk(source.size, source.still ? chosen() ?? SIZES.at(-1) : chosen() ?? state.size);
  const key = [source.background, height, width], message = { image: pixels(shown, height, width), height, width };
  if (!sent || key.some((part, k) => part !== sent[k])) message.background = state.background = pixels(source.background, height, width);
  [sent, waiting, dirty] = [key, true, false];
  worker.postMessage({ ...message, lens: { ...state.lens } }, [message.image.buffer]);
}

const chosen = () => Number($("size").value) || null;

/** The bytes R G B A of a canvas at another size. */
function pixels(canvas, height, width) {
  const small = canvasOf(width, height).getContext("2d", { willReadFrequently: true });
  small.imageSmoothingQuality = "high";
  small.drawImage(canvas, 0, 0, width, height);
  return small.getImageData(0, 0, width, height).data;
}

/** The picture alone, before there is anything to compare it with. */
function plain() {
  fit();
  context("stage").drawImage(shown, 0, 0, $("stage").width, $("stage").height);
}

function fit() {
  const [height, width] = shrunk([shown.height, shown.width], 800), { stage, depth } = { stage: $("stage"), depth: $("depth") };
  if (stage.width !== width || stage.height !== height) Object.assign(stage, { width, height }), Object.assign(depth, { width, height });
}

function answered(data) {
  waiting = false;
  if (!state.source?.background || sent[0] !== state.source.background) return; // it was of another source
  const mask = data.mask.map(logit => (logit > 0 ? 1 : 0)), answer = { ...data, logits: data.mask, mask };
  answer.boxes = componentBoxes(mask, data.height, data.width);
  answer.floor = floorPlaces(answer, state.lens);
  answer.metres = answer.floor.map(place => Math.hypot(...place));
  Object.assign(state, { answer, answers: state.answers + 1 });
  fit();
  stage(context("stage"), shown, answer, performance.now() < grid || $("grid").checked ? state.lens : null);
  depthColours(context("depth"), answer, made);
  floorPlan(context("plan"), answer, state.lens, state.source.kind === "drawn" ? [state.source.x, state.source.z] : null);
  pace(data.milliseconds);
}

/** Counts pictures a second, and chooses the size that this machine answers fluently. */
function pace(milliseconds) {
  const now = performance.now(), { answer, times } = state;
  came = [...came.filter(time => now - time < 2000), now];
  const speed = state.source.still ? `${Math.round(milliseconds)} ms` : `${((came.length - 1) / 2).toFixed(0)} pictures a second`;
  if (now - told > 500) $("speed").textContent = `${speed} · ${answer.width} × ${answer.height} pixels · ${state.threads} thread${state.threads > 1 ? "s" : ""}`;
  if (now - told > 2500) $("heard").textContent = answer.boxes.length ? `Found: ${answer.metres.map(far => far.toFixed(1)).join(", ")} metres away.` : "Nobody found.";
  if (now - told > 500) told = now;
  times.push(milliseconds);
  if (times.length < 8 || chosen()) return;
  const at = SIZES.indexOf(state.size), typical = median(times.splice(0)), next = SIZES[at + 1];
  if (typical > SLOW && at) state.size = SIZES[at - 1];
  else if (next && typical * (next / state.size) ** 2 < QUICK) state.size = next;
}

const WORDS = {
  drawn: "Drag the person across the floor, or use the arrow keys. Behind a column they are hidden from the network too.",
  camera: "Put the camera where it can stay still. Press “Take the empty scene”, and leave the picture before it counts to zero.",
  pair: "Two pictures from a camera that does not move: first the empty scene, then the same scene with somebody in it.",
};
const REFUSED = {
  NotAllowedError: "The browser may not use the camera. Allow it with the sign beside the address, then choose “Your camera” again.",
  NotFoundError: "No camera was found. Connect one and choose “Your camera” again, or try two pictures.",
  NotReadableError: "Another program holds the camera. Close it, then choose “Your camera” again.",
  SecurityError: "Browsers give a camera only to pages that were opened by https or on this computer. Try two pictures.",
};

/** Opens one of the three sources; the last one that was asked for wins. */
async function choose(kind) {
  state.source?.close();
  [state.source, state.wanted, dirty, came] = [null, kind, true, []];
  document.body.dataset.source = kind;
  $(kind).checked = true;
  say(WORDS[kind]);
  try {
    const open = { drawn: () => DrawnRoom.open(made.rooms[room], location.href), camera: Webcam.open, pair: () => new Pair() };
    const source = await open[kind]();
    if (state.wanted !== kind) return source.close();
    state.source = source;
    if (source.camera) slide(source.camera);
    if (kind === "pair") await example(source);
    empty();
  } catch (error) {
    say(REFUSED[error.name] ?? `This did not work: ${error.message}`, true);
  }
}

/** An example stands where two pictures will be: the next drawn room, without and with somebody. */
async function example(pair) {
  const drawn = await DrawnRoom.open(made.rooms.at(-1), location.href), image = canvasOf(...drawn.size);
  drawn.draw(image.getContext("2d"));
  Object.assign(pair, { background: drawn.background, image });
  slide(drawn.camera);
}

/** Shows the small picture of the empty scene. */
function empty() {
  const { background } = state.source, { canvas } = context("background");
  [canvas.width, canvas.height] = background ? shrunk([background.width, background.height], 320) : [320, 240];
  if (background) context("background").drawImage(background, 0, 0, canvas.width, canvas.height);
}

/** Counts down while people leave the picture, then takes the empty scene. */
async function takeEmpty(seconds = 5) {
  const { source } = state;
  $("take").disabled = true;
  for (let left = seconds; left; left--) {
    say(`Leave the picture: the empty scene is taken in ${left} …`);
    await new Promise(done => setTimeout(done, 1000));
  }
  $("take").disabled = false;
  if (state.source !== source || !source) return;
  await source.takeBackground();
  empty();
  say("Now walk in. If the camera was moved, take the empty scene again.");
}
state.takeEmpty = takeEmpty;

async function read(name, file) {
  if (!file) return;
  if (state.source.given !== true) Object.assign(state.source, { given: true, image: null, background: null });
  try {
    await state.source.read(name, file);
    say(state.source.image && state.source.background ? "Answered. You can exchange either picture." : `Now the ${name === "image" ? "empty scene" : "second picture"}.`);
  } catch (error) {
    say(error.message, true);
  }
  [dirty] = [true];
  empty();
}

/** The sliders stand as this camera does. */
function slide(camera) {
  const degrees = 180 / Math.PI, values = { height: camera.height, pitch: camera.pitch * degrees, lens: camera.fov * degrees };
  for (const [name, value] of Object.entries(values)) $(name).value = value;
  lens(0);
}

function lens(shows = 1500) {
  const [height, pitch, fov] = ["height", "pitch", "lens"].map(name => Number($(name).value));
  state.lens = new Camera(height, pitch * Math.PI / 180, fov * Math.PI / 180);
  $("height-says").textContent = `${height.toFixed(2)} m`;
  $("pitch-says").textContent = `${Math.abs(pitch).toFixed(0)}° ${pitch < 0 ? "up" : "down"}`;
  $("lens-says").textContent = `${fov.toFixed(0)}° across`;
  [dirty, grid] = [true, performance.now() + shows];
}

function drag(event) {
  const { source } = state, box = $("stage").getBoundingClientRect();
  if (source?.kind !== "drawn") return;
  const [u, v] = [(event.clientX - box.left) / box.width * source.size[1], (event.clientY - box.top) / box.height * source.size[0]];
  const { u: foot, foot: low } = source.frame();
  if (event.type === "pointerdown") {
    $("stage").setPointerCapture(event.pointerId);
    state.held = source.touches(u, v) ? [foot - u, low - v] : [0, 0];
  }
  if (state.held) source.drag(u + state.held[0], v + state.held[1]);
}

const STEPS = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, 0.15], ArrowDown: [0, -0.15] };

function press(event) {
  const step = STEPS[event.key], { source } = state;
  if (!step || source?.kind !== "drawn") return;
  event.preventDefault();
  source.move(source.x + step[0], source.z + step[1]);
  source.rest();
}

/** Saves what is seen: the picture with its mask, the depth and the floor plan, side by side. */
function save() {
  const parts = ["stage", "depth", "plan"].map($), high = 600, wide = parts.map(part => Math.round(part.width / part.height * high));
  const sheet = canvasOf(wide.reduce((sum, each) => sum + each), high), paint = sheet.getContext("2d");
  paint.fillStyle = getComputedStyle(document.body).backgroundColor;
  paint.fillRect(0, 0, sheet.width, high);
  parts.forEach((part, k) => paint.drawImage(part, wide.slice(0, k).reduce((sum, each) => sum + each, 0), 0, wide[k], high));
  sheet.toBlob(blob => {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: "roomsight.png" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}

for (const kind of ["drawn", "camera", "pair"]) $(kind).onchange = () => choose(kind);
for (const name of ["height", "pitch", "lens"]) $(name).oninput = () => lens();
for (const name of ["background", "image"]) $(`${name}-file`).onchange = event => read(name, event.target.files[0]);
for (const name of ["pointerdown", "pointermove"]) $("stage").addEventListener(name, drag);
for (const name of ["pointerup", "pointercancel"]) $("stage").addEventListener(name, () => (state.held = null));
$("stage").onkeydown = press;
$("take").onclick = () => takeEmpty();
$("save").onclick = save;
$("room").onclick = () => choose("drawn", (room = (room + 1) % made.rooms.length));
$("shakes").onchange = event => state.source && (state.source.shakes = event.target.checked);
$("grid").onchange = $("size").onchange = () => (dirty = true);
document.ondragover = event => event.preventDefault();
document.ondrop = async event => {
  event.preventDefault();
  const files = [...event.dataTransfer.files];
  if (state.source?.kind !== "pair") await choose("pair");
  const names = files.length > 1 ? ["background", "image"] : [event.target.closest("#background-zone") ? "background" : "image"];
  for (const [k, name] of names.entries()) await read(name, files[k]);
};
navigator.serviceWorker?.register("service.js");
await choose("drawn");
start();
requestAnimationFrame(ask);
