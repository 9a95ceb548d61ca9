"""Those of tests/bench that run programs, at a small size: they end, and say what they are for."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from made_models import model_folder

ROOT = Path(__file__).resolve().parents[2]
MODELS = Path(os.environ.get("PPINFER_MODELS", ROOT / "models"))
TINY = Path(os.environ.get("PPINFER_TEST_MODELS", ROOT / "models/tests")) / "tiny.onnx"


def run(name: str, *words: object) -> subprocess.CompletedProcess[str]:
    if not TINY.exists():
        (pytest.fail if os.environ.get("PPINFER_REQUIRE_MODELS") == "1" else pytest.skip)(
            f"no {TINY}: tools/test makes it"
        )
    model = [] if "--model" in words else ["--model", TINY]
    command = [sys.executable, ROOT / "tests/bench" / name, *model, *words]
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize("limit", [[], ["--seconds", "0.3"]], ids=["to the end", "stopped"])
def test_million(photo_folder, limit):
    images = 40_000 if limit else 3_000
    done = run("million.py", "--images", images, "--every", "0.1", *limit, photo_folder(8))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^first record after \d+\.\d\d s$", done.stdout, re.MULTILINE)
    (found,) = re.findall(rf"^(\d+) of {images} records in", done.stdout, re.MULTILINE)
    assert int(found) == images if not limit else 0 < int(found) < images


def test_memory(photo_folder, tmp_path):
    model = model_folder(tmp_path / "net", "tiny.onnx")
    done = run("memory.py", "--model", model, "--images", "2100", photo_folder(8))
    (growth,) = re.findall(r"^growth from 2000 to 2100 images: ([+-][\d.]+) %, 2 % at most", done.stdout, re.MULTILINE)
    assert done.returncode == (float(growth) > 2), done.stdout + done.stderr


def test_startup(photo_folder, tmp_path):
    model = model_folder(tmp_path / "net", "tiny.pdmodel")
    done = run("startup.py", "--model", model, "--runs", "1", photo_folder(1) / "000.png")
    line = r"^(openvino|openvino, cache|paddle) +first answer after +(\d+) ms \(\d+ to \d+, 1 runs\)$"
    times = {name: int(time) for name, time in re.findall(line, done.stdout, re.MULTILINE)}
    assert list(times) == ["openvino", "openvino, cache", "paddle"], done.stdout + done.stderr
    assert done.returncode == (times["openvino, cache"] >= 1000)


def test_writers(photo_folder):
    done = run("writers.py", "--images", "200", "--rounds", "1", photo_folder(8))
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.findall(r"^(\w+) +\d+\.\d+ \(.*, writing \d+\.\d\d % of the lanes' time$", done.stdout, re.MULTILINE)
    assert found == ["text", "jsonl", "csv", "parquet", "npy"]


def test_service_load(photo_folder, tmp_path):
    model = model_folder(tmp_path / "net", "tiny.onnx")
    options = ["--model", model, "--clients", "1,3", "--rounds", "1", "--seconds", "0.3"]
    done = run("service_load.py", *options, photo_folder(8))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^ *(\d+) clients: +[\d.]+ requests/s", done.stdout, re.MULTILINE) == ["1", "3"]
