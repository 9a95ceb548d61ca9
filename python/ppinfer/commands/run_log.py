"""`--log-json FILE`: a run as one JSON event a line, for programs that watch it."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TextIO

from ppinfer.commands.failures import say

if TYPE_CHECKING:
    from ppinfer._core import RunProgress
    from ppinfer.result import RunSummary

EVERY_S = 5.0


class RunLog:
    """Events `start`, `progress` every 5 s, `warning`, `end`; each with its `time`. A file is added to.

    Args:
        path: "-" is standard output.

    Raises:
        Error: The file can't be opened.
    """

    def __init__(self, path: str, clock: Callable[[], float] = time.monotonic) -> None:
        from ppinfer import Error

        self._path = path
        self._clock = clock
        self._next = clock() + EVERY_S
        self._broken = False
        try:
            self._file: TextIO = sys.stdout if path == "-" else open(path, "a", encoding="utf-8")  # noqa: SIM115
            if path != "-" and _is_torn(path):
                self._file.write("\n")  # behind what a kill cut short, which else would spoil the first event
        except OSError as error:
            raise Error(f"--log-json {path}: {error.strerror}") from None

    def start(self, facts: Mapping[str, Any]) -> None:
        """Say what runs."""
        self._write("start", facts)

    def update(self, summary: RunSummary, progress: RunProgress, total: int | None) -> None:
        """Say how far it is, if it is time."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + EVERY_S
        left = progress.seconds_left
        facts = {**_totals(summary), "recent_images_per_s": round(progress.images_per_s, 2)}
        facts |= {"found": summary.found, "total": total, "left_s": None if left is None else round(left, 1)}
        self._write("progress", facts)

    def warning(self, message: str) -> None:
        """Say what somebody should know."""
        self._write("warning", {"message": message})

    def end(self, ended: str, exit_code: int, summary: RunSummary, **more: Any) -> None:
        """Say how it ended: "complete", "max_errors", "interrupted" or "failed"."""
        shares = {stage: round(share, 4) for stage, share in summary.stage_shares.items()}
        facts = {"ended": ended, "exit_code": exit_code, **_totals(summary), "stage_shares": shares}
        self._write("end", {**facts, **more})

    def close(self) -> None:
        """Let the file go."""
        if self._file is sys.stdout:
            return
        with suppress(OSError):  # of what couldn't be written before, which was said
            self._file.close()

    def _write(self, event: str, facts: Mapping[str, Any]) -> None:
        if self._broken:
            return
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        try:
            print(json.dumps({"time": now, "event": event, **facts}), file=self._file, flush=True)
        except OSError as error:  # the records matter more than the log: said once
            self._broken = True
            say(f"--log-json {self._path}: {error.strerror}: the log ends here")


def _is_torn(path: str) -> bool:
    if not os.path.isfile(path) or os.path.getsize(path) == 0:
        return False
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() != b"\n"


def _totals(summary: RunSummary) -> dict[str, Any]:
    return {
        "images": summary.images_in_all,
        "errors": summary.errors_in_all,
        "done_before": summary.done_before,
        "skipped": summary.skipped,
        "wall_s": round(summary.wall_s, 3),
        "images_per_s": round(summary.images_per_s, 2),
    }
