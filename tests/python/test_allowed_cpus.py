"""As many lanes as CPUs that the process may keep busy: seen from outside, under the kernel's own limits."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import SCRIPTS, png, write_config
from ppinfer import _core

Limit = Callable[[], None]
CGROUPS = Path("/sys/fs/cgroup")


def own_group(controllers: str) -> str:
    """Where this process stands in the hierarchy of these controllers ("": of cgroup v2)."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, names, group = line.split(":", 2)
        if controllers in names.split(","):
            return group.lstrip("/")
    raise OSError(f"/proc/self/cgroup doesn't list {controllers or 'cgroup v2'}")


def limited_group_v1(name: str) -> Path:
    group = CGROUPS / "cpu" / own_group("cpu") / name
    group.mkdir()
    try:
        (group / "cpu.cfs_period_us").write_text("100000")
        (group / "cpu.cfs_quota_us").write_text("100000")
    except OSError:
        group.rmdir()
        raise
    return group


def limited_group_v2(name: str) -> Path:
    parent = CGROUPS / own_group("")
    if "cpu" not in (parent / "cgroup.subtree_control").read_text().split():
        (parent / "cgroup.subtree_control").write_text("+cpu")
    group = parent / name
    group.mkdir()
    try:
        (group / "cpu.max").write_text("100000 100000")
    except OSError:
        group.rmdir()
        raise
    return group


@pytest.fixture
def quota_of_one_cpu() -> Iterator[Limit]:
    """What a process calls to have the CPU time of one CPU alone."""
    make = limited_group_v2 if (CGROUPS / "cgroup.controllers").exists() else limited_group_v1
    try:
        group = make(f"ppinfer_test_{os.getpid()}")
    except OSError as error:
        pytest.skip(f"this machine lets this user make no group with a CPU quota: {error}")
    yield lambda: (group / "cgroup.procs").write_text(str(os.getpid()))
    group.rmdir()


@pytest.fixture
def one_cpu_in_the_mask() -> Limit:
    return lambda: os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])


SCRIPT = """
import sys
import ppinfer
with ppinfer.Predictor(sys.argv[1]) as predictor:
    summary = predictor.write_records([sys.argv[2]], sys.argv[3])
    print(ppinfer._core.allowed_cpu_count(), summary.lanes, predictor)
"""


@pytest.mark.parametrize("limit", ["quota_of_one_cpu", "one_cpu_in_the_mask"])
def test_one_allowed_cpu_is_one_lane(limit, tmp_path, request):
    if _core.allowed_cpu_count() == 1:
        pytest.skip("this machine has one CPU for this process anyway")
    limited = {"preexec_fn": request.getfixturevalue(limit), "capture_output": True, "text": True, "check": True}
    config = write_config(tmp_path)
    (tmp_path / "photos").mkdir()
    for index in range(8):
        (tmp_path / "photos" / f"{index}.png").write_bytes(png(index))
    command = [sys.executable, "-c", SCRIPT, config, tmp_path / "photos", tmp_path / "records.csv"]
    told = subprocess.run(command, **limited).stdout
    assert told.startswith("1 1 ")
    assert "1 lane x 1 thread" in told
    program = subprocess.run([SCRIPTS / "clas_system", "-o", "lanes=2", config, tmp_path / "photos"], **limited)
    assert "2 compute threads for 1 allowed CPU" in program.stderr
