"""`ppinfer convert`: the new model gives the old one's answers, or there is none."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import ppinfer
from conftest import SCRIPTS
from made_models import TEST_MODELS, model_file, model_folder, needs_paddle2onnx, one_line, photos, run
from ppinfer import Error, ModelError, Predictor
from ppinfer.agreement import difference
from ppinfer.config_values import load_config
from ppinfer.model import conversion
from ppinfer.model.conversion import convert, random_images
from ppinfer.model.source import find_source

CROP = [("crop_size", "32", "-o"), ("resize_short_size", "32", "-o")]


@pytest.fixture(autouse=True)
def _no_notices() -> None:
    warnings.simplefilter("ignore")  # of preprocessing that nobody told


def answers(paths: list[str], config: Path | None = None, **keys: object) -> np.ndarray:
    with Predictor(config, **keys) as predictor:
        return predictor.logits(paths)


@needs_paddle2onnx
def test_a_pir_model_becomes_onnx(tmp_path):
    source, out, images = model_folder(tmp_path / "pir", "tiny_pir.json"), tmp_path / "onnx", photos(tmp_path / "p", 5)
    done = run("convert", source, "--output", out, "--images", tmp_path / "p")
    assert done.returncode == 0, done.stderr
    assert re.search(
        r"inference\.onnx: agrees with inference\.json on 13 images, .* differ by \S+ at most", done.stdout
    )
    assert sorted(os.listdir(out)) == ["config.txt", "inference.onnx", "inference.yml"]
    assert (out / "inference.yml").read_bytes() == (source / "inference.yml").read_bytes()
    config = (out / "config.txt").read_text()
    assert re.match(
        r"# Made by ppinfer convert \(ppinfer \S+, paddle2onnx [\d.]+\)\n# of /.*/pir/inference\.json\n", config
    )
    assert len(re.findall(r"^# sha256 of inference\.(?:json|pdiparams): [0-9a-f]{64}$", config, re.MULTILINE)) == 2
    assert [line for line in config.splitlines() if not line.startswith("#")] == ["model_dir .", "engine openvino"]
    old = answers(images, model_dir=source)
    for batch_size in (1, 2, 5):
        assert np.abs(answers(images, out / "config.txt", batch_size=batch_size) - old).max() < 1e-5
    assert sorted(os.listdir(tmp_path)) == ["onnx", "p", "pir"]
    listed = run("classify", "-m", out, "--format", "csv", images[0])
    assert (listed.returncode, listed.stdout.count("\n")) == (0, 2)


@needs_paddle2onnx
def test_a_classic_model_becomes_onnx_wherever_its_weights_are(tmp_path):
    shutil.copy(model_file("tiny.pdmodel"), tmp_path / "net.pdmodel")
    shutil.copy(model_file("tiny.pdiparams"), tmp_path / "weights.pdiparams")
    given = [*CROP, ("cls_params_path", str(tmp_path / "weights.pdiparams"), "-o")]
    done = convert(find_source(tmp_path / "net.pdmodel", given), tmp_path / "out", to="onnx")
    assert (done.images, done.packages.keys()) == (8, {"paddle2onnx"})
    assert done.difference.largest < 1e-5
    with Predictor(tmp_path / "out/config.txt", batch_size=3) as new:
        assert new.config["crop_size"].value == "32"  # no inference.yml says it


def test_a_pir_model_becomes_ir_without_paddle2onnx(tmp_path, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr("ppinfer.extras.find_spec", lambda name: None if name == "paddle2onnx" else find(name))
    source, images = model_folder(tmp_path / "pir", "tiny_pir.json"), photos(tmp_path / "p", 3)
    done = convert(find_source(source), tmp_path / "ir", to="ir")
    assert (done.packages.keys(), done.difference.largest < 1e-5) == ({"openvino"}, True)
    assert sorted(os.listdir(tmp_path / "ir")) == ["config.txt", "inference.bin", "inference.xml", "inference.yml"]
    for batch_size in (1, 2):
        new = answers(images, tmp_path / "ir/config.txt", batch_size=batch_size)
        assert np.abs(new - answers(images, model_dir=source)).max() < 1e-5


def test_onnx_becomes_ir_with_the_keys_and_labels_of_its_config(tmp_path):
    shutil.copy(model_file("tiny.onnx"), tmp_path / "net.onnx")
    (tmp_path / "names").write_text("".join(f"class {i}\n" for i in range(10)))
    keys = "cls_model_path net.onnx\nlabel_path names\ntopk 2\ncrop_size 32\nresize_short_size 40\nmean 0.5,0.4,0.3\n"
    (tmp_path / "config.txt").write_text(keys + "batch_size 4\nuse_mkldnn 1\nengine openvino\n")
    images = photos(tmp_path / "p", 3)
    convert(find_source(tmp_path / "config.txt"), tmp_path / "out")
    assert sorted(os.listdir(tmp_path / "out")) == ["config.txt", "inference.bin", "inference.xml", "labels.txt"]
    with Predictor(tmp_path / "config.txt") as old, Predictor(tmp_path / "out/config.txt") as new:
        assert np.abs(old.logits(images) - new.logits(images)).max() < 1e-6
        assert [r.label_names for r in new.predict(images)] == [r.label_names for r in old.predict(images)]
        assert new.config["batch_size"].value == "4"
    # As it is itself, and a folder of ours as a source.
    with pytest.raises(ModelError, match=r"is OpenVINO IR \(\.xml\) already"):
        convert(find_source(tmp_path / "out"), tmp_path / "again")


def test_a_classic_model_becomes_ir_wherever_its_weights_are(tmp_path):
    shutil.copy(model_file("tiny.pdmodel"), tmp_path / "net.pdmodel")
    shutil.copy(model_file("tiny.pdiparams"), tmp_path / "weights.bin")
    shutil.copy(model_file("mean.pdiparams"), tmp_path / "net.pdiparams")  # which aren't this model's
    given = [*CROP, ("cls_params_path", str(tmp_path / "weights.bin"), "-o")]
    done = convert(find_source(tmp_path / "net.pdmodel", given), tmp_path / "out", to="ir")
    assert done.difference.largest < 1e-5


def test_paths_in_the_config_are_kept(tmp_path, monkeypatch):
    """They are relative to the config, and the new one lies elsewhere."""
    (tmp_path / "in").mkdir()
    shutil.copy(model_file("tiny.onnx"), tmp_path / "in/net.onnx")
    keys = "cls_model_path net.onnx\ncrop_size 32\nresize_short_size 32\nsave_dir copies\nmodel_cache_dir cache\n"
    (tmp_path / "in/config.txt").write_text(keys + "engine openvino\n")
    monkeypatch.chdir(tmp_path)
    for config, out in (("in/config.txt", "a"), (tmp_path / "in/config.txt", "b")):
        convert(find_source(config), tmp_path / out)
        values = load_config(tmp_path / out / "config.txt", []).texts
        assert (values["save_dir"], values["model_cache_dir"]) == (f"{tmp_path}/in/copies", f"{tmp_path}/in/cache")
    assert sorted(os.listdir("in")) == ["config.txt", "net.onnx"]


DEPLOYMENT_YAML = """\
Global: {inference_model_dir: "net"}
PreProcess:
  transform_ops:
    - ResizeImage: {resize_short: 32}
    - CropImage: {size: 32}
    - NormalizeImage: {scale: 1.0/255.0, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], order: ''}
    - ToCHWImage:
