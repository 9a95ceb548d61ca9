"""A candidate at work: loaded, asked for its results, and timed on the images."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple

from ppinfer import _core
from ppinfer.agreement import Agreement, compare_results
from ppinfer.config_fields import NO_FILES
from ppinfer.config_values import load_config
from ppinfer.measure.reference import results_of, with_keys
from ppinfer.measure.throughput import ThroughputMeter, round_size
from ppinfer.measure.tune.sample import FEWEST_IMAGES, Sample
from ppinfer.measure.tune.space import Candidate, Objective

if TYPE_CHECKING:
    from ppinfer.overrides import GivenKey

FEWEST_LATENCIES = 5
PROBED_BATCHES = 4  # of each lane
SHARE_FOR_OBJECTIVE = 0.75  # of a measurement's time; the other figure has the rest
WARMUP_SHARE = 0.2  # of the first measurement, before it


class Slice(NamedTuple):
    """What a short time of work showed."""

    images_per_s: float
    latency_ms: float
    """Median from path to result of one image at a time, with nothing else to do."""

    def speed(self, objective: Objective) -> float:
        """What the objective wants much of: images/s, or single images a second."""
        return self.images_per_s if objective == "throughput" else 1e3 / self.latency_ms


def opened(config: str | None, given: Iterable[GivenKey], keys: Mapping[str, str]) -> _core.Predictor:
    """Load a model by a config and keys; `keys` override. The model writes no files.

    Raises:
        ConfigError: As Predictor does.
        ModelError: Likewise.
    """
    own = {**keys, **NO_FILES}
    return _core.Predictor(load_config(config, with_keys(given, own, "tune")))


class Trials:
    """Where candidates of a config are loaded, to be tried on a sample of images. Tests have one of their own.

    Args:
        config: A config.txt; None: the keys say it all.
        given: Keys that win over it.
        sample: The images.
        objective: What most of a measurement's time is spent on.
        slice_s: How long a measurement takes, seconds, unless an image or a batch of them takes longer.
        images_per_s: Of the user's own settings, roughly: a measurement goes over about as many images as these manage
            in its time, or several times over them where a candidate is faster.
    """

    def __init__(
        self,
        config: str | None,
        given: Sequence[GivenKey],
        sample: Sample,
        *,
        objective: Objective,
        slice_s: float,
        images_per_s: float,
    ) -> None:
        self.config = config
        self.given = list(given)
        self.sample = sample
        self.images = len(sample.images)
        self.latency_s = slice_s * (SHARE_FOR_OBJECTIVE if objective == "latency" else 1 - SHARE_FOR_OBJECTIVE)
        self.throughput_s = slice_s - self.latency_s
        self.timed = sample.images[: max(FEWEST_IMAGES, round(images_per_s * self.throughput_s))]

    def open(self, candidate: Candidate) -> Trial:
        """Load a candidate; an Error says why it can't be."""
        return Trial(opened(self.config, self.given, candidate.keys()), candidate, self)


class Trial:
    """A candidate that is loaded. All candidates go through the same images in the same order."""

    def __init__(self, predictor: _core.Predictor, candidate: Candidate, trials: Trials) -> None:
        self._open_predictor: _core.Predictor | None = predictor
        self._images_at_once = candidate.lanes * candidate.batch_size
        self._trials = trials
        self._rough = Slice(0, 0)  # until the probe
        self._last_s: float | None = None  # that a measurement took

    @property
    def _predictor(self) -> _core.Predictor:
        assert self._open_predictor is not None  # nobody asks a trial that is closed
        return self._open_predictor

    @cached_property
    def _meter(self) -> ThroughputMeter:
        round_s = self._trials.throughput_s
        return ThroughputMeter(self._predictor, self._trials.timed, round_s=round_s, warmup_s=WARMUP_SHARE * round_s)

    def probe(self) -> Slice:
        """Work for a moment, to warm up, and give the rough speed."""
        count = PROBED_BATCHES * self._images_at_once
        paths = [os.fsencode(path) for path in self._trials.timed]
        run, _ = _core.measure_rounds(self._predictor, paths, 1, count)
        self._rough = Slice(run.images_per_s, self._latency_ms(seconds=0))
        return self._rough

    def expected_s(self) -> float:
        """Give how long `measure` will take, by the last time, or else by `probe`."""
        if self._last_s is not None:
            return self._last_s
        latency_s = max(self._trials.latency_s, FEWEST_LATENCIES * self._rough.latency_ms / 1e3)
        rate, wanted_s = self._rough.images_per_s, self._trials.throughput_s
        ends = 2 * self._images_at_once  # what each run has beside what is timed: lanes start together, stop one by one
        warmup_images = max(WARMUP_SHARE * wanted_s * rate, self._images_at_once + ends)
        timed_images = round_size(wanted_s * rate, len(self._trials.timed), self._images_at_once) + ends
        return (warmup_images + timed_images) / rate + latency_s

    def agreement(self) -> Agreement:
        """Classify all images of the sample and compare with the reference's results."""
        sample = self._trials.sample
        return compare_results(
            sample.results, results_of(self._predictor, sample.images), postprocess=sample.postprocess
        )

    def measure(self) -> Slice:
        """Work for a while."""
        meter = self._meter  # created at the first use, which takes a while
        start_s = time.perf_counter()
        measured = Slice(meter.measure_rate(), self._latency_ms(self._trials.latency_s))
        self._last_s = time.perf_counter() - start_s
        return measured

    def _latency_ms(self, seconds: float) -> float:
        elapsed_s: list[float] = []
        images = cycle(self._trials.timed)
        while len(elapsed_s) < FEWEST_LATENCIES or sum(elapsed_s) < seconds:
            image = next(images)
            start = time.perf_counter()
            self._predictor.predict_one(_core.ImageInput.from_path(os.fsencode(image)))
            elapsed_s.append(time.perf_counter() - start)
        return statistics.median(elapsed_s) * 1e3

    def close(self) -> None:
        """Free the model."""
        self.__dict__.pop("_meter", None)  # it holds the predictor, too
        self._open_predictor = None
