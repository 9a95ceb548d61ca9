"""`pip wheel .` as a user runs it: in an environment that has nothing but pip, so that pip builds in isolation."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from conftest import LabelledPhotos

ROOT = Path(__file__).resolve().parents[2]
NO_NETWORK = re.compile(
    r"NewConnectionError|Name or service not known|name resolution|failure resolving|Network is unreachable"
)
NO_MIRROR = "apt has no mirror of Debian"
PACKAGES = {"openvino": "openvino", "paddle": "paddlepaddle"}
EVERYWHERE = re.compile(
    r"lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s)\.so|ld-linux|libppinfer|libopenvino|libpaddle|libphi|libcommon"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    venv.create(folder / "clean", with_pip=True)
    tools = str(Path(sys.executable).parent)  # of the tests' own environment, where cmake and ninja are
    path = os.pathsep.join(name for name in os.environ["PATH"].split(os.pathsep) if name != tools)
    command = [folder / "clean/bin/python", "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, ROOT]
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"} | {"PATH": path}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0 and NO_NETWORK.search(done.stderr + done.stdout):
        pytest.skip("pip can't reach its index for the build's requirements")
    if done.returncode != 0 and NO_MIRROR in done.stderr + done.stdout:
        pytest.skip(f"{NO_MIRROR}: set PPINFER_DEBIAN_MIRROR")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    (made,) = folder.glob("ppinfer-*.whl")
    return made


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """site-packages of an environment with the wheel and no engine; numpy and the like are the tests' own."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(folder, with_pip=True)
    pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--no-deps", wheel]
    subprocess.run(pip, check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    for name in ("numpy", "numpy.libs"):
        (packages / name).symlink_to(Path(sysconfig.get_path("platlib")) / name)
    return packages


def classify(site: Path, engine: str, model: Path, photo: Path) -> tuple[int, str, str]:
    """What a program and Python say alike: (exit code, standard output, standard error) of the program."""
    programs = site.parents[2] / "bin"
    command = [programs / "clas_system", "-c", model / "config.txt", "-o", f"engine={engine}", photo]
    done = subprocess.run(command, capture_output=True, text=True, env={}, check=False)
    code = "import ppinfer, sys; ppinfer.Predictor(sys.argv[1], engine=sys.argv[2]).predict(sys.argv[3])"
    by_python = [programs / "python", "-c", code, model / "config.txt", engine, photo]
    python = subprocess.run(by_python, capture_output=True, text=True, env={}, check=False)
    message = done.stderr.partition("clas_system: ")[2].strip()
    assert (python.returncode == 0) == (done.returncode == 0), python.stderr
    if done.returncode != 0:
        assert message in python.stderr
    return done.returncode, done.stdout, message


def test_the_wheel_has_all_parts_and_needs_no_other_libraries(wheel: Path, site: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for engine in PACKAGES:
        assert f"ppinfer/lib/ppinfer_engines/libppinfer_{engine}.so" in names
    assert "ppinfer/lib/libppinfer.so" in names
    assert any(name.endswith("/clas_system") for name in names)
    assert any(re.search(r"dist-info/licenses/libtiff-", name) for name in names)
    for library in (*site.glob("ppinfer/**/*.so"), site.parents[2] / "bin/clas_system"):
        section = subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True).stdout
        for needed in re.findall(r"\(NEEDED\).*\[(.*)\]", section):
            assert EVERYWHERE.match(needed), f"{library.name} needs {needed}"


@pytest.mark.parametrize("engine", PACKAGES)
def test_an_engines_package_is_missing_wrong_and_right(
    site: Path, engine: str, lite0: Path, foolbox_photos: LabelledPhotos
) -> None:
    photo = Path(os.fsdecode(foolbox_photos.paths[0]))
    package, module = PACKAGES[engine], engine
    own = Path(sysconfig.get_path("platlib"))
    (info,) = own.glob(f"{package}-*.dist-info")
    version = info.name.removeprefix(f"{package}-").removesuffix(".dist-info")
    remedy = f"pip install 'ppinfer[{engine}]'"
    needs = f"engine {engine} needs {package} {version}"
    assert classify(site, engine, lite0, photo) == (2, "", f"{needs} (not installed): {remedy}")
    wrong = site / f"{package}-1.2.3.dist-info"
    wrong.mkdir()
    assert classify(site, engine, lite0, photo) == (2, "", f"{needs} (found 1.2.3): {remedy}")
    wrong.rmdir()
    for name in (module, info.name):
        (site / name).symlink_to(own / name)
    code, records, message = classify(site, engine, lite0, photo)
    assert (code, records.count("\n")) == (0, 1), message
