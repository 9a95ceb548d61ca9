"""One tuning from start to end: the reference's results, the search, and what came of it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ppinfer import _core
from ppinfer.config_values import load_config, refuse_own_labels
from ppinfer.measure.reference import load_reference, results_of
from ppinfer.measure.tune.outcome import Outcome
from ppinfer.measure.tune.sample import FEWEST_IMAGES, Sample, chosen_paths, images_wanted, take_reference, too_few
from ppinfer.measure.tune.search import Search
from ppinfer.measure.tune.space import TUNED_KEYS, Candidate, Objective, Space
from ppinfer.measure.tune.trial import Slice, Trials, opened

if TYPE_CHECKING:
    from ppinfer.overrides import GivenKey
    from ppinfer.result import Result

REFERENCE_SHARE = 0.1  # of the time, for the reference's results
WRITE_S, PLOT_S = 0.3, 1.5  # of the time, for what the caller does after the search
MOST_RESERVED = 0.3  # of the time, for both
SLICE_SHARE = 0.005  # of the time, for a measurement
SHORTEST_SLICE_S, LONGEST_SLICE_S = 0.1, 0.4
REFERENCE = {"precision": "fp32", "decode": "exact"}


@dataclass(frozen=True)
class Goal:
    """What is wanted, and in which time."""

    objective: Objective = "throughput"
    min_agreement: float = 0.995
    seconds: float = 60.0
    reference: str | None = None
    """A config or a model's folder whose results count as right; None: those of the same model in fp32."""


@dataclass
class Tuning:
    """What a tuning found; after Ctrl-C what it had found until then."""

    goal: Goal
    space: Space
    sample: Sample
    images_found: int
    """In the folder; the sample is of these."""
    search: Search
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def outcomes(self) -> list[Outcome]:
        """Fastest first; what can't run stands last."""
        return sorted(self.search.outcomes.values(), key=lambda one: (bool(one.problem), -self.speed(one)))

    @property
    def images_wanted(self) -> int:
        """How many images would let a single other result pass."""
        return images_wanted(self.goal.min_agreement)

    @property
    def original(self) -> Outcome:
        """What the user's own settings came to."""
        return self.search.outcomes.get(self.search.original, Outcome(self.search.original))

    def figures(self, outcome: Outcome) -> Slice | None:
        """Images/s and latency of a candidate: those of the user's own settings, times its ratio to them.

        None: it wasn't measured. So all figures are of the same state of the machine.
        """
        own = [pair.own for pair in self.original.rounds or self.original.pairs]
        if not own or not outcome.measured:
            return None
        return Slice(
            statistics.median(one.images_per_s for one in own) * outcome.speed("throughput"),
            statistics.median(one.latency_ms for one in own) / outcome.speed("latency"),
        )

    @property
    def reference(self) -> str:
        """The reference of the agreement, in words."""
        return self.goal.reference or "fp32 with decode exact"

    @property
    def chosen(self) -> Outcome | None:
        """The best candidate; None: no measured candidate agrees with the reference."""
        return self.search.chosen

    def verdict(self, outcome: Outcome) -> str:
        """Say in a few words what became of a candidate."""
        if outcome.problem:
            return "not available" if not outcome.measured else "failed"
        if outcome.agreement is not None and not self.search.passes(outcome):
            return "refused"
        chosen = self.chosen
        if not outcome.measured or chosen is None:
            return "not finished"
        if outcome is chosen:
            return "chosen"
        if outcome in self.search.best:
            return "tied, less simple"
        if self.speed(outcome) < self.speed(chosen):
            return "slower"
        return "dropped out" if outcome.rounds else "no finalist"

    def speed(self, outcome: Outcome) -> float:
        """How many times as fast as the user's own settings, by the objective."""
        return outcome.speed(self.goal.objective)

    def as_dict(self) -> dict[str, Any]:
        """Give it in JSON's types."""
        chosen = self.chosen
        return {
            "objective": self.goal.objective,
            "min_agreement": self.goal.min_agreement,
            "reference": self.goal.reference,
            "images": len(self.sample.images),
            "images_found": self.images_found,
            "bad_images": [bad.to_dict() for bad in self.sample.bad],
            "allowed_cpus": self.space.cpus,
            "seconds": self.seconds,
            "interrupted": self.interrupted,
            "chosen": None if chosen is None else chosen.candidate.keys(),
            "original": self.search.original.keys(),
            "candidates": [self._row(one) for one in self.outcomes],
        }

    def _row(self, outcome: Outcome) -> dict[str, Any]:
        figures = self.figures(outcome)
        row = {"images_per_s": None, "latency_ms": None} if figures is None else figures._asdict()
        return {**outcome.as_dict(), **row, "verdict": self.verdict(outcome)}


