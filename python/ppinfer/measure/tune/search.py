"""The search: from every engine and precision to a few finalists that run in turns, within a time.

Note [How the search goes]

1. pairs: each engine with each precision, in the objective's usual layout of lanes and threads; fp32 with batch 1.
2. grid: the engines that came near the best one, in every layout and with few sizes of a batch.
3. steps: from the best so far to what differs from it in one key, as long as that gains.
4. finals: the best ones, in turns. Those that stay behind drop out.

The user's own settings stay loaded and are measured before and after every candidate. The ratio of both decides,
because the machine's other load changes within seconds.
Ratios of 1 to 3 are rough, and only choose the finalists. Each part ends at a share of the time, and nothing begins
that, by what is known of its cost, wouldn't end in time.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing

from ppinfer._core import Error
from ppinfer.agreement import Agreement
from ppinfer.measure.tune.finals import Finals, best_few
from ppinfer.measure.tune.outcome import FEWEST_ROUNDS, Outcome, Pair, best_of, fastest
from ppinfer.measure.tune.space import Candidate, Space
from ppinfer.measure.tune.trial import Slice, Trial, Trials

# At which share of the time each part ends.
PAIRS_END = 0.5
GRID_END = 0.65
STEPS_END = 0.75

MEASUREMENTS = 2  # of each candidate, each between two of the user's own settings
MOST_MEASUREMENTS = 4  # where the machine isn't steady
STEADY = 0.2  # difference of these two, as a logarithm, up to which the machine had the same to do all the time
HOPELESS = 0.25  # of the best speed, in a first short try: no more time is spent on it
NEAR_ENGINE = 0.5  # of the best speed: other layouts and batches may turn that
STEP_GAIN = 1.02


class Search:
    """One search. Whatever ends it early, `outcomes` holds what is known so far.

    Args:
        trials: Where candidates are loaded.
        space: All candidates.
        original: The user's own settings.
        deadline_s: When it must be over, by `clock`.
        min_agreement: Share of images that must have the reference's result.
        clock: Seconds.
        on_step: Called with a word on what is done next.
    """

    def __init__(
        self,
        trials: Trials,
        space: Space,
        original: Candidate,
        *,
        deadline_s: float,
        min_agreement: float,
        clock: Callable[[], float] = time.monotonic,
        on_step: Callable[[str], object] = lambda step: None,
    ) -> None:
        self.trials = trials
        self.space = space
        self.original = original
        self.min_agreement = min_agreement
        self.outcomes: dict[Candidate, Outcome] = {}
        self.untried: list[tuple[str, str]] = []
        """Engines with precisions for which the time was too short."""
        self._start_s = clock()
        self._deadline_s = deadline_s
        self._clock = clock
        self._on_step = on_step
        self._agreements: dict[tuple[str, str, str], Agreement] = {}
        self._load_s: dict[str, float] = {}  # of each engine, the longest

    def run(self) -> None:
        """Search until the time is over or nothing is left to try. See Note [How the search goes].

        Raises:
            Error: The user's own settings don't run.
            KeyboardInterrupt: Ctrl-C.
        """
        self._on_step(f"your own settings: {self.original}")
        with closing(self._opened(self.original)) as own:
            self._measure_original(own)
            self._try_all(self._starts(), own, PAIRS_END)
            self.untried = self._untried_pairs()
            self._try_all(self._grid(), own, GRID_END)
            self._climb(own)
            self._run_finals(own)

    @property
    def eligible(self) -> list[Outcome]:
        """The measured candidates that agree with the reference."""
        return [one for one in self.outcomes.values() if one.measured and not one.problem and self.passes(one)]

    def passes(self, outcome: Outcome) -> bool:
        """Whether its results, or those of another with the same engine, precision and decode, are right."""
        return outcome.agreement is not None and outcome.agreement.reaches(self.min_agreement)

    @property
    def best(self) -> list[Outcome]:
        """The fastest so far and those that are as fast within noise, the simplest first."""
        return best_of(self.eligible, self.space)

    @property
    def chosen(self) -> Outcome | None:
        """The simplest of the best; None: nothing is known of any."""
        return next(iter(self.best), None)

    # ---- one candidate -----------------------------------------------------------------------------------------------

    def _opened(self, candidate: Candidate) -> Trial:
        start = self._clock()
        trial = self.trials.open(candidate)
        self._load_s[candidate.engine] = max(self._load_s.get(candidate.engine, 0), self._clock() - start)
        return trial

    def _measure_original(self, own: Trial) -> None:
        outcome = self.outcomes[self.original] = Outcome(self.original)
        own.probe()
        self._check_agreement(own, outcome)
        for _ in range(MEASUREMENTS):
            measured = own.measure()
            outcome.pairs.append(Pair(measured, measured))

    def _try_all(self, candidates: Iterable[Candidate], own: Trial, share: float) -> None:
        """Try what isn't known yet and may pass, while the time lasts."""
        until_s = self._start_s + share * (self._deadline_s - self._start_s)
        for candidate in candidates:
            known = self._agreements.get(candidate.result_keys)
            if candidate in self.outcomes or (known is not None and not known.reaches(self.min_agreement)):
                continue
            load_s = self._load_s.get(candidate.engine, max(self._load_s.values()))
            if self._clock() + load_s + (2 * MEASUREMENTS + 1) * own.expected_s() > until_s:
                return
            self._on_step(str(candidate))
            self._try(candidate, own, until_s)

    def _try(self, candidate: Candidate, own: Trial, until_s: float) -> None:
        """Load it and measure it. One for which the time doesn't suffice is forgotten."""
        outcome = self.outcomes[candidate] = Outcome(candidate)
        try:
            with closing(self._opened(candidate)) as trial:
                probed = trial.probe()
                if (hopeless := self._hopeless(trial, probed, own)) is not None:
                    outcome.agreement = self._agreements.get(candidate.result_keys)
                    outcome.pairs.append(hopeless)
                elif self._clock() + self._cost_s(trial, candidate, probed, own) > until_s:
                    del self.outcomes[candidate]
                else:
                    self._check_agreement(trial, outcome)
                    self._measure(trial, outcome, own)  # refused ones, too: what the guard costs is worth knowing
        except Error as error:
            outcome.problem = str(error)

    def _hopeless(self, trial: Trial, probed: Slice, own: Trial) -> Pair | None:
        """Measure a slow candidate twice, roughly; None: the candidate is fast enough."""
        best = fastest(self.eligible, self.space.objective)
        least = 0.0 if best is None else HOPELESS * best.speed(self.space.objective)
        if Pair(probed, self.outcomes[self.original].pairs[-1].own).ratio(self.space.objective) >= least:
            return None
        again = Pair(trial.probe(), own.probe())
        return again if again.ratio(self.space.objective) < least else None

    def _cost_s(self, trial: Trial, candidate: Candidate, probed: Slice, own: Trial) -> float:
        guard_s = 0 if candidate.result_keys in self._agreements else self.trials.images / probed.images_per_s
        return guard_s + MEASUREMENTS * trial.expected_s() + (MEASUREMENTS + 1) * own.expected_s()

    def _check_agreement(self, trial: Trial, outcome: Outcome) -> None:
        """Take the agreement of the first candidate with the same engine, precision and decode; or it is the first."""
        keys = outcome.candidate.result_keys
        if keys in self._agreements:
            outcome.agreement = self._agreements[keys]
        else:
            outcome.agreement = self._agreements[keys] = trial.agreement()
            outcome.own_agreement = True

    def _measure(self, trial: Trial, outcome: Outcome, own: Trial) -> None:
        """Measure it between two measurements of the user's own settings, until the machine was steady for it twice."""
        before = own.measure()
        unsteady: list[tuple[float, Pair]] = []
        steady: list[Pair] = []
        while len(steady) < MEASUREMENTS and len(steady) + len(unsteady) < MOST_MEASUREMENTS:
            measured = trial.measure()
            after = own.measure()
            change = abs(math.log(before.images_per_s / after.images_per_s))
            pair = Pair(measured, Slice(*(statistics.fmean(both) for both in zip(before, after, strict=True))))
            if change <= STEADY:
                steady.append(pair)
            else:
                unsteady.append((change, pair))
            # Where the machine never was steady, the least bad is what there is.
            outcome.unsteady = not steady
            outcome.pairs = steady or [min(unsteady, key=lambda one: one[0])[1]]
            self.outcomes[self.original].pairs.append(Pair(after, after))
            before = after

    # ---- the parts ---------------------------------------------------------------------------------------------------

    def _starts(self) -> list[Candidate]:
        space = self.space
        starts = [space.start(engine, precision, self.original.batch_size) for engine, precision in space.pairs()]
        # Where batches gain nothing the user's own batch_size isn't what is wanted.
        return starts + [
            space.start(engine, precision, 1) for engine, precision in space.pairs() if precision == "fp32"
        ]

    def _untried_pairs(self) -> list[tuple[str, str]]:
        tried = {(one.engine, one.precision) for one in self.outcomes}
        return [pair for pair in self.space.pairs() if pair not in tried]

    def _grid(self) -> list[Candidate]:
        """Take each engine that came near the best, with its fastest precision: layouts do the same to the others."""
        objective = self.space.objective
        ranked = sorted(self.eligible, key=lambda one: -one.speed(objective))
        near = [one for one in ranked if one.speed(objective) >= NEAR_ENGINE * ranked[0].speed(objective)]
        precisions: dict[str, str] = {}
        for one in near:
            precisions.setdefault(one.candidate.engine, one.candidate.precision)
        return [
            candidate for pair in precisions.items() for candidate in self.space.grid(*pair, self.original.batch_size)
        ]

    def _climb(self, own: Trial) -> None:
        objective = self.space.objective
        best = fastest(self.eligible, objective)
        while best is not None:
            self._try_all(self.space.neighbours(best.candidate), own, STEPS_END)
            following = fastest(self.eligible, objective)
            if following is best or following is None or following.speed(objective) < STEP_GAIN * best.speed(objective):
                break
            best = following

    def _run_finals(self, own: Trial) -> None:
        """Run one; and another one as long as somebody who wasn't in it looks faster than all that were."""
        while self._run_final(own) and self.best and not self.best[0].rounds:
            pass

    def _run_final(self, own: Trial) -> bool:
        """Return False if the time ended before a final: then rough speeds decide."""
        finals = Finals(self.outcomes[self.original], own, self.space, self.passes)
        with ExitStack() as opened:
            others = [one for one in best_few(self.eligible, self.space) if one.candidate != self.original]
            for outcome in others:
                # Without a few rounds behind it, one more comes to nothing.
                rounds_s = FEWEST_ROUNDS * (len(finals.trials) + 1) * own.expected_s()
                load_s = self._load_s[outcome.candidate.engine]
                guard_s = 0 if outcome.own_agreement else self.trials.images / outcome.pairs[-1].own.images_per_s
                if self._clock() + load_s + guard_s + rounds_s > self._deadline_s:
                    break
                self._on_step(f"finalist: {outcome.candidate}")
                try:
                    finals.add(outcome, opened.enter_context(closing(self._opened(outcome.candidate))))
                except Error as error:
                    outcome.problem = str(error)
            if len(finals.trials) == 1 and others:
                return False
            # Rounds of two finals can't be compared one by one.
            for outcome in self.outcomes.values():
                outcome.pairs, outcome.rounds = outcome.rounds or outcome.pairs, []
            finals.run(self._clock, self._deadline_s, self._on_step)
        return bool(self.outcomes[self.original].rounds)
