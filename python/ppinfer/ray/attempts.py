"""How often a task was begun: so that an image that kills its worker doesn't keep the cluster busy for ever."""

from __future__ import annotations

from collections import Counter
from typing import Any

import ray

MAX_ATTEMPTS = 4
"""Of the images of one task. A worker that dies of something else hardly meets the same ones so often."""


class Attempts:
    """Counts, by the number of a task's first image. Lives as an actor of its own, without a CPU.

    >>> attempts = Attempts()
    >>> attempts.begin(0), attempts.begin(256), attempts.begin(0)
    (1, 1, 2)
    """

    def __init__(self) -> None:
        self._begun: Counter[int] = Counter()

    def begin(self, first_number: int) -> int:
        """Note that a task begins; gives how often it has by now."""
        self._begun[first_number] += 1
        return self._begun[first_number]

    def end(self, first_number: int) -> None:
        """Note that it ended well."""
        self._begun.pop(first_number, None)


def start_attempts() -> Any:
    """Make the actor. It ends when nobody has a handle of it any more."""
    return ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(Attempts).remote()
