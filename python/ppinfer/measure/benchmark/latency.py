"""How long one image takes alone, from its file to its record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ppinfer.measure.figures import Figure
from ppinfer.measure.throughput import ROUNDS, ThroughputMeter

if TYPE_CHECKING:
    from ppinfer import _core

PERCENTILES = (50, 90, 95, 99)


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


def measure_latency(
    predictor: _core.Predictor, paths: Sequence[str], *, seconds: float, warmup_s: float, rounds: int = ROUNDS
) -> Latency:
    """Measure what each image takes when they come one by one.

    Args:
        predictor: Of one lane and batch size 1. Nothing else uses it meanwhile.
        paths: Image files that are known to be good; at least one.
        seconds: For all rounds together; longer, up to three times, where there are too many images.
        warmup_s: Before the rounds, uncounted.
        rounds: How many.

    Raises:
        Error: An image was bad.
        KeyboardInterrupt: Ctrl-C.

    >>> from ppinfer import _core
    >>> from ppinfer.config_values import load_config
    >>> predictor = _core.Predictor(load_config("config.txt", [("lanes", "1", "-o")]))
    >>> measured = measure_latency(predictor, ["cat.jpg", "dog.jpg"], seconds=0.05, warmup_s=0.01)
    >>> 0 < measured.figures["p50"].value <= measured.figures["p99"].value <= measured.figures["max"].value
    True
    """
    meter = ThroughputMeter(predictor, paths, round_s=seconds / rounds, warmup_s=warmup_s)
    parts = [meter.measure_each() for _ in range(rounds)]
    of_rounds = [statistics_ms(part) for part in parts]
    of_all = statistics_ms([latency for part in parts for latency in part])
    figures = {name: Figure(value, tuple(part[name] for part in of_rounds)) for name, value in of_all.items()}
    return Latency(figures, sum(map(len, parts)), predictor.config.threads_per_lane)
