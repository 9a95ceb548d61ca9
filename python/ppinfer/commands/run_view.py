"""All that follows a run, fed from one place: notes, what shows on standard error, the log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from ppinfer import Error, RunSummary, _core
from ppinfer.commands.failures import INTERRUPTED, USAGE_CONFIG_OR_MODEL, say_notices
from ppinfer.commands.run_log import RunLog

if TYPE_CHECKING:
    from rich.console import RenderableType

FIRST_LINE_S = 5.0
SHARE_OF_RUN = 0.05  # from which on lines get rarer: one a minute in a run of hours
LONGEST_PAUSE_S = 60.0
BAR_WIDTH = 30


class Follower(Protocol):
    """Gets the state of a run about every 100 ms; from any thread, never two at once."""

    def update(self, summary: RunSummary, progress: _core.RunProgress, total: int | None) -> None:
        """Take note of a moment. `total`: of images; None: nobody knows yet."""

    def close(self) -> None:
        """Stop showing."""


class RunView:
    """Follows one run. Leaving it logs an error, or an interrupt, on its way out.

    Args:
        log: Path of the log, if there is one.
        quiet: Notes aren't printed, nor is progress; the log has them.
        stats: Progress says where the time goes.

    Raises:
        Error: The log can't be written.
    """

    def __init__(self, log: str | None, *, quiet: bool, stats: bool = False) -> None:
        self._log = None if log is None else RunLog(log)
        self._quiet = quiet
        self._stats = stats
        self._shown: Follower | None = None
        self._progress = _core.RunProgress()
        self._summary = RunSummary(images=0, errors=0, skipped=0, wall_s=0)

    def note(self, message: str) -> None:
        """Say what somebody should know."""
        if not self._quiet:
            say_notices([message])
        if self._log is not None:
            self._log.warning(message)

    def start(self, facts: Mapping[str, Any]) -> None:
        """Log what runs."""
        if self._log is not None:
            self._log.start(facts)

    def begin(self, *, records_on_terminal: bool = False) -> None:
        """Show progress from now on, unless records come up on the same terminal."""
        if not self._quiet and not records_on_terminal:
            self._shown = TerminalBar(self._stats) if sys.stderr.isatty() else PlainLines(self._stats)

    @property
    def follows(self) -> bool:
        """Whether on_progress has anything to do."""
        return self._shown is not None or self._log is not None

    def on_progress(self, summary: RunSummary, total: int | None = None) -> None:
        """Take a run's totals so far; `total` where the summary doesn't know how many images there are."""
        self._summary = summary
        self._progress.add(summary, total)
        known = summary.found if total is None and summary.found_all else total
        for follower in (self._shown, self._log):
            if follower is not None:
                follower.update(summary, self._progress, known)

    def stop(self) -> None:
        """Show no further progress."""
        if self._shown is not None:
            self._shown.close()
        self._shown = None

    def end(self, ended: str, exit_code: int, summary: RunSummary, **more: Any) -> None:
        """Log how it ended."""
        if self._log is not None:
            self._log.end(ended, exit_code, summary, **more)

    def __enter__(self) -> RunView:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        if isinstance(error, Error):
            self.end("failed", USAGE_CONFIG_OR_MODEL, self._summary, message=str(error))
        elif isinstance(error, KeyboardInterrupt):
            self.end("interrupted", INTERRUPTED, self._summary)
        if self._log is not None:
            self._log.close()


class PlainLines:
    """A line after 5 s, then rarer and rarer: for a log that people read."""

    def __init__(self, stats: bool, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stats = stats
        self._stream = stream or sys.stderr
        self._clock = clock
        self._start = clock()
        self._next = self._start + FIRST_LINE_S

    def update(self, summary: RunSummary, progress: _core.RunProgress, total: int | None) -> None:
        """Print a line if it is time."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + max(FIRST_LINE_S, min(LONGEST_PAUSE_S, SHARE_OF_RUN * (now - self._start)))
        stages = f"; {_core.stages_in_words(summary)}" if self._stats else ""
        print(f"ppinfer: {progress.in_words()}{stages}", file=self._stream, flush=True)

    def close(self) -> None:
        """Nothing is left to do."""


class TerminalBar:
    """A bar with images, rate, errors and the time that is left; with `stats` a line of the stages' shares below it."""

    def __init__(self, stats: bool) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.spinner import Spinner

        self._stats = stats
        self._moment: tuple[str, str, int, int | None] | None = None
        self._spinner = Spinner("dots")
        self._live = Live(
            get_renderable=self._render, console=Console(stderr=True), transient=True, refresh_per_second=5
        )
        self._live.start()

    def update(self, summary: RunSummary, progress: _core.RunProgress, total: int | None) -> None:
        """Remember the moment; the bar is drawn by a thread of its own."""
        self._moment = (progress.in_words(), _core.stages_in_words(summary), summary.images_in_all, total)

    def close(self) -> None:
        """Take the bar away."""
        self._live.stop()

    def _render(self) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        row = Table.grid(padding=(0, 1))
        if self._moment is None:
            return row
        words, stages, images, total = self._moment
        row.add_row(self._spinner, ProgressBar(total, images, width=BAR_WIDTH, pulse=total is None), Text(words))
        return Group(row, Text(f"  {stages}")) if self._stats else row
