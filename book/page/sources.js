// Where pictures come from: a drawn room, a camera, two files. Each has `size` [height, width], `background` (a canvas),
// `draw(context)` for the picture of this moment, and `still`: whether it only changes when somebody changes it.
import { Camera } from "./camera.js";

const SIDE = 640; // pixels: pictures are shown no larger
const AROUND = 0.6; // metres: how far from a free place somebody may stand
const SPEED = 1.1, STRIDE = 1.4; // metres per second, and per two steps
const SLACK = 0.05; // metres: something of the room must be so much nearer to hide a person
const RESTS = 4000; // milliseconds after a drag until the person walks on

export function canvasOf(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}

async function loaded(address) {
  const picture = Object.assign(new Image(), { src: address });
  await picture.decode();
  return picture;
}

/** The canvas with a picture of any kind, its longer side SIDE pixels at most. */
function copied(picture, wide = picture.naturalWidth, high = picture.naturalHeight) {
  const share = Math.min(1, SIDE / Math.max(wide, high)), canvas = canvasOf(Math.round(wide * share), Math.round(high * share));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** A room that helpers.world has drawn, and somebody who walks about in it by themselves, or is dragged. */
export class DrawnRoom {
  kind = "drawn";
  walked = 0;
  turned = "front";
  resting = 0; // until when, in milliseconds
  shakes = false;

  /** `made`: a row of rooms.json: pictures, camera, spots (x, z in metres) and the frames of the walk. */
  static async open(made, folder) {
    const room = new DrawnRoom(), address = name => new URL(made[name], folder).href;
    const [picture, depth, people] = await Promise.all(["background", "depth", "people"].map(name => loaded(address(name))));
    const { height, pitch, fov } = made.camera;
    room.camera = new Camera(height, pitch, fov);
    Object.assign(room, { made, people, background: copied(picture), size: [picture.naturalHeight, picture.naturalWidth] });
    room.scratch = canvasOf(picture.naturalWidth, picture.naturalHeight);
    room.hides = room.nearness(copied(depth), made.metres);
    [room.x, room.z] = made.start;
    return room;
  }

  /** Metres at which each pixel of the room may hide somebody; the floor hides nobody's feet. */
  nearness(canvas, metres) {
    const { width, height } = canvas, { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    return Float32Array.from({ length: width * height }, (_, k) => {
      const depth = data[4 * k] * metres, u = k % width;
      const floor = this.camera.unproject(u + 0.5, (k - u) / width + 0.5, depth, width)[1] < 2 * SLACK;
      return floor ? Infinity : depth;
    });
  }

  /** Walks on for the time that has gone by, unless the person rests. */
  walk(now, quiet) {
    const seconds = Math.min(0.2, (now - (this.before ?? now)) / 1000);
    this.before = now;
    if (quiet || now < this.resting) return;
    this.goal ??= this.free(...this.made.spots[Math.floor(Math.random() * this.made.spots.length)]);
    const [right, ahead] = [this.goal[0] - this.x, this.goal[1] - this.z], far = Math.hypot(right, ahead);
    const step = Math.min(1, SPEED * seconds / far);
    if (far < 0.1) this.goal = null;
    else if (!this.move(this.x + right * step, this.z + ahead * step)) this.goal = null;
  }

  /** Moves the person to a place in metres, or as near to it as they may stand; whether they came there. */
  move(x, z) {
    const [right, ahead] = this.free(x, z), [across, along] = [right - this.x, ahead - this.z];
    this.walked += Math.hypot(across, along);
    if (Math.hypot(across, along) > 0.005) {
      this.turned = Math.abs(across) > Math.abs(along) ? (across > 0 ? "right" : "left") : along > 0 ? "back" : "front";
    }
    [this.x, this.z] = [right, ahead];
    return Math.hypot(right - x, ahead - z) < 0.05;
  }

  /** The place itself if it is near a free spot, else the edge around the nearest one. */
  free(x, z) {
    const away = ([right, ahead]) => Math.hypot(right - x, ahead - z);
    const spot = this.made.spots.reduce((best, each) => (away(each) < away(best) ? each : best)), far = away(spot);
    return far <= AROUND ? [x, z] : [0, 1].map(k => spot[k] + ([x, z][k] - spot[k]) * AROUND / far);
  }

  /** {left, top, width, height, depth, cell}: where the person is seen, in pixels and metres. */
  frame() {
    const view = this.turned === "left" ? "right" : this.turned, walk = this.made.walk[view];
    const cell = walk[Math.floor(this.walked / STRIDE * walk.length) % walk.length];
    const [u, foot, depth] = this.camera.project(this.x, 0, this.z, this.size[1]);
    const height = cell.metres * this.camera.focal(this.size[1]) / depth, width = height * cell.width / cell.height;
    return { left: u - width / 2, top: foot - height * (1 - cell.foot), width, height, depth, cell, u, foot };
  }

  draw(context) {
    const [high, wide] = this.size, frame = this.frame(), scratch = this.scratch.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.background, 0, 0);
    context.save();
    if (this.shakes) context.translate(wide * 0.012 * Math.sin(performance.now() / 310), high * 0.012 * Math.cos(performance.now() / 230));
    context.drawImage(this.background, 0, 0);
    this.shadow(context, frame);
    this.person(scratch, frame);
    context.drawImage(this.scratch, 0, 0);
    context.restore();
    if (this.shakes) Object.assign(context, { fillStyle: "rgb(20 10 0 / 14%)" }).fillRect(0, 0, wide, high);
  }

  /** The soft dark at the feet. */
  shadow(context, { u, foot, depth }) {
    const radius = 0.45 * this.camera.focal(this.size[1]) / depth, flat = Math.max(0.15, this.camera.height / this.z * 0.9);
    context.save();
    context.translate(u, foot);
    context.scale(1, Math.min(1, flat));
    const dark = context.createRadialGradient(0, 0, 0, 0, 0, radius);
    dark.addColorStop(0, "rgb(0 0 0 / 45%)");
    dark.addColorStop(1, "rgb(0 0 0 / 0%)");
    context.fillStyle = dark;
    context.fillRect(-radius, -radius, 2 * radius, 2 * radius);
    context.restore();
  }

  /** The person alone, without what something nearer hides. */
  person(context, { left, top, width, height, depth, cell }) {
    const side = context.canvas.width, flip = this.turned === "left" ? -1 : 1;
    context.clearRect(0, 0, side, side);
    context.save();
    context.translate(left + width / 2, top);
    context.scale(flip, 1);
    context.drawImage(this.people, cell.x, cell.y, cell.width, cell.height, -width / 2, 0, width, height);
    context.restore();
    const x0 = Math.max(0, Math.floor(left)), y0 = Math.max(0, Math.floor(top));
    const wide = Math.min(side, Math.ceil(left + width)) - x0, high = Math.min(side, Math.ceil(top + height)) - y0;
    if (wide <= 0 || high <= 0) return;
    const pixels = context.getImageData(x0, y0, wide, high);
    for (let k = 0; k < wide * high; k++) {
      const u = k % wide;
      if (this.hides[(y0 + (k - u) / wide) * side + x0 + u] < depth - SLACK) pixels.data[4 * k + 3] = 0;
    }
    context.putImageData(pixels, x0, y0);
  }

  /** Whether a pixel of the picture is on the person, or nearly. */
  touches(u, v) {
    const { left, top, width, height } = this.frame();
    return u > left - 15 && u < left + width + 15 && v > top - 15 && v < top + height + 15;
  }

  /** Puts the person's feet where this pixel sees the floor. */
  drag(u, v) {
    const far = Math.max(...this.made.spots.map(spot => spot[1])) + AROUND;
    const rim = this.camera.project(0, 0, far, this.size[1])[1];
    this.move(...this.camera.floor(u, Math.max(v, rim), this.size[1]));
    this.rest();
  }

  rest() {
    [this.resting, this.goal] = [performance.now() + RESTS, null];
  }

  close() {}
}

/** A camera of this computer; its empty scene is the mean of some frames, and comes when somebody takes it. */
export class Webcam {
  kind = "camera";

  static async open() {
    if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
    const video = { facingMode: "environment", width: { ideal: 640 }, height: { ideal: 480 } };
    const webcam = new Webcam();
    webcam.stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    webcam.video = Object.assign(document.createElement("video"), { srcObject: webcam.stream, muted: true, playsInline: true });
    await webcam.video.play();
    return webcam;
  }

  get size() {
    const share = Math.min(1, SIDE / Math.max(this.video.videoWidth, this.video.videoHeight));
    return [this.video.videoHeight, this.video.videoWidth].map(side => Math.round(side * share));
  }

  draw(context) {
    const [high, wide] = this.size;
    context.drawImage(this.video, 0, 0, wide, high);
  }

  /** Takes the empty scene: the mean of so many frames, which has less noise than one. */
  async takeBackground(frames = 8) {
    const [high, wide] = this.size, canvas = canvasOf(wide, high), context = canvas.getContext("2d");
    for (let k = 1; k <= frames; k++) {
      context.globalAlpha = 1 / k;
      this.draw(context);
      await new Promise(done => setTimeout(done, 40));
    }
    this.background = canvas;
  }

  close() {
    this.stream.getTracks().forEach(track => track.stop());
  }
}

/** Two pictures of one camera that stands still. */
export class Pair {
  kind = "pair";
  still = true;

  /** Reads one of them, "background" or "image", from a file; the second must have the first one's size. */
  async read(name, file) {
    const address = URL.createObjectURL(file);
    try {
      this[name] = copied(await loaded(address));
    } catch {
      throw new Error(`“${file.name}” is not a picture that this browser can read. Choose a JPEG, PNG or WebP.`);
    } finally {
      URL.revokeObjectURL(address);
    }
    const { background: one, image: two } = this;
    if (one && two && (one.width !== two.width || one.height !== two.height)) {
      delete this[name];
      throw new Error("The two pictures must have the same size: take both with one camera that stays where it is.");
    }
  }

  get size() {
    return [(this.image ?? this.background).height, (this.image ?? this.background).width];
  }

  draw(context) {
    context.drawImage(this.image, 0, 0);
  }

  close() {}
}
