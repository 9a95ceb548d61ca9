"""A pipe whose reader has gone, as `head` does, while there is something to put away before the process ends."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def broken_pipe_ends_later() -> Iterator[None]:
    """Make a write to a closed pipe an error during the block, so that the block can clean up; then end by SIGPIPE.

    >>> with broken_pipe_ends_later():
    ...     pass
    """
    came: list[int] = []
    before = signal.signal(signal.SIGPIPE, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGPIPE, before)
        if came:
            signal.raise_signal(signal.SIGPIPE)
