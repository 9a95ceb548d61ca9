"""The stubs of the compiled part say what it is, and every docstring's example is true."""

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import ppinfer
from conftest import png, write_config


def test_core_stub_has_not_drifted(tmp_path):
    # What pybind11 adds to a class, and a type that the stub alone has.
    (tmp_path / "allowed").write_text(
        r"ppinfer\._core\.((Config|EffectiveValue|FieldInfo|ImageFiles|ImageInput|MemberReader|ModelPlace"
        r"|PipelineStep|RunProgress|StageTimes|GrowingFile)(\.__init__)?|Predictor|KeyEffect|Texts?|GivenKeys|Result"
        r"|ImageError|InputSelection|RunOptions|RunSummary)"
    )
    command = [sys.executable, "-m", "mypy.stubtest", "ppinfer._core", "--allowlist", "allowed"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_public_name_is_there():
    for name in ppinfer.__all__:
        assert getattr(ppinfer, name) is not None
        assert name in dir(ppinfer)
    with pytest.raises(AttributeError, match="no attribute 'Prediktor'"):
        ppinfer.Prediktor  # noqa: B018


def test_users_of_the_package_are_checked(tmp_path):
    (tmp_path / "use.py").write_text(
        "import numpy as np\n"
        "from numpy.typing import NDArray\n"
        "from ppinfer import Predictor, Result, decode\n"
        "one: Result = Predictor('config.txt', topk=3).predict(np.zeros((4, 4, 3), np.uint8))\n"
        "several: list[Result] = Predictor(model_dir='m').predict([b'', 'a.jpg', None])\n"
        "tensor: NDArray[np.float32] = Predictor(model_dir='m').preprocess(decode(open('a.jpg', 'rb')))\n"
        "wrong: int = one.label_names\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "use.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert "use.py:7: error" in done.stdout
    assert "Found 1 error" in done.stdout


MODULES = ["ppinfer", *(m.name for m in pkgutil.walk_packages(ppinfer.__path__, "ppinfer.") if "models" not in m.name)]


@pytest.mark.parametrize("module", [name for name in MODULES if name not in ("ppinfer._core", "ppinfer.__main__")])
def test_examples_in_docstrings(module, tmp_path, monkeypatch):
    write_config(tmp_path)
    (tmp_path / "photos").mkdir()
    for name in ("cat.jpg", "dog.jpg", "photos/cat.jpg", "photos/dog.jpg"):
        (tmp_path / name).write_bytes(png(3))
    monkeypatch.chdir(tmp_path)
    with ppinfer.Predictor("config.txt") as predictor:
        failed, _ = doctest.testmod(importlib.import_module(module), extraglobs={"predictor": predictor})
    assert failed == 0
