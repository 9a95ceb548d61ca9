"""Parts of ppinfer.ray that need no cluster."""

import socket
import subprocess
import sys
from types import SimpleNamespace

import pyarrow as pa
import pytest

from conftest import SCRIPTS, png
from ppinfer import ConfigError, Error, RuntimeFailure, _core
from ppinfer.config_values import load_config
from ppinfer.ray import classify
from ppinfer.ray.actor import BatchClassifier
from ppinfer.ray.classification import Run
from ppinfer.ray.cluster import ActorPlan, connected, plan_actors
from ppinfer.ray.inputs import Inputs
from ppinfer.ray.record_file import RecordFile


@pytest.mark.parametrize(
    ("nodes", "arguments", "plan"),
    [
        ([4], {}, ActorPlan(1, 4, 1)),
        ([8, 8, 0], {}, ActorPlan(2, 8, 1)),
        ([1, 16], {}, ActorPlan(1, 16, 1)),  # 16 of 17 work, and one model is loaded, not 17
        ([4, 6], {}, ActorPlan(2, 4, 1)),
        ([8], {"spare_cpus": 1}, ActorPlan(1, 7, 1)),
        ([8], {"lanes": 3}, ActorPlan(2, 3, 1)),
        ([8], {"threads_per_lane": 2}, ActorPlan(1, 4, 2)),
        ([8], {"threads_per_lane": 0}, ActorPlan(1, 1, 8)),
        ([8], {"lanes": 2, "threads_per_lane": 0}, ActorPlan(1, 2, 4)),
        ([8], {"lanes": 2, "threads_per_lane": 2}, ActorPlan(2, 2, 2)),
        ([1, 1], {}, ActorPlan(2, 1, 1)),
    ],
)
def test_no_cpu_is_given_twice(nodes, arguments, plan):
    found = plan_actors(nodes, **{"lanes": 0, "threads_per_lane": 1} | arguments)
    assert found == plan
    assert found.actors * found.cpus <= sum(nodes)


@pytest.mark.parametrize(
    ("nodes", "arguments", "message"),
    [
        ([0], {}, "the Ray cluster has no CPUs"),
        ([1], {"spare_cpus": 1}, "has 1 CPU, and a Dataset needs 1"),
        ([4], {"lanes": 8}, "needs 8 CPUs, the largest node of the cluster has 4"),
    ],
)
def test_no_room(nodes, arguments, message):
    with pytest.raises(ConfigError, match=message):
        plan_actors(nodes, **{"lanes": 0, "threads_per_lane": 1} | arguments)


def run_of(tables: list[list[int]]) -> Run:
    """A run of four images whose records come with these numbers."""

    def table(numbers: list[int]) -> pa.Table:
        status, stage = ["error"] * len(numbers), ["machine"] * len(numbers)
        return pa.table({"number": numbers, "status": status, "error_stage": stage})

    context = SimpleNamespace(execution_options=SimpleNamespace())
    dataset = SimpleNamespace(context=context, iter_batches=lambda **_: map(table, tables))
    return Run(dataset, pa.schema([("status", pa.string())]), Inputs(None, 4), lanes=1)


def test_each_image_has_one_record():
    run = run_of([[0, 1], [2], [3]])
    assert sum(batch.num_rows for batch in run.batches(None)) == 4
    assert (run.summary().images, run.summary().errors, run.summary().machine_errors) == (4, 4, 4)


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ([[0, 1], [1, 2]], "other records than those from 2 on"),
        ([[0, 1], [3]], "other records than those from 2 on"),
        ([[1, 0]], "other records than those from 0 on"),
        ([[0, 1, 2]], "3 records of 4 images"),
    ],
    ids=["double", "gap", "order", "end"],
)
def test_other_records_than_those_due_are_refused(tables, message):
    with pytest.raises(RuntimeFailure, match=message):
        list(run_of(tables).batches(None))


def classifier(config: object, folder: object, version: str = _core.__version__) -> BatchClassifier:
    return BatchClassifier(str(config), [], version, pa.schema([]), None, str(folder))


