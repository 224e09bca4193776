"""What the course needs from the package index, and how a lone notebook gets what is missing."""

import re
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from .base import ROOT

LAB = {"jupyterlab", "ipykernel", "nbformat", "nbclient", "nbval"}  # only where the course is run as a whole


def needed() -> dict[str, str]:
    """Package name -> its line in requirements.txt, for everything a notebook imports."""
    lines = (line.split("#")[0].strip() for line in (ROOT / "requirements.txt").read_text().splitlines())
    return {name: line for line in lines if line and (name := re.split(r"[<>=!~ \[]", line)[0]) not in LAB}


def installed(name: str) -> str | None:
    """The version that is installed, None where there is none."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def complete(alone: bool) -> None:
    """Add the packages that are missing to a lone notebook's machine; what is there is never replaced."""
    missing = [line for name, line in needed().items() if installed(name) is None]
    if not missing:
        return
    if not alone:
        raise ModuleNotFoundError(f"{', '.join(missing)}: not installed. Run `pip install -r requirements.txt`.")
    print("Installing", ", ".join(missing))
    with tempfile.TemporaryDirectory() as folder:
        keep = Path(folder, "keep.txt")
        keep.write_text("".join(f"{name}=={version}\n" for name in needed() if (version := installed(name))))
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--constraint", str(keep), *missing]
        if subprocess.run(command).returncode:
            raise RuntimeError(f"pip could not add {', '.join(missing)} to what is here; its own words are above.")
