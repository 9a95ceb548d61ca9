"""Does every engine compute what Paddle's plain executor does? Tried on over 1,600 small nets.

    python tests/bench/op_pairs [--before] [--sample 60] [--nets fc.swish.relu ...] [--forms pir pdmodel] [--workers 2]

Each net is made in both of Paddle's formats (.json is PIR; .pdmodel as far as this Paddle can save it), run by Paddle
with neither oneDNN nor passes, which is the judge, and by each engine and precision of ppinfer's that this CPU has.
`--before` runs it by Paddle with its default passes, too: what ppinfer's deletion of passes is about. Nets that were
wrong, crashed or were refused are named. Exit code 1: an engine of ppinfer's was wrong or crashed.

A net is named by its steps, as in `conv_bn.leaky_relu.times_2`; weights and images are seeded by that.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

if not __package__:  # run as a folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])  # tests/bench, whose package this is

import numpy as np

from op_pairs import pool
from op_pairs.nets import all_nets, sample
from op_pairs.world import FORMS, Way
from peers.table import markdown
from ppinfer._core import cpu_features

TOLERANCES = {"fp32": 1e-3, "bf16": 0.1}
"""Of the largest difference to the judge, in spans of its scores; sound nets of a few steps stay far below."""
ENGINES = ("paddle", "openvino")


@dataclass
class Verdict:
    """What became of the nets on one way."""

    way: Way
    right: int = 0
    wrong: dict[str, str] = field(default_factory=dict)
    crashed: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    largest: float = 0.0
    """Difference of those that are right, in spans."""


def difference(judge: np.ndarray, answers: np.ndarray) -> float:
    """In spans of the judge's scores; infinite where a score isn't finite that should be."""
    sound = np.isfinite(judge)
    if judge.shape != answers.shape or not np.isfinite(answers[sound]).all():
        return float("inf")
    span = np.ptp(judge[sound])
    return float(np.abs(answers - judge)[sound].max() / (span or 1))


def judged(folder: Path, way: Way, nets: Sequence[str], failed: Mapping[str, str]) -> Verdict:
    """Hold the answers against the plain executor's."""
    verdict = Verdict(way)
    plain = Way("plain", way.form)
    for net in nets:
        reason = failed.get(net, "")
        if reason:
            (verdict.crashed if reason.startswith("crash") else verdict.refused)[net] = reason
            continue
        off = difference(np.load(plain.answers_path(folder, net)), np.load(way.answers_path(folder, net)))
        if off > TOLERANCES[way.precision]:
            verdict.wrong[net] = f"off by {off:.2g} of the scores' span"
        else:
            verdict.right += 1
            verdict.largest = max(verdict.largest, off)
    return verdict


def precisions() -> list[str]:
    return ["fp32", "bf16"] if "bf16" in cpu_features() else ["fp32"]


def made_nets(folder: Path, form: str, nets: Sequence[str], workers: int) -> tuple[list[str], Verdict]:
    """Make the nets, and the judge's answers; gives those that are there, and what the judge itself is worth."""
    made = pool.take(folder, Way("make", form), nets, workers, say)
    there = [net for net in nets if net not in made]
    judge = Way("plain", form)
    unjudged = pool.take(folder, judge, there, workers, say)
    verdict = Verdict(judge, refused={**made, **unjudged})
    kept = []
    for net in there:
        if net in unjudged:
            continue
        answers, eager = (np.load(way.answers_path(folder, net)) for way in (judge, Way("eager", form)))
        if difference(eager, answers) > TOLERANCES["fp32"]:
            verdict.wrong[net] = "the plain executor isn't Paddle's eager run"
        elif np.ptp(answers) < 1e-6:
            verdict.refused[net] = "all scores are the same, which shows nothing"
        else:
            verdict.right += 1
            kept.append(net)
    return kept, verdict


def try_form(folder: Path, form: str, nets: Sequence[str], arguments: argparse.Namespace) -> list[Verdict]:
    kept, judge = made_nets(folder, form, nets, arguments.workers)
    ways = [Way("paddle", form, precision) for precision in precisions()] if arguments.before else []
    ways += [Way(f"ppinfer {engine}", form, precision) for engine in ENGINES for precision in precisions()]
    return [judge, *(judged(folder, way, kept, pool.take(folder, way, kept, arguments.workers, say)) for way in ways)]


def table(verdicts: Sequence[Verdict]) -> str:
    rows = [["format", "run by", "right", "wrong", "crashed", "refused", "largest difference"]]
    for verdict in verdicts:
        counts = (verdict.right, *map(len, (verdict.wrong, verdict.crashed, verdict.refused)))
        rows.append([verdict.way.form, f"{verdict.way.engine} {verdict.way.precision}", *map(str, counts)])
        rows[-1].append(f"{verdict.largest:.1g}")
    return markdown(rows)


def names(verdicts: Sequence[Verdict]) -> str:
    lines = []
    for verdict in verdicts:
        groups = {"wrong": verdict.wrong, "crashed": verdict.crashed, "refused": verdict.refused}
        for word, nets in groups.items():
            reasons: dict[str, list[str]] = {}
            for net, reason in nets.items():
                reasons.setdefault(reason if word == "refused" else "", []).append(
                    net if word == "refused" else f"{net} ({reason})"
                )
            for reason, of_it in reasons.items():
                lines.append(
                    f"\n{verdict.way.form}, {verdict.way.engine} {verdict.way.precision}, {word} {reason}".rstrip()
                )
                lines.append("  " + ", ".join(of_it))
    return "\n".join(lines)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", action="store_true", help="also run by Paddle with its default passes")
    parser.add_argument("--sample", type=int, metavar="COUNT", help="only so many, spread evenly, and the known kinds")
    parser.add_argument("--nets", nargs="+", metavar="NET", help="only these")
    parser.add_argument("--forms", nargs="+", choices=tuple(FORMS), default=tuple(FORMS))
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)), help="processes at a time")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="make the nets here, and leave them")
    arguments = parser.parse_args()
    nets = arguments.nets or (sample(arguments.sample) if arguments.sample else all_nets())
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        verdicts = [verdict for form in arguments.forms for verdict in try_form(folder, form, nets, arguments)]
    print(f"{len(nets)} nets\n\n{table(verdicts)}\n{names(verdicts)}")
    ours = [verdict for verdict in verdicts if verdict.way.engine.startswith("ppinfer")]
    return int(any(verdict.wrong or verdict.crashed for verdict in ours))


if __name__ == "__main__":
    sys.exit(main())
