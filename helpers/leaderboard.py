"""`make leaderboard`: every network for the same time, the table of it and a picture. It goes on where it stopped."""

from . import study
from .base import ROOT, write_whole
from .studies import leaderboard as runs
from .studies.table import read

TABLE, PICTURE = runs.HOME / "leaderboard.csv", runs.HOME / "leaderboard.png"
README, START, END = ROOT / "README.md", "<!-- leaderboard -->\n", "<!-- /leaderboard -->\n"


def leaderboard(workers: int = 1) -> None:
    """Does the missing runs, longer ones too for those who learn nothing; then picture, README and the screen."""
    while study.missing("leaderboard"):  # a network that has learnt nothing asks for more time
        study.study("leaderboard", workers)
    report(read(TABLE))


def report(rows: list[dict]) -> None:
    """The picture, the table in the README, and the same on the screen."""
    from .show import leaders, png  # here, because matplotlib takes a second to import

    text = leaders.markdown(rows, needs(rows))
    write_whole(PICTURE, png(leaders.leaderboard(rows)))
    page = README.read_text(encoding="utf-8")
    if START not in page or END not in page:
        raise ValueError(f"{README.name} has no place for the leaderboard: {START.strip()} and {END.strip()}.")
    before, rest = page.split(START, 1)
    write_whole(README, (before + START + text + END + rest.split(END, 1)[1]).encode())
    print(text)


def needs(rows: list[dict]) -> dict[str, str]:
    """What is to be said of networks that fall behind a baseline in the common budget, and how long they need."""
    common, told = min(row["budget_s"] for row in rows), {}
    for name in dict.fromkeys(row["network"] for row in rows):
        own = [row for row in rows if row["network"] == name]
        behind = runs.behind([row for row in own if row["budget_s"] == common])
        if not behind:
            continue
        enough = [row["budget_s"] for row in own if row["budget_s"] > common and not runs.behind([row])]
        minutes = min(enough or [max(row["budget_s"] for row in own)]) / 60
        told[name] = f"{behind} after {minutes:.0f} minutes" if enough else f"no {behind} in {minutes:.0f} minutes"
    return told
