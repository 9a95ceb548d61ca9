"""Which format an output's ending tells: the same from both programs and from Python."""

import subprocess
from pathlib import Path

import pytest

from conftest import SCRIPTS
from ppinfer import ConfigError, Predictor
from ppinfer.outputs.formats import format_of

BEGINS = {"jsonl": '{"path": ', "csv": "path,status,", "text": "photos/"}
REFUSED = {
    "r.cvs": "unknown output format .cvs (did you mean .csv?)",
    "r.json": "unknown output format .json (did you mean .jsonl?)",
    "r.Parqet": "unknown output format .parqet (did you mean .parquet?)",
    "r.xlsx": "unknown output format .xlsx: expected .txt, .jsonl, .csv, .parquet or .npy",
    "r.gz": "unknown output format .gz",
}


@pytest.fixture
def world(tmp_path: Path, config_path: Path, photo_folder) -> Path:
    (photo_folder(2) / "000.png").write_bytes(b"nonsense")
    return tmp_path


def run(world: Path, config: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    words = {"clas_system": ["clas_system"], "ppinfer": ["ppinfer", "classify"]}[program]
    command = [SCRIPTS / words[0], *words[1:], "-c", config, *arguments, "photos"]
    return subprocess.run(command, cwd=world, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("r.jsonl", "jsonl"),
        ("r.NDJSON", "jsonl"),
        ("r.csv", "csv"),
        ("r.txt", "text"),
        ("out.d/r.pq", "parquet"),
        ("r.parquet", "parquet"),
        ("r.npy", "npy"),
        ("-", "default"),
        ("r", "default"),
        (".csv", "default"),
        ("r.csv/out", "default"),
        ("r.2024", "default"),
        ("r.csv1", "default"),
        ("r.log", "default"),
        ("tmp.AbCdEfGhIj", "default"),
    ],
)
def test_what_an_ending_tells(name, format):
    assert format_of(name, default="default") == format


@pytest.mark.parametrize("program", ["clas_system", "ppinfer"])
def test_programs_write_it(world, config_path, program):
    for name, format in {"r.jsonl": "jsonl", "r.CSV": "csv", "r.txt": "text", "r.24": "text"}.items():
        assert run(world, config_path, program, "--output", name).returncode == 1
        assert (world / name).read_text().startswith(BEGINS[format])
    assert run(world, config_path, program, "--output", "r.any", "--format", "csv").returncode == 1
    assert (world / "r.any").read_text().startswith(BEGINS["csv"])
    assert run(world, config_path, program, "--output", "r.any", "--format", "").returncode == 2


@pytest.mark.parametrize("program", ["clas_system", "ppinfer"])
def test_errors_have_their_own(world, config_path, program):
    for name, format in {"bad.csv": "csv", "bad.txt": "text", "bad": "jsonl"}.items():
        assert run(world, config_path, program, "--output", "r.jsonl", "--errors", name).returncode == 1
        assert (world / name).read_text().startswith(BEGINS[format])
    for name in ("bad.cvs", "bad.parquet"):
        refused = run(world, config_path, program, "--output", "again.jsonl", "--errors", name)
        assert refused.returncode == 2
        assert f"--errors {name}: expected .txt, .jsonl or .csv" in refused.stderr
        assert not (world / "again.jsonl.part").exists()


@pytest.mark.parametrize("program", ["clas_system", "ppinfer"])
def test_programs_refuse_slips(world, config_path, program):
    for name, said in REFUSED.items():
        refused = run(world, config_path, program, "--output", name)
        assert refused.returncode == 2
        assert f"{name}: {said}" in refused.stderr
        assert not [path for path in world.iterdir() if path.name.startswith("r.")]


def test_clas_system_names_who_writes_the_others(world, config_path):
    refused = run(world, config_path, "clas_system", "--output", "r.parquet")
    assert refused.returncode == 2
    assert "r.parquet: expected .txt, .jsonl or .csv; `ppinfer classify` writes parquet" in refused.stderr


def test_python_refuses_slips(world, config_path, tmp_path):
    with Predictor(config_path) as predictor, pytest.raises(ConfigError, match=r"did you mean \.jsonl\?"):
        predictor.write_records(tmp_path / "photos", tmp_path / "r.json")
