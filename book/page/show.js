// Draws what was found: the picture with its mask and boxes, the depth, and the floor plan from above.
import { canvasOf } from "./sources.js";

const TINT = [255, 120, 30]; // the orange of every mask of the course
const ORANGE = `rgb(${TINT})`;

/** Writes h w pixels, R G B A by `colour(k)`, and lays them over the whole of a canvas, smoothly enlarged. */
function lay(context, { height, width }, colour) {
  const small = canvasOf(width, height), pixels = new ImageData(width, height);
  for (let k = 0; k < width * height; k++) pixels.data.set(colour(k), 4 * k);
  small.getContext("2d").putImageData(pixels, 0, 0);
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, context.canvas.width, context.canvas.height);
}

/** The picture with the mask laid over it in orange, and the boxes with their metres. */
export function stage(context, picture, answer, grid) {
  const { width, height } = context.canvas, share = width / answer.width;
  context.drawImage(picture, 0, 0, width, height);
  lay(context, answer, k => [...TINT, 160 / (1 + Math.exp(-answer.logits[k]))]);
  if (grid) floorGrid(context, grid);
  Object.assign(context, { strokeStyle: ORANGE, lineWidth: 3, font: "600 22px system-ui, sans-serif", textBaseline: "middle" });
  answer.boxes.forEach((box, k) => {
    const [x0, y0, x1, y1] = box.map(side => side * share), says = `${answer.metres[k].toFixed(1)} m`;
    context.beginPath();
    context.roundRect(x0, y0, x1 - x0, y1 - y0, 6);
    context.stroke();
    const wide = context.measureText(says).width + 16, left = Math.min(x0, width - wide), top = Math.max(0, y0 - 34);
    context.fillStyle = ORANGE;
    context.beginPath();
    context.roundRect(left - 1, top, wide, 30, 6);
    context.fill();
    context.fillStyle = "#1d130b";
    context.fillText(says, left + 7, top + 16);
  });
}

/** Squares of one metre where the camera's numbers say that the floor is: they should lie on the floor. */
function floorGrid(context, camera) {
  const { width, height } = context.canvas, shift = (width - height) / 2;
  Object.assign(context, { strokeStyle: "rgb(255 255 255 / 70%)", lineWidth: 1.5 });
  const line = (x0, z0, x1, z1) => {
    const [[u0, v0, near], [u1, v1, far]] = [[x0, z0], [x1, z1]].map(([x, z]) => camera.project(x, 0, z, width));
    if (near < 0.1 || far < 0.1) return;
    context.beginPath();
    context.moveTo(u0, v0 - shift);
    context.lineTo(u1, v1 - shift);
    context.stroke();
  };
  for (let k = -5; k <= 5; k++) for (let z = 0.5; z < 10; z += 0.5) line(k, z, k, z + 0.5);
  for (let z = 1; z <= 10; z++) line(-5, z, 5, z);
}

/** Depth in the course's colours, a table of 256 from `near` to `far` metres on a logarithmic scale. */
export function depthColours(context, answer, { colours, near, far }) {
  const scale = 256 / Math.log(far / near);
  lay(context, answer, k => {
    const level = Math.floor(Math.log(answer.depth[k] / near) * scale);
    return [...colours[Math.max(0, Math.min(255, level))], 255];
  });
}

/** The floor from above: what the depth says of the room as dots, who came in as discs, and the truth as a ring. */
export function floorPlan(context, answer, camera, truth) {
  const { width, height } = context.canvas, style = getComputedStyle(context.canvas), far = 8, scale = (height - 40) / far;
  const place = (x, z) => [width / 2 + x * scale, height - 24 - z * scale], ink = style.color;
  const disc = ([u, v], radius) => (context.beginPath(), context.arc(u, v, radius, 0, 2 * Math.PI));
  context.clearRect(0, 0, width, height);
  Object.assign(context, { fillStyle: ink, strokeStyle: ink, lineWidth: 1, font: "18px system-ui, sans-serif", globalAlpha: 0.25 });
  for (let metres = 2; metres <= far; metres += 2) {
    disc(place(0, 0), metres * scale);
    context.stroke();
  }
  context.globalAlpha = 0.45;
  const shift = (answer.width - answer.height) / 2, step = Math.ceil(answer.width / 80);
  for (let v = 0; v < answer.height; v += step) {
    for (let u = 0; u < answer.width; u += step) {
      const k = v * answer.width + u;
      const [x, y, z] = camera.unproject(u + 0.5, v + 0.5 + shift, answer.depth[k], answer.width);
      if (!answer.mask[k] && y > 0.25 && y < 2.2) context.fillRect(...place(x, z), 3, 3);
    }
  }
  context.globalAlpha = 0.8;
  for (let metres = 2; metres < far; metres += 2) context.fillText(`${metres} m`, width / 2 + 6, place(0, metres)[1] - 5);
  context.beginPath();
  const slope = Math.tan(camera.fov / 2) * far;
  [[-slope, far], [0, 0], [slope, far]].forEach(([x, z]) => context.lineTo(...place(x, z)));
  context.stroke();
  Object.assign(context, { globalAlpha: 1, lineWidth: 4, fillStyle: ORANGE });
  for (const [x, z] of answer.floor) disc(place(x, z), 11), context.fill();
  if (truth) disc(place(...truth), 16), context.stroke();
}
