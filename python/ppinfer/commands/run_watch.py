"""Progress of a run: a bar on a terminal, else a line at intervals, and a log for programs."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol, TextIO

from ppinfer.commands.run_state import Rate, progress_words, stage_words

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ppinfer.result import RunSummary

FIRST_LINE_S = 5.0
SHARE_OF_RUN = 0.05  # from which on lines get rarer: one a minute in a run of hours
LONGEST_PAUSE_S = 60.0
BAR_WIDTH = 30


class Watch(Protocol):
    """Receives the progress of a run, from any thread, one call at a time."""

    def update(self, summary: RunSummary, total: int | None) -> None:
        """Take note of a moment, about every 100 ms."""

    def close(self) -> None:
        """Stop showing."""


class PlainLines:
    """A line after 5 s, then rarer and rarer: for a log that people read."""

    def __init__(self, stats: bool, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stats = stats
        self._stream = stream or sys.stderr
        self._clock = clock
        self._start = clock()
        self._next = self._start + FIRST_LINE_S
        self._rate = Rate()

    def update(self, summary: RunSummary, total: int | None) -> None:
        """Print a line if it is time."""
        self._rate.add(summary)
        now = self._clock()
        if now < self._next:
            return
        pause = max(FIRST_LINE_S, min(LONGEST_PAUSE_S, SHARE_OF_RUN * (now - self._start)))
        self._next = now + pause
        line = progress_words(summary, self._rate, total)
        if self._stats:
            line += f"; {stage_words(summary)}"
        print(f"ppinfer: {line}", file=self._stream, flush=True)

    def close(self) -> None:
        """Nothing is left to do."""


class TerminalBar:
    """A bar with images, rate, errors and the time that is left; with `stats` a line of the stages' shares below it."""

    def __init__(self, stats: bool) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.spinner import Spinner

        self._stats = stats
        self._rate = Rate()
        self._summary: RunSummary | None = None
        self._total: int | None = None
        self._spinner = Spinner("dots")
        self._live = Live(
            get_renderable=self._render, console=Console(stderr=True), transient=True, refresh_per_second=5
        )
        self._live.start()

    def update(self, summary: RunSummary, total: int | None) -> None:
        """Remember the moment; the bar is drawn by a thread of its own."""
        self._rate.add(summary)
        self._summary, self._total = summary, total

    def close(self) -> None:
        """Take the bar away."""
        self._live.stop()

    def _render(self) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        summary, total = self._summary, self._total
        row = Table.grid(padding=(0, 1))
        if summary is None:
            return row
        bar = ProgressBar(total, summary.images_in_all, width=BAR_WIDTH, pulse=total is None)
        row.add_row(self._spinner, bar, Text(progress_words(summary, self._rate, total)))
        return Group(row, Text(f"  {stage_words(summary)}")) if self._stats else row


class InputCount:
    """How many inputs there are, counted in a thread while the run is on.

    Args:
        inputs: Makes an iterator over them; None: they can't be counted beforehand, as those of a pipe.
    """

    def __init__(self, inputs: Callable[[], Iterator[object]] | None) -> None:
        self.total: int | None = None
        """None until it's known."""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._count, args=(inputs,), name="ppinfer-count")
        if inputs is not None:
            self._thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until all are counted."""
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def close(self) -> None:
        """Count no further."""
        self._stopped.set()
        self.wait()

    def _count(self, inputs: Callable[[], Iterator[object]]) -> None:
        count = 0
        try:
            for _ in inputs():
                if self._stopped.is_set():
                    return
                count += 1
        except Exception:  # the run meets what is wrong with its inputs, and says it
            return
        self.total = count


def make_watch(*, quiet: bool, records_on_terminal: bool, stats: bool) -> Watch | None:
    """Choose what shows on standard error; None: nothing."""
    if quiet or records_on_terminal:
        return None
    return TerminalBar(stats) if sys.stderr.isatty() else PlainLines(stats)
