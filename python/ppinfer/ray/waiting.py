"""What a run on a busy cluster waits for: Ray itself waits in silence."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ray
import ray.exceptions

from ppinfer.ray.cluster import free_cpus, node_cpus

if TYPE_CHECKING:
    from ppinfer.ray.plan import ActorPlan

FIRST_S = 10.0
"""Until it is said that no actor has come up."""
EVERY_S = 60.0
"""Between that and the next time."""


@contextmanager
def waiting_told(plan: ActorPlan, attempts: Any, say: Callable[[str], object]) -> Iterator[None]:
    """Say meanwhile, from a thread, what is wanted and what there is, as long as no actor has come up."""
    is_over = threading.Event()

    def watch() -> None:
        pause = FIRST_S
        while not is_over.wait(pause) and not _any_has_come(attempts):
            free, pause = free_cpus(), FIRST_S
            if max(free, default=0) < plan.cpus:  # else it is on its way, or the images are still being listed
                say(waiting_words(plan, free, node_cpus()))
                pause = EVERY_S

    thread = threading.Thread(target=watch, name="ppinfer-waiting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def waiting_words(plan: ActorPlan, free: list[int], all_cpus: list[int]) -> str:
    """Say what is missing.

    >>> from ppinfer.ray.plan import ActorPlan
    >>> waiting_words(ActorPlan(2, 8, 1), [0, 3], [8, 8])
    'no actor has come up yet: each of 2 needs 8 CPUs of a node; free are 0 of 8, 3 of 8 (`ray status` tells of others)'
    """
    nodes = ", ".join(f"{ours} of {count}" for ours, count in zip(free, all_cpus, strict=False))
    return (
        f"no actor has come up yet: each of {plan.actors} needs {plan.cpus} CPUs of a node; free are {nodes} "
        "(`ray status` tells of others)"
    )


def _any_has_come(attempts: Any) -> bool:
    try:
        return bool(ray.get(attempts.arrived.remote(), timeout=FIRST_S))
    except ray.exceptions.GetTimeoutError:
        return False
    except ray.exceptions.RayError:  # the run itself meets what is wrong
        return True
