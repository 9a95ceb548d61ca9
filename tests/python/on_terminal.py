"""A command whose standard error is a terminal, where it shows what it does: so that a test knows how far it is."""

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from typing import Any

PATIENCE_S = 300.0
_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class OnTerminal:
    """A process; standard output is a pipe."""

    def __init__(self, command: Sequence[object], **options: Any) -> None:
        self._terminal, other_end = os.openpty()
        # Wide enough that no line is cut.
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "250", "LINES": "50"}
        self.process = subprocess.Popen(
            [str(word) for word in command], stdout=subprocess.PIPE, stderr=other_end, env=environment, **options
        )
        os.close(other_end)
        self._shown = b""

    @property
    def shown(self) -> str:
        """What the terminal got so far, without colours and movements."""
        return _CONTROLS.sub("", self._shown.decode(errors="replace"))

    def wait_until_it_shows(self, pattern: str) -> None:
        """Wait for it to show what this regular expression finds; fails when it ends before that, or takes too long."""
        end = time.monotonic() + PATIENCE_S
        while not re.search(pattern, self.shown):
            assert self._read(end - time.monotonic()), f"no {pattern!r} in what it showed:\n{self.shown}"

    def interrupt(self) -> tuple[int, bytes]:
        """Press Ctrl-C; gives the exit code and standard output once it has ended."""
        self.process.send_signal(signal.SIGINT)
        end = time.monotonic() + PATIENCE_S
        while self._read(end - time.monotonic()):
            pass
        os.close(self._terminal)
        out, _ = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, out

    def _read(self, seconds: float) -> bool:
        """Take what is shown next; False: it has ended, or there was nothing in this time."""
        if not select.select([self._terminal], [], [], max(0.0, seconds))[0]:
            return False
        try:
            block = os.read(self._terminal, 65536)
        except OSError:  # the other end is closed
            return False
        self._shown += block
        return bool(block)
