"""Parts of ppinfer.ray that need no cluster."""

import socket
import subprocess
import sys

import pyarrow as pa
import pytest

from conftest import SCRIPTS
from ppinfer import ConfigError, Error, RuntimeFailure
from ppinfer.ray import classify
from ppinfer.ray.attempts import Attempts
from ppinfer.ray.cluster import connected
from ppinfer.ray.plan import ActorPlan, plan_actors
from ppinfer.ray.record_file import RecordFile
from ppinfer.ray.sources import Inputs
from ppinfer.ray.totals import Totals


@pytest.mark.parametrize(
    ("nodes", "arguments", "plan"),
    [
        ([4], {}, ActorPlan(1, 4, 1)),
        ([8, 8, 0], {}, ActorPlan(2, 8, 1)),
        ([1, 16], {}, ActorPlan(1, 16, 1)),  # 16 of 17 work, and one model is loaded, not 17
        ([4, 6], {}, ActorPlan(2, 4, 1)),
        ([8], {"spare_cpus": 1}, ActorPlan(1, 7, 1)),
        ([8], {"cpus_per_actor": 2}, ActorPlan(4, 2, 1)),
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
        ([4], {"cpus_per_actor": 8}, "needs 8 CPUs, the largest node of the cluster has 4"),
        ([4], {"cpus_per_actor": 2, "lanes": 3}, "lanes 3 with threads_per_lane 1 compute on 3 CPUs"),
        ([4], {"cpus_per_actor": 1, "threads_per_lane": 2}, "cpus_per_actor is 1, expected 2 or more"),
    ],
)
def test_no_room(nodes, arguments, message):
    with pytest.raises(ConfigError, match=message):
        plan_actors(nodes, **{"lanes": 0, "threads_per_lane": 1} | arguments)


def records(numbers: list[int]) -> pa.Table:
    status, stage = ["error"] * len(numbers), ["machine"] * len(numbers)
    return pa.table({"number": numbers, "status": status, "error_stage": stage})


@pytest.mark.parametrize("tables", [[[0, 1], [1, 2]], [[0, 1], [3]], [[1, 0]]], ids=["double", "gap", "order"])
def test_other_records_than_those_due_are_refused(tables):
    totals = Totals(Inputs(None, 4), ActorPlan(1, 1, 1), 0.0, None)
    *fine, last = tables
    for numbers in fine:
        totals.add(records(numbers))
    with pytest.raises(RuntimeFailure, match="other records than those from"):
        totals.add(records(last))


def test_missing_records_are_noticed():
    totals = Totals(Inputs(None, 4), ActorPlan(1, 1, 1), 0.0, None)
    totals.add(records([0, 1, 2]))
    assert (totals.summary().errors, totals.summary().machine_errors) == (3, 3)
    with pytest.raises(RuntimeFailure, match="3 records of 4 images"):
        totals.check()


def test_a_death_is_counted_for_what_was_begun_and_nothing_else():
    attempts = Attempts()
    for name in "abcde":
        attempts.come(name)
        assert attempts.begin(name, "the same images") == 0  # at the same time
    assert attempts.arrived() == 5
    attempts.end("a")
    attempts.come("a")  # its worker died of something between two tasks
    attempts.come("b")
    assert attempts.begin("b", "other images") == 0
    assert attempts.begin("a", "the same images") == 1


def test_what_a_killed_run_has_left_is_taken_over(tmp_path):
    output = tmp_path / "r.parquet"
    program = "import os, sys, pyarrow as pa; from ppinfer.ray.record_file import RecordFile\n"
    program += "RecordFile(sys.argv[1], pa.schema([])); os._exit(9)"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", program, output], check=False)
        assert [path.name for path in tmp_path.iterdir()] == ["r.parquet.ray.part"]
    with RecordFile(output, pa.schema([])) as file:
        with pytest.raises(RuntimeFailure, match=r"r\.parquet is being written by another run"):
            RecordFile(output, pa.schema([]))
        file.commit()
    assert [path.name for path in tmp_path.iterdir()] == ["r.parquet"]


def test_ray_client_is_refused():
    address = "ray://head:10001"
    with pytest.raises(ConfigError, match=f"{address}: Ray Client isn't enough"), connected(address, None):
        pass


def test_nobody_at_the_address():
    with socket.socket() as ours:
        ours.bind(("127.0.0.1", 0))  # and nobody listens
        address = f"127.0.0.1:{ours.getsockname()[1]}"
        with pytest.raises(RuntimeFailure, match=f"no Ray cluster at {address}: "), connected(address, None):
            pass


@pytest.mark.parametrize("flags", [["--resume"], ["--sort-into", "d"], ["--errors", "e"], ["--max-errors", "3"]])
def test_flags_that_a_cluster_has_not(flags, config_path):
    command = [
        SCRIPTS / "ppinfer",
        "classify",
        "-c",
        config_path,
        "--ray",
        "local",
        "--output",
        "r.parquet",
        *flags,
        "x",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"a run with --ray has no {flags[0]}" in " ".join(done.stderr.replace("│", " ").split())


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


@pytest.mark.parametrize("output", [[], ["--output", "r.jsonl"]])
def test_only_parquet(output, config_path):
    command = [SCRIPTS / "ppinfer", "classify", "-c", config_path, "--ray", "local", *output, "x"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "give --output FILE.parquet" in " ".join(done.stderr.replace("│", " ").split())


def test_without_ray_the_install_line_is_said(monkeypatch):
    for name in [name for name in sys.modules if name == "ray" or name.startswith(("ray.", "ppinfer.ray"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Error, match=r"ppinfer\.ray needs ray: pip install 'ray\[data\]>=2\.60'"):
        import ppinfer.ray  # noqa: F401
