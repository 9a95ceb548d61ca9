"""The scripts of tools/batch do what their heads say, also when a run before was stopped."""

import datetime
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from conftest import CLASSES, write_config

BATCH = Path(__file__).resolve().parents[2] / "tools/batch"

sys.path.insert(0, str(BATCH))
import merge_shards  # noqa: E402


@pytest.fixture
def photos(photo_folder) -> Path:
    """40 photos, five of each class, in the order of their names; the last but one is damaged."""
    folder = photo_folder(40)
    (folder / "038.png").write_bytes(b"no image")
    return folder


def command_of(script: str, *arguments: object) -> tuple[list[str], dict[str, str]]:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return [str(BATCH / script), *map(str, arguments)], environment


def run(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command, environment = command_of(script, *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def stop_midway(script: str, part: Path, *arguments: object) -> None:
    """kill -9 once there are records."""
    command, environment = command_of(script, *arguments)
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=environment) as started:
        deadline = time.monotonic() + 300
        while not (part.exists() and part.stat().st_size > 0):
            assert started.poll() is None, "it ended before it wrote anything"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        started.send_signal(signal.SIGKILL)


def paths_of(records: Path) -> list[str]:
    return [json.loads(line)["path"] for line in records.read_text().splitlines()]


@pytest.mark.parametrize(
    "script", ["classify_tree", "classify_shard", "sort_into_folders", "nightly", "merge_shards.py"]
)
def test_without_arguments_the_usage_is_said(script):
    done = run(script)
    assert done.returncode == 2
    assert f"tools/batch/{script}" in done.stderr


def test_classify_tree_goes_on_after_a_kill(photos, tmp_path):
    slow = write_config(tmp_path / "slow", model="delay_ms 40", config="lanes 1\n")
    records = tmp_path / "records.jsonl"
    stop_midway("classify_tree", tmp_path / "records.jsonl.part", slow, photos, records)
    assert not records.exists()
    done = run("classify_tree", slow, photos, records)
    assert done.returncode == 1, done.stderr
    assert "of them before" in done.stderr
    assert paths_of(records) == [str(photos / f"{index:03}.png") for index in range(40)]
    assert paths_of(tmp_path / "records.jsonl.errors.jsonl") == [str(photos / "038.png")]


@pytest.mark.parametrize("script", ["classify_tree", "nightly", "sort_into_folders"])
def test_start_over(photos, config_path, tmp_path, script):
    """What a stopped run left stands in the way of one that is told to start over as little as without a script."""
    name = {"classify_tree": "r.jsonl", "nightly": f"r/{datetime.date.today()}.parquet"}.get(script, "r/records.jsonl")
    place = tmp_path / "r.jsonl" if script == "classify_tree" else tmp_path / "r"
    for index in range(20):
        (photos / f"{index:03}.png").write_bytes(b"no image")
    assert run(script, config_path, photos, place, "--max-errors", 1, "-o", "lanes=1").returncode == 3
    assert (tmp_path / f"{name}.part").exists()
    assert run(script, config_path, photos, place, "--force", "--max-errors", "90%").returncode == 1
    assert not (tmp_path / f"{name}.part").exists()
    assert (tmp_path / name).exists()


def test_sort_into_folders(photos, config_path, tmp_path):
    done = run("sort_into_folders", config_path, photos, tmp_path / "sorted")
    assert done.returncode == 1, done.stderr
    found = sorted((tmp_path / "sorted").glob("*/*.png"))
    assert len(found) == 39
    assert {path.parent.name: int(path.stem) % CLASSES for path in found} == {f"class {i}": i for i in range(CLASSES)}
    assert all(path.stat().st_nlink == 2 for path in found)
    assert Counter(path.parent.name for path in found)["class 6"] == 4


def test_nightly(photos, config_path, tmp_path):
    archive = tmp_path / "archive"
    records = archive / f"{datetime.date.today()}.parquet"
    done = run("nightly", config_path, photos, archive)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert pq.read_table(records)["path"].to_pylist() == [str(photos / f"{index:03}.png") for index in range(40)]
    assert "40 images in" in records.with_suffix(".log").read_text()
    written = records.stat().st_mtime_ns
    assert run("nightly", config_path, photos, archive).returncode == 0
    assert records.stat().st_mtime_ns == written, "it was done"


def test_nightly_stops_at_a_bad_source_and_beside_another(config_path, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for index in range(200):
        (source / f"{index:03}.png").write_bytes(b"no image")
    archive = tmp_path / "archive"
    done = run("nightly", config_path, source, archive)
    assert done.returncode == 3
    (log,) = archive.glob("*.log")
    assert "too many errors" in log.read_text()
    with open(archive / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run("nightly", config_path, source, archive)
    assert done.returncode == 2
    assert "another run is on" in done.stderr


@pytest.mark.parametrize("script", ["classify_tree", "sort_into_folders", "nightly"])
def test_a_folder_whose_name_begins_as_an_option_does(photos, config_path, tmp_path, monkeypatch, script):
    monkeypatch.chdir(tmp_path)
    photos.rename(tmp_path / "-odd")
    done = run(script, config_path, "-odd", "r.jsonl" if script == "classify_tree" else "-r")
    assert done.returncode == 1, done.stderr


@pytest.mark.parametrize("script", ["classify_tree", "sort_into_folders", "nightly"])
def test_without_ppinfer_no_code_says_that_images_are_bad(photos, config_path, tmp_path, monkeypatch, script):
    """As in cron, whose PATH is short."""
    command, environment = command_of(script, config_path, photos, tmp_path / "r")
    environment["PATH"] = str(tmp_path / "bin")
    (tmp_path / "bin").mkdir()
    for tool in ("bash", "env", "mkdir", "date", "flock"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (2, "ppinfer is not in PATH\n")


@pytest.mark.parametrize(
    ("script", "in_the_way"),
    [("sort_into_folders", "r/"), ("nightly", "r/"), ("nightly", "r/.lock/x"), ("nightly", "r/DATE.log/x")],
)
def test_what_cant_be_made_is_no_bad_image(photos, config_path, tmp_path, script, in_the_way):
    path = tmp_path / in_the_way.replace("DATE", str(datetime.date.today()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    assert run(script, config_path, photos, tmp_path / "r").returncode == 2


# ---- machines --------------------------------------------------------------------------------------------------------


def classify_shards(config: Path, photos: Path, records: Path, count: int, *options: object) -> list[Path]:
    """Do what each of so many machines would."""
    for index in range(1, count + 1):
        done = run("classify_shard", config, photos, records, f"{index}/{count}", *options)
        assert done.returncode in (0, 1), done.stderr
    return [records.with_suffix(f".{index}-of-{count}{records.suffix}") for index in range(1, count + 1)]


def refused(output: Path, *parts: Path) -> str:
    """Why they aren't merged; nothing is written."""
    before = output.read_bytes() if output.exists() else None
    with pytest.raises(merge_shards.Refused) as refusal:
        merge_shards.main([str(output), *map(str, parts)])
    assert not Path(f"{output}.new").exists()
    assert (output.read_bytes() if output.exists() else None) == before
    return str(refusal.value)


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_parts_of_several_machines_are_merged(photos, config_path, tmp_path, ending):
    for path in sorted(photos.iterdir())[2:]:  # at least one of three shards is empty
        path.unlink()
    (photos / "001.png").write_bytes(b"no image")
    merged, whole = tmp_path / f"records.{ending}", tmp_path / f"whole.{ending}"
    parts = classify_shards(config_path, photos, merged, 3)
    run("classify_tree", config_path, photos, whole)
    done = run("merge_shards.py", merged, *reversed(parts))
    assert done.returncode == 0, done.stderr
    if ending == "jsonl":
        assert merged.read_bytes() == whole.read_bytes()
    else:
        assert pq.read_table(merged).to_pylist() == pq.read_table(whole).to_pylist()
        assert pq.read_schema(merged).metadata == pq.read_schema(whole).metadata
    assert "exists already" in refused(merged, *parts)
    done = run("merge_shards.py", merged, *parts)
    assert done.returncode == 2
    assert done.stderr.startswith("merge_shards.py: ")


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_parts_that_make_no_whole_are_refused(photos, config_path, tmp_path, ending):
    merged = tmp_path / f"records.{ending}"
    parts = classify_shards(config_path, photos, merged, 3)
    other = tmp_path / f"other.2-of-2.{ending}"
    shutil.copy(classify_shards(config_path, photos, tmp_path / f"records.{ending}", 2)[1], other)
    assert "expected all: missing 2" in refused(merged, parts[0], parts[2])
    assert f"is shard 1 of 3, and so is {parts[0]}" in refused(merged, *parts, parts[0])
    assert f"{other}: is shard 2 of 2, but" in refused(merged, *parts, other)
    assert "exists already" in refused(*parts), "the output was forgotten"
    for growing in (".part", ".ray.part"):
        Path(f"{parts[1]}{growing}").touch()
        assert f"{parts[1]}: the run isn't complete" in refused(merged, *parts)
        Path(f"{parts[1]}{growing}").unlink()
    if ending == "jsonl":
        shutil.copy(parts[0], parts[1])
        assert "in two parts" in refused(merged, *parts)
        unnamed = parts[0].rename(tmp_path / "part1.jsonl")
        assert f"{unnamed}: the name doesn't say which shard it is" in refused(merged, unnamed, *parts[1:])
        parts[1].write_text("no record\n")
        assert f"{parts[1]}:1: not a record" in refused(merged, *parts[1:], unnamed.rename(parts[0]))


def test_parts_of_two_models_or_configs_or_formats_are_refused(photos, config_path, tmp_path):
    (photos / "038.png").unlink()  # so that all exit codes are 0
    merged = tmp_path / "records.parquet"
    parts = classify_shards(config_path, photos, merged, 2, "-o", "lanes=1")
    assert run("classify_shard", config_path, photos, merged, "2/2", "-o", "topk=1").returncode == 0
    assert f"{parts[1]}: was made by another config" in refused(merged, *parts)
    other = write_config(tmp_path / "other", model="delay_ms 0")
    assert run("classify_shard", other, photos, merged, "2/2").returncode == 0
    assert f"{parts[1]}: was made by another model" in refused(merged, *parts)
    assert "all end in .jsonl, or all in .parquet" in refused(merged, parts[0], tmp_path / "r.2-of-2.jsonl")
    assert run("classify_shard", config_path, photos, merged, "2/2", "-o", "lanes=2").returncode == 0
    assert run("merge_shards.py", merged, *parts).returncode == 0, "machines have lanes of their own"
