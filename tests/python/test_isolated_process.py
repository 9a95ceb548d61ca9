"""Work in a process of its own, and what is told when it goes wrong."""

import sys
from pathlib import Path

import pytest

from ppinfer import ModelError
from ppinfer.model.isolated_process import reason_in, run_isolated

WORK = """\
import os, sys

def work(task):
    if task["do"] == "add":
        print("printed", flush=True)
        return {"sum": task["a"] + task["b"]}
    if task["do"] == "phone home":
        import openvino_telemetry
    if task["do"] == "raise":
        raise ValueError("first line\\nsecond line")
    if task["do"] == "leave":
        print("[ERROR]\\tno such operator: lgamma", flush=True)
        sys.exit(-1)
    if task["do"] == "abort":
        os.write(2, b"[ERROR][Library] unsupported operators\\n")
        os.abort()
    if task["do"] == "die":
        os._exit(3)
"""


@pytest.fixture(autouse=True)
def _module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "some_work.py").write_text(WORK)
    monkeypatch.syspath_prepend(str(tmp_path))


def test_result_and_silence(capfd):
    assert run_isolated("some_work", {"do": "add", "a": 1, "b": 2}, failure="")["sum"] == 3
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("path", ["", "."])
def test_nothing_is_imported_from_the_current_folder(tmp_path, monkeypatch, path):
    """Nor by what has no PYTHONSAFEPATH, Python 3.10: the child's own flags see to it."""
    monkeypatch.setattr("ppinfer.model.isolated_process._QUIET", {})
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ("json", "importlib", "runpy", "numpy", "ppinfer", "nncf"):
        (photos / f"{name}.py").write_text("raise RuntimeError('the wrong module')")
    monkeypatch.chdir(photos)
    monkeypatch.setattr(sys, "path", [path, str(photos), *sys.path])
    (tmp_path / "some_work.py").write_text("import json, numpy\ndef work(task):\n    return {'ok': True}\n")
    assert run_isolated("some_work", {}, failure="") == {"ok": True}


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("raise", "it failed: first line"),
        ("leave", "it failed: no such operator: lgamma"),
        ("abort", "it failed: unsupported operators"),
        ("die", "it failed: the process ended with code 3"),
        ("phone home", "it failed: import of openvino_telemetry halted"),
    ],
)
def test_failures(what, message):
    with pytest.raises(ModelError) as error:
        run_isolated("some_work", {"do": what}, failure="it failed")
    assert str(error.value).startswith(message)


def test_a_signal_is_named(monkeypatch, tmp_path):
    (tmp_path / "some_work.py").write_text("import os\ndef work(task):\n    os.kill(os.getpid(), 9)\n")
    with pytest.raises(ModelError, match="it failed: the process was ended by SIGKILL"):
        run_isolated("some_work", {}, failure="it failed")


def test_reason_in_what_was_printed():
    assert reason_in("a\nb\n") == ""
    assert reason_in("x.py: [ERROR] one\n[ERROR] two") == "one"
    assert reason_in("Traceback\nFatalError: `Process abort signal`") == "`Process abort signal`"
    assert len(reason_in("Error: " + "long " * 1000)) == 300
