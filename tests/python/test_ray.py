"""ppinfer.ray on a cluster of two workers on this machine: one record an image, whatever dies midway.

Each run starts workers, which takes seconds of CPU time: what needs none is in test_ray_parts.py.
"""

import glob
import os
import signal
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import ray

import ppinfer.ray
from conftest import CLASSES, SCRIPTS, png, write_config
from ppinfer import ConfigError, InputSelection, Predictor, RuntimeFailure
from ppinfer.ray import actor, classification, cluster

IMAGES = 100


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster with two CPUs in Ray's accounting; the address is for other processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        patch.setenv("RAY_worker_niceness", "0")  # of 15: where other tests run, workers would get next to no CPU time
        for wait in ("raylet_start_wait_time_s", "worker_register_timeout_seconds"):
            patch.setenv(f"RAY_{wait}", "300")  # a busy machine is no failure
        patch.setenv("RAY_agent_register_timeout_ms", "300000")
        patch.setattr(cluster, "SETTLE_S", 1.0)
        options = {"include_dashboard": False, "log_to_driver": False, "logging_level": "error"}
        ray.init(address="local", num_cpus=2, object_store_memory=100 << 20, **options)
        yield ray.get_runtime_context().gcs_address
        ray.shutdown()


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Photos of known classes, two of them damaged, one of them away; paths are relative."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "photos"
    folder.mkdir()
    for index in range(IMAGES):
        (folder / f"{index:03}.png").write_bytes(b"no image" if index % 50 == 25 else png(index % CLASSES))
    (folder / "notes.txt").write_text("no image either, by its name")
    (folder / f"{IMAGES - 1:03}.png").unlink()
    (folder / f"{IMAGES - 1:03}.png").symlink_to("nowhere")
    return Path("photos")


def expected(config: Path, paths: object, tmp_path: Path, **choice: object) -> list[dict]:
    """The records of a run without Ray."""
    with Predictor(config) as predictor:
        predictor.write_records(paths, tmp_path / "expected.parquet", format="parquet", **choice)
    return rows(tmp_path / "expected.parquet")


def rows(path: Path) -> list[dict]:
    return pq.read_table(path).to_pylist()


def metadata(path: Path) -> dict[bytes, bytes]:
    """What the file says of itself; of the config, which holds the lanes, only that it is there."""
    found = pq.read_schema(path).metadata
    return {key: b"" if b"config" in key else value for key, value in found.items() if key.startswith(b"ppinfer.")}


def hold(cpus: int) -> object:
    """Hold CPUs of the cluster until the actor is killed."""

    class Holder:  # in here, so that a worker gets the class itself
        def is_there(self) -> bool:
            return True

    holder = ray.remote(num_cpus=cpus)(Holder).remote()
    assert ray.get(holder.is_there.remote())
    return holder


def workers() -> list[int]:
    """Processes that classify."""
    found = []
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            if "BatchClassifier" in Path(path).read_text():
                found.append(int(path.split("/")[2]))
        except OSError:  # it has just ended
            continue
    return found


def test_a_killed_worker_leaves_no_gap_and_no_double(address, photos, tmp_path):
    """Two actors, archives of which one is cut within its second member's headers, and an output that is a URI."""
    Path("a.png").write_bytes(png(1))
    for name in ("whole.tar", "cut.tar"):
        with tarfile.open(name, "w") as archive:
            for index in range(3):
                archive.add("a.png", f"{index}.png")
    os.truncate("cut.tar", 5 * 512)
    config = write_config(tmp_path / "model", model="delay_ms 10")
    killed: list[int] = []
    progress: list[tuple[int, int, int | None]] = []

    def on_progress(so_far: ppinfer.RunSummary, total: int | None) -> None:
        progress.append((so_far.images, so_far.errors, total))
        if not killed:
            killed.append(workers()[0])
            os.kill(killed[0], signal.SIGKILL)

    output = tmp_path / "records.parquet"
    output.write_text("earlier")
    paths = ["whole.tar", "cut.tar", photos]
    uri = f"file://{output}"
    summary = ppinfer.ray.classify(paths, config=config, output=uri, lanes=1, on_progress=on_progress)
    images = IMAGES + 5
    assert killed
    assert (summary.images, summary.errors, summary.skipped, summary.lanes) == (images, 4, 1, 2)
    assert rows(output) == expected(config, paths, tmp_path)
    assert metadata(output) == metadata(tmp_path / "expected.parquet")
    assert [count for count, _, _ in progress] == sorted({count for count, _, _ in progress})
    assert progress[0][0] < images
    assert progress[-1] == (images, 4, images)
    assert not list(tmp_path.glob("*.part"))


def test_objects_of_a_storage_as_a_dataset_on_the_cpus_that_others_leave(address, photos, config_path, tmp_path):
    holder = hold(1)
    (photos / ".hidden.png").write_bytes(png(1))
    uri = f"file://{tmp_path}/photos"
    missing = f"file://{tmp_path}/missing.png"
    with pytest.warns(UserWarning, match="others hold CPUs of the Ray cluster: the run has 1 in place of 2"):
        dataset = ppinfer.ray.records([missing, uri], config=config_path)
    first, *others = sorted(dataset.take_all(), key=lambda row: row["number"])
    assert (first["path"], first["error_stage"]) == (missing, "read")
    assert [row["number"] for row in others] == list(range(1, IMAGES))  # a broken link is nothing there
    same = ("class_ids", "scores", "label_names", "error_stage")
    for row, wanted in zip(others, expected(config_path, photos, tmp_path)[:-1], strict=True):
        assert row["path"] == f"{uri}/{wanted['path'].rpartition('/')[2]}"
        assert {key: row[key] for key in same} == {key: wanted[key] for key in same}
    ray.kill(holder)


