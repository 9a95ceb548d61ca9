"""How many actors, and how many CPUs each: so that Ray's accounting is what really computes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ppinfer._core import ConfigError

USED_SHARE = 0.9
"""Of all CPUs, that actors of one size must come to; the largest size that does is taken."""


@dataclass(frozen=True)
class ActorPlan:
    """So many actors, alike.

    >>> ActorPlan(actors=2, lanes=8, threads_per_lane=1).cpus
    8
    """

    actors: int
    lanes: int
    threads_per_lane: int

    @property
    def cpus(self) -> int:
        """Of one actor: what Ray is told, and how many threads compute."""
        return self.lanes * self.threads_per_lane


def plan_actors(
    node_cpus: Sequence[int],
    *,
    lanes: int,
    threads_per_lane: int,
    cpus_per_actor: int | None = None,
    spare_cpus: int = 0,
) -> ActorPlan:
    """Share out the nodes' CPUs.

    Every actor of a pool has the same size: that of a node, as long as at least nine in ten of all CPUs get used by it.

    Args:
        node_cpus: CPUs of each node, as Ray counts them.
        lanes: The config's; 0 stands for as many as there are CPUs.
        threads_per_lane: The config's; 0 stands for an actor's CPUs, shared out to its lanes.
        cpus_per_actor: None: decided here.
        spare_cpus: Of each node, left to other tasks, such as those that read a Dataset.

    Raises:
        ConfigError: No node has as many CPUs as an actor must have.

    >>> plan_actors([8, 8], lanes=0, threads_per_lane=1)
    ActorPlan(actors=2, lanes=8, threads_per_lane=1)
    >>> plan_actors([2, 64], lanes=0, threads_per_lane=1), plan_actors([2, 4], lanes=0, threads_per_lane=1)
    (ActorPlan(actors=1, lanes=64, threads_per_lane=1), ActorPlan(actors=3, lanes=2, threads_per_lane=1))
    """
    free = [cpus - spare_cpus for cpus in node_cpus if cpus > spare_cpus]
    if not free:
        raise ConfigError(_no_room(node_cpus, spare_cpus))
    by_config = lanes * threads_per_lane  # 0: one of them is open
    if by_config and cpus_per_actor not in (None, by_config):
        raise ConfigError(
            f"cpus_per_actor is {cpus_per_actor}, but lanes {lanes} with threads_per_lane {threads_per_lane} compute "
            f"on {by_config} CPUs: leave out one of them"
        )
    cpus = by_config or cpus_per_actor or max(_fitting_size(free), lanes, threads_per_lane)
    if cpus < max(lanes, threads_per_lane, 1):
        raise ConfigError(
            f"cpus_per_actor is {cpus}, expected {max(lanes, threads_per_lane, 1)} or more: as many as compute threads"
        )
    if not threads_per_lane:
        threads_per_lane = cpus // (lanes or 1)
        lanes = lanes or 1
    lanes = lanes or cpus // threads_per_lane
    plan = ActorPlan(0, lanes, threads_per_lane)
    actors = sum(available // plan.cpus for available in free)
    if actors == 0:
        raise ConfigError(
            f"an actor of {lanes} lanes with threads_per_lane {threads_per_lane} needs {plan.cpus} CPUs, the largest "
            f"node of the cluster has {max(free)} for it: set fewer lanes, or none"
        )
    return ActorPlan(actors, lanes, threads_per_lane)


def _fitting_size(free: Sequence[int]) -> int:
    """Choose the largest node's size that leaves few CPUs without work.

    >>> _fitting_size([4, 4, 16]), _fitting_size([3, 16])
    (4, 3)
    """
    sizes = sorted(set(free), reverse=True)
    used = {size: sum(cpus // size * size for cpus in free) for size in sizes}
    return next((size for size in sizes if used[size] >= USED_SHARE * sum(free)), max(sizes, key=lambda s: used[s]))


def _no_room(node_cpus: Sequence[int], spare_cpus: int) -> str:
    if not any(node_cpus):
        return "the Ray cluster has no CPUs: start a node with `ray start --num-cpus N`"
    return (
        f"the largest node of the Ray cluster has {max(node_cpus)} CPU, and a Dataset needs {spare_cpus} for what "
        "makes it beside that of the actor: give paths or a materialized Dataset, or nodes with more CPUs"
    )
