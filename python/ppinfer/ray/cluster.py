"""The Ray cluster that a run takes place on: one that is there, or one of this machine's own."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ray
from ray._private.state import available_resources_per_node  # the public one adds up all nodes

from ppinfer._core import ConfigError, RuntimeFailure, allowed_cpu_count

LOCAL = "local"
KNOCK_S = 10.0
"""For an answer of a cluster's head."""
SETTLE_S = 5.0
"""Within which Ray knows again of the CPUs that an earlier run has given back."""


@contextmanager
def connected(address: str | None, object_store_bytes: int | None) -> Iterator[None]:
    """Be connected to Ray meanwhile; a connection that is there already stays.

    A cluster of this machine's own has the allowed CPUs, no dashboard, and sends no usage statistics.

    Args:
        address: Of a cluster, "auto" for the one on this machine, "local" to start one. None: the connection that is
            there, else what the environment variable RAY_ADDRESS says, else "local".
        object_store_bytes: Shared memory of a cluster that is started; None: as Ray chooses.

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
    _knock(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # else Ray warns that it will be so
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # else it writes of Ray Data's own ways to standard error
    options: dict[str, Any] = {"address": address, "log_to_driver": False, "logging_level": "error"}
    if address == LOCAL:
        options |= {"num_cpus": allowed_cpu_count(), "include_dashboard": False}
        options |= {} if object_store_bytes is None else {"object_store_memory": object_store_bytes}
    try:
        with _standard_error_closed():
            ray.init(**options)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise RuntimeFailure(f"no Ray cluster at {address}: {_first_line(error)}") from error
    try:
        yield
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """See whether anybody answers at HOST:PORT; Ray itself tries for minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), timeout=KNOCK_S).close()
    except OSError as error:
        raise RuntimeFailure(f"no Ray cluster at {address}: {error.strerror or error}") from error


@contextmanager
def _standard_error_closed() -> Iterator[None]:
    """Lose what is written there: Ray's C++ code says that it was told to say nothing. Its failures are raised."""
    try:
        kept = os.dup(2)
    except OSError:  # it is closed, as a daemon's may be
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def node_cpus() -> list[int]:
    """Give the CPUs of each node that is alive."""
    return [_cpus(node["Resources"]) for node in _nodes()]


def free_cpus() -> list[int]:
    """Give of each of these nodes the CPUs that nobody holds."""
    free = available_resources_per_node()
    return [_cpus(free.get(node["NodeID"], node["Resources"])) for node in _nodes()]


def settled_free_cpus() -> list[int]:
    """Give them once all are free, or after a moment."""
    end = time.monotonic() + SETTLE_S
    while (free := free_cpus()) != node_cpus() and time.monotonic() < end:
        time.sleep(0.1)
    return free


def _nodes() -> list[dict[str, Any]]:
    return [node for node in ray.nodes() if node["Alive"]]


def _cpus(resources: dict[str, float]) -> int:
    return int(resources.get("CPU", 0))


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
