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

from conftest import CLASSES, SCRIPTS, png, write_config
from made_models import model_file, model_folder, needs_paddle2onnx, one_line, photos, run
from ppinfer import Error, ModelError, Predictor, _core
from ppinfer.commands import app
from ppinfer.making.source import find_source
from ppinfer.quantize import Split, TooInaccurateError, known_labels, quantization, quantize, split_images
from ppinfer.quantize.accuracy import Accuracy, accuracy

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
@needs_paddle2onnx
def test_openvino_from_pir_by_the_command(tmp_path):
    source = model_folder(tmp_path / "pir", "tiny_pir.json")
    images = photos(tmp_path / "p", 40)
    with Predictor(model_dir=source) as fp32:
        best = fp32.logits(images).argmax(axis=1)
    (tmp_path / "p/labels.txt").write_text("".join(f"{i:03}.png {best[i] if i % 2 else 0}\n" for i in range(40)))
    (tmp_path / "p/cut.jpg").write_bytes(b"\xff\xd8\xff")
    out, report = tmp_path / "int8", tmp_path / "report.json"
    done = run("quantize", "-m", source, tmp_path / "p", "-o", out, "--json", report, "-k", "batch_size=2")
    assert done.returncode == 0, done.stderr
    assert sorted(os.listdir(out)) == ["config.txt", "inference.bin", "inference.xml", "inference.yml"]
    config = (out / "config.txt").read_text()
    assert re.match(r"# Made by ppinfer quantize \(ppinfer \S+, nncf [\d.]+, paddle2onnx [\d.]+\)\n# of /", config)
    assert config.endswith("model_dir .\nengine openvino\nprecision int8\nbatch_size 2\n")
    found = json.loads(report.read_text())
    assert (found["calibrated_with"], found["images"], found["labelled"]) == (24, 16, 16)
    assert [Path(bad["path"]).name for bad in found["bad_images"]] == ["cut.jpg"]
    assert f"left out: {tmp_path}/p/cut.jpg: decode: " in done.stderr
    assert "16 images to judge by says little" in done.stderr
    # What is told is what is so.
    with Predictor(out / "config.txt") as int8, Predictor(model_dir=source) as fp32:
        assert "int8" in repr(int8)
        apart = np.abs(int8.logits(images) - fp32.logits(images))
        agree = (int8.logits(images).argmax(axis=1) == best).mean()
    assert 1e-4 < found["largest_difference"] <= apart.max() < 0.1
    assert agree >= 0.9
    assert found["agreement"] >= 0.95
    assert re.search(rf"answer of fp32 +{found['agreement']:.1%}", done.stdout)
    rights = [f"{found[key] / 16:.1%}" for key in ("right_fp32", "right_int8")]
    assert re.search(r"top-1 accuracy \(16 labelled\) +{} +{}".format(*rights), done.stdout)
    assert sorted(os.listdir(tmp_path)) == ["int8", "p", "pir", "report.json"]


@needs_int8
def test_paddle_from_a_classic_model(tmp_path):
    source = find_source(model_folder(tmp_path / "net", "tiny.pdmodel"), [("use_mkldnn", "0", "-k")])
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
    assert done.accuracy.images == 7
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
    measured = Accuracy(images=6, agreeing=4, answers=3, largest_difference=0.5, mean_difference=0.1)
    monkeypatch.setattr(quantization, "accuracy", lambda *_: measured)
    with pytest.raises(TooInaccurateError, match=r"only 4 of 6 .* \(66\.7%\) .*expected 95.0%: nothing was kept"):
        quantize(source, tmp_path / "int8", split)
    assert sorted(os.listdir(tmp_path)) == ["net", "p"]
    assert quantize(source, tmp_path / "low", split, min_agreement=0.6).accuracy == measured
    assert quantize(source, tmp_path / "forced", split, force=True).accuracy == measured
    assert "on 6 others 4 answers are those of fp32" in (tmp_path / "forced/config.txt").read_text()


@needs_int8
def test_where_the_folder_may_be(tmp_path, copied):
    source = find_source(model_folder(tmp_path / "in/net", "tiny.pdmodel"))
    split = Split(("unread",), tuple(photos(tmp_path / "p", 3)))
    quantize(source, tmp_path / "int8", split, min_agreement=0)
    for out, message in (("int8", "is there already"), ("in", "of which it would be made"), ("p", "didn't make")):
        with pytest.raises(Error, match=message):
            quantize(source, tmp_path / out, split)
    quantize(source, tmp_path / "int8", split, min_agreement=0, force=True)
    assert sorted(os.listdir(tmp_path)) == ["in", "int8", "p"]


