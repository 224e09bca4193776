// The page: it asks the worker for one answer after the other, and shows each beside the picture that it belongs to.
import { componentBoxes, floorPlaces, median, shrunk } from "./answers.js";
import { Camera } from "./camera.js";
import { depthColours, floorGrid, floorPlan, tinted } from "./show.js";
import { SIDE, canvasOf, copied, openCamera, openPair, openRoom, readPicture } from "./sources.js";

const OPEN = { drawn: openRoom, camera: openCamera, pair: openPair };
const SIZES = [96, 128, 160, 192]; // pixels, chosen by itself; at 256 masks are a little better, depth is worse
const SLOW = 130, QUICK = 80; // milliseconds an answer: above, a smaller size; if a larger one is expected below, that
const WORDS = {
  drawn: "Drag the person across the floor, or use the arrow keys. The network is not told where they are.",
  camera: "Put the camera where it stays still. Press the button, then leave the picture.",
  pair: "An example. Choose or drop two pictures of your own.",
  NotAllowedError: "The browser may not use the camera. Allow it beside the address, then press “Your camera” again.",
  NotFoundError: "No camera was found. Connect one and press “Your camera” again, or try two pictures.",
  NotReadableError: "Another program holds the camera. Close it, then press “Your camera” again.",
  SecurityError: "Browsers give a camera to secure pages alone (https). Try two pictures instead.",
};
const DEGREE = Math.PI / 180;
const STEPS = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, 0.15], ArrowDown: [0, -0.15] }; // metres
const $ = id => document.getElementById(id), given = new URL(location.href).searchParams; // ?size and ?threads
const made = await (await fetch("rooms.json")).json(), quiet = matchMedia("(prefers-reduced-motion: reduce)");
const state = (globalThis.roomsight = { answers: 0, size: SIZES[0], lens: new Camera(), takeEmpty }); // for tests, too
let shown = canvasOf(1, 1), spare = canvasOf(1, 1); // the picture that the network is asked about, and the last one
let worker, ready = false, sent = {}, waiting = false, dirty = true, times = [], told = 0;
let room = 0, held = null; // which room; from the pointer to the feet, in pixels

function say(words, wrong = false) {
  $("says").textContent = words;
  $("says").classList.toggle("wrong", wrong);
}

const lacking = what => say(`${what}. Open it in a current Firefox, Chrome, Edge or Safari, or load it again.`, true);

function start() {
  if (typeof WebAssembly !== "object") return lacking("This browser has no WebAssembly, which runs the network");
  const many = navigator.hardwareConcurrency > 3; // on two cores the page itself needs one
  state.threads = crossOriginIsolated ? Number(given.get("threads")) || (many ? 2 : 1) : 1;
  worker = new Worker(`worker.js?threads=${state.threads}`, { type: "module" });
  worker.onerror = () => lacking("The network does not run here");
  worker.onmessage = ({ data }) => {
    if (data.kind === "failed") worker.onerror();
    else if (data.kind === "answer") answered(data);
    else [ready, told, $("speed").textContent] = [true, performance.now(), ""];
  };
}

/** Sends the picture of this moment, if the last one has been answered and anything may have changed. */
function ask() {
  const { source, lens } = state, squares = $("settings").matches(":hover, :focus-within");
  const same = source?.kind === "pair" && !dirty && squares === sent.squares;
  if (waiting || document.hidden || !source || same) return;
  if (!quiet.matches) source.walk?.(performance.now());
  source.draw?.();
  copied(source.seen, SIDE, shown);
  if (!ready || !source.background) return fitted("stage", shown);
  const size = Number(given.get("size")) || (source.kind === "pair" ? SIZES.at(-1) : state.size);
  const small = [source.background, shown].map(canvas => copied(canvas, size)), { height, width } = small[1];
  const bytes = canvas => canvas.getContext("2d").getImageData(0, 0, width, height).data;
  const pictures = { background: bytes(small[0]), image: bytes(small[1]), height, width };
  worker.postMessage({ ...pictures, lens: { ...lens } });
  sent = { ...pictures, lens, source, squares, picture: shown, truth: source.made && [source.x, source.z] };
  [waiting, dirty] = [true, false];
}

/** Shows a picture on a canvas of the page, which takes its shape; what paints on it. */
function fitted(id, picture) {
  const canvas = $(id), [height, width] = shrunk([picture.height, picture.width], 800);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("2d").drawImage(picture, 0, 0, width, height);
  return canvas.getContext("2d");
}

/** Shows an answer beside the picture that it belongs to, while the next one is being found. */
function answered(data) {
  const answer = { ...sent, ...data, mask: Uint8Array.from(data.logits, logit => logit > 0) };
  [shown, spare, waiting] = [spare, shown, false];
  ask();
  if (answer.source !== state.source) return;
  answer.boxes = componentBoxes(answer.mask, answer.height, answer.width);
  answer.floor = floorPlaces(answer, answer.lens);
  answer.metres = answer.floor.map(place => Math.hypot(...place));
  Object.assign(state, { answer, answers: state.answers + 1 });
  const stage = fitted("stage", answer.picture);
  tinted(stage, answer);
  if (answer.squares) floorGrid(stage, answer.lens);
  depthColours(fitted("depth", answer.picture), answer, made);
  floorPlan($("plan").getContext("2d"), answer);
  report(answer, performance.now());
}

