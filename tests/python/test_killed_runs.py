"""Runs that are killed without a warning, again and again, end with the bytes of one that wasn't."""

import io
import os
import random
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import CLASSES, SCRIPTS, png, write_config

PHOTOS = 2500  # more than are done between the kills; where they aren't, the run begins anew

RUN_JOB = """\
import sys
from ppinfer import _core
from ppinfer.run import RunOptions, write_records
from ppinfer.config_values import load_config
from ppinfer.selection import InputSelection

format, resume = sys.argv[1:]
core = _core.Predictor(load_config("config.txt", []))
options = RunOptions(output="out", errors="bad", format=format, resume=resume == "resume")
sys.exit(0 if write_records(core, InputSelection(paths=("photos",)), options).ended == "complete" else 5)
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos with long names, so that records fill what is kept back several times a second; some of them are bad."""
    folder = tmp_path_factory.mktemp("killed")
    write_config(folder, "delay_ms 4", "lanes 2\nbatch_size 5\nresize_short_size 8\ncrop_size 8\n")
    photos = folder / "photos" / ("long " * 50) / ("longer " * 35)
    photos.mkdir(parents=True)
    for class_id in range(CLASSES):
        (folder / f"{class_id}.png").write_bytes(png(class_id))
    (folder / "bad.png").write_bytes(b"nonsense")
    for index in range(PHOTOS):
        os.link(folder / ("bad.png" if index % 50 == 7 else f"{index % CLASSES}.png"), photos / f"{index:05}.png")
    names = sorted(photos.iterdir())
    for shard in range(2):
        with tarfile.open(folder / f"{shard}.tar", "w") as archive:
            for path in names[shard::2]:
                member = tarfile.TarInfo(str(path.relative_to(folder)))
                member.size = path.stat().st_size
                archive.addfile(member, io.BytesIO(path.read_bytes()))
    return folder


def command(door: str, format: str, inputs: list[str], resume: bool) -> list[str]:
    if door == "python":
        return [sys.executable, "-c", RUN_JOB, format, "resume" if resume else "afresh"]
    options = ["-q", "-c", "config.txt", "--format", format, "--output", "out", "--errors", "bad"]
    return [str(SCRIPTS / "clas_system"), *options, *(["--resume"] if resume else []), *inputs]


def run(world: Path, *given: object, kill: Callable[[subprocess.Popen], object] = subprocess.Popen.wait) -> int:
    """Call with what command() takes; `kill` may end it before its time."""
    with subprocess.Popen(command(*given), cwd=world, stderr=subprocess.PIPE, text=True) as process:
        kill(process)
        code = process.wait()
        told = process.stderr.read()
    assert code in (-9, 0 if given[0] == "python" else 1), told  # of bad photos clas_system's is 1
    return code


def at_any_time(seconds: float) -> Callable[[subprocess.Popen], object]:
    def kill(process: subprocess.Popen) -> None:
        time.sleep(random.uniform(0, seconds))
        process.kill()

    return kill


def once_there_is_more(part: Path) -> Callable[[subprocess.Popen], object]:
    """However slow the machine is, something was done then."""
    before = size_of(part)

    def kill(process: subprocess.Popen) -> None:
        while size_of(part) <= before and process.poll() is None:
            time.sleep(0.002)
        at_any_time(0.2)(process)

    return kill


def clear(world: Path) -> None:
    for pattern in ("out*", "bad", "bad.*.part"):
        for path in world.glob(pattern):
            path.unlink()


@pytest.mark.parametrize(
    ("door", "format", "inputs", "kills"),
    [
        pytest.param("clas_system", "jsonl", ["photos"], 12, id="jsonl"),
        pytest.param("clas_system", "csv", ["photos"], 12, id="csv"),
        pytest.param("clas_system", "jsonl", ["0.tar", "1.tar"], 12, id="tar shards"),
        pytest.param("python", "jsonl", ["photos"], 6, id="python"),
    ],
)
def test_killed_again_and_again(world, door, format, inputs, kills):
    clear(world)
    run(world, door, format, inputs, False)
    expected = [(world / name).read_bytes() for name in ("out", "bad")]
    assert expected[0].count(b"\n") == PHOTOS + (format == "csv")
    assert expected[1].count(b"\n") == PHOTOS // 50 + (format == "csv")
    clear(world)
    random.seed(format)
    killed, went_on = 0, 0
    while killed < kills:
        before = size_of(world / "out.part")
        kill = once_there_is_more(world / "out.part") if killed % 2 else at_any_time(0.5)
        was_killed_at_its_end = (world / "out").exists()
        if run(world, door, format, inputs, before > 0 or was_killed_at_its_end, kill=kill) == -9:
            killed += 1
            went_on += size_of(world / "out.part") > before
        else:  # it was done before the kill
            assert [(world / name).read_bytes() for name in ("out", "bad")] == expected
            clear(world)
    assert went_on >= kills / 3, "most kills came before there was anything to lose"
    run(world, door, format, inputs, True)
    assert [(world / name).read_bytes() for name in ("out", "bad")] == expected
    assert not [name for name in os.listdir(world) if name.endswith((".part", ".manifest"))]


def size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # not yet, or in place just now
        return 0
