"""Runs that are killed without a warning, again and again, end with the bytes of one that wasn't."""

import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from conftest import CLASSES, SCRIPTS, png, write_config

KILLS = 20
PHOTOS = 2500  # more than are done between 20 kills; where they aren't, the run begins anew

RUN_JOB = """\
import os, sys
from ppinfer import _core
from ppinfer.job import JobOptions, run_job
from ppinfer.predictor import load_config

config, folder, output, errors, format, resume = sys.argv[1:]

class Photos:
    def open(self): return _core.ImageFiles([os.fsencode(folder)])
    def describe(self): return {"paths": folder}

core = _core.Predictor(load_config(config, []))
options = JobOptions(output=output, errors=errors, format=format, resume=resume == "resume")
sys.exit(0 if run_job(core, Photos(), options).ended == "complete" else 5)
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
    return folder


def commands(door: str, format: str) -> Sequence[str]:
    files = ["config.txt", "photos", "out", "bad"]
    if door == "python":
        return [sys.executable, "-c", RUN_JOB, *files, format]
    options = ["-q", "-c", "config.txt", "--format", format, "--output", "out", "--errors", "bad"]
    return [str(SCRIPTS / "clas_system"), *options, "photos"]


def run(world: Path, door: str, format: str, resume: bool, kill_after_s: float | None = None) -> int:
    command = [*commands(door, format)]
    if door == "python":
        command.append("resume" if resume else "afresh")
    elif resume:
        command.append("--resume")
    with subprocess.Popen(command, cwd=world, stderr=subprocess.PIPE, text=True) as process:
        try:
            code = process.wait(kill_after_s)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        told = process.stderr.read()
    assert code in ((0,) if door == "python" else (1,)) or code == -9, told  # bad photos are exit code 1
    return code


def clear(world: Path) -> None:
    for name in ("out", "bad"):
        for ending in ("", ".part", ".journal"):
            (world / f"{name}{ending}").unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("door", "format", "seconds"),
    [("clas_system", "jsonl", (0, 0.4)), ("clas_system", "csv", (0, 0.4)), ("python", "jsonl", (0.2, 0.9))],
)
def test_20_kills(world, door, format, seconds):
    clear(world)
    run(world, door, format, resume=False)
    expected = [(world / name).read_bytes() for name in ("out", "bad")]
    assert expected[0].count(b"\n") == PHOTOS + (format == "csv")
    assert expected[1].count(b"\n") == PHOTOS // 50 + (format == "csv")
    clear(world)
    random.seed(format)
    kills, went_on = 0, 0
    while kills < KILLS:
        before = size_of(world / "out.part")
        code = run(world, door, format, resume=before > 0, kill_after_s=random.uniform(*seconds))
        if code == -9:
            kills += 1
            went_on += size_of(world / "out.part") > before
        else:  # it was done before the kill
            assert [(world / name).read_bytes() for name in ("out", "bad")] == expected
            clear(world)
    assert went_on >= KILLS / 4, "most kills came before there was anything to lose"
    run(world, door, format, resume=True)
    assert [(world / name).read_bytes() for name in ("out", "bad")] == expected
    assert not {"out.part", "out.journal", "bad.part"} & set(os.listdir(world))


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
