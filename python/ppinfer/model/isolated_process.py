"""Work in an isolated process.

The libraries that convert and quantise models print, end the process at unknown operations, keep gigabytes of memory,
need settings before they are imported, and some report their use to their vendor.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ppinfer._core import ModelError

# These turn telemetry off. The second one works for all packages of OpenVINO.
_QUIET = {"NNCF_CI": "1", "PYTHONSAFEPATH": "1"}
_TELEMETRY = "openvino_telemetry"

# -I keeps the current folder and PYTHONPATH out of the process's import path until it has ours.
_START = """
import json, runpy, sys
sys.path[:] = json.loads(sys.argv.pop(1))
runpy.run_module(sys.argv.pop(1), run_name="__main__")
"""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_REASON = re.compile(r"^.*?(?:\[ERROR\]|Error:)\s*(?:\[[^\]]*\]\s*)?(.*\S)")
_LONGEST_REASON = 300


def run_isolated(module: str, task: Mapping[str, object], *, failure: str) -> dict[str, Any]:
    """Call a module's `work(task)` in a new process, and give what it returns.

    Args:
        module: Its full name.
        task: What JSON can hold.
        failure: The start of the message when it fails.

    Raises:
        ModelError: It failed, or the process ended in the middle of it.
    """
    with tempfile.TemporaryDirectory(prefix="ppinfer-") as folder:
        Path(folder, "task.json").write_text(json.dumps(dict(task)), encoding="utf-8")
        paths = json.dumps(import_path(sys.path, os.getcwd()))
        command = [sys.executable, "-I", "-c", _START, paths, __name__, module, folder]
        with open(Path(folder, "log"), "wb") as log:
            code = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **_QUIET}, check=False
            ).returncode
        try:
            result: dict[str, Any] = json.loads(Path(folder, "result.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            said = reason_in(Path(folder, "log").read_text(encoding="utf-8", errors="replace"))
            result = {"error": said or _end_of(code)}
        if "error" in result:
            raise ModelError(f"{failure}: {result['error']}")
        return result


def import_path(path: Sequence[str], current: str) -> list[str]:
    """Leave the current folder out of where modules are looked for: files in it are not to be run for their names.

    Python puts it there, first, for `python -m` and `-c`. This package's own folder stays, wherever it is.

    >>> import_path(["", "/photos", "/lib/python3.13"], "/photos")[:1]
    ['/lib/python3.13']
    """
    own = str(Path(__file__).resolve().parents[2])
    kept = [entry for entry in path if entry and os.path.realpath(entry) != os.path.realpath(current)]
    return kept if own in map(os.path.realpath, kept) else [*kept, own]


def reason_in(log: str) -> str:
    r"""Find the line that says why, in what a library printed before its process ended.

    >>> reason_in("Start\n\x1b[0;31m[ERROR][Paddle2ONNX] Due to the unsupported operators\x1b[0m\nFatalError: abort\n")
    'Due to the unsupported operators'
    """
    for line in _COLOUR.sub("", log).splitlines():
        if (found := _REASON.match(line)) is not None:
            return found[1][:_LONGEST_REASON]
    return ""


def _end_of(code: int) -> str:
    if code < 0:
        return f"the process was ended by {signal.Signals(-code).name}"
    return f"the process ended with code {code}"


def main() -> None:
    """Run in the isolated process."""
    module, folder = sys.argv[1:]
    sys.modules[_TELEMETRY] = None  # type: ignore[assignment]  # so that importing it fails
    task = json.loads(Path(folder, "task.json").read_text(encoding="utf-8"))
    try:
        result = importlib.import_module(module).work(task)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: paddle2onnx leaves by it
        sys.stdout.flush()
        said = reason_in(Path(folder, "log").read_text(encoding="utf-8", errors="replace"))
        text = str(error).strip() if isinstance(error, Exception) else ""
        line = next((line.strip() for line in text.splitlines() if line.strip()), "")
        result = {"error": (line or said or type(error).__name__)[:_LONGEST_REASON]}
    Path(folder, "result.json").write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
