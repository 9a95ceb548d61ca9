"""`ppinfer quantize`: int8 that is measured before it is kept."""

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from conftest import SCRIPTS
from made_models import model_file, model_folder, one_line, photos, run
from ppinfer import Error, ModelError, Predictor, _core
from ppinfer.agreement import Agreement, Difference
from ppinfer.commands import app
from ppinfer.model import quantization
from ppinfer.model.accuracy import Accuracy
from ppinfer.model.calibration import Split
from ppinfer.model.quantization import TooInaccurateError, quantize
from ppinfer.model.source import find_source

NO_VNNI = "vnni" not in _core.cpu_features()
needs_int8 = pytest.mark.skipif(NO_VNNI, reason="this CPU lacks VNNI, so that no engine computes in int8")


@pytest.fixture(autouse=True)
def _no_notices() -> None:
    warnings.simplefilter("ignore")


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a model that was quantised before stand in for NNCF's work."""

    def copy(source, model, engine, fp32, split):
        shutil.copy(model_file("tiny_int8.xml"), model)
        shutil.copy(model_file("tiny_int8.bin"), model.with_suffix(".bin"))

    monkeypatch.setattr(quantization, "quantize_file", copy)


@needs_int8
def test_openvino_from_pir_by_the_command(tmp_path):
    source = model_folder(tmp_path / "pir", "tiny_pir.json")
    images = photos(tmp_path / "p", 40)
    with Predictor(model_dir=source) as fp32:
        best = fp32.logits(images).argmax(axis=1)
    (tmp_path / "p/labels.txt").write_text("".join(f"{i:03}.png {best[i] if i % 2 else 0}\n" for i in range(40)))
    (tmp_path / "p/cut.jpg").write_bytes(b"\xff\xd8\xff")
    out, report = tmp_path / "int8", tmp_path / "report.json"
    done = run("quantize", "-m", source, tmp_path / "p", "--output", out, "--json", report, "-o", "batch_size=2")
    assert done.returncode == 0, done.stderr
    assert sorted(os.listdir(out)) == ["config.txt", "inference.bin", "inference.xml", "inference.yml"]
    config = (out / "config.txt").read_text()
    assert re.match(r"# Made by ppinfer quantize \(ppinfer \S+, nncf [\d.]+\)\n# of /", config)
    assert config.endswith("model_dir .\nengine openvino\nprecision int8\nbatch_size 2\n")
    found = json.loads(report.read_text())
    assert (found["calibrated_with"], found["images"], found["labelled"]) == (24, 16, 16)
    assert [Path(bad["path"]).name for bad in found["bad_images"]] == ["cut.jpg"]
    assert f"left out: {tmp_path}/p/cut.jpg: decode: " in done.stderr
    assert "16 images for the test: too few" in done.stderr
    # What is told is what is so.
    with Predictor(out / "config.txt") as int8, Predictor(model_dir=source) as fp32:
        assert "int8" in repr(int8)
        apart = np.abs(int8.logits(images) - fp32.logits(images))
        agree = (int8.logits(images).argmax(axis=1) == best).mean()
    assert 1e-4 < found["largest_difference"] <= apart.max() < 0.1
    assert agree >= 0.9
    assert found["agreement"] >= 0.95
    assert re.search(rf"result of fp32 +{found['agreement']:.1%}", done.stdout)
    rights = [f"{found[key] / 16:.1%}" for key in ("right_fp32", "right_int8")]
    assert re.search(r"top-1 accuracy \(16 labelled\) +{} +{}".format(*rights), done.stdout)
    assert sorted(os.listdir(tmp_path)) == ["int8", "p", "pir", "report.json"]


@needs_int8
def test_paddle_from_a_classic_model(tmp_path):
    source = find_source(model_folder(tmp_path / "net", "tiny.pdmodel"), [("use_mkldnn", "0", "-o")])
    images = photos(tmp_path / "p", 30)
    done = quantize(
        source, tmp_path / "int8", Split(tuple(images[:23]), tuple(images[23:])), engine="paddle", min_agreement=0
    )
    assert sorted(os.listdir(tmp_path / "int8")) == [
        "config.txt",
        "inference.pdiparams",
        "inference.pdmodel",
        "inference.yml",
    ]
    assert done.bytes_after < done.bytes_before + 20_000
    assert done.accuracy.agreement.images == 7
    with Predictor(tmp_path / "int8/config.txt", batch_size=4) as int8, Predictor(model_dir=tmp_path / "net") as fp32:
        assert "Paddle Inference" in repr(int8)
        assert "int8" in repr(int8)
        assert 1e-4 < np.abs(int8.logits(images) - fp32.logits(images)).max() < 0.2
    program = (tmp_path / "int8/inference.pdmodel").read_bytes()
    assert b"quantize_linear" in program
    assert b"site-packages" not in program  # where it was made is nobody's business


