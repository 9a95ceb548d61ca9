"""What int8 gains over fp32 and bf16 on engine openvino, and what it costs in right answers.

    python tests/bench/int8.py [--models efficientnet_lite0 resnet50] [--rounds 5] [--seconds 3] FOLDER

Quantises EfficientNet-Lite0, and ResNet50 with random weights, by `ppinfer quantize` with photos of FOLDER, unless that
is done already. Then each precision first answers for every photo, is held against Paddle's own fp32 answers, and runs
in turns with the others, with the defaults of ppinfer. Printed are the medians of the rounds, with the least and the
most, ratios round by round; and where FOLDER has a labels.txt of `file class-id` lines, how often the trained network
is right. 3 of 5 photos are those that the ranges of int8 were taken from.
Exit code 1: int8 of ResNet50 is less than 1.6 times as fast as bf16, int8 of EfficientNet-Lite0 has over 1 % fewer of
all photos right than fp32, or somebody has no figures; the reason is told.

The first run makes what it needs in models/zoo/ (some minutes; it needs a network).
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from peers.contest import ContestantError, Entry, Outcome
from peers.environment import ZOO, SetupError, make_environment
from peers.match import add_options, checked, play, say
from peers.photos import true_classes
from peers.table import Match, Spread, answers, markdown, problems, ratio, share_of_others
from peers.zoo import NETWORKS, Network, make_model
from ppinfer import Error
from ppinfer.model.calibration import split_of_folder
from ppinfer.model.config_text import describe_source
from ppinfer.model.model_folder import CONFIG
from ppinfer.model.quantization import quantize
from ppinfer.model.source import Source, find_source

ENTRIES = tuple(Entry(precision, "ppinfer_openvino", precision) for precision in ("fp32", "bf16", "int8"))
LEAST_GAIN = {"resnet50": 1.6}
"""How many times as fast as bf16 int8 has to be."""
MOST_LOST = 0.01
"""Of the photos that have to be right as in fp32."""


def is_made_of(folder: Path, source: Source) -> bool:
    """Whether this folder holds what was quantised from the source, as its files are now."""
    config = folder / CONFIG
    return config.is_file() and set(describe_source(source)) <= {
        line.removeprefix("# ") for line in config.read_text(encoding="utf-8").splitlines()
    }


def quantised(network: Network, folder: Path, photos: Path) -> Path:
    """Give the folder of the network's int8 model, after making it of the one in `folder`, if it isn't there yet."""
    source, out = find_source(folder / "model.onnx"), ZOO / f"{network.name}_int8"
    if not is_made_of(out, source):
        say(f"{network.title}: quantising")
        split = split_of_folder(source, "openvino", photos)
        quantize(source, out, split, min_agreement=0, force=True)  # what it costs is told here
    return out


def held(network: Network, python: Path, arguments: argparse.Namespace, truth: Mapping[str, int]) -> Match:
    """All precisions on one network."""
    say(f"{network.title}: export, conversion")
    model = make_model(network, python)
    int8 = quantised(network, model, arguments.folder)
    return play(network, ENTRIES, lambda entry: int8 if entry.precision == "int8" else model, python, arguments, truth)


def gain(match: Match, over: str) -> Spread | None:
    """How many times as fast as another precision int8 is; None: one of the two has no times."""
    timed: dict[str, Outcome] = {outcome.entry.name: outcome for outcome in match.outcomes if outcome.rounds}
    return ratio(timed.get("int8"), timed.get(over))


def speeds(matches: Sequence[Match]) -> list[list[str]]:
    """Rows of cells, the headings first."""
    rows = [["images/s", *(entry.name for entry in ENTRIES), "int8 : fp32", "int8 : bf16"]]
    for match in matches:
        rates = [Spread.of(o.images_per_s).text(0) if o.rounds else "–" for o in match.outcomes]
        gains = (gain(match, over) for over in ("fp32", "bf16"))
        rows.append([match.title, *rates, *("–" if found is None else found.text(2) for found in gains)])
    return rows


def shortfalls(name: str, match: Match) -> list[str]:
    """A line for each target that this network's contest misses."""
    found = []
    least, gained = LEAST_GAIN.get(name), gain(match, "bf16")
    if least is not None and gained is not None and gained.median < least:
        found.append(f"{match.title}: int8 is {gained.median:.2f} times as fast as bf16, expected {least:g} at least")
    right = match.top1_right
    if {"fp32", "int8"} <= right.keys() and right["fp32"] - right["int8"] > MOST_LOST + 1e-9:
        found.append(
            f"{match.title}: {right['int8']:.1%} of the photos are right in int8, expected no less than "
            f"{right['fp32'] - MOST_LOST:.1%}: {right['fp32']:.1%} are in fp32"
        )
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--models", nargs="+", choices=tuple(NETWORKS), metavar="NAME",
                        default=("efficientnet_lite0", "resnet50"))  # fmt: skip
    arguments = checked(parser)
    matches: list[Match] = []
    failures: list[str] = []
    try:
        truth = true_classes(arguments.folder)
        python = make_environment()
        for name in arguments.models:
            matches.append(held(NETWORKS[name], python, arguments, truth))
            failures += shortfalls(name, matches[-1])
    except (Error, SetupError, ContestantError) as error:
        failures.append(f"error: {error}")
    except KeyboardInterrupt:
        return 130
    failures += problems(matches)
    if matches:
        print(markdown(speeds(matches)), markdown(answers(matches)), sep="\n\n")
        print(f"\nother processes took {share_of_others(matches):.0%} of the machine meanwhile")
    print("".join(f"\n{failure}" for failure in failures))
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
