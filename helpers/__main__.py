"""The same work from a shell: `python -m helpers --help`. Each command imports what it needs: torch takes seconds."""

import argparse
import json
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable

COMMANDS: dict[str, tuple[Callable, str, dict[str, dict]]] = {}  # what it does, a sentence, its arguments


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks for; the exit status: 0 done, 2 a mistake in the request, 130 stopped."""
    asked = vars(_parser().parse_args(arguments))
    work, wants_json = COMMANDS[asked.pop("command")][0], asked.pop("json", False)
    try:
        with warnings.catch_warnings():  # what they say as a sentence, without the line of code that it comes from
            warnings.showwarning = lambda message, *_, **__: print(message, file=sys.stderr)
            figures = work(**asked)
        if wants_json:
            print(json.dumps(figures))
        return 0
    except ModuleNotFoundError as error:
        print(f"{error}. Use the course's own Python: make, or .venv/bin/python -m helpers ...", file=sys.stderr)
        return 2
    except (MemoryError, OverflowError):
        print("That is more than this machine's memory holds. Ask for fewer or smaller pictures.", file=sys.stderr)
        return 2
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    """Reads a command and its arguments."""
    parser = argparse.ArgumentParser(prog="python -m helpers", description="Roomsight from a shell.")
    commands = parser.add_subparsers(title="commands", dest="command", required=True, metavar="COMMAND")
    for name, (_, text, arguments) in COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        groups = defaultdict(command.add_mutually_exclusive_group)  # of what is named `one_of` a person gives one
        for argument, how in arguments.items():
            told = {key: value for key, value in how.items() if key != "one_of"}
            (groups[how["one_of"]] if "one_of" in how else command).add_argument(argument, **told)
    return parser


def natural(text: str) -> int:
    """A whole number above zero."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(text)


def taking(metavar: str, text: str, **how) -> dict:
    """An argument that takes a value."""
    return {"metavar": metavar, "help": text, **how}


def command(text: str, **arguments: dict) -> Callable:
    """Makes a function `do_NAME` the command NAME, with these arguments; one that begins with `__` is an option."""

    def added(work: Callable) -> Callable:
        spelt = {name.replace("__", "--"): how for name, how in arguments.items()}
        COMMANDS[work.__name__.removeprefix("do_")] = (work, text, spelt)
        return work

    return added


JSON = {"action": "store_true", "help": "print one JSON object last"}
MODEL = taking("MODEL", "its name, such as roomnet")
WEIGHTS = taking("FILE", "a checkpoint that train has left")
CLUSTER = {
    "__workers": taking("N", "by N processes here, no more than idle cores (this one)", type=natural, one_of="by"),
    "__scheduler": taking("ADDRESS", "or by a cluster of dask's, such as tcp://host:8786", one_of="by"),
}
RUNTIME = {"choices": ["torch", "onnx"], "default": "torch", "help": "what runs the network (torch)"}
CAMERA = "height=1.6,pitch=5,fov=60, in metres and degrees"


@command(
    "write composed samples as folders or zip files in the MODEST layout",
    __count=taking("N", "how many samples", type=natural, required=True),
    __size=taking("S", "pixels of a side (224)", type=natural, default=224),
    __out=taking("DIR", "the folder to write, or to go on with; or an address, such as s3://bucket/set", required=True),
    __grey={"action": "store_true", "help": "grey pictures instead of colour"},
    __zips=taking("N", "zip files of N samples (50000) instead of folders", type=natural, nargs="?", const=50_000),
    __difficulty=taking("NAME", "aligned, camera (default), handheld, mixed", default="camera"),
    __mixture=taking("NAME", "museum (default), rooms or broad", default="museum"),
    __seed={"type": int, "default": 0, "help": "another number, another set (0)"},
    **CLUSTER,
)
def do_export(out: str, count: int, size: int, **chosen) -> None:
    from .data import export_command

    written = export_command(out, count, size, **chosen)
    print(f"Written to {written}. helpers.data.Folder reads it, from a folder of this machine.")


@command(
    "train one network with the profile's budget",
    model=MODEL,
    __out=taking("DIR", "where its checkpoint goes (artifacts/runs/train/)"),
)
def do_train(model: str, out: str | None) -> None:
    from . import train

    train.train_network(model, train.TRAINED if out is None else out)


@command(
    "train the weights that ship, from nothing: 85 minutes, and 75 for percamera",
    model=taking("MODEL", "roomnet and masknet where none is named; or percamera", nargs="*"),
)
def do_ship(model: list[str]) -> None:
    from . import train

    for name in sorted(model or train.MAIN, key=train.RECIPES.__contains__):  # an unknown one first: it is told at once
        print(f"Written: {train.ship_network(name)}")