@needs_int8
def test_a_model_that_agrees_too_rarely_is_thrown_away(tmp_path, copied, monkeypatch):
    source = find_source(model_folder(tmp_path / "net", "tiny.pdmodel"))
    split = Split(("unread",), tuple(photos(tmp_path / "p", 6)))
    measured = Accuracy(Agreement(4, 6), Difference(0.5, 0.1), distinct_results=3)
    monkeypatch.setattr(quantization, "accuracy", lambda *_: measured)
    with pytest.raises(TooInaccurateError, match=r"only 4 of 6 .* \(66\.7%\) .*expected 95.0%: no model was written"):
        quantize(source, tmp_path / "int8", split)
    assert sorted(os.listdir(tmp_path)) == ["net", "p"]
    assert quantize(source, tmp_path / "low", split, min_agreement=0.6).accuracy == measured
    assert quantize(source, tmp_path / "forced", split, force=True).accuracy == measured
    assert "on 6 others 4 results are those of fp32" in (tmp_path / "forced/config.txt").read_text()


@needs_int8
def test_where_the_folder_may_be(tmp_path, copied):
    source = find_source(model_folder(tmp_path / "in/net", "tiny.pdmodel"))
    split = Split(("unread",), tuple(photos(tmp_path / "p", 3)))
    quantize(source, tmp_path / "int8", split, min_agreement=0)
    for out, message in (("int8", "exists already"), ("in", "has the source"), ("p", "didn't make")):
        with pytest.raises(Error, match=message):
            quantize(source, tmp_path / out, split)
    quantize(source, tmp_path / "int8", split, min_agreement=0, force=True)
    assert sorted(os.listdir(tmp_path)) == ["in", "int8", "p"]


def test_what_can_not_be_quantised(tmp_path, monkeypatch):
    split = Split(("a.png",), ("b.png",))
    for name, engine, message in (
        ("tiny_pir.json", "paddle", r"for engine paddle only \.pdmodel can be quantised; set --engine openvino"),
        ("tiny.onnx", "paddle", r"for engine paddle only \.pdmodel"),
    ):
        source = find_source(model_file(name), [("crop_size", "32", "-o")])
        with pytest.raises(ModelError, match=message):
            quantize(source, tmp_path / "int8", split, engine=engine)
    find = importlib.util.find_spec
    monkeypatch.setattr("ppinfer.extras.find_spec", lambda name: None if name == "nncf" else find(name))
    with pytest.raises(Error, match=r"needs nncf: pip install nncf==[\d.]+$"):
        quantize(find_source(model_file("tiny.onnx"), [("crop_size", "32", "-o")]), tmp_path / "int8", split)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("name", "engine"), [("tiny_int8.xml", "openvino"), ("tiny_int8.pdmodel", "paddle")])
def test_a_model_that_is_quantised_already(tmp_path, name, engine):
    source, images = find_source(model_folder(tmp_path / "net", name)), photos(tmp_path / "p", 2)
    with pytest.raises(ModelError, match="can't be quantised: the model is already quantised"):
        quantize(source, tmp_path / "int8", Split((images[0],), (images[1],)), engine=engine)
    assert sorted(os.listdir(tmp_path)) == ["net", "p"]


