"""What Ray raises, as ppinfer's errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import ray.exceptions

from ppinfer import _core

ADDED_BY_RAY = "\nFailed to apply UDF transform"
"""Begins what Ray Data writes below the message of an exception."""


@contextmanager
def failures_told() -> Iterator[None]:
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
        lines = [line.strip() for line in str(cause or error).splitlines() if line.strip()]
        raise _core.RuntimeFailure(f"Ray gave up: {lines[-1] if lines else type(error).__name__}") from error
