"""The Ray cluster of a run: the connection, its CPUs and how actors share them, and its failures."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import ray
import ray.exceptions
from ray._private.state import available_resources_per_node  # the public one adds up all nodes

from ppinfer import _core
from ppinfer._core import ConfigError, RuntimeFailure

LOCAL = "local"
ANSWER_S = 10.0
"""For a cluster's head to answer."""
USED_SHARE = 0.9
"""Share of all CPUs that actors of one size must use; the largest such size is taken."""
SETTLE_S = 5.0
"""For Ray to count CPUs again that an earlier run has given back."""
ADDED_BY_RAY = "\nFailed to apply UDF transform"
"""Begins what Ray Data writes below the message of an exception."""


@contextmanager
def connected(address: str | None) -> Iterator[None]:
    """Connect to Ray meanwhile, in silence; a connection that is there stays as it is.

    A cluster that is started has the allowed CPUs, no dashboard, and sends no usage statistics.

    Args:
        address: As `classify` takes it.

    Raises:
        ConfigError: The address can't be one.
        RuntimeFailure: Nobody answers there.
    """
    if ray.is_initialized():
        if address is not None:
            raise ConfigError(f"address is {address}, but Ray is connected already: leave it out, or ray.shutdown()")
        yield
        return
    address = address or os.environ.get("RAY_ADDRESS") or LOCAL
    if address.startswith("ray://"):
        raise ConfigError(
            f"{address}: Ray Client isn't enough for Ray Data: run on a node of the cluster (--ray auto), or by "
            "`ray job submit`"
        )
    _check_answer(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # else Ray warns that it will be so
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # else it writes of Ray Data's own ways to standard error
    options: dict[str, Any] = {"address": address, "log_to_driver": False, "logging_level": "error"}
    if address == LOCAL:
        os.environ.setdefault(
            "RAY_worker_niceness", "0"
        )  # of 15: beside other programs, actors would get next to no CPU
        options |= {"num_cpus": _core.allowed_cpu_count(), "include_dashboard": False}
    try:
        with _standard_error_closed():
            ray.init(**options)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise RuntimeFailure(f"no Ray cluster at {address}: {_lines(error)[0]}") from error
    logger = logging.getLogger("ray.data")
    level = logger.level
    logger.setLevel(logging.CRITICAL)  # its errors are raised, too
    try:
        yield
    finally:
        logger.setLevel(level)
        ray.shutdown()


def _check_answer(address: str) -> None:
    """See whether anybody answers at HOST:PORT; Ray itself tries for minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER_S).close()
    except OSError as error:
        raise RuntimeFailure(f"no Ray cluster at {address}: {error.strerror or error}") from error


@contextmanager
def _standard_error_closed() -> Iterator[None]:
    """Discard standard error: Ray's C++ code reports there that its log is off. Its failures are raised."""
    try:
        kept = os.dup(2)
    except OSError:  # it is closed, as a daemon's may be
        yield
        return
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


class ActorPlan(NamedTuple):
    """Actors of one size.

    >>> ActorPlan(actors=2, lanes=8, threads_per_lane=1).cpus
    8
    """

    actors: int
    lanes: int
    threads_per_lane: int

    @property
    def cpus(self) -> int:
        """CPUs of one actor: for Ray, and the number of computing threads."""
        return self.lanes * self.threads_per_lane


def plan_actors(node_cpus: Sequence[int], *, lanes: int, threads_per_lane: int, spare_cpus: int = 0) -> ActorPlan:
    """Share out the nodes' CPUs: one actor a node; smaller ones where one size for all leaves a tenth of them idle.

    Args:
        node_cpus: CPUs of each node, as Ray counts them.
        lanes: The config's; 0 stands for as many as there are CPUs.
        threads_per_lane: The config's; 0 stands for an actor's CPUs, shared out to its lanes.
        spare_cpus: Of each node, left to tasks that make a Dataset.

    Raises:
        ConfigError: No node has the CPUs that an actor needs.

    >>> plan_actors([8, 8], lanes=0, threads_per_lane=1)
    ActorPlan(actors=2, lanes=8, threads_per_lane=1)
    >>> plan_actors([2, 64], lanes=0, threads_per_lane=1), plan_actors([2, 4], lanes=0, threads_per_lane=1)
    (ActorPlan(actors=1, lanes=64, threads_per_lane=1), ActorPlan(actors=3, lanes=2, threads_per_lane=1))
    """
    free = [cpus - spare_cpus for cpus in node_cpus if cpus > spare_cpus]
    if not any(node_cpus):
        raise ConfigError("the Ray cluster has no CPUs: start a node with `ray start --num-cpus N`")
    if not free:
        raise ConfigError(
            f"the largest node of the Ray cluster has {max(node_cpus)} CPU, and a Dataset needs {spare_cpus} for what "
            "makes it beside that of the actor: give paths or a materialized Dataset, or nodes with more CPUs"
        )
    used = {size: sum(cpus // size * size for cpus in free) for size in sorted(free, reverse=True)}
    fitting = next((size for size in used if used[size] >= USED_SHARE * sum(free)), max(used, key=lambda s: used[s]))
    cpus = lanes * threads_per_lane or max(fitting, lanes, threads_per_lane)
    if not threads_per_lane:
        lanes = lanes or 1
        threads_per_lane = cpus // lanes
    lanes = lanes or cpus // threads_per_lane
    plan = ActorPlan(sum(available // (lanes * threads_per_lane) for available in free), lanes, threads_per_lane)
    if plan.actors == 0:
        raise ConfigError(
            f"an actor of {lanes} lanes with threads_per_lane {threads_per_lane} needs {plan.cpus} CPUs, the largest "
            f"node of the cluster has {max(free)} for it: set fewer lanes, or none"
        )
    return plan


def free_plan(share_out: Callable[[list[int]], ActorPlan], on_notice: Callable[[str], object]) -> ActorPlan:
    """Share out the free CPUs; if they are too few for one actor, all CPUs, and the run waits for them."""
    end = time.monotonic() + SETTLE_S
    while True:
        nodes = [node for node in ray.nodes() if node["Alive"]]
        available = available_resources_per_node()
        cpus = [int(node["Resources"].get("CPU", 0)) for node in nodes]
        free = [int(available.get(node["NodeID"], node["Resources"]).get("CPU", 0)) for node in nodes]
        if free == cpus or time.monotonic() > end:
            break
        time.sleep(0.1)
    of_all = share_out(cpus)
    try:
        plan = share_out(free)
    except ConfigError:
        places = ", ".join(f"{ours} of {count}" for ours, count in zip(free, cpus, strict=True))
        on_notice(
            f"others hold CPUs of the Ray cluster: the run waits until a node has {of_all.cpus} free; free are "
            f"{places} (`ray status` lists other users)"
        )
        return of_all
    ours, count = plan.actors * plan.cpus, of_all.actors * of_all.cpus
    if ours < count:
        on_notice(f"others hold CPUs of the Ray cluster: the run has {ours} in place of {count}")
    return plan


@contextmanager
def ray_failures() -> Iterator[None]:
    """Raise what a worker raised.

    Raises:
        Error: One of ppinfer's, as it was raised there.
        RuntimeFailure: Anything else.
    """
    try:
        yield
    except ray.exceptions.RayError as error:
        cause = getattr(error, "cause", None)
        if isinstance(cause, _core.Error):
            raise type(cause)(str(cause).partition(ADDED_BY_RAY)[0]) from error
        raise RuntimeFailure(f"Ray gave up: {_lines(cause or error)[-1]}") from error


def _lines(error: BaseException) -> list[str]:
    return [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
