"""A depth map from another place: every pixel a coloured point in metres, looked at by an eye that went around."""

import numpy as np
from scipy.ndimage import maximum_filter, minimum_filter, zoom
from scipy.spatial.transform import Rotation

from ..world.camera import Camera
from .style import array, rgb

NIGHT = (16, 20, 28)  # the colour where there is no point
SIZE = (320, 480)  # pixels, height and width
BEYOND = 14.0  # metres: what is farther is left out, so that the sky hides nothing
NEAREST = 0.3  # metres from the eye: nothing nearer is drawn
BACK = 1.2  # metres that the eye stands behind the camera
HIGH, CUT = 20.0, 2.4  # from so many degrees up, what is higher above the floor than this is cut off, like a lid
FILL = 4  # points between two pixels of one surface, along each axis
DOTS = np.argwhere(np.ones((3, 2)))  # each point is drawn 3 × 2 pixels large


def point_cloud(picture, depth, turn=0.0, rise=0.0, camera: Camera | None = None, size=SIZE) -> np.ndarray:
    """A picture (height width 3, uint8) of a depth map in metres: the eye went `turn` degrees round, `rise` up."""
    camera, metres, seen = camera or Camera(), array(depth).astype(np.float64), rgb(picture)
    if seen.shape[:2] != metres.shape:
        raise ValueError(f"The picture has {seen.shape[:2]} pixels, its depth {metres.shape}: they must be alike.")
    metres[~np.isfinite(metres)] = 10 * BEYOND  # so that it is left out
    xyz, colours = _filled(metres, seen, camera)
    if rise > HIGH:
        low = xyz[:, 1] < CUT
        xyz, colours = xyz[low], colours[low]
    if not len(xyz):
        return np.full((*size, 3), NIGHT, np.uint8)
    pivot, eye = (0.0, 1.0, np.median(xyz[:, 2])), (0.0, camera.height, -BACK)
    went = Rotation.from_euler("yx", (turn, -rise), degrees=True)  # the world turns the other way
    return _painted(went.apply(xyz - pivot) + pivot - eye, colours, camera.focal(size[1]), size)


def points(depth, camera: Camera | None = None) -> np.ndarray:
    """H W 3 metres (right, up, ahead) that the pixels of a depth map see: the reverse of taking a picture."""
    depth, camera = array(depth).astype(np.float64), camera or Camera()
    v, u = np.mgrid[: depth.shape[0], : depth.shape[1]] + 0.5
    return np.stack(camera.unproject(u, v, depth, depth.shape[1]), -1)


def _filled(metres: np.ndarray, colours: np.ndarray, camera: Camera) -> tuple[np.ndarray, np.ndarray]:
    """Points n 3 and colours n 3: FILL² times as many as pixels, but none where depth jumps, nor too near or far.

    A floor's own depth grows by depth² / (height · focal length) from row to row: what grows much more is an edge.
    """
    how = {"order": 1, "mode": "nearest", "grid_mode": True}  # bilinear, between the centres of the pixels
    fine, colours = zoom(metres, FILL, **how), zoom(colours, (FILL, FILL, 1), **how)
    growth = FILL / 2 * (maximum_filter(fine, 3) - minimum_filter(fine, 3))  # from pixel to pixel
    floor = fine**2 / (camera.height * camera.focal(metres.shape[1]))
    whole = (growth < 2 * floor + 0.1) & (fine > NEAREST) & (fine < BEYOND)
    return points(fine, camera)[whole], colours[whole]


def _painted(seen: np.ndarray, colours: np.ndarray, focal: float, size: tuple[int, int]) -> np.ndarray:
    """Points n 3 (right, up, ahead of the eye) as a picture: the far ones are drawn first, so the near ones stay."""
    order = np.argsort(-seen[:, 2])
    order = order[seen[order, 2] > NEAREST]
    x, y, z = seen[order].T
    corner = np.stack([size[0] / 2 - focal * y / z, size[1] / 2 + focal * x / z], -1).astype(int)  # row, column
    places = (corner[:, None] + DOTS).reshape(-1, 2)
    inside = ((places >= 0) & (places < size)).all(1)
    canvas = np.full((*size, 3), NIGHT, np.uint8)
    canvas[tuple(places[inside].T)] = colours[order].repeat(len(DOTS), 0)[inside]  # numpy keeps the last of several
    return canvas
