"""What `ppinfer tune` finds, against the best of a grid that somebody would try by hand.

python tests/bench/tune_grid.py [--model models/efficientnet_lite0] [--seconds 60] [--rounds 8] FOLDER

Tunes; then measures every engine x precision x layout x batch x decode of the grid that loads and reaches
--min-agreement, and the model's defaults, each between two measurements of what was chosen. Prints the median of these
ratios, with twice its standard error. Those that come near have all rounds, in turns. Exit code 1: one of the grid is
faster than the chosen one by more than that and --margin.
"""

import argparse
import itertools
import math
import statistics
import sys

from ppinfer import _core
from ppinfer.agreement import compare_results
from ppinfer.measure.reference import results_of
from ppinfer.measure.throughput import ThroughputMeter
from ppinfer.measure.tune.outcome import MEDIAN_TO_MEAN
from ppinfer.measure.tune.space import Candidate
from ppinfer.measure.tune.trial import opened
from ppinfer.measure.tune.tuning import Goal, Tuning, tune

ROUND_S = 0.4
BATCH_SIZES = (1, 4, 16)
NEAR = 0.85  # of the best first ratio: the others have one round only
MOST_NEAR = 6


def grid(cpus: int) -> list[Candidate]:
    layouts = [(cpus, 1), (1, cpus)] if cpus > 1 else [(1, 1)]
    every = itertools.product(("openvino", "paddle"), ("fp32", "bf16"), layouts, BATCH_SIZES, ("exact", "fast"))
    return [Candidate(engine, bits, *layout, size, decode) for engine, bits, layout, size, decode in every]


class Measured:
    """Candidates beside the chosen one."""

    def __init__(self, found: Tuning, model: str) -> None:
        assert found.chosen is not None
        self.found, self.model = found, model
        chosen = self.meter(found.chosen.candidate)
        if chosen is None:
            raise SystemExit(f"what was chosen can't be loaded again, or its results differ: {found.chosen.candidate}")
        self.chosen = chosen
        self.ratios: dict[Candidate, list[float]] = {}

    def meter(self, candidate: Candidate) -> ThroughputMeter | None:
        """Load it; None: it can't be, or its results differ."""
        try:
            predictor = opened(None, [("model_dir", self.model, "-m")], candidate.keys())
        except _core.Error:
            return None
        sample = self.found.sample
        agreement = compare_results(
            sample.results, results_of(predictor, sample.images), postprocess=sample.postprocess
        )
        if not agreement.reaches(self.found.goal.min_agreement):
            return None
        return ThroughputMeter(predictor, sample.images, round_s=ROUND_S, warmup_s=ROUND_S / 2)

    def measure(self, candidate: Candidate, meter: ThroughputMeter) -> None:
        before, own, after = (one.measure_rate() for one in (self.chosen, meter, self.chosen))
        self.ratios.setdefault(candidate, []).append(own / math.sqrt(before * after))

    def summary(self, candidate: Candidate) -> tuple[float, float]:
        """Median, and twice its standard error; infinite for a single round."""
        ratios = self.ratios[candidate]
        if len(ratios) < 2:
            return ratios[0], math.inf
        return statistics.median(ratios), 2 * MEDIAN_TO_MEAN * statistics.stdev(ratios) / math.sqrt(len(ratios))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--model", default="models/efficientnet_lite0")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--min-agreement", type=float, default=0.995)
    parser.add_argument("--margin", type=float, default=0.05, help="that is none of tune's business: it calls it a tie")
    arguments = parser.parse_args()
    if arguments.rounds < 2:
        parser.error(f"--rounds {arguments.rounds}: expected 2 or more, as fewer tell nothing of noise")
    goal = Goal("throughput", arguments.min_agreement, arguments.seconds)
    found = tune(None, [("model_dir", arguments.model, "-m")], arguments.folder, goal)
    if found.chosen is None:
        raise SystemExit("nothing was found: give it more --seconds")
    chosen, default = found.chosen.candidate, found.search.original
    print(f"tuned in {found.seconds:.1f} s: {chosen}; by itself {found.speed(found.chosen):.3f} times the default")

    measured = Measured(found, arguments.model)
    for candidate in dict.fromkeys([default, *grid(found.space.cpus)]):
        if (meter := measured.meter(candidate)) is not None:
            measured.measure(candidate, meter)
    by_hand = sorted(measured.ratios, key=lambda one: -measured.ratios[one][0])
    least = NEAR * measured.ratios[by_hand[0]][0]
    near = [one for one in by_hand if measured.ratios[one][0] >= least][:MOST_NEAR]
    again = {one: meter for one in dict.fromkeys([*near, default]) if (meter := measured.meter(one)) is not None}
    for one in again:  # being the first of many by luck doesn't count
        measured.ratios[one].clear()
    for _ in range(arguments.rounds):
        for candidate, meter in again.items():
            measured.measure(candidate, meter)

    for candidate in sorted(measured.ratios, key=lambda one: (one not in again, -measured.summary(one)[0])):
        ratio, noise = measured.summary(candidate)
        words = "".join(f"  <- {name}" for name, one in (("chosen", chosen), ("default", default)) if one == candidate)
        print(f"{ratio:6.3f} {f'± {noise:.3f}' if candidate in again else 'one round'}  {candidate}{words}")
    ratio, noise = measured.summary(default)
    print(f"chosen / default: {1 / ratio:.3f} ± {noise / ratio:.3f}")
    best = max(near, key=lambda one: measured.summary(one)[0])
    ratio, noise = measured.summary(best)
    print(f"best of the grid / chosen: {ratio:.3f} ± {noise:.3f}")
    return 1 if ratio - noise > 1 + arguments.margin else 0


if __name__ == "__main__":
    sys.exit(main())