def test_wrong_calls(tmp_path):
    source, out = model_folder(tmp_path / "net", "tiny.pdmodel"), tmp_path / "out"
    photos(tmp_path / "p", 4)
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    for name in ("a.png", "b.png"):
        (tmp_path / "bad" / name).write_bytes(b"no image")
    cases = [
        ([source], "got 1 path, expected MODEL FOLDER"),
        (["-m", source, tmp_path / "p", "x"], "got 2 paths, expected FOLDER beside -m"),
        ([source, tmp_path / "empty"], "no images in"),
        ([source, tmp_path / "nowhere"], "not a folder"),
        ([source, tmp_path / "p", "--engine", "tensorrt"], "tensorrt: expected openvino or paddle"),
        ([source, tmp_path / "p", "--samples", "9"], "4 good images are too few: expected 9 for calibration"),
        ([source, tmp_path / "p", "--labels", tmp_path / "none"], "No such file or directory"),
        ([source, tmp_path / "p", "--min-agreement", "nan"], "--min-agreement"),
        ([source, tmp_path / "p", "--json", "net.onnx"], "--json net.onnx: that is a model's name"),
        (
            [source, tmp_path / "bad"],
            "0 good images are too few: expected 1 for calibration and 1 others for the "
            "test (--samples, --holdout); 2 were left out, the first is ",
        ),
        ([source, tmp_path / "p", "-o", "crop_size"], "expected one output"),
        ([tmp_path / "empty", tmp_path / "p"], "holds no model"),
    ]
    for arguments, message in cases:
        done = run("quantize", *arguments, "--output", out)
        assert done.returncode == 2, arguments
        assert message in one_line(done.stderr)
        assert "Traceback" not in done.stderr
    assert not out.exists()


@needs_int8
def test_what_is_thrown_away_is_shown(tmp_path, copied, monkeypatch, capsys):
    measured = Accuracy(Agreement(40, 60), Difference(0.5, 0.1), distinct_results=3, labelled=50)
    monkeypatch.setattr(quantization, "accuracy", lambda *_: measured)
    source = model_folder(tmp_path / "net", "tiny.pdmodel")
    photos(tmp_path / "p", 4)
    arguments = ["quantize", str(source), str(tmp_path / "p"), "--output", str(tmp_path / "out")]
    with pytest.raises(SystemExit) as end:
        app(arguments)
    shown = capsys.readouterr()
    assert end.value.code == 2
    with pytest.raises(SystemExit):
        app([*arguments, "--json", "-"])
    assert capsys.readouterr().out == ""  # where JSON belongs
    assert re.search(
        r"60 held-out images .*result of fp32 +66\.7%.*top-1 accuracy \(50 labelled\)", shown.out, re.DOTALL
    )
    assert "only 40 of 60 held-out images (66.7%)" in shown.err
    assert sorted(os.listdir(tmp_path)) == ["net", "p"]
    with pytest.raises(SystemExit) as end:
        app([*arguments, "--force"])
    assert end.value.code == 0
    assert "kept by --force: 66.7% is less than 95.0%" in capsys.readouterr().err


def test_interrupted(tmp_path):
    source = model_folder(tmp_path / "pir", "tiny_pir.json")
    photos(tmp_path / "p", 4)
    command = [
        str(SCRIPTS / "ppinfer"),
        "quantize",
        str(source),
        str(tmp_path / "p"),
        "--output",
        str(tmp_path / "out"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        while running.poll() is None and not list(tmp_path.glob(".out.unfinished-*/.tensors-*")):
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=300)
    assert (running.returncode, told) == (130, "ppinfer: interrupted; no model was written\n")
    assert sorted(os.listdir(tmp_path)) == ["p", "pir"]


@needs_int8
def test_a_model_whose_weights_have_another_name(tmp_path):
    folder = model_folder(tmp_path / "net", "tiny.pdmodel")
    (folder / "inference.pdiparams").rename(folder / "trained.bin")
    source = find_source(folder / "inference.pdmodel", [("cls_params_path", str(folder / "trained.bin"), "-o")])
    images = photos(tmp_path / "p", 12)
    done = quantize(source, tmp_path / "int8", Split(tuple(images[:8]), tuple(images[8:])), min_agreement=0)
    assert done.accuracy.agreement.images == 4
    assert done.accuracy.scores.largest < 0.1


@needs_int8
def test_the_size_before_counts_the_weights(tmp_path, copied):
    folder = model_folder(tmp_path / "net", "tiny.xml")
    split = Split(("unread",), tuple(photos(tmp_path / "p", 3)))
    done = quantize(find_source(folder), tmp_path / "int8", split, min_agreement=0)
    assert done.bytes_before == sum((folder / f"inference.{ending}").stat().st_size for ending in ("xml", "bin"))
    assert dict(done.source.hashes()).keys() == {"inference.xml", "inference.bin"}
