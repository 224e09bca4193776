// Draws what was found: the picture with its mask and boxes, the depth, and the floor plan from above.
import { canvasOf } from "./sources.js";

const TINT = [255, 120, 30], ORANGE = `rgb(${TINT})`; // of every mask of the course

/** Lays h w pixels over the whole of a canvas, smoothly enlarged; `colour(k)` gives R G B A. */
function lay(context, { height, width }, colour) {
  const small = canvasOf(width, height), pixels = new ImageData(width, height);
  for (let k = 0; k < width * height; k++) pixels.data.set(colour(k), 4 * k);
  small.getContext("2d").putImageData(pixels, 0, 0);
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, context.canvas.width, context.canvas.height);
}

function line(context, ...points) {
  context.beginPath();
  points.forEach(point => context.lineTo(...point));
  context.stroke();
}

function disc(context, [u, v], radius, way) {
  context.beginPath();
  context.arc(u, v, radius, 0, 2 * Math.PI);
  context[way]();
}

/** Lays the mask in orange over the picture, and draws the boxes with their metres. */
export function tinted(context, answer) {
  const { width } = context.canvas, share = width / answer.width;
  lay(context, answer, k => [...TINT, 160 / (1 + Math.exp(-answer.logits[k]))]);
  Object.assign(context, { strokeStyle: ORANGE, lineWidth: 3, textBaseline: "middle" });
  context.font = "600 28px system-ui, sans-serif";
  answer.boxes.forEach((box, k) => {
    const [x0, y0, x1, y1] = box.map(side => side * share), says = `${answer.metres[k].toFixed(1)} m`;
    const wide = context.measureText(says).width + 16;
    const left = Math.min(x0 - 1.5, width - wide), top = Math.max(0, y0 - 36);
    context.strokeRect(x0, y0, x1 - x0, y1 - y0);
    context.fillStyle = ORANGE;
    context.fillRect(left, top, wide, 36);
    context.fillStyle = "#1d130b";
    context.fillText(says, left + 8, top + 19);
  });
}

/** Squares of one metre where the camera's numbers say that the floor is: they should lie on the floor. */
export function floorGrid(context, camera) {
  const { width, height } = context.canvas, up = (width - height) / 2;
  const pixels = places => places.map(([x, z]) => camera.project(x, 0, z, width)).filter(seen => seen[2] > 0.1);
  const draw = places => line(context, ...pixels(places).map(([u, v]) => [u, v - up]));
  Object.assign(context, { strokeStyle: "rgb(255 255 255 / 75%)", lineWidth: 2 });
  for (let k = -6; k <= 6; k++) draw(Array.from({ length: 100 }, (_, z) => [k, z / 10]));
  for (let z = 0; z <= 10; z++) draw([[-6, z], [6, z]]);
}

/** Depth in the course's colours, a table of 256 from `near` to `far` metres on a logarithmic scale. */
export function depthColours(context, { depth, ...size }, { colours, near, far }) {
  const level = metres => Math.floor(Math.log(metres / near) / Math.log(far / near) * 256);
  lay(context, size, k => [...colours[Math.max(0, Math.min(255, level(depth[k])))], 255]);
}

/** The floor from above: what depth says of the room as dots, who came in as discs, and the truth as a ring. */
export function floorPlan(context, { lens, truth, ...answer }) {
  const { width, height } = context.canvas, far = 10, scale = (height - 40) / far; // metres, and pixels of one
  const { color: ink, backgroundColor } = getComputedStyle(context.canvas), slope = Math.tan(lens.fov / 2) * far;
  const place = ([x, z]) => [width / 2 + x * scale, height - 24 - z * scale];
  context.fillStyle = backgroundColor;
  context.fillRect(0, 0, width, height);
  Object.assign(context, { fillStyle: ink, strokeStyle: ink, lineWidth: 2, globalAlpha: 0.25 });
  context.font = "32px system-ui, sans-serif";
  for (let z = 2; z <= far; z += 2) disc(context, place([0, 0]), z * scale, "stroke");
  line(context, ...[[-slope, far], [0, 0], [slope, far]].map(place));
  const up = (answer.width - answer.height) / 2;
  for (let k = 0; k < answer.depth.length; k += 3) {
    const u = k % answer.width, v = (k - u) / answer.width;
    const [x, y, z] = lens.unproject(u + 0.5, v + 0.5 + up, answer.depth[k], answer.width);
    if (!answer.mask[k] && y > 0.25 && y < 2.2) context.fillRect(...place([x, z]), 4, 4);
  }
  context.globalAlpha = 0.8;
  for (let z = 2; z < far; z += 2) context.fillText(`${z} m`, width / 2 + 8, place([0, z])[1] - 8);
  Object.assign(context, { globalAlpha: 1, lineWidth: 4, fillStyle: ORANGE });
  for (const each of answer.floor) disc(context, place(each), 13, "fill");
  if (truth) disc(context, place(truth), 20, "stroke");
}