def test_a_dataset_of_bytes(address, config_path, tmp_path):
    """Made on the way, by tasks of Ray's, and then by actors that leave a CPU for these."""
    contents = [None if index == 3 else b"no image" if index == 4 else png(index % CLASSES) for index in range(40)]
    dataset = ray.data.range(40, override_num_blocks=4).map(
        lambda row: {"path": f"made/{row['id']}.png", "bytes": contents[row["id"]]}
    )
    output = tmp_path / "records.parquet"
    summary = ppinfer.ray.classify(dataset, config=config_path, output=output)
    assert (summary.images, summary.errors, summary.lanes) == (40, 2, 1)
    found = rows(output)
    assert [row["path"] for row in found] == [f"made/{index}.png" for index in range(40)]
    best = [row["class_ids"] and row["class_ids"][0] for row in found]
    assert best == [None if index in (3, 4) else index % CLASSES for index in range(40)]
    assert [found[index]["error_stage"] for index in (3, 4)] == ["read", "decode"]
    assert not dataset.context.execution_options.preserve_order, "it was left as it was"


def test_the_command_waits_for_cpus_and_takes_a_shard(address, photos, config_path, tmp_path):
    holder = hold(2)
    choice = {"exclude": ["00*.png"], "shard": (1, 2)}
    command = [SCRIPTS / "ppinfer", "classify", "--ray", address, "-c", config_path, "--output", "records.parquet"]
    command += ["--exclude", "00*.png", "--shard", "1/2", photos]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        notice = process.stderr.readline()
        ray.kill(holder)
        stdout, stderr = process.communicate()
    assert "note: others hold CPUs of the Ray cluster: the run waits until a node has 2 free; free are 0 of 2" in notice
    whole = expected(config_path, photos, tmp_path, **choice)
    assert process.returncode == 1, stderr
    assert stdout == ""
    assert stderr.splitlines()[-1].startswith(f"{len(whole)} images in ")
    assert "logging.cc" not in stderr  # of Ray's own
    assert rows(tmp_path / "records.parquet") == whole
    assert metadata(tmp_path / "records.parquet") == metadata(tmp_path / "expected.parquet")


def test_without_images_nothing_runs(address, photos, config_path, tmp_path):
    """An earlier file stays, but for a shard: then others have the images."""
    output = tmp_path / "records.parquet"
    output.write_text("earlier")
    summary = ppinfer.ray.classify(config_path.parent, config=config_path, output=output)
    assert (summary.images, summary.skipped) == (0, 3)
    missing = f"file://{tmp_path}/fotos"
    for images, reason in (("fotos", "fotos: no such file"), (missing, f"{missing}: no such object or prefix")):
        with pytest.raises(ConfigError, match=f"{reason}\nnothing to classify: nothing is written"):
            ppinfer.ray.classify(images, config=config_path, output=output)
    assert output.read_text() == "earlier"
    assert not list(tmp_path.glob("*.part"))
    shards = [InputSelection(paths=("photos/000.png",), shard=(index, 2)) for index in (1, 2)]
    empty = next(shard for shard in shards if not list(shard.open()))
    ppinfer.ray.classify_inputs(empty, output=output, config=config_path, given=[])
    assert rows(output) == []
    assert metadata(output)[b"ppinfer.shard"] == b"%d/2" % empty.shard[0]


def test_wrong_arguments(address, photos, config_path):
    for arguments, message in (
        ({"lanes": 8}, "needs 8 CPUs, the largest node of the cluster has 2"),
        ({"address": "local"}, "Ray is connected already"),
        ({"output": "no folder/records.parquet"}, "cannot write no folder/records.parquet"),
        ({"output": "photos"}, "output is photos, expected a regular file"),
        ({"images": ["photos", "s3://bucket/photos"]}, "either files or objects of a storage"),
        ({"images": "nonsense://bucket/photos"}, "nonsense://bucket/photos: .*ray.data.read_binary_files"),
        ({"images": ray.data.range(3)}, "columns are id: expected path and bytes"),
        ({"topk": 0}, "topk"),
    ):
        wanted = {"images": "photos", "config": config_path, "output": "records.parquet"} | arguments
        with pytest.raises(ConfigError, match=message):
            ppinfer.ray.classify(wanted.pop("images"), **wanted)
    assert not list(Path().glob("records.parquet*"))


def test_an_image_that_kills_its_workers_again_and_again(address, config_path, tmp_path, monkeypatch):
    """The worker that gets this image ends at once, as of a crash in a decoder; what it raises then arrives here.

    Runs last: Ray's clean-up after it then delays no other test.
    """

    class Deadly(actor.BatchClassifier):  # in here, so that workers get the class itself
        def __call__(self, images):
            actor.MAX_DEATHS = 1  # starting a worker takes seconds
            return super().__call__(images)

        def _classify(self, predictor, images, paths):
            if "deadly.png" in paths:
                os._exit(1)
            return super()._classify(predictor, images, paths)

    names = ("fine.png", "deadly.png", "other.png")
    images = ray.data.from_items([{"path": name, "bytes": png(1)} for name in names], override_num_blocks=1)
    output = tmp_path / "records.parquet"
    output.write_text("what was")
    monkeypatch.setattr(classification, "BatchClassifier", Deadly)
    with pytest.raises(RuntimeFailure, match=r"^deadly\.png: 2 workers died of this image: leave it out$"):
        ppinfer.ray.classify(images, config=config_path, output=output)
    assert output.read_text() == "what was"
    assert not list(tmp_path.glob("*.part"))
