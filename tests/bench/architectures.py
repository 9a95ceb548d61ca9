"""Do the usual architectures run on each engine, rightly, and how long does one image take on one core?

    python tests/bench/architectures.py [--models resnet50 swin_tiny] [--rounds 5] [--seconds 1]

Exports each network from PaddleClas (random weights; EfficientNet-Lite0 is trained), converts it to ONNX, loads and
runs it on engine openvino (model.onnx) and engine paddle (inference.json), in fp32 and bf16, and compares the scores of
20 photos with those of Paddle's own executor. Prints the milliseconds an image that the model itself takes, batch 1,
on one core: the median of the rounds, in which engines take turns, with the least and the most. What can't be made or
run, or gives other scores, is named with the reason.

The first run makes what it needs in models/zoo/ (2 GB, some minutes; it needs a network).
"""

import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np

from peers.contest import Entry, Outcome, Running, hold
from peers.environment import SetupError, make_environment
from peers.table import Spread, markdown
from peers.zoo import NETWORKS, PHOTOS, Network, make_model

ENTRIES = tuple(
    Entry(f"{engine} {precision}", f"ppinfer_{engine}", precision)
    for engine in ("openvino", "paddle")
    for precision in ("fp32", "bf16")
)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def run(network: Network, python: Path, arguments: argparse.Namespace) -> list[Outcome]:
    """Every engine and precision on one network. SetupError when it couldn't be made."""
    say(f"{network.title}: export, conversion")
    folder = make_model(network, python)
    core = max(os.sched_getaffinity(0))

    def start(entry: Entry) -> Running:
        task = {"folder": str(PHOTOS), "model": str(folder), "precision": entry.precision, "threads": 1}
        pinned = ["taskset", "--cpu-list", str(core)]
        return Running([*pinned, python, "-m", f"peers.contestants.{entry.module}", json.dumps(task)])

    return hold(
        ENTRIES,
        start,
        np.load(folder / "answers.npy"),
        rounds=arguments.rounds,
        seconds=arguments.seconds,
        most_others=arguments.quiet,
        say=lambda text: say(f"{network.title}: {text}"),
    )


def cell(outcome: Outcome) -> str:
    if not outcome.rounds:
        return "fails"
    return Spread.of([1e3 * done["infer_seconds"] / done["images"] for done in outcome.rounds]).text(2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=tuple(NETWORKS), default=tuple(NETWORKS), metavar="NAME")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each engine")
    parser.add_argument("--seconds", type=float, default=1.0, help="of a turn, at least one pass over the photos")
    parser.add_argument("--quiet", type=float, default=1.0, metavar="SHARE",
                        help="a round in which other processes took more of the CPUs is taken again")  # fmt: skip
    arguments = parser.parse_args()
    rows = [["ms an image", *(entry.name for entry in ENTRIES), "errors"]]
    reasons, code = [], 0
    try:
        python = make_environment()
        for name in arguments.models:
            network = NETWORKS[name]
            try:
                outcomes = run(network, python, arguments)
            except SetupError as error:
                reasons.append(str(error))
                rows.append([network.title, *["fails"] * len(ENTRIES), ""])
                continue
            reasons += [f"{network.title}, {o.entry.name}: {o.problem}" for o in outcomes if o.problem]
            errors = (f"{o.agreement.error:.1g}" if o.agreement else "–" for o in outcomes)
            rows.append([network.title, *map(cell, outcomes), " ".join(errors)])
    except SetupError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:  # what is done is worth telling
        code = 130
    if len(rows) > 1:
        print(markdown(rows))
    print("".join(f"\n{reason}" for reason in reasons))
    return code or int(bool(reasons))


if __name__ == "__main__":
    sys.exit(main())
