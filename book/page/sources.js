// Where pictures come from: a drawn room, a camera, two files. Each has a `size` [height, width], a canvas
// `background`, and `draw(context)` for the picture of this moment.
import { shrunk } from "./answers.js";
import { Camera } from "./camera.js";

const SIDE = 640; // pixels: pictures are kept no larger
const AROUND = 0.6; // metres: how far from a free place somebody may stand
const SPEED = 1.1, STRIDE = 1.4, RESTS = 4; // metres a second, and in two steps; seconds until the person walks on
const SLACK = 0.05; // metres: what hides a person must be so much nearer

export function canvasOf(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}

async function loaded(address) {
  const picture = Object.assign(new Image(), { src: address });
  await picture.decode();
  const size = [picture.naturalHeight, picture.naturalWidth];
  const [height, width] = shrunk(size, Math.min(SIDE, Math.max(...size)));
  const canvas = canvasOf(width, height);
  canvas.getContext("2d").drawImage(picture, 0, 0, width, height);
  return { picture, canvas };
}

/** A room that helpers.world has drawn, and somebody who walks about in it by themselves, or is dragged. */
export class DrawnRoom {
  kind = "drawn";
  walked = 0; // metres
  turned = "front";
  resting = 0; // until when, in milliseconds

  /** `made` is a room of rooms.json: its pictures, its camera, free places, and the pictures of somebody walking. */
  static async open(made) {
    const [background, depth, people] = await Promise.all([made.background, made.depth, made.people].map(loaded));
    const { height, width } = background.canvas, room = new DrawnRoom();
    const camera = new Camera(made.camera.height, made.camera.pitch, made.camera.fov), [x, z] = made.start;
    Object.assign(room, { made, camera, x, z, size: [height, width] });
    Object.assign(room, { background: background.canvas, people: people.picture });
    room.person = canvasOf(width, height).getContext("2d", { willReadFrequently: true });
    const { data } = depth.canvas.getContext("2d").getImageData(0, 0, width, height);
    room.hides = Float32Array.from({ length: width * height }, (_, k) => data[4 * k] * made.metres);
    return room;
  }

  /** Walks on towards some free place, unless the person rests. */
  walk(now, quiet) {
    const seconds = Math.min(0.2, (now - (this.before ?? now)) / 1000);
    this.before = now;
    if (quiet || now < this.resting) return;
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
    const farthest = Math.max(...this.made.spots.map(spot => spot[1])) + AROUND, wide = this.size[1];
    this.put(...this.camera.floor(u, Math.max(v, this.camera.project(0, 0, farthest, wide)[1]), wide));
  }

  /** Where the person is seen: a frame in pixels, the pixel of the feet, metres, and which picture of the walk. */
  frame() {
    const walk = this.made.walk[this.turned === "left" ? "right" : this.turned];
    const cell = walk[Math.floor(this.walked / STRIDE * walk.length) % walk.length];
    const [u, v, depth] = this.camera.project(this.x, 0, this.z, this.size[1]);
    const height = cell.metres * this.camera.focal(this.size[1]) / depth, width = height * cell.width / cell.height;
    return { left: u - width / 2, top: v - height * (1 - cell.foot), width, height, u, v, depth, cell };
  }

  draw(context) {
    const frame = this.frame();
    context.drawImage(this.background, 0, 0);
    this.drawShadow(context, frame);
    this.drawPerson(this.person, frame);
    context.drawImage(this.person.canvas, 0, 0);
  }

  /** The soft dark at the feet. */
  drawShadow(context, { u, v, depth }) {
    const radius = 0.45 * this.camera.focal(this.size[1]) / depth;
    const dark = context.createRadialGradient(0, 0, 0, 0, 0, radius);
    ["rgb(0 0 0 / 45%)", "rgb(0 0 0 / 0%)"].forEach((colour, at) => dark.addColorStop(at, colour));
    context.setTransform(1, 0, 0, Math.min(1, this.camera.height / this.z), u, v);
    context.fillStyle = dark;
    context.fillRect(-radius, -radius, 2 * radius, 2 * radius);
    context.resetTransform();
  }

  /** The person alone, without what something nearer hides. */
  drawPerson(context, { left, top, width, height, depth, cell }) {
    const [high, wide] = this.size;
    context.clearRect(0, 0, wide, high);
    context.setTransform(this.turned === "left" ? -1 : 1, 0, 0, 1, left + width / 2, top);
    context.drawImage(this.people, cell.x, cell.y, cell.width, cell.height, -width / 2, 0, width, height);
    context.resetTransform();
    const pixels = context.getImageData(0, 0, wide, high);
    for (let k = 0; k < wide * high; k++) if (this.hides[k] < depth - SLACK) pixels.data[4 * k + 3] = 0;
    context.putImageData(pixels, 0, 0);
  }
}

/** A camera of this computer. Its empty scene comes when somebody takes it. */
export class Webcam {
  kind = "camera";
  camera = new Camera(1.2, 0, 1.13); // until the sliders say more: on a desk, about 65 degrees

  static async open() {
    if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
    const wanted = { facingMode: "environment", width: { ideal: 640 }, height: { ideal: 480 } };
    const stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    const video = Object.assign(document.createElement("video"), { srcObject: stream, muted: true, playsInline: true });
    const webcam = Object.assign(new Webcam(), { stream, video });
    await webcam.video.play();
    return webcam;
  }

  get size() {
    return shrunk([this.video.videoHeight, this.video.videoWidth], SIDE);
  }

  draw(context) {
    context.drawImage(this.video, 0, 0, ...this.size.reverse());
  }

  /** Takes what is seen now as the empty scene. */
  takeBackground() {
    this.background = canvasOf(...this.size.reverse());
    this.draw(this.background.getContext("2d"));
  }

  close() {
    this.stream.getTracks().forEach(track => track.stop());
  }
}

/** Two pictures of one camera that stands still. */
export class Pair {
  kind = "pair";

  /** Reads one of them, "background" or "image", from a file; they must have one shape. */
  async read(name, file) {
    const address = URL.createObjectURL(file), other = this[name === "image" ? "background" : "image"];
    const { canvas } = await loaded(address).catch(() => ({})).finally(() => URL.revokeObjectURL(address));
    if (!canvas) throw new Error(`“${file.name}” is no picture that this browser reads. Choose a JPEG, PNG or WebP.`);
    if (other && (other.width !== canvas.width || other.height !== canvas.height)) {
      throw new Error("The two pictures have different shapes: take both with one camera that stays where it is.");
    }
    this[name] = canvas;
  }

  get size() {
    return this.image && [this.image.height, this.image.width];
  }

  draw(context) {
    context.drawImage(this.image, 0, 0);
  }
}
