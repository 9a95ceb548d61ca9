"""Runs of `ppinfer classify` as processes of their own."""

import os
import signal
import subprocess
import time

from conftest import SCRIPTS

NOT_ON_PATH = {**os.environ, "PATH": "/usr/bin:/bin"}


def run(*arguments, **options):
    command = [SCRIPTS / "ppinfer", "classify", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **options)


def interrupted(arguments, part, **options):
    """Start a run, and send Ctrl-C once it has written records."""
    process = subprocess.Popen(
        [SCRIPTS / "ppinfer", "classify", *map(str, arguments)],
        stderr=subprocess.PIPE,
        env=NOT_ON_PATH,
        text=True,
        **options,
    )
    deadline = time.monotonic() + 300
    while not (part.exists() and part.stat().st_size > 2000):
        assert time.monotonic() < deadline
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    return process.wait(300), process.stderr.read()
