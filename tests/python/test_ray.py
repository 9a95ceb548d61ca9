"""ppinfer.ray on a cluster of two workers on this machine: one record an image, whatever dies midway."""

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
from ppinfer import ConfigError, Predictor, RuntimeFailure
from ppinfer.ray import actor, execution, waiting

STORE_BYTES = 100 << 20


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Two CPUs for Ray's accounting; the address is for other processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        patch.setenv("RAY_raylet_start_wait_time_s", "240")  # a busy machine is no failure
        ray.init(
            address="local",
            num_cpus=2,
            include_dashboard=False,
            object_store_memory=STORE_BYTES,
            log_to_driver=False,
            logging_level="error",
        )
        yield ray.get_runtime_context().gcs_address
        ray.shutdown()


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """300 photos of known classes, three of them damaged, one of them away; paths are relative."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "photos"
    folder.mkdir()
    for index in range(300):
        (folder / f"{index:03}.png").write_bytes(b"no image" if index % 100 == 50 else png(index % CLASSES))
    (folder / "notes.txt").write_text("no image either, by its name")
    (folder / "299.png").unlink()
    (folder / "299.png").symlink_to("nowhere")
    return Path("photos")


def expected(config: Path, paths: object, tmp_path: Path) -> list[dict]:
    """The records of a run without Ray."""
    with Predictor(config) as predictor:
        predictor.write_records(paths, tmp_path / "expected.parquet", format="parquet")
    return rows(tmp_path / "expected.parquet")


def rows(path: Path) -> list[dict]:
    return pq.read_table(path).to_pylist()


def archives() -> tuple[int, int]:
    """Write whole.tar and cut.tar, which ends within its second member's headers; gives the records of each."""
    Path("a.png").write_bytes(png(1))
    for name in ("whole.tar", "cut.tar"):
        with tarfile.open(name, "w") as archive:
            for index in range(3):
                archive.add("a.png", f"{index}.png")
    os.truncate("cut.tar", 5 * 512)
    return 3, 2  # an image, and the end that is missing


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


def test_a_killed_worker_leaves_no_gap_and_no_double(cluster, photos, tmp_path):
    config = write_config(tmp_path / "model", model="delay_ms 10")
    killed: list[int] = []
    progress: list[tuple[int, int, int | None]] = []

    def watch(so_far: ppinfer.RunSummary, total: int | None) -> None:
        progress.append((so_far.images, so_far.errors, total))
        if not killed and so_far.images < 250:
            killed.append(workers()[0])
            os.kill(killed[0], signal.SIGKILL)

    output = tmp_path / "records.parquet"
    paths = ["whole.tar", "cut.tar", photos]
    whole, cut = archives()
    summary = ppinfer.ray.classify(paths, config=config, output=output, cpus_per_actor=1, on_progress=watch)
    assert killed, "it was over too soon"
    images = 300 + whole + cut
    assert (summary.images, summary.errors, summary.skipped, summary.lanes) == (images, 5, 1, 2)
    assert rows(output) == expected(config, paths, tmp_path)
    metadata = pq.read_schema(output).metadata
    assert metadata.keys() >= pq.read_schema(tmp_path / "expected.parquet").metadata.keys() - {b"ARROW:schema"}
    counts = [images for images, _, _ in progress]
    assert counts == sorted(counts)
    assert progress[-1] == (images, 5, images)
    assert not list(tmp_path.glob("*.part"))


def test_a_dataset_of_bytes(cluster, photos, config_path, tmp_path):
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


def test_objects_of_a_storage(cluster, photos, config_path, tmp_path):
    (photos / ".hidden.png").write_bytes(png(1))
    uri = f"file://{tmp_path}/photos"
    missing = f"file://{tmp_path}/missing.png"
    output = tmp_path / "records.parquet"
    summary = ppinfer.ray.classify([missing, uri], config=config_path, output=f"file://{output}")
    assert (summary.images, summary.errors, summary.skipped) == (300, 4, 2)  # a broken link is nothing there
    first, *others = rows(output)
    assert (first["path"], first["error_stage"]) == (missing, "read")
    assert others[0]["path"] == f"{uri}/000.png"
    by_name = {row["path"].rpartition("/")[2]: row for row in others}
    for row in expected(config_path, photos, tmp_path)[:-1]:
        other = by_name.pop(row["path"].rpartition("/")[2])
        assert (other["class_ids"], other["scores"], other["error_stage"]) == (
            row["class_ids"],
            row["scores"],
            row["error_stage"],
        )
    assert not by_name


