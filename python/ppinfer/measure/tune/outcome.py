"""What became of a candidate, and which of several is to be taken."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ppinfer.measure.tune.space import Candidate, Objective, Space, complexity

if TYPE_CHECKING:
    from ppinfer.agreement import Agreement
    from ppinfer.measure.tune.trial import Slice

SMALLEST_NOISE = 0.02  # less than this between two runs means nothing on any machine
ROUGH_NOISE = 0.10  # of the few measurements before the finals
UNSTEADY_NOISE = 0.35  # of those for which the machine never was steady
LARGEST_EXCUSE = 0.15  # however noisy it is: who is more behind than this isn't called as fast
FEWEST_ROUNDS = 4  # that tell anything of noise
STANDARD_ERRORS = 2.5  # more than the usual 2, as several are compared, and after each round
ENOUGH_FOR_QUARTERS = 8  # rounds
QUARTERS_APART = 1.349  # standard deviations, of normal deviates
MEDIAN_TO_MEAN = 1.25  # standard error of a median, in those of a mean


class Pair(NamedTuple):
    """A measurement, and what the user's own settings did right before and after it.

    What else the machine has to do comes and goes within seconds, and changes both: only their ratio means anything.
    """

    own: Slice
    original: Slice

    def ratio(self, objective: Objective) -> float:
        """How many times as fast as the user's own settings."""
        return self.own.speed(objective) / self.original.speed(objective)


@dataclass(eq=False)
class Outcome:
    """What was measured of a candidate."""

    candidate: Candidate
    pairs: list[Pair] = field(default_factory=list)
    """One by one, while candidates are looked for."""
    unsteady: bool = False
    """Whether the machine was busy with something else by turns during all of these."""
    rounds: list[Pair] = field(default_factory=list)
    """In turns with the other finalists: each one's first is of the same round, and so on."""
    agreement: Agreement | None = None
    own_agreement: bool = False
    """Whether the agreement is its own, not that of another with the same engine, precision and decode."""
    problem: str = ""
    """Why it can't run."""

    @property
    def measured(self) -> bool:
        """Whether there is a speed."""
        return bool(self.pairs or self.rounds)

    def speed(self, objective: Objective) -> float:
        """How many times as fast as the user's own settings: the median of what counts most; 0: not measured."""
        ratios = [pair.ratio(objective) for pair in self.rounds or self.pairs]
        return statistics.median(ratios) if ratios else 0.0

    def sure_speed(self, objective: Objective) -> float:
        """The speed, less what may be luck in it."""
        luck = 0.0 if len(self.rounds) >= FEWEST_ROUNDS else UNSTEADY_NOISE if self.unsteady else ROUGH_NOISE
        return self.speed(objective) * math.exp(-luck)

    @property
    def spread(self) -> float | None:
        """Of images/s in the rounds, half of the range of their middle half, as a share; None: too few rounds."""
        rates = [pair.own.images_per_s for pair in self.rounds]
        if len(rates) < FEWEST_ROUNDS:
            return None
        low, middle, high = statistics.quantiles(rates, n=4, method="inclusive")
        return (high - low) / 2 / middle

    def as_dict(self) -> dict[str, Any]:
        """Give it in JSON's types."""
        agreement = self.agreement
        return {
            **self.candidate.keys(),
            "spread": self.spread,
            "pairs": [_plain(pair) for pair in self.pairs],
            "rounds": [_plain(pair) for pair in self.rounds],
            "agreement": None
            if agreement is None
            else {"agreeing": agreement.agreeing, "images": agreement.images, "own": self.own_agreement},
            "problem": self.problem,
        }


def _plain(pair: Pair) -> dict[str, dict[str, float]]:
    return {"own": pair.own._asdict(), "original": pair.original._asdict()}


def gain(a: Outcome, b: Outcome, objective: Objective) -> tuple[float, float]:
    """Compare two: by how much a is faster than b, as a logarithm, and the noise of that.

    Rounds are compared one by one: what slowed the machine down in one of them slowed both down.
    """
    logarithms = [
        math.log(one.own.speed(objective) / other.own.speed(objective))
        for one, other in zip(a.rounds, b.rounds, strict=False)
    ]
    if len(logarithms) < FEWEST_ROUNDS:
        return math.log(a.speed(objective) / b.speed(objective)), ROUGH_NOISE
    noise = STANDARD_ERRORS * MEDIAN_TO_MEAN * _deviation(logarithms) / math.sqrt(len(logarithms))
    return statistics.median(logarithms), max(SMALLEST_NOISE, noise)


def _deviation(values: Sequence[float]) -> float:
    """Estimate the standard deviation; by the middle half, once there are enough, as few wild rounds say nothing."""
    if len(values) < ENOUGH_FOR_QUARTERS:
        return statistics.stdev(values)
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / QUARTERS_APART


def is_behind(a: Outcome, b: Outcome, objective: Objective) -> bool:
    """Tell whether a is slower than b by more than noise."""
    difference, noise = gain(a, b, objective)
    return difference < -noise


def as_fast_as(a: Outcome, b: Outcome, objective: Objective) -> bool:
    """Tell whether it makes no difference which of them is taken: a isn't behind, nor by much on a noisy machine."""
    difference, noise = gain(a, b, objective)
    return difference >= -min(noise, LARGEST_EXCUSE)


def fastest(outcomes: Iterable[Outcome], objective: Objective) -> Outcome | None:
    """Take the one that is surest to be the fastest."""
    found = [outcome for outcome in outcomes if outcome.measured]
    return max(found, key=lambda one: one.sure_speed(objective), default=None)


def best_of(eligible: Sequence[Outcome], space: Space) -> list[Outcome]:
    """Give the fastest and all that are as fast within noise, the simplest first."""
    most_rounds = max((len(one.rounds) for one in eligible), default=0)
    rivals = [one for one in eligible if len(one.rounds) in (0, most_rounds)]  # others dropped out of the finals
    leader = fastest(rivals, space.objective)
    if leader is None:
        return []
    if leader.rounds:  # what is known of those that weren't in the finals is too rough to call them as fast
        rivals = [one for one in rivals if one.rounds]
    tied = [one for one in rivals if one.measured and as_fast_as(one, leader, space.objective)]
    return sorted(tied, key=lambda one: complexity(one.candidate, space))


def pareto_front(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Give those that no other beats in both throughput and latency, the lowest throughput first."""
    front: list[Outcome] = []
    speeds = {one: (one.speed("throughput"), one.speed("latency")) for one in outcomes if one.measured}
    for outcome, (_, of_latency) in sorted(speeds.items(), key=lambda item: item[1], reverse=True):
        if not front or of_latency > speeds[front[-1]][1]:
            front.append(outcome)
    return front[::-1]
