"""How long the notebooks take: `quick`, a few minutes on a laptop, or `full`, for better figures.

Set ROOMSIGHT_PROFILE=full before starting Jupyter to choose the long one; with `browse` nothing is trained at all.
"""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """The sizes that notebooks use; stored outputs are those of `quick`."""

    name: str
    rooms: int  # rooms drawn for training, validation and test together
    people: int
    size: int  # pixels, height and width of a picture
    longer: int  # how many times the steps that a notebook states for `quick`

    def describe(self) -> str:
        """One sentence for a reader."""
        if self.name == "browse":
            return f"Profile {self.name}: nothing is trained, and the course's own weights are shown."
        times = "" if self.longer == 1 else f", and training {self.longer} times as long"
        return f"Profile {self.name}: {self.rooms} rooms and {self.people} people at {self.size} px{times}."


PROFILES = {
    "quick": Profile("quick", rooms=200, people=200, size=96, longer=1),
    "browse": Profile("browse", rooms=200, people=200, size=96, longer=1),
    "full": Profile("full", rooms=2000, people=1000, size=96, longer=10),
}


def current() -> Profile:
    """The profile that the environment variable ROOMSIGHT_PROFILE names, `quick` where it is not set."""
    name = os.environ.get("ROOMSIGHT_PROFILE") or "quick"
    if name not in PROFILES:
        raise ValueError(f"ROOMSIGHT_PROFILE is {name!r}; it must be one of: {', '.join(PROFILES)}.")
    return PROFILES[name]


def describe() -> str:
    """One sentence on the profile that runs."""
    return current().describe()
