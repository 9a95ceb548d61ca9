"""How fast the machine could be: the stages measured alone, and no lane that ever waits."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ppinfer import _core
from ppinfer.measure.figures import Figure
from ppinfer.measure.throughput import STAGES


@dataclass(frozen=True)
class Bound:
    """The roofline of so many lanes, each with CPUs of its own."""

    images_per_s: Figure
    """Lanes / the sum of what the stages take an image."""
    stage_ms: dict[str, Figure]
    """Milliseconds an image, of each of `STAGES`."""

    @classmethod
    def of(cls, costs: Iterable[dict[str, float]], lanes: int) -> Bound:
        """Join what was measured, a dict of milliseconds a stage each time.

        >>> joined = Bound.of([{**dict.fromkeys(STAGES, 0.0), "decode": 1.0, "infer": 4.0}], lanes=2)
        >>> joined.images_per_s.value
        400.0
        """
        costs = list(costs)
        return cls(
            Figure.of(lanes * 1e3 / sum(cost.values()) for cost in costs),
            {stage: Figure.of(cost[stage] for cost in costs) for stage in STAGES},
        )


def measure_stages(predictor: _core.Predictor, paths: Sequence[str], *, seconds: float) -> dict[str, float]:
    """Measure the stages one after the other, in this thread and with one engine instance.

    Args:
        predictor: Of one lane. Nothing else uses it meanwhile.
        paths: Image files that are known to be good; at least one.
        seconds: For each of: reading, decoding and preprocessing together, which takes whole passes; the others alone.

    Returns:
        Milliseconds an image, of each of `STAGES`.

    Raises:
        BadImageError: An image was bad.
        KeyboardInterrupt: Ctrl-C.

    >>> from ppinfer.config_values import load_config
    >>> predictor = _core.Predictor(load_config("config.txt", []))
    >>> list(measure_stages(predictor, ["cat.jpg"], seconds=0.01)) == list(STAGES)
    True
    """
    return _core.measure_stages(predictor, [os.fsencode(path) for path in paths], seconds)
