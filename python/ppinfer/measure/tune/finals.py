"""The finals: the best candidates in turns, round by round, until it is clear which is the fastest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ppinfer._core import Error
from ppinfer.measure.tune.outcome import FEWEST_ROUNDS, Outcome, Pair, fastest, is_behind
from ppinfer.measure.tune.space import Space, complexity

if TYPE_CHECKING:
    from ppinfer.measure.tune.trial import Slice, Trial

NEAR_FINALIST = 0.95  # of the speed that the best is sure to have
FASTEST_FINALISTS = 3
SIMPLEST_FINALISTS = 2  # of those near
MOST_ROUNDS = 30
ENOUGH_ROUNDS = 12  # where only one is left beside the user's own


def best_few(eligible: Sequence[Outcome], space: Space) -> list[Outcome]:
    """Choose the fastest, and of those near them the simplest: where all are as fast, it is these that win."""
    objective = space.objective
    ranked = sorted(eligible, key=lambda one: -one.sure_speed(objective))
    near = [one for one in ranked if one.speed(objective) >= NEAR_FINALIST * ranked[0].sure_speed(objective)]
    simplest = sorted(near, key=lambda one: complexity(one.candidate, space))
    return list(dict.fromkeys(near[:FASTEST_FINALISTS] + simplest[:SIMPLEST_FINALISTS]))


class Finals:
    """Finalists that are loaded.

    Args:
        original: What is known of the user's own settings, which run in every round.
        own: These, loaded.
        space: For the objective.
        passes: Returns whether an outcome agrees with the reference.
    """

    def __init__(self, original: Outcome, own: Trial, space: Space, passes: Callable[[Outcome], bool]) -> None:
        self.trials: dict[Outcome, Trial] = {original: own}
        self._original = original
        self._objective = space.objective
        self._passes = passes

    def add(self, outcome: Outcome, trial: Trial) -> None:
        """Let one more take part, if it passes with an agreement of its own."""
        trial.probe()
        if not outcome.own_agreement:
            outcome.agreement, outcome.own_agreement = trial.agreement(), True
        if self._passes(outcome):
            self.trials[outcome] = trial

    def run(self, clock: Callable[[], float], deadline_s: float, on_step: Callable[[str], object]) -> None:
        """Run rounds until the time is over or there is nothing more to find out."""
        racing = list(self.trials)
        round_s = len(racing) * self.trials[self._original].expected_s()
        for number in range(1, MOST_ROUNDS + 1):
            start_s = clock()
            decided = sum(one is not self._original for one in racing) <= 1 and number > ENOUGH_ROUNDS
            if decided or start_s + round_s > deadline_s:
                break
            on_step(f"round {number} of {len(racing)} finalists")
            self._run_round(racing, backwards=number % 2 == 0)
            round_s = 1.1 * (clock() - start_s)
            racing = self._still_racing(racing, number)

    def _run_round(self, racing: Sequence[Outcome], *, backwards: bool) -> None:
        """Measure each once; what ends the round early leaves no trace of it, so that all have as many."""
        found: dict[Outcome, Slice] = {}
        for outcome in reversed(racing) if backwards else racing:
            try:
                found[outcome] = self.trials[outcome].measure()
            except Error as error:
                if outcome is self._original:
                    raise
                outcome.problem = str(error)
        for outcome, measured in found.items():
            outcome.rounds.append(Pair(measured, found[self._original]))

    def _still_racing(self, racing: Sequence[Outcome], rounds: int) -> list[Outcome]:
        """Drop those that failed, and after some rounds those that are behind; the user's own stays."""
        sound = [one for one in racing if not one.problem]
        leader = fastest((one for one in sound if self._passes(one)), self._objective)
        if rounds < FEWEST_ROUNDS or leader is None:
            return sound
        return [one for one in sound if one is self._original or not is_behind(one, leader, self._objective)]
