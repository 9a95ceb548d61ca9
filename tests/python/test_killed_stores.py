"""Runs into Parquet, npy and class folders that are killed again and again: nothing is lost, nothing doubled."""

import os
import random
import subprocess
import time

import numpy as np
import pyarrow.parquet as pq
import pytest

from conftest import CLASSES, SCRIPTS, png, write_config

PHOTOS = 1000
KILLS = 5
NAMES = {"parquet": ("out.parquet",), "npy": ("out.npy", "out.npy.jsonl")}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Photos of which every fiftieth is bad."""
    folder = tmp_path_factory.mktemp("killed")
    quick = "lanes 2\nbatch_size 5\nresize_short_size 8\ncrop_size 8\n"
    write_config(folder, "delay_ms 4", quick)
    config = write_config(folder / "vectors", "delay_ms 4", f"{quick}postprocess embedding\n")
    config.write_text(config.read_text().replace("label_path labels.txt\n", ""))
    (folder / "photos").mkdir()
    for index in range(PHOTOS):
        content = b"nonsense" if index % 50 == 7 else png(index % CLASSES)
        (folder / "photos" / f"{index:05}.png").write_bytes(content)
    return folder


def start(world, format, resume):
    config = "vectors/config.txt" if format == "npy" else "config.txt"
    options = ["-q", "-c", config, "--output", f"out.{format}", *(["--resume"] if resume else [])]
    if format == "parquet":
        options += ["--sort-into", "sorted", "--by", "hardlink"]
    command = [SCRIPTS / "ppinfer", "classify", *options, "photos"]
    return subprocess.Popen(command, cwd=world, stderr=subprocess.PIPE, text=True)


def ended(process):
    """Wait for a run; gives whether it came to its end before it was killed."""
    _, told = process.communicate(timeout=300)
    assert process.returncode in (1, -9), told  # bad photos are exit code 1
    return process.returncode == 1


def part_bytes(world, format):
    part = world / f"out.{format}.part"
    return part.stat().st_size if part.exists() else 0


def run_until_killed(world, format, dice, anywhere):
    """Kill a run at any moment, or some time after it has added to its part."""
    before = part_bytes(world, format)
    was_killed_at_its_end = (world / f"out.{format}").exists()
    process = start(world, format, resume=before > 0 or was_killed_at_its_end)
    if anywhere:
        time.sleep(dice.uniform(0, 1))
    else:
        while process.poll() is None and part_bytes(world, format) <= before:
            time.sleep(0.01)
        time.sleep(dice.uniform(0, 0.3))
    process.kill()
    return ended(process)


def content(world, format):
    if format == "npy":
        return np.load(world / "out.npy").tobytes(), (world / "out.npy.jsonl").read_text()
    return pq.read_table(world / "out.parquet").to_pylist()


def sorted_files(world):
    folder = world / "sorted"
    return {str(path.relative_to(folder)): path.stat().st_ino for path in folder.rglob("*.png")}


def clear(world, format):
    for name in NAMES[format]:
        for ending in ("", ".part", ".manifest"):
            (world / f"{name}{ending}").unlink(missing_ok=True)
    subprocess.run(["rm", "-rf", world / "sorted"], check=True)


@pytest.mark.parametrize("format", NAMES)
def test_killed_again_and_again(world, format):
    clear(world, format)
    assert ended(start(world, format, resume=False))
    expected, in_folders = content(world, format), sorted_files(world) if format == "parquet" else None
    if format == "parquet":
        assert [row["path"] for row in expected] == [f"photos/{index:05}.png" for index in range(PHOTOS)]
        assert len(in_folders) == PHOTOS - PHOTOS // 50
    clear(world, format)
    dice = random.Random(format)
    for kill in range(KILLS):
        if run_until_killed(world, format, dice, anywhere=kill % 3 == 0):
            assert content(world, format) == expected
            clear(world, format)
    assert ended(start(world, format, resume=True))
    assert content(world, format) == expected
    if format == "parquet":
        assert sorted_files(world) == in_folders
    assert not [name for name in os.listdir(world) if name.endswith((".part", ".manifest", ".new"))]
