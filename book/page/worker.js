// RoomNet in a worker, so that the page never waits for it. Aligning the two pictures is part of the ONNX file.
import * as ort from "./onnxruntime/ort.wasm.min.mjs";
import { Camera } from "./camera.js";

ort.env.wasm.numThreads = Number(new URL(location.href).searchParams.get("threads"));
ort.env.wasm.wasmPaths = new URL("./onnxruntime/", import.meta.url).href;
ort.env.logLevel = "error";
addEventListener("unhandledrejection", () => postMessage({ kind: "failed" }));
const loading = ort.InferenceSession.create(new URL("./roomnet.onnx", import.meta.url).href);
loading.then(() => postMessage({ kind: "ready" }));
onmessage = async ({ data }) => postMessage({ kind: "answer", ...(await predict(await loading, data)) });

/** {maps, logits of the mask, depth in metres, milliseconds} for two pictures of one camera. */
async function predict(session, { background, image, height, width, lens }) {
  const began = performance.now(), maps = Object.assign(new Camera(), lens).maps(height, width);
  const camera = new ort.Tensor("float32", maps, [1, 2, height, width]);
  const pictures = { background: unit(background, height, width), image: unit(image, height, width) };
  const heads = await session.run({ ...pictures, camera });
  const [logits, depth] = [heads.mask, heads.depth].map(head => head.data.slice());
  for (const head of Object.values(heads)) head.dispose();
  return { maps, logits, depth, milliseconds: performance.now() - began };
}

/** A tensor 1 3 h w of 0..1, of bytes R G B A. */
function unit(bytes, height, width) {
  const count = height * width, values = new Float32Array(3 * count);
  for (let k = 0; k < 3 * count; k++) values[k] = bytes[4 * (k % count) + Math.floor(k / count)] / 255;
  return new ort.Tensor("float32", values, [1, 3, height, width]);
}
