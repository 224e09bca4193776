"""Where trained networks lie: those that ship with the course, and those that a person has trained."""

from pathlib import Path

from torch import nn

from . import learn, models
from .base import ROOT

SHIPPED = ROOT / "artifacts" / "checkpoints"
TRAINED = Path("artifacts", "runs", "train")  # where `python -m helpers train` leaves its own


def trained(name: str, weights: str | Path | None = None) -> tuple[nn.Module, dict]:
    """The network called `name`, ready to predict, and its card: from the file `weights`, or as shipped."""
    if name not in models.NETWORKS:
        models.build(name)  # says which there are
    path = Path(weights) if weights else SHIPPED / f"{name}.safetensors"
    if not weights and not path.is_file():
        raise FileNotFoundError(
            f"No trained weights of {name} ship with the course. Train some with `python -m helpers train {name}`, "
            f"and name them: {TRAINED / name}.safetensors, as `--weights` or `weights=`."
        )
    network, card = learn.load_checkpoint(path)
    if card["network"] != name:
        holds = card["network"]
        raise ValueError(f"{path} holds the network {holds!r}, not {name!r}: give --model {holds}, or model={holds!r}.")
    return network, card
