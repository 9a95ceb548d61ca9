"""What becomes of the workers: which actors have come up, and which images workers died of.

So that an image that kills its worker doesn't keep the cluster busy for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Any

import ray

MAX_ATTEMPTS = 4
"""Of the images of one task. A worker that dies of something else hardly meets the same ones so often."""


class Attempts:
    """Knows what each actor is at. Lives as an actor of its own, without a CPU.

    Ray starts an actor whose worker died again under its old id: what it had begun was then the death of the worker.

    >>> attempts = Attempts()
    >>> attempts.come("a"), attempts.begin("a", 256), attempts.come("a"), attempts.begin("a", 256)
    (None, 0, None, 1)
    >>> attempts.arrived()
    1
    """

    def __init__(self) -> None:
        self._arrived: set[str] = set()
        self._begun: dict[str, Hashable] = {}
        self._deaths: Counter[Hashable] = Counter()

    def come(self, actor_id: str) -> None:
        """Note that an actor has come up, maybe once more."""
        self._arrived.add(actor_id)
        if actor_id in self._begun:
            self._deaths[self._begun.pop(actor_id)] += 1

    def begin(self, actor_id: str, task: Hashable) -> int:
        """Note that it begins a task; gives how many workers have died at that."""
        self._arrived.add(actor_id)  # this may have been started anew, too
        self._begun[actor_id] = task
        return self._deaths[task]

    def end(self, actor_id: str) -> None:
        """Note that it did what it had begun."""
        self._begun.pop(actor_id, None)

    def arrived(self) -> int:
        """Give how many actors have come up."""
        return len(self._arrived)


def start_attempts() -> Any:
    """Make the actor. It ends when nobody has a handle of it any more."""
    return ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(Attempts).remote()
