"""The course as Colab fetches it: from a git address, as it was committed last."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..base import ROOT, folder
from .machine import HOME

BARE = "course.git"
READ = ("helpers", "requirements.txt", "artifacts", ":!artifacts/colab.csv")  # what a notebook takes from the course


@dataclass(frozen=True)
class Origin:
    """One commit in a bare repository, which does not move while the course is worked on."""

    home: Path  # where the rehearsal keeps its things, this repository among them
    commit: str
    notebooks: tuple[str, ...]

    @property
    def address(self) -> str:
        """What the first cell clones."""
        return (self.home / BARE).resolve().as_uri()

    def notebook(self, name: str) -> str:
        """The text of a notebook as it was committed."""
        return git(self.home / BARE, "show", f"HEAD:notebooks/{name}")


def origin(root: Path = ROOT, home: Path = HOME) -> Origin:
    """The last commit of the course at `root`; says so where the course has changed since."""
    bare = folder(home) / BARE
    shutil.rmtree(bare, ignore_errors=True)
    git(root, "clone", "--quiet", "--bare", "--depth", "1", root.resolve().as_uri(), str(bare.resolve()))
    commit = git(root, "rev-parse", "--short", git(bare, "rev-parse", "HEAD"))
    if git(root, "status", "--porcelain", "--", "notebooks", *READ):
        print(f"What is not committed takes no part: the notebooks fetch commit {commit}.")
    paths = git(bare, "ls-tree", "--name-only", "HEAD", "notebooks/").splitlines()
    return Origin(home, commit, tuple(sorted(Path(path).name for path in paths if path.endswith(".ipynb"))))


def unchanged(root: Path, old: str, new: str, name: str) -> bool:
    """Whether a notebook, and all that it reads of the course, is the same in two commits."""
    words = ["git", "diff", "--quiet", old, new, "--", f"notebooks/{name}", *READ]
    return subprocess.run(words, cwd=root, capture_output=True).returncode == 0  # an unknown commit is a change


def git(place: Path, *words: str) -> str:
    """What git prints; its own words where it fails."""
    told = subprocess.run(["git", *words], cwd=place, capture_output=True, text=True)
    if told.returncode:
        raise ValueError(f"The rehearsal needs the course as a git repository with a commit. {told.stderr.strip()}")
    return told.stdout.strip()
