"""An installed ppinfer, as a C++ project meets it: find_package, public headers that compile alone, right answers."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/tests"


def run(*command: object, code: int = 0) -> str:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    environment.pop("LD_LIBRARY_PATH", None)
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == code, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`cmake --install` of the release build, which tools/test has made."""
    assert (BUILD / "CMakeCache.txt").exists(), "build first: cmake --preset tests && cmake --build --preset tests"
    prefix = tmp_path_factory.mktemp("installed")
    run("cmake", "--install", BUILD, "--prefix", prefix)
    # An installation can be moved: nothing in it may know where it was put.
    return Path(shutil.move(prefix, prefix.with_name("moved")))


def build_with(prefix: Path, source: str, build: Path) -> None:
    run("cmake", "-S", ROOT / source, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", build)


def test_headers_compile_alone(prefix: Path, tmp_path: Path) -> None:
    build_with(prefix, "tests/consumer", tmp_path)


def test_example_classifies(prefix: Path, tmp_path: Path) -> None:
    build_with(prefix, "examples/cpp", tmp_path / "build")
    models = Path(os.environ.get("PPINFER_MODELS", ROOT / "models"))
    photos = sorted((models / "sample_photos").glob("*.jpg"))
    assert photos, "run tools/fetch_sample_photos models/sample_photos"
    bad = tmp_path / "bad.jpg"
    bad.write_text("no image")
    config = models / "efficientnet_lite0/config.txt"
    lines = run(tmp_path / "build/classify", config, *photos, bad, code=1).splitlines()
    assert lines[-1].startswith(f"{bad}\terror in decode: ")
    right = sum(line.split("\t")[1] == photo.stem.split("_")[2] for line, photo in zip(lines, photos, strict=False))
    assert right >= 0.9 * len(photos)


def test_installed_clas_system_runs(prefix: Path) -> None:
    assert "CONFIG" in run(prefix / "bin/clas_system", "--help")
    engines = {path.stem for path in prefix.glob("lib*/**/ppinfer_engines/*.so")}
    assert engines == {"libppinfer_openvino", "libppinfer_paddle"}  # the tests' own engine stays out


def test_preset_of_users_needs_no_test_packages(tmp_path: Path) -> None:
    """README's `cmake --preset release`, where tools/demo has installed what it needs and GTest isn't there."""
    absent = [f"-DCMAKE_DISABLE_FIND_PACKAGE_{package}=ON" for package in ("GTest", "benchmark")]
    run("cmake", "-S", ROOT, "--preset", "release", "-B", tmp_path, f"-DPython3_EXECUTABLE={sys.executable}", *absent)
    assert "PPINFER_BUILD_TESTS:BOOL=OFF" in (tmp_path / "CMakeCache.txt").read_text()