/** Says every two seconds, to screen readers too, what is found and how fast; chooses a size that is fluent. */
function report({ width, height, metres, milliseconds, source }, now) {
  const live = source.kind !== "pair", found = metres.map(far => far.toFixed(1)).join(" and ");
  times.push(milliseconds);
  if (live && now - told < 2000) return;
  const rate = live ? `${Number((times.length / (now - told) * 1000).toPrecision(2))} pictures a second, ` : "";
  $("speed").textContent = `${rate}${width} × ${height} px`;
  $("heard").textContent = found ? `Found ${found} metres away.` : "Nobody is found.";
  const at = SIZES.indexOf(state.size), larger = SIZES[at + 1], typical = median(times);
  if (live && typical > SLOW && at) state.size = SIZES[at - 1];
  else if (live && typical * (larger / state.size) ** 2 < QUICK) state.size = larger;
  [told, times] = [now, []];
}

/** Opens a source in place of the last one. */
async function choose(kind) {
  state.source?.close?.();
  Object.assign(state, { source: null, wanted: kind });
  $(document.body.dataset.source = kind).checked = true;
  try {
    const source = Object.assign(await OPEN[kind](made.rooms[room]), { kind });
    if (state.wanted !== kind) return source.close?.(); // somebody was quicker
    state.source = source;
    const { height, pitch, fov } = source.camera;
    [$("height").value, $("pitch").value, $("fov").value] = [height, pitch / DEGREE, fov / DEGREE];
    readSliders();
    say(WORDS[kind]);
    showEmpty();
  } catch (error) {
    if (state.wanted !== kind) return;
    if (kind !== "drawn") await choose("drawn");
    say(WORDS[error.name] ?? `This did not work: ${error.message}`, true);
  }
}

/** Shows the empty scene; without one there are no answers, either. */
function showEmpty() {
  const { background } = state.source;
  $("take").disabled = false;
  for (const each of document.querySelectorAll(".answer")) each.hidden = !background;
  if (background) fitted("background", background);
  dirty = true;
}

/** Counts down while people leave the picture, then takes the empty scene. */
async function takeEmpty(seconds = 5) {
  const { source } = state;
  $("take").disabled = true;
  for (let left = seconds; left; left--) {
    say(`Leave the picture. The empty scene is taken in ${left} …`);
    await new Promise(done => setTimeout(done, 1000));
    if (state.source !== source) return;
  }
  source.background = copied(source.seen, SIDE);
  showEmpty();
  say("Now walk in. If the camera was moved, take the empty scene again.");
}

/** Takes a file as one of the two pictures. */
async function read(name, file) {
  try {
    await readPicture(state.source, name, file);
    say(state.source.background ? "You can exchange either picture." : "Now choose the other picture.");
  } catch (error) {
    say(error.message, true);
  }
  showEmpty();
}

/** Makes the camera of the sliders. */
function readSliders() {
  const [height, pitch, fov] = ["height", "pitch", "fov"].map(id => Number($(id).value));
  const says = [`${height.toFixed(2)} m`, `${Math.abs(pitch)}° ${pitch < 0 ? "up" : "down"}`, `${fov}° wide`];
  document.querySelectorAll("output").forEach((each, k) => (each.textContent = says[k]));
  state.lens = new Camera(height, pitch * DEGREE, fov * DEGREE);
  dirty = true;
}

/** Takes hold of the person, and drags them. */
function drag({ type, pointerId, clientX, clientY }) {
  const { source } = state, { left, top, width } = $("stage").getBoundingClientRect();
  if (source?.kind !== "drawn" || type === "pointermove" && !held) return;
  const share = source.side / width, u = (clientX - left) * share, v = (clientY - top) * share;
  if (held) return source.drag(u + held[0], v + held[1]);
  const frame = source.frame();
  if (Math.hypot(u - frame.u, v - frame.v + frame.height / 2) > frame.height) return;
  held = [frame.u - u, frame.v - v];
  $("stage").setPointerCapture(pointerId);
}

/** Saves what is seen, side by side: the picture with its mask, the depth and the floor plan. */
function save() {
  const parts = ["stage", "depth", "plan"].map($), high = 600;
  const wide = parts.map(part => Math.round(part.width / part.height * high));
  const sheet = canvasOf(wide[0] + wide[1] + wide[2], high), brush = sheet.getContext("2d");
  parts.forEach((part, k) => brush.drawImage(part, k ? wide[0] + (k - 1) * wide[1] : 0, 0, wide[k], high));
  Object.assign(document.createElement("a"), { href: sheet.toDataURL(), download: "roomsight.png" }).click();
}

async function drop(event) {
  event.preventDefault();
  const { files } = event.dataTransfer;
  if (state.source?.kind !== "pair") await choose("pair");
  for (const file of files) await read(state.source.own.background ? "image" : "background", file);
}

for (const kind of ["drawn", "camera", "pair"]) $(kind).onclick = () => choose(kind);
for (const id of ["height", "pitch", "fov"]) $(id).oninput = readSliders;
for (const name of ["background", "image"]) $(`${name}-file`).onchange = event => read(name, event.target.files[0]);
$("stage").onpointerdown = $("stage").onpointermove = drag;
$("stage").onpointerup = $("stage").onpointercancel = () => (held = null);
$("stage").addEventListener("touchstart", event => held && event.preventDefault()); // elsewhere a touch scrolls
$("stage").onkeydown = event => {
  const { source } = state, [right, ahead] = STEPS[event.key] ?? [];
  if (source?.kind !== "drawn" || ahead === undefined) return;
  event.preventDefault();
  source.put(source.x + right, source.z + ahead);
};
$("take").onclick = () => takeEmpty();
$("save").onclick = save;
$("room").onclick = () => choose("drawn", (room = (room + 1) % made.rooms.length));
document.ondragover = event => event.preventDefault();
document.ondrop = drop;
navigator.serviceWorker?.register("service.js");
await choose("drawn");
start();
setInterval(ask, 15);
