"""Networks as ONNX files, which other runtimes and a browser read, and onnxruntime as one more way to run them."""

from __future__ import annotations

import hashlib
import json
import warnings
from contextlib import redirect_stdout
from functools import lru_cache
from inspect import signature
from io import StringIO
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .base import ROOT, folder, require, write_whole
from .models import blocks

MADE = ROOT / "artifacts" / "runs" / "onnx"
INPUTS, OPSET = ("background", "image", "camera"), 20
LEAST, MOST = 33, 4096  # pixels of a side that the export is told of; the file itself takes any


class Exportable(nn.Module):
    """A network as a function of three tensors: a camera of zeros is none, and its heads are a tuple."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network, self.takes_camera = network, "camera" in signature(network.forward).parameters

    def forward(self, background: Tensor, image: Tensor, camera: Tensor) -> tuple[Tensor, ...]:
        """The heads in the network's own order."""
        more = (camera,) if self.takes_camera else ()
        return tuple(self.network(background, image, *more).values())


@torch.no_grad()
def export_network(network: nn.Module, card: dict, out: str | Path) -> Path:
    """Writes the network, which the card names, with its aligning as an ONNX file, whole or not at all; its path.

    Inputs: background and image 1 3 H W, float32 0..1, and camera 1 2 H W, the maps of `Camera.maps` or zeros. Outputs:
    the network's heads, such as mask (logits) and depth (metres), 1 1 H W. H and W are free.
    """
    require("onnx", "onnxscript")
    out, exportable = Path(out), Exportable(network.eval().cpu())
    pictures = torch.rand(2, 1, 3, 112, 80)
    names = tuple(network(*pictures))
    sides = {2: torch.export.Dim("height", min=LEAST, max=MOST), 3: torch.export.Dim("width", min=LEAST, max=MOST)}
    with redirect_stdout(StringIO()), warnings.catch_warnings():  # it counts its steps, and speaks of its own insides
        warnings.simplefilter("ignore")
        program = torch.export.export(
            exportable, (*pictures, torch.zeros(1, 2, 112, 80)), dynamic_shapes=(sides,) * 3,
            prefer_deferred_runtime_asserts_over_guards=True,
        )  # fmt: skip
        made = torch.onnx.export(
            program, dynamo=True, opset_version=OPSET, input_names=INPUTS, output_names=names, verbose=False
        )
    model = made.model_proto
    for name, value in {"card": json.dumps(card), "network": card["network"], "size": str(card["size"])}.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = name, value
    folder(out.parent)
    write_whole(out, model.SerializeToString())
    return out


class OnnxNetwork(nn.Module):
    """A network that onnxruntime runs, on as many threads as torch has: called as the network in the file was."""

    def __init__(self, path: Path, reads_camera: bool) -> None:
        super().__init__()
        self.session, self.reads_camera = open_session(path, torch.get_num_threads()), reads_camera

    def forward(self, background: Tensor, image: Tensor, camera: Tensor | None = None) -> dict[str, Tensor]:
        """The heads of pictures N 3 H W, uint8 0..255 or float 0..1, with the camera's maps N 2 H W or without."""
        blocks.check_pictures(background, image)
        camera = image.new_zeros(len(image), 2, *image.shape[2:], dtype=torch.float) if camera is None else camera
        given = blocks.unit(background), blocks.unit(image), camera.float()
        wanted = {each.name for each in self.session.get_inputs()}
        feeds = {name: tensor.numpy() for name, tensor in zip(INPUTS, given) if name in wanted}
        names = [head.name for head in self.session.get_outputs()]
        found = []  # the file answers one pair at a time
        for k in range(len(image)):
            found.append(self.session.run(names, {name: values[k : k + 1] for name, values in feeds.items()}))
        return {name: torch.from_numpy(np.concatenate(heads)) for name, heads in zip(names, zip(*found))}


@lru_cache(4)
def open_session(path: Path, threads: int):
    """The file at `path`, read and ready to run."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = threads, 3  # errors alone
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def made_once(network: nn.Module, card: dict) -> Path:
    """The network's ONNX file in artifacts/runs/onnx, which is made once for these weights."""
    weights = hashlib.sha256()
    for value in network.state_dict().values():
        weights.update(value.cpu().contiguous().numpy())
    path = MADE / f"{card['network']}-{weights.hexdigest()[:16]}.onnx"
    return path if path.is_file() else export_network(network, card, path)


def run_by_onnx(network: nn.Module, card: dict) -> OnnxNetwork:
    """The same network run by onnxruntime, by a file that is made once for these weights."""
    require("onnxruntime")
    return OnnxNetwork(made_once(network, card), getattr(network, "reads_camera", False))


def onnx_command(name: str, out: str, weights: str | None = None) -> None:
    """Writes the trained network called `name` as an ONNX file, and says what is in it."""
    from .inference import trained_network

    path = export_network(*trained_network(name, weights), out)
    print(f"Written to {path}: {path.stat().st_size / 1e6:.1f} MB. Inputs {', '.join(INPUTS)}, float32 0..1, any size.")
