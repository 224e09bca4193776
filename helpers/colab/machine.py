"""The machine that stands for Colab: an environment with its packages, and a kernel with its settings."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from ..base import folder, write_whole
from ..course import RUNS

HERE = Path(__file__).parent
HOME, PACKAGES, LAUNCHER = RUNS / "colab", HERE / "packages.txt", HERE / "stub" / "colab_kernel_launcher.py"
WANTED = "python3.13"  # as on Colab
OURS = ("PYTHON", "VIRTUAL_ENV", "CONDA", "JUPYTER", "JPY_", "IPYTHON", "MPL", "OMP_", "GIT_", "ROOMSIGHT_")
VERSIONS = """\
import json, platform
from importlib.metadata import distributions
found = {each.name.lower().replace("_", "-"): each.version for each in distributions()}
print(json.dumps({"python": platform.python_version()} | found))"""


def fresh(home: Path = HOME) -> Path:
    """The Python of an environment with Colab's packages and no others; made once (minutes, 5 GB), then put right."""
    python, whole, made = home / "env" / "bin" / "python", home / "whole.txt", home / "packages.txt"
    if not made.exists() or made.read_bytes() != PACKAGES.read_bytes():
        source = _python()
        print(f"Making Colab's environment from {PACKAGES.name}, once: some minutes, 5 GB.", flush=True)
        _uv("venv", "--clear", "--python", source, home / "env")
        _uv("pip", "install", "--python", python, "--no-build", "-r", PACKAGES)
        write_whole(whole, _uv("pip", "freeze", "--python", python).encode())
        write_whole(made, PACKAGES.read_bytes())  # last: an installation that was killed is done again
    _uv("pip", "sync", "--python", python, whole)  # what an earlier notebook added goes, as with a new machine
    return python


def versions(python: Path) -> dict[str, str]:
    """Package name -> version, of this Python itself and of everything that is installed beside it."""
    told = subprocess.run([python, "-c", VERSIONS], env=settings(python), capture_output=True, text=True, check=True)
    return json.loads(told.stdout)


def settings(python: Path, **more: str) -> dict[str, str]:
    """The environment variables of a machine that knows nothing of this one's Python, Jupyter or course."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(OURS)}
    return kept | {"PATH": os.pathsep.join([str(Path(python).parent), kept.get("PATH", "")])} | more


def kernel(python: Path, home: Path = HOME) -> AsyncKernelManager:
    """Starts this Python as the kernel of a notebook, with the stub of `google.colab` loaded."""
    start = [str(python), "-Xfrozen_modules=off", str(LAUNCHER), "-f", "{connection_file}"]  # -X: else a warning
    spec = KernelSpec(argv=start, display_name="Colab", language="python")
    write_whole(folder(home / "kernels" / "colab") / "kernel.json", spec.to_json().encode())
    specs = KernelSpecManager(kernel_dirs=[str(home / "kernels")])
    return AsyncKernelManager(kernel_name="colab", kernel_spec_manager=specs)


def _python() -> str:
    """Colab's version of Python, where it is on the path or beside the course's own; else the course's own."""
    beside = sorted(Path(sys.base_prefix).parent.glob(f"*/bin/{WANTED}"))
    for path in filter(None, [shutil.which(WANTED), *beside]):
        if subprocess.run([path, "-c", ""], capture_output=True).returncode == 0:
            return str(path)
    return sys.executable


def _uv(*words) -> str:
    """What uv prints; its own words and a sentence where it fails."""
    told = subprocess.run([sys.executable, "-m", "uv", *map(str, words), "--quiet"], stdout=subprocess.PIPE, text=True)
    if told.returncode:
        raise OSError("uv could not make Colab's environment; its own words are above. Python 3.13 suits it best.")
    return told.stdout
