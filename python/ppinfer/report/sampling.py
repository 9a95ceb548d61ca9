"""Choosing some of many, evenly, in one pass and in bounded memory."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


def evenly(items: Sequence[T], count: int) -> list[T]:
    """Return `count` items of a list, at equal distances; all items of a shorter list.

    >>> evenly(range(10), 3)
    [1, 5, 8]
    """
    if count >= len(items):
        return list(items)
    return [items[(2 * index + 1) * len(items) // (2 * count)] for index in range(count)]


class EvenSample(Generic[T]):
    """At most `capacity` of a stream whose length isn't known, at equal distances.

    Every n-th is kept; n doubles when twice the capacity is reached.

    >>> sample = EvenSample(2)
    >>> for item in "abcdefgh":
    ...     sample.add(item)
    >>> sample.items()
    ['c', 'g']
    """

    def __init__(self, capacity: int) -> None:
        self._capacity, self._step, self._seen = capacity, 1, 0
        self._kept: list[T] = []

    def add(self, item: T) -> None:
        """Take the next of the stream."""
        if self._seen % self._step == 0:
            self._kept.append(item)
            if len(self._kept) > 2 * self._capacity:
                self._kept = self._kept[::2]
                self._step *= 2
        self._seen += 1

    @property
    def seen(self) -> int:
        """How many there were."""
        return self._seen

    def items(self) -> list[T]:
        """Give those kept, in order."""
        return evenly(self._kept, self._capacity)


class Lowest(Generic[T]):
    """The `capacity` items with the lowest values of a stream; of equal values the earlier.

    >>> lowest = Lowest(2)
    >>> for value, item in [(3, "c"), (1, "a"), (2, "b")]:
    ...     lowest.add(value, item)
    >>> lowest.items()
    ['a', 'b']
    """

    def __init__(self, capacity: int) -> None:
        self._capacity, self._seen = capacity, 0
        self._heap: list[tuple[float, int, T]] = []  # the highest value comes first

    def add(self, value: float, item: T) -> None:
        """Take the next of the stream."""
        self._seen += 1
        entry = (-value, -self._seen, item)
        if len(self._heap) < self._capacity:
            heapq.heappush(self._heap, entry)
        elif self._heap and entry > self._heap[0]:
            heapq.heapreplace(self._heap, entry)

    @property
    def seen(self) -> int:
        """How many there were."""
        return self._seen

    def items(self) -> list[T]:
        """Give those kept, lowest first."""
        return [item for *_, item in sorted(self._heap, reverse=True)]


def first_distinct(groups: Iterable[Iterable[int]], count: int) -> list[int]:
    """Return up to `count` distinct numbers, in the order of the groups.

    >>> first_distinct([[5, 6], [6, 7, 8]], 3)
    [5, 6, 7]
    """
    chosen: dict[int, None] = {}
    for group in groups:
        for number in group:
            if len(chosen) == count:
                return list(chosen)
            chosen[number] = None
    return list(chosen)