def tune(
    config: str | None,
    given: Sequence[GivenKey],
    folder: str,
    goal: Goal,
    *,
    plots: bool = False,
    on_sample: Callable[[Sample], object] = lambda sample: None,
    on_step: Callable[[str], object] = lambda step: None,
) -> Tuning:
    """Find the fastest settings for a model, a machine and images.

    Args:
        config: A config.txt; None: the keys say it all.
        given: Keys that win over it. Those that would be tuned stay as they are given.
        folder: Images like those that will be classified.
        goal: What is wanted.
        plots: Whether the caller will draw a plot, which takes some of the seconds.
        on_sample: Called with the images when they are known.
        on_step: Called with a word on what is done next.

    Returns:
        What was found; also after Ctrl-C, once the first candidate is at work.

    Raises:
        ConfigError: The config is wrong.
        ModelError: Its model can't be loaded.
        Error: There are too few images, or a config.txt can't say what the config says.
        KeyboardInterrupt: Ctrl-C, before anything was measured.
    """
    start_s = time.monotonic()
    refuse_own_labels(config, load_config(config, given))
    paths, images_found = chosen_paths(folder, images_wanted(goal.min_agreement))
    on_step("the reference results")
    until_s = start_s + REFERENCE_SHARE * goal.seconds
    keys, sample, images_per_s = first_measurement(
        config, given, goal.reference, paths, lambda: time.monotonic() > until_s
    )
    if len(sample.images) < FEWEST_IMAGES:
        raise too_few(folder, len(sample.images), f" that can be classified and {len(sample.bad)} that can't")
    on_sample(sample)
    original = Candidate.from_keys(keys)
    space = Space(
        engines=engines_for(original),
        cpus=_core.allowed_cpu_count(),
        objective=goal.objective,
        fixed={key: keys[key] for key, _, _ in given if key in TUNED_KEYS},
    )
    slice_s = min(LONGEST_SLICE_S, max(SHORTEST_SLICE_S, SLICE_SHARE * goal.seconds))
    trials = Trials(config, given, sample, objective=goal.objective, slice_s=slice_s, images_per_s=images_per_s)
    search = Search(
        trials,
        space,
        original,
        deadline_s=start_s + goal.seconds - min(WRITE_S + PLOT_S * plots, MOST_RESERVED * goal.seconds),
        min_agreement=goal.min_agreement,
        on_step=on_step,
    )
    tuning = Tuning(goal, space, sample, images_found, search)
    try:
        search.run()
    except KeyboardInterrupt:
        tuning.interrupted = True
    tuning.seconds = time.monotonic() - start_s
    return tuning


def first_measurement(
    config: str | None,
    given: Sequence[GivenKey],
    reference_config: str | None,
    paths: list[str],
    time_is_up: Callable[[], bool],
) -> tuple[dict[str, str], Sample, float]:
    """Load the user's own settings, and let the reference classify the images.

    Returns:
        The config's values in effect, the sample, and roughly the reference's images a second.

    Raises:
        ConfigError: The config is wrong.
        ModelError: Its model can't be loaded.
        Error: The reference can't be loaded.
    """
    own = opened(config, given, {})
    keys = own.config.texts
    is_own = reference_config is None and REFERENCE.items() <= keys.items()
    reference = own if is_own else opened_reference(config, given, reference_config)
    rates = [0.0]

    def classify(chunk: list[str]) -> list[Result]:
        start_s = time.perf_counter()
        results = results_of(reference, chunk)
        rates.append(len(chunk) / (time.perf_counter() - start_s))
        return results

    sample = take_reference(classify, paths, time_is_up)
    sample.postprocess = keys["postprocess"]
    sample.notices = [notice for notice in own.notices if notice not in own.config.notices]
    return keys, sample, max(rates)


def opened_reference(config: str | None, given: Sequence[GivenKey], other: str | None) -> _core.Predictor:
    """Load the model that gives the reference.

    Raises:
        Error: There is none.
    """
    if other is not None:
        return load_reference(None, [], other)
    try:
        return opened(config, given, REFERENCE)
    except _core.Error as error:
        raise _core.Error(f"the reference, precision fp32 with decode exact, can't be loaded: {error}") from None


def engines_for(original: Candidate) -> tuple[str, ...]:
    """Name the engines that can be loaded, and the user's own, in the order in which `engine auto` takes them."""
    loadable = [name for name, _, problem in _core.installed_engines() if not problem]
    return tuple(dict.fromkeys([*loadable, original.engine]))
