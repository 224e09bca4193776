// What is read off the network's maps, as helpers/inference.py and helpers/floor.py do it.
const SPECK = 0.0005; // of the picture: a smaller component of a mask gets no box

/** [height, width] in the same proportion, the longer one of so many pixels. */
export function shrunk(size, longest) {
  return size.map(side => Math.max(1, Math.round(side * longest / Math.max(...size))));
}

/** Boxes [x0, y0, x1, y1] of the connected components of a mask h w, the largest first; corners connect. */
export function componentBoxes(mask, height, width) {
  const left = mask.slice(), found = []; // what belongs to no component yet
  for (let start = left.indexOf(1); start >= 0; start = left.indexOf(1, start + 1)) {
    found.push(takeComponent(left, start, height, width));
  }
  const seen = found.filter(part => part.pixels >= Math.max(1, SPECK * mask.length));
  return seen.sort((one, two) => two.pixels - one.pixels).map(part => part.box);
}

function takeComponent(left, start, height, width) {
  const waiting = [start];
  let box = [width, height, 0, 0], pixels = 0;
  for (left[start] = 0; waiting.length; pixels++) {
    const at = waiting.pop(), x = at % width, y = (at - x) / width;
    box = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x + 1), Math.max(box[3], y + 1)];
    for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, height - 1); v++) {
      for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, width - 1); u++) {
        if (left[v * width + u]) left[v * width + u] = 0, waiting.push(v * width + u);
      }
    }
  }
  return { box, pixels };
}

/** [x, z] of each box in metres right and ahead: by its feet, or by the depth where the feet are not seen. */
export function floorPlaces({ boxes, mask, depth, height, width }, camera) {
  const shift = (width - height) / 2; // rays speak of a square picture
  return boxes.map(([x0, y0, x1, y1]) => {
    const feet = y1 < height - 0.5 && camera.floor((x0 + x1) / 2, y1 + shift, width), places = [];
    for (let k = y0 * width; !feet && k < y1 * width; k++) {
      const u = k % width, v = (k - u) / width;
      if (mask[k] && u >= x0 && u < x1) places.push(camera.unproject(u + 0.5, v + 0.5 + shift, depth[k], width));
    }
    return feet || [0, 2].map(axis => median(places.map(place => place[axis])));
  });
}

/** The middle one of some numbers, or the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((one, two) => one - two), half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
