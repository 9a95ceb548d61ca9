"""All that follows a run, fed from one place: the bar or the lines, the log, the count of inputs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ppinfer.commands.failures import say_notices
from ppinfer.commands.run_log import RunLog
from ppinfer.commands.run_watch import InputCount, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ppinfer.result import RunSummary
    from ppinfer.selection import InputSelection


class RunView:
    """Follows one run.

    Args:
        watch: Makes what shows, once the run begins.
        log: Events go there.
        quiet: Notes aren't printed; the log has them.
    """

    def __init__(self, watch: Callable[[], Watch | None], log: RunLog | None, *, quiet: bool) -> None:
        self._summary: RunSummary | None = None
        self._make_watch = watch
        self._watch: Watch | None = None
        self._log = log
        self._quiet = quiet
        self._count: InputCount | None = None

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

    def begin(self, selection: InputSelection | None) -> None:
        """Start to show progress, and count the inputs meanwhile; None: on_progress gets the number of inputs."""
        self._watch = self._make_watch()
        if selection is None:
            return
        if self._watch is not None or self._log is not None:
            self._count = InputCount(counting_of(selection))

    def on_progress(self, summary: RunSummary, total: int | None = None) -> None:
        """Take a run's totals so far."""
        self._summary = summary
        total = total if self._count is None else self._count.total
        for follower in (self._watch, self._log):
            if follower is not None:
                follower.update(summary, total)

    def stop(self) -> None:
        """Show no further progress."""
        if self._count is not None:
            self._count.close()
        if self._watch is not None:
            self._watch.close()
        self._watch = self._count = None

    def end(self, ended: str, exit_code: int, summary: RunSummary | None = None, **more: Any) -> None:
        """Log how it ended."""
        if self._log is None:
            return
        from ppinfer.result import RunSummary

        nothing = RunSummary(images=0, errors=0, skipped=0, wall_s=0)
        self._log.end(ended, exit_code, summary or self._summary or nothing, **more)


def counting_of(selection: InputSelection) -> Callable[[], Iterator[object]] | None:
    """Give what walks the inputs once more; None: they can be read only once, or it would cost as much as the run."""
    from ppinfer.selection import PACKED_ENDINGS

    if selection.list_path is not None and not os.path.isfile(selection.list_path):
        return None
    if any(path.lower().endswith(PACKED_ENDINGS) for path in selection.paths):
        return None  # all of it would be decompressed twice
    return lambda: iter(selection.open())
