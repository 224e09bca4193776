"""Roomsight: a drawn world, its data, small networks, and the pictures that explain them."""

import os
import sys

if sys.version_info < (3, 10):  # noqa: UP036  # said before anything newer is imported
    print("Roomsight needs Python 3.10 or newer: https://www.python.org/downloads/", file=sys.stderr)
    raise SystemExit(2)

# Before torch is loaded: its threads sleep while they wait. Awake, they make a busy two-core machine ten times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

ADDRESS = ""  # where the course is published: the one place; `make publish REPO=owner/name` writes it, here and onward


def predict(background, image, model: str = "roomnet", camera=None, weights=None, runtime: str = "torch"):
    """{"mask": h w bool, "depth": h w float32 metres, "boxes": k 4 float32 (x0 y0 x1 y1)} at the image's own size.

    Both pictures may be paths, PIL pictures, arrays or the bytes of a file, of any mode and up to 4,096 pixels a side.
    Boxes surround the connected components of the mask, or are what a detection head found, with "labels" and "scores".
    `camera`: a `helpers.world.Camera` for depth in metres, and "floor": k 2, metres right and ahead where each box
    stands, with "floor_feet" and "floor_network", which say the same from one source each. Without, depth is relative.
    `weights`: a checkpoint that `python -m helpers train` has left, in place of the one that ships with the course.
    `runtime`: "onnx" has onnxruntime run the network, quicker on a processor, by a file that is made the first time.
    """
    from .inference import predict_pair  # here, because torch takes seconds to import

    return predict_pair(background, image, model, camera, weights, runtime)
