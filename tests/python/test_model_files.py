"""Which files a model is: what a resumed run, and a figure of a benchmark, must have the same; and hostile ones."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ppinfer.model_files import model_files, model_hashes

onnx = pytest.importorskip("onnx", reason="it makes the model")


def model_with_weights_beside(path: Path, weights: str, value: float) -> dict[str, str]:
    """Write an ONNX model; gives the keys that name it."""
    tensor = onnx.numpy_helper.from_array(np.full(300, value, np.float32), "w")
    x, y = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [300]) for name in "xy")
    graph = onnx.helper.make_graph([onnx.helper.make_node("Add", ["x", "w"], ["y"])], "g", [x], [y], [tensor])
    (path.parent / weights).unlink(missing_ok=True)
    onnx.save_model(
        onnx.helper.make_model(graph), path, save_as_external_data=True, location=weights, size_threshold=16
    )
    return {"cls_model_path": str(path), "cls_params_path": ""}


@pytest.mark.parametrize("weights", ["m.onnx.data", "m.onnx_data", "any name"])
def test_weights_beside_an_onnx_are_of_the_model(tmp_path, weights):
    keys = model_with_weights_beside(tmp_path / "m.onnx", weights, 1)
    assert model_files(keys) == [tmp_path / "m.onnx", tmp_path / weights]
    before = model_hashes(keys)
    model_with_weights_beside(tmp_path / "m.onnx", weights, 2)
    after = model_hashes(keys)
    assert before["m.onnx"] == after["m.onnx"]
    assert before[weights] != after[weights]


SIDES = {"overflow": 2**62 + 4, "too many": 2**31}


# 3 * (2^62 + 4) is 12 for OpenVINO, whose loops over the other side then never ended.
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("form", ["ir", "onnx"])
def test_a_tensor_too_large_to_count_is_refused_at_once(tmp_path, side, form):
    if form == "ir":
        ov = pytest.importorskip("openvino")
        op = ov.opset13
        image = op.parameter([-1, 3, 32, 32], np.float32, name="x")
        means = op.reduce_mean(image, np.array([2, 3]), False)
        weights = op.broadcast(op.constant(np.float32(1)), op.constant(np.array([3, SIDES[side]], np.int64)))
        scores = op.softmax(op.matmul(means, weights, False, False), 1)
        path = tmp_path / "net.xml"
        ov.save_model(ov.Model([scores], [image]), path, compress_to_fp16=False)
    else:
        path = tmp_path / "net.onnx"
        x = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["n", 3, 32, 32])
        y = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
        sides = onnx.numpy_helper.from_array(np.array([3, SIDES[side]], np.int64), "sides")
        nodes = [
            onnx.helper.make_node("GlobalAveragePool", ["x"], ["p"]),
            onnx.helper.make_node("Flatten", ["p"], ["f"]),
            onnx.helper.make_node("ConstantOfShape", ["sides"], ["w"]),
            onnx.helper.make_node("MatMul", ["f", "w"], ["z"]),
            onnx.helper.make_node("Softmax", ["z"], ["y"]),
        ]
        graph = onnx.helper.make_graph(nodes, "g", [x], [y], [sides])
        onnx.save_model(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)]), path)
    script = "import sys, ppinfer; ppinfer.Predictor(cls_model_path=sys.argv[1], crop_size=32, resize_short_size=32)"
    done = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, timeout=300, check=False
    )
    assert "ModelError" in done.stderr.splitlines()[-1]
    assert "at most 2147483647 values were expected" in done.stderr
