"""Real models and real photos for the acceptance tests; `tools/test` fetches and makes them."""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MODELS = Path(os.environ.get("PPINFER_MODELS", REPOSITORY / "models"))


def pytest_sessionstart() -> None:
    """Let Ctrl-C arrive: programs that a shell starts in the background ignore it, and so do all that they start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def require(path: Path, how: str) -> Path:
    """The path, or a skip with the reason; with PPINFER_REQUIRE_MODELS=1 a missing part is a failure."""
    if path.exists():
        return path
    reason = f"{path} is missing: {how}"
    if os.environ.get("PPINFER_REQUIRE_MODELS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def lite0() -> Path:
    return require(MODELS / "efficientnet_lite0", "run tools/make_default_model")


@pytest.fixture(scope="session")
def lite0_pir() -> Path:
    return require(MODELS / "efficientnet_lite0_pir", "run tools/make_default_model --format pir")


@pytest.fixture(scope="session")
def text_direction() -> Path:
    return require(MODELS / "text_direction", "run tools/fetch_legacy_model models/text_direction")


@dataclass(frozen=True)
class LabelledPhotos:
    """Photos in byte order of their names, with the true class id of each."""

    folder: Path
    paths: list[str]
    class_ids: list[int]


@pytest.fixture(scope="session")
def foolbox_photos() -> LabelledPhotos:
    folder = require(MODELS / "sample_photos", "run tools/fetch_sample_photos models/sample_photos")
    paths = sorted(folder.glob("imagenet_*.jpg"), key=os.fsencode)
    return LabelledPhotos(folder, [str(path) for path in paths], [int(path.stem.split("_")[2]) for path in paths])


@pytest.fixture(scope="session")
def imagenet_sample() -> LabelledPhotos:
    """200 ImageNet photos with `labels.txt` (file, class id a line), where PPINFER_IMAGENET_SAMPLE says."""
    folder = os.environ.get("PPINFER_IMAGENET_SAMPLE")
    if not folder:
        pytest.skip("PPINFER_IMAGENET_SAMPLE names no folder of labelled ImageNet photos")
    rows = sorted(line.split() for line in (Path(folder) / "labels.txt").read_text().splitlines())
    return LabelledPhotos(Path(folder), [f"{folder}/{name}" for name, _ in rows], [int(label) for _, label in rows])


def program(name: str) -> str:
    """The program as installed beside the Python that runs the tests."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert found, f"{name} isn't installed"
    return found


@pytest.fixture(scope="session")
def clas_system() -> str:
    return os.environ.get("PPINFER_CLAS_SYSTEM") or program("clas_system")


@pytest.fixture(scope="session")
def reference_scores(tmp_path_factory: pytest.TempPathFactory):
    """Scores [images, classes] of a plain Python pipeline (reference_pipeline.py), in a process of its own."""

    def run(model: Path, paths: list[str]) -> np.ndarray:
        folder = tmp_path_factory.mktemp("reference")
        (folder / "paths.txt").write_text("\n".join(paths))
        script = Path(__file__).with_name("reference_pipeline.py")
        arguments = [str(model), str(folder / "paths.txt"), str(folder / "scores.npy")]
        subprocess.run([sys.executable, str(script), *arguments], check=True, capture_output=True, timeout=600)
        return np.load(folder / "scores.npy")

    return run