def test_files_of_a_node_that_changed_after_they_were_listed(config_path, tmp_path):
    """A name may be a pattern's, which must not find another file."""
    for name in ("a.png", "a[1].png", "b.png", "other.png"):
        (tmp_path / name).write_bytes(png(1))
    predictor = _core.Predictor(load_config(config_path, []))
    names = ["a.png", None, "a[1].png", "gone.png", "[b].png", "model", str(tmp_path / "a.png"), "./a.png"]
    results = classifier(config_path, tmp_path)._classify(predictor, pa.table({"path": names}), names)
    messages = [result.error and result.error.message for result in results]
    changed = "it was changed after the run began"
    assert messages == [None, "the Dataset has no path of it", None, "no such file", changed, changed, None, None]


def test_another_version_on_a_node_is_refused(config_path, tmp_path):
    with pytest.raises(Error, match=r"is installed on node .*, but 0\.0\.1 where the run was started"):
        classifier(config_path, tmp_path, version="0.0.1")(pa.table({"path": ["a.png"]}))


def test_what_a_killed_run_has_left_is_taken_over(tmp_path):
    output = tmp_path / "r.parquet"
    program = "import os, sys, pyarrow as pa; from ppinfer.ray.record_file import RecordFile\n"
    program += "RecordFile(sys.argv[1], pa.schema([])); os._exit(9)"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", program, output], check=False)
        assert [path.name for path in tmp_path.iterdir()] == ["r.parquet.ray.part"]
    with RecordFile(output, pa.schema([])) as file:
        with pytest.raises(RuntimeFailure, match=r"r\.parquet\.ray\.part is being written by another run"):
            RecordFile(output, pa.schema([]))
        file.commit()
    assert [path.name for path in tmp_path.iterdir()] == ["r.parquet"]


def test_ray_client_is_refused():
    address = "ray://head:10001"
    with pytest.raises(ConfigError, match=f"{address}: Ray Client isn't enough"), connected(address):
        pass


def test_nobody_at_the_address():
    with socket.socket() as ours:
        ours.bind(("127.0.0.1", 0))  # and nobody listens
        address = f"127.0.0.1:{ours.getsockname()[1]}"
        with pytest.raises(RuntimeFailure, match=f"no Ray cluster at {address}: "), connected(address):
            pass


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--output", "r.parquet", "--resume"], "a run with --ray has no --resume"),
        (["--output", "r.parquet", "--sort-into", "d", "--errors", "e"], "has no --errors or --sort-into"),
        (["--output", "r.parquet", "--max-errors", "3"], "a run with --ray has no --max-errors"),
        ([], "give --output FILE.parquet"),
        (["--output", "r.jsonl"], "give --output FILE.parquet"),
    ],
)
def test_what_a_cluster_lacks(arguments, message, config_path):
    command = [SCRIPTS / "ppinfer", "classify", "-c", config_path, "--ray", "local", *arguments, "x"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())


def test_a_mistyped_folder_costs_no_earlier_records(config_path, tmp_path):
    (tmp_path / "r.parquet").write_text("earlier")
    command = [SCRIPTS / "ppinfer", "classify", "-c", config_path, "--ray", "local", "--output", "r.parquet", "fotos"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "ppinfer: fotos: no such file\nppinfer: nothing to classify: nothing is written\n"
    assert (tmp_path / "r.parquet").read_text() == "earlier"


def test_a_forgotten_output_costs_no_archive(tmp_path):
    (tmp_path / "a.tar").write_text("photos")
    with pytest.raises(ConfigError, match="that is an archive's name"):
        classify(tmp_path, output=tmp_path / "a.tar")
    assert (tmp_path / "a.tar").read_text() == "photos"


def test_without_ray_the_install_line_is_said(monkeypatch):
    for name in [name for name in sys.modules if name == "ray" or name.startswith(("ray.", "ppinfer.ray"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Error, match=r"ppinfer\.ray needs ray: pip install 'ray\[data\]>=2\.60'"):
        import ppinfer.ray  # noqa: F401
