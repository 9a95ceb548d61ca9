"""Models of a user's own, about which no file says anything: what is guessed, one output, softmax, reasons."""

import json
import subprocess
import warnings

import cv2
import numpy as np
import pytest

import ppinfer
from conftest import SCRIPTS
from own_models import ALL_STATED, FLOAT, RAW_PIXELS, RED_OR_NOT, node, one_colour, onnx, save_model

INT64, DOUBLE, UINT8 = onnx.TensorProto.INT64, onnx.TensorProto.DOUBLE, onnx.TensorProto.UINT8
SOFTMAX = [node("Softmax", ["z"], "y", axis=1)]
SIGMOID = [node("Sigmoid", ["z"], "y")]
ONE = [("y", FLOAT, ("N", 1))]


def opened(path, **keys):
    """A Predictor and what it warned of, without what was guessed unless no key is stated."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        predictor = ppinfer.Predictor(cls_model_path=path, **keys)
    assert [str(warning.message) for warning in caught] == predictor.notices
    return predictor


def problem(path, **keys):
    with pytest.raises(ppinfer.Error) as caught:
        opened(path, **{**ALL_STATED, **keys})
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_small_model_sees_the_whole_picture(tmp_path):
    picture = np.full((256, 256, 3), (0, 0, 255), np.uint8)
    picture[108:148, 108:148] = (255, 0, 0)  # 2.4 % of it, and all of the middle 32 x 32 pixels
    predictor = opened(save_model(tmp_path / "net.onnx", SOFTMAX), topk=1)
    assert predictor.predict(picture).class_ids == (2,)
    assert predictor.config["crop_size"] == ("32", "net.onnx", False)
    assert predictor.config["resize_short_size"] == ("36", "crop_size", True)
    [notice] = predictor.notices
    for guess in ("resize_short_size 36", "mean 0.485,0.456,0.406", "channel_order rgb", "resize_backend cv2"):
        assert guess in notice
    assert "crop_size" not in notice
    partly = opened(tmp_path / "net.onnx", crop_size=32, **RAW_PIXELS)
    assert "mean" not in partly.notices[0]
    assert "interpolation bilinear" in partly.notices[0]
    assert opened(tmp_path / "net.onnx", **ALL_STATED).notices == []


def test_every_entry_point_says_what_is_guessed(tmp_path):
    save_model(tmp_path / "net.onnx", SOFTMAX)
    cv2.imwrite(str(tmp_path / "red.png"), one_colour(0)[:, :, ::-1])

    def said(*command):
        done = subprocess.run(list(map(str, command)), cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        notes = [line for line in done.stderr.splitlines() if "guessed values" in line]
        assert len(notes) == 1, done.stderr
        assert "mean 0.485,0.456,0.406" in notes[0]
        return done.stdout

    keys = ("-o", "cls_model_path=net.onnx", "-o", "crop_size=32")
    ppinfer_command = SCRIPTS / "ppinfer"
    said(ppinfer_command, "classify", *keys, "red.png")
    said(SCRIPTS / "clas_system", *keys, "red.png")
    shown = said(ppinfer_command, "config", "show", *keys)
    assert [line.split()[0] for line in shown.splitlines() if line.endswith(", guessed")] == [
        *("resize_short_size", "interpolation", "resize_backend", "scale", "mean", "std", "channel_order")
    ]
    values = json.loads(said(ppinfer_command, "config", "show", "--json", *keys))
    assert values["mean"]["guessed"]
    assert not values["crop_size"]["guessed"]
    said(ppinfer_command, "benchmark", *keys, "--seconds", "0.1", "red.png")
    (tmp_path / "config.txt").write_text("cls_model_path net.onnx\ncrop_size 32\n")
    said(ppinfer_command, "config", "check", "config.txt")
    said(ppinfer_command, "convert", "net.onnx", "--to", "ir", "-o", "ir")
    said(ppinfer_command, "classify", "-c", "ir/config.txt", "red.png")


def test_what_a_source_states_is_stated_of_the_converted_model(tmp_path):
    save_model(tmp_path / "net.onnx", SOFTMAX)
    lines = [f"{key} {value}" for key, value in ALL_STATED.items()]
    (tmp_path / "config.txt").write_text("cls_model_path net.onnx\n" + "\n".join(lines) + "\n")
    ppinfer_command = str(SCRIPTS / "ppinfer")
    for command in (("convert", "config.txt", "--to", "ir", "-o", "ir"), ("config", "check", "ir/config.txt")):
        done = subprocess.run([ppinfer_command, *command], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert "guessed values" not in done.stderr


def test_one_output_is_the_score_of_class_1(tmp_path):
    sigmoid = save_model(tmp_path / "sigmoid.onnx", SIGMOID, ONE, weights=RED_OR_NOT)
    logit = save_model(tmp_path / "logit.onnx", (), ONE, weights=RED_OR_NOT)
    (tmp_path / "two.txt").write_text("other\nred\n")
    for named in ({"label_0": "other", "label_1": "red"}, {"label_path": tmp_path / "two.txt"}):
        for path, softmax in ((sigmoid, "off"), (sigmoid, "auto"), (logit, "off"), (logit, "auto"), (logit, "on")):
            keys = {**ALL_STATED, **named, "postprocess": "threshold", "softmax": softmax, "class_num": 2}
            predictor = opened(path, **keys)
            red, blue = predictor.predict([one_colour(0), one_colour(2)])
            assert (red.class_ids, red.label_names) == ((1,), ("red",))
            assert (blue.class_ids, blue.label_names) == ((0,), ("other",))
            for result in (red, blue):
                assert result.scores[0] == pytest.approx(0.99966, abs=1e-5)
            assert len(predictor.notices) == (path == logit)
            assert all("raw score" in notice for notice in predictor.notices)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "postprocess threshold"),
        ({"softmax": "on"}, "postprocess threshold"),
        ({"softmax": "on", "postprocess": "score"}, "postprocess threshold"),
        ({"postprocess": "embedding"}, "postprocess threshold"),
        ({"postprocess": "multilabel", "save_dir": "copies"}, "postprocess threshold"),
        ({"postprocess": "threshold", "class_num": 3}, "class_num is 3"),
    ],
)
def test_one_output_has_no_best_class(tmp_path, keys, said):
    assert said in problem(save_model(tmp_path / "net.onnx", SIGMOID, ONE, weights=RED_OR_NOT), **keys)


@pytest.mark.parametrize("shape", [("N",), (1,), ("N", 1, 1, 1)])
def test_one_output_in_other_shapes_and_two_labels_for_it(tmp_path, shape):
    sides = onnx.numpy_helper.from_array(np.array([-1, *shape[1:]], dtype=np.int64))
    end = [
        node("Sigmoid", ["z"], "p"),
        node("Constant", [], "sides", value=sides),
        node("Reshape", ["p", "sides"], "y"),
    ]
    batch = shape[0]
    outputs = (("y", FLOAT, shape),)
    model = save_model(tmp_path / "net.onnx", end, outputs, weights=RED_OR_NOT, image=(batch, 3, 32, 32))
    (tmp_path / "two.txt").write_text("other\nred\n")
    predictor = opened(model, **ALL_STATED, label_path=tmp_path / "two.txt", batch_size=1 if batch == 1 else 2)
    red, blue, also_red = predictor.predict([one_colour(0), one_colour(2), one_colour(0)])
    assert [red.label_names, blue.label_names, also_red.label_names] == [("red",), ("other",), ("red",)]
    assert predictor.config["postprocess"].value == "threshold"
    [notice] = predictor.notices
    assert notice.endswith("so postprocess threshold is used: the output is the score of red")
    assert "postprocess threshold" in problem(model, label_path=tmp_path / "two.txt", postprocess="topk")


def test_save_dir_of_one_output(tmp_path):
    model = save_model(tmp_path / "net.onnx", SIGMOID, ONE, weights=RED_OR_NOT)
    for name, channel in (("red", 0), ("blue", 2)):
        cv2.imwrite(str(tmp_path / f"{name}.png"), one_colour(channel)[:, :, ::-1])
    keys = {**ALL_STATED, "postprocess": "threshold", "save_dir": tmp_path / "saved"}
    opened(model, **keys).predict([tmp_path / "red.png", tmp_path / "blue.png"])
    saved = sorted(str(path.relative_to(tmp_path / "saved")) for path in (tmp_path / "saved").rglob("*.png"))
    assert saved == ["0/blue.png", "1/red.png"]


@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize(
    ("end", "keys", "said"),
    [
        ([node("Softmax", ["z"], "y", axis=0)], {}, "another axis than its classes"),
        ([node("Softmax", ["z"], "p", axis=1), node("Softmax", ["p"], "y", axis=1)], {}, "applies softmax twice"),
        (
            [node("Softmax", ["z"], "p", axis=1), node("Softmax", ["p"], "y", axis=1)],
            {"softmax": "on"},
            "applies softmax twice",
        ),
        (SOFTMAX, {"softmax": "on"}, "applied twice"),
        (SIGMOID, {"softmax": "on"}, "ends in sigmoid already"),
        (SOFTMAX, {}, None),
        (SOFTMAX, {"softmax": "auto"}, None),
        ((), {"softmax": "on"}, None),
        ((), {}, "ends without softmax; scores are raw logits"),
        ([node("LogSoftmax", ["z"], "y", axis=1)], {}, "raw logits"),
    ],
)
def test_what_softmax_makes_of_scores_is_said_once(tmp_path, end, keys, said, batch_size):
    model = save_model(tmp_path / "net.onnx", end)
    try:
        notices = opened(model, **{**ALL_STATED, **keys, "batch_size": batch_size, "lanes": 1}).notices
    except ppinfer.ModelError as error:
        notices = [str(error)]
    assert sum(said is not None and said in notice for notice in notices) == (said is not None)
    assert (notices == []) == (said is None)


def test_a_softmax_over_one_output(tmp_path):
    model = save_model(tmp_path / "net.onnx", SOFTMAX, ONE, weights=RED_OR_NOT)
    assert "softmax over one output" in problem(model, postprocess="threshold")


CHANNELS_LAST = [node("ReduceMean", ["x"], "pooled", axes=[1, 2], keepdims=1)]


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (
            {"end": [node("Bogus", ["z"], "p", domain="com.example"), node("Fnord", ["p"], "y", domain="com.example")]},
            ("No conversion rule found for operations: com.example.Bogus, com.example.Fnord",),
        ),
        ({"end": [node("MatMul", ["z", "nowhere"], "y")]}, ('"nowhere"',)),
        ({"weights": np.ones((5, 3), np.float32)}, ("doesn't match", "3", "5")),
        ({"image": ("N", 32, 32, 3), "start": CHANNELS_LAST}, ("channels-last", "NCHW")),
        ({"image": ("N", "h", "w", 3), "start": CHANNELS_LAST}, ("channels-last", "NCHW")),
        ({"image": ("N", "h", "w", "c"), "start": CHANNELS_LAST}, ("channels-last", "NCHW")),
        ({"image": ("N", 1, 32, 32), "weights": np.ones((1, 3), np.float32)}, ("one channel",)),
        (
            {
                "end": [node("Softmax", ["z"], "p", axis=1), node("ArgMax", ["p"], "y", axis=1, keepdims=0)],
                "outputs": [("y", INT64, ("N",)), ("p", FLOAT, ("N", 3))],
            },
            ("y [?] i64", "Choose one with output_tensor: p [?, 3]"),
        ),
        (
            {"end": [node("ArgMax", ["z"], "y", axis=1, keepdims=0)], "outputs": [("y", INT64, ("N",))]},
            ("the output y is i64", "output_tensor=NAME", "z [?, 3]"),
        ),
        (
            {
                "end": [node("Unsqueeze", ["z", "axes"], "y")],
                "outputs": [("y", FLOAT, ("N", 1, 3))],
            },
            ("output y [1, 1, 3]", "output_tensor=y"),
        ),
        (
            {
                "image_type": UINT8,
                "start": [node("Cast", ["x"], "f", to=FLOAT), node("GlobalAveragePool", ["f"], "pooled")],
            },
            ("the input x is u8", "float32"),
        ),
    ],
)
def test_reasons_of_the_engine(tmp_path, model, said):
    if "axes" in str(model.get("end", "")):
        model = {**model, "end": [node("Constant", [], "axes", value_ints=[1]), *model["end"]]}
    text = problem(save_model(tmp_path / "net.onnx", **model))
    for part in ("net.onnx", *said):
        assert part in text
    assert ".cpp" not in text


def test_float64_scores_and_names_in_capitals(tmp_path):
    end = [node("Softmax", ["z"], "p", axis=1), node("Cast", ["p"], "y", to=DOUBLE)]
    model = save_model(tmp_path / "MODEL.ONNX", end, [("y", DOUBLE, ("N", 3))])
    assert opened(model, **ALL_STATED, topk=1).predict(one_colour(1)).class_ids == (1,)


def test_files_that_are_not_what_they_are_called(tmp_path):
    save_model(tmp_path / "net.onnx", SOFTMAX, external=True)
    (tmp_path / "net.onnx.data").unlink()
    assert "net.onnx.data does not exist: was it copied along?" in problem(tmp_path / "net.onnx")
    (tmp_path / "net.onnx").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 123\n")
    assert "is a Git LFS pointer" in problem(tmp_path / "net.onnx")
    (tmp_path / "net.onnx").write_bytes(b"")
    assert "the file is empty" in problem(tmp_path / "net.onnx")