def test_what_can_not_be_quantised(tmp_path, monkeypatch):
    split = Split(("a.png",), ("b.png",))
    for name, engine, message in (
        ("tiny_pir.json", "paddle", r"for engine paddle only \.pdmodel can be quantised; take --engine openvino"),
        ("tiny.onnx", "paddle", r"for engine paddle only \.pdmodel"),
    ):
        source = find_source(model_file(name), [("crop_size", "32", "-k")])
        with pytest.raises(ModelError, match=message):
            quantize(source, tmp_path / "int8", split, engine=engine)
    find = importlib.util.find_spec
    monkeypatch.setattr("ppinfer.making.extras.find_spec", lambda name: None if name == "nncf" else find(name))
    with pytest.raises(Error, match=r"needs nncf: pip install nncf==[\d.]+$"):
        quantize(find_source(model_file("tiny.onnx"), [("crop_size", "32", "-k")]), tmp_path / "int8", split)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("name", "engine"), [("tiny_int8.xml", "openvino"), ("tiny_int8.pdmodel", "paddle")])
def test_a_model_that_is_quantised_already(tmp_path, name, engine):
    source, images = find_source(model_folder(tmp_path / "net", name)), photos(tmp_path / "p", 2)
    with pytest.raises(ModelError, match="can't be quantised: it is quantised already"):
        quantize(source, tmp_path / "int8", Split((images[0],), (images[1],)), engine=engine)
    assert sorted(os.listdir(tmp_path)) == ["net", "p"]


