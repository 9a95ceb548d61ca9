"""How fast ppinfer is beside others, on one machine, with the same photos and models, taking turns.

    python tests/bench/peers [--models efficientnet_lite0 resnet50] [--rounds 5] [--seconds 3] [--json] FOLDER

The others: PaddleClas 2.6's own predict_cls.py (oneDNN, batches of 8), ONNX Runtime and OpenVINO in Python, both tuned
by hand. Everyone is a process of its own and is given the same CPUs; all first answer for every photo, and who doesn't
agree with Paddle's own fp32 answers gets no times. Timed is the main loop, from files to best classes, with the model
loaded and warm. Figures are the median of the rounds, with the least and the most; ratios are taken round by round.
Exit code 1: somebody, or a whole model, has no figures; the reason is told.

The first run makes what it needs in models/zoo/ (700 MB for all models, some minutes; it needs a network).
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

if not __package__:  # run as a folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])  # tests/bench, whose package this is

import ppinfer
from peers import table
from peers.contest import ContestantError, Entry, Running, hold, scores_of
from peers.environment import SetupError, make_environment
from peers.machine import about, allowed_cpus
from peers.photos import lay_out, share_right, true_classes
from peers.zoo import CONTEST, NETWORKS, Network, make_model

ENTRIES = (
    Entry(table.PADDLECLAS, "paddleclas_python", "fp32"),
    Entry(table.ONNXRUNTIME, "onnxruntime_python", "fp32"),
    Entry(f"{table.OPENVINO}, fp32", "openvino_python", "fp32"),
    Entry(f"{table.PPINFER}, fp32", "ppinfer_openvino", "fp32"),
    Entry(f"{table.PPINFER}, engine paddle", "ppinfer_paddle", "fp32"),
    Entry(f"{table.OPENVINO}, bf16", "openvino_python", "bf16"),
    Entry(f"{table.PPINFER}, bf16", "ppinfer_openvino", "bf16"),
    Entry(f"{table.PPINFER}, engine paddle, bf16", "ppinfer_paddle", "bf16"),
)
REFERENCE = Entry("reference", "reference", "fp32")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def play(network: Network, python: Path, arguments: argparse.Namespace, truth: Mapping[str, int]) -> table.Match:
    """One network's contest. `truth`: the photos' classes, as far as they are known."""
    folder: Path = arguments.folder
    model = make_model(network, python)
    with tempfile.TemporaryDirectory() as links:
        photos = lay_out(folder, Path(links))
        if not photos:
            raise SetupError(f"{folder}: no photos that can be decoded")

        def start(entry: Entry) -> Running:
            task = {"folder": links, "model": str(model), "precision": entry.precision, "threads": allowed_cpus()}
            return Running([python, "-m", f"peers.contestants.{entry.module}", json.dumps(task)])

        say(f"{network.title}: the reference's answers")
        judge = start(REFERENCE)
        try:
            judge.answer()
            reference = scores_of(judge)
        finally:
            judge.stop()
        outcomes = hold(
            ENTRIES,
            start,
            reference,
            rounds=arguments.rounds,
            seconds=arguments.seconds,
            most_others=arguments.quiet,
            say=lambda text: say(f"{network.title}: {text}"),
        )
    known = truth if network.is_trained else {}
    right = {o.entry.name: share_right(o.best_classes, photos, known) for o in outcomes if o.best_classes}
    return table.Match(network.title, outcomes, {name: share for name, share in right.items() if share is not None})


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python tests/bench/peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="of photos; 200 are a good number")
    parser.add_argument("--models", nargs="+", choices=tuple(NETWORKS), default=CONTEST, metavar="NAME",
                        help=f"of {', '.join(NETWORKS)}; default: the first {len(CONTEST)}")  # fmt: skip
    parser.add_argument("--rounds", type=int, default=5, help="turns of each")
    parser.add_argument("--seconds", type=float, default=3.0, help="of a turn, at least one pass over the photos")
    parser.add_argument("--quiet", type=float, default=1.0, metavar="SHARE",
                        help="a round in which other processes took more of the CPUs is taken again")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="every figure, as JSON")
    arguments = parser.parse_args()
    if not arguments.folder.is_dir():
        parser.error(f"{arguments.folder}: is no folder")
    if arguments.rounds < 1:
        parser.error(f"--rounds {arguments.rounds}: expected 1 or more")
    try:
        truth = true_classes(arguments.folder)
        python = make_environment()
    except (ppinfer.Error, SetupError) as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    matches: list[table.Match] = []
    failures: list[str] = []
    code = 0
    try:
        for name in arguments.models:
            try:
                matches.append(play(NETWORKS[name], python, arguments, truth))
            except (SetupError, ContestantError) as error:  # the others' contests can be held all the same
                failures.append(f"{NETWORKS[name].title}: {error}")
    except KeyboardInterrupt:  # what is done is worth telling
        code = 130
    if matches:
        report(matches, about(python), as_json=arguments.json)
    for failure in failures:
        say(f"error: {failure}")
    return code or int(bool(failures or table.problems(matches)))


def report(matches: Sequence[table.Match], machine: dict[str, Any], *, as_json: bool) -> None:
    others = table.share_of_others(matches)
    if as_json:
        found = {**machine, "share_of_others": others, "matches": [table.as_dict(match) for match in matches]}
        print(json.dumps(found, indent=2))
        return
    for rows in (table.rates(matches), table.ratios(matches), table.answers(matches)):
        print(table.markdown(rows) + "\n")
    for line in table.problems(matches):
        print(line)
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    print(f"{machine['processor']}, {machine['cpus']} CPUs, of which other processes took {others:.0%}; {versions}")


if __name__ == "__main__":
    sys.exit(main())
