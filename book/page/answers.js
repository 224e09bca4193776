// What is read off the network's maps, as helpers/inference.py and helpers/floor.py do it.

const SPECK = 0.0005; // of the picture: a smaller component of a mask gets no box

/** [height, width] in the same proportion, the longer one of so many pixels. */
export function shrunk([height, width], longest) {
  const share = longest / Math.max(height, width);
  return [height, width].map(side => Math.max(1, Math.round(side * share)));
}

/** Boxes [x0, y0, x1, y1] of the connected components of a mask h w, the largest first; corners connect. */
export function componentBoxes(mask, height, width) {
  const seen = new Uint8Array(mask.length), found = [];
  for (let start = 0; start < mask.length; start++) {
    if (!mask[start] || seen[start]) continue;
    const part = componentFrom(start, mask, seen, height, width);
    if (part.pixels >= Math.max(1, SPECK * mask.length)) found.push(part);
  }
  return found.sort((one, two) => two.pixels - one.pixels).map(part => part.box);
}

function componentFrom(start, mask, seen, height, width) {
  const waiting = [start], box = [width, height, 0, 0];
  let pixels = 0;
  for (seen[start] = 1; waiting.length; pixels++) {
    const at = waiting.pop(), x = at % width, y = (at - x) / width;
    box[0] = Math.min(box[0], x), box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x + 1), box[3] = Math.max(box[3], y + 1);
    for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, height - 1); v++) {
      for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, width - 1); u++) {
        const next = v * width + u;
        if (mask[next] && !seen[next]) seen[next] = 1, waiting.push(next);
      }
    }
  }
  return { box, pixels };
}

/** [x, z] of each box in metres right and ahead: by its feet, or by the depth where the feet are not seen. */
export function floorPlaces({ boxes, mask, depth, height, width }, camera) {
  const shift = (width - height) / 2; // rays speak of a square picture
  return boxes.map(([x0, y0, x1, y1]) => {
    const feet = y1 < height - 0.5 && camera.floor((x0 + x1) / 2, y1 + shift, width);
    if (feet) return feet;
    const places = [];
    for (let v = y0; v < y1; v++) {
      for (let u = x0; u < x1; u++) {
        const k = v * width + u;
        if (mask[k]) places.push(camera.unproject(u + 0.5, v + 0.5 + shift, depth[k], width));
      }
    }
    return [median(places.map(place => place[0])), median(places.map(place => place[2]))];
  });
}

/** The middle one of some numbers, or the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((one, two) => one - two), half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
