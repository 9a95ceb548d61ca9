"""A figure that was measured in several rounds: its value, and how far those of the single rounds lie apart."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


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