def test_the_command(cluster, photos, config_path, tmp_path):
    command = [SCRIPTS / "ppinfer", "classify", "--ray", cluster, "-c", config_path, "--output", "records.parquet"]
    done = subprocess.run([*command, "--exclude", "0*.png", photos], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert done.stderr.splitlines()[-1].startswith("200 images in ")
    assert "3 errors" in done.stderr
    assert "logging.cc" not in done.stderr  # of Ray's own
    assert done.stdout == ""
    whole = expected(config_path, photos, tmp_path)
    assert rows(tmp_path / "records.parquet") == [row for row in whole if not row["path"].startswith("photos/0")]


def test_nothing_to_classify_costs_no_earlier_records(cluster, photos, config_path, tmp_path):
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


def test_a_shard_without_images_is_an_empty_file(cluster, config_path, photo_folder, tmp_path):
    folder = photo_folder(1)
    metadata = []
    for index in (1, 2):
        selection = ppinfer.InputSelection(paths=(str(folder),), shard=(index, 2))
        ppinfer.ray.classify_inputs(selection, output=tmp_path / f"{index}.parquet", config=str(config_path), given=[])
        metadata.append(pq.read_schema(tmp_path / f"{index}.parquet").metadata)
    assert sorted(len(rows(tmp_path / f"{index}.parquet")) for index in (1, 2)) == [0, 1]
    assert [found[b"ppinfer.shard"] for found in metadata] == [b"1/2", b"2/2"]
    whole = tmp_path / "whole.parquet"
    with Predictor(config_path) as predictor:
        predictor.write_records(folder, whole, format="parquet")
    assert metadata[0][b"ppinfer.identity_sha256"] == pq.read_schema(whole).metadata[b"ppinfer.identity_sha256"]


def hold(cpus: int) -> object:
    """Hold CPUs of the cluster until the actor is killed."""

    class Holder:  # in here, so that a worker gets the class itself
        def is_there(self) -> bool:
            return True

    holder = ray.remote(num_cpus=cpus)(Holder).remote()
    assert ray.get(holder.is_there.remote())
    return holder


def test_where_others_hold_all_cpus_it_is_said(cluster, photos, config_path, tmp_path, monkeypatch):
    monkeypatch.setattr(waiting, "FIRST_S", 0.1)
    holder = hold(2)
    notices: list[str] = []

    def note(message: str) -> None:
        notices.append(message)
        ray.kill(holder)

    output = tmp_path / "records.parquet"
    assert ppinfer.ray.classify(photos, config=config_path, output=output, on_notice=note).images == 300
    assert notices[0].startswith("no actor has come up yet: each of 1 needs 2 CPUs of a node; free are 0 of 2 (")


def test_records_as_a_dataset_on_the_cpus_that_others_leave(cluster, photos, config_path):
    holder = hold(1)
    given = sorted(map(str, photos.glob("00*.png")))
    with pytest.warns(UserWarning, match="others hold CPUs of the Ray cluster: the run has 1 in place of 2"):
        dataset = ppinfer.ray.records(given, config=config_path)
    found = sorted(dataset.take_all(), key=lambda row: row["number"])
    assert [(row["number"], row["class_ids"][0]) for row in found] == [(index, index % CLASSES) for index in range(10)]
    ray.kill(holder)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lanes": 8}, "needs 8 CPUs, the largest node of the cluster has 2"),
        ({"address": "local"}, "Ray is connected already"),
        ({"output": "no folder/records.parquet"}, "cannot write no folder/records.parquet"),
        ({"output": "photos"}, "output is photos, which is no file"),
        ({"images": ["photos", "s3://bucket/photos"]}, "either files or objects of a storage"),
        ({"images": "nonsense://bucket/photos"}, "nonsense://bucket/photos: .*given as `filesystem`"),
        ({"topk": 0}, "topk"),
    ],
)
def test_wrong_arguments(cluster, photos, config_path, arguments, message):
    wanted = {"images": "photos", "config": config_path, "output": "records.parquet"} | arguments
    with pytest.raises(ConfigError, match=message):
        ppinfer.ray.classify(wanted.pop("images"), **wanted)


def test_a_dataset_without_paths(cluster, config_path, tmp_path):
    with pytest.raises(ConfigError, match="columns are id: expected path and bytes"):
        ppinfer.ray.classify(ray.data.range(3), config=config_path, output=tmp_path / "records.parquet")


def test_what_a_worker_raises_arrives_and_leaves_the_output_alone(cluster, photos, config_path, tmp_path, monkeypatch):
    output = tmp_path / "records.parquet"
    output.write_text("what was")
    monkeypatch.setattr(ppinfer.ray.classification._core, "__version__", "0.0.1")
    with pytest.raises(ppinfer.Error, match=r"is installed on node .*, but 0\.0\.1 where the run was started"):
        ppinfer.ray.classify(photos, config=config_path, output=output)
    assert output.read_text() == "what was"
    assert not list(tmp_path.glob("*.part"))


def test_images_that_kill_their_workers_again_and_again(cluster, config_path, tmp_path, monkeypatch):
    """The worker that gets this image ends at once, as of a crash in a decoder.

    Runs last: Ray's clean-up after it then delays no other test.
    """

    class Deadly(actor.BatchClassifier):  # in here, so that workers get the class itself
        def __init__(self, *arguments):
            actor.MAX_ATTEMPTS = 2  # starting a worker takes seconds
            super().__init__(*arguments)

        def _classify(self, images, paths):
            os._exit(1)

    images = ray.data.from_items([{"path": "deadly.png", "bytes": png(1)}])
    monkeypatch.setattr(execution, "BatchClassifier", Deadly)
    with pytest.raises(RuntimeFailure, match=r"2 workers died at .*; the first is deadly\.png"):
        ppinfer.ray.classify(images, config=config_path, output=tmp_path / "records.parquet")
