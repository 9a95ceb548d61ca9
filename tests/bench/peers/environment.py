"""Where the contest runs: an environment of its own beside the models, which sees this one's packages too."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1]
ROOT = BENCH.parents[1]
ZOO = ROOT / "models/zoo"  # ignored by git
TOOLS = ROOT / "tools"

sys.path.insert(0, str(TOOLS))

from requirements import requirements  # noqa: E402


class SetupError(Exception):
    """What couldn't be made or installed and why, for the person who runs the command."""


def make_environment(folder: Path = ZOO / ".venv") -> Path:
    """Install the peers where they disturb nothing; gives the environment's Python.

    numpy, OpenCV, OpenVINO, Paddle and ppinfer are this environment's own, so that everybody has the same.

    Raises:
        SetupError: pip failed.
    """
    peers, alone = requirements("peers"), requirements("oracle")
    python = folder / "bin/python"
    state = hashlib.sha256(repr((peers, alone, sys.prefix, sys.version)).encode()).hexdigest()
    stamp = folder / "installed"
    if stamp.is_file() and stamp.read_text() == state:
        return python
    print(f"installing the peers into {folder}", file=sys.stderr)
    venv.create(folder, with_pip=True, clear=True)
    site = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    (site / "parent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    _pip(python, *peers)
    _pip(python, "--no-deps", *alone)
    stamp.write_text(state)
    return python


def _pip(python: Path, *arguments: str) -> None:
    options = ["--disable-pip-version-check", "--quiet", "--no-input"]
    done = subprocess.run([python, "-m", "pip", "install", *options, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise SetupError(f"pip install {' '.join(arguments)} failed:\n{last_lines(done.stderr)}")


def process_environment() -> dict[str, str]:
    """Variables for a process of the contest: it finds this package, and Paddle says no more than it must."""
    path = os.pathsep.join([str(BENCH), str(TOOLS)])
    return {**os.environ, "PYTHONPATH": path, "GLOG_minloglevel": "2", "PYTHONWARNINGS": "ignore"}


def last_lines(text: str, count: int = 12) -> str:
    """Indented, without empty ones."""
    return "\n".join(f"  {line}" for line in [line for line in text.splitlines() if line.strip()][-count:])
