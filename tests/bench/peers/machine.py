"""The machine that a contest is held on: what it is, and how busy others keep it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from peers.environment import process_environment
from ppinfer import _core
from ppinfer.measure.machine import cpu_name

PACKAGES = ("ppinfer", "paddlepaddle", "openvino", "onnxruntime", "opencv-python-headless", "numpy", "paddleclas")
PAUSE_S = 0.3
PATIENCE_S = 10.0  # before each try

_VERSIONS = (
    "import json, sys; from importlib.metadata import version as v; print(json.dumps({p: v(p) for p in sys.argv[1:]}))"
)


def allowed_cpus() -> int:
    """How many CPUs this process may use, and so the contestants: by affinity and quota, as ppinfer itself counts."""
    return _core.allowed_cpu_count()


def about(python: Path) -> dict[str, Any]:
    """Its processor, CPUs, and the versions of what an environment has."""
    command = [python, "-c", _VERSIONS, *PACKAGES]
    done = subprocess.run(command, env=process_environment(), capture_output=True, text=True, check=True)
    return {"processor": cpu_name(), "cpus": allowed_cpus(), "versions": json.loads(done.stdout)}


def wait_until_quiet(most_others: float) -> None:
    """Until other processes take no more than this share of the machine's CPUs, or the patience is at its end."""
    end = time.monotonic() + PATIENCE_S
    while most_others < 1 and time.monotonic() < end:
        before = busy_cpu_seconds()
        time.sleep(PAUSE_S)
        if busy_cpu_seconds() - before <= most_others * PAUSE_S * (os.cpu_count() or 1):
            return


def busy_cpu_seconds() -> float:
    """What all processes on this machine have used of its CPUs since it started, with what its host took away."""
    fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
    user, nice, system, _idle, _iowait, irq, softirq, steal = (int(field) for field in fields[:8])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
