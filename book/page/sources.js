// Where pictures come from: a drawn room, a camera, two files. Each has a `camera`, what is `seen` at this moment (a
// canvas or a film), and a canvas `background`, which is missing until somebody takes or chooses it.
import { shrunk } from "./answers.js";
import { Camera } from "./camera.js";

export const SIDE = 640; // pixels: pictures are kept no larger
const AROUND = 0.6; // metres: how far from a free place somebody may stand
const SPEED = 1.1, STRIDE = 1.4, RESTS = 4; // metres a second, and in two steps; seconds until the person walks on
const SLACK = 0.05; // metres: what hides a person must be so much nearer

export function canvasOf(width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d", { willReadFrequently: true }); // keeps it in main memory
  return canvas;
}

/** The canvas with the picture (an image, a film, a canvas) on it, its longer side at most so many pixels. */
export function copied(picture, longest = Infinity, canvas = canvasOf(1, 1)) {
  const size = [picture.videoHeight ?? picture.height, picture.videoWidth ?? picture.width];
  const [height, width] = shrunk(size, Math.min(longest, Math.max(...size)));
  const context = Object.assign(canvas, { width, height }).getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, width, height);
  return canvas;
}

/** A camera of this computer, until the sliders say more on a desk and seeing about 65 degrees. */
export async function openCamera() {
  if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
  const video = { facingMode: "environment", width: { ideal: 640 }, height: { ideal: 480 } };
  const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
  const seen = Object.assign(document.createElement("video"), { srcObject: stream, muted: true, playsInline: true });
  await seen.play();
  return { seen, camera: new Camera(1.2, 0, 1.13), close: () => stream.getTracks().forEach(track => track.stop()) };
}

/** Two pictures of one camera that stands still: those of a drawn room, until somebody brings their `own`. */
export async function openPair(made) {
  const room = await openRoom(made), { background, seen, camera } = room;
  room.draw();
  return { background, seen, camera, own: {} };
}

/** Reads the "background" or "image" of a pair from a file. They must have one shape: else the older is dropped. */
export async function readPicture(pair, name, file) {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) throw new Error(`“${file.name}” is no picture that this browser reads. Choose a JPEG, PNG or WebP.`);
  const canvas = copied(picture, SIDE), other = pair.own[name === "image" ? "background" : "image"];
  const alike = !other || other.width === canvas.width && other.height === canvas.height;
  pair.own = { ...(alike && pair.own), [name]: canvas };
  const { background, image } = pair.own;
  Object.assign(pair, { background: image && background, seen: image ?? background });
  if (!alike) throw new Error("The two pictures have different shapes. Now choose the other one anew.");
}

/** A room that helpers.world has drawn; `made` is one of rooms.json. Somebody stands in it. */
export async function openRoom(made) {
  const load = async name => copied(await createImageBitmap(await (await fetch(name)).blob()));
  const [background, depth, people] = await Promise.all([made.background, made.depth, made.people].map(load));
  const side = background.width, [x, z] = made.start, [seen, person] = [canvasOf(side, side), canvasOf(side, side)];
  const { data } = depth.getContext("2d").getImageData(0, 0, side, side);
  const hides = Float32Array.from({ length: side * side }, (_, k) => data[4 * k] * made.metres);
  const camera = Object.assign(new Camera(), made.camera), walker = { x, z, walked: 0, turned: "front", resting: 0 };
  return Object.assign(new Room(), walker, { made, background, people, hides, seen, person, side, camera });
}

/** Somebody who walks about in a drawn room by themselves, or is dragged. */
class Room {
  /** Walks on towards some free place, unless the person rests. */
  walk(now) {
    const seconds = Math.min(0.2, (now - (this.before ?? now)) / 1000);
    this.before = now;
    if (now < this.resting) return;
    this.goal ??= this.made.spots[Math.floor(Math.random() * this.made.spots.length)];
    const [right, ahead] = [this.goal[0] - this.x, this.goal[1] - this.z], far = Math.hypot(right, ahead);
    const step = SPEED * seconds / Math.max(far, 0.1);
    if (far < 0.1 || !this.move(this.x + right * step, this.z + ahead * step)) this.goal = null;
  }

  /** Moves the person to a place in metres, or as near to it as they may stand; whether they came there. */
  move(x, z) {
    const away = spot => Math.hypot(x - spot[0], z - spot[1]);
    const spot = this.made.spots.reduce((best, each) => (away(each) < away(best) ? each : best));
    const share = Math.min(1, AROUND / Math.max(away(spot), 0.01));
    const right = spot[0] + (x - spot[0]) * share, ahead = spot[1] + (z - spot[1]) * share;
    const [across, along] = [right - this.x, ahead - this.z], far = Math.hypot(across, along);
    const sideways = Math.abs(across) > Math.abs(along);
    const facing = sideways ? (across > 0 ? "right" : "left") : along > 0 ? "back" : "front";
    Object.assign(this, { x: right, z: ahead, walked: this.walked + far, turned: far > 0.005 ? facing : this.turned });
    return share === 1;
  }

  /** Moves the person by hand: they rest there for a while. */
  put(x, z) {
    this.move(x, z);
    Object.assign(this, { resting: performance.now() + 1000 * RESTS, goal: null });
  }

  /** Puts the person's feet where this pixel sees the floor, or at its far end. */
  drag(u, v) {
    const farthest = Math.max(...this.made.spots.map(spot => spot[1])) + AROUND;
    const [, horizon] = this.camera.project(0, 0, farthest, this.side);
    this.put(...this.camera.floor(u, Math.max(v, horizon), this.side));
  }

  /** Where the person is seen: a frame in pixels, the pixel of the feet, metres, and which picture of the walk. */
  frame() {
    const walk = this.made.walk[this.turned === "left" ? "right" : this.turned];
    const cell = walk[Math.floor(this.walked / STRIDE * walk.length) % walk.length];
    const [u, v, depth] = this.camera.project(this.x, 0, this.z, this.side);
    const height = cell.metres * this.camera.focal(this.side) / depth, width = height * cell.width / cell.height;
    return { left: u - width / 2, top: v - height * (1 - cell.foot), width, height, u, v, depth, cell };
  }

  /** Draws what is seen: the room, the dark at the feet, and the person without what something nearer hides. */
  draw() {
    const { left, top, width, height, u, v, depth, cell } = this.frame(), { side, hides } = this;
    const [context, person] = [this.seen, this.person].map(canvas => canvas.getContext("2d"));
    person.clearRect(0, 0, side, side);
    person.setTransform(this.turned === "left" ? -1 : 1, 0, 0, 1, left + width / 2, top);
    person.drawImage(this.people, cell.x, cell.y, cell.width, cell.height, -width / 2, 0, width, height);
    person.resetTransform();
    const pixels = person.getImageData(0, 0, side, side);
    for (let k = 0; k < hides.length; k++) if (hides[k] < depth - SLACK) pixels.data[4 * k + 3] = 0;
    person.putImageData(pixels, 0, 0);
    context.drawImage(this.background, 0, 0);
    context.fillStyle = "rgb(0 0 0 / 20%)";
    context.beginPath();
    context.ellipse(u, v, width / 3, width / 3 * Math.min(1, this.camera.height / this.z), 0, 0, 2 * Math.PI);
    context.fill();
    context.drawImage(this.person, 0, 0);
  }
}
