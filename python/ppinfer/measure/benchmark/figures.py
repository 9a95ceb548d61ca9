"""The figures of a benchmark: throughput of all lanes, the roofline of its stages, latency of single images."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ppinfer import _core
from ppinfer.measure.throughput import ROUNDS, Rounds, ThroughputMeter

STAGES = _core.StageTimes.STAGES
IDLE = "idle"
PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True)
class Figure:
    """What was measured.

    >>> figure = Figure.of([98.0, 100.0, 103.0])
    >>> figure.value, figure.spread
    (100.0, 0.05)
    """

    value: float
    rounds: tuple[float, ...]
    """The same of each round; at least one."""

    @classmethod
    def of(cls, rounds: Iterable[float]) -> Figure:
        """Make the median of the rounds the value."""
        values = tuple(rounds)
        return cls(statistics.median(values), values)

    @property
    def spread(self) -> float:
        """From the least of the rounds to the largest, as a share of the value; 0 where that is 0."""
        return (max(self.rounds) - min(self.rounds)) / abs(self.value) if self.value else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Give it in JSON's types."""
        return {"value": self.value, "spread": self.spread, "rounds": list(self.rounds)}


@dataclass(frozen=True)
class Throughput:
    """What the rounds came to. Each is of the same images, and the lanes were busy when it began and when it ended."""

    images_per_s: Figure
    stage_ms: dict[str, Figure]
    """Lane time an image, milliseconds, of each of `STAGES`, and of `IDLE`: lanes that wait for one another."""
    cpu_share: Figure
    """Of the time that lanes were not idle, the CPU time that the process had: less where others use the machine."""
    lanes: int
    round_images: int

    @classmethod
    def of(cls, runs: Iterable[Rounds], round_images: int) -> Throughput:
        """Join runs of rounds of `round_images` images each.

        >>> spent = {"decode": 0.0025, "infer": 0.007}
        >>> run = _core.RunSummary(images=5, errors=0, skipped=0, lanes=2, wall_s=0.009, cpu_s=0.0095, stage_s=spent)
        >>> joined = Throughput.of([(run, [4.0])], 4)
        >>> joined.images_per_s.value, round(joined.stage_ms["infer"].value, 9)
        (1000.0, 1.4)
        >>> round(joined.stage_ms["idle"].value, 9)  # a lane has 2 ms for each image, and works for 1.9 of them
        0.1
        >>> round(joined.cpu_share.value, 9)
        1.0
        """
        runs = list(runs)
        stage_ms: dict[str, list[float]] = {stage: [] for stage in (*STAGES, IDLE)}
        for run, round_ms in runs:
            spent = {stage: 1e3 * seconds / run.images for stage, seconds in run.stage_s.items()}
            had = run.lanes * sum(round_ms) / (len(round_ms) * round_images)
            for stage, milliseconds in (*spent.items(), (IDLE, had - sum(spent.values()))):
                stage_ms[stage].append(milliseconds)
        return cls(
            Figure.of(round_images * 1e3 / milliseconds for _, round_ms in runs for milliseconds in round_ms),
            {stage: Figure.of(values) for stage, values in stage_ms.items()},
            Figure.of(run.cpu_s / sum(run.stage_s.values()) for run, _ in runs),
            runs[0][0].lanes,
            round_images,
        )


@dataclass(frozen=True)
class Roofline:
    """What the lanes could do if each had CPUs of its own and none ever waited."""

    images_per_s: Figure
    """Lanes / the sum of what the stages take an image."""
    stage_ms: dict[str, Figure]
    """Milliseconds an image, of each of `STAGES`."""

    @classmethod
    def of(cls, costs: Iterable[_core.StageTimes], lanes: int) -> Roofline:
        """Join what an image was measured to take.

        >>> joined = Roofline.of([_core.StageTimes({"decode": 0.001, "infer": 0.004})], lanes=2)
        >>> joined.images_per_s.value
        400.0
        """
        costs = list(costs)
        return cls(
            Figure.of(lanes / sum(cost.values()) for cost in costs),
            {stage: Figure.of(1e3 * cost[stage] for cost in costs) for stage in STAGES},
        )


def measure_stages(predictor: _core.Predictor, paths: Sequence[str], *, seconds: float) -> _core.StageTimes:
    """Measure the stages one after the other, in this thread and with one engine instance.

    Args:
        predictor: Of one lane. Nothing else uses it meanwhile.
        paths: Image files that are known to be good; at least one.
        seconds: For each of: reading, decoding and preprocessing together, which takes whole passes; the others alone.

    Returns:
        What an image takes.

    Raises:
        BadImageError: An image was bad.
        KeyboardInterrupt: Ctrl-C.

    >>> from ppinfer.config_values import load_config
    >>> predictor = _core.Predictor(load_config("config.txt", []))
    >>> list(measure_stages(predictor, ["cat.jpg"], seconds=0.01)) == list(STAGES)
    True
    """
    return _core.measure_stages(predictor, [os.fsencode(path) for path in paths], seconds)


@dataclass(frozen=True)
class Latency:
    """Milliseconds an image. Values are of all images; behind each stand those of the rounds."""

    figures: dict[str, Figure]
    """Of p50, p90, p95, p99, max and mean."""
    images: int
    threads: int
    """That work on one image's inference."""


def statistics_ms(latencies_ms: Sequence[float]) -> dict[str, float]:
    """Give the percentiles, interpolated linearly, the largest and the mean.

    >>> statistics_ms([4.0, 1.0, 3.0, 2.0])["p50"], statistics_ms([4.0, 1.0])["max"]
    (2.5, 4.0)
    """
    named = {f"p{percent}": float(np.percentile(latencies_ms, percent)) for percent in PERCENTILES}
    return {**named, "max": float(np.max(latencies_ms)), "mean": float(np.mean(latencies_ms))}


def measure_latency(predictor: _core.Predictor, paths: Sequence[str], *, seconds: float, warmup_s: float) -> Latency:
    """Measure what each image takes when they come one by one.

    Args:
        predictor: Of one lane and batch size 1. Nothing else uses it meanwhile.
        paths: Image files that are known to be good; at least one.
        seconds: For all rounds together; longer, up to three times, where there are too many images.
        warmup_s: Before the rounds, uncounted.

    Raises:
        Error: An image was bad.
        KeyboardInterrupt: Ctrl-C.

    >>> from ppinfer.config_values import load_config
    >>> predictor = _core.Predictor(load_config("config.txt", [("lanes", "1", "-o")]))
    >>> measured = measure_latency(predictor, ["cat.jpg", "dog.jpg"], seconds=0.05, warmup_s=0.01)
    >>> 0 < measured.figures["p50"].value <= measured.figures["p99"].value <= measured.figures["max"].value
    True
    """
    meter = ThroughputMeter(predictor, paths, round_s=seconds / ROUNDS, warmup_s=warmup_s)
    parts = [meter.measure_each() for _ in range(ROUNDS)]
    of_rounds = [statistics_ms(part) for part in parts]
    of_all = statistics_ms([latency for part in parts for latency in part])
    figures = {name: Figure(value, tuple(part[name] for part in of_rounds)) for name, value in of_all.items()}
    return Latency(figures, sum(map(len, parts)), predictor.config.threads_per_lane)
