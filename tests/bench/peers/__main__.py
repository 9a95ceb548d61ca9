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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

if not __package__:  # run as a folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])  # tests/bench, whose package this is

import ppinfer
from peers import match, table
from peers.contest import ContestantError, Entry
from peers.environment import SetupError, make_environment
from peers.machine import about
from peers.match import say
from peers.photos import true_classes
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


def play(network: Network, python: Path, arguments: argparse.Namespace, truth: Mapping[str, int]) -> table.Match:
    """One network's contest. `truth`: the photos' classes, as far as they are known."""
    model = make_model(network, python)
    return match.play(network, ENTRIES, lambda entry: model, python, arguments, truth)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python tests/bench/peers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    match.add_options(parser)
    parser.add_argument("--models", nargs="+", choices=tuple(NETWORKS), default=CONTEST, metavar="NAME",
                        help=f"of {', '.join(NETWORKS)}; default: the first {len(CONTEST)}")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="every figure, as JSON")
    arguments = match.checked(parser)
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
