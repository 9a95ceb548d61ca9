"""What several tests need: the installed package's fake engine, a config for it, and photos whose classes are known.

The fake engine (cpp/src/engine/fake_engine.cc) makes an image's brightness its class: with 8 classes, gray 255 * c / 7
is class c. So an answer on the wrong image shows.
"""

import io
import os
import signal
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import ppinfer

CLASSES = 8
PACKAGE = Path(ppinfer.__file__).parent
SCRIPTS = Path(sysconfig.get_path("scripts"))

FAKE_CONFIG = """\
cls_model_path model.fake
label_path labels.txt
engine fake
mean 0,0,0
std 1,1,1
"""
# Stated too, unless a test says otherwise, so that nothing is guessed.
PIXEL_KEYS = {
    **{"resize_short_size": "256", "crop_size": "224", "interpolation": "bilinear", "resize_backend": "cv2"},
    **{"scale": "1.0/255.0", "channel_order": "rgb"},
}


def pytest_sessionstart() -> None:
    """Let Ctrl-C arrive: programs that a shell starts in the background ignore it, and so do all that they start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def gray_of(class_id: int) -> int:
    """Brightness that the fake engine takes for this class."""
    return round(255 * class_id / (CLASSES - 1))


def flat(class_id: int, height: int = 40, width: int = 60) -> np.ndarray:
    """Pixels of this class."""
    return np.full((height, width, 3), gray_of(class_id), np.uint8)


def png(class_id: int) -> bytes:
    """An image file of this class."""
    return cv2.imencode(".png", flat(class_id))[1].tobytes()


def picture(width: int, height: int) -> np.ndarray:
    """Soft shapes and some noise, RGB."""
    random = np.random.default_rng(1000 * width + height)
    soft = cv2.resize(random.integers(0, 256, (4, 5, 3), np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(soft + random.normal(0, 9, soft.shape), 0, 255).astype(np.uint8)


def encoded(ending: str, pixels: np.ndarray, *settings: int) -> bytes:
    """An image file as OpenCV writes it; `pixels` in RGB, or gray."""
    bgr = pixels[:, :, ::-1] if pixels.ndim == 3 else pixels
    return cv2.imencode(ending, bgr, settings)[1].tobytes()


def jpeg_with_orientation(orientation: int) -> bytes:
    """A photo whose EXIF data ask for it to be turned."""
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(picture(61, 40)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def top(result: ppinfer.Result) -> object:
    """The class id of the first answer; of an error result the error."""
    return result.class_ids[0] if result.status == "ok" else result.error


def write_config(folder: Path, model: str = "", config: str = "") -> Path:
    """Write a fake model with further lines for it and for its config.txt; gives the path of the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.fake").write_text(f"classes {CLASSES}\n{model}\n")
    (folder / "labels.txt").write_text("".join(f"{i} class {i}\n" for i in range(CLASSES)))
    given = {line.split()[0] for line in config.splitlines() if line.strip()}
    if "resize_width" in given:
        given |= {"resize_short_size", "crop_size"}
    rest = "".join(f"{key} {value}\n" for key, value in PIXEL_KEYS.items() if key not in given)
    (folder / "config.txt").write_text(FAKE_CONFIG + config + rest)
    return folder / "config.txt"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the file that takes longest: begun last, it would run on when all others are done."""
    items.sort(key=lambda item: item.path.name != "test_ray.py")


@pytest.fixture(scope="session", autouse=True)
def _fake_engine_is_there() -> None:
    if not (PACKAGE / "lib/ppinfer_engines/libppinfer_fake.so").exists():
        pytest.exit(
            f"{PACKAGE} lacks the fake engine of the tests: PPINFER_BUILD_TESTS=1 pip install . (tools/test does it)",
            returncode=4,
        )


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    """A config.txt that runs the fake engine."""
    return write_config(tmp_path / "model")


@pytest.fixture
def slow_config(tmp_path: Path) -> Path:
    """A config.txt of a model that takes 20 ms an image."""
    return write_config(tmp_path / "slow", model="delay_ms 20")


@pytest.fixture
def predictor(config_path: Path) -> Iterator[ppinfer.Predictor]:
    """The fake engine, two lanes, batches of three: so that order and tails matter."""
    with ppinfer.Predictor(config_path, lanes=2, batch_size=3) as opened:
        yield opened


@pytest.fixture
def photo_folder(tmp_path: Path) -> Callable[[int], Path]:
    """Make a folder of so many photos 000.png, 001.png, ...: photo i is of class i % 8."""

    def make(count: int) -> Path:
        folder = tmp_path / "photos"
        folder.mkdir()
        for index in range(count):
            (folder / f"{index:03}.png").write_bytes(png(index % CLASSES))
        return folder

    return make


@contextmanager
def small_file_system(folder: Path, size: str) -> Iterator[Path]:
    """Mount a file system of a size, such as "1m".

    Raises:
        CalledProcessError: This user may not.
    """
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:  # lazily, as anybody who runs sync keeps it busy for a moment
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    with small_file_system(tmp_path / "small", "1m") as folder:
        yield folder


@pytest.fixture(scope="module")
def _window(tmp_path_factory):
    from browser import Browser

    opened = Browser(tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture
def browser(_window):
    """A browser whose pages must fetch nothing, and have nothing to complain about."""
    _window.driver.get("about:blank")
    _window.complaints()
    yield _window
    assert _window.complaints() == []
    assert _window.fetched() == []


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A report of 39 images, whose names and classes are hostile in part."""
    from report_pages import small_page

    return small_page(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> Path:
    """A report of 20,000 records."""
    from report_pages import large_page

    return large_page(tmp_path_factory.mktemp("large"))
