"""What a path that stands for a model names, in both programs and in Python."""

import json
import subprocess
from pathlib import Path

import pytest

import ppinfer
from conftest import SCRIPTS, png, write_config
from ppinfer.model.config_text import made_by


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in arguments], capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A model's folder whose config.txt sets topk 2, and a photo."""
    config = write_config(tmp_path / "model")
    config.write_text(config.read_text() + "\ntopk 2\n")
    (tmp_path / "1.png").write_bytes(png(1))
    return tmp_path


def mark(config: Path) -> None:
    config.write_text(f"{made_by('convert', {})}\n{config.read_text()}")


def classes(done: subprocess.CompletedProcess[str]) -> int:
    assert done.returncode == 0, done.stderr
    return len(json.loads(done.stdout)["class_ids"])


PROGRAMS = [[SCRIPTS / "ppinfer", "classify"], [SCRIPTS / "clas_system"]]


@pytest.mark.parametrize("program", PROGRAMS, ids=["ppinfer", "clas_system"])
def test_file_folder_and_folder_that_was_made(world, program):
    arguments = [*program, "--format", "jsonl", "-o", "topk=3"]
    (model,) = (world / "model").glob("*.fake")
    assert classes(run(*arguments, "-m", model, world / "1.png")) == 3
    assert classes(run(*arguments, "-m", world / "model", world / "1.png")) == 3
    arguments = arguments[:-2]
    foreign = run(*arguments, "-m", world / "model", world / "1.png")  # its config.txt may be another program's
    assert classes(foreign) == 5
    mark(world / "model/config.txt")
    assert classes(run(*arguments, "-m", world / "model", world / "1.png")) == 2
    own = world / "own.txt"
    own.write_text("topk 1\n")
    assert classes(run(*arguments, "-c", own, "-m", world / "model", world / "1.png")) == 1
    wrong = run(*arguments, "-m", world / "gone.onnx", world / "1.png")
    assert wrong.returncode == 2
    assert "-m" in wrong.stderr
    assert "gone.onnx: no such file" in wrong.stderr


def test_in_python(world):
    (model,) = (world / "model").glob("*.fake")
    for place in (model, world / "model"):
        for given in ({"model_dir": place}, {}):
            with ppinfer.Predictor(*([] if given else [place]), topk=3, **given) as predictor:
                assert predictor.config["topk"].value == "3"
    mark(world / "model/config.txt")
    for predictor in (ppinfer.Predictor(world / "model"), ppinfer.Predictor(model_dir=world / "model")):
        assert predictor.config["topk"].origin.startswith("config.txt:")
        predictor.close()


def test_minus_o_sets_keys_everywhere_and_old_forms_are_noticed(world):
    ppinfer_, source, out = SCRIPTS / "ppinfer", world / "model", world / "out"
    for old in (["-o", out], ["--out", out]):
        done = run(ppinfer_, "convert", source, *old, "-k", "topk=none")
        assert done.returncode == 2
        assert "--output" in done.stderr
        assert "`-k` is deprecated: use `-o KEY=VALUE`" in done.stderr
        assert 'topk=none: got "none"' in done.stderr
    assert 'topk=none: got "none"' in run(ppinfer_, "convert", source, "--output", out, "-o", "topk=none").stderr
    assert "expected one output" in run(ppinfer_, "convert", source, "--output", out, "-o", "x").stderr
    assert "expected --output PATH" in run(ppinfer_, "quantize", source, world).stderr
    (world / "r.jsonl").write_text('{"path": "a", "status": "error", "error": {"stage": "read", "message": "x"}}\n')
    done = run(ppinfer_, "report", world / "r.jsonl", "-o", world / "page.html")
    assert done.returncode == 0, done.stderr
    assert "is deprecated: use `--output" in done.stderr
    assert (world / "page.html").exists()
    assert "a report has no config keys" in run(ppinfer_, "report", world / "r.jsonl", "-o", "topk=1").stderr
