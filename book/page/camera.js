// The camera: one pinhole, as `Camera` in helpers/world/camera.py, with the same names and the same numbers.
const { cos, sin, tan } = Math;

export class Camera {
  /** `height` metres above the floor, turned down by `pitch` radians, seeing `fov` radians across. */
  constructor(height = 1.6, pitch = 0, fov = Math.PI / 3) {
    Object.assign(this, { height, pitch, fov });
  }

  /** Focal length in pixels of a picture `size` pixels wide. */
  focal(size) {
    return size / 2 / tan(this.fov / 2);
  }

  /** [right, up, ahead] of a pixel's ray per metre of depth; `size` is the side of a square picture. */
  rays(u, v, size) {
    const right = (u - size / 2) / this.focal(size), up = (size / 2 - v) / this.focal(size);
    return [right, up * cos(this.pitch) - sin(this.pitch), up * sin(this.pitch) + cos(this.pitch)];
  }

  /** Float32Array 2 h w, what the network is told: 1 / metres of the floor along each ray, and its slope sideways. */
  maps(height, width, aspect = width / height) {
    const found = new Float32Array(2 * height * width);
    for (let k = 0; k < height * width; k++) {
      const column = k % width, row = (k - column) / width;
      const [right, fall] = this.rays((column + 0.5) / width, 0.5 + ((row + 0.5) / height - 0.5) / aspect, 1);
      found[k] = -fall / this.height;
      found[height * width + k] = right;
    }
    return found;
  }

  /** [u, v, depth]: the pixel of a square picture, and the metres, of a point in the world. */
  project(x, y, z, size) {
    const rise = y - this.height, depth = z * cos(this.pitch) - rise * sin(this.pitch);
    const up = rise * cos(this.pitch) + z * sin(this.pitch), scale = this.focal(size) / depth;
    return [size / 2 + x * scale, size / 2 - up * scale, depth];
  }

  /** [x, y, z] in metres that the pixel (u, v) of a square picture sees at `depth` metres. */
  unproject(u, v, depth, size) {
    const [x, y, z] = this.rays(u, v, size);
    return [x * depth, this.height + y * depth, z * depth];
  }

  /** [x, z] in metres where a pixel's ray meets the floor; null above the horizon. */
  floor(u, v, size) {
    const [right, fall, ahead] = this.rays(u, v, size);
    return fall < 0 ? [right * this.height / -fall, ahead * this.height / -fall] : null;
  }
}
