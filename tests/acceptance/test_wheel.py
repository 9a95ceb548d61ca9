"""`pip wheel .` as a user runs it: in an environment that has nothing but pip, so that pip builds in isolation.

It downloads the engines' packages (some 400 MB) and compiles everything: `PPINFER_TEST_WHEEL=1` asks for it.
"""

import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NO_NETWORK = re.compile(r"NewConnectionError|Name or service not known|name resolution|Network is unreachable")


@pytest.mark.skipif("PPINFER_TEST_WHEEL" not in os.environ, reason="PPINFER_TEST_WHEEL isn't set")
def test_wheel_from_a_clean_environment(tmp_path: Path) -> None:
    venv.create(tmp_path / "clean", with_pip=True)
    tools = str(Path(sys.executable).parent)  # of the tests' own environment, where cmake and ninja are
    path = os.pathsep.join(folder for folder in os.environ["PATH"].split(os.pathsep) if folder != tools)
    command = [tmp_path / "clean/bin/python", "-m", "pip", "wheel", "--no-deps", "--wheel-dir", tmp_path, ROOT]
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"} | {"PATH": path}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0 and NO_NETWORK.search(done.stderr + done.stdout):
        pytest.skip("pip can't reach its index for the build's requirements")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    (wheel,) = tmp_path.glob("ppinfer-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for engine in ("openvino", "paddle"):
        assert f"ppinfer/lib/ppinfer_engines/libppinfer_{engine}.so" in names
    assert "ppinfer/lib/libppinfer.so" in names
    assert any(name.endswith("/clas_system") for name in names)