PostProcess:
  Topk: {topk: 3, label_list: [a, b, c, d, e, f, g, h, i, j]}
"""


def test_names_of_classes_in_a_deployment_yaml_are_not_lost(tmp_path):
    model_folder(tmp_path / "net", "tiny.pdmodel")
    (tmp_path / "net/inference.yml").unlink()
    (tmp_path / "inference_cls.yaml").write_text(DEPLOYMENT_YAML)
    done = run("convert", tmp_path / "inference_cls.yaml", "--to", "ir", "--output", tmp_path / "out")
    assert (done.returncode, done.stdout) == (2, "")
    assert "holds the names of the classes itself" in done.stderr
    (tmp_path / "names").write_text("\n".join("abcdefghij"))
    arguments = ["--to", "ir", "--output", tmp_path / "out", "-o", f"label_path={tmp_path / 'names'}"]
    done = run("convert", tmp_path / "inference_cls.yaml", *arguments)
    assert done.returncode == 0, done.stderr
    with Predictor(tmp_path / "out/config.txt") as new:
        assert new.labels[:2] == ["a", "b"]


@pytest.mark.parametrize("tolerance", ["nan", "inf"])
def test_a_tolerance_is_a_number(tmp_path, tolerance):
    done = run(
        "convert", model_file("tiny.onnx"), "-o", "crop_size=32", "--output", tmp_path / "out", "--tolerance", tolerance
    )
    assert done.returncode == 2
    assert "--tolerance" in done.stderr


def test_a_model_whose_scores_are_no_numbers(tmp_path, monkeypatch):
    source = find_source(model_file("tiny.onnx"), CROP)
    real, calls = Predictor.logits, []

    def broken(predictor, images):
        calls.append(predictor)
        return real(predictor, images) * (np.nan if len(calls) in bad else 1)

    monkeypatch.setattr(Predictor, "logits", broken)
    bad = {1}
    with pytest.raises(ModelError, match=r"tiny\.onnx: its own scores are not finite for 8 of 8 images"):
        convert(source, tmp_path / "out")
    calls.clear()
    bad = {2}
    for tolerance in (1e-4, np.inf, np.nan):
        calls.clear()
        with pytest.raises(ModelError, match="doesn't agree with it, so nothing was written"):
            convert(source, tmp_path / "out", tolerance=tolerance)
    assert os.listdir(tmp_path) == []


def test_a_name_that_is_no_text(tmp_path):
    out = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    command = [SCRIPTS / "ppinfer", "convert", model_file("tiny.onnx"), "-o", "crop_size=32", "--output", out]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stdout.count(b"\\xff")) == (0, 1), done.stderr
    assert (out / "inference.xml").is_file()


@pytest.mark.parametrize(
    ("name", "to", "message"),
    [
        ("tiny_pir.json", "pdmodel", r"can't become a \.pdmodel: .*FLAGS_enable_pir_api=0"),
        ("tiny.onnx", "pdmodel", r"can't become a \.pdmodel: .*Engine openvino runs \.onnx as it is"),
        ("tiny.xml", "onnx", r"can't become \.onnx: .*convert the model that the \.xml was made from"),
        ("tiny.xml", "pdmodel", r"can't become a \.pdmodel: "),
        ("tiny.xml", None, r"is OpenVINO IR \(\.xml\) already"),
        ("tiny.onnx", "onnx", r"is \.onnx already"),
        ("tiny.pdmodel", "pdmodel", r"is a \.pdmodel already"),
    ],
)
def test_what_has_no_way(tmp_path, name, to, message):
    with pytest.raises(ModelError, match=message):
        convert(find_source(model_file(name), CROP), tmp_path / "out", to=to)
    assert os.listdir(tmp_path) == []


def doctored(weight: float):
    """A conversion that multiplies one bias."""

    def write(source, model, to):
        graph = bytearray(model_file("tiny.onnx").read_bytes())
        at = graph.index(b"\x42\x02b3\x4a\x28") + 6  # the last layer's bias: its name, then 40 bytes
        floats = np.frombuffer(bytes(graph[at : at + 40]), "<f4")
        graph[at : at + 40] = (floats * np.float32(weight)).tobytes()
        model.write_bytes(graph)
        return [-1, 3, 32, 32]

    return write


@needs_paddle2onnx
def test_a_conversion_that_does_not_agree_is_refused(tmp_path, monkeypatch):
    source = find_source(model_file("tiny.pdmodel"), CROP)
    monkeypatch.setattr(conversion, "convert_file", doctored(1.0))
    convert(source, tmp_path / "same", to="onnx")
    monkeypatch.setattr(conversion, "convert_file", doctored(1.1))
    with pytest.raises(
        ModelError, match=r"doesn't agree with it, so nothing was written: in batches of 1 .* by up to"
    ) as e:
        convert(source, tmp_path / "out", to="onnx")
    apart = float(re.search(r"up to (\S+), at scores up to", str(e.value))[1])
    assert 1e-4 < apart < 0.1
    assert os.listdir(tmp_path) == ["same"]
    done = convert(source, tmp_path / "out", to="onnx", tolerance=apart * 1.01)
    assert done.difference.largest == pytest.approx(apart, rel=0.01)


@needs_paddle2onnx
def test_an_open_batch_must_stay_open(tmp_path, monkeypatch):
    shapes = {"input_shape": [-1, 3, 32, 32], "converted_shape": [1, 3, 32, 32]}
    monkeypatch.setattr(conversion, "run_isolated", lambda *_, **__: shapes)
    with pytest.raises(
        ModelError, match=r"its input is \[-1, 3, 32, 32\], -1 being open, but after .* \[1, 3, 32, 32\]"
    ):
        convert(find_source(model_file("tiny.pdmodel"), CROP), tmp_path / "out", to="onnx")
    assert os.listdir(tmp_path) == []


@needs_paddle2onnx
def test_where_the_folder_may_be(tmp_path, monkeypatch):
    source = find_source(model_folder(tmp_path / "in/pir", "tiny_pir.json"))
    monkeypatch.setattr(conversion, "convert_file", doctored(1.0))
    monkeypatch.setattr(conversion, "check", lambda *_: difference(np.ones((1, 2)), np.ones((1, 2))))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/diary.txt").write_text("dear diary")
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for out, force, message in (
        ("mine", True, "has files that ppinfer didn't make"),
        ("file", True, "is not a folder"),
        ("in", True, "has the source .*inference.json in it: choose another"),
        ("in/pir", True, "has the source .*inference.json in it: choose another"),
    ):
        with pytest.raises(Error, match=message):
            convert(source, tmp_path / out, force=force)
    convert(source, tmp_path / "empty")
    before = (tmp_path / "empty/config.txt").stat().st_mtime_ns
    with pytest.raises(Error, match="exists already: choose another folder, or --force to replace it"):
        convert(source, tmp_path / "empty")
    assert (tmp_path / "empty/config.txt").stat().st_mtime_ns == before
    (tmp_path / "empty/note.txt").write_text("")
    convert(source, tmp_path / "empty", force=True)
    assert "note.txt" not in os.listdir(tmp_path / "empty")
    convert(source, tmp_path / "new/deep/folder")
    assert sorted(os.listdir(tmp_path)) == ["empty", "file", "in", "mine", "new"]
    assert (tmp_path / "mine/diary.txt").read_text() == "dear diary"


@needs_paddle2onnx
def test_an_interrupted_conversion_leaves_what_was_there(tmp_path, monkeypatch):
    source = find_source(model_folder(tmp_path / "pir", "tiny_pir.json"))
    monkeypatch.setattr(conversion, "convert_file", doctored(1.0))
    convert(source, tmp_path / "out")
    before = (tmp_path / "out/config.txt").read_text()

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(conversion, "check", interrupt)
    with pytest.raises(KeyboardInterrupt):
        convert(source, tmp_path / "out", force=True)
    assert (tmp_path / "out/config.txt").read_text() == before
    assert sorted(os.listdir(tmp_path)) == ["out", "pir"]


@needs_paddle2onnx
def test_a_missing_converter_is_named_with_the_line_that_installs_it(tmp_path, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr("ppinfer.extras.find_spec", lambda name: None if name == "paddle2onnx" else find(name))
    with pytest.raises(Error, match=r"needs paddle2onnx: pip install paddle2onnx==[\d.]+$"):
        convert(find_source(model_file("tiny_pir.json"), CROP), tmp_path / "out")


def test_a_converter_that_there_is_none_of(tmp_path, monkeypatch):
    monkeypatch.setattr("ppinfer.extras.find_spec", lambda name: None)
    monkeypatch.setattr(sys, "version_info", (3, 13, 1))
    with pytest.raises(Error, match=r"needs paddle2onnx, which exists only for Python before 3\.13$"):
        convert(find_source(model_file("tiny_pir.json"), CROP), tmp_path / "out")


@needs_paddle2onnx
def test_damaged_and_missing_sources(tmp_path):
    folder = model_folder(tmp_path / "pir", "tiny_pir.json")
    (folder / "inference.json").write_bytes((folder / "inference.json").read_bytes()[:500])
    cases = [
        ([folder], "inference.json"),
        ([tmp_path / "nowhere"], "no such file"),
        ([tmp_path], "holds no model"),
        ([folder, "-o", "topk=none"], "topk"),
        ([folder, "-o", "topk"], "expected one output"),
        ([folder, "--to", "tflite"], "tflite: expected onnx, ir or pdmodel"),
        ([folder, "--images", tmp_path / "nowhere"], "not a folder"),
        ([TEST_MODELS / "two_inputs_pir.json", "-o", "crop_size=32"], "has one input"),
    ]
    for arguments, message in cases:
        done = run("convert", *arguments, "--output", tmp_path / "out")
        assert done.returncode == 2, arguments
        assert message in one_line(done.stderr)
        assert "Traceback" not in done.stderr
    assert os.listdir(tmp_path) == ["pir"]


@needs_paddle2onnx
def test_bad_images_to_check_with(tmp_path):
    source = find_source(model_folder(tmp_path / "pir", "tiny_pir.json"))
    (tmp_path / "bad.jpg").write_bytes(b"no image")
    with pytest.raises(ppinfer.BadImageError):
        convert(source, tmp_path / "out", images=[str(tmp_path / "bad.jpg")])
    assert sorted(os.listdir(tmp_path)) == ["bad.jpg", "pir"]


def test_random_images_differ_and_stay_the_same():
    images = random_images()
    assert all((a == b).all() for a, b in zip(images, random_images(), strict=True))
    assert len({image.tobytes() for image in images}) == len(images)
    assert {image.shape for image in images} == {(64, 64, 3)}


@needs_paddle2onnx
def test_a_conversion_that_can_not_be_run_is_refused(tmp_path, monkeypatch):
    def write(source, model, to):
        model.write_bytes(b"not ONNX")
        return [-1, 3, 32, 32]

    monkeypatch.setattr(conversion, "convert_file", write)
    with pytest.raises(ModelError, match=r"^the converted model can't be run, so nothing was written: "):
        convert(find_source(model_file("tiny.pdmodel"), CROP), tmp_path / "out", to="onnx")
    assert os.listdir(tmp_path) == []
