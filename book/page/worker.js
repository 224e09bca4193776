// RoomNet in a worker, so that the page never waits for it. Aligning the two pictures is part of the ONNX file.
import * as ort from "./onnxruntime/ort.wasm.min.mjs";
import { median } from "./answers.js";
import { Camera } from "./camera.js";

ort.env.wasm.numThreads = Number(new URL(location.href).searchParams.get("threads")) || 1;
ort.env.wasm.wasmPaths = new URL("./onnxruntime/", import.meta.url).href;
ort.env.logLevel = "error";
let background; // the last one that was sent: bytes R G B A, and the tensor made of them

/** A tensor 1 3 h w of 0..1, of bytes R G B A. */
function unit(bytes, height, width) {
  const count = height * width, values = new Float32Array(3 * count);
  for (let k = 0; k < count; k++) {
    for (let c = 0; c < 3; c++) values[c * count + k] = bytes[4 * k + c] / 255;
  }
  return new ort.Tensor("float32", values, [1, 3, height, width]);
}

/** {mask: logits, depth: metres, milliseconds} of the picture and the last background; `lens` is the camera. */
async function predict(session, { image, height, width, lens }) {
  const began = performance.now();
  const maps = new Camera(lens.height, lens.pitch, lens.fov).maps(height, width);
  const feeds = { background, image: unit(image, height, width) };
  feeds.camera = new ort.Tensor("float32", maps, [1, 2, height, width]);
  const heads = await session.run(feeds), found = { maps };
  for (const name of ["mask", "depth"]) {
    found[name] = heads[name].data.slice();
    heads[name].dispose();
  }
  return { ...found, milliseconds: performance.now() - began };
}

/** Median milliseconds of an answer at each size, for `python -m tools page --speed`. */
async function speeds(session, sizes, runs) {
  const found = {};
  for (const size of sizes) {
    const image = crypto.getRandomValues(new Uint8Array(4 * size * size).subarray(0, 65536)), times = [];
    const whole = new Uint8Array(4 * size * size).map((_, k) => image[k % image.length]);
    background = unit(whole, size, size);
    for (let run = 0; run <= runs; run++) {
      const answer = await predict(session, { image: whole, height: size, width: size, lens: new Camera() });
      if (run) times.push(answer.milliseconds); // the first one warms up
    }
    found[size] = median(times);
  }
  return found;
}

const loading = ort.InferenceSession.create(new URL("./roomnet.onnx", import.meta.url).href);
loading.then(
  () => postMessage({ kind: "ready", threads: ort.env.wasm.numThreads }),
  error => postMessage({ kind: "failed", says: String(error) }),
);

onmessage = async ({ data }) => {
  const session = await loading;
  if (data.kind === "speeds") return postMessage({ kind: "speeds", speeds: await speeds(session, data.sizes, data.runs) });
  if (data.background) background = unit(data.background, data.height, data.width);
  const found = await predict(session, data);
  const { image, height, width } = data;
  postMessage({ kind: "answer", image, height, width, ...found }, [image.buffer, found.mask.buffer, found.depth.buffer]);
};
