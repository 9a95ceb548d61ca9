"""Ctrl-C during a run: the first is noted, and its time comes between two batches of results."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ppinfer.result import RunSummary

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Interrupts:
    def __init__(self) -> None:
        self._is_noted = False
        self._is_due = False

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Note the first signal. An exception here could interrupt on_results in the middle of its work."""
        if self._is_noted:
            signal.default_int_handler(number, frame)
        self._is_noted = self._is_due = True

    def raise_if_due(self) -> None:
        if self._is_due:
            self._is_due = False
            raise KeyboardInterrupt


@contextmanager
def held_back(on_progress: Callable[[RunSummary], object] | None) -> Iterator[Callable[[RunSummary], object]]:
    """Give an on_progress for the core's run, which raises the first KeyboardInterrupt. A second one comes at once.

    Only signals that would raise KeyboardInterrupt are held back, and only in the main thread: no other gets any.
    """
    interrupts = _Interrupts()

    def on_summary(so_far: RunSummary) -> None:
        interrupts.raise_if_due()
        if on_progress is not None:
            on_progress(so_far)

    held: list[signal.Signals] = []
    if threading.current_thread() is threading.main_thread():
        held = [number for number in SIGNALS if signal.getsignal(number) is signal.default_int_handler]
    for number in held:
        signal.signal(number, interrupts.handle)
    try:
        yield on_summary
    finally:
        for number in held:
            signal.signal(number, signal.default_int_handler)
