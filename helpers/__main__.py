"""The same work from a shell: `python -m helpers --help`."""

import argparse
import json
import sys
import warnings


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks for; the exit status: 0 done, 2 a mistake in the request, 130 stopped."""
    asked = _parser().parse_args(arguments)
    try:
        figures = _do(asked)
        if "json" in asked and asked.json:
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


def _do(asked: argparse.Namespace) -> dict | None:
    """Does one command; each imports what it needs and no more, because torch takes seconds."""
    if asked.command == "export":
        from .data import export_command

        chosen = {name: getattr(asked, name) for name in ("mixture", "seed", "grey", "zips", "difficulty")}
        out = export_command(asked.out, asked.count, asked.size, **chosen)
        print(f"Written to {out}. helpers.data.Folder({str(out)!r}) reads it.")
    elif asked.command in ("train", "ship"):
        from . import train

        if asked.command == "train":
            train.train_network(asked.model, train.TRAINED if asked.out is None else asked.out)
        else:
            names = asked.model or train.MAIN
            for name in sorted(names, key=train.RECIPES.__contains__):  # an unknown one first: it is told at once
                print(f"Written: {train.ship_network(name)}")
    elif asked.command == "evaluate":
        from . import evaluate, inference, real

        if asked.camera is not None and asked.depths is None:
            raise ValueError("--camera belongs to --depths DIR: pairs and frozen sets do not ask for it.")
        camera = None if asked.camera is None else inference.read_camera(asked.camera)
        for kind in ("pairs", "depths", "cdnet"):
            if (folder := getattr(asked, kind)) is not None:
                return real.real_command(asked.model, kind, folder, camera, asked.weights)
        return evaluate.evaluate_command(asked.model, asked.weights)
    elif asked.command == "predict":
        from . import inference

        with warnings.catch_warnings():  # what they say as a sentence, without the line of code that it comes from
            warnings.showwarning = lambda message, *_, **__: print(message, file=sys.stderr)
            pair = asked.background, asked.image
            return inference.predict_command(*pair, asked.out, asked.model, asked.camera, asked.weights)
    elif asked.command == "onnx":
        from . import exported

        exported.onnx_command(asked.model, asked.out, asked.weights)
    elif asked.command == "study":
        from . import comparisons, study, transfer

        studies = comparisons.STUDIES | {"transfer": transfer.transfer_study}
        if asked.name not in studies:
            raise ValueError(f"There is no study called {asked.name!r}. Known studies: {', '.join(sorted(studies))}.")
        study.run_study(studies[asked.name], asked.workers)
    elif asked.command == "leaderboard":
        from . import comparisons

        comparisons.publish_leaderboard(asked.workers)
    else:
        from . import bench

        return bench.bench_data() if asked.part == "data" else bench.bench_learn()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m helpers", description="Roomsight from a shell.")
    commands = parser.add_subparsers(title="commands", dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")

    made = command("export", "write composed samples as folders or zip files in the MODEST layout")
    made.add_argument("--count", type=_natural, required=True, metavar="N", help="how many samples")
    made.add_argument("--size", type=_natural, default=224, metavar="S", help="pixels of a side (224)")
    made.add_argument("--out", required=True, metavar="DIR", help="the folder to write, or to go on with")
    made.add_argument("--grey", action="store_true", help="grey pictures instead of colour")
    made.add_argument("--zips", type=_natural, metavar="N", help="zip files of N samples instead of folders")
    difficulties = "aligned, camera (default), handheld, mixed"
    made.add_argument("--difficulty", default="camera", metavar="NAME", help=difficulties)
    made.add_argument("--mixture", default="museum", metavar="NAME", help="museum (default) or broad")
    made.add_argument("--seed", type=int, default=0, help="another number, another set (0)")
    made = command("train", "train one network with the profile's budget")
    made.add_argument("model", metavar="MODEL", help="its name, such as masknet")
    made.add_argument("--out", metavar="DIR", help="where its checkpoint goes (artifacts/runs/train/)")
    made = command("ship", "train the weights that ship, from nothing: 85 minutes, and 75 for percamera")
    made.add_argument("model", metavar="MODEL", nargs="*", help="roomnet and masknet where none is named; or percamera")
    made = command("evaluate", "score a trained network on drawings and photographs, beside the baselines")
    made.add_argument("model", metavar="MODEL", help="its name, such as roomnet")
    kinds = made.add_mutually_exclusive_group()
    kinds.add_argument("--pairs", metavar="DIR", help="score real pictures instead: NAME_bg, NAME_image, NAME_mask")
    kinds.add_argument("--depths", metavar="DIR", help="or NAME_rgb, NAME_depth: 16-bit millimetres, or .npy in metres")
    kinds.add_argument("--cdnet", metavar="DIR", help="or the scenes of CDnet 2014, in their own layout")
    made.add_argument("--camera", metavar="SPEC", help="of --depths: height=1.6,pitch=5,fov=60, in metres and degrees")
    made.add_argument("--weights", metavar="FILE", help="a checkpoint that train has left")
    made.add_argument("--json", action="store_true", help="print one JSON object last")
    made = command("predict", "find what is in front, and how far everything is, in your own two pictures")
    made.add_argument("--background", required=True, metavar="A", help="the empty scene")
    made.add_argument("--image", required=True, metavar="B", help="the same scene with somebody in it")
    made.add_argument("--out", required=True, metavar="DIR", help="where mask, depth, boxes and overlay go")
    made.add_argument("--model", default="roomnet", metavar="MODEL", help="which network (roomnet)")
    made.add_argument("--camera", metavar="SPEC", help="height=1.6,pitch=5,fov=60, in metres and degrees")
    made.add_argument("--weights", metavar="FILE", help="a checkpoint that train has left")
    made.add_argument("--json", action="store_true", help="print one JSON object last")
    made = command("onnx", "write a trained network with its aligning as an ONNX file, for pictures of any size")
    made.add_argument("model", metavar="MODEL", help="its name, such as roomnet")
    made.add_argument("--out", required=True, metavar="FILE", help="the file to write, such as roomnet.onnx")
    made.add_argument("--weights", metavar="FILE", help="a checkpoint that train has left")
    made = command("study", "do the missing runs of a long comparison; stop it and start it again as you like")
    made.add_argument("name", metavar="NAME", help="its name, such as losses")
    made.add_argument("--workers", type=_natural, default=1, metavar="N", help="processes of one thread each (1)")
    made = command("leaderboard", "train every network for three minutes, with three seeds; resumable")
    made.add_argument("--workers", type=_natural, default=1, metavar="N", help="processes; no more than idle cores (1)")
    made = command("bench", "measure the speed of one part")
    made.add_argument("part", choices=["data", "learn"], help="which part")
    made.add_argument("--json", action="store_true", help="print one JSON object last")
    return parser


def _natural(text: str) -> int:
    """A whole number above zero."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
