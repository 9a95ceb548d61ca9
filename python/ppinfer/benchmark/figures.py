"""A figure that was measured several times: its median, and how far the single values lie apart."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One value a round, of which the median counts.

    >>> figure = Figure.of([98.0, 100.0, 103.0])
    >>> figure.median, figure.spread
    (100.0, 0.05)
    """

    rounds: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> Figure:
        """Take the values of the rounds; at least one."""
        return cls(tuple(values))

    @property
    def median(self) -> float:
        """Of the rounds."""
        return statistics.median(self.rounds)

    @property
    def spread(self) -> float:
        """From the least to the largest of them, as a share of the median; 0 where that is 0."""
        return (max(self.rounds) - min(self.rounds)) / self.median if self.median else 0.0

    def overlaps(self, other: Figure) -> bool:
        """Tell whether the ranges of the rounds have anything in common: then noise may be all that differs.

        >>> Figure.of([1, 2]).overlaps(Figure.of([2, 3])), Figure.of([1, 2]).overlaps(Figure.of([3, 4]))
        (True, False)
        """
        return min(self.rounds) <= max(other.rounds) and min(other.rounds) <= max(self.rounds)

    def as_dict(self) -> dict[str, Any]:
        """Give it in JSON's types."""
        return {"median": self.median, "spread": self.spread, "rounds": list(self.rounds)}
