// RoomNet in a worker, so that the page never waits for it. Aligning the two pictures is part of the ONNX file.
import * as ort from "./onnxruntime/ort.wasm.min.mjs";
import { Camera } from "./camera.js";

ort.env.wasm.numThreads = Number(new URL(location.href).searchParams.get("threads"));
ort.env.wasm.wasmPaths = new URL("./onnxruntime/", import.meta.url).href;
ort.env.logLevel = "error";
let background; // the tensor of the last one that was sent

const loading = ort.InferenceSession.create(new URL("./roomnet.onnx", import.meta.url).href);
loading.then(() => postMessage({ kind: "ready" })).catch(failed);
onmessage = ({ data }) => answer(data).catch(failed);

function failed(error) {
  postMessage({ kind: "failed" });
  console.error(error);
}

async function answer(data) {
  const session = await loading, { image, height, width } = data;
  if (data.background) background = unit(data.background, height, width);
  const found = await predict(session, data);
  const moved = [image.buffer, found.logits.buffer, found.depth.buffer];
  postMessage({ image, height, width, ...found, kind: "answer" }, moved);
}

/** {maps, logits of the mask, depth in metres, milliseconds} for a picture and the last background. */
async function predict(session, { image, height, width, lens }) {
  const began = performance.now(), maps = new Camera(lens.height, lens.pitch, lens.fov).maps(height, width);
  const camera = new ort.Tensor("float32", maps, [1, 2, height, width]);
  const heads = await session.run({ background, image: unit(image, height, width), camera });
  const [logits, depth] = [heads.mask, heads.depth].map(head => head.data.slice());
  for (const head of Object.values(heads)) head.dispose();
  return { maps, logits, depth, milliseconds: performance.now() - began };
}

/** A tensor 1 3 h w of 0..1, of bytes R G B A. */
function unit(bytes, height, width) {
  const count = height * width, values = new Float32Array(3 * count);
  for (let k = 0; k < count; k++) {
    for (let c = 0; c < 3; c++) values[c * count + k] = bytes[4 * k + c] / 255;
  }
  return new ort.Tensor("float32", values, [1, 3, height, width]);
}