@command(
    "score a trained network on drawings and photographs, beside the baselines",
    model=MODEL,
    __pairs=taking("DIR", "score real pictures instead: NAME_bg, NAME_image, NAME_mask", one_of="folder"),
    __depths=taking("DIR", "or NAME_rgb, NAME_depth: 16-bit millimetres, or .npy in metres", one_of="folder"),
    __cdnet=taking("DIR", "or the scenes of CDnet 2014, in their own layout", one_of="folder"),
    __walks={"action": "store_true", "help": "or watch drawn clips of people who walk", "one_of": "folder"},
    __clips=taking("N", "of --walks: so many clips instead of all 60", type=natural),
    __camera=taking("SPEC", f"of --depths: {CAMERA}"),
    __weights=WEIGHTS,
    __runtime=RUNTIME,
    **CLUSTER,
    __json=JSON,
)
def do_evaluate(model: str, camera: str | None, weights: str | None, walks: bool, clips: int | None, **how) -> dict:
    from . import evaluate, floor, real

    folders = {kind: how.pop(kind) for kind in ("pairs", "depths", "cdnet")}

    if camera is not None and folders["depths"] is None:
        raise ValueError("--camera belongs to --depths DIR: pairs and frozen sets do not ask for it.")
    taken = None if camera is None else floor.read_camera(camera)
    if clips is not None and not walks:
        raise ValueError("--clips belongs to --walks: the other tests are always whole.")
    if walks:
        from .walks import walks_command

        return walks_command(model, weights, clips=clips, **how)
    for kind, folder in folders.items():
        if folder is not None:
            return real.real_command(model, kind, folder, taken, weights, **how)
    if how != {"runtime": "torch", "workers": None, "scheduler": None}:
        more = "--runtime onnx, --workers and --scheduler belong to --pairs, --depths, --cdnet or --walks"
        raise ValueError(f"{more}: one process scores on the frozen sets, with torch.")
    return evaluate.evaluate_command(model, weights)


@command(
    "find what is in front, and how far everything is, in your own two pictures",
    __background=taking("A", "the empty scene", required=True),
    __image=taking("B", "the same scene with somebody in it", required=True),
    __out=taking("DIR", "where mask, depth, boxes and overlay go", required=True),
    __model=taking("MODEL", "which network (roomnet)", default="roomnet"),
    __camera=taking("SPEC", CAMERA),
    __weights=WEIGHTS,
    __runtime=RUNTIME,
    __json=JSON,
)
def do_predict(**asked) -> dict:
    from . import results

    return results.predict_command(**asked)


@command(
    "watch a clip, a folder of pictures or a camera: masks, tracks, events and the floor plan",
    __source=taking("CLIP", "a clip, a folder of pictures, or 0: the first camera of this machine", required=True),
    __background=taking("A", "the empty scene (the median of frames spread over the clip)"),
    __out=taking("DIR", "where watch.mp4, events.csv, floor.png and depth.png go", required=True),
    __model=taking("MODEL", "which network (roomnet)", default="roomnet"),
    __camera=taking("SPEC", CAMERA),
    __weights=WEIGHTS,
    __runtime=RUNTIME,
    __json=JSON,
)
def do_watch(**asked) -> dict:
    from . import watch

    return watch.watch_command(**asked)


@command(
    "write a trained network with its aligning as an ONNX file, for pictures of any size",
    model=MODEL,
    __out=taking("FILE", "the file to write, such as roomnet.onnx", required=True),
    __weights=WEIGHTS,
)
def do_onnx(model: str, out: str, weights: str | None) -> None:
    from . import exported

    exported.onnx_command(model, out, weights)


@command(
    "do the missing runs of a long comparison; stop it and start it again as you like",
    name=taking("NAME", "its name, such as losses"),
    **CLUSTER,
)
def do_study(name: str, **cluster) -> None:
    from . import comparisons, study, transfer

    studies = comparisons.STUDIES | {"transfer": transfer.transfer_study}
    if name not in studies:
        raise ValueError(f"There is no study called {name!r}. Known studies: {', '.join(sorted(studies))}.")
    study.run_study(studies[name], **cluster)


@command(
    "train every network for two minutes, with three seeds; resumable",
    **CLUSTER,
)
def do_leaderboard(**cluster) -> None:
    from . import comparisons

    comparisons.publish_leaderboard(**cluster)


@command(
    "measure the speed of one part",
    part={"choices": ["data", "learn", "watch"], "help": "which part"},
    __json=JSON,
)
def do_bench(part: str) -> dict:
    from . import bench

    return {"data": bench.bench_data, "learn": bench.bench_learn, "watch": bench.bench_watch}[part]()


if __name__ == "__main__":
    sys.exit(main())
