"""A pipe whose reader has gone, as `head` does, while there is something to put away before the process ends."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def broken_pipe_ends_later() -> Iterator[None]:
    """Let a write into it be an error first, so that all that is left on the way is; then end by the signal as always.

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