def test_images_are_spread_evenly_and_the_same_each_time():
    paths = [f"{index:04}" for index in range(1000)]
    split = split_images(paths, lambda path: "", samples=60, holdout=40)
    assert split == split_images(list(reversed(paths)), lambda path: "", samples=60, holdout=40)
    assert (len(split.calibration), len(split.held_out), split.bad) == (60, 40, ())
    chosen = sorted(int(path) for path in split.calibration + split.held_out)
    assert [index // 10 for index in chosen] == list(range(100))  # one of each ten
    for part in (split.calibration, split.held_out):  # neither is a block of them
        assert min(map(int, part)) < 150
        assert max(map(int, part)) > 850


@pytest.mark.parametrize(
    ("count", "samples", "holdout", "expected"),
    [
        (2, None, None, (1, 1)),
        (20, None, None, (12, 8)),
        (499, None, None, (299, 200)),
        (2000, None, None, (300, 200)),
        (100, 90, None, (90, 10)),
        (100, None, 30, (70, 30)),
        (1000, None, 30, (300, 30)),
        (100, 90, 10, (90, 10)),
        (100, 91, 10, "100 good images are too few: expected 91 to calibrate with and 10 others"),
        (100, 100, None, "100 good images are too few: expected 100 to calibrate with and 1 others"),
        (100, None, 100, "100 good images are too few: expected 1 to calibrate with and 100 others"),
        (1, None, None, "1 good images are too few"),
        (0, None, None, "0 good images are too few"),
    ],
)
def test_how_many_images(count, samples, holdout, expected):
    paths = [f"{index:04}" for index in range(count)]
    if isinstance(expected, str):
        with pytest.raises(Error, match=expected):
            split_images(paths, lambda path: "", samples=samples, holdout=holdout)
        return
    split = split_images(paths, lambda path: "", samples=samples, holdout=holdout)
    assert (len(split.calibration), len(split.held_out)) == expected
    assert len({*split.calibration, *split.held_out}) == sum(expected)


def test_bad_images_are_replaced_by_others():
    paths = [f"{index:03}" for index in range(100)]
    split = split_images(paths, lambda path: "cut off" if path < "030" else "", samples=40, holdout=20)
    assert (len(split.calibration), len(split.held_out)) == (40, 20)
    assert min(split.calibration + split.held_out) >= "030"
    assert {reason for _, reason in split.bad} == {"cut off"}
    assert len(split.bad) == len(set(split.bad)) <= 30
    with pytest.raises(Error, match="70 good images are too few: expected 60 to calibrate with and 20 others"):
        split_images(paths, lambda path: "cut off" if path < "030" else "", samples=60, holdout=20)


def test_labels(tmp_path):
    assert known_labels(None, tmp_path) == {}
    (tmp_path / "labels.txt").write_text("\ufeffa b.jpg 7\n\nsub/c.jpg  12 \r\n", encoding="utf-8")
    expected = {str(tmp_path / "a b.jpg"): 7, str(tmp_path / "sub/c.jpg"): 12}
    assert known_labels(None, tmp_path) == known_labels(tmp_path / "labels.txt", f"{tmp_path}/") == expected
    (tmp_path / "names.txt").write_text("a.jpg 7\n0 tench, Tinca tinca\n")
    with pytest.raises(Error, match=r"names\.txt:2: got '0 tench, Tinca tinca', expected `file class-id`"):
        known_labels(tmp_path / "names.txt", tmp_path)
    with pytest.raises(Error, match="can't be read"):
        known_labels(tmp_path / "none.txt", tmp_path)


@pytest.fixture
def flat_photos(tmp_path: Path) -> list[str]:
    """Photo i is of class i of the fake engine."""
    paths = [str(tmp_path / f"{index}.png") for index in range(CLASSES)]
    for index, path in enumerate(paths):
        Path(path).write_bytes(png(index))
    return paths


def test_accuracy_counts_what_changed(tmp_path, flat_photos):
    labels = {flat_photos[0]: 0, flat_photos[1]: 1, flat_photos[7]: 3, str(tmp_path / "elsewhere.png"): 0}
    old = write_config(tmp_path / "a")
    with Predictor(old) as fp32, Predictor(old, scale=1 / 510) as darker:
        same = accuracy(fp32, fp32, flat_photos, labels)
        found = accuracy(fp32, darker, flat_photos, labels)
        expected = np.abs(fp32.logits(flat_photos) - darker.logits(flat_photos))
    assert (same.agreement, same.answers, same.largest_difference, same.mean_difference) == (1, CLASSES, 0, 0)
    assert (same.labelled, same.right_fp32, same.right_int8) == (3, 2, 2)
    assert (found.images, found.agreeing) == (8, 1)  # black stays black
    assert (found.largest_difference, found.mean_difference) == (
        pytest.approx(expected.max(), rel=1e-6),
        pytest.approx(expected.mean(), rel=1e-6),
    )
    assert (found.right_fp32, found.right_int8) == (2, 2)  # what shows 7 and is called 3 is taken for 3 now


def test_accuracy_of_other_answers_than_the_best_class(tmp_path, flat_photos):
    old = write_config(tmp_path / "a")
    with Predictor(old, postprocess="multilabel", threshold=0.01) as fp32:
        everything = fp32.predict(flat_photos[3]).class_ids
        assert len(everything) > 1
        with Predictor(old, postprocess="multilabel", threshold=0.99) as strict:
            assert accuracy(fp32, fp32, flat_photos, {}).agreement == 1
            assert accuracy(fp32, strict, flat_photos, {}).agreement < 0.5
    with (
        Predictor(old, postprocess="embedding") as fp32,
        Predictor(old, postprocess="embedding", scale=1 / 510) as other,
    ):
        assert accuracy(fp32, fp32, flat_photos, {}).agreement == 1
        assert accuracy(fp32, other, flat_photos, {}).agreement < 0.5


def test_scores_that_are_no_numbers_agree_with_nothing(tmp_path, flat_photos):
    class Broken:
        def __init__(self, predictor):
            self.config = predictor.config
            self.predictor = predictor

        def logits(self, paths):
            return np.full_like(self.predictor.logits(paths), np.nan)

    with Predictor(write_config(tmp_path / "a")) as fp32:
        found = accuracy(fp32, Broken(fp32), flat_photos, {})
    assert (found.agreeing, found.largest_difference) == (0, float("inf"))


def test_depthwise_convolutions_and_attention_are_told():
    from openvino import Model
    from openvino import opset13 as ov

    from ppinfer.quantize.with_nncf import free_the_batch, has_attention, left_in_float

    x = ov.parameter([2, 4, 8, 8], np.float32, name="x")

    def grouped(node, groups, channels, name):
        weights = ov.constant(np.ones((groups, channels, channels, 3, 3), np.float32))
        made = ov.group_convolution(node, weights, [1, 1], [1, 1], [1, 1], [1, 1])
        made.set_friendly_name(name)
        return made

    depthwise = grouped(grouped(x, 2, 2, "grouped"), 4, 1, "depthwise")
    flat = ov.reshape(depthwise, ov.constant(np.array([0, 4, 64])), special_zero=True)
    scores = ov.matmul(flat, ov.convert(ov.constant(np.ones((64, 64), np.float16)), np.float32), False, False)
    model = Model([scores], [x])
    assert left_in_float(model) == ["depthwise"]
    assert not has_attention(model)
    assert has_attention(Model([ov.matmul(scores, flat, False, True)], [x]))
    free_the_batch(model)
    assert str(model.inputs[0].get_partial_shape()) == "[?,4,8,8]"


def test_wrong_calls(tmp_path):
    source, out = model_folder(tmp_path / "net", "tiny.pdmodel"), tmp_path / "out"
    photos(tmp_path / "p", 4)
    (tmp_path / "empty").mkdir()
    cases = [
        ([source], "got 1 path, expected MODEL FOLDER"),
        (["-m", source, tmp_path / "p", "x"], "got 2 paths, expected FOLDER beside -m"),
        ([source, tmp_path / "empty"], "no images in"),
        ([source, tmp_path / "nowhere"], "not a folder"),
        ([source, tmp_path / "p", "--engine", "tensorrt"], "tensorrt: expected openvino or paddle"),
        ([source, tmp_path / "p", "--samples", "9"], "4 good images are too few: expected 9 to calibrate with"),
        ([source, tmp_path / "p", "--min-agreement", "95"], "--min-agreement"),
        ([source, tmp_path / "p", "--labels", tmp_path / "none"], "can't be read"),
        ([source, tmp_path / "p", "-k", "crop_size"], "expected KEY=VALUE"),
        ([tmp_path / "empty", tmp_path / "p"], "holds no model"),
    ]
    for arguments, message in cases:
        done = run("quantize", *arguments, "-o", out)
        assert done.returncode == 2, arguments
        assert message in one_line(done.stderr)
        assert "Traceback" not in done.stderr
    assert not out.exists()


@needs_int8
def test_what_is_thrown_away_is_shown(tmp_path, copied, monkeypatch, capsys):
    measured = Accuracy(images=60, agreeing=40, answers=3, largest_difference=0.5, mean_difference=0.1, labelled=50)
    monkeypatch.setattr(quantization, "accuracy", lambda *_: measured)
    source = model_folder(tmp_path / "net", "tiny.pdmodel")
    photos(tmp_path / "p", 4)
    arguments = ["quantize", str(source), str(tmp_path / "p"), "-o", str(tmp_path / "out")]
    with pytest.raises(SystemExit) as end:
        app(arguments)
    shown = capsys.readouterr()
    assert end.value.code == 2
    assert re.search(
        r"60 held-out images .*answer of fp32 +66\.7%.*top-1 accuracy \(50 labelled\)", shown.out, re.DOTALL
    )
    assert "only 40 of 60 held-out images (66.7%)" in shown.err
    assert sorted(os.listdir(tmp_path)) == ["net", "p"]
    with pytest.raises(SystemExit) as end:
        app([*arguments, "--force"])
    assert end.value.code == 0
    assert "kept by --force: 66.7% is less than 95.0%" in capsys.readouterr().err


@needs_paddle2onnx
def test_interrupted(tmp_path):
    source = model_folder(tmp_path / "pir", "tiny_pir.json")
    photos(tmp_path / "p", 4)
    command = [str(SCRIPTS / "ppinfer"), "quantize", str(source), str(tmp_path / "p"), "-o", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        while running.poll() is None and not list(tmp_path.glob(".out.making-*/.tensors-*")):
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=60)
    assert (running.returncode, told) == (130, "ppinfer: interrupted; nothing was kept\n")
    assert sorted(os.listdir(tmp_path)) == ["p", "pir"]


def test_the_nearer_of_two_is_taken():
    from openvino import Model
    from openvino import opset13 as ov

    from ppinfer.quantize.with_nncf import nearest

    def adds(value):
        x = ov.parameter([-1, 4], np.float32, name="x")
        return Model([ov.add(x, ov.constant(np.full(4, value, np.float32)))], [x])

    candidates = [adds(value) for value in (0.5, 1.25, 3)]
    assert nearest(adds(1.0), candidates, np.zeros((3, 4), np.float32)) is candidates[1]
